"""Every figure that is reported of a month equals the one computed from its raw requests and files.

October 2026, in which the clocks go back: traffic of all functions with faults, an outage, slow spells, a quiet night,
agreed and emergency maintenance. Some lines are delivered twice, some hours late, and some cannot be read. The
reporter runs at irregular times, as it would after failures.
"""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.maintenance import Environment, Window, WindowKind
from chalicelib.domain.monthly_levels import Level, Missed, Month
from chalicelib.domain.service_levels import function_of_route, target_of
from chalicelib.domain.tallies import FileTally, Measured, Row, Tally
from chalicelib.ports.levels import Schedule
from chalicelib.services.service_levels import LevelReporter, MonthLevels, ReporterPorts
from chalicelib.web.rest.table import ENTRIES
from local.samples.traffic import EndedFile, Spell, SpellKind, Traffic, line_of
from tests.fakes import FakeWorld

LONDON = ZoneInfo("Europe/London")
OCTOBER = Month(2026, 10)
FIRST, LAST = datetime(2026, 10, 1, tzinfo=LONDON), datetime(2026, 11, 1, tzinfo=LONDON)
MANAGER = "service.manager@learning-records.example"


def london(day: int, hour: int, minute: int = 0, second: int = 0, microsecond: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, second, microsecond, tzinfo=LONDON).astimezone(UTC)


AGREED = [
    (london(11, 6, 0, 0, 250_000), london(11, 9, 30, 17, 501_000)),  # a Sunday, closed to the millisecond
    (london(21, 12), london(21, 13)),  # agreed in core hours
    (london(25, 0, 30), london(25, 2, 30)),  # three hours, as the clocks go back
]
EMERGENCY = (london(14, 10, 5), london(14, 10, 50))
SPELLS = [
    *(Spell(start, end, SpellKind.OUTAGE) for start, end in (*AGREED, EMERGENCY)),
    Spell(london(6, 14, 2, 3), london(6, 15, 40), SpellKind.OUTAGE),
    Spell(london(5, 9), london(23, 17), SpellKind.SLOW, frozenset({"VLD-01", "PLR-01"})),
    Spell(london(19, 8), london(23, 18), SpellKind.FAULTY, frozenset({"ACH-01"})),
    Spell(london(27, 21), london(28, 6), SpellKind.QUIET),
]
TRAFFIC = Traffic(seed=20261001, an_hour=150, spells=SPELLS)
LATE = EndedFile(london(15, 11), "ULN-06", 150, 0, (900,), 48 * 60 + 1)


class Raw(NamedTuple):
    """What happened: requests by row, and files."""

    events: list[dict[str, Any]]
    files: list[EndedFile]


@pytest.fixture(scope="module")
def raw() -> Raw:
    start, end = FIRST.astimezone(UTC), LAST.astimezone(UTC)
    around = timedelta(hours=6)
    return Raw(
        list(TRAFFIC.requests(start - around, end + around)), [*TRAFFIC.files(start - around, end + around), LATE]
    )


@pytest.fixture(scope="module")
def reported(raw: Raw) -> tuple[FakeWorld, MonthLevels]:
    """The world after the month's report, and what is held of the month."""
    world = FakeWorld()
    dice = random.Random(3)
    for event in raw.events:
        written = datetime.fromtimestamp((event["at"] + event["latency"]) / 1000, UTC)
        delivered = written + timedelta(minutes=dice.choice((0, 0, 0, 1, 90)))
        world.access_logs.put("web", written, line_of(event), delivered)
        if dice.random() < 0.01:
            world.access_logs.put("web", written, line_of(event), delivered + timedelta(minutes=5))
    for day in range(1, 31):
        world.access_logs.put("web", london(day, 12), "cut off {")
    world.measurements.held = [*map(_measured, raw.files)]
    services = world.services(service_manager_email=MANAGER)
    windows = [_window(start, end, WindowKind.AGREED) for start, end in AGREED]
    world.schedules.save(Schedule((*windows, _window(*EMERGENCY, WindowKind.EMERGENCY)), 1))
    ports = ReporterPorts(
        world.access_logs,
        world.measurements,
        world.levels,
        services.post,
        world.schedules,
        world.recovery_store,
        world.clock,
        world.lists.bank_holidays,
    )
    reporter = LevelReporter(ports, services.described_levels, Environment.LIVE, MANAGER)
    moment = FIRST.astimezone(UTC) + timedelta(minutes=7)
    while moment < LAST.astimezone(UTC) + timedelta(hours=6):
        world.clock.now = moment
        reporter.run(moment + timedelta(minutes=10))
        moment += timedelta(minutes=dice.choice((60, 61, 60 * 26, 60 * 31)))
    for hours in (6, 7):
        world.clock.now = LAST.astimezone(UTC) + timedelta(hours=hours)
        reporter.run(world.clock.now + timedelta(minutes=10))
    held = services.service_levels.month(OCTOBER)
    assert held is not None
    return world, held


