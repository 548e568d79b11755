"""The REST interface of verifications, through Chalice, over fakes of the outside services (VLD-01, VLD-02)."""

from __future__ import annotations

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.learners import LINKED, profile_of
from tests.builders.learners import learner, uln
from tests.builders.organisations import organisation
from tests.builders.web import WebClient, admit
from tests.fakes.world import FakeWorld

pytestmark = pytest.mark.req("VLD-01", "VLD-02")

UKPRN = "10000001"
PATH = "/v1/verifications"
NAMES = {"familyName": "Ashcombe", "givenName": "Bronwen"}


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(UKPRN, batch_achievements=False))
    admit(world, UKPRN, Role.AWARDING_BODY_USER)
    seren = learner(2, given_name="Seren")._replace(status=LINKED, master_uln=uln(1))
    for made in (learner(1), seren):
        world.learners.put(profile_of(made))
    return world


def test_the_answer_has_what_was_searched_the_code_and_the_registers_values(send: WebClient) -> None:
    answer = send(
        "POST", PATH, {"uln": uln(1), **NAMES, "givenName": "bronwen", "lastKnownPostCode": "cf101aa", "gender": None}
    )
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (
        answer.document
        | {
            "searchedUln": uln(1),
            "searchedFamilyName": "Ashcombe",
            "searchedGivenName": "bronwen",
            "searchedDateOfBirth": None,
            "searchedGender": None,
            "searchedLastKnownPostCode": "CF10 1AA",
            "responseCode": "VRC001",
            "result": "Exact Match",
            "status": "Successful",
            "actionRequired": "None – the ULN has been verified.",
            "uln": uln(1),
            "familyName": "Ashcombe",
            "givenName": "Bronwen",
            "dateOfBirth": "2004-05-17",
            "gender": "2",
            "failureFlags": [],
            "explanation": [],
        }
        == answer.document
    )


def test_a_possible_match_shows_what_differs(send: WebClient) -> None:
    document = send("POST", PATH, {"uln": uln(1), **NAMES, "familyName": "Ashcombe-Lloyd"}).document
    assert (document["responseCode"], document["status"]) == ("VRC003", "Probably Successful")
    assert document["explanation"] == ["family name: part of double name"]
    assert document["familyName"] == "Ashcombe"


@pytest.mark.req("ULN-09")
@pytest.mark.parametrize(("given", "code"), [("Seren", "VRC002"), ("Sereen", "VRC004")])
def test_for_a_linked_uln_the_masters_values_are_returned(send: WebClient, given: str, code: str) -> None:
    document = send("POST", PATH, {"uln": uln(2), **NAMES, "givenName": given}).document
    assert document["responseCode"] == code
    assert (document["searchedUln"], document["uln"], document["givenName"]) == (uln(2), uln(1), "Bronwen")


def test_a_mismatch_has_flags_in_words_and_no_value_of_the_register(send: WebClient) -> None:
    document = send("POST", PATH, {"uln": uln(1), **NAMES, "gender": "1", "dateOfBirth": "2004-05-18"}).document
    assert (document["responseCode"], document["status"]) == ("VRC005", "Error")
    flags = {flag["flag"]: flag["description"] for flag in document["failureFlags"]}
    assert set(flags) == {"DATE_OF_BIRTH_MISMATCH", "GENDER_MISMATCH"}
    assert all(flags.values())
    returned = [document[name] for name in ("uln", "familyName", "givenName", "dateOfBirth", "gender")]
    assert returned == [None] * 5


@pytest.mark.parametrize(
    ("number", "flags"), [(uln(9), ["ULN_NOT_FOUND"]), ("1234567890", ["ULN_NOT_FOUND", "ULN_INVALID"])]
)
def test_a_uln_that_nobody_has_is_not_found(send: WebClient, number: str, flags: list[str]) -> None:
    document = send("POST", PATH, {"uln": number, **NAMES}).document
    assert document["responseCode"] == "VRC006"
    assert [flag["flag"] for flag in document["failureFlags"]] == flags


@pytest.mark.parametrize(
    ("sent", "status", "reasons"),
    [
        (
            {"uln": "12345", "givenName": " ", "gender": "F", "dateOfBirth": "2004-02-30"},
            422,
            {
                ("ACF003", "uln"),
                ("ACF001", "givenName"),
                ("ACF001", "familyName"),
                ("ACF005", "gender"),
                ("ACF004", "dateOfBirth"),
            },
        ),
        ({"uln": 12345, "name": "x"}, 400, {("LRS-REQ-4", "uln"), ("LRS-REQ-2", "")}),
        (
            {"uln": uln(1), "givenName": "Bronwen1", "familyName": "-", "dateOfBirth": "1850-01-01"},
            422,
            {("ACF003", "givenName"), ("ACF003", "familyName"), ("ACF004", "dateOfBirth")},
        ),
    ],
)
def test_every_fault_of_a_request_is_reported_at_once(
    send: WebClient, sent: object, status: int, reasons: set[tuple[str, str]]
) -> None:
    answer = send("POST", PATH, sent)
    assert answer.status == status
    assert set(answer.reasons) == reasons
