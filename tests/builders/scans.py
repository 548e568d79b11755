"""Events of malware scans, as GuardDuty sends them."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.domain.jobs import Source

SCAN_STATUS = {"NO_THREATS_FOUND": "COMPLETED", "THREATS_FOUND": "COMPLETED", "FAILED": "FAILED"}
"""The status of the scan itself by that of its result; the others were skipped."""


def scan_event(source: Source, result: str, bucket: str = "lrs-test-inbox", **detail: Any) -> str:
    """The event of a scan of one version, in the shape of the examples in GuardDuty's user guide."""
    threats = [{"name": "EICAR-Test-File (not a virus)"}] if result == "THREATS_FOUND" else None
    return json.dumps(
        {
            "version": "0",
            "id": "72c7d362-737a-6dce-fc78-9e27a0171419",
            "detail-type": "GuardDuty Malware Protection Object Scan Result",
            "source": "aws.guardduty",
            "account": "111122223333",
            "time": "2026-03-02T09:00:07Z",
            "region": "eu-west-2",
            "resources": ["arn:aws:guardduty:eu-west-2:111122223333:malware-protection-plan/b4c7f464ab3a4EXAMPLE"],
            "detail": {
                "schemaVersion": "1.0",
                "scanStatus": SCAN_STATUS.get(result, "SKIPPED"),
                "resourceType": "S3_OBJECT",
                "s3ObjectDetails": {
                    "bucketName": bucket,
                    "objectKey": source.key,
                    "eTag": "ASIAI44QH8DHBEXAMPLE",
                    "versionId": source.version,
                    "s3Throttled": False,
                },
                "scanResultDetails": {"scanResultStatus": result, "threats": threats, "statusReasons": None},
            }
            | detail,
        }
    )
