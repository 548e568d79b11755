"""A language in which every text of the catalogue is between ⟦ and ⟧, so that what is not can be seen."""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Iterator
from functools import cache
from html import unescape

from local.commands import portal_texts

PLACE = re.compile(r"(%\(\w+\)s|%%|\{\w+\})")
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
UNSEEN = re.compile(r"<!--.*?-->|<(script|style|code)\b[^>]*>.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
HEARD = re.compile(r'(?:aria-label|title|alt|placeholder|data-i18n[\w.-]*|data-lrs-words)="([^"]*)"')
"""The attributes that people hear or see."""


@cache
def known() -> frozenset[str]:
    """Every text of the catalogue."""
    lines = portal_texts.CATALOGUE.read_text("utf-8")
    return frozenset(map(json.loads, re.findall(r'^msgid(?:_plural)? (".+")$', lines, re.MULTILINE)))


@cache
def marked(text: str) -> str:
    """A text of the catalogue with what is between its values marked."""
    parts = PLACE.split(text)
    return "".join(part if number % 2 or not part.strip() else f"⟦{part}⟧" for number, part in enumerate(parts))


class Pseudo(gettext.NullTranslations):
    """The translations, which note what they are asked for and do not have."""

    def __init__(self) -> None:
        super().__init__()
        self.unknown: set[str] = set()

    def gettext(self, message: str) -> str:
        if message in known():
            return marked(message)
        if re.search(r"[^\W\d_]", PLACE.sub("", message)):
            self.unknown.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def unmarked(html: str) -> Iterator[str]:
    """What a page says that is no text of the catalogue."""
    for part in TAG.sub(lambda tag: "\n".join(["", *HEARD.findall(tag[0]), ""]), UNSEEN.sub("\n", html)).split("\n"):
        for run in MARKED.split(unescape(part)):
            if re.search(r"[^\W\d_]", run):
                yield run.strip()
