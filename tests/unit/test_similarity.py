"""Measures of similarity of two spellings."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.similarity import (
    crowded,
    doubled,
    edits,
    ends_differ,
    exchanged,
    letters_apart,
    lost_inside,
    order_ratio,
    replaced,
    slips,
)

pytestmark = pytest.mark.req("VLD-02")

WORDS = st.text(alphabet="abcde", max_size=9)


def longest_common_subsequence(a: str, b: str) -> int:
    """By the textbook's recursion, row by row."""
    row = [0] * (len(b) + 1)
    for letter in a:
        before, row = row, [0]
        for j, other in enumerate(b):
            row.append(before[j] + 1 if letter == other else max(before[j + 1], row[-1]))
    return row[-1]


@given(WORDS, WORDS)
def test_the_share_in_order_is_that_of_the_longest_common_subsequence(a, b):
    expected = 2 * longest_common_subsequence(a, b) / (len(a) + len(b)) if a or b else 1.0
    assert order_ratio(a, b) == pytest.approx(expected)


@given(WORDS, WORDS)
def test_it_is_never_below_the_ratio_of_difflib(a, b):
    assert order_ratio(a, b) >= SequenceMatcher(None, a, b).ratio() - 1e-9


@given(WORDS, WORDS)
def test_measures_are_the_same_either_way_and_bounded(a, b):
    assert order_ratio(a, b) == pytest.approx(order_ratio(b, a))
    assert 0 <= order_ratio(a, b) <= 1
    assert edits(a, b) == edits(b, a)
    assert slips(a, b) == slips(b, a)
    assert exchanged(a, b) == exchanged(b, a)
    assert slips(a, b) >= edits(a, b) or slips(a, b) == 1
    assert abs(len(a) - len(b)) <= edits(a, b) <= max(len(a), len(b))


@given(WORDS)
def test_a_word_equals_itself(a):
    assert (order_ratio(a, a), edits(a, a), slips(a, a)) == (1.0, 0, 0)
    assert not exchanged(a, a)


@pytest.mark.parametrize(
    ("a", "b", "count"),
    [
        ("samuel", "sqmuel", 1),  # the key above
        ("angus", "abgus", 1),  # the key beside
        ("smith", "smtih", 1),
        ("smith", "smiith", 1),
        ("smith", "smth", 1),
        ("cole", "kole", 1),  # heard
        ("lily", "liiy", 1),  # read
        ("marnie", "mamie", 1),  # read, two letters for one
        ("feng", "peng", 2),
        ("hasan", "husain", 3),
        ("jo", "jonathan", 9),
    ],
)
def test_a_letter_that_is_no_slip_counts_as_two(a, b, count):
    assert slips(a, b) == count


@pytest.mark.parametrize(("a", "b", "one"), [("kirsty", "kristy", True), ("amy", "may", True), ("abc", "cab", False)])
def test_two_neighbours_may_be_swapped(a, b, one):
    assert exchanged(a, b) == one


@pytest.mark.parametrize(
    ("a", "b", "count"),
    [
        ("", "abc", 3),
        ("amy", "aym", 1),
        ("kitten", "sitting", 3),
        ("smith", "smtih", 1),
        ("ca", "abc", 3),
        ("jones", "jnes", 1),
    ],
)
def test_edits_count_an_exchange_of_neighbours_as_one(a, b, count):
    assert edits(a, b) == count


def test_a_doubled_letter_is_told_from_any_other_letter_more():
    assert doubled("wanng", "wang")
    assert doubled("annn", "ann")
    assert not any(doubled(typed, "min") for typed in ("ming", "minh", "mmiin", "min", "mi"))


def test_the_letter_lost_inside_is_given_if_nothing_else_differs():
    assert lost_inside("ching", "chiang") == "a"
    assert [lost_inside(typed, "chiang") for typed in ("hiang", "chian", "chng", "chiang", "chiaang")] == [""] * 5


@pytest.mark.parametrize(
    ("one", "other"), [("georgia", "georgios"), ("mariana", "mariano"), ("evangelia", "evangelos")]
)
def test_two_endings_with_vowels_are_told_from_slips(one, other):
    assert ends_differ(one, other)
    assert ends_differ(other, one)


@pytest.mark.parametrize(("one", "other"), [("emiily", "emiild"), ("robert", "rberts"), ("anna", "annab"), ("a", "a")])
def test_a_last_consonant_or_more_than_an_ending_is_no_other_ending(one, other):
    assert not ends_differ(one, other)


def test_a_name_is_crowded_by_consonants_that_are_hard_to_say():
    assert all(crowded(name) for name in ("jsneo", "oscra", "lwisliaml", "andresw"))
    assert not any(crowded(name) for name in ("narek", "chanda", "willka", "aizhan", "zhanar", "yvonne"))


@given(WORDS, WORDS)
def test_letters_apart_count_what_only_one_has(a, b):
    assert letters_apart(a, b) == (Counter(a) - Counter(b)).total() + (Counter(b) - Counter(a)).total()


def test_the_letters_that_are_replaced_are_given_if_there_are_no_others():
    assert replaced("yu", "hu") == replaced("hu", "yu") == ("h", "y")
    assert replaced("hu", "hua") == replaced("hui", "yua") == replaced("hu", "hu") == ("", "")
