"""Accounts of portal users: names, roles, states, and all users of an organisation."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.access import AWARDING_ORGANISATION_ROLES, SERVICE_ROLES, Role, grantable_roles
from chalicelib.domain.account_fields import DETAIL_FIELDS, read_details
from chalicelib.domain.accounts import (
    DORMANT_AFTER,
    REVIEWED_EVERY,
    Account,
    AccountRules,
    AccountState,
    Details,
    Password,
    Stage,
    details_failures,
    duplicate_failures,
    entered_user_name,
    most_recently_active,
    removal_failures,
    review_is_due,
    role_failures,
    super_user_notices,
    user_name,
)
from tests.builders.accounts import BEGAN, DETAILS, account, details, super_user

RULES = AccountRules()
DAY = timedelta(days=1)
NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ '-.ŵŷéÔ", min_size=1, max_size=35)


class TestUserNames:
    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize(
        ("given_name", "family_name", "number", "expected"),
        [
            ("Amelia", "Okafor", 417, "aokafor0417"),
            ("Zoë", "Ní Dhomhnaill", 5, "znidhomhnaill0005"),
            ("Mary-Ann", "O'Brien", 9999, "mobrien9999"),
            ("Bo", "Featherstonehaugh-Cholmondeley", 12, "bfeatherstonehaug0012"),
        ],
    )
    def test_a_user_name_is_made_of_the_names(self, given_name, family_name, number, expected) -> None:
        assert user_name(given_name, family_name, number) == expected

    @pytest.mark.req("IDM-06")
    @given(NAMES, NAMES, st.integers(0, 9_999))
    def test_it_has_small_letters_and_four_digits_and_is_found_as_it_is(self, given_name, family_name, number) -> None:
        made = user_name(given_name, family_name, number)
        assert re.fullmatch(r"[a-z]{0,17}[0-9]{4}", made)
        assert entered_user_name(f" {made.upper()} ") == made

    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize(
        ("given_name", "family_name"),
        [("Guest", "User"), ("guest", "Smith"), ("Exams", "Office"), ("Merrowdale", "Admin"), ("Test", "Test")],
    )
    def test_guest_and_generic_accounts_are_refused(self, given_name, family_name) -> None:
        (reason,) = details_failures(details(given_name=given_name, family_name=family_name))
        assert reason.code == "LRS-USER-8"

    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize("family_name", ["Guest", "Batch", "Officer", "Okafor", "Temple"])
    def test_a_person_whose_name_is_also_a_word_has_an_account(self, family_name) -> None:
        assert not list(details_failures(details(family_name=family_name)))


class TestDetails:
    @pytest.mark.req("IDM-06")
    def test_details_are_read_with_every_reason_at_once(self) -> None:
        found = read_details({"given_name": "4melia", "email_address": "nobody", "landline": "x"})
        assert [(one.code, one.field) for one in found] == [
            ("ACF003", "GivenName"),
            ("ACF001", "FamilyName"),
            ("ACF003", "EmailAddress"),
            ("ACF003", "Landline"),
            ("ACF001", "VerificationProvided"),
        ]

    @pytest.mark.req("IDM-06")
    def test_the_fields_are_those_of_an_account(self) -> None:
        assert read_details(DETAILS._asdict()) == DETAILS
        assert tuple(one.name for one in DETAIL_FIELDS) == Details._fields


class TestRoles:
    @pytest.mark.req("IDM-07")
    def test_roles_are_within_the_organisations_grant(self) -> None:
        granted = grantable_roles(is_awarding_organisation=True)
        assert not list(role_failures(frozenset({Role.QCF_USER, Role.SUPER_USER}), granted))
        (reason,) = role_failures(frozenset({Role.QCF_USER, Role.LRB_ONLINE_USER}), granted)
        assert reason.code == "LRS-USER-9"
        assert "QCF User" in dict(reason.detail)["allowed"]
        (reason,) = role_failures(frozenset(), granted)
        assert reason.code == "LRS-USER-10"

    @pytest.mark.req("IDM-07", "SEC-01")
    def test_only_the_service_desks_own_users_run_the_service(self) -> None:
        awarding, others = (grantable_roles(is_awarding_organisation=kind) for kind in (True, False))
        desk = grantable_roles(is_awarding_organisation=False, is_service_desk=True)
        assert desk == SERVICE_ROLES | {Role.SUPER_USER}
        assert not (awarding | others) & SERVICE_ROLES
        assert awarding == AWARDING_ORGANISATION_ROLES | {Role.SUPER_USER}
        assert awarding | others | desk == set(Role)
        assert Role.SUPER_USER in awarding & others & desk


class TestStates:
    @pytest.mark.req("IDM-04")
    def test_the_tenth_wrong_password_locks_an_account_until_a_new_one_is_chosen(self) -> None:
        found = account()
        for number in range(10):
            assert found.state(RULES) is AccountState.ACTIVE, number
            found = found.attempted()
        assert found.state(RULES) is AccountState.LOCKED
        assert found.with_password("hash:x", BEGAN).state(RULES) is AccountState.ACTIVE
        assert found.reactivated().state(RULES) is AccountState.ACTIVE
        assert found.reactivated().password == found.password, "reactivation leaves the password unchanged"

    @pytest.mark.req("IDM-04", "IDM-06")
    def test_a_suspension_is_not_lifted_by_a_new_password(self) -> None:
        found = account().suspended(BEGAN).with_password("hash:x", BEGAN)
        assert found.state(RULES) is AccountState.SUSPENDED
        assert found.reactivated().state(RULES) is AccountState.ACTIVE

    @pytest.mark.req("IDM-06")
    def test_a_deleted_account_keeps_who_it_was_and_nothing_to_sign_in_with(self) -> None:
        found = account().deleted(BEGAN)
        assert found.state(RULES) is AccountState.DELETED
        assert found.reactivated().state(RULES) is AccountState.DELETED
        assert (found.details, found.user_name) == (account().details, account().user_name)
        assert (found.password.hashed, found.question, found.link) == ("", None, None)

    @pytest.mark.req("IDM-02")
    def test_what_is_owed_comes_in_the_order_of_the_guide(self) -> None:
        new = account(question=None, password=Password("hash:x", BEGAN, is_one_time=True))
        assert new.stage(BEGAN, RULES, has_agreed=False) is Stage.PASSWORD_OWED
        new = new.with_password("hash:y", BEGAN)
        assert new.stage(BEGAN, RULES, has_agreed=False) is Stage.AGREEMENT_OWED
        assert new.stage(BEGAN, RULES, has_agreed=True) is Stage.QUESTION_OWED
        assert account().stage(BEGAN, RULES, has_agreed=True) is Stage.COMPLETE
        assert account().stage(BEGAN, RULES, has_agreed=False) is Stage.AGREEMENT_OWED

    @pytest.mark.req("IDM-03")
    def test_a_password_expires_after_44_days(self) -> None:
        last = BEGAN + 44 * DAY - timedelta(microseconds=1)
        assert account().stage(last, RULES, has_agreed=True) is Stage.COMPLETE
        assert account().stage(BEGAN + 44 * DAY, RULES, has_agreed=True) is Stage.PASSWORD_OWED

    @pytest.mark.req("IDM-02")
    def test_a_one_time_password_that_nobody_used_is_void_after_14_days(self) -> None:
        once = Password("hash:x", BEGAN, is_one_time=True)
        assert not once.is_void(BEGAN + 14 * DAY - timedelta(microseconds=1), RULES)
        assert once.is_void(BEGAN + 14 * DAY, RULES)
        assert not account().password.is_void(BEGAN + 400 * DAY, RULES)

    @pytest.mark.req("IDM-08", "SEC-01")
    def test_what_changes_access_begins_an_epoch_and_nothing_else_does(self) -> None:
        found = account()
        other_roles = frozenset({Role.AWARDING_BODY_USER})
        ending = [
            found.with_password("hash:x", BEGAN),
            found.with_one_time_password("hash:x", BEGAN),
            found.suspended(BEGAN),
            found.deleted(BEGAN),
            found.with_details(found.details, other_roles),
        ]
        lasting = [
            found.attempted(),
            found.answered_wrong(),
            found.signed_in(BEGAN),
            found.rehashed("hash:x"),
            found.with_details(details(title="Ms"), found.roles),
            found.reactivated(),
        ]
        assert {one.epoch for one in ending} == {found.epoch + 1}
        assert {one.epoch for one in lasting} == {found.epoch}
        assert {one.revision for one in ending + lasting} == {found.revision + 1}


class TestAllUsers:
    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize(
        "change", [Account.suspended, Account.deleted, lambda one, _: one.with_details(one.details, frozenset())]
    )
    def test_the_last_super_user_cannot_be_removed(self, change) -> None:
        ann, bob, cem = super_user("ann"), super_user("bob"), account("cem")
        assert not list(removal_failures([ann, bob, cem], change(ann, BEGAN)))
        assert not list(removal_failures([ann, bob, cem], change(cem, BEGAN)))
        for others in ([cem], [cem, bob.suspended(BEGAN)], [cem, bob.deleted(BEGAN)]):
            (reason,) = removal_failures([ann, *others], change(ann, BEGAN))
            assert reason.code == "LRS-USER-11"

    @pytest.mark.req("IDM-06")
    @given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["suspend", "delete", "demote", "promote"]))))
    def test_whatever_is_tried_a_super_user_remains(self, tried) -> None:
        users = {name: super_user(name) for name in ("ann", "bob", "cem")} | {
            name: account(name) for name in ("d", "e")
        }
        names = sorted(users)
        for place, what in tried:
            before = users[names[place]]
            after = {
                "suspend": lambda one: one.suspended(BEGAN),
                "delete": lambda one: one.deleted(BEGAN),
                "demote": lambda one: one.with_details(one.details, frozenset({Role.QCF_USER})),
                "promote": lambda one: one.with_details(one.details, frozenset({Role.SUPER_USER})),
            }[what](before)
            if not list(removal_failures(users.values(), after)):
                users[names[place]] = after
            assert any(one.is_super_user for one in users.values())

    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize(("count", "is_noted"), [(0, True), (2, True), (3, False), (5, False), (6, True)])
    def test_fewer_than_three_or_more_than_five_super_users_are_reported(self, count, is_noted) -> None:
        users = [super_user(f"s{number}") for number in range(count)] + [account("amelia")]
        users += [super_user("gone").deleted(BEGAN), super_user("away").suspended(BEGAN)]
        assert [one.code for one in super_user_notices(users)] == ["LRS-USER-14"] * is_noted

    @pytest.mark.req("IDM-06")
    def test_one_person_has_one_account_and_what_is_alike_is_warned_of(self) -> None:
        held = [account("amelia")]
        same = held[0].details
        name, email = same._replace(email_address="x@example.org"), same._replace(given_name="Bo")

        def codes(wanted, *, is_confirmed=False, users=held, **but):
            found = duplicate_failures(users, wanted, is_confirmed=is_confirmed, **but)
            return [(one.code, *(value for _, value in one.detail)) for one in found]

        assert codes(name) == [("LRS-USER-12", "name")]
        assert codes(name._replace(given_name="AMELIA", family_name="O'kafor")) == [("LRS-USER-12", "name")]
        assert codes(email) == [("LRS-USER-12", "email address")]
        assert codes(name, is_confirmed=True) == codes(email, is_confirmed=True) == []
        assert codes(same, is_confirmed=True) == [("LRS-USER-13",)]
        assert codes(same, user_id="Uamelia") == []
        assert codes(same, users=[held[0].deleted(BEGAN)]) == []

    @pytest.mark.req("IDM-12")
    def test_users_are_reviewed_every_year_and_dormant_accounts_found(self) -> None:
        users, later = [account()], BEGAN + REVIEWED_EVERY
        assert not review_is_due(None, [], later)
        assert not review_is_due(None, users, later - DAY)
        assert review_is_due(None, users, later)
        assert not review_is_due(later, users, later + DAY)
        assert review_is_due(BEGAN, users, later)
        assert account().is_dormant(BEGAN + DORMANT_AFTER)
        assert not account().signed_in(BEGAN + DAY).is_dormant(BEGAN + DORMANT_AFTER)

    @pytest.mark.req("IDM-13")
    def test_mail_to_an_organisation_goes_to_its_most_recently_active_super_user(self) -> None:
        ann, bob = super_user("ann").signed_in(BEGAN + DAY), super_user("bob")
        later = account("cem").signed_in(BEGAN + 2 * DAY)
        assert most_recently_active([bob, ann, later]) == ann
        assert most_recently_active([bob, ann.deleted(BEGAN), later]) == bob
        assert most_recently_active([later]) is None
