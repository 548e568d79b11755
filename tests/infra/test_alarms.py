"""The alarms in the evaluated state keep CloudWatch's limits, and watch what exists and what is published."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from chalicelib.observability import Metric
from tests.infra.alarm_evaluation import Alarm
from tests.infra.filter_patterns import read_pattern
from tests.infra.metric_math import read_expression
from tests.infra.simulated_month import functions

State = list[dict[str, Any]]


def _values(state: State, kind: str) -> list[dict[str, Any]]:
    return [one["values"] for one in state if one["type"] == kind]


def _alarms(state: State) -> list[Alarm]:
    return [Alarm.of(values) for values in _values(state, "aws_cloudwatch_metric_alarm")]


def test_periods_stay_within_what_cloudwatch_evaluates(state: State) -> None:
    for alarm in _alarms(state):
        spans = alarm.minutes * alarm.periods
        assert spans <= (24 * 60 if alarm.minutes < 60 else 7 * 24 * 60), alarm.name
        assert 1 <= alarm.to_alarm <= alarm.periods, alarm.name


def test_expressions_use_exactly_the_metrics_of_their_alarm(state: State) -> None:
    for values in _values(state, "aws_cloudwatch_metric_alarm"):
        if queries := values["metric_query"]:
            (expression,) = [query["expression"] for query in queries if query["return_data"]]
            assert read_expression(expression)[1] == {query["id"] for query in queries if query["metric"]}


def test_what_is_filled_is_looked_at_for_long_enough_to_arrive(state: State) -> None:
    for values in _values(state, "aws_cloudwatch_metric_alarm"):
        if any("FILL" in (query["expression"] or "") for query in values["metric_query"]):
            period = next(query["metric"][0]["period"] for query in values["metric_query"] if query["metric"])
            slack = values["evaluation_periods"] - values["datapoints_to_alarm"]
            assert period >= 300 or slack >= 2, values["alarm_name"]


def test_names_are_unique_and_no_alarm_is_switched_off(state: State) -> None:
    values = [*_values(state, "aws_cloudwatch_metric_alarm"), *_values(state, "aws_cloudwatch_composite_alarm")]
    assert max(Counter(one["alarm_name"] for one in values).values()) == 1
    assert [one["alarm_name"] for one in values if one["actions_enabled"] is False] == []


def test_our_own_metrics_are_published_by_our_code_or_by_a_filter(state: State) -> None:
    printed = {("LearningRecords", metric.value[0]) for metric in Metric}
    filtered = {
        (to["namespace"], to["name"])
        for one in _values(state, "aws_cloudwatch_log_metric_filter")
        for to in one["metric_transformation"]
    }
    for alarm in _alarms(state):
        for watched in alarm.metrics.values():
            namespace, name, _ = watched.key
            if namespace.startswith("LearningRecords"):
                assert (namespace, name) in printed | filtered, alarm.name


@pytest.mark.req("SLA-01")
def test_every_route_is_counted_for_its_function_and_for_no_other(state: State) -> None:
    filters = [
        (read_pattern(one["pattern"]), one["metric_transformation"][0])
        for one in _values(state, "aws_cloudwatch_log_metric_filter")
        if one["log_group_name"].endswith("-access-web")
    ]
    for (method, path), function in functions().items():
        for status, error, names in (
            (200, "-", ["Latency"]),
            (429, "-", ["Latency"]),
            (429, "THROTTLED", ["Faults", "Latency"]),
            (500, "-", ["Faults", "Latency"]),
            (504, "INTEGRATION_TIMEOUT", ["Faults", "Latency"]),
        ):
            event = {"method": method, "path": path, "status": status, "error": error, "latency": 5}
            found = sorted((to["namespace"], to["name"]) for pattern, to in filters if pattern.matches(event))
            assert found == [(f"LearningRecords/web/{function}", name) for name in names]
