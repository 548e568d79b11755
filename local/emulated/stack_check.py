"""The check of the description of the cloud: every fault and where it is, before anything is made from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from chalicelib.grants import KINDS, RESOURCES, Grant, grants_of
from chalicelib.settings import Settings, SettingsError, settable, variable

_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*\Z")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)\Z")
_RATE_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_STREAM_KEEPS_SECONDS: Final = 24 * 3600
_VIEWS = ("NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY")

DAYS: Final = {f"LRS_{name.upper()}": name for name in ("inbox_days", "result_days", "job_days")}
"""The settings that say how long objects are kept, by variable."""
WORK_DAYS: Final = 7
_RETENTION_DAYS: Final = (30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""What CloudWatch Logs accepts, from a month on: reports of a month need its lines."""
_MOST_TO_COMPRESS: Final = 10_485_760
"""The highest number of bytes from which API Gateway compresses."""
_SCANNED_PREFIXES: Final = 5
"""The most prefixes that GuardDuty scans in a bucket."""

_FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "tables": {"partitionKey": dict, "sortKey": dict, "pointInTimeRecovery": bool},
    "queues": {"retentionSeconds": int, "visibilitySeconds": int, "waitSeconds": int},
    "buckets": {"versioned": bool},
    "functions": {"handler": str, "timeoutSeconds": int, "memoryMegabytes": int, "grants": dict},
    "schedules": {"function": str, "rate": str},
    "secrets": {"bytes": int},
    "surfaces": {"function": str},
    "logGroups": {"retentionDays": int},
}
_OPTIONAL: dict[str, dict[str, type | tuple[type, ...]]] = {
    "tables": {"appendOnly": bool, "indexes": list, "stream": str, "timeToLive": str},
    "queues": {"deadLetterQueue": str, "maxReceiveCount": int},
    "buckets": {"notifications": list, "expiry": list, "scan": dict},
    "functions": {"settings": dict, "recursiveLoop": str, "package": str},
    "schedules": {},
    "secrets": {"form": str},
    "surfaces": {"compressFrom": int},
    "logGroups": {},
}
_QUEUE_MAPPING: dict[str, type | tuple[type, ...]] = {
    "queue": str, "function": str, "batchSize": int, "batchingWindowSeconds": (int, float), "maximumConcurrency": int,
    "reportBatchItemFailures": bool,
}  # fmt: skip
_STREAM_MAPPING: dict[str, type | tuple[type, ...]] = {
    "table": str, "function": str, "batchSize": int, "batchingWindowSeconds": (int, float), "bisectOnError": bool,
    "failureBucket": str, "maximumRecordAgeSeconds": int, "maximumRetryAttempts": int, "metrics": list,
    "parallelizationFactor": int, "reportBatchItemFailures": bool, "startingPosition": str,
}  # fmt: skip


def faults_of(description: Mapping[str, Any]) -> Iterator[str]:
    """Every fault: unknown or missing fields, wrong types, names that do not resolve, values AWS would refuse."""
    others = {"version": int, "mail": dict, "mappings": list, "metrics": dict, "settings": dict, "tracing": str}
    shapes = others | dict.fromkeys(_FIELDS, dict)
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
        fields = _QUEUE_MAPPING if "queue" in body else _STREAM_MAPPING
        shaped += _shape(f"mappings[{position}]", body, fields, {})
    shaped += _shape("mail", description["mail"], {"sender": str}, {})
    shaped += _shape("metrics", description["metrics"], {"namespace": str}, {})
    yield from shaped
    if description["tracing"] not in ("Active", "PassThrough"):
        yield "tracing: must be Active or PassThrough"
    if not shaped:
        yield from _table_faults(description)
        yield from _log_faults(description)
        yield from _queue_faults(description)
        yield from _bucket_faults(description)
        yield from _mapping_faults(description)
        yield from _function_faults(description)
        yield from _setting_faults(description)


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


