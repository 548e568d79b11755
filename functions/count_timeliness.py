"""Lambda of a schedule: counts what awarding organisations submitted in time and late (ACH-10)."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services, start
from chalicelib.grants import needs
from chalicelib.observability import observed

NEEDS = needs("count_timeliness")
start(NEEDS, lambda my: my.timeliness_count)


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """How many days of organisations had submissions."""
    del event, context
    return {"days": services(needs=NEEDS).timeliness_count.run()}
