"""Contract of portal users' accounts and sessions, for fake and real adapters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account, Password, ResetLink
from chalicelib.domain.portal_sessions import KeptSession, Ticket, read_ticket
from chalicelib.ports.errors import Conflict
from chalicelib.ports.users import Holding, Known, UserNameTaken
from tests.builders import accounts
from tests.contract.test_records_contract import ORGANISATION

HOUR = timedelta(hours=1)


def account(ukprn, name="amelia", **changes) -> Account:
    return accounts.account(name, ukprn, **{"user_name": f"{name}{ukprn}", **changes})


def create(users, made) -> Account:
    users.create(made, users.roll(made.ukprn))
    return made


def session(world, ukprn, secret="s" * 32, **changes) -> tuple[Ticket, KeptSession]:
    ticket = Ticket(ukprn, "Uamelia", secret)
    now = world.clock()
    made = KeptSession(ticket.digest, ukprn, "Uamelia", 1, "csrf", now, now)
    return ticket, replace(made, **changes)


@pytest.mark.req("IDM-06", "IDM-10")
def test_an_account_is_found_by_its_user_name_as_it_was_created_with_its_organisation(world, ukprn):
    users, now = world.ports.user_table, world.clock()
    made = account(
        ukprn,
        details=accounts.details(given_name="Zoë", reference="Ⓦ"),
        roles=frozenset({Role.SUPER_USER, Role.QCF_USER}),
        password=Password("hash:x", now, is_one_time=True),
        question=None,
        link=ResetLink("ab" * 32, now + HOUR),
        wrong_passwords=3,
        wrong_answers=1,
        suspended_at=now,
        deleted_at=now + HOUR,
        last_sign_in=now - HOUR,
        epoch=4,
    )
    assert users.named(made.user_name) == Known(None, None)
    create(users, made)
    assert users.named(made.user_name) == Known(made, None)
    organisation = ORGANISATION._replace(ukprn=ukprn)
    world.hold_organisation(organisation)
    assert users.named(made.user_name) == Known(made, organisation)
    assert users.get(ukprn, made.user_id) == made
    assert users.get(ukprn, "Unobody") is None
    assert users.get("99999999", made.user_id) is None


@pytest.mark.req("IDM-06")
def test_a_user_name_is_given_once_for_ever(world, ukprn):
    users, first = world.ports.user_table, account(ukprn)
    create(users, first)
    users.save(first.deleted(world.clock()))
    again = account(ukprn, user_id="Uother")
    with pytest.raises(UserNameTaken):
        create(users, again)
    elsewhere = f"{int(ukprn) + 50_000_000}"
    with pytest.raises(UserNameTaken):
        create(users, replace(again, ukprn=elsewhere))
    assert users.roll(elsewhere).accounts == ()
    assert users.get(ukprn, "Uother") is None, "nothing of it was stored"


@pytest.mark.req("IDM-06")
def test_an_account_is_created_once(world, ukprn):
    users, made = world.ports.user_table, account(ukprn)
    create(users, made)
    with pytest.raises(Conflict):
        create(users, replace(made, user_name=f"other{ukprn}"))
    assert users.named(f"other{ukprn}") == Known(None, None)


@pytest.mark.req("IDM-06")
def test_the_roll_lists_an_organisations_accounts_by_user_name_and_nobody_elses(world, ukprn):
    users = world.ports.user_table
    world.hold_organisation(ORGANISATION._replace(ukprn=ukprn))
    assert users.roll(ukprn).accounts == ()
    zoe, amy = account(ukprn, "zoe"), account(ukprn, "amy")
    for made in (zoe, amy, account(f"{int(ukprn) + 50_000_000}", "bob")):
        create(users, made)
    assert users.roll(ukprn).accounts == (amy, zoe)


@pytest.mark.req("IDM-06")
def test_a_change_made_of_an_older_revision_is_a_conflict(world, ukprn):
    users = world.ports.user_table
    with pytest.raises(Conflict):
        users.save(account(ukprn).attempted())
    made = create(users, account(ukprn))
    users.save(made.attempted())
    with pytest.raises(Conflict):
        users.save(made.signed_in(world.clock()))
    assert users.get(ukprn, made.user_id) == made.attempted()


@pytest.mark.req("IDM-06")
def test_a_change_that_depends_on_the_others_is_a_conflict_when_any_of_them_changed_so(world, ukprn):
    users, now = world.ports.user_table, world.clock()
    ann, bob = create(users, account(ukprn, "ann")), create(users, account(ukprn, "bob"))
    roll = users.roll(ukprn)
    users.save_in_roll(ann.suspended(now), roll)
    with pytest.raises(Conflict):
        users.save_in_roll(bob.suspended(now), roll)
    with pytest.raises(Conflict):
        users.create(account(ukprn, "cem"), roll)
    assert users.get(ukprn, "Ubob") == bob
    users.save(bob.attempted())
    with pytest.raises(Conflict):
        users.save_in_roll(bob.suspended(now), users.roll(ukprn))
    users.save_in_roll(bob.attempted().suspended(now), users.roll(ukprn))


@pytest.mark.req("IDM-12")
def test_a_review_is_signed_off_as_the_roll_was_and_is_kept(world, ukprn):
    users, now = world.ports.user_table, world.clock()
    made = create(users, account(ukprn))
    roll = users.roll(ukprn)
    assert (roll.reviewed_at, roll.reviewed_by) == (None, "")
    users.sign_off(roll, now, "ann")
    with pytest.raises(Conflict):
        users.sign_off(roll, now + HOUR, "bob")
    users.save_in_roll(made.suspended(now), users.roll(ukprn))
    after = users.roll(ukprn)
    assert (after.reviewed_at, after.reviewed_by) == (now, "ann")


@pytest.mark.req("IDM-06")
@pytest.mark.threads
def test_of_two_super_users_who_remove_each_other_at_once_one_remains(world, ukprn):
    users, now = world.ports.user_table, world.clock()
    made = [create(users, account(ukprn, name)) for name in ("ann", "bob")]
    roll = users.roll(ukprn)

    def remove(one):
        try:
            users.save_in_roll(one.suspended(now), roll)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, made)) == [False, True]


@pytest.mark.req("IDM-08")
def test_a_session_is_read_with_its_account_and_organisation(world, ukprn):
    sessions, users, now = world.ports.portal_session_table, world.ports.user_table, world.clock()
    ticket, made = session(world, ukprn, flash=("saved",), criteria={"users": "ⓦ"}, has_agreed=True)
    assert sessions.holding(ticket) == Holding(None, None, None)
    sessions.begin(made, now + HOUR)
    assert sessions.holding(ticket) == Holding(made, None, None)
    held = create(users, account(ukprn))
    organisation = ORGANISATION._replace(ukprn=ukprn)
    world.hold_organisation(organisation)
    assert sessions.holding(ticket) == Holding(made, held, organisation)
    other = ticket._replace(secret="t" * 32)
    assert sessions.holding(other) == Holding(None, held, organisation)


@pytest.mark.req("IDM-08")
def test_a_session_that_was_ended_is_not_brought_back(world, ukprn):
    sessions = world.ports.portal_session_table
    ticket, made = session(world, ukprn)
    sessions.begin(made, world.clock() + HOUR)
    changed = made.changed(seen_at=world.clock() + HOUR / 2, criteria=MappingProxyType({"jobs": "failed"}))
    assert sessions.keep(changed) is None
    assert sessions.keep(changed) is None, "its answer was lost"
    assert sessions.keep(made.changed(has_agreed=True)) == changed, "what is stored by now is not written over"
    assert sessions.holding(ticket).session == changed
    sessions.end(made.digest)
    sessions.end(made.digest)
    assert sessions.keep(changed) is None
    assert sessions.holding(ticket).session is None


@pytest.mark.req("IDM-08", "SEC-02")
def test_a_ticket_is_read_as_it_was_written_and_nothing_else_is_one():
    ticket = Ticket("10000001", "Uamelia_-", "lrs_" + "x" * 43)
    assert read_ticket(ticket.text) == ticket
    for text in ("", "10000001", "1.2.3", f"{ticket.text}.x", ticket.text + "#", "10000001.U#.xxxxxxxxxxxxxxxxx"):
        assert read_ticket(text) is None


@pytest.mark.req("IDM-06")
def test_a_write_whose_answer_was_lost_is_known_again(adapters, cloud, ukprn):
    users, now = adapters.user_table, adapters.clock()
    cloud.lose_the_next_answer()
    roll = users.roll(ukprn)
    made = account(ukprn)
    cloud.lose_the_next_answer()
    users.create(made, roll)
    cloud.lose_the_next_answer()
    users.save(made.attempted())
    cloud.lose_the_next_answer()
    users.sign_off(users.roll(ukprn), now, "ann")
    assert users.get(ukprn, made.user_id) == made.attempted()
