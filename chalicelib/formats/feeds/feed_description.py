"""The documentation of the feeds of learning events, with examples, made from their shapes.

``python -m chalicelib.formats.feeds.feed_description docs`` writes them into the folder ``docs``:
``event-feeds.md`` and, in ``templates``, a CSV file of headings and an example for each shape.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from chalicelib.formats.batch.csv_files import report_text
from chalicelib.formats.feeds.event_files import SHAPES, Column, Shape

_NAMES = {"NPD": "school-data", "ILR": "funding-return"}
_HEAD = """# Feeds of learning events

These files add school data and funding returns to personal learning records. This page is made from the code
(`python -m chalicelib.formats.feeds.feed_description docs`).

## Rules for both

- The format is CSV in UTF-8, with commas. Values that contain commas or line ends are in quotation marks. The first row
  has the headings, spelt as below, in any order. They show which kind of file it is. You may leave out columns that are
  not required.
- Put the file under `feeds/` in the bucket `catalogue`. Its import begins within a quarter of an hour. A report appears
  under `feed-reports/`. A feed is kept for 30 days, its report for a year.
- A row is accepted if its learner is the one registered with its ULN, compared as in verification. The report lists
  the rows that are refused, each with its line, its field and a code, never with its content. The other rows are
  imported.
- An event is identified by its source and the fields named below. Sending the same event again changes nothing. If its
  details are different, they replace the earlier ones. If its ULN is different, the event is withdrawn from the first
  learner. An event that is missing from a later file is kept, unless a row marks it as withdrawn.
- Dates of events are from 1980 and not before the date of birth. An award, an achievement or an actual end cannot be in
  the future, other dates at most five years ahead. A value that a spreadsheet would treat as a formula is refused.
"""
_IDENTITY = {
    "NPD": "`ProviderUKPRN` and `RecordID` identify an event.",
    "ILR": (
        "`UKPRN`, `LearnRefNumber`, `LearnAimRef` and `LearnStartDate` identify an event, whichever return it is in. "
        "If the outcome is *achieved* or *partly achieved*, the award date is `AchDate` or, if that is empty, "
        "`LearnActEndDate`."
    ),
}


def description() -> str:
    """The page, in Markdown."""
    return "\n".join([_HEAD, *(line for shape in SHAPES for line in _section(shape))])


def _section(shape: Shape) -> Iterator[str]:
    name = _NAMES[shape.source]
    yield f"## {shape.title} (source `{shape.source}`)\n"
    yield _IDENTITY[shape.source]
    files = (f"[{file}](templates/{file})" for file in (f"{name}.csv", f"{name}-example.csv"))
    yield "Headings: {}; example: {}.\n".format(*files)
    yield "| Column | Required | Characters | Meaning | Example |"
    yield "|---|---|---|---|---|"
    for column in shape.columns:
        yield _line(column)
    yield ""


def _line(column: Column) -> str:
    codes = "; ".join(f"`{code}` {meaning}" for code, meaning in column.codes.items())
    says = f"{column.description} {codes}".strip()
    example = f"`{column.example}`" if column.example else ""
    return f"| {column.heading} | {'yes' if column.required else ''} | {column.limit} | {says} | {example} |"


def documents() -> dict[str, bytes]:
    """Every file, by its path below the folder of documents."""
    made = {"event-feeds.md": description().encode()}
    for shape in SHAPES:
        name = f"templates/{_NAMES[shape.source]}"
        headings = [column.heading for column in shape.columns]
        made[f"{name}.csv"] = _csv([headings])
        made[f"{name}-example.csv"] = _csv([headings, [column.example for column in shape.columns]])
    return made


def _csv(rows: list[list[str]]) -> bytes:
    return report_text(rows[0], rows[1:]).replace("\r\n", "\n").encode()


if __name__ == "__main__":
    for path, content in documents().items():
        target = Path(sys.argv[1]) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
