"""Texts of pages in Python: marked for the catalogue where they are written, translated where they are shown."""

from __future__ import annotations

from chalicelib.formats.words.texts import Text


def marked(text: str) -> Text:
    """The text as one of ours, which ``make portal-texts`` finds by this name or by ``_``."""
    return Text(text)
