"""What CloudWatch's alarms do, evaluated without CloudWatch: metrics by the minute, alarms, composites, muting.

An alarm looks every minute at the windows that end then: a period of an hour is the last sixty minutes. One that looks
at more than a day does so once an hour; AWS does not say at which minute, here it is the first. Where points are
missing, it goes further back, and takes the latest it finds; only when there are fewer than it needs does its setting
for missing data count.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
        self._minutes: list[int] | None = None
        self._counts = [0]
        self._sums = [0.0]

    def add(self, minute: int, value: float) -> None:
        """Add a value."""
        self._values.setdefault(minute, []).append(value)
        self._minutes = None

    @property
    def minutes(self) -> list[int]:
        """The minutes with values, in order."""
        if self._minutes is None:
            self._minutes = sorted(self._values)
            self._counts, self._sums = [0], [0.0]
            for minute in self._minutes:
                self._counts.append(self._counts[-1] + len(self._values[minute]))
                self._sums.append(self._sums[-1] + math.fsum(self._values[minute]))
        return self._minutes

    def statistic(self, name: str, start: int, end: int) -> float | None:
        """A statistic from one minute to before another; None without values."""
        minutes = self.minutes
        first, last = bisect_left(minutes, start), bisect_left(minutes, end)
        count = self._counts[last] - self._counts[first]
        if not count:
            return None
        if name == "SampleCount":
            return count
        if name in ("Sum", "Average"):
            total = self._sums[last] - self._sums[first]
            return total / count if name == "Average" else total
        values = [value for minute in minutes[first:last] for value in self._values[minute]]
        if name in ("Maximum", "Minimum"):
            return (max if name == "Maximum" else min)(values)
        return sorted(values)[math.ceil(float(name.removeprefix("p")) / 100 * count) - 1]


class Metrics:
    """Every metric."""

    def __init__(self) -> None:
        self.series: dict[Key, Series] = {}

    def add(self, key: Key, minute: int, value: float) -> None:
        """Add a value."""
        self.series.setdefault(key, Series()).add(minute, value)

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
    series: dict[str, Series] = field(default_factory=dict)

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

    def point(self, end: int) -> float | None:
        """What the alarm watches, over the period before a minute."""
        start = end - self.minutes
        points = {name: self.series[name].statistic(one.statistic, start, end) for name, one in self.metrics.items()}
        return self.computes(points)

    def state(self, now: int, before: str) -> str:
        """The state at the start of a minute, if it was another before."""
        recent = [self.point(now - back * self.minutes) for back in range(self.periods)]
        if None in recent:
            further = range(self.periods, self.periods + FURTHER_BACK)
            found = [point for point in recent if point is not None]
            found += [point for back in further if (point := self.point(now - back * self.minutes)) is not None]
            recent = [*found[: self.periods], *[None] * (self.periods - len(found))]
        if all(point is None for point in recent) and self.missing == "ignore":
            return before
        breaching = sum(self.missing == "breaching" if point is None else self._breaches(point) for point in recent)
        return ALARM if breaching >= self.to_alarm else OK

    def _breaches(self, point: float) -> bool:
        return point > self.threshold if self.comparison == "GreaterThanThreshold" else point < self.threshold

    def changes(self, metrics: Metrics, start: int, end: int) -> list[tuple[int, str]]:
        """When the state changes, and to what; it is OK before."""
        self.series = {name: metrics.of(one.key) for name, one in self.metrics.items()}
        found, state = [], OK
        for now in self._moments(start, end):
            after = self.state(now, state)
            if after != state:
                found.append((now, after))
                state = after
        return found

    def _moments(self, start: int, end: int) -> Iterable[int]:
        """The only minutes at which anything can change: values come into a window or leave one."""
        reach = range(self.periods + FURTHER_BACK + 1)
        moments = {
            minute + 1 + self.minutes * back
            for series in self.series.values()
            for minute in series.minutes
            for back in reach
        }
        if self.minutes * self.periods > DAY:
            moments = {-(-moment // HOUR) * HOUR for moment in moments}
        return sorted(moment for moment in {*moments, start} if start <= moment < end)


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
