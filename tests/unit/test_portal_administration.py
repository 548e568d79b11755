"""Administrators' pages: reference lists, loads of registers, stuck jobs, settings (VLD-02, QUAL-01, SLA-03)."""

from __future__ import annotations

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.aims import AimReference
from chalicelib.domain.looks import LookAction
from chalicelib.reference.lists import packaged_source
from chalicelib.services.batches.stuck import MOST
from chalicelib.services.imports.operator_lists import LISTS
from chalicelib.services.imports.registers import FileReport, ImportOutcome, ImportReport
from chalicelib.settings import settable
from chalicelib.web.portal.administration_pages import MEANINGS
from chalicelib.web.portal.list_pages import WORDS
from tests.builders.achievements import csv_file, record
from tests.builders.jobs import Pipeline
from tests.builders.organisations import THEIRS, organisation, provider
from tests.builders.portal import UKPRN, Browser, portal_world, signed_in
from tests.fakes.world import FakeWorld

PATH = "/admin/reference-lists"
LIST = f"{PATH}/prohibited-words.txt"
KEY = ("catalogue", "lists/prohibited-words.txt")
STUCK = ("/admin/jobs", "/admin/jobs/J1/end", "/admin/jobs/queues/chunks/messages")
LEFT_OUT = {
    "region", "endpoint", "ca_bundle", "probe_url", "alarm_prefix", "lists_prefix", "connect_timeout", "read_timeout",
    "tries", "token_issuer", "token_audience", "log_level", "scan_uploads", "require_client_cert", "service_desk_email",
    "service_desk_telephone", "service_desk_hours", "service_manager_email", "service_owner_email",
}  # fmt: skip
"""Settings that say nothing to an administrator, or that the portal's function does not have."""


def admin_world(role: Role = Role.ADMINISTRATOR) -> FakeWorld:
    world = portal_world(roles=frozenset({role}))
    world.accounts.put(provider(UKPRN, name="Registry", is_service_desk=True, recognition_numbers=frozenset()))
    return world


@pytest.fixture
def world() -> FakeWorld:
    return admin_world()


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def propose(browser: Browser, data: bytes) -> str:
    """Upload a list; the page that compares it."""
    browser.open(LIST)
    return browser.upload(LIST, ("words.txt", data), control="list").location


@pytest.mark.req("VLD-02")
def test_a_list_is_compared_put_in_force_and_taken_back(browser: Browser, world: FakeWorld) -> None:
    assert "The one that comes with the service" in browser.open(PATH).body
    to = propose(browser, b"wickedness\nmischief <b>\n# a comment\n")
    seen = browser.open(to)
    assert seen.title == "What the list changes"
    assert "mischief &lt;b&gt;" in seen.body
    assert "This list has 2 entries." in seen.body
    assert KEY not in world.files.held
    token, base = seen.token, "packaged"
    assert browser.submit(to, base=base).location == LIST
    assert world.files.data(*KEY) == b"wickedness\nmischief <b>\n# a comment\n"
    assert browser.submit(to, token=token, base=base).location == LIST  # a second click
    assert len(world.files.held[KEY]) == 1
    second = propose(browser, b"wickedness\n")
    browser.open(second)
    browser.submit(second, base=world.files.held[KEY][-1].version)
    seen = browser.open(LIST)
    assert "Functions use it when they start" in seen.body
    former = world.files.held[KEY][0].version
    assert f'href="{LIST}/{former}"' in seen.body
    browser.open(f"{LIST}/{former}")
    browser.submit(f"{LIST}/{former}", base=world.files.held[KEY][-1].version)
    assert world.files.data(*KEY).startswith(b"wickedness\nmischief")
    browser.open(f"{LIST}/packaged")
    assert browser.submit(f"{LIST}/packaged", base=world.files.held[KEY][-1].version).location == LIST
    assert [one.action for one in world.audit.held.values() if one.subject.startswith("LIST")] == ["list-changed"] * 4


