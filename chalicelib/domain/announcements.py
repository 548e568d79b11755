"""News, and changes of the interfaces with the dates that are promised for them (C15 8, HLP-01, HLP-03, SLA-08).

An existing interface is supported for 18 months after its change is announced. The announcement has an overview of the
change; its specification follows within six months.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

KEPT_MONTHS: Final = 18
"""Months for which an interface is supported after its change is announced, at least."""
SPECIFIED_MONTHS: Final = 6
"""Months within which the specification follows the announcement."""


class News(NamedTuple):
    """Something that people should know."""

    day: date
    title: str
    text: str


class InterfaceChange(NamedTuple):
    """A change of a web service or of a file format that is announced."""

    announced: date
    interface: str
    """What changes: the path of a route, or a file format with its version."""
    overview: str
    specified: date
    """When its specification is published, at the latest."""
    supported_until: date
    """Until when the existing interface is supported, at least."""

    @property
    def keeps_promises(self) -> bool:
        """Whether its dates are those that are promised."""
        in_time = self.announced <= self.specified <= months_after(self.announced, SPECIFIED_MONTHS)
        return in_time and self.supported_until >= months_after(self.announced, KEPT_MONTHS)


NEWS: Final[Sequence[News]] = (
    News(
        date(2026, 11, 27),
        "The Organisation Portal",
        "People can now use in a browser what until now only systems could: sign in and see what your roles allow.",
    ),
)
"""Newest first."""
INTERFACE_CHANGES: Final[Sequence[InterfaceChange]] = ()
"""Newest first. No interface of version 1 will change."""


def months_after(day: date, months: int) -> date:
    """The same day of a later month; the month's last day if it has no such day."""
    number = day.month - 1 + months
    year, month = day.year + number // 12, number % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
