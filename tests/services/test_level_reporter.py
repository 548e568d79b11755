"""The reporter counts each request once, keeps its place, and sends each month's report once."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.failed_hours import FailedHour
from chalicelib.domain.maintenance import Environment, Window, WindowKind
from chalicelib.domain.monthly_levels import Level, Month
from chalicelib.domain.recoveries import Recovery
from chalicelib.domain.tallies import HOUR, FileTally, Measured, Row
from chalicelib.domain.working_time import Period
from chalicelib.formats.level_reports import LEGEND
from chalicelib.ports.errors import MailRefused, TemporaryFailure
from chalicelib.ports.levels import Schedule
from chalicelib.services.service_levels import LevelReporter, ReporterPorts, Run
from functions import report_levels
from tests.fakes import FakeWorld

NOON = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
NOVEMBER = Month(2026, 11)
MANAGER = "service.manager@learning-records.example"

pytestmark = pytest.mark.req("SLA-01", "SLA-02", "SLA-04")


def window(start: datetime, end: datetime, kind: WindowKind) -> Window:
    return Window(
        window_id=start.isoformat(),
        environment=Environment.LIVE,
        kind=kind,
        start=start,
        end=end,
        reason="New discs",
        announced_at=start,
        changed_at=start,
    )


class Reporting:
    """The reporter over a world, at a time that a test moves."""

    def __init__(self, world: FakeWorld, now: datetime = NOON) -> None:
        self.world = world
        self.world.clock.now = now
        self.services = world.services(service_manager_email=MANAGER)
        self._number = 0

    def run(self, now: datetime | None = None, seconds: float = 600) -> Run:
        clock = self.world.clock
        clock.now = now or clock.now
        ports = ReporterPorts(
            self.world.access_logs,
            self.world.measurements,
            self.world.levels,
            self.services.post,
            self.world.schedules,
            self.world.recovery_store,
            clock,
            self.world.lists.bank_holidays,
        )
        reporter = LevelReporter(ports, self.services.described_levels, Environment.LIVE, MANAGER)
        return reporter.run(clock() + timedelta(seconds=seconds))

    def agree(self, *periods: Period, kind: WindowKind = WindowKind.AGREED) -> None:
        """These are the maintenance windows now."""
        held = self.world.schedules.read()
        windows = [replace(window(*period, kind), window_id=f"MW-{number}") for number, period in enumerate(periods)]
        elsewhere = [
            replace(one, environment=Environment.COMPATIBILITY, window_id=f"{one.window_id}-elsewhere")
            for one in windows
        ]
        shifted = [replace(one, start=one.start - HOUR, end=one.end + HOUR) for one in elsewhere]
        self.world.schedules.save(Schedule((*windows, *shifted), held.revision + 1))

    def request(self, at: datetime, delivered: datetime | None = None, **given: Any) -> str:
        text = self.line(at, **given)
        self.world.access_logs.put("web", at + timedelta(milliseconds=100), text, delivered)
        return text

    def line(self, at: datetime, **given: Any) -> str:
        self._number += 1
        line = {
            "requestId": f"r{self._number}",
            "at": round(at.timestamp() * 1000),
            "method": "POST",
            "path": "/v1/verifications",
            "status": 200,
            "latency": 100,
        }
        return json.dumps(line | given)

    def level(self, function: str = "VLD-01", channel: str = "webservice", month: Month | None = None) -> Level:
        found = self.services.service_levels.month(month)
        assert found is not None
        (one,) = [level for level in found.levels if (level.function, level.channel) == (function, channel)]
        return one


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def reporting(world: FakeWorld) -> Reporting:
    return Reporting(world)


def test_a_second_run_changes_nothing(reporting: Reporting) -> None:
    for minutes in range(300):
        reporting.request(NOON - timedelta(minutes=minutes + 1))
    reporting.run()
    before = reporting.services.service_levels.month()
    assert reporting.level().requests == 300
    reporting.run()
    reporting.run()
    assert reporting.services.service_levels.month() == before


def test_a_line_that_is_delivered_hours_late_or_twice_counts_once(reporting: Reporting) -> None:
    at = NOON - timedelta(minutes=10)
    text = reporting.request(at, delivered=NOON + timedelta(hours=2))
    reporting.world.access_logs.put("web", at, text, NOON + timedelta(hours=1))
    reporting.run()
    assert reporting.level().requests == 0
    for hours in range(1, 5):
        reporting.run(NOON + timedelta(hours=hours))
    assert reporting.level().requests == 1
    assert reporting.services.service_levels.month().held.tallies.doubled == 1


def test_a_line_that_is_written_in_another_hour_counts_in_that_of_its_request(reporting: Reporting) -> None:
    hour = NOON - HOUR
    for at, seconds in ((hour, -50), (hour + HOUR - timedelta(milliseconds=1), 29)):
        line = reporting.line(at)
        reporting.world.access_logs.put("web", at + timedelta(seconds=seconds), line)
    reporting.run(NOON + HOUR)
    (counted,) = [one for one in reporting.world.levels.hours(NOVEMBER) if one.tallies.rows]
    assert (counted.hour, reporting.level().requests) == (hour, 2)


def test_the_hours_in_which_most_requests_failed_are_kept_with_the_month(reporting: Reporting) -> None:
    for status, at in ((500, NOON - HOUR), (200, NOON - HOUR), (200, NOON - 2 * HOUR)):
        reporting.request(at, status=status)
    reporting.run()
    assert reporting.services.service_levels.month().held.worst == (
        FailedHour(NOON - HOUR, Row("VLD-01", "webservice"), 2, 1),
    )


def test_the_first_run_counts_from_the_start_of_the_month(reporting: Reporting) -> None:
    reporting.request(NOVEMBER.start)
    reporting.request(NOVEMBER.start - timedelta(milliseconds=1))
    assert reporting.run().hours == (NOON - NOVEMBER.start) // HOUR + 1
    assert reporting.level().requests == 1


def test_a_run_without_enough_time_keeps_its_place_and_the_next_one_continues(reporting: Reporting) -> None:
    for hours in range(1, 100):
        reporting.request(NOON - timedelta(hours=hours))
    clock = reporting.world.clock
    reporting.world.hook = lambda name: clock.advance(timedelta(seconds=1)) and None
    first = reporting.run(seconds=60)
    assert first.is_behind
    assert not first.sent
    assert first.hours < 60
    place = reporting.world.levels.place
    runs = 1
    while reporting.run(seconds=60).is_behind:
        runs += 1
        assert reporting.world.levels.place > place
        place = reporting.world.levels.place
    assert runs > 2
    assert reporting.level().requests == 99


def test_a_run_that_fails_is_repeated_without_counting_twice(reporting: Reporting) -> None:
    for hours in range(1, 20):
        reporting.request(NOON - timedelta(hours=hours))
    calls = 0

    def failing(name: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 700:
            raise TemporaryFailure(name)

    reporting.world.hook = failing
    with pytest.raises(TemporaryFailure):
        reporting.run()
    reporting.run()
    assert reporting.level().requests == 19


def test_a_run_after_days_without_any_continues_where_the_last_one_ended(reporting: Reporting) -> None:
    reporting.run()
    reporting.request(NOON + timedelta(hours=30))
    done = reporting.run(NOON + timedelta(days=3))
    assert done.hours == 3 * 24 + 3 + 1
    assert reporting.level().requests == 1


def test_maintenance_that_is_agreed_later_is_excluded_from_hours_that_were_counted(reporting: Reporting) -> None:
    at = NOON - timedelta(days=4)
    for seconds in range(100):
        reporting.request(at + timedelta(seconds=seconds), status=503)
    reporting.run()
    assert reporting.level().faults == 100
    reporting.agree((at + timedelta(milliseconds=1), at + timedelta(seconds=98)))
    reporting.run(NOON + HOUR)
    level = reporting.level()
    assert (level.faults, level.excluded) == (3, 97)
    reporting.agree((at, at + HOUR), kind=WindowKind.EMERGENCY)
    reporting.run(NOON + 2 * HOUR)
    assert (reporting.level().faults, reporting.level().excluded) == (100, 0)


@pytest.mark.req("SLA-03")
def test_files_are_counted_from_what_functions_measured(reporting: Reporting) -> None:
    row = Row("ACH-06", "batch")
    start = NOON - timedelta(minutes=150)
    files = FileTally(ended=2, late=1, minutes=3_000, longest_minutes=2_900)
    held = Measured(start, start + timedelta(minutes=1), row, 500, 1, 1, 2_000, files)
    reporting.world.measurements.held += [held, held._replace(row=Row("VLD-01", "webservice"), files=None)]
    reporting.run()
    level = reporting.level("ACH-06", "batch")
    assert (level.requests, level.faults, level.files, level.missed[-1]) == (500, 1, files, "processing time of files")
    assert reporting.level().requests == 0
    assert reporting.services.service_levels.month().held.tallies.missing("webservice") == 500


def test_lines_that_are_on_their_way_are_not_reported_as_missing(reporting: Reporting) -> None:
    start = NOON - timedelta(minutes=1)
    held = Measured(start, start + timedelta(minutes=1), Row("VLD-01", "webservice"), 3)
    reporting.world.measurements.held.append(held)
    for number in range(2):
        reporting.request(start, delivered=NOON + timedelta(minutes=10 + number))
    missing = []
    for hours in range(3):
        reporting.run(NOON + hours * HOUR)
        missing.append(reporting.services.service_levels.month().held.tallies.missing("webservice"))
    assert missing == [0, 1, 1]


def test_the_report_is_sent_once_when_the_month_has_settled(reporting: Reporting) -> None:
    reporting.request(NOON, status=500)
    end = NOVEMBER.end
    runs = [end - HOUR + timedelta(minutes=minutes) for minutes in range(0, 600, 30)]
    assert [at for at in runs if reporting.run(at).sent] == [end + 4 * HOUR]
    (mail,) = reporting.world.mail.sent
    assert (mail.to, mail.subject) == (MANAGER, "Learning Records Service: service levels of November 2026")
    assert "Missed: VLD-01 Verify one learner's details (webservice): available 0.00 % (target 99.5 %)" in mail.body
    assert "Everything else" not in mail.body
    assert mail.attached.keys() == {"service-levels-2026-11.csv"}
    rows = list(csv.DictReader(io.StringIO(mail.attached["service-levels-2026-11.csv"])))
    assert [row["Faults"] for row in rows if (row["Function"], row["Channel"]) == ("VLD-01", "webservice")] == ["1"]
    assert reporting.services.service_levels.month(NOVEMBER).held.is_reported


@pytest.mark.req("SLA-07")
def test_the_report_has_the_clock_of_each_recovery_of_the_month(reporting: Reporting) -> None:
    tuesday = datetime(2026, 11, 10, 9, tzinfo=UTC)
    ended = Recovery(tuesday, "Loss of a table", tuesday + timedelta(hours=3))
    reporting.world.recovery_store.save(ended)
    reporting.world.recovery_store.save(
        replace(ended, invoked_at=tuesday - timedelta(days=40), reinstated_at=tuesday - timedelta(days=39))
    )
    done = reporting.run(tuesday + timedelta(days=1))
    assert [(one.recovery, one.used) for one in done.recoveries] == [(ended, timedelta(hours=3))]
    reporting.run(NOVEMBER.end + timedelta(hours=4))
    (mail,) = reporting.world.mail.sent
    assert "  2026-11-10 09:00 GMT  in time   3.0 of 8 service hours  reinstated 2026-11-10 12:00 GMT" in mail.body
    assert mail.body.count("service hours") == 1


def test_the_report_says_what_everything_else_is_and_what_its_columns_mean(reporting: Reporting) -> None:
    reporting.request(NOON, path="/{proxy+}", status=404)
    reporting.run()
    reporting.run(NOVEMBER.end + timedelta(hours=4))
    body = reporting.world.mail.sent[0].body
    assert "Every target was met." in body
    assert '"Everything else" is requests to unknown addresses.' in body
    assert all(line in body for line in LEGEND)


def test_the_report_waits_for_lines_that_come_late(reporting: Reporting) -> None:
    reporting.run()
    reporting.request(NOVEMBER.end - timedelta(minutes=1), delivered=NOVEMBER.end + timedelta(hours=2))
    for hours in range(8):
        reporting.run(NOVEMBER.end + timedelta(hours=hours, minutes=4))
    (mail,) = reporting.world.mail.sent
    rows = list(csv.DictReader(io.StringIO(mail.attached["service-levels-2026-11.csv"])))
    assert [row["Requests"] for row in rows if (row["Function"], row["Channel"]) == ("VLD-01", "webservice")] == ["1"]


def test_reports_that_were_missed_are_sent_in_order_by_the_next_run(reporting: Reporting) -> None:
    reporting.run()
    reporting.run(datetime(2027, 1, 20, 7, tzinfo=UTC), seconds=6_000)
    assert [mail.subject.rpartition(" of ")[2] for mail in reporting.world.mail.sent] == [
        "November 2026",
        "December 2026",
    ]
    reporting.run()
    assert len(reporting.world.mail.sent) == 2


def test_a_missed_month_is_reported_although_the_run_that_counted_it_was_stopped(reporting: Reporting) -> None:
    reporting.run()
    reporting.request(NOVEMBER.next.start + HOUR)
    late = datetime(2027, 1, 20, 7, tzinfo=UTC)

    def stopping(name: str) -> None:
        if name == "access_logs.lines" and reporting.world.levels.place > datetime(2027, 1, 5, tzinfo=UTC):
            raise TemporaryFailure(name)

    reporting.world.hook = stopping
    with pytest.raises(TemporaryFailure):
        reporting.run(late)
    reporting.world.hook = lambda name: None
    assert reporting.run(late + HOUR).sent == [NOVEMBER, NOVEMBER.next]
    assert reporting.level(month=NOVEMBER.next).requests == 1


def test_a_first_run_that_is_stopped_loses_nothing_of_its_month(reporting: Reporting) -> None:
    reporting.request(NOON)

    def stopping(name: str) -> None:
        if name == "levels.put_month":
            raise TemporaryFailure(name)

    reporting.world.hook = stopping
    with pytest.raises(TemporaryFailure):
        reporting.run(NOVEMBER.end - HOUR)
    reporting.world.hook = lambda name: None
    assert reporting.run(NOVEMBER.end + 5 * HOUR).sent == [NOVEMBER]
    assert reporting.level(month=NOVEMBER).requests == 1


@pytest.mark.parametrize("stopped_at", range(41))
def test_a_run_that_is_stopped_at_any_call_leaves_a_month_that_is_reported_and_final(
    stopped_at: int, reporting: Reporting
) -> None:
    """The report is sent once; twice only if the run is stopped between sending it and keeping that."""
    reporting.world.levels.keep_counted_until(NOVEMBER.end - 24 * HOUR)
    for hours in range(20):
        reporting.request(NOVEMBER.end - hours * HOUR, status=500 if hours % 3 else 200)
    reporting.run(NOVEMBER.end + 3 * HOUR)
    calls: list[str] = []

    def stopping(name: str) -> None:
        calls.append(name)
        if len(calls) == stopped_at + 1:
            raise KeyboardInterrupt

    reporting.world.hook = stopping
    with suppress(KeyboardInterrupt):
        reporting.run(NOVEMBER.end + 5 * HOUR)
    assert len(calls) <= 41, "every call is stopped at"
    reporting.world.hook = lambda name: None
    for hours in (6, 7):
        reporting.run(NOVEMBER.end + hours * HOUR)
    assert reporting.services.service_levels.month(NOVEMBER).held.is_reported
    assert (reporting.level(month=NOVEMBER).requests, reporting.level(month=NOVEMBER).faults) == (19, 13)
    assert len(reporting.world.mail.sent) == (2 if calls[stopped_at:] == ["levels.report_sent"] else 1)


def test_a_report_that_could_not_be_sent_is_sent_later(reporting: Reporting) -> None:
    def refusing(name: str) -> None:
        if name == "mail.send":
            raise MailRefused(name)

    reporting.run()
    reporting.world.hook = refusing
    due = NOVEMBER.end + timedelta(hours=5)
    assert reporting.run(due).not_sent == [(NOVEMBER, "MailRefused")]
    reporting.world.hook = lambda name: None
    assert reporting.run(due + timedelta(minutes=5)).sent == [], "another run may be sending it"
    assert reporting.run(due + HOUR).sent == [NOVEMBER]
    assert len(reporting.world.mail.sent) == 1


def test_two_runs_at_once_send_one_report(reporting: Reporting) -> None:
    reporting.run()
    entered = []

    def other_run(name: str) -> None:
        if name == "mail.send" and not entered:
            entered.append(name)
            reporting.run()

    reporting.world.hook = other_run
    reporting.run(NOVEMBER.end + timedelta(hours=5))
    assert len(reporting.world.mail.sent) == 1


@pytest.mark.parametrize("at", range(41))
def test_two_runs_at_once_leave_one_report_and_a_final_month(at: int, reporting: Reporting) -> None:
    reporting.world.levels.keep_counted_until(NOVEMBER.end - 24 * HOUR)
    reporting.request(NOVEMBER.end - 2 * HOUR)
    reporting.run(NOVEMBER.end + 3 * HOUR)
    calls: list[str] = []

    def other_run(name: str) -> None:
        calls.append(name)
        if len(calls) == at + 1:
            reporting.world.hook = lambda name: None
            reporting.run()

    reporting.world.hook = other_run
    reporting.run(NOVEMBER.end + 5 * HOUR)
    reporting.world.hook = lambda name: None
    reporting.run(NOVEMBER.end + 6 * HOUR)
    assert len(reporting.world.mail.sent) == 1
    assert reporting.services.service_levels.month(NOVEMBER).held.is_reported
    assert reporting.level(month=NOVEMBER).requests == 1


def test_a_reported_month_does_not_change_any_more(reporting: Reporting) -> None:
    reporting.run()
    reporting.run(NOVEMBER.end + timedelta(hours=5))
    before = reporting.services.service_levels.month(NOVEMBER)
    reporting.request(NOVEMBER.end - timedelta(minutes=1), status=500)
    reporting.agree((NOON, NOON + HOUR))
    reporting.run(NOVEMBER.end + timedelta(hours=6))
    assert reporting.services.service_levels.month(NOVEMBER) == before


def test_maintenance_that_has_left_the_schedule_is_still_excluded(reporting: Reporting) -> None:
    at = NOON - timedelta(days=4)
    reporting.request(at + timedelta(seconds=1), status=503)
    reporting.agree((at, at + HOUR))
    schedules = reporting.world.schedules
    held = schedules.read()
    schedules.save(Schedule((), held.revision + 1), held.windows)
    reporting.run()
    level = reporting.level()
    assert (level.faults, level.excluded) == (0, 1)


def test_a_report_waits_for_maintenance_that_there_was_no_time_to_exclude(reporting: Reporting) -> None:
    reporting.run()
    reporting.request(NOON + HOUR, status=503)
    reporting.run(NOVEMBER.end + 3 * HOUR)
    reporting.agree((NOON, NOON + 2 * HOUR))
    clock, due = reporting.world.clock, NOVEMBER.end + 5 * HOUR
    reads: list[str] = []

    def slow(name: str) -> None:
        if name == "access_logs.lines":
            reads.append(name)
        if len(reads) > 6:  # after the hours that are new or not settled
            clock.advance(timedelta(seconds=700))

    reporting.world.hook = slow
    first = reporting.run(due)
    assert (first.hours, first.is_behind, first.sent) == (6, True, [])
    reporting.world.hook = lambda name: None
    second = reporting.run(due + HOUR)
    assert (second.is_behind, second.sent) == (False, [NOVEMBER])
    assert (reporting.level(month=NOVEMBER).faults, reporting.level(month=NOVEMBER).excluded) == (0, 1)


def test_a_month_without_traffic_is_reported_as_such(reporting: Reporting) -> None:
    reporting.run()
    reporting.run(NOVEMBER.end + timedelta(hours=5))
    (mail,) = reporting.world.mail.sent
    assert "Nobody used the service." in mail.body
    assert reporting.level(month=NOVEMBER).availability is None


def test_requests_that_the_gateway_refuses_before_it_knows_their_route_belong_to_no_function(
    reporting: Reporting,
) -> None:
    """By the firewall (WAF_FILTERED), or because they are malformed: ``-`` stands for what is not known."""
    reporting.request(NOON - HOUR, path="-", status=403, error="WAF_FILTERED")
    text = reporting.line(NOON - HOUR, path="-", method="-", status=400, latency=None)
    reporting.world.access_logs.put("web", NOON - HOUR, text.replace("null", "-").replace('": ', '":'))
    reporting.run()
    found = reporting.services.service_levels.month()
    assert found is not None
    assert (found.others, found.held.tallies.unreadable, found.held.tallies.unknown) == (2, 0, set())
    assert not [level for level in found.levels if level.faults]


def test_lines_that_are_no_requests_are_counted_and_shown(reporting: Reporting) -> None:
    for text in ("", "{", "[]", "null", '{"requestId": "x"}', '{"at": 1e99}'):
        reporting.world.access_logs.put("web", NOON - HOUR, text)
    for wrong in ({"status": "200"}, {"method": ""}, {"requestId": "-"}, {"status": True}, {"latency": -1}):
        reporting.request(NOON - HOUR, **wrong)
    reporting.request(NOON - HOUR, path="/v1/nowhere")
    reporting.run()
    found = reporting.services.service_levels.month()
    assert found.held.tallies.unreadable == 6 + 5
    assert found.held.tallies.unknown == {"POST /v1/nowhere"}
    assert found.others == 1
    assert reporting.level().requests == 0


def test_a_settled_run_makes_few_calls(reporting: Reporting) -> None:
    """One read of the log, one of the metrics and one write for each of the last four hours and the current one."""
    reporting.run()
    reporting.world.calls.clear()
    reporting.run(NOON + HOUR)
    assert Counter(reporting.world.calls) == {
        "schedules.since": 1,
        "access_logs.lines": 5,
        "measurements.measured": 5,
        "levels.put_hours": 5,
        "levels.counted_until": 3,
        "levels.keep_counted_until": 1,
        "levels.hours": 1,
        "levels.months": 3,
        "levels.put_month": 1,
        "recoveries.all": 1,
    }


class Context:
    """The context of an invocation with ten minutes left."""

    aws_request_id = "request"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 600_000


def test_the_function_prints_the_figures_of_the_month_so_far(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(200):
        reporting.request(NOON - HOUR, status=500 if number == 0 else 200, latency=1_000)
    reporting.request(NOON - HOUR, path="/{proxy+}")
    monkeypatch.setattr(report_levels, "services", lambda needs: reporting.services)
    assert report_levels.handler({}, Context())["hours"] > 200
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "CloudWatchMetrics" in line]
    (figures,) = [line for line in printed if "MonthAvailability" in line]
    assert (figures["catalogue_function"], figures["channel"]) == ("VLD-01", "webservice")
    assert (figures["MonthAvailability"], figures["MonthMeanResponse"]) == ([99.5], [1_000.0])
    assert figures["MonthErrorBudgetLeft"] == [0.0]
    assert figures["MonthP95Response"] == [pytest.approx(1_000, rel=0.01)]
    assert any(line.get("LevelsReported") == [1.0] for line in printed)


@pytest.mark.req("SLA-05")
@pytest.mark.parametrize(("hour", "expected"), [(0, {(0.0,)}), (1, set())])
def test_a_zero_is_printed_each_day_for_requests_in_maintenance(
    reporting: Reporting,
    hour: int,
    expected: set[tuple[float, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Otherwise the metric that the alarms on availability subtract would have no value before the first window."""
    reporting.world.clock.now = NOON.replace(hour=hour, minute=5)
    monkeypatch.setattr(report_levels, "services", lambda needs: reporting.services)
    report_levels.handler({}, Context())
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    zeros = [line for line in printed if "lrs_request_maintenance" in line]
    assert {tuple(line["lrs_request_maintenance"]) for line in zeros} == expected
    described = reporting.services.described_levels.functions.values()
    rows = {(one.number, channel) for one in described for channel in one.channels if channel != "portal"}
    assert {(line["catalogue_function"], line["channel"]) for line in zeros} == (rows if expected else set())


def test_a_function_that_is_behind_does_not_say_that_it_has_reported(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = reporting.world.clock
    reporting.world.hook = lambda name: clock.advance(timedelta(seconds=1)) and None
    monkeypatch.setattr(report_levels, "services", lambda needs: reporting.services)
    assert report_levels.handler({}, Context())["is_behind"]
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "LEVELS_BEHIND" in {line.get("code") for line in printed}
    assert not any("LevelsReported" in line for line in printed)
