"""Objects put right after a restore of the tables (SLA-07).

What the pipeline has put into `work` since the moment describes writes that the register has lost. It is removed, so
that those chunks are applied again. Objects that were deleted come back, since their versions are still there.

S3 says when an object was written to the second only, by its own clock. What was written about the moment is therefore
in doubt. To keep a result that the register has lost would lose the achievements in it; to remove one that it still
has costs a second application, which changes nothing. So what is in doubt stays only if the restored jobs name it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from chalicelib.domain.jobs import Job
from chalicelib.formats.batch.work_files import chunk_key, result_key
from chalicelib.ports.jobs import Jobs
from local.commands.restored_tables import RestoreError
from local.emulated.cloud import ProvisionedCloud

REWOUND: Final = (("catalogue", "feed-progress/"),)
"""Places in versioned buckets that say how far an import into the register has come."""
DOUBT: Final = timedelta(seconds=2)
"""What was written within this time of the moment may have been written before or after it: a second to which S3 cuts
or rounds its times, and as much for the difference between its clock and that of the tables.
"""
_MOST_DELETED: Final = 1_000


class PutRight(NamedTuple):
    """How many objects were changed."""

    removed_work: int
    rewound: int
    undeleted: int


def put_right(cloud: ProvisionedCloud, jobs: Jobs, moment: datetime) -> PutRight:
    """Make the objects agree with tables of that moment; repeating it changes nothing more while no function runs.

    A progress in doubt is taken back, and a deletion in doubt undone: what they lead to is recognised.
    """
    since = moment - DOUBT
    s3 = cloud.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=cloud.bucket("work"))
    newer = {
        one["Key"]: one["LastModified"]
        for page in pages
        for one in page.get("Contents", ())
        if one["LastModified"] >= since
    }
    named = _named_by(jobs, [key for key, written in newer.items() if written <= moment + DOUBT])
    removed = [{"Key": key} for key in newer if key not in named]
    _delete(s3, cloud.bucket("work"), removed)
    rewound = 0
    for bucket, prefix in REWOUND:
        late = [_version(one) for one, _ in _versions(s3, cloud.bucket(bucket), prefix) if one["LastModified"] >= since]
        _delete(s3, cloud.bucket(bucket), late)
        rewound += len(late)
    undeleted = 0
    for name, description in cloud.stack.buckets.items():
        if not description["versioned"]:
            continue
        hidden = [
            _version(one)
            for one, is_marker in _versions(s3, cloud.bucket(name), "")
            if is_marker and one["IsLatest"] and one["LastModified"] >= since
        ]
        _delete(s3, cloud.bucket(name), hidden)
        undeleted += len(hidden)
    return PutRight(len(removed), rewound, undeleted)


def _named_by(jobs: Jobs, doubtful: Iterable[str]) -> frozenset[str]:
    """Which of these the jobs know: a chunk of their plan, and the results of a chunk that is done."""
    ids = sorted({key.split("/")[1] for key in doubtful if key.count("/") > 1})
    return frozenset(key for job in jobs.read(ids) for key in _places(job)) if ids else frozenset()


def _places(job: Job) -> Iterator[str]:
    yield from (chunk_key(job.job_id, number, job.chunk_sizes) for number in range(len(job.chunk_sizes)))
    yield from (result_key(job.job_id, number) for number in job.done)


def _versions(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[dict[str, Any], bool]]:
    """Versions and delete markers; True for a marker."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        yield from ((one, False) for one in page.get("Versions", ()))
        yield from ((one, True) for one in page.get("DeleteMarkers", ()))


def _version(one: dict[str, Any]) -> dict[str, str]:
    return {"Key": one["Key"], "VersionId": one["VersionId"]}


def _delete(s3: Any, bucket: str, objects: list[dict[str, str]]) -> None:
    """Delete them. Raises RestoreError if S3 keeps any."""
    for start in range(0, len(objects), _MOST_DELETED):
        part = objects[start : start + _MOST_DELETED]
        # S3 answers 200 whatever it has deleted, and names what it has not.
        if kept := s3.delete_objects(Bucket=bucket, Delete={"Objects": part, "Quiet": True}).get("Errors"):
            of = f"{len(kept)} of {len(part)} objects in {bucket}"
            raise RestoreError(f"S3 has not deleted {of}: {kept[0]['Code']}. Repeat this step.")
