"""A fake of organisations' submissions, by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

from chalicelib.domain.working_time import london_day
from chalicelib.ports.achievements import SubmittedChange
from chalicelib.ports.errors import BadCursor
from tests.fakes.calls import Fake, FakeClock, Hook, call, no_hook


class FakeSubmissions(Fake):
    """Changes by the id of their event."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[str, SubmittedChange] = {}

    @call("submissions.record")
    def record(self, changes: Sequence[tuple[str, SubmittedChange]]) -> None:
        self.held.update(changes)

    def of_day(self, ukprn: str, day: date, after: str = "") -> Iterator[tuple[str, SubmittedChange]]:
        theirs = [
            (f"{change.at}#{event_id}/0", change)
            for event_id, change in self.held.items()
            if change.organisation == ukprn and london_day(datetime.fromisoformat(change.at)) == day
        ]
        yield from sorted(line for line in self._asked(theirs) if line[0] > after)

    @call("submissions.of_day")
    def _asked(self, lines: list[tuple[str, SubmittedChange]]) -> list[tuple[str, SubmittedChange]]:
        return lines


class FakePageTokens:
    """Page cursors without protection, for tests only. They never expire."""

    def lasting(self, lifetime: timedelta) -> FakePageTokens:
        return self

    def seal(self, scope: tuple[str, ...], place: str) -> str:
        # As with the real one, the scope cannot be read from it, because it may contain a learner's details.
        return f"{sha256(repr((scope, place)).encode()).hexdigest()}|{place}"

    def open(self, scope: tuple[str, ...], token: str) -> str:
        place = token.partition("|")[2]
        if self.seal(scope, place) != token:
            raise BadCursor
        return place
