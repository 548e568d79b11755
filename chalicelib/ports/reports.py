"""Reports as PDF."""

from __future__ import annotations

from typing import Any, Protocol


class Reports(Protocol):
    """Makes reports."""

    def pdf(self, report: dict[str, Any]) -> bytes:
        """The PDF of a report's texts. Raises TemporaryFailure."""
        ...
