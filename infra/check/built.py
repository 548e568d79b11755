"""The cloud of an evaluated state, built by calls to AWS.

An emulator refuses much of what AWS refuses. What is built can also be compared with what the local cloud builds from
`infra/stack.json`. Composite alarms are left out, since moto has none, and policies of buckets, since moto denies
without a look at their conditions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from infra.check.state import State, first

Values = Mapping[str, Any]
"""The values of a resource or a block."""


def build(state: State, client: Callable[[str], Any], services: Collection[str]) -> Counter[str]:
    """Create every resource of these services whose type is built; how many there are of each type.

    `client` returns the client of a service by its name. Raises `ClientError`.
    """
    built: Counter[str] = Counter()
    for kind, (service, create) in _BUILT.items():
        for values in state.of(kind) if service in services else ():
            create(client(service), values)
            built[kind] += 1
    return built


def _given(**arguments: Any) -> dict[str, Any]:
    """The arguments that have a value."""
    return {name: value for name, value in arguments.items() if value not in (None, "", [], {})}


def _table(dynamodb: Any, values: Values) -> None:
    stream = {"StreamEnabled": True, "StreamViewType": values["stream_view_type"]}
    encryption = first(values["server_side_encryption"])
    dynamodb.create_table(
        **_given(
            TableName=values["name"],
            BillingMode=values["billing_mode"],
            TableClass=values["table_class"],
            KeySchema=_key_schema(values),
            AttributeDefinitions=[
                {"AttributeName": one["name"], "AttributeType": one["type"]} for one in values["attribute"]
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": one["name"],
                    "KeySchema": _key_schema(one),
                    "Projection": {"ProjectionType": one["projection_type"]},
                }
                for one in values["global_secondary_index"]
            ],
            StreamSpecification=stream if values["stream_enabled"] else None,
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": encryption["kms_key_arn"]},
            DeletionProtectionEnabled=values["deletion_protection_enabled"],
        )
    )
    for one in values["ttl"]:
        dynamodb.update_time_to_live(
            TableName=values["name"],
            TimeToLiveSpecification={"Enabled": one["enabled"], "AttributeName": one["attribute_name"]},
        )
    for one in values["point_in_time_recovery"]:
        dynamodb.update_continuous_backups(
            TableName=values["name"], PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": one["enabled"]}
        )


def _key_schema(values: Values) -> list[dict[str, str]]:
    return [
        {"AttributeName": values["hash_key"], "KeyType": "HASH"},
        {"AttributeName": values["range_key"], "KeyType": "RANGE"},
    ]


def _queue(sqs: Any, values: Values) -> None:
    numbers = {
        "VisibilityTimeout": "visibility_timeout_seconds",
        "MessageRetentionPeriod": "message_retention_seconds",
        "ReceiveMessageWaitTimeSeconds": "receive_wait_time_seconds",
        "KmsMasterKeyId": "kms_master_key_id",
        "KmsDataKeyReusePeriodSeconds": "kms_data_key_reuse_period_seconds",
    }
    attributes = {name: str(values[one]) for name, one in numbers.items() if values[one] is not None}
    sqs.create_queue(QueueName=values["name"], Attributes=attributes)


def _queue_attribute(name: str, of: str) -> Callable[[Any, Values], None]:
    def put(sqs: Any, values: Values) -> None:
        address = sqs.get_queue_url(QueueName=values["queue_url"].rpartition("/")[2])["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=address, Attributes={name: values[of]})

    return put


def _bucket(s3: Any, values: Values) -> None:
    s3.create_bucket(Bucket=values["bucket"], CreateBucketConfiguration={"LocationConstraint": values["region"]})


def _versioning(s3: Any, values: Values) -> None:
    status = first(values["versioning_configuration"])["status"]
    s3.put_bucket_versioning(Bucket=values["bucket"], VersioningConfiguration={"Status": status})


def _lifecycle(s3: Any, values: Values) -> None:
    rules = [_lifecycle_rule(one) for one in values["rule"]]
    s3.put_bucket_lifecycle_configuration(Bucket=values["bucket"], LifecycleConfiguration={"Rules": rules})


def _lifecycle_rule(values: Values) -> dict[str, Any]:
    ended, replaced = first(values["expiration"]), first(values["noncurrent_version_expiration"])
    parts = first(values["abort_incomplete_multipart_upload"])
    days = _given(
        Expiration=_given(Days=ended.get("days")),
        NoncurrentVersionExpiration=_given(NoncurrentDays=replaced.get("noncurrent_days")),
        AbortIncompleteMultipartUpload=_given(DaysAfterInitiation=parts.get("days_after_initiation")),
    )
    place = {"Prefix": first(values["filter"])["prefix"]}
    return {"ID": values["id"], "Status": values["status"], "Filter": place, **days}


def _notifications(s3: Any, values: Values) -> None:
    rules = [
        {
            "Id": one["id"],
            "QueueArn": one["queue_arn"],
            "Events": one["events"],
            **(
                {"Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": one["filter_prefix"]}]}}}
                if one["filter_prefix"]
                else {}
            ),
        }
        for one in values["queue"]
    ]
    everything: dict[str, Any] = {"EventBridgeConfiguration": {}} if values["eventbridge"] else {}
    s3.put_bucket_notification_configuration(
        Bucket=values["bucket"], NotificationConfiguration={"QueueConfigurations": rules, **everything}
    )


def _log_group(logs: Any, values: Values) -> None:
    logs.create_log_group(logGroupName=values["name"])
    logs.put_retention_policy(logGroupName=values["name"], retentionInDays=values["retention_in_days"])


def _metric_filter(logs: Any, values: Values) -> None:
    logs.put_metric_filter(
        logGroupName=values["log_group_name"],
        filterName=values["name"],
        filterPattern=values["pattern"],
        metricTransformations=[
            {"metricName": one["name"], "metricNamespace": one["namespace"], "metricValue": one["value"]}
            for one in values["metric_transformation"]
        ],
    )


def _alarm(cloudwatch: Any, values: Values) -> None:
    cloudwatch.put_metric_alarm(
        **_given(
            AlarmName=values["alarm_name"],
            AlarmDescription=values["alarm_description"],
            AlarmActions=values["alarm_actions"],
            OKActions=values["ok_actions"],
            ComparisonOperator=values["comparison_operator"],
            EvaluationPeriods=values["evaluation_periods"],
            DatapointsToAlarm=values["datapoints_to_alarm"],
            TreatMissingData=values["treat_missing_data"],
            Period=values["period"],
            Statistic=values["statistic"],
            ExtendedStatistic=values["extended_statistic"],
            Metrics=[_query(one) for one in values["metric_query"] or ()],
            **_metric(values),
        ),
        Threshold=float(values["threshold"]),
    )


def _query(values: Values) -> dict[str, Any]:
    metric = first(values["metric"])
    watched = {"Metric": _metric(metric), "Period": metric["period"], "Stat": metric["stat"]} if metric else None
    return _given(
        Id=values["id"], Expression=values["expression"], Label=values["label"], MetricStat=watched
    ) | {"ReturnData": bool(values["return_data"])}  # fmt: skip


def _metric(values: Values) -> dict[str, Any]:
    return _given(
        Namespace=values["namespace"],
        MetricName=values["metric_name"],
        Dimensions=[{"Name": name, "Value": value} for name, value in (values["dimensions"] or {}).items()],
    )


def _rule(events: Any, values: Values) -> None:
    events.put_rule(Name=values["name"], EventPattern=values["event_pattern"])


def _target(events: Any, values: Values) -> None:
    events.put_targets(Rule=values["rule"], Targets=[{"Id": values["target_id"], "Arn": values["arn"]}])


_BUILT: Final[Mapping[str, tuple[str, Callable[[Any, Values], None]]]] = {
    "dynamodb_table": ("dynamodb", _table),
    "sqs_queue": ("sqs", _queue),
    "sqs_queue_policy": ("sqs", _queue_attribute("Policy", "policy")),
    "sqs_queue_redrive_policy": ("sqs", _queue_attribute("RedrivePolicy", "redrive_policy")),
    "sqs_queue_redrive_allow_policy": ("sqs", _queue_attribute("RedriveAllowPolicy", "redrive_allow_policy")),
    "s3_bucket": ("s3", _bucket),
    "s3_bucket_versioning": ("s3", _versioning),
    "s3_bucket_lifecycle_configuration": ("s3", _lifecycle),
    "s3_bucket_notification": ("s3", _notifications),
    "cloudwatch_log_group": ("logs", _log_group),
    "cloudwatch_log_metric_filter": ("logs", _metric_filter),
    "cloudwatch_metric_alarm": ("cloudwatch", _alarm),
    "cloudwatch_event_rule": ("events", _rule),
    "cloudwatch_event_target": ("events", _target),
}
"""The types that are built, in the order in which they need each other."""
