"""Tallies of requests and files by hour, from which the figures of a month are computed exactly (SLA-01 to SLA-03).

Requests are counted from the gateway's access log: one line each, from entry to exit. A line counts in the hour in
which its request arrived, once, however often it was delivered. Requests that arrive in agreed maintenance are only
counted as excluded.

Percentiles come from a histogram whose buckets grow by 2 %: they are within 1 % (``P95_ERROR``). Everything else is a
whole number and exact.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.domain.working_time import Period, merged_periods

OTHER: Final = "other"
"""The function of a route that belongs to none, such as a path that does not exist."""
FAULT_STATUS: Final = 500
"""The lowest status of a failed request. Calls that a caller may not make, also too many of them, do not count."""
THROTTLED: Final = "THROTTLED"
"""The error of a request that the gateway turned away (429): its limit is for all callers together, so it counts."""
HOUR: Final = timedelta(hours=1)
UNKNOWN: Final = "-"
"""What the gateway writes for what it does not know of a request."""
UNKNOWN_ROUTES: Final = 20
"""Unknown routes that an hour or a month lists by name."""

_GROWTH: Final = 1.02
_LOG_GROWTH: Final = math.log(_GROWTH)
P95_ERROR: Final = (_GROWTH - 1) / (_GROWTH + 1)
"""The largest relative error of a percentile."""


class RequestLine(NamedTuple):
    """A request in an access log."""

    request_id: str
    at: int
    """When it arrived, in milliseconds since 1970."""
    method: str
    path: str
    """The path of its route, such as ``/v1/learners/{uln}``; ``UNKNOWN`` if the gateway refused it before."""
    status: int
    latency: int | None
    """Milliseconds from its arrival to the last byte of its response; None if the gateway does not know."""
    error: str = ""
    """The gateway's own error, such as ``THROTTLED``."""

    @property
    def is_fault(self) -> bool:
        """Whether the service failed."""
        return self.status >= FAULT_STATUS or self.error == THROTTLED


class Row(NamedTuple):
    """What is counted apart from each other: a function of the catalogue, and a channel."""

    function: str
    channel: str


