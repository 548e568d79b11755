"""Forms from the fields of ``domain.fields``: what is asked for, what was entered, what is wrong with it.

A form judges nothing. It gives the use case the texts as they were entered, and puts the reasons of a refusal beside
the fields that they are about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from chalicelib.domain.codes import Code, CodeList
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.formats.words.pages import SELECT, error_text, notice_text
from chalicelib.formats.words.texts import Text, capital, joined, shaped, within
from chalicelib.web.portal.parts import DATE_PARTS, FieldError, Input, Notice, Option, Shown, errors_of
from chalicelib.web.portal.visits import Entered, Page

MOST_RADIOS: Final = 7
"""Of more values a list is shown."""
_WIDTHS: Final = (2, 3, 4, 5, 10, 20)
_TOO_LONG: Final = 100
"""Characters over a field's limit that are kept of a search."""
_SHORT: Final = frozenset({"id", "mis", "uci", "ukprn", "uln", "upn"})
_DIGITS: Final = frozenset({Kind.ULN, Kind.UKPRN, Kind.NUMBER, Kind.CANDIDATE_NUMBER})
_TYPES: Final = {Kind.EMAIL: "email", Kind.TELEPHONE: "tel"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A field as a page asks for it."""

    field: Field
    label: str
    hint: str = ""
    kind: Input = Input.TEXT
    options: Sequence[Option] = ()
    autocomplete: str = ""
    is_optional: bool = False
    """Whether it may be left empty, whatever the rest is. Its label says so, in a form of which something is needed."""

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def is_choice(self) -> bool:
        return self.kind in (Input.LIST, Input.ONE, Input.MANY)

    def word_of(self, text: str) -> str:
        """A value as its options say it; without options, what was entered."""
        return next((option.text for option in self.options if option.value == text), text)


def asked(field: Field, **changes: Any) -> Asked:
    """A field in the way that follows from its entry, with ``changes`` where a page wants another.

    Boxes to tick are not said to be optional.
    """
    kind = Input.TEXT
    options: tuple[Option, ...] = ()
    if field.kind is Kind.DATE:
        kind = Input.DATE
    elif field.kind is Kind.LINES:
        kind = Input.LINES
    elif field.codes is not None:
        kind = changes.get("kind") or (Input.ONE if len(field.codes.codes) <= MOST_RADIOS else Input.LIST)
        options = tuple(Option(code.value, meaning_of(code)) for code in field.codes.codes)
        if kind is Input.LIST:
            options = (Option("", Text(SELECT, {"its": shaped(label_of(field), within)})), *options)
    is_optional = not field.mandatory and changes.get("kind") is not Input.MANY
    made = Asked(field=field, label=label_of(field), kind=kind, options=options, is_optional=is_optional)
    return replace(made, **changes)


def meaning_of(code: Code) -> Text:
    """The meaning of a code, as on a line of its own."""
    return Text(code.meaning, shape=capital)


def meaning(codes: CodeList, value: str) -> str:
    """The same by its value; any other value as it is."""
    known = codes.meanings.get(value)
    return value if known is None else Text(known, shape=capital)


def coded(codes: CodeList, value: str) -> str:
    """The value with its meaning; any other value as it is."""
    known = codes.meanings.get(value)
    return value if known is None else Text("{code} – {meaning}", {"code": value, "meaning": meaning(codes, value)})


def label_of(field: Field) -> Text:
    """The name of a field for people: "Given name", "ULN"."""
    words = [word.upper() if word in _SHORT else word for word in field.name.split("_")]
    return Text(capital(" ".join(words)))


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a page, in their order."""

    asked: tuple[Asked, ...]

    def texts(self, entered: Entered) -> dict[str, str]:
        """What was entered, as the use cases take it, by the names of the fields."""
        return {one.name: _text(one, entered) for one in self.asked}

    def searched(self, entered: Entered) -> dict[str, str]:
        """The same, to be kept before it is judged: what is far too long is cut, and stays too long."""
        return {one.name: _text(one, entered)[: one.field.limit + _TOO_LONG] for one in self.asked}

    def filled(self, texts: Mapping[str, str]) -> dict[str, Sequence[str]]:
        """Values that are held already, as if they had been entered."""
        entered: dict[str, Sequence[str]] = {}
        for one in self.asked:
            text = texts.get(one.name, "")
            if one.kind is Input.DATE:
                parts = dict(zip(("year", "month", "day"), text.split("-"), strict=False))
                entered |= {f"{one.name}-{part}": [parts.get(part, "")] for part in DATE_PARTS}
            else:
                entered[one.name] = [text]
        return entered

    def shown(self, entered: Entered, failures: Iterable[Failure] = ()) -> list[Shown]:
        """The fields with what was entered, except passwords, and what is wrong with it."""
        reasons = list(failures)
        return [self._shown(one, entered, [reason for reason in reasons if _is_of(reason, one)]) for one in self.asked]

    def errors(self, shown: Sequence[Shown], failures: Iterable[Failure]) -> list[FieldError]:
        """The error summary: first what is wrong with the whole, which leads to the first field, then each field's."""
        others = (reason for reason in failures if not any(_is_of(reason, one) for one in self.asked))
        texts = dict.fromkeys((error_text(reason, ""), reason.code) for reason in others if reason.refuses)
        first = shown[0].anchor if shown else ""
        return [*(FieldError(text, first, code) for text, code in texts), *errors_of(shown)]

    def notices(self, failures: Iterable[Failure]) -> list[Notice]:
        """What there is to know about what was entered, which does not stop it."""
        labels = {one.field.wire: one.label for one in self.asked}
        texts = ((one, notice_text(one, labels.get(one.field, ""))) for one in failures if not one.refuses)
        return [Notice(text, one.code, one.field) for one, text in texts]

    def page(self, template: str, entered: Entered, failures: Sequence[Failure] = (), **context: Any) -> Page:
        """The page with this form, whose template gets ``fields`` and ``errors`` and the rest of the context."""
        shown = self.shown(entered, failures)
        own = {"fields": shown, "errors": self.errors(shown, failures)}
        return Page(template=template, context={**context, **own}, status=400 if failures else 200)

    @property
    def _marks_optional(self) -> bool:
        """Not in a form that can be left empty as a whole, such as filters."""
        return any(not one.is_optional and one.kind is not Input.MANY for one in self.asked)

    def _shown(self, one: Asked, entered: Entered, reasons: Sequence[Failure]) -> Shown:
        field = one.field
        asked_as = {"is_choice": one.is_choice, "is_text": one.kind is Input.TEXT}
        error = joined(dict.fromkeys(error_text(reason, one.label, **asked_as) for reason in reasons))
        return Shown(
            name=one.name,
            label=one.label,
            kind=one.kind,
            value=value_of(one, entered),
            hint=one.hint,
            error=error,
            codes=" ".join(reason.code for reason in reasons),
            options=one.options,
            width=next((width for width in _WIDTHS if field.limit <= width), 0) if one.kind is Input.TEXT else 0,
            type=_TYPES.get(field.kind, "text"),
            autocomplete=one.autocomplete,
            is_optional=one.is_optional and self._marks_optional,
            inputmode="numeric" if field.kind in _DIGITS else "",
        )


def form(*fields: Field | Asked) -> Form:
    """A form of these fields."""
    return Form(tuple(asked(one) if isinstance(one, Field) else one for one in fields))


def _is_of(reason: Failure, one: Asked) -> bool:
    return reason.refuses and reason.field in (one.field.wire, one.name)


def _text(one: Asked, entered: Entered) -> str:
    if one.kind is not Input.DATE:
        return _last(entered, one.name)
    day, month, year = (_last(entered, f"{one.name}-{part}").strip() for part in DATE_PARTS)
    return f"{year}-{month:0>2}-{day:0>2}" if day or month or year else ""


def value_of(one: Asked | Shown, entered: Entered) -> str | Sequence[str]:
    """What was entered in a field, as it is shown again: never a password or a file."""
    if one.kind is Input.DATE:
        parts = tuple(_last(entered, f"{one.name}-{part}") for part in DATE_PARTS)
        return parts if any(parts) else ""
    if one.kind is Input.MANY:
        return tuple(entered.get(one.name, ()))
    return "" if one.kind in (Input.PASSWORD, Input.FILE) else _last(entered, one.name)


def _last(entered: Entered, name: str) -> str:
    values = entered.get(name)
    return values[-1] if values else ""
