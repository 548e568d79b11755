"""Contract of jobs and queues of files, for fake and real adapters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.corrections import Correction
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Counts, Job, JobStatus, Place, Source
from chalicelib.ports.errors import BadCursor, Conflict, Missing, TooLarge
from tests.fakes import START

MINUTE = timedelta(minutes=1)


def new_job(job_id, ukprn, **changes):
    return replace(
        Job(job_id, "achievements", ukprn, "bucket", "batch@example.org", "bucket", "été 2026.csv", START), **changes
    )


@pytest.mark.req("ACH-06")
def test_a_job_is_read_as_it_was_created(world, job_id, ukprn):
    job = new_job(
        job_id,
        ukprn,
        status=JobStatus.FAILED,
        source=Source("inbox", f"drop/{ukprn}/achievements/été 2026.csv", "v1"),
        encoding="windows-1252",
        records=3,
        chunk_sizes=(2, 1),
        sent_at=START + MINUTE,
        finished_at=START + 2 * MINUTE,
        counts=Counts(created=2, refused=1),
        rejection=(failure("ACB007", "ULN", line=1, column=4, count=2), failure("ACB010")),
        notice_due=True,
    )
    assert world.ports.jobs.create(job) is True
    assert world.ports.jobs.get(job_id) == job


def test_a_job_is_created_once(world, job_id, ukprn):
    assert world.ports.jobs.create(new_job(job_id, ukprn)) is True
    assert world.ports.jobs.create(new_job(job_id, ukprn, user="another")) is False
    assert world.ports.jobs.get(job_id).user == "bucket"


def test_a_job_that_nobody_created_is_not_found(world, job_id):
    assert world.ports.jobs.get(job_id) is None


def test_a_save_gives_a_new_revision_and_refuses_an_old_one(world, job_id, ukprn):
    job = new_job(job_id, ukprn)
    world.ports.jobs.create(job)
    saved = world.ports.jobs.save(replace(job, status=JobStatus.IN_PROGRESS, started_at=START))
    assert saved.revision == job.revision + 1
    assert world.ports.jobs.get(job_id) == saved
    with pytest.raises(Conflict):
        world.ports.jobs.save(replace(job, status=JobStatus.CANCELLED))
    assert world.ports.jobs.get(job_id) == saved


def test_a_job_that_nobody_created_is_not_saved(world, job_id, ukprn):
    with pytest.raises(Conflict):
        world.ports.jobs.save(new_job(job_id, ukprn))
    assert world.ports.jobs.get(job_id) is None


@pytest.mark.req("SEC-03")
def test_a_job_that_no_item_can_hold_is_refused_and_left_as_it_was(world, job_id, ukprn):
    job = new_job(job_id, ukprn)
    world.ports.jobs.create(job)
    with pytest.raises(TooLarge):
        world.ports.jobs.save(replace(job, rejection=(failure("ACB007", columns="x" * 400),) * 1_000))
    assert world.ports.jobs.get(job_id) == job


def test_a_save_leaves_the_chunks_that_are_done(world, job_id, ukprn):
    job = new_job(job_id, ukprn, chunk_sizes=(1, 1, 1))
    world.ports.jobs.create(job)
    world.ports.jobs.chunk_done(job_id, 2, START + 5 * MINUTE)
    saved = world.ports.jobs.save(replace(job, records=3, done=frozenset({0}), progress_at=START))
    assert saved.done == {2}
    assert saved.progress_at == START + 5 * MINUTE
    assert world.ports.jobs.get(job_id) == saved


def test_a_save_may_reset_a_value(world, job_id, ukprn):
    job = new_job(job_id, ukprn, sent_at=START, notice_due=True, output_key="results/x", same_as="J0")
    world.ports.jobs.create(job)
    saved = world.ports.jobs.save(replace(job, sent_at=None, notice_due=False, output_key="", same_as=""))
    assert (saved.sent_at, saved.notice_due, saved.output_key, saved.same_as) == (None, False, "", "")


@pytest.mark.req("ACH-06")
def test_chunks_done_are_a_set(world, job_id, ukprn):
    world.ports.jobs.create(new_job(job_id, ukprn, chunk_sizes=(1, 1, 1)))
    world.ports.jobs.chunk_done(job_id, 1, START + MINUTE)
    world.ports.jobs.chunk_done(job_id, 0, START + 2 * MINUTE)
    job = world.ports.jobs.chunk_done(job_id, 1, START + 3 * MINUTE)
    assert job.done == {0, 1}
    assert job.progress_at == START + 3 * MINUTE
    assert job == world.ports.jobs.get(job_id)


def test_progress_does_not_change_the_revision(world, job_id, ukprn):
    job = new_job(job_id, ukprn, chunk_sizes=(1, 1))
    world.ports.jobs.create(job)
    world.ports.jobs.claim_chunk(job_id, 0, START, START + MINUTE)
    assert world.ports.jobs.chunk_done(job_id, 0, START).revision == job.revision
    assert world.ports.jobs.save(job).done == {0}


def test_no_chunk_is_done_or_claimed_of_a_job_that_nobody_created(world, job_id):
    with pytest.raises(Missing):
        world.ports.jobs.chunk_done(job_id, 0, START)
    with pytest.raises(Missing):
        world.ports.jobs.claim_chunk(job_id, 0, START, START + MINUTE)
    assert world.ports.jobs.get(job_id) is None


def test_a_chunk_is_held_by_one_delivery_until_its_lease_ends(world, job_id, ukprn):
    jobs = world.ports.jobs
    jobs.create(new_job(job_id, ukprn, chunk_sizes=(1, 1)))
    first = jobs.claim_chunk(job_id, 1, START, START + MINUTE)
    assert (first.held, first.attempt, first.job.job_id) == (True, 1, job_id)
    second = jobs.claim_chunk(job_id, 1, START + MINUTE, START + 2 * MINUTE)
    assert (second.held, second.attempt) == (False, 1)
    third = jobs.claim_chunk(job_id, 1, START + MINUTE + timedelta(microseconds=1), START + 3 * MINUTE)
    assert (third.held, third.attempt) == (True, 2)
    assert jobs.claim_chunk(job_id, 0, START, START + MINUTE).attempt == 1


def test_a_chunk_that_is_done_is_not_held(world, job_id, ukprn):
    jobs = world.ports.jobs
    jobs.create(new_job(job_id, ukprn, chunk_sizes=(1, 1)))
    jobs.claim_chunk(job_id, 0, START, START + MINUTE)
    jobs.chunk_done(job_id, 0, START)
    claim = jobs.claim_chunk(job_id, 0, START + 5 * MINUTE, START + 6 * MINUTE)
    assert not claim.held
    assert claim.job.done == {0}


@pytest.mark.req("ACH-06")
def test_a_chunk_whose_results_are_gone_is_claimed_again_as_one_that_was_attempted(world, job_id, ukprn):
    jobs = world.ports.jobs
    job = new_job(job_id, ukprn, chunk_sizes=(1, 1))
    jobs.create(job)
    for chunk in (0, 1):
        jobs.claim_chunk(job_id, chunk, START, START + MINUTE)
        jobs.chunk_done(job_id, chunk, START)
    assert jobs.chunk_lost(job_id, 1).done == {0}
    assert jobs.chunk_lost(job_id, 1) == jobs.get(job_id)
    claim = jobs.claim_chunk(job_id, 1, START + MINUTE, START + 2 * MINUTE)
    assert (claim.held, claim.attempt, claim.job.revision) == (True, 2, job.revision)
    assert jobs.chunk_lost(job_id, 0).done == frozenset()
    assert jobs.chunk_done(job_id, 1, START).done == {1}
    with pytest.raises(Missing):
        jobs.chunk_lost("none" + job_id, 0)
    ended = jobs.save(replace(jobs.get(job_id), status=JobStatus.SUCCESSFUL))
    assert jobs.chunk_lost(job_id, 1) == ended == jobs.get(job_id)


def test_a_save_may_mark_a_chunk_done_which_then_cannot_be_claimed(world, ukprn):
    jobs = world.ports.jobs
    job = new_job(f"{ukprn}-1", ukprn, chunk_sizes=(2, 2))
    assert jobs.create(job)
    claimed = jobs.claim_chunk(job.job_id, 1, START, START + MINUTE).job
    with pytest.raises(Conflict):
        jobs.save(replace(claimed, revision=7), 1)
    assert jobs.get(job.job_id).done == frozenset()
    ended = jobs.save(replace(claimed, status=JobStatus.SUCCESSFUL), 1)
    assert (ended.done, ended.status, ended.revision) == ({1}, JobStatus.SUCCESSFUL, claimed.revision + 1)
    assert jobs.get(job.job_id) == ended
    assert not jobs.claim_chunk(job.job_id, 1, START + 5 * MINUTE, START + 6 * MINUTE).held
    assert jobs.claim_chunk(job.job_id, 0, START, START + MINUTE).attempt == 1


def test_many_jobs_are_read_in_the_order_of_their_ids(world, ukprn):
    jobs = [new_job(f"{ukprn}-{n}", ukprn, records=n) for n in range(3)]
    for job in jobs:
        world.ports.jobs.create(job)
    assert world.ports.jobs.read([f"{ukprn}-2", "nobody", f"{ukprn}-0"]) == [jobs[2], jobs[0]]
    assert world.ports.jobs.read([]) == []


def test_the_first_job_of_a_content_is_remembered(world, job_id, ukprn):
    digest, jobs = "ab" * 32, world.ports.jobs
    assert jobs.with_content(ukprn, digest, job_id, START) == job_id
    assert jobs.with_content(ukprn, digest, "another", START) == job_id
    assert jobs.with_content(ukprn, digest, job_id, START) == job_id
    assert jobs.with_content("1" + ukprn[1:-1] + "x", digest, "another", START) == "another"
    assert jobs.with_content(ukprn, digest, "another", START, instead_of="a third") == job_id
    assert jobs.with_content(ukprn, digest, "another", START, instead_of=job_id) == "another"
    assert jobs.with_content(ukprn, digest, job_id, START) == "another"


@pytest.mark.req("ACH-07")
def test_an_organisations_jobs_are_listed_newest_first_page_by_page(world, ukprn):
    jobs = world.ports.jobs
    for n in (2, 0, 4, 1, 3):
        jobs.create(new_job(f"{ukprn}-{n}", ukprn, submitted_at=START + n * MINUTE))
    jobs.create(new_job(f"{ukprn}-x", ukprn, kind="learners"))
    first = jobs.of_organisation(ukprn, "achievements", 2)
    second = jobs.of_organisation(ukprn, "achievements", 2, first.cursor)
    third = jobs.of_organisation(ukprn, "achievements", 2, second.cursor)
    listed = [job.job_id[-1] for page in (first, second, third) for job in page.items]
    assert listed == ["4", "3", "2", "1", "0"]
    assert third.cursor == ""
    early = jobs.of_organisation(ukprn, "achievements", 3, oldest_first=True)
    late = jobs.of_organisation(ukprn, "achievements", 3, early.cursor, oldest_first=True)
    assert [job.job_id[-1] for page in (early, late) for job in page.items] == ["0", "1", "2", "3", "4"]
    assert late.cursor == ""
    back = jobs.of_organisation(ukprn, "achievements", 2, second.cursor, oldest_first=True)
    assert [job.job_id[-1] for job in back.items] == ["2", "3"]
    assert jobs.of_organisation(ukprn, "achievements", 5).cursor == ""


def test_jobs_of_one_instant_are_each_listed_once(world, ukprn):
    for n in range(5):
        world.ports.jobs.create(new_job(f"{ukprn}-{n}", ukprn))
    listed, cursor = [], ""
    for _ in range(5):
        page = world.ports.jobs.of_organisation(ukprn, "achievements", 1, cursor)
        listed += [job.job_id[-1] for job in page.items]
        cursor = page.cursor
    assert listed == ["4", "3", "2", "1", "0"]
    assert cursor == ""


def test_a_page_token_is_of_no_use_in_another_listing(world, ukprn):
    jobs = world.ports.jobs
    for n in range(2):
        jobs.create(new_job(f"{ukprn}-{n}", ukprn, submitted_at=START + n * MINUTE))
    cursor = jobs.of_organisation(ukprn, "achievements", 1).cursor
    for listing in (("10999999", "achievements"), (ukprn, "learners")):
        with pytest.raises(BadCursor):
            jobs.of_organisation(*listing, 1, cursor)
    with pytest.raises(BadCursor):
        jobs.of_organisation(ukprn, "achievements", 1, "made up")


@pytest.mark.req("SLA-03")
def test_open_jobs_are_listed_by_deadline_until_they_end_and_their_notice_is_sent(world, ukprn):
    jobs = world.ports.jobs
    later = new_job(f"{ukprn}-later", ukprn, submitted_at=START + MINUTE)
    sooner = new_job(f"{ukprn}-sooner", ukprn)
    ended = new_job(f"{ukprn}-ended", ukprn, status=JobStatus.SUCCESSFUL)
    owing = new_job(f"{ukprn}-owing", ukprn, status=JobStatus.FAILED, notice_due=True, submitted_at=START - MINUTE)
    for job in (later, sooner, ended, owing):
        jobs.create(job)

    def open_jobs():
        return [job_id.rsplit("-", 1)[1] for job_id in jobs.open_jobs() if job_id.startswith(ukprn)]

    assert open_jobs() == ["owing", "sooner", "later"]
    jobs.save(replace(owing, notice_due=False))
    jobs.save(replace(later, submitted_at=START - 2 * MINUTE))
    assert open_jobs() == ["later", "sooner"]


def test_a_job_without_an_organisation_is_kept(world, job_id):
    assert world.ports.jobs.create(new_job(job_id, ""))
    assert world.ports.jobs.get(job_id).ukprn == ""
    assert job_id in world.ports.jobs.open_jobs()


def place(ukprn, number=0, lease_until=None):
    return Place(ukprn, "achievements", START + number * MINUTE, f"J{number}", lease_until)


def line(world, ukprn, kind="achievements"):
    return list(world.ports.turns.line(ukprn, kind))


def test_a_line_begins_empty(world, ukprn):
    assert line(world, ukprn) == []


@pytest.mark.req("ACH-06")
def test_a_line_is_in_order_of_submission_whatever_the_order_of_joining(world, ukprn):
    places = [place(ukprn, number) for number in range(20)]
    for one in (*places[10:], *places[:10]):
        world.ports.turns.join(one)
    same_moment = places[3]._replace(job_id="J3a")
    world.ports.turns.join(same_moment)
    assert line(world, ukprn) == [*places[:4], same_moment, *places[4:]]
    assert line(world, ukprn, "learners") == []


@pytest.mark.req("ACH-06")
def test_a_file_joins_once_and_leaves_once(world, ukprn):
    turns, leased = world.ports.turns, place(ukprn, lease_until=START + MINUTE)
    turns.join(leased)
    turns.join(place(ukprn))
    assert line(world, ukprn) == [leased]
    turns.leave(place(ukprn))
    turns.leave(place(ukprn))
    assert line(world, ukprn) == []


@pytest.mark.req("ACH-06")
def test_a_lease_is_given_only_over_the_one_that_was_read(world, ukprn):
    turns, waiting = world.ports.turns, place(ukprn)
    turns.lease(waiting, START)
    assert line(world, ukprn) == []
    turns.join(waiting)
    turns.lease(waiting, START + MINUTE)
    turns.lease(waiting, START + 2 * MINUTE)
    (first,) = line(world, ukprn)
    assert first == place(ukprn, lease_until=START + MINUTE)
    turns.lease(first, START + 3 * MINUTE)
    assert line(world, ukprn) == [place(ukprn, lease_until=START + 3 * MINUTE)]


@pytest.mark.req("SLA-03")
def test_a_lease_is_extended_and_never_shortened_or_begun(world, ukprn):
    turns, waiting = world.ports.turns, place(ukprn)
    turns.renew(waiting, START + MINUTE)
    assert line(world, ukprn) == []
    turns.join(waiting)
    turns.join(place(ukprn, 1, START))
    turns.renew(waiting, START + MINUTE)
    for until in (START + 2 * MINUTE, START + MINUTE):
        turns.renew(place(ukprn, 1), until)
    assert line(world, ukprn) == [waiting, place(ukprn, 1, START + 2 * MINUTE)]


# Corrections.


def correction(job_id, number=1, **changes):
    values = ("1000000019", "O'Neill=1", "é")
    return Correction(job_id, number, values, ("ACF005",), (("gender", "7é"),), "ann", START)._replace(**changes)


@pytest.mark.req("ACH-07")
def test_corrections_are_read_in_the_order_of_the_file(world, job_id, ukprn):
    world.ports.jobs.create(new_job(job_id, ukprn))
    for number in (12, 2, 10_000):
        world.ports.corrections.save(correction(job_id, number))
    assert [one.number for one in world.ports.corrections.of_job(job_id)] == [2, 12, 10_000]
    assert world.ports.corrections.get(job_id, 12) == correction(job_id, 12)
    assert world.ports.corrections.get(job_id, 3) is None
    assert world.ports.corrections.of_job(f"{job_id}x") == []
    assert world.ports.jobs.get(job_id) is not None


@pytest.mark.req("ACH-07")
def test_a_correction_replaces_the_one_that_was_read_and_no_other(world, job_id):
    corrections = world.ports.corrections
    corrections.save(correction(job_id))
    corrections.save(correction(job_id))
    for wrong in (correction(job_id, by="bob"), correction(job_id, by="bob", revision=3)):
        with pytest.raises(Conflict):
            corrections.save(wrong)
    second = correction(job_id, by="bob", revision=2)
    corrections.save(second)
    assert corrections.get(job_id, 1) == second


@pytest.mark.req("ACH-07")
def test_a_correction_is_sent_once_as_it_was_read(world, job_id):
    corrections = world.ports.corrections
    first = correction(job_id)
    corrections.save(first)
    assert not corrections.mark_sent(first._replace(revision=2), "J2", 1)
    assert corrections.mark_sent(first, "J2", 7)
    assert corrections.mark_sent(first, "J2", 7)
    sent = corrections.get(job_id, 1)
    assert sent == first._replace(sent_as="J2", place=7)
    assert not corrections.mark_sent(first, "J3", 1)
    assert corrections.mark_sent(sent, "J3", 1)
    assert corrections.mark_sent(sent._replace(sent_as="J3"), "", 0), "taken back"
    assert corrections.get(job_id, first.number) == first
    assert corrections.mark_sent(first, "J3", 1)
    with pytest.raises(Conflict):
        corrections.save(first._replace(revision=2))
    assert not corrections.mark_sent(correction(job_id, 2), "J2", 1)
