"""Every alarm that should fire in the simulated month does, within a minute of when it should, and no other.

One that looks at more than a day should fire within an hour: CloudWatch looks at it that seldom. These are tickets: on
the budget of three days, and on what runs once a day.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.alarm_evaluation import DAY, Alarm
from tests.infra.fired_alarms import MUTED, Compared, compared, table
from tests.infra.simulated_month import PREFIX, month

KINDS = (
    "availability-page",
    "availability-ticket",
    "batch-",
    "code-",
    "first-fault",
    "function-",
    "levels-",
    "mail-",
    "month-",
    "queue-",
    "response-day",
    "response-now",
    "schedule-",
    "stream-",
    "table-",
)


@pytest.fixture(scope="module")
def rows(state: list[dict[str, Any]]) -> list[Compared]:
    """The alarms of the month."""
    return compared(state, month(state))


@pytest.mark.req("SLA-01")
@pytest.mark.req("SLA-02")
@pytest.mark.req("SLA-03")
def test_every_alarm_that_should_fire_does_within_a_minute_and_no_other(rows: list[Compared]) -> None:
    differing = [row for row in rows if not row.agrees]
    assert not differing, table(differing)


def test_the_month_has_something_for_most_kinds_of_alarm(rows: list[Compared]) -> None:
    fired = {row.name.removeprefix(f"{PREFIX}-") for row in rows if row.did}
    assert [kind for kind in KINDS if not any(kind in name for name in fired)] == []


def test_only_tickets_wait_for_an_hourly_look(state: list[dict[str, Any]]) -> None:
    metric_alarms = [one["values"] for one in state if one["type"] == "aws_cloudwatch_metric_alarm"]
    slow = [Alarm.of(values) for values in metric_alarms]
    names = [one.name.removeprefix(f"{PREFIX}-") for one in slow if one.minutes * one.periods > DAY]
    assert names
    assert {name for name in names if not name.endswith("-burn-days-long")} == {
        "schedule-count_timeliness-silent",
        "schedule-import_register-silent",
    }
    pages = [one["values"] for one in state if one["type"] == "aws_cloudwatch_composite_alarm"]
    assert not [one["alarm_name"] for one in pages if "page" in one["alarm_name"] and "days-long" in one["alarm_rule"]]


@pytest.mark.req("SLA-05")
def test_agreed_maintenance_and_a_quiet_night_raise_no_alarm(rows: list[Compared]) -> None:
    during = [(row.name, one) for row in rows for one in row.did if any(start <= one < end for start, end in MUTED)]
    assert during == []
