"""The resources of a plan or a state, as a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def resources_of(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every resource in what `terraform show -json` gave: `address`, `mode`, `type`, `name`, `index`, `values`."""
    values = shown.get("planned_values") or shown.get("values") or {}
    return list(_resources(values.get("root_module", {})))


def _resources(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)
