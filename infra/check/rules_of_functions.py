"""Rules for functions, their roles, triggers and the API in the evaluated state. Each yields what breaks it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from infra.check.policies import applies
from infra.check.state import State, first, listed

ON_EVERY_RESOURCE = {
    "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:ListAlarmMuteRules",
    "dynamodb:ListStreams", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
}  # fmt: skip
"""Actions for which IAM knows no resource, or that list everything there is."""


def roles_have_no_wildcards(state: State) -> Iterator[str]:
    """Actions are named, and so are resources where IAM knows some."""
    for role, statements in state.policies():
        for statement in statements:
            actions = set(listed(statement.get("Action", [])))
            if any("*" in action for action in actions) or "NotAction" in statement:
                yield f"{role}: may {', '.join(sorted(actions))}"
            if "*" in listed(statement.get("Resource", "*")) and not actions <= ON_EVERY_RESOURCE:
                yield f"{role}: may {', '.join(sorted(actions))} on every resource"


def roles_stay_within_the_boundary(state: State) -> Iterator[str]:
    """Whoever deploys makes roles: none of them can be allowed more than the boundary."""
    for role in state.of("iam_role"):
        if not role["permissions_boundary"]:
            yield f"{role['name']}: has no boundary"


def functions_have_their_own_roles(state: State) -> Iterator[str]:
    """One role each, without a managed policy."""
    for role, number in Counter(one["role"] for one in state.of("lambda_function")).items():
        if number > 1:
            yield f"{role}: is the role of {number} functions"
    own = {one["role"].rpartition("/")[2] for one in state.of("lambda_function")}
    for attached in state.of("iam_role_policy_attachment"):
        if attached["role"] in own:
            yield f"{attached['role']}: has the managed policy {attached['policy_arn']}"


def absent_objects_can_be_told_from_forbidden_ones(state: State) -> Iterator[str]:
    """Who reads objects may list the bucket: S3 would answer 403 for an absent object, and not 404."""
    own = {one["role"].rpartition("/")[2] for one in state.of("lambda_function")}
    for role, statements in state.policies():
        allowed = [one for one in statements if one["Effect"] == "Allow"]
        read = {
            resource.partition("/")[0]
            for one in allowed
            if {"s3:GetObject", "s3:GetObjectVersion"} & set(listed(one["Action"]))
            for resource in listed(one["Resource"])
        }
        for bucket in sorted(read) if role in own else ():
            if not any(applies(one, "s3:ListBucket", bucket, {}) for one in allowed):
                yield f"{role}: reads objects of {bucket}, but may not list it"


def functions_are_ours_to_run(state: State) -> Iterator[str]:
    """arm64, Python 3.13, an own key for variables, a log group that we made."""
    groups = {one["name"] for one in state.of("cloudwatch_log_group")}
    for function in state.of("lambda_function"):
        name = function["function_name"]
        if function["architectures"] != ["arm64"] or function["runtime"] != "python3.13":
            yield f"{name}: is not built for arm64 and Python 3.13"
        if not function["kms_key_arn"]:
            yield f"{name}: its variables are not encrypted with a key of ours"
        if f"/aws/lambda/{name}" not in groups:
            yield f"{name}: Lambda would make its log group, and keep it for ever"


def queues_wait_for_their_functions(state: State) -> Iterator[str]:
    """A message stays invisible for six times the function's time limit, and failed ones alone come again."""
    queues, functions = state.by("arn", "sqs_queue"), state.by("arn", "lambda_function")
    for mapping in state.of("lambda_event_source_mapping"):
        queue, function = queues.get(mapping["event_source_arn"]), functions[mapping["function_name"]]
        if "ReportBatchItemFailures" not in (mapping["function_response_types"] or ()):
            yield f"{function['function_name']}: a failed message brings its whole batch back"
        if queue and queue["visibility_timeout_seconds"] < 6 * function["timeout"]:
            yield f"{queue['name']}: messages come again while {function['function_name']} still works on them"
        if queue and not first(mapping["scaling_config"]).get("maximum_concurrency"):
            yield f"{queue['name']}: can take every concurrent execution of the account"


