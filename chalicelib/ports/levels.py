"""Times when the service was not available."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol


class Outages(Protocol):
    """Times when the service was not available (ACH-10, SLA-01)."""

    def since(self, day: date) -> list[tuple[datetime, datetime]]:
        """Periods of unavailability that end after that day, as (start, end)."""
        ...
