"""Failures in words."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from chalicelib.domain.failures import FAMILIES, Failure, Family, failure
from chalicelib.formats.words.messages import VARIANTS, WORDS, remedy, sentence

TEXTS = [
    *((code, text) for code, words in WORDS.items() for text in words),
    *((f"{code} {variant}", text) for (code, variant), words in VARIANTS.items() for text in words),
]


def test_every_code_has_its_words_and_no_words_are_left_over() -> None:
    assert set(WORDS) == set(FAMILIES)
    assert {code for code, _ in VARIANTS} <= set(FAMILIES)


@pytest.mark.parametrize(("place", "text"), TEXTS, ids=[place for place, _ in TEXTS])
def test_words_are_plain(place: str, text: str) -> None:
    assert text.endswith((".", ".{names_accepted}")), place
    assert not re.search(r"\b(please|invalid|oops|illegal|abort|fatal|kindly)\b", text, re.IGNORECASE)
    assert "  " not in text


@pytest.mark.parametrize("code", FAMILIES)
def test_no_place_is_left_open_when_a_detail_is_missing(code: str) -> None:
    for field in ("", "Grade"):
        reported = sentence(failure(code, field)) + remedy(failure(code, field))
        assert "{" not in reported


KNOWN = {
    "field", "limit", "allowed", "found", "expected", "between", "allowed_list", "looks_like", "in_columns",
    "number", "placed", "reason", "supported", "stated", "because", "differing", "first",
    "nearest_name", "names_accepted", "minimum", "maximum", "heading", "nearest", "scope",
    "name", "other", "until", "same", "state",
}  # fmt: skip


@pytest.mark.parametrize(("place", "text"), TEXTS, ids=[place for place, _ in TEXTS])
def test_texts_use_known_details_only(place: str, text: str) -> None:
    assert {name for _, name, _, _ in Formatter().parse(text) if name} <= KNOWN, place


OUTSIDE = "The award date is outside the dates when the unit or qualification can be awarded"


@pytest.mark.parametrize(
    ("reason", "what"),
    [
        (failure("ACF001", "GivenName"), "GivenName is missing."),
        (failure("ACF002", "Grade", limit=30), "Grade must be 30 characters or fewer."),
        (
            failure("ACF004", "DateOfBirth", hint="DD/MM/YYYY"),
            "DateOfBirth is written day first, as DD/MM/YYYY.",
        ),
        (
            failure("ACR003", "AchievementAwardDate", start="2010-01-01", end="2012-01-01"),
            OUTSIDE + " (2010-01-01 to 2012-01-01).",
        ),
        (
            failure("ACR003", "AchievementAwardDate", start="", end="2012-01-01"),
            OUTSIDE + " (until 2012-01-01).",
        ),
        (
            failure("ACL003", "ULN", flags="GIVEN_NAME_MISMATCH, DATE_OF_BIRTH_MISMATCH"),
            "The details do not match the learner with this ULN: different given name and date of birth.",
        ),
        (failure("ACB006"), "The first row does not contain the headings of the layout."),
        (failure("ACB006", "Grade"), "The column or element Grade is missing."),
        (
            failure("ACB009", "ULN", number=3, expected=8),
            "ULN is in the wrong place: it is column 3 and should be column 8.",
        ),
        (failure("ACB009", "ULN"), "ULN is in the wrong place."),
        (
            failure("ACB008", "ULN", heading="UNL", number=8),
            "Column 8 is headed “UNL”, which we do not recognise. The nearest heading is ULN.",
        ),
        (
            failure("ACB003", expected="CSV", found="a PDF file"),
            "The file name says CSV, but the content is a PDF file.",
        ),
        (failure("ACB004", found="UTF-16", expected="UTF-8"), "The file is in UTF-16."),
        (
            failure("WSRC0017", "RecordCount", stated=4, found=3),
            "RecordCount says 4, but the file has 3 records.",
        ),
    ],
)
def test_details_are_put_in_their_place(reason: Failure, what: str) -> None:
    assert sentence(reason) == what


def test_every_refusal_has_a_remedy() -> None:
    for code, family in FAMILIES.items():
        if family is not Family.NOTICE:
            assert remedy(failure(code, "Grade"))
