"""Lambda that imports the regulators' registers (QUAL-01): what has arrived, or what an operator names."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Import what has arrived (on schedule), or an operator's ``{"files": [key, …], "force": bool, "whole": bool}``.

    A refused import is at its end: its report says why, and an operator can force it.
    """
    del context
    imports = services().import_register
    if "files" in event:
        report = imports.run_stored(
            event["files"], force=event.get("force") is True, whole=event.get("whole") is not False
        )
    else:
        arrived = imports.run_arrived()
        if arrived is None:
            return {"outcome": "nothing new"}
        report = arrived
    return {
        "outcome": str(report.outcome),
        "version": report.version,
        "summary": report.summary(),
        "reason": report.reason,
    }
