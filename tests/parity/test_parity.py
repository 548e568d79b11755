"""One record has one answer, whichever way it comes: the same codes, the same fields, the same outcome."""

from __future__ import annotations

import pytest

from tests.parity.cases import CASES, Case
from tests.parity.surfaces import SURFACES, Surface
from tests.parity.worlds import world_of

pytestmark = pytest.mark.req("ACH-01", "ACH-03", "ACH-04", "ACH-05", "ULN-03", "ULN-04", "ULN-06", "VLD-01", "VLD-03")


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_record_has_the_same_answer_on_every_surface(case: Case, surface: Surface) -> None:
    seen = surface(case, world_of(case))
    if seen is None:
        pytest.skip("this surface cannot express it")
    assert seen == case.expected


def test_the_table_is_large_and_names_each_case_once() -> None:
    assert len(CASES) >= 80
    assert len({str(case) for case in CASES}) == len(CASES)