def _window(start: datetime, end: datetime, kind: WindowKind) -> Window:
    return Window(
        window_id=start.isoformat(),
        environment=Environment.LIVE,
        kind=kind,
        start=start,
        end=end,
        reason="New discs",
        announced_at=FIRST,
        changed_at=FIRST,
    )


def _measured(file: EndedFile) -> Measured:
    """A file in the metrics of the minute in which it ended."""
    start = file.at.replace(second=0, microsecond=0)
    files = FileTally(1, int(file.minutes > 48 * 60), file.minutes, file.minutes)
    row = Row(file.function, "batch")
    length = timedelta(minutes=1)
    return Measured(start, start + length, row, file.records, file.faults, len(file.chunks), sum(file.chunks), files)


class Expected(NamedTuple):
    """The figures of a row, from raw data only."""

    requests: int
    faults: int
    excluded: int
    times: list[int]
    files: list[EndedFile]


def _is_agreed(at: int) -> bool:
    return any(start.timestamp() * 1000 <= at < end.timestamp() * 1000 for start, end in AGREED)


def _expected(raw: Raw) -> dict[tuple[str, str], Expected]:
    functions = {(entry.method, entry.path): function_of_route(entry.name) for entry in ENTRIES}
    found: dict[tuple[str, str], Expected] = defaultdict(lambda: Expected(0, 0, 0, [], []))
    first, last = FIRST.timestamp() * 1000, LAST.timestamp() * 1000
    for event in raw.events:
        if first <= event["at"] < last:
            row = functions.get((event["method"], event["path"]), "other"), "webservice"
            now = found[row]
            if _is_agreed(event["at"]):
                found[row] = now._replace(excluded=now.excluded + 1)
            else:
                now.times.append(event["latency"])
                found[row] = now._replace(requests=now.requests + 1, faults=now.faults + (event["status"] >= 500))
    for file in raw.files:
        if FIRST <= file.at < LAST:
            now = found[file.function, "batch"]
            now.files.append(file)
            start = file.at.replace(second=0, microsecond=0)
            in_minute = (start.timestamp() * 1000, start.timestamp() * 1000 + 60_000)
            if any(s.timestamp() * 1000 < in_minute[1] and in_minute[0] < e.timestamp() * 1000 for s, e in AGREED):
                found[file.function, "batch"] = now._replace(excluded=now.excluded + file.records)
            else:
                now.times.extend(file.chunks)
                found[file.function, "batch"] = now._replace(
                    requests=now.requests + file.records, faults=now.faults + file.faults
                )
    return found


def _missed(expected: Expected, function: str) -> Iterator[str]:
    target = target_of(function)
    if Fraction(100 * (expected.requests - expected.faults), expected.requests) < Fraction(str(target.availability)):
        yield Missed.AVAILABILITY
    mean = Fraction(sum(expected.times), len(expected.times))
    if target.mean_milliseconds and mean > target.mean_milliseconds:
        yield Missed.MEAN_RESPONSE
    if any(file.minutes > 48 * 60 for file in expected.files):
        yield Missed.FILE_TIME


@pytest.mark.req("SLA-01", "SLA-02", "SLA-03", "SLA-04")
def test_every_figure_of_every_function_and_channel_is_that_of_the_raw_requests(
    raw: Raw, reported: tuple[FakeWorld, MonthLevels]
) -> None:
    expected = _expected(raw)
    levels = {(level.function, level.channel): level for level in reported[1].levels}
    with_traffic = {row for row, level in levels.items() if level.requests or level.excluded}
    assert with_traffic == expected.keys()
    assert len(with_traffic) > 25
    for row, wanted in expected.items():
        _assert_equal(levels[row], wanted)


