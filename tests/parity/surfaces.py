"""Every surface that takes records. A new one joins by one entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.fakes import FakeWorld
from tests.parity.cases import Case, Seen
from tests.parity.files import csv_surface, xml_surface
from tests.parity.rest import rest_surface, rest_surface_with_empty_texts
from tests.parity.validator import validator_surface

Surface = Callable[[Case, FakeWorld], Seen | None]
"""Sends a record into a world and reports the answer; None for a record that the surface cannot express."""

SURFACES: Mapping[str, Surface] = {
    "CSV": csv_surface,
    "XML": xml_surface,
    "validator": validator_surface,
    "REST": rest_surface,
    "REST with empty texts": rest_surface_with_empty_texts,
}
