"""Ids of achievements: one for each key, containing only the key."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.achievement_ids import LONGEST, PATTERN, achievement_id, key_of_id
from chalicelib.domain.achievements import Key
from chalicelib.domain.aims import AimReference, parse_aim_reference
from tests.builders.achievements import uln

REFERENCES = st.from_regex(
    r"[0-9]{7}[0-9X]|[ADFHJKLMRTY]/[0-9]{3}/[0-9]{4}|C[0-9]{7}|Z[0-9A-Z]{1,7}", fullmatch=True
).filter(str.isascii)
KEYS = st.builds(
    Key,
    st.integers(0, 200).map(uln),
    REFERENCES.map(parse_aim_reference),
    st.dates(date(1800, 1, 1), date(2099, 12, 31)),
)


@pytest.mark.req("ACH-02", "ACH-08")
@given(KEYS)
def test_an_id_leads_back_to_its_key_and_needs_no_escaping(key: Key) -> None:
    text = achievement_id(key)
    assert key_of_id(text) == key
    assert re.fullmatch(PATTERN, text)
    assert len(text) <= LONGEST


@pytest.mark.req("ACH-08")
def test_an_id_looks_like_its_key() -> None:
    key = Key(uln(0), AimReference("L/616/8832"), date(2026, 2, 20))
    assert achievement_id(key) == f"{uln(0)}.L6168832.2026-02-20"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1000000019",
        "1000000018.60012341.2026-02-20",
        "1000000019.60012341.2026-02-30",
        "1000000019.60012341.2026-2-20",
        "1000000019.L/616/8832.2026-02-20",
        "1000000019.l6168832.2026-02-20",
        "1000000019.60012341.2026-02-20\n",
        "1000000019.60012341.2026-02-20.1",
        "1000000019.ABCDEFGH.2026-02-20",
        "\u0661000000019.60012341.2026-02-20",
    ],
)
def test_anything_else_names_no_achievement(text: str) -> None:
    assert key_of_id(text) is None


@given(st.text(max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    key = key_of_id(text)
    assert key is None or achievement_id(key) == text
