"""Rules for what AWS takes of each thing: names, sizes and numbers that only its answer to a call would show.

Values of single arguments are compared with AWS's models of its calls (`values.py`); these are limits of no model.
Quotas that AWS raises on request have their default here: what goes beyond needs the request first.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from infra.check.state import State, first

Values = Mapping[str, Any]


class Limit(NamedTuple):
    """The most of something that one resource may have."""

    type_name: str
    named: str
    """The attribute that names the resource to people."""
    what: str
    most: int
    measured: Callable[[Values], int]


def _without_space(document: str) -> int:
    return len(re.sub(r"\s", "", document))


def _variables(function: Values) -> int:
    return len(json.dumps(first(function["environment"]).get("variables") or {}, separators=(",", ":")).encode())


def _paths(api: Values) -> int:
    """Resources of a REST API: every path and every part on the way to it."""
    paths = json.loads(api["body"])["paths"]
    return len({path[:end] for path in paths for end in (*(at.start() for at in re.finditer("/", path)), len(path))})


def _drawn(dashboard: Values) -> list[int]:
    widgets = json.loads(dashboard["dashboard_body"])["widgets"]
    return [len(one["properties"].get("metrics", ())) for one in widgets]


_UNITS: Final[Mapping[str, int]] = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
}
"""The capacity units of AWS's rule groups."""
_UNITS_OF_A_RATE: Final = 2


def _capacity(firewall: Values) -> int:
    """Capacity units. Raises `KeyError` for a rule group that none of ours has used so far."""
    groups = [
        group
        for rule in firewall["rule"]
        for group in first(rule["statement"]).get("managed_rule_group_statement") or ()
    ]
    return sum(_UNITS[group["name"]] for group in groups) + _UNITS_OF_A_RATE * (len(firewall["rule"]) - len(groups))


LIMITS: Final = (
    Limit("iam_role", "name", "characters of its trust", 2048, lambda one: _without_space(one["assume_role_policy"])),
    Limit("iam_policy", "name", "characters", 6144, lambda one: _without_space(one["policy"])),
    Limit("kms_key", "description", "bytes of its policy", 32_768, lambda one: len(one["policy"].encode())),
    Limit("s3_bucket_policy", "bucket", "bytes of its policy", 20_480, lambda one: len(one["policy"].encode())),
    Limit("dynamodb_resource_policy", "resource_arn", "bytes", 20_480, lambda one: len(one["policy"].encode())),
    Limit("lambda_function", "function_name", "bytes of variables", 4096, _variables),
    Limit("lambda_function", "function_name", "layers", 5, lambda one: len(one["layers"] or ())),
    Limit("dynamodb_table", "name", "indexes", 20, lambda one: len(one["global_secondary_index"] or ())),
    Limit("api_gateway_rest_api", "name", "resources", 300, _paths),
    Limit("wafv2_web_acl", "name", "capacity units, beyond which requests cost more", 1500, _capacity),
    Limit("cloudwatch_dashboard", "dashboard_name", "widgets", 500, lambda one: len(_drawn(one))),
    Limit("cloudwatch_dashboard", "dashboard_name", "metrics of a widget", 500, lambda one: max(_drawn(one))),
    Limit("cloudwatch_dashboard", "dashboard_name", "metrics", 2500, lambda one: sum(_drawn(one))),
    Limit("cloudwatch_metric_alarm", "alarm_name", "metrics", 10, lambda one: sum(
        bool(query["metric"]) for query in one["metric_query"] or ())),
    Limit("cloudwatch_composite_alarm", "alarm_name", "children", 100, lambda one: len(
        set(re.findall(r'\("?([^")]+)"?\)', one["alarm_rule"])))),
    Limit("cloudwatch_log_metric_filter", "name", "characters", 1024, lambda one: len(one["pattern"])),
)  # fmt: skip

_TOGETHER: Final = (
    ("cloudwatch_metric_alarm", None, "alarms in a region", 5000),
    ("cloudwatch_log_resource_policy", None, "policies of log groups in a region", 10),
    ("cloudwatch_event_rule", "event_bus_name", "rules of a bus", 300),
    ("cloudwatch_event_target", "rule", "targets of a rule", 5),
    ("cloudwatch_log_metric_filter", "log_group_name", "metric filters of a log group", 100),
    ("iam_role_policy_attachment", "role", "managed policies of a role", 10),
    ("kms_alias", "target_key_id", "aliases of a key", 50),
)
"""Type, what they are of (None: the account), what they are, and how many there may be."""

_BUCKET: Final = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)")
_QUEUE: Final = {
    "visibility_timeout_seconds": (0, 43_200),
    "message_retention_seconds": (60, 1_209_600),
    "receive_wait_time_seconds": (0, 20),
    "kms_data_key_reuse_period_seconds": (60, 86_400),
}


def resources_stay_within_limits(state: State) -> Iterator[str]:
    """What one resource has."""
    for limit in LIMITS:
        for one in state.of(limit.type_name):
            found = limit.measured(one)
            if found > limit.most:
                yield f"{one[limit.named]}: has {found} {limit.what}; AWS takes {limit.most}"


def resources_are_not_too_many(state: State) -> Iterator[str]:
    """What resources of one type have together."""
    for type_name, of, what, most in _TOGETHER:
        counted = Counter("the account" if of is None else str(one[of]) for one in state.of(type_name))
        yield from (f"{owner}: {found} {what}; AWS takes {most}" for owner, found in counted.items() if found > most)


def policies_of_a_role_fit_together(state: State) -> Iterator[str]:
    """AWS counts the inline policies of a role together, without white space."""
    sizes = Counter[str]()
    for policy in state.of("iam_role_policy"):
        sizes[policy["role"]] += _without_space(policy["policy"])
    for policy in state.of("iam_role_policy"):
        size = sizes.pop(policy["role"], 0)
        if size > 10_240:
            yield f"{policy['role']}: has {size} characters of policies of its own; AWS takes 10240"


def names_are_taken(state: State) -> Iterator[str]:
    """Names and numbers that AWS's models do not describe."""
    for bucket in state.of("s3_bucket"):
        if not _BUCKET.fullmatch(bucket["bucket"]):
            yield f"{bucket['bucket']}: is no name of a bucket"
    for queue in state.of("sqs_queue"):
        for name, (least, most) in _QUEUE.items():
            if queue[name] is not None and not least <= queue[name] <= most:
                yield f"{queue['name']}: {name} is {queue[name]}, not from {least} to {most}"
    for kind, name, longest in (("lambda_function", "function_name", 64), ("iam_role", "name", 64)):
        yield from _repeated(f"aws_{kind}", (one[name] for one in state.of(kind)), longest)


def _repeated(type_name: str, names: Iterable[str], longest: int) -> Iterator[str]:
    for name, number in Counter(name.lower() for name in names).items():
        if number > 1:
            yield f"{name}: {number} of {type_name} have this name"
        if len(name) > longest:
            yield f"{name}: has {len(name)} characters; AWS takes {longest}"


RULES = (
    resources_stay_within_limits, resources_are_not_too_many, policies_of_a_role_fit_together, names_are_taken,
)  # fmt: skip
