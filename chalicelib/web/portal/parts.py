"""What the templates' macros are given: fields of forms, rows, pages of lists, steps, tiles, charts.

Templates read these attributes, never keys, so that a name that does not exist is an error and not an empty place.
Templates escape all texts, so texts may be what users entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from chalicelib.formats.words.texts import Translate, said
from chalicelib.web.http.bodies import whole_number
from chalicelib.web.portal import moments

__all__ = [
    "Bar",
    "Chart",
    "FieldError",
    "Input",
    "Link",
    "Notice",
    "Option",
    "Paging",
    "Row",
    "Shown",
    "Step",
    "errors_of",
]


class Input(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    LINES = "lines"
    """Several lines of text."""
    LIST = "list"
    """One of a long list."""
    ONE = "one"
    """One of a few, all visible."""
    MANY = "many"
    DATE = "date"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose."""

    value: str
    text: str
    hint: str = ""


DATE_PARTS = {"day": 2, "month": 2, "year": 4}
"""Each with its digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A field of a form with what was entered and what is wrong with it."""

    name: str
    """Also the id that an error links to."""
    label: str
    kind: Input = Input.TEXT
    value: str | Sequence[str] = ""
    """As entered: of a date its day, month and year; of MANY the chosen values."""
    hint: str = ""
    error: str = ""
    codes: str = ""
    """Of the reasons that are the error."""
    options: Sequence[Option] = ()
    width: int = 0
    """In characters: 2, 3, 4, 5, 10, 20 or 30; 0 for the whole width."""
    type: str = "text"
    """The HTML type of TEXT, such as email or tel."""
    autocomplete: str = ""
    inputmode: str = ""
    is_optional: bool = False
    """Whether its label says that it may be left empty."""
    is_heading: bool = False
    """Whether its label is the page's heading."""
    wrong_part: str = ""
    """Of a date: the one part that is wrong; the whole date when left out."""

    @property
    def anchor(self) -> str:
        """The id of the control to correct."""
        return f"{self.name}-{self.wrong_part or 'day'}" if self.kind is Input.DATE else self.name

    def choices(self, translate: Translate) -> list[dict[str, Any]]:
        """The options as the components take them."""
        chosen = (self.value,) if isinstance(self.value, str) else self.value
        return [
            {
                "value": option.value,
                "text": said(option.text, translate),
                "hint": {"text": said(option.hint, translate)} if option.hint else None,
                ("selected" if self.kind is Input.LIST else "checked"): option.value in chosen,
            }
            for option in self.options
        ]

    def date_part(self, part: str, label: str) -> dict[str, Any]:
        """One input of a date as its component takes it."""
        values = dict(zip(DATE_PARTS, self.value, strict=False)) if self.value else {}
        is_wrong = bool(self.error) and self.wrong_part in ("", part)
        classes = f"govuk-input--width-{DATE_PARTS[part]}" + (" govuk-input--error" if is_wrong else "")
        return {
            "id": f"{self.name}-{part}",
            "name": f"{self.name}-{part}",
            "label": label,
            "classes": classes,
            "value": values.get(part, ""),
            "autocomplete": f"bday-{part}" if self.autocomplete == "bday" else None,
        }


@dataclass(frozen=True, slots=True)
class FieldError:
    """A line of the error summary."""

    text: str
    anchor: str = ""
    """The id of the control to correct; empty for an error of the whole form."""
    codes: str = ""
    """Of its reasons, with which the service desk finds them in the list of all codes."""

    def as_item(self, translate: Translate) -> dict[str, Any]:
        """As the component takes it."""
        attributes = {"data-codes": self.codes} if self.codes else {}
        href = f"#{self.anchor}" if self.anchor else ""
        return {"text": said(self.text, translate), "href": href, "attributes": attributes}


def errors_of(fields: Iterable[Shown]) -> list[FieldError]:
    """The error summary of a form, in the order of its fields."""
    return [FieldError(one.error, one.anchor, one.codes) for one in fields if one.error]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know about what was entered, which does not stop it."""

    text: str
    code: str
    field: str
    """As failures name it."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where to go."""

    text: str
    href: str
    about: str = ""
    """What it is about, for those who hear the link alone: Change <name>."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a summary."""

    key: str
    value: str | date
    """A text, a day or a time."""
    links: Sequence[Link] = ()

    def as_item(self, translate: Translate) -> dict[str, Any]:
        """As the component takes it."""
        links = [
            {"href": link.href, "text": said(link.text, translate), "visuallyHiddenText": said(link.about, translate)}
            for link in self.links
        ]
        return {
            "key": {"text": said(self.key, translate)},
            "value": {"text": self._text(translate)},
            "actions": {"items": links},
        }

    def _text(self, translate: Translate) -> str:
        if isinstance(self.value, datetime):
            return moments.marked_moment(self.value, translate)
        if isinstance(self.value, date):
            return moments.marked_day(self.value, translate)
        return said(self.value, translate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which page of a list is shown."""

    page: int
    """From 1."""
    total: int
    """Entries in all."""
    address: str
    """Of the list with everything but the page's number, which is put at its end: ``/jobs?status=failed&page=``."""
    size: int = 25

    @classmethod
    def at(cls, asked: str, total: int, address: str, size: int = 25) -> Self:
        """At the page that was asked for in an address, or the nearest that there is."""
        pages = cls(page=1, total=total, address=address, size=size).pages
        number = whole_number(asked, 1, digits=5)
        return cls(page=max(1, min(number, pages)), total=total, address=address, size=size)

    @property
    def pages(self) -> int:
        return -(-self.total // self.size)

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)

    def as_parameters(self, landmark: str, previous: str, following: str, page: str) -> Mapping[str, Any]:
        """As the component takes it: first, last and neighbouring pages, the rest left out."""
        near = {1, self.pages, *range(self.page - 1, self.page + 2)}
        items: list[dict[str, Any]] = []
        for number in range(1, self.pages + 1):
            if number in near:
                current = {"current": True} if number == self.page else {}
                about = {"visuallyHiddenText": f"{page} {number}"}
                items.append({"number": number, "href": f"{self.address}{number}", **about, **current})
            elif number - 1 in near:
                items.append({"ellipsis": True})
        parameters: dict[str, Any] = {"landmarkLabel": landmark, "items": items}
        if self.page > 1:
            parameters["previous"] = {"href": f"{self.address}{self.page - 1}", "text": previous}
        if self.page < self.pages:
            parameters["next"] = {"href": f"{self.address}{self.page + 1}", "text": following}
        return parameters


@dataclass(frozen=True, slots=True)
class Step:
    """An entry of a timeline."""

    title: str
    at: datetime
    by: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of a chart."""

    month: date
    """Its first day."""
    value: float | None
    """None where nothing was measured."""
    text: str
    is_missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars of months against a target."""

    id: str
    bars: Sequence[Bar]
    target: float
    target_text: str
    lowest: float
    lowest_text: str
    highest: float
    highest_text: str

    @property
    def measured(self) -> int:
        """In how many months something was measured."""
        return sum(1 for bar in self.bars if bar.value is not None)

    @property
    def met(self) -> int:
        """In how many of them the target was met."""
        return sum(1 for bar in self.bars if bar.value is not None and not bar.is_missed)

    def share(self, value: float) -> float:
        """Its height between the lowest and the highest value, from 0 to 1."""
        return max(0.0, min(1.0, (value - self.lowest) / (self.highest - self.lowest)))
