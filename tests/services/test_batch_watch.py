"""Watch: missing messages are sent again, late jobs are given up, and a failure of one job does not affect others."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.bootstrap import CHUNK_LEASE
from chalicelib.domain.jobs import DEADLINE, Job, JobStatus, job_id_of
from chalicelib.formats.batch.work_files import chunk_key
from chalicelib.ports.errors import Conflict, MailRefused, Missing, TemporaryFailure
from chalicelib.ports.journal import Journal
from chalicelib.services.batches import arrivals
from tests.builders.achievements import csv_file, record, world_with
from tests.builders.jobs import FILENAME, Crash, Pipeline, at_call, caller, crash, job
from tests.builders.organisations import OURS, THEIRS
from tests.fakes import FakeWorld

CHUNK_RECORDS = 1

STALE = timedelta(minutes=16)


def forget_messages(world: FakeWorld) -> None:
    for waiting in world.queues.waiting.values():
        waiting.clear()


def later(steps: Pipeline, by: timedelta = STALE):
    """One watch run after a while."""
    steps.world.clock.advance(by)
    return steps.watch.run()


def status(steps: Pipeline, job: Job) -> JobStatus:
    return steps.job(job.job_id).status


# Sent again.


@pytest.mark.req("SLA-03")
def test_a_file_whose_event_was_lost_is_found(steps, world) -> None:
    delivered = steps.drop(csv_file([record(0)]))
    assert steps.watch.run().found_files == 0
    assert later(steps).found_files == 1
    steps.settle()
    job = steps.job(job_id_of(delivered.source))
    assert (job.status, job.submitted_at) == (JobStatus.SUCCESSFUL, delivered.submitted_at)
    assert later(steps).found_files == 0


@pytest.mark.req("SLA-03")
def test_an_upload_whose_event_was_lost_is_found_and_not_expired(steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    world.files.post(begun.form, csv_file([record(0)]))
    later(steps, timedelta(hours=3))
    assert steps.job(begun.job.job_id).status is JobStatus.WAITING
    steps.settle()
    assert steps.job(begun.job.job_id).counts.created == 1


@pytest.mark.req("ACH-07")
def test_a_job_whose_file_never_comes_is_cancelled_without_a_notice(steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    later(steps, timedelta(hours=1))
    assert steps.job(begun.job.job_id).status is JobStatus.WAITING
    later(steps, timedelta(hours=1))
    steps.settle()
    assert steps.job(begun.job.job_id).status is JobStatus.CANCELLED
    assert world.mail.sent == []


@pytest.mark.req("SLA-03")
def test_a_file_that_was_not_split_is_sent_to_be_split_again(steps, world) -> None:
    delivered = steps.drop(csv_file([record(0)]))

    def fail(name: str) -> None:
        if name == "files.read":
            raise TemporaryFailure(name)

    world.hook = fail
    with pytest.raises(TemporaryFailure):
        steps.split.run(delivered)
    world.hook = lambda _: None
    assert later(steps).sent_again == 1
    steps.settle()
    assert steps.job(job_id_of(delivered.source)).status is JobStatus.SUCCESSFUL


@pytest.mark.req("SLA-03")
def test_chunks_without_results_are_sent_again_when_nothing_has_moved_for_a_while(steps, world) -> None:
    job = steps.take(csv_file(record(number) for number in range(3)))
    forget_messages(world)
    steps.apply.run(job.job_id, 1)
    assert steps.watch.run().sent_again == 0
    assert later(steps).sent_again == 1
    assert [message["chunk"] for message in steps.waiting("chunks")] == [0, 2]
    assert steps.watch.run().sent_again == 0
    steps.settle()
    assert status(steps, job) is JobStatus.SUCCESSFUL


@pytest.mark.req("SLA-03")
def test_a_chunk_whose_records_have_gone_comes_back(steps, world) -> None:
    job = steps.take(csv_file(record(number) for number in range(3)))
    forget_messages(world)
    world.files.remove("work", chunk_key(job.job_id, 1, job.chunk_sizes))
    later(steps)
    steps.settle()
    assert steps.job(job.job_id).counts.created == 3


@pytest.mark.req("SLA-03")
def test_two_files_with_the_same_name_whose_events_were_lost_are_both_found(steps, world) -> None:
    first = steps.drop(csv_file([record(0)]))
    second = steps.drop(csv_file([record(1)]))
    assert later(steps).found_files == 2
    steps.settle()
    assert [steps.job(job_id_of(one.source)).counts.created for one in (first, second)] == [1, 1]


@pytest.mark.req("SLA-03")
def test_a_complete_job_that_nobody_finished_is_sent_to_be_finished(steps, world) -> None:
    job = steps.take(csv_file([record(0), record(1)]))
    for chunk in range(2):
        steps.apply.run(job.job_id, chunk)
    forget_messages(world)
    assert steps.watch.run().sent_again == 1
    steps.settle()
    assert status(steps, job) is JobStatus.SUCCESSFUL


@pytest.mark.req("SLA-03")
def test_a_notice_that_was_not_sent_is_sent_again(steps, world) -> None:
    job = steps.take(csv_file([record(0)]))
    steps.apply.run(job.job_id, 0)
    steps.finish.run(job.job_id)
    forget_messages(world)
    assert later(steps).sent_again == 1
    steps.settle()
    assert len(world.mail.sent) == 1
    assert later(steps) == (0, 0.0, 0, 0, 0, ())


@pytest.mark.req("SLA-03")
def test_a_file_that_is_cut_and_was_not_started_is_started(steps, world) -> None:
    first = steps.take(csv_file([record(1)]), "QCF_90000001_20260302_002.csv")
    delivered = steps.drop(csv_file([record(0)]))

    def fail(name: str) -> None:
        if name == "turns.line" and world.calls[-2] == "jobs.save":
            raise TemporaryFailure(name)

    world.hook = fail
    with pytest.raises(TemporaryFailure):
        steps.split.run(delivered)
    world.hook = lambda _: None
    world.jobs.held[first.job_id] = replace(first, status=JobStatus.SUCCESSFUL)
    later(steps)
    steps.settle()
    assert steps.job(job_id_of(delivered.source)).status is JobStatus.SUCCESSFUL


@pytest.mark.req("SLA-03")
def test_an_upload_that_arrived_unannounced_is_not_expired_when_the_inbox_is_too_large_to_list(
    steps, world, monkeypatch
) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    world.files.post(begun.form, csv_file([record(0)]))
    monkeypatch.setattr(arrivals, "PAGES", 0)
    later(steps, timedelta(hours=3))
    steps.settle()
    assert steps.job(begun.job.job_id).counts.created == 1


# The inbox, part by part.


def fill(steps: Pipeline, files: int) -> None:
    """Files with an ended job each, as if they were of the last days."""
    for number in range(files):
        delivered = steps.drop(b"x", f"OLD_{number:05d}.csv")
        job_id = job_id_of(delivered.source)
        steps.world.jobs.held[job_id] = job(job_id, source=delivered.source, status=JobStatus.SUCCESSFUL)


@pytest.mark.req("SLA-03")
def test_a_lost_file_is_found_in_a_large_inbox_and_each_run_lists_a_part_of_it(steps, world, monkeypatch) -> None:
    monkeypatch.setattr(arrivals, "PAGES", 2)
    world.files.page_size = 10
    fill(steps, 50)
    lost = steps.drop(csv_file([record(0)]), "ZZZ.csv")
    found = [later(steps).found_files for _ in range(4)]
    assert found == [0, 0, 1, 0]
    assert world.calls.count("files.versions") == 8, "two pages a run"
    steps.settle()
    assert steps.job(job_id_of(lost.source)).status is JobStatus.SUCCESSFUL


@pytest.mark.req("SLA-03")
@pytest.mark.parametrize("behind", ["aaa.csv", "zzz.csv"])
def test_a_file_that_arrives_while_the_inbox_is_being_listed_is_found(steps, world, monkeypatch, behind) -> None:
    monkeypatch.setattr(arrivals, "PAGES", 2)
    world.files.page_size = 10
    fill(steps, 50)
    later(steps)
    steps.drop(csv_file([record(0)]), behind)
    found = []
    for _ in range(5):
        found.append(later(steps).found_files)
        steps.settle()
    assert sum(found) == 1


@pytest.mark.req("SLA-03")
@pytest.mark.parametrize("key", ["90000001/file.csv", "elsewhere/file.csv"])
def test_a_lost_file_in_a_wrong_place_is_found_and_a_folder_is_not_a_file(steps, world, key) -> None:
    world.files.put("inbox", key, csv_file([record(0)]))
    world.files.put("inbox", "drop/90000001/", b"")
    assert later(steps).found_files == 1
    steps.settle()
    assert [one.status for one in world.jobs.held.values()] == [JobStatus.FAILED]
    assert [later(steps).found_files for _ in range(3)] == [0, 0, 0]


@pytest.mark.req("SLA-03")
def test_a_file_whose_second_message_was_lost_too_is_found_again_by_a_thorough_round(steps, world) -> None:
    steps.drop(csv_file([record(0)]))
    assert later(steps).found_files == 1
    forget_messages(world)
    found = [later(steps, timedelta(hours=1)).found_files for _ in range(7)]
    assert sum(found[2:]) >= 1


@pytest.mark.req("SLA-03")
def test_a_run_costs_the_same_whatever_the_inbox_and_the_ended_jobs(world) -> None:
    def calls(files: int, page_size: int) -> list[str]:
        steps = Pipeline(world_with())
        steps.world.files.page_size = page_size
        fill(steps, files)
        later(steps, timedelta(hours=2))
        del steps.world.calls[:]
        later(steps)
        return steps.world.calls

    assert len(calls(20, 1_000)) == 5
    assert len(calls(2_000, 1_000)) == 6, "one more page, and no job is read"
    assert calls(1_000, 50) == calls(2_000, 50)
    assert calls(2_000, 50).count("files.versions") == arrivals.PAGES


@pytest.mark.req("SLA-03")
def test_open_jobs_are_read_together(world) -> None:
    def calls(files: int) -> int:
        steps = Pipeline(world_with())
        for number in range(files):
            steps.take(csv_file([record(0)]), f"QCF_90000001_20260302_{number:03d}.csv")
        del steps.world.calls[:]
        steps.watch.run()
        return sum(name.startswith("jobs.") for name in steps.world.calls)

    assert calls(20) == calls(10), "and the next file of a line is started once, however many wait"


@pytest.mark.req("SLA-03")
def test_a_line_that_cannot_be_read_keeps_no_other_from_starting(steps, world) -> None:
    jobs = []
    for ukprn in (OURS, THEIRS):
        first, second = (
            steps.take(csv_file([record(n)], ukprn), f"QCF_{ukprn}_20260302_00{n}.csv", ukprn) for n in (1, 2)
        )
        world.jobs.held[first.job_id] = replace(first, status=JobStatus.SUCCESSFUL)
        jobs.append(second)
    at_call(world, "turns.line", lambda: 1 // 0)
    (trouble,) = steps.watch.run().troubles
    assert trouble.endswith(" ZeroDivisionError")
    assert {status(steps, job) for job in jobs} == {JobStatus.WAITING, JobStatus.IN_PROGRESS}


@pytest.mark.req("SLA-03")
def test_what_is_open_is_reported_before_anything_is_done(world) -> None:
    class Watching(Journal):
        def watching(self, open_jobs: int, oldest_hours: float) -> None:
            world.calls.append(f"{open_jobs} open, {oldest_hours:.0f} hours")

    world.journal = Watching()
    steps = Pipeline(world)
    steps.take(csv_file([record(0)]))
    del world.calls[:]
    later(steps, timedelta(hours=37))
    assert world.calls[:4] == ["jobs.open_jobs", "jobs.read", "1 open, 37 hours", "jobs.claim_chunk"]


# Emails that cannot be sent.


@pytest.mark.req("SLA-03")
def test_an_email_that_is_always_refused_is_tried_less_and_less_and_given_up_after_four_days(steps, world) -> None:
    given_up = []
    world.journal = Refusing(given_up)
    steps = Pipeline(world)
    world.hook = lambda name: (_ for _ in ()).throw(MailRefused(name)) if name == "mail.send" else None
    ended = steps.process(csv_file([record(0)]))
    tries = 0
    for _ in range(5 * 24 * 12):
        world.clock.advance(timedelta(minutes=5))
        steps.watch.run()
        tries += len(steps.waiting("notices"))
        steps.settle()
    assert 10 <= tries <= 40
    stored = steps.job(ended.job_id)
    assert (stored.is_open, [notice.code for notice in stored.notices]) == (False, ["LRS-JOB-1"])
    assert (stored.status, stored.counts.created) == (JobStatus.SUCCESSFUL, 1)
    assert given_up == [ended.job_id]


class Refusing(Journal):
    def __init__(self, given_up: list[str]) -> None:
        self._given_up = given_up

    def notice_given_up(self, job: Job) -> None:
        self._given_up.append(job.job_id)


def test_an_index_that_lags_behind_misleads_nobody(steps, world) -> None:
    job = steps.take(csv_file([record(0)]))
    world.jobs.freeze_indexes()
    steps.settle()
    sent = len(world.queues.sent)
    later(steps)
    assert len(world.queues.sent) == sent
    assert status(steps, job) is JobStatus.SUCCESSFUL


# Given up.


@pytest.mark.req("SLA-03")
def test_a_job_past_36_hours_ends_with_its_unprocessed_records_answered(steps, world) -> None:
    job = steps.take(csv_file([record(0), record(1)]))
    steps.apply.run(job.job_id, 0)
    forget_messages(world)
    assert later(steps, timedelta(hours=36)).given_up == 1
    steps.settle()
    ended = steps.job(job.job_id)
    assert (ended.status, ended.counts.created, ended.counts.not_processed) == (JobStatus.FAILED, 1, 1)
    assert ended.finished_at < ended.submitted_at + DEADLINE
    assert [row["ErrorCodes"] for row in steps.errors(ended)] == ["LRS-FAULT-2"]


@pytest.mark.req("SLA-03")
def test_a_chunk_that_has_gone_keeps_no_job_past_36_hours_open(steps, world) -> None:
    job = steps.take(csv_file([record(0), record(1)]))
    forget_messages(world)
    world.files.remove("work", chunk_key(job.job_id, 0, job.chunk_sizes))
    later(steps, timedelta(hours=36))
    steps.settle()
    later(steps)
    steps.settle()
    assert (status(steps, job), steps.job(job.job_id).counts.not_processed) == (JobStatus.FAILED, 2)


@pytest.mark.req("SLA-03")
def test_a_job_that_waits_behind_a_stuck_one_past_36_hours_ends_too(steps, world) -> None:
    first = steps.take(csv_file([record(0)]))
    second = steps.take(csv_file([record(1)]), "QCF_90000001_20260302_002.csv")
    forget_messages(world)
    later(steps, timedelta(hours=36))
    steps.settle()
    assert status(steps, first) is status(steps, second) is JobStatus.FAILED


@pytest.mark.req("SLA-03")
def test_a_file_that_could_not_be_split_in_36_hours_is_refused_as_the_services_fault(steps, world) -> None:
    delivered = steps.drop(csv_file([record(0)]))
    world.hook = lambda name: (_ for _ in ()).throw(TemporaryFailure(name)) if name == "files.read" else None
    with pytest.raises(TemporaryFailure):
        steps.split.run(delivered)
    world.hook = lambda _: None
    later(steps, timedelta(hours=36))
    steps.settle()
    job = steps.job(job_id_of(delivered.source))
    assert (job.status, [why.code for why in job.rejection]) == (JobStatus.FAILED, ["LRS-FAULT-2"])
    assert len(world.mail.sent) == 1


@pytest.mark.req("SLA-03")
def test_a_chunk_that_is_being_worked_on_is_given_up_only_when_its_lease_has_run_out(steps, world) -> None:
    job = steps.take(csv_file([record(0)]))
    world.clock.advance(timedelta(hours=36))

    def meet(name: str) -> None:
        if name == "achievements.write_all":
            world.hook = lambda _: None
            steps.watch.run()

    world.hook = meet
    steps.apply.run(job.job_id, 0)
    steps.settle()
    assert (steps.job(job.job_id).counts.created, steps.job(job.job_id).counts.not_processed) == (1, 0)


@pytest.mark.req("SLA-03")
def test_a_chunk_given_up_while_its_delivery_was_dead_keeps_what_was_applied(steps, world) -> None:
    class Gone(BaseException):
        pass

    job = steps.take(csv_file([record(0), record(0, "3")]))
    world.hook = lambda name: (_ for _ in ()).throw(Gone) if name == "files.write_if_absent" else None
    with pytest.raises(Gone):
        steps.apply.run(job.job_id, 0)
    world.hook = lambda _: None
    world.clock.advance(CHUNK_LEASE)
    later(steps, timedelta(hours=36))
    steps.settle()
    counts = steps.job(job.job_id).counts
    assert (counts.created, counts.withdrawn, counts.not_processed) == (1, 1, 0)


# The watch run itself.


@pytest.mark.req("SLA-03")
def test_a_failure_with_one_job_does_not_keep_the_watch_run_from_the_others(steps, world) -> None:
    sick = steps.take(csv_file([record(0)]))
    well = steps.take(csv_file([record(1)], "90000002", OrganisationRef="90000002"), ukprn="90000002")
    forget_messages(world)
    world.files.put("work", chunk_key(sick.job_id, 0, sick.chunk_sizes), b"{}")
    round_ = later(steps, timedelta(hours=36))
    assert round_.troubles == (f"{sick.job_id} UnreadableWork",)
    steps.settle()
    assert status(steps, well).is_end


@pytest.mark.req("SLA-03")
def test_the_watch_run_reports_how_many_jobs_are_open_and_how_old_the_oldest_is(steps, world) -> None:
    steps.take(csv_file([record(0)]))
    world.clock.advance(timedelta(hours=2))
    steps.take(csv_file([record(1)]))
    round_ = steps.watch.run()
    assert (round_.open_jobs, round_.oldest_hours) == (2, 2.0)


@pytest.mark.parametrize("call", ["jobs.save", "turns.save"])
def test_a_watch_run_that_others_overtake_leaves_it_to_the_next(call: str, steps, world) -> None:
    job = steps.take(csv_file([record(0), record(1)]))
    steps.submit.begin(caller(), FILENAME)
    forget_messages(world)
    world.clock.advance(timedelta(minutes=10))
    steps.apply.run(job.job_id, 0)
    world.hook = lambda name: (_ for _ in ()).throw(Conflict) if name == call else None
    assert later(steps, timedelta(hours=3)).troubles == ()
    world.hook = lambda _: None
    later(steps)
    steps.settle()
    assert status(steps, job) is JobStatus.SUCCESSFUL


def test_the_same_place_under_another_organisation_is_not_a_job(steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    key = begun.form.fields["key"].replace(OURS, "90000002")
    world.files.put("inbox", key, csv_file([record(0)]))
    later(steps)
    steps.settle()
    assert steps.job(begun.job.job_id).source is None
    assert later(steps).found_files == 0


@pytest.mark.req("SLA-03")
def test_a_chunk_that_cannot_be_given_up_does_not_keep_the_others_from_their_end(steps, world, monkeypatch) -> None:
    job = steps.take(csv_file([record(0), record(1), record(2)]))
    forget_messages(world)
    run = steps.apply.run

    def broken(job_id: str, chunk: int, *, give_up: bool = False) -> None:
        if chunk == 0:
            raise ZeroDivisionError
        run(job_id, chunk, give_up=give_up)

    monkeypatch.setattr(steps.apply, "run", broken)
    watched = later(steps, timedelta(hours=37))
    assert (steps.job(job.job_id).done, len(watched.troubles)) == ({1, 2}, 1)


@pytest.mark.req("ACH-07", "SLA-03")
def test_a_cancelled_file_that_was_never_read_is_cancelled_however_late(steps, world) -> None:
    delivered = steps.drop(csv_file([record(0)]))
    at_call(world, "files.read", crash)
    with pytest.raises(Crash):
        steps.split.run(delivered)
    job_id = job_id_of(delivered.source)
    steps.submit.cancel(caller(), job_id)
    later(steps, timedelta(hours=37))
    assert (steps.job(job_id).status, steps.job(job_id).rejection) == (JobStatus.CANCELLED, ())


@pytest.mark.req("SLA-03")
def test_an_upload_that_arrived_and_was_never_read_is_given_up_too(steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    world.files.post(begun.form, csv_file([record(0)]))
    later(steps, timedelta(hours=37))
    job = steps.job(begun.job.job_id)
    assert (job.status, [why.code for why in job.rejection]) == (JobStatus.FAILED, ["LRS-FAULT-2"])


@pytest.mark.req("SLA-03")
@pytest.mark.parametrize("gone", ["inbox", "inbox and work"])
def test_a_job_whose_file_is_gone_ends_in_time_all_the_same(gone, steps, world) -> None:
    job = steps.take(csv_file([record(0), record(1)]))
    steps.apply.run(job.job_id, 0)
    if gone == "inbox":
        steps.apply.run(job.job_id, 1)
    for key in [key for key in world.files.held if key[0] in gone.split() and "/result/" not in key[1]]:
        world.files.remove(*key)
    forget_messages(world)
    for hours in (1, 36, 1):
        later(steps, timedelta(hours=hours))
        while world.queues.waiting["intake"] or world.queues.waiting["finish"]:
            queue = "intake" if world.queues.waiting["intake"] else "finish"
            with suppress(Missing):
                steps.steps[queue](world.queues.waiting[queue].popleft())
        world.queues.waiting["chunks"].clear()
    ended = steps.job(job.job_id)
    assert (ended.status, ended.output_key) == (JobStatus.FAILED, "")
    assert ended.finished_at - ended.submitted_at < DEADLINE
