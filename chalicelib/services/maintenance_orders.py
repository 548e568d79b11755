"""Maintenance windows from what people enter (SLA-05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.domain.maintenance import Environment, WindowKind
from chalicelib.domain.maintenance_fields import CHANGE_FIELDS, WINDOW_FIELDS, read
from chalicelib.domain.refusals import Refused
from chalicelib.services.maintenance import Order


class NewOrder(NamedTuple):
    """A new window."""

    environment: Environment
    order: Order


def new_order(texts: Mapping[str, str]) -> NewOrder:
    """What was entered, by the names of the fields. Raises Refused with every reason against reading it."""
    found = read(WINDOW_FIELDS, texts)
    if found.failures:
        raise Refused(*found.failures)
    values = dict(found.values)
    return NewOrder(Environment(values.pop("environment")), _order(values))


def changed_order(texts: Mapping[str, str]) -> Order:
    """The same for a change, in which the environment stays."""
    found = read(CHANGE_FIELDS, texts)
    if found.failures:
        raise Refused(*found.failures)
    return _order(found.values)


def _order(values: Mapping[str, object]) -> Order:
    return Order(**{**values, "kind": WindowKind(values["kind"])})  # type: ignore[arg-type] # the fields of an order
