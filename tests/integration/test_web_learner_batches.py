"""Learner and verification batches as web services, through Chalice, over fakes of the outside services."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import Counts, JobStatus, Source
from tests.builders.jobs import job
from tests.builders.learner_files import LRB, PROVIDER, VLD
from tests.builders.organisations import organisation, provider
from tests.builders.web import admit
from tests.fakes.world import FakeWorld

LEARNER_BATCHES, VERIFICATION_BATCHES = "/v1/learner-batches", "/v1/verification-batches"


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    admit(world, PROVIDER, Role.LRB_BATCH_USER)
    world.accounts.put(provider(PROVIDER))
    return world


def ended(world: FakeWorld, kind: str, **changes: Any) -> str:
    made = job(
        "JOB1",
        PROVIDER,
        kind=kind,
        status=JobStatus.SUCCESSFUL,
        source=Source("inbox", f"drop/{PROVIDER}/{kind}/a.csv", "v1"),
        started_at=world.clock(),
        finished_at=world.clock(),
        records=10,
        output_key="results/output.csv",
        **changes,
    )
    assert world.jobs.create(made)
    return made.job_id


@pytest.mark.req("ULN-06", "VLD-03")
@pytest.mark.parametrize(
    ("path", "kind", "filename"),
    [(LEARNER_BATCHES, "learners", LRB), (VERIFICATION_BATCHES, "verifications", VLD)],
)
def test_a_batch_is_begun_with_a_form_under_its_own_prefix(path, kind, filename, world, send) -> None:
    answer = send("POST", path, {"filename": filename})
    begun = answer.document
    assert (answer.status, begun["links"]["self"]) == (202, f"{path}/{begun['jobId']}")
    assert begun["upload"]["fields"]["key"] == f"upload/{PROVIDER}/{kind}/{begun['jobId']}/{filename}"
    assert world.jobs.held[begun["jobId"]].kind == kind


@pytest.mark.req("ULN-06")
def test_a_learner_batch_may_be_begun_as_a_check_and_nothing_else(world, send) -> None:
    begun = send("POST", LEARNER_BATCHES, {"filename": LRB, "jobType": "CHK"}).document
    assert world.jobs.held[begun["jobId"]].job_type == "CHK"
    assert send("POST", LEARNER_BATCHES, {"filename": LRB, "jobType": "chk"}).status == 202
    assert send("POST", LEARNER_BATCHES, {"filename": LRB, "jobType": "ALL"}).status == 422
    assert send("POST", VERIFICATION_BATCHES, {"filename": VLD, "jobType": "CHK"}).status == 400


@pytest.mark.req("ULN-07")
def test_a_learner_job_has_the_counters_of_the_existing_interface(world, send) -> None:
    counts = Counts(created=3, updated=2, found=1, possible=1, not_found=2, refused=1)
    job_id = ended(world, "learners", counts=counts, job_type="FUL")
    answer = send("GET", f"{LEARNER_BATCHES}/{job_id}")
    reported = answer.document
    assert answer.status == 200
    assert {name: reported[name] for name in reported if name.endswith("Count")} == {
        "newLearnersCount": 3,
        "existsUpdatedLearnersCount": 3,
        "updatedLearnersCount": 2,
        "possibleMatchLearnersCount": 1,
        "learnersNotFoundCount": 2,
        "rejectedLearnersCount": 1,
    }
    assert (reported["jobType"], reported["type"], reported["numberOfRecords"]) == ("FUL", "learners", 10)


@pytest.mark.req("VLD-03")
def test_a_verification_job_counts_who_was_verified(world, send) -> None:
    job_id = ended(world, "verifications", counts=Counts(found=7, possible=1, not_found=1, refused=1))
    reported = send("GET", f"{VERIFICATION_BATCHES}/{job_id}").document
    assert (reported["verifiedLearnersCount"], reported["possibleMatchLearnersCount"]) == (7, 1)
    assert (reported["learnersNotVerifiedCount"], reported["rejectedLearnersCount"]) == (1, 1)


@pytest.mark.req("ULN-07", "SEC-01")
def test_the_output_file_is_fetched_by_a_link_and_the_look_is_in_the_audit_log(world, send) -> None:
    job_id = ended(world, "learners")
    answer = send("GET", f"{LEARNER_BATCHES}/{job_id}/output")
    assert (answer.status, answer.document["url"].startswith("https://")) == (200, True)
    assert [(entry.action, entry.detail["kind"]) for entry in world.audit.held.values()] == [
        ("job-file-fetched", "learners")
    ]


@pytest.mark.req("SEC-01")
def test_a_job_of_another_kind_is_not_found_and_the_attempt_is_kept(world, send) -> None:
    job_id = ended(world, "learners")
    answer = send("GET", f"{VERIFICATION_BATCHES}/{job_id}")
    assert (answer.status, answer.codes) == (404, ["WSRC0018"])
    assert [(entry.action, entry.outcome, entry.detail["kind"]) for entry in world.audit.held.values()] == [
        ("job-viewed", "NOT_FOUND", "verifications")
    ]


@pytest.mark.req("ULN-06")
def test_a_list_has_the_jobs_of_its_kind_only(world, send) -> None:
    ended(world, "learners")
    assert [one["jobId"] for one in send("GET", LEARNER_BATCHES).document["jobs"]] == ["JOB1"]
    assert send("GET", VERIFICATION_BATCHES).document["jobs"] == []


@pytest.mark.req("ULN-06")
def test_an_awarding_organisation_is_refused_a_registration_batch(world, send) -> None:
    world.accounts.put(organisation(PROVIDER))
    answer = send("POST", LEARNER_BATCHES, {"filename": LRB})
    assert (answer.status, answer.codes) == (422, ["LRS-LRB-9"])


@pytest.mark.req("ULN-06")
def test_a_job_that_waits_can_be_cancelled(world, send) -> None:
    begun = send("POST", LEARNER_BATCHES, {"filename": LRB}).document
    answer = send("POST", begun["links"]["cancellation"], {})
    assert (answer.status, answer.document["status"]) == (200, "Cancelled")
