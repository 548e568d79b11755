"""The one description of the cloud, `infra/stack.json`, read and checked.

Tables, queues, buckets, functions, mappings and schedules are named once, logically (`register`); a physical name is
`{prefix}-{name}` (`lrs-local-register`). The one-machine cloud, the integration tests and the bench read this module;
none of them keeps a list of its own. The fields are explained in `local/README.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STACK_FILE = Path(__file__).resolve().parents[2] / "infra" / "stack.json"
REGION = "eu-west-2"
PORTAL_URL = "http://127.0.0.1:8081"
SERVICE_DESK = "service.desk@learning-records.example"
"""Where people sign in on one machine; it stands in notices."""
ACCOUNT = "000000000000"
"""The account the emulator answers as for an access key that is not an account number."""

_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*\Z")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)\Z")
_RATE_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_VIEWS = ("NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY")


class StackError(ValueError):
    """The description is wrong. `faults` lists every fault found, each with its place."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("stack description: " + "; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Function:
    """A Lambda function: `handler` is `module.attribute`, `environment` the names of the variables it is given."""

    name: str
    handler: str
    timeout_seconds: int
    memory_megabytes: int
    environment: tuple[str, ...]


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
    """A table's stream that feeds a function; `dead_letter_queue` receives the address of a batch that was given up."""

    table: str
    function: Function
    batch_size: int
    batching_window_seconds: float
    bisect_on_error: bool
    maximum_retry_attempts: int
    report_batch_item_failures: bool
    starting_position: str
    dead_letter_queue: str | None


@dataclass(frozen=True)
class Schedule:
    """A function called at a fixed rate."""

    name: str
    function: Function
    every_seconds: int


class Stack:
    """A checked description. Raises `StackError` naming every fault at once."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        faults = list(_faults(description))
        if faults:
            raise StackError(faults)
        self.description = description
        self.tables: Mapping[str, Mapping[str, Any]] = description["tables"]
        self.queues: Mapping[str, Mapping[str, Any]] = description["queues"]
        self.buckets: Mapping[str, Mapping[str, Any]] = description["buckets"]
        self.secrets: Mapping[str, Mapping[str, Any]] = description["secrets"]
        self.sender: str = description["mail"]["sender"]
        self.functions = {name: _function(name, body) for name, body in description["functions"].items()}

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
                report_batch_item_failures=body["reportBatchItemFailures"],
                starting_position=body["startingPosition"],
                dead_letter_queue=body.get("deadLetterQueue"),
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


def load_stack(path: Path = STACK_FILE) -> Stack:
    """Read and check the description. Raises `StackError`, `OSError` or `json.JSONDecodeError`."""
    return Stack(json.loads(path.read_text(encoding="utf-8")))


def physical_name(prefix: str, name: str) -> str:
    """The name of a table, queue or bucket as the cloud knows it."""
    return f"{prefix}-{name}"


def variable_name(kind: str, name: str) -> str:
    """The environment variable that carries a resource: `LRS_TABLE_REGISTER`, `LRS_QUEUE_CHUNKS_DEAD`."""
    return f"LRS_{kind}_{name}".upper().replace("-", "_")


def queue_url(endpoint: str, prefix: str, name: str) -> str:
    """The address of a queue in the emulator; the same string `GetQueueUrl` answers."""
    return f"{endpoint}/{ACCOUNT}/{physical_name(prefix, name)}"


def queue_arn(prefix: str, name: str) -> str:
    """The ARN of a queue in the emulator."""
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{physical_name(prefix, name)}"


def rate_seconds(rate: str) -> int:
    """Seconds between two calls of a schedule: `rate(5 minutes)` → 300. Raises `ValueError`."""
    match = _RATE.match(rate)
    if match is None or int(match[1]) < 1:
        raise ValueError(f"not a rate: {rate}")
    return int(match[1]) * _RATE_SECONDS[match[2]]


def environment(stack: Stack, prefix: str, endpoint: str) -> dict[str, str]:
    """The variables functions read: resources as `LRS_{KIND}_{NAME}`, secrets by name, the emulator's credentials."""
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "test",
        "LRS_MAIL_SENDER": stack.sender,
        "LRS_PORTAL_URL": PORTAL_URL,
        "LRS_SERVICE_DESK_EMAIL": SERVICE_DESK,
    }
    variables |= {secret["variable"]: physical_name(prefix, name) for name, secret in stack.secrets.items()}
    variables |= {variable_name("TABLE", name): physical_name(prefix, name) for name in stack.tables}
    variables |= {variable_name("BUCKET", name): physical_name(prefix, name) for name in stack.buckets}
    variables |= {variable_name("QUEUE", name): queue_url(endpoint, prefix, name) for name in stack.queues}
    return dict(sorted(variables.items()))


