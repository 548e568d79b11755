"""Malware scans: a file is read when its scan has found it clean, and not before, whatever is lost or comes twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import count, permutations

import pytest

from chalicelib.domain.jobs import OWN_LIMIT, Job, JobStatus, Source, job_id_of
from chalicelib.domain.scans import SCAN_LIMIT, Verdict
from chalicelib.ports.errors import Missing
from chalicelib.ports.journal import Journal
from chalicelib.ports.messages import Delivered, source_message
from chalicelib.services.batches.split import VERDICT_TAG
from tests.builders.achievements import csv_file, learner, record, world_with
from tests.builders.jobs import FILENAME, Crash, Pipeline, caller, crash
from tests.builders.organisations import OURS
from tests.builders.scans import scan_event
from tests.fakes import FakeWorld, no_hook

CLEAN, INFECTED, UNSUPPORTED, DENIED, FAILED = Verdict
LATER = timedelta(minutes=16)


class Reported(Journal):
    """What operators are told about scans."""

    def __init__(self) -> None:
        self.lines: list[object] = []

    def not_clean(self, job: Job, verdict: Verdict) -> None:
        self.lines.append((job.status, verdict))

    def scan_overdue(self, job: Job) -> None:
        self.lines.append(job.job_id)


def scanning(world: FakeWorld) -> Pipeline:
    world.journal = Reported()
    return Pipeline(world, scan_uploads=True)


@pytest.fixture
def steps(world: FakeWorld) -> Pipeline:
    return scanning(world)


def scanned(steps: Pipeline, delivered: Delivered, verdict: Verdict) -> Job:
    """Deliver the event of a scan."""
    steps.steps["intake"](scan_event(delivered.source, verdict.value))
    return job_of(steps, delivered)


def tag(steps: Pipeline, delivered: Delivered, verdict: Verdict) -> None:
    steps.world.files.tagged[delivered.source] = {VERDICT_TAG: verdict.value, "Department": "Exams"}


def job_of(steps: Pipeline, delivered: Delivered) -> Job:
    return steps.job(job_id_of(delivered.source))


def codes(job: Job) -> list[str]:
    return [reason.code for reason in job.rejection]


def watch(steps: Pipeline, by: timedelta = LATER) -> None:
    """A watch run after a while, and all that follows from it."""
    steps.world.clock.advance(by)
    steps.watch.run()
    steps.settle()


@pytest.mark.req("SEC-03")
def test_a_file_without_a_verdict_is_a_job_that_waits_and_is_not_read(steps, world) -> None:
    job = steps.take(csv_file([record()]))
    assert (job.status, job.is_split) == (JobStatus.WAITING, False)
    assert [one.job_id for one in steps.submit.page(caller(), 10, "").items] == [job.job_id]
    assert "files.read" not in world.calls
    assert world.journal.lines == []


@pytest.mark.req("SEC-03", "ACH-06")
def test_a_file_that_its_scan_finds_clean_is_read(steps) -> None:
    delivered = steps.drop(csv_file([record()]))
    steps.split.run(delivered)
    scanned(steps, delivered, CLEAN)
    steps.settle()
    assert job_of(steps, delivered).counts.created == 1


@pytest.mark.req("SEC-03", "SEC-02")
@pytest.mark.parametrize(("verdict", "code"), [(INFECTED, "ACB020"), (UNSUPPORTED, "ACB021")])
@pytest.mark.parametrize("how", ["event", "tag", "event first"])
def test_a_file_with_malware_is_refused_with_its_code_and_never_read(how, verdict, code, steps, world) -> None:
    data = csv_file([record()])
    delivered = steps.drop(data)
    if how == "tag":
        tag(steps, delivered, verdict)
    if how != "event first":
        steps.split.run(delivered)
    if how != "tag":
        scanned(steps, delivered, verdict)
    steps.settle()
    job = job_of(steps, delivered)
    assert (job.status, codes(job), job.output_key) == (JobStatus.FAILED, [code], "")
    assert "files.read" not in world.calls
    rejection = world.files.data("results", job.error_key).decode()
    assert code in rejection
    assert learner(0).uln not in rejection
    (mail,) = world.mail.sent
    assert code in mail.body
    assert world.journal.lines == [(JobStatus.WAITING, verdict)]


@pytest.mark.req("SEC-03")
def test_malware_is_reported_although_another_scan_could_not_scan_the_file(steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    tag(steps, delivered, INFECTED)
    scanned(steps, delivered, UNSUPPORTED)
    assert codes(job_of(steps, delivered)) == ["ACB020"]
    assert world.journal.lines == [(JobStatus.WAITING, INFECTED)]


@pytest.mark.req("SEC-03", "SLA-03")
@pytest.mark.parametrize("verdict", [DENIED, FAILED])
def test_a_file_whose_scan_failed_waits_is_reported_and_read_after_another_scan(verdict, steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    steps.split.run(delivered)
    job = scanned(steps, delivered, verdict)
    assert (job.status, job.is_split, "files.read" in world.calls) == (JobStatus.WAITING, False, False)
    assert world.journal.lines == [(JobStatus.WAITING, verdict)]
    tag(steps, delivered, verdict)
    watch(steps)
    assert world.journal.lines == [(JobStatus.WAITING, verdict)] * 2, "again at each watch run, until it is mended"
    tag(steps, delivered, CLEAN)
    scanned(steps, delivered, CLEAN)
    steps.settle()
    assert job_of(steps, delivered).counts.created == 1


@pytest.mark.req("SEC-03", "SLA-03")
@pytest.mark.parametrize("verdict", [CLEAN, INFECTED])
@pytest.mark.parametrize("lost", ["the scan's", "both"])
def test_an_event_that_is_lost_does_not_lose_the_file(lost, verdict, steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    if lost == "the scan's":
        steps.split.run(delivered)
    tag(steps, delivered, verdict)
    watch(steps)
    job = job_of(steps, delivered)
    assert job.submitted_at == delivered.submitted_at
    expected = (JobStatus.SUCCESSFUL, []) if verdict is CLEAN else (JobStatus.FAILED, ["ACB020"])
    assert (job.status, codes(job)) == expected


@pytest.mark.req("SEC-03", "SLA-03")
def test_a_file_that_nobody_has_reported_waits_for_its_scan_as_a_job(steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    watch(steps)
    assert job_of(steps, delivered).status is JobStatus.WAITING
    assert world.calls.count("files.read") == 1, "its own place in the inbox"
    scanned(steps, delivered, CLEAN)
    steps.settle()
    assert job_of(steps, delivered).counts.created == 1


@pytest.mark.req("SEC-03", "SLA-03")
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_events_in_any_order_and_twice_are_one_job_of_the_time_of_the_upload(order) -> None:
    steps = scanning(world_with(learner(0)))
    delivered = steps.drop(csv_file([record()]))
    events: list[Callable[[], object]] = [
        lambda: steps.split.run(delivered),
        lambda: scanned(steps, delivered, FAILED),
        lambda: scanned(steps, delivered, CLEAN),
        lambda: scanned(steps, delivered, CLEAN),
    ]
    for number in order:
        steps.world.clock.advance(timedelta(seconds=10))
        events[number]()
        steps.settle()
    (job,) = steps.world.jobs.held.values()
    assert (job.status, job.submitted_at, job.counts.created) == (JobStatus.SUCCESSFUL, delivered.submitted_at, 1)
    assert len(steps.world.mail.sent) == 1


@pytest.mark.req("SEC-03", "SLA-03")
@pytest.mark.parametrize("verdict", [CLEAN, INFECTED, FAILED])
def test_a_crash_at_any_call_is_mended_by_the_next_delivery(verdict: Verdict) -> None:
    survived = next(number for number in count(1) if not crashes_at(number, verdict))
    assert survived > 10


def crashes_at(number: int, verdict: Verdict) -> bool:
    """Whether there is such a call: the process dies before it, and all is delivered again."""
    steps = scanning(world_with(learner(0)))
    world = steps.world
    delivered = steps.drop(csv_file([record()]))
    begun = len(world.calls)

    def hook(_: str) -> None:
        if len(world.calls) - begun == number:
            crash()

    world.hook = hook
    crashed = 0
    for body in (json.dumps(source_message(*delivered[:2])), scan_event(delivered.source, verdict.value)):
        try:
            steps.steps["intake"](body)
        except Crash:
            crashed += 1
            steps.steps["intake"](body)
    world.hook = no_hook
    steps.settle()
    if verdict is FAILED:
        assert not job_of(steps, delivered).is_split
        tag(steps, delivered, CLEAN)
    watch(steps)
    watch(steps)
    job = job_of(steps, delivered)
    assert (job.counts.created, codes(job)) == ((0, ["ACB020"]) if verdict is INFECTED else (1, []))
    assert {job.job_id in mail.subject for mail in world.mail.sent} == {True}
    return crashed > 0


@pytest.mark.req("SEC-03")
def test_a_verdict_is_of_one_version_only(steps) -> None:
    older, newer = steps.drop(csv_file([record(0)])), steps.drop(csv_file([record(1)]))
    steps.split.run(older)
    steps.split.run(newer)
    scanned(steps, newer, CLEAN)
    assert not job_of(steps, older).is_split
    scanned(steps, older, INFECTED)
    steps.settle()
    assert codes(job_of(steps, older)) == ["ACB020"]
    assert job_of(steps, newer).counts.created == 1


@pytest.mark.req("SEC-03")
@pytest.mark.parametrize("first", ["event", "tag"])
def test_malware_that_any_scan_has_found_outweighs_a_clean_one(first, steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    tag(steps, delivered, INFECTED if first == "tag" else CLEAN)
    scanned(steps, delivered, CLEAN if first == "tag" else INFECTED)
    assert codes(job_of(steps, delivered)) == ["ACB020"]
    assert "files.read" not in world.calls


@pytest.mark.req("SEC-03", "ACH-06")
def test_files_are_applied_in_the_order_of_their_uploads_however_long_their_scans_take(steps, world) -> None:
    first = steps.drop(csv_file([record()]))
    world.clock.advance()
    second = steps.drop(csv_file([record(action="2", Grade="Merit")]), "QCF_90000001_20260302_002.csv")
    steps.split.run(first)
    steps.split.run(second)
    scanned(steps, second, CLEAN)
    steps.settle()
    assert job_of(steps, second).status is JobStatus.WAITING
    scanned(steps, first, CLEAN)
    steps.settle()
    assert (job_of(steps, first).counts.created, job_of(steps, second).counts.updated) == (1, 1)


@pytest.mark.req("SEC-03", "SLA-03")
def test_a_file_that_is_never_scanned_holds_up_the_next_ones_for_two_hours_only(steps, world) -> None:
    steps.take(csv_file([record(0)]))
    world.clock.advance()
    second = steps.drop(csv_file([record(1)]), "QCF_90000001_20260302_002.csv")
    steps.split.run(second)
    scanned(steps, second, CLEAN)
    for _ in range(9):
        watch(steps)
    assert job_of(steps, second).counts.created == 1


@pytest.mark.req("SEC-03", "SLA-03")
def test_a_file_without_a_verdict_is_reported_after_an_hour_and_given_up_unread_after_36(steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    job = steps.split.run(delivered)
    watch(steps, SCAN_LIMIT - timedelta(seconds=1))
    assert world.journal.lines == []
    watch(steps, timedelta(seconds=1))
    assert world.journal.lines == [job.job_id]
    watch(steps, OWN_LIMIT - SCAN_LIMIT)
    assert (steps.job(job.job_id).status, codes(steps.job(job.job_id))) == (JobStatus.FAILED, ["LRS-FAULT-2"])
    scanned(steps, delivered, CLEAN)
    assert not steps.job(job.job_id).is_split, "it has been answered"
    assert ("inbox", delivered.source.key) in world.files.held


@pytest.mark.req("SEC-03", "ACH-06")
@pytest.mark.parametrize("events", ["S3 first", "scan first", "scan only", "lost"])
@pytest.mark.parametrize("verdict", [CLEAN, INFECTED])
def test_an_upload_by_web_service_waits_for_its_scan_too(verdict, events, steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    world.clock.advance(timedelta(seconds=5))
    version = world.files.post(begun.form, csv_file([record()]))
    key = f"upload/{OURS}/achievements/{begun.job.job_id}/{FILENAME}"
    uploaded = Delivered(Source("inbox", key, version), world.clock())
    world.clock.advance(timedelta(seconds=5))
    send = {
        "S3": lambda: steps.split.run(uploaded),
        "scan": lambda: steps.steps["intake"](scan_event(uploaded.source, verdict.value)),
    }
    for name in {"S3 first": ["S3", "scan"], "scan first": ["scan", "S3"], "scan only": ["scan"], "lost": []}[events]:
        send[name]()
    if events == "lost":
        tag(steps, uploaded, verdict)
        watch(steps)
    steps.settle()
    (job,) = world.jobs.held.values()
    assert (job.job_id, job.submitted_at) == (begun.job.job_id, uploaded.submitted_at)
    assert codes(job) == ([] if verdict is CLEAN else ["ACB020"])
    assert job.counts.created == (verdict is CLEAN)


@pytest.mark.req("SEC-03")
def test_malware_found_in_a_file_that_was_read_is_reported_and_changes_nothing(steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    scanned(steps, delivered, CLEAN)
    steps.settle()
    before = job_of(steps, delivered)
    assert scanned(steps, delivered, INFECTED) == before
    assert world.journal.lines == [(JobStatus.SUCCESSFUL, INFECTED)]


@pytest.mark.req("SEC-03", "ACH-07")
def test_a_job_that_is_cancelled_while_it_waits_is_not_read(steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    job = steps.split.run(delivered)
    steps.submit.cancel(caller(), job.job_id)
    assert scanned(steps, delivered, CLEAN).status is JobStatus.CANCELLED
    assert "files.read" not in world.calls


@pytest.mark.req("SEC-03")
def test_a_scanned_file_that_has_gone_is_delivered_again_like_any_other(steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    world.files.remove(*delivered.source[:2])
    with pytest.raises(Missing):
        scanned(steps, delivered, CLEAN)


@pytest.mark.req("SEC-03")
@pytest.mark.parametrize("verdict", [None, *Verdict])
def test_without_scans_a_file_is_read_whatever_they_say(verdict, world) -> None:
    steps = Pipeline(world)
    delivered = steps.drop(csv_file([record()]))
    if verdict:
        tag(steps, delivered, verdict)
        steps.steps["intake"](scan_event(delivered.source, verdict.value))
    steps.split.run(delivered)
    steps.settle()
    assert job_of(steps, delivered).counts.created == 1
    assert "files.tags" not in world.calls
