"""Stored achievements and jobs in both directions, and their size; page cursors; retries."""

from __future__ import annotations

import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.meter import item_size
from chalicelib.domain.achievements import Achievement, Key, Provenance, Status, Version
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.failures import FAMILIES, Failure
from chalicelib.domain.jobs import Counts, Job, JobStatus, Source
from chalicelib.domain.maintenance import LONGEST_REASON, MOST, Environment, Window, WindowKind
from chalicelib.domain.results import ACHIEVEMENT_OUTCOMES, Outcome, RecordResult
from chalicelib.ports.errors import BadCursor
from chalicelib.storage import keys
from chalicelib.storage.achievement_items import (
    AchievementItem,
    Attributes,
    achievement_item,
    achievement_of,
    apart,
    attributes,
    numbered_versions,
)
from chalicelib.storage.conditions import Patience
from chalicelib.storage.cursors import Cursors
from chalicelib.storage.job_items import JobItem, index_keys, job_of, state_of, time_text
from chalicelib.storage.levels import ScheduleItem
from tests.builders.records import stored
from tests.fakes import FakeClock

TEXT = st.text(max_size=12)
FAILURES = st.lists(
    st.builds(
        Failure,
        st.sampled_from(sorted(FAMILIES)),
        TEXT,
        st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
        st.integers(0, 20_000),
        st.integers(0, 99),
    ),
    max_size=3,
).map(tuple)
NO_LEARNER = (st.just(()), st.just(()))
RESULTS = st.builds(
    RecordResult,
    st.integers(1, 10_000),
    st.sampled_from(ACHIEVEMENT_OUTCOMES),
    TEXT,
    TEXT | st.just(""),
    FAILURES,
    *NO_LEARNER,
)
VERSIONS = st.builds(
    Version,
    st.builds(Provenance, TEXT, TEXT, TEXT, TEXT, TEXT, st.integers(-1, 99)),
    st.text("1234", min_size=1, max_size=3),
    TEXT,
    TEXT,
    st.sampled_from(Status),
    st.sampled_from(SubmissionType),
    TEXT,
    TEXT,
    TEXT,
    st.lists(RESULTS, max_size=4).map(tuple),
)
ACHIEVEMENTS = st.builds(
    Achievement,
    key=st.builds(
        Key,
        st.from_regex(r"[1-9][0-9]{9}", fullmatch=True),
        st.text("0123456789X/", min_size=8, max_size=8),
        st.dates(),
    ),
    owner=TEXT,
    given_name=TEXT,
    family_name=TEXT,
    provider_ukprn=TEXT,
    grade=TEXT,
    language=TEXT,
    status=st.sampled_from(Status),
    submission_type=st.sampled_from(SubmissionType),
    late=st.booleans(),
    loaded_at=TEXT,
    revision=st.integers(1, 10_000),
    history=st.lists(VERSIONS, max_size=3).map(tuple)
    | st.lists(VERSIONS, min_size=4, max_size=4).map(lambda few: (*few,) * 10),
)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
JOBS = st.builds(
    Job,
    job_id=st.from_regex(r"[A-Z][A-Za-z0-9_-]{3,20}", fullmatch=True),
    kind=st.sampled_from(["achievements", "learners"]),
    ukprn=st.from_regex(r"[0-9]{8}", fullmatch=True),
    submitted_at=TIMES,
    source=st.none() | st.builds(Source, TEXT, TEXT, TEXT),
    chunk_sizes=st.lists(st.integers(1, 900), max_size=5).map(tuple),
    done=st.frozensets(st.integers(0, 400), max_size=5),
    progress_at=st.none() | TIMES,
    counts=st.builds(Counts, *[st.integers(0, 10_000)] * 13),
    rejection=FAILURES,
    notices=FAILURES,
    **{name: st.none() | TIMES for name in ("sent_at", "started_at", "finished_at", "cancelled_at")},
)


def item_of(held):
    return achievement_item(held).serialize()


