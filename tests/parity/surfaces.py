"""Every surface that takes records. A new one joins by one entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.fakes import FakeWorld
from tests.parity.cases import Case, Seen
from tests.parity.files import csv_2a_surface, csv_surface, is_in_2a, xml_surface
from tests.parity.inline import inline_surface, inline_surface_with_empty_texts, is_of_learners
from tests.parity.portal import has_page, portal_surface
from tests.parity.rest import has_empty_texts, has_request, rest_surface, rest_surface_with_empty_texts
from tests.parity.validator import states_job_type, validator_surface, validator_surface_with_chosen_type


class Surface(NamedTuple):
    """A way to submit records."""

    send: Callable[[Case, FakeWorld], Seen]
    """Sends a record into a world and reports the answer."""
    takes: Callable[[Case], bool] = lambda _: True
    """Whether the record can be expressed on this surface."""
    single: bool = False
    """Whether it takes one record at a time."""


SURFACES: Mapping[str, Surface] = {
    "CSV": Surface(csv_surface),
    "CSV 2A": Surface(csv_2a_surface, is_in_2a),
    "XML": Surface(xml_surface),
    "JSON": Surface(inline_surface, is_of_learners),
    "JSON with empty texts": Surface(inline_surface_with_empty_texts, is_of_learners),
    "validator": Surface(validator_surface),
    "validator with a chosen job type": Surface(validator_surface_with_chosen_type, states_job_type),
    "REST": Surface(rest_surface, has_request, single=True),
    "portal": Surface(portal_surface, has_page, single=True),
    "REST with empty texts": Surface(rest_surface_with_empty_texts, has_empty_texts, single=True),
}
