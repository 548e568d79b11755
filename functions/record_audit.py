"""Lambda of the register's stream: every change becomes an entry of the audit log (ACH-09, SEC-01)."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services
from chalicelib.storage.changes import change_of


def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Record a batch in as few calls as it takes; what comes before a record that cannot be read is kept."""
    del context
    entries = []
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            entries.append(change_of(record))
        except (KeyError, ValueError, IndexError):
            failed.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
            break
    services().audit.record(entries)
    return {"batchItemFailures": failed}
