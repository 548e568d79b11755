"""Organisations in the hands of the service desk: registered, changed, granted roles, suspended (IDM-10)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chalicelib.domain.access import Capability, Role
from chalicelib.domain.callers import Channel
from chalicelib.domain.organisations import Agreement, OrganisationKind, OrganisationState
from chalicelib.domain.refusals import Refused
from chalicelib.ports.errors import Conflict
from chalicelib.services.organisation_register import OrganisationRegister, Wanted
from chalicelib.services.organisations import granted_roles
from chalicelib.services.tokens import grantable_scopes
from chalicelib.services.users import Order
from tests.builders.accounts import details
from tests.builders.callers import caller
from tests.builders.organisations import organisation, provider
from tests.fakes import FakeWorld

AWARDS, PROVIDER, DESK_UKPRN, NEW = "90000001", "90000003", "90000009", "90000011"
DESK = caller(DESK_UKPRN, "desk0001", [Capability.ORGANISATIONS_MANAGE], channel=Channel.PORTAL)
TEXTS = {
    "kind": "registration-body",
    "ukprn": NEW,
    "name": "Penarlâg College",
    "signed_on": "2025-03-01",
    "signatory": "Jo Bloggs, Principal",
}
AWARDING = {**TEXTS, "kind": "awarding-organisation", "recognition_numbers": "RN1 RN2", "sends_files": "yes"}
ROLES = [Role.LRB_ONLINE_USER]


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    for one in (
        organisation(AWARDS, name="Merrowdale Awards"),
        provider(PROVIDER, name="O'Brien & Daughters", status="suspended"),
        provider(DESK_UKPRN, name="Desk", is_service_desk=True, recognition_numbers=frozenset()),
    ):
        world.accounts.put(one)
    return world


@pytest.fixture
def register(world: FakeWorld) -> OrganisationRegister:
    return world.services().organisation_register


def refused(call: Any, *arguments: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return [(reason.code, reason.field) for reason in caught.value.failures]


def audited(world: FakeWorld) -> list[tuple[str, str]]:
    return [(one.action.value, one.subject) for one in world.audit.held.values()]


@pytest.mark.req("IDM-10")
def test_an_organisation_is_registered_with_agreement_roles_and_an_entry_in_the_log(world, register) -> None:
    made = register.register(DESK, TEXTS, ROLES)
    assert world.accounts.organisation(NEW) == made
    assert (made.kind, made.state) == (OrganisationKind.REGISTRATION_BODY, OrganisationState.ACTIVE)
    assert made.agreement == Agreement(date(2025, 3, 1), "Jo Bloggs, Principal")
    assert granted_roles(made) == {Role.SUPER_USER, Role.LRB_ONLINE_USER}
    assert audited(world) == [("organisation-registered", f"ORG#{NEW}")]
    assert register.register(DESK, TEXTS, ROLES) == made  # a double click
    assert len(world.audit.held) == 1


@pytest.mark.req("IDM-10")
def test_every_reason_against_a_registration_comes_at_once(register) -> None:
    wrong = {**TEXTS, "ukprn": "123", "name": "", "signed_on": "2030-01-01", "signatory": "", "sends_files": "yes"}
    assert refused(register.register, DESK, wrong, ROLES) == [
        ("ACF003", "UKPRN"),
        ("ACF001", "Name"),
        ("ACF001", "Signatory"),
        ("LRS-REQ-6", "SignedOn"),
        ("LRS-REQ-6", "SendsFiles"),
    ]
    assert refused(register.register, DESK, {**AWARDING, "recognition_numbers": ""}, ROLES) == [
        ("ACF001", "RecognitionNumbers"),
        ("ACF001", "EmailAddress"),
    ]
    assert refused(register.register, DESK, {**TEXTS, "ukprn": AWARDS}, ROLES) == [("LRS-ORG-2", "UKPRN")]
    assert refused(register.register, DESK, {}, ROLES)[0] == ("ACF001", "Kind")


@pytest.mark.req("IDM-10")
def test_the_twin_of_an_awarding_organisation_registers_learners_for_a_reason(world, register) -> None:
    twin = {**TEXTS, "twin": AWARDS}
    assert refused(register.register, DESK, twin, ROLES) == [("ACF001", "BusinessReason")]
    assert refused(register.register, DESK, {**twin, "ukprn": AWARDS, "business_reason": "x"}, ROLES)[0] == (
        "LRS-REQ-6",
        "Twin",
    )
    unknown = {**twin, "twin": "90000077", "business_reason": "x"}
    assert refused(register.register, DESK, unknown, ROLES) == [("LRS-REQ-6", "Twin")]
    made = register.register(DESK, {**twin, "business_reason": "Its own training centre"}, ROLES)
    assert (made.twin, made.business_reason) == (AWARDS, "Its own training centre")


@pytest.mark.req("IDM-10", "IDM-07")
def test_roles_are_those_of_the_kind_and_never_none(register) -> None:
    assert refused(register.register, DESK, TEXTS, []) == [("LRS-USER-10", "Roles")]
    assert refused(register.register, DESK, TEXTS, [Role.QCF_USER]) == [("LRS-REQ-6", "Roles")]
    assert refused(register.register, DESK, TEXTS, ["Administrator"]) == [("LRS-REQ-6", "Roles")]
    adviser = register.register(DESK, {**TEXTS, "kind": "adviser"}, [Role.ADVISER])
    assert adviser.kind is OrganisationKind.ADVISER
    assert grantable_scopes(adviser) == frozenset()


@pytest.mark.req("IDM-10")
def test_a_change_is_saved_once_and_only_on_what_was_seen(world, register) -> None:
    held = register.register(DESK, TEXTS, ROLES)
    changed = register.change(DESK, NEW, 1, {**TEXTS, "name": "Renamed", "email_address": "files@example.org"})
    assert (changed.name, changed.batch_email, changed.revision) == ("Renamed", "files@example.org", 2)
    assert changed.roles == held.roles
    assert refused(register.change, DESK, NEW, 1, TEXTS) == [("LRS-REQ-13", "")]
    assert register.change(DESK, NEW, 2, {**TEXTS, "name": "Renamed", "email_address": "files@example.org"}) == changed
    entry = list(world.audit.held.values())[-1]
    assert (entry.action, entry.detail["parts"]) == ("organisation-changed", "name, batch_email")

    def overtake(name: str) -> None:
        if name == "accounts.save":
            raise Conflict

    world.hook = overtake
    assert refused(register.grant, DESK, NEW, 2, [Role.LRB_BATCH_USER]) == [("LRS-REQ-13", "")]


@pytest.mark.req("IDM-10", "IDM-07")
def test_roles_are_granted_and_taken_away_with_what_changed_in_the_log(world, register) -> None:
    register.register(DESK, TEXTS, ROLES)
    changed = register.grant(DESK, NEW, 1, [Role.LRB_BATCH_USER])
    assert granted_roles(changed) == {Role.SUPER_USER, Role.LRB_BATCH_USER}
    detail = list(world.audit.held.values())[-1].detail
    assert (detail["added"], detail["removed"]) == ("LRB Batch User", "LRB Online User")
    assert register.grant(DESK, NEW, 2, [Role.LRB_BATCH_USER]) == changed


@pytest.mark.req("IDM-10")
def test_an_organisation_is_suspended_and_reactivated_for_a_reason(world, register) -> None:
    why = {"reason": "The agreement has ended."}
    assert refused(register.suspend, DESK, AWARDS, 1, {"reason": " "}) == [("ACF001", "Reason")]
    gone = register.suspend(DESK, AWARDS, 1, why)
    assert (gone.status, gone.state_change.by, gone.state_change.reason) == ("suspended", "desk0001", why["reason"])
    assert register.suspend(DESK, AWARDS, 1, why) == gone, "by a second click"
    assert refused(register.suspend, DESK, AWARDS, 1, {"reason": "Another"}) == [("LRS-ORG-4", "")]
    assert register.reactivate(DESK, AWARDS, 2, why).status == "active"
    assert [action for action, _ in audited(world)] == ["organisation-suspended", "organisation-reactivated"]
    register.suspend(DESK, AWARDS, 3, {"reason": "A breach of data"})
    assert refused(register.reactivate, DESK, AWARDS, 2, why) == [("LRS-REQ-13", "")], "an old page"


@pytest.mark.req("IDM-10", "SEC-01")
def test_nobody_changes_the_organisation_of_those_who_run_the_service(register) -> None:
    calls = (
        lambda: register.suspend(DESK, DESK_UKPRN, 1, {"reason": "x"}),
        lambda: register.grant(DESK, DESK_UKPRN, 1, [Role.SERVICE_DESK]),
        lambda: register.change(DESK, DESK_UKPRN, 1, TEXTS),
    )
    assert [refused(call) for call in calls] == [[("LRS-ORG-3", "")]] * 3
    assert refused(register.suspend, DESK, "9", 1, {"reason": "x"}) == [("LRS-ORG-1", "")]


@pytest.mark.req("IDM-10")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [DESK_UKPRN, AWARDS, PROVIDER]),
        (Wanted(name="obrien"), [PROVIDER]),
        (Wanted(name="dale aw"), [AWARDS]),
        (Wanted(ukprn=" 90000003 "), [PROVIDER]),
        (Wanted(kind=OrganisationKind.AWARDING_ORGANISATION), [AWARDS]),
        (Wanted(state=OrganisationState.SUSPENDED), [PROVIDER]),
        (Wanted(name="nobody"), []),
    ],
)
def test_organisations_are_found_by_name_number_kind_and_state(register, wanted: Wanted, found: list[str]) -> None:
    assert [one.ukprn for one in register.find(DESK, wanted)] == found


@pytest.mark.req("IDM-10", "IDM-06")
def test_the_first_super_user_is_created_once(world, register) -> None:
    register.register(DESK, TEXTS, ROLES)
    users = world.services().users
    assert not users.has_users(NEW)
    made = users.create_first(DESK, NEW, Order(details()._asdict(), frozenset({Role.LRB_ONLINE_USER}))).account
    assert (made.ukprn, made.roles) == (NEW, {Role.SUPER_USER})
    other = Order(details(given_name="Bea", email_address="bea@example.org")._asdict(), frozenset())
    assert refused(users.create_first, DESK, NEW, other) == [("LRS-USER-25", "")]