@pytest.mark.req("VLD-02", "SEC-01")
def test_every_version_of_a_list_can_be_downloaded_and_uploaded_again(browser: Browser, world: FakeWorld) -> None:
    browser.open(LIST)
    assert f'href="{LIST}/packaged/file"' in browser.seen.body
    packaged = browser.get(f"{LIST}/packaged/file")
    assert packaged.body == packaged_source("prohibited_text")
    assert "prohibited-words.txt" in packaged.headers["Content-Disposition"]
    assert packaged.headers["Cache-Control"] == "no-store"
    longer = f"{packaged.body}wickedness\n".encode()
    to = propose(browser, longer)
    assert "This list has" in browser.open(to).body
    browser.submit(to, base="packaged")
    version = world.files.held[KEY][-1].version
    assert f'href="{LIST}/{version}/file"' in browser.open(LIST).body
    assert browser.get(f"{LIST}/{version}/file").body.encode() == longer
    assert browser.get(f"{LIST}/none/file").status == 404
    looks = [one for one in world.audit.held.values() if one.action == LookAction.LIST_DOWNLOADED]
    assert [one.detail["version"] for one in looks] == ["packaged", version]


@pytest.mark.req("VLD-02")
def test_two_administrators_meet_in_a_conflict(browser: Browser, world: FakeWorld) -> None:
    first, second = propose(browser, b"wickedness\n"), propose(browser, b"mischief\n")
    browser.open(first)
    token = browser.seen.token
    browser.submit(first, base="packaged")
    seen = browser.submit(second, token=token, base="packaged")
    assert seen.status == 409
    assert "Removed: 1" in seen.body
    assert world.files.data(*KEY) == b"wickedness\n"


@pytest.mark.req("VLD-02")
@pytest.mark.parametrize("data", [b"ok\n\xff\xfe", b"\x00"])
def test_a_list_that_cannot_be_read_is_refused_with_its_line(browser: Browser, world: FakeWorld, data: bytes) -> None:
    browser.open(LIST)
    seen = browser.upload(LIST, ("words.txt", data), control="list")
    assert seen.status == 400
    assert "cannot be used" in seen.errors[0]
    assert not any("proposed" in key for _, key in world.files.held)


@pytest.mark.req("VLD-02")
def test_the_form_of_a_list_needs_one_file(browser: Browser) -> None:
    browser.open(LIST)
    assert browser.upload(LIST, control="list").errors == ["Enter another list"]


@pytest.mark.parametrize("path", [f"{PATH}/passwd", f"{LIST}/{'0' * 64}", f"{LIST}/v1", f"{PATH}/..%2fsnapshots"])
def test_there_are_no_other_lists(browser: Browser, path: str) -> None:
    assert browser.get(path).status == 404


@pytest.mark.req("QUAL-01")
def test_loads_of_registers_are_shown_with_what_was_left_out(browser: Browser, world: FakeWorld) -> None:
    assert "Nothing has been loaded yet." in browser.open("/admin/register-loads").body
    files = (FileReport("Qualifications.csv", "qualifications", 1200, 7),)
    report = ImportReport(
        ImportOutcome.REFUSED,
        "2026-03-01T09:00:00+00:00",
        "a",
        "a",
        "Too <much>",
        files,
        new=(AimReference("60012345"),),
    )
    world.files.put("catalogue", "imports/20260301T090000.000000Z.json", report.to_json().encode())
    seen = browser.open("/admin/register-loads")
    assert [text in seen.body for text in ("Refused", "Too &lt;much&gt;", "1,200", "Qualifications.csv")] == [True] * 4


