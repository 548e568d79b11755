"""What users and operators read is plain English: turns of phrase that read as translated do not come back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.formats.words.messages import VARIANTS, WORDS
from chalicelib.formats.words.return_codes import FLAGS, LEARNER_CODES, VERIFICATION_CODES
from chalicelib.observability import Code
from chalicelib.web.described.openapi import document
from chalicelib.web.http import problems
from chalicelib.web.rest.table import routes
from tests.structure.sources import ROOT

PHRASES = (
    "admits?", "as it is(?=[.,;:]| to be)", "as it stands", "(?:is|are|was|were|be) asked for", "asked of", "besides",
    "by the way", "fault of its own", "go on", "goes on", "has come true", "in the way of", "knows no", "likewise",
    "of former times", "of its form", "of their form", "passed over", "stands? by", "stands? for", "stands? in", "told",
    "what (?:has )?(?:became|become|came) of", "whom",
)  # fmt: skip
"""Each has a usual word: accepts, unchanged, requested, also, continues, in the right format, ignored, reported …"""
NOT_PLAIN = re.compile(rf"\b(?:{'|'.join(PHRASES)})\b", re.IGNORECASE)


def _described(part: object) -> Iterator[str]:
    """The summaries, descriptions and titles in an OpenAPI document."""
    if isinstance(part, dict):
        for name, inner in part.items():
            if name in ("summary", "description", "title") and isinstance(inner, str):
                yield inner
            yield from _described(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _described(inner)


def _read_by_people() -> Iterator[tuple[str, str]]:
    """Every text that users or operators read, and where it is from."""
    yield from ((f"the words of {code}", " ".join(words)) for code, words in WORDS.items())
    yield from ((f"the words of {code}", " ".join(words)) for code, words in VARIANTS.items())
    yield from ((code, " ".join(words)) for code, words in VERIFICATION_CODES.items())
    yield from (LEARNER_CODES | FLAGS).items()
    yield from ((code.name, code.sentence) for code in Code)
    yield from ((kind.name, kind.title) for kind in vars(problems).values() if isinstance(kind, problems.ProblemKind))
    yield from (("the description of the API", text) for text in _described(document(routes())))
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("infra/*.md")):
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
            yield f"{page.relative_to(ROOT)}:{number}", line


def test_what_people_read_is_plain_english() -> None:
    found = [f"{place}: {text}" for place, text in _read_by_people() if NOT_PLAIN.search(text)]
    assert not found, "\n".join(found)
