"""Fields of the service in requests: structure is checked here, values by ``domain.values``.

A request with a record derives from :class:`RecordRequest` and names the record's fields; their texts are passed
unchanged to the use case, which checks them together with its rules. Other requests declare a field's value with
:class:`FieldValue`. Both are described with the limits, patterns and lists in the table of fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from chalicelib.domain.achievement_fields import ACHIEVEMENT, SUBMISSION_TYPE
from chalicelib.domain.codes import CodeList
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.learner_fields import DETAILS, FIND_TYPE, JOB_TYPE, MASTER_ULN, SUBMITTED
from chalicelib.domain.values import PATTERNS, judged
from chalicelib.web.http.forms import CONTROL, Form, Member, Schema

_NOT_IN_FILES: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML file can contain."""
_IN_FILES: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
_IN_JSON: Final = {
    field.wire: field.json
    for field in (*ACHIEVEMENT, SUBMISSION_TYPE, *DETAILS, *SUBMITTED, FIND_TYPE, JOB_TYPE, MASTER_ULN)
    if field.name != "action"
} | {"Action": "", "Version": "If-Match"}
"""Field names in JSON by those of the existing interface. An action is a separate route, a version is a header."""


def in_json(reason: Failure) -> Failure:
    """A reason with the field's name in JSON; a name that is not in the table of fields is not changed."""
    return reason._replace(field=_IN_JSON.get(reason.field, reason.field))


@dataclass(frozen=True, slots=True)
class FieldText(Form):
    """The text of a field, or null for none. The use case decides whether it is a value."""

    field: Field

    CLEARS: ClassVar = True

    def faults(self, name: str, value: object) -> list[Failure]:
        return [] if value is None or isinstance(value, str) else [failure("LRS-REQ-4", name, expected="text")]

    def missing(self, name: str) -> list[Failure]:  # noqa: ARG002
        return []

    def made(self, value: Any) -> Any:
        return value or ""

    def schema(self) -> Schema:
        return field_schema(self.field)

    def sample(self) -> str:
        return self.field.example


@dataclass(frozen=True, slots=True)
class FileText(FieldText):
    """The text of a field in one of many records, each with its own answer: any text is taken, and judged there."""

    def faults(self, name: str, value: object) -> list[Failure]:
        found = FieldText.faults(self, name, value)
        if isinstance(value, str) and _NOT_IN_FILES.search(value):
            found.append(failure("LRS-REQ-6", name, allowed="made up of printable characters"))
        return found

    def schema(self) -> Schema:
        schema: Schema = {"type": ["string", "null"], "pattern": _IN_FILES}
        return schema | ({"examples": [self.field.example]} if self.field.example else {})


@dataclass(frozen=True, slots=True)
class FieldValue(FieldText):
    """The value of a field, checked before the request reaches its view."""

    def refusals(self, value: Any) -> tuple[Failure, ...]:
        return judged(self.field, value or "").failures

    def made(self, value: Any) -> Any:
        return judged(self.field, value or "").value


@dataclass(frozen=True)
class RecordRequest:
    """A request that carries a record: ``class NewLearner(RecordRequest, record=DETAILS)``.

    Mandatory fields are described as required; for a ``partial`` record, those that every record must have.
    """

    texts: Mapping[str, str]
    """The fields given, by name; null and an empty text are not values."""

    MEMBERS: ClassVar[tuple[Member, ...]] = ()

    def __init_subclass__(
        cls, *, record: Iterable[Field] = (), partial: bool = False, form: type[FieldText] = FieldText
    ) -> None:
        super().__init_subclass__()
        members = (
            Member(
                field.name,
                field.json,
                form(field),
                form is not FileText and (field.always if partial else field.mandatory),
                field.description,
                in_record=True,
            )
            for field in record
        )
        cls.MEMBERS = tuple(members) or cls.MEMBERS

    def of(self, fields: Iterable[Field]) -> dict[str, str]:
        """The texts of these fields."""
        return {field.name: self.texts[field.name] for field in fields if field.name in self.texts}

    def failures(self) -> tuple[Failure, ...]:
        """The reasons against the texts that must be reported together with those against other values."""
        return ()


# --- Schemas ----------------------------------------------------------------------------------------------------------


def field_schema(field: Field) -> Schema:
    """The schema of a field's text; one that is not mandatory may also be empty or null."""
    schema: Schema
    if field.codes is not None or field.kind is Kind.DATE:
        schema = code_reference(field.codes) if field.codes is not None else {"type": "string", "format": "date"}
        schema = schema if field.mandatory else {"anyOf": [schema, {"enum": ["", None]}]}
    else:
        schema = {"type": "string" if field.mandatory else ["string", "null"], "maxLength": field.limit}
        if field.kind is not Kind.LINES:
            schema["pattern"] = _pattern(field)
    return schema | ({"examples": [field.example]} if field.example else {})


def _pattern(field: Field) -> str:
    if field.kind in PATTERNS:
        return f"^({PATTERNS[field.kind]}){'' if field.mandatory else '?'}$"
    printable = f"[^{CONTROL}]*"
    return f"^{printable}[^\\s{CONTROL}]{printable}$" if field.mandatory else f"^{printable}$"


def code_reference(codes: CodeList) -> Schema:
    """A reference to the schema of a list."""
    return {"$ref": f"#/components/schemas/{codes.name}"}


def code_schema(codes: CodeList) -> Schema:
    """The schema of a list: its values, with their meanings."""
    meanings = "; ".join(f"`{code.value}` {code.meaning}" for code in codes.codes)
    return {"type": "string", "enum": list(map(str, codes.values)), "description": f"{meanings}."}
