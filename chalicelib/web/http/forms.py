"""Forms of the fields of typed requests: each checks a value, converts it, and describes itself as JSON Schema.

A form is part of a field's annotation and the only place with the field's limits, so the description of the API always
matches the checks. Reasons are reported as :class:`~chalicelib.domain.failures.Failure` values that name the field
(``learner.givenName``, ``ulns[3]``) and never repeat the value. The fields of the service, whose values are checked by
the rules, are in ``field_forms``.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Final, NamedTuple, get_args, get_origin, get_type_hints

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import camel_case
from chalicelib.domain.values import has_unseen
from chalicelib.web.http.naming import wire_name

Schema = dict[str, Any]
"""A schema of JSON Schema 2020-12, as OpenAPI 3.1 uses it."""

CONTROL: Final = r"\x00-\x1f\x7f-\x9f"
"""Control characters, as a class of a regular expression in a schema."""


_MOMENT: Final = (
    r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]"
    r"(:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+\-][01][0-9]:[0-5][0-9])"
)


class Form:
    """The form of one field."""

    __slots__ = ()

    CLEARS: ClassVar = False
    """Whether null and an empty text are values in a body: they remove what is held. Otherwise, nothing is given."""

    def faults(self, name: str, value: object) -> list[Failure]:
        """Every reason why ``value`` does not fit the form."""
        raise NotImplementedError

    def missing(self, name: str) -> list[Failure]:
        """The reason against leaving out a required field."""
        return [failure("LRS-REQ-1", name)]

    def refusals(self, value: Any) -> tuple[Failure, ...]:  # noqa: ARG002
        """Every reason against a value of the right structure; None if it was left out."""
        return ()

    def made(self, value: Any) -> Any:
        """The value for the program, made from a valid value."""
        return value

    def from_text(self, text: str) -> object:
        """The value of a query or path parameter; the text itself if it has none."""
        return text

    def schema(self) -> Schema:
        """The form as JSON Schema."""
        raise NotImplementedError

    def sample(self) -> object:
        """A value of the form, for the examples in the API description."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Text(Form):
    """A text of ``minimum`` to ``maximum`` characters; ``pattern``, if given, matches all of it.

    Control characters are refused (``lines`` allows tabs and line ends), and so is a required text of spaces only.
    """

    maximum: int
    minimum: int = 0
    pattern: str = ""
    expected: str = ""
    """What the pattern requires, for the words of the refusal."""
    lines: bool = False
    example: str = ""

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, str):
            return [failure("LRS-REQ-4", name, expected="text")]
        found = []
        if len(value) > self.maximum:
            found.append(failure("LRS-REQ-5", name, limit=self.maximum))
        if len(value) < self.minimum or (self.minimum and not value.strip()):
            found.append(failure("LRS-REQ-1", name))
        if has_unseen(value, lines=self.lines):
            # Half of a surrogate pair cannot be encoded, and XML does not allow control characters: both would fail
            # later.
            found.append(failure("LRS-REQ-6", name, allowed="made up of printable characters"))
        elif not found and self.pattern and re.fullmatch(self.pattern, value) is None:
            found.append(failure("LRS-REQ-6", name, allowed=self.expected))
        return found

    def schema(self) -> Schema:
        found: Schema = {"type": "string", "maxLength": self.maximum}
        if self.minimum:
            found["minLength"] = self.minimum
        if self.pattern:
            found["pattern"] = f"^({self.pattern})$"
        elif not self.lines:
            printable = f"[^{CONTROL}]*"
            found["pattern"] = rf"^{printable}[^\s{CONTROL}]{printable}$" if self.minimum else f"^{printable}$"
        return found

    def sample(self) -> str:
        return self.example or "text"[: self.maximum]


@dataclass(frozen=True, slots=True)
class Whole(Form):
    """A whole number of ``minimum`` to ``maximum``."""

    minimum: int
    maximum: int
    example: int | None = None

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, int) or isinstance(value, bool):
            return [failure("LRS-REQ-4", name, expected="a whole number")]
        if not self.minimum <= value <= self.maximum:
            return [failure("LRS-REQ-6", name, allowed=f"from {self.minimum} to {self.maximum}")]
        return []

    def from_text(self, text: str) -> object:
        return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}

    def sample(self) -> int:
        return self.minimum if self.example is None else self.example


