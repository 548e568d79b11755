"""The regulators' public files as published: the complete real slices, and what can go wrong in them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.aims import AimKind, AimReference, AwardingBody, Provider, Register
from chalicelib.formats.registers.register_files import (
    RegisterFile,
    RowFault,
    UnitInQualification,
    UnreadableRegisterFile,
    read_extract,
)
from chalicelib.formats.registers.register_tables import kind_of, parse_count, parse_day
from tests.builders import register_slices as slices

QUALIFICATIONS = "Qualification Number,Qualification Title,Owner Organisation Recognition Number"


def table(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def british(day: str) -> str:
    year, month, day_of_month = day.split("-")
    return f"{day_of_month}/{month}/{year} 00:00:00"


# --- The real slices --------------------------------------------------------------------------------------------------


@pytest.mark.req("QUAL-01")
def test_every_organisation_of_the_register_is_read():
    extract = read_extract(slices.organisations(), "Organisations.csv")
    assert extract.kind is RegisterFile.ORGANISATIONS
    assert len(extract.awarding_bodies) == extract.rows == 334
    assert not extract.faults
    assert AwardingBody(
        "RN5113", "Association of Chartered Certified Accountants", "Association of Chartered Certified Accountants",
        "ACCA", "Recognised",
    ) in extract.awarding_bodies  # fmt: skip


@pytest.mark.req("QUAL-01")
def test_every_qualification_of_the_slice_is_read_and_those_without_an_owner_are_reported():
    rows = slices.slice_rows("ofqual-qualifications.csv")
    extract = read_extract(slices.qualifications(), "Qualifications.csv")
    assert len(extract.aims) == extract.rows == len(rows)
    ownerless = sum(not row["ao_recognition_number"] for row in rows)
    assert ownerless == 40
    assert [fault.reason for fault in extract.faults] == ["no owner, so nobody can award it"] * ownerless
    assert not extract.refused
    by_reference = {aim.reference: aim for aim in extract.aims}
    for row in rows:
        aim = by_reference[AimReference(row["aim_ref"])]
        assert (aim.title, aim.type, aim.level, aim.ssa) == (row["title"], row["type"], row["level"], row["ssa"])
        assert aim.owners == ({row["ao_recognition_number"]} if row["ao_recognition_number"] else set())


@pytest.mark.req("QUAL-01")
@pytest.mark.parametrize("day", [str, british], ids=["iso", "british"])
def test_dates_grades_and_credits_of_the_dated_slice_are_read_in_either_way_of_writing_dates(day):
    extract = read_extract(slices.dated_qualifications(day), "Qualifications.csv")
    assert not extract.faults
    by_reference = {aim.reference: aim for aim in extract.aims}
    assert len(by_reference) == 16
    english = by_reference[AimReference("10001025")]
    assert (english.first_award, english.last_award) == (date(2000, 9, 1), date(2010, 8, 31))
    assert english.grades == ("A", "B", "C", "D", "E")
    warehouse = by_reference[AimReference("60026960")]
    assert (warehouse.first_award, warehouse.last_award) == (date(2011, 8, 1), date(2022, 7, 31))
    assert (warehouse.grades, warehouse.credits, warehouse.glh) == (("Pass", "Fail"), 40, 201)
    assert warehouse.owners == {"RN5133"}
    assert by_reference[AimReference("50077077")].last_award is None
    assert by_reference[AimReference("6103177X")].grades == ("Pass", "Distinction")
    assert by_reference[AimReference("60101568")].grades == ()


@pytest.mark.req("QUAL-01")
@pytest.mark.req("QUAL-01")
def test_a_unit_without_grades_in_the_register_is_passed():
    assert {aim.grades for aim in read_extract(slices.units(), "Units.csv").aims} == {("Pass",)}


def test_units_and_their_qualifications_are_read():
    marked = frozenset({"A/616/8832", "T/616/8859"})
    extract = read_extract(slices.units(marked), "Units.csv")
    assert not extract.faults
    assert extract.says_sharing
    assert len(extract.aims) == 23
    assert {aim.kind for aim in extract.aims} == {AimKind.UNIT}
    assert {aim.reference for aim in extract.aims if aim.shared} == marked
    assert not read_extract(slices.units(), "Units.csv").says_sharing
    pairs = read_extract(slices.qualification_units(), "QualificationUnits.csv")
    assert not pairs.faults
    assert len(pairs.units) == 23
    assert UnitInQualification(AimReference("6032949X"), AimReference("A/616/8832")) in pairs.units


@pytest.mark.req("QUAL-01")
def test_approvals_of_wales_are_read_and_their_owner_found_by_name():
    extract = read_extract(slices.approvals(), "QiW.csv", {"wjeccbac": "RN5172"})
    assert extract.kind is RegisterFile.APPROVALS
    assert not extract.faults
    by_reference = {aim.reference: aim for aim in extract.aims}
    assert len(by_reference) == 16
    german = by_reference[AimReference("C0050586")]
    assert (german.owners, german.register) == ({"RN5172"}, Register.QIW)
    assert german.first_award == date(2025, 9, 1)
    assert german.grades == ("A*", "A", "B", "C", "D", "E", "F", "G")


@pytest.mark.req("QUAL-01")
def test_every_provider_is_read():
    extract = read_extract(slices.providers(), "providers.csv")
    assert len(extract.providers) == extract.rows == 5_066
    assert not extract.faults
    assert Provider("10000001", "THE CAMDEN SCHOOL FOR GIRLS") in extract.providers


@pytest.mark.req("QUAL-01")
def test_a_formula_is_never_taken_for_a_title_or_a_name():
    extract = read_extract(table(QUALIFICATIONS, "600/1234/5,=1+1,RN9051", "600/1234/6,+1 for all,RN9051"), "file")
    assert [(fault.line, fault.reason, fault.refused) for fault in extract.faults] == [
        (2, "title: a spreadsheet formula", True)
    ]
    assert (extract.unreadable, len(extract.aims)) == ({AimReference("60012345")}, 1)
    assert read_extract(table("UKPRN,Provider Name", "10000001,@SUM(A1)"), "file").refused == 1
    assert read_extract(table("Recognition Number,Name", "RN9051,=A1"), "file").refused == 1


@pytest.mark.req("QUAL-01")
@pytest.mark.parametrize("day", ["1899-12-30", "30/12/1899", "1900-01-00", "0001-01-01", "2101-01-01", "9998-01-01"])
def test_a_date_that_no_register_has_leaves_its_row_out(day):
    heads = f"{QUALIFICATIONS},Operational Start Date,Certification End Date"
    extract = read_extract(
        table(heads, f"600/1234/5,Joinery,RN9051,{day},", "600/1234/6,Joinery,RN9051,,9999-12-31"), "f"
    )
    assert [fault.line for fault in extract.faults if fault.refused] == [2]
    assert extract.unreadable == {AimReference("60012345")}
    assert [aim.last_award for aim in extract.aims] == [None]


@pytest.mark.req("QUAL-01")
def test_a_last_row_with_too_few_values_shows_that_the_end_of_the_file_is_missing():
    assert read_extract(table(QUALIFICATIONS, "600/1234/5,Joinery,RN9051", "600/12"), "file").cut_off
    assert not read_extract(table(QUALIFICATIONS, "600/12", "600/1234/5,Joinery,RN9051"), "file").cut_off


# --- Ways of writing the files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headings",
    [
        QUALIFICATIONS,
        "QualificationNumber,Title,OrganisationRecognitionNumber",
        "qualification number,QUALIFICATION TITLE,owner organisation recognition number",
        "Qualification_Number,Qualification-Title,Owner Organisation Recognition Number ",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_headings_are_recognised_in_their_usual_variants_and_files_in_their_usual_encodings(headings, encoding):
    extract = read_extract(table(headings, "600/1234/5,Caffè,RN9051", encoding=encoding), "file")
    assert extract.kind is RegisterFile.QUALIFICATIONS
    assert not extract.faults
    assert (extract.aims[0].title, extract.aims[0].owners) == ("Caffè", {"RN9051"})


def test_a_windows_1252_file_is_read_and_recognised_as_one():
    data = table(QUALIFICATIONS, "600/1234/5,Level 2 – Joinery,RN9051", encoding="windows-1252")
    extract = read_extract(data, "file")
    assert extract.aims[0].title == "Level 2 – Joinery"
    assert extract.faults == (RowFault("file", 0, "not UTF-8: read as Windows-1252", refused=False),)


@pytest.fixture
def usual_cells() -> Iterator[None]:
    """Python's own limit of a cell, which belongs to the whole process: reading a batch file raises it."""
    raised = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(raised)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "headings"),
        (b"a,b,c\r\n1,2,3", "headings"),
        (b"\x81\x8d\x8f", "neither UTF-8"),
        (table(QUALIFICATIONS, f'600/1234/5,"{"x" * 200_000}",RN9051'), "line 2 is not CSV"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(data, why, usual_cells):
    with pytest.raises(UnreadableRegisterFile, match=f"file: .*{why}"):
        read_extract(data, "file")


@pytest.mark.parametrize("kind", list(RegisterFile))
def test_every_kind_is_recognised_by_its_headings_alone(kind):
    builders = {
        RegisterFile.ORGANISATIONS: slices.organisations,
        RegisterFile.QUALIFICATIONS: slices.qualifications,
        RegisterFile.UNITS: slices.units,
        RegisterFile.QUALIFICATION_UNITS: slices.qualification_units,
        RegisterFile.APPROVALS: slices.approvals,
        RegisterFile.PROVIDERS: slices.providers,
    }
    assert kind_of(builders[kind](), "file") is kind


# --- Rows that are wrong ----------------------------------------------------------------------------------------------


@pytest.mark.req("QUAL-01")
@pytest.mark.parametrize(
    ("headings", "row", "reason", "refused"),
    [
        (QUALIFICATIONS, "600/12,Joinery,RN9051", "reference: too short", True),
        (QUALIFICATIONS, "6.01E+07,Joinery,RN9051", "reference: scientific notation", True),
        (QUALIFICATIONS, ",Joinery,RN9051", "reference: missing", True),
        (QUALIFICATIONS, "A/616/8832,Joinery,RN9051", "reference: not one of a qualification", True),
        (QUALIFICATIONS, "600/1234/5,Joinery", "2 values for 3 headings", True),
        (QUALIFICATIONS, "600/1234/5,Joinery,RN9051,x", "4 values for 3 headings", True),
        (QUALIFICATIONS, "600/1234/5,,RN9051", "no title", False),
        (QUALIFICATIONS, "600/1234/5,Joinery,", "no owner, so nobody can award it", False),
        (QUALIFICATIONS, "600/1234/5,Joinery,somebody", "owner: not a recognition number", False),
        (f"{QUALIFICATIONS},Certification End Date", "600/1234/5,Joinery,RN9051,31/02/2020",
         "certification end date: not a date", True),
        (f"{QUALIFICATIONS},Certification End Date", "600/1234/5,Joinery,RN9051,soon",
         "certification end date: not a date", True),
        (f"{QUALIFICATIONS},Total Credits", "600/1234/5,Joinery,RN9051,many", "credits: not a whole number", False),
        (f"{QUALIFICATIONS},Operational Start Date,Operational End Date",
         "600/1234/5,Joinery,RN9051,2020-01-01,2019-01-01", "ends before it begins, so it can never be awarded", False),
        ("Unit Key,Unique Reference Number,Title,Availability", "RN9051A/616/8832,A/616/8832,Saws,perhaps",
         "availability: neither shared nor restricted; treated as restricted", False),
        ("Unit Key,Unique Reference Number,Title", "RN9051,600/1234/5,Saws", "reference: not one of a unit", True),
        ("Qualification Number,Unit Key", "600/1234/5,A/616/8832",
         "unit key: not a recognition number and a unit reference", True),
        ("Qualification Number,Unit Key", "A/616/8832,RN9051A/616/8832", "qualification number: wrong format", True),
        ("UKPRN,Provider Name", "1000001,Somewhere", "UKPRN: not eight digits", True),
        ("Recognition Number,Name", "5113,Somebody", "recognition number: wrong format", True),
    ],
)  # fmt: skip
def test_a_wrong_row_is_reported_with_its_line_and_the_others_are_imported(headings, row, reason, refused):
    extract = read_extract(table(headings, "", row), "file")
    assert extract.faults == (RowFault("file", 3, reason, refused),)
    taken = len(extract.aims) + len(extract.providers) + len(extract.awarding_bodies) + len(extract.units)
    assert (taken, extract.refused, extract.rows) == (0 if refused else 1, int(refused), 1)


def test_the_line_of_a_row_is_where_it_begins_also_behind_cells_with_line_breaks():
    extract = read_extract(table(QUALIFICATIONS, '600/1234/5,"two\r\nlines",RN9051', "bad,Joinery,RN9051"), "file")
    assert [fault.line for fault in extract.faults] == [4]


def test_a_repeated_row_is_taken_once_and_a_contradicting_one_is_refused():
    row = "600/1234/5,Joinery,RN9051"
    extract = read_extract(table(QUALIFICATIONS, row, row, "60012345,Carpentry,RN9052"), "file")
    assert [aim.title for aim in extract.aims] == ["Joinery"]
    assert extract.faults == (RowFault("file", 4, "the reference is already in the file, with different details"),)


def test_a_unit_has_all_the_owners_that_its_rows_name():
    heads = "Unit Key,Unique Reference Number,Title,Availability"
    rows = ["RN9051A/616/8832,A/616/8832,Saws,", "RN9052A6168832,A/616/8832,Saws,Shared"]
    (unit,) = read_extract(table(heads, *rows), "file").aims
    assert unit.owners == {"RN9051", "RN9052"}
    assert unit.shared


@given(st.binary(max_size=200))
def test_no_bytes_are_too_bad_to_be_answered(data):
    try:
        extract = read_extract(data, "file")
    except UnreadableRegisterFile:
        return
    assert extract.rows >= extract.refused


@given(st.lists(st.lists(st.text(max_size=12), min_size=3, max_size=4), max_size=5))
def test_every_row_is_read_or_reported(rows):
    columns = QUALIFICATIONS.split(",")
    data = slices.published(columns, [dict(zip(columns, row, strict=False)) for row in rows])
    extract = read_extract(data, "file")
    assert len(extract.aims) + extract.refused <= extract.rows <= len(rows)
    assert extract.refused or len(extract.aims) == len({aim.reference for aim in extract.aims})


# --- Values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2010-09-01", date(2010, 9, 1)),
        ("2010-09-01T00:00:00", date(2010, 9, 1)),
        ("2010-09-01 00:00:00.000", date(2010, 9, 1)),
        ("01/09/2010", date(2010, 9, 1)),
        ("1/9/2010", date(2010, 9, 1)),
        ("01/09/2010 00:00", date(2010, 9, 1)),
        ("13/09/2010 12:00:00 AM", date(2010, 9, 13)),
        ("01-Sep-2010", date(2010, 9, 1)),
        ("1 September 2010", date(2010, 9, 1)),
        ("9999-12-31", None),
        ("31/12/2999", None),
        ("", None),
        ("NULL", None),
    ],
)
def test_dates_are_read_with_the_day_first_where_they_are_not_iso(text, day):
    assert parse_day(text) == day


@pytest.mark.parametrize("text", ["09/13/2010", "2010", "2010-02-30", "01-Foo-2010", "soon", "٢٠١٠-٠٩-٠١"])
def test_an_invalid_date_is_never_guessed(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_day(text)


@pytest.mark.parametrize(("text", "count"), [("20", 20), ("20.0", 20), ("1,200", 1200), ("", None), ("0", 0)])
def test_counts_are_read_as_spreadsheets_write_them(text, count):
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "²"])
def test_an_invalid_count_is_not_guessed(text):
    with pytest.raises(ValueError, match="whole number"):
        parse_count(text)
