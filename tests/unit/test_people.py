"""Learner data restrictions besides names: dates, age, gender, postcode, prohibited text and postcodes."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.failures import Failure
from chalicelib.domain.people import (
    age_failures,
    age_on,
    parse_date,
    parse_gender,
    parse_postcode,
    prohibited_postcode,
    prohibited_text,
)
from chalicelib.reference import Lists, Sources
from tests.shared_data import shared_data

pytestmark = pytest.mark.req("ULN-08")


def failed(value: object) -> tuple[str, dict[str, str]]:
    assert isinstance(value, Failure), value
    return value.code, dict(value.detail)


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


def test_the_field_of_a_failure_is_the_one_asked_for_although_texts_are_remembered():
    first, second = parse_date("31/01/2020", "DateOfBirth"), parse_date("31/01/2020", "ActionDate")
    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert (first.field, second.field) == ("DateOfBirth", "ActionDate")


# --- Age ------------------------------------------------------------------------------------------------------------

ON = date(2024, 7, 1)


@pytest.mark.parametrize(
    ("born", "admitted"),
    [
        (date(2013, 7, 1), True),
        (date(2013, 7, 2), False),
        (date(1913, 7, 2), True),
        (date(1913, 7, 1), False),
        (date(2024, 7, 2), False),
    ],
)
def test_learners_are_from_11_to_110_years_old(born, admitted):
    assert (age_failures(born, ON) == ()) == admitted


def test_an_age_failure_tells_the_limits_and_not_the_age():
    (failure,) = age_failures(date(2020, 1, 1), ON)
    assert failed(failure) == ("ACF004", {"hint": "age", "minimum": "11", "maximum": "110"})


def test_the_limits_of_age_are_settings():
    assert age_failures(date(2012, 1, 1), ON, minimum=13)
    assert not age_failures(date(2012, 1, 1), ON, minimum=12)


def test_one_born_on_29_february_is_a_year_older_on_1_march_of_a_common_year():
    born = date(2012, 2, 29)
    assert [age_on(born, day) for day in (date(2023, 2, 28), date(2023, 3, 1), date(2024, 2, 29))] == [10, 11, 12]


# --- Gender ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0", "1", "2", "9", " 1 "])
def test_the_four_codes_of_gender_are_accepted(text):
    assert parse_gender(text, "Gender") == text.strip()


@pytest.mark.parametrize("text", ["3", "M", "01", "1.0", "12", "female", "١"])
def test_any_other_gender_is_refused_and_the_codes_are_told(text):
    assert failed(parse_gender(text, "Gender")) == ("ACF005", {"allowed": "0, 1, 2, 9"})


def test_no_gender_is_missing():
    assert failed(parse_gender("", "Gender")) == ("ACF001", {})


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
    ],
)
def test_what_is_not_of_a_postcodes_form_is_refused(text):
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


LISTS = Lists(
    Sources(
        prohibited_text="badword\ntwo bad words  # with a remark\no'word\n# a comment\n\n",
        prohibited_postcodes="b18 4as\nBFPO9\n",
    )
)


def test_a_prohibited_postcode_is_refused():
    assert failed(prohibited_postcode("B18 4AS", "LearnerPostcode", LISTS)) == ("ACF009", {})
    assert failed(prohibited_postcode("BFPO 9", "LearnerPostcode", LISTS)) == ("ACF009", {})
    assert prohibited_postcode("B18 4AT", "LearnerPostcode", LISTS) is None


# --- Prohibited text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "badword",
        "BadWord",
        "a badword here",
        "Bad-badword",
        "badword.",
        "Two bad words",
        "so two, bad-words!",
        "O'Word",
    ],
)
def test_a_prohibited_word_or_phrase_is_found_whatever_its_case_and_marks(text):
    failure = prohibited_text(text, "Notes", LISTS)
    assert failed(failure) == ("ACF006", {})
    assert "bad" not in repr(failure).lower()


@pytest.mark.parametrize(
    "text", ["", "Badwordson", "Scunthorpe", "two bad", "two words bad", "bad words two", "badwords", "word"]
)
def test_whole_words_only_are_prohibited(text):
    assert prohibited_text(text, "Notes", LISTS) is None


def test_the_packaged_sample_shows_the_rule_at_work():
    assert prohibited_text("PROHIBITEDWORD", "GivenName") is not None
    assert prohibited_postcode("ZZ99 1AA", "LearnerPostcode") is not None
    assert prohibited_postcode("ZZ99 9ZZ", "LearnerPostcode") is None
