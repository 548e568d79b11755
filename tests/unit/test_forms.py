"""Forms of fields: what they refuse, what they make, and that they describe themselves as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.web.http.forms import Form
from chalicelib.web.http.requests import (
    FORM,
    BodyTooLarge,
    Choice,
    Date,
    Flag,
    ListOf,
    Malformed,
    Nested,
    Nullable,
    Postcode,
    Text,
    Ukprn,
    Uln,
    Whole,
    WrongMediaType,
    decode,
    read_form,
    read_query,
    refuse_query,
)

ULN = "1000000043"


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


def test_a_choice_is_exact_unless_it_says_otherwise() -> None:
    assert codes(Choice(("FUL", "CHK")), "ful") == ["LRS-REQ-6"]
    lax = Choice(("FUL", "CHK"), any_case=True)
    assert codes(lax, "ful") == []
    assert lax.made("ful") == "FUL"


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("31/12/2001", "DD/MM/YYYY"),
        ("2001-02-30", "no such day"),
        ("2001-02-03T00:00:00", "time"),
        ("2001-02-03T12:00:00", "time"),
        ("37000", "serial number"),
        ("x" * 5000, ""),
    ],
)
def test_a_date_says_what_it_looks_like_when_it_is_none(value: str, hint: str) -> None:
    (reason,) = Date().faults("dateOfBirth", value)
    assert (reason.code, reason.field, dict(reason.detail)["hint"]) == ("ACF004", "dateOfBirth", hint)


def test_values_are_made_what_the_program_works_with() -> None:
    assert Date().made("2001-02-03") == date(2001, 2, 3)
    assert Postcode().made(" cv12wt ") == "CV1 2WT"
    assert Nullable(Date()).made(None) is None
    assert ListOf(Date(), 3).made(["2001-02-03"]) == (date(2001, 2, 3),)


@pytest.mark.parametrize(
    ("form", "value", "code"),
    [
        (Uln(), "1000000044", "ACL001"),
        (Uln(), "0000000043", "ACF003"),
        (Uln(), 1000000043, "LRS-REQ-4"),
        (Uln(), "", "ACF001"),
        (Uln(), "١٠٠٠٠٠٠٠٤٣", "ACF003"),
        (Ukprn(), "1000002", "ACF003"),
        (Ukprn(), "0000002x", "ACF003"),
        (Postcode(), "CV1 2W", "ACF003"),
        (Postcode(), "\u017fw1a 1aa", "ACF003"),
        (Postcode(), " " * 100, "ACF003"),
        (Flag(), "true", "LRS-REQ-4"),
        (Flag(), 1, "LRS-REQ-4"),
        (ListOf(Uln(), 2), [ULN] * 3, "LRS-REQ-5"),
        (ListOf(Uln(), 2), [], "LRS-REQ-1"),
        (ListOf(Uln(), 2), {"0": ULN}, "LRS-REQ-4"),
        (Nullable(Whole(1, 3)), 4, "LRS-REQ-6"),
    ],
)
def test_what_is_not_of_the_form_is_refused_with_its_code(form: Form, value: object, code: str) -> None:
    assert codes(form, value) == [code]


@dataclass(frozen=True)
class Address:
    """Where somebody lives."""

    postcode: Annotated[str, Postcode()]
    town: Annotated[str, Text(50)] = ""


@dataclass(frozen=True)
class Search:
    """A search."""

    ulns: Annotated[tuple[str, ...], ListOf(Uln(), 200)]
    address: Annotated[Address | None, Nullable(Nested(Address))] = None
    exact: Annotated[bool, Flag()] = False


def test_what_lies_deeper_is_named_with_its_path() -> None:
    sent = {"ulns": [ULN, "7"], "address": {"postcode": 7, "towns": "x", "Jane Smith": ""}}
    with pytest.raises(Malformed) as caught:
        decode(Search, sent)
    assert [(reason.code, reason.field) for reason in caught.value.failures] == [
        ("ACF003", "ulns[1]"),
        ("LRS-REQ-4", "address.postcode"),
        ("LRS-REQ-2", ""),
        ("LRS-REQ-2", "address.towns"),
    ]


def test_what_lies_deeper_is_made_too() -> None:
    made = decode(Search, {"ulns": [ULN], "address": {"postcode": "bfpo12"}})
    assert made == Search((ULN,), Address("BFPO 12"))
    assert decode(Search, {"ulns": [ULN], "address": None}).address is None


def test_reasons_are_told_up_to_a_limit() -> None:
    with pytest.raises(Malformed) as caught:
        decode(Search, {"ulns": ["x"] * 200})
    assert len(caught.value.failures) == 100


def test_a_query_states_flags_and_numbers_in_words() -> None:
    members, faults = read_query(Search, {"exact": ["true"]})
    assert (members, faults) == ({"exact": True}, [])
    assert read_query(Search, {"exact": ["1"]})[0] == {"exact": "1"}


def test_a_form_body_is_read_like_a_query() -> None:
    assert read_form(Search, b"exact=true&ulns=1", f"{FORM}; charset=UTF-8") == ({"exact": True, "ulns": "1"}, [])
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
    Choice(("a", "B-1")),
    Choice(("utf-8", "windows-1252"), any_case=True),
    Whole(-1, 9),
    Flag(),
    Date(),
    Uln(),
    Ukprn(),
    Postcode(),
    Nullable(Text(5)),
    Nullable(Choice(("a",))),
    ListOf(Whole(0, 3), 2),
]
NEAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.text(max_size=7),
    st.text("abcAB1- \t\x00", max_size=7),
    st.sampled_from(["UTF-8", "Windows-1252", "b-1", ULN, "10000020", "CV1 2WT", "cv12wt", "bfpo 1", "2001-02-03"]),
    st.lists(st.integers(-1, 4), max_size=3),
)


@pytest.mark.req("VAL-03")
@pytest.mark.parametrize("form", FORMS, ids=str)
@given(value=NEAR)
def test_a_schema_admits_whatever_the_form_takes(form: Form, value: object) -> None:
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        return
    if not form.faults("field", value):
        assert jsonschema_rs.is_valid(form.schema(), value)


@pytest.mark.req("VAL-03")
@pytest.mark.parametrize("form", [form for form in FORMS if not isinstance(form, Uln | Date)], ids=str)
@given(value=NEAR)
def test_a_form_takes_whatever_its_schema_admits(form: Form, value: object) -> None:
    """A check digit and a calendar are beyond a schema."""
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
