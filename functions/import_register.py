"""Lambda that imports the regulators' registers (QUAL-01): new files, or those named by an operator."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services, start
from chalicelib.grants import needs
from chalicelib.observability import Code, Metric, log, measure, observed
from chalicelib.services.imports.registers import ImportOutcome, ImportRegister, ImportReport

NEEDS = needs("import_register")
start(NEEDS, lambda my: (my.import_register, my.load_orders))


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Import new files (on schedule), those of an operator's ``{"files": [key, …], "whole": bool}``, or what a report
    shows that an operator has accepted, ``{"accept": key}``; once for an ``order``.

    A refused import is not repeated: its report says why, and an operator can accept it.
    """
    del context
    made = services(needs=NEEDS)
    return made.load_orders.carried_out(event, lambda: _imported(made.import_register, event))


def _imported(imports: ImportRegister, event: dict[str, Any]) -> dict[str, Any]:
    if "accept" in event:
        report = imports.accept(event["accept"])
    elif "files" in event:
        report = imports.run_stored(event["files"], whole=event.get("whole") is not False)
    else:
        arrived = imports.run_arrived()
        if arrived is None:
            return {"outcome": "nothing new"}
        report = arrived
    _report(report)
    return {
        "outcome": str(report.outcome),
        "version": report.version,
        "summary": report.summary(),
        "reason": report.reason,
    }


def _report(report: ImportReport) -> None:
    if report.outcome is ImportOutcome.REFUSED:
        log(Code.IMPORT_REFUSED, version=report.version or None)
        measure(Metric.IMPORTS_REFUSED)
    elif report.outcome is ImportOutcome.PUBLISHED:
        log(Code.CATALOGUE_PUBLISHED, version=report.version, aims=report.aims)
