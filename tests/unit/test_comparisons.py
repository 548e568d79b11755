"""Two learners side by side: which details agree, which are similar and why."""

from __future__ import annotations

import pytest

from chalicelib.domain.comparisons import Agreement, of_details, of_verification
from chalicelib.domain.learners import profile_of
from chalicelib.domain.matching import SubmittedDetails
from tests.builders.learners import details, learner

pytestmark = pytest.mark.req("ULN-05", "ULN-09")

SAME, SIMILAR, DIFFERENT, ONE_SIDED = Agreement


def compared(one: dict[str, str], other: dict[str, str]) -> dict[str, tuple[Agreement, str]]:
    found = of_details(details(**one), details(**other))
    return {row.field.name: (row.agreement, row.how) for row in found}


@pytest.mark.parametrize(
    ("name", "one", "other", "agreement", "how"),
    [
        ("given_name", "BRONWEN", "Bronwen", SAME, ""),
        ("given_name", "Bronwyn", "Bronwen", SIMILAR, "sound"),
        ("given_name", "Jim", "James", SIMILAR, "synonym"),
        ("given_name", "Zebedee", "Bronwen", DIFFERENT, ""),
        ("date_of_birth", "2004-05-18", "2004-05-17", DIFFERENT, ""),
        ("gender", "1", "2", DIFFERENT, ""),
        ("last_known_post_code", "CF10 1AB", "CF10 1AA", DIFFERENT, ""),
        ("place_of_birth", "CARDIFF", "Cardiff", SAME, ""),
        ("place_of_birth", "Cardiff", "", ONE_SIDED, ""),
        ("place_of_birth", "", "Cardiff", ONE_SIDED, ""),
    ],
)
def test_a_detail_is_the_same_or_similar_or_different_or_known_of_one(
    name: str, one: str, other: str, agreement: Agreement, how: str
) -> None:
    assert compared({name: one}, {name: other})[name] == (agreement, how)


def test_a_previous_family_name_and_swapped_names_are_similar() -> None:
    married = compared({"family_name": "Ashcombe"}, {"family_name": "Rowlands", "previous_family_name": "Ashcombe"})
    assert married["family_name"] == (SIMILAR, "previous name")
    swapped = compared({"given_name": "Ashcombe", "family_name": "Bronwen"}, {})
    assert swapped["given_name"] == swapped["family_name"] == (SIMILAR, "names swapped")


def test_details_that_neither_has_are_left_out() -> None:
    assert "notes" not in compared({}, {})
    assert len(compared({}, {})) == 7


@pytest.mark.parametrize(
    ("postcode", "explanation", "agreement"),
    [
        ("CF10 1AA", (), SAME),
        ("CF10 9ZZ", ("postcode: different",), DIFFERENT),
        ("CF10 9ZZ", ("postcode: not held",), ONE_SIDED),
        ("ZZ99 9ZZ", (), ONE_SIDED),
    ],
)
def test_a_postcode_is_only_returned_if_it_is_the_same(
    postcode: str, explanation: tuple[str, ...], agreement: Agreement
) -> None:
    held = profile_of(learner(1))
    given = SubmittedDetails(held.uln, held.given_name, held.family_name, postcode=postcode)
    row = of_verification(given, held, explanation)[-1]
    assert (row.agreement, row.other) == (agreement, postcode if agreement is SAME else "")


def test_a_verification_compares_what_was_given() -> None:
    held = profile_of(learner(1))
    given = SubmittedDetails(held.uln, "Bronwyn", "Ashcombe", postcode="CF10 9ZZ")
    rows = of_verification(given, held, ("given name: sound", "postcode: different"))
    assert [(row.field.name, row.agreement) for row in rows] == [
        ("uln", SAME),
        ("given_name", SIMILAR),
        ("family_name", SAME),
        ("date_of_birth", ONE_SIDED),
        ("gender", ONE_SIDED),
        ("last_known_post_code", DIFFERENT),
    ]


def test_a_verification_without_a_learner_compares_nothing() -> None:
    given = SubmittedDetails("2000000117", "Bronwyn", "Ashcombe")
    assert {row.agreement for row in of_verification(given, None, ())} == {ONE_SIDED}
