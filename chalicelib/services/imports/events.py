"""The import of feeds of learning events: school data and funding returns (PLR-01).

An import is repeatable: source and identifier identify an event, and one that is the same as before is not changed, so
importing the same file again changes nothing. A row is only accepted if its learner is the one registered with its ULN;
refused rows are reported by line and reason, never with their content.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.records import ParticipationEvent, hash_of
from chalicelib.formats.feeds.event_files import Feed, FeedRow, UnreadableFeed
from chalicelib.formats.words.messages import sentence
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import TooLarge
from chalicelib.ports.files import Files
from chalicelib.ports.learners import Learners
from chalicelib.ports.records import EventKey, ParticipationEvents
from chalicelib.services.verification import REFUSED, compared, register_failures

BUCKET: Final = "catalogue"
ARRIVALS: Final = "feeds/"
"""The prefix for feeds."""
REPORTS: Final = "feed-reports/"
_REPORT: Final = f"{REPORTS}%Y%m%dT%H%M%S.%fZ.json"
MOST_BYTES: Final = 200_000_000
SHOWN_FAULTS: Final = 10_000
"""Most refused rows of a file listed in a report."""
ROWS: Final = 1_000
"""Rows that are imported together."""
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
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
    faults: tuple[RowFault, ...] = ()
    """The reasons of the first refused rows."""
    unreadable: tuple[RowFault, ...] = ()
    """Why the file, or the rest of it, cannot be read."""


@dataclass(frozen=True)
class EventImport:
    """The results of the files of one import."""

    at: str
    files: tuple[FeedReport, ...]

    def to_json(self) -> str:
        """The whole report for people and programs."""
        files: list[dict[str, Any]] = []
        for file in self.files:
            document = asdict(file)
            document["faults"] = [fault._asdict() for fault in file.faults]
            document["unreadable"] = [fault._asdict() for fault in file.unreadable]
            files.append(document)
        return json.dumps({"at": self.at, "files": files}, ensure_ascii=False, indent=1)


class ImportEvents:
    """Imports feeds into the register."""

    def __init__(self, events: ParticipationEvents, learners: Learners, files: Files, clock: Clock) -> None:
        self._events = events
        self._learners = learners
        self._files = files
        self._clock = clock

    def run_arrived(self) -> EventImport | None:
        """Import the files put under ``feeds/`` since the last import; None if there are none."""
        now = self._clock()
        since = self._last_import() - _CLOCKS_DIFFER
        arrived = [(found.key, found.version) for found in self._files.objects(BUCKET, ARRIVALS, since) if found.size]
        return self._run(arrived, now) if arrived else None

    def run_stored(self, keys: Sequence[str]) -> EventImport:
        """Import objects of the catalogue bucket, and store the report beside them. Raises Missing."""
        return self._run([(key, "") for key in keys], self._clock())

    def _run(self, stored: Iterable[tuple[str, str]], now: datetime) -> EventImport:
        report = EventImport(now.isoformat(), tuple(self._file(key, version, now) for key, version in stored))
        self._files.write(BUCKET, now.strftime(_REPORT), report.to_json().encode(), "application/json")
        return report

    def _file(self, key: str, version: str, now: datetime) -> FeedReport:
        name = key.removeprefix(ARRIVALS)
        try:
            return self._read(name, self._files.read(BUCKET, key, version, MOST_BYTES), now)
        except TooLarge:
            return FeedReport(name, unreadable=(_fault(failure("ACB013", limit=MOST_BYTES)),))

    def _read(self, name: str, data: bytes, now: datetime) -> FeedReport:
        report = FeedReport(name)
        seen: set[EventKey] = set()
        try:
            feed = Feed(data)
            report = replace(report, source=feed.shape.source)
            for rows in _groups(feed.rows()):
                report = self._taken(report, rows, seen, now)
        except UnreadableFeed as why:
            report = replace(report, unreadable=tuple(map(_fault, why.failures)))
        return report

    def _taken(self, report: FeedReport, rows: Sequence[FeedRow], seen: set[EventKey], now: datetime) -> FeedReport:
        """Import the valid ones of these rows; returns the updated report."""
        refused = {row.line: row.failures for row in rows if row.event is None}
        refused |= self._strangers([row for row in rows if row.event is not None])
        valid: dict[EventKey, ParticipationEvent] = {}
        for row in rows:
            if row.event is None or row.line in refused:
                continue
            key = _key(row.event)
            if key in seen:
                refused[row.line] = (failure("LRS-PLR-5", line=row.line),)
                continue
            seen.add(key)
            valid[key] = row.event
        held = self._events.read(valid)
        new = [event._replace(loaded_at=now.isoformat()) for key, event in valid.items() if key not in held]
        changed = [
            event._replace(loaded_at=held[key].loaded_at)
            for key, event in valid.items()
            if key in held and hash_of(event) != hash_of(held[key])
        ]
        self._events.write([*new, *changed])
        faults = [_fault(reason) for line in sorted(refused) for reason in refused[line]]
        return replace(
            report,
            rows=report.rows + len(rows),
            new=report.new + len(new),
            changed=report.changed + len(changed),
            unchanged=report.unchanged + len(valid) - len(new) - len(changed),
            refused=report.refused + len(refused),
            faults=(*report.faults, *faults)[:SHOWN_FAULTS],
        )

    def _strangers(self, rows: Sequence[FeedRow]) -> dict[int, tuple[Failure, ...]]:
        """By line, why the learner of a row is not the one registered with its ULN (VRC005, VRC006)."""
        details = {row.line: row.details for row in rows if row.details is not None}
        return {
            line: tuple(reason._replace(line=line) for reason in register_failures(verification))
            for line, verification in compared(self._learners, details).items()
            if verification.code in REFUSED
        }

    def _last_import(self) -> datetime:
        """When the last import began."""
        reports = (found.key for found in self._files.objects(BUCKET, REPORTS, _EVER))
        return max((datetime.strptime(key, _REPORT).replace(tzinfo=UTC) for key in reports), default=_EVER)


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


def _fault(reason: Failure) -> RowFault:
    return RowFault(reason.line, reason.field, reason.code, sentence(reason))
