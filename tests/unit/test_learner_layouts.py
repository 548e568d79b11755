"""Layouts of learner and verification files: columns, files of both formats, templates, validator."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.failures import failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.results import Outcome, RecordResult, count, counter_of
from chalicelib.formats.batch.checks import Expectations, check_file
from chalicelib.formats.batch.files import header_failures, read_batch
from chalicelib.formats.batch.layout_choice import LAYOUTS, layout_of
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, LEARNERS_2A, VERIFICATIONS
from chalicelib.formats.batch.schemas import xml_schema
from chalicelib.formats.batch.templates import csv_example, csv_template, xml_example
from chalicelib.formats.batch.work_files import UnreadableWork, read_results, write_results
from chalicelib.validator.__main__ import main
from tests.builders import files as achievement_files
from tests.builders.learner_files import csv_file, row, xml_file
from tests.builders.schemas import schema_accepts
from tests.shared_data import ROOT

pytestmark = pytest.mark.req("ULN-06", "VLD-03", "VAL-01")

TODAY = date(2026, 3, 2)
DESCRIBED = [LEARNERS, VERIFICATIONS]
EVERY = [LEARNERS, LEARNERS_2A, VERIFICATIONS]


def name(layout: Layout) -> str:
    return f"{layout.name}-{layout.version}"


def test_the_columns_of_the_registration_file() -> None:
    assert LEARNERS.names == (
        *("FileVersion", "FileName", "UKPRN", "LearnerRecordCount", "JobType", "ULN", "MISIdentifier", "Title"),
        *("GivenName", "PreferredGivenName", "MiddleNames", "FamilyName", "PreviousFamilyName", "FamilyNameAt16"),
        *("SchoolAtAge16", "LastKnownAddressLine1", "LastKnownAddressLine2", "LastKnownAddressTown"),
        *("LastKnownAddressCountyorCity", "LastKnownPostCode", "DateOfAddressCapture", "DateOfBirth", "PlaceOfBirth"),
        *("EmailAddress", "Gender", "Nationality", "ScottishCandidateNumber", "UCI", "UPN", "PrivacyNoticeSeen"),
        *("VerificationType", "OtherVerificationDescription", "Notes"),
    )
    assert (LEARNERS.max_records, LEARNERS.version) == (200, "3A")


def test_the_version_before_has_neither_uci_nor_upn_and_two_other_names() -> None:
    assert set(LEARNERS.names) - set(LEARNERS_2A.names) == {"UCI", "UPN", "MiddleNames", "PrivacyNoticeSeen"}
    assert set(LEARNERS_2A.names) - set(LEARNERS.names) == {"MiddleOtherName", "AbilityToShare"}


def test_the_columns_of_the_verification_file() -> None:
    assert VERIFICATIONS.names == (
        *("FileVersion", "FileName", "UKPRN", "LearnerRecordCount", "OrgEmail", "MISIdentifier", "ULN"),
        *("FamilyName", "GivenName", "DateOfBirth", "Gender"),
    )
    assert (VERIFICATIONS.max_records, VERIFICATIONS.version) == (200, "1A")


@pytest.mark.parametrize("field", [*LEARNERS.columns, *VERIFICATIONS.columns], ids=lambda field: field.column)
def test_a_field_is_described_completely(field: Field) -> None:
    assert field.description.endswith(".")
    assert len(field.example) <= field.limit
    assert bool(field.codes) == (field.kind is Kind.CODE)
    assert not field.codes or all(len(value) <= field.limit for value in field.codes.values)


@pytest.mark.parametrize("layout", EVERY, ids=name)
@pytest.mark.parametrize("make", [csv_file, xml_file])
def test_a_file_is_read_as_it_was_written_and_recognised_by_its_names(layout, make) -> None:
    rows = [row(layout), row(layout, MISIdentifier="=1", FamilyName="O'Neill & Co")]
    data = make(rows, layout)
    batch = read_batch(data, f"a.{'csv' if make is csv_file else 'xml'}", layout)
    assert layout_of(data) is layout
    assert (batch.failures, len(batch.records)) == ([], 2)
    assert batch.records[1].values == tuple(rows[1].values())
    assert header_failures(batch.header, "90000101", "", batch.header["FileName"], 2, layout) == []


def test_an_achievement_file_is_still_one() -> None:
    assert layout_of(achievement_files.csv_file()) is layout_of(achievement_files.xml_file()) is ACHIEVEMENTS


@pytest.mark.parametrize("layout", LAYOUTS, ids=name)
@given(data=st.data())
def test_a_file_with_a_few_headings_missing_is_still_recognised(layout: Layout, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(layout.names), max_size=2))
    headings = ",".join(one for one in layout.names if one not in gone)
    assert layout_of(headings.encode()).name == layout.name


@pytest.mark.parametrize("layout", LAYOUTS, ids=name)
@given(data=st.data())
def test_a_file_with_a_third_of_its_headings_misspelt_is_still_recognised(layout: Layout, data: st.DataObject) -> None:
    wrong = data.draw(st.sets(st.sampled_from(layout.names), max_size=len(layout.names) // 3))
    headings = ",".join(f"{one}Of" if one in wrong else one for one in layout.names)
    assert layout_of(headings.encode()).name == layout.name


@pytest.mark.parametrize("layout", LAYOUTS, ids=name)
def test_a_file_is_recognised_by_the_first_half_of_its_headings(layout: Layout) -> None:
    headings = ",".join(layout.names[: len(layout.names) // 2])
    assert layout_of(headings.encode()).name == layout.name


@pytest.mark.parametrize("blank", [b"\r\n", b",,,,,,,,\r\n", b'"","",""\r\n\r\n"",""\r\n'])
@pytest.mark.parametrize("layout", LAYOUTS, ids=name)
def test_a_file_is_recognised_below_blank_rows(layout: Layout, blank: bytes) -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        assert layout_of(mark + blank + ",".join(f'"{one}"' for one in layout.names).encode()) is layout


@pytest.mark.parametrize("layout", LAYOUTS, ids=name)
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_file_is_recognised_by_headings_of_several_lines(layout: Layout, separator: str) -> None:
    first, *others = layout.names
    headings = separator.join([f'"{first}\r\n""as sent"""', "A note", *others])
    assert layout_of(f"{headings}\n1\n".encode()) is layout
    assert layout_of(f'"\r\n{first}"{separator}{separator.join(others)}\n1\n'.encode()) is layout


