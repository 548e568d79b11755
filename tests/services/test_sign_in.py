"""Sign-in to the portal: passwords, agreement, question, forgotten password."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.accounts import Account, AccountRules, AccountState, Password, Question, Stage
from chalicelib.domain.refusals import Refused
from chalicelib.services.sign_in import SignIn, Visitor
from chalicelib.services.throttles import TooManyTries
from tests.builders.accounts import account
from tests.builders.organisations import organisation
from tests.fakes import FakeWorld

UKPRN = "10000001"
VISITOR = Visitor("192.0.2.7", "R1")
RIGHT, NEW = "Correct-Horse1", "Battery-Staple2"
NAME = "amelia0417"
RULES = AccountRules()


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(UKPRN))
    world.user_table.put(account())
    return world


@pytest.fixture
def sign_in(world: FakeWorld) -> SignIn:
    return world.services(portal_url="https://portal.example.org").sign_in


def held(world: FakeWorld) -> Account:
    return world.user_table.held[UKPRN, "Uamelia"]


def codes(call, *arguments) -> list[str]:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return [reason.code for reason in caught.value.failures]


def audited(world: FakeWorld) -> list[tuple[Any, ...]]:
    return [(one.action.value, one.outcome.value, one.detail.get("code", "")) for one in world.audit.held.values()]


def made(world: FakeWorld) -> list[str]:
    """The calls that were made; those of throttles are the same for every name, but not in every request."""
    return [name for name in world.calls if name != "paces.take"]


class TestPassword:
    @pytest.mark.req("IDM-01", "SEC-01")
    @pytest.mark.parametrize("written", [NAME, " Amelia0417 "])
    def test_the_right_password_begins_a_session_in_which_the_agreement_is_owed(self, world, sign_in, written) -> None:
        begun = sign_in.enter(VISITOR, written, RIGHT)
        assert begun.session.stage is Stage.AGREEMENT_OWED
        sessions = world.services().portal_sessions
        sign_in.accept(sessions.of(begun.cookie, world.clock()), "R2")
        assert sessions.of(begun.cookie, world.clock()).stage is Stage.COMPLETE
        assert held(world).last_sign_in == world.clock()
        assert audited(world) == [("signed-in", "DONE", ""), ("agreement-accepted", "DONE", "")]
        again = sign_in.enter(VISITOR, NAME, RIGHT)
        assert again.session.stage is Stage.AGREEMENT_OWED, "at every sign-in"

    @pytest.mark.req("IDM-01")
    def test_declining_the_agreement_ends_the_session(self, world, sign_in) -> None:
        begun = sign_in.enter(VISITOR, NAME, RIGHT)
        sign_in.decline(begun.session, "R2")
        assert world.portal_session_table.held == {}
        begun = sign_in.enter(VISITOR, NAME, RIGHT)
        sign_in.leave(begun.session, "R3")
        assert world.portal_session_table.held == {}

    @pytest.mark.req("IDM-01", "SEC-02")
    @pytest.mark.parametrize(
        "name", [NAME, "nobody0001", "", "#", "Correct-Horse1", "x" * 500, "am\u00e9lia", "\ud800", "deleted0417"]
    )
    def test_a_stranger_cannot_tell_whether_an_account_exists(self, world, sign_in, name) -> None:
        world.user_table.put(replace(account("deleted"), user_id="Udeleted").deleted(world.clock()))
        world.calls.clear()
        assert codes(sign_in.enter, VISITOR, name, "Wrong-Horse99") == ["LRS-USER-15"]
        assert made(world) == ["users.named", "users.save", "audit.record"]
        assert world.password_hasher.verified == 1
        assert world.user_table.held[UKPRN, "Udeleted"].revision == 2, "a deleted account is not written to"
        assert "Correct-Horse1" not in repr([vars(world.audit), vars(world.paces)]), "it may be a password"

    @pytest.mark.req("IDM-04", "SEC-01")
    def test_ten_wrong_passwords_lock_the_account_even_for_the_right_one(self, world, sign_in) -> None:
        for _ in range(9):
            assert codes(sign_in.enter, VISITOR, NAME, "wrong") == ["LRS-USER-15"]
        sign_in.enter(VISITOR, NAME, RIGHT)
        assert held(world).wrong_passwords == 0
        for _ in range(10):
            assert codes(sign_in.enter, VISITOR, NAME, "wrong") == ["LRS-USER-15"]
        assert held(world).state(RULES) is AccountState.LOCKED
        assert codes(sign_in.enter, VISITOR, NAME, RIGHT) == ["LRS-USER-15"], "as if it were wrong"
        assert audited(world)[-1] == ("signed-in", "REFUSED", "LRS-USER-15")

    @pytest.mark.req("IDM-04")
    def test_tries_at_once_are_counted_one_by_one(self, world, sign_in) -> None:
        """Each of eleven that read the account at the same time has to count itself first."""
        others = iter(range(4))

        def overtake(name: str) -> None:
            if name == "users.save" and next(others, None) is not None:
                world.user_table.put(held(world).attempted())

        world.hook = overtake
        assert codes(sign_in.enter, VISITOR, NAME, "wrong") == ["LRS-USER-15"]
        assert held(world).wrong_passwords == 5

    @pytest.mark.req("IDM-04", "IDM-06", "IDM-10")
    def test_only_who_knows_the_password_learns_of_a_suspension(self, world, sign_in) -> None:
        world.user_table.put(account().suspended(world.clock()))
        assert codes(sign_in.enter, VISITOR, NAME, "wrong") == ["LRS-USER-15"]
        assert codes(sign_in.enter, VISITOR, NAME, RIGHT) == ["LRS-USER-16"]
        world.user_table.put(account())
        world.accounts.put(organisation(UKPRN, status="suspended"))
        assert codes(sign_in.enter, VISITOR, NAME, "wrong") == ["LRS-USER-15"]
        assert codes(sign_in.enter, VISITOR, NAME, RIGHT) == ["LRS-USER-17"]
        assert world.portal_session_table.held == {}

    @pytest.mark.req("SEC-02")
    def test_a_hash_of_other_parameters_is_replaced_at_sign_in(self, world, sign_in) -> None:
        world.user_table.put(replace(account(), password=Password(f"old:{RIGHT}", world.clock())))
        codes(sign_in.enter, VISITOR, NAME, "wrong")
        assert held(world).password.hashed == f"old:{RIGHT}"
        sign_in.enter(VISITOR, NAME, RIGHT)
        assert held(world).password == Password(f"hash:{RIGHT}", world.clock())

    @pytest.mark.req("SEC-02")
    def test_tries_are_throttled_by_account_and_by_address_whether_or_not_there_is_an_account(self, world) -> None:
        slow = world.services(pace_sign_ins=(0.02, 2)).sign_in
        for name in (NAME, "nobody0001"):
            for _ in range(2):
                codes(slow.enter, VISITOR, name, "wrong")
            with pytest.raises(TooManyTries) as caught:
                slow.enter(VISITOR, name, RIGHT)
            assert caught.value.seconds == 50
        slow = world.services(pace_sources=(1.0, 3)).sign_in
        elsewhere = VISITOR._replace(source="192.0.2.8")
        for number in range(3):
            codes(slow.enter, elsewhere, f"nobody{number:04}", "wrong")
        with pytest.raises(TooManyTries):
            slow.enter(elsewhere, NAME, RIGHT)
        codes(slow.enter, VISITOR, NAME, "wrong")


class TestFirstSignIn:
    @pytest.mark.req("IDM-02", "IDM-03")
    def test_it_goes_from_the_one_time_password_to_the_welcome_page(self, world, sign_in) -> None:
        once = Password("hash:Once-Only-1234", world.clock(), is_one_time=True)
        world.user_table.put(replace(account(), password=once, question=None))
        first = sign_in.enter(VISITOR, NAME, "Once-Only-1234")
        assert first.session.stage is Stage.PASSWORD_OWED
        second = sign_in.choose_password(first.session, "Once-Only-1234", NEW, NEW, "R2")
        assert second.session.stage is Stage.AGREEMENT_OWED
        assert second.cookie != first.cookie
        sessions = world.services().portal_sessions
        assert sessions.of(first.cookie, world.clock()) is None
        sign_in.accept(second.session, "R3")
        session = sessions.of(second.cookie, world.clock())
        assert session.stage is Stage.QUESTION_OWED
        sign_in.choose_question(session, "SCHOOL", "St Mary\u2019s", "st mary\u2019s ", "R4")
        assert sessions.of(second.cookie, world.clock()).stage is Stage.COMPLETE
        assert [one[0] for one in audited(world)] == [
            "signed-in", "password-changed", "agreement-accepted", "question-changed",
        ]  # fmt: skip
        assert codes(sign_in.enter, VISITOR, NAME, "Once-Only-1234") == ["LRS-USER-15"]

    @pytest.mark.req("IDM-02")
    def test_a_one_time_password_that_came_too_late_is_a_wrong_one(self, world, sign_in) -> None:
        once = Password("hash:Once-Only-1234", world.clock(), is_one_time=True)
        world.user_table.put(replace(account(), password=once))
        world.clock.advance(RULES.one_time_lifetime)
        assert codes(sign_in.enter, VISITOR, NAME, "Once-Only-1234") == ["LRS-USER-15"]

    @pytest.mark.req("IDM-03", "IDM-09", "SEC-01")
    def test_a_new_password_is_refused_with_every_reason_and_needs_the_present_one(self, world, sign_in) -> None:
        session = sign_in.enter(VISITOR, NAME, RIGHT).session

        def tried(*texts: str) -> list[str]:
            return codes(sign_in.choose_password, session, *texts, "R2")

        assert tried("wrong", "short", "other") == [
            "LRS-USER-18", "LRS-USER-1", "LRS-USER-3", "LRS-USER-4", "LRS-USER-7",
        ]  # fmt: skip
        assert tried(RIGHT, RIGHT, RIGHT) == ["LRS-USER-6"]
        assert held(world).password == account().password
        assert audited(world)[-1] == ("password-changed", "REFUSED", "LRS-USER-6")
        for _ in range(10):
            tried("wrong", NEW, NEW)
        assert tried(RIGHT, NEW, NEW) == ["LRS-USER-18"], "a stolen session does not find out the password"

    @pytest.mark.req("IDM-09", "IDM-08")
    def test_a_new_password_ends_all_other_sessions_and_is_reported_to_the_person(self, world, sign_in) -> None:
        other, own = (sign_in.enter(VISITOR, NAME, RIGHT) for _ in range(2))
        sign_in.accept(own.session, "R2")
        sessions = world.services().portal_sessions
        begun = sign_in.choose_password(sessions.of(own.cookie, world.clock()), RIGHT, NEW, NEW, "R3")
        assert begun.session.stage is Stage.COMPLETE, "the agreement of this sign-in still holds"
        assert sessions.of(other.cookie, world.clock()) is None
        (mail,) = world.mail.sent
        assert (mail.to, mail.subject) == (account().details.email_address, "Your password was changed")
        assert NEW not in mail.body

    @pytest.mark.req("IDM-02", "IDM-09")
    def test_a_question_is_of_the_list_and_its_answer_entered_twice(self, world, sign_in) -> None:
        session = sign_in.enter(VISITOR, NAME, RIGHT).session
        assert codes(sign_in.choose_question, session, "", "", "", "R2") == ["ACF001", "ACF001"]
        found = codes(sign_in.choose_question, session, "FAVOURITE", "ab", "cd", "R2")
        assert found == ["ACF005", "LRS-USER-23", "LRS-USER-7"]
        sign_in.choose_question(session, "pet", "Rex the Dog", "Rex the Dog", "R2")
        assert held(world).question == Question("PET", "hash:rex the dog")


class TestForgottenPassword:
    def link(self, world: FakeWorld) -> str:
        (mail,) = world.mail.sent
        return re.search(r"https://portal\.example\.org/reset-password/(\S+)", mail.body)[1]

    @pytest.mark.req("IDM-05", "IDM-04")
    def test_the_answer_brings_a_link_with_which_a_locked_user_chooses_a_password_once(self, world, sign_in) -> None:
        world.user_table.put(replace(account(), wrong_passwords=12))
        assert sign_in.question_of(VISITOR, NAME) == "SCHOOL"
        sign_in.answer(VISITOR, NAME, " TAYLOR")
        link = self.link(world)
        assert link.rpartition(".")[2] not in repr(world.user_table.held)
        assert sign_in.has_link(VISITOR, link)
        assert codes(sign_in.reset_password, VISITOR, link, RIGHT, RIGHT) == ["LRS-USER-6"]
        assert codes(sign_in.reset_password, VISITOR, link, "short", "") == [
            "LRS-USER-1", "LRS-USER-3", "LRS-USER-4", "LRS-USER-7",
        ]  # fmt: skip
        sign_in.reset_password(VISITOR, link, NEW, NEW)
        assert not sign_in.has_link(VISITOR, link)
        assert codes(sign_in.reset_password, VISITOR, link, RIGHT, RIGHT) == ["LRS-USER-20"]
        assert sign_in.enter(VISITOR, NAME, NEW)
        assert world.mail.sent[-1].subject == "Your password was changed"

    @pytest.mark.req("IDM-05")
    def test_a_link_ends_after_an_hour_and_with_another_password_or_suspension(self, world, sign_in) -> None:
        sign_in.answer(VISITOR, NAME, "taylor")
        link, linked = self.link(world), held(world)
        for now in (linked.with_one_time_password("hash:x", world.clock()), linked.suspended(world.clock())):
            world.user_table.put(now)
            assert not sign_in.has_link(VISITOR, link)
        world.user_table.put(linked)
        assert not sign_in.has_link(VISITOR, link[:-1] + "0")
        assert not sign_in.has_link(VISITOR, "nonsense")
        world.clock.advance(timedelta(hours=1))
        assert codes(sign_in.reset_password, VISITOR, link, NEW, NEW) == ["LRS-USER-20"]

    @pytest.mark.req("IDM-05", "SEC-02")
    def test_a_question_and_the_same_refusal_are_given_for_every_user_name(self, world, sign_in) -> None:
        world.user_table.put(replace(account("bo"), user_id="Ubo", question=None))
        chosen = {sign_in.question_of(VISITOR, f"nobody{number:04}") for number in range(60)}
        assert len(chosen) > 4, "the question does not show that nobody has the name"
        for name in (NAME, "nobody0001", "bo0417"):
            assert sign_in.question_of(VISITOR, name) == sign_in.question_of(VISITOR, f" {name.upper()}")
            world.calls.clear()
            world.password_hasher.verified = 0
            assert codes(sign_in.answer, VISITOR, name, "wrong") == ["LRS-USER-19"]
            assert made(world) == ["users.named", "users.save", "audit.record"]
            assert world.password_hasher.verified == 1
        assert not world.mail.sent

    @pytest.mark.req("IDM-05")
    def test_ten_wrong_answers_close_this_way_until_a_super_user_resets_the_password(self, world, sign_in) -> None:
        for _ in range(10):
            codes(sign_in.answer, VISITOR, NAME, "wrong")
        assert codes(sign_in.answer, VISITOR, NAME, "taylor") == ["LRS-USER-19"]
        world.user_table.put(held(world).with_one_time_password("hash:x", world.clock()))
        sign_in.answer(VISITOR, NAME, "taylor")

    @pytest.mark.req("IDM-05", "IDM-06")
    def test_a_suspended_user_gets_no_link(self, world, sign_in) -> None:
        world.user_table.put(account().suspended(world.clock()))
        assert codes(sign_in.answer, VISITOR, NAME, "taylor") == ["LRS-USER-19"]
        world.accounts.put(organisation(UKPRN, status="suspended"))
        world.user_table.put(account())
        assert codes(sign_in.answer, VISITOR, NAME, "taylor") == ["LRS-USER-19"]
        assert not world.mail.sent
