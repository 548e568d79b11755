"""The composition: one part of each kind, adapters that can be replaced, nothing created before it is used."""

from __future__ import annotations

import pytest

from chalicelib import bootstrap
from chalicelib.bootstrap import Adapter, Services, services, start
from chalicelib.grants import needs
from chalicelib.settings import Settings, SettingsError
from local.emulated.stack import environment, load_stack
from tests.fakes import FakeWorld

NOT_FAKED = {"alarms", "clients", "digests", "patience", "probe"}
"""What only adapters of AWS use, and what only one use case has, whose tests have their own."""


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


class TestTheStartOfAFunction:
    @pytest.fixture(autouse=True)
    def container(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Services]:
        made: dict[str, Services] = {}
        monkeypatch.setattr(bootstrap, "_container", made)
        return made

    @pytest.fixture
    def in_the_cloud(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "lrs-send_notice")

    @pytest.fixture
    def given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in environment(load_stack(), "lrs-start", "http://127.0.0.1:9").items():
            monkeypatch.setenv(name, value)

    @pytest.mark.usefixtures("in_the_cloud", "given")
    def test_it_makes_the_clients_of_its_grants_and_its_parts(self, container: dict[str, Services]) -> None:
        start(needs("send_notice"), lambda my: my.notices)
        made = container["services"]
        assert made.clients._made.keys() == {"dynamodb", "ses", "sqs"}
        assert "notices" in vars(made)

    @pytest.mark.usefixtures("in_the_cloud")
    def test_what_cannot_be_made_is_reported_at_the_first_event(self, container: dict[str, Services]) -> None:
        start(needs("send_notice"), lambda my: my.notices)
        assert not container
        with pytest.raises(SettingsError, match="LRS_TABLE_JOBS is missing"):
            services(needs=needs("send_notice"))

    @pytest.mark.usefixtures("given")
    def test_outside_the_cloud_nothing_is_made(self, container: dict[str, Services]) -> None:
        start(needs("send_notice"), lambda my: my.notices)
        assert not container
