"""One parser for each kind of value: what is read, and every reason against what is not."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.domain.achievement_fields import ACHIEVEMENT, SUBMISSION_TYPE
from chalicelib.domain.codes import Action
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import (
    EMAIL_ADDRESS,
    FAMILY_NAME,
    GENDER,
    MIS_IDENTIFIER,
    TELEPHONE_NUMBER,
    ULN,
    Field,
    Kind,
)
from chalicelib.domain.learner_fields import DETAIL, DETAILS, SUBMITTED
from chalicelib.domain.values import PATTERNS, judged, parse_date, parse_postcode, read_fields
from chalicelib.formats.words.messages import remedy, sentence
from tests.shared_data import shared_data

pytestmark = pytest.mark.req("ULN-08")

EVERY = {field.wire: field for field in (*ACHIEVEMENT, SUBMISSION_TYPE, *DETAILS, *SUBMITTED)}
FIELDS = [pytest.param(field, id=name) for name, field in EVERY.items()]


def failed(value: object) -> tuple[str, dict[str, str]]:
    assert isinstance(value, Failure), value
    return value.code, dict(value.detail)


def reason(field: Field, text: str) -> tuple[str, dict[str, str]]:
    (why,) = judged(field, text).failures
    assert why.field == field.wire
    return failed(why)


def codes(field: Field, text: str) -> list[str]:
    value, reasons = judged(field, text)
    assert value is None or not reasons
    return [why.code for why in reasons]


# --- Every field ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", FIELDS)
def test_the_example_of_a_field_is_a_value(field: Field) -> None:
    assert codes(replace(field, mandatory=False), field.example) == []


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("blank", ["", "  ", "\t\n"])
def test_an_empty_text_is_no_value(field: Field, blank: str) -> None:
    assert codes(replace(field, mandatory=True), blank) == ["ACF001"]
    value, reasons = judged(replace(field, mandatory=False), blank)
    assert (value, reasons) == (None if field.kind is Kind.DATE else "", ())


@given(
    field=st.sampled_from(list(EVERY.values())),
    text=st.one_of(st.text(max_size=80), st.text("019AZaz=+-@/. ", max_size=80)),
)
def test_whatever_the_text_there_is_a_value_or_there_are_reasons_with_words(field: Field, text: str) -> None:
    value, reasons = judged(field, text)
    assert value is None or not reasons
    assert reasons or value is not None or (field.kind is Kind.DATE and not text.strip())
    for why in reasons:
        assert why.field == field.wire
        words = sentence(why) + remedy(why)
        assert len(text) < 12 or text not in words
    if isinstance(value, str):
        assert judged(field, value).value == value, "a value in its normal form is read as it is"


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.req("SEC-02")
@pytest.mark.parametrize("letter", ["\x00", "\x1b", "\x7f", "\x85", "\u2028", "\ufffe", "\ud800"])
def test_no_value_has_a_character_that_cannot_be_printed(field: Field, letter: str) -> None:
    value, reasons = judged(field, f"{field.example[:1] or 'x'}{letter}1")
    assert reasons or field.left_to_a_rule
    assert value is None or field.left_to_a_rule


# The form of these is less than the rule: check digits, the calendar.
FORMED = [kind for kind in PATTERNS if kind not in (Kind.ULN, Kind.DATE, Kind.NUMBER)]


@pytest.mark.parametrize("kind", FORMED)
@settings(max_examples=30)
@given(data=st.data())
def test_values_that_match_the_pattern_are_read(kind: Kind, data: st.DataObject) -> None:
    field = next(field for field in EVERY.values() if field.kind is kind)
    text = data.draw(st.from_regex(re.compile(PATTERNS[kind], re.ASCII), fullmatch=True))
    assume(len(text) <= field.limit and text == text.strip())
    assert not set(codes(field, text)) - {"ACF006", "ACF009"}


# --- Reasons --------------------------------------------------------------------------------------------------------


@pytest.mark.req("SEC-03")
@pytest.mark.parametrize(
    ("field", "text", "found"),
    [
        (MIS_IDENTIFIER, "=1+1", ["ACF008"]),
        (EMAIL_ADDRESS, "=a@example.org", ["ACF008"]),
        (EMAIL_ADDRESS, "+a@example.org", ["ACF008"]),
        (TELEPHONE_NUMBER, "+44 (0)1632 960001", []),
        (TELEPHONE_NUMBER, "+SUM(A1)", ["ACF008"]),
        (FAMILY_NAME, "-Smith", []),
        (FAMILY_NAME, "=Smith", ["ACF008"]),
        (ULN, "=1000000043", ["ACF008"]),
    ],
)
def test_a_formula_is_refused_where_a_sign_does_not_belong(field: Field, text: str, found: list[str]) -> None:
    assert codes(field, text) == found


@pytest.mark.parametrize(
    ("field", "text", "found"),
    [
        (MIS_IDENTIFIER, "x" * 129, ["ACF002"]),
        (FAMILY_NAME, "x" * 36, ["ACF002"]),
        (FAMILY_NAME, "donotenter " * 4, ["ACF002", "ACF006"]),
        (EMAIL_ADDRESS, f"{'x' * 250}@a.org", ["ACF002"]),
        (EMAIL_ADDRESS, "a..b@example.org", ["ACF003"]),
        (EMAIL_ADDRESS, "a.@example.org", ["ACF003"]),
        (EMAIL_ADDRESS, ".a@example.org", ["ACF003"]),
        (EMAIL_ADDRESS, "sian.o'neill+lrs@example.org", []),
        (EMAIL_ADDRESS, "sian@example.xn--p1ai", []),
        (EMAIL_ADDRESS, "sian@example.xn--", ["ACF003"]),
        (TELEPHONE_NUMBER, "(01632) 960001", []),
        (TELEPHONE_NUMBER, "((01632) 960001", ["ACF003"]),
        (DETAIL["nationality"], "GBRX", ["ACF002"]),
        (DETAIL["last_known_post_code"], "CV1 2WTXXX", ["ACF002"]),
        (DETAIL["notes"], "first\nsecond\tline", []),
        (DETAIL["notes"], "bell\x07", ["ACF003"]),
        (DETAIL["title"], "M\ns", ["ACF003"]),
        (DETAIL["nationality"], "\u017fwe", ["ACF003"]),
        (DETAIL["unique_pupil_number"], "a123456789012", []),
        (ULN, " 1000000043 ", []),
        (ULN, "1000000044", ["ACL001"]),
        (ULN, "1" * 1_000_000, ["ACF002"]),
    ],
)
def test_each_reason_has_its_code(field: Field, text: str, found: list[str]) -> None:
    assert codes(field, text) == found


def test_fields_are_read_together() -> None:
    values, found = read_fields((ULN, FAMILY_NAME), {"uln": "1000000043"})
    assert values == {"uln": "1000000043", "family_name": None}
    assert [(why.code, why.field) for why in found] == [("ACF001", "FamilyName")]


# --- Dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-31",
        " 2020-01-31 ",
        "2020-01-31T00:00:00",
        "2020-01-31 00:00:00",
        "2020-01-31T00:00:00.000",
        "2020-01-31T00:00:00Z",
        "2020-01-31T00:00:00+01:00",
        "2020-01-31T00:00",
        "2020-01-31Z",
    ],
)
def test_a_day_is_read_with_or_without_a_time_of_midnight(text):
    assert parse_date(text, "DateOfBirth") == date(2020, 1, 31)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("31/01/2020", "DD/MM/YYYY"),
        ("31-01-2020", "DD/MM/YYYY"),
        ("31.01.2020", "DD/MM/YYYY"),
        ("01/02/2020", "DD/MM/YYYY"),
        ("1/2/2020 00:00", "DD/MM/YYYY"),
        ("01/31/2020", "MM/DD/YYYY"),
        ("2020/01/31", "YYYY/MM/DD"),
        ("2020-1-31", "YYYY/MM/DD"),
        ("20200131", "YYYYMMDD"),
        ("31/01/20", "YY"),
        ("43861", "serial number"),
        ("43861.0", "serial number"),
        ("31 January 2020", "month name"),
        ("31-Jan-2020", "month name"),
        ("2020-01-31T09:30:00", "time"),
        ("2019-02-29", "no such day"),
        ("2020-13-01", "no such day"),
        ("2020-00-10", "no such day"),
        ("1720-01-31", "year"),
        ("2120-01-31", "year"),
        ("yesterday", ""),
        ("2020", "serial number"),
        ("२०२०-०१-३१", ""),
        ("2020-01-31" * 10_000, ""),
    ],
)
def test_any_other_form_is_refused_and_named(text, hint):
    assert failed(parse_date(text, "AchievementAwardDate")) == ("ACF004", {"hint": hint})


@pytest.mark.parametrize("text", ["", "  "])
def test_no_date_is_missing(text):
    assert failed(parse_date(text, "DateOfBirth")) == ("ACF001", {})


@given(st.dates(date(1800, 1, 1), date(2099, 12, 31)))
def test_every_day_from_1800_to_2099_is_read_back(day):
    assert parse_date(day.isoformat(), "DateOfBirth") == day


@given(st.text(max_size=50))
def test_no_text_makes_the_date_parser_fail(text):
    assert isinstance(parse_date(text, "DateOfBirth"), date | Failure)


def test_the_field_of_a_failure_is_the_requested_one_although_results_are_cached():
    first, second = parse_date("31/01/2020", "DateOfBirth"), parse_date("31/01/2020", "ActionDate")
    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert (first.field, second.field) == ("DateOfBirth", "ActionDate")


# --- Codes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0", "1", "2", "9", " 1 "])
def test_the_four_codes_of_gender_are_accepted(text):
    assert judged(GENDER, text) == (text.strip(), ())


@pytest.mark.parametrize("text", ["3", "M", "01", "12", "female", "١"])
def test_any_other_gender_is_refused_and_the_codes_are_listed(text):
    odd = {} if text.isascii() else {"character": "a digit other than 0 to 9"}
    assert reason(GENDER, text) == ("ACF005", {"allowed": "0, 1, 2, 9"} | odd)


@pytest.mark.parametrize(
    ("kind", "text", "character"),
    [
        (Kind.NAME, "Mary\u00a0Ann", "U+00A0 (no-break space)"),
        (Kind.NAME, "O\u2019Neill", "U+2019 (right single quotation mark)"),
        (Kind.NAME, "Mary\tAnn", "U+0009 (tab)"),
        (Kind.NAME, "Zoë 2", None),
        (Kind.ULN, "100000001\uff19", "a full-width digit"),
        (Kind.ULN, "1000000\u200b019", "U+200B (zero width space)"),
        (Kind.DATE, "2001\u201302\u201328", "U+2013 (en dash)"),
        (Kind.POSTCODE, "AB1\u20092DE", "U+2009 (thin space)"),
        (Kind.TEXT, "a\u0085b", "U+0085 (control character)"),
        (Kind.UKPRN, "1000005x", None),
    ],
)
def test_a_character_that_is_easily_overlooked_is_named(kind: Kind, text: str, character: str | None) -> None:
    field = Field("value", kind, 35, "A value.")
    (why, *_) = judged(field, text).failures
    assert dict(why.detail).get("character") == character
    assert sentence(why).endswith(f" It contains {character}.") == (character is not None)


def test_no_gender_is_missing():
    assert reason(GENDER, "") == ("ACF001", {})


def test_a_value_of_an_enumeration_is_its_member():
    action = next(field for field in ACHIEVEMENT if field.name == "action")
    assert judged(action, "withdraw").value is Action.WITHDRAW


# --- Postcodes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("AB1 2BD", "AB1 2BD"),
        ("ab12bd", "AB1 2BD"),
        ("NR10 3EZ", "NR10 3EZ"),
        ("nr103ez   ", "NR10 3EZ"),
        ("W1A 1AA", "W1A 1AA"),
        ("EC1A1BB", "EC1A 1BB"),
        ("GIR 0AA", "GIR 0AA"),
        ("BFPO 12", "BFPO 12"),
        ("bfpo1234", "BFPO 1234"),
        ("ZZ99 9ZZ", "ZZ99 9ZZ"),
        ("zz999zz", "ZZ99 9ZZ"),
    ],
)
def test_postcodes_are_brought_to_their_normal_form(text, normal):
    assert parse_postcode(text, "LearnerPostcode") == normal


@pytest.mark.parametrize(
    "text",
    [
        "Definitely wrong",
        "1A1 1AA",
        "EH1 JS",
        "EH 1JS",
        "AB1 2CI",
        "AB1 2CD",
        "AB1  2BD",
        "A B12BD",
        "BFPO",
        "BFPO 12345",
        "AB1 2BDE",
        "Ａ1 1AA",
        "\u017fw1a 1aa",
    ],
)
def test_values_not_in_the_format_of_a_postcode_are_refused(text):
    assert failed(parse_postcode(text, "LearnerPostcode")) == ("ACF003", {"reason": "postcode"})


@pytest.mark.parametrize("text", ["", "   "])
def test_no_postcode_is_missing(text):
    assert failed(parse_postcode(text, "LearnerPostcode")) == ("ACF001", {})


@given(st.from_regex(r"[A-Za-z]{1,2}[0-9][0-9A-Za-z]? ?[0-9][abd-hjlnp-uw-zABD-HJLNP-UW-Z]{2}", fullmatch=True))
def test_a_normal_form_is_its_own_normal_form(text):
    normal = parse_postcode(text, "LearnerPostcode")
    assert isinstance(normal, str)
    assert parse_postcode(normal, "LearnerPostcode") == normal


def test_public_postcode_vectors_agree():
    with (shared_data() / "postcode-vectors.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            parsed = parse_postcode(row["input"], "LearnerPostcode")
            if row["kind"] == "normalisation" and row["expected"] != "None":
                assert parsed == row["expected"]
            else:
                assert isinstance(parsed, str) == (row["expected"] in {"valid", "special"}), row
