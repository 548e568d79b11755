"""The import of feeds of learning events: school data and funding returns (PLR-01).

An import is repeatable: source and identifier identify an event, and one that is the same as before is not changed, so
importing the same file again changes nothing. A run that reaches its time limit keeps its place, and the next one
continues there, so a file may be larger than one run can import. A row is only accepted if its learner is the one
registered with its ULN; refused rows are reported by line and reason, never with their content.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.records import ParticipationEvent, hash_of
from chalicelib.domain.working_time import london_day
from chalicelib.formats.feeds.event_files import Feed, FeedRow, UnreadableFeed
from chalicelib.formats.words.messages import sentence
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Missing, TooLarge
from chalicelib.ports.files import Files
from chalicelib.ports.learners import Learners
from chalicelib.ports.records import EventIdentity, EventKey, ParticipationEvents
from chalicelib.services.verification import REFUSED, compared, register_failures

BUCKET: Final = "catalogue"
ARRIVALS: Final = "feeds/"
"""The prefix for feeds."""
REPORTS: Final = "feed-reports/"
_REPORT: Final = f"{REPORTS}%Y%m%dT%H%M%S.%fZ.json"
MOST_BYTES: Final = 200_000_000
SHOWN_FAULTS: Final = 10_000
"""Most refused rows of a file listed in a report."""
PROGRESS: Final = "feed-progress/import.json"
ROWS: Final = 1_000
"""Rows that are imported together."""
KEPT_EVERY: Final = 10
"""Groups of rows after which the place is stored: a run that dies repeats no more than these."""
_UPLOADING: Final = timedelta(days=1)
"""How long an upload may take: an object that is sent in parts bears the time at which its upload began."""
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class RowFault(NamedTuple):
    """Why a row was refused: one reason."""

    line: int
    field: str
    code: str
    reason: str


@dataclass(frozen=True)
class FeedReport:
    """The result of one file."""

    name: str
    source: str = ""
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    moved: int = 0
    """Events that were withdrawn from another learner, because their row now has another ULN."""
    faults: tuple[RowFault, ...] = ()
    """The reasons of the first refused rows."""
    unreadable: tuple[RowFault, ...] = ()
    """Why the file, or the rest of it, cannot be read."""


@dataclass(frozen=True)
class EventImport:
    """The results of the files of one import."""

    at: str
    files: tuple[FeedReport, ...]
    waiting: int = 0
    """Files that are left for the next run."""

    def to_json(self) -> str:
        """The whole report for people and programs."""
        files: list[dict[str, Any]] = []
        for file in self.files:
            document = asdict(file)
            document["faults"] = [fault._asdict() for fault in file.faults]
            document["unreadable"] = [fault._asdict() for fault in file.unreadable]
            files.append(document)
        return json.dumps({"at": self.at, "files": files}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, data: bytes) -> EventImport:
        """The report that :meth:`to_json` wrote."""
        found = json.loads(data)
        faults = ("faults", "unreadable")
        files = [
            one | {name: [list(fault.values()) for fault in one[name]] for name in faults} for one in found["files"]
        ]
        return cls(found["at"], tuple(map(_report_from, files)))


@dataclass(frozen=True)
class Progress:
    """How far an import has come. It names files and lines, nothing of a learner."""

    began: str = ""
    listed: str = ""
    """When arrived files were last listed; empty before the first time."""
    taken: tuple[tuple[str, str], ...] = ()
    """The files that were listed then, by key and version."""
    waiting: tuple[tuple[str, str], ...] = ()
    """The files to import; of the first a part may be done."""
    done: tuple[FeedReport, ...] = ()
    current: FeedReport | None = None
    """What has been done of the first file."""
    refused: tuple[int, ...] = ()
    """The lines of its refused rows."""

    def to_json(self) -> str:
        """Written compactly, since it is written often."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, data: bytes) -> Progress:
        """The progress that :meth:`to_json` wrote."""
        found = json.loads(data)
        for name in ("taken", "waiting"):
            found[name] = tuple((key, version) for key, version in found[name])
        done, current = tuple(map(_report_from, found["done"])), found["current"]
        found |= {"done": done, "current": _report_from(current) if current else None}
        return cls(**found | {"refused": tuple(found["refused"])})


