"""Lambda of the register's stream: every change becomes an entry in the audit log (ACH-09, SEC-01), and every change of
an achievement is added to its organisation's submissions of that day (ACH-08). A page of earlier versions is no change.

Trying again does not help a change that cannot be read, and would hold up those behind it. It is put into the bucket
``unaudited``, in the form in which Lambda puts an abandoned batch there, and the others are recorded.
"""

from __future__ import annotations

import json
from typing import Any

from chalicelib.bootstrap import Services, services, start
from chalicelib.grants import needs
from chalicelib.observability import Code, Metric, elapsed, fault, log, measure, observed
from chalicelib.storage.changes import change_of, is_new_page

NEEDS = needs("record_audit")
start(NEEDS, lambda my: (my.audit, my.submissions))


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Record a batch in as few calls as possible. An error has the whole batch delivered again."""
    del context
    available = services(needs=NEEDS)
    entries = []
    submitted = []
    unreadable = []
    for record in event["Records"]:
        try:
            if is_new_page(record):
                continue
            change = change_of(record)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the others are recorded
            fault(error, Code.AUDIT_UNREADABLE)
            measure(Metric.FAULTS)
            unreadable.append(record)
            continue
        entries.append(change.entry)
        if change.submitted is not None:
            submitted.append((change.entry.entry_id, change.submitted))
    available.audit.record(entries)
    available.submissions.record(submitted)
    if unreadable:
        _keep(available, unreadable)
    log(Code.AUDIT_RECORDED, entries=len(entries), milliseconds=elapsed())
    measure(Metric.AUDIT_ENTRIES, len(entries))
    return {"batchItemFailures": []}


def _keep(available: Services, records: list[Any]) -> None:
    """Put records into the bucket, as an event that this function can be given again."""
    now = available.clock()
    key = f"unreadable/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{available.new_id()}"
    document = json.dumps({"timestamp": now.isoformat(), "payload": json.dumps({"Records": records})})
    available.files.write("unaudited", key, document.encode(), "application/json")
