"""Lambda of a schedule: counts what awarding organisations submitted in time and late (ACH-10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from chalicelib.bootstrap import services, start
from chalicelib.grants import needs
from chalicelib.observability import Code, log, observed

NEEDS = needs("count_timeliness")
MARGIN: Final = timedelta(minutes=3)
"""Time for the day that a run has begun."""
start(NEEDS, lambda my: my.timeliness_count)


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """How many days of organisations had submissions, and whether there was no time for every day."""
    del event
    made = services(needs=NEEDS)
    until = made.clock() + timedelta(milliseconds=context.get_remaining_time_in_millis()) - MARGIN
    done = made.timeliness_count.run(until)
    if done.is_behind:
        log(Code.TIMELINESS_BEHIND, days=done.days)
    return done._asdict()
