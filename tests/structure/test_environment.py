"""Each function gets only the variables that it needs; every setting can be described."""

from __future__ import annotations

import pytest

from chalicelib.grants import grants_of
from chalicelib.settings import settable
from tests.structure.sources import ROOT, stack

FUNCTIONS = sorted(name for name, function in stack()["functions"].items() if function["grants"])
"""Those that are granted something; another one needs no variables."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_starts_only_with_what_is_described_for_it(name: str) -> None:
    module = stack()["functions"][name]["handler"].rpartition(".")[0]
    assert f'needs("{name}")' in (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")


def test_a_setting_that_has_no_default_is_described_where_it_is_needed() -> None:
    free = {"region", "endpoint", "ca_bundle", "alarm_prefix", "service_desk_telephone", "service_desk_hours"}
    empty = {f"LRS_{spec.name.upper()}" for spec in settable() if spec.default == "" and spec.name not in free}
    described = {name for part in (stack(), *stack()["functions"].values()) for name in part.get("settings", {})}
    assert empty <= described


def test_what_is_described_and_granted_to_no_function_keeps_dead_letters() -> None:
    granted = {(grant.kind, grant.name) for name in FUNCTIONS for grant in grants_of(stack()["functions"][name])}
    described = {(kind, name) for kind in ("tables", "buckets", "secrets", "mail") for name in stack()[kind]}
    assert described <= granted
    queues = {name for name in stack()["queues"] if ("queues", name) not in granted}
    assert all(name.endswith("-dead") for name in queues)
