"""Typed answers: a frozen dataclass says what an answer holds, and the same type renders and describes it.

A field's Python name in camel case is its name on the wire, its annotation its type, and its docstring its description
in the interface's reference. Every field is always there: what is not known is null (``str | None``)::

    @dataclass(frozen=True)
    class LearnerDocument:
        uln: Annotated[str, About(example="1000000043")]
        '''The learner's number; the master's where numbers are linked.'''
        date_of_birth: date
        linked_ulns: tuple[str, ...]
        last_updated_date: datetime | None
        address: Address
        links: Mapping[str, str]

Types: ``str``, ``int``, ``float``, ``bool``, ``date`` (YYYY-MM-DD), ``datetime`` (UTC to the second,
``2026-11-22T09:00:00Z``), ``StrEnum`` (its values), ``Literal``, ``X | None``, ``tuple[X, ...]``, ``list[X]``,
``Mapping[str, X]``, other dataclasses, and ``Annotated[X, About(example=…)]``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.web.http.forms import wire_name


@dataclass(frozen=True, slots=True)
class About:
    """What a field's type does not say of it."""

    example: object = None
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""
    values: Sequence[str] = ()
    """Those of an enumeration that it can have, where not all."""


_NAMES: dict[type[object], tuple[tuple[str, str], ...]] = {}
"""Of each response type, its fields' names and their names on the wire."""


def rendered(document: object) -> str:
    """A document as JSON: mappings, lists and plain values, with response types, dates and times anywhere in them.

    Raises TypeError for a value that has no form on the wire.
    """
    return _ENCODER.encode(document)


def rendered_to_read(document: object) -> str:
    """The same over several lines, for people."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=_wire)


def members_of(document: object) -> dict[str, object]:
    """The members of one response value under their names on the wire; inner values are left as they are."""
    kind = type(document)
    names = _NAMES.get(kind)
    if names is None:
        fields = dataclasses.fields(document)  # type: ignore[arg-type]  # raises TypeError for what is no dataclass
        names = _NAMES[kind] = tuple((field.name, wire_name(kind, field.name)) for field in fields)
    return {wire: getattr(document, name) for name, wire in names}


def time_text(moment: datetime) -> str:
    """A moment in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _wire(value: Any) -> object:
    """A value that JSON does not know."""
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return members_of(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_wire)
