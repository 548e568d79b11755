"""The documentation page of the batch files, made from their layouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.domain.failures import FAMILIES, Family
from chalicelib.domain.fields import Field, Kind
from chalicelib.formats.batch.achievement_results import OUTPUT_COLUMNS
from chalicelib.formats.batch.csv_files import MISSING
from chalicelib.formats.batch.format_versions import VERSIONS
from chalicelib.formats.batch.layouts import REASON_CODES, REASON_JOB, Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, LEARNERS_2A, VERIFICATIONS
from chalicelib.formats.batch.learner_results import RESULT_COLUMNS, VERIFIED_COLUMNS
from chalicelib.formats.batch.records import LONGEST_VALUE
from chalicelib.formats.batch.result_files import LOST, REJECTION_COLUMNS
from chalicelib.formats.words.messages import listed_words
from chalicelib.formats.words.return_codes import LEARNER_CODES


def description(layouts: Sequence[Layout]) -> str:
    """The file formats as a Markdown page."""
    parts = [_general(layouts), *(_section(layout) for layout in layouts), _forms(layouts), _results(layouts[0])]
    return "\n".join([*parts, _reasons()])


def _general(layouts: Sequence[Layout]) -> str:
    kinds = "\n".join(f"- [{layout.title}](#{_anchor(layout)}), version {layout.version}" for layout in layouts)
    versions = "\n".join(
        f"| {one.layout.title} | {one.layout.version} | {one.since} | {one.changes} |" for one in VERSIONS
    )
    return f"""# File formats

<!-- Made by `python -m chalicelib.formats.batch.templates docs` from chalicelib/formats; change it there. -->

{kinds}

| Format | Version | From | What changed |
| --- | --- | --- | --- |
{versions}

The file name must end in `.csv` or `.xml`, in capitals or small letters, and the content must match. Check a file
before you send it: `python -m chalicelib.validator FILE`, or the stand-alone `lrs-validator.pyz`.

## CSV

- The first row has the headings below, in this order and spelling. The extra columns of an error file may follow
  them and are ignored.
- Values are separated by commas. A value that contains a comma, a quotation mark or a line break is in quotation
  marks, and a quotation mark inside it is written twice. White space around a value is ignored. Lines end in CR LF
  or LF. Blank lines are ignored, and so are empty cells after the last column.
- The header applies to the whole file: fill in its columns on the first row of values.
- The encoding is UTF-8, with or without a byte order mark. Windows-1252 is accepted if it is declared for the
  organisation or the upload, unless there is a byte order mark.
- In files that the service makes, a value that a spreadsheet would treat as a formula has an apostrophe before it
  (`'-1`). When you send such a value back, exactly that apostrophe is removed.

## XML

- The root, then the header's elements in the order below, then one element for each record. The elements of a record
  may be in any order, each at most once. Namespaces and attributes are not allowed, except the place of the schema
  on the root.
- The encoding is UTF-8, or Windows-1252, ISO-8859-1 or UTF-16 if the XML declaration says so.
- A document type declaration (DOCTYPE) is refused. So is every entity except XML's own and character references.
- White space around a value is ignored. You may leave out an element that has no value, in the header too, unless it
  is always required.
- The XML schema accepts what we accept, as far as single values go. We also check what a schema cannot: check digits,
  prohibited text, ages, future dates, and values that only some actions or jobs need.
"""


def _anchor(layout: Layout) -> str:
    return layout.title.lower().replace(" ", "-")


def _section(layout: Layout) -> str:
    name = layout.by_name["FileName"].example
    return f"""## {layout.title}

Version {layout.version}, up to {layout.max_records:,} records and {layout.max_bytes:,} bytes.
Examples: [CSV](templates/{layout.name}-example.csv), [XML](templates/{layout.name}-example.xml). To start with: an
[empty CSV file](templates/{layout.name}-template.csv) and the [XML schema](templates/{layout.name}.xsd), with the
root `{layout.root}` and the element `{layout.element}` for each record. With deliberate errors:
[CSV](templates/{layout.name}-faulty.csv), [XML](templates/{layout.name}-faulty.xml) and the
[list of the errors](templates/{layout.name}-faulty-list.csv) that the validator finds in them.

