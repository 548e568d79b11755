"""Typed responses: a frozen dataclass defines the content of a response, and the same type renders and describes it.

A field's Python name in camel case is its name on the wire, its annotation its type, and its docstring its description
in the API reference. Every field is always present: values that are not known are null (``str | None``)::

    @dataclass(frozen=True)
    class LearnerDocument:
        uln: Annotated[str, About(example="1000000043")]
        '''The learner's number; if numbers are linked, the master's.'''
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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any, ClassVar, get_args, get_type_hints

from chalicelib.domain.codes import CodeList
from chalicelib.domain.fields import Field
from chalicelib.web.http.naming import wire_name


@dataclass(frozen=True, slots=True)
class About:
    """What a field's type does not say about it."""

    example: object = None
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""
    values: Sequence[str] = ()
    """The members of an enumeration that it can have, if not all."""
    codes: CodeList | None = None
    """The list of its values."""


@dataclass(frozen=True)
class FieldsDocument:
    """A document with the fields of a record among its members: ``class Details(FieldsDocument, record=DETAILS)``."""

    record: object

    FIELDS: ClassVar[tuple[Field, ...]] = ()

    def __init_subclass__(cls, *, record: Sequence[Field] = ()) -> None:
        super().__init_subclass__()
        cls.FIELDS = tuple(record) or cls.FIELDS


def record_of(kind: type[object], name: str) -> tuple[Field, ...]:
    """The fields of the record that a dataclass field of a document holds; empty for any other."""
    return kind.FIELDS if name == "record" and issubclass(kind, FieldsDocument) else ()


_MEMBERS: dict[type[object], tuple[tuple[str, ...], Callable[[Any], Iterable[object]]]] = {}
"""For each response type, the names of its members on the wire and how to get them all."""


def rendered(document: object) -> str:
    """A document as JSON: mappings, lists and plain values, with response types, dates and times anywhere in them.

    Raises TypeError for a value that cannot be rendered.
    """
    return _ENCODER.encode(document)


def rendered_to_read(document: object) -> str:
    """The same on several lines, for people."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=_wire)


def members_of(document: object) -> dict[str, object]:
    """The members of one response value under their names on the wire; inner values are not changed."""
    names, values_of = _MEMBERS.get(type(document)) or _known(type(document))
    return dict(zip(names, values_of(document), strict=True))


def prepare(kind: object) -> None:
    """Find out at once how to render a type of response, and the types in it."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in _MEMBERS:
        _known(kind)
        issubclass(kind, Mapping)  # remembers what is asked of every value
        for inner in get_type_hints(kind).values():
            prepare(inner)
    for inner in get_args(kind):
        prepare(inner)


def _known(kind: type[object]) -> tuple[tuple[str, ...], Callable[[Any], Iterable[object]]]:
    found = _MEMBERS[kind] = _members(kind, dataclasses.fields(kind))  # type: ignore[arg-type]  # TypeError if it is none
    return found


def _members(
    kind: type[object], fields: Sequence[dataclasses.Field[Any]]
) -> tuple[tuple[str, ...], Callable[[Any], Iterable[object]]]:
    names = [field.name for field in fields]
    if len(names) > 1 and not any(record_of(kind, name) for name in names):
        return tuple(wire_name(kind, name) for name in names), attrgetter(*names)
    members = [member for name in names for member in _one_by_one(kind, name)]
    return tuple(name for name, _ in members), lambda document: [value_of(document) for _, value_of in members]


def _one_by_one(kind: type[object], name: str) -> Iterator[tuple[str, Callable[[Any], object]]]:
    fields = record_of(kind, name)
    if not fields:
        yield wire_name(kind, name), attrgetter(name)
    for one in fields:
        yield one.json, _or_null(attrgetter(f"{name}.{one.name}"))


def _or_null(value_of: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda document: value_of(document) or None


def time_text(moment: datetime) -> str:
    """A time in UTC, to the second."""
    return f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def _wire(value: Any) -> object:
    """A value that JSON does not have."""
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return members_of(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_wire)
