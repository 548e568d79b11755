"""Lambda of a schedule: counts the service levels, and reports each month on its first day after (SLA-01 to SLA-04)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from chalicelib.bootstrap import services, start
from chalicelib.cloud.level_metrics import publish
from chalicelib.domain.callers import Channel
from chalicelib.domain.tallies import OTHER
from chalicelib.grants import needs
from chalicelib.observability import Code, Metric, elapsed, log, measure, observed

NEEDS = needs("report_levels")
MARGIN = timedelta(seconds=90)
"""Time for adding up months and sending their reports."""
TOLERATED: Final = 10
"""Requests that may seem to be missing: what arrives at the end of a month may be measured in the next one."""
start(NEEDS, lambda my: my.level_reporter)


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """How many hours were counted and which reports were sent."""
    del event
    made = services(needs=NEEDS)
    until = made.clock() + timedelta(milliseconds=context.get_remaining_time_in_millis()) - MARGIN
    done = made.level_reporter.run(until)
    publish(done.levels, done.recoveries, made.clock())
    if done.month is not None:
        odd = done.month.tallies
        others = sum(level.requests for level in done.levels if level.function == OTHER)
        counts = {"doubled": odd.doubled, "missing": odd.missing(Channel.WEBSERVICE), "unreadable": odd.unreadable}
        if counts["unreadable"] or counts["missing"] > TOLERATED:
            log(Code.LINES_ODD, **counts, unknown=others)
    for month in done.sent:
        log(Code.REPORT_SENT, month=str(month))
    for month, kind in done.not_sent:
        log(Code.REPORT_NOT_SENT, month=str(month), kind=kind)
    log(Code.LEVELS_BEHIND if done.is_behind else Code.LEVELS_COUNTED, hours=done.hours, milliseconds=elapsed())
    if not done.is_behind:
        measure(Metric.LEVELS_REPORTED)
    return {"hours": done.hours, "is_behind": done.is_behind, "sent": [str(month) for month in done.sent]}
