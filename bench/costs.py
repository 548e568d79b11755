"""What the service costs on AWS: counted calls, units and bytes × list prices (docs/costs.md).

    python -m bench.costs            write docs/costs.md from the counts in bench/counts.json
    python -m bench.costs --count    count again first (two minutes; needs .venv-infra, which make infra-check makes)

Tests hold both true: the counts against what the code does, the page against the counts.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.cost_page import page
from bench.handlers import Stage, staged
from bench.meter import Meter, item_size
from bench.path import UKPRN, load_world, process
from chalicelib import bootstrap
from chalicelib.domain.jobs import Source
from chalicelib.domain.learners import learner_of
from chalicelib.domain.results import Outcome
from chalicelib.domain.working_time import london_day
from chalicelib.ports.messages import Delivered
from infra.check.stages import kept_state
from infra.check.terraform import ROOT as TERRAFORM
from local.emulated.cloud import LocalCloud, ProvisionedCloud
from local.samples.drafts import Draft, Entry, World
from local.samples.files import file_bytes
from local.samples.world import samples

ROOT: Final = Path(__file__).resolve().parents[1]
COUNTS: Final = Path(__file__).with_name("counts.json")
PAGE: Final = ROOT / "docs" / "costs.md"
RECORDS: Final = 10_000
CHANGING: Final = ("create",)
"""Operations whose changes go through the register's stream to the audit log and the submission history."""

Counts = dict[str, float]


def counted_requests(stage: Stage) -> dict[str, Counts]:
    """Units, calls and bytes of each operation, its caller remembered and the function warm."""
    meter = Meter()
    dynamodb = meter.attach(stage.services.clients["dynamodb"])
    for name in ("register", "accounts", "jobs"):
        table = stage.services.settings.need(f"table_{name}")
        for scanned in dynamodb.get_paginator("scan").paginate(TableName=table):
            meter.learn(table, scanned["Items"])
    found: dict[str, Counts] = {}
    for operation in stage.operations:
        if operation.name and operation.name not in CHANGING:
            stage.app(operation.event, None)
        meter.reset()
        with redirect_stdout(io.StringIO()) as log:
            answer = stage.app(operation.event, None)
        if operation.name:
            found[operation.name] = {
                "calls": meter.dynamodb_calls,
                "read_units": sum(meter.rcu.values()),
                "write_units": sum(meter.wcu.values()),
                "stream_changes": float(operation.name in CHANGING),
                "answer_bytes": _rounded(len(answer["body"])),
                "log_bytes": _rounded(len(log.getvalue())),
            }
    return found


def counted_file(meter: Meter, cloud: ProvisionedCloud) -> Counts:
    """What the meter has counted of a file of ten thousand creates."""
    return {
        "records": RECORDS,
        "dynamodb_calls": meter.dynamodb_calls,
        "read_units": sum(meter.rcu.values()),
        "write_units": sum(meter.wcu.values()),
        "stream_changes": meter.wcu[cloud.table("register")],
        "puts": meter.calls["s3.PutObject"],
        "gets": sum(meter.calls[f"s3.{name}"] for name in ("GetObject", "GetObjectTagging", "HeadObject")),
        "lists": sum(meter.calls[f"s3.{name}"] for name in ("ListObjectsV2", "ListObjectVersions")),
        "messages": sum(count for name, count in meter.calls.items() if name.startswith("sqs.")),
    }


def counted_sizes(cloud: ProvisionedCloud, services: bootstrap.Services) -> Counts:
    """How much an achievement and a learner's entries of the index occupy, on average of the sample world."""
    services.learner_register.load(map(learner_of, samples().learners))
    sizes: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for table in ("register", "person_index"):
        pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=cloud.table(table))
        for item in (item for found in pages for item in found["Items"]):
            kind = table if table == "person_index" else item["sk"]["S"].partition("#")[0]
            sizes[kind] += item_size(item) + 100  # what DynamoDB adds to an item in storage
            numbers[kind] += 1
    learners = numbers["LEARNER"]
    return {
        "index_items": round(numbers["person_index"] / learners, 1),
        "index_bytes": _rounded(sizes["person_index"] / learners),
        "achievement_bytes": _rounded(sizes["ACH"] / numbers["ACH"]),
    }


def counted_cloud(resources: Iterable[Mapping[str, Any]]) -> Counts:
    """What the live environment has that costs money every month, in the evaluated state of infra/terraform."""
    found = [(one["type"], one["values"]) for one in resources if one["mode"] == "managed"]
    number = Counter(kind for kind, _ in found)
    watched = [values.get("metric_query") or [] for kind, values in found if kind == "aws_cloudwatch_metric_alarm"]
    return {
        "alarm_metrics": sum(max(1, sum(bool(query.get("metric")) for query in queries)) for queries in watched),
        "composite_alarms": number["aws_cloudwatch_composite_alarm"],
        "dashboards": number["aws_cloudwatch_dashboard"],
        "filtered_metrics": number["aws_cloudwatch_log_metric_filter"],
        "firewalls": number["aws_wafv2_web_acl"],
        "firewall_rules": sum(len(values["rule"]) for kind, values in found if kind == "aws_wafv2_web_acl"),
        "keys": number["aws_kms_key"],
        "secrets": number["aws_secretsmanager_secret"],
    }


def _rounded(number: float) -> int:
    """To tens: a date or a random id changes the last digit."""
    return round(number / 10) * 10


@contextmanager
def _metered() -> Iterator[tuple[Meter, ProvisionedCloud, bootstrap.Services]]:
    """A file of ten thousand creates, processed on an emulator of its own."""
    with TemporaryDirectory() as state, LocalCloud(state=Path(state), port=0, keep_state=False) as cloud:
        services = bootstrap.services(cloud.environment | {"LRS_SCAN_UPLOADS": "false"})
        world = samples()
        load_world(services, world)
        meter = Meter()
        for service in ("dynamodb", "s3", "sqs"):
            meter.attach(services.clients[service])
        organisation = world.organisation(UKPRN)
        draft = Draft(
            World(organisation, world.learners, world.aims, world.providers), 1, london_day(datetime.now(UTC))
        )
        name = f"QCF_{UKPRN}_20260302_001.CSV"
        key = f"drop/{UKPRN}/achievements/{name}"
        data = file_bytes(organisation, [Entry(draft.create(), Outcome.CREATED) for _ in range(RECORDS)], name)
        stored = cloud.client("s3").put_object(Bucket=cloud.bucket("inbox"), Key=key, Body=data)
        for table in ("register", "person_index"):
            pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=cloud.table(table))
            for found in pages:
                meter.learn(cloud.table(table), found["Items"])
        for table, described in cloud.stack.tables.items():
            meter.know_indexes(cloud.table(table), described.get("indexes", ()))
        meter.reset()
        process(services, Delivered(Source("inbox", key, stored["VersionId"]), datetime.now(UTC)))
        yield meter, cloud, services


def count_everything() -> dict[str, Any]:
    """All counts."""
    with staged() as stage:
        requests = counted_requests(stage)
    with _metered() as (meter, cloud, services):
        file, sizes = counted_file(meter, cloud), counted_sizes(cloud, services)
    return {"requests": requests, "file": file, "sizes": sizes, "cloud": counted_cloud(kept_state(TERRAFORM))}


def read_counts() -> Mapping[str, Any]:
    """The counts in the repository."""
    found: Mapping[str, Any] = json.loads(COUNTS.read_text("utf-8"))
    return found


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.costs", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", action="store_true", help="count again first")
    if parser.parse_args().count:
        COUNTS.write_text(json.dumps(count_everything(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(read_counts()), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
