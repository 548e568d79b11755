"""Passwords and secret answers."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.passwords import (
    FEWEST_CHARACTERS,
    MOST_CHARACTERS,
    new_password_failures,
    one_time_password,
    password_failures,
    prepared,
    prepared_answer,
)

GOOD = "Correct-Horse1"


def codes(password: str) -> list[str]:
    return [reason.code for reason in password_failures(password)]


@pytest.mark.req("IDM-03")
@pytest.mark.parametrize(
    ("password", "expected"),
    [
        (GOOD, []),
        ("Abcdefghi1", []),
        ("Abcdefghi", ["LRS-USER-1", "LRS-USER-4"]),
        ("Ab1" * 34, ["LRS-USER-1"]),
        ("A" + "b" * 98 + "1", []),
        ("ABCDEFGHI1", ["LRS-USER-2"]),
        ("abcdefghi1", ["LRS-USER-3"]),
        ("Abcdefghij", ["LRS-USER-4"]),
        ("Abcdefghij kl", ["LRS-USER-5"]),
        ("Abcdefghi1\u00a0", ["LRS-USER-5"]),
        ("1", ["LRS-USER-1", "LRS-USER-2", "LRS-USER-3"]),
        ("   ", ["LRS-USER-1", "LRS-USER-2", "LRS-USER-3", "LRS-USER-5"]),
        ("", ["ACF001"]),
        ("Ŵythnos-Ŷchwanegol", []),
    ],
)
def test_every_reason_against_a_password_is_given_at_once(password: str, expected: list[str]) -> None:
    assert codes(password) == expected


@pytest.mark.req("IDM-03")
@given(st.text(string.ascii_letters + string.digits + string.punctuation, max_size=120))
def test_the_rule_is_that_of_the_guide_for_every_text_of_a_keyboard(password: str) -> None:
    accepted = (
        FEWEST_CHARACTERS <= len(password) <= MOST_CHARACTERS
        and any(one in string.ascii_lowercase for one in password)
        and any(one in string.ascii_uppercase for one in password)
        and any(one not in string.ascii_letters for one in password)
    )
    assert (not codes(password)) is accepted


@pytest.mark.req("IDM-03", "SEC-02")
@given(st.text(min_size=1, max_size=120))
def test_no_reason_repeats_the_password(password: str) -> None:
    for reason in password_failures(password):
        assert dict(reason.detail).keys() <= {"minimum", "maximum"}


@pytest.mark.req("IDM-02", "IDM-03")
def test_a_new_password_is_entered_twice_and_is_a_new_one() -> None:
    assert not list(new_password_failures(GOOD, GOOD, is_present=False))
    (again,) = new_password_failures(GOOD, GOOD + "x", is_present=False)
    assert (again.code, again.field) == ("LRS-USER-7", "NewPasswordAgain")
    same = new_password_failures("short", "shorter", is_present=True)
    assert [one.code for one in same] == ["LRS-USER-1", "LRS-USER-3", "LRS-USER-4", "LRS-USER-6", "LRS-USER-7"]


@pytest.mark.req("IDM-02", "IDM-03")
@given(st.randoms(use_true_random=False))
def test_a_one_time_password_keeps_the_rule_and_is_easy_to_copy(random) -> None:
    made = one_time_password(random.randrange)
    assert not codes(made)
    assert re.fullmatch(r"([2-9A-HJ-NP-Za-km-z]{4}-){3}[2-9A-HJ-NP-Za-km-z]{4}", made)
    assert not set(made) & set("0O1lIio"), "nothing that looks like something else"


@pytest.mark.req("IDM-03")
def test_a_letter_is_the_same_however_a_keyboard_sends_it() -> None:
    assert prepared("Cafe\u0301-Noir1") == prepared("Caf\u00e9-Noir1")
    assert prepared("Case Counts1") != prepared("case counts1")


@pytest.mark.req("IDM-05")
@pytest.mark.parametrize("written", ["Taylor", "taylor", " TAYLOR ", "tay\uff4cor"])
def test_case_and_outer_spaces_of_a_secret_answer_do_not_count(written: str) -> None:
    assert prepared_answer(written) == "taylor"


@pytest.mark.req("IDM-05")
@given(st.text(string.ascii_letters + " ", max_size=60))
def test_an_answer_is_the_same_in_capitals_and_however_it_is_spaced(answer: str) -> None:
    assert prepared_answer(answer.upper().replace(" ", "  ")) == prepared_answer(answer.lower())
