"""Layouts, and what is generated from them: templates, examples, schema, description."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from chalicelib.domain.achievement_records import parse_record
from chalicelib.domain.failures import FAMILIES, Family
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.values import PATTERNS
from chalicelib.formats.batch.checks import Expectations, check_file
from chalicelib.formats.batch.files import header_failures, read_batch
from chalicelib.formats.batch.format_pages import description
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, REASONS
from chalicelib.formats.batch.schemas import xml_schema
from chalicelib.formats.batch.templates import DESCRIBED, csv_example, csv_template, files, main, xml_example
from tests.builders.files import VALID
from tests.builders.schemas import schema_accepts
from tests.shared_data import ROOT

pytestmark = pytest.mark.req("ACH-06", "VAL-01")

SCHEMA = "{http://www.w3.org/2001/XMLSchema}"


def test_the_columns_of_the_achievement_file() -> None:
    assert ACHIEVEMENTS.names == (
        *("FileVersion", "FileName", "OrganisationRef", "UKPRN", "SubmissionType", "RecordCount"),
        *("MISIdentifier", "ULN", "FamilyName", "GivenName", "DateOfBirth", "Gender", "LearnerPostcode"),
        *("UnitOrQualificationReferenceNumber", "AchievementAwardDate", "Grade", "LanguageForAssessment"),
        *("ProviderUKPRN", "Action", "ActionDate", "ActionReason"),
    )
    assert (ACHIEVEMENTS.max_records, ACHIEVEMENTS.max_bytes, ACHIEVEMENTS.version) == (10_000, 25_000_000, "1A")
    assert ACHIEVEMENTS.ignored == REASONS
    assert not set(REASONS) & set(ACHIEVEMENTS.names)


@pytest.mark.parametrize("field", ACHIEVEMENTS.columns, ids=lambda field: field.column)
def test_a_field_is_described_completely(field: Field) -> None:
    assert field.description.endswith(".")
    assert len(field.example) <= field.limit
    assert bool(field.codes) == (field.kind is Kind.CODE)
    for code in field.codes.codes if field.codes else ():
        assert all(len(text) <= field.limit for text in (code.value, *code.spellings))


def test_an_empty_template_becomes_a_file_by_typing_below_it() -> None:
    assert [reason.code for reason in read_batch(csv_template(ACHIEVEMENTS), "a.csv", ACHIEVEMENTS).failures] == [
        "WSEC0047"
    ]


@pytest.mark.parametrize(("data", "name"), [(csv_example(ACHIEVEMENTS), "CSV"), (xml_example(ACHIEVEMENTS), "XML")])
def test_the_examples_are_valid(data: bytes, name: str) -> None:
    header = {field.column: field.example for field in ACHIEVEMENTS.header}
    filename = f"achievements-example.{name.lower()}"
    report = check_file(data, Expectations(date(2026, 11, 22), header["UKPRN"], header["OrganisationRef"]), filename)
    assert report.valid
    # Notices: awards of some time ago, and two records about one achievement.
    assert {reason.code for record in report.records for reason in record.failures} <= {"ACW003", "ACW005"}
    assert not report.failures


def test_both_examples_mean_the_same() -> None:
    csv, xml = (
        read_batch(make(ACHIEVEMENTS), f"a.{form}", ACHIEVEMENTS)
        for make, form in ((csv_example, "csv"), (xml_example, "xml"))
    )
    assert [record.values for record in csv.records] == [record.values for record in xml.records]
    assert csv.header == xml.header
    assert not header_failures(csv.header, "", "", csv.header["FileName"], len(csv.records))


def elements() -> dict[str, ET.Element]:
    return {
        element.attrib["name"]: element for element in ET.fromstring(xml_schema(ACHIEVEMENTS)).iter(f"{SCHEMA}element")
    }


def test_the_schema_has_every_element_and_no_other() -> None:
    assert set(elements()) == {*ACHIEVEMENTS.names, *ACHIEVEMENTS.ignored, "AchievementBatch", "Achievement"}
    assert elements()["Achievement"].attrib["maxOccurs"] == "10000"


@pytest.mark.parametrize("field", ACHIEVEMENTS.columns, ids=lambda field: field.column)
def test_the_schema_of_a_field_is_that_of_the_layout(field: Field) -> None:
    element = elements()[field.column]
    assert element.attrib.get("minOccurs", "1") == ("1" if field.always else "0")
    if field.codes is not None:
        unions = [union.attrib["memberTypes"].split() for union in element.iter(f"{SCHEMA}union")]
        assert [element.attrib.get("type")] == [field.codes.name] or unions == [[field.codes.name, "Empty"]]
    assert schema_accepts(ACHIEVEMENTS, field.column, field.example)
    assert schema_accepts(ACHIEVEMENTS, field.column, "") == (not field.always)


def test_the_schema_has_each_list_as_its_own_type() -> None:
    types = {
        one.attrib["name"]: [facet.attrib["value"] for facet in one.iter(f"{SCHEMA}enumeration")]
        for one in ET.fromstring(xml_schema(ACHIEVEMENTS)).findall(f"{SCHEMA}simpleType")
    }
    assert types.pop("Empty") == []
    assert types == {field.codes.name: list(field.codes.values) for field in ACHIEVEMENTS.columns if field.codes}
    assert types["SubmissionType"] == ["FINAL", "PROVISIONAL"]


@pytest.mark.parametrize(
    ("kind", "field", "texts"),
    [
        (Kind.ULN, "ULN", ["1000000019", "0000000042", "100000001", "1000000019 ", "x"]),
        (Kind.UKPRN, "ProviderUKPRN", ["10000020", "1000002", "00000020", "1.0E+07"]),
        (Kind.DATE, "AchievementAwardDate", ["2026-11-02", "2026-13-02", "02/11/2026", "20261102", "2026-1-2"]),
        (Kind.POSTCODE, "LearnerPostcode", ["AB1 2DE", "AB12DE", "BFPO 12", "AB1 2CD", "AB1", "EC1A 1BB"]),
        (Kind.NAME, "FamilyName", ["O'Neill", "-", "Skye2", "Zoë", "St. John-Smith"]),
        (
            Kind.AIM_REFERENCE,
            "UnitOrQualificationReferenceNumber",
            ["600/0055/7", "60000557", "L/616/8832", "C00/4967/0", "ZPROG001", "6/55/7", "2003/05/07"],
        ),
    ],
)
def test_the_reader_reads_whatever_the_schema_accepts(kind: Kind, field: str, texts: list[str]) -> None:
    for text in texts:
        if re.fullmatch(PATTERNS[kind], text):
            parsed = parse_record(tuple((VALID | {field: text}).values()))
            assert not hasattr(parsed, "failures"), text
        else:
            assert text != texts[0]


def test_the_description_names_every_field_code_and_list() -> None:
    page = description(DESCRIBED)
    for field in ACHIEVEMENTS.columns:
        assert f"`{field.column}`" in page
        for code in field.codes.codes if field.codes else ():
            assert f"`{code.value}`" in page
    for code, family in FAMILIES.items():
        assert (f"| {code} |" in page) == (family is not Family.REQUEST)
    assert "{" not in page


def test_the_documents_are_up_to_date() -> None:
    stale = [name for name, content in files().items() if (ROOT / "docs" / name).read_bytes() != content]
    assert not stale, "run: python -m chalicelib.formats.batch.templates docs"


def test_documents_are_written_to_the_given_folder(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    assert (tmp_path / "file-formats.md").read_text("utf-8") == description(DESCRIBED)
