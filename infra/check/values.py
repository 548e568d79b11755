"""Values of a plan compared with AWS's own models of the calls that will create the resources.

botocore's models say which values are allowed, how long a text may be and what it looks like. The stand-in knows
types only, so that a misspelt runtime or a function with 64 MB of memory is found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import botocore.session

CALLS: Final[Mapping[str, str]] = {
    "aws_api_gateway_rest_api": "apigateway.CreateRestApi",
    "aws_api_gateway_stage": "apigateway.CreateStage",
    "aws_backup_plan": "backup.CreateBackupPlan",
    "aws_backup_vault": "backup.CreateBackupVault",
    "aws_cloudwatch_composite_alarm": "cloudwatch.PutCompositeAlarm",
    "aws_cloudwatch_event_rule": "events.PutRule",
    "aws_cloudwatch_log_group": "logs.CreateLogGroup",
    "aws_cloudwatch_log_metric_filter": "logs.PutMetricFilter",
    "aws_cloudwatch_metric_alarm": "cloudwatch.PutMetricAlarm",
    "aws_dynamodb_table": "dynamodb.CreateTable",
    "aws_guardduty_malware_protection_plan": "guardduty.CreateMalwareProtectionPlan",
    "aws_iam_role": "iam.CreateRole",
    "aws_kms_alias": "kms.CreateAlias",
    "aws_kms_key": "kms.CreateKey",
    "aws_lambda_event_source_mapping": "lambda.CreateEventSourceMapping",
    "aws_lambda_function": "lambda.CreateFunction",
    "aws_s3_bucket": "s3.CreateBucket",
    "aws_scheduler_schedule": "scheduler.CreateSchedule",
    "aws_secretsmanager_secret": "secretsmanager.CreateSecret",
    "aws_sesv2_configuration_set": "sesv2.CreateConfigurationSet",
    "aws_sns_topic": "sns.CreateTopic",
    "aws_sqs_queue": "sqs.CreateQueue",
    "aws_transfer_server": "transfer.CreateServer",
    "aws_wafv2_web_acl": "wafv2.CreateWebACL",
}

_RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "aws_cloudwatch_log_group": {"name": "logGroupName"},
    "aws_cloudwatch_log_metric_filter": {"name": "filterName"},
    "aws_cloudwatch_metric_alarm": {"alarm_name": "AlarmName"},
    "aws_dynamodb_table": {"name": "TableName", "attribute": "AttributeDefinitions"},
    "aws_iam_role": {"name": "RoleName", "assume_role_policy": "AssumeRolePolicyDocument"},
    "aws_kms_alias": {"name": "AliasName"},
    "aws_sqs_queue": {"name": "QueueName"},
}
"""Arguments that the call names otherwise."""


def faults_in_values(resources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Every value of a plan's resources that AWS would refuse, with its place."""
    session = botocore.session.get_session()
    models: dict[str, Any] = {}
    for resource in resources:
        call = CALLS.get(resource["type"])
        if call is None or resource["mode"] != "managed":
            continue
        if call not in models:
            service, operation = call.split(".")
            models[call] = session.get_service_model(service).operation_model(operation).input_shape
        renamed = _RENAMED.get(resource["type"], {})
        values = {renamed.get(name, name): value for name, value in resource["values"].items()}
        yield from _faults(models[call], values, resource["address"])


def _faults(shape: Any, value: Any, place: str) -> Iterator[str]:
    if value in (None, "", [], {}):
        return
    kind = shape.type_name
    if kind == "structure":
        # A block of Terraform's is a list with one value.
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from _faults_in_structure(shape, one, place)
    elif kind == "list" and isinstance(value, list):
        for number, one in enumerate(value):
            yield from _faults(shape.member, one, f"{place}[{number}]")
    elif kind == "string" and isinstance(value, str):
        yield from _faults_in_text(shape, value, place)
    elif kind in ("integer", "long", "double") and isinstance(value, int | float) and not isinstance(value, bool):
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        if (least is not None and value < least) or (most is not None and value > most):
            yield f"{place}: {value} is not from {least} to {most}"


def _faults_in_structure(shape: Any, value: Mapping[str, Any], place: str) -> Iterator[str]:
    members = {_letters(name): member for name, member in shape.members.items()}
    for name, one in value.items():
        letters = _letters(name)
        member = next(
            (members[same] for same in (letters, f"{letters}s", letters.rstrip("s")) if same in members), None
        )
        if member is not None:
            yield from _faults(member, one, f"{place}.{name}")


def _faults_in_text(shape: Any, value: str, place: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{place}: {value!r} is not one of {', '.join(sorted(shape.enum)[:12])}"
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    if len(value) < least or (most is not None and len(value) > most):
        yield f"{place}: has {len(value)} characters, not {least} to {most}"
    pattern = shape.metadata.get("pattern", "")
    if pattern and r"\p{" not in pattern:  # Python's expressions have no such classes
        try:
            matches = re.search(pattern, value)
        except re.error:
            return
        if not matches:
            yield f"{place}: {value!r} does not match {pattern}"


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
