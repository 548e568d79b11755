"""Batch jobs: identity, chunks, progress, turns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.jobs import (
    TURN_LEASE,
    Counts,
    Job,
    JobStatus,
    Place,
    Source,
    chunk_records,
    holder,
    job_id_of,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
JOB = Job("D1", "achievements", "90000001", "bucket", "a@example.org", "bucket", "f.csv", NOW)


@pytest.mark.req("ACH-06")
class TestIdentity:
    def test_the_same_version_of_the_same_object_is_the_same_job(self):
        assert job_id_of(Source("inbox", "k", "1")) == job_id_of(Source("inbox", "k", "1"))

    def test_another_version_is_another_job(self):
        assert job_id_of(Source("inbox", "k", "1")) != job_id_of(Source("inbox", "k", "2"))

    def test_parts_cannot_run_into_each_other(self):
        assert job_id_of(Source("inbox", "k1", "")) != job_id_of(Source("inbox", "k", "1"))


ULNS = st.lists(st.sampled_from("ABCDEFGH"), min_size=1, max_size=60)


@pytest.mark.req("ACH-06")
class TestChunks:
    @given(ULNS, st.integers(1, 10))
    def test_every_record_is_in_one_chunk(self, ulns, size):
        chunks = chunk_records(ulns, size)
        assert sorted(position for chunk in chunks for position in chunk) == list(range(len(ulns)))

    @given(ULNS, st.integers(1, 10))
    def test_all_records_of_a_learner_are_in_one_chunk_in_file_order(self, ulns, size):
        chunks = chunk_records(ulns, size)
        homes: dict[str, set[int]] = {}
        for number, chunk in enumerate(chunks):
            assert chunk == sorted(chunk)
            for position in chunk:
                homes.setdefault(ulns[position], set()).add(number)
        assert all(len(home) == 1 for home in homes.values())

    @given(ULNS, st.integers(1, 10))
    def test_only_a_learner_with_more_records_than_the_size_makes_a_larger_chunk(self, ulns, size):
        for chunk in chunk_records(ulns, size):
            assert len(chunk) <= size or len({ulns[position] for position in chunk}) == 1

    def test_ten_thousand_learners_fill_twenty_chunks(self):
        assert [len(chunk) for chunk in chunk_records(map(str, range(10_000)), 500)] == [500] * 20


@pytest.mark.req("ACH-07", "SLA-03")
class TestProgress:
    def test_it_is_due_forty_eight_hours_after_submission(self):
        assert JOB.due_by - NOW == timedelta(hours=48)

    def test_what_is_missing_is_a_difference_of_sets(self):
        job = replace(JOB, chunk_sizes=(5, 5, 2), done=frozenset({0, 2}))
        assert (job.missing, job.is_complete, job.percent_done) == ([1], False, 58)
        assert replace(job, done=frozenset({0, 1, 2})).is_complete

    def test_a_job_not_yet_split_is_not_complete(self):
        assert not JOB.is_complete
        assert JOB.percent_done == 0

    def test_one_hundred_per_cent_only_when_every_record_is_done(self):
        job = replace(JOB, chunk_sizes=(9_999, 1), done=frozenset({0}))
        assert job.percent_done == 99

    def test_it_stays_open_while_its_notice_is_due(self):
        ended = replace(JOB, status=JobStatus.SUCCESSFUL, notice_due=True)
        assert ended.is_open
        assert not replace(ended, notice_due=False).is_open

    def test_successful_records_are_those_neither_refused_nor_left(self):
        assert Counts(1, 1, 1, 1, 1, 1, 5, 5, 5).successful == 6


@pytest.mark.req("ACH-06")
class TestTurns:
    A = Place("90000001", "achievements", NOW, "A")
    B = Place("90000001", "achievements", NOW + timedelta(1), "B")

    def test_the_first_file_has_the_turn_until_it_leaves(self):
        assert holder([self.A, self.B], NOW) == self.A
        assert holder([self.B], NOW) == self.B
        assert holder([], NOW) is None

    def test_a_lease_that_has_run_out_passes_the_turn_on(self):
        leased = self.A._replace(lease_until=NOW + TURN_LEASE)
        assert holder([leased, self.B], NOW) == leased
        assert holder([leased, self.B], NOW + TURN_LEASE) == self.B

    def test_when_every_lease_has_run_out_the_first_has_the_turn_again(self):
        line = [place._replace(lease_until=NOW) for place in (self.A, self.B)]
        assert holder(line, NOW + timedelta(1)) == line[0]

    def test_of_a_long_line_only_the_beginning_is_read(self):
        line = iter([self.A, *[self.B] * 1000])
        assert holder(line, NOW) == self.A
        assert len(list(line)) == 1000
