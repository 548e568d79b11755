"""Lambda of a schedule: what the pipeline is waiting for is sent again (SLA-03)."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import services


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What the round found and did."""
    del event, context
    return services().batch_watch.run()._asdict()
