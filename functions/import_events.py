"""Lambda that imports feeds of learning events (PLR-01): new files, or those named by an operator."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services, start
from chalicelib.grants import needs
from chalicelib.observability import Code, Metric, log, measure, observed
from chalicelib.services.imports.events import EventImport

NEEDS = needs("import_events")
start(NEEDS, lambda my: my.import_events)


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, object]:
    """Import new files (on schedule), or those of an operator's ``{"files": [key, …]}``."""
    del context
    imports = services(needs=NEEDS).import_events
    report = imports.run_stored(event["files"]) if "files" in event else imports.run_arrived()
    if report is None:
        return {"files": []}
    _report(report)
    return {"files": [{"name": file.name, "new": file.new, "refused": file.refused} for file in report.files]}


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
