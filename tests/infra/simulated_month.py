"""October 2026 with all that can happen, as CloudWatch would see it: what the alarms should notice, and what not.

Requests are invented traffic, one line of the access log each; what machines report about themselves is made from a
list of incidents. The clocks go back on the 25th, during maintenance.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

from chalicelib.domain.monthly_levels import levels_of, read_described
from chalicelib.domain.tallies import HOUR, Exclusions, RequestLine, Tallies, count_lines
from chalicelib.domain.working_time import LONDON, Period
from chalicelib.grants import STACK_FILE
from local.commands.described_levels import described
from local.samples.traffic import Spell, SpellKind, Traffic, line_of
from tests.infra.alarm_evaluation import Key, Metrics, key_of
from tests.infra.filter_patterns import Pattern, read_pattern

START: Final = datetime(2026, 10, 1, tzinfo=LONDON).astimezone(UTC)
END: Final = datetime(2026, 11, 1, tzinfo=LONDON).astimezone(UTC)
PREFIX: Final = "lrs-live"
SEED: Final = 10
AN_HOUR: Final = 450
"""Requests in an hour of a working day."""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of October in London, in UTC."""
    return datetime(2026, 10, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


def minute_of(moment: datetime) -> int:
    """The number of a minute in the month."""
    return int((moment - START).total_seconds() // 60)


BEFORE: Final = -3 * 24 * 60
LAST: Final = minute_of(END)
"""From three days before the month, in which all is well, to its end."""

SPELLS: Final = (
    Spell(at(7, 10, 20), at(7, 10, 50), SpellKind.OUTAGE),
    Spell(at(10, 22), at(11, 6), SpellKind.QUIET),
    Spell(at(14, 9), at(14, 13), SpellKind.FAULTY, frozenset({"ACH-01"})),
    Spell(at(16, 2), at(16, 3), SpellKind.FAULTY, frozenset({"ULN-02"})),
    Spell(at(2, 8), at(2, 17), SpellKind.SLOW, frozenset({"PLR-02"})),
    Spell(at(20, 11), at(20, 12), SpellKind.SLOW),
    Spell(at(21, 9), at(21, 17), SpellKind.SLOW, frozenset({"VLD-01"})),
)
PLANNED: Final[Period] = (at(24, 20), at(25, 6))
"""Eleven hours: the clocks go back in it."""
AGREED: Final[Period] = (at(22, 12), at(22, 13))
"""In core hours, with the agreement of the awarding organisations."""
EMERGENCY: Final[Period] = (at(28, 14), at(28, 14, 45))
EXCLUDED: Final = (PLANNED, AGREED)
STAY_OPEN: Final = frozenset({"", "IDM-11", "SLA-01", "VAL-03"})
"""Functions whose routes are public, and stay open during maintenance."""

STUCK: Final[Period] = (at(15, 8), at(17, 10))
"""A file, from its submission to its end."""
UNWATCHED: Final[Period] = (at(12, 3, 2), at(12, 3, 42))
UNREPORTED: Final[Period] = (at(18, 2, 30), at(18, 7, 30))
NOT_SCHEDULED: Final[Period] = (at(19, 12, 1), at(19, 13, 1))
"""The schedule of record_refusals is switched off."""
DEAD: Final[Period] = (at(9, 16, 3), at(9, 18))
"""A dead letter of intake."""
OLD_MESSAGE: Final[Period] = (at(13, 9), at(13, 11))
"""A message of chunks waits."""
THROTTLED: Final[Period] = (at(21, 9), at(21, 9, 20))
"""Writes of the table register."""
LATE_AUDIT: Final[Period] = (at(3, 15), at(3, 15, 12))
CRASHING: Final[Period] = (at(5, 9), at(5, 9, 30))
"""One run of apply_chunk in ten."""
UNREACHABLE: Final[Period] = (at(11, 3), at(11, 3, 20))
"""In a quiet night, when nobody else calls."""
CODES: Final = {"FILE_ASTRAY": at(6, 11, 17), "NOT_STARTED": at(8, 23, 41), "LIST_ENDS": at(1, 4, 5)}
"""A line of the log, once."""
BOUNCING: Final[Period] = (at(26, 9), at(26, 12))


class Month(NamedTuple):
    """What happened."""

    events: list[dict[str, Any]]
    metrics: Metrics


@cache
def functions() -> dict[tuple[str, str], str]:
    """The function of the catalogue of each route, by method and path."""
    return {
        (method, route["path"]): number
        for number, one in described()["functions"].items()
        for route in one["routes"]["web"]
        for method in route["methods"]
    }


@cache
def rounds() -> dict[str, int]:
    """The functions of schedules, and the minutes between their runs."""
    units = {"minute": 1, "hour": 60, "day": 24 * 60}
    rates = {one["function"]: one["rate"] for one in json.loads(STACK_FILE.read_bytes())["schedules"].values()}
    found = {name: re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", rate) for name, rate in rates.items()}
    return {name: int(one[1]) * units[one[2]] for name, one in found.items() if one}


def function_of(event: dict[str, Any]) -> str:
    """The function that a request is of; empty for none."""
    return functions().get((event["method"], event["path"]), "")


def within(moment: datetime, period: Period) -> bool:
    """Whether a moment is in a period; its end is not."""
    return period[0] <= moment < period[1]


def events() -> Iterator[dict[str, Any]]:
    """The requests of the month. In maintenance they are refused."""
    traffic = Traffic(SEED, AN_HOUR, SPELLS)
    closed = [(start.timestamp() * 1000, end.timestamp() * 1000) for start, end in (*EXCLUDED, EMERGENCY)]
    for event in traffic.requests(START, END):
        if any(start <= event["at"] < end for start, end in closed) and function_of(event) not in STAY_OPEN:
            event |= {"status": 503, "latency": 4, "error": "-"}
        yield event


def is_refused_as_agreed(event: dict[str, Any]) -> bool:
    """Whether the service refuses it because of agreed maintenance, and counts it as that."""
    arrived = datetime.fromtimestamp(event["at"] / 1000, UTC)
    return function_of(event) not in STAY_OPEN and any(within(arrived, period) for period in EXCLUDED)


def filters(state: Iterable[dict[str, Any]]) -> list[tuple[Pattern, Key, str]]:
    """The metric filters of the access log: what they match, the metric, and its value."""
    found = []
    for one in state:
        if (
            one["type"] == "aws_cloudwatch_log_metric_filter"
            and one["values"]["log_group_name"] == f"{PREFIX}-access-web"
        ):
            (to,) = one["values"]["metric_transformation"]
            found.append(
                (read_pattern(one["values"]["pattern"]), key_of(to["namespace"], to["name"], None), to["value"])
            )
    return found


def add_lines(metrics: Metrics, lines: Iterable[str], found: Sequence[tuple[Pattern, Key, str]]) -> None:
    """What the metric filters make of the raw lines of the access log."""
    fields = sorted(frozenset[str]().union(*(pattern.fields for pattern, _, _ in found)))
    known: dict[tuple[Any, ...], list[tuple[Key, str]]] = {}
    begin = round(START.timestamp() * 1000)
    for line in lines:
        event = json.loads(line)
        alike = tuple(event[name] for name in fields)
        matched = known.get(alike)
        if matched is None:
            matched = known[alike] = [(key, value) for pattern, key, value in found if pattern.matches(event)]
        minute = (event["at"] - begin) // 60_000
        for key, value in matched:
            metrics.add(key, minute, event[value.removeprefix("$.")] if value.startswith("$.") else float(value))


@cache
def ours(name: str, **dimensions: str) -> Key:
    """A metric that our functions print."""
    return key_of("LearningRecords", name, {"service": "lrs", **dimensions})


@cache
def of_lambda(name: str, function: str) -> Key:
    """A metric of a function."""
    return key_of("AWS/Lambda", name, {"FunctionName": f"{PREFIX}-{function}"})


def add_requests(metrics: Metrics, happened: Iterable[dict[str, Any]]) -> None:
    """What the function of the web services reports: refusals in agreed maintenance, runs, and runs that failed."""
    begin = round(START.timestamp() * 1000)
    for event in happened:
        minute = (event["at"] - begin) // 60_000
        metrics.add(of_lambda("Invocations", "api"), minute, 1)
        metrics.add(of_lambda("Errors", "api"), minute, float(event["status"] in (502, 504)))
        if is_refused_as_agreed(event):
            where = {"catalogue_function": function_of(event), "channel": "webservice"}
            metrics.add(ours("lrs_request_maintenance", **where), minute, 1)


def add_reports(metrics: Metrics, happened: Sequence[dict[str, Any]]) -> None:
    """What the reporter publishes, five minutes past every hour: the month until the hour."""
    known = read_described(described())
    exclusions = Exclusions(EXCLUDED)
    tallies = Tallies()
    by_hour: dict[int, list[tuple[int, RequestLine]]] = {}
    for event in happened:
        line = RequestLine(
            event["requestId"], event["at"], event["method"], event["path"], event["status"], event["latency"]
        )
        by_hour.setdefault(event["at"] // 3_600_000, []).append((event["at"], line))
    for hour in (START + HOUR * number for number in range(LAST // 60)):
        count_lines(tallies, known.surfaces[0], hour, by_hour.get(int(hour.timestamp()) // 3600, ()), exclusions)
        published = hour + HOUR + timedelta(minutes=5)
        if within(published, UNREPORTED):
            continue
        minute = minute_of(published)
        metrics.add(ours("LevelsReported"), minute, 1)
        for level in levels_of(tallies, known, "batch"):
            figures = {
                "MonthAvailability": level.availability,
                "MonthErrorBudgetLeft": level.budget_left,
                "MonthMeanResponse": level.mean_milliseconds,
            }
            for name, value in figures.items():
                if value is not None:
                    where = {"catalogue_function": level.function, "channel": level.channel}
                    metrics.add(ours(name, **where), minute, value)


def add_machines(metrics: Metrics) -> None:
    """What machines report about themselves."""
    for minute in range(BEFORE, LAST):
        now = START + timedelta(minutes=minute)
        if minute % 5 == 0:
            _add_rounds(metrics, minute, now)
        if within(now, THROTTLED):
            metrics.add(key_of("AWS/DynamoDB", "WriteThrottleEvents", {"TableName": f"{PREFIX}-register"}), minute, 40)
        for queue, waits in (("intake-dead", DEAD), ("chunks-dead", None)):
            visible = float(waits is not None and within(now, waits))
            metrics.add(_of_queue("ApproximateNumberOfMessagesVisible", queue), minute, visible)
        waited = (now - OLD_MESSAGE[0]).total_seconds() if within(now, OLD_MESSAGE) else 2.0
        metrics.add(_of_queue("ApproximateAgeOfOldestMessage", "chunks"), minute, waited)
        metrics.add(of_lambda("IteratorAge", "record_audit"), minute, 600_000.0 if within(now, LATE_AUDIT) else 800.0)
        metrics.add(ours("ProbeSucceeded"), minute, float(not within(now, UNREACHABLE)))
        metrics.add(of_lambda("Invocations", "apply_chunk"), minute, 10)
        metrics.add(of_lambda("Errors", "apply_chunk"), minute, float(within(now, CRASHING)))
    for code, moment in CODES.items():
        metrics.add(ours("LogLines", code=code), minute_of(moment), 1)


def _add_rounds(metrics: Metrics, minute: int, now: datetime) -> None:
    """What runs every five minutes, or less often."""
    if not within(now, UNWATCHED):
        age = (now - STUCK[0]) / timedelta(hours=1) if within(now, STUCK) else 0.2
        metrics.add(ours("OldestJobHours"), minute, age)
        given_up = within(now, STUCK) and age >= 36 and age - 36 < 5 / 60
        metrics.add(ours("GivenUp"), minute, float(given_up))
    for name, every in rounds().items():
        if minute % every == 0 and not (name == "record_refusals" and within(now, NOT_SCHEDULED)):
            metrics.add(of_lambda("Invocations", name), minute, 1)
    if minute % 15 == 0:
        metrics.add(key_of("AWS/SES", "Reputation.BounceRate", None), minute, 0.06 if within(now, BOUNCING) else 0.01)
    if minute < 0 and minute % 60 == 5:
        metrics.add(ours("LevelsReported"), minute, 1)


@cache
def _of_queue(name: str, queue: str) -> Key:
    return key_of("AWS/SQS", name, {"QueueName": f"{PREFIX}-{queue}"})


def month(state: Iterable[dict[str, Any]]) -> Month:
    """The month, with every metric."""
    happened = list(events())
    metrics = Metrics()
    add_lines(metrics, map(line_of, happened), filters(state))
    add_requests(metrics, happened)
    add_reports(metrics, happened)
    add_machines(metrics)
    return Month(happened, metrics)