def size_of(item):
    """Bytes of an item as DynamoDB counts them: names and values in UTF-8, a number about half its digits."""
    return sum(
        len(name.encode()) + sum(len(str(value).encode()) if kind != "BOOL" else 1 for kind, value in content.items())
        for name, content in item.items()
    )


@pytest.mark.req("ACH-09")
@given(ACHIEVEMENTS)
def test_an_achievement_is_read_as_it_was_stored(held):
    assert achievement_of(AchievementItem.of(item_of(held))) == held


@given(ACHIEVEMENTS)
def test_a_statement_of_a_batch_holds_what_a_model_would(held):
    stored = item_of(held)
    assert attributes(held).parameters() == [stored[name] for name in Attributes._fields]


def created(**changes):
    given_name, family_name = "Maximiliana-Josephine Anne-Marie Jo", "Featherstonehaugh-Cholmondeley-Wils"
    by = Provenance("2026-03-02T09:00:00+00:00", "10000001", "a.long.user.name@example.org", "batch", "D" * 25, 19)
    results = (RecordResult(10_000, Outcome.CREATED, "VRC003", "", (Failure("ACW002", "GivenName"),)),)
    longest = {
        "given_name": given_name,
        "family_name": family_name,
        "grade": "Distinction*",
        "submission_type": SubmissionType.PROVISIONAL,
        "late": True,
    }
    return stored(Key("1000000027", "60301234", date(2026, 2, 20)), by, results=results, **longest | changes)


def test_a_create_with_the_longest_values_is_one_write_unit():
    assert size_of(item_of(created())) <= 640


def with_versions(count):
    """An achievement with this many ordinary versions, as if an item could hold them all."""
    longest = created(given_name="Sally", family_name="Jones")
    version = longest.history[0]
    ordinary = version._replace(
        provenance=version.provenance._replace(user="bucket"), results=(RecordResult(812, Outcome.UPDATED, "VRC001"),)
    )
    return longest._replace(revision=count, history=(ordinary,) * count)


def test_four_ordinary_versions_are_one_write_unit():
    assert size_of(item_of(with_versions(4))) <= 1024


@pytest.mark.req("ACH-09")
def test_versions_that_do_not_fit_move_together_and_the_newest_stays():
    few, long = with_versions(4), with_versions(7)
    assert apart(few) == (few, None)
    kept, page = apart(long)
    assert kept == long._replace(history=long.history[-1:])
    assert kept.earlier == 6
    assert numbered_versions(page) == list(enumerate(long.history[:6], 1))
    assert apart(kept) == (kept, None)


def test_ten_thousand_answers_are_a_small_part_of_an_item():
    refused = (Failure("ACR007", "AchievementAwardDate", (("status", "ACTIVE"),)),)
    results = tuple(RecordResult(n, Outcome.REFUSED, "VRC001", "", refused) for n in range(1, 10_001))
    held = created(history=(created().history[0]._replace(results=results),))
    assert size_of(item_of(held)) < 100_000


@pytest.mark.req("ACH-06")
@given(JOBS)
def test_a_job_is_read_as_it_was_stored(job):
    item = JobItem(*keys.job(job.job_id), state=state_of(job), revision=job.revision, done=set(job.done) or None)
    item.progress = time_text(job.progress_at) if job.progress_at else None
    assert job_of(item) == job


def test_every_field_of_a_job_is_stored():
    apart = {"done", "revision"}
    job = Job("J1", "achievements", "10000001", "u", "e", "c", "f", datetime(2026, 3, 2, tzinfo=UTC))
    some = {str: "x", int: 7, bool: True}
    for spec in fields(Job):
        if spec.name in apart or type(getattr(job, spec.name)) not in some:
            continue
        changed = replace(job, **{spec.name: some[type(getattr(job, spec.name))]})
        assert job_of(JobItem(state=state_of(changed), revision=0)) == changed


