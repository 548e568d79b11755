"""The reference slices of the regulators' registers, in the format of the files that the regulators publish."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from io import StringIO

from tests.shared_data import shared_data

Rows = list[dict[str, str]]


def slice_rows(name: str) -> Rows:
    """The rows of one slice; skips the test if there is none."""
    with (shared_data() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def headings(name: str) -> list[str]:
    """The columns of one published file, in its order."""
    return [row["field"] for row in slice_rows("ofqual-register-extract-spec.csv") if row["file"] == name]


def published(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Rows under all columns of the published file, as the regulator writes it: UTF-8 with byte order mark."""
    out = StringIO(newline="")
    writer = csv.DictWriter(out, list(columns), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def organisations() -> bytes:
    """Organisations.csv of every body of the register."""
    renamed = {
        "Recognition Number": "recognition_number",
        "Name": "name",
        "Legal Name": "legal_name",
        "Acronym": "acronym",
        "Status": "ofqual_status",
    }
    return published(headings("Organisations.csv"), _renamed(slice_rows("ofqual-organisations.csv"), renamed))


_QUALIFICATION = {
    "Qualification Number": "qualification_number",
    "Qualification Title": "title",
    "Owner Organisation Recognition Number": "ao_recognition_number",
    "Owner Organisation Name": "ao_name",
    "Qualification Level": "level",
    "Qualification Type": "type",
    "Qualification SSA": "ssa",
}


def qualifications(day: Callable[[str], str] = str) -> bytes:
    """Qualifications.csv of the slice without dates; ``day`` writes a date."""
    rows = _renamed(slice_rows("ofqual-qualifications.csv"), _QUALIFICATION)
    return published(headings("Qualifications.csv"), [row | {"Regulation Start Date": day("")} for row in rows])


def dated_qualifications(day: Callable[[str], str] = str) -> bytes:
    """Qualifications.csv of the slice with dates, grading and credits; ``day`` writes an ISO date."""
    renamed = _QUALIFICATION | {
        "Qualification Sub Level": "sub_level",
        "Total Credits": "total_credits",
        "Qualification Status": "status",
        "Regulation Start Date": "regulation_start",
        "Operational Start Date": "operational_start",
        "Operational End Date": "operational_end",
        "Certification End Date": "certification_end",
        "Total Qualification Time": "tqt",
        "Guided Learning Hours": "glh",
        "Overall Grading Type": "grading_type",
        "Grading Scale": "grading_scale",
        "Assessment Methods": "assessment_methods",
    }
    rows = _renamed(slice_rows("ofqual-qualifications-dated.csv"), renamed)
    dated = [
        {name: day(value) if name.endswith("Date") and value else value for name, value in row.items()} for row in rows
    ]
    return published(headings("Qualifications.csv"), dated)


def units(shared: frozenset[str] = frozenset()) -> bytes:
    """Units.csv; if ``shared`` names references, a column marks them."""
    renamed = {
        "Unit Key": "unit_key",
        "Owner Organisation Recognition Number": "owner_recognition_number",
        "Unique Reference Number": "unit_reference",
        "Title": "title",
        "Unit Level": "level",
        "Guided Learning Hours": "glh",
        "Unit Credit Value": "credits",
    }
    columns = headings("Units.csv")
    rows = _renamed(slice_rows("units-sample.csv"), renamed)
    if shared:
        columns.append("Availability")
        rows = [
            row | {"Availability": "Shared" if row["Unique Reference Number"] in shared else "Restricted"}
            for row in rows
        ]
    return published(columns, rows)


def qualification_units() -> bytes:
    """QualificationUnits.csv."""
    renamed = {"Qualification Number": "qualification_number", "Unit Key": "unit_key"}
    rows = _renamed(slice_rows("qualification-units-sample.csv"), renamed)
    return published(headings("QualificationUnits.csv"), rows)


def approvals() -> bytes:
    """The approvals of Qualifications Wales, with the owner's name but not its number."""
    renamed = {
        "Approval/Designation Number": "approval_number",
        "Title": "title",
        "Awarding Body": "ao_name",
        "First Teaching": "teaching_from",
        "Grade Range": "grade_range",
    }
    return published(renamed, _renamed(slice_rows("qiw-wjec-approved.csv"), renamed))


def providers() -> bytes:
    """The register of learning providers."""
    return published(
        ["UKPRN", "Provider Name", "Provider Status"],
        _renamed(slice_rows("providers-ukprn.csv"), {"UKPRN": "ukprn", "Provider Name": "name"}),
    )


def _renamed(rows: Rows, names: Mapping[str, str]) -> Rows:
    return [{column: row[name] for column, name in names.items()} for row in rows]
