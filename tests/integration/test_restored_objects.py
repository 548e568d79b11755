"""Objects written about the moment of a restore: what the tables do not know goes, what they name stays (SLA-07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from chalicelib import bootstrap
from chalicelib.cloud.clock import now
from chalicelib.domain.jobs import ACHIEVEMENTS, Job, JobStatus, Source
from chalicelib.formats.batch.work_files import chunk_key, result_key
from local.commands.restored_objects import DOUBT, PutRight, put_right
from local.commands.restored_tables import RestoreError
from local.emulated.cloud import ProvisionedCloud

pytestmark = pytest.mark.req("SLA-07", "ACH-06")
SIZES = (20, 20, 5)
KNOWN, UNKNOWN = "DKNOWN", "DUNKNOWN"
NAMED = {*(chunk_key(KNOWN, number, SIZES) for number in range(3)), result_key(KNOWN, 0)}
LOST = {result_key(KNOWN, 1), chunk_key(UNKNOWN, 0, SIZES), result_key(UNKNOWN, 0), "work/watch/inbox.json"}
"""What was written after the moment: results whose mark is lost, a job that is lost, and how far the watch had come."""


class Written(NamedTuple):
    """A cloud with objects that were all written about one time, by S3's clock."""

    cloud: ProvisionedCloud
    services: bootstrap.Services
    at: datetime

    def put_right(self, moment: datetime) -> PutRight:
        return put_right(self.cloud, self.services.jobs, moment)

    def keys(self) -> set[str]:
        found = self.cloud.client("s3").list_objects_v2(Bucket=self.cloud.bucket("work"))
        return {one["Key"] for one in found.get("Contents", ())}


@pytest.fixture
def written(fresh_cloud: ProvisionedCloud) -> Written:
    services, s3 = bootstrap.services(fresh_cloud.environment), fresh_cloud.client("s3")
    source = Source("inbox", "drop/90000051/achievements/A.csv", "1")
    job = Job(KNOWN, ACHIEVEMENTS, "90000051", "bucket", "", "bucket", "A.csv", now(), JobStatus.IN_PROGRESS, source)
    assert services.jobs.create(job)
    stored = services.jobs.get(KNOWN)
    assert stored is not None
    services.jobs.save(replace(stored, chunk_sizes=SIZES, records=sum(SIZES)))
    services.jobs.chunk_done(KNOWN, 0, now())
    for key in sorted(NAMED | LOST):
        s3.put_object(Bucket=fresh_cloud.bucket("work"), Key=key, Body=b"{}")
    page = s3.list_objects_v2(Bucket=fresh_cloud.bucket("work"))["Contents"]
    at = min(one["LastModified"] for one in page)
    assert max(one["LastModified"] for one in page) - at <= DOUBT
    return Written(fresh_cloud, services, at)


def test_of_what_was_written_in_the_second_of_the_moment_just_what_the_jobs_name_stays(written: Written) -> None:
    assert written.put_right(written.at.replace(microsecond=0)).removed_work == len(LOST)
    assert written.keys() == NAMED
    assert written.put_right(written.at.replace(microsecond=0)) == PutRight(0, 0, 0), "and nothing more when repeated"


def test_what_was_written_well_before_the_moment_stays_and_well_after_it_goes(written: Written) -> None:
    well = 2 * DOUBT + timedelta(seconds=1)
    assert written.put_right(written.at + well).removed_work == 0
    assert written.keys() == NAMED | LOST
    assert written.put_right(written.at - well).removed_work == len(NAMED | LOST)


def test_what_s3_does_not_delete_is_no_success(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    def kept(**_: object) -> dict[str, object]:
        return {"Errors": [{"Key": result_key(KNOWN, 1), "Code": "InternalError"}]}

    with monkeypatch.context() as failing:
        failing.setattr(written.cloud.client("s3"), "delete_objects", kept)
        with pytest.raises(RestoreError, match=r"has not deleted 1 of 4 objects in \S+-work: InternalError\. Repeat"):
            written.put_right(written.at)
    assert written.put_right(written.at).removed_work == len(LOST)


def test_a_deletion_in_the_second_of_the_moment_is_undone_and_a_progress_is_taken_back(written: Written) -> None:
    s3, cloud = written.cloud.client("s3"), written.cloud
    inbox, catalogue = cloud.bucket("inbox"), cloud.bucket("catalogue")
    s3.put_object(Bucket=inbox, Key="drop/90000051/achievements/A.csv", Body=b"a")
    s3.delete_object(Bucket=inbox, Key="drop/90000051/achievements/A.csv")
    s3.put_object(Bucket=catalogue, Key="feed-progress/900051.json", Body=b"{}")
    moment = now().replace(microsecond=0)
    done = written.put_right(moment)
    assert (done.rewound, done.undeleted) == (1, 1)
    assert s3.get_object(Bucket=inbox, Key="drop/90000051/achievements/A.csv")["Body"].read() == b"a"
    assert written.put_right(moment) == PutRight(0, 0, 0)