@dataclass(frozen=True, slots=True)
class Flag(Form):
    """True or false."""

    def faults(self, name: str, value: object) -> list[Failure]:
        return [] if isinstance(value, bool) else [failure("LRS-REQ-4", name, expected="true or false")]

    def from_text(self, text: str) -> object:
        return {"true": True, "false": False}.get(text, text)

    def schema(self) -> Schema:
        return {"type": "boolean"}

    def sample(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Moment(Form):
    """A time with its offset from UTC (RFC 3339), converted to UTC."""

    example: str = "2026-12-05T20:00:00Z"

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, str):
            return [failure("LRS-REQ-4", name, expected="text")]
        try:
            fits = re.fullmatch(_MOMENT, value) is not None and bool(self.made(value))
        except (ValueError, OverflowError):
            fits = False
        return [] if fits else [failure("LRS-REQ-6", name, allowed="a time with its offset, such as " + self.example)]

    def made(self, value: str) -> datetime:
        return datetime.fromisoformat(value).astimezone(UTC)

    def schema(self) -> Schema:
        return {"type": "string", "format": "date-time", "maxLength": 35, "pattern": f"^({_MOMENT})$"}

    def sample(self) -> str:
        return self.example


@dataclass(frozen=True, slots=True)
class Nested(Form):
    """An object of another request type, converted to a value of that type."""

    shape: type[Any]

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, dict):
            return [failure("LRS-REQ-4", name, expected="an object")]
        return faults_of(self.shape, value, f"{name}.")

    def made(self, value: dict[str, Any]) -> Any:
        return made_of(self.shape, value)

    def schema(self) -> Schema:
        return {"$ref": f"#/components/schemas/{self.shape.__name__}"}

    def sample(self) -> dict[str, object]:
        return sample_of(self.shape)


@dataclass(frozen=True, slots=True)
class ListOf(Form):
    """A list of ``minimum`` to ``maximum`` values of one form, converted to a tuple."""

    form: Form
    maximum: int
    minimum: int = 1

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, list):
            return [failure("LRS-REQ-4", name, expected="a list")]
        if len(value) > self.maximum:
            return [failure("LRS-REQ-5", name, limit=self.maximum, reason="items")]
        if len(value) < self.minimum:
            return [failure("LRS-REQ-1", name)]
        return [reason for at, part in enumerate(value) for reason in self.form.faults(f"{name}[{at}]", part)]

    def made(self, value: list[Any]) -> tuple[Any, ...]:
        return tuple(self.form.made(part) for part in value)

    def schema(self) -> Schema:
        return {
            "type": "array", "items": self.form.schema(), "minItems": self.minimum, "maxItems": self.maximum
        }  # fmt: skip

    def sample(self) -> list[object]:
        return [self.form.sample()]


class Member(NamedTuple):
    """One field of a typed request."""

    name: str
    wire_name: str
    form: Form
    required: bool
    description: str = ""
    """If it is not the text below the field's declaration."""
    in_record: bool = False
    """Whether it is a field of the request's record."""


_LONGEST_NAME: Final = 40
_MOST_NAMES: Final = 100
_NEAR: Final = 0.8
"""How similar a name must be to count as a misspelling of another."""
_NAMES: dict[type[object], frozenset[str]] = {}
_FIELDS: dict[type[object], tuple[Member, ...]] = {}
"""Cached results for each request type: reading annotations costs more than decoding a request."""


def fields_of(shape: type[object]) -> tuple[Member, ...]:
    """The fields of a request type. Raises TypeError for one that does not declare its form."""
    known = _FIELDS.get(shape)
    if known is None:
        known = _FIELDS[shape] = _declared_fields(shape)
    return known


def _declared_fields(shape: type[Any]) -> tuple[Member, ...]:
    hints = get_type_hints(shape, include_extras=True)
    found = list(_record_of(shape))
    for field in _own_fields(shape):
        hint = hints[field.name]
        forms = [extra for extra in get_args(hint)[1:] if isinstance(extra, Form)]
        if get_origin(hint) is not Annotated or len(forms) != 1:
            raise TypeError(f"{shape.__name__}.{field.name} does not declare its form")
        required = field.default is MISSING and field.default_factory is MISSING
        found.append(Member(field.name, wire_name(shape, field.name), forms[0], required))
    return tuple(found)


def _record_of(shape: type[object]) -> tuple[Member, ...]:
    members: tuple[Member, ...] = getattr(shape, "MEMBERS", ())
    return members


def _own_fields(shape: type[Any]) -> list[dataclasses.Field[Any]]:
    record = {"texts"} if _record_of(shape) else set()
    return [field for field in dataclasses.fields(shape) if field.name not in record]


