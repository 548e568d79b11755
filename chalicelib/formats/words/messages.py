"""Failures in words: what is wrong, and what to do.

Result files, email, the web service and the validator all use these words. The first text of a pair says what is
wrong, the second what to do about it. Both address the sender; ``{field}`` is the field as the interface names it, and
the other names are the failure's details. Where a detail chooses a pair in :data:`VARIANTS`, that pair is used. No text
can carry a learner's details, since a failure's details never do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.formats.words.files import FILE_VARIANTS, FILE_WORDS
from chalicelib.formats.words.records import RECORD_VARIANTS, RECORD_WORDS
from chalicelib.formats.words.requests import REQUEST_VARIANTS, REQUEST_WORDS

Words = tuple[str, str]

WORDS: Final[dict[str, Words]] = RECORD_WORDS | FILE_WORDS | REQUEST_WORDS
VARIANTS: Final[dict[tuple[str, str], Words]] = RECORD_VARIANTS | FILE_VARIANTS | REQUEST_VARIANTS

PHRASES: Final = frozenset({
    "allowed_list", "because", "between", "differing", "in_columns", "looks_like", "names_accepted", "nearest_name",
    "placed",
})  # fmt: skip
"""Parts of sentences that are there only when their details are."""
_BLANK: Final = re.compile(r"\{(\w+)\}")
_BLANKS: Final = {
    "allowed": "allowed values",
    "first": "number",
    "name": "event",
    "other": "times",
    "same": "name or email address",
    "state": "suspended or active",
    "stated": "number",
    "supported": "number",
    "until": "time",
}
"""What stands in lists of all codes for a detail whose name does not say it."""


def sentence(failure: Failure) -> str:
    """What is wrong, in one or two plain sentences that name the field. They leave out line and column."""
    return _words(failure.code, failure.field, failure.detail)[0]


def remedy(failure: Failure) -> str:
    """What to do about it."""
    return _words(failure.code, failure.field, failure.detail)[1]


def listed_words(code: str, blank: Callable[[str], str]) -> Iterator[Words]:
    """Every pair of a code for lists of all codes, without the parts that depend on details; ``blank`` marks the word
    in place of a value.
    """
    for pair in (WORDS[code], *(words for (owner, _), words in VARIANTS.items() if owner == code)):
        what, do = (_BLANK.sub(lambda place: _listed_blank(place[1], blank), text) for text in pair)
        yield what, do


def _listed_blank(name: str, blank: Callable[[str], str]) -> str:
    return "" if name in PHRASES else blank(_BLANKS.get(name, name))


@lru_cache(maxsize=4096)
def _words(code: str, field: str, detail: tuple[tuple[str, str], ...]) -> Words:
    known = dict(detail)
    what, do = VARIANTS.get((code, _variant(code, field, known))) or WORDS[code]
    values = _Values(_phrases(field, known) | known)
    values["field"] = field or "the value"
    what, do = what.format_map(values), do.format_map(values)
    if "character" in known:
        what += f" It contains {known['character']}."
    return what if field else what[:1].upper() + what[1:], do


def _variant(code: str, field: str, detail: dict[str, str]) -> str:
    if code == "ACB006" and not field:
        return "no headings"
    if code == "ACB008" and detail.get("heading"):
        return "near"
    if code == "LRS-REQ-2" and field:
        return "near" if detail.get("nearest") else "named"
    if code == "ACB004" and detail.get("found"):
        return "found"
    if code == "ACF007" and int(detail.get("found", 0)) < int(detail.get("expected", 0)):
        return "short"
    return detail.get("reason") or detail.get("hint") or ""


def _phrases(field: str, detail: dict[str, str]) -> dict[str, str]:
    """The phrases of :data:`PHRASES` for which there are details."""
    phrases = {"nearest_name": f"; {field} is the nearest" if field else ""}
    start, end = detail.get("start"), detail.get("end")
    if start and end:
        phrases["between"] = f" ({start} to {end})"
    elif start or end:
        phrases["between"] = f" (from {start})" if start else f" (until {end})"
    if detail.get("allowed"):
        phrases["allowed_list"] = f": {detail['allowed']}"
        phrases["names_accepted"] = f" Names accepted here: {detail['allowed']}."
    if detail.get("columns"):
        phrases["in_columns"] = f", in columns {detail['columns']}"
    if detail.get("number") and detail.get("expected"):
        phrases["placed"] = f": it is column {detail['number']} and should be column {detail['expected']}"
    if detail.get("flags"):
        flags = (flag.removesuffix("_MISMATCH").replace("_", " ").lower() for flag in detail["flags"].split(", "))
        phrases["differing"] = f": different {' and '.join(flags)}"
    if detail.get("why"):
        phrases["because"] = f" ({detail['why']})"
    if detail.get("found"):
        phrases["looks_like"] = f"; the content looks like {detail['found']}"
    return phrases


class _Values(dict[str, str]):
    """Details of a sentence; one that a failure lacks leaves nothing behind."""

    def __missing__(self, name: str) -> str:
        return ""
