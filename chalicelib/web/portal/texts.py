"""Texts of pages in Python: marked for the catalogue where they are written, translated where they are shown."""

from __future__ import annotations


def marked(text: str) -> str:
    """The same text. ``make portal-texts`` finds it by this name or by ``_``; templates show it ``| translated``."""
    return text
