"""Lambda of a schedule: calls the service from outside, so that an outage is noticed at night too (SLA-01)."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services, start
from chalicelib.grants import needs
from chalicelib.observability import Code, Metric, log, measure, observed

NEEDS = needs("probe_service")
start(NEEDS, lambda my: my.probe)


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Whether the service answered, and in how many milliseconds."""
    del event, context
    found = services(needs=NEEDS).probe.run()
    measure(Metric.PROBE_SUCCEEDED, int(found.succeeded))
    measure(Metric.PROBE_MILLISECONDS, found.milliseconds)
    if not found.succeeded:
        log(Code.PROBE_FAILED, kind=found.kind, status=found.status, milliseconds=found.milliseconds)
    return {"succeeded": found.succeeded, "milliseconds": found.milliseconds}
