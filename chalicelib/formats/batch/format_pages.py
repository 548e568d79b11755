"""The description of the batch files as a page, made from their layouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.domain.failures import FAMILIES, Family
from chalicelib.formats.batch.answer_results import ANSWER_COLUMNS, VERIFIED_COLUMNS
from chalicelib.formats.batch.layouts import Field, Kind, Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, LEARNERS_2A, VERIFICATIONS
from chalicelib.formats.batch.result_files import OUTPUT_COLUMNS, REJECTION_COLUMNS
from chalicelib.formats.words.messages import VARIANTS, WORDS, without_phrases
from chalicelib.formats.words.return_codes import LEARNER_CODES


def description(layouts: Sequence[Layout]) -> str:
    """The file formats as a Markdown page."""
    parts = [_general(layouts), *(_section(layout) for layout in layouts), _forms(layouts), _results(layouts[0])]
    return "\n".join([*parts, _reasons()])


def _general(layouts: Sequence[Layout]) -> str:
    kinds = "\n".join(f"- [{layout.title}](#{_anchor(layout)}), version {layout.version}" for layout in layouts)
    return f"""# File formats

<!-- Made by `python -m chalicelib.formats.batch.templates docs` from chalicelib/formats; change it there. -->

{kinds}

The name of a file must end in `.csv` or `.xml`, in capitals or small letters, and the content must be what it
says. Check a file before you send it: `python -m chalicelib.validator FILE`, or the stand-alone `lrs-validator.pyz`.

## CSV

- The first row has the headings below, in this order and spelling; column names of the error file may stand
  behind them and are passed over.
- Values are separated by commas. A value with a comma, a quotation mark or a line break stands in quotation
  marks, a quotation mark within it is written twice. Lines end in CR LF or LF. Blank lines are passed over.
- The header is of the whole file: its columns are filled on the first row of values.
- UTF-8, with or without byte order mark. Windows-1252 is read where it is declared for the organisation or the
  upload; a byte order mark outweighs that.
- A value that a spreadsheet would take for a formula is written with an apostrophe before it in all files that
  the service makes (`'-1`). The reader takes exactly that apostrophe away again.

## XML

- The root, then the header's elements, then one element for each record, whose elements may stand in any order; no
  namespace, no attributes.
- UTF-8, or Windows-1252, ISO-8859-1 or UTF-16 where the XML declaration says so.
- A document type declaration (DOCTYPE) is refused, and with it every entity but those of XML itself and
  character references.
- White space around a value does not count. An element may be left out where its value is empty.
"""


def _anchor(layout: Layout) -> str:
    return layout.title.lower().replace(" ", "-")


def _section(layout: Layout) -> str:
    name = layout.by_name["FileName"].example
    return f"""## {layout.title}

Version {layout.version}, at most {layout.max_records:,} records and {layout.max_bytes:,} bytes.
Examples: [CSV](templates/{layout.name}-example.csv), [XML](templates/{layout.name}-example.xml). To begin with: an
[empty CSV file](templates/{layout.name}-template.csv) and the [XML schema](templates/{layout.name}.xsd), with the
root `{layout.root}` and the element `{layout.element}` for each record.

Suggested file name: `{name}`.

{_NOTES.get(layout.name, "")}### Header

{_fields(layout.header)}
### Record

{_fields(layout.record)}{_codes(layout)}
### Output file

{_OUTPUTS[layout.name]()}"""


_NOTES: Mapping[str, str] = {
    LEARNERS.name: f"""A record without a ULN is of a learner to find or, with the job type FUL, to register. A record
with a ULN updates that learner, or with the job type CHK compares; its names must be the learner's, but for one that
has changed. A value that an update leaves empty stays as it is held. The column `JobType` may be left out.

Version {LEARNERS_2A.version} is read too: it has neither `UCI` nor `UPN`, and calls `MiddleNames` `MiddleOtherName` and
`PrivacyNoticeSeen` `AbilityToShare`.

""",
}


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
    Kind.EMAIL: "One address, `name@example.org`.",
    Kind.TELEPHONE: "Digits, spaces, brackets and hyphens, with a plus sign in front for another country.",
    Kind.NATIONALITY: "Up to three letters; those of ISO 3166-1 are meant.",
    Kind.CANDIDATE_NUMBER: "Nine digits.",
    Kind.UCI: "Thirteen characters: five digits, a digit or letter, six digits, a letter.",
    Kind.UPN: "Thirteen characters: a letter, eleven digits, a digit or letter.",
}


def _forms(layouts: Sequence[Layout]) -> str:
    kinds = dict.fromkeys(field.kind for layout in layouts for field in layout.columns)
    lines = [f"- **{kind.value}**: {_FORMS[kind]}" for kind in kinds]
    return "\n## Forms\n\n" + "\n".join(lines) + "\n"


def _codes(layout: Layout) -> str:
    lines = ["\n### Codes\n", "| Field | Value | Meaning | Also read |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{field.name}` | `{code.value}` | {code.meaning} | {', '.join(code.aliases)} |"
        for field in layout.columns
        for code in field.codes
    ]
    return "\n".join(lines) + "\n"


def _achievement_output() -> str:
    return f"""Every record once, in the order of the file: {_listed(OUTPUT_COLUMNS)}. The fields from
`MISIdentifier` to `Action` are as they were sent. `Outcome` is CREATED, UPDATED, WITHDRAWN, REINSTATED,
PROMOTED (provisional to final), UNCHANGED (what was asked for is what is stored), REFUSED, NOTPROCESSED (a
fault of the service) or CANCELLED.
"""


def _learner_output() -> str:
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in LEARNER_CODES.items())
    return f"""Every record once, in the order of the file and with its columns, as they were sent but for `ULN`,
which is the one that is answered; behind them {_listed(ANSWER_COLUMNS)}. `Outcome` is REGISTERED, UPDATED, FOUND,
POSSIBLE, NOTFOUND, REFUSED, NOTPROCESSED (a fault of the service) or CANCELLED.

| ReturnCode | Meaning |
| --- | --- |
{codes}
"""


def _verification_output() -> str:
    return f"""Every record once, in the order of the file, the failed ones too: {_listed(VERIFIED_COLUMNS)}.
`ResponseCode` is VRC001 to VRC006; with VRC001 to VRC004 the details of the register follow, those of the master where
the ULN is linked. Failure flags say what did not agree. `Outcome` is FOUND, POSSIBLE, NOTFOUND, REFUSED (not of its
form), NOTPROCESSED (a fault of the service) or CANCELLED.
"""


_OUTPUTS: Mapping[str, Callable[[], str]] = {
    "achievements": _achievement_output,
    LEARNERS.name: _learner_output,
    VERIFICATIONS.name: _verification_output,
}


def _results(layout: Layout) -> str:
    return f"""
## What comes back

Results are in the format of the file: CSV for CSV, XML for XML, always in UTF-8. Where a record has several reasons,
codes and field names are separated by semicolons, in the same order.

**Output file**: every record with its answer, as described with each kind of file.

**Error file**: the records that were not processed, in the layout of the file that was sent, with the header on
the first row and the count of records put right. Behind each record: {_listed(layout.ignored)}, which the reader
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
    text = without_phrases(text)
    return text.replace("{", "*").replace("}", "*").replace("|", "\\|").replace("<", "&lt;")
