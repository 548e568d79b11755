"""Somebody in the portal who looks at records."""

from __future__ import annotations

from chalicelib.domain.access import AWARDING_ORGANISATION_ROLES, Role
from chalicelib.domain.callers import Channel
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.matching import SubmittedDetails
from tests.builders.accounts import account
from tests.builders.achievements import learner
from tests.builders.organisations import OURS, organisation
from tests.builders.portal import Browser, hold, signed_in
from tests.builders.records import named
from tests.fakes.world import FakeWorld

ULN = learner().uln
HOME = f"/learners/{ULN}"
RECORD = f"{HOME}/record"


def reader(world: FakeWorld, *roles: Role) -> Browser:
    """Somebody of our organisation, which is of the kind that may have these roles, signed in."""
    held = frozenset(roles or {Role.LRB_ONLINE_USER})
    is_awarding = bool(held & AWARDING_ORGANISATION_ROLES)
    is_desk = Role.SERVICE_DESK in held
    world.accounts.put(organisation(OURS, is_awarding_organisation=is_awarding, is_service_desk=is_desk))
    hold(world, account("amelia", OURS, roles=held))
    return signed_in(world)


def name(browser: Browser, details: SubmittedDetails | None = None) -> None:
    """Give a learner's names, and go to the record."""
    who = details or named(learner())
    browser.fill_in("/records", uln=who.uln, given_name=who.given_name, family_name=who.family_name)


def looks(world: FakeWorld) -> list[tuple[LookAction, LookOutcome]]:
    """What was recorded for the learner, each by the person in the portal."""
    entries = world.audit.of_subject(f"ULN#{ULN}")
    assert {(entry.user, entry.detail["channel"]) for entry in entries} <= {("amelia0417", Channel.PORTAL)}
    return [(entry.action, entry.outcome) for entry in entries]