@given(st.binary(max_size=300))
def test_any_bytes_have_some_layout(data: bytes) -> None:
    assert layout_of(data) in LAYOUTS


@pytest.mark.parametrize("absent", ["JobType"])
def test_an_optional_column_is_not_reported_missing(absent: str) -> None:
    table = [line.split(",") for line in csv_file([row(), row()]).decode().splitlines()]
    place = LEARNERS.names.index(absent)
    data = "\n".join(",".join(cells[:place] + cells[place + 1 :]) for cells in table).encode()
    batch = read_batch(data, "a.csv", LEARNERS)
    assert (batch.failures, absent in batch.header) == ([], False)
    assert batch.records[1].values == tuple(row().values())
    short = data + b'\n"","","","","1000000019","MIS-3"'
    record = read_batch(short, "a.csv", LEARNERS).records[2]
    assert (record.values[:2], [why.code for why in record.failures]) == (("1000000019", "MIS-3"), ["ACF007"])


NAMES_ONLY = {"ULN": "1000000019", "GivenName": "Bronwen", "FamilyName": "Ashcombe"}


@pytest.mark.parametrize("spelt", [str, str.lower])
@pytest.mark.parametrize(
    "aside", ["", f"<!-- <FileVersion>9A</FileVersion> {'said aside ' * 4_000}-->"], ids=["", "aside"]
)
@pytest.mark.parametrize("changes", [NAMES_ONLY, NAMES_ONLY | {"EmailAddress": "b@example.org"}])
@pytest.mark.parametrize("job_type", ["", "FUL", "CHK"])
@pytest.mark.parametrize("layout", [LEARNERS, LEARNERS_2A], ids=name)
def test_the_stated_version_decides_where_no_element_differs(layout, job_type, changes, aside, spelt) -> None:
    header = {"FileVersion": spelt(layout.version), "JobType": job_type}
    data = xml_file([dict.fromkeys(layout.record_names, "") | changes], layout, **header)
    data = data.replace(b"<LearnerBatch>", aside.encode() + b"<LearnerBatch>")
    report = check_file(data, Expectations(TODAY), "LRB_90000101_020320260915.XML")
    assert layout_of(data) is layout_of(data, (LEARNERS, LEARNERS_2A)) is layout
    assert (report.layout, report.valid, report.failures) == (layout, True, [])


