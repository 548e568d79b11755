"""Formats of fields: what they refuse, what they read, and that their descriptions are right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.achievement_fields import ACHIEVEMENT
from chalicelib.domain.codes import LISTS
from chalicelib.domain.fields import DATE_OF_BIRTH, GENDER, GIVEN_NAME, LAST_KNOWN_POST_CODE, ULN, Field, optional
from chalicelib.domain.learner_fields import DETAILS, SUBMITTED
from chalicelib.domain.refusals import Refused
from chalicelib.domain.values import judged
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.web.http.bodies import FORM, JSON, BodyTooLarge, Malformed, WrongMediaType
from chalicelib.web.http.field_forms import FieldText, code_schema, field_schema
from chalicelib.web.http.forms import Form
from chalicelib.web.http.requests import (
    FieldValue,
    Flag,
    ListOf,
    Nested,
    RecordRequest,
    Text,
    Whole,
    decode,
    fields_of,
    given_members,
    read_form,
    read_json,
    read_query,
    refuse_query,
)
from chalicelib.web.rest.learner_requests import LearnerUpdate

NUMBER = "1000000043"


def codes(form: Form, value: object) -> list[str]:
    return [reason.code for reason in form.faults("field", value)]


@pytest.mark.req("SEC-02")
@pytest.mark.parametrize("value", ["a\x00b", "a\tb", "a\x1bb", "a\x7fb", "a\x85b", "a\ufffeb", "a\ud800b"])
def test_control_characters_and_what_has_no_bytes_are_refused(value: str) -> None:
    assert codes(Text(10), value) == ["LRS-REQ-6"]


def test_notes_may_have_lines() -> None:
    assert codes(Text(10, lines=True), "a\r\n\tb") == []
    assert codes(Text(10, lines=True), "a\x0b") == ["LRS-REQ-6"]


def test_spaces_alone_are_nothing() -> None:
    assert codes(Text(10, minimum=1), "  ") == ["LRS-REQ-1"]
    assert codes(Text(10), "  ") == []


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("31/12/2001", "DD/MM/YYYY"),
        ("2001-02-30", "no such day"),
        ("2001-02-03T12:00:00", "time"),
        ("37000", "serial number"),
        ("x" * 30, ""),
    ],
)
def test_an_invalid_date_is_described_by_what_it_looks_like(value: str, hint: str) -> None:
    (reason,) = FieldValue(DATE_OF_BIRTH).refusals(value)
    assert (reason.code, reason.field, dict(reason.detail)["hint"]) == ("ACF004", "DateOfBirth", hint)


def test_values_are_converted_to_their_types() -> None:
    assert FieldValue(DATE_OF_BIRTH).made("2001-02-03") == date(2001, 2, 3)
    assert FieldValue(LAST_KNOWN_POST_CODE).made(" cv12wt ") == "CV1 2WT"
    assert ListOf(FieldValue(DATE_OF_BIRTH), 3).made(["2001-02-03"]) == (date(2001, 2, 3),)


@pytest.mark.parametrize(
    ("form", "value", "code"),
    [
        (FieldText(ULN), 1000000043, "LRS-REQ-4"),
        (FieldText(ULN), ["1000000043"], "LRS-REQ-4"),
        (FieldValue(GENDER), True, "LRS-REQ-4"),
        (Flag(), "true", "LRS-REQ-4"),
        (Flag(), 1, "LRS-REQ-4"),
        (ListOf(Text(9), 2), ["a"] * 3, "LRS-REQ-5"),
        (ListOf(Text(9), 2), [], "LRS-REQ-1"),
        (ListOf(Text(9), 2), {"0": "a"}, "LRS-REQ-4"),
        (Whole(1, 3), 4, "LRS-REQ-6"),
    ],
)
def test_values_in_the_wrong_format_are_refused_with_their_code(form: Form, value: object, code: str) -> None:
    assert codes(form, value) == [code]


@dataclass(frozen=True)
class Address:
    """Where somebody lives."""

    house: Annotated[int, Whole(1, 9)]
    town: Annotated[str, Text(50)] = ""


@dataclass(frozen=True)
class Search:
    """A search."""

    numbers: Annotated[tuple[int, ...], ListOf(Whole(1, 9), 200)]
    address: Annotated[Address | None, Nested(Address)] = None
    exact: Annotated[bool, Flag()] = False


def test_null_and_an_empty_text_in_a_body_mean_that_nothing_is_given() -> None:
    for nothing in (None, ""):
        sent = given_members(Search, {"numbers": [1], "address": nothing, "exact": nothing})
        assert decode(Search, sent) == Search((1,))
        inner = given_members(Search, {"numbers": [1], "address": {"house": 3, "town": nothing}})
        assert decode(Search, inner) == Search((1,), Address(3))
        for missing in ({"numbers": nothing}, {"numbers": [1], "address": {"house": nothing}}):
            with pytest.raises(Malformed, match="LRS-REQ-1'"):
                decode(Search, given_members(Search, missing))
    with pytest.raises(Malformed, match="LRS-REQ-2'"):
        decode(Search, given_members(Search, {"numbers": [1], "colour": None}))


def test_a_field_of_the_service_keeps_null_and_an_empty_text_since_they_remove_what_is_held() -> None:
    members = {"uln": NUMBER, "emailAddress": None, "title": ""}
    assert given_members(LearnerUpdate, members) == members


@pytest.mark.parametrize(
    "raw",
    [
        b'{"house": "\xff"}',
        '{"house": "a\ufffdb"}'.encode(),
        b'{"house": "a\\ufffdb"}',
        b'{"\\uFFFD": 1}',
        b"\xfe\xff{}",
    ],
    ids=repr,
)
def test_a_body_that_is_not_utf_8_or_was_not_before_the_gateway_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed, match="LRS-REQ-19"):
        read_json(raw, JSON)


def test_a_backslash_before_the_letters_of_the_replacement_character_is_a_text() -> None:
    assert read_json(b'{"house": "\\\\ufffd"}', JSON)[0] == {"house": "\\ufffd"}


@pytest.mark.parametrize("raw", [b"town=%ff", b"town=\xff", "town=\ufffd".encode(), b"town=%EF%BF%BD"], ids=repr)
def test_a_form_that_is_not_utf_8_or_was_not_before_the_gateway_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed, match="LRS-REQ-19"):
        read_form(Address, raw, FORM)


def test_nested_values_are_named_with_their_path() -> None:
    sent = {"numbers": [1, 70], "address": {"house": "7", "towns": "x", "Jane Smith": ""}}
    with pytest.raises(Malformed) as caught:
        decode(Search, sent)
    assert [(reason.code, reason.field) for reason in caught.value.failures] == [
        ("LRS-REQ-6", "numbers[1]"),
        ("LRS-REQ-4", "address.house"),
        ("LRS-REQ-2", ""),
        ("LRS-REQ-2", "address.towns"),
    ]


def test_nested_values_are_converted_too() -> None:
    made = decode(Search, {"numbers": [1], "address": {"house": 7}})
    assert made == Search((1,), Address(7))


def test_reasons_are_reported_up_to_a_limit() -> None:
    with pytest.raises(Malformed) as caught:
        decode(Search, {"numbers": ["x"] * 200})
    assert len(caught.value.failures) == 100


@dataclass(frozen=True)
class Details(RecordRequest, record=(ULN, optional(GIVEN_NAME), GENDER)):
    """Details of a learner."""

    exact: Annotated[bool, Flag()] = False


@dataclass(frozen=True)
class Two:
    """Two ULNs."""

    uln: Annotated[str, FieldValue(ULN)]
    other_uln: Annotated[str, FieldValue(optional(replace(ULN, name="other_uln", wire="OtherULN")))] = ""


def test_a_record_is_passed_on_as_texts_and_not_judged() -> None:
    made = decode(Details, {"uln": "x", "givenName": None, "exact": True})
    assert made == Details({"uln": "x", "given_name": ""}, exact=True)
    assert made.of([ULN]) == {"uln": "x"}
    with pytest.raises(Malformed) as caught:
        decode(Details, {"uln": 7, "familyName": "x"})
    assert [(reason.code, reason.field) for reason in caught.value.failures] == [
        ("LRS-REQ-4", "uln"),
        ("LRS-REQ-2", "familyName"),
    ]


@pytest.mark.parametrize(
    ("shape", "name", "message", "action"),
    [
        (
            Details,
            "givenname",
            "givenname is not accepted here. The nearest name is givenName.",
            "to givenName",
        ),
        (Details, "genders", "genders is not accepted here. The nearest name is gender.", "Change genders to gender"),
        (Details, "familyName", "familyName is not accepted here.", "Remove familyName."),
        (
            Details,
            "Thornbury",
            "The request contains a name we do not recognise.",
            "Names accepted here: exact,",
        ),
        (Search, "adress", "adress is not accepted here. The nearest name is address.", "Change adress to address"),
    ],
)
def test_an_unknown_name_is_named_with_the_nearest_one(shape: type, name: str, message: str, action: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode(shape, {name: "x"} | ({"numbers": [1]} if shape is Search else {}))
    [reason] = [why for why in caught.value.failures if why.field in (name, "")]
    assert sentence(reason) == message
    assert action in remedy(reason)


def test_the_nearest_name_of_a_nested_one_has_its_path() -> None:
    with pytest.raises(Malformed) as caught:
        decode(Search, {"numbers": [1], "address": {"house": 7, "towns": "x"}})
    [reason] = caught.value.failures
    assert sentence(reason) == "address.towns is not accepted here. The nearest name is address.town."


def test_a_value_is_judged_once_the_structure_is_right() -> None:
    assert decode(Two, {"uln": f" {NUMBER} "}) == Two(NUMBER)
    with pytest.raises(Malformed):
        decode(Two, {"uln": 7, "otherUln": "x"})
    for sent, codes in (({}, ["ACF001"]), ({"uln": "1000000044", "otherUln": "x"}, ["ACL001", "ACF003"])):
        with pytest.raises(Refused) as caught:
            decode(Two, sent)
        assert [reason.code for reason in caught.value.failures] == codes


DESCRIBED = [field for field in (*ACHIEVEMENT, *DETAILS, *SUBMITTED) if field.codes is None]


@pytest.mark.req("VAL-03")
@given(
    field=st.sampled_from(DESCRIBED), text=st.text(max_size=40) | st.sampled_from([one.example for one in DESCRIBED])
)
def test_the_schema_of_a_field_accepts_every_value_in_its_normal_form(field: Field, text: str) -> None:
    value, reasons = judged(field, text)
    if not reasons:
        sent = value.isoformat() if isinstance(value, date) else value
        assert jsonschema_rs.is_valid(field_schema(field), sent), (field.name, sent)


@pytest.mark.req("VAL-03")
@pytest.mark.parametrize("field", [ACHIEVEMENT[5], optional(GENDER), *DETAILS], ids=lambda field: field.name)
def test_an_optional_field_may_be_empty_or_null(field: Field) -> None:
    components = {"components": {"schemas": {codes.name: code_schema(codes) for codes in LISTS}}}
    for nothing in ("", None):
        schema = jsonschema_rs.Draft202012Validator(field_schema(field) | components, validate_formats=True)
        assert schema.is_valid(nothing) is not field.mandatory


def test_a_required_member_of_a_record_is_described_as_required() -> None:
    members = {member.wire_name: (member.required, member.description) for member in fields_of(Details)}
    assert members["uln"] == (True, ULN.description)
    assert members["givenName"][0] is False
    assert [field.name for field in fields_of(Details)] == ["uln", "given_name", "gender", "exact"]


def test_a_query_states_flags_and_numbers_in_words() -> None:
    members, faults = read_query(Search, {"exact": ["true"]})
    assert (members, faults) == ({"exact": True}, [])
    assert read_query(Search, {"exact": ["1"]})[0] == {"exact": "1"}


def test_a_form_body_is_read_like_a_query() -> None:
    assert read_form(Search, b"exact=true&numbers=1", f"{FORM}; charset=UTF-8") == ({"exact": True, "numbers": "1"}, [])
    with pytest.raises(WrongMediaType):
        read_form(Search, b"exact=true", "application/json")
    with pytest.raises(BodyTooLarge):
        read_form(Search, b"x" * 20, FORM, limit=10)
    with pytest.raises(Malformed):
        read_form(Search, b"a=%ff", FORM)
    with pytest.raises(Malformed):
        read_form(Search, b"&".join(b"a=1" for _ in range(500)), FORM)
    assert [reason.code for reason in read_form(Search, b"exact=true&exact=false", FORM)[1]] == ["LRS-REQ-3"]


@pytest.mark.req("SEC-02")
def test_a_route_with_a_body_has_no_query() -> None:
    refuse_query({})
    with pytest.raises(Malformed) as caught:
        refuse_query({"familyname": ["Smith"], "smith": ["1"]}, ["familyName"])
    assert [reason.field for reason in caught.value.failures] == ["", "familyname"]


FORMS: list[Form] = [
    Text(5),
    Text(5, minimum=1),
    Text(5, lines=True),
    Text(5, minimum=2, pattern="[a-z]+", expected="letters"),
    Whole(-1, 9),
    Flag(),
    ListOf(Whole(0, 3), 2),
]
NEAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.text(max_size=7),
    st.text("abcAB1- \t\x00", max_size=7),
    st.sampled_from(["UTF-8", "Windows-1252", "b-1", NUMBER, "10000020", "CV1 2WT", "cv12wt", "bfpo 1", "2001-02-03"]),
    st.lists(st.integers(-1, 4), max_size=3),
)


@pytest.mark.req("VAL-03")
@pytest.mark.parametrize("form", FORMS, ids=str)
@given(value=NEAR)
def test_a_schema_accepts_whatever_the_form_accepts(form: Form, value: object) -> None:
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        return
    if not form.faults("field", value):
        assert jsonschema_rs.is_valid(form.schema(), value)


@pytest.mark.req("VAL-03")
@pytest.mark.parametrize("form", FORMS, ids=str)
@given(value=NEAR)
def test_a_form_accepts_whatever_its_schema_accepts(form: Form, value: object) -> None:
    if isinstance(value, str) and any(letter in "\ufffe\uffff" or "\ud800" <= letter <= "\udfff" for letter in value):
        return
    if isinstance(form, Text) and form.lines:
        return
    if jsonschema_rs.is_valid(form.schema(), value):
        assert not form.faults("field", value)


@pytest.mark.parametrize("form", [*FORMS, Nested(Address)], ids=str)
def test_the_sample_of_a_form_is_of_the_form(form: Form) -> None:
    if getattr(form, "pattern", ""):
        return
    assert form.faults("field", form.sample()) == []
