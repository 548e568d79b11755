"""The figures of the service levels as metrics: what the dashboard and the alarms on the month look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.callers import Channel
from chalicelib.domain.monthly_levels import Level
from chalicelib.domain.recoveries import Clocked
from chalicelib.domain.tallies import HOUR, OTHER
from chalicelib.observability import Metric, measure


def publish(levels: Sequence[Level], recoveries: Sequence[Clocked], now: datetime) -> None:
    """Measure what the reporter has found of the month so far."""
    # Pages have no alarms on the month, and no metric is paid that nobody reads.
    described = [level for level in levels if level.function != OTHER and level.channel != Channel.PORTAL]
    for level in described:
        _publish_figures(level)
    # The longest of the month, so that a late one stays to be seen.
    measure(Metric.RECOVERY_HOURS, max((one.used / HOUR for one in recoveries), default=0.0))
    if now.hour == 0:
        _start_series(described)


def _publish_figures(level: Level) -> None:
    """The figures of a function and channel that has had requests; whoever reads them sees none otherwise."""
    where = {"catalogue_function": level.function, "channel": level.channel}
    figures = {
        Metric.MONTH_AVAILABILITY: level.availability,
        Metric.MONTH_MEAN_RESPONSE: level.mean_milliseconds,
        Metric.MONTH_P95_RESPONSE: level.p95_milliseconds,
        Metric.MONTH_ERROR_BUDGET_LEFT: level.budget_left,
    }
    for metric, value in figures.items():
        if value is not None:
            measure(metric, value, **where)


def _start_series(levels: Sequence[Level]) -> None:
    """A zero for each channel in an hour of each day.

    The alarms on availability subtract a metric that would otherwise have no value before the first agreed maintenance.
    """
    for level in levels:
        measure(Metric.REQUESTS_IN_MAINTENANCE, 0, catalogue_function=level.function, channel=level.channel)
