"""The type of a batch file, its header, and what is refused before its records are read."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.failures import Failure, Family, failure
from chalicelib.formats.batch.files import header_failures, read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.batch.recognition import recognise
from tests.builders.files import FILENAME, UKPRN, csv_file, header, record, records, xml_file
from tests.shared_data import ROOT

pytestmark = pytest.mark.req("ACH-06")

CSV, XML = FILENAME + ".CSV", FILENAME + ".XML"


def reasons(data: bytes, name: str = CSV, encoding: str = "") -> list[Failure]:
    return read_batch(data, name, ACHIEVEMENTS, encoding).failures


def codes(data: bytes, name: str = CSV) -> list[str]:
    return [reason.code for reason in reasons(data, name)]


def zip_file() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), "<workbook/>")
    return out.getvalue()


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b"   "])
@pytest.mark.parametrize("name", [CSV, XML])
def test_an_empty_file_is_refused(content: bytes, name: str) -> None:
    assert codes(content, name) == ["ACB001"]


@pytest.mark.parametrize("name", ["a.txt", "a", "a.csv.bak", "a.xlsx", "", ".csvx"])
def test_another_extension_is_refused_with_what_the_content_looks_like(name: str) -> None:
    assert reasons(csv_file(), name) == [failure("ACB002", found="CSV")]
    assert reasons(xml_file(), name) == [failure("ACB002", found="XML")]
    assert reasons(zip_file(), name) == [failure("ACB002", found="an Excel workbook or a ZIP file")]


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "A.Csv", "dir/a.csv"])
def test_capitals_of_the_extension_make_no_difference(name: str) -> None:
    assert not reasons(csv_file(), name)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (zip_file(), "an Excel workbook or a ZIP file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an Excel 97-2003 workbook"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF file"),
        (b"\x1f\x8b\x08" + bytes(20), "a gzip file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "a picture"),
        (b"{\\rtf1 x}", "a rich text document"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b'[{"ULN": "1"}]', "JSON"),
    ],
)
@pytest.mark.parametrize("name", [CSV, XML])
def test_other_content_is_named(content: bytes, found: str, name: str) -> None:
    assert reasons(content, name) == [
        failure("ACB003", line=1, column=1, expected=name[-3:], found=found),
    ]


def test_csv_named_xml_and_xml_named_csv_are_recognised() -> None:
    assert dict(reasons(csv_file(), XML)[0].detail) == {"expected": "XML", "found": "text that is not XML"}
    assert dict(reasons(xml_file(), CSV)[0].detail) == {"expected": "CSV", "found": "XML"}


def test_xml_behind_a_byte_order_mark_and_blank_lines_is_xml() -> None:
    assert recognise(b"\xef\xbb\xbf\r\n <AchievementBatch>").format == "xml"


def test_a_file_that_is_too_large_is_refused_without_being_read() -> None:
    data = bytes(ACHIEVEMENTS.max_bytes + 1)
    assert reasons(data) == [failure("ACB013", size=len(data), limit=ACHIEVEMENTS.max_bytes)]


def test_a_file_of_the_greatest_size_is_read() -> None:
    valid = csv_file([record(Grade="x" * 1_000_000)] * 24)
    data = valid + b"\r\n" * ((ACHIEVEMENTS.max_bytes - len(valid)) // 2)
    assert ACHIEVEMENTS.max_bytes - 2 < len(data) <= ACHIEVEMENTS.max_bytes
    assert not reasons(data)


@given(st.binary(max_size=300), st.sampled_from([CSV, XML, "a.txt"]), st.sampled_from(["", "windows-1252", "x"]))
def test_whatever_the_bytes_the_answer_is_a_list_of_reasons(data: bytes, name: str, encoding: str) -> None:
    found = reasons(data, name, encoding)
    assert found
    assert all(reason.family is Family.FILE for reason in found)


# --- The header of a file --------------------------------------------------------------------------------------


def reported(
    count: int = 3, *, reference: str = "A12345", filename: str = CSV, **changes: str
) -> list[tuple[str, str]]:
    found = header_failures(header(3, **changes), UKPRN, reference, filename, count)
    return [(reason.code, reason.field) for reason in found]


def test_a_valid_header_gets_no_reasons() -> None:
    assert reported() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"FileVersion": "2A"}, ("ACB015", "FileVersion")),
        ({"FileVersion": ""}, ("ACB016", "FileVersion")),
        ({"OrganisationRef": "B99999"}, ("ACB014", "OrganisationRef")),
        ({"OrganisationRef": "x" * 9}, ("ACB016", "OrganisationRef")),
        ({"UKPRN": "10000063"}, ("ACB014", "UKPRN")),
        ({"UKPRN": "1000005"}, ("ACB016", "UKPRN")),
        ({"UKPRN": "1.0E+07"}, ("ACB016", "UKPRN")),
        ({"UKPRN": ""}, ("ACB016", "UKPRN")),
        ({"SubmissionType": "LAST"}, ("WSEC0045", "SubmissionType")),
        ({"SubmissionType": ""}, ("WSEC0045", "SubmissionType")),
        ({"RecordCount": "4"}, ("WSRC0017", "RecordCount")),
        ({"RecordCount": "0"}, ("WSRC0017", "RecordCount")),
        ({"RecordCount": ""}, ("ACB016", "RecordCount")),
        ({"RecordCount": "three"}, ("ACB016", "RecordCount")),
        ({"RecordCount": "-3"}, ("ACB016", "RecordCount")),
        ({"RecordCount": "٣"}, ("ACB016", "RecordCount")),
        ({"FileName": "other.csv"}, ("ACW004", "FileName")),
    ],
)
def test_one_fault_of_the_header_is_reported(changes: dict[str, str], expected: tuple[str, str]) -> None:
    assert reported(**changes) == [expected]


@pytest.mark.parametrize("changes", [{"OrganisationRef": ""}, {"SubmissionType": "final"}])
def test_the_ukprn_names_the_submitter_and_capitals_are_not_required(changes: dict[str, str]) -> None:
    assert reported(**changes) == []


def test_every_fault_of_the_header_is_reported_at_once() -> None:
    changes = dict.fromkeys(("FileVersion", "OrganisationRef", "UKPRN", "SubmissionType", "RecordCount"), "9")
    assert reported(**changes) == [
        ("ACB015", "FileVersion"),
        ("ACB014", "OrganisationRef"),
        ("ACB016", "UKPRN"),
        ("WSEC0045", "SubmissionType"),
        ("WSRC0017", "RecordCount"),
    ]


@pytest.mark.parametrize("reference", ["a12345", UKPRN, ""])
def test_the_reference_may_be_in_small_letters_the_ukprn_or_unknown(reference: str) -> None:
    assert reported(OrganisationRef="A12345" if reference == "" else reference, reference=reference and "A12345") == []


@pytest.mark.parametrize("filename", ["qcf_10000055_20261122_001.csv", "inbox/" + CSV, "C:\\out\\" + CSV, XML])
def test_a_file_s_name_is_its_name_in_any_folder_case_and_format(filename: str) -> None:
    assert reported(filename=filename) == []


def test_a_file_s_name_need_not_be_given() -> None:
    assert reported(FileName="") == []


def test_values_without_a_place_in_the_file_are_left_to_the_reader() -> None:
    assert header_failures({}, UKPRN, "A12345", CSV, 3) == []


@pytest.mark.req("SEC-02")
def test_no_reason_repeats_a_value_of_the_header() -> None:
    changes = dict.fromkeys(("FileVersion", "OrganisationRef", "UKPRN", "SubmissionType", "FileName"), "Luke Skye")
    for reason in header_failures(header(3, **changes), UKPRN, "A12345", CSV, 3):
        assert "Luke" not in str(reason)


# --- Huge values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [70, 900_000, 3_000_000])
@pytest.mark.parametrize("form", ["csv", "xml"])
def test_of_a_huge_value_the_first_million_characters_are_kept(form: str, line: int) -> None:
    huge = "\n".join("x" * line for _ in range(20_000_000 // line)) + "\U0001f600"
    entries = [record(), record(Grade=huge), *records(3)]
    data = csv_file(entries) if form == "csv" else xml_file(entries)
    batch = read_batch(data, f"{FILENAME}.{form}", ACHIEVEMENTS)
    assert not batch.failures
    assert [len(entry.values[9]) for entry in batch.records] == [4, 1_000_000, 4, 4, 4]
    assert huge.startswith(batch.records[1].values[9])
    assert batch.records[2:] == [
        one._replace(number=n, line=batch.records[n - 1].line)
        for n, one in enumerate(read_batch(csv_file(records(3)), f"{FILENAME}.csv", ACHIEVEMENTS).records, 3)
    ]


@pytest.mark.parametrize("form", ["csv", "xml"])
def test_the_largest_file_with_one_huge_cell_and_an_emoji_needs_little_memory(form: str) -> None:
    command = [sys.executable, "-m", "bench.memory", "huge-cell", form]
    printed = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    # The clients of AWS need about 80 MB of the 512 MB of a function.
    assert float(printed) < 350
