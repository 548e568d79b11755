"""Notices: an email when a job has ended, with counts and a link, without learner data."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.failures import FAMILIES, Family, failure
from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS, Counts, Job, JobStatus
from chalicelib.ports.errors import MailRefused, TemporaryFailure
from chalicelib.services.batches.notices import compose
from chalicelib.web.portal import statuses
from tests.builders.achievements import csv_file, learner, record, world_with
from tests.builders.jobs import FILENAME, PORTAL, at_call, job
from tests.fakes import START, FakeWorld

ENDED = job(status=JobStatus.SUCCESSFUL, finished_at=START + timedelta(minutes=5), notice_due=True)


@pytest.fixture
def world() -> FakeWorld:
    return world_with(*(learner(number) for number in range(4)))


def held(world: FakeWorld, given: Job) -> None:
    world.jobs.held[given.job_id] = given


@pytest.mark.req("SLA-03")
def test_the_notice_of_a_job_is_sent_once(steps, world) -> None:
    held(world, ENDED)
    assert [steps.notices.run(ENDED.job_id) for _ in range(3)] == [True, False, False]
    (mail,) = world.mail.sent
    assert (mail.to, mail.subject) == (ENDED.email, "Achievement batch finished: job JOB1")
    assert not steps.job(ENDED.job_id).notice_due


def test_a_job_without_a_due_notice_and_an_unknown_job_get_none(steps, world) -> None:
    held(world, replace(ENDED, notice_due=False))
    assert not steps.notices.run(ENDED.job_id)
    assert not steps.notices.run("NONE")


@pytest.mark.req("SLA-03")
def test_a_notice_that_could_not_be_sent_is_still_due(steps, world) -> None:
    held(world, ENDED)
    world.hook = lambda name: (_ for _ in ()).throw(TemporaryFailure(name)) if name == "mail.send" else None
    with pytest.raises(TemporaryFailure):
        steps.notices.run(ENDED.job_id)
    assert steps.job(ENDED.job_id).notice_due


@pytest.mark.req("SLA-03")
def test_a_notice_that_is_refused_is_still_due_and_its_message_is_not_delivered_again(steps, world) -> None:
    held(world, ENDED)
    world.hook = lambda name: (_ for _ in ()).throw(MailRefused(name)) if name == "mail.send" else None
    assert steps.notices.run(ENDED.job_id) is False
    assert steps.job(ENDED.job_id) == ENDED


@pytest.mark.req("SLA-03")
def test_a_notice_has_status_times_counts_and_where_to_look() -> None:
    counts = Counts(created=7, refused=2, late=1)
    ended = replace(ENDED, records=9, counts=counts, error_key="results/x")
    body = compose(ended).text(PORTAL)
    for line in ("Job: JOB1", f"File: {FILENAME}", "Records: 9", "Created: 7", "Refused: 2", "Late records: 1"):
        assert f"{line}\n" in body
    assert "Submitted: 2 March 2026, 09:00 GMT" in body
    assert f"{PORTAL}/achievement-batches/JOB1" in body
    assert "Correct it and send it back" in body
    assert "Updated" not in body


@pytest.mark.req("SLA-03")
@pytest.mark.parametrize("kind", [ACHIEVEMENTS, LEARNERS, VERIFICATIONS])
def test_a_notice_counts_the_records_accepted_with_a_notice_and_lists_those_of_the_file(kind: str) -> None:
    ended = replace(ENDED, kind=kind, records=9, counts=Counts(noticed=4), notices=(failure("ACW004", "FileName"),))
    body = compose(ended).text(PORTAL)
    assert "Accepted with a notice: 4\n" in body
    assert "Notices about the file:\n- ACW004: FileName is not the name of the file." in body
    assert "otice" not in compose(replace(ENDED, kind=kind)).text(PORTAL)


def test_times_are_those_of_london() -> None:
    summer = replace(ENDED, submitted_at=START + timedelta(days=120), finished_at=START + timedelta(days=120))
    assert "10:00 BST" in compose(summer).text(PORTAL)


@pytest.mark.req("ACH-07")
def test_a_refused_file_gets_a_notice_with_every_reason_up_to_ten() -> None:
    reasons = tuple(failure("ACB007", "ULN", line=1) for _ in range(12))
    body = compose(replace(ENDED, status=JobStatus.FAILED, rejection=reasons)).text(PORTAL)
    assert body.count("ACB007 (line 1)") == 10
    assert "and 2 more" in body
    assert "None of its records was processed." in body


@pytest.mark.req("SEC-02")
@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        (FILENAME, True),
        ("QCF_90000001_20260302_001.XML", True),
        ("Smith, Jane 1000000027.csv", False),
        ("QCF_90000001_20260302_001 Jane.csv", False),
    ],
)
def test_a_file_name_is_repeated_only_in_its_standard_form(filename: str, shown: bool) -> None:
    body = compose(replace(ENDED, filename=filename)).text(PORTAL)
    assert (filename in body) is shown


@pytest.mark.req("SEC-02")
def test_no_notice_of_a_mixed_file_has_anything_of_a_learner(steps, world) -> None:
    wrong = record(1, GivenName="Zebedee", FamilyName="Quartermaine", Grade="Splendid")
    steps.process(csv_file([record(0), wrong, record(2, ULN="1000000001")]), "Quartermaine 1000000001.csv")
    (mail,) = world.mail.sent
    reported = mail.subject + mail.body
    submitted = {value for values in (record(0), wrong) for name, value in values.items() if "Name" in name}
    assert not [text for text in (*submitted, record(0)["ULN"], "1000000001", "Splendid") if text in reported]


FILE_CODES = sorted(code for code, family in FAMILIES.items() if family is Family.FILE)


@pytest.mark.req("SEC-02", "SLA-03")
@given(
    st.lists(st.sampled_from(FILE_CODES).map(lambda code: failure(code, "ULN", line=3)), max_size=15).map(tuple),
    st.sampled_from([JobStatus.SUCCESSFUL, JobStatus.FAILED, JobStatus.CANCELLED]),
    st.builds(Counts, *[st.integers(0, 10_000)] * len(Counts._fields)),
)
def test_every_ended_job_has_its_notice(reasons, status: JobStatus, counts: Counts) -> None:
    letter = compose(replace(ENDED, status=status, rejection=reasons, counts=counts))
    subject, body = letter.subject, letter.text(PORTAL)
    assert "JOB1" in subject
    assert "\n" not in subject
    assert f"Status: {statuses.shown(status).word}\n" in body, "as on the pages of the job"


@pytest.mark.req("SLA-03")
def test_a_job_that_others_change_while_its_notice_is_sent_gets_no_second_one(steps, world) -> None:
    held(world, ENDED)
    at_call(world, "mail.send", lambda: world.jobs.save(replace(ENDED, sent_at=START)))
    assert [steps.notices.run(ENDED.job_id) for _ in range(2)] == [True, False]
    after = steps.job(ENDED.job_id)
    assert (len(world.mail.sent), after.notice_due, after.sent_at) == (1, False, START)
