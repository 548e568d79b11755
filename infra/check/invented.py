"""Values that AWS would give after apply, made up: the same ones every time, and ARNs that hold together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from infra.check.provider_schema import UNKNOWN, has_unknown, mapped

ACCOUNT: Final = "123456789012"
"""The emulator's own account, so that an ARN of the state is valid in it."""
REGION: Final = "eu-west-2"

NAMES: Final = (
    "name",
    "bucket",
    "function_name",
    "alarm_name",
    "dashboard_name",
    "configuration_set_name",
    "domain_name",
)
"""The attributes that name a resource, the first one that it has."""

ARNS: Final[Mapping[str, str]] = {
    "aws_api_gateway_domain_name": "apigateway:{region}::/domainnames/{domain_name}",
    "aws_api_gateway_rest_api": "apigateway:{region}::/restapis/{short}",
    "aws_api_gateway_stage": "apigateway:{region}::/restapis/{rest_api_id}/stages/{stage_name}",
    "aws_backup_plan": "backup:{region}:{account}:backup-plan:{uuid}",
    "aws_backup_vault": "backup:{region}:{account}:backup-vault:{name}",
    "aws_budgets_budget": "budgets::{account}:budget/{name}",
    "aws_cloudwatch_composite_alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "aws_cloudwatch_dashboard": "cloudwatch::{account}:dashboard/{name}",
    "aws_cloudwatch_event_rule": "events:{region}:{account}:rule/{name}",
    "aws_cloudwatch_log_group": "logs:{region}:{account}:log-group:{name}",
    "aws_cloudwatch_metric_alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "aws_dynamodb_table": "dynamodb:{region}:{account}:table/{name}",
    "aws_guardduty_malware_protection_plan": "guardduty:{region}:{account}:malware-protection-plan/{short}",
    "aws_iam_openid_connect_provider": "iam::{account}:oidc-provider/{host}",
    "aws_iam_policy": "iam::{account}:policy/{name}",
    "aws_iam_role": "iam::{account}:role/{name}",
    "aws_kms_alias": "kms:{region}:{account}:{name}",
    "aws_kms_key": "kms:{region}:{account}:key/{uuid}",
    "aws_lambda_alias": "lambda:{region}:{account}:function:{function}:{name}",
    "aws_lambda_function": "lambda:{region}:{account}:function:{name}",
    "aws_s3_bucket": "s3:::{name}",
    "aws_scheduler_schedule": "scheduler:{region}:{account}:schedule/{group}/{name}",
    "aws_scheduler_schedule_group": "scheduler:{region}:{account}:schedule-group/{name}",
    "aws_secretsmanager_secret": "secretsmanager:{region}:{account}:secret:{name}-AbCdEf",
    "aws_sesv2_configuration_set": "ses:{region}:{account}:configuration-set/{name}",
    "aws_sesv2_email_identity": "ses:{region}:{account}:identity/{email_identity}",
    "aws_sns_topic": "sns:{region}:{account}:{name}",
    "aws_sqs_queue": "sqs:{region}:{account}:{name}",
    "aws_transfer_server": "transfer:{region}:{account}:server/s-{short}",
    "aws_wafv2_web_acl": "wafv2:{region}:{account}:regional/webacl/{name}/{uuid}",
}  # fmt: skip
"""The ARN of a type, without `arn:aws:`."""

IDENTIFIED_BY_ARN: Final = frozenset({
    "aws_iam_openid_connect_provider", "aws_iam_policy", "aws_secretsmanager_secret", "aws_sns_topic",
})  # fmt: skip
IDENTIFIED_SHORTLY: Final = frozenset({"aws_api_gateway_deployment", "aws_api_gateway_rest_api"})

_LAMBDA: Final = "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def invented(type_name: str, block: Mapping[str, Any], planned: Mapping[str, Any]) -> Any:
    """The planned value of a resource, or the configuration of a data source, with everything known."""
    parts = _parts(type_name, planned)
    given = _given(type_name, parts, planned)

    def known(path: str, attribute: Mapping[str, Any], value: Any) -> Any:
        if value != UNKNOWN and not (value is None and attribute.get("computed")):
            return value
        return given[path] if path in given else _of_type(attribute.get("type", "dynamic"), path, type_name, parts)

    return mapped(block, planned, known)


