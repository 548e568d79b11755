"""The cost sheet: counts × list prices, and on paper the busiest day of England and sixty million learners."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from chalicelib.cloud.measurements import CloudWatchMeasurements
from chalicelib.domain.callers import Channel
from chalicelib.domain.tallies import HOUR, Row
from chalicelib.observability import NAMESPACE, Metric
from chalicelib.services.service_levels import SETTLES

ROOT: Final = Path(__file__).resolve().parents[1]
_STACK: Final = json.loads((ROOT / "infra" / "stack.json").read_text("utf-8"))
_LEVELS: Final = json.loads((ROOT / "infra" / "service_levels.json").read_text("utf-8"))

MILLION: Final = 1_000_000
GIGABYTE: Final = 10**9
HOURS: Final = 730
"""In a month."""


class Price(NamedTuple):
    """A list price in US dollars."""

    usd: float
    unit: str
    source: str


LONDON: Final = "L"
ELSEWHERE: Final = "E"
SOURCES: Final = {
    LONDON: "London (eu-west-2), from the offer files of the AWS Price List Bulk API as published from 11 September to"
    " 6 October 2026, quoted with their usage types (`EUW2-…`) in a public repository's cost study of 6 October 2026,"
    " and of 5 September 2026 in the fixtures of another",
    ELSEWHERE: "not found for London: the list price of US East, times 1.19 for DynamoDB, the ratio of its earlier"
    " prices in London; the others are the same, or about the same, in all regions. Confirm these first",
}
PRICES: Final[Mapping[str, Price]] = {
    "gateway": Price(3.50, "million requests (REST)", LONDON),
    "lambda": Price(0.20, "million invocations", LONDON),
    "gigabyte second": Price(0.0000133334, "GB-second, arm64", LONDON),
    "write unit": Price(0.625 * 1.19, "million write request units", ELSEWHERE),
    "read unit": Price(0.125 * 1.19, "million read request units", ELSEWHERE),
    "table storage": Price(0.25 * 1.19, "GB-month in tables", ELSEWHERE),
    "recovery": Price(0.20 * 1.19, "GB-month of point-in-time recovery", ELSEWHERE),
    "logs": Price(0.5985, "GB of logs taken in", LONDON),
    "put": Price(5.30, "million PUT or LIST requests to S3", LONDON),
    "get": Price(0.42, "million GET requests to S3", LONDON),
    "object storage": Price(0.024, "GB-month in S3", LONDON),
    "message": Price(0.40, "million requests to SQS", LONDON),
    "mail": Price(100.0, "million emails", LONDON),
    "transfer": Price(0.09, "GB sent out", LONDON),
    "key": Price(1.0, "month and key", LONDON),
    "key request": Price(3.0, "million requests to KMS", LONDON),
    "secret": Price(0.40, "month and secret", LONDON),
    "metric": Price(0.30, "month and metric", LONDON),
    "alarm": Price(0.10, "month and metric of an alarm", LONDON),
    "composite": Price(0.50, "month and composite alarm", ELSEWHERE),
    "metric read": Price(10.0, "million metrics read by GetMetricData", ELSEWHERE),
    "dashboard": Price(3.0, "month and dashboard", ELSEWHERE),
    "zone": Price(0.50, "month and hosted zone", LONDON),
    "firewall": Price(5.0, "month and web ACL", ELSEWHERE),
    "firewall rule": Price(1.0, "month and rule", ELSEWHERE),
    "firewall request": Price(0.60, "million requests", ELSEWHERE),
    "trace": Price(5.0, "million traces", ELSEWHERE),
    "scanned object": Price(215.0, "million objects scanned for malware", ELSEWHERE),
    "scanned": Price(0.09, "GB scanned for malware", ELSEWHERE),
    "snapshot": Price(0.0000015046, "GB-second of a SnapStart snapshot kept", ELSEWHERE),
    "restore": Price(0.0001397998, "GB restored from a SnapStart snapshot", ELSEWHERE),
}

ASSUMED: Final[Mapping[str, tuple[float, str]]] = {
    "request milliseconds": (20, "milliseconds of a request in the function, without its calls"),
    "call milliseconds": (6, "milliseconds of a call to DynamoDB"),
    "restored": (0.005, "of the requests, which start a container from the snapshot"),
    "access line": (420, "bytes of the gateway's access log line"),
    "platform lines": (330, "bytes that Lambda adds to the log of each invocation"),
    "headers": (600, "bytes of headers of an answer"),
    "traced": (0.05, "of the requests, which are traced: X-Ray's default"),
    "chunk seconds": (4, "seconds of a chunk of 500 records"),
    "split seconds": (10, "seconds of splitting a file of 10,000 records; finishing takes as long"),
    "stream changes": (500, "changes in each invocation that writes the audit log, which takes 2 seconds"),
    "record bytes": (300, "bytes of a record in a file"),
    "submissions share": (0.05, "write units of the submission history for each change of a file; 1 for a single one"),
    "learner bytes": (900, "bytes of a learner with every detail; one of the sample data, loaded in bulk, has 230"),
    "achievements": (12, "achievements of each learner, each with an entry in the audit log"),
}

ROWS: Final = [Row(number, channel) for number, one in _LEVELS["functions"].items() for channel in one["channels"]]
"""The channels of each function of the catalogue, for each of which there are metrics."""
_PAGES: Final = [Row(number, Channel.PORTAL) for number in _LEVELS["pages"]]


def page(counts: Mapping[str, Any]) -> str:
    """The whole page."""
    parts = (
        _head(),
        _requests(counts),
        _file(counts),
        _month(counts),
        _busiest_day(counts),
        _learners(counts),
        _prices(),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _assumed(name: str) -> float:
    return ASSUMED[name][0]


def _usd(name: str, amount: float) -> float:
    """The price of an amount; prices of millions are for single ones here."""
    price = PRICES[name]
    return price.usd * amount / (MILLION if price.unit.startswith("million") else 1)


def _prose(text: str) -> list[str]:
    """A paragraph."""
    return wrap(text, 128, break_long_words=False, break_on_hyphens=False)


def _head() -> Iterator[str]:
    yield "# What the service costs"
    yield ""
    yield from _prose(
        "Generated by `python -m bench.costs` from counted calls, capacity units and bytes"
        " (`bench/counts.json`) and list"
        " prices; a test fails when it is stale. US dollars, before tax, without free allowances and"
        " discounts. Nobody has"
        " paid such a bill yet: times in functions are assumptions, listed at the end, and so are some prices."
    )
    yield ""


# --- Requests ---------------------------------------------------------------------------------------------------------


def _parts_of(count: Mapping[str, float]) -> dict[str, float]:
    """The cost of one request, by service."""
    memory = _STACK["functions"]["api"]["memoryMegabytes"] / 1024
    seconds = (_assumed("request milliseconds") + _assumed("call milliseconds") * count["calls"]) / 1000
    changes = count["stream_changes"]
    written = count["write_units"] + changes * 2  # the audit log and the submission history
    logged = count["log_bytes"] + _assumed("access line") + _assumed("platform lines")
    return {
        "API Gateway": _usd("gateway", 1),
        "firewall": _usd("firewall request", 1),
        "Lambda": _usd("lambda", 1 + changes) + _usd("gigabyte second", memory * seconds * (1 + changes)),
        "restores": _usd("restore", memory * _assumed("restored")),
        "DynamoDB": _usd("read unit", count["read_units"]) + _usd("write unit", written),
        "logs, traces": _usd("logs", logged / GIGABYTE) + _usd("trace", _assumed("traced")),
        "sent": _usd("transfer", (count["answer_bytes"] + _assumed("headers")) / GIGABYTE),
    }


def _requests(counts: Mapping[str, Any]) -> Iterator[str]:
    yield "## A million requests"
    yield ""
    names = list(_parts_of(next(iter(counts["requests"].values()))))
    yield "| request | calls | read units | write units | " + " | ".join(names) + " | **sum** |"
    yield "|---|" + "---:|" * (4 + len(names))
    for name, count in counts["requests"].items():
        parts = _parts_of(count)
        units = f"{count['calls']:g} | {count['read_units']:g} | {count['write_units'] + 2 * count['stream_changes']:g}"
        cells = " | ".join(f"{cost * MILLION:.2f}" for cost in parts.values())
        yield f"| {name} | {units} | {cells} | **{sum(parts.values()) * MILLION:.2f}** |"
    yield ""
    yield from _prose(
        "The write units of a create include its entries in the audit log and the submission history, which its change"
        " brings about through the stream. A caller is read again every 5 seconds, which is not counted."
    )
    yield ""


# --- A file -----------------------------------------------------------------------------------------------------------


def _parts_of_file(count: Mapping[str, float]) -> dict[str, float]:
    """The cost of a file of 10,000 creates, by service."""
    functions, changes = _STACK["functions"], count["stream_changes"]
    chunks = count["records"] / 500
    batches = changes / _assumed("stream changes")
    gigabytes = {name: functions[name]["memoryMegabytes"] / 1024 for name in functions}
    seconds = (
        chunks * _assumed("chunk seconds") * gigabytes["apply_chunk"]
        + _assumed("split seconds") * (gigabytes["split_batch"] + gigabytes["finish_batch"])
        + batches * 2 * gigabytes["record_audit"]
    )
    written = count["write_units"] + changes * (1 + _assumed("submissions share"))
    size = count["records"] * _assumed("record bytes") / GIGABYTE
    return {
        "DynamoDB": _usd("read unit", count["read_units"]) + _usd("write unit", written),
        "Lambda": _usd("lambda", chunks + batches + 3) + _usd("gigabyte second", seconds),
        "S3": _usd("put", count["puts"] + count["lists"])
        + _usd("get", count["gets"])
        + _usd("object storage", 3 * size),
        "malware scan": _usd("scanned object", 1) + _usd("scanned", size),
        "SQS": _usd("message", 3 * count["messages"]),
        "email": _usd("mail", 1),
        "logs": _usd("logs", (chunks + batches + 3) * 1_500 / GIGABYTE),
    }


def _file(counts: Mapping[str, Any]) -> Iterator[str]:
    parts = _parts_of_file(counts["file"])
    file = counts["file"]
    yield "## A file of 10,000 achievements"
    yield ""
    yield from _prose(
        f"Counted: {file['dynamodb_calls']:,.0f} calls to DynamoDB, {file['read_units']:,.1f} read units and"
        f" {file['write_units']:,.0f} write units in the pipeline, {file['puts']:,.0f} objects written,"
        f" {file['gets']:,.0f} read, {file['messages']:,.0f} calls to SQS."
    )
    yield ""
    yield "| " + " | ".join(parts) + " | **sum** |"
    yield "|" + "---:|" * (len(parts) + 1)
    yield "| " + " | ".join(f"{cost:.5f}" for cost in parts.values()) + f" | **{sum(parts.values()):.4f}** |"
    yield ""
    single = sum(_parts_of(counts["requests"]["create"]).values()) * MILLION
    yield from _prose(
        f"A million records cost {sum(parts.values()) * MILLION / file['records']:.2f}, a million single"
        f" creates {single:.2f}."
    )
    yield ""


# --- A month ----------------------------------------------------------------------------------------------------------


def _fixed(cloud: Mapping[str, float]) -> list[tuple[str, float, str, float]]:
    """What, how much, of what, and the dollars."""
    serving = {surface["function"] for surface in _STACK["surfaces"].values()}
    memory = sum(_STACK["functions"][name]["memoryMegabytes"] for name in serving) / 1024
    runs = sum(_per_month(schedule["rate"]) for schedule in _STACK["schedules"].values())
    polls = len([one for one in _STACK["mappings"] if "queue" in one]) * 5 * HOURS * 3600 / 20
    rows = [
        ("keys", cloud["keys"], "key"),
        ("secrets", cloud["secrets"], "secret"),
        ("firewall", cloud["firewalls"], "firewall"),
        ("firewall rules", cloud["firewall_rules"], "firewall rule"),
        ("metrics of the access log", cloud["filtered_metrics"], "metric"),
        ("metrics that functions print", _printed_metrics(), "metric"),
        ("metrics that the reporter reads", HOURS * _metrics_of_a_run(), "metric read"),
        ("metrics in alarms", cloud["alarm_metrics"], "alarm"),
        ("composite alarms", cloud["composite_alarms"], "composite"),
        ("dashboard", cloud["dashboards"], "dashboard"),
        ("SnapStart snapshots, live and before", 2 * memory * HOURS * 3600, "snapshot"),
        ("scheduled runs", runs, "lambda"),
        ("empty polls of queues", polls, "message"),
        ("hosted zone", 1.0, "zone"),
    ]
    return [(what, amount, PRICES[price].unit, _usd(price, amount)) for what, amount, price in rows]


def _printed_metrics() -> float:
    """Those of the service as a whole, of each channel of a function, and of files for each kind of them.

    The zero for requests in maintenance is printed in one hour of a day.
    """
    names = [metric.value[0] for metric in Metric if metric is not Metric.REQUESTS_IN_MAINTENANCE]
    of_channels = [name for name in names if name.startswith(("lrs_request", "Month"))]
    of_files = [name for name in names if name.startswith("lrs_file")]
    kinds = [row for row in ROWS if row.channel == Channel.BATCH]
    others = len(names) - len(of_channels) - len(of_files)
    of_requests = [name for name in of_channels if name.startswith("lrs_request")]
    others += len(of_requests) * len(_PAGES)
    return others + (len(of_channels) + 1 / 24) * len(ROWS) + len(of_files) * len(kinds)


def _metrics_of_a_run() -> int:
    """The metrics that the reporter asks for: those of the hours that are not settled, and of the current one."""
    asked: list[int] = []

    def get_metric_data(**wanted: Any) -> dict[str, Any]:
        asked.append(len(wanted["MetricDataQueries"]))
        return {"MetricDataResults": []}

    client, now = SimpleNamespace(get_metric_data=get_metric_data), datetime(2026, 1, 1, tzinfo=UTC)
    CloudWatchMeasurements(lambda: client, NAMESPACE, lambda: now).measured([*ROWS, *_PAGES], now - HOUR, now)
    return sum(asked) * (SETTLES // HOUR + 2)


def _per_month(rate: str) -> float:
    """How often a schedule runs in a month."""
    amount, unit = rate.removeprefix("rate(").removesuffix(")").split(" ")
    hours = {"minute": 1 / 60, "hour": 1, "day": 24}[unit.removesuffix("s")]
    return HOURS / (int(amount) * hours)


def _month(counts: Mapping[str, Any]) -> Iterator[str]:
    rows = _fixed(counts["cloud"])
    yield "## A month without traffic"
    yield ""
    yield "| what | amount | a month |"
    yield "|---|---:|---:|"
    yield from (f"| {what} | {amount:,.0f} ({unit}) | {dollars:.2f} |" for what, amount, unit, dollars in rows)
    yield f"| **sum** | | **{sum(row[-1] for row in rows):.0f}** |"
    yield ""
    yield from _prose(
        "Counted in the evaluated state of the live environment. A metric only costs in hours in which it is written,"
        " so a development environment, and one in which few functions are called, pays less for metrics. Not in the"
        " sum: the certificate authority and the domain, CloudTrail, a support plan, SFTP (Transfer Family costs 0.30"
        " an hour where it is switched on), backups of AWS Backup (by size)."
    )
    yield ""


# --- On paper ---------------------------------------------------------------------------------------------------------


class Limit(NamedTuple):
    """What limits the records applied in a second, and whose it is."""

    what: str
    per_second: float
    whose: str


def _limits(counts: Mapping[str, Any]) -> Sequence[Limit]:
    """The limits on files, the lowest first."""
    mapping = {one["queue"]: one for one in _STACK["mappings"] if "queue" in one}
    workers = mapping["chunks"]["maximumConcurrency"]
    file = counts["file"]
    per_record = file["stream_changes"] / file["records"]
    stream = next(one for one in _STACK["mappings"] if "table" in one)
    found = [
        Limit(
            f"chunks at a time: {workers} of 500 records in {_assumed('chunk seconds'):g} s",
            workers * 500 / _assumed("chunk seconds"),
            "ours: `maximumConcurrency` in `infra/stack.json`",
        ),
        Limit(
            "a new table: 4,000 writes a second (4 partitions)", 4_000 / per_record, "AWS; warm throughput raises it"
        ),
        Limit(
            f"the audit stream: 4 shards × {stream['parallelizationFactor']} × 500 changes in 2 s",
            4 * stream["parallelizationFactor"] * 500 / 2,
            "AWS: a shard for each partition",
        ),
        Limit("a table: 40,000 writes a second by default", 40_000 / per_record, "AWS, can be raised"),
        Limit(
            "functions at a time: 1,000 by default, half of them for chunks",
            500 * 500 / _assumed("chunk seconds"),
            "AWS, can be raised; a new account may have 10",
        ),
        Limit("S3: 3,500 writes a second under a prefix", 3_500 / (file["puts"] / file["records"]), "AWS"),
        Limit("CloudWatch Logs: 1,500 calls of PutLogEvents a second", 1_500 * 500.0, "AWS; Lambda collects lines"),
    ]
    return sorted(found, key=lambda limit: limit.per_second)


RESULTS: Final = 6_000_000


def _busiest_day(counts: Mapping[str, Any]) -> Iterator[str]:
    files = RESULTS / 10_000
    first = _limits(counts)[0]
    yield "## The busiest day of England on paper: 6 million results"
    yield ""
    yield f"As {files:,.0f} files of 10,000 records. What each limit alone allows:"
    yield ""
    yield "| limit | records a second | 6 million take | whose |"
    yield "|---|---:|---:|---|"
    for what, per_second, whose in _limits(counts):
        yield f"| {what} | {per_second:,.0f} | {_shown(RESULTS / per_second)} | {whose} |"
    yield ""
    yield from _prose(
        f"**First to bind: {first.what}**, which takes {_shown(RESULTS / first.per_second)} of the 48 hours. An"
        " organisation's files are applied one after another: one with 2 million results has 200 files,"
        " which take about"
        f" {_shown(200 * 35)} at 35 s each (split, 20 chunks, finish). Their malware scans run at the same time, before"
        " that. Raise `maximumConcurrency` to 30 and a new table's 4,000 writes a second bind next: set its warm"
        " throughput before results days, as it only grows to twice its last peak in half an hour."
    )
    yield ""
    day = files * sum(_parts_of_file(counts["file"]).values())
    yield from _prose(
        "No key is hot: the register, its history and the audit log are spread by learner, and the busiest"
        " partition of a"
        " file takes at most a hundredth of its writes. The job of a file takes two writes for each chunk."
        f" Emails: {files:,.0f}, but SES sends only 200 a day until AWS has moved the account out of the sandbox. The"
        " documents of GuardDuty give no limit on scans at a time, and it takes objects of any size that we accept. The"
        f" day costs about {day:.0f}."
    )
    yield ""
    singly = RESULTS * sum(_parts_of(counts["requests"]["create"]).values())
    yield from _prose(
        "As single requests in 8 hours it would be 208 a second, with 7 functions at a time. API Gateway's"
        " 10,000 a second"
        " are far away. The first to bind is **our own pace of 50 calls a second for each credential**"
        " (`LRS_PACE_SINGLE`): one system sends 1.4 million in 8 hours. The day would cost about"
        f" {singly:.0f}."
    )
    yield ""


def _learners(counts: Mapping[str, Any]) -> Iterator[str]:
    sizes = counts["sizes"]
    learners, each = 60 * MILLION, _assumed("achievements")
    rows = [
        ("learners", learners * _assumed("learner bytes")),
        (f"index of people ({sizes['index_items']:g} entries each)", learners * sizes["index_bytes"]),
        (f"achievements ({each:g} each)", learners * each * sizes["achievement_bytes"]),
        ("audit log (one entry of 500 bytes for each achievement)", learners * each * 500),
    ]
    total = sum(size for _, size in rows) / GIGABYTE
    yield "## Sixty million learners on paper"
    yield ""
    yield "| what | GB | storage a month | recovery a month |"
    yield "|---|---:|---:|---:|"
    for what, size in rows:
        yield _stored(what, size / GIGABYTE)
    yield _stored("**sum**", total)
    yield ""
    entries = learners * (1 + sizes["index_items"])
    partitions = (rows[0][1] + rows[2][1]) / GIGABYTE / 10
    yield from _prose(
        "DynamoDB splits a table at about 10 GB a partition, each good for 1,000 writes and 3,000 reads a second, so no"
        f" table is too large or too slow: the register has some {partitions:,.0f} partitions. A request costs what it"
        " costs with one learner, except searches, whose cost `python -m bench.search_cost` measures."
        " **First to bind is a"
        " restore**: AWS does not promise a time for tables of that size, and the service has 8 service hours. Rehearse"
        f" it. Next is the first load: {entries / MILLION:,.0f} million writes of learners and their entries cost"
        f" {_usd('write unit', entries):,.0f} and take {_shown(entries / 40_000)} at 40,000 a second; an import from S3"
        " needs no writes."
    )
    yield ""


def _stored(what: str, gigabytes: float) -> str:
    """A row of what storing costs."""
    return (
        f"| {what} | {gigabytes:,.0f} | {_usd('table storage', gigabytes):,.0f} | {_usd('recovery', gigabytes):,.0f} |"
    )


def _shown(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"


# --- Prices -----------------------------------------------------------------------------------------------------------


def _prices() -> Iterator[str]:
    yield "## Prices and assumptions"
    yield ""
    yield "| price | for | source |"
    yield "|---:|---|---|"
    yield from (f"| {price.usd:.10g} | {price.unit} | {price.source} |" for price in PRICES.values())
    yield ""
    yield from (f"- **{code}**: {text}." for code, text in SOURCES.items())
    yield ""
    yield "| assumed | what |"
    yield "|---:|---|"
    yield from (f"| {amount:g} | {what} |" for amount, what in ASSUMED.values())
    yield ""
    yield from _prose(
        "After a month of real traffic: replace the assumptions with the averages of CloudWatch, and compare"
        " the sum with"
        " the bill."
    )
