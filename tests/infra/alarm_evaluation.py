"""What CloudWatch's alarms do, evaluated without CloudWatch: metrics by the minute, alarms, composites, muting.

An alarm looks every minute at the windows that end then: a period of an hour is the last sixty minutes. One that looks
at more than a day does so once an hour; AWS does not say at which minute, here it is the first. Where points are
missing, it goes further back, and takes the latest it finds; only when there are fewer than it needs does its setting
for missing data count.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Final

from tests.infra.metric_math import Computes, read_expression

OK: Final = "OK"
ALARM: Final = "ALARM"
HOUR: Final = 60
DAY: Final = 24 * HOUR
FURTHER_BACK: Final = 2
"""How many more points an alarm looks at where some are missing. AWS does not say how many; its example has two."""

Key = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name and dimensions of a metric."""


def key_of(namespace: str, name: str, dimensions: Mapping[str, str] | None) -> Key:
    """The key of a metric."""
    return namespace, name, frozenset((dimensions or {}).items())


class Series:
    """The values of a metric, by minute."""

    def __init__(self) -> None:
        self._values: dict[int, list[float]] = {}
        self._minutes: list[int] = []
        self._counts = [0]
        self._sums = [0.0]

    def add(self, minute: int, value: float) -> None:
        """Add a value."""
        values = self._values.get(minute)
        if values is None:
            self._values[minute] = [value]
        else:
            values.append(value)
        self._minutes = []

    @property
    def minutes(self) -> list[int]:
        """The minutes with values, in order."""
        if not self._minutes:
            self._minutes = sorted(self._values)
            values = [self._values[minute] for minute in self._minutes]
            self._counts = list(accumulate(map(len, values), initial=0))
            self._sums = list(accumulate(map(sum, values), initial=0.0))
        return self._minutes

    def statistic(self, name: str, start: int, end: int) -> float | None:
        """A statistic from one minute to before another; None without values."""
        return next(self.statistics(name, end - start, (end,)))

    def statistics(self, name: str, minutes: int, ends: Iterable[int]) -> Iterator[float | None]:
        """A statistic of so many minutes before each of some that follow one another; None without values."""
        known = self.minutes
        counts, sums, size = self._counts, self._sums, len(known)
        first = last = 0
        for end in ends:
            while last < size and known[last] < end:
                last += 1
            while first < last and known[first] < end - minutes:
                first += 1
            count = counts[last] - counts[first]
            if not count:
                yield None
            elif name == "Sum":
                yield sums[last] - sums[first]
            elif name == "SampleCount":
                yield count
            elif name == "Average":
                yield (sums[last] - sums[first]) / count
            else:
                yield self._ranked(name, first, last)

    def _ranked(self, name: str, first: int, last: int) -> float:
        values = [value for minute in self._minutes[first:last] for value in self._values[minute]]
        if name in ("Maximum", "Minimum"):
            return (max if name == "Maximum" else min)(values)
        return sorted(values)[math.ceil(float(name.removeprefix("p")) / 100 * len(values)) - 1]


class Metrics:
    """Every metric."""

    def __init__(self) -> None:
        self.series: dict[Key, Series] = {}

    def add(self, key: Key, minute: int, value: float) -> None:
        """Add a value."""
        series = self.series.get(key)
        if series is None:
            series = self.series[key] = Series()
        series.add(minute, value)

    def of(self, key: Key) -> Series:
        """The values of a metric; none if nobody published it."""
        return self.series.get(key) or Series()


@dataclass(frozen=True)
class Watched:
    """A metric of an alarm."""

    key: Key
    statistic: str


