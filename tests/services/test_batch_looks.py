"""Looks of chunks, for every kind of batch, are in the audit log before they are made (SEC-01)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS, Job
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS as LAYOUT
from tests.builders import achievements, learner_files
from tests.builders.achievements import learner
from tests.builders.jobs import FILENAME, Pipeline
from tests.builders.learner_files import LRB, PROVIDER, VLD, row
from tests.builders.organisations import OURS, provider

pytestmark = pytest.mark.req("SEC-01")

READS = ("learners.profiles", "learner_register.", "person_index.")


class Sent(NamedTuple):
    """A file of one kind with one record; a faulty one lacks its family name, or the ULN of an achievement."""

    kind: str
    filename: str
    ukprn: str
    data: Callable[[bool], bytes]


def _achievements(faulty: bool) -> bytes:
    return achievements.csv_file([achievements.record(0, **{"ULN": ""} if faulty else {})])


def _learners(faulty: bool) -> bytes:
    return learner_files.csv_file([row(**{"FamilyName": ""} if faulty else {})])


def _verifications(faulty: bool) -> bytes:
    held = learner(0)
    named = {"ULN": "" if faulty else held.uln, "GivenName": held.given_name, "FamilyName": held.family_name}
    return learner_files.csv_file([row(LAYOUT, Gender="", DateOfBirth="", **named)], LAYOUT)


SENT = [
    Sent(ACHIEVEMENTS, FILENAME, OURS, _achievements),
    Sent(LEARNERS, LRB, PROVIDER, _learners),
    Sent(VERIFICATIONS, VLD, PROVIDER, _verifications),
]


def applied(sent: Sent, *, faulty: bool) -> tuple[Job, list[str]]:
    """The job, and the calls by which its chunk looked at learners or wrote to the audit log."""
    world = achievements.world_with(learner(0))
    world.accounts.put(provider(PROVIDER))
    steps = Pipeline(world)
    job = steps.split.run(steps.drop(sent.data(faulty), sent.filename, sent.ukprn, sent.kind))
    seen = len(world.calls)
    steps.apply.run(job.job_id, 0)
    return steps.job(job.job_id), [name for name in world.calls[seen:] if name.startswith(("audit.", *READS))]


@pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.kind)
def test_a_look_is_logged_before_it_is_made(sent: Sent) -> None:
    job, calls = applied(sent, faulty=False)
    assert job.is_complete
    assert calls[0] == "audit.record"
    assert any(name.startswith(READS) for name in calls)


@pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.kind)
def test_a_chunk_whose_records_all_fail_their_checks_looks_at_nobody_and_logs_nothing(sent: Sent) -> None:
    job, calls = applied(sent, faulty=True)
    assert job.is_complete
    assert calls == []
