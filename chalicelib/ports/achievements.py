"""Stored achievements, and the submission history of organisations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from chalicelib.domain.achievements import Achievement, Key, Status, Version
from chalicelib.domain.codes import SubmissionType


class Achievements(Protocol):
    """Stored achievements. Every write is conditional; nothing is overwritten without having been read.

    An achievement is read with its latest versions only. When it is written, versions that no longer fit are stored
    apart first, so none is ever lost.
    """

    def read(self, keys: Iterable[Key]) -> dict[Key, Achievement]:
        """The achievements that exist, strongly consistently. Any number of keys, read 100 per call."""
        ...

    def write_all(self, achievements: Sequence[Achievement]) -> list[bool]:
        """Write the next version of each, 25 per call. For revision 1 its key must not exist; otherwise the stored
        revision must be one less. False for those that do not meet this condition. Keys must be distinct.
        """
        ...

    def write(self, achievement: Achievement) -> None:
        """Write one, with the same condition. Raises :class:`Conflict`."""
        ...

    def backwards(self, achievement: Achievement) -> Iterator[Version]:
        """Every version of an achievement that was read, newest first; more is only read when it is wanted."""
        ...


class SubmittedChange(NamedTuple):
    """One accepted change of an achievement, from the register's stream (ACH-08, ACH-10)."""

    organisation: str
    """UKPRN of the organisation that made it."""
    at: str
    """Time of the change, ISO 8601 in UTC, to the second."""
    key: Key
    revision: int
    """The version created by the change."""
    actions: str
    """The numbers of the accepted actions, in order, such as ``1`` or ``32``."""
    status: Status
    """After the change, as are the next two."""
    submission_type: SubmissionType
    late: bool
    channel: str
    user: str
    job: str
    """The batch job, or empty for a single change."""
    action_date: str
    """ISO 8601: of the last action. Empty for a new achievement."""


class SingleAchievements(Protocol):
    """Stored achievements, one at a time."""

    def read(self, keys: Iterable[Key]) -> dict[Key, Achievement]:
        """The achievements that exist, strongly consistently."""
        ...

    def write(self, achievement: Achievement) -> None:
        """Write the next version. Raises :class:`~chalicelib.ports.Conflict`."""
        ...

    def backwards(self, achievement: Achievement) -> Iterator[Version]:
        """Every version of an achievement that was read, newest first; more is only read when it is wanted."""
        ...

    def forwards(self, achievement: Achievement, after: int = 0) -> Iterator[tuple[int, Version]]:
        """The versions of an achievement that was read, each with its number, oldest first, starting after one."""
        ...

    def of_learner(self, uln: str, after: Key | None, count: int) -> Iterator[Achievement]:
        """A learner's achievements by reference and award date, starting after ``after``; strongly consistent.

        They are read ``count`` at a time.
        """
        ...


class Submissions(Protocol):
    """Each organisation's submissions by day, from the register's stream."""

    def record(self, changes: Sequence[tuple[str, SubmittedChange]]) -> None:
        """Store changes, each with the id of its event. Repeated events, in order, change nothing."""
        ...

    def of_day(self, ukprn: str, day: date, after: str = "") -> Iterator[tuple[str, SubmittedChange]]:
        """An organisation's changes of a day in Europe/London, roughly in order of time.

        Each has its position; the list starts after the position ``after``.
        """
        ...


class PageTokens(Protocol):
    """Seals the position at which a list continues."""

    def seal(self, scope: tuple[str, ...], place: str) -> str: ...

    def open(self, scope: tuple[str, ...], token: str) -> str:
        """The position; raises :class:`~chalicelib.ports.BadCursor`."""
        ...