def _log_faults(description: Mapping[str, Any]) -> Iterator[str]:
    for name, log in description["logGroups"].items():
        if log["retentionDays"] not in _RETENTION_DAYS:
            yield f"logGroups.{name}.retentionDays: not a number of days that CloudWatch Logs has"


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
            yield from _shape(f"buckets.{name}.expiry", rule, {"prefix": str, "days": (int, str)}, {})
            days = rule.get("days")
            if isinstance(days, str) and days not in DAYS:
                yield f"buckets.{name}.expiry.days: not a number or a setting of days"
            elif isinstance(days, str) and days not in description["settings"]:
                yield f"buckets.{name}.expiry.days: {days} is not among the settings of every function"
            if name == "work" and isinstance(days, int) and days > WORK_DAYS:
                yield f"buckets.{name}.expiry.days: personal data in work objects are kept for {WORK_DAYS} days at most"
        if "scan" in bucket:
            yield from _scan_faults(f"buckets.{name}.scan", bucket, description)


def _scan_faults(place: str, bucket: Mapping[str, Any], description: Mapping[str, Any]) -> Iterator[str]:
    """Faults by which a file would not be scanned, or would wait for ever."""
    scan = bucket["scan"]
    shapes = list(_shape(place, scan, {"prefixes": list, "queue": str, "setting": str}, {}))
    yield from shapes
    if shapes:
        return
    if not bucket["versioned"]:
        yield f"{place}: only a version of an object can be scanned once and for all"
    if not 1 <= len(scan["prefixes"]) <= _SCANNED_PREFIXES:
        yield f"{place}.prefixes: 1 to {_SCANNED_PREFIXES}"
    if scan["queue"] not in description["queues"]:
        yield f"{place}.queue: no such queue"
    for prefix in _prefixes_read(place.split(".")[1], description):
        if not prefix.startswith(tuple(scan["prefixes"])):
            yield f"{place}.prefixes: files under {prefix} would be read and never be scanned"
    if not any(
        scan["setting"] in part.get("settings", {}) for part in (description, *description["functions"].values())
    ):
        yield f"{place}.setting: not among the settings"


def _mapping_faults(description: Mapping[str, Any]) -> Iterator[str]:
    queues, tables, functions = description["queues"], description["tables"], description["functions"]
    for position, body in enumerate(description["mappings"]):
        place = f"mappings[{position}]"
        if body["function"] not in functions:
            yield f"{place}.function: no such function"
        if "table" in body:
            yield from _stream_mapping_faults(place, body, tables, description["buckets"])
        if "queue" in body:
            yield from _queue_mapping_faults(place, body, queues, functions)
    for name, schedule in description["schedules"].items():
        if schedule["function"] not in functions:
            yield f"schedules.{name}.function: no such function"
        if not _RATE.match(schedule["rate"]):
            yield f"schedules.{name}.rate: not a rate"
    yield from _surface_faults(description["surfaces"], functions)


def _surface_faults(surfaces: Mapping[str, Any], functions: Mapping[str, Any]) -> Iterator[str]:
    for name, surface in surfaces.items():
        if surface["function"] not in functions:
            yield f"surfaces.{name}.function: no such function"
        if not 0 <= surface.get("compressFrom", 0) <= _MOST_TO_COMPRESS:
            yield f"surfaces.{name}.compressFrom: not from 0 to {_MOST_TO_COMPRESS} bytes"


