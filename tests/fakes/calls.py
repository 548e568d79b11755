"""How every call of a fake can be made to fail, and the clock and identifiers that the fakes share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import wraps
from typing import Any, TypeVar

from chalicelib.ports.errors import BadCursor, TemporaryFailure

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Where the clock of a world begins: a Monday morning."""


class Fault(Enum):
    """What a hook may request for a call; it may also raise, which stops the call before any effect."""

    ANSWER_LOST = "the call takes effect, and its answer is lost: TemporaryFailure"
    REPEATED = "the first answer is lost, the adapter repeats the call, and the second answer is given"
    """If the real adapter recognises its own earlier write, this is the first answer."""


Hook = Callable[[str], "Fault | None"]
"""Called with the name of each call, such as ``achievements.write``, before it has any effect.

It may raise (a crash, or TemporaryFailure), run other code (interleaving), or return a :class:`Fault`.
"""


def no_hook(name: str) -> None:
    """The hook of a world without failures."""


Method = TypeVar("Method", bound=Callable[..., Any])


def call(name: str, *, knows_own: bool = False) -> Callable[[Method], Method]:
    """Mark a method of a fake as one call to an outside service.

    ``knows_own``: the real adapter recognises what an earlier attempt of the same call has written.
    """

    def decorate(method: Method) -> Method:
        @wraps(method)
        def run(self: Fake, *args: Any, **named: Any) -> Any:
            fault = self.hook(name)
            answer = method(self, *args, **named)
            if fault is Fault.ANSWER_LOST:
                raise TemporaryFailure(name)
            return method(self, *args, **named) if fault is Fault.REPEATED and not knows_own else answer

        return run  # type: ignore[return-value]

    return decorate


class Fake:
    """A fake whose calls go through the hook of its world; the hook can be replaced at any time."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        self.clock = clock
        self.hook = before


class FakeClock:
    """A clock that stands still unless it is set."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta = timedelta(seconds=1)) -> datetime:
        self.now += by
        return self.now


class CountedIds:
    """Identifiers in the order of requests: ``ID000001``, ``ID000002``."""

    def __init__(self, prefix: str = "ID") -> None:
        self.prefix = prefix
        self.given = 0

    def __call__(self) -> str:
        self.given += 1
        return f"{self.prefix}{self.given:06d}"


T = TypeVar("T")


def page_after(cursor: str, found: Sequence[T], limit: int, place: Callable[[T], str]) -> tuple[list[T], str]:
    """The page after the one that gave this cursor, and its own cursor; ``place`` names an item in this list alone."""
    start = 0
    if cursor:
        places = [number for number, one in enumerate(found, 1) if cursor == f"after {place(one)}"]
        if not places:
            raise BadCursor
        (start,) = places
    page = list(found[start : start + limit])
    more = page and start + limit < len(found)
    return page, f"after {place(page[-1])}" if more else ""
