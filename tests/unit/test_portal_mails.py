"""Emails lead to pages of the portal that their readers can open, and say how to stop them (IDM-13, SLA-03, SEC-02)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account
from chalicelib.domain.callers import Channel
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS, Job, JobStatus
from chalicelib.domain.maintenance import Environment, Window, WindowKind
from chalicelib.domain.monthly_levels import Month
from chalicelib.formats.level_reports import letter_of
from chalicelib.formats.words.mails import NO_DATA, SERVICE
from chalicelib.ports.errors import MailRefused
from chalicelib.ports.levels import Schedule
from chalicelib.services.batches.kinds import KINDS
from chalicelib.services.challenges import compose as of_challenge
from chalicelib.services.users import Order, Users
from chalicelib.web.portal import table
from tests.builders.accounts import account, details, super_user
from tests.builders.callers import caller
from tests.builders.jobs import job
from tests.builders.levels import hold_months
from tests.builders.organisations import organisation, provider
from tests.builders.portal import HOST, UKPRN, browser_of, hold, portal_world, signed_in
from tests.fakes import START
from tests.fakes.cloud import SentMail
from tests.fakes.world import FakeWorld

PORTAL = f"https://{HOST}"
LINK = re.compile(rf"^([^:\n]+): {re.escape(PORTAL)}(/\S*)$", re.MULTILINE)
ANN = caller(UKPRN, "ann", ())
DAY = timedelta(days=1)


def links(mail: SentMail) -> list[str]:
    """The pages of an email, which has the one form of all."""
    head, *rest = mail.body.splitlines()
    assert (head, rest[0][:4], rest[-1]) == (SERVICE, "For ", NO_DATA)
    found = [path for _, path in LINK.findall(mail.body)]
    assert len(found) == mail.body.count("https://")
    for path in found:
        assert table.find("GET", path.partition("?")[0]), path
    return found


def services(world: FakeWorld) -> Any:
    return world.services(portal_url=PORTAL, service_desk_email="desk@example.org")


def ended(**changes: Any) -> Job:
    values = {"ukprn": UKPRN, "status": JobStatus.SUCCESSFUL, "finished_at": START, "notice_due": True}
    return job(**{**values, **changes})


def told(world: FakeWorld, about: Job) -> SentMail:
    """The email about a job."""
    world.jobs.held[about.job_id] = about
    assert services(world).notices.run(about.job_id)
    return world.mail.sent[-1]


class TestJobs:
    @pytest.mark.req("SLA-03")
    @pytest.mark.parametrize(
        ("kind", "role"),
        [
            (ACHIEVEMENTS, Role.QCF_RECORD_SET_USER),
            (LEARNERS, Role.LRB_BATCH_USER),
            (VERIFICATIONS, Role.LRB_BATCH_USER),
        ],
    )
    def test_the_person_who_sent_a_file_opens_the_page_of_its_job(self, kind: str, role: Role) -> None:
        world = portal_world(roles=frozenset({role}))
        sent = {"kind": kind, "channel": Channel.PORTAL, "user": account().user_name, "filename": "Jane Smith.csv"}
        mail = told(world, ended(email=account().details.email_address, **sent))
        assert mail.to == account().details.email_address
        assert "Jane" not in mail.subject + mail.body
        assert links(mail) == [f"{KINDS[kind].page}/JOB1", "/account"]
        browser = signed_in(world)
        assert [browser.open(path).status for path in links(mail)] == [200, 200]

    @pytest.mark.req("IDM-13")
    def test_without_an_address_the_super_user_most_recently_active_is_told(self) -> None:
        world = portal_world(roles=frozenset({Role.SUPER_USER}))
        world.accounts.put(organisation(UKPRN, batch_email=""))
        hold(world, super_user("bea", last_sign_in=START - DAY))
        hold(world, super_user("carl", last_sign_in=START + DAY, suspended_at=START))
        hold(world, account("dora", last_sign_in=START + DAY))
        browser = signed_in(world)
        mail = told(world, ended(email=""))
        assert mail.to == account().details.email_address
        assert links(mail) == ["/organisation/file-drop", "/organisation/notifications"]
        assert [browser.open(path).status for path in links(mail)] == [200, 200]
        assert f"Amelia Okafor, {mail.to}: the super user most recently active" in browser.seen.body
        assert links(told(world, ended(job_id="JOB2", email="", channel="webservice"))) == [
            "/organisation/notifications"
        ]
        world.accounts.put(organisation(UKPRN))
        assert told(world, ended(job_id="JOB3", email="")).to == organisation(UKPRN).batch_email
        assert "most recently active</td>" not in browser.open("/organisation/notifications").body

    @pytest.mark.req("IDM-13")
    def test_an_email_stays_due_while_nobody_can_get_it_unless_there_is_no_such_organisation(self) -> None:
        world = FakeWorld()
        world.accounts.put(organisation(UKPRN, batch_email=""))
        for about, stays in ((ended(email=""), True), (ended(job_id="JOB2", email="", ukprn="10000009"), False)):
            world.jobs.held[about.job_id] = about
            assert services(world).notices.run(about.job_id) is False
            assert world.jobs.held[about.job_id].notice_due is stays
        assert not world.mail.sent

    @pytest.mark.req("IDM-09", "IDM-13")
    def test_people_turn_off_the_emails_about_their_own_files_and_on_again(self) -> None:
        world = portal_world(roles=frozenset({Role.AWARDING_BODY_BATCH_USER}))
        browser = signed_in(world)
        mine = ended(email=account().details.email_address, channel=Channel.PORTAL, user=account().user_name)
        assert browser.submit("/account/emails", emails="perhaps").status == 400
        assert "Your choice of emails was saved." in browser.fill_in("/account/emails", emails="no").body
        assert "Not sent" in browser.seen.body
        world.jobs.held[mine.job_id] = mine
        assert services(world).notices.run(mine.job_id) is False
        assert (world.mail.sent, world.jobs.held[mine.job_id].notice_due) == ([], False)
        assert told(world, ended(job_id="JOB2", email="x@example.org", channel="portal", user=mine.user)).to[:2] == "x@"
        browser.fill_in("/account/password", password="Correct-Horse1", new_password="Other-Horse-22")
        browser.fill_in("/account/emails", emails="yes")
        assert told(world, ended(job_id="JOB3", **_sent(mine))).to == mine.email

    @pytest.mark.req("IDM-13")
    def test_a_person_who_has_left_is_told_nothing(self) -> None:
        world = portal_world(roles=frozenset({Role.AWARDING_BODY_BATCH_USER}), suspended_at=START)
        mine = {"email": account().details.email_address, "channel": Channel.PORTAL, "user": account().user_name}
        assert told(world, ended(**mine)).to == organisation(UKPRN).batch_email


def _sent(one: Job) -> dict[str, Any]:
    return {"email": one.email, "channel": one.channel, "user": one.user}


def _update(users: Users, of: Account, **changes: Any) -> None:
    texts = details(given_name="Bea", email_address=of.details.email_address)._asdict()
    users.update(ANN, of.user_id, of.edition, Order(texts, changes["roles"]))


BEA = account("bea")
ACTS: dict[str, Callable[[Users], object]] = {
    "Your account was suspended": lambda users: users.suspend(ANN, BEA.user_id),
    "Your password was reset": lambda users: users.reset(ANN, BEA.user_id, 1),
    "Your roles were changed": lambda users: _update(users, BEA, roles=frozenset({Role.AWARDING_BODY_USER})),
}


class TestAccounts:
    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize("subject", ACTS)
    def test_people_are_told_what_a_super_user_did_with_their_account(self, subject: str) -> None:
        world = portal_world(roles=frozenset({Role.QCF_USER}))
        hold(world, BEA)
        ACTS[subject](services(world).users)
        (mail,) = world.mail.sent
        assert (mail.to, mail.subject) == (BEA.details.email_address, subject)
        browser = browser_of(world) if "suspended" in subject or "reset" in subject else signed_in(world)
        assert [browser.open(path).status for path in links(mail)] == [200]
        assert "cannot be turned off" in mail.body

    @pytest.mark.req("IDM-06")
    def test_a_new_user_is_told_the_user_name_and_never_the_password(self) -> None:
        world = portal_world()
        texts = BEA.details._replace(given_name="Zoe", email_address="zoe@example.org")._asdict()
        made = services(world).users.create(ANN, Order(texts | {"family_name": "Ash"}, frozenset({Role.QCF_USER})))
        (mail,) = world.mail.sent
        assert (mail.to, mail.subject) == ("zoe@example.org", "Your account was created")
        assert made.account.user_name in mail.body
        assert made.password not in mail.subject + mail.body
        assert [browser_of(world).open(path).status for path in links(mail)] == [200]

    @pytest.mark.req("IDM-06")
    def test_one_whose_account_is_reactivated_signs_in_again(self) -> None:
        world = portal_world(suspended_at=START)
        services(world).users.reactivate(ANN, account().user_id, account().epoch)
        (mail,) = world.mail.sent
        assert (mail.subject, links(mail)) == ("Your account was reactivated", ["/sign-in"])
        assert signed_in(world).open("/account").status == 200

    @pytest.mark.req("IDM-05", "IDM-09")
    def test_whoever_changed_the_password_or_address_or_asked_for_a_link_is_told(self) -> None:
        world = portal_world()
        mails = services(world).user_mails
        mails.password_changed(account())
        mails.address_changed(account())
        mails.send_link(account(), "ticket", 60)
        changed, moved, link = map(links, world.mail.sent)
        browser = signed_in(world)
        assert [browser.open(path).status for path in (changed[0], *moved)] == [200, 200]
        assert browser_of(world).open(changed[1]).status == 200
        assert link == ["/reset-password/ticket"]

    @pytest.mark.req("IDM-06")
    def test_what_was_done_stays_done_if_its_email_is_refused(self) -> None:
        world = portal_world()
        world.hook = lambda name: (_ for _ in ()).throw(MailRefused(name)) if name == "mail.send" else None
        assert services(world).users.suspend(ANN, account().user_id).suspended_at


@pytest.mark.req("SLA-05", "IDM-13")
def test_maintenance_leads_to_the_public_status_and_reaches_a_super_user_without_an_address() -> None:
    world = portal_world(roles=frozenset({Role.SUPER_USER}))
    world.accounts.put(organisation(UKPRN, batch_email=""))
    window = Window(
        window_id="MW1",
        environment=Environment.LIVE,
        kind=WindowKind.EMERGENCY,
        start=START + DAY,
        end=START + DAY * 25 / 24,
        reason="A fix",
        announced_at=START,
        changed_at=START,
    )
    world.schedules.save(Schedule((window,), 1))
    notices = services(world).maintenance_notices
    notices.find_organisations("MW1")
    assert world.queues.take("notices") == {"maintenance": "MW1", "organisation": UKPRN}
    assert notices.run("MW1", UKPRN)
    (mail,) = world.mail.sent
    assert (mail.to, links(mail)[0]) == (account().details.email_address, "/status")
    assert browser_of(world).open("/status").status == 200
    assert signed_in(world).open(links(mail)[1]).status == 200


@pytest.mark.req("LEDC-01")
def test_the_service_desk_opens_the_organisation_that_raised_a_challenge() -> None:
    raised: Any = SimpleNamespace(
        reference="DC-1",
        report=SimpleNamespace(type=ChallengeType.ULN_OTHER),
        events=(),
        raised_at=START.isoformat(),
        raised_by="10000008",
        status="Raised",
    )
    world = portal_world(roles=frozenset({Role.SERVICE_DESK}))
    world.accounts.put(provider("10000008"))
    services(world).post.send("desk@example.org", of_challenge(raised))
    (path,) = links(world.mail.sent[0])
    assert signed_in(world).open(path).status == 200


@pytest.mark.req("SLA-04")
def test_the_service_manager_opens_the_month_of_the_report() -> None:
    world = portal_world(roles=frozenset({Role.SERVICE_MANAGER}))
    hold_months(world, Month(2026, 3))
    held = world.levels.month(Month(2026, 2))
    letter = letter_of(held, (), (), world.services().described_levels)
    services(world).post.send("manager@example.org", letter)
    (path,) = links(world.mail.sent[0])
    assert path == "/service/levels?month=2026-02"
    assert signed_in(world).open(path).title == "Service levels of February 2026"