def _report_from(packed: dict[str, Any]) -> FeedReport:
    lists = {name: tuple(RowFault(*fault) for fault in packed[name]) for name in ("faults", "unreadable")}
    return FeedReport(**packed | lists)


def _with_report(at: Progress, report: FeedReport) -> Progress:
    return replace(at, done=(*at.done, report))


class ImportEvents:
    """Imports feeds into the register."""

    def __init__(self, events: ParticipationEvents, learners: Learners, files: Files, clock: Clock) -> None:
        self._events = events
        self._learners = learners
        self._files = files
        self._clock = clock

    def run_arrived(self, until: datetime | None = None) -> EventImport | None:
        """Continue an import, or import the files put under ``feeds/`` since the last one; None if there are none.

        At ``until`` it stops and keeps its place for the next run.
        """
        at = self._progress()
        if not at.waiting:
            at = self._arrived(at)
        return self._continue(at, until) if at.waiting else None

    def run_stored(self, keys: Sequence[str], until: datetime | None = None) -> EventImport:
        """Import objects of the catalogue bucket, after those that are waiting, and store the report beside them.

        Raises Missing for one that does not exist; it is left out.
        """
        at = self._progress()
        if not at.waiting:
            at = replace(at, began=self._clock().isoformat(), done=())
        return self._continue(replace(at, waiting=(*at.waiting, *((key, "") for key in keys))), until)

    def _arrived(self, last: Progress) -> Progress:
        """A new import of the files that have arrived since they were last listed."""
        now = self._clock()
        since = datetime.fromisoformat(last.listed) - _UPLOADING if last.listed else _EVER
        listed = [(found.key, found.version) for found in self._files.objects(BUCKET, ARRIVALS, since) if found.size]
        waiting = tuple(one for one in listed if one not in last.taken)
        return Progress(now.isoformat(), now.isoformat(), tuple(listed), waiting)

    def _continue(self, at: Progress, until: datetime | None) -> EventImport:
        """Import the files that are waiting; until all are imported, the report says how many are left."""
        self._keep(at)
        while at.waiting:
            at, complete = self._file(at, until)
            self._keep(at)
            if not complete:
                return EventImport(at.began, at.done, len(at.waiting))
        report = EventImport(at.began, at.done)
        key = datetime.fromisoformat(at.began).strftime(_REPORT)
        self._files.write(BUCKET, key, report.to_json().encode(), "application/json")
        return report

    def _file(self, at: Progress, until: datetime | None) -> tuple[Progress, bool]:
        """Import the first of the waiting files, from where it was left; False if time has run out."""
        key, version = at.waiting[0]
        after = replace(at, waiting=at.waiting[1:], current=None, refused=())
        report = at.current or FeedReport(key.removeprefix(ARRIVALS))
        try:
            data = self._files.read(BUCKET, key, version, MOST_BYTES)
        except Missing:
            self._keep(after)
            raise
        except TooLarge:
            return _with_report(after, replace(report, unreadable=(_fault(failure("ACB013", limit=MOST_BYTES)),))), True
        try:
            feed = Feed(data, london_day(datetime.fromisoformat(at.began)))
            report = replace(report, source=feed.shape.source)
            for come in self._groups_taken(replace(at, current=report), feed):
                report = come.current or report
                if until is not None and self._clock() >= until:
                    return come, False
        except UnreadableFeed as why:
            report = replace(report, unreadable=tuple(map(_fault, why.failures)))
        return _with_report(after, report), True

    def _groups_taken(self, at: Progress, feed: Feed) -> Iterator[Progress]:
        """Import the groups of rows that have not been imported yet; the progress after each, which is kept often."""
        seen: set[tuple[str, ...]] = set()
        report, refused = at.current or FeedReport(""), set(at.refused)
        passed = 0
        for number, rows in enumerate(_groups(feed.rows()), 1):
            passed += len(rows)
            if passed <= report.rows:
                for row in rows:
                    if row.event is not None and row.line not in refused:
                        seen |= _marks(row.event)
                continue
            report, lines = self._taken(report, rows, seen, at.began)
            at = replace(at, current=report, refused=(*at.refused, *lines))
            if number % KEPT_EVERY == 0:
                self._keep(at)
            yield at

    def _taken(
        self, report: FeedReport, rows: Sequence[FeedRow], seen: set[tuple[str, ...]], began: str
    ) -> tuple[FeedReport, list[int]]:
        """Import the valid ones of these rows; returns the report after them, and the lines of the others."""
        refused = {row.line: row.failures for row in rows if row.event is None}
        refused |= self._strangers([row for row in rows if row.event is not None])
        valid: dict[EventKey, ParticipationEvent] = {}
        for row in rows:
            if row.event is None or row.line in refused:
                continue
            if not seen.isdisjoint(_marks(row.event)):
                refused[row.line] = (failure("LRS-PLR-5", line=row.line),)
                continue
            seen |= _marks(row.event)
            valid[_key(row.event)] = row.event
        held = self._events.read(valid)
        # An event that this import wrote before it was interrupted is new.
        new = {key for key in valid if key not in held or held[key].loaded_at == began}
        changed = {key for key in valid if key not in new and hash_of(valid[key]) != hash_of(held[key])}
        moved = self._hold([valid[key] for key in (*new, *changed) if not valid[key].withdrawn])
        self._events.write(
            [
                event._replace(loaded_at=began if key in new else held[key].loaded_at)
                for key, event in valid.items()
                if key in changed or (key in new and (key not in held or hash_of(event) != hash_of(held[key])))
            ]
        )
        faults = [_fault(reason) for line in sorted(refused) for reason in refused[line]]
        after = replace(
            report,
            rows=report.rows + len(rows),
            new=report.new + len(new),
            changed=report.changed + len(changed),
            unchanged=report.unchanged + len(valid) - len(new) - len(changed),
            refused=report.refused + len(refused),
            moved=report.moved + moved,
            faults=(*report.faults, *faults)[:SHOWN_FAULTS],
        )
        return after, sorted(refused)

    def _hold(self, events: Sequence[ParticipationEvent]) -> int:
        """Record whose these events are, after withdrawing them from other learners; returns how many were moved.

        They are written last: as long as they are not, the next import finds them new or changed and does this again.
        """
        holders = self._events.holders(map(_identity, events))
        others = {
            _identity(event): (holder, *_identity(event))
            for event in events
            if (holder := holders.get(_identity(event), event.uln)) != event.uln
        }
        earlier = self._events.read(others.values())
        self._events.write([event._replace(withdrawn=True) for event in earlier.values() if not event.withdrawn])
        self._events.hold(
            {_identity(event): event.uln for event in events if holders.get(_identity(event)) != event.uln}
        )
        return len(others)

    def _progress(self) -> Progress:
        try:
            return Progress.from_json(self._files.read(BUCKET, PROGRESS))
        except Missing:
            return Progress()

    def _keep(self, at: Progress) -> None:
        self._files.write(BUCKET, PROGRESS, at.to_json().encode(), "application/json")

    def _strangers(self, rows: Sequence[FeedRow]) -> dict[int, tuple[Failure, ...]]:
        """By line, why the learner of a row is not the one registered with its ULN (VRC005, VRC006)."""
        details = {row.line: row.details for row in rows if row.details is not None}
        return {
            line: tuple(reason._replace(line=line) for reason in register_failures(verification))
            for line, verification in compared(self._learners, details).items()
            if verification.code in REFUSED
        }


def _groups(rows: Iterable[FeedRow]) -> Iterator[list[FeedRow]]:
    """The rows in groups; rows before damage are returned first. Raises UnreadableFeed."""
    group: list[FeedRow] = []
    try:
        for row in rows:
            group.append(row)
            if len(group) == ROWS:
                yield group
                group = []
    except UnreadableFeed:
        yield group
        raise
    if group:
        yield group


def _key(event: ParticipationEvent) -> EventKey:
    return event.uln, event.source.value, event.event_id


def _identity(event: ParticipationEvent) -> EventIdentity:
    return event.source.value, event.event_id


def _marks(event: ParticipationEvent) -> set[tuple[str, ...]]:
    """What no other row of a file may have: its key and, unless it withdraws, its identity under any ULN."""
    return {_key(event)} if event.withdrawn else {_key(event), _identity(event)}


def _fault(reason: Failure) -> RowFault:
    return RowFault(reason.line, reason.field, reason.code, sentence(reason))
