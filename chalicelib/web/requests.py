"""Typed requests: a frozen dataclass says what a request may hold, and the same type decodes it.

A field's Python name in camel case is its name on the wire; a field without a default is required; its form stands in
the annotation: ``filename: Annotated[str, Text(maximum=255)]``. Everything that is wrong is told at once, each reason
as a :class:`~chalicelib.domain.failures.Failure` that names the field and never repeats the value.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from chalicelib.domain.failures import Failure, failure

T = TypeVar("T")

BODY_LIMIT = 16_384
"""Bytes of a JSON body; files never come this way, so that no request needs more."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of ``minimum`` to ``maximum`` characters; ``pattern``, where given, matches the whole of it."""

    maximum: int
    minimum: int = 0
    pattern: str = ""
    expected: str = ""
    """What the pattern asks for, in the words of the refusal."""

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, str):
            return [failure("LRS-REQ-4", name, expected="text")]
        found = []
        if len(value) > self.maximum:
            found.append(failure("LRS-REQ-5", name, limit=self.maximum))
        if len(value) < self.minimum:
            found.append(failure("LRS-REQ-1", name))
        if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
            # Half of a surrogate pair has no bytes: it would fail only later, as our fault.
            found.append(failure("LRS-REQ-6", name, allowed="Unicode characters"))
        elif not found and self.pattern and re.fullmatch(self.pattern, value) is None:
            found.append(failure("LRS-REQ-6", name, allowed=self.expected))
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few texts, capitals and small letters alike."""

    values: tuple[str, ...]

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, str):
            return [failure("LRS-REQ-4", name, expected="text")]
        return [] if value.lower() in self.values else [failure("LRS-REQ-6", name, allowed=", ".join(self.values))]


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number of ``minimum`` to ``maximum``."""

    minimum: int
    maximum: int

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, int) or isinstance(value, bool):
            return [failure("LRS-REQ-4", name, expected="whole number")]
        if not self.minimum <= value <= self.maximum:
            return [failure("LRS-REQ-6", name, allowed=f"{self.minimum} to {self.maximum}")]
        return []


Form = Text | Choice | Whole


class Field(NamedTuple):
    """One field of a typed request."""

    name: str
    wire_name: str
    form: Form
    required: bool


@dataclass(frozen=True)
class NoRequest:
    """The request of a route that takes nothing."""


_FIELDS: dict[type[object], tuple[Field, ...]] = {}
"""What has been read of each request type: reading annotations costs more than decoding a request."""


class Malformed(Exception):
    """The request is not of its form; ``failures`` hold every reason."""

    def __init__(self, *failures: Failure) -> None:
        super().__init__([reason.code for reason in failures])
        self.failures = failures


class BodyTooLarge(Malformed):
    """The body is longer than any request of the interface."""


class WrongMediaType(Malformed):
    """The body is not declared as JSON."""


def fields_of(shape: type[object]) -> tuple[Field, ...]:
    """The fields of a request type. Raises TypeError for one that does not declare its form."""
    known = _FIELDS.get(shape)
    if known is None:
        known = _FIELDS[shape] = _declared_fields(shape)
    return known


def _declared_fields(shape: type[Any]) -> tuple[Field, ...]:
    hints = get_type_hints(shape, include_extras=True)
    found = []
    for field in dataclasses.fields(shape):
        hint = hints[field.name]
        forms = [extra for extra in get_args(hint)[1:] if isinstance(extra, Form)]
        if get_origin(hint) is not Annotated or len(forms) != 1:
            raise TypeError(f"{shape.__name__}.{field.name} does not declare its form")
        required = field.default is MISSING and field.default_factory is MISSING
        found.append(Field(field.name, _camel_case(field.name), forms[0], required))
    return tuple(found)


def decode(shape: type[T], members: Mapping[str, object], faults: Sequence[Failure] = ()) -> T:
    """Make a request of its type. ``faults`` were found before and are told together with those found here.

    Raises :class:`Malformed` with every reason: unknown names, missing values, wrong types, wrong forms.
    """
    found = list(faults)
    values: dict[str, Any] = {}
    fields = fields_of(shape)
    for field in fields:
        if field.wire_name not in members:
            if field.required:
                found.append(failure("LRS-REQ-1", field.wire_name))
            continue
        value = members[field.wire_name]
        found.extend(field.form.faults(field.wire_name, value))
        values[field.name] = value
    known = ", ".join(sorted(field.wire_name for field in fields)) or "none"
    unknown = members.keys() - {field.wire_name for field in fields}
    found.extend(failure("LRS-REQ-2", name, allowed=known) for name in sorted({_shown(name) for name in unknown}))
    if found:
        raise Malformed(*found)
    return shape(**values)


def read_json(raw: bytes, media_type: str, limit: int = BODY_LIMIT) -> tuple[dict[str, object], list[Failure]]:
    """The members of the one JSON object in the body, and the names given twice as failures.

    An empty body has no members. Raises :class:`BodyTooLarge`, :class:`WrongMediaType` or :class:`Malformed` when there
    is no object to decode: not UTF-8, not JSON to the letter (``NaN`` is not), nested beyond reason, or not an object.
    """
    if len(raw) > limit:
        raise BodyTooLarge(failure("LRS-REQ-8", limit=limit))
    if not raw.strip():
        return {}, []
    if not is_json(media_type):
        raise WrongMediaType(failure("LRS-REQ-7", expected="application/json"))
    doubled: set[str] = set()

    def members_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
        counts = Counter(name for name, _ in pairs)
        doubled.update(name for name, count in counts.items() if count > 1)
        return dict(pairs)

    try:
        content = json.loads(raw.decode("utf-8"), object_pairs_hook=members_of, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed(failure("WSEC0001")) from None
    if not isinstance(content, dict):
        raise Malformed(failure("WSEC0001"))
    return content, _doubled(doubled)


def read_query(shape: type[object], parameters: Mapping[str, Sequence[str]]) -> tuple[dict[str, object], list[Failure]]:
    """The parameters of a query, numbers read where the type wants them, and those given twice as failures."""
    numbers = {field.wire_name for field in fields_of(shape) if isinstance(field.form, Whole)}
    members: dict[str, object] = {}
    for name, values in parameters.items():
        value = values[-1]
        members[name] = int(value) if name in numbers and re.fullmatch(r"-?[0-9]{1,9}", value) else value
    return members, _doubled(name for name, values in parameters.items() if len(values) > 1)


def is_json(media_type: str) -> bool:
    """Whether a Content-Type header declares JSON in UTF-8 (its only encoding, RFC 8259)."""
    name, *parameters = (part.strip().lower() for part in media_type.split(";"))
    charsets = [part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset")]
    return name == "application/json" and all(charset in ("utf-8", "utf8") for charset in charsets)


def _doubled(names: Iterable[str]) -> list[Failure]:
    return [failure("LRS-REQ-3", name) for name in sorted({_shown(name) for name in names})]


def _shown(name: str) -> str:
    """A name from outside may be anything, even a learner's: only one that reads as a field's is repeated."""
    return name if re.fullmatch(r"[a-z]+([A-Z_-][a-z]+){0,4}", name) and len(name) <= 40 else ""


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
