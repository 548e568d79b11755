"""Objects put right after a restore of the tables (SLA-07).

What the pipeline has put into `work` since the moment describes writes that the register has lost. It is removed, so
that those chunks are applied again. Objects that were deleted come back, since their versions are still there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from local.emulated.cloud import ProvisionedCloud

REWOUND: Final = (("catalogue", "feed-progress/"),)
"""Places in versioned buckets that say how far an import into the register has come."""
_MOST_DELETED: Final = 1_000


class PutRight(NamedTuple):
    """How many objects were changed."""

    removed_work: int
    rewound: int
    undeleted: int


def put_right(cloud: ProvisionedCloud, moment: datetime) -> PutRight:
    """Make the objects agree with tables of that moment; repeating it changes nothing more while no function runs."""
    since = moment.replace(microsecond=0)  # S3 gives whole seconds
    s3 = cloud.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=cloud.bucket("work"))
    newer = [{"Key": one["Key"]} for page in pages for one in page.get("Contents", ()) if one["LastModified"] >= since]
    _delete(s3, cloud.bucket("work"), newer)
    rewound = 0
    for bucket, prefix in REWOUND:
        late = [_named(one) for one, _ in _versions(s3, cloud.bucket(bucket), prefix) if one["LastModified"] >= since]
        _delete(s3, cloud.bucket(bucket), late)
        rewound += len(late)
    undeleted = 0
    for name, bucket in cloud.stack.buckets.items():
        if not bucket["versioned"]:
            continue
        hidden = [
            _named(one)
            for one, is_marker in _versions(s3, cloud.bucket(name), "")
            if is_marker and one["IsLatest"] and one["LastModified"] >= since
        ]
        _delete(s3, cloud.bucket(name), hidden)
        undeleted += len(hidden)
    return PutRight(len(newer), rewound, undeleted)


def _versions(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[dict[str, Any], bool]]:
    """Versions and delete markers; True for a marker."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        yield from ((one, False) for one in page.get("Versions", ()))
        yield from ((one, True) for one in page.get("DeleteMarkers", ()))


def _named(one: dict[str, Any]) -> dict[str, str]:
    return {"Key": one["Key"], "VersionId": one["VersionId"]}


def _delete(s3: Any, bucket: str, objects: list[dict[str, str]]) -> None:
    for start in range(0, len(objects), _MOST_DELETED):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": objects[start : start + _MOST_DELETED], "Quiet": True})
