"""Lambda of a schedule: mutes the alarms in agreed maintenance (SLA-05)."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services, start
from chalicelib.grants import needs
from chalicelib.observability import observed

NEEDS = needs("mute_alarms")
start(NEEDS, lambda my: my.alarm_mutes)


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """How many rules were made and deleted."""
    del event, context
    mutes = services(needs=NEEDS).alarm_mutes
    return mutes.run()._asdict() if mutes is not None else {"made": 0, "deleted": 0}
