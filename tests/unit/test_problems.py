"""Typed requests and problem documents."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.failures import failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.refusals import Refused
from chalicelib.ports.errors import BadCursor, Conflict, TemporaryFailure
from chalicelib.web.http.bodies import BODY_LIMIT, BodyTooLarge, Malformed, WrongMediaType
from chalicelib.web.http.problems import FAULT, NOT_FOUND, Problem, problem_of
from chalicelib.web.http.requests import FieldValue, Text, Whole, decode, fields_of, names_in, read_json, read_query

JSON = "application/json"
COLOUR = Field("colour", Kind.TEXT, 10, "The colour.", "red")


@dataclass(frozen=True)
class Order:
    file_name: Annotated[str, Text(maximum=10, minimum=1)]
    size: Annotated[int, Whole(1, 9)] = 1
    colour: Annotated[str, FieldValue(COLOUR)] = ""


def decoded(body: str, media_type: str = JSON) -> Order:
    return decode(Order, *read_json(body.encode(), media_type, known=names_in(Order)))


def reasons(body: str, media_type: str = JSON) -> list[tuple[str, str]]:
    with pytest.raises(Malformed) as caught:
        decoded(body, media_type)
    return [(reason.code, reason.field) for reason in caught.value.failures]


def test_a_request_is_decoded_into_its_type() -> None:
    assert decoded('{"fileName": "a.csv", "size": 3, "colour": "GREEN"}') == Order("a.csv", 3, "GREEN")
    assert decoded('{"fileName": "a.csv"}') == Order("a.csv", 1, "")


def test_every_reason_is_reported_at_once() -> None:
    assert reasons('{"size": "3", "size": "4", "colour": "blue", "colours": 1, "weight": 2}') == [
        ("LRS-REQ-3", "size"),
        ("LRS-REQ-1", "fileName"),
        ("LRS-REQ-4", "size"),
        ("LRS-REQ-2", ""),
        ("LRS-REQ-2", "colours"),
    ]


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ('"fileName": null', "LRS-REQ-4"),
        ('"fileName": 7', "LRS-REQ-4"),
        ('"fileName": ["a"]', "LRS-REQ-4"),
        ('"fileName": ""', "LRS-REQ-1"),
        ('"fileName": "01234567890"', "LRS-REQ-5"),
        ('"fileName": "\\ud800"', "LRS-REQ-6"),
        ('"fileName": "a", "size": true', "LRS-REQ-4"),
        ('"fileName": "a", "size": 1.0', "LRS-REQ-4"),
        ('"fileName": "a", "size": 0', "LRS-REQ-6"),
        ('"fileName": "a", "size": 10', "LRS-REQ-6"),
    ],
)
def test_a_value_of_another_type_or_form_is_named(member: str, code: str) -> None:
    assert [found for found, _ in reasons("{" + member + "}")] == [code]


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '"text"',
        "null",
        "7",
        '{"fileName": NaN}',
        '{"fileName": "a"} {}',
        "{'fileName': 'a'}",
        '{"fileName": "a",}',
        "[" * 9000,
        '{"size": ' + "9" * 5000 + "}",
        "\ufeff{}",
    ],
)
def test_what_is_not_one_json_object_is_malformed(body: str) -> None:
    assert [code for code, _ in reasons(body)] == ["WSEC0001"]


def test_a_body_that_is_not_utf_8_is_malformed() -> None:
    with pytest.raises(Malformed):
        read_json('{"fileName": "é"}'.encode("latin-1"), JSON)


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "text/json", "application/x-www-form-urlencoded", "application/json; charset=latin1"],
)
def test_a_body_of_another_media_type_is_not_read(media_type: str) -> None:
    with pytest.raises(WrongMediaType):
        read_json(b"{}", media_type)


@pytest.mark.parametrize("media_type", [JSON, "Application/JSON", 'application/json; charset="UTF-8"'])
def test_json_in_utf_8_is_read(media_type: str) -> None:
    assert read_json(b'{"a": 1}', media_type) == ({"a": 1}, [])


def test_an_empty_body_has_no_members_whatever_its_media_type() -> None:
    assert read_json(b" ", "") == ({}, [])


def test_a_body_beyond_the_limit_is_not_parsed() -> None:
    with pytest.raises(BodyTooLarge):
        read_json(b" " * (BODY_LIMIT + 1), JSON)


@pytest.mark.req("SEC-02")
@pytest.mark.parametrize("name", ["Jane Smith", "smith", "1234567890", "jane.smith@example.org", "x" * 50, "SW1A 1AA"])
def test_a_name_that_may_be_a_learners_is_never_repeated(name: str) -> None:
    assert ("LRS-REQ-2", "") in reasons(json.dumps({"fileName": "a", name: 1}))


def test_a_query_is_decoded_with_its_numbers() -> None:
    members, faults = read_query(Order, {"fileName": ["a"], "size": ["3"]})
    assert decode(Order, members, faults) == Order("a", 3)


@pytest.mark.parametrize("size", ["x", "", "3.0", " 3", "٣", "9" * 30])
def test_an_invalid_number_is_refused(size: str) -> None:
    with pytest.raises(Malformed):
        decode(Order, *read_query(Order, {"fileName": ["a"], "size": [size]}))


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(Malformed) as caught:
        decode(Order, *read_query(Order, {"fileName": ["a", "a"]}))
    assert [reason.code for reason in caught.value.failures] == ["LRS-REQ-3"]


def test_a_request_type_must_declare_the_form_of_every_field() -> None:
    @dataclass(frozen=True)
    class Loose:
        name: str

    with pytest.raises(TypeError):
        fields_of(Loose)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["fileName", "size", "colour"]) | st.text(), VALUES, max_size=6))
def test_whatever_is_sent_is_decoded_or_malformed(members: dict[str, object]) -> None:
    with suppress(Malformed):
        assert decoded(json.dumps(members)).file_name == members["fileName"]


@given(st.binary(max_size=200))
def test_whatever_bytes_are_sent_are_read_or_malformed(raw: bytes) -> None:
    with suppress(Malformed):
        members, _ = read_json(raw, JSON)
        assert isinstance(members, dict)


class Throttled(TemporaryFailure):
    pass


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Malformed(failure("WSEC0001")), 400),
        (WrongMediaType(failure("LRS-REQ-7", expected=JSON)), 415),
        (BodyTooLarge(failure("LRS-REQ-8", limit=1)), 413),
        (Refused(failure("ACB002", "filename"), failure("WSEC0044", "emailAddress")), 422),
        (Refused(failure("WSRC0043")), 403),
        (BadCursor("details of ours"), 400),
        (TemporaryFailure("details of ours"), 503),
        (Throttled("details of ours"), 503),
        (Conflict("details of ours"), 503),
        (Problem(NOT_FOUND, failure("WSRC0018")), 404),
        (ValueError("details of ours"), 500),
        (KeyError("details of ours"), 500),
    ],
)
def test_an_exception_is_answered_as_its_nearest_known_ancestor(error: Exception, status: int) -> None:
    problem = problem_of(error)
    document = problem.document("11111111-2222-4333-8444-555555555555")
    assert document["status"] == status == problem.kind.status
    assert "details of ours" not in json.dumps(document)
    assert set(document) == {"type", "title", "status", "detail", "instance", "errors"}
    errors = document["errors"]
    assert isinstance(errors, list)
    assert errors
    for reason in errors:
        assert set(reason) == {"code", "field", "message", "action"}
        assert all(isinstance(value, str) for value in reason.values())
        assert reason["message"]
        assert reason["action"]


def test_a_temporary_failure_says_when_to_try_again() -> None:
    assert int(problem_of(TemporaryFailure()).headers["Retry-After"]) > 0


def test_an_unknown_exception_is_a_fault_of_the_service() -> None:
    assert problem_of(RuntimeError("secret")).kind is FAULT


def test_notices_are_not_among_the_errors() -> None:
    refused = Refused(failure("ACF001", "Grade"), failure("ACW003", "AchievementAwardDate"), failure("ACR007", "Grade"))
    document = problem_of(refused).document("x")
    found = {name: [reason["code"] for reason in document[name]] for name in ("errors", "notices")}
    assert found == {"errors": ["ACF001", "ACR007"], "notices": ["ACW003"]}
    assert document["detail"] == "2 reasons; see errors."
    assert "notices" not in problem_of(Refused(failure("ACF001", "Grade"))).document("x")


def test_all_reasons_of_a_refusal_are_listed() -> None:
    refused = Refused(failure("ACB002", "filename"), failure("WSEC0044", "emailAddress"))
    document = problem_of(refused).document("x")
    errors = document["errors"]
    assert isinstance(errors, list)
    assert [(reason["code"], reason["field"]) for reason in errors] == [
        ("ACB002", "filename"),
        ("WSEC0044", "emailAddress"),
    ]
