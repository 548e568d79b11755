"""Descriptions made from types: docstrings of classes and their fields, JSON Schema, examples.

A field is described by the text below its declaration. Python keeps that text in the source only, which is read when
the API description is made, not when the API is used.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
import types
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from chalicelib.domain.codes import LISTS, CodeList
from chalicelib.domain.fields import Field, Kind
from chalicelib.web.http.field_forms import FieldText, code_reference, code_schema
from chalicelib.web.http.forms import ListOf, Member, Nested, Schema, fields_of
from chalicelib.web.http.naming import wire_name
from chalicelib.web.http.responses import About, record_of

_PLAIN: Mapping[type, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    dict: {"type": "object"},
    object: {},
}
NO_VALUE: Mapping[str, object] = {"enum": ["", None]}
"""The schema of the values that mean there is none."""
_NUMBER = r"[A-Z]{3,4}-[0-9]{2}"
_NUMBERS_ALONE = re.compile(rf"\s*\({_NUMBER}(?:(?:,| to)\s+{_NUMBER})*\)")
_NUMBERS_FIRST = re.compile(rf"\({_NUMBER}(?:(?:,| to)\s+{_NUMBER})*,\s+")


class Words(NamedTuple):
    """A docstring in two parts."""

    summary: str
    description: str


def words_of(docstring: str | None) -> Words:
    """The first paragraph of a docstring, without its full stop, and the others; in Markdown."""
    text = plain(inspect.cleandoc(docstring or ""))
    first, _, rest = text.partition("\n\n")
    return Words(" ".join(first.split()).removesuffix("."), rest.strip())


def plain(text: str) -> str:
    """A docstring's text in Markdown: single backticks for code, without the numbers of our own catalogue."""
    text = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", text).replace("``", "`")
    text = _NUMBERS_ALONE.sub("", text)
    return _NUMBERS_FIRST.sub("(", text)


def field_words(kind: type[Any]) -> Mapping[str, str]:
    """The texts below the fields (or members) of a class and its ancestors, by Python name, each on one line."""
    found: dict[str, str] = {}
    for ancestor in reversed(inspect.getmro(kind)):
        body = _class_bodies(ancestor.__module__).get(ancestor.__name__, ())
        for place, statement in pairwise(body):
            name = _assigned(place)
            if name and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                found[name] = " ".join(plain(inspect.cleandoc(str(statement.value.value))).split())
    return found


def _assigned(statement: ast.stmt) -> str:
    target = statement.target if isinstance(statement, ast.AnnAssign) else None
    if isinstance(statement, ast.Assign):
        target = statement.targets[0] if len(statement.targets) == 1 else None  # type: ignore[assignment]
    return target.id if isinstance(target, ast.Name) else ""


@cache
def _class_bodies(module: str) -> Mapping[str, Sequence[ast.stmt]]:
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):  # no source: a built-in class
        return {}
    return {node.name: node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


class Components:
    """The named schemas that a document refers to, gathered while it is made."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self._types: dict[str, object] = {}

    def of_request(self, shape: type[Any], without: Sequence[str] = (), *, is_json: bool = True) -> Schema:
        """A reference to a request type's schema, without the fields (by wire name) that are not in the body."""
        names = field_words(shape)
        if self._is_new(shape.__name__, (shape, tuple(without))):
            fields = [field for field in fields_of(shape) if field.wire_name not in without]
            properties = {
                field.wire_name: described(
                    self._of_member(field, is_json=is_json), names.get(field.name) or field.description
                )
                for field in fields
            }
            required = [field.wire_name for field in fields if field.required]
            self.schemas[shape.__name__] = _object(shape, properties, required)
        return _reference(shape)

    def _of_member(self, field: Member, *, is_json: bool) -> Schema:
        """The schema of a member of a body: in JSON, null and an empty text stand for one that is left out."""
        schema = self.of_form(field.form)
        is_plain = field.required or field.form.CLEARS or not is_json
        return schema if is_plain else {"anyOf": [schema, NO_VALUE]}

    def of_form(self, form: object) -> Schema:
        """The schema of a form; the types inside it are gathered too."""
        inner = form
        while isinstance(inner, ListOf):
            inner = inner.form
        if isinstance(inner, Nested):
            self.of_request(inner.shape)
        if isinstance(inner, FieldText) and inner.field.codes is not None:
            self._list(inner.field.codes)
        schema: Schema = form.schema()  # type: ignore[attr-defined]
        return schema

    def of_answer(self, kind: Any) -> Schema:
        """The schema of a response type, or of any type inside one."""
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self._annotated(arguments)
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if origin in (Union, types.UnionType):
            return self._either(arguments)
        if origin in (tuple, list, Sequence):
            return {"type": "array", "items": self.of_answer(arguments[0])}
        if origin in (Mapping, dict):
            return {"type": "object", "additionalProperties": self.of_answer(arguments[1])}
        if origin is Literal:
            return {"enum": list(arguments)}
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return self._enumeration(kind)
        if dataclasses.is_dataclass(kind):
            return self._of_dataclass(kind)
        if hasattr(kind, "__supertype__"):
            return self.of_answer(kind.__supertype__)
        raise TypeError(f"{kind} has no form on the wire")

    def _of_dataclass(self, kind: Any) -> Schema:
        if self._is_new(kind.__name__, kind):
            self.schemas[kind.__name__] = {}
            hints, words = get_type_hints(kind, include_extras=True), field_words(kind)
            properties: Schema = {}
            for name in (field.name for field in dataclasses.fields(kind)):
                record = record_of(kind, name)
                properties |= {one.json: described(self._of_field(one), one.description) for one in record}
                if not record:
                    properties[wire_name(kind, name)] = described(self.of_answer(hints[name]), words.get(name, ""))
            self.schemas[kind.__name__] = _object(kind, properties, list(properties))
        return _reference(kind)

    def _of_field(self, field: Field) -> Schema:
        """The schema of a field in an answer, null where nothing is held."""
        schema: Schema = {"type": "string" if field.always else ["string", "null"]}
        if field.codes is not None:
            schema = {"anyOf": [self._list(field.codes), {"type": "null"}]}
        elif field.kind is Kind.DATE:
            schema["format"] = "date"
        return schema | ({"examples": [field.example]} if field.example else {})

    def _list(self, codes: CodeList) -> Schema:
        """A reference to the schema of a list of codes."""
        if self._is_new(codes.name, codes):
            self.schemas[codes.name] = code_schema(codes)
        return code_reference(codes)

    def _enumeration(self, kind: type[StrEnum]) -> Schema:
        """A reference to the schema of an enumeration: that of the list of codes which has its members, or its own."""
        listed = next((codes for codes in LISTS if codes.name == kind.__name__), None)
        if listed is not None:
            return self._list(listed)
        if self._is_new(kind.__name__, kind):
            text = words_of(kind.__doc__).summary
            self.schemas[kind.__name__] = {
                "type": "string", "enum": [member.value for member in kind], "description": f"{text}."
            }  # fmt: skip
        return _reference(kind)

    def _annotated(self, arguments: tuple[Any, ...]) -> Schema:
        schema = self.of_answer(arguments[0])
        for about in arguments[1:]:
            if isinstance(about, About):
                keys = {
                    "minimum": about.minimum,
                    "maximum": about.maximum,
                    "pattern": about.pattern or None,
                    "enum": list(map(str, about.values)) or None,
                }
                schema |= {name: value for name, value in keys.items() if value is not None}
                if about.codes is not None:
                    listed = self._list(about.codes)
                    schema = listed if schema["type"] == "string" else {"anyOf": [listed, {"type": "null"}]}
                if about.example is not None:
                    schema["examples"] = [about.example]
        return schema

    def _either(self, arguments: tuple[Any, ...]) -> Schema:
        parts = [self.of_answer(part) for part in arguments if part is not types.NoneType]
        if types.NoneType not in arguments:
            return {"anyOf": parts}
        if len(parts) == 1 and isinstance(parts[0].get("type"), str):
            return {**parts[0], "type": [parts[0]["type"], "null"]}
        return {"anyOf": [*parts, {"type": "null"}]}

    def _is_new(self, name: str, made_of: object) -> bool:
        """Raises TypeError for two different things of one name."""
        known = self._types.setdefault(name, made_of)
        if known != made_of:
            raise TypeError(f"two schemas are called {name}")
        return name not in self.schemas


def described(schema: Schema, description: str) -> Schema:
    """A schema with its description."""
    return {**schema, "description": description} if description else schema


def _object(kind: type[Any], properties: Schema, required: list[str]) -> Schema:
    words = words_of(kind.__doc__)
    text = f"{words.summary}.\n\n{words.description}".strip() if words.description else f"{words.summary}."
    schema: Schema = {"type": "object", "description": text, "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    return schema


def _reference(kind: type[Any]) -> Schema:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
