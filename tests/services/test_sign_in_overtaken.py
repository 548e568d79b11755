"""Sign-in, new passwords and links while somebody else changes the account: in the time that a hash takes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from chalicelib.domain.access import Role, capabilities_of
from chalicelib.domain.accounts import Account, Password
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.refusals import Refused
from chalicelib.services.sign_in import SignIn, Visitor
from chalicelib.services.users import Users
from tests.builders.accounts import account, super_user
from tests.builders.organisations import organisation
from tests.fakes import FakeWorld

UKPRN, NAME, USER = "10000001", "amelia0417", "Uamelia"
VISITOR = Visitor("192.0.2.7", "R1")
RIGHT, NEW, OTHER = "Correct-Horse1", "Battery-Staple2", "Paper-Clip-Three3"
BOSS = Caller(
    UKPRN, "sue0417", "sue@x.example.org", frozenset(map(str, capabilities_of({Role.SUPER_USER}))), Channel.PORTAL, "R2"
)


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(UKPRN))
    world.user_table.put(account())
    world.user_table.put(super_user("sue"))
    return world


@pytest.fixture
def sign_in(world: FakeWorld) -> SignIn:
    return world.services(portal_url="https://portal.example.org").sign_in


def held(world: FakeWorld) -> Account:
    return world.user_table.held[UKPRN, USER]


def link_of(world: FakeWorld, sign_in: SignIn) -> str:
    sign_in.answer(VISITOR, NAME, "taylor")
    return re.search(r"/reset-password/(\S+)", world.mail.sent[-1].body)[1]


def while_it_hashes(world: FakeWorld, do: Callable[[], object]) -> None:
    """Do that once, while the next password is verified."""
    verify, waiting = world.password_hasher.verify, [do]

    def slow(hashed: str, text: str) -> bool:
        is_right = verify(hashed, text)
        if waiting:
            waiting.pop()()
        return is_right

    world.password_hasher.verify = slow


def refusal(call: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    assert caught.value.is_recorded
    return caught.value.codes


def entries(world: FakeWorld, action: str) -> list[tuple[str, str]]:
    found = (one for one in world.audit.held.values() if one.action.value == action)
    return [(one.outcome.value, one.detail.get("code", "")) for one in found]


CHANGES: dict[str, Callable[[Users, SignIn, str], object]] = {
    "new password by link": lambda _, sign_in, link: sign_in.reset_password(VISITOR, link, NEW, NEW),
    "reset": lambda users, *_: users.reset(BOSS, USER, 1),
    "suspended": lambda users, *_: users.suspend(BOSS, USER),
    "deleted": lambda users, *_: users.delete(BOSS, USER),
}


@pytest.mark.req("IDM-05", "IDM-06", "IDM-08", "SEC-01")
@pytest.mark.parametrize("hashed", ["hash", "old"], ids=["same parameters", "to hash again"])
@pytest.mark.parametrize("change", CHANGES)
def test_who_signs_in_while_access_ends_has_no_session_and_changes_nothing(world, sign_in, change, hashed) -> None:
    world.user_table.put(account(password=Password(f"{hashed}:{RIGHT}", world.clock())))
    link = link_of(world, sign_in)
    while_it_hashes(world, lambda: CHANGES[change](world.services().users, sign_in, link))
    assert refusal(sign_in.enter, VISITOR, NAME, RIGHT) == "LRS-USER-15"
    assert world.portal_session_table.held == {}, "nor after a reactivation"
    assert held(world).epoch == 2
    assert (RIGHT in held(world).password.hashed) is (change == "suspended"), "the old password does not come back"
    assert entries(world, "signed-in")[-1] == ("REFUSED", "LRS-USER-15")


@pytest.mark.req("IDM-08", "SEC-02")
def test_a_password_that_is_hashed_again_replaces_none_that_was_chosen_meanwhile(world, sign_in) -> None:
    world.user_table.put(account(password=Password(f"old:{RIGHT}", world.clock())))
    link, hashes = link_of(world, sign_in), world.password_hasher.hash

    def slow(text: str) -> str:
        world.password_hasher.hash = hashes
        sign_in.reset_password(VISITOR, link, NEW, NEW)
        return hashes(text)

    world.password_hasher.hash = slow
    assert refusal(sign_in.enter, VISITOR, NAME, RIGHT) == "LRS-USER-15"
    assert held(world).password.hashed == f"hash:{NEW}"


@pytest.mark.req("IDM-05", "SEC-01")
def test_one_link_sets_one_password_however_many_use_it_at_once(world, sign_in) -> None:
    link = link_of(world, sign_in)
    while_it_hashes(world, lambda: sign_in.reset_password(VISITOR, link, NEW, NEW))
    assert refusal(sign_in.reset_password, VISITOR, link, OTHER, OTHER) == "LRS-USER-20"
    assert held(world).password.hashed == f"hash:{NEW}"
    assert entries(world, "password-changed")[-1] == ("REFUSED", "LRS-USER-20")


@pytest.mark.req("IDM-05", "IDM-06")
def test_a_link_gives_no_password_to_an_account_that_is_deleted_meanwhile(world, sign_in) -> None:
    link = link_of(world, sign_in)
    while_it_hashes(world, lambda: world.services().users.delete(BOSS, USER))
    assert refusal(sign_in.reset_password, VISITOR, link, NEW, NEW) == "LRS-USER-20"
    assert held(world).password.hashed == ""


@pytest.mark.req("IDM-06", "IDM-08", "IDM-09")
@pytest.mark.parametrize("change", ["reset", "suspended"])
def test_who_changes_the_password_while_access_ends_keeps_no_session(world, sign_in, change) -> None:
    begun = sign_in.enter(VISITOR, NAME, RIGHT)
    while_it_hashes(world, lambda: CHANGES[change](world.services().users, sign_in, ""))
    assert refusal(sign_in.choose_password, begun.session, RIGHT, NEW, NEW, "R3") == "LRS-USER-15"
    assert held(world).password.is_one_time is (change == "reset"), "the one-time password is the one that holds"
    assert NEW not in held(world).password.hashed
    assert world.services().portal_sessions.of(begun.cookie, world.clock()) is None


@pytest.mark.req("IDM-04")
def test_a_try_is_counted_before_it_is_verified(world, sign_in) -> None:
    """Otherwise a hundred guesses at once would all be verified before the first of them is counted."""
    counted: list[int] = []
    while_it_hashes(world, lambda: counted.append(held(world).wrong_passwords))
    sign_in.enter(VISITOR, NAME, RIGHT)
    assert counted == [1]
