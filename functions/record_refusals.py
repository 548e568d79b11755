"""Lambda of a schedule: records the refused calls of strangers, a source and minute at a time (SEC-01)."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services, start
from chalicelib.grants import needs
from chalicelib.observability import observed

NEEDS = needs("record_refusals")
start(NEEDS, lambda my: my.refused_calls)


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """How many entries were made."""
    del event, context
    return {"recorded": services(needs=NEEDS).refused_calls.record()}