def _assert_equal(level: Level, wanted: Expected) -> None:
    assert (level.requests, level.faults, level.excluded) == (wanted.requests, wanted.faults, wanted.excluded)
    available = Fraction(100 * (wanted.requests - wanted.faults), wanted.requests)
    assert level.availability == pytest.approx(float(available), abs=1e-9)
    assert level.mean_milliseconds == pytest.approx(float(Fraction(sum(wanted.times), len(wanted.times))), abs=1e-6)
    if level.channel == "webservice":
        exact = sorted(wanted.times)[ceil(Fraction(95, 100) * len(wanted.times)) - 1]
        assert level.p95_milliseconds == pytest.approx(exact, rel=0.01)
    if level.function == "other":
        assert (level.budget_left, level.missed) == (None, ())
        return
    allowed = 100 - Fraction(str(target_of(level.function).availability))
    if allowed:
        spent = (100 - available) / allowed
        assert level.budget_left == pytest.approx(float(100 * (1 - spent)), abs=1e-6)
    else:
        assert level.budget_left == (0 if wanted.faults else 100)
    assert level.missed == tuple(_missed(wanted, level.function))
    if level.files is not None:
        minutes = [file.minutes for file in wanted.files]
        late = sum(one > 48 * 60 for one in minutes)
        assert level.files == FileTally(len(minutes), late, sum(minutes), max(minutes))


@pytest.mark.req("SLA-04")
def test_the_report_has_the_same_figures(raw: Raw, reported: tuple[FakeWorld, MonthLevels]) -> None:
    world, held = reported
    (mail,) = world.mail.sent
    rows = list(csv.DictReader(io.StringIO(mail.attached["service-levels-2026-10.csv"])))
    expected = _expected(raw)
    assert {(row["Function"], row["Channel"]) for row in rows} >= expected.keys()
    for row in rows:
        wanted = expected.get((row["Function"], row["Channel"]))
        if wanted is None:
            assert (row["Requests"], row["Availability %"], row["Missed"]) == ("0", "", "")
            continue
        available = 100 * (wanted.requests - wanted.faults) / wanted.requests
        assert (int(row["Requests"]), int(row["Faults"])) == (wanted.requests, wanted.faults)
        assert float(row["Availability %"]) == pytest.approx(available, abs=5e-5)
        assert float(row["Mean ms"]) == pytest.approx(sum(wanted.times) / len(wanted.times), abs=5e-5)
    for level in held.missed:
        assert f"Missed: {level.function} {level.title} ({level.channel})" in mail.body


@pytest.mark.req("SLA-01", "SLA-02", "SLA-03")
def test_what_happened_in_the_month_is_seen(reported: tuple[FakeWorld, MonthLevels]) -> None:
    held = reported[1]
    missed = {(level.function, level.channel): level.missed for level in held.missed}
    assert Missed.AVAILABILITY in missed["ACH-01", "webservice"]
    assert Missed.AVAILABILITY in missed["IDM-11", "webservice"], "its target is 100 %"
    assert Missed.MEAN_RESPONSE in missed["VLD-01", "webservice"]
    assert Missed.FILE_TIME in missed["ULN-06", "batch"]
    assert held.held.tallies.unreadable == 30
    assert held.held.tallies.doubled > 100
    assert held.held.tallies.unknown == {"GET /{proxy+}"}
    assert held.held.is_reported


@pytest.mark.req("SLA-01", "SLA-05")
def test_emergency_maintenance_counts_and_agreed_does_not(raw: Raw, reported: tuple[FakeWorld, MonthLevels]) -> None:
    excluded = sum(
        tally.excluded for row, tally in reported[1].held.tallies.rows.items() if row.channel == "webservice"
    )
    first, last = FIRST.timestamp() * 1000, LAST.timestamp() * 1000
    assert excluded == sum(_is_agreed(event["at"]) for event in raw.events if first <= event["at"] < last) > 0
    faults: Tally = sum_of(reported[1])
    start, end = (moment.timestamp() * 1000 for moment in EMERGENCY)
    assert faults.faults >= sum(start <= event["at"] < end for event in raw.events) > 0


def sum_of(held: MonthLevels) -> Tally:
    found = Tally()
    for row, tally in held.held.tallies.rows.items():
        if row.channel == "webservice":
            found.add(tally)
    return found
