"""Templates, examples and the description of the batch files, all made from their layouts.

``python -m chalicelib.formats.templates docs`` writes them into the folder ``docs``: ``file-formats.md`` and, in
``templates``, an empty CSV file, an example in both formats and the XML schema.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chalicelib.domain.failures import FAMILIES, Family
from chalicelib.formats.csv_files import csv_bytes, guard
from chalicelib.formats.layouts import ACHIEVEMENTS, Field, Kind, Layout
from chalicelib.formats.result_files import OUTPUT_COLUMNS, REJECTION_COLUMNS
from chalicelib.formats.schemas import xml_schema
from chalicelib.formats.wording import VARIANTS, WORDS
from chalicelib.formats.xml_files import closing, element, opening

_EXAMPLES: tuple[Mapping[str, str], ...] = (
    {"Action": "1", "ActionDate": "", "ActionReason": ""},
    {
        "MISIdentifier": "MIS-00018",
        "ULN": "1000000027",
        "FamilyName": "Sample",
        "GivenName": "Learner",
        "DateOfBirth": "",
        "Gender": "",
        "LearnerPostcode": "",
        "UnitOrQualificationReferenceNumber": "A/616/8832",
        "Grade": "Pass",
        "Action": "2",
        "ActionReason": "",
    },
    {
        "MISIdentifier": "MIS-00019",
        "ULN": "1000000035",
        "FamilyName": "Sample-Second",
        "GivenName": "Learner",
        "DateOfBirth": "2003-11-30",
        "Gender": "9",
        "Grade": "",
        "LanguageForAssessment": "",
        "ProviderUKPRN": "",
        "Action": "3",
    },
)
"""What the example's records have that is not the example of their field."""


def csv_template(layout: Layout) -> bytes:
    """A CSV file of headings only."""
    return csv_bytes([layout.names])


def csv_example(layout: Layout) -> bytes:
    """A CSV file of a few sound records."""
    header = [field.example for field in layout.header]
    rows = [
        [*(header if place == 0 else [""] * len(header)), *map(guard, record)]
        for place, record in enumerate(_records(layout))
    ]
    return csv_bytes([layout.names, *rows])


def xml_example(layout: Layout) -> bytes:
    """The same records as an XML file."""
    parts = [opening(layout), *(f"  {element(field.name, field.example)}\n" for field in layout.header)]
    for record in _records(layout):
        parts.append(f"  <{layout.element}>\n")
        parts += [
            f"    {element(name, value)}\n" for name, value in zip(layout.record_names, record, strict=True) if value
        ]
        parts.append(f"  </{layout.element}>\n")
    return "".join([*parts, closing(layout)]).encode()


def _records(layout: Layout) -> Iterator[list[str]]:
    for changes in _EXAMPLES:
        yield [changes.get(field.name, field.example) for field in layout.record]


# --- The description ------------------------------------------------------------------------------------------------


def description(layout: Layout) -> str:
    """The file formats as a Markdown page."""
    parts = [
        _general(layout),
        "## Header\n\nOf the whole file: in CSV the first columns, filled on one row; in XML the first elements.\n",
        _fields(layout.header),
        f"\n## Record\n\nIn CSV a row, in XML an element `{layout.element}` whose elements may stand in any order.\n",
        _fields(layout.record),
        _forms(layout),
        _codes(layout),
        _results(layout),
        _reasons(),
    ]
    return "\n".join(parts)


def _general(layout: Layout) -> str:
    name = layout.by_name["FileName"].example
    return f"""# File formats

<!-- Made by `python -m chalicelib.formats.templates docs` from chalicelib/formats; change it there. -->

{layout.title}, version {layout.version}: CSV or XML, at most {layout.max_records:,} records and
{layout.max_bytes:,} bytes. Examples: [CSV](templates/{layout.name}-example.csv),
[XML](templates/{layout.name}-example.xml). To begin with: an [empty CSV
file](templates/{layout.name}-template.csv) and the [XML schema](templates/{layout.name}.xsd).

Suggested file name: `{name}` (scheme, UKPRN, date, number of the day). The name must end in `.csv` or `.xml`,
in capitals or small letters, and the content must be what it says.

Check a file before you send it: `python -m chalicelib.validator FILE`, or the stand-alone `lrs-validator.pyz`.

## CSV

- The first row has the headings below, in this order and spelling; column names of the error file may stand
  behind them and are passed over.
- Values are separated by commas. A value with a comma, a quotation mark or a line break stands in quotation
  marks, a quotation mark within it is written twice. Lines end in CR LF or LF. Blank lines are passed over.
- UTF-8, with or without byte order mark. Windows-1252 is read where it is declared for the organisation or the
  upload; a byte order mark outweighs that.
- A value that a spreadsheet would take for a formula is written with an apostrophe before it in all files that
  the service makes (`'-1`). The reader takes exactly that apostrophe away again.

## XML

- Root `{layout.root}`, then the header's elements, then one `{layout.element}` for each record; no namespace,
  no attributes.
- UTF-8, or Windows-1252, ISO-8859-1 or UTF-16 where the XML declaration says so.
- A document type declaration (DOCTYPE) is refused, and with it every entity but those of XML itself and
  character references.
- White space around a value does not count. An element may be left out where its value is empty.
"""


