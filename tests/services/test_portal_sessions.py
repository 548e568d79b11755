"""Sessions of people in the portal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.access import Capability, Role
from chalicelib.domain.accounts import Password, Stage
from chalicelib.domain.callers import Channel
from chalicelib.services.portal_sessions import MOST_CRITERIA, MOST_FLASHES, PortalSessions, caller_of
from tests.builders.accounts import account
from tests.builders.organisations import organisation
from tests.fakes import FakeWorld
from tests.fakes.calls import no_hook

UKPRN = "10000001"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(UKPRN))
    world.user_table.put(account())
    return world


@pytest.fixture
def sessions(world: FakeWorld) -> PortalSessions:
    return world.services().portal_sessions


def begin(world: FakeWorld, sessions: PortalSessions, *, has_agreed: bool = True) -> str:
    held = world.user_table.held[UKPRN, "Uamelia"]
    return sessions.begin(held, world.accounts.organisations[UKPRN], has_agreed=has_agreed).cookie


@pytest.mark.req("IDM-08", "SEC-02")
def test_a_session_has_its_person_and_what_they_may_do_and_its_cookie_is_not_stored(world, sessions) -> None:
    cookie = begin(world, sessions)
    world.calls.clear()
    found = sessions.of(cookie, world.clock())
    assert world.calls == ["portal_sessions.holding"], "one read for a page"
    assert (found.user_name, found.name, found.stage) == ("amelia0417", "Amelia Okafor", Stage.COMPLETE)
    assert found.organisation == world.accounts.organisations[UKPRN].name
    assert {Capability.SIGNED_IN, Capability.ACHIEVEMENTS_MANAGE} <= found.capabilities
    assert Capability.LEARNERS_FIND not in found.capabilities
    assert cookie not in repr(world.portal_session_table.held)
    assert cookie.rpartition(".")[2] not in repr(world.portal_session_table.held)
    who = caller_of(found, "R1")
    assert (who.ukprn, who.user, who.channel, who.request_id) == (UKPRN, "amelia0417", Channel.PORTAL, "R1")
    assert who.email == "amelia@merrowdale.example.org"


@pytest.mark.req("IDM-08", "SEC-01")
@pytest.mark.parametrize("text", ["", "x", "10000001.Uamelia.lrs_secret_999999", "10000001.Ubob.lrs_secret_000001"])
def test_another_cookie_has_no_session(world, sessions, text) -> None:
    begin(world, sessions)
    assert sessions.of(text, world.clock()) is None


@pytest.mark.req("IDM-08", "SEC-01")
@pytest.mark.parametrize(
    "change",
    [
        lambda one, now: one.suspended(now),
        lambda one, now: one.suspended(now).reactivated(),
        lambda one, now: one.deleted(now),
        lambda one, now: one.with_password("hash:x", now),
        lambda one, now: one.with_one_time_password("hash:x", now),
        lambda one, now: one.with_details(one.details, frozenset({Role.AWARDING_BODY_USER})),
    ],
    ids=["suspended", "suspended and reactivated", "deleted", "new password", "reset", "other roles"],
)
def test_what_ends_access_ends_every_session_at_once_and_for_good(world, sessions, change) -> None:
    cookies = [begin(world, sessions) for _ in range(2)]
    world.user_table.put(change(account(), world.clock()))
    assert [sessions.of(cookie, world.clock()) for cookie in cookies] == [None, None]
    assert world.portal_session_table.held == {}


@pytest.mark.req("IDM-08")
@pytest.mark.parametrize(
    "change",
    [
        lambda one, now: one.signed_in(now),
        lambda one, _: one.with_details(one.details._replace(title="Ms"), one.roles),
        lambda one, _: replace(one, wrong_passwords=10),
    ],
    ids=["another sign-in", "other details", "locked by a stranger's guesses"],
)
def test_what_does_not_end_access_leaves_the_session(world, sessions, change) -> None:
    cookie = begin(world, sessions)
    world.user_table.put(change(account(), world.clock()))
    assert sessions.of(cookie, world.clock()) is not None


@pytest.mark.req("IDM-08", "IDM-10", "SEC-01")
def test_a_suspended_organisation_has_no_sessions_and_one_that_was_used_does_not_come_back(world, sessions) -> None:
    cookie = begin(world, sessions)
    world.accounts.put(organisation(UKPRN, status="suspended"))
    assert sessions.of(cookie, world.clock()) is None
    world.accounts.put(organisation(UKPRN))
    assert sessions.of(cookie, world.clock()) is None


@pytest.mark.req("IDM-07", "SEC-01")
def test_a_role_that_the_organisation_is_no_longer_granted_is_gone_from_the_next_page(world, sessions) -> None:
    cookie = begin(world, sessions)
    world.accounts.put(organisation(UKPRN, is_awarding_organisation=False))
    found = sessions.of(cookie, world.clock())
    assert (found.roles, found.capabilities) == (frozenset(), {str(Capability.SIGNED_IN)})


@pytest.mark.req("IDM-07", "IDM-10")
def test_an_organisation_that_is_granted_fewer_roles_has_fewer_from_the_next_page(world, sessions) -> None:
    cookie = begin(world, sessions)
    world.accounts.put(organisation(UKPRN, roles=frozenset({Role.AWARDING_BODY_USER})))
    assert sessions.of(cookie, world.clock()).roles == frozenset()


@pytest.mark.req("IDM-08")
def test_a_session_ends_after_thirty_idle_minutes_and_twelve_hours_in_any_case(world, sessions) -> None:
    cookie, began = begin(world, sessions), world.clock()
    for _ in range(28):
        assert sessions.of(cookie, world.clock.advance(25 * MINUTE)) is not None
    last = sessions.of(cookie, world.clock.advance(19 * MINUTE))
    assert last.idle_until == last.ends == began + 12 * HOUR
    assert sessions.of(cookie, began + 12 * HOUR) is None
    cookie = begin(world, sessions)
    assert sessions.of(cookie, world.clock.advance(30 * MINUTE)) is None
    world.calls.clear()
    assert sessions.look(cookie, world.clock()).ended is not None, "a form that comes with it is its person's"
    assert world.calls == ["portal_sessions.holding"]


@pytest.mark.req("IDM-08")
def test_a_request_is_stored_once_a_minute(world, sessions) -> None:
    cookie = begin(world, sessions)
    world.calls.clear()
    for _ in range(6):
        sessions.of(cookie, world.clock.advance(20 * timedelta(seconds=1)))
    assert world.calls.count("portal_sessions.keep") == 2


@pytest.mark.req("IDM-01", "IDM-02", "IDM-03")
def test_a_session_says_what_is_owed(world, sessions) -> None:
    cookie = begin(world, sessions, has_agreed=False)
    session = sessions.of(cookie, world.clock())
    assert session.stage is Stage.AGREEMENT_OWED
    sessions.agreed(session)
    assert sessions.of(cookie, world.clock()).stage is Stage.COMPLETE
    world.user_table.put(replace(account(), question=None))
    assert sessions.of(cookie, world.clock()).stage is Stage.QUESTION_OWED
    world.user_table.put(replace(account(), password=Password("hash:x", world.clock() - timedelta(days=44))))
    assert sessions.of(cookie, world.clock()).stage is Stage.PASSWORD_OWED


@pytest.mark.req("IDM-08")
def test_messages_are_shown_once_and_the_last_searches_are_remembered(world, sessions) -> None:
    cookie = begin(world, sessions)
    for number in range(MOST_FLASHES + 1):
        sessions.say(sessions.of(cookie, world.clock()), f"message {number}")
    assert sessions.said(sessions.of(cookie, world.clock())) == tuple(f"message {number}" for number in range(1, 6))
    assert sessions.said(sessions.of(cookie, world.clock())) == ()
    for number in range(MOST_CRITERIA + 1):
        sessions.remember(sessions.of(cookie, world.clock()), f"search {number}", "x")
    sessions.remember(sessions.of(cookie, world.clock()), "search 2", "y")
    kept = sessions.of(cookie, world.clock()).kept.criteria
    assert (len(kept), list(kept)[-1], kept["search 2"]) == (MOST_CRITERIA, "search 2", "y")


@pytest.mark.req("IDM-01", "IDM-08")
def test_two_pages_at_once_keep_what_each_of_them_kept(world, sessions) -> None:
    cookie = begin(world, sessions, has_agreed=False)
    one = sessions.say(sessions.of(cookie, world.clock()), "first")
    world.clock.advance(2 * MINUTE)
    world.calls.clear()
    other = sessions.remember(one, "draft", "x")
    assert world.calls == ["portal_sessions.keep"], "one call where nobody else comes in between"
    sessions.agreed(one)
    sessions.say(one, "second")
    assert sessions.said(one) == ("first",)
    sessions.remember(other, "search", "y")

    def keep_meanwhile(name: str) -> None:
        if name == "portal_sessions.keep":
            world.hook = no_hook
            sessions.remember(other, "late", "z")

    world.hook = keep_meanwhile
    found = sessions.of(cookie, world.clock())
    assert found.kept.has_agreed
    assert found.kept.flash == ("second",)
    assert found.kept.criteria == {"draft": "x", "search": "y", "late": "z"}
    assert found.kept.seen_at == world.clock()
    assert sessions.of(cookie, world.clock()) == found


@pytest.mark.req("IDM-08")
def test_a_session_that_was_ended_stays_ended_whatever_another_page_keeps(world, sessions) -> None:
    cookie = begin(world, sessions)
    session = sessions.of(cookie, world.clock())
    sessions.end(session)
    sessions.say(session, "saved")
    sessions.agreed(session)
    assert sessions.of(cookie, world.clock()) is None
