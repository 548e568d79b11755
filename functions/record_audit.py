"""Lambda of the register's stream: every change becomes an entry in the audit log (ACH-09, SEC-01), and every change of
an achievement is added to its organisation's submissions of that day (ACH-08).
"""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services, start
from chalicelib.grants import needs
from chalicelib.observability import Code, Metric, elapsed, fault, log, measure, observed
from chalicelib.storage.changes import change_of

NEEDS = needs("record_audit")
start(NEEDS, lambda my: (my.audit, my.submissions))


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Record a batch in as few calls as possible; records before one that cannot be read are kept."""
    del context
    available = services(needs=NEEDS)
    entries = []
    submitted = []
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            change = change_of(record)
        except (KeyError, ValueError, IndexError, TypeError) as unreadable:
            fault(unreadable, Code.AUDIT_UNREADABLE)
            measure(Metric.FAULTS)
            failed.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
            break
        entries.append(change.entry)
        if change.submitted is not None:
            submitted.append((change.entry.entry_id, change.submitted))
    available.audit.record(entries)
    available.submissions.record(submitted)
    log(Code.AUDIT_RECORDED, entries=len(entries), milliseconds=elapsed())
    measure(Metric.AUDIT_ENTRIES, len(entries))
    return {"batchItemFailures": failed}
