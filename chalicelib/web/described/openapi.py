"""The API description, OpenAPI 3.1, made from the routes and from the types that validate requests (VAL-03, SLA-08).

Nothing is written twice: paths, scopes and statuses come from the routes, fields and limits from the request and
response types, words from their docstrings, problems and their codes from the catalogue of failures.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from chalicelib.domain.access import Capability
from chalicelib.domain.failures import failure
from chalicelib.domain.fields import camel_case
from chalicelib.web.described.descriptions import Components, described, field_words, words_of
from chalicelib.web.described.examples import code_samples, example_of, examples_of
from chalicelib.web.http import problems
from chalicelib.web.http.bodies import JSON
from chalicelib.web.http.field_forms import FieldText
from chalicelib.web.http.forms import Member, Schema, fields_of
from chalicelib.web.http.guard import TOKEN_PATH
from chalicelib.web.http.headers import ANSWER_HEADERS, CHALLENGE, IF_NONE_MATCH
from chalicelib.web.http.maintenance import OPEN
from chalicelib.web.http.problems import Problem, ProblemKind
from chalicelib.web.http.routes import Route
from chalicelib.web.http.versions import ending_of

VERSION: Final = "1.0.0"
SECURITY: Final = "clientCredentials"
_INTRODUCTION: Final = """\
Unique learner numbers, learners' records and achievements, for the systems of awarding organisations and learning
providers.

