"""The evaluation of alarms does what CloudWatch's documentation says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.alarm_evaluation import ALARM, OK, Alarm, Composite, Metrics, key_of, notified
from tests.infra.filter_patterns import PatternError, read_pattern
from tests.infra.metric_math import ExpressionError, read_expression

KEY = key_of("Own", "Value", None)


def an_alarm(**replaced: Any) -> Alarm:
    values = {
        "alarm_name": "one",
        "alarm_actions": ["topic"],
        "metric_query": [],
        "namespace": "Own",
        "metric_name": "Value",
        "dimensions": None,
        "period": 60,
        "statistic": "Maximum",
        "extended_statistic": None,
        "evaluation_periods": 1,
        "datapoints_to_alarm": 1,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 5,
        "treat_missing_data": "notBreaching",
    }
    return Alarm.of(values | replaced)


def state_of(alarm: Alarm, points: str) -> str:
    """The state after points of a minute each, the latest last: 0 is fine, X breaches, - is missing."""
    metrics = Metrics()
    for minute, point in enumerate(points):
        if point != "-":
            metrics.add(KEY, minute, 9 if point == "X" else 1)
    ends = range(1, len(points) + 1)
    breaches = alarm.breaches({"value": metrics.of(KEY)}, ends)
    return alarm.state([breaches[end] for end in reversed(ends)], OK)


@pytest.mark.parametrize(
    ("points", "missing", "state"),
    [
        ("0-X-X", "notBreaching", OK),
        ("--XXX", "notBreaching", ALARM),
        ("0X--X", "breaching", OK),
        ("0----", "breaching", OK),
        ("-----", "breaching", ALARM),
        ("-----", "ignore", OK),
        ("XXX--", "notBreaching", ALARM),
    ],
)
def test_missing_points_are_made_up_for_by_earlier_ones_before_the_setting_counts(points, missing, state):
    alarm = an_alarm(evaluation_periods=3, datapoints_to_alarm=3, treat_missing_data=missing)
    assert state_of(alarm, points) == state


def test_some_of_several_points_are_enough():
    alarm = an_alarm(evaluation_periods=5, datapoints_to_alarm=3)
    assert [state_of(alarm, points) for points in ("X0X0X", "X000X")] == [ALARM, OK]


def test_a_period_is_the_time_before_each_minute_and_not_a_bar_of_the_clock():
    metrics = Metrics()
    metrics.add(KEY, 7, 9)
    assert an_alarm(period=300).changes(metrics, 0, 100) == [(8, ALARM), (13 + 10, OK)]


def test_a_composite_follows_its_children_and_mutes_hold_back_what_is_over_by_then():
    rule = Composite("both", ["topic"], '(ALARM("one") AND ALARM("two")) OR (ALARM("three"))')
    changes = {"one": [(1, ALARM), (9, OK)], "two": [(4, ALARM), (6, OK)], "three": [(20, ALARM), (90, OK)]}
    found = rule.changes(changes)
    assert found == [(4, ALARM), (6, OK), (20, ALARM), (90, OK)]
    assert list(notified(found, [])) == [4, 20]
    assert list(notified(found, [(3, 8), (15, 30)])) == [30]


@pytest.mark.parametrize(
    ("expression", "points", "value"),
    [
        ("FILL(a, 0) / FILL(b, 1)", {"a": None, "b": None}, 0),
        ("a / b", {"a": 1.0, "b": 0.0}, None),
        ("a - b", {"a": 1.0, "b": None}, None),
        ("IF((a >= 20) AND (b >= 3), b / a, 0)", {"a": 40.0, "b": 4.0}, 0.1),
        ("IF((a >= 20) AND (b >= 3), b / a, 0)", {"a": 40.0, "b": 2.0}, 0),
        ("1 + 2 * a - b", {"a": 3.0, "b": 4.0}, 3),
    ],
)
def test_metric_math_keeps_what_is_missing_apart_from_nought(expression, points, value):
    computes, ids = read_expression(expression)
    assert ids == points.keys()
    assert computes(points) == value


@pytest.mark.parametrize("expression", ["FILL(a)", "Requests + 1", "a +", "(a", "a b", "ANOMALY(a)"])
def test_what_is_no_expression_is_refused(expression):
    with pytest.raises(ExpressionError):
        read_expression(expression)


def test_a_filter_pattern_compares_numbers_and_texts():
    pattern = read_pattern('{ $.status >= 500 && (($.path = "/v1/{id}" && ($.method = "GET")) || ($.path = "/a*")) }')
    assert pattern.fields == {"status", "path", "method"}
    event = {"status": 500, "path": "/v1/{id}", "method": "GET"}
    assert pattern.matches(event)
    assert pattern.matches(event | {"path": "/about", "method": "PUT"})
    for other in ({"status": 499}, {"method": "PUT"}, {"path": "/v1/{id}/x"}, {"status": "500"}):
        assert not pattern.matches(event | other)


@pytest.mark.parametrize(
    "pattern", ["$.status = 5", "{ $.status }", '{ ($.a = "b" }', "{ $.a = 1 $.b = 2 }", '{ $.a > "b" }']
)
def test_what_is_no_pattern_is_refused(pattern):
    with pytest.raises(PatternError):
        read_pattern(pattern)
