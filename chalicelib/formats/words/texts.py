"""Texts that remember what they were made of, so that a surface can show them in another language.

Everything that takes a text takes one of these: it is the English text. :meth:`Text.said` makes it anew from what a
translation has for its template, and never from the sentence with its values in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final, Self

Translate = Callable[[str], str]
"""From an English template to the same in the language of a page."""


class Text(str):
    """A text of ours in English: never what users entered, and no name of an organisation.

    ``{name}`` in the template stands for the value of that name; one without a value leaves nothing behind. Of the
    values only those that are texts of ours themselves are said in another language.
    """

    __slots__ = ("shape", "template", "values")

    template: str
    values: Mapping[str, str] | None
    shape: Translate | None
    """What is done to the whole at the end, such as a capital letter at its beginning."""

    def __new__(cls, template: str, values: Mapping[str, str] | None = None, shape: Translate | None = None) -> Self:
        text = template if values is None else template.format_map(_Values(values))
        made = super().__new__(cls, text if shape is None else shape(text))
        made.template, made.values, made.shape = template, values, shape
        return made

    @classmethod
    def of(cls, text: str) -> Text:
        """A text that is known to be ours."""
        return text if isinstance(text, Text) else cls(text)

    def said(self, translate: Translate) -> str:
        """The text in the language of ``translate``."""
        text = translate(self.template) if self.template else ""  # gettext has its head under the empty text
        if self.values is not None:
            text = text.format_map(_Values({name: said(value, translate) for name, value in self.values.items()}))
        return text if self.shape is None else self.shape(text)


class _Values(dict[str, str]):
    """Values of a template; one that is not there leaves nothing behind."""

    def __missing__(self, name: str) -> str:
        return ""


def said(text: str, translate: Translate) -> str:
    """A text of ours in the language of ``translate``; every other text as it is."""
    return text.said(translate) if isinstance(text, Text) else text


def joined(texts: Iterable[str], between: str = " ") -> Text:
    """Texts one after the other, each for itself in another language."""
    values = {f"part_{number}": text for number, text in enumerate(texts)}
    return Text(between.join(f"{{{name}}}" for name in values), values)


def capital(text: str) -> str:
    """With a capital letter at its beginning, as on a line of its own."""
    return text[:1].upper() + text[1:]


def within(label: str) -> str:
    """A label in the middle of a sentence: "Given name" as "given name", "ULN" as it is."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def shaped(text: str, shape: Translate) -> Text:
    """A text with something done to it, in whichever language it is."""
    return Text("{text}", {"text": text}, shape)


DAY: Final = "{day} {month} {year}"


def day_text(day: date) -> Text:
    """22 November 2026."""
    return Text(DAY, {"day": str(day.day), "month": Text(f"{day:%B}"), "year": str(day.year)})
