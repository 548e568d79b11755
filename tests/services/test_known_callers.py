"""Callers are remembered for five seconds, no longer, and counted from before they were read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.access import Capability
from chalicelib.services import known_callers
from chalicelib.services.known_callers import REMEMBERED, KnownCallers
from tests.builders.callers import caller
from tests.builders.organisations import organisation
from tests.fakes import FakeWorld

UKPRN, CREDENTIAL = "10000001", "10000001-abcdefgh"
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(UKPRN))
    held = caller(user="system-a", capabilities=[Capability.LEARNERS_VERIFY], credential_id=CREDENTIAL)
    world.token_keys.admit("token-for-tests-0123456789abcdef", held)
    return world


@pytest.fixture
def known(world: FakeWorld) -> KnownCallers:
    return world.services().known_callers


def suspend(world: FakeWorld) -> None:
    world.accounts.put(organisation(UKPRN, status="suspended"))


@pytest.mark.req("IDM-10", "IDM-11")
def test_a_caller_is_read_once_in_five_seconds(world: FakeWorld, known: KnownCallers) -> None:
    for _ in range(50):
        known.holder(CREDENTIAL)
        known.organisation(UKPRN)
        world.clock.advance(timedelta(milliseconds=100))
    assert world.calls == ["credentials.holder"]


@pytest.mark.req("IDM-10")
def test_a_suspension_is_seen_after_five_seconds_and_not_later(world: FakeWorld, known: KnownCallers) -> None:
    known.holder(CREDENTIAL)
    suspend(world)
    world.clock.advance(REMEMBERED - MOMENT)
    assert known.organisation(UKPRN).status == "active"
    world.clock.advance(MOMENT)
    assert known.organisation(UKPRN).status == "suspended"
    assert known.holder(CREDENTIAL).organisation.status == "suspended"


@pytest.mark.req("IDM-10")
def test_a_slow_read_is_remembered_from_its_beginning(world: FakeWorld) -> None:
    def slowly(_name: str) -> None:
        world.clock.advance(timedelta(seconds=3))

    world.hook = slowly
    known = world.services().known_callers
    known.organisation(UKPRN)
    world.clock.advance(timedelta(seconds=2))
    known.organisation(UKPRN)
    assert world.calls.count("accounts.organisation") == 2


def test_a_clock_that_was_set_back_makes_nothing_last_longer(world: FakeWorld, known: KnownCallers) -> None:
    known.organisation(UKPRN)
    suspend(world)
    world.clock.advance(timedelta(hours=-1))
    assert known.organisation(UKPRN).status == "suspended"


def test_what_does_not_exist_is_read_again(world: FakeWorld, known: KnownCallers) -> None:
    assert known.organisation("10000009") is None
    world.accounts.put(organisation("10000009"))
    assert known.organisation("10000009") is not None


def test_callers_are_forgotten_before_they_are_too_many(
    world: FakeWorld, known: KnownCallers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_callers, "KEPT", 2)
    for ukprn in ("10000001", "10000002", "10000003"):
        world.accounts.put(organisation(ukprn))
        known.organisation(ukprn)
    assert len(known._organisations._held) == 1
