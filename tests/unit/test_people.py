"""Restrictions on learner data apart from formats: age, prohibited text and postcodes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from string import ascii_lowercase

import pytest

from chalicelib import reference
from chalicelib.domain.failures import Failure
from chalicelib.domain.people import (
    age_failures,
    age_on,
    birth_failures,
    prohibited_postcode,
    prohibited_text,
)
from chalicelib.reference import Lists, Sources

pytestmark = pytest.mark.req("ULN-08")


def failed(value: object) -> tuple[str, dict[str, str]]:
    assert isinstance(value, Failure), value
    return value.code, dict(value.detail)


def test_nobody_was_born_before_1890():
    assert birth_failures(None) == birth_failures(date(1890, 1, 1)) == ()
    assert [reason.code for reason in birth_failures(date(1889, 12, 31))] == ["ACF004"]


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


def test_an_age_failure_names_the_limits_and_not_the_age():
    (failure,) = age_failures(date(2020, 1, 1), ON)
    assert failed(failure) == ("ACF004", {"hint": "age", "minimum": "11", "maximum": "110"})


def test_the_limits_of_age_are_settings():
    assert age_failures(date(2012, 1, 1), ON, minimum=13)
    assert not age_failures(date(2012, 1, 1), ON, minimum=12)


def test_one_born_on_29_february_is_a_year_older_on_1_march_of_a_common_year():
    born = date(2012, 2, 29)
    assert [age_on(born, day) for day in (date(2023, 2, 28), date(2023, 3, 1), date(2024, 2, 29))] == [10, 11, 12]


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


@pytest.mark.req("ULN-08")
@pytest.mark.parametrize(
    "text",
    [
        "\uff42\uff41\uff44\uff57\uff4f\uff52\uff44",  # full width
        "\uff22\uff21\uff24word",
        "a \U0001d41b\U0001d41a\U0001d41dword here",  # mathematical letters
        "\u24d1\u24d0\u24d3word",  # in circles
        "bad\u200bword",  # zero-width space
        "b\u200da\ufeffd\u2060word",
        "bad\u00adword",  # soft hyphen
        "bad\u3164word",  # Hangul filler
        "two\u00a0b\u00adad words",
        "b\u0336a\u0336dword",  # struck through
        "bad\ufe0fword",  # variation selector
        "b\u0430dword",  # Cyrillic a
        "\u0412\u0410Dw\u043erd",  # Cyrillic capitals
        "badw\u03bfrd",  # Greek omicron
        "\u0392\u0391DW\u039fRD",  # Greek capitals
        "b\u0251dword",  # Latin alpha
        "two b\u0430d w\u043erds",
        "b\u0430\u200bdword",
    ],
)
def test_a_prohibited_word_is_found_in_whatever_letters_it_is_hidden(text):
    assert failed(prohibited_text(text, "Notes", LISTS)) == ("ACF006", {})


def test_a_prohibited_word_of_another_alphabet_is_found_in_either_case():
    own = Lists(Sources(prohibited_text="\u0432\u043e\u0440"))
    assert prohibited_text("\u0412\u041e\u0420", "Notes", own) is not None
    assert prohibited_text("\u0432\u043e\u0440\u044b", "Notes", own) is None


def test_every_letter_of_the_look_alikes_is_found_for_the_letter_that_it_looks_like():
    text = (Path(reference.__file__).parent / "data" / "look_alike_letters.txt").read_text(encoding="utf-8")
    rows = [line.split(": ") for line in text.splitlines() if not line.startswith("#")]
    assert "".join(latin for latin, _ in rows) == ascii_lowercase
    for latin, letters in rows:
        own = Lists(Sources(prohibited_text=f"qq{latin}"))
        assert letters
        assert not any(letter.isascii() for letter in letters)
        assert all(prohibited_text(f"QQ{letter}", "Notes", own) is not None for letter in letters)


def test_accents_make_another_word():
    own = Lists(Sources(prohibited_text="b\u00e2d"))
    assert prohibited_text("bad", "Notes", own) is None
    for written in ("b\u00c2D", "ba\u0302d", "b\uff41\u0302d"):
        assert prohibited_text(written, "Notes", own) is not None


@pytest.mark.parametrize(
    "text", ["", "Badwordson", "Scunthorpe", "two bad", "two words bad", "bad words two", "badwords", "word"]
)
def test_whole_words_only_are_prohibited(text):
    assert prohibited_text(text, "Notes", LISTS) is None


def test_the_packaged_sample_shows_the_rule_at_work():
    assert prohibited_text("PROHIBITEDWORD", "GivenName") is not None
    assert prohibited_postcode("ZZ99 1AA", "LearnerPostcode") is not None
    assert prohibited_postcode("ZZ99 9ZZ", "LearnerPostcode") is None
