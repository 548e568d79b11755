"""Bad input on every route gives a problem with the right code and the field, never a fault."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.jobs import JobStatus
from chalicelib.domain.values import judged
from chalicelib.services.batches.kinds import KINDS
from chalicelib.web.described.examples import example_of
from chalicelib.web.http.bodies import JSON
from chalicelib.web.http.field_forms import FieldText
from chalicelib.web.http.forms import ListOf, Member, Nested, Text, fields_of
from chalicelib.web.http.problems import MEDIA_TYPE
from chalicelib.web.http.routes import Route
from chalicelib.web.rest.table import routes
from tests.builders.web import JOB_ID, Answer, WebClient, organised_world, target, web_client
from tests.fakes.web import application
from tests.fakes.world import FakeWorld

pytestmark = pytest.mark.req("SEC-01", "SLA-08")

PRECONDITION = {"If_Match": '"1"'}
"""For routes that need it; the others ignore it."""

WITH_BODY = [
    pytest.param(declared, id=declared.name) for declared in routes() if declared.has_body and declared.consumes == JSON
]
WITH_QUERY = [
    pytest.param(declared, id=declared.name)
    for declared in routes()
    if not declared.has_body
    and any(field.wire_name not in declared.path_names for field in fields_of(declared.request))
]
PAGED = [
    pytest.param(declared, id=declared.name)
    for declared in routes()
    if any(field.wire_name == "cursor" for field in fields_of(declared.request))
]
PATHS = sorted({declared.path for declared in routes()})


@pytest.fixture
def world() -> FakeWorld:
    return organised_world()


def raw(send: WebClient, declared: Route[Any], body: bytes, media_type: str = JSON) -> Answer:
    address, _ = target(declared, example_of(declared))
    return send(declared.method, address, body, Content_Type=media_type)


def members_of(declared: Route[Any]) -> dict[str, Any]:
    return {name: value for name, value in example_of(declared).items() if name not in declared.path_names}


def refused(answer: Answer, status: int, code: str, field: str | None = None) -> None:
    assert (answer.status, answer.headers["Content-Type"]) == (status, MEDIA_TYPE), answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    assert code in answer.codes, answer.body
    assert field is None or (code, field) in answer.reasons, answer.body


@pytest.mark.parametrize("declared", WITH_BODY)
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe{\x00}\x00",
        b'{"a": NaN}',
        b"[" * 60_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"a": ' + b"9" * 60_000 + b"}",
    ],
    ids=["cut short", "a list", "a text", "utf-16", "not a number", "deep list", "deep object", "long number"],
)
def test_a_body_that_is_not_one_valid_object_is_malformed(send: WebClient, declared: Route[Any], body: bytes) -> None:
    answer = raw(send, declared, body)
    assert (answer.status, answer.headers["Content-Type"]) == (400, MEDIA_TYPE)
    assert set(answer.codes) <= {"WSEC0001", "LRS-REQ-1", "LRS-REQ-2", "LRS-REQ-19"}


@pytest.mark.parametrize("declared", WITH_BODY)
def test_a_body_that_was_not_utf_8_is_refused_also_where_the_gateway_has_replaced_its_bytes(
    send: WebClient, declared: Route[Any]
) -> None:
    sent = json.dumps({**members_of(declared), "note": "Zo\u00eb"}, ensure_ascii=False)
    for body in (sent.encode("latin-1"), sent.encode("latin-1").decode("utf-8", "replace").encode()):
        refused(raw(send, declared, body), 400, "LRS-REQ-19")


@pytest.mark.parametrize("declared", WITH_BODY)
def test_null_and_an_empty_text_mean_the_same_for_every_member(declared: Route[Any]) -> None:
    for field in fields_of(declared.request):
        if field.wire_name not in declared.path_names:
            answers = []
            for nothing in (None, ""):
                with web_client(organised_world()) as send:
                    sent = send.to(declared, {**example_of(declared), field.wire_name: nothing}, **PRECONDITION)
                    answers.append((sent.status, sent.codes if sent.status >= 400 else sorted(sent.document)))
            assert answers[0] == answers[1], field.wire_name


@pytest.mark.parametrize("declared", WITH_BODY)
@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "application/xml"),
        (b"uln=1000000043", "application/x-www-form-urlencoded"),
        (b"{}", "text/plain"),
        (b"{}", "application/json; charset=utf-16"),
        (b"{}", "multipart/form-data; boundary=a"),
    ],
)
def test_a_body_of_another_media_type_is_not_read(
    send: WebClient, declared: Route[Any], body: bytes, media_type: str
) -> None:
    refused(raw(send, declared, body, media_type), 415, "LRS-REQ-7")


@pytest.mark.parametrize("declared", WITH_BODY)
def test_a_body_beyond_the_limit_is_refused_before_it_is_parsed(send: WebClient, declared: Route[Any]) -> None:
    refused(raw(send, declared, b'{"a": "' + b"a" * (declared.body_limit + 1)), 413, "LRS-REQ-8")


@pytest.mark.parametrize("declared", WITH_BODY)
def test_unknown_and_repeated_names_are_reported(send: WebClient, declared: Route[Any]) -> None:
    members = members_of(declared)
    refused(send.to(declared, {**example_of(declared), "nosuchname": 1}), 400, "LRS-REQ-2")
    for name in members:
        doubled = json.dumps(members)[:-1] + f', "{name}": {json.dumps(members[name])}}}'
        refused(raw(send, declared, doubled.encode()), 400, "LRS-REQ-3", name)


@pytest.mark.parametrize("declared", WITH_BODY)
def test_every_value_of_another_type_is_named(send: WebClient, declared: Route[Any]) -> None:
    for field in fields_of(declared.request):
        if field.wire_name in declared.path_names:
            continue
        form = field.form
        wrong = "text" if isinstance(form, ListOf | Nested) else [1]
        sent = {**example_of(declared), field.wire_name: wrong}
        refused(send.to(declared, sent), 400, "LRS-REQ-4", field.wire_name)


@pytest.mark.parametrize("declared", WITH_BODY)
def test_every_text_that_is_too_long_or_cannot_be_printed_is_named(send: WebClient, declared: Route[Any]) -> None:
    for field in fields_of(declared.request):
        form = field.form
        if field.wire_name in declared.path_names or not isinstance(form, Text):
            continue
        for value, code in (("a" * (form.maximum + 1), "LRS-REQ-5"), ("a\x00", "LRS-REQ-6"), ("\ud800", "LRS-REQ-6")):
            sent = {**example_of(declared), field.wire_name: value}
            refused(send.to(declared, sent), 400, code, field.wire_name)


@pytest.mark.parametrize("declared", WITH_BODY)
def test_every_required_value_that_is_missing_is_named(send: WebClient, declared: Route[Any]) -> None:
    for field in fields_of(declared.request):
        if field.required and field.wire_name not in declared.path_names:
            sent = {name: value for name, value in example_of(declared).items() if name != field.wire_name}
            status, code = 400, "LRS-REQ-1"
            if isinstance(field.form, FieldText):
                status, code = 422, "ACR011" if field.form.field.left_to_a_rule else "ACF001"
            refused(send.to(declared, sent, **PRECONDITION), status, code, field.wire_name)


RECORD_FIELDS = [
    pytest.param(declared, field, id=f"{declared.name}-{field.wire_name}")
    for declared in routes()
    for field in fields_of(declared.request)
    if isinstance(field.form, FieldText) and field.wire_name not in declared.path_names
]


@pytest.mark.req("SEC-02", "ULN-08")
@pytest.mark.parametrize(("declared", "field"), RECORD_FIELDS)
@pytest.mark.parametrize("text", ["x" * 5000, "=1+1", "a\x00b", "a\ud800b"], ids=["long", "formula", "NUL", "half"])
def test_every_text_that_is_no_value_is_named_with_the_code_of_the_files(
    send: WebClient, declared: Route[Any], field: Member, text: str
) -> None:
    assert isinstance(field.form, FieldText)
    known = field.form.field
    if not declared.has_body and "\ud800" in text:
        return  # half of a surrogate pair has no bytes, so no address can contain it
    codes = {reason.code for reason in judged(known, text).failures} or {"ACR011"}
    assert known.left_to_a_rule or codes <= {"ACF002", "ACF003", "ACF004", "ACF005", "ACF008"}
    sent = {**example_of(declared), field.wire_name: text}
    answer = send.to(declared, sent, **PRECONDITION)
    if declared.name.startswith(("begin_", "submit_")) and field.wire_name == "emailAddress":
        codes = {"WSEC0044"}  # the existing interface's code for a batch
    for code in codes:
        refused(answer, 422, code, field.wire_name)
    assert text not in answer.body


@pytest.mark.req("SEC-02")
@pytest.mark.parametrize("declared", [one for one in routes() if "uln" in one.path_names], ids=lambda one: one.name)
@pytest.mark.parametrize(("uln", "code"), [("1000000044", "ACL001"), ("x", "ACF003"), ("1000000043 1", "ACF003")])
def test_a_number_in_a_path_that_is_not_a_uln_is_refused(
    send: WebClient, declared: Route[Any], uln: str, code: str
) -> None:
    sent = {**example_of(declared), "uln": uln}
    refused(send.to(declared, sent, **PRECONDITION), 422, code, "uln")


@pytest.mark.parametrize("declared", WITH_QUERY)
def test_a_query_is_held_to_its_form_too(send: WebClient, declared: Route[Any]) -> None:
    address, _ = target(declared, example_of(declared))
    joint = "&" if "?" in address else "?"
    refused(send(declared.method, f"{address}{joint}nosuchname=1"), 400, "LRS-REQ-2")


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("declared", PAGED)
@pytest.mark.parametrize("cursor", ["forged", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=", "AAAA.BBBB", "%00"])
def test_a_forged_page_token_opens_nothing(declared: Route[Any], cursor: str) -> None:
    world = organised_world()
    members = {**example_of(declared), "cursor": cursor}
    if "jobId" in members:
        kind = next(kind.name for kind in KINDS.values() if declared.path.startswith(kind.path))
        world.jobs.held[JOB_ID] = replace(world.jobs.held[JOB_ID], status=JobStatus.SUCCESSFUL, kind=kind)
        members["jobId"] = JOB_ID
    with web_client(world) as send:
        answer = send.to(declared, members)
    refused(answer, 400, "LRS-REQ-6", "cursor")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE"])
def test_an_unknown_method_is_refused_with_a_list_of_those_that_exist(path: str, method: str) -> None:
    app = application(organised_world())
    known = {declared.method for declared in routes() if declared.path == path}
    known |= {"HEAD"} & app.routes[path].keys() if "GET" in known else set()
    if method in known:
        return
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"resourcePath": path, "httpMethod": method, "requestId": "r"},
        "body": None,
        "isBase64Encoded": False,
    }
    answer = app(event, None)
    headers = {**answer["headers"], **{name: value[-1] for name, value in answer["multiValueHeaders"].items()}}
    assert (answer["statusCode"], headers["Content-Type"]) == (405, MEDIA_TYPE)
    assert set(headers["Allow"].split(", ")) == known