def wire_names(shape: type[object]) -> frozenset[str]:
    """The names of a request type's fields on the wire. Costs less than reading their forms."""
    own = (wire_name(shape, field.name) for field in _own_fields(shape))
    return frozenset(own).union(member.wire_name for member in _record_of(shape))


def given_members(shape: type[object], members: Mapping[str, object]) -> dict[str, Any]:
    """The members of a body without those of null or an empty text, at any depth, so that a document that was read can
    be sent back unchanged. Fields of the service stay: a change removes what is held.
    """
    forms = {field.wire_name: field.form for field in fields_of(shape)}
    kept = ((name, value, forms.get(name)) for name, value in members.items())
    return {
        name: given_members(form.shape, value) if isinstance(form, Nested) and isinstance(value, dict) else value
        for name, value, form in kept
        if form is None or form.CLEARS or (value is not None and value != "")
    }


def faults_of(shape: type[object], members: dict[str, Any], prefix: str = "") -> list[Failure]:
    """Every reason why ``members`` are not a request of this type: missing values, wrong forms, unknown names."""
    found: list[Failure] = []
    fields = fields_of(shape)
    for field in fields:
        if field.wire_name in members:
            found.extend(field.form.faults(prefix + field.wire_name, members[field.wire_name]))
        elif field.required:
            found.extend(field.form.missing(prefix + field.wire_name))
    unknown = members.keys() - {field.wire_name for field in fields}
    if unknown:
        known = sorted(field.wire_name for field in fields)
        names = sorted({shown_name(name, known) for name in sorted(unknown)[:_MOST_NAMES]})
        found.extend(unknown_name(name, known, prefix) for name in names)
    return found


def unknown_name(name: str, known: Iterable[str], prefix: str = "") -> Failure:
    """The reason against a name that the request may not have; ``name`` as :func:`shown_name` returns it.

    The detail ``nearest`` is the name that was probably meant.
    """
    allowed = ", ".join(sorted(known)) or "none"
    if not name:
        return failure("LRS-REQ-2", allowed=allowed)
    nearest = _nearest(name, known)
    if nearest in ("", name):
        return failure("LRS-REQ-2", prefix + name, allowed=allowed)
    return failure("LRS-REQ-2", prefix + name, allowed=allowed, nearest=prefix + nearest)


def made_of(shape: type[Any], members: dict[str, Any]) -> Any:
    """A request of this type, made from members of the right structure."""
    made: dict[str, Any] = {}
    texts = made.setdefault("texts", {}) if _record_of(shape) else {}
    for field in fields_of(shape):
        if field.wire_name in members:
            (texts if field.in_record else made)[field.name] = field.form.made(members[field.wire_name])
        elif field.required and not field.in_record:
            made[field.name] = field.form.made(None)
    return shape(**made)


def sample_of(shape: type[object]) -> dict[str, object]:
    """The members of an example: the required fields, with sample values from their forms."""
    return {field.wire_name: field.form.sample() for field in fields_of(shape) if field.required}


def names_in(shape: type[object]) -> frozenset[str]:
    """Every name that a request of this type may have, at any depth."""
    known = _NAMES.get(shape)
    if known is None:
        inner = (_inmost(field.form) for field in fields_of(shape))
        deeper = [names_in(form.shape) for form in inner if isinstance(form, Nested)]
        known = _NAMES[shape] = frozenset(field.wire_name for field in fields_of(shape)).union(*deeper)
    return known


def _inmost(form: Form) -> Form:
    while isinstance(form, ListOf):
        form = form.form
    return form


def shown_name(name: str, known: Iterable[str]) -> str:
    """An unknown name may be anything, even a learner's name: it is only repeated if it is close to a known field's
    name, or a field's name elsewhere in the service; otherwise "".
    """
    return name if _nearest(name, known) or name in _service_names() else ""


def _nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, or ""."""
    if len(name) > _LONGEST_NAME or not name.isascii() or not name.isalnum():
        return ""
    from difflib import get_close_matches  # noqa: PLC0415 - for wrong requests only

    names = {field.lower(): field for field in known}
    close = get_close_matches(name.lower(), names, 1, _NEAR)
    return names[close[0]] if close else ""


@cache
def _service_names() -> frozenset[str]:
    """The names of the fields of achievements and learners."""
    from chalicelib.domain.achievement_fields import ACHIEVEMENT  # noqa: PLC0415 - only needed for a refusal
    from chalicelib.domain.learner_fields import DETAILS, SUBMITTED  # noqa: PLC0415 - the same

    return frozenset(camel_case(field.name) for field in (*ACHIEVEMENT, *DETAILS, *SUBMITTED))
