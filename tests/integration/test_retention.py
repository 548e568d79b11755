"""What is submitted and produced is kept as long as the settings say, and no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.domain.jobs import ACHIEVEMENTS, Job
from chalicelib.domain.pending_matches import PendingMatch, PendingReason, PendingState
from local.emulated.cloud import ProvisionedCloud
from local.emulated.provision import REPLACED_DAYS
from local.emulated.stack import load_stack
from tests.builders.functions import items_of
from tests.builders.learners import learner

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def expiry_of(cloud: ProvisionedCloud, bucket: str) -> dict[str, dict[str, Any]]:
    """The rules of a bucket by which objects expire, by prefix."""
    return {rule["Filter"]["Prefix"]: rule for rule in rules_of(cloud, bucket) if "Expiration" in rule}


def rules_of(cloud: ProvisionedCloud, bucket: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = cloud.client("s3").get_bucket_lifecycle_configuration(Bucket=cloud.bucket(bucket))[
        "Rules"
    ]
    return rules


@pytest.mark.req("SEC-02")
def test_objects_expire_by_the_settings_of_their_bucket(fresh_cloud: ProvisionedCloud) -> None:
    days = {
        bucket: {prefix: rule["Expiration"]["Days"] for prefix, rule in expiry_of(fresh_cloud, bucket).items()}
        for bucket in ("catalogue", "inbox", "results", "work")
    }
    assert days == {
        "catalogue": {"feeds/": 30, "feed-reports/": 365, "load-orders/": 365},
        "inbox": {"": 30},  # also what is put under a wrong key, and has no job
        "results": {"results/": 365},
        "work": {"work/": 7},
    }


@pytest.mark.req("SEC-02")
@pytest.mark.parametrize("bucket", ["catalogue", "inbox"])
def test_of_what_learners_are_in_every_version_expires(fresh_cloud: ProvisionedCloud, bucket: str) -> None:
    for rule in expiry_of(fresh_cloud, bucket).values():
        assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == REPLACED_DAYS


@pytest.mark.req("SEC-02")
@pytest.mark.parametrize("bucket", ["catalogue", "inbox", "results", "unaudited", "work"])
def test_the_parts_of_an_upload_that_was_never_completed_end_too(fresh_cloud: ProvisionedCloud, bucket: str) -> None:
    ends = [
        (rule["Filter"]["Prefix"], rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])
        for rule in rules_of(fresh_cloud, bucket)
        if "AbortIncompleteMultipartUpload" in rule
    ]
    assert ends == [("", REPLACED_DAYS)]


def test_an_environment_may_keep_files_for_another_time() -> None:
    stack = load_stack(settings={"LRS_INBOX_DAYS": "10", "LRS_RESULT_DAYS": "20"})
    assert {rule["days"] for rule in stack.buckets["inbox"]["expiry"]} == {10}
    assert {rule["days"] for rule in stack.buckets["results"]["expiry"]} == {20}


@pytest.mark.req("SEC-02", "ACH-07")
def test_jobs_and_the_digests_of_their_contents_expire_together(fresh_cloud: ProvisionedCloud) -> None:
    jobs = bootstrap.services({**fresh_cloud.environment, "LRS_JOB_DAYS": "40"}).jobs
    job = Job("J1", ACHIEVEMENTS, "90000051", "bucket", "a@awards.example", "bucket", "a.csv", AT)
    assert jobs.create(job)
    assert jobs.save(job).revision == 1
    jobs.with_content(job.ukprn, "ab" * 32, job.job_id, job.submitted_at)
    ends = str(int((AT + timedelta(days=40)).timestamp()))
    assert [item["ends"] for item in items_of(fresh_cloud, "jobs")] == [{"N": ends}, {"N": ends}]
    found = fresh_cloud.client("dynamodb").describe_time_to_live(TableName=fresh_cloud.table("jobs"))
    assert found["TimeToLiveDescription"]["AttributeName"] == "ends"


@pytest.mark.req("SEC-02", "ULN-05")
def test_a_pending_match_expires_after_its_decision(fresh_cloud: ProvisionedCloud) -> None:
    matches = bootstrap.services({**fresh_cloud.environment, "LRS_JOB_DAYS": "40"}).pending_matches
    details = learner(1).details
    raised = PendingMatch("P1", "10000001", "ann", "webservice", AT, PendingReason.TOO_MANY_MATCHES, details, ())
    waiting = matches.open(raised)
    (item,) = [item for item in items_of(fresh_cloud, "casework") if item["sk"]["S"] == "PENDING"]
    assert "ends" not in item
    matches.save(waiting._replace(state=PendingState.DROPPED, decided_at=AT, decided_by="ann"))
    (item,) = items_of(fresh_cloud, "casework")
    assert item["ends"] == {"N": str(int((AT + timedelta(days=40)).timestamp()))}
    found = fresh_cloud.client("dynamodb").describe_time_to_live(TableName=fresh_cloud.table("casework"))
    assert found["TimeToLiveDescription"]["AttributeName"] == "ends"
