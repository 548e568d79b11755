"""Queue events, converted into the values that the pipeline's steps use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_plus

from chalicelib.domain.jobs import Source
from chalicelib.domain.scans import verdict_of
from chalicelib.ports.messages import Delivered

SCANNED: Final = ("aws.guardduty", "GuardDuty Malware Protection Object Scan Result")
"""Source and type of the event that reports a scan. Only AWS can send events whose source begins with ``aws.``."""


def deliveries(body: str) -> Iterator[Delivered]:
    """The submitted files in an intake message.

    A message is an S3 notification, the result of a scan, or the pipeline's own repetition of a notification. The test
    event that S3 sends when a notification is set up has no records and yields nothing, nor does a folder that a
    console makes. The keys of notifications are URL-encoded with ``+`` for a space, those of scans are not.
    """
    return (one for one in _delivered(json.loads(body)) if not one.source.key.endswith("/"))


def _delivered(message: Mapping[str, Any]) -> Iterator[Delivered]:
    if (message.get("source"), message.get("detail-type")) == SCANNED:
        yield _scanned(message["detail"])
        return
    if "submittedAt" in message:
        source = Source(message["bucket"], message["key"], message["version"])
        yield Delivered(source, datetime.fromisoformat(message["submittedAt"]))
        return
    for record in message.get("Records", ()):
        stored = record["s3"]["object"]
        source = Source("inbox", unquote_plus(stored["key"]), stored.get("versionId", ""))
        yield Delivered(source, datetime.fromisoformat(record["eventTime"]))


def _scanned(detail: Mapping[str, Any]) -> Delivered:
    """The file in the event of a scan. One that was skipped or failed has no status in the end: it is not clean."""
    stored = detail["s3ObjectDetails"]
    status = (detail.get("scanResultDetails") or {}).get("scanResultStatus") or detail["scanStatus"]
    return Delivered(Source("inbox", stored["objectKey"], stored.get("versionId") or ""), None, verdict_of(status))


def chunk_of(body: str) -> tuple[str, int]:
    """Job and chunk number of a chunk message."""
    message: Mapping[str, Any] = json.loads(body)
    return message["job"], message["chunk"]


class Noticed(NamedTuple):
    """What a notice message is about."""

    kind: str
    """``job``, ``challenge`` or ``maintenance``."""
    name: str
    organisation: str = ""
    """The organisation that gets an email about maintenance; empty if they are still to be found."""
    after: str = ""
    """Where the page of organisations begins."""


def noticed(body: str) -> Noticed:
    """What a notice message is about."""
    message: Mapping[str, Any] = json.loads(body)
    kind = next(kind for kind in ("challenge", "maintenance", "job") if kind in message)
    return Noticed(kind, message[kind], message.get("organisation", ""), message.get("after", ""))


def job_of(body: str) -> str:
    """Job of a finish message."""
    job: str = json.loads(body)["job"]
    return job
