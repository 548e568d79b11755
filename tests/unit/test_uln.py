"""ULNs: form, check digit, minting."""

from __future__ import annotations

import csv
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.failures import Failure
from chalicelib.domain.uln import check_digit, mint, parse_uln
from tests.shared_data import shared_data

pytestmark = pytest.mark.req("ULN-08")

VALID = [
    "1000000000",
    "1000000019",
    "1000000027",
    "1000000035",
    "1000000043",
    "1000000051",
    "1000000078",
    "1026893096",
    "1026922983",
    "1174112637",
    "1964986809",
    "4444599390",
    "6936002314",
    "8383558804",
]


def code_of(value: object) -> str:
    assert isinstance(value, Failure)
    return value.code


def reason_of(value: object) -> str:
    assert isinstance(value, Failure)
    return dict(value.detail).get("reason", "")


def check_digit_by_the_paper(nine: str) -> int | None:
    """The rule as the paper states it, written down a second time and without haste."""
    total = sum(int(digit) * weight for digit, weight in zip(nine, (10, 9, 8, 7, 6, 5, 4, 3, 2), strict=True))
    remainder = total % 11
    return None if remainder == 0 or nine[0] == "0" else 10 - remainder


@pytest.mark.parametrize("text", VALID)
def test_issued_numbers_are_accepted_unchanged(text):
    assert parse_uln(text) == text


@pytest.mark.parametrize(
    ("text", "needed"),
    [("1234567890", 9), ("1111111111", 0), ("1000000042", 3), ("2222222222", 1), ("1023456789", 7)],
)
def test_a_wrong_check_digit_is_refused_and_the_right_one_accepted(text, needed):
    assert code_of(parse_uln(text)) == "ACL001"
    assert check_digit(text[:9]) == needed


@pytest.mark.parametrize("seed", ["987654321", "100000006", "100000023", "100000037", "100000040", "100000054"])
def test_nine_digits_with_remainder_nought_begin_no_number_whatever_the_tenth(seed):
    assert check_digit(seed) is None
    assert {code_of(parse_uln(f"{seed}{tenth}")) for tenth in range(10)} == {"ACL001"}


def test_the_placeholder_of_funding_returns_is_not_a_uln():
    assert code_of(parse_uln("9999999999")) == "ACL001"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0000000042", "leading zero"),
        ("12345678990", "too long"),
        ("12435", "too short"),
        ("1000000043 ", "spaces"),
        ("100 000 0043", "spaces"),
        ("1.00E+09", "scientific notation"),
        ("1.000000043E+09", "scientific notation"),
        ("1E9", "scientific notation"),
        ("1000000043.0", "decimal point"),
        ("'1000000043", "quotation marks"),
        ('="1000000043"', "quotation marks"),
        ("10000000O3", "ten digits"),
        ("ULN", "ten digits"),
        ("１０００００００４３", "ten digits"),
        ("-1000000043", "ten digits"),
        ("1" * 1_000_000, "too long"),
    ],
)
def test_what_is_not_ten_digits_is_refused_and_the_damage_named(text, reason):
    failure = parse_uln(text, "ULN")
    assert code_of(failure) == "ACF003"
    assert reason_of(failure) == reason


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_given_is_missing(text):
    assert code_of(parse_uln(text)) == "ACF001"


def test_the_failure_names_the_field_and_never_the_number():
    failure = parse_uln("1234567890", "Uln")
    assert isinstance(failure, Failure)
    assert failure.field == "Uln"
    assert "1234567890" not in repr(failure)


@given(st.integers(0, 9_999_999_999))
def test_the_fast_rule_agrees_with_the_paper(number):
    text = f"{number:010d}"
    accepted = not isinstance(parse_uln(text), Failure)
    assert accepted == (check_digit_by_the_paper(text[:9]) == int(text[9]))


@given(st.integers(0, 2**32))
def test_a_minted_number_is_valid_and_never_the_placeholder(seed):
    minted = mint(random.Random(seed).randrange)
    assert parse_uln(minted) == minted
    assert minted != "9999999999"


def test_minting_draws_again_where_a_seed_has_no_check_digit():
    draws = iter([0, 987654321 - 100_000_000, 6])
    assert mint(lambda limit: next(draws) % limit) == "1000000000"
    assert mint(lambda limit: next(draws, 4) % limit) == "1000000043"


@given(st.text(max_size=20))
def test_no_text_makes_the_parser_fail(text):
    assert isinstance(parse_uln(text), str | Failure)


@given(st.sampled_from(VALID), st.integers(0, 9), st.integers(0, 9))
def test_any_single_wrong_digit_is_found(text, place, digit):
    damaged = text[:place] + str(digit) + text[place + 1 :]
    assert (parse_uln(damaged) == damaged) == (damaged == text)


@pytest.mark.parametrize("nine", ["", "12345678", "1234567890", "12345678a", "١٢٣٤٥٦٧٨٩"])
def test_only_nine_digits_have_a_check_digit(nine):
    with pytest.raises(ValueError, match="nine digits"):
        check_digit(nine)


def test_public_vectors_agree():
    with (shared_data() / "uln-vectors.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            parsed = parse_uln(row["uln"])
            if row["checksum"] == "valid" and row["uln"][0] != "0":
                assert parsed == row["uln"]
            else:
                assert isinstance(parsed, Failure), row
