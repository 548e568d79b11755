"""Lambda that imports feeds of learning events (PLR-01): new files, or those named by an operator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.bootstrap import Services, services, start
from chalicelib.grants import needs
from chalicelib.observability import Code, Metric, log, measure, observed
from chalicelib.services.imports.events import EventImport

NEEDS = needs("import_events")
MARGIN = timedelta(seconds=60)
"""Time for the last group of rows and the report."""
start(NEEDS, lambda my: (my.import_events, my.load_orders))


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Import new files (on schedule), or those of an operator's ``{"files": [key, …]}``, once for an ``order``.

    It stops in time before its limit; ``waiting`` is the number of files that the next run on schedule continues with.
    """
    made = services(needs=NEEDS)
    return made.load_orders.carried_out(event, lambda: _imported(made, event, context))


def _imported(made: Services, event: dict[str, Any], context: Any) -> dict[str, Any]:
    until = made.clock() + timedelta(milliseconds=context.get_remaining_time_in_millis()) - MARGIN
    imports = made.import_events
    report = imports.run_stored(event["files"], until) if "files" in event else imports.run_arrived(until)
    if report is None:
        return {"files": [], "waiting": 0}
    if not report.waiting:
        _report(report)
    files = [{"name": file.name, "new": file.new, "refused": file.refused} for file in report.files]
    return {"files": files, "waiting": report.waiting}


def _report(report: EventImport) -> None:
    for file in report.files:
        if file.unreadable:
            log(Code.FEED_UNREADABLE, reasons=[fault.code for fault in file.unreadable[:5]])
            measure(Metric.FEEDS_UNREADABLE)
        counts = {
            "created": file.new, "updated": file.changed, "unchanged": file.unchanged, "refused": file.refused
        }  # fmt: skip
        log(Code.FEED_IMPORTED, records=file.rows, counts=counts)
        measure(Metric.EVENTS_REFUSED, file.refused)
