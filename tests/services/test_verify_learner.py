"""Verify one learner's details (VLD-01, VLD-02)."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.domain.learners import DELETED, LINKED, profile_of
from chalicelib.domain.refusals import Refused
from chalicelib.formats.words.return_codes import FLAGS, VERIFICATION_CODES
from chalicelib.ports.errors import TemporaryFailure
from tests.builders.callers import caller
from tests.builders.learners import learner, uln
from tests.fakes import FakeWorld

pytestmark = pytest.mark.req("VLD-01", "VLD-02")

NAMES = {"given_name": "Bronwen", "family_name": "Ashcombe"}
ALL = {**NAMES, "date_of_birth": "2004-05-17", "gender": "2", "last_known_post_code": "cf101aa"}


@pytest.fixture
def world():
    world = FakeWorld()
    world.learners.put(profile_of(learner(1, previous_family_name="Wick", preferred_given_name="Kit")))
    return world


def verify(world, number=1, **values):
    return world.services().verify_learner.verify(caller(), {"uln": uln(number), **NAMES, **values})


def linked(world, **changes):
    """The second learner linked to the first as master."""
    made = learner(2, given_name="Seren", **changes)._replace(status=LINKED, master_uln=uln(1))
    world.learners.put(profile_of(made))


@pytest.mark.parametrize(
    ("values", "code", "explanation"),
    [
        ({}, "VRC001", ()),
        (ALL, "VRC001", ()),
        ({"given_name": "BRONWEN", "family_name": "ashcombe"}, "VRC001", ()),
        ({"given_name": "Bron"}, "VRC003", ("given name: synonym",)),
        ({"given_name": "Kit"}, "VRC003", ("given name: preferred name",)),
        ({"family_name": "Wick"}, "VRC003", ("family name: previous name",)),
        ({"family_name": "Ashcombe-Lloyd"}, "VRC003", ("family name: part of double name",)),
        ({"last_known_post_code": "LL57 1AA"}, "VRC003", ("postcode: different",)),
        ({"gender": "0"}, "VRC001", ()),
    ],
)
def test_details_are_compared_and_the_registers_are_returned(world, values, code, explanation):
    verified = verify(world, **values)
    assert (verified.response_code, verified.explanation, verified.failure_flags) == (code, explanation, ())
    assert verified.returned is not None
    assert (verified.returned.uln, verified.returned.given_name) == (uln(1), "Bronwen")


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        ({"date_of_birth": "2004-05-18"}, ("DATE_OF_BIRTH_MISMATCH",)),
        ({"gender": "1"}, ("GENDER_MISMATCH",)),
        ({"family_name": "Zebedee"}, ("FAMILY_NAME_MISMATCH",)),
        ({"given_name": "Quentin", "gender": "1"}, ("GIVEN_NAME_MISMATCH", "GENDER_MISMATCH")),
    ],
)
def test_what_does_not_match_is_flagged_and_nothing_of_the_register_returned(world, values, flags):
    verified = verify(world, **values)
    assert (verified.response_code, verified.failure_flags, verified.returned) == ("VRC005", flags, None)


def test_a_uln_that_nobody_has_is_not_found(world):
    verified = verify(world, 9)
    assert (verified.response_code, verified.failure_flags) == ("VRC006", ("ULN_NOT_FOUND",))
    world.learners.put(profile_of(learner(3)._replace(status=DELETED)))
    assert verify(world, 3).failure_flags == ("LEARNER_DELETED",)


def test_a_uln_with_a_wrong_check_digit_is_not_looked_for(world):
    verified = verify(world, uln="1234567890")
    assert (verified.response_code, verified.failure_flags) == ("VRC006", ("ULN_NOT_FOUND", "ULN_INVALID"))
    assert world.calls == ["audit.record"]


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize(
    "guess", [{}, {"given_name": "Quentin"}, {"date_of_birth": "2004-05-18"}, {"gender": "1", "family_name": "Zebedee"}]
)
def test_a_restricted_learner_gets_the_same_answer_at_the_same_cost_whatever_is_sent(world, guess):
    world.learners.put(profile_of(learner(3)._replace(restricted=True)))
    verified = verify(world, 3, **guess)
    assert (verified.response_code, verified.failure_flags) == ("VRC005", ("LEARNER_RESTRICTED",))
    assert (verified.explanation, verified.returned) == ((), None)
    assert world.calls == ["learners.profiles", "audit.record"]


@pytest.mark.req("ULN-09")
@pytest.mark.parametrize(("given", "code"), [("Seren", "VRC002"), ("Serren", "VRC004")])
def test_a_linked_uln_returns_the_masters_values_and_both_are_audited(world, given, code):
    linked(world)
    verified = verify(world, 2, given_name=given)
    assert verified.response_code == code
    assert verified.searched.uln == uln(2)
    assert verified.returned is not None
    assert (verified.returned.uln, verified.returned.given_name) == (uln(1), "Bronwen")
    assert {subject for subject, _, _ in world.audit.held} == {f"ULN#{uln(1)}", f"ULN#{uln(2)}"}


def test_it_costs_one_read_two_when_linked_and_one_audit_write(world):
    verify(world)
    assert world.calls == ["learners.profiles", "audit.record"]
    linked(world)
    world.calls.clear()
    verify(world, 2, given_name="Seren")
    assert world.calls == ["learners.profiles"] * 2 + ["audit.record"]


def test_a_learner_registered_a_moment_ago_is_verified(world):
    world.learners.put(profile_of(learner(5)), lagging=True)
    assert verify(world, 5).response_code == "VRC001"


@pytest.mark.req("SEC-01")
def test_every_look_is_audited_before_it_is_answered(world):
    verify(world)
    verify(world, gender="1")
    verify(world, 9)
    seen = [(entry.subject, entry.action, entry.outcome, entry.detail["code"]) for entry in world.audit.held.values()]
    assert seen == [
        (f"ULN#{uln(1)}", "learner-verified", "DONE", "VRC001"),
        (f"ULN#{uln(1)}", "learner-verified", "NOT_FOUND", "VRC005"),
        ("ORG#10000001", "learner-verified", "NOT_FOUND", "VRC006"),
    ]

    def no_audit(name):
        if name == "audit.record":
            raise TemporaryFailure

    world.hook = no_audit
    with pytest.raises(TemporaryFailure):
        verify(world)


def test_every_fault_of_the_values_is_reported_at_once_with_the_codes_of_the_files(world):
    with pytest.raises(Refused) as refused:
        world.services().verify_learner.verify(
            caller(),
            {
                "uln": "12345",
                "given_name": "Bronwen1",
                "family_name": " ",
                "date_of_birth": "17/05/2004",
                "gender": "F",
                "last_known_post_code": "nowhere",
            },
        )
    assert [(reason.code, reason.field) for reason in refused.value.failures] == [
        ("ACF003", "ULN"),
        ("ACF003", "GivenName"),
        ("ACF001", "FamilyName"),
        ("ACF004", "DateOfBirth"),
        ("ACF005", "Gender"),
        ("ACF003", "LastKnownPostCode"),
    ]
    assert world.calls == []


def test_a_birth_before_1890_is_refused(world):
    with pytest.raises(Refused):
        verify(world, date_of_birth=date(1889, 12, 31).isoformat())


def test_codes_have_the_status_and_action_of_the_guide():
    statuses = {code: words.status for code, words in VERIFICATION_CODES.items()}
    assert statuses == {
        "VRC001": "Successful",
        "VRC002": "Successful",
        "VRC003": "Probably Successful",
        "VRC004": "Probably Successful",
        "VRC005": "Error",
        "VRC006": "Error",
    }
    actions = {code: words.action for code, words in VERIFICATION_CODES.items()}
    verified = {code for code, action in actions.items() if action == "None – the ULN has been verified."}
    assert verified == {"VRC001", "VRC002", "VRC004"}
    assert len(FLAGS) == 8


def test_a_refused_request_is_compared_with_the_register_too_and_the_look_is_audited(world):
    for number, values, codes in (
        (1, {"gender": "7"}, "ACF005"),
        (1, {"gender": "7", "family_name": "Zebedee"}, "ACL003 ACF005"),
        (9, {"gender": "7", "family_name": ""}, "ACL002 ACF001 ACF005"),
    ):
        with pytest.raises(Refused) as refused:
            verify(world, number, **values)
        assert refused.value.codes == codes
        *_, last = world.audit.held.values()
        assert (last.subject, last.detail["code"], last.outcome) == (f"ULN#{uln(number)}", codes, "REFUSED")


def test_a_refused_request_of_a_learner_registered_a_moment_ago_has_no_reason_of_the_register(world):
    world.learners.put(profile_of(learner(4)), lagging=True)
    with pytest.raises(Refused) as refused:
        verify(world, 4, gender="7")
    assert refused.value.codes == "ACF005"
