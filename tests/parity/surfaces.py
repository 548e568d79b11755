"""Every surface that takes records. A new one joins by one entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.fakes import FakeWorld
from tests.parity.cases import Case, Seen
from tests.parity.files import csv_surface, xml_surface
from tests.parity.rest import has_empty_texts, rest_surface, rest_surface_with_empty_texts
from tests.parity.validator import validator_surface


class Surface(NamedTuple):
    """A way in for records."""

    send: Callable[[Case, FakeWorld], Seen]
    """Sends a record into a world and reports the answer."""
    takes: Callable[[Case], bool] = lambda _: True
    """Whether the record can be expressed on this surface."""


SURFACES: Mapping[str, Surface] = {
    "CSV": Surface(csv_surface),
    "XML": Surface(xml_surface),
    "validator": Surface(validator_surface),
    "REST": Surface(rest_surface),
    "REST with empty texts": Surface(rest_surface_with_empty_texts, has_empty_texts),
}