def _fields(fields: Sequence[Field]) -> str:
    lines = ["| Field | Needed | Form | At most | Meaning | Example |", "| --- | --- | --- | --- | --- | --- |"]
    for field in fields:
        needed = "yes" if field.mandatory else field.condition.removeprefix("needed ") or "no"
        cells = (
            f"`{field.name}`",
            needed,
            field.kind.value,
            str(field.max_length),
            field.description,
            f"`{field.example}`",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


_FORMS = {
    Kind.ULN: "Ten digits, the first of them 1 to 9, the last a check digit.",
    Kind.UKPRN: "Eight digits, the first of them 1 to 9.",
    Kind.NAME: "Letters A to Z, space, apostrophe, backwards apostrophe, hyphen and dot, with at least one letter.",
    Kind.DATE: "`YYYY-MM-DD`; a time of midnight behind it is passed over.",
    Kind.POSTCODE: "A whole postcode, `AB1 2DE` or `BFPO 12`; `ZZ99 9ZZ` where it is not known.",
    Kind.AIM_REFERENCE: "`600/0055/7`, `L/616/8832` or `C00/4967/0`, with or without obliques, or a code of the "
    "funding register that begins with Z.",
    Kind.CODE: "One of the list below, or another spelling given there, in capitals or small letters.",
    Kind.TEXT: "Any characters that can be seen; no spreadsheet formula, no prohibited text.",
    Kind.NUMBER: "Digits only.",
}


def _forms(layout: Layout) -> str:
    kinds = dict.fromkeys(field.kind for field in layout.columns)
    lines = [f"- **{kind.value}**: {_FORMS[kind]}" for kind in kinds]
    return "\n## Forms\n\n" + "\n".join(lines) + "\n"


def _codes(layout: Layout) -> str:
    lines = ["\n## Codes\n", "| Field | Value | Meaning | Also read |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{field.name}` | `{code.value}` | {code.meaning} | {', '.join(code.aliases)} |"
        for field in layout.columns
        for code in field.codes
    ]
    return "\n".join(lines) + "\n"


def _results(layout: Layout) -> str:
    return f"""
## What comes back

Results are in the format of the file: CSV for CSV, XML for XML, always in UTF-8.

**Output file**: every record once, in the order of the file: {_listed(OUTPUT_COLUMNS)}. The fields from
`MISIdentifier` to `Action` are as they were sent. `Outcome` is CREATED, UPDATED, WITHDRAWN, REINSTATED,
PROMOTED (provisional to final), UNCHANGED (what was asked for is what is stored), REFUSED, NOTPROCESSED (a
fault of the service) or CANCELLED. Where a record has several reasons, codes and field names are separated by
semicolons, in the same order.

**Error file**: the records that were not processed, in the layout of the file that was sent, with the header on
the first row and `RecordCount` put right. Behind each record: {_listed(layout.ignored)}, which the reader
passes over. Correct the records and send the file back as it is.

**Rejection**: where a file is refused as a whole, none of its records is touched, and every reason is listed:
{_listed(REJECTION_COLUMNS)}.
"""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_FAMILY_TITLES = {
    Family.FIELD: "Fields",
    Family.LEARNER: "Learner",
    Family.RULE: "Rules",
    Family.FILE: "The file as a whole",
    Family.FAULT: "Faults of the service",
    Family.NOTICE: "Notices (the record is accepted)",
}


def _reasons() -> str:
    lines = ["## Codes of errors and notices\n"]
    for family, title in _FAMILY_TITLES.items():
        lines += [f"### {title}\n", "| Code | What is wrong | What to do |", "| --- | --- | --- |"]
        for code, member in FAMILIES.items():
            if member is family:
                told = [WORDS[code], *(words for (owner, _), words in VARIANTS.items() if owner == code)]
                lines += [f"| {code} | {_shown(what)} | {_shown(do)} |" for what, do in told]
        lines.append("")
    return "\n".join(lines)


def _shown(text: str) -> str:
    """A text with its places as readers of the page see them: ``{limit}`` as *limit*."""
    for phrase in (
        "between",
        "allowed_list",
        "looks_like",
        "in_columns",
        "placed",
        "because",
        "differing",
        "nearest_name",
    ):
        text = text.replace("{" + phrase + "}", "")
    return text.replace("{", "*").replace("}", "*").replace("|", "\\|").replace("<", "&lt;")


def files(layout: Layout) -> dict[str, bytes]:
    """Everything that is made from a layout, by its path below the folder of documents."""
    return {
        "file-formats.md": description(layout).encode(),
        f"templates/{layout.name}-template.csv": _as_source(csv_template(layout)),
        f"templates/{layout.name}-example.csv": _as_source(csv_example(layout)),
        f"templates/{layout.name}-example.xml": xml_example(layout),
        f"templates/{layout.name}.xsd": xml_schema(layout).encode(),
    }


def _as_source(data: bytes) -> bytes:
    """A file as it stands among sources: no byte order mark, lines ending in line feeds; the reader takes both."""
    return data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def main(arguments: Sequence[str]) -> int:
    """Write the files below the folder that is named, ``docs`` unless another is."""
    folder = Path(arguments[0] if arguments else "docs")
    for name, content in files(ACHIEVEMENTS).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
