"""Every alarm that should fire in the simulated month does, within a minute of when it should, and no other."""

from __future__ import annotations

from typing import Any

import pytest

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


@pytest.mark.req("SLA-05")
def test_agreed_maintenance_and_a_quiet_night_raise_no_alarm(rows: list[Compared]) -> None:
    during = [(row.name, one) for row in rows for one in row.did if any(start <= one < end for start, end in MUTED)]
    assert during == []
