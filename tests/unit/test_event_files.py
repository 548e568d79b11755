"""Feeds of events: recognising files, reading rows, and reporting rows that cannot be read."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.records import Source
from chalicelib.formats.feeds.event_files import FUNDING_RETURN, SCHOOL_DATA, SHAPES, Feed, UnreadableFeed
from chalicelib.formats.words.messages import sentence

pytestmark = pytest.mark.req("PLR-01")
TODAY = date(2026, 3, 2)


def example(shape, **changes):
    """A row of this shape with the example of every column."""
    return {column.heading: column.example for column in shape.columns} | changes


def table(rows, headings=None):
    text = StringIO()
    writer = csv.DictWriter(text, headings or list(rows[0]), extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(*rows, headings=None):
    return list(Feed(table(rows, headings), TODAY).rows())


def event(shape, **changes):
    (row,) = read(example(shape, **changes))
    assert not row.failures
    return row.event


def faults(shape, **changes):
    (row,) = read(example(shape, **changes))
    assert row.event is None
    return [(reason.code, reason.field, dict(reason.detail).get("reason", "")) for reason in row.failures]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.source)
def test_a_file_is_recognised_by_its_headings_in_any_order(shape):
    row = example(shape)
    data = table([row], headings=sorted(row, reverse=True))
    feed = Feed(b"\xef\xbb\xbf" + data, TODAY)
    assert feed.shape is shape
    (found,) = feed.rows()
    assert found.event == event(shape)
    assert (found.line, found.event.source) == (2, shape.source)


@pytest.mark.parametrize(
    ("shape", "changes", "hint"),
    [
        (SCHOOL_DATA, {"AwardDate": "1899-12-30"}, "year"),
        (SCHOOL_DATA, {"AwardDate": "2026-03-03"}, "future"),
        (SCHOOL_DATA, {"StartDate": "2001-03-13", "EndDate": ""}, "before birth"),
        (SCHOOL_DATA, {"EndDate": "2099-06-30"}, "year"),
        (SCHOOL_DATA, {"DateOfBirth": "1899-12-30", "AwardDate": "1900-01-01", "StartDate": ""}, "year"),
        (SCHOOL_DATA, {"DateOfBirth": "1800-01-01"}, "earliest"),
        (SCHOOL_DATA, {"DateOfBirth": "2026-03-03", "AwardDate": "", "StartDate": "", "EndDate": ""}, "future"),
        (FUNDING_RETURN, {"LearnActEndDate": "2026-03-03"}, "future"),
        (FUNDING_RETURN, {"AchDate": "2030-01-01"}, "future"),
        (FUNDING_RETURN, {"LearnStartDate": "1900-01-01"}, "year"),
    ],
)
def test_a_date_that_cannot_be_right_refuses_its_row(shape, changes, hint):
    (row,) = read(example(shape, **changes))
    assert [(why.code, dict(why.detail).get("hint")) for why in row.failures] == [("ACF004", hint)]
    assert sentence(row.failures[0])


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+A1*2", "-2+3", "\uff1dx"])
@pytest.mark.parametrize("heading", ["Subject", "RecordID", "ProviderName", "FamilyName", "Grade"])
def test_a_formula_refuses_its_row(heading, text):
    assert ("ACF008", heading, "") in faults(SCHOOL_DATA, **{heading: text})


def test_a_row_of_school_data_is_an_event():
    found = event(SCHOOL_DATA)
    assert found._replace(event_id="") == found._replace(
        event_id="",
        uln="1000000043",
        source=Source.SCHOOL_DATA,
        provider_ukprn="90000101",
        awarding_organisation_ukprn="100062",
        subject="Mathematics",
        subject_code="60142923",
        qualification_type="GCSE (9 to 1)",
        level="Level 1/2",
        grade="7",
        award_date=date(2023, 8, 24),
        start_date=date(2021, 9, 1),
        end_date=date(2023, 6, 30),
        collection_type="School census",
        return_number="2023-3",
        language="ENG",
        withdrawn=False,
    )


def test_the_details_of_a_row_are_those_to_be_verified():
    (row,) = read(example(FUNDING_RETURN, Gender="2"))
    assert row.details == ("1000000043", "Amelia", "Okafor", date(2001, 3, 14), "2", "")
    (row,) = read(example(FUNDING_RETURN, Gender="", DateOfBirth=""))
    assert row.details[3:5] == (None, "")


@pytest.mark.parametrize(
    ("values", "awarded"),
    [
        ({"Outcome": "1", "AchDate": "2025-07-04"}, date(2025, 7, 4)),
        ({"Outcome": "1", "AchDate": ""}, date(2025, 6, 27)),
        ({"Outcome": "2", "AchDate": ""}, date(2025, 6, 27)),
        ({"Outcome": "3", "AchDate": ""}, None),
        ({"Outcome": "8", "AchDate": "2025-07-04"}, None),
        ({"Outcome": "", "LearnActEndDate": "", "AchDate": ""}, None),
    ],
)
def test_an_aim_of_a_funding_return_is_awarded_when_it_was_achieved(values, awarded):
    assert event(FUNDING_RETURN, **values).award_date == awarded


def test_a_later_return_of_the_same_aim_is_the_same_event():
    first = event(FUNDING_RETURN, Collection="ILR2425", ReturnNumber="R10", Outcome="", AchDate="", OutGrade="")
    later = event(FUNDING_RETURN, Collection="ILR2526", ReturnNumber="R14")
    assert first.event_id == later.event_id
    assert first != later
    others = {
        event(FUNDING_RETURN, **change).event_id
        for change in (
            {"UKPRN": "10000020"},
            {"LearnRefNumber": "x"},
            {"LearnAimRef": "60012341"},
            {"LearnStartDate": "2024-09-03"},
        )
    }
    assert len(others | {first.event_id}) == 5


def test_an_events_identifier_does_not_reveal_its_source():
    assert "0fm9000001" not in event(FUNDING_RETURN).event_id
    assert event(SCHOOL_DATA).event_id != event(SCHOOL_DATA, ProviderUKPRN="10000020").event_id


def test_references_lose_their_obliques_and_units_keep_theirs():
    assert event(FUNDING_RETURN, LearnAimRef="601/4292/3").subject_code == "60142923"
    assert event(FUNDING_RETURN, LearnAimRef="L6168832").subject_code == "L/616/8832"
    assert event(FUNDING_RETURN, LearnAimRef="ZPROG001").subject_code == "ZPROG001"


@pytest.mark.parametrize("code", ["100062", "UNKNWN", "unknwn", "10000020", ""])
def test_an_awarding_organisation_may_have_an_old_code(code):
    assert event(SCHOOL_DATA, AwardingOrganisation=code).awarding_organisation_ukprn == code.upper()


def test_what_a_source_takes_back_is_marked():
    assert event(SCHOOL_DATA, Withdrawn="Y").withdrawn
    assert not event(SCHOOL_DATA, Withdrawn="").withdrawn


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ULN": ""}, ("ACF001", "ULN", "")),
        ({"ULN": "1000000044"}, ("ACL001", "ULN", "")),
        ({"ULN": "9999999999"}, ("ACL001", "ULN", "")),
        ({"GivenName": ""}, ("ACF001", "GivenName", "")),
        ({"FamilyName": "x" * 36}, ("ACF002", "FamilyName", "")),
        ({"UKPRN": "1000005"}, ("ACF003", "UKPRN", "UKPRN")),
        ({"LearnAimRef": "60142"}, ("ACF003", "LearnAimRef", "too short")),
        ({"LearnStartDate": "02/09/2024"}, ("ACF004", "LearnStartDate", "")),
        ({"LearnActEndDate": "2024-09-01"}, ("LRS-PLR-4", "LearnActEndDate", "")),
        ({"CompStatus": "4"}, ("ACF005", "CompStatus", "")),
        ({"Outcome": "9"}, ("ACF005", "Outcome", "")),
        ({"Gender": "F"}, ("ACF005", "Gender", "")),
        ({"DateOfBirth": "14.5.2007"}, ("ACF004", "DateOfBirth", "")),
        ({"LearnRefNumber": "a\x00b"}, ("ACF003", "LearnRefNumber", "control character")),
    ],
)
def test_a_row_is_refused_with_its_reason(changes, expected):
    assert expected in faults(FUNDING_RETURN, **changes)


def test_every_reason_of_a_row_is_reported_with_its_line_and_other_rows_are_read():
    bad = example(SCHOOL_DATA, ULN="12", AwardDate="24.08.2023", Level="L" * 21)
    good, wrong, after = read(example(SCHOOL_DATA), bad, example(SCHOOL_DATA, RecordID="other"))
    assert good.event
    assert after.event
    assert wrong.line == 3
    assert {reason.code for reason in wrong.failures} == {"ACF002", "ACF003", "ACF004"}
    assert {reason.line for reason in wrong.failures} == {3}
    assert not any("24.08.2023" in sentence(reason) for reason in wrong.failures)


def test_a_row_with_too_few_or_too_many_values_is_refused_alone():
    data = table([example(SCHOOL_DATA)]) + b"a,b\r\n\r\n" + table([example(SCHOOL_DATA)]).split(b"\r\n")[1] + b"\r\n"
    rows = list(Feed(data, TODAY).rows())
    assert [[reason.code for reason in row.failures] for row in rows] == [[], ["ACF007"], []]


def test_optional_columns_may_be_left_out():
    required = [column.heading for column in SCHOOL_DATA.columns if column.required]
    (row,) = read(example(SCHOOL_DATA), headings=required)
    assert row.event
    assert row.event.award_date is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "ACB001"),
        (b"\r\n", "ACB001"),
        (b"ULN,GivenName\r\n", "ACB006"),
        (table([example(SCHOOL_DATA)]).replace(b"Subject,", b"Subjekt,"), "ACB008"),
        (table([example(SCHOOL_DATA)]).replace(b"Subject,", b"Level,"), "ACB007"),
        (b"PK\x03\x04\xff\xfe", "ACB004"),
    ],
)
def test_a_file_of_no_known_type_is_refused_as_a_whole(data, code):
    with pytest.raises(UnreadableFeed) as refused:
        Feed(data, TODAY)
    assert code in [reason.code for reason in refused.value.failures]


def test_a_letter_that_is_not_utf_8_refuses_its_row_alone():
    data = table([example(SCHOOL_DATA)]) + table([example(SCHOOL_DATA, Subject="Espa\u00f1ol")]).split(b"\r\n", 1)[
        1
    ].replace(b"\xc3\xb1", b"\xf1")
    good, wrong = Feed(data, TODAY).rows()
    assert good.event
    assert [(reason.code, reason.field, dict(reason.detail)) for reason in wrong.failures] == [
        ("ACF003", "Subject", {"reason": "encoding"})
    ]


def test_rows_before_a_quotation_mark_that_is_never_closed_are_read():
    rows = Feed(table([example(SCHOOL_DATA)]) + b'"open\r\n', TODAY).rows()
    assert next(rows).event
    with pytest.raises(UnreadableFeed) as refused:
        next(rows)
    assert [reason.code for reason in refused.value.failures] == ["ACB010"]


@given(st.sampled_from(SHAPES), st.data())
def test_whatever_a_row_contains_it_is_read_or_refused(shape, data):
    column = data.draw(st.sampled_from(shape.columns))
    value = data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
    (row,) = read(example(shape, **{column.heading: value})) or [None]
    assert row is None or (row.event is None) == bool(row.failures)