def streams_lose_nothing(state: State) -> Iterator[str]:
    """Retried as long as the stream keeps records, then kept whole in a bucket; a queue would keep addresses only."""
    tables = {one["stream_arn"]: one["name"] for one in state.of("dynamodb_table") if one["stream_enabled"]}
    lag = state.watched("IteratorAge")
    for mapping in state.of("lambda_event_source_mapping"):
        table = tables.get(mapping["event_source_arn"])
        if table is None:
            continue
        destination = first(first(mapping["destination_config"]).get("on_failure")).get("destination_arn", "")
        if not destination.startswith("arn:aws:s3:::"):
            yield f"{table}: a batch that is given up is not kept in a bucket"
        if mapping["maximum_retry_attempts"] != -1 or not 0 < (mapping["maximum_record_age_in_seconds"] or 0) < 86_400:
            yield f"{table}: records are given up too early, or are lost from the stream first"
        if (mapping["parallelization_factor"] or 1) < 2:
            yield f"{table}: one batch of a shard at a time cannot keep up"
        if mapping["function_name"].rpartition(":")[2] not in lag:
            yield f"{table}: nobody hears when its records wait"


def chains_of_functions_are_looked_after(state: State) -> Iterator[str]:
    """Lambda ends a chain of 16 calls: each function says whether it may, and where it may somebody hears of it."""
    configured = {one["function_name"]: one["recursive_loop"] for one in state.of("lambda_function_recursion_config")}
    watched = state.watched("RecursiveInvocationsDropped")
    for function in state.of("lambda_function"):
        name = function["function_name"]
        if name not in configured:
            yield f"{name}: does not say whether a chain may go through it"
        elif configured[name] != "Allow" and name not in watched:
            yield f"{name}: nobody hears when Lambda ends a chain"


def schedules_run_once(state: State) -> Iterator[str]:
    """Lambda would run a failed function twice more, beside the next run; what fails or cannot start is kept."""
    functions = state.by("arn", "lambda_function")
    invoked = state.by("function_name", "lambda_function_event_invoke_config")
    for schedule in state.of("scheduler_schedule"):
        target = first(schedule["target"])
        function = functions.get(target["arn"].partition("$")[0].rstrip(":"))
        if function is None:
            yield f"{schedule['name']}: starts no function of ours"
            continue
        found = invoked.get(function["function_name"], {})
        if found.get("maximum_retry_attempts") != 0:
            yield f"{schedule['name']}: is run again beside its next run"
        if not first(first(found.get("destination_config")).get("on_failure")).get("destination"):
            yield f"{schedule['name']}: a run that fails leaves nothing"
        if not first(target["dead_letter_config"]).get("arn"):
            yield f"{schedule['name']}: a run that cannot start leaves nothing"


def callers_of_functions_are_known(state: State) -> Iterator[str]:
    """A service may only call for a resource of ours."""
    for permission in state.of("lambda_permission"):
        if permission["principal"].endswith(".amazonaws.com") and not permission["source_arn"]:
            yield f"{permission['function_name']}: {permission['principal']} may call it for anyone"


def web_functions_start_warm(state: State) -> Iterator[str]:
    """SnapStart needs a version, and callers that call it: an alias."""
    functions = state.by("function_name", "lambda_function")
    aliases = {one["function_name"].rpartition(":")[2] for one in state.of("lambda_alias")}
    for permission in state.of("lambda_permission"):
        if permission["principal"] != "apigateway.amazonaws.com":
            continue
        name = permission["function_name"].rpartition(":")[2]
        if (
            first(functions[name]["snap_start"]).get("apply_on") != "PublishedVersions"
            or not functions[name]["publish"]
        ):
            yield f"{name}: starts cold"
        if name not in aliases or not permission["qualifier"]:
            yield f"{name}: is not called by its alias"


def every_request_reaches_us(state: State) -> Iterator[str]:
    """API Gateway would read a bearer token on an unknown path as a signature, and echo it with 403."""
    for api in state.of("api_gateway_rest_api"):
        paths = json.loads(api["body"])["paths"]
        for path in ("/", "/{proxy+}"):
            every = {"x-amazon-apigateway-any-method"} & paths.get(path, {}).keys()
            if not every and len(paths.get(path, {})) < 7:
                yield f"{api['name']}: some methods of {path} do not reach the function"