@dataclass(slots=True)
class Tally:
    """Requests of a function and channel, or records of files."""

    requests: int = 0
    faults: int = 0
    timed: int = 0
    """The requests with a response time; for files, the chunks."""
    milliseconds: int = 0
    """The sum of their response times."""
    excluded: int = 0
    """Requests in agreed maintenance; they are in none of the other numbers."""
    histogram: dict[int, int] = field(default_factory=dict)
    """Response times of requests, by bucket."""

    def count(self, latency: int | None, *, is_fault: bool) -> None:
        """Add a request."""
        self.requests += 1
        self.faults += is_fault
        if latency is None:
            return
        self.timed += 1
        self.milliseconds += latency
        bucket = bucket_of(latency)
        self.histogram[bucket] = self.histogram.get(bucket, 0) + 1

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.requests += other.requests
        self.faults += other.faults
        self.timed += other.timed
        self.milliseconds += other.milliseconds
        self.excluded += other.excluded
        for bucket, number in other.histogram.items():
            self.histogram[bucket] = self.histogram.get(bucket, 0) + number

    def percentile(self, percent: int) -> float | None:
        """The milliseconds within which this percentage of requests were answered (nearest rank), within 1 %.

        None if there was none, or if their times were not kept.
        """
        total = sum(self.histogram.values())
        rank = -(-percent * total // 100)
        for bucket in sorted(self.histogram):
            rank -= self.histogram[bucket]
            if rank <= 0:
                return middle_of(bucket)
        return None


@dataclass(slots=True)
class FileTally:
    """Files of a kind whose processing ended."""

    ended: int = 0
    late: int = 0
    """Those that took longer than agreed, or were given up."""
    minutes: int = 0
    """The sum of their times from submission to end."""
    longest_minutes: int = 0

    def add(self, other: FileTally) -> None:
        """Add another tally to this one."""
        self.ended += other.ended
        self.late += other.late
        self.minutes += other.minutes
        self.longest_minutes = max(self.longest_minutes, other.longest_minutes)


@dataclass(slots=True)
class Tallies:
    """Everything that is counted in an hour, or in several."""

    rows: dict[Row, Tally] = field(default_factory=dict)
    files: dict[str, FileTally] = field(default_factory=dict)
    """By function of the catalogue."""
    measured: dict[str, int] = field(default_factory=dict)
    """Requests that functions say they have answered, by function of the catalogue: more than the log's lines means
    that lines are missing.
    """
    doubled: int = 0
    """Lines that were delivered again."""
    unreadable: int = 0
    """Lines that are no request."""
    unknown: set[str] = field(default_factory=set)
    """Routes that belong to no function, each as ``GET /path``; up to ``UNKNOWN_ROUTES``."""

    def row(self, row: Row) -> Tally:
        """The tally of a row."""
        found = self.rows.get(row)
        if found is None:
            found = self.rows[row] = Tally()
        return found

    def of_files(self, function: str) -> FileTally:
        """The tally of a kind of file, by its function."""
        return self.files.setdefault(function, FileTally())

    def add(self, other: Tallies) -> None:
        """Add what was counted in another time to this."""
        for row, tally in other.rows.items():
            self.row(row).add(tally)
        for function, files in other.files.items():
            self.of_files(function).add(files)
        for function, number in other.measured.items():
            self.measured[function] = self.measured.get(function, 0) + number
        self.doubled += other.doubled
        self.unreadable += other.unreadable
        self.unknown = set(sorted(self.unknown | other.unknown)[:UNKNOWN_ROUTES])

    def missing(self, channel: str) -> int:
        """Requests of a channel that functions have answered and that the access log does not have."""
        counted = {row.function: tally for row, tally in self.rows.items() if row.channel == channel}
        return sum(
            max(0, number - (counted[function].requests + counted[function].excluded if function in counted else 0))
            for function, number in self.measured.items()
        )


Routes = Mapping[tuple[str, str], str]
"""The function of each route of a surface, by method and path."""


class Surface(NamedTuple):
    """A part of the service with an access log of its own."""

    name: str
    channel: str
    routes: Routes


class Exclusions:
    """Periods that do not count, looked up to the millisecond; the end is not in the period."""

    def __init__(self, periods: Iterable[Period]) -> None:
        merged = merged_periods((start, end) for start, end in periods if start < end)
        self._starts = [milliseconds(start) for start, _ in merged]
        self._ends = [milliseconds(end) for _, end in merged]

    def has(self, at: int) -> bool:
        """Whether a moment, in milliseconds since 1970, is in one of the periods."""
        place = bisect_right(self._starts, at) - 1
        return place >= 0 and at < self._ends[place]

    def touch(self, start: int, end: int) -> bool:
        """Whether any moment from start to before end is in one of the periods."""
        place = bisect_right(self._starts, end - 1) - 1
        return place >= 0 and start < self._ends[place]

    def within(self, start: datetime, end: datetime) -> tuple[tuple[int, int], ...]:
        """The parts of the periods from start to end, in milliseconds since 1970."""
        first, last = milliseconds(start), milliseconds(end)
        pairs = zip(self._starts, self._ends, strict=True)
        return tuple((max(one, first), min(two, last)) for one, two in pairs if one < last and first < two)


def count_lines(
    tallies: Tallies,
    surface: Surface,
    hour: datetime,
    lines: Iterable[tuple[int, RequestLine | None]],
    exclusions: Exclusions,
) -> None:
    """Count the lines of a surface whose requests arrived in the hour, each with the milliseconds since 1970 at which
    it was written. None is a line that could not be read: it counts in the hour in which it was written.
    """
    begins = milliseconds(hour)
    ends = begins + 3_600_000
    seen: set[str] = set()
    for written, line in lines:
        if line is None:
            tallies.unreadable += begins <= written < ends
        elif begins <= line.at < ends:
            if line.request_id in seen:
                tallies.doubled += 1
                continue
            seen.add(line.request_id)
            _count_line(tallies, surface, line, excluded=exclusions.has(line.at))


def _count_line(tallies: Tallies, surface: Surface, line: RequestLine, *, excluded: bool) -> None:
    function = surface.routes.get((line.method, line.path), OTHER)
    if function == OTHER and line.path != UNKNOWN and len(tallies.unknown) < UNKNOWN_ROUTES:
        tallies.unknown.add(f"{line.method} {line.path}")
    tally = tallies.row(Row(function, surface.channel))
    if excluded:
        tally.excluded += 1
    else:
        tally.count(line.latency, is_fault=line.is_fault)


class Measured(NamedTuple):
    """What functions measured of files, or of requests, in a minute or longer."""

    start: datetime
    end: datetime
    row: Row
    requests: int = 0
    faults: int = 0
    timed: int = 0
    milliseconds: int = 0
    files: FileTally | None = None


def count_measured(
    tallies: Tallies,
    found: Iterable[Measured],
    functions: frozenset[str],
    channels: Collection[str],
    exclusions: Exclusions,
) -> None:
    """Count what functions measured in an hour: on these channels everything, on others how many requests should be in
    the access log.

    A period that agreed maintenance touches is excluded as a whole. What belongs to no known function is counted as
    :data:`OTHER`.
    """
    for one in found:
        function = one.row.function if one.row.function in functions else OTHER
        if one.row.channel not in channels:
            tallies.measured[function] = tallies.measured.get(function, 0) + one.requests
            continue
        tally = tallies.row(Row(function, one.row.channel))
        if exclusions.touch(milliseconds(one.start), milliseconds(one.end)):
            tally.excluded += one.requests
        else:
            tally.add(Tally(one.requests, one.faults, one.timed, one.milliseconds))
        if one.files is not None:
            tallies.of_files(function).add(one.files)


def total(several: Iterable[Tallies]) -> Tallies:
    """All of them together."""
    found = Tallies()
    for one in several:
        found.add(one)
    return found


def milliseconds(moment: datetime) -> int:
    """An aware time in milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def hour_of(moment: datetime) -> datetime:
    """The start of the hour in which an aware time is, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hours_between(start: datetime, end: datetime) -> Sequence[datetime]:
    """The starts of the hours from one whole hour to before another."""
    return [start + count * HOUR for count in range(max(0, (end - start) // HOUR))]


def bucket_of(latency: int) -> int:
    """The bucket of a response time: its milliseconds are more than 1.02 to the power of the bucket before."""
    return math.ceil(math.log(latency) / _LOG_GROWTH) if latency > 0 else -1


def middle_of(bucket: int) -> float:
    """The response time that stands for a bucket, in milliseconds: within 1 % of each in it."""
    return 2 * _GROWTH**bucket / (_GROWTH + 1) if bucket >= 0 else 0.0
