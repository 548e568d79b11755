"""Finish: a job whose chunks are all done gets its files and its counts, and ends once."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bootstrap import CHUNK_LEASE
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Counts, JobStatus
from chalicelib.domain.results import ACHIEVEMENT_OUTCOMES, RecordResult, count
from chalicelib.formats.batch.layouts import ACHIEVEMENTS as LAYOUT
from chalicelib.ports.errors import Missing, TemporaryFailure
from chalicelib.services.batches import finish
from chalicelib.services.batches.watch import STALE
from tests.builders.achievements import csv_file, learner, record
from tests.builders.jobs import FILENAME, Crash, Pipeline, at_call, caller, crash
from tests.fakes import Fault, no_hook


def trouble() -> None:
    raise TemporaryFailure


MIXED = [
    record(0),
    record(1, Grade="Splendid"),
    record(9),
    record(0, "2", Grade="Merit"),
    record(2, "3"),
    record(3, AchievementAwardDate="2025-11-03"),
    record(0, "3"),
]


@pytest.mark.req("ACH-06", "ACH-07")
def test_the_output_file_has_one_answer_for_every_record_in_file_order(steps) -> None:
    rows = steps.output(steps.process(csv_file(MIXED)))
    assert [row["RecordNumber"] for row in rows] == [str(number) for number in range(1, 8)]
    assert [row["Outcome"] for row in rows] == [
        "CREATED",
        "REFUSED",
        "REFUSED",
        "UPDATED",
        "REFUSED",
        "CREATED",
        "WITHDRAWN",
    ]


@pytest.mark.req("ACH-07")
def test_the_error_file_holds_the_failed_records_as_they_were_sent(steps) -> None:
    rows = steps.errors(steps.process(csv_file(MIXED)))
    assert [row["ErrorRecordNumber"] for row in rows] == ["2", "3", "5"]
    assert rows[0]["Grade"] == "Splendid"


@pytest.mark.req("ACH-07")
def test_an_error_file_is_corrected_and_sent_back_unchanged(steps, world) -> None:
    job = steps.process(csv_file(MIXED))
    corrected = world.files.data("results", job.error_key).replace(b"Splendid", b"Pass")
    world.learners.put(learner(9))
    again = steps.process(corrected, "QCF_90000001_20260302_002.csv")
    assert (again.status, again.counts.created, again.counts.refused) == (JobStatus.SUCCESSFUL, 2, 1)


@pytest.mark.req("ACH-07")
def test_a_file_without_a_failed_record_has_no_error_file(steps) -> None:
    job = steps.process(csv_file([record()]))
    assert (job.error_key, job.output_key != "") == ("", True)


@pytest.mark.req("ACH-07", "ACH-10")
def test_the_counts_are_those_of_the_results(steps) -> None:
    job = steps.process(csv_file(MIXED))
    assert job.counts == Counts(
        created=2, updated=1, withdrawn=1, refused=3, learner_data_errors=1, business_rule_errors=2, late=1, noticed=2
    )


results = st.builds(
    RecordResult,
    st.integers(1, 99),
    st.sampled_from(ACHIEVEMENT_OUTCOMES),
    failures=st.lists(st.sampled_from(["ACF001", "ACL002", "ACR007", "ACW003", "LRS-FAULT-1"]).map(failure)).map(tuple),
)


@pytest.mark.req("ACH-07")
@given(st.lists(results))
def test_every_record_is_counted_once(found: list[RecordResult]) -> None:
    counts = count(found)
    assert sum(counts[:9]) == len(found)
    assert counts.late <= counts.created + counts.updated + counts.withdrawn + counts.reinstated + counts.promoted
    assert counts.late <= counts.noticed <= counts.successful
    assert max(counts.field_data_errors, counts.learner_data_errors, counts.business_rule_errors) <= counts.refused


@pytest.mark.req("ACH-07", "SLA-03")
def test_a_finished_job_says_when_and_writes_to_its_submitter_once(steps, world) -> None:
    job = steps.process(csv_file(MIXED))
    assert (job.status, job.percent_done, job.finished_at) == (JobStatus.SUCCESSFUL, 100, world.clock())
    assert [mail.to for mail in world.mail.sent] == ["batch@90000001.example"]


@pytest.mark.req("SLA-03")
def test_a_job_with_records_not_processed_has_failed(steps, world) -> None:
    job = steps.take(csv_file([record(0), record(1)]))
    steps.apply.run(job.job_id, 0, give_up=True)
    steps.settle()
    job = steps.job(job.job_id)
    assert (job.status, job.counts.not_processed) == (JobStatus.FAILED, 2)


@pytest.mark.req("ACH-07")
def test_a_cancelled_job_keeps_what_was_applied_and_answers_the_rest(world) -> None:
    steps = Pipeline(world, 1)
    job = steps.take(csv_file([record(0), record(1)]))
    steps.apply.run(job.job_id, 0)
    steps.submit.cancel(caller(), job.job_id)
    steps.settle()
    job = steps.job(job.job_id)
    assert (job.status, job.counts.created, job.counts.cancelled) == (JobStatus.CANCELLED, 1, 1)
    assert [row["Outcome"] for row in steps.output(job)] == ["CREATED", "CANCELLED"]


@pytest.mark.req("ACH-06")
def test_nothing_is_finished_before_every_chunk_is_done(world) -> None:
    steps = Pipeline(world, 1)
    job = steps.take(csv_file([record(0), record(1)]))
    steps.apply.run(job.job_id, 1)
    assert steps.finish.run(job.job_id).status is JobStatus.IN_PROGRESS
    assert not [key for key in world.files.held if key[0] == "results"]


def test_a_message_about_no_job_does_nothing(steps) -> None:
    assert steps.finish.run("NONE") is None


@pytest.mark.req("ACH-06")
def test_finished_again_it_writes_the_same_and_sends_nothing_more_once_the_notice_is_sent(steps, world) -> None:
    job = steps.process(csv_file(MIXED))
    before = dict(world.files.held)
    steps.finish.run(job.job_id)
    steps.settle()
    assert world.files.held == before
    assert len(world.mail.sent) == 1


@pytest.mark.req("ACH-06", "SLA-03")
@pytest.mark.parametrize("call", ["files.read", "files.write", "jobs.save", "turns.leave", "turns.line", "queues.send"])
def test_wherever_it_dies_it_is_finished_by_the_next_delivery(call: str, steps, world) -> None:
    job = steps.take(csv_file(MIXED))
    while steps.waiting("chunks"):
        steps.steps["chunks"](world.queues.waiting["chunks"].popleft())

    def fail(name: str) -> None:
        if name == call:
            raise TemporaryFailure(name)

    world.hook = fail
    with pytest.raises(TemporaryFailure):
        steps.finish.run(job.job_id)
    world.hook = lambda _: None
    world.clock.advance(timedelta(minutes=12))
    steps.settle()
    assert steps.job(job.job_id).status is JobStatus.SUCCESSFUL
    assert len(steps.output(steps.job(job.job_id))) == 7
    assert len(world.mail.sent) == 1


@pytest.mark.req("ACH-06", "SLA-03")
@pytest.mark.parametrize("gone", [("result",), ("result", "chunk")], ids=["results", "results_and_chunk"])
def test_a_chunk_whose_results_are_gone_is_applied_again_with_the_same_answers(gone, world) -> None:
    steps = Pipeline(world, 3)
    job = steps.take(csv_file(MIXED))
    while steps.waiting("chunks"):
        steps.steps["chunks"](world.queues.waiting["chunks"].popleft())
    expected = steps.results(job.job_id)
    before = dict(world.achievements.held)
    for key in [key for key in world.files.held if any(f"/{part}/0000" in key[1] for part in gone)]:
        world.files.remove(*key)
    if "chunk" in gone:
        with pytest.raises(Missing):
            steps.settle()
        world.clock.advance(timedelta(minutes=16))
        steps.watch.run()
    steps.settle()
    world.clock.advance(timedelta(minutes=16))
    steps.watch.run()
    steps.settle()
    job = steps.job(job.job_id)
    assert (job.status, steps.results(job.job_id)) == (JobStatus.SUCCESSFUL, expected)
    assert world.achievements.held == before


@pytest.mark.req("ACH-07")
def test_a_job_changed_while_it_is_being_finished_is_finished_from_its_new_state(steps, world) -> None:
    job = steps.take(csv_file(map(record, range(4))))
    for chunk in range(2):
        steps.apply.run(job.job_id, chunk)

    def cancel(name: str) -> None:
        if name == "files.write":
            world.hook = lambda _: None
            steps.submit.cancel(caller(), job.job_id)

    world.hook = cancel
    with pytest.raises(TemporaryFailure):
        steps.finish.run(job.job_id)
    assert steps.finish.run(job.job_id).status is JobStatus.CANCELLED


# A small file ends where its only chunk is applied.


@pytest.mark.req("ACH-06", "SLA-03")
def test_a_small_file_ends_with_its_only_chunk_in_one_write(steps, world) -> None:
    job, after = steps.take(csv_file(MIXED[:3])), steps.take(csv_file([record(4)]), "QCF_90000001_20260302_002.csv")
    seen = len(world.calls)
    ended = steps.apply.run(job.job_id, 0)
    calls = world.calls[seen:]
    assert (ended.status, ended.counts.created, ended.counts.refused) == (JobStatus.SUCCESSFUL, 1, 2)
    assert [row["Outcome"] for row in steps.output(ended)] == ["CREATED", "REFUSED", "REFUSED"]
    assert ended == steps.job(job.job_id)
    assert ended.done == {0}
    assert [calls.count(name) for name in ("jobs.claim_chunk", "jobs.chunk_done")] == [1, 0]
    assert (steps.waiting("finish"), steps.waiting("notices")) == ([], [{"job": job.job_id}])
    assert steps.job(after.job_id).status is JobStatus.IN_PROGRESS


@pytest.mark.req("ACH-06", "SLA-03")
@pytest.mark.parametrize("call", ["files.write", "jobs.save", "turns.leave", "turns.line", "queues.send"])
@pytest.mark.parametrize("how", [crash, trouble, lambda: Fault.ANSWER_LOST], ids=["dies", "fails", "answer lost"])
def test_whatever_fails_while_a_small_file_ends_is_done_by_the_next_step(call: str, how, steps, world) -> None:
    job, after = steps.take(csv_file(MIXED[:3])), steps.take(csv_file([record(4)]), "QCF_90000001_20260302_002.csv")
    chunk = world.queues.waiting["chunks"].popleft()

    def fail(name: str) -> Fault | None:
        if name != call or world.calls[-1] == "files.write_if_absent":
            return None
        world.hook = no_hook
        return how()

    world.hook = fail
    with suppress(Crash, TemporaryFailure):
        steps.steps["chunks"](chunk)
    assert world.hook is no_hook
    world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    steps.steps["chunks"](chunk)
    steps.settle()
    if call == "queues.send":  # the chunks of the next file
        world.clock.advance(STALE)
        steps.watch.run()
        steps.settle()
    assert {steps.job(one.job_id).status for one in (job, after)} == {JobStatus.SUCCESSFUL}
    assert not world.turns.places(job.ukprn, job.kind)
    assert not any(one.notice_due for one in world.jobs.held.values())
    assert {state.revision for state in world.achievements.held.values()} == {1}


@pytest.mark.req("ACH-07")
def test_a_small_file_cancelled_while_it_ends_is_finished_from_its_new_state(steps, world) -> None:
    job = steps.take(csv_file([record(0)]))
    at_call(world, "jobs.save", lambda: steps.submit.cancel(caller(), job.job_id))
    assert not steps.apply.run(job.job_id, 0).status.is_end
    steps.settle()
    assert (steps.job(job.job_id).status, steps.job(job.job_id).counts.created) == (JobStatus.CANCELLED, 1)


@pytest.mark.req("ACH-06", "SLA-03")
def test_a_file_ends_with_its_only_chunk_unless_it_is_large_or_was_delivered_before(world, monkeypatch) -> None:
    steps = Pipeline(world, 10)
    monkeypatch.setattr(finish, "SMALL", 2)
    large = steps.take(csv_file(map(record, range(3))))
    assert not steps.apply.run(large.job_id, 0).status.is_end
    steps.settle()
    again = steps.take(csv_file([record(4)]), "QCF_90000001_20260302_002.csv")
    steps.crashing(again, "files.write")
    assert not steps.apply.run(again.job_id, 0).status.is_end
    steps.settle()
    assert {job.status for job in world.jobs.held.values()} == {JobStatus.SUCCESSFUL}


@pytest.mark.req("ACH-06")
def test_an_xml_file_gets_xml_results(steps, world) -> None:
    name = FILENAME.replace(".csv", ".xml")
    fields = ("1A", name, "90000001", "90000001", "FINAL", "1")
    names = list(LAYOUT.header_names)
    header = "".join(f"<{field}>{value}</{field}>" for field, value in zip(names, fields, strict=True))
    body = "".join(f"<{field}>{value}</{field}>" for field, value in record(0).items())
    data = f"<AchievementBatch>{header}<Achievement>{body}</Achievement></AchievementBatch>".encode()
    job = steps.process(data, name)
    assert (job.rejection, job.counts.created) == ((), 1)
    assert world.files.data("results", job.output_key).startswith(b"<?xml")
