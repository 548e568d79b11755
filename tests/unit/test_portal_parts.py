"""What macros are given, and how pages write dates, times and sizes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chalicelib.web.portal import moments
from chalicelib.web.portal.parts import Bar, Chart, FieldError, Input, Option, Paging, Shown, errors_of


def _same(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ((2026, 11, 22, 14, 5), "22 November 2026 at 2:05pm"),
        ((2026, 7, 1, 8, 0), "1 July 2026 at 9am"),
        ((2026, 7, 1, 11, 0), "1 July 2026 at midday"),
        ((2026, 7, 1, 23, 0), "2 July 2026 at midnight"),
        ((2026, 7, 1, 23, 5), "2 July 2026 at 12:05am"),
        ((2026, 1, 31, 12, 30), "31 January 2026 at 12:30pm"),
    ],
)
def test_moments_are_those_of_the_united_kingdom(moment: tuple[int, ...], text: str) -> None:
    assert moments.moment_text(datetime(*moment, tzinfo=UTC), _same) == text


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        moments.moment_text(datetime(2026, 11, 22, 14, 5), _same)  # noqa: DTZ001 - that is what is refused


def test_a_day_is_marked_for_programs_too() -> None:
    assert moments.marked_day(date(2026, 3, 1), _same) == '<time datetime="2026-03-01">1 March 2026</time>'


@pytest.mark.parametrize(
    ("size", "text"), [(1, "1KB"), (12_288, "12KB"), (4 * 1024 * 1024, "4MB"), (1_258_291, "1.2MB")]
)
def test_sizes_are_in_kilobytes_or_megabytes(size: int, text: str) -> None:
    assert moments.size_text(size) == text


def test_numbers_have_commas() -> None:
    assert moments.number_text(10450) == "10,450"


@pytest.mark.parametrize(("page", "first", "last"), [(1, 1, 25), (2, 26, 50), (13, 301, 312)])
def test_a_page_of_a_list_says_what_it_shows(page: int, first: int, last: int) -> None:
    paging = Paging(page=page, total=312, address="/jobs?page=")
    assert (paging.first, paging.last, paging.pages) == (first, last, 13)


@pytest.mark.parametrize(
    ("page", "numbers"),
    [(1, [1, 2, None, 13]), (2, [1, 2, 3, None, 13]), (7, [1, None, 6, 7, 8, None, 13]), (13, [1, None, 12, 13])],
)
def test_the_links_lead_to_the_ends_and_the_neighbours(page: int, numbers: list[int | None]) -> None:
    given = Paging(page=page, total=312, address="/jobs?page=").as_parameters("Pages", "Previous", "Next", "Page")
    assert [item.get("number") for item in given["items"]] == numbers
    assert [item["number"] for item in given["items"] if item.get("current")] == [page]
    assert ("previous" in given, "next" in given) == (page > 1, page < 13)
    assert given["items"][0]["href"] == "/jobs?page=1"


def test_the_error_of_a_date_leads_to_the_wrong_part_or_the_first() -> None:
    born = Shown(name="born", label="Date of birth", kind=Input.DATE, error="Date of birth must include a month")
    late = Shown(name="given", label="Given name", error="Enter given name")
    right = Shown(name="family", label="Family name")
    wrong_month = Shown(name="born", label="", kind=Input.DATE, error="x", wrong_part="month")
    assert errors_of([born, right, late]) == [
        FieldError("Date of birth must include a month", "born-day"),
        FieldError("Enter given name", "given"),
    ]
    assert wrong_month.anchor == "born-month"
    assert "govuk-input--error" in wrong_month.date_part("month", "Month")["classes"]
    assert "govuk-input--error" not in wrong_month.date_part("day", "Day")["classes"]


def test_a_date_keeps_what_was_entered() -> None:
    born = Shown(name="born", label="", kind=Input.DATE, value=("31", "2", "x"), autocomplete="bday")
    parts = [born.date_part(part, part) for part in ("day", "month", "year")]
    assert [part["value"] for part in parts] == ["31", "2", "x"]
    assert [part["autocomplete"] for part in parts] == ["bday-day", "bday-month", "bday-year"]


def test_choices_keep_what_was_chosen() -> None:
    options = (Option("1", "One"), Option("2", "Two", "The second"))
    one = Shown(name="n", label="", kind=Input.ONE, options=options, value="2")
    many = Shown(name="n", label="", kind=Input.MANY, options=options, value=("1", "2"))
    listed = Shown(name="n", label="", kind=Input.LIST, options=options, value="1")
    assert [choice["checked"] for choice in one.choices(str)] == [False, True]
    assert [choice["checked"] for choice in many.choices(str)] == [True, True]
    assert [choice["selected"] for choice in listed.choices(str)] == [True, False]
    assert one.choices(str)[1]["hint"] == {"text": "The second"}


def test_bars_stay_inside_their_chart() -> None:
    chart = Chart(
        id="c", bars=[Bar(date(2026, 5, 1), 99.5, "")], target=99.5, target_text="", lowest=99,
        lowest_text="", highest=100, highest_text="",
    )  # fmt: skip
    assert [chart.share(value) for value in (98.0, 99.0, 99.5, 100.0, 101.0)] == [0, 0, 0.5, 1, 1]
