"""A record gets the same answer from every surface: the same codes, fields and outcome."""

from __future__ import annotations

import pytest

from tests.parity.cases import CASES, Case, Sort
from tests.parity.surfaces import SURFACES, Surface
from tests.parity.worlds import world_of

pytestmark = pytest.mark.req("ACH-01", "ACH-03", "ACH-04", "ACH-05", "ULN-03", "ULN-04", "ULN-06", "VLD-01", "VLD-03")

SENT = [
    pytest.param(surface, case, id=f"{name}: {case}")
    for name, surface in SURFACES.items()
    for case in CASES
    if surface.takes(case)
]


@pytest.mark.parametrize(("surface", "case"), SENT)
def test_a_record_has_the_same_answer_on_every_surface(surface: Surface, case: Case) -> None:
    expected = case.expected_of_single if surface.single else None
    assert surface.send(case, world_of(case)) == (expected or case.expected)


def test_the_table_is_large_and_names_each_case_once() -> None:
    assert len(CASES) >= 80
    assert len({str(case) for case in CASES}) == len(CASES)


def test_every_case_is_sent_by_every_kind_of_surface() -> None:
    assert all(SURFACES[name].takes(case) for name in ("CSV", "XML", "validator") for case in CASES)
    assert {case.sort for case in CASES if not SURFACES["REST"].takes(case)} == {Sort.CHECK}
