"""The composition: one part of each kind, adapters that can be replaced, nothing created before it is used."""

from __future__ import annotations

import pytest

from chalicelib.bootstrap import Adapter, Services, services
from chalicelib.settings import Settings, SettingsError
from tests.fakes import FakeWorld

NOT_FAKED = {"clients", "patience"}
"""What only adapters of AWS use."""


def test_a_part_is_made_once_of_the_adapters_that_were_given() -> None:
    world = FakeWorld()
    made = world.services()
    assert made.batch_submit is made.batch_submit
    assert made.jobs is world.jobs
    assert "clients" not in vars(made)


def test_the_world_of_fakes_has_every_adapter() -> None:
    adapters = {name for name, part in vars(Services).items() if isinstance(part, Adapter)}
    assert adapters - vars(FakeWorld()).keys() == NOT_FAKED


@pytest.mark.parametrize("name", ["batch_submit", "looks", "settings", "nothing_of_this_name"])
def test_a_use_case_cannot_be_replaced(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        Services(Settings(), {}, **{name: object()})


def test_what_a_function_needs_is_checked_before_anything_is_made() -> None:
    with pytest.raises(SettingsError, match="LRS_TABLE_JOBS is missing"):
        services({"AWS_REGION": "eu-west-2"}, ("LRS_TABLE_JOBS",))
