"""The dashboard shows the same figures as the service-levels route, and only metrics that somebody publishes."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from chalicelib.cloud.level_metrics import publish
from chalicelib.domain.monthly_levels import Level, levels_of, read_described
from chalicelib.domain.recoveries import WITHIN, Recovery, clocked_between
from chalicelib.domain.tallies import HOUR, Exclusions, Measured, RequestLine, Row, Tallies, count_lines, count_measured
from chalicelib.observability import Metric, flush, measure_requests
from chalicelib.reference import lists
from chalicelib.web.rest.recoveries import recovery_document
from local.commands.described_levels import described
from local.samples.traffic import Traffic
from tests.infra.alarm_evaluation import Metrics, key_of
from tests.infra.simulated_month import at

State = list[dict[str, Any]]
FIGURES = {
    "MonthAvailability": "availability",
    "MonthErrorBudgetLeft": "budget_left",
    "MonthMeanResponse": "mean_milliseconds",
    "MonthP95Response": "p95_milliseconds",
}
PAGE_FIGURES = {"lrs_request": "Sum", "lrs_request_fault": "Sum", "lrs_request_duration": "Average"}
NOW = 0


@pytest.fixture(scope="module")
def widgets(state: State) -> list[dict[str, Any]]:
    """The widgets of the dashboard."""
    (dashboard,) = [one["values"] for one in state if one["type"] == "aws_cloudwatch_dashboard"]
    found: list[dict[str, Any]] = json.loads(dashboard["dashboard_body"])["widgets"]
    return found


def _shown(widgets: list[dict[str, Any]]) -> list[tuple[str, str, dict[str, str], dict[str, Any]]]:
    """Namespace, name, dimensions and widget of every metric that is shown."""
    found = []
    for widget in widgets:
        for namespace, name, *rest in widget["properties"].get("metrics", ()):
            pairs = [part for part in rest if isinstance(part, str)]
            found.append((namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True)), widget))
    return found


def _levels() -> list[Level]:
    """The figures of a working day, some of it in agreed maintenance."""
    known, tallies = read_described(described()), Tallies()
    exclusions = Exclusions([(at(22, 12), at(22, 13))])
    for hour in (at(22, 8) + HOUR * number for number in range(10)):
        lines = (
            (
                one["at"],
                RequestLine(one["requestId"], one["at"], one["method"], one["path"], one["status"], one["latency"]),
            )
            for one in Traffic(22, 900).requests(hour, hour + HOUR)
        )
        count_lines(tallies, known.surfaces[0], hour, lines, exclusions)
    levels = levels_of(tallies, known, "batch")
    return [level for level in levels if level.target is not None and level.channel != "portal"]


def _published(levels: list[Level], capsys: pytest.CaptureFixture[str]) -> Metrics:
    """What CloudWatch makes of what the reporter prints."""
    publish(levels, [], at(20, 12))
    return _collected(capsys)


def _collected(capsys: pytest.CaptureFixture[str]) -> Metrics:
    metrics = Metrics()
    flush()
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        for directive in line["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    where = {name: line[name] for name in names}
                    for value in line[metric["Name"]]:
                        metrics.add(key_of(directive["Namespace"], metric["Name"], where), NOW, value)
    return metrics


@pytest.mark.req("SLA-04")
def test_the_dashboard_shows_the_figures_of_every_function_and_channel(
    widgets: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    levels = _levels()
    metrics = _published(levels, capsys)
    shown = {
        (where["catalogue_function"], where["channel"], FIGURES[name]): metrics.of(
            key_of(namespace, name, where)
        ).statistic(widget["properties"]["stat"], NOW, NOW + widget["properties"]["period"] // 60)
        for namespace, name, where, widget in _shown(widgets)
        if name in FIGURES
    }
    expected = {
        (level.function, level.channel, figure): getattr(level, figure)
        for level in levels
        for figure in FIGURES.values()
        if (level.channel, figure) != ("batch", "p95_milliseconds")
    }
    assert any(value is not None for value in expected.values())
    assert shown == expected


@pytest.mark.req("SLA-04")
def test_the_dashboard_shows_what_the_reporter_counts_of_every_function_with_pages(
    widgets: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    known, tallies = read_described(described()), Tallies()
    hour = at(22, 8)
    for place, number in enumerate(described()["pages"]):
        row, faults = Row(number, "portal"), place % 2
        for milliseconds in (300, 120 + place):
            measure_requests(number, "portal", milliseconds, faults=faults)
        counted = Measured(hour, hour + HOUR, row, 2, 2 * faults, 2, 420 + place)
        count_measured(tallies, [counted], frozenset(known.functions), ("portal",), Exclusions([]))
    metrics = _collected(capsys)
    found: dict[str, list[float | None]] = {}
    for namespace, name, where, widget in _shown(widgets):
        if name in PAGE_FIGURES:
            assert widget["properties"]["setPeriodToTimeRange"]
            value = metrics.of(key_of(namespace, name, where)).statistic(PAGE_FIGURES[name], NOW, NOW + 60)
            found.setdefault(where["catalogue_function"], []).append(value)
    stats = {
        (one[1], part["stat"]) for widget in widgets for one in widget["properties"].get("metrics", ())
        for part in one if isinstance(part, dict) and "stat" in part
    }  # fmt: skip
    assert stats == {*PAGE_FIGURES.items()}
    levels = [level for level in levels_of(tallies, known, "batch") if level.channel == "portal"]
    assert found == {one.function: [one.requests, one.faults, one.mean_milliseconds] for one in levels}


@pytest.mark.req("SLA-07")
@pytest.mark.parametrize("hours", [(), (3,), (2, 9)])
def test_the_dashboard_shows_the_clock_of_the_longest_recovery(
    widgets: list[dict[str, Any]], hours: tuple[int, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """The same hours as the service-levels route."""
    days = enumerate(hours, 5)
    held = [Recovery(at(day, 9), "Loss of a table", at(day, 9 + used)) for day, used in days]
    clocks = clocked_between(held, at(1, 0), at(28, 0), at(20, 12), lists().bank_holidays)
    publish([], clocks, at(20, 12))
    metrics = _collected(capsys)
    (shown,) = [
        metrics.of(key_of(namespace, name, where)).statistic(widget["properties"]["stat"], NOW, NOW + 60)
        for namespace, name, where, widget in _shown(widgets)
        if name == "RecoveryHours"
    ]
    assert shown == max((recovery_document(one).service_hours for one in clocks), default=0)
    titles = [one["properties"].get("title", "") for one in widgets]
    (title,) = [title for title in titles if title.startswith("Recovery from disaster this month")]
    assert f"({WITHIN // HOUR} are agreed)" in title


def test_no_widget_covers_another_or_leaves_the_page(widgets: list[dict[str, Any]]) -> None:
    places = Counter(
        (x, y)
        for one in widgets
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    )
    assert set(places.values()) == {1}
    assert max(x for x, _ in places) == 23
    assert {(x, y) for x in range(24) for y in range(8)} <= places.keys(), "the top has no gap"


@pytest.mark.req("SLA-04")
def test_the_title_of_each_function_says_what_is_agreed_for_it(widgets: list[dict[str, Any]]) -> None:
    titles = [widget["properties"]["title"] for widget in widgets if widget["properties"].get("view") == "singleValue"]
    agreed = described()
    of_pages = [(number, {**one, "channels": ["portal"]}) for number, one in agreed["pages"].items()]
    for number, one in [*agreed["functions"].items(), *of_pages]:
        for channel in one["channels"]:
            (title,) = [title for title in titles if title.startswith(f"{number} ") and f", {channel}:" in title]
            assert f"{one['availability']:g} %" in title
            if one["meanMilliseconds"] and channel != "batch":
                assert title.endswith(f", mean {one['meanMilliseconds'] / 1000:g} s")


def test_the_dashboard_shows_deadlines_dead_letters_cost_and_only_what_is_published(
    widgets: list[dict[str, Any]], state: State
) -> None:
    shown = _shown(widgets)
    ours = {name for namespace, name, _, _ in shown if namespace == "LearningRecords"}
    assert ours == {"OldestJobHours", "RecoveryHours", *FIGURES, *PAGE_FIGURES}
    assert ours <= {metric.value[0] for metric in Metric}
    queues = {one["values"]["name"] for one in state if one["type"] == "aws_sqs_queue"}
    dead = {where["QueueName"] for namespace, _, where, _ in shown if namespace == "AWS/SQS"}
    assert {name for name in queues if name.endswith("-dead")} == dead
    assert [where for namespace, _, where, _ in shown if namespace == "AWS/Billing"] == [{"Currency": "USD"}]


@pytest.mark.req("SLA-01")
def test_the_dashboard_shows_what_pages_for_every_function_that_fails(
    widgets: list[dict[str, Any]], state: State
) -> None:
    """Identity too, which has no budget and an alarm of another kind."""
    shown = {arn for widget in widgets for arn in widget["properties"].get("alarms", ())}
    paging = {
        one["values"]["arn"]
        for one in state
        if one["type"] in ("aws_cloudwatch_composite_alarm", "aws_cloudwatch_metric_alarm")
        and one["values"]["alarm_name"].endswith(("-availability-page", "-first-fault"))
    }
    assert shown == paging
    assert len(shown) == sum(
        "web" in one["routes"] and bool(one["routes"]["web"]) for one in described()["functions"].values()
    )