def _stream_mapping_faults(
    place: str, body: Mapping[str, Any], tables: Mapping[str, Any], buckets: Mapping[str, Any]
) -> Iterator[str]:
    if "stream" not in tables.get(body["table"], {}):
        yield f"{place}.table: no such table, or it has no stream"
    if body["failureBucket"] not in buckets:
        yield f"{place}.failureBucket: no such bucket"
    if not 1 <= body["parallelizationFactor"] <= 10:
        yield f"{place}.parallelizationFactor: 1 to 10"
    if not -1 <= body["maximumRetryAttempts"] <= 10_000:
        yield f"{place}.maximumRetryAttempts: 0 to 10000, or -1 for no limit"
    if not 60 <= body["maximumRecordAgeSeconds"] < _STREAM_KEEPS_SECONDS:
        # What is older is not in the stream any more, and would be lost instead of going to the bucket.
        yield f"{place}.maximumRecordAgeSeconds: at least 60 and less than the stream's 24 hours"
    if not set(body["metrics"]) <= {"EventCount"}:
        yield f"{place}.metrics: only EventCount"


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
        # AWS's own advice: with a shorter one, a message is delivered again while its batch is still being retried.
        yield f"{place}: the queue's visibility must be at least six times the function's time limit"


def _function_faults(description: Mapping[str, Any]) -> Iterator[str]:
    for name, function in description["functions"].items():
        place = f"functions.{name}"
        if "." not in function["handler"]:
            yield f"{place}.handler: must be module.attribute"
        if not 1 <= function["timeoutSeconds"] <= 900:
            yield f"{place}.timeoutSeconds: 1 to 900"
        if function.get("recursiveLoop", "Allow") != "Allow":
            yield f"{place}.recursiveLoop: must be Allow, or left out"
        if function.get("package", "reports") != "reports":
            yield f"{place}.package: must be reports, or left out"
        shapes = list(_shape(f"{place}.grants", function["grants"], {}, dict.fromkeys(KINDS, dict)))
        for kind, resources in function["grants"].items() if not shapes else ():
            listed = dict.fromkeys(resources, list)
            shapes += _shape(f"{place}.grants.{kind}", resources, listed, {})
        yield from shapes
        for grant in () if shapes else grants_of(function):
            yield from _grant_faults(f"{place}.grants.{grant.kind}.{grant.resource}", grant, description)
        yield from () if shapes else _absence_faults(place, function["grants"].get("buckets", {}))


def _absence_faults(place: str, buckets: Mapping[str, list[str]]) -> Iterator[str]:
    """Where a function cannot learn that an object is absent."""
    read = {name.partition("/")[0] for name, actions in buckets.items() if _READS.intersection(actions)}
    for name in sorted(read):
        if "ListBucket" not in buckets.get(name, ()):
            yield f"{place}.grants.buckets.{name}: needs ListBucket, else S3 answers 403 for an absent object, not 404"


def _prefixes_read(bucket: str, description: Mapping[str, Any]) -> list[str]:
    """The prefixes of a bucket whose objects a function may read."""
    granted = (part.get("grants", {}).get("buckets", {}) for part in description["functions"].values())
    return sorted(
        {
            resource.removeprefix(f"{bucket}/").removesuffix("*")
            for buckets in granted
            for resource, actions in buckets.items()
            if resource.startswith(f"{bucket}/") and not _READS.isdisjoint(actions)
        }
    )


_KEYS = re.compile(r"keys/[A-Z]+(#\*)?")
_ITEMS = frozenset(
    {
        "BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PartiQLInsert",
        "PartiQLUpdate", "PutItem", "Query", "Scan", "UpdateItem",
    }
)  # fmt: skip
"""A transaction needs the action of each of its writes; it has no action of its own."""
_ADDS = frozenset({"BatchGetItem", "GetItem", "PartiQLInsert", "Query"})
"""All but an insert of PartiQL can overwrite an item."""
_OBJECTS = frozenset(
    {
        "GetObject", "GetObjectTagging", "GetObjectVersion", "GetObjectVersionTagging", "ListBucketVersions",
        "PutObject",
    }
)  # fmt: skip
"""A form or link for somebody else is signed with the function's own permission."""
_READS = frozenset({"GetObject", "GetObjectTagging", "GetObjectVersion", "GetObjectVersionTagging"})
_WHOLE_BUCKET = frozenset({"ListBucket", "ListBucketVersions"})
"""With the first, S3 returns 404 for an object that does not exist, without it 403."""
_ACTIONS: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("tables", ""): _ITEMS,
    ("tables", "index"): frozenset({"Query"}),
    ("tables", "keys"): _ITEMS - {"PartiQLInsert", "PartiQLUpdate", "Scan"},
    ("buckets", ""): _WHOLE_BUCKET,
    ("buckets", "objects"): _OBJECTS,
    ("queues", ""): frozenset({"DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage"}),
    ("secrets", ""): frozenset({"GetSecretValue"}),
    ("mail", ""): frozenset({"SendEmail", "SendRawEmail"}),
    ("functions", ""): frozenset({"InvokeFunction"}),
    ("logGroups", ""): frozenset({"FilterLogEvents"}),
    ("metrics", ""): frozenset({"GetMetricData"}),
}
"""The actions that can be granted on a kind of resource and on its parts."""


