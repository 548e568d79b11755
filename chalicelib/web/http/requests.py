"""Typed requests: a frozen dataclass defines the content of a request, and the same type decodes and describes it.

A field's Python name in camel case is its name on the wire; a field without a default is required; its form is in the
annotation, and its docstring is its description in the API reference::

    @dataclass(frozen=True)
    class Search:
        uln: Annotated[str, FieldValue(ULN)]
        '''The learner's number.'''
        find_type: Annotated[str, FieldValue(FIND_TYPE)] = ""
        address: Annotated[Address | None, Nested(Address)] = None
        numbers: Annotated[tuple[int, ...], ListOf(Whole(1, 9), maximum=200)] = ()

Forms (importable from here): ``Text``, ``Whole``, ``Flag``, ``Moment``, ``FieldValue(field)`` for a field we know,
``Nested(type)``, ``ListOf(form, maximum)`` (makes a tuple). In a body, null and an empty text mean that nothing is
given. A request with a record derives from ``RecordRequest``. Every reason is reported at once, as a
:class:`~chalicelib.domain.failures.Failure` that names the field and never repeats the value.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.refusals import Refused
from chalicelib.web.http.bodies import (
    BODY_LIMIT,
    JSON,
    LOST,
    MOST_REASONS,
    BodyTooLarge,
    Malformed,
    WrongMediaType,
    form_values,
    is_json,
    readable_text,
)
from chalicelib.web.http.field_forms import FieldValue, RecordRequest
from chalicelib.web.http.forms import (
    Flag,
    Form,
    ListOf,
    Moment,
    Nested,
    Text,
    Whole,
    faults_of,
    fields_of,
    given_members,
    made_of,
    names_in,
    shown_name,
    unknown_name,
)

__all__ = [
    "FieldValue",
    "Flag",
    "Form",
    "ListOf",
    "Moment",
    "Nested",
    "NoRequest",
    "RecordRequest",
    "Text",
    "Whole",
    "decode",
    "fields_of",
    "given_members",
    "names_in",
    "read_form",
    "read_json",
    "read_query",
    "refuse_query",
]

T = TypeVar("T")

_LOST_ESCAPED: Final = "\\ufffd"


@dataclass(frozen=True)
class NoRequest:
    """The request of a route without parameters."""


def decode(shape: type[T], members: Mapping[str, object], faults: Sequence[Failure] = ()) -> T:
    """Make a request of this type. ``faults`` were found earlier and are reported together with those found here.

    Raises :class:`Malformed` with every reason against its structure: unknown names, missing members, wrong types;
    without any, :class:`~chalicelib.domain.refusals.Refused` with every reason against the values that are checked
    here.
    """
    held = dict(members)
    found = [*faults, *faults_of(shape, held)]
    if found:
        raise Malformed(*found[:MOST_REASONS])
    refused = [reason for field in fields_of(shape) for reason in field.form.refusals(held.get(field.wire_name))]
    made: T = made_of(shape, held)
    if isinstance(made, RecordRequest):
        refused += made.failures()
    if refused:
        raise Refused(*refused)
    return made


def read_json(
    raw: bytes, media_type: str, limit: int = BODY_LIMIT, known: Iterable[str] = ()
) -> tuple[dict[str, object], list[Failure]]:
    """The members of the one JSON object in the body, and failures for the names given twice; ``known`` names may be
    repeated.

    An empty body has no members. Raises :class:`BodyTooLarge`, :class:`WrongMediaType` or :class:`Malformed` if there
    is no object to decode: not UTF-8 (LRS-REQ-19), not strict JSON (``NaN`` is not allowed), nested too deeply, or not
    an object.
    """
    if len(raw) > limit:
        raise BodyTooLarge(failure("LRS-REQ-8", limit=limit))
    if not raw.strip():
        return {}, []
    if not is_json(media_type):
        raise WrongMediaType(failure("LRS-REQ-7", expected=JSON))
    doubled: set[str] = set()

    def members_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
        counts = Counter(name for name, _ in pairs)
        doubled.update(name for name, count in counts.items() if count > 1)
        return dict(pairs)

    text = readable_text(raw)
    try:
        content = json.loads(text, object_pairs_hook=members_of, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed(failure("WSEC0001")) from None
    if not isinstance(content, dict):
        raise Malformed(failure("WSEC0001"))
    if _LOST_ESCAPED in text.lower() and LOST in json.dumps(content, ensure_ascii=False):
        raise Malformed(failure("LRS-REQ-19"))
    return content, _doubled(doubled, known)


def read_query(shape: type[object], parameters: Mapping[str, Sequence[str]]) -> tuple[dict[str, object], list[Failure]]:
    """The parameters of a query, each read by its form, and failures for those given twice."""
    forms = {field.wire_name: field.form for field in fields_of(shape)}
    members: dict[str, object] = {}
    for name, values in parameters.items():
        members[name] = forms[name].from_text(values[-1]) if name in forms else values[-1]
    return members, _doubled([name for name, values in parameters.items() if len(values) > 1], forms)


def refuse_query(parameters: Mapping[str, Sequence[str]], known: Iterable[str] = ()) -> None:
    """Refuse a query on a route with a body, because addresses are kept in logs everywhere.

    Raises :class:`Malformed` with every parameter.
    """
    if parameters:
        names = sorted({shown_name(name, known) for name in list(parameters)[:MOST_REASONS]})
        raise Malformed(*(unknown_name(name, ()) for name in names))


def read_form(
    shape: type[object], raw: bytes, media_type: str, limit: int = BODY_LIMIT
) -> tuple[dict[str, object], list[Failure]]:
    """The members of a form body (``application/x-www-form-urlencoded``), as :func:`read_query` reads a query.

    Raises :class:`BodyTooLarge`, :class:`WrongMediaType`, or :class:`Malformed` if it is not UTF-8 or has too many
    names.
    """
    return read_query(shape, form_values(raw, media_type, limit))


def _doubled(names: Iterable[str], known: Iterable[str]) -> list[Failure]:
    shown = {shown_name(name, known) for name in sorted(names)[:MOST_REASONS]}
    return [failure("LRS-REQ-3", name) for name in sorted(shown)]


def _refuse_constant(name: str) -> object:
    raise ValueError(name)
