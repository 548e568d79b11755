"""Failures in words: what is wrong, and what to do.

Result files, email, the web service and the validator all use these words. The first text of a pair says what is
wrong, the second what to do about it. Both address the sender; ``{field}`` is the field as the interface names it, and
the other names are the failure's details. Where a detail chooses a pair in :data:`VARIANTS`, that pair is used. No text
can carry a learner's details, since a failure's details never do. What is returned remembers its template
(:mod:`.texts`), so that pages can say it in another language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, reduce
from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.formats.words.files import FILE_VARIANTS, FILE_WORDS
from chalicelib.formats.words.records import RECORD_VARIANTS, RECORD_WORDS
from chalicelib.formats.words.requests import REQUEST_VARIANTS, REQUEST_WORDS
from chalicelib.formats.words.texts import Text, capital, joined, shaped

Words = tuple[str, str]

WORDS: Final[dict[str, Words]] = RECORD_WORDS | FILE_WORDS | REQUEST_WORDS
VARIANTS: Final[dict[tuple[str, str], Words]] = RECORD_VARIANTS | FILE_VARIANTS | REQUEST_VARIANTS

PHRASES: Final = {
    "allowed_list": ": {allowed}",
    "because": " ({why})",
    "between": " ({start} to {end})",
    "differing": ": different {flags}",
    "in_columns": ", in columns {columns}",
    "looks_like": "; the content looks like {found}",
    "names_accepted": " Names accepted here: {allowed}.",
    "nearest_name": "; {field} is the nearest",
    "placed": ": it is column {number} and should be column {expected}",
}
"""Parts of sentences that are there only when their details are."""
_NEEDED: Final = {
    "allowed_list": ("allowed",),
    "because": ("why",),
    "between": ("start", "end"),
    "differing": ("flags",),
    "in_columns": ("columns",),
    "looks_like": ("found",),
    "names_accepted": ("allowed",),
    "nearest_name": ("field",),
    "placed": ("number", "expected"),
}
"""The details of each."""
BOTH: Final = "{one} and {other}"
FROM: Final = " (from {start})"
UNTIL: Final = " (until {end})"
"""In place of what lies between two dates, where there is only one."""
CHARACTER: Final = "{what} It contains {character}."
SOME_VALUE: Final = "the value"
"""In place of a field, where there is none."""
IN_WORDS: Final = ("allowed", "expected", "found", "same", "state")
"""Details that may be words of ours, and never a name."""
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


def sentence(failure: Failure) -> Text:
    """What is wrong, in one or two plain sentences that name the field. They leave out line and column."""
    return _words(failure.code, failure.field, failure.detail)[0]


def remedy(failure: Failure) -> Text:
    """What to do about it."""
    return _words(failure.code, failure.field, failure.detail)[1]


def listed_words(code: str, blank: Callable[[str], str]) -> Iterator[tuple[Text, Text]]:
    """Every pair of a code for lists of all codes, without the parts that depend on details; ``blank`` marks the word
    in place of a value.
    """
    for pair in (WORDS[code], *(words for (owner, _), words in VARIANTS.items() if owner == code)):
        what, do = (Text(text, {name: Text(word, shape=blank) for name, word in blanks_of(text)}) for text in pair)
        yield what, do


def blanks_of(text: str) -> Iterator[tuple[str, str]]:
    """The details in a template, each with the word that stands for it in lists of all codes."""
    for name in _BLANK.findall(text):
        if name not in PHRASES:
            yield name, _BLANKS.get(name, name)


def explanation_text(explanation: str) -> Text:
    """What a verification says of details that differ: "given name: synonym; postcode: different"."""
    named = (one.partition(": ") for one in explanation.split("; "))
    pairs = (Text("{name}: {how}", {"name": Text(name), "how": how_text(how)}) for name, _, how in named)
    return joined(pairs, "; ")


def how_text(how: str) -> Text:
    """How two details differ: "synonym, spelling"."""
    return joined(map(Text, how.split(", ")), ", ")


def flag_text(flag: str) -> str:
    """A failure flag of a verification as part of a sentence: "given name"."""
    return flag.removesuffix("_MISMATCH").replace("_", " ").lower()


@lru_cache(maxsize=4096, typed=True)  # a field may be a text of ours, whose equal is not
def _words(code: str, field: str, detail: tuple[tuple[str, str], ...]) -> tuple[Text, Text]:
    known = dict(detail)
    templates = VARIANTS.get((code, _variant(code, field, known))) or WORDS[code]
    known |= {name: Text(known[name]) for name in IN_WORDS if name in known}
    values = known | _phrases(field, known) | {"field": field or Text(SOME_VALUE)}
    what, do = Text(templates[0], values), Text(templates[1], values)
    if "character" in known:
        what = Text(CHARACTER, {"what": what, "character": known["character"]})
    return what if field else shaped(what, capital), do


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


def _phrases(field: str, detail: dict[str, str]) -> dict[str, Text]:
    """The phrases of :data:`PHRASES` for which there are details."""
    values = detail | {"field": field}
    if detail.get("flags"):
        flags = (Text(flag_text(flag)) for flag in detail["flags"].split(", "))
        values["flags"] = reduce(lambda one, other: Text(BOTH, {"one": one, "other": other}), flags)
    phrases = {name: Text(PHRASES[name], values) for name, needed in _NEEDED.items() if all(map(values.get, needed))}
    if "because" in phrases:
        phrases["because"] = Text(PHRASES["because"], {"why": explanation_text(detail["why"])})
    if "between" not in phrases and (detail.get("start") or detail.get("end")):
        phrases["between"] = Text(FROM if detail.get("start") else UNTIL, values)
    return phrases
