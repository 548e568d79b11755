"""Templates, examples and documentation of the batch files, all made from their layouts.

``python -m chalicelib.formats.batch.templates docs`` writes them into the folder ``docs``: ``file-formats.md`` and, in
``templates``, an empty CSV file, an example in both formats, another with errors and the list of them, and the XML
schema.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from chalicelib.formats.batch.csv_files import csv_bytes, guard
from chalicelib.formats.batch.faulty_examples import errors_file, faulty_records
from chalicelib.formats.batch.format_pages import description
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, VERIFICATIONS
from chalicelib.formats.batch.schemas import xml_schema
from chalicelib.formats.batch.xml_files import closing, element, opening

_ANOTHER: Final = {
    "ULN": "1000000027",
    "GivenName": "Daniel",
    "FamilyName": "Hughes",
    "DateOfBirth": "2003-11-30",
    "Gender": "1",
}
_NOT_GIVEN: Final = dict.fromkeys(("ActionDate", "ActionReason"), "")
_UNIT: Final = {
    "LearnerPostcode": "",
    "UnitOrQualificationReferenceNumber": "A/616/8832",
    "AchievementAwardDate": "2026-07-03",
}

_EXAMPLES: Final[tuple[Mapping[str, str], ...]] = (
    {"AchievementAwardDate": "2026-07-03", "Action": "1", **_NOT_GIVEN},
    {**_ANOTHER, **_UNIT, "MISIdentifier": "MIS-00018", "Grade": "Pass", "Action": "1", **_NOT_GIVEN},
    {
        "MISIdentifier": "MIS-00019",
        "AchievementAwardDate": "2026-07-03",
        "Grade": "Distinction",
        "Action": "2",
        "ActionDate": "2026-07-06",
        "ActionReason": "",
    },
    {
        **_ANOTHER,
        **_UNIT,
        **dict.fromkeys(("Grade", "LanguageForAssessment", "ProviderUKPRN"), ""),
        "MISIdentifier": "MIS-00020",
        "Action": "3",
        "ActionDate": "2026-07-06",
    },
)
"""Values in the achievement example that are not the examples of their fields: two achievements, an update of the first
and a withdrawal of the second.
"""

_LEARNER_EXAMPLES: Final[tuple[Mapping[str, str], ...]] = (
    {"ULN": "", "ScottishCandidateNumber": "", "MISIdentifier": "MIS-00017"},
    {
        **dict.fromkeys(LEARNERS.record_names, ""),
        "MISIdentifier": "MIS-00018",
        "GivenName": "Megan",
        "FamilyName": "Rowlands",
        "LastKnownPostCode": "ZZ99 9ZZ",
        "DateOfBirth": "2005-05-17",
        "Gender": "9",
        "PrivacyNoticeSeen": "1",
        "VerificationType": "999",
        "OtherVerificationDescription": "Library card",
    },
    {
        **dict.fromkeys(LEARNERS.record_names, ""),
        "ULN": "1000000035",
        "MISIdentifier": "MIS-00019",
        "GivenName": "Priya",
        "FamilyName": "Sharma-Cole",
        "PreviousFamilyName": "Sharma",
        "EmailAddress": "priya@example.org",
    },
)
"""A learner with nearly all details, one with only the required ones, and an update."""

_VERIFICATION_EXAMPLES: Final[tuple[Mapping[str, str], ...]] = (
    {},
    {**_ANOTHER, "MISIdentifier": "", "DateOfBirth": ""},
    {"MISIdentifier": "MIS-00019", "ULN": "1000000035", "GivenName": "Priya", "FamilyName": "Sharma", "Gender": ""},
)

_EXAMPLES_OF: Final = {
    ACHIEVEMENTS.name: _EXAMPLES,
    LEARNERS.name: _LEARNER_EXAMPLES,
    VERIFICATIONS.name: _VERIFICATION_EXAMPLES,
}

DESCRIBED = (ACHIEVEMENTS, LEARNERS, VERIFICATIONS)
"""The current version of each kind of file."""


def csv_template(layout: Layout) -> bytes:
    """A CSV file of headings only."""
    return csv_bytes([layout.names])


def csv_example(layout: Layout) -> bytes:
    """A CSV file with a few valid records."""
    return _csv(layout, _records(layout), "example")


def xml_example(layout: Layout) -> bytes:
    """The same records as an XML file."""
    return _xml(layout, _records(layout), "example")


def csv_faulty(layout: Layout) -> bytes:
    """A CSV file of records with deliberate errors."""
    return _csv(layout, faulty_records(layout), "faulty")


def xml_faulty(layout: Layout) -> bytes:
    """The same records as an XML file."""
    return _xml(layout, faulty_records(layout), "faulty")


def _csv(layout: Layout, records: Sequence[Sequence[str]], name: str) -> bytes:
    header = _header(layout, f"{layout.name}-{name}.csv", len(records))
    rows = [
        [*(header if place == 0 else [""] * len(header)), *map(guard, record)] for place, record in enumerate(records)
    ]
    return csv_bytes([layout.names, *rows])


def _xml(layout: Layout, records: Sequence[Sequence[str]], name: str) -> bytes:
    header = _header(layout, f"{layout.name}-{name}.csv", len(records))
    parts = [
        opening(layout),
        *(f"  {element(name, value)}\n" for name, value in zip(layout.header_names, header, strict=True)),
    ]
    for record in records:
        parts.append(f"  <{layout.element}>\n")
        parts += [
            f"    {element(name, value)}\n" for name, value in zip(layout.record_names, record, strict=True) if value
        ]
        parts.append(f"  </{layout.element}>\n")
    return "".join([*parts, closing(layout)]).encode()


def _header(layout: Layout, filename: str, records: int) -> list[str]:
    """The values of the header, with the example's own name as that of the file."""
    own = {"FileName": filename, layout.count_field: str(records)}
    return [own.get(field.column, field.example) for field in layout.header]


def _records(layout: Layout) -> list[list[str]]:
    return [
        [changes.get(field.column, field.example) for field in layout.record] for changes in _EXAMPLES_OF[layout.name]
    ]


def files(layouts: Sequence[Layout] = DESCRIBED) -> dict[str, bytes]:
    """Every file made from the layouts, by its path in the folder of documents."""
    found = {"file-formats.md": description(layouts).encode()}
    for layout in layouts:
        found |= _files_of(layout)
    return found


@cache
def downloads() -> Mapping[str, str]:
    """The templates, examples, lists of errors and schemas, by their names."""
    found = {name: data for layout in DESCRIBED for name, data in _files_of(layout).items()}
    return {name.removeprefix("templates/"): data.decode() for name, data in found.items()}


def _files_of(layout: Layout) -> dict[str, bytes]:
    return {
        f"templates/{layout.name}-template.csv": _as_source(csv_template(layout)),
        f"templates/{layout.name}-example.csv": _as_source(csv_example(layout)),
        f"templates/{layout.name}-example.xml": xml_example(layout),
        f"templates/{layout.name}-faulty.csv": _as_source(csv_faulty(layout)),
        f"templates/{layout.name}-faulty.xml": xml_faulty(layout),
        f"templates/{layout.name}-faulty-list.csv": _as_source(errors_file(layout).encode()),
        f"templates/{layout.name}.xsd": xml_schema(layout).encode(),
    }


def _as_source(data: bytes) -> bytes:
    """A file for the repository: no byte order mark, lines ending in line feeds; the reader accepts both."""
    return data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def main(arguments: Sequence[str]) -> int:
    """Write the files into the given folder, by default ``docs``."""
    folder = Path(arguments[0] if arguments else "docs")
    for name, content in files().items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