Suggested file name: `{name}`.

{_NOTES.get(layout.name, "")}### Header

{_fields(layout.header)}
### Record

{_fields(layout.record)}{_codes(layout)}
### Output file

{_OUTPUTS[layout.name]()}"""


_NOTES: Mapping[str, str] = {
    LEARNERS.name: f"""A record without a ULN is for a learner to find or, with the job type FUL, to register. A record
with a ULN updates that learner or, with the job type CHK, only compares the details. Its names must be the learner's,
except for one that has changed. An update does not change the values it leaves empty. You may leave out the column
`JobType`.

Version {LEARNERS_2A.version} is also accepted: it has neither `UCI` nor `UPN`, and calls `MiddleNames`
`MiddleOtherName` and `PrivacyNoticeSeen` `AbilityToShare`.

""",
}


def _fields(fields: Sequence[Field]) -> str:
    lines = ["| Field | Required | Format | Length | Meaning | Example |", "| --- | --- | --- | --- | --- | --- |"]
    for field in fields:
        needed = "yes" if field.always else field.condition.removeprefix("needed ") or "no"
        cells = (
            f"`{field.column}`",
            needed,
            field.kind.value,
            str(field.limit),
            field.description,
            f"`{field.example}`" if field.example else "",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


_FORMS = {
    Kind.ULN: "Ten digits. The first is 1 to 9, the last is a check digit.",
    Kind.UKPRN: "Eight digits. The first is 1 to 9.",
    Kind.NAME: "Letters A to Z, spaces, apostrophes, backticks, hyphens and full stops, with at least one letter. "
    "No tabs or line breaks.",
    Kind.DATE: "`YYYY-MM-DD`, a real date from 1800 to 2099, for a date of birth from 1890; a time of midnight after "
    "it is ignored.",
    Kind.POSTCODE: "A full postcode, `AB1 2DE` or `BFPO 12`, with one space or none, in capitals or small letters; "
    "`ZZ99 9ZZ` if it is not known.",
    Kind.AIM_REFERENCE: "`600/0055/7`, `L/616/8832` or `C00/4967/0`, with or without slashes, or a code of the "
    "funding register that begins with Z; in capitals or small letters.",
    Kind.CODE: "A value from the list below, or another spelling given there, in capitals or small letters.",
    Kind.TEXT: "Any visible characters, but no spreadsheet formula and no prohibited text.",
    Kind.LINES: "As text, with line breaks and tabs.",
    Kind.NUMBER: "Digits only.",
    Kind.EMAIL: "One address, `name@example.org`.",
    Kind.TELEPHONE: "Digits, spaces, brackets and hyphens, with a plus sign at the start for another country.",
    Kind.NATIONALITY: "Two or three letters, from ISO 3166-1, in capitals or small letters.",
    Kind.CANDIDATE_NUMBER: "Nine digits.",
    Kind.UCI: "Thirteen characters: five digits, a digit or letter, six digits, a letter; in capitals or "
    "small letters.",
    Kind.UPN: "Thirteen characters: a letter, eleven digits, a digit or letter; in capitals or small letters. The "
    "letters I, O and S are not used.",
}


def _forms(layouts: Sequence[Layout]) -> str:
    kinds = dict.fromkeys(field.kind for layout in layouts for field in layout.columns)
    lines = [f"- **{kind.value}**: {_FORMS[kind]}" for kind in kinds]
    return "\n## Formats\n\n" + "\n".join(lines) + "\n"


def _codes(layout: Layout) -> str:
    lines = ["\n### Codes\n", "| Field | Value | Meaning | Also accepted |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{field.column}` | `{code.value}` | {code.meaning} | {', '.join(code.spellings)} |"
        for field in layout.columns
        if field.codes is not None
        for code in field.codes.codes
    ]
    return "\n".join(lines) + "\n"


def _achievement_output() -> str:
    return f"""Every record once, in the order of the file: {_listed(OUTPUT_COLUMNS)}. The fields from
