"""Reading and writing CSV batch files."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.failures import LONGEST_DETAIL, Failure, failure
from chalicelib.formats.batch.csv_files import csv_bytes, guard, unguard
from chalicelib.formats.batch.files import BatchFile, BatchReader, iter_records, read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.words.messages import sentence
from tests.builders.files import FILENAME, csv_file, csv_text, record, records, rows, values

pytestmark = pytest.mark.req("ACH-06")

NAME = FILENAME + ".csv"


def read(data: bytes | str, encoding: str = "") -> BatchFile:
    return read_batch(data.encode() if isinstance(data, str) else data, NAME, ACHIEVEMENTS, encoding)


def codes(batch: BatchFile) -> list[str]:
    return [reason.code for reason in batch.failures]


def places(batch: BatchFile, code: str) -> list[tuple[int, int]]:
    return [(reason.line, reason.column) for reason in batch.failures if reason.code == code]


def detail(reason: Failure) -> dict[str, str]:
    return dict(reason.detail)


def test_a_valid_file_is_read_unchanged() -> None:
    batch = read(csv_file(records(3)))
    assert not batch.failures
    assert [entry.number for entry in batch.records] == [1, 2, 3]
    assert [entry.line for entry in batch.records] == [2, 3, 4]
    assert [entry.values for entry in batch.records] == [tuple(entry.values()) for entry in records(3)]
    assert batch.header["RecordCount"] == "3"
    assert batch.format == "csv"


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_line_ends_mark_and_quotation_make_no_difference(line_end: str, mark: bytes, quoting: int) -> None:
    data = mark + csv_text(rows(records(2)), line_end=line_end, quoting=quoting).encode()
    assert read(data) == read(csv_file(records(2)))


def test_a_file_without_a_last_line_end_is_whole() -> None:
    assert read(csv_file(records(2)).rstrip()) == read(csv_file(records(2)))


def test_blank_lines_and_rows_of_commas_are_not_records() -> None:
    data = csv_text(rows(records(2))) + "\r\n\r\n" + "," * 20 + "\r\n\r\n"
    assert len(read(data).records) == 2
    assert not read(data).failures


def test_a_line_is_a_line_of_the_file_whatever_line_breaks_values_have() -> None:
    entries = [record(Grade="Pa\r\nss"), record(Grade="Pa\n\nss"), record()]
    batch = read(csv_file(entries))
    assert [entry.line for entry in batch.records] == [2, 4, 7]
    assert batch.records[0].values == tuple(entries[0].values())


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_line_feeds_end_a_line(odd: str) -> None:
    batch = read(csv_text(rows([record(Grade=f"a{odd}b")]), quoting=csv.QUOTE_MINIMAL))
    assert batch.records[0].values[9] == f"a{odd}b"


def test_windows_1252_is_read_when_it_is_declared() -> None:
    data = csv_text(rows([record(FamilyName="Siân’s")])).encode("cp1252")
    assert read(data, "windows-1252").records[0].values[2] == "Siân’s"


def test_undeclared_windows_1252_is_refused_with_line_column_and_a_hint() -> None:
    data = csv_text(rows([record(), record(FamilyName="Siân")])).encode("cp1252")
    batch = read(data)
    column = csv_text(rows([record(), record(FamilyName="Siân")])).split("\r\n")[2].index("â") + 1
    assert places(batch, "ACB004") == [(3, column)]
    assert detail(batch.failures[0])["hint"] == "windows-1252"


def test_the_mark_of_utf_8_outweighs_the_declaration() -> None:
    data = b"\xef\xbb\xbf" + csv_text(rows([record(FamilyName="Siân")])).encode()
    assert read(data, "windows-1252").records[0].values[2] == "Siân"


def test_every_undecodable_byte_is_told_up_to_ten() -> None:
    data = csv_file([record(Grade="\u0080" * 30)]).replace("\u0080".encode(), b"\xff")
    assert len(places(read(data), "ACB004")) == 10


def test_a_byte_that_windows_1252_does_not_have_is_refused() -> None:
    assert codes(read(csv_file().replace(b"Pass", b"Pa\x81s"), "windows-1252")) == ["ACB004"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_wide_encodings_are_named(codec: str) -> None:
    (reason,) = read(csv_file().decode().encode(codec)).failures
    assert reason.code == "ACB004"
    assert detail(reason)["found"] == codec[:6].upper()


def test_an_unknown_declaration_is_refused() -> None:
    assert codes(read(csv_file(), "koi8-r")) == ["ACB004"]


def test_nul_is_refused_with_line_and_column_and_the_header_is_still_checked() -> None:
    data = csv_file(records(2)).replace(b"MIS-2", b"M\0S-2").replace(b'"ULN"', b'"UNL"')
    batch = read(data)
    assert places(batch, "ACB005") == [(3, csv_text(rows(records(2))).split("\r\n")[2].index("MIS-2") + 2)]
    assert "ACB008" in codes(batch)


def test_a_missing_heading_is_named() -> None:
    batch = read(csv_file().replace(b'"Grade",', b"", 1))
    assert [(reason.code, reason.field) for reason in batch.failures] == [("ACB006", "Grade")]


def test_a_doubled_heading_is_named_with_its_columns() -> None:
    (reason,) = read(csv_file().replace(b'"Grade",', b'"Grade","Grade",', 1)).failures
    assert (reason.code, reason.field, detail(reason)["columns"]) == ("ACB007", "Grade", "16, 17")


def test_of_a_heading_that_is_repeated_without_end_the_first_columns_are_named() -> None:
    (reason,) = read(csv_file().replace(b'"Grade",', b'"Grade",' * 60_000, 1)).failures
    assert detail(reason)["columns"] == "16, 17, 18, 19, 20, 21, 22, 23, 24, 25 and 59990 more"


def test_no_detail_of_a_reason_grows_without_end() -> None:
    reason = failure("ACB007", "Grade", columns="1, " * 60_000)
    assert len(detail(reason)["columns"]) == LONGEST_DETAIL
    assert detail(reason)["columns"].endswith("…")
    assert detail(failure("ACB007", columns="1" * LONGEST_DETAIL))["columns"] == "1" * LONGEST_DETAIL


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("UNL", "ULN"),
        ("uln", "ULN"),
        ("Uln ", "ULN"),
        ("Surname FamilyName", "FamilyName"),
        ("AchievmentAwardDate", "AchievementAwardDate"),
        ("Award Date", "AchievementAwardDate"),
        ("Date of Birth", "DateOfBirth"),
    ],
)
def test_a_misspelt_heading_is_reported_with_the_nearest_name(written: str, meant: str) -> None:
    (reason,) = read(csv_file().replace(f'"{meant}"'.encode(), f'"{written}"'.encode(), 1)).failures
    assert (reason.code, reason.field, detail(reason)["heading"]) == ("ACB008", meant, written.strip())


def test_an_unknown_column_is_reported_by_number_and_not_repeated() -> None:
    (reason,) = read(csv_file().replace(b'"Grade",', b'"Zzyzx","Grade",', 1)).failures
    assert (reason.code, reason.field) == ("ACB008", "")
    assert detail(reason) == {"number": "16"}


def test_moved_columns_are_named_and_only_those() -> None:
    names = list(ACHIEVEMENTS.names)
    names.insert(9, names.pop(7))
    batch = read(csv_text([names, *rows(records(2))[1:]]))
    assert [(reason.code, reason.field) for reason in batch.failures] == [("ACB009", "ULN")]
    assert detail(batch.failures[0]) == {"number": "10", "expected": "8"}


def test_every_fault_of_the_headings_is_reported_at_once() -> None:
    names = ["FileName", "FileVersion", *ACHIEVEMENTS.names[2:]]
    names.remove("Grade")
    names[7] = "UNL"
    names.append("Action")
    batch = read(csv_text([names, *rows(records(1))[1:]]))
    assert {(reason.code, reason.field) for reason in batch.failures} >= {
        ("ACB006", "Grade"),
        ("ACB007", "Action"),
        ("ACB008", "ULN"),
    }
    assert "ACB009" in codes(batch)


@pytest.mark.req("SEC-02")
def test_missing_headings_are_reported_and_nothing_of_the_first_row_is_repeated() -> None:
    (reason,) = read(csv_text(rows(records(2))[1:])).failures
    assert (reason.code, reason.field, reason.line, reason.detail) == ("ACB006", "", 1, ())


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_separator_is_named(mark: str) -> None:
    (reason,) = read(csv_file().replace(b",", mark.encode())).failures
    assert (reason.code, detail(reason)["reason"]) == ("ACB010", "separator")


def test_headings_of_an_error_file_are_ignored_in_any_position() -> None:
    table = rows(records(2))
    names = ACHIEVEMENTS.ignored
    reported = [[*row, *(names if row is table[0] else ["x"] * len(names))] for row in table]
    moved = [[row[-1], *row[:-1]] for row in reported]
    expected = read(csv_text(table))
    assert read(csv_text(reported)) == expected
    assert read(csv_text(moved))._replace(places=expected.places, reading=expected.reading) == expected


def test_a_row_typed_below_an_error_file_needs_no_reasons() -> None:
    table = rows(records(2))
    table[0] += ACHIEVEMENTS.ignored
    assert read(csv_text(table)) == read(csv_text(rows(records(2))))


def test_short_and_long_rows_are_faulty_alone() -> None:
    table = rows(records(4))
    table[2] = table[2][:-1]
    table[3] = [*table[3], "surplus"]
    batch = read(csv_text(table))
    assert not batch.failures
    assert [entry.failures for entry in batch.records] == [
        (),
        (failure("ACF007", line=3, expected=21, found=20),),
        (failure("ACF007", line=4, expected=21, found=22),),
        (),
    ]
    assert batch.records[2].values[-1] == "surplus"


def test_a_row_of_two_cells_is_one_faulty_record() -> None:
    batch = read(csv_text([*rows(records(1)), ["", "x"]]))
    assert [reason.code for reason in batch.records[1].failures] == ["ACF007"]
    assert len(batch.records[1].values) >= 2


def test_empty_columns_after_the_others_are_not_a_fault_until_they_have_a_value() -> None:
    table = [[*row, "", ""] for row in rows(records(3))]
    assert read(csv_text(table)) == read(csv_text(rows(records(3))))
    table[2][-1] = "stray"
    assert [[reason.code for reason in entry.failures] for entry in read(csv_text(table)).records] == [
        [],
        ["ACF007"],
        [],
    ]


def test_empty_cells_after_the_last_column_are_accepted_in_any_row() -> None:
    table = rows(records(3))
    table[2] += [""] * 40
    assert read(csv_text(table)).records == read(csv_text(rows(records(3)))).records
    table[2] += ["stray"]
    (entry,) = [entry for entry in read(csv_text(table)).records if entry.failures]
    assert (entry.failures[0].code, entry.values[-1]) == ("ACF007", "stray")


def test_a_row_that_a_spreadsheet_cut_short_is_named_as_such() -> None:
    table = rows(records(2))
    table[2] = table[2][:-2]
    (short,) = read(csv_text(table)).records[1].failures
    assert sentence(short) == (
        "The record ends after 19 of 21 values. A spreadsheet may have left out empty cells at its end."
    )
    table[2] = [*table[2], "", "", "x"]
    (long,) = read(csv_text(table)).records[1].failures
    assert sentence(long) == "The record has 22 values, but the layout has 21."


@pytest.mark.parametrize("size", [300, 20_000, 200_000])
@pytest.mark.parametrize("name", [f"{FILENAME}.csv", f"{FILENAME}.xml"])
def test_a_binary_file_is_named_with_one_reason(name: str, size: int) -> None:
    data = Random(size).randbytes(size)
    batch = read_batch(data, name, ACHIEVEMENTS)
    assert [reason.code for reason in batch.failures] == ["ACB003"]
    assert "not text but a binary file" in sentence(batch.failures[0])


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    table = rows([record(MISIdentifier="a\r\nb"), *records(4)])
    lines = csv_text(table).split('"\r\n"')
    assert len(lines) == 6
    text = '"\r\n\r\n,,,\r\n"'.join(lines[:3]) + '"\r\n"' + '"\r\n"'.join(lines[3:])
    reader = BatchReader(BytesIO(b"\r\n" + text.encode()), NAME, ACHIEVEMENTS)
    assert [reader.reading.row_of(entry.number) for entry in reader] == [5, 8, 9, 10, 11]
    assert reader.reading.heading_row == 2
    assert reader.reading.places["UKPRN"] == (5, 4)


def test_header_values_may_be_repeated_but_not_changed() -> None:
    table = rows(records(3))
    table[2][:6] = table[1][:6]
    assert not read(csv_text(table)).failures
    table[3][3] = "10000063"
    table[3][4] = "provisional"
    batch = read(csv_text(table))
    assert [(reason.code, reason.field, reason.line) for reason in batch.failures] == [
        ("ACB017", "UKPRN", 4),
        ("ACB017", "SubmissionType", 4),
    ]


def test_codes_of_the_header_are_read_in_any_spelling() -> None:
    batch = read(csv_file(SubmissionType=" provisional", FileVersion="1a"))
    assert (batch.header["SubmissionType"], batch.header["FileVersion"]) == ("PROVISIONAL", "1A")


def test_a_quotation_mark_that_is_not_closed_in_its_record_refuses_the_file() -> None:
    batch = read(csv_file(records(4)).replace(b'"MIS-3"', b'"MIS-3'))
    assert "ACB010" in codes(batch)
    assert "RecordCount" not in batch.header, "the records cannot be counted"


def test_an_unclosed_last_value_is_an_unclosed_quotation_mark() -> None:
    data = csv_text(rows(records(2))).rstrip().removesuffix('"')
    (reason,) = read(data).failures
    assert (reason.code, reason.line, detail(reason)["reason"]) == ("ACB010", 3, "unclosed quotation mark")


def test_text_behind_a_closing_quotation_mark_is_found_on_its_line() -> None:
    data = csv_file(records(3)).replace(b'"MIS-2"', b'"MIS"-2"')
    (reason,) = read(data).failures
    assert (reason.code, reason.line, detail(reason)["reason"]) == ("ACB010", 3, "quotation mark")


def test_single_carriage_returns_are_named() -> None:
    (reason,) = read(csv_text(rows(records(2)), line_end="\r", quoting=csv.QUOTE_MINIMAL)).failures
    assert (reason.code, detail(reason)["reason"]) == ("ACB010", "carriage return")


def test_a_cell_of_a_megabyte_affects_one_record_only() -> None:
    entries = [record(), record(Grade="x" * 1_000_000), record()]
    batch = read(csv_file(entries))
    assert not batch.failures
    assert [len(entry.values[9]) for entry in batch.records] == [4, 1_000_000, 4]


@pytest.mark.parametrize("headings", [True, False])
def test_a_file_without_records_is_refused(headings: bool) -> None:
    data = csv_text(rows([])) if headings else "\r\n,,,\r\n"
    assert "WSEC0047" in codes(read(data))


def test_ten_thousand_records_are_taken_and_one_more_refused_with_the_count() -> None:
    assert not read(csv_file(records(10_000))).failures
    batch = read(csv_file(records(10_001)))
    assert batch.failures == [failure("WSEC0046", limit=10_000, found=10_001)]
    assert len(batch.records) == 10_001
    assert batch.records[-1].values == ()


def test_a_stream_gives_what_the_whole_file_gives() -> None:
    data = csv_file(records(1_000))
    reader = iter_records(BytesIO(data), NAME, ACHIEVEMENTS)
    assert list(reader) == read(data).records
    assert reader.reading.header == read(data).header


# --- Formula cells ---------------------------------------------------------------------------------------------------

CELLS = st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\"\r\n, ab"), st.characters(codec="utf-8"))).filter(
    lambda text: "\0" not in text
)


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\tx", "'=1", "''=1", "\uff1dx"])
def test_values_that_a_spreadsheet_would_run_as_a_formula_are_guarded(value: str) -> None:
    assert guard(value) == "'" + value
    assert unguard(guard(value)) == value


@pytest.mark.parametrize("value", ["", "'t Hooft", "O'Neill", "a=b", "''", "'"])
def test_other_values_are_left_alone(value: str) -> None:
    assert guard(value) == value
    assert unguard(value) == value


@given(CELLS)
def test_guarding_can_be_undone_exactly(value: str) -> None:
    assert unguard(guard(value)) == value


@given(st.lists(CELLS, min_size=15, max_size=15))
def test_a_record_written_is_read_as_it_was(cells: list[str]) -> None:
    cells[1] = cells[1] or "x"
    (first, (second, *_)) = rows([record()])[:1], rows([record()])[1:]
    table = [*first, [*second[:6], *map(guard, cells)]]
    batch = read(csv_bytes(table))
    assert not batch.failures
    assert batch.records[0].values == tuple(cells)


# --- Anything --------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=2_000))
def test_no_bytes_raise(data: bytes) -> None:
    batch = read(data)
    assert batch.failures


@given(st.data())
def test_a_damaged_file_never_raises(data: st.DataObject) -> None:
    valid = bytearray(csv_file(records(3)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(valid) - 1))
        valid[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    batch = read(bytes(valid))
    for entry in batch.records:
        assert len(entry.values) != 1


@given(st.lists(st.lists(st.sampled_from(["", "x", "ULN", "Grade", *ACHIEVEMENTS.names]), max_size=25), max_size=6))
def test_no_table_raises(table: list[list[str]]) -> None:
    out = StringIO(newline="")
    csv.writer(out).writerows(table)
    read(out.getvalue())


def test_values_of_a_record_are_in_the_layout_s_order() -> None:
    assert read(csv_file()).records[0].values == values()


def test_every_csv_of_the_service_is_written_by_the_module_that_guards_it() -> None:
    modules = [path for path in Path("chalicelib").rglob("*.py") if "csv.writer(" in path.read_text("utf-8")]
    assert [path.name for path in modules] == ["csv_files.py"]
