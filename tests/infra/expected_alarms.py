"""When each alarm should notify in the simulated month, worked out from the raw events and the incidents alone.

Nothing here looks at Terraform, metrics or alarms. The rules are those of the charter and of Google's SRE workbook;
times are whole minutes of the month, at which CloudWatch looks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Final, NamedTuple

from chalicelib.domain.service_levels import Target, target_of
from tests.infra import simulated_month as month
from tests.infra.simulated_month import LAST, minute_of, within

HOUR: Final = 60
DAY: Final = 24 * HOUR
PAIRS: Final = {"page": ((14.4, HOUR, 5), (6, 6 * HOUR, 30)), "ticket": ((1, 3 * DAY, 6 * HOUR),)}
"""Rate, long and short window in minutes. A window of more than a day is only looked at once an hour."""
LEAST_REQUESTS: Final = 20
LEAST_FAULTS: Final = 3
ROUND: Final = 5
"""Minutes between two rounds of the watch."""
REPORTED_AT: Final = 5
"""Minutes past the hour."""


class Requests(NamedTuple):
    """The requests of a function, by minute: when, how long they took, and whether they failed."""

    minutes: list[int]
    latencies: list[int]
    failed: list[int]
    """Up to each place."""
    waited: list[int]

    @classmethod
    def of(cls, events: Sequence[Mapping[str, Any]]) -> Requests:
        begin = round(month.START.timestamp() * 1000)
        minutes = [(event["at"] - begin) // 60_000 for event in events]
        latencies = [event["latency"] for event in events]
        faults = [event["status"] >= 500 and not month.is_refused_as_agreed(dict(event)) for event in events]
        return cls(minutes, latencies, [0, *accumulate(map(int, faults))], [0, *accumulate(latencies)])

    def between(self, start: int, end: int) -> tuple[int, int]:
        return bisect_left(self.minutes, start), bisect_left(self.minutes, end)

    def count(self, start: int, end: int) -> tuple[int, int]:
        """Requests, and those that failed."""
        first, last = self.between(start, end)
        return last - first, self.failed[last] - self.failed[first]

    def mean(self, start: int, end: int) -> float:
        first, last = self.between(start, end)
        return (self.waited[last] - self.waited[first]) / (last - first) if last > first else 0

    def p95(self, start: int, end: int) -> float:
        first, last = self.between(start, end)
        ordered = sorted(self.latencies[first:last])
        return ordered[-(-95 * len(ordered) // 100) - 1] if ordered else 0


def expected(events: Iterable[dict[str, Any]]) -> dict[str, list[int]]:
    """The minutes at which each alarm should notify, by its name without the prefix; the others never should."""
    by_function: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        by_function.setdefault(month.function_of(event), []).append(event)
    found: dict[str, list[int]] = {}
    for function in month.described()["functions"]:
        mine = Requests.of(by_function.get(function, ()))
        found |= {f"web-{function}-{name}": starts for name, starts in _live(function, mine).items()}
        counted = [event for event in by_function.get(function, ()) if not _is_excluded(event)]
        found |= {f"webservice-{function}-month-{name}": starts for name, starts in _monthly(function, counted).items()}
    found |= _incidents()
    found["function-api-errors"] = _starts(_crashes(Requests.of([_crash(one) for one in _all(by_function)])))
    return {name: starts for name, starts in found.items() if starts}


def _live(function: str, mine: Requests) -> dict[str, list[int]]:
    target = target_of(function)
    found = {}
    if target.availability == 100:
        found["first-fault"] = _starts(now for fault in _faults(mine) for now in range(fault + 1, fault + 6))
    else:
        budget = 1 - target.availability / 100
        for action, pairs in PAIRS.items():
            burning = {now for pair in pairs for now in _burning(mine, budget, *pair)}
            found[f"availability-{action}"] = _starts(burning)
    if target.mean_milliseconds is not None:
        limit = target.mean_milliseconds
        found["response-day"] = _starts(now for now in range(1, LAST) if mine.mean(now - DAY, now) > limit)
        found["response-now"] = _starts(
            now
            for now in range(1, LAST)
            if all(mine.p95(now - 5 - back, now - back) > 2 * limit for back in (0, 5, 10))
        )
    return found


def _faults(mine: Requests) -> list[int]:
    return [minute for place, minute in enumerate(mine.minutes) if mine.failed[place + 1] > mine.failed[place]]


def _burning(mine: Requests, budget: float, rate: float, long: int, short: int) -> Iterator[int]:
    """The minutes at which both windows say so; without a fault in the short one they cannot."""
    for now in sorted({now for fault in _faults(mine) for now in range(fault + 1, fault + short + 1)}):
        seen = now // HOUR * HOUR if long > DAY else now
        requests, faults = mine.count(seen - long, seen)
        lately, failing = mine.count(now - short, now)
        matters = requests >= LEAST_REQUESTS and faults >= LEAST_FAULTS and faults > rate * budget * requests
        if matters and failing > rate * budget * lately:
            yield now


def _is_excluded(event: Mapping[str, Any]) -> bool:
    return any(start.timestamp() * 1000 <= event["at"] < end.timestamp() * 1000 for start, end in month.EXCLUDED)


def _monthly(function: str, counted: Sequence[dict[str, Any]]) -> dict[str, list[int]]:
    """The month until each hour, known five minutes later; a verdict holds until the next."""
    target = target_of(function)
    mine = Requests.of(counted)
    missed: dict[str, list[int]] = {"availability": [], "budget": [], "response": []}
    before: frozenset[str] = frozenset()
    for hour in range(HOUR, LAST, HOUR):
        if within(month.START + timedelta(minutes=hour + REPORTED_AT), month.UNREPORTED):
            continue
        verdict = frozenset(_verdict(target, mine, hour))
        for name in verdict - before:
            missed[name].append(hour + REPORTED_AT + 1)
        before = verdict
    return missed


def _verdict(target: Target, mine: Requests, until: int) -> Iterator[str]:
    requests, faults = mine.count(0, until)
    allowed = requests * (100 - target.availability) / 100
    if faults > allowed:
        yield "availability"
    if target.availability < 100 and faults > 0.75 * allowed:
        yield "budget"
    if target.mean_milliseconds is not None and mine.mean(0, until) > target.mean_milliseconds:
        yield "response"


def _all(by_function: Mapping[str, Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    return sorted((one for several in by_function.values() for one in several), key=lambda one: one["at"])


def _crash(event: dict[str, Any]) -> dict[str, Any]:
    """The same request, failed only if the function itself did not end well."""
    return event | {"status": 500 if event["status"] in (502, 504) else 200, "path": ""}


def _crashes(mine: Requests) -> Iterator[int]:
    """More than 1 % of the runs, in each of three times five minutes."""
    for now in sorted({now for fault in _faults(mine) for now in range(fault + 1, fault + 6)}):
        counts = [mine.count(now - 5 - back, now - back) for back in (0, 5, 10)]
        if all(faults > 0.01 * requests for requests, faults in counts):
            yield now


def _incidents() -> dict[str, list[int]]:
    """Of each incident, the first minute at which it can be known to last as long as its rule says."""
    stuck = month.STUCK[0]
    ages = {hours: _next_round(stuck + timedelta(hours=hours)) for hours in (24, 36, 48)}
    return {
        **{f"batch-older-than-{hours}-hours": [seen + 1] for hours, seen in ages.items()},
        "batch-given-up": [_round_at(stuck + timedelta(hours=36)) + 1],
        "batch-unwatched": [_round_before(month.UNWATCHED[0]) + 1 + 15],
        "schedule-record_refusals-silent": [_round_before(month.NOT_SCHEDULED[0]) + 1 + 20],
        "levels-unreported": [minute_of(month.UNREPORTED[0].replace(minute=REPORTED_AT)) + 1 + 130],
        "queue-intake-dead": [minute_of(month.DEAD[0]) + 1],
        "queue-chunks-age": [minute_of(month.OLD_MESSAGE[0]) + 61 + 1 + 10],
        "table-register-throttles": [minute_of(month.THROTTLED[0]) + 3],
        "stream-register-age": [minute_of(month.LATE_AUDIT[0]) + 5],
        "function-apply_chunk-errors": [minute_of(month.CRASHING[0]) + 1 + 10],
        "web-unreachable": [minute_of(month.UNREACHABLE[0]) + 3],
        "mail-bounces": [minute_of(month.BOUNCING[0]) + 1],
        **{f"code-{code}": [minute_of(moment) + 1] for code, moment in month.CODES.items()},
    }


def _round_at(moment: datetime) -> int:
    """The first round of the watch at a time or after it."""
    return -(-minute_of(moment) // ROUND) * ROUND


def _next_round(moment: datetime) -> int:
    """The first round of the watch after a time."""
    return (minute_of(moment) // ROUND + 1) * ROUND


def _round_before(moment: datetime) -> int:
    return (minute_of(moment) - 1) // ROUND * ROUND


def _starts(minutes: Iterable[int]) -> list[int]:
    """Where runs of consecutive minutes begin."""
    known = {minute for minute in minutes if minute < LAST}
    return sorted(minute for minute in known if minute - 1 not in known)