def _function(name: str, body: Mapping[str, Any]) -> Function:
    return Function(name, body["handler"], body["timeoutSeconds"], body["memoryMegabytes"], tuple(body["environment"]))


# --- the check ------------------------------------------------------------------------------------------------------

_FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "tables": {"partitionKey": dict, "sortKey": dict, "pointInTimeRecovery": bool},
    "queues": {"retentionSeconds": int, "visibilitySeconds": int},
    "buckets": {"versioned": bool},
    "functions": {"handler": str, "timeoutSeconds": int, "memoryMegabytes": int, "environment": list},
    "schedules": {"function": str, "rate": str},
    "secrets": {"bytes": int, "variable": str},
}
_OPTIONAL: dict[str, dict[str, type | tuple[type, ...]]] = {
    "tables": {"indexes": list, "stream": str, "timeToLive": str},
    "queues": {"deadLetterQueue": str, "maxReceiveCount": int},
    "buckets": {"notifications": list, "expiry": list},
    "functions": {},
    "schedules": {},
    "secrets": {"form": str},
}
_QUEUE_MAPPING: dict[str, type | tuple[type, ...]] = {
    "queue": str, "function": str, "batchSize": int, "batchingWindowSeconds": (int, float), "maximumConcurrency": int,
    "reportBatchItemFailures": bool,
}  # fmt: skip
_STREAM_MAPPING: dict[str, type | tuple[type, ...]] = {
    "table": str, "function": str, "batchSize": int, "batchingWindowSeconds": (int, float), "bisectOnError": bool,
    "maximumRetryAttempts": int, "reportBatchItemFailures": bool, "startingPosition": str,
}  # fmt: skip


def _faults(description: Mapping[str, Any]) -> Iterator[str]:
    """Every fault: unknown or missing fields, wrong types, names that do not resolve, values AWS would refuse."""
    shapes = {"version": int, "mail": dict, "mappings": list} | dict.fromkeys(_FIELDS, dict)
    top = list(_shape("stack", description, shapes, {}))
    if top:
        yield from top
        return
    shaped = []
    for kind, fields in _FIELDS.items():
        for name, body in description[kind].items():
            if not _NAME.match(name):
                shaped.append(f"{kind}.{name}: not a name (lower case letters, digits, single - or _)")
            shaped += _shape(f"{kind}.{name}", body, fields, _OPTIONAL[kind])
    for position, body in enumerate(description["mappings"]):
        fields, optional = (_QUEUE_MAPPING, {}) if "queue" in body else (_STREAM_MAPPING, {"deadLetterQueue": str})
        shaped += _shape(f"mappings[{position}]", body, fields, optional)
    shaped += _shape("mail", description["mail"], {"sender": str}, {})
    yield from shaped
    if not shaped:
        yield from _table_faults(description)
        yield from _queue_faults(description)
        yield from _bucket_faults(description)
        yield from _mapping_faults(description)
        yield from _function_faults(description)


def _shape(
    place: str,
    body: Any,
    required: Mapping[str, type | tuple[type, ...]],
    optional: Mapping[str, type | tuple[type, ...]],
) -> Iterator[str]:
    if not isinstance(body, Mapping):
        yield f"{place}: must be an object"
        return
    yield from (f"{place}.{name}: missing" for name in sorted(required.keys() - body.keys()))
    for name, value in body.items():
        wanted = required.get(name) or optional.get(name)
        if wanted is None:
            yield f"{place}.{name}: unknown"
        elif not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            yield f"{place}.{name}: wrong type"


