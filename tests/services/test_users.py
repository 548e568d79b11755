"""Management of users by super users, and of lost super users by the service desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.access import Capability, Role
from chalicelib.domain.accounts import REVIEWED_EVERY, AccountRules, AccountState, Stage
from chalicelib.domain.callers import Channel
from chalicelib.domain.looks import LookAction
from chalicelib.domain.passwords import password_failures
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.ports.users import UserNameTaken
from chalicelib.services.organisation_activity import MOST_USERS
from chalicelib.services.portal_sessions import caller_of
from chalicelib.services.sign_in import Visitor
from chalicelib.services.throttles import TooManyTries
from chalicelib.services.users import ACTIVITY_SHOWN, ChangeForm, Order, Users, Wanted
from tests.builders.accounts import account, details, super_user
from tests.builders.callers import caller
from tests.builders.organisations import organisation
from tests.fakes import FakeWorld

UKPRN, OTHER = "10000001", "10000002"
ANN = caller(UKPRN, "ann0417", [Capability.USERS_MANAGE], channel=Channel.PORTAL)
DESK = caller("90000001", "desk0001", [Capability.SUPER_USERS_REPLACE], channel=Channel.PORTAL)
BEA = details(given_name="Bea", family_name="Featherstone", email_address="bea@merrowdale.example.org")
ORDER = Order(BEA._asdict(), frozenset({Role.QCF_USER}))
FORM = ChangeForm("Mo Director", is_manager=True, reason="The only super user has left.")
RULES = AccountRules()


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(UKPRN))
    world.accounts.put(organisation(OTHER, is_awarding_organisation=False))
    for one in (super_user("ann"), account("amelia"), replace(super_user("zoe"), ukprn=OTHER)):
        world.user_table.put(one)
    return world


@pytest.fixture
def users(world: FakeWorld) -> Users:
    return world.services(portal_url="https://portal.example.org").users


def refused(call, *arguments: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return [reason.code for reason in caught.value.failures]


def audited(world: FakeWorld) -> list[tuple[str, str, str]]:
    return [(one.action.value, one.subject, one.outcome.value) for one in world.audit.held.values()]


class TestCreating:
    @pytest.mark.req("IDM-06", "IDM-02", "SEC-02")
    def test_the_one_time_password_is_given_once_and_lets_the_person_in(self, world, users) -> None:
        made, password = users.create(ANN, ORDER)
        assert made.user_name.startswith("bfeatherstone")
        assert (made.ukprn, made.roles, made.details, made.created_by) == (UKPRN, ORDER.roles, BEA, "ann0417")
        assert not list(password_failures(password))
        assert made.password.is_one_time
        assert password not in repr([world.audit.held, world.mail.sent])
        assert audited(world) == [("user-created", f"USER#{made.user_id}", "DONE")]
        begun = world.services().sign_in.enter(Visitor("192.0.2.1", "R"), made.user_name, password)
        assert begun.session.stage is Stage.PASSWORD_OWED

    @pytest.mark.req("IDM-06", "IDM-07")
    def test_every_reason_is_given_at_once(self, world, users) -> None:
        wrong = Order({"given_name": "Guest", "family_name": "Us3r", "email_address": "x"}, frozenset({Role.ADVISER}))
        assert refused(users.create, ANN, wrong) == ["LRS-USER-9", "ACF003", "ACF003", "ACF001"]
        generic = ORDER._replace(texts=details(given_name="Guest")._asdict(), roles=frozenset())
        assert refused(users.create, ANN, generic) == ["LRS-USER-10", "LRS-USER-8"]
        assert len(world.user_table.held) == 3
        assert {outcome for _, _, outcome in audited(world)} == {"REFUSED"}

    @pytest.mark.req("IDM-07", "IDM-10")
    def test_roles_are_those_that_the_organisation_was_granted_and_super_user(self, world, users) -> None:
        world.accounts.put(organisation(UKPRN, roles=frozenset({Role.AWARDING_BODY_USER})))
        assert refused(users.create, ANN, ORDER) == ["LRS-USER-9"]
        both = frozenset({Role.AWARDING_BODY_USER, Role.SUPER_USER})
        assert users.create(ANN, ORDER._replace(roles=both)).account.roles == both

    @pytest.mark.req("IDM-06")
    def test_somebody_alike_is_warned_of_until_it_is_confirmed(self, users) -> None:
        alike = ORDER._replace(texts=details(given_name="Amelia", email_address="other@example.org")._asdict())
        assert refused(users.create, ANN, alike) == ["LRS-USER-12"]
        assert users.create(ANN, alike._replace(is_confirmed=True))
        assert refused(users.create, ANN, alike._replace(is_confirmed=True)) == ["LRS-USER-13"]

    @pytest.mark.req("IDM-06")
    def test_an_order_is_judged_before_it_is_given(self, world, users) -> None:
        same_name = ORDER._replace(texts=details(given_name="Amelia", email_address="other@example.org")._asdict())
        assert [one.user_name for one in users.check(ANN, same_name)] == ["amelia0417"]
        assert users.check(ANN, ORDER) == ()
        assert refused(users.check, ANN, ORDER._replace(roles=frozenset({Role.ADVISER}))) == ["LRS-USER-9"]
        assert refused(users.check, ANN, ORDER._replace(texts=account("amelia").details._asdict())) == ["LRS-USER-13"]
        assert len(world.user_table.held) == 3

    @pytest.mark.req("IDM-06")
    def test_the_same_order_creates_one_account(self, world, users) -> None:
        order = ORDER._replace(user_id="U1")
        assert users.create(ANN, order).account.user_id == "U1"
        assert refused(users.create, ANN, order) == ["LRS-USER-13"]

    @pytest.mark.req("IDM-07")
    def test_roles_that_can_be_given_are_those_of_the_organisation(self, world, users) -> None:
        assert users.grantable(ANN)[0] is Role.SUPER_USER
        world.accounts.put(organisation(UKPRN, roles=frozenset({Role.AWARDING_BODY_USER})))
        assert users.grantable(ANN) == (Role.SUPER_USER, Role.AWARDING_BODY_USER)

    @pytest.mark.req("IDM-06")
    def test_a_user_name_that_somebody_has_leads_to_another(self, world, users) -> None:
        names: list[str] = []

        def take_the_first(name: str) -> None:
            if name == "users.create":
                names.append(name)
                if len(names) == 1:
                    raise UserNameTaken

        world.hook = take_the_first
        made = users.create(ANN, ORDER).account
        assert len(names) == 2
        assert world.user_table.named(made.user_name).account == made

    @pytest.mark.req("IDM-10")
    def test_an_organisation_that_is_suspended_creates_nobody(self, world, users) -> None:
        world.accounts.put(organisation(UKPRN, status="suspended"))
        assert refused(users.create, ANN, ORDER) == ["LRS-USER-17"]


class TestChanging:
    @pytest.mark.req("IDM-06", "IDM-08")
    def test_details_and_roles_are_updated_as_they_were_seen(self, world, users) -> None:
        order = Order(BEA._asdict(), frozenset({Role.AWARDING_BODY_USER}))
        changed = users.update(ANN, "Uamelia", account("amelia").edition, order)
        assert (changed.details, changed.roles, changed.epoch) == (BEA, order.roles, 2)
        assert changed.user_name == "amelia0417", "the user name stays"
        assert users.update(ANN, "Uamelia", account("amelia").edition, order) == changed, "by a second click"
        other = order._replace(roles=frozenset({Role.QCF_USER}))
        assert refused(users.update, ANN, "Uamelia", account("amelia").edition, other) == ["LRS-REQ-13"]
        assert [(mail.to, mail.subject) for mail in world.mail.sent] == [
            ("bea@merrowdale.example.org", "Your roles were changed"),
            ("amelia@merrowdale.example.org", "Your email address was changed"),
        ]
        entry = next(one for one in world.audit.held.values() if one.outcome == "DONE")
        assert entry.detail["roles"] == "+Awarding Body User, -QCF User"
        assert "Bea" not in repr(entry)

    @pytest.mark.req("IDM-06")
    def test_a_super_user_changes_the_roles_of_the_own_account_too(self, users) -> None:
        own = Order(super_user("ann").details._asdict(), frozenset({Role.SUPER_USER, Role.QCF_USER}))
        assert users.update(ANN, "Uann", super_user("ann").edition, own).roles == own.roles

    @pytest.mark.req("IDM-06", "IDM-04")
    def test_an_account_is_suspended_reactivated_reset_and_deleted(self, world, users) -> None:
        assert users.suspend(ANN, "Uamelia").state(RULES) is AccountState.SUSPENDED
        assert users.suspend(ANN, "Uamelia").revision == 2, "by a second click"
        assert users.reactivate(ANN, "Uamelia", 2).state(RULES) is AccountState.ACTIVE
        assert users.reactivate(ANN, "Uamelia", 2).revision == 3
        assert len(world.mail.sent) == 2
        reset, password = users.reset(ANN, "Uamelia", 2)
        assert reset.password.is_one_time
        assert world.password_hasher.verify(reset.password.hashed, password)
        assert users.delete(ANN, "Uamelia") == users.delete(ANN, "Uamelia")
        assert refused(users.suspend, ANN, "Uamelia") == ["LRS-USER-22"]
        assert refused(users.reactivate, ANN, "Uamelia", 4) == ["LRS-USER-22"]
        assert refused(users.reset, ANN, "Uamelia", 4) == ["LRS-USER-22"]
        assert users.get(ANN, "Uamelia").details == account("amelia").details, "who it was is kept"
        acts = [entry.action.value for entry in users.activity(ANN, "Uamelia").entries[::-1] if entry.outcome == "DONE"]
        assert acts == [
            "user-suspended", "user-reactivated", "user-password-reset", "user-deleted", "user-viewed",
            "user-activity-viewed",
        ]  # fmt: skip

    @pytest.mark.req("IDM-06", "SEC-01")
    def test_an_old_page_lifts_no_later_suspension(self, users) -> None:
        epoch = users.suspend(ANN, "Uamelia").epoch
        users.reactivate(ANN, "Uamelia", epoch)
        users.suspend(ANN, "Uamelia")
        assert refused(users.reactivate, ANN, "Uamelia", epoch) == ["LRS-REQ-13"]

    @pytest.mark.req("IDM-06", "SEC-01")
    def test_a_change_is_in_the_log_before_it_is_made(self, world, users) -> None:
        world.calls.clear()
        users.suspend(ANN, "Uamelia")
        assert world.calls.index("audit.record") < world.calls.index("users.save_in_roll")

    @pytest.mark.req("IDM-06")
    def test_the_last_super_user_is_not_removed_in_any_way(self, world, users) -> None:
        demoted = Order(super_user("ann").details._asdict(), frozenset({Role.QCF_USER}))
        assert refused(users.suspend, ANN, "Uann") == ["LRS-USER-11"]
        assert refused(users.delete, ANN, "Uann") == ["LRS-USER-11"]
        assert refused(users.update, ANN, "Uann", super_user("ann").edition, demoted) == ["LRS-USER-11"]
        world.user_table.put(super_user("bob"))
        users.suspend(ANN, "Ubob")
        assert refused(users.delete, ANN, "Uann") == ["LRS-USER-11"]
        assert ("user-deleted", "USER#Uann", "REFUSED") in audited(world)

    @pytest.mark.req("IDM-06", "SEC-01")
    @pytest.mark.parametrize("user_id", ["Uzoe", "Unobody", "", "U#x", "\n"])
    def test_nobody_of_another_organisation_is_touched(self, world, users, user_id) -> None:
        before = dict(world.user_table.held)
        for call in (users.get, users.suspend, users.delete, users.activity, partial(users.reactivate, epoch=1)):
            with pytest.raises(Refused) as caught:
                call(ANN, user_id)
            assert caught.value.kind is RefusalKind.NOT_FOUND
        assert refused(users.update, ANN, user_id, "x", ORDER) == ["LRS-USER-21"]
        assert refused(users.reset, ANN, user_id, 1) == ["LRS-USER-21"]
        assert refused(users.verify_identity, ANN, user_id, "taylor") == ["LRS-USER-21"]
        assert world.user_table.held == before

    @pytest.mark.req("IDM-06")
    def test_what_comes_in_between_is_seen_before_the_change_is_made(self, world, users) -> None:
        world.user_table.put(super_user("bob"))
        once = iter([1])

        def overtake(name: str) -> None:
            if name == "users.save_in_roll" and next(once, None):
                world.user_table.save_in_roll(super_user("bob").suspended(world.clock()), world.user_table.roll(UKPRN))

        world.hook = overtake
        assert refused(users.suspend, ANN, "Uann") == ["LRS-USER-11"]

    @pytest.mark.req("IDM-06", "IDM-05")
    def test_identity_is_verified_by_the_secret_answer_in_any_case(self, world, users) -> None:
        users.verify_identity(ANN, "Uamelia", "TAYLOR ")
        assert refused(users.verify_identity, ANN, "Uamelia", "tailor") == ["LRS-USER-19"]
        assert [outcome for _, _, outcome in audited(world)] == ["DONE", "REFUSED"]
        assert world.user_table.held[UKPRN, "Uamelia"].wrong_answers == 1, "only wrong ones count"

    @pytest.mark.req("IDM-06", "IDM-05")
    def test_wrong_answers_are_counted_until_no_answer_is_right(self, world, users) -> None:
        for _ in range(RULES.wrong_entries):
            assert refused(users.verify_identity, ANN, "Uamelia", "tailor") == ["LRS-USER-19"]
        assert refused(users.verify_identity, ANN, "Uamelia", "taylor") == ["LRS-USER-26"]
        users.reset(ANN, "Uamelia", 1)
        users.verify_identity(ANN, "Uamelia", "taylor")
        world.user_table.put(account("new", question=None))
        assert refused(users.verify_identity, ANN, "Unew", "x") == ["LRS-USER-22"]

    @pytest.mark.req("IDM-06")
    def test_many_tries_at_once_have_to_wait(self, world) -> None:
        users = world.services(portal_url="https://portal.example.org", pace_sign_ins=(0.02, 1)).users
        users.verify_identity(ANN, "Uamelia", "taylor")
        with pytest.raises(TooManyTries) as caught:
            users.verify_identity(ANN, "Uamelia", "taylor")
        assert caught.value.seconds > 0

    @pytest.mark.req("IDM-06")
    def test_a_password_is_reset_once_for_each_time_that_it_is_asked_for(self, users) -> None:
        users.reset(ANN, "Uamelia", 1)
        assert refused(users.reset, ANN, "Uamelia", 1) == ["LRS-REQ-13"]

    @pytest.mark.req("IDM-06")
    def test_signing_in_in_between_is_no_change_of_details(self, world, users) -> None:
        seen = account("amelia")
        world.user_table.put(seen.attempted().signed_in(world.clock()))
        assert users.update(ANN, "Uamelia", seen.edition, ORDER).details == BEA

    @pytest.mark.req("IDM-12")
    def test_the_activity_of_a_user_is_read_in_parts(self, world, users) -> None:
        for _ in range(30):
            users.get(ANN, "Uamelia")
            world.clock.advance(timedelta(minutes=1))
        newest = users.activity(ANN, "Uamelia")
        assert (len(newest.entries), newest.entries[0].action.value) == (ACTIVITY_SHOWN, "user-activity-viewed")
        rest = users.activity(ANN, "Uamelia", newest.next_mark)
        assert [len(rest.entries), rest.next_mark] == [6, ""]
        assert rest.entries[0].at < newest.entries[-1].at

    @pytest.mark.req("IDM-09")
    def test_people_change_their_own_contact_details_and_nothing_else(self, world, users) -> None:
        sessions = world.services().portal_sessions
        begun = sessions.begin(account("amelia"), world.accounts.organisations[UKPRN])
        who = caller_of(begun.session, "R1")
        texts = {"email_address": "new@example.org", "landline": "", "mobile": "07700 900001", "given_name": "Eve"}
        changed = users.update_own(who, begun.session, texts)
        wanted = account("amelia").details._replace(email_address="new@example.org", landline="", mobile="07700 900001")
        assert (changed.details, changed.roles) == (wanted, account("amelia").roles)
        assert users.update_own(who, begun.session, texts) == changed, "by a second click"
        assert refused(users.update_own, who, begun.session, {"landline": "x"}) == ["ACF001", "ACF003"]
        assert [mail.subject for mail in world.mail.sent] == ["Your email address was changed"]


class TestAllUsers:
    @pytest.mark.req("IDM-06", "IDM-12")
    def test_blank_criteria_list_everybody_of_the_organisation(self, world, users) -> None:
        world.user_table.put(account("gone").deleted(world.clock()))
        found = users.find(ANN)
        assert [one.user_name for one in found.accounts] == ["amelia0417", "ann0417"]
        assert [one.code for one in found.notices] == ["LRS-USER-14"]
        assert audited(world) == [("users-listed", f"ORG#{UKPRN}", "DONE")]

    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize(
        ("wanted", "names"),
        [
            (Wanted(given_name="AME"), ["amelia0417"]),
            (Wanted(family_name="o'ka"), ["amelia0417", "ann0417"]),
            (Wanted(user_name="Ann0"), ["ann0417"]),
            (Wanted(roles=frozenset({Role.SUPER_USER, Role.ADVISER})), ["ann0417"]),
            (Wanted(state=AccountState.SUSPENDED), []),
            (Wanted(given_name="zoe"), []),
        ],
    )
    def test_users_are_found_by_name_role_and_state(self, users, wanted, names) -> None:
        assert [one.user_name for one in users.find(ANN, wanted).accounts] == names

    @pytest.mark.req("IDM-12")
    def test_the_annual_review_is_signed_off_for_the_users_that_were_listed(self, world, users) -> None:
        assert not users.find(ANN).review_is_due
        world.clock.advance(REVIEWED_EVERY + timedelta(days=1))
        found = users.find(ANN)
        assert found.review_is_due
        users.suspend(ANN, "Uamelia")
        assert refused(users.sign_off, ANN, found.revision) == ["LRS-REQ-13"], "the list was another one"
        listed = users.find(ANN).revision
        users.sign_off(ANN, listed)
        users.sign_off(ANN, listed)
        assert len([one for one in audited(world) if one[0] == "users-reviewed"]) == 1, "a second click"
        world.clock.advance(timedelta(minutes=1))
        assert refused(users.sign_off, ANN, listed) == ["LRS-REQ-13"]
        assert not users.find(ANN).review_is_due
        assert world.user_table.roll(UKPRN).reviewed_by == "ann0417"


class TestActivity:
    @pytest.mark.req("IDM-06", "IDM-12")
    def test_the_log_has_sign_ins_changes_and_looks_at_learners_without_saying_at_whom(self, world, users) -> None:
        looks, activity = world.services().looks, world.services().organisation_activity
        amelia = caller(UKPRN, "amelia0417", [], channel=Channel.PORTAL)
        looks.at_learners(amelia, LookAction.RECORD_VIEWED, ["1000000027", "1000000035"])
        world.clock.advance(timedelta(minutes=1))
        looks.at_learners(caller(OTHER, "zoe0417", []), LookAction.RECORD_VIEWED, ["1000000027"])
        looks.at_learners(caller(UKPRN, "system", [], channel=Channel.WEBSERVICE), LookAction.RECORD_VIEWED, ["1"])
        users.suspend(ANN, "Uamelia")
        world.clock.advance(timedelta(minutes=1))
        found = activity.page(ANN).deeds
        seen = [(one.entry.action.value, one.entry.user, one.about, one.entry.detail.get("learners")) for one in found]
        assert seen == [
            ("user-activity-viewed", "ann0417", "", None),
            ("user-suspended", "ann0417", "amelia0417", None),
            ("record-viewed", "amelia0417", "", "2"),
        ]
        assert "10000000" not in repr([one.entry.detail for one in found])

    @pytest.mark.req("IDM-06")
    def test_the_log_is_read_in_parts_and_bounded_by_those_who_signed_in_last(self, world, users) -> None:
        for number in range(MOST_USERS):
            world.user_table.put(account(f"user{number}"))
        activity = world.services().organisation_activity
        for _ in range(40):
            world.clock.advance(timedelta(seconds=1))
            users.get(ANN, "Uuser9")
        first = activity.page(ANN)
        rest = activity.page(ANN, first.next_mark)
        assert (len(first.deeds), first.left_out) == (25, 2)
        assert rest.deeds[0].entry.at < first.deeds[-1].entry.at


class TestLostSuperUser:
    @pytest.mark.req("IDM-10")
    def test_the_desk_creates_a_super_user_by_the_signed_form_and_nothing_more(self, world, users) -> None:
        made = users.replace_super_user(DESK, OTHER, FORM, ORDER).account
        assert (made.ukprn, made.roles, made.created_by) == (OTHER, {Role.SUPER_USER}, "desk0001")
        assert audited(world) == [("super-user-replaced", f"USER#{made.user_id}", "DONE")]
        entry = next(iter(world.audit.held.values()))
        assert (entry.organisation, entry.detail["of"]) == ("90000001", OTHER)

    @pytest.mark.req("IDM-10", "SEC-01")
    def test_nobody_makes_a_super_user_of_those_who_run_the_service(self, world, users) -> None:
        world.accounts.put(organisation(OTHER, is_awarding_organisation=False, is_service_desk=True))
        assert refused(users.replace_super_user, DESK, OTHER, FORM, ORDER) == ["LRS-ORG-3"]
        assert "LRS-ORG-3" in refused(users.create_first, DESK, OTHER, ORDER)
        assert len(world.user_table.held) == 3

    @pytest.mark.req("IDM-10")
    def test_an_incomplete_form_is_refused_with_every_reason(self, world, users) -> None:
        found = refused(users.replace_super_user, DESK, OTHER, ChangeForm(" ", False, ""), Order({}, frozenset()))
        assert found == ["ACF001", "ACF001", "LRS-USER-24"] + ["ACF001"] * 4
        assert refused(users.replace_super_user, DESK, "10000009", FORM, ORDER) == ["WSEC0003"]
        assert len(world.user_table.held) == 3