def apis_have_one_way_in(state: State) -> Iterator[str]:
    """The domain at the root, with client certificates; the default address would go round them and the firewall."""
    mappings = {one["api_id"]: one for one in state.of("api_gateway_base_path_mapping")}
    guarded = {one["resource_arn"] for one in state.of("wafv2_web_acl_association")}
    stages = {one["rest_api_id"]: one for one in state.of("api_gateway_stage")}
    for api in state.of("api_gateway_rest_api"):
        if not api["disable_execute_api_endpoint"]:
            yield f"{api['name']}: its default address is on"
        if api["id"] not in mappings or mappings[api["id"]]["base_path"]:
            yield f"{api['name']}: its domain is not mapped at the root"
        if stages[api["id"]]["arn"] not in guarded:
            yield f"{api['name']}: has no firewall"


def certificates_are_asked_for_in_both_places(state: State) -> Iterator[str]:
    """Variables belong to a function, not to an alias: one that serves a domain with certificates asks for them."""
    domains = state.by("domain_name", "api_gateway_domain_name")
    functions = state.by("function_name", "lambda_function")
    serving = {one["api_id"]: domains[one["domain_name"]] for one in state.of("api_gateway_base_path_mapping")}
    bodies = {api["id"]: api["body"] for api in state.of("api_gateway_rest_api") if api["id"] in serving}
    called = [(api, name) for api, body in bodies.items() for name in functions if f":function:{name}:" in body]
    for api, name in called:
        variables = first(functions[name]["environment"])["variables"]
        asked = variables.get("LRS_REQUIRE_CLIENT_CERT") == "true"
        if asked != bool(serving[api]["mutual_tls_authentication"]):
            yield f"{name}: does not ask for the certificates that its domain asks for, or asks without its domain"


_BLOCKED: Final = {
    "SizeRestrictions_BODY": "bodies over 8 KB",
    "CrossSiteScripting_BODY": "bodies in XML and texts with markup",
    "EC2MetaDataSSRF_BODY": "texts with an address of AWS's own",
    "GenericLFI_BODY": "texts with the path of a file",
    "GenericRFI_BODY": "texts with an address of a machine",
}
"""Rules about bodies, and what they block of ours."""


def firewalls_let_our_bodies_through(state: State) -> Iterator[str]:
    """Managed rules block bodies over 8 KB, XML and texts with markup; ours are files of up to 64 KB and what people
    write. Known bad input is blocked.
    """
    for firewall in state.of("wafv2_web_acl"):
        groups = {group["name"]: group for group in _groups(firewall)}
        counted = {
            one["name"] for one in groups.get("AWSManagedRulesCommonRuleSet", {}).get("rule_action_override") or ()
        }
        for rule, blocked in _BLOCKED.items():
            if rule not in counted:
                yield f"{firewall['name']}: blocks {blocked}"
        if "AWSManagedRulesKnownBadInputsRuleSet" not in groups:
            yield f"{firewall['name']}: lets known bad input through"
        body = first(first(firewall["association_config"]).get("request_body"))
        if first(body.get("api_gateway")).get("default_size_inspection_limit") != "KB_64":
            yield f"{firewall['name']}: looks at less than 64 KB of a body"


def _groups(firewall: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for rule in firewall["rule"]:
        yield from first(rule["statement"]).get("managed_rule_group_statement") or ()


RULES = (
    roles_have_no_wildcards, roles_stay_within_the_boundary, functions_have_their_own_roles,
    absent_objects_can_be_told_from_forbidden_ones, functions_are_ours_to_run, queues_wait_for_their_functions,
    streams_lose_nothing, chains_of_functions_are_looked_after, schedules_run_once, callers_of_functions_are_known,
    web_functions_start_warm, every_request_reaches_us, apis_have_one_way_in, certificates_are_asked_for_in_both_places,
    firewalls_let_our_bodies_through,
)  # fmt: skip
