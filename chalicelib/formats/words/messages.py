"""Failures in words: what is wrong, and what to do.

Every channel tells failures in these words: result files, e-mail, web service, validator. No text can carry a
learner's details, since a failure's details never do.
"""

from __future__ import annotations

from functools import lru_cache

from chalicelib.domain.failures import Failure
from chalicelib.formats.words.wording import VARIANTS, WORDS, Words


def sentence(failure: Failure) -> str:
    """What is wrong, in one or two plain sentences that name the field. Line and column are left to the reader's
    layout.
    """
    return _told(failure.code, failure.field, failure.detail)[0]


def remedy(failure: Failure) -> str:
    """What to do about it."""
    return _told(failure.code, failure.field, failure.detail)[1]


def variant_of(failure: Failure) -> str:
    """The detail that chooses a failure's words, or "" where its code has one wording only."""
    detail = dict(failure.detail)
    return _variant(failure.code, failure.field, detail)


@lru_cache(maxsize=4096)
def _told(code: str, field: str, detail: tuple[tuple[str, str], ...]) -> Words:
    known = dict(detail)
    words = VARIANTS.get((code, _variant(code, field, known))) or WORDS[code]
    values = _Values(_phrases(field, known) | known)
    values["field"] = field or "a value"
    what, do = (text.format_map(values) for text in words)
    return what[:1].upper() + what[1:], do[:1].upper() + do[1:]


def _variant(code: str, field: str, detail: dict[str, str]) -> str:
    if code == "ACB006" and not field:
        return "no headings"
    if code == "ACB008" and detail.get("heading"):
        return "near"
    if code == "ACB004" and detail.get("found"):
        return "found"
    return detail.get("reason") or detail.get("hint") or ""


def _phrases(field: str, detail: dict[str, str]) -> dict[str, str]:
    """Parts of sentences that are there only when their details are."""
    phrases = {"nearest_name": f"; {field} is the nearest" if field else ""}
    start, end = detail.get("start"), detail.get("end")
    if start and end:
        phrases["between"] = f", {start} to {end}"
    elif start or end:
        phrases["between"] = f", which begin on {start}" if start else f", which end on {end}"
    if detail.get("allowed"):
        phrases["allowed_list"] = f": {detail['allowed']}"
    if detail.get("columns"):
        phrases["in_columns"] = f", in columns {detail['columns']}"
    if detail.get("number") and detail.get("expected"):
        phrases["placed"] = f": it is column {detail['number']} and should be column {detail['expected']}"
    if detail.get("flags"):
        flags = (flag.removesuffix("_MISMATCH").replace("_", " ").lower() for flag in detail["flags"].split(", "))
        phrases["differing"] = f" in {' and '.join(flags)}"
    if detail.get("why"):
        phrases["because"] = f" ({detail['why']})"
    if detail.get("found"):
        phrases["looks_like"] = f"; the content looks like {detail['found']}"
    return phrases


class _Values(dict[str, str]):
    """Details of a sentence; one that a failure lacks leaves nothing behind."""

    def __missing__(self, name: str) -> str:
        return ""
