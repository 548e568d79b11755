"""The description of the feeds of learning events and an example of each, made from their shapes.

``python -m chalicelib.formats.feeds.feed_description docs`` writes them into the folder ``docs``:
``event-feeds.md`` and, in ``templates``, a CSV file of headings and an example for each shape.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from chalicelib.formats.feeds.event_files import SHAPES, Column, Shape

_NAMES = {"NPD": "school-data", "ILR": "funding-return"}
_HEAD = """# Feeds of learning events

Files by which school data and funding returns come to personal learning records. This page is made from the code
(`python -m chalicelib.formats.feeds.feed_description docs`).

## Rules for both

- CSV in UTF-8 with commas, values with commas or line ends in quotation marks. The first row has the headings, spelt
  as below, in any order; they say which kind of file it is. A column that is not required may be left out.
- A file is put under `feeds/` in the bucket `catalogue` and imported within a day; a report is left under
  `feed-reports/`.
- A row is taken when the learner it names is the one registered under its ULN, compared as in verification. A row that
  is not taken is told in the report with its line, its field and a code, never with what it says; the others go on.
- An event is known by its source and identity. The same event again changes nothing; one that says something else
  takes the place of the former. An event that is not in a later file stays, unless a row marks it as withdrawn.
"""
_IDENTITY = {
    "NPD": "An event is known by `ProviderUKPRN` and `RecordID`.",
    "ILR": (
        "An event is known by `UKPRN`, `LearnRefNumber`, `LearnAimRef` and `LearnStartDate`, whichever return tells of "
        "it. It was awarded on `AchDate`, else on `LearnActEndDate`, when its outcome is *achieved* or *partly "
        "achieved*."
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
    yield "| column | required | characters | what it says | example |"
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
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


if __name__ == "__main__":
    for path, content in documents().items():
        target = Path(sys.argv[1]) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