def _parts(type_name: str, planned: Mapping[str, Any]) -> dict[str, str]:
    """What ARNs are made of. The digest is that of everything known, so that it is another one for another resource."""
    certain = {name: value for name, value in planned.items() if value is not None and not has_unknown(value)}
    # A key has nothing but its description to tell it from others; everything else has a name.
    digest = hashlib.sha256(f"{type_name}{json.dumps(certain, default=str, sort_keys=True)}".encode()).hexdigest()
    parts = {name: str(value) for name, value in certain.items() if isinstance(value, str)}
    name = next((parts[one] for one in NAMES if parts.get(one)), digest[:12])
    return parts | {
        "account": ACCOUNT,
        "function": parts.get("function_name", "").rpartition(":")[2],
        "group": parts.get("group_name", "default"),
        "host": parts.get("url", "").removeprefix("https://"),
        "name": parts["name"] if type_name == "aws_lambda_alias" and "name" in parts else name,
        "region": parts.get("region") or REGION,
        "short": digest[:10],
        "uuid": "-".join((digest[:8], digest[8:12], f"4{digest[13:16]}", f"a{digest[17:20]}", digest[20:32])),
    }


def _given(type_name: str, parts: Mapping[str, str], planned: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a type, by path, that others refer to."""
    service = type_name.split("_")[1]
    arn = "arn:aws:" + ARNS.get(type_name, service + ":{region}:{account}:{name}").format_map(_Lenient(parts))
    given: dict[str, Any] = {"arn": arn, "region": parts["region"]}
    if type_name in IDENTIFIED_BY_ARN:
        given["id"] = arn
    elif type_name in IDENTIFIED_SHORTLY:
        given["id"] = parts["short"]
    match type_name:
        case "aws_kms_key":
            given |= {"id": parts["uuid"], "key_id": parts["uuid"]}
        case "aws_sqs_queue":
            address = f"https://sqs.{parts['region']}.amazonaws.com/{ACCOUNT}/{parts['name']}"
            given |= {"id": address, "url": address}
        case "aws_s3_bucket":
            given |= {
                "bucket_domain_name": f"{parts['name']}.s3.amazonaws.com",
                "bucket_regional_domain_name": f"{parts['name']}.s3.{parts['region']}.amazonaws.com",
            }
        case "aws_lambda_function":
            version = "1" if planned.get("publish") else "$LATEST"
            invoke = _LAMBDA.format(region=parts["region"], arn=arn)
            given |= {
                "invoke_arn": invoke,
                "qualified_arn": f"{arn}:{version}",
                "qualified_invoke_arn": _LAMBDA.format(region=parts["region"], arn=f"{arn}:{version}"),
                "version": version,
            }
        case "aws_lambda_alias":
            given["invoke_arn"] = _LAMBDA.format(region=parts["region"], arn=arn)
        case "aws_dynamodb_table":
            given["stream_arn"] = f"{arn}/stream/2026-01-01T00:00:00.000" if planned.get("stream_enabled") else ""
        case "aws_api_gateway_rest_api":
            given |= {
                "execution_arn": f"arn:aws:execute-api:{parts['region']}:{ACCOUNT}:{parts['short']}",
                "root_resource_id": parts["short"][::-1],
            }
    return given


class _Lenient(dict[str, str]):
    """A part that the planned value does not have is called by its name."""

    def __missing__(self, key: str) -> str:
        return key


def _of_type(kind: Any, path: str, type_name: str, parts: Mapping[str, str]) -> Any:
    """A value of a type of Terraform's: `string`, `["list", "string"]`."""
    if kind == "string":
        last = path.rpartition(".")[2]
        if last.endswith("arn"):
            return f"arn:aws:{type_name.split('_')[1]}:{parts['region']}:{ACCOUNT}:{parts['name']}"
        return parts["name"] if last in ("id", "name") else f"{last}-{parts['name']}"
    if isinstance(kind, list):
        return {"list": [], "set": [], "map": {}}.get(kind[0])
    return {"number": 0, "bool": False}.get(kind)
