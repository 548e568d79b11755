"""Unique details of a person, sent through every route in every way, are never shown to anybody else.

The requests are made from the request types, so that new routes are tested without a change here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.access import Capability
from chalicelib.domain.fields import Field, Kind
from chalicelib.web.described.examples import example_of
from chalicelib.web.http.bodies import Malformed
from chalicelib.web.http.field_forms import FieldText
from chalicelib.web.http.forms import Form, ListOf, Nested, Text, fields_of
from chalicelib.web.http.requests import decode
from chalicelib.web.http.routes import Route
from chalicelib.web.rest.table import routes
from tests.builders.marked import BORN, MARKS, MARKS_BUT_ULN, NAME, PERSON, POSTCODE, ULN, overhearing
from tests.builders.web import Answer, organised_world, target, web_client
from tests.fakes.world import FakeWorld

pytestmark = pytest.mark.req("SEC-02")

ROUTES = [pytest.param(declared, id=declared.name) for declared in routes()]


def marked(form: Form, name: str) -> Any:
    """The person's value in this format, if the format allows one."""
    if isinstance(form, ListOf):
        return [marked(form.form, name)]
    if isinstance(form, Nested):
        return marked_members(form.shape)
    if isinstance(form, FieldText):
        return marked_field(form.field)
    if isinstance(form, Text) and not form.pattern and form.maximum >= len(NAME):
        return f"{NAME}@{NAME}.org" if "email" in name.lower() and form.maximum > 30 else NAME
    return form.sample()


def marked_field(field: Field) -> str:
    """The person's value of a field."""
    if field.kind is Kind.DATE:
        return BORN if "birth" in field.name else field.example
    email = f"{NAME}@{NAME}.org"
    theirs = {Kind.ULN: ULN, Kind.POSTCODE: POSTCODE, Kind.EMAIL: email}
    return theirs.get(field.kind, NAME if field.kind in (Kind.NAME, Kind.TEXT, Kind.LINES) else field.example)


def marked_members(shape: type[Any]) -> dict[str, Any]:
    return {field.wire_name: marked(field.form, field.wire_name) for field in fields_of(shape)}


def spoilt(value: Any) -> Any:
    """A value in another format that still identifies the person."""
    return {NAME: [str(value), BORN, POSTCODE, ULN]}


def ways(declared: Route[Any]) -> Iterator[Mapping[str, Any]]:
    """Members of requests: valid, and wrong in every place."""
    valid = {**example_of(declared), **marked_members(declared.request)}
    yield valid
    for name, value in valid.items():
        rest = {other: kept for other, kept in valid.items() if other != name or name in declared.path_names}
        yield rest
        yield {**valid, name: f"{value} {NAME}" * 300 if name not in declared.path_names else NAME}
        if declared.has_body and name not in declared.path_names:
            yield {**valid, name: spoilt(value)}
            yield {**valid, name: None}
    yield {**valid, NAME: ULN, NAME.lower(): BORN, ULN: POSTCODE, f"{NAME.lower()}Name": NAME}


def raw_ways(declared: Route[Any]) -> Iterator[tuple[str, bytes, Mapping[str, str]]]:
    """Addresses, bodies and headers that are wrong before anything is decoded."""
    address, body = target(declared, {**example_of(declared), **marked_members(declared.request)})
    details = (
        f'{{"familyName": "{NAME}", "dateOfBirth": "{BORN}", "lastKnownPostCode": "{POSTCODE}", "uln": {ULN}'.encode()
    )
    json_type = {"Content-Type": declared.consumes}
    yield f"{address}{'&' if '?' in address else '?'}familyName={NAME}&{NAME}={BORN}&uln={ULN}", body, json_type
    yield address, details, json_type
    yield address, details + b'}{"a": 1}', json_type
    yield address, details + b', "familyName": "' + NAME.encode() + b'"}', json_type
    yield address, details.replace(b'"', b"\xff"), json_type
    yield address, details + b"}", {"Content-Type": f"text/{NAME}; name={NAME}"}
    yield address, body, {**json_type, "Accept": f"text/{NAME}"}
    for header in ("If-Match", "If-None-Match", "Idempotency-Key", "X-Correlation-Id", "User-Agent", "Referer"):
        yield address, body, {**json_type, header: f"{NAME} {BORN} {ULN}"}
        yield address, body, {**json_type, header: f'"{NAME}"'}


def known_world(capabilities: Any = tuple(Capability)) -> FakeWorld:
    """A world whose register has the person."""
    world = organised_world(capabilities)
    world.learners.put(PERSON)
    return world


def reported(answer: Answer) -> str:
    """The parts of an answer that others may see: all of a refusal; the headers and paths of a success."""
    headers = json.dumps({name: str(value) for name, value in answer.headers.items()})
    if answer.status >= 400:
        return headers + answer.body
    addresses = re.findall(r'"((?:https?:/)?/[^"]*)"', answer.body)
    # The learner's number may be in a path, but nothing else about a person.
    return re.sub(ULN, "", headers + json.dumps(addresses))


@pytest.fixture
def overheard(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with overhearing(capsys, caplog):
        yield


@pytest.mark.parametrize("declared", ROUTES)
def test_no_request_is_repeated_in_an_error_an_address_a_header_a_log_or_a_metric(
    declared: Route[Any], overheard: None
) -> None:
    world = known_world()
    with web_client(world) as send:
        for members in ways(declared):
            answer = send.to(declared, members)
            assert not MARKS.search(reported(answer)), (answer.status, answer.body)
            assert answer.status != 500, answer.body
        for address, body, headers in raw_ways(declared):
            answer = send(declared.method, address, body, **headers)
            assert not MARKS.search(reported(answer)), (address, answer.body)
            assert answer.status != 500, answer.body
    assert not MARKS.search(repr([vars(mail) if hasattr(mail, "__dict__") else mail for mail in world.mail.sent]))


@pytest.mark.parametrize("declared", ROUTES)
def test_a_program_that_fails_while_handling_details_reveals_none_of_them(
    declared: Route[Any], overheard: None
) -> None:
    valid = {**example_of(declared), **marked_members(declared.request)}
    quiet = known_world()
    with web_client(quiet) as send:
        send.to(declared, valid)
    for name in dict.fromkeys(quiet.calls):
        world = known_world()

        def fail(call: str, failing: str = name) -> None:
            if call == failing:
                raise RuntimeError(f"{NAME} {BORN} {POSTCODE} {ULN}")

        with web_client(world) as send:
            world.hook = fail
            answer = send.to(declared, valid)
        assert not MARKS.search(reported(answer)), (name, answer.body)


@given(st.lists(st.sampled_from([NAME, NAME.lower(), f"{NAME}Name", ULN, BORN, POSTCODE]), min_size=1, max_size=4))
def test_a_name_that_is_a_persons_is_never_taken_for_a_fields(names: list[str]) -> None:
    for declared in routes():
        with pytest.raises(Malformed) as caught:
            decode(declared.request, dict.fromkeys(names, 1))
        assert not MARKS_BUT_ULN.search(repr(caught.value.failures))
