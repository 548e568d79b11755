"""Each function is given the variables that it needs, and no other."""

from __future__ import annotations

import importlib
from dataclasses import fields

import pytest

from chalicelib.settings import Settings, variable
from tests.structure.sources import stack

FUNCTIONS = sorted(stack()["functions"])
SETTINGS = {spec.name for spec in fields(Settings)}


def _needs(name: str) -> tuple[str, ...]:
    module = stack()["functions"][name]["handler"].rpartition(".")[0]
    needs: tuple[str, ...] = importlib.import_module(module).NEEDS
    return needs


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_given_what_it_names_when_it_starts_and_nothing_else(name: str) -> None:
    assert [variable(need) for need in _needs(name)] == stack()["functions"][name]["environment"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_function_names_are_settings_without_a_default(name: str) -> None:
    assert set(_needs(name)) <= SETTINGS
    assert not [need for need in _needs(name) if getattr(Settings(), need)]


def test_every_resource_that_is_a_setting_is_needed_by_some_function() -> None:
    needed = {need for name in FUNCTIONS for need in _needs(name)}
    free = {"region", "endpoint", "require_client_cert", "welsh_names"}
    resources = {name for name in SETTINGS if not getattr(Settings(), name)} - free
    assert resources == needed


def test_what_is_described_and_not_handed_out_keeps_dead_letters() -> None:
    described = {
        f"{kind[:-1]}_{name}".replace("-", "_") for kind in ("tables", "queues", "buckets") for name in stack()[kind]
    }
    needed = {need for name in FUNCTIONS for need in _needs(name)}
    assert {name for name in described - needed if not name.endswith("_dead")} == set()