@pytest.mark.req("SLA-03")
def test_messages_that_were_given_up_are_sent_again_once(browser: Browser, world: FakeWorld) -> None:
    for number in range(12):
        world.queues.send("chunks_dead", [{"job": f"J{number}", "chunk": 0}])
    seen = browser.open("/admin/jobs")
    assert seen.body.count("Send again<") == 1
    place = "/admin/jobs/queues/chunks/messages"
    seen = browser.open(place)
    assert "About 12 messages" in seen.text
    assert browser.submit(place).location == "/admin/jobs"
    assert (len(world.queues.waiting["chunks_dead"]), len(world.queues.waiting["chunks"])) == (0, 12)
    assert "The messages were sent again." in browser.open("/admin/jobs").text
    browser.submit(place, token=seen.token)  # a second click
    assert "There was no message to send again." in browser.open("/admin/jobs").text
    assert len(world.queues.waiting["chunks"]) == 12
    found = [(one.user, one.outcome) for one in world.audit.held.values() if one.action == "messages-sent-again"]
    assert [outcome for _, outcome in found] == ["DONE", "DONE"]


@pytest.mark.req("SLA-03")
def test_so_many_messages_are_sent_again_at_once_and_no_more(browser: Browser, world: FakeWorld) -> None:
    world.queues.waiting["chunks_dead"].extend(["{}"] * (MOST + 1))
    browser.fill_in("/admin/jobs/queues/chunks/messages")
    assert (len(world.queues.waiting["chunks_dead"]), len(world.queues.waiting["chunks"])) == (1, MOST)


@pytest.mark.req("SLA-03")
def test_a_job_is_ended_for_a_reason_and_answered_by_the_watch_run(browser: Browser, world: FakeWorld) -> None:
    steps = Pipeline(world)
    world.accounts.put(organisation(THEIRS))
    job = steps.take(csv_file([record(0)], THEIRS), ukprn=THEIRS)
    world.queues.waiting["chunks"].clear()
    place = f"/admin/jobs/{job.job_id}/end"
    assert place in browser.open("/admin/jobs").body
    seen = browser.open(place)
    assert browser.submit(place, reason="").errors == ["Enter reason"]
    assert steps.job(job.job_id).ended_early_at is None
    assert browser.submit(place, token=seen.token, reason="Stuck <b> since Monday").location == "/admin/jobs"
    assert browser.submit(place, token=seen.token, reason="Again").location == "/admin/jobs"  # a second click
    assert "Being ended" in browser.open("/admin/jobs").text
    steps.watch.run()
    steps.settle()
    ended = steps.job(job.job_id)
    assert (ended.status.is_end, ended.counts.not_processed) == (True, 1)
    (entry,) = [one for one in world.audit.held.values() if one.action == "job-ended"]
    assert (entry.subject, entry.detail["reason"]) == (f"JOB#{job.job_id}", "Stuck <b> since Monday")
    assert browser.get(place).location == "/admin/jobs"
    assert "The job had already ended." in browser.open("/admin/jobs").text


@pytest.mark.req("SLA-03")
@pytest.mark.parametrize("path", ["/admin/jobs/J1/end", "/admin/jobs/queues/chunks_dead/messages"])
def test_there_is_nothing_else_to_end_or_to_send(browser: Browser, path: str) -> None:
    assert browser.get(path).status == 404
    browser.open("/admin/jobs/queues/chunks/messages")
    assert browser.submit(path, reason="Stuck").status == 404


def test_settings_are_shown_with_their_meaning_and_every_one_is_thought_of(browser: Browser) -> None:
    seen = browser.open("/admin/settings")
    assert "Days for which a password can be used" in seen.body
    assert {spec.name for spec in settable()} == MEANINGS.keys() | LEFT_OUT
    assert WORDS.keys() == LISTS.keys()


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("role", [Role.SERVICE_DESK, Role.SERVICE_MANAGER, Role.SUPER_USER])
@pytest.mark.parametrize("path", [PATH, LIST, f"{LIST}/packaged", "/admin/register-loads", "/admin/settings", *STUCK])
def test_only_administrators_see_these_pages(role: Role, path: str) -> None:
    assert signed_in(admin_world(role)).get(path).status == 403