def _table_faults(description: Mapping[str, Any]) -> Iterator[str]:
    for name, table in description["tables"].items():
        if table.get("stream", _VIEWS[0]) not in _VIEWS:
            yield f"tables.{name}.stream: not a view of the stream"
        keys = {"partitionKey": dict, "sortKey": dict}
        for index in table.get("indexes", []):
            yield from _shape(f"tables.{name}.indexes", index, {"name": str, "projection": str, **keys}, {})
            if index.get("projection") not in ("ALL", "KEYS_ONLY"):
                yield f"tables.{name}.indexes: projection must be ALL or KEYS_ONLY"


def _queue_faults(description: Mapping[str, Any]) -> Iterator[str]:
    for name, queue in description["queues"].items():
        if ("deadLetterQueue" in queue) != ("maxReceiveCount" in queue):
            yield f"queues.{name}: deadLetterQueue and maxReceiveCount go together"
        if queue.get("deadLetterQueue", name) not in description["queues"]:
            yield f"queues.{name}.deadLetterQueue: no such queue"


def _bucket_faults(description: Mapping[str, Any]) -> Iterator[str]:
    for name, bucket in description["buckets"].items():
        for rule in bucket.get("notifications", []):
            yield from _shape(f"buckets.{name}.notifications", rule, {"prefix": str, "queue": str, "events": list}, {})
            if rule.get("queue") not in description["queues"]:
                yield f"buckets.{name}.notifications: no such queue"
        for rule in bucket.get("expiry", []):
            yield from _shape(f"buckets.{name}.expiry", rule, {"prefix": str, "days": int}, {})


def _mapping_faults(description: Mapping[str, Any]) -> Iterator[str]:
    queues, tables, functions = description["queues"], description["tables"], description["functions"]
    for position, body in enumerate(description["mappings"]):
        place = f"mappings[{position}]"
        if body["function"] not in functions:
            yield f"{place}.function: no such function"
        if "table" in body and "stream" not in tables.get(body["table"], {}):
            yield f"{place}.table: no such table, or it has no stream"
        if body.get("deadLetterQueue") is not None and body["deadLetterQueue"] not in queues:
            yield f"{place}.deadLetterQueue: no such queue"
        if "queue" in body:
            yield from _queue_mapping_faults(place, body, queues, functions)
    for name, schedule in description["schedules"].items():
        if schedule["function"] not in functions:
            yield f"schedules.{name}.function: no such function"
        if not _RATE.match(schedule["rate"]):
            yield f"schedules.{name}.rate: not a rate"


def _queue_mapping_faults(
    place: str, body: Mapping[str, Any], queues: Mapping[str, Any], functions: Mapping[str, Any]
) -> Iterator[str]:
    if body["queue"] not in queues:
        yield f"{place}.queue: no such queue"
        return
    if body["batchSize"] > 10 and not body["batchingWindowSeconds"]:
        yield f"{place}.batchSize: more than 10 needs a batching window"
    if not 2 <= body["maximumConcurrency"] <= 1000:
        yield f"{place}.maximumConcurrency: 2 to 1000"
    timeout = functions.get(body["function"], {}).get("timeoutSeconds", 0)
    if queues[body["queue"]]["visibilitySeconds"] < 6 * timeout:
        # AWS's own advice: a shorter one hands a message out again while its batch is still being retried.
        yield f"{place}: the queue's visibility must be at least six times the function's time limit"


_RESOURCES = {"TABLE": "tables", "BUCKET": "buckets", "QUEUE": "queues"}


def _function_faults(description: Mapping[str, Any]) -> Iterator[str]:
    known = {"LRS_MAIL_SENDER", "LRS_PORTAL_URL", "LRS_SERVICE_DESK_EMAIL"}
    known |= {body["variable"] for body in description["secrets"].values()}
    for kind, section in _RESOURCES.items():
        known |= {variable_name(kind, name) for name in description[section]}
    for name, function in description["functions"].items():
        if "." not in function["handler"]:
            yield f"functions.{name}.handler: must be module.attribute"
        if not 1 <= function["timeoutSeconds"] <= 900:
            yield f"functions.{name}.timeoutSeconds: 1 to 900"
        for variable in function["environment"]:
            if variable not in known:
                yield f"functions.{name}.environment: {variable} is not described"
