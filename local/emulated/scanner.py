"""The emulated malware scan of the inbox: a stand-in for Amazon GuardDuty Malware Protection for S3.

It scans every version that is written to a bucket whose scans have a rule (`local.emulated.provision`), tags the
version with its verdict and sends the event that GuardDuty sends, after S3's own. It knows one threat: the EICAR test
file, which every scanner recognises and which is harmless. `python -m local.emulated.scanner > infected.csv` makes one.
"""

from __future__ import annotations

import json
import sys
import uuid
from typing import Any, Final

from chalicelib.cloud.events import SCANNED
from chalicelib.domain.scans import Verdict
from chalicelib.services.batches.split import VERDICT_TAG
from local.emulated.provision import SCANS

TEST_STRING: Final = b"".join((b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!", b"$H+H*"))
"""Joined when it is needed, because virus scanners delete files that contain it, compiled modules too."""


def verdict_on(data: bytes) -> Verdict:
    """The stand-in's verdict on the content of a file."""
    return Verdict.INFECTED if TEST_STRING in data else Verdict.CLEAN


def scan_uploads(s3: Any, events: Any) -> None:
    """Have the emulator's modules of S3 and EventBridge scan what is uploaded, in place."""
    announce, deliver = s3._fire_s3_event_async, s3._fire_s3_event

    def scan(bucket: str, key: str, event: str, *values: Any, version_id: str | None = None, **named: Any) -> None:
        """Tag the version before its writer has the answer, so that a test need not wait for the scan."""
        if version_id and _is_scanned(events, bucket, event):
            tags = s3._object_tags.get((bucket, key, version_id), {})
            found = verdict_on(_content(s3, bucket, key, version_id))
            s3._object_tags[bucket, key, version_id] = {**tags, VERDICT_TAG: found.value}
        announce(bucket, key, event, *values, version_id=version_id, **named)

    def report(bucket: str, key: str, event: str, *values: Any, version_id: str | None = None, **named: Any) -> None:
        deliver(bucket, key, event, *values, version_id=version_id, **named)
        if version_id and _is_scanned(events, bucket, event):
            tag = s3._object_tags.get((bucket, key, version_id), {}).get(VERDICT_TAG)
            if tag:
                events._dispatch_event(_event(s3, bucket, key, version_id, Verdict(tag)))

    s3._fire_s3_event_async, s3._fire_s3_event = scan, report


def _is_scanned(events: Any, bucket: str, event: str) -> bool:
    rule = events._rules.get(events._rule_key(SCANS.format(bucket), "default"))
    return rule is not None and event.startswith("s3:ObjectCreated:")


def _content(s3: Any, bucket: str, key: str, version_id: str) -> bytes:
    (version,) = (one for one in s3._object_versions[bucket, key] if one["version_id"] == version_id)
    return bytes(s3._version_body(s3._buckets[bucket], bucket, key, version) or b"")


def _event(s3: Any, bucket: str, key: str, version_id: str, verdict: Verdict) -> dict[str, Any]:
    """The event of a completed scan, as the emulator's EventBridge takes it."""
    (source, detail_type), account, region = SCANNED, s3.get_account_id(), s3.get_region()
    stored = {"bucketName": bucket, "objectKey": key, "eTag": "", "versionId": version_id, "s3Throttled": False}
    threats = [{"name": "EICAR-Test-File (not a virus)"}] if verdict is Verdict.INFECTED else None
    detail = {
        "schemaVersion": "1.0",
        "scanStatus": "COMPLETED",
        "resourceType": "S3_OBJECT",
        "s3ObjectDetails": stored,
        "scanResultDetails": {"scanResultStatus": verdict.value, "threats": threats, "statusReasons": None},
    }
    return {
        "EventId": str(uuid.uuid4()),
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "EventBusName": "default",
        "Time": s3.now_iso(),
        "Resources": [f"arn:aws:guardduty:{region}:{account}:malware-protection-plan/{bucket}"],
        "Account": account,
        "Region": region,
    }


if __name__ == "__main__":
    sys.stdout.buffer.write(TEST_STRING)