def _grant_faults(place: str, grant: Grant, description: Mapping[str, Any]) -> Iterator[str]:
    resource = description[grant.kind].get(grant.name)
    if resource is None:
        yield f"{place}: there is no such resource in {grant.kind}"
        return
    part = grant.resource.removeprefix(grant.name).removeprefix("/")
    kind = _part_of(grant.kind, part, resource)
    if kind is None:
        yield f"{place}: a part of a table is index/NAME, keys/WORD or keys/WORD#*, a part of a bucket PREFIX/*"
        return
    if list(grant.actions) != sorted(set(grant.actions)):
        yield f"{place}: each action must be named once, in order"
    allowed = _ACTIONS[grant.kind, kind]
    if isinstance(resource, Mapping) and resource.get("appendOnly"):
        allowed &= _ADDS
    yield from (f"{place}: {action} cannot be granted here" for action in grant.actions if action not in allowed)


def _part_of(kind: str, part: str, resource: Any) -> str | None:
    """The kind of part of a resource; empty for the whole resource, None if there is no such part."""
    if not part:
        return ""
    if kind == "buckets" and part.endswith("/*"):
        return "objects"
    if kind == "tables" and _KEYS.fullmatch(part):
        return "keys"
    indexes = [index["name"] for index in resource.get("indexes", ())] if kind == "tables" else ()
    return "index" if part in {f"index/{name}" for name in indexes} else None


def _setting_faults(description: Mapping[str, Any]) -> Iterator[str]:
    """Faults that would stop the functions themselves from starting."""
    known = {variable(spec.name) for spec in settable()} - {variable("region"), variable("endpoint")}
    for place, part in (
        ("", description),
        *((f"functions.{name}.", body) for name, body in description["functions"].items()),
    ):
        settings = part.get("settings", {})
        for name, value in settings.items():
            if name.startswith(RESOURCES):
                yield f"{place}settings.{name}: follows from the grants"
            elif name not in known:
                yield f"{place}settings.{name}: there is no such setting"
            elif not isinstance(value, str) or not value.strip():
                yield f"{place}settings.{name}: must be a text, as the environment has it"
        lists = f"catalogue/{settings.get('LRS_LISTS_PREFIX', 'lists/')}*"
        if not any(lists in function["grants"].get("buckets", {}) for function in description["functions"].values()):
            yield f"{place}settings.LRS_LISTS_PREFIX: no function is granted {lists}"
        try:
            Settings.from_environment({name: str(value) for name, value in settings.items()} | {"AWS_REGION": "any"})
        except SettingsError as refused:
            yield from (f"{place}settings: {problem}" for problem in refused.problems)


def rate_seconds(rate: str) -> int:
    """Seconds between two calls of a schedule: `rate(5 minutes)` → 300. Raises `ValueError`."""
    match = _RATE.match(rate)
    if match is None or int(match[1]) < 1:
        raise ValueError(f"not a rate: {rate}")
    return int(match[1]) * _RATE_SECONDS[match[2]]
