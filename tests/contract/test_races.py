"""Contracts under several threads at once, over the emulated cloud, which keeps conditions atomic."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.jobs import Job, Place
from chalicelib.domain.recoveries import Recovery
from chalicelib.ports.errors import Conflict
from tests.contract.conftest import achievement, key
from tests.contract.test_personal_contract import challenge
from tests.fakes import START

THREADS = 6

pytestmark = pytest.mark.threads


def at_once(act):
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(act, range(THREADS)))


def won(act):
    try:
        act()
    except Conflict:
        return False
    return True


@pytest.mark.req("ACH-01")
def test_each_achievement_is_inserted_by_one(adapters, uln):
    batches = [
        [achievement(key(uln, aim=f"600{n:05d}"), owner=f"1000000{thread}") for n in range(50)]
        for thread in range(THREADS)
    ]
    inserted = at_once(lambda thread: adapters.achievements.write_all(batches[thread]))
    assert [sum(column) for column in zip(*inserted, strict=True)] == [1] * 50
    stored = adapters.achievements.read(one.key for one in batches[0])
    for n, one in enumerate(batches[0]):
        winner = next(thread for thread in range(THREADS) if inserted[thread][n])
        assert stored[one.key].owner == f"1000000{winner}"


@pytest.mark.req("ACH-02")
def test_a_version_is_written_by_one(adapters, uln):
    adapters.achievements.write(achievement(key(uln)))
    second = achievement(key(uln), versions=2)
    assert sum(at_once(lambda n: won(lambda: adapters.achievements.write(second._replace(grade=f"{n}"))))) == 1


@pytest.mark.req("LEDC-01", "PLR-06")
def test_a_problem_is_raised_by_one(adapters, uln):
    made = [challenge(uln, f"DC-{uln}-{n}", 5) for n in range(THREADS)]
    others = at_once(lambda n: adapters.casework.create(made[n]))
    (winner,) = (one.reference for one, other in zip(made, others, strict=True) if not other)
    assert set(others) == {"", winner}


@pytest.mark.req("SLA-07")
def test_a_recovery_is_invoked_by_one(adapters):
    store = adapters.recovery_store
    made = [Recovery(START + timedelta(seconds=n), "Drill") for n in range(THREADS)]
    assert sum(at_once(lambda n: won(lambda: store.save(made[n])))) == 1
    (running,) = (one for one in store.all() if one.reinstated_at is None)
    store.save(replace(running, reinstated_at=START + timedelta(hours=1)))


@pytest.mark.req("ACH-06")
def test_a_chunk_is_held_by_one_and_a_job_saved_by_one(adapters, job_id, ukprn):
    jobs = adapters.jobs
    job = Job(job_id, "achievements", ukprn, "u", "e", "c", "f", START, chunk_sizes=tuple([1] * THREADS))
    assert sum(at_once(lambda _: jobs.create(job))) == 1
    claims = at_once(lambda _: jobs.claim_chunk(job_id, 0, START, START + timedelta(minutes=1)))
    assert sum(claim.held for claim in claims) == 1
    assert sum(at_once(lambda n: won(lambda: jobs.save(replace(job, records=n))))) == 1
    assert max(len(done.done) for done in at_once(lambda n: jobs.chunk_done(job_id, n, START))) == THREADS


@pytest.mark.req("ACH-06")
def test_everyone_who_joins_a_line_at_once_is_in_it_and_one_is_given_a_lease(adapters, ukprn):
    turns = adapters.turns
    places = [Place(ukprn, "achievements", START, f"J{thread}") for thread in range(THREADS)]
    at_once(lambda thread: turns.join(places[thread]))
    assert list(turns.line(ukprn, "achievements")) == places
    at_once(lambda thread: turns.lease(places[0], START + timedelta(minutes=thread)))
    first, *others = turns.line(ukprn, "achievements")
    turns.lease(places[0], START + timedelta(hours=1))
    assert list(turns.line(ukprn, "achievements")) == [first, *others] == [first, *places[1:]]
    assert first.lease_until is not None
