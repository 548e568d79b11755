"""Submission history: by learner, by batch job, by day (ACH-08, ACH-10).

There is no index of achievements by organisation. A learner's are read from the learner's partition, a job's from its
output file, a day's from what the register's stream collected. Every look is in the audit log before the response.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from chalicelib.domain.achievements import Achievement, Key, Version
from chalicelib.domain.aims import parse_aim_reference
from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.jobs import ACHIEVEMENTS, Job
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.refusals import Refused
from chalicelib.domain.uln import Uln, parse_uln
from chalicelib.domain.values import parse_date
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.achievement_results import OutputRecord, read_output
from chalicelib.ports.achievements import PageTokens, SingleAchievements, Submissions, SubmittedChange
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import BadCursor, Missing
from chalicelib.ports.files import Files
from chalicelib.ports.jobs import Jobs
from chalicelib.services.looks import Looks, job_subject, learner_subject

T = TypeVar("T")


class Page(NamedTuple, Generic[T]):
    """Part of a listing; ``cursor`` continues it and is empty at its end."""

    items: list[T]
    cursor: str


@dataclass(frozen=True, slots=True)
class ListPorts:
    """The ports that the listings use."""

    achievements: SingleAchievements
    submissions: Submissions
    jobs: Jobs
    files: Files
    looks: Looks
    tokens: PageTokens
    clock: Clock


class AchievementLists:
    """Listings of what an organisation submitted; each method may raise BadCursor and TemporaryFailure."""

    def __init__(self, ports: ListPorts) -> None:
        self._ports = ports

    def today(self) -> date:
        """Today's date in Europe/London."""
        return london_day(self._ports.clock())

    def of_learner(self, caller: Caller, uln: Uln, limit: int, cursor: str = "") -> Page[Achievement]:
        """The achievements that the caller's organisation submitted for one learner, by reference and award date."""
        scope = ("learner", caller.ukprn, uln)
        after = self._opened(scope, cursor)
        # One more than a page, to find out whether there is another.
        stored = self._ports.achievements.of_learner(uln, _key_at(uln, after) if after else None, limit + 1)
        own = ((_place_of(held.key), held) for held in stored if held.owner == caller.ukprn)
        page = self._page(scope, own, limit)
        self._look(caller, LookAction.ACHIEVEMENTS_OF_LEARNER_LISTED, learner_subject(uln), page.items)
        return page

    def of_achievement(self, held: Achievement, limit: int, cursor: str = "") -> Page[tuple[int, Version]]:
        """The versions, with their numbers, of an achievement that its organisation views; oldest first."""
        scope = ("history", *_place_of(held.key).split(), held.key.uln)
        after = int(self._opened(scope, cursor) or 0)
        lines = self._ports.achievements.forwards(held, after)
        return self._page(scope, ((str(number), (number, version)) for number, version in lines), limit)

    def of_day(self, caller: Caller, day: date, limit: int, cursor: str = "") -> Page[SubmittedChange]:
        """The caller's organisation's changes that were accepted on a day in Europe/London, roughly in order of time.

        Changes appear here within seconds; until the day is over, new ones are added at the end.
        """
        scope = ("day", caller.ukprn, day.isoformat())
        after = self._opened(scope, cursor)
        page = self._page(scope, self._ports.submissions.of_day(caller.ukprn, day, after), limit)
        subject = f"DAY#{caller.ukprn}#{day.isoformat()}"
        self._look(caller, LookAction.ACHIEVEMENTS_OF_DAY_LISTED, subject, page.items, after)
        return page

    def of_job(self, caller: Caller, job_id: str, limit: int, cursor: str = "") -> Page[OutputRecord]:
        """Every record of one of the organisation's batch jobs with its result, in the order of the file.

        Raises Refused: WSRC0018; WSRC0008 while there is no output file yet; LRS-REQ-9 when it is no longer kept.
        """
        job = self._ports.jobs.get(job_id)
        if job is None or job.ukprn != caller.ukprn or job.kind != ACHIEVEMENTS:
            action = LookAction.ACHIEVEMENTS_OF_JOB_LISTED
            self._ports.looks.at(caller, action, job_subject(job_id), LookOutcome.NOT_FOUND)
            raise Refused(failure("WSRC0018"))
        if not job.status.is_end:
            raise Refused(failure("WSRC0008"))
        scope = ("job", caller.ukprn, job_id)
        after = int(self._opened(scope, cursor) or 0)
        page = self._page(scope, self._records(job, after), limit)
        subject = job_subject(job_id)
        self._look(caller, LookAction.ACHIEVEMENTS_OF_JOB_LISTED, subject, page.items, str(after or ""))
        return page

    def _records(self, job: Job, after: int) -> Iterator[tuple[str, OutputRecord]]:
        """The records after a record number; a file that was refused as a whole has none."""
        if not job.output_key:
            return
        try:
            data = self._ports.files.read("results", job.output_key)
        except Missing:
            raise Refused(failure("LRS-REQ-9", file="output")) from None
        for record in read_output(data, job.format):
            if record.number > after:
                yield str(record.number), record

    def _opened(self, scope: tuple[str, ...], cursor: str) -> str:
        """The place after which the page begins; empty for the first page."""
        if not cursor:
            return ""
        place = self._ports.tokens.open(scope, cursor)
        if not place:
            raise BadCursor
        return place

    def _page(self, scope: tuple[str, ...], lines: Iterable[tuple[str, T]], limit: int) -> Page[T]:
        """One page of the lines; one more line is read to find out whether there is another page."""
        found = list(islice(lines, limit + 1))
        more = self._ports.tokens.seal(scope, found[limit - 1][0]) if len(found) > limit else ""
        return Page([line for _, line in found[:limit]], more)

    def _look(self, caller: Caller, action: LookAction, subject: str, items: Sequence[object], after: str = "") -> None:
        """Record what was looked at; the listing and its place show which learners were on the page."""
        self._ports.looks.at(caller, action, subject, count=str(len(items)), after=after)


def key_of_record(record: OutputRecord) -> Key | None:
    """The achievement that a submitted record identifies; None when its values do not identify one."""
    uln, aim = parse_uln(record.uln), parse_aim_reference(record.aim_reference)
    awarded = parse_date(record.award_date, "AchievementAwardDate")
    if isinstance(uln, Failure) or isinstance(aim, Failure) or isinstance(awarded, Failure):
        return None
    return Key(uln, aim, awarded)


def _place_of(key: Key) -> str:
    """A place in a learner's listing, without the ULN, because anyone can read a cursor."""
    return f"{key.aim_reference} {key.award_date.isoformat()}"


def _key_at(uln: Uln, place: str) -> Key:
    reference, _, awarded = place.partition(" ")
    aim = parse_aim_reference(reference)
    assert not isinstance(aim, Failure), "the token was sealed by us"
    return Key(uln, aim, date.fromisoformat(awarded))
