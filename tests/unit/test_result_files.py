"""Output, error and rejection files."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.failures import failure
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.formats.batch.achievement_results import OUTPUT_COLUMNS, write_output
from chalicelib.formats.batch.files import BatchFile, header_failures, read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, REASONS
from chalicelib.formats.batch.result_files import REJECTION_COLUMNS, write_errors, write_rejection
from tests.builders.files import FILENAME, UKPRN, Row, csv_file, csv_text, record, records, rows, xml_file

pytestmark = pytest.mark.req("ACH-07")

MISSING = failure("ACF001", "GivenName")
LATE = failure("ACW003", "AchievementAwardDate")
FORMATS = ("csv", "xml")


def batch_of(entries: list[Row], form: str) -> BatchFile:
    data = csv_file(entries) if form == "csv" else xml_file(entries)
    batch = read_batch(data, f"{FILENAME}.{form}", ACHIEVEMENTS)
    assert not batch.failures
    return batch


def output(batch: BatchFile, results: dict[int, RecordResult]) -> list[dict[str, str]]:
    out = BytesIO()
    write_output(batch, results, ACHIEVEMENTS, out)
    if batch.format == "xml":
        return [{e.tag: e.text or "" for e in result} for result in ET.fromstring(out.getvalue())]
    return list(csv.DictReader(StringIO(out.getvalue().decode("utf-8-sig"), newline="")))


def errors(batch: BatchFile, results: dict[int, RecordResult]) -> bytes:
    out = BytesIO()
    write_errors(batch, results, ACHIEVEMENTS, "U0", out)
    return out.getvalue()


def created(number: int, *failures: object) -> RecordResult:
    return RecordResult(number, Outcome.CREATED, "VRC001", "", tuple(failures))  # type: ignore[arg-type]


def refused(number: int, *failures: object) -> RecordResult:
    return RecordResult(number, Outcome.REFUSED, "", "", tuple(failures) or (MISSING,))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMATS)
def test_every_record_has_one_line_in_the_output(form: str) -> None:
    results = {
        1: created(1, LATE),
        2: RecordResult(2, Outcome.UNCHANGED, "VRC002", "1000000027", (failure("ACL004", "ULN"),)),
        3: refused(3, MISSING, failure("ACL001", "ULN")),
    }
    found = output(batch_of(records(3), form), results)
    assert [tuple(line) for line in found] == [OUTPUT_COLUMNS] * 3
    assert [line["RecordNumber"] for line in found] == ["1", "2", "3"]
    assert [line["Outcome"] for line in found] == ["CREATED", "UNCHANGED", "REFUSED"]
    assert [line["MISIdentifier"] for line in found] == ["MIS-1", "MIS-2", "MIS-3"]
    assert [line["Late"] for line in found] == ["Y", "N", "N"]
    assert [line["ReturnCode"] for line in found] == ["VRC001", "VRC002", ""]
    assert [line["MasterULN"] for line in found] == ["", "1000000027", ""]
    assert found[2]["ErrorFamily"] == "FIELD; LEARNER"
    assert found[2]["ErrorCodes"] == "ACF001; ACL001"
    assert found[2]["FieldNames"] == "GivenName; ULN"
    assert found[2]["Messages"].startswith("GivenName is missing. Enter a value for GivenName. The ULN is not")
    assert found[0]["Messages"] == ""
    assert found[0]["Notices"].startswith("ACW003: The award date is more")


@pytest.mark.parametrize("form", FORMATS)
def test_lines_are_those_of_the_submitted_file(form: str) -> None:
    batch = batch_of([record(MISIdentifier="a\nb"), record()], form)
    found = output(batch, {1: created(1), 2: created(2)})
    assert [int(line["LineNumber"]) for line in found] == [entry.line for entry in batch.records]


def test_a_record_without_a_result_is_never_skipped() -> None:
    with pytest.raises(KeyError):
        output(batch_of(records(2), "csv"), {1: created(1)})


@pytest.mark.parametrize("form", FORMATS)
def test_the_error_file_is_sent_back_unchanged(form: str) -> None:
    batch = batch_of(records(5), form)
    results = {
        1: created(1),
        2: refused(2),
        3: created(3),
        4: RecordResult(4, Outcome.NOT_PROCESSED, "", "", (failure("LRS-FAULT-2"),)),
        5: RecordResult(5, Outcome.CANCELLED, "", "", (failure("LRS-CANCEL-1"),)),
    }
    again = read_batch(errors(batch, results), f"{FILENAME}.{form}", ACHIEVEMENTS)
    assert not again.failures
    assert [entry.values for entry in again.records] == [batch.records[n].values for n in (1, 3, 4)]
    assert again.header == batch.header | {"RecordCount": "3"}
    assert header_failures(again.header, UKPRN, "A12345", f"{FILENAME}.{form}", 3) == []


def test_reasons_come_after_the_record() -> None:
    batch = batch_of(records(2), "csv")
    text = errors(batch, {1: created(1), 2: refused(2)}).decode("utf-8-sig")
    headings, row = csv.reader(StringIO(text, newline=""))
    assert headings == [*ACHIEVEMENTS.names, *REASONS]
    assert row[-7:-2] == ["2", "3", "FIELD", "ACF001", "GivenName"]
    assert row[-2:] == ["GivenName is missing. Enter a value for GivenName.", "U0"]


def test_a_record_with_too_many_values_loses_none() -> None:
    table = rows(records(2))
    table[2] = [*table[2], "surplus"]
    batch = read_batch(csv_text(table).encode(), FILENAME + ".csv", ACHIEVEMENTS)
    results = {1: created(1), 2: refused(2, *batch.records[1].failures)}
    text = errors(batch, results).decode("utf-8-sig")
    assert text.rstrip().endswith('"surplus"')
    again = read_batch(text.encode(), FILENAME + ".csv", ACHIEVEMENTS)
    assert [reason.code for reason in again.records[0].failures] == ["ACF007"]
    assert len(output(batch, results)) == 2


def test_a_record_with_too_few_values_is_in_both_files() -> None:
    table = rows(records(2))
    table[2] = table[2][:7]
    batch = read_batch(csv_text(table).encode(), FILENAME + ".csv", ACHIEVEMENTS)
    results = {1: created(1), 2: refused(2, *batch.records[1].failures)}
    assert output(batch, results)[1]["ErrorCodes"] == "ACF007"
    assert "ACF007" in errors(batch, results).decode()


@pytest.mark.parametrize("cells", [1, 7, 8, 20])
def test_a_short_record_sent_back_unfixed_is_refused_again(cells: int) -> None:
    table = rows(records(2))
    table[2] = [*table[2][:-3], "", "", ""][:cells] if cells > 1 else ["", "x"]
    batch = read_batch(csv_text(table).encode(), FILENAME + ".csv", ACHIEVEMENTS)
    for _ in range(3):
        (short,) = [record for record in batch.records if record.failures]
        text = errors(batch, {record.number: refused(record.number, *record.failures) for record in batch.records})
        batch = read_batch(text, FILENAME + ".csv", ACHIEVEMENTS)
        (again,) = [record for record in batch.records if record.failures]
        assert [reason.code for reason in again.failures] == ["ACF007"]
        assert again.failures[0].detail == short.failures[0].detail or cells < 8
    some = text.replace(b'"#MISSING"', b'"kept"', 1)
    partly = read_batch(some, FILENAME + ".csv", ACHIEVEMENTS)
    assert sum(bool(record.failures) for record in partly.records) == (cells < 20)
    fixed = read_batch(text.replace(b"#MISSING", b""), FILENAME + ".csv", ACHIEVEMENTS)
    assert not any(record.failures for record in fixed.records)


@pytest.mark.req("SEC-03")
def test_no_cell_is_a_formula() -> None:
    entries = [record(MISIdentifier="=1+1", Grade="@x", FamilyName="-x", GivenName="+x"), record(ULN="=2")]
    batch = batch_of(entries, "csv")
    results = {1: refused(1), 2: refused(2)}
    out = BytesIO()
    write_output(batch, results, ACHIEVEMENTS, out)
    for data in (out.getvalue(), errors(batch, results)):
        cells = [cell for row in csv.reader(StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]
        assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]


@given(
    st.lists(st.lists(st.text(max_size=12), min_size=15, max_size=15), min_size=1, max_size=4), st.sampled_from(FORMATS)
)
def test_what_was_refused_comes_back_as_it_was_submitted(table: list[list[str]], form: str) -> None:
    legal = str.maketrans(dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], ""))
    entries = [
        dict(zip(record(), (cell.translate(legal).strip(" \t\r\n") for cell in cells), strict=True)) for cells in table
    ]
    for entry in entries:
        entry["ULN"] = entry["ULN"] or "x"
    batch = batch_of(entries, form) if form == "xml" else batch_of([dict(entry) for entry in entries], form)
    results = {number: refused(number) for number in range(1, len(entries) + 1)}
    again = read_batch(errors(batch, results), f"{FILENAME}.{form}", ACHIEVEMENTS)
    assert [entry.values for entry in again.records] == [entry.values for entry in batch.records]


def test_both_files_are_utf_8_with_a_mark_and_lines_of_cr_lf() -> None:
    data = errors(batch_of(records(1), "csv"), {1: refused(1)})
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 2


def test_an_error_file_is_read_correctly_where_windows_1252_is_declared() -> None:
    data = csv_text(rows([record(FamilyName="Siân")])).encode("cp1252")
    batch = read_batch(data, FILENAME + ".csv", ACHIEVEMENTS, "windows-1252")
    again = read_batch(errors(batch, {1: refused(1)}), FILENAME + ".csv", ACHIEVEMENTS, "windows-1252")
    assert again.records[0].values[2] == "Siân"


@pytest.mark.parametrize("form", FORMATS)
def test_a_rejection_lists_every_reason_with_its_place(form: str) -> None:
    reasons = [failure("ACB006", "Grade", line=1), failure("ACB005", line=7, column=12), failure("ACB014", "UKPRN")]
    data = write_rejection(reasons, "a<b>.csv", form)
    if form == "xml":
        found = [tuple(e.text or "" for e in line) for line in ET.fromstring(data)]
    else:
        first, *found = map(tuple, csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))
        assert first == REJECTION_COLUMNS
    assert [line[:5] for line in found] == [
        ("a<b>.csv", "1", "", "ACB006", "Grade"),
        ("a<b>.csv", "7", "12", "ACB005", ""),
        ("a<b>.csv", "", "", "ACB014", "UKPRN"),
    ]
    assert all(line[5] and line[6] for line in found)
