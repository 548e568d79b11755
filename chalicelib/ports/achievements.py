"""Stored achievements, and the lists of what organisations submitted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from chalicelib.domain.achievements import Achievement, Key, Status, SubmissionType


class Achievements(Protocol):
    """Stored achievements. Every write is conditional; nothing is ever overwritten unseen."""

    def read(self, keys: Iterable[Key]) -> dict[Key, Achievement]:
        """Strongly consistent; those that exist. Any number of keys, read 100 a call."""
        ...

    def write_all(self, achievements: Sequence[Achievement]) -> list[bool]:
        """Write each one version on, 25 a call: its key must not exist for revision 1, else the stored revision must
        be one less; False for those for which it was not so. Keys must be distinct.
        """
        ...

    def write(self, achievement: Achievement) -> None:
        """Write one, on the same condition. Raises :class:`Conflict`."""
        ...


class SubmittedChange(NamedTuple):
    """One accepted change of an achievement, as the register's stream tells it (ACH-08, ACH-10)."""

    organisation: str
    """UKPRN of the organisation that made it."""
    at: str
    """Time of the change, ISO 8601 in UTC, to the second."""
    key: Key
    revision: int
    """The version that the change made."""
    actions: str
    """The numbers of the accepted actions, in order, such as ``1`` or ``32``."""
    status: Status
    """What stood afterwards; likewise the next two."""
    submission_type: SubmissionType
    late: bool
    channel: str
    user: str
    job: str
    """The batch job, or empty for a single change."""


class SingleAchievements(Protocol):
    """Stored achievements, one at a time."""

    def read(self, keys: Iterable[Key]) -> dict[Key, Achievement]:
        """Strongly consistent; those that exist."""
        ...

    def write(self, achievement: Achievement) -> None:
        """Write one version on. Raises :class:`~chalicelib.ports.Conflict`."""
        ...

    def of_learner(self, uln: str, after: Key | None = None) -> Iterator[Achievement]:
        """A learner's achievements by reference and award date, those behind ``after``; strongly consistent."""
        ...


class Submissions(Protocol):
    """What each organisation submitted, day by day, brought by the register's stream."""

    def record(self, changes: Sequence[tuple[str, SubmittedChange]]) -> None:
        """Keep changes, each with the id of its event. Events that come again, in order, change nothing."""
        ...

    def of_day(self, ukprn: str, day: date, after: str = "") -> Iterator[tuple[str, SubmittedChange]]:
        """An organisation's changes of a day in Europe/London, about in the order of their times.

        Each comes with its place; ``after`` is the place behind which to begin.
        """
        ...


class PageTokens(Protocol):
    """Seals the place at which a listing goes on."""

    def seal(self, scope: tuple[str, ...], place: str) -> str: ...

    def open(self, scope: tuple[str, ...], token: str) -> str:
        """The place; raises :class:`~chalicelib.ports.BadCursor`."""
        ...