Get an access token from `POST /oauth2/token` with your credential and send it as a bearer token. Requests and responses
are JSON in UTF-8. Field names are those of the existing interface in camel case. If we refuse a request, the response
is `application/problem+json` (RFC 9457) and lists every reason at once, each with its code, its field and what to do
about it. 400 is about the structure of the request. 422 is about its values and our rules, with the codes of the batch
files. Null and an empty text mean that there is no value; codes may be in capital or small letters. Apart from a
learner's ULN, no address contains personal details.
"""
_TAGS: Final = {
    "oauth2": "Access tokens",
    "openapi.json": "Interface",
    "developers": "Interface",
    "maintenance-windows": "Maintenance",
    "": "Interface",
    "health": "Interface",
}
_PLACES: Final = {
    "Access tokens": 0,
    "Verifications": 1,
    "Learners": 2,
    "Pending matches": 3,
    "Achievements": 4,
    "Achievement batches": 5,
    "Learner batches": 6,
    "Verification batches": 7,
    "Organisations": 8,
    "Timeliness": 9,
    "Service levels": 10,
    "Maintenance": 11,
    "Recoveries": 12,
    "Interface": 13,
}
"""What people do first comes first; within it, the order of the table of routes."""
_MEANINGS: Final = {302: "See `Location`.", 304: "You have the latest version."}
_PATH_NAMES: Final = {
    "uln": "The learner's ULN.",
    "jobId": "The job's id.",
    "pendingId": "The pending match's id.",
    "windowId": "The maintenance window's id.",
    "achievementId": "The achievement's id, as in the links to it.",
}
_PASSING: Final = (problems.TOO_MANY, problems.UNAVAILABLE)


def document(routes: Iterable[Route[Any]]) -> dict[str, Any]:
    """The OpenAPI document of these routes, ready for JSON."""
    components, known = Components(), tuple(routes)
    paths: dict[str, dict[str, Any]] = {}
    refusals: dict[str, Any] = {}
    tags: dict[str, str] = {}
    for route in sorted(known, key=lambda route: _PLACES.get(_tag(route), len(_PLACES))):
        tag = _tag(route)
        tags.setdefault(tag, _sentence(words_of(sys.modules[route.view.__module__].__doc__).summary))
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, tag, components, refusals)
    components.schemas |= _problem_schemas()
    return {
        "openapi": "3.1.0",
        "info": {"title": "Learning Records Service", "version": VERSION, "description": _INTRODUCTION},
        "servers": [{"url": "/", "description": "The host of this document"}],
        "tags": [{"name": name, "description": text} for name, text in tags.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.schemas.items())),
            "responses": dict(sorted(refusals.items())),
            "headers": {name: _header(name) for name in ANSWER_HEADERS},
            "securitySchemes": {SECURITY: _security_scheme({route.capability for route in known})},
        },
    }


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


def refusals_of(route: Route[Any]) -> tuple[ProblemKind, ...]:
    """Every kind of problem that a route may return: those that follow from its declaration, and those it names."""
    kinds = [problems.INVALID_REQUEST, problems.NOT_ACCEPTABLE]
    if route.capability is not Capability.PUBLIC:
        kinds += [problems.NOT_AUTHENTICATED, problems.NOT_ALLOWED, *_PASSING]
    if route.capability not in OPEN:
        kinds.append(problems.MAINTENANCE)
    if route.path_names:
        kinds.append(problems.NOT_FOUND)
    if any(isinstance(field.form, FieldText) for field in fields_of(route.request)):
        kinds.append(problems.REFUSED)
    if route.has_body:
        kinds += [problems.TOO_LARGE, problems.MEDIA_TYPE_NOT_SUPPORTED]
    for header in route.takes:
        kinds += header.refusals
        if header.required:
            kinds.append(problems.PRECONDITION_REQUIRED)
    kinds += [*route.refusals, problems.FAULT]
    return tuple(sorted(dict.fromkeys(kinds), key=lambda kind: (kind.status, kind.name)))


def _operation(route: Route[Any], tag: str, components: Components, refusals: dict[str, Any]) -> dict[str, Any]:
    words = words_of(route.view.__doc__)
    example = example_of(route)
    operation: dict[str, Any] = {
        "operationId": camel_case(route.name),
        "summary": words.summary,
        "tags": [tag],
        "security": [] if route.capability is Capability.PUBLIC else [{SECURITY: [str(route.capability)]}],
    }
    if words.description:
        operation["description"] = words.description
    if ending_of(route.method, route.path):
        operation["deprecated"] = True
    parameters = _parameters(route, components, example)
    if parameters:
        operation["parameters"] = parameters
    body = _body(route, components, example)
    if body:
        operation["requestBody"] = body
    refused = _refusals(route, refusals) if route.refuse is None else _own_refusals(route, components)
    operation["responses"] = _answers(route, components) | refused
    operation["x-codeSamples"] = code_samples(route)
    sender = next((one.sender for one in examples_of(route)), "")
    if sender:
        operation["x-sampleOrganisation"] = sender
    return operation


def _parameters(route: Route[Any], components: Components, example: dict[str, object]) -> list[dict[str, Any]]:
    words = field_words(route.request)
    found: list[dict[str, Any]] = []
    for field in fields_of(route.request):
        in_path = field.wire_name in route.path_names
        if not in_path and route.has_body:
            continue
        made: dict[str, Any] = {
            "name": field.wire_name,
            "in": "path" if in_path else "query",
            "required": in_path or field.required,
            "schema": _with_default(field, route.request, components),
        }
        description = words.get(field.name) or field.description or _PATH_NAMES.get(field.wire_name, "")
        if description:
            made["description"] = description
        if field.wire_name in example:
            made["example"] = example[field.wire_name]
        found.append(made)
    found.extend({
        "name": header.name, "in": "header", "required": header.required, "description": header.description,
        "schema": {"type": "string", **({"pattern": header.pattern} if header.pattern else {})},
        "example": header.example,
    } for header in route.takes)  # fmt: skip
    return found


def _with_default(field: Member, shape: type[Any], components: Components) -> Schema:
    schema = components.of_form(field.form)
    default = getattr(shape, field.name, None)
    has_default = not field.required and isinstance(default, str | int | bool) and default != ""
    return {**schema, "default": default} if has_default else schema


def _body(route: Route[Any], components: Components, example: dict[str, object]) -> dict[str, Any] | None:
    fields = [field for field in fields_of(route.request) if field.wire_name not in route.path_names]
    if not route.has_body or not fields:
        return None
    members = {name: value for name, value in example.items() if name not in route.path_names}
    schema = components.of_request(route.request, route.path_names, is_json=route.consumes == JSON)
    return {
        "required": any(field.required for field in fields),
        "content": {route.consumes: {"schema": schema, **_named_examples(route, members)}},
    }


def _named_examples(route: Route[Any], members: dict[str, Any]) -> dict[str, Any]:
    """The example of a body, or several by the status of their answers."""
    others = {
        str(one.status): {"value": {name: value for name, value in one.request.items() if name not in route.path_names}}
        for one in examples_of(route)
    }
    return {"examples": others} if len(others) > 1 else {"example": members}


def _answers(route: Route[Any], components: Components) -> dict[str, Any]:
    found: dict[str, Any] = {}
    answered = {one.status: {"example": one.answer} for one in examples_of(route) if one.answer is not None}
    statuses = dict(route.answers)
    if IF_NONE_MATCH in route.takes:
        statuses[304] = None
    for status, kind in sorted(statuses.items()):
        answer: dict[str, Any] = {"description": _meaning(status, kind), "headers": _header_references(route, status)}
        if kind is not None:
            is_json = route.produces.endswith("json")
            media = {"schema": components.of_answer(kind), **answered.get(status, {})} if is_json else {}
            answer["content"] = {route.produces.partition(";")[0]: media or {"schema": {"type": "string"}}}
        found[str(status)] = answer
    return found


def _header_references(route: Route[Any], status: int) -> dict[str, Any]:
    names = {"X-Correlation-Id", *route.gives}
    if status == 304:
        names = {"X-Correlation-Id", "ETag"}
    if ending_of(route.method, route.path):
        names |= {"Deprecation", "Sunset", "Link"}
    return {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}


def _meaning(status: int, kind: type[Any] | None) -> str:
    if kind is None and status in _MEANINGS:
        return _MEANINGS[status]
    text = words_of(kind.__doc__).summary if kind not in (None, dict, str) else ""
    return f"{text or {201: 'Created', 202: 'Accepted'}.get(status, 'Done')}."


def _refusals(route: Route[Any], known: dict[str, Any]) -> dict[str, Any]:
    by_status: dict[int, list[ProblemKind]] = {}
    for kind in refusals_of(route):
        by_status.setdefault(kind.status, []).append(kind)
    found: dict[str, Any] = {}
    for status, kinds in by_status.items():
        name = "Or".join("".join(word.capitalize() for word in kind.name.split("-")) for kind in kinds)
        known.setdefault(name, _refusal(status, kinds))
        found[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return found


def _own_refusals(route: Route[Any], components: Components) -> dict[str, Any]:
    """The refusals of a route that has its own format for them, by status."""
    assert route.refuse is not None
    found: dict[str, Any] = {}
    for kind in refusals_of(route):
        reply = route.refuse(Problem(kind))
        media = {"schema": components.of_answer(type(reply.document))}
        statuses = {reply.status, kind.status} if kind in route.refusals else {reply.status}
        for status in statuses:
            found[str(status)] = {
                "description": f"{words_of(type(reply.document).__doc__).summary}.",
                "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _refusal_headers(status)},
                "content": {route.produces: media},
            }
    return dict(sorted(found.items()))


def _refusal_headers(status: int) -> tuple[str, ...]:
    others = {401: (CHALLENGE,), 409: ("Retry-After",), 429: ("Retry-After",), 503: ("Retry-After",)}
    return ("X-Correlation-Id", *others.get(status, ()))


def _refusal(status: int, kinds: Sequence[ProblemKind]) -> dict[str, Any]:
    return {
        "description": "; ".join(kind.title for kind in kinds) + ".",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _refusal_headers(status)},
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _problem_schemas() -> dict[str, Schema]:
    text: Schema = {"type": "string"}
    reason = {
        "code": described(text, "The code, as in result files. We may add new codes at any time."),
        "field": described(text, "The field, with its path if it is nested. Empty if the reason is not about a field."),
        "message": described(text, "What is wrong."),
        "action": described(text, "What to do about it."),
    }
    sample = Problem(problems.INVALID_REQUEST, failure("LRS-REQ-1", "familyName"))
    reasons: Schema = {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}}
    return {
        "Reason": {
            "type": "object",
            "description": "A reason for a refusal, or a notice.",
            "properties": reason,
            "required": list(reason),
        },
        "Problem": {
            "type": "object",
            "description": "A refusal (RFC 9457).",
            "properties": {
                "type": described({**text, "format": "uri"}, "The kind of problem."),
                "title": described(text, "The kind of problem in words."),
                "status": described({"type": "integer", "minimum": 400, "maximum": 599}, "The HTTP status."),
                "detail": described(text, "The reason, if there is only one."),
                "instance": described({**text, "format": "uri"}, "Identifies this request to the service desk."),
                "errors": described(reasons, "The reasons."),
                "notices": described(reasons, "Notices about the request, if any. It was not refused for them."),
            },
            "required": ["type", "title", "status", "detail", "instance", "errors"],
            "examples": [sample.document("3f1c9a52-6a0e-4c53-9f9f-0a6c2d1e8b77")],
        },
    }  # fmt: skip


def _header(name: str) -> dict[str, Any]:
    kind: Schema = {"type": "integer", "minimum": 0} if name == "Retry-After" else {"type": "string"}
    return {"description": ANSWER_HEADERS[name], "schema": kind}


def _security_scheme(opening: AbstractSet[Capability]) -> dict[str, Any]:
    """The scopes that open a route."""
    words = field_words(Capability)
    scopes = {
        str(capability): words.get(capability.name) or f"{capability}."
        for capability in Capability
        if capability in opening - {Capability.PUBLIC}
    }
    return {
        "type": "oauth2",
        "description": "OAuth 2.0 client credentials (RFC 6749 4.4). The scopes are those of the credential.",
        "flows": {SECURITY: {"tokenUrl": TOKEN_PATH, "scopes": scopes}},
    }


def _tag(route: Route[Any]) -> str:
    first = next((part for part in route.path.split("/") if part and part != "v1"), "")
    return _TAGS.get(first) or first.replace("-", " ").capitalize()