def test_the_latest_progress_counts():
    early, late = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)
    job = Job("J1", "achievements", "10000001", "u", "e", "c", "f", early, progress_at=early)
    assert job_of(JobItem(state=state_of(job), revision=0, progress=time_text(late))).progress_at == late
    job = replace(job, progress_at=late)
    assert job_of(JobItem(state=state_of(job), revision=0, progress=time_text(early))).progress_at == late


def test_a_field_that_this_release_does_not_know_is_ignored():
    job = Job("J1", "achievements", "10000001", "u", "e", "c", "f", datetime(2026, 3, 2, tzinfo=UTC))
    newer = {"of_next_year": 1, **state_of(job)}
    assert job_of(JobItem(state=newer, revision=0)) == job


@given(JOBS, st.sampled_from(JobStatus), st.booleans())
def test_only_open_jobs_are_in_the_index_of_open_jobs(job, status, notice_due):
    job = replace(job, status=status, notice_due=notice_due)
    indexed = index_keys(job)
    assert (indexed["open"] is not None) == (indexed["due"] is not None) == job.is_open


@given(TIMES, TIMES)
def test_times_sort_as_texts(one, other):
    assert (time_text(one) < time_text(other)) == (one < other)


SCOPE = ("jobs", "10000001", "achievements")


@pytest.mark.req("SEC-02")
@given(st.text(max_size=40))
def test_a_page_token_gives_back_its_place(place):
    cursors = Cursors(b"k" * 32, FakeClock())
    token = cursors.seal(SCOPE, place)
    assert token.replace("-", "").replace("_", "").isalnum()
    assert cursors.open(SCOPE, token) == place


@pytest.mark.req("SEC-02")
def test_a_page_token_is_of_no_use_when_changed_elsewhere_or_late():
    clock = FakeClock()
    cursors = Cursors(b"k" * 32, clock)
    token = cursors.seal(SCOPE, "2026-03-02#J1")
    forged = urlsafe_b64decode(token + "=" * (-len(token) % 4)).replace(b"J1", b"J2")
    for scope, bad in (
        (("jobs", "10000002", "achievements"), token),
        (("jobs", "10000001achievements", ""), token),
        (SCOPE, urlsafe_b64encode(forged).decode().rstrip("=")),
        (SCOPE, token[:-2]),
        (SCOPE, ""),
        (SCOPE, "é"),
        (SCOPE, "a"),
    ):
        with pytest.raises(BadCursor):
            cursors.open(scope, bad)
    with pytest.raises(BadCursor):
        Cursors(b"x" * 32, clock).open(SCOPE, token)
    clock.advance(timedelta(minutes=61))
    with pytest.raises(BadCursor):
        cursors.open(SCOPE, token)


def test_pauses_grow_to_a_limit_and_are_spread_at_random():
    pauses = []
    assert list(Patience(pauses.append, lambda: 0.5, tries=8).rounds()) == list(range(8))
    assert pauses == [0.025, 0.05, 0.1, 0.2, 0.4, 0.5, 0.5]


@pytest.mark.req("SLA-05")
def test_there_is_room_for_many_emergencies_beside_a_full_schedule_of_the_longest_texts():
    """DynamoDB's items have 400 kB; texts that can hardly be compressed are the worst."""
    draw = random.Random(5)

    def text() -> str:
        return "".join(chr(draw.randrange(0x20000, 0x2A6D0)) for _ in range(LONGEST_REASON))

    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    windows = [
        Window(
            window_id=f"MW-{draw.getrandbits(128):032x}",
            environment=Environment.COMPATIBILITY,
            kind=WindowKind.AGREED,
            start=at,
            end=at,
            reason=text(),
            agreed_with=text(),
            announced_at=at,
            changed_at=at,
        )
        for _ in range(MOST + 60)
    ]
    item = ScheduleItem(*keys.schedule(), windows=[asdict(one) for one in windows], revision=1)
    assert item_size(item.serialize()) < 400 * 1024
