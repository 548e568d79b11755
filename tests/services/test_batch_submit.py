"""Submit and follow: upload forms, the organisation's own jobs, links, cancellation."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from chalicelib.domain.jobs import JobStatus, Source
from chalicelib.domain.refusals import Refused
from chalicelib.ports.errors import BadCursor, Conflict, TemporaryFailure
from chalicelib.ports.messages import Delivered
from chalicelib.services.batches.submit import ResultFile
from tests.builders.achievements import csv_file, record
from tests.builders.jobs import FILENAME, Pipeline, caller
from tests.builders.organisations import OURS, THEIRS, organisation
from tests.fakes import START

CHUNK_RECORDS = 1


# Beginning.


@pytest.mark.req("ACH-06")
def test_a_job_and_a_form_are_created_before_the_file_comes(steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    job = steps.job(begun.job.job_id)
    assert (job.status, job.source, job.channel, job.user) == (JobStatus.WAITING, None, "webservice", "user-1")
    assert begun.form.fields["key"] == f"upload/{OURS}/achievements/{job.job_id}/{FILENAME}"
    assert begun.expires_in == 900


@pytest.mark.req("SEC-02")
def test_the_address_of_the_form_holds_nothing_but_job_and_file_name(steps) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    assert "@" not in str(begun.form)


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize(
    ("filename", "email", "encoding", "codes"),
    [
        ("file.txt", "", "", ["ACB002"]),
        ("inner/file.csv", "", "", ["ACF003"]),
        ("", "", "", ["ACF001"]),
        (FILENAME, "nobody", "", ["WSEC0044"]),
        (FILENAME, "", "utf-16", ["ACF005"]),
        ("file\n.csv", "a@b", "ebcdic", ["ACF003", "WSEC0044", "ACF005"]),
    ],
)
def test_a_submission_is_refused_with_every_reason(filename, email, encoding, codes, steps, world) -> None:
    with pytest.raises(Refused) as refused:
        steps.submit.begin(caller(), filename, email, encoding)
    assert [found.code for found in refused.value.failures] == codes
    assert world.jobs.held == {}


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "suspended"}, "WSEC0003"),
        ({"batch_achievements": False}, "WSRC0043"),
        ({"is_awarding_organisation": False}, "WSRC0043"),
    ],
)
def test_an_organisation_that_may_not_send_batches_gets_no_form(changes, code, steps, world) -> None:
    world.accounts.put(organisation(**changes))
    with pytest.raises(Refused) as refused:
        steps.submit.begin(caller(), FILENAME)
    assert [found.code for found in refused.value.failures] == [code]


def test_a_declared_encoding_goes_with_the_job(steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME, encoding="Windows-1252")
    data = csv_file([record(MISIdentifier="Jos\u00e9")]).decode().encode("windows-1252")
    upload(steps, begun, data)
    assert steps.job(begun.job.job_id).counts.created == 1


def upload(steps: Pipeline, begun, data: bytes) -> None:
    """Send the file with the form, and process it."""
    version = steps.world.files.post(begun.form, data)
    steps.split.run(Delivered(Source("inbox", begun.form.fields["key"], version), START))
    steps.settle()


# Following.


@pytest.mark.req("ACH-07")
def test_an_organisation_sees_its_jobs_newest_first_and_page_by_page(steps, world) -> None:
    made = []
    for _ in range(5):
        world.clock.advance(timedelta(minutes=1))
        made.append(steps.submit.begin(caller(), FILENAME).job.job_id)
    seen: list[str] = []
    cursor = ""
    while True:
        page = steps.submit.page(caller(), 2, cursor)
        seen += [job.job_id for job in page.items]
        cursor = page.cursor
        if not cursor:
            break
    assert seen == made[::-1]


@pytest.mark.req("ACH-07")
def test_an_organisation_sees_no_others_jobs_links_or_pages(steps) -> None:
    job = steps.process(csv_file([record(0), record(1, Grade="Splendid")]))
    steps.process(csv_file([record(2)]))
    stranger = caller(THEIRS)
    submit = steps.submit
    for attempt in (submit.get, submit.cancel, *(partial(submit.file_link, file=file) for file in ResultFile)):
        with pytest.raises(Refused, match="WSRC0018"):
            attempt(stranger, job.job_id)
    assert steps.submit.page(stranger, 10, "").items == []
    cursor = steps.submit.page(caller(), 1, "").cursor
    with pytest.raises(BadCursor):
        steps.submit.page(stranger, 1, cursor)


@pytest.mark.req("ACH-07")
def test_progress_is_the_share_of_records_whose_chunk_is_done(steps) -> None:
    job = steps.take(csv_file([record(0), record(1), record(2)]))
    seen = [steps.submit.get(caller(), job.job_id).percent_done]
    for chunk in range(3):
        steps.apply.run(job.job_id, chunk)
        seen.append(steps.submit.get(caller(), job.job_id).percent_done)
    assert seen == [0, 33, 66, 100]


@pytest.mark.req("ACH-07")
def test_links_lead_to_the_files_under_the_name_of_what_was_sent(steps) -> None:
    job = steps.process(csv_file([record(0), record(1, Grade="Splendid")]))
    output, errors = (steps.submit.file_link(caller(), job.job_id, file) for file in ResultFile)
    assert job.output_key in output
    assert "filename=QCF_90000001_20260302_001-output.csv&seconds=300" in output
    assert "filename=QCF_90000001_20260302_001-errors.csv&seconds=300" in errors


@pytest.mark.req("ACH-07")
def test_there_is_no_link_before_the_job_has_ended_or_where_there_is_no_file(steps) -> None:
    waiting = steps.take(csv_file([record(0)]))
    for job_id, file, code in (
        (waiting.job_id, ResultFile.OUTPUT, "WSRC0008"),
        (waiting.job_id, ResultFile.ERRORS, "LRS-REQ-9"),
        ("NONE", ResultFile.OUTPUT, "WSRC0018"),
    ):
        with pytest.raises(Refused, match=code):
            steps.submit.file_link(caller(), job_id, file)
        steps.settle()


@pytest.mark.req("ACH-07")
def test_the_reasons_of_a_refused_file_are_its_error_file(steps) -> None:
    job = steps.process(b"", FILENAME)
    assert "rejection.csv" in steps.submit.file_link(caller(), job.job_id, ResultFile.ERRORS)
    with pytest.raises(Refused, match="LRS-REQ-9"):
        steps.submit.file_link(caller(), job.job_id, ResultFile.OUTPUT)


# Cancelling.


@pytest.mark.req("ACH-07")
def test_a_job_whose_file_has_not_come_is_cancelled_at_once(steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    job = steps.submit.cancel(caller(), begun.job.job_id)
    assert (job.status, job.finished_at) == (JobStatus.CANCELLED, world.clock())


@pytest.mark.req("ACH-07")
def test_a_file_that_comes_after_its_cancellation_touches_nothing(steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    steps.submit.cancel(caller(), begun.job.job_id)
    upload(steps, begun, csv_file([record(0)]))
    world.clock.advance(timedelta(hours=1))
    steps.watch.run()
    steps.settle()
    assert world.achievements.held == {}
    assert [job.status for job in world.jobs.held.values()] == [JobStatus.CANCELLED]


@pytest.mark.req("ACH-07")
def test_an_ended_job_is_left_unchanged(steps) -> None:
    job = steps.process(csv_file([record(0)]))
    with pytest.raises(Refused, match="LRS-REQ-10"):
        steps.submit.cancel(caller(), job.job_id)
    assert steps.submit.get(caller(), job.job_id) == job


@pytest.mark.req("ACH-07")
def test_cancelled_twice_is_cancelled_once(steps, world) -> None:
    job = steps.take(csv_file([record(0)]))
    first = steps.submit.cancel(caller(), job.job_id)
    world.clock.advance()
    assert steps.submit.cancel(caller(), job.job_id).cancelled_at == first.cancelled_at


@pytest.mark.req("ACH-07")
def test_a_cancellation_that_others_overtake_is_tried_again(steps, world) -> None:
    job = steps.take(csv_file([record(0)]))
    conflicts = iter([True, True])

    def overtake(name: str) -> None:
        if name == "jobs.save" and next(conflicts, False):
            raise Conflict

    world.hook = overtake
    assert steps.submit.cancel(caller(), job.job_id).cancelled_at is not None


def test_a_job_that_keeps_changing_is_a_temporary_failure(steps, world) -> None:
    job = steps.take(csv_file([record(0)]))

    def overtake(name: str) -> None:
        if name == "jobs.save":
            raise Conflict

    world.hook = overtake
    with pytest.raises(TemporaryFailure):
        steps.submit.cancel(caller(), job.job_id)
