"""Lambda of the register's stream: every change becomes an entry of the audit log (ACH-09, SEC-01)."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services
from chalicelib.observability import Code, Metric, elapsed, fault, log, measure, observed
from chalicelib.storage.changes import change_of

NEEDS = ("table_audit",)


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Record a batch in as few calls as it takes; what comes before a record that cannot be read is kept."""
    del context
    audit = services(needs=NEEDS).audit
    entries = []
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            entries.append(change_of(record))
        except (KeyError, ValueError, IndexError) as unreadable:
            fault(unreadable, Code.AUDIT_UNREADABLE)
            measure(Metric.FAULTS)
            failed.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
            break
    audit.record(entries)
    log(Code.AUDIT_RECORDED, entries=len(entries), milliseconds=elapsed())
    measure(Metric.AUDIT_ENTRIES, len(entries))
    return {"batchItemFailures": failed}