`MISIdentifier` to `Action` are as you sent them. `Outcome` is CREATED, UPDATED, WITHDRAWN, REINSTATED,
PROMOTED (provisional to final), UNCHANGED (the record is the same as the achievement held), REFUSED, NOTPROCESSED
(because of a problem with our service) or CANCELLED.
"""


def _learner_output() -> str:
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in LEARNER_CODES.items())
    return f"""Every record once, in the order of the file. It has the columns you sent, with the ULN found or allocated
as `ULN`, followed by {_listed(RESULT_COLUMNS)}. `Outcome` is REGISTERED, UPDATED, FOUND, POSSIBLE, NOTFOUND, REFUSED,
NOTPROCESSED (because of a problem with our service) or CANCELLED.

| ReturnCode | Meaning |
| --- | --- |
{codes}
"""


def _verification_output() -> str:
    return f"""Every record once, in the order of the file, including failed ones: {_listed(VERIFIED_COLUMNS)}.
`ResponseCode` is VRC001 to VRC006. With VRC001 to VRC004 the learner's registered details follow or, if the ULN is
linked, those of the master. Failure flags show which details do not match. `Outcome` is FOUND, POSSIBLE, NOTFOUND,
REFUSED (not in the right format), NOTPROCESSED (because of a problem with our service) or CANCELLED.
"""


_OUTPUTS: Mapping[str, Callable[[], str]] = {
    "achievements": _achievement_output,
    LEARNERS.name: _learner_output,
    VERIFICATIONS.name: _verification_output,
}


def _results(layout: Layout) -> str:
    return f"""
## Result files

Results are in the format you sent, CSV or XML, and always in UTF-8. If a record has several reasons, the codes and
field names are separated by semicolons, in the same order.

**Output file**: every record with its result, as described for each kind of file.

**Error file**: the records that were not processed, in the layout you sent, with the header on the first row and the
number of records corrected. Each record is followed by {_listed(layout.ignored)}. Correct the records and send the file
back; it may keep the name under which you downloaded it. What follows each record changes nothing about how it is
processed, and may be left out: by `{REASON_JOB}` and `{REASON_CODES}` the new job knows which job it corrects, and how
many records are fixed, still failing, or failing for new reasons. If a row was too
short, its missing cells contain `{MISSING}`: enter the values, or empty the cells. A record that still has it is
refused again. If an XML record had anything but the elements of the layout, each once, it has only their values here
and ends with the element `{LOST}`: correct the record, then remove that element. Of a value of more than
{LONGEST_VALUE:,} characters only the first {LONGEST_VALUE:,} are returned.

**Rejection file**: if the whole file is refused, none of its records is processed and this file lists every reason:
{_listed(REJECTION_COLUMNS)}. `Column` is the character in the line or, for a heading or header value of a CSV file, the
number of the column.
"""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


FAMILY_TITLES = {
    Family.FIELD: "Fields",
    Family.LEARNER: "Learners",
    Family.RULE: "Rules",
    Family.FILE: "The file as a whole",
    Family.FAULT: "Problems with our service",
    Family.NOTICE: "Notices (the record is accepted)",
}


def _reasons() -> str:
    lines = ["## Error and notice codes\n"]
    for family, title in FAMILY_TITLES.items():
        lines += [f"### {title}\n", "| Code | What is wrong | What to do |", "| --- | --- | --- |"]
        for code, member in FAMILIES.items():
            if member is family:
                pairs = listed_words(code, "*{}*".format)
                lines += [f"| {code} | {_shown(what)} | {_shown(do)} |" for what, do in pairs]
        lines.append("")
    return "\n".join(lines)


def _shown(text: str) -> str:
    """A text as it is written in a table of Markdown."""
    return text.replace("|", "\\|").replace("<", "&lt;")
