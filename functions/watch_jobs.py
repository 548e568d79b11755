"""Lambda of a schedule: sends again what the pipeline is waiting for (SLA-03)."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services, start
from chalicelib.grants import needs
from chalicelib.observability import Code, Metric, elapsed, log, measure, observed

NEEDS = needs("watch_jobs")
start(NEEDS, lambda my: my.batch_watch)


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What the run found and did."""
    del event, context
    found = services(needs=NEEDS).batch_watch.run()
    measure(Metric.SENT_AGAIN, found.sent_again)
    measure(Metric.GIVEN_UP, found.given_up)
    measure(Metric.FOUND_FILES, found.found_files)
    measure(Metric.FAULTS, len(found.troubles))
    for job, kind in (trouble.split() for trouble in found.troubles):
        log(Code.JOB_TROUBLE, job=job, kind=kind)
    log(
        Code.ROUND_DONE,
        open_jobs=found.open_jobs,
        oldest_hours=round(found.oldest_hours, 2),
        sent_again=found.sent_again,
        given_up=found.given_up,
        found_files=found.found_files,
        milliseconds=elapsed(),
    )
    return found._asdict()