@pytest.mark.parametrize("form", ["csv", "xml"])
@pytest.mark.parametrize("layout", [ACHIEVEMENTS, *DESCRIBED], ids=name)
def test_every_published_example_has_the_layout_of_its_name(layout: Layout, form: str) -> None:
    report = check_file(ROOT / f"docs/templates/{layout.name}-example.{form}", Expectations(date(2026, 11, 22)))
    assert (report.layout, report.valid) == (layout, True)


@pytest.mark.parametrize("layout", DESCRIBED, ids=name)
def test_the_examples_are_valid_and_mean_the_same(layout: Layout) -> None:
    header = {field.column: field.example for field in layout.header}
    for make, form in ((csv_example, "CSV"), (xml_example, "XML")):
        report = check_file(make(layout), Expectations(TODAY, header["UKPRN"]), f"{layout.name}-example.{form}")
        assert report.layout is layout
        assert (report.valid, report.records, report.failures) == (True, [], [])
    csv, xml = read_batch(csv_example(layout), "a.csv", layout), read_batch(xml_example(layout), "a.xml", layout)
    assert [one.values for one in csv.records] == [one.values for one in xml.records]
    assert [why.code for why in read_batch(csv_template(layout), "a.csv", layout).failures] == ["WSEC0047"]


@pytest.mark.parametrize("layout", DESCRIBED, ids=name)
def test_the_schema_has_every_element_with_its_form(layout: Layout) -> None:
    xs = "{http://www.w3.org/2001/XMLSchema}"
    elements = {one.attrib["name"]: one for one in ET.fromstring(xml_schema(layout)).iter(f"{xs}element")}
    assert set(elements) == {*layout.names, *layout.ignored, layout.root, layout.element}
    for field in layout.columns:
        assert not field.example or schema_accepts(layout, field.column, field.example), field.column


class TestValidator:
    def test_it_reports_the_faults_of_a_learner_file_with_its_own_columns(self, tmp_path: Path) -> None:
        rows = [
            row(LEARNERS_2A, AbilityToShare="2"),
            row(LEARNERS_2A, ULN="1000000019"),
            row(LEARNERS_2A, ULN="1000000019"),
        ]
        report = check_file(csv_file(rows, LEARNERS_2A), Expectations(TODAY), "LRB_90000101_020320260915.CSV")
        assert [(one.number, [(why.code, why.field) for why in one.failures]) for one in report.records] == [
            (1, [("ACF005", "AbilityToShare")]),
            (3, [("LRS-LRB-8", "ULN")]),
        ]

    def test_details_that_a_check_does_not_need_are_not_required(self) -> None:
        data = csv_file([row(VerificationType="")], JobType="CHK")
        assert check_file(data, Expectations(TODAY), "LRB_90000101_020320260915.CSV").valid
        assert not check_file(csv_file([row(VerificationType="")]), Expectations(TODAY), "a.csv").valid

    def test_a_layout_may_be_named(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "VLD_90000101_020320260915.CSV"
        path.write_bytes(csv_file([row(VERIFICATIONS, FamilyName="")], VERIFICATIONS))
        assert main([str(path), "--as-of", "2026-03-02"]) == 1
        assert "FamilyName is missing" in capsys.readouterr().out
        assert main([str(path), "--layout", "verifications", "--quiet"]) == 1
        assert main([str(path), "--layout", "learners-2A", "--quiet"]) == 1
        with pytest.raises(SystemExit):
            main([str(path), "--layout", "plans"])


RESULTS = st.builds(
    RecordResult,
    st.integers(1, 10_000),
    st.sampled_from(Outcome),
    st.sampled_from(["", "RC001", "VRC003"]),
    st.sampled_from(["", "1000000027"]),
    st.lists(st.sampled_from([failure("ACF001", "ULN"), failure("ACL004", "ULN")]), max_size=2).map(tuple),
    st.lists(st.text(max_size=20), max_size=5).map(tuple),
    st.lists(st.sampled_from(["ULN_NOT_FOUND", "GENDER_MISMATCH"]), max_size=2).map(tuple),
)


@given(st.lists(RESULTS, max_size=20))
def test_results_are_read_as_they_were_written_and_each_is_counted_once(results: list[RecordResult]) -> None:
    assert read_results(write_results(results)) == results
    assert len(results) == sum(getattr(count(results), name) for name in {counter_of(outcome) for outcome in Outcome})


def test_results_of_another_release_are_not_guessed_at() -> None:
    with pytest.raises(UnreadableWork):
        read_results(b'{"schema":99,"rows":[]}')