@dataclass
class Alarm:
    """An alarm on metrics."""

    name: str
    actions: Sequence[str]
    metrics: Mapping[str, Watched]
    computes: Computes
    minutes: int
    """The period."""
    periods: int
    to_alarm: int
    comparison: str
    threshold: float
    missing: str

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Alarm:
        """The alarm that Terraform's state describes."""
        queries = values["metric_query"] or []
        if queries:
            stats = {query["id"]: query["metric"][0] for query in queries if query["metric"]}
            (expression,) = [query["expression"] for query in queries if query["return_data"]]
            (period,) = {stat["period"] for stat in stats.values()}
            watched = {
                name: Watched(key_of(stat["namespace"], stat["metric_name"], stat["dimensions"]), stat["stat"])
                for name, stat in stats.items()
            }
        else:
            expression, period = "value", values["period"]
            key = key_of(values["namespace"], values["metric_name"], values["dimensions"])
            watched = {"value": Watched(key, values["statistic"] or values["extended_statistic"])}
        return cls(
            name=values["alarm_name"],
            actions=values["alarm_actions"] or [],
            metrics=watched,
            computes=read_expression(expression)[0],
            minutes=period // 60,
            periods=values["evaluation_periods"],
            to_alarm=values["datapoints_to_alarm"],
            comparison=values["comparison_operator"],
            threshold=values["threshold"],
            missing=values["treat_missing_data"],
        )

    def breaches(self, series: Mapping[str, Series], ends: Sequence[int]) -> dict[int, bool | None]:
        """Whether the period before each of some minutes breaches the threshold; None where nothing is known of it."""
        points = [series[name].statistics(one.statistic, self.minutes, ends) for name, one in self.metrics.items()]
        known: dict[tuple[float | None, ...], bool | None] = {}
        found = {}
        for end, values in zip(ends, zip(*points, strict=True), strict=True):
            if values not in known:
                point = self.computes(dict(zip(self.metrics, values, strict=True)))
                known[values] = None if point is None else self._breaches(point)
            found[end] = known[values]
        return found

    def state(self, lately: Sequence[bool | None], before: str) -> str:
        """The state, if it was another before: from whether the latest periods breach, the last first."""
        recent = lately[: self.periods]
        if None in recent:
            recent = [breaches for breaches in lately if breaches is not None][: self.periods]
        if not recent and self.missing == "ignore":
            return before
        missing = self.periods - len(recent) if self.missing == "breaching" else 0
        return ALARM if sum(map(bool, recent)) + missing >= self.to_alarm else OK

    def _breaches(self, point: float) -> bool:
        return point > self.threshold if self.comparison == "GreaterThanThreshold" else point < self.threshold

    def changes(self, metrics: Metrics, start: int, end: int) -> list[tuple[int, str]]:
        """When the state changes, and to what; it is OK before.

        A period can only become another one when a value comes into it or leaves it, and the state only when that
        changes whether one of the periods that it follows from breaches.
        """
        series = {name: metrics.of(one.key) for name, one in self.metrics.items()}
        reach = (self.periods + FURTHER_BACK) * self.minutes
        touched = {minute + 1 for one in series.values() for minute in one.minutes}
        ends = sorted({start - reach, *touched, *(minute + self.minutes for minute in touched)})
        breaches = self.breaches(series, ends)
        turns = [now for before, now in pairwise(ends) if breaches[now] != breaches[before]]
        moments = {now + back for now in turns for back in range(0, reach, self.minutes)}
        if self.minutes * self.periods > DAY:
            moments = {-(-moment // HOUR) * HOUR for moment in moments}
        found, state = [], OK
        for now in sorted(moment for moment in {*moments, start} if start <= moment < end):
            lately = [breaches[ends[bisect_right(ends, now - back) - 1]] for back in range(0, reach, self.minutes)]
            after = self.state(lately, state)
            if after != state:
                found.append((now, after))
                state = after
        return found


@dataclass(frozen=True)
class Composite:
    """An alarm on the states of others."""

    name: str
    actions: Sequence[str]
    rule: str

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Composite:
        """The alarm that Terraform's state describes."""
        return cls(values["alarm_name"], values["alarm_actions"] or [], values["alarm_rule"])

    @property
    def children(self) -> tuple[str, ...]:
        """The alarms that its rule names."""
        return tuple(re.findall(r'ALARM\("([^"]+)"\)', self.rule))

    def changes(self, changes: Mapping[str, list[tuple[int, str]]]) -> list[tuple[int, str]]:
        """When the state changes, from those of its children."""
        rule = (
            re.sub(r'ALARM\("([^"]+)"\)', r'state["\1"]', self.rule).replace(" AND ", " and ").replace(" OR ", " or ")
        )
        code = compile(rule, self.name, "eval")
        moments = sorted((now, child, after) for child in set(self.children) for now, after in changes[child])
        states, found, state = dict.fromkeys(self.children, False), [], OK
        for place, (now, child, after) in enumerate(moments):
            states[child] = after == ALARM
            if place + 1 < len(moments) and moments[place + 1][0] == now:
                continue
            new = ALARM if eval(code, {"state": states}) else OK
            if new != state:
                found.append((now, new))
                state = new
        return found


def changes_of(
    alarms: Iterable[Alarm], composites: Iterable[Composite], metrics: Metrics, start: int, end: int
) -> dict[str, list[tuple[int, str]]]:
    """The changes of every alarm, by name."""
    found = {alarm.name: alarm.changes(metrics, start, end) for alarm in alarms}
    return found | {composite.name: composite.changes(found) for composite in composites}


def notified(changes: Sequence[tuple[int, str]], muted: Sequence[tuple[int, int]]) -> Iterator[int]:
    """When an alarm notifies: when it fires, or after the muting in which it did if it is still firing then."""
    for place, (now, state) in enumerate(changes):
        if state != ALARM:
            continue
        until = max((end for begin, end in muted if begin <= now < end), default=now)
        ends = changes[place + 1][0] if place + 1 < len(changes) else None
        if ends is None or until < ends:
            yield until
