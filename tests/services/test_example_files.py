"""The example files: each can be sent as it is to a service with the sample data."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS, JobStatus
from chalicelib.domain.results import FAILED, Outcome
from tests.builders.jobs import Pipeline
from tests.builders.sample_world import AWARDING, PROVIDER, sample_world

TEMPLATES = Path(__file__).parents[2] / "docs" / "templates"
ACCEPTED = frozenset(Outcome) - FAILED
SENDERS = {ACHIEVEMENTS: AWARDING, LEARNERS: PROVIDER, VERIFICATIONS: PROVIDER}


@pytest.mark.req("VAL-03", "ACH-06", "ULN-06", "VLD-03")
@pytest.mark.parametrize("ending", ["csv", "xml"])
@pytest.mark.parametrize("kind", SENDERS)
def test_an_example_file_is_accepted_as_it_is(kind: str, ending: str) -> None:
    """Every record, and without a notice."""
    steps = Pipeline(sample_world())
    data = (TEMPLATES / f"{kind}-example.{ending}").read_bytes()
    job = steps.process(data, f"{kind}-example.{ending}", SENDERS[kind], kind)
    assert (job.status, job.notices) == (JobStatus.SUCCESSFUL, ()), job.rejection
    results = steps.results(job.job_id).values()
    assert [(one.number, one.outcome, one.return_code, one.failures) for one in results if one.failures] == []
    assert {one.outcome for one in results} <= ACCEPTED
