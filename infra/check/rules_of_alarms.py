"""Rules for alarms in the evaluated state. Each yields what breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.check.state import State

_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_CHILD = re.compile(r'(?:ALARM|OK|INSUFFICIENT_DATA)\("?([^")]+)"?\)')
_FUNCTIONS = re.compile(r"[A-Z_]+\(|\"[^\"]*\"|'[^']*'")

_RESOURCES = {
    "EventSourceMappingUUID": ("lambda_event_source_mapping", "uuid"),
    "FunctionName": ("lambda_function", "function_name"),
    "QueueName": ("sqs_queue", "name"),
    "ScheduleGroup": ("scheduler_schedule_group", "name"),
    "TableName": ("dynamodb_table", "name"),
    "WebACL": ("wafv2_web_acl", "name"),
}
"""Dimensions that name a resource."""


_SAYS = {
    "LogLines": ("code",),
    "Month": ("catalogue_function", "channel"),
    "lrs_request": ("catalogue_function", "channel"),
}
"""The dimensions of our own metrics, by how their names begin."""


def alarms_watch_something_that_exists(state: State) -> Iterator[str]:
    """Every dimension names a resource, and what we count from the access log is counted."""
    names = {dimension: {one[name] for one in state.of(kind)} for dimension, (kind, name) in _RESOURCES.items()}
    counted = {
        (change["namespace"], change["name"])
        for one in state.of("cloudwatch_log_metric_filter")
        for change in one["metric_transformation"]
    }
    for alarm, part in state.metrics():
        namespace, metric = part["namespace"], part["metric_name"]
        for dimension, value in (part["dimensions"] or {}).items():
            if namespace.startswith("AWS/") and dimension in names and value not in names[dimension]:
                yield f"{alarm}: there is no {dimension} {value}"
        if namespace.startswith("LearningRecords/") and (namespace, metric) not in counted:
            yield f"{alarm}: nothing counts {metric} of {namespace}"


def expressions_name_their_metrics(state: State) -> Iterator[str]:
    """Every word of an expression is the id of a metric, and ids begin with a small letter: CloudWatch asks for it."""
    for alarm in state.of("cloudwatch_metric_alarm"):
        queries = alarm["metric_query"] or ()
        ids = {one["id"] for one in queries}
        yield from (f"{alarm['alarm_name']}: {one!r} is no id" for one in sorted(ids) if not _ID.fullmatch(one))
        for query in queries:
            words = re.findall(r"\b[A-Za-z]\w*", _FUNCTIONS.sub(" ", query["expression"] or ""))
            unknown = [word for word in words if word not in ids and not word.isupper()]
            yield from (f"{alarm['alarm_name']}: {word} is not a metric" for word in unknown)
        if queries and sum(bool(one["return_data"]) for one in queries) != 1:
            yield f"{alarm['alarm_name']}: one of its metrics has to be the result"


def composite_alarms_have_children(state: State) -> Iterator[str]:
    """A composite alarm names alarms that exist."""
    names = {one["alarm_name"] for kind in ("metric", "composite") for one in state.of(f"cloudwatch_{kind}_alarm")}
    for alarm in state.of("cloudwatch_composite_alarm"):
        children = _CHILD.findall(alarm["alarm_rule"])
        yield from (f"{alarm['alarm_name']}: there is no alarm {one}" for one in children if one not in names)
        if not children:
            yield f"{alarm['alarm_name']}: watches no alarm"


def alarms_reach_somebody(state: State) -> Iterator[str]:
    """An alarm has an action, or is part of one that has; and its description says what to do."""
    parents = {child for one in state.of("cloudwatch_composite_alarm") for child in _CHILD.findall(one["alarm_rule"])}
    for kind in ("metric", "composite"):
        for alarm in state.of(f"cloudwatch_{kind}_alarm"):
            name = alarm["alarm_name"]
            if not alarm["alarm_actions"] and name not in parents:
                yield f"{name}: nobody hears of it"
            if alarm["alarm_actions"] and "docs/runbooks/" not in (alarm["alarm_description"] or ""):
                yield f"{name}: names no runbook"


def measurements_say_of_what_they_are(state: State) -> Iterator[str]:
    """A level is of a function and a channel, a count of log lines of a code: without them all would be one figure."""
    for alarm, part in state.metrics():
        metric = part["metric_name"]
        if part["namespace"] == "LearningRecords":
            needed = next((says for start, says in _SAYS.items() if metric.startswith(start)), ())
            yield from (f"{alarm}: {metric} has no {one}" for one in needed if one not in part["dimensions"])


RULES = (
    alarms_watch_something_that_exists, expressions_name_their_metrics, composite_alarms_have_children,
    alarms_reach_somebody, measurements_say_of_what_they_are,
)  # fmt: skip
