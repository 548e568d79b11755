"""The one description of the cloud, `infra/stack.json`, read and checked.

Tables, queues, buckets, functions, mappings and schedules are named once, logically (`register`); a physical name is
`{prefix}-{name}` (`lrs-local-register`). The one-machine cloud, the integration tests and the bench use this module;
none of them has a list of its own. The fields are explained in `infra/README.md`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from chalicelib.grants import STACK_FILE, Grant, grants_of, variable_of, variables_of
from chalicelib.settings import Settings
from local.emulated.stack_check import DAYS, faults_of, rate_seconds

REGION = "eu-west-2"
ACCOUNT = "000000000000"
"""The emulator's account for an access key that is not an account number."""

WEB = "api"
"""The function that serves the web; on one machine it runs in the process of the command."""


class StackError(ValueError):
    """The description is wrong. `faults` lists every fault and where it is."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("stack description: " + "; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Function:
    """A Lambda function: `handler` is `module.attribute`, `environment` the names of its variables."""

    name: str
    handler: str
    timeout_seconds: int
    memory_megabytes: int
    environment: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    """The settings in force for this function, by variable."""
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True)
class QueueMapping:
    """A queue that feeds a function."""

    queue: str
    function: Function
    batch_size: int
    batching_window_seconds: float
    maximum_concurrency: int
    report_batch_item_failures: bool


@dataclass(frozen=True)
class StreamMapping:
    """A table's stream that feeds a function; `failure_bucket` receives the records of an abandoned batch."""

    table: str
    function: Function
    batch_size: int
    batching_window_seconds: float
    bisect_on_error: bool
    maximum_retry_attempts: int
    """-1 for as many as the records' age allows."""
    maximum_record_age_seconds: int
    report_batch_item_failures: bool
    starting_position: str
    failure_bucket: str


@dataclass(frozen=True)
class Schedule:
    """A function called at a fixed rate."""

    name: str
    function: Function
    every_seconds: int


