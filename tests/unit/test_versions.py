"""Endings of the interface, preconditions, and which answers a caller accepts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.announcements import KEPT_MONTHS, months_after
from chalicelib.web.http.headers import accepts
from chalicelib.web.http.preconditions import held_tags, is_held
from chalicelib.web.http.versions import ENDINGS, Ending, ending_headers, ending_of

OLD = Ending("/v1/", date(2027, 1, 31), date(2028, 7, 31), "/v2/")
ONE = Ending("/v1/learners/{uln}", date(2027, 1, 1), date(2028, 7, 1), "/v1/people/{uln}", frozenset({"PUT"}))


@pytest.mark.req("SLA-08")
@pytest.mark.parametrize("ending", [*ENDINGS, OLD, ONE], ids=lambda ending: ending.path)
def test_what_is_announced_stays_at_least_eighteen_months(ending: Ending) -> None:
    assert ending.sunset >= months_after(ending.announced, KEPT_MONTHS)


@pytest.mark.req("SLA-08")
@pytest.mark.parametrize(
    ("announced", "earliest"),
    [
        (date(2026, 1, 15), date(2027, 7, 15)),
        (date(2026, 8, 31), date(2028, 2, 29)),
        (date(2025, 8, 31), date(2027, 2, 28)),
        (date(2026, 7, 1), date(2028, 1, 1)),
        (date(2026, 6, 30), date(2027, 12, 30)),
        (date(2026, 12, 31), date(2028, 6, 30)),
    ],
)
def test_eighteen_months_are_counted_by_the_calendar(announced: date, earliest: date) -> None:
    assert months_after(announced, KEPT_MONTHS) == earliest


@given(st.dates(date(2000, 1, 1), date(2200, 1, 1)))
def test_eighteen_months_are_never_cut_short_by_more_than_the_end_of_a_month(announced: date) -> None:
    earliest = months_after(announced, KEPT_MONTHS)
    assert (earliest.year * 12 + earliest.month) - (announced.year * 12 + announced.month) == 18
    assert earliest.day == announced.day or earliest.day >= 28


@pytest.mark.req("SLA-08")
def test_an_ending_is_announced_with_the_date_and_the_replacement() -> None:
    headers = ending_headers(OLD)
    assert headers["Deprecation"] == "@1801353600"
    assert headers["Sunset"] == "Mon, 31 Jul 2028 00:00:00 GMT"
    assert '</v2/>; rel="successor-version"' in headers["Link"]
    assert ending_headers(None) == {}


@pytest.mark.req("SLA-08")
def test_an_ending_covers_its_routes_and_methods_only() -> None:
    table = [ONE, OLD]
    assert ending_of("PUT", "/v1/learners/{uln}", table) is ONE
    assert ending_of("GET", "/v1/learners/{uln}", table) is OLD
    assert ending_of("GET", "/health", table) is None
    assert ending_of("GET", "/v1/learners/{uln}", [ONE]) is None


@pytest.mark.parametrize(
    ("header", "held"),
    [
        (None, False),
        ("", False),
        ("*", True),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b"', False),
        ("a", False),
        ('"a" x', False),
    ],
)
@pytest.mark.req("PLR-02")
def test_a_caller_holds_the_version_whose_tag_it_names(header: str | None, held: bool) -> None:
    assert is_held('"a"', header) is held


@given(st.text(max_size=30))
def test_whatever_is_in_the_header_is_tags_or_nothing(header: str) -> None:
    assert all(tag.startswith('"') and tag.endswith('"') for tag in held_tags(header))


@pytest.mark.parametrize(
    ("accept", "admitted"),
    [
        ("", True),
        ("*/*", True),
        ("application/json", True),
        ("application/*", True),
        ("text/html, application/json;q=0.1", True),
        ("APPLICATION/JSON; charset=utf-8", True),
        ("text/html", False),
        ("application/xml, text/*", False),
        ("application/json;q=0, */*", False),
        ("application/json;q=0.000", False),
        ("*/*;q=0", False),
        (";;;,", False),
    ],
)
def test_an_accept_header_accepts_json_or_not(accept: str, admitted: bool) -> None:
    assert accepts(accept, "application/json") is admitted
