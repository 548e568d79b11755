"""Submission history: by learner and by day (ACH-08, ACH-10).

There is no index of achievements by organisation. A learner's are read from the learner's partition, a day's from what
the register's stream collected. Every look is in the audit log before the response.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from chalicelib.domain.achievements import Achievement, Key, Version
from chalicelib.domain.aims import parse_aim_reference
from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import Failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.uln import Uln
from chalicelib.domain.working_time import london_day
from chalicelib.ports.achievements import PageTokens, SingleAchievements, Submissions, SubmittedChange
from chalicelib.ports.clock import Clock
from chalicelib.services.looks import Looks, learner_subject
from chalicelib.services.pages import Page, Pages


@dataclass(frozen=True, slots=True)
class ListPorts:
    """The ports that the listings use."""

    achievements: SingleAchievements
    submissions: Submissions
    looks: Looks
    tokens: PageTokens
    clock: Clock


class HistoryLine(NamedTuple):
    """A version of an achievement."""

    number: int
    version: Version
    before: Version | None
    """The version before it; None for the first."""


class AchievementLists:
    """Listings of what an organisation submitted; each method may raise BadCursor and TemporaryFailure."""

    def __init__(self, ports: ListPorts) -> None:
        self._ports = ports
        self._pages = Pages(ports.tokens)

    def today(self) -> date:
        """Today's date in Europe/London."""
        return london_day(self._ports.clock())

    def of_learner(self, caller: Caller, uln: Uln, limit: int, cursor: str = "") -> Page[Achievement]:
        """The achievements that the caller's organisation submitted for one learner, by reference and award date."""
        scope = ("learner", caller.ukprn, uln)
        after = self._pages.opened(scope, cursor)
        # One more than a page, to find out whether there is another.
        stored = self._ports.achievements.of_learner(uln, _key_at(uln, after) if after else None, limit + 1)
        own = ((_place_of(held.key), held) for held in stored if held.owner == caller.ukprn)
        page = self._pages.page(scope, own, limit)
        self._look(caller, LookAction.ACHIEVEMENTS_OF_LEARNER_LISTED, learner_subject(uln), page.items)
        return page

    def of_achievement(self, held: Achievement, limit: int, cursor: str = "") -> Page[HistoryLine]:
        """The versions of an achievement that its organisation views; oldest first."""
        scope = ("history", *_place_of(held.key).split(), held.key.uln)
        after = int(self._pages.opened(scope, cursor) or 0)
        versions = self._ports.achievements.forwards(held, max(after - 1, 0))
        lines = (line for line in _history(versions) if line.number > after)
        return self._pages.page(scope, ((str(line.number), line) for line in lines), limit)

    def of_day(self, caller: Caller, day: date, limit: int, cursor: str = "") -> Page[SubmittedChange]:
        """The caller's organisation's changes that were accepted on a day in Europe/London, roughly in order of time.

        Changes appear here within seconds; until the day is over, new ones are added at the end.
        """
        scope = ("day", caller.ukprn, day.isoformat())
        after = self._pages.opened(scope, cursor)
        page = self._pages.page(scope, self._ports.submissions.of_day(caller.ukprn, day, after), limit)
        subject = f"DAY#{caller.ukprn}#{day.isoformat()}"
        self._look(caller, LookAction.ACHIEVEMENTS_OF_DAY_LISTED, subject, page.items, after)
        return page

    def _look(self, caller: Caller, action: LookAction, subject: str, items: Sequence[object], after: str = "") -> None:
        """Record what was looked at; the listing and its place show which learners were on the page."""
        self._ports.looks.at(caller, action, subject, count=str(len(items)), after=after)


def _history(versions: Iterable[tuple[int, Version]]) -> Iterator[HistoryLine]:
    before: Version | None = None
    for number, version in versions:
        yield HistoryLine(number, version, before)
        before = version


def _place_of(key: Key) -> str:
    """A place in a learner's listing, without the ULN, because anyone can read a cursor."""
    return f"{key.aim_reference} {key.award_date.isoformat()}"


def _key_at(uln: Uln, place: str) -> Key:
    reference, _, awarded = place.partition(" ")
    aim = parse_aim_reference(reference)
    assert not isinstance(aim, Failure), "the token was sealed by us"
    return Key(uln, aim, date.fromisoformat(awarded))