class Stack:
    """A checked description. Raises `StackError` naming every fault at once."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        faults = list(faults_of(description))
        if faults:
            raise StackError(faults)
        self.description = description
        self.tables: Mapping[str, Mapping[str, Any]] = description["tables"]
        self.queues: Mapping[str, Mapping[str, Any]] = description["queues"]
        self.secrets: Mapping[str, Mapping[str, Any]] = description["secrets"]
        self.log_groups: Mapping[str, Mapping[str, Any]] = description["logGroups"]
        self.namespace: str = description["metrics"]["namespace"]
        self.sender: str = description["mail"]["sender"]
        self.settings: Mapping[str, str] = description["settings"]
        self.buckets: Mapping[str, Mapping[str, Any]] = {
            name: self._bucket(body) for name, body in description["buckets"].items()
        }
        self.functions = {name: self._function(name, body) for name, body in description["functions"].items()}
        self.surfaces: Mapping[str, Function] = {
            name: self.functions[body["function"]] for name, body in description["surfaces"].items()
        }
        """The function that answers the requests of each surface."""
        self.compress_from: Mapping[str, int] = {
            name: body["compressFrom"] for name, body in description["surfaces"].items() if "compressFrom" in body
        }
        """From how many bytes a response of these surfaces is compressed."""

    def queue_mappings(self) -> tuple[QueueMapping, ...]:
        """Every mapping from a queue, in the order of the description."""
        return tuple(
            QueueMapping(
                queue=body["queue"],
                function=self.functions[body["function"]],
                batch_size=body["batchSize"],
                batching_window_seconds=body["batchingWindowSeconds"],
                maximum_concurrency=body["maximumConcurrency"],
                report_batch_item_failures=body["reportBatchItemFailures"],
            )
            for body in self.description["mappings"]
            if "queue" in body
        )

    def stream_mappings(self) -> tuple[StreamMapping, ...]:
        """Every mapping from a table's stream, in the order of the description."""
        return tuple(
            StreamMapping(
                table=body["table"],
                function=self.functions[body["function"]],
                batch_size=body["batchSize"],
                batching_window_seconds=body["batchingWindowSeconds"],
                bisect_on_error=body["bisectOnError"],
                maximum_retry_attempts=body["maximumRetryAttempts"],
                maximum_record_age_seconds=body["maximumRecordAgeSeconds"],
                report_batch_item_failures=body["reportBatchItemFailures"],
                starting_position=body["startingPosition"],
                failure_bucket=body["failureBucket"],
            )
            for body in self.description["mappings"]
            if "table" in body
        )

    def schedules(self) -> tuple[Schedule, ...]:
        """Every schedule, by name."""
        return tuple(
            Schedule(name, self.functions[body["function"]], rate_seconds(body["rate"]))
            for name, body in sorted(self.description["schedules"].items())
        )

    def _bucket(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A bucket, with the number of days where the description names a setting; without a scan that is off."""
        settings = Settings.from_environment({"AWS_REGION": REGION, **self.settings})
        rules = [
            rule | {"days": getattr(settings, DAYS[rule["days"]]) if rule["days"] in DAYS else rule["days"]}
            for rule in body.get("expiry", ())
        ]
        found = {**body, "expiry": rules} if rules else body
        return found if self._scans(body) else {name: part for name, part in found.items() if name != "scan"}

    def _scans(self, body: Mapping[str, Any]) -> bool:
        """Whether the setting for the bucket's malware scan is on, for any function."""
        setting = body.get("scan", {}).get("setting", "")
        parts = (self.description, *self.description["functions"].values())
        return any(part.get("settings", {}).get(setting) == "true" for part in parts)

    def _function(self, name: str, body: Mapping[str, Any]) -> Function:
        settings = {**self.settings, **body.get("settings", {})}
        names = tuple(sorted({*variables_of(body), *settings}))
        grants = tuple(grants_of(body))
        return Function(name, body["handler"], body["timeoutSeconds"], body["memoryMegabytes"], names, settings, grants)


def load_stack(path: Path = STACK_FILE, settings: Mapping[str, str] = MappingProxyType({})) -> Stack:
    """Read and check the description, with other values for some of its settings.

    Raises `StackError`, `OSError` or `json.JSONDecodeError`.
    """
    description = json.loads(path.read_text(encoding="utf-8"))
    sections = [part["settings"] for part in (description, *description["functions"].values()) if "settings" in part]
    for name, value in settings.items():
        for section in [section for section in sections if name in section] or sections[:1]:
            section[name] = value
    return Stack(description)


def physical_name(prefix: str, name: str) -> str:
    """The physical name of a table, queue or bucket."""
    return f"{prefix}-{name}"


def queue_url(endpoint: str, prefix: str, name: str) -> str:
    """The address of a queue in the emulator; the same string that `GetQueueUrl` returns."""
    return f"{endpoint}/{ACCOUNT}/{physical_name(prefix, name)}"


def queue_arn(prefix: str, name: str) -> str:
    """The ARN of a queue in the emulator."""
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{physical_name(prefix, name)}"


def environment(stack: Stack, prefix: str, endpoint: str) -> dict[str, str]:
    """All variables of any function, and the emulator's credentials, for commands and tests.

    If functions differ in a setting, the value is that of the web service.
    """
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "test",
        variable_of("mail", "sender"): stack.sender,
        variable_of("metrics", "namespace"): stack.namespace,
    }
    named = {"secrets": stack.secrets, "tables": stack.tables, "buckets": stack.buckets, "logGroups": stack.log_groups}
    for kind, names in named.items():
        variables |= {variable_of(kind, name): physical_name(prefix, name) for name in names}
    variables |= {variable_of("functions", name): physical_name(prefix, name) for name in stack.functions}
    variables |= {variable_of("queues", name): queue_url(endpoint, prefix, name) for name in stack.queues}
    for name in (*stack.functions, WEB):
        variables |= stack.functions[name].settings
    return dict(sorted(variables.items()))
