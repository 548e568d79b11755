"""Nothing grows faster than its work: what a small file, a line, an inbox and open jobs cost, at two sizes each.

Calls and capacity units are counted by the meter of ``test_budget``, indexes included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from bench.path import UKPRN
from chalicelib import bootstrap
from chalicelib.domain.jobs import ACHIEVEMENTS, VERIFICATIONS, Job, JobStatus, Source, job_id_of, place_of
from chalicelib.domain.scans import Verdict
from chalicelib.ports.messages import Delivered
from local.emulated.cloud import ProvisionedCloud
from tests.integration.test_budget import MeteredCloud

SMALL = 100


class Cost(NamedTuple):
    """What something costs in all."""

    writes: float
    reads: float
    calls: int
    other_calls: int


@pytest.fixture(scope="module")
def metered(module_cloud: ProvisionedCloud) -> MeteredCloud:
    """A warm container: it has processed a file."""
    made = MeteredCloud(module_cloud)
    made.submit([made.draft(1).create()])
    return made


def cost_of(metered: MeteredCloud, work: Callable[[], object]) -> Cost:
    """The cost of some work, email apart."""
    metered.meter.reset()
    work()
    meter = metered.meter
    return Cost(sum(meter.wcu.values()), sum(meter.rcu.values()), meter.dynamodb_calls, meter.other_calls)


def file_of(metered: MeteredCloud, seed: int, records: int) -> Cost:
    draft = metered.draft(seed)
    rows = [draft.create() for _ in range(records)]
    return cost_of(metered, lambda: metered.submit(rows))


def new_job(number: int, kind: str = ACHIEVEMENTS, **changes: object) -> Job:
    at = datetime.now(UTC) + timedelta(seconds=number)
    values = {"submitted_at": at, "source": Source("inbox", f"drop/{UKPRN}/{kind}/{number}.csv", "v1"), **changes}
    return Job(f"J{number:06d}", kind, UKPRN, "u", "e@example.org", "bucket", "f.csv", **values)  # type: ignore[arg-type]


@pytest.mark.req("ACH-06", "SLA-03")
def test_a_small_file_costs_ten_writes_and_eighteen_calls_more_than_its_records(
    metered,
) -> None:
    metered.meter.reset()
    draft = metered.draft(2)
    job = metered.submit([draft.create() for _ in range(SMALL)])
    meter = metered.meter
    assert job.counts.created == SMALL
    assert sum(meter.wcu.values()) <= SMALL + 10, "seven of the job, its line and its content, two indexes, one look"
    assert meter.dynamodb_calls / SMALL <= 0.18
    assert meter.other_calls / SMALL <= 0.1
    metered.services.notices.run(job.job_id)
    assert sum(meter.wcu.values()) <= SMALL + 12
    assert meter.dynamodb_calls / SMALL <= 0.2


@pytest.mark.req("SEC-03", "SLA-03")
def test_a_file_that_waits_for_its_malware_scan_costs_one_write_and_six_calls_more(metered) -> None:
    scanning = bootstrap.services(metered.cloud.environment)
    for service in ("dynamodb", "s3", "sqs"):
        metered.meter.attach(scanning.clients[service])
    s3, bucket = metered.cloud.client("s3"), metered.cloud.bucket("inbox")

    def dropped(number: int) -> Delivered:
        key = f"drop/{UKPRN}/{ACHIEVEMENTS}/scan-{number}.csv"
        version = s3.put_object(Bucket=bucket, Key=key, Body=b"no batch")["VersionId"]
        s3.put_object_tagging(Bucket=bucket, Key=key, VersionId=version, Tagging={"TagSet": []})
        return Delivered(Source("inbox", key, version), datetime.now(UTC))

    def scanned(delivered: Delivered) -> None:
        assert scanning.batch_split.run(delivered).status is JobStatus.WAITING
        scanning.batch_split.run(Delivered(delivered.source, None, Verdict.CLEAN))

    first, second, third = (dropped(number) for number in range(3))
    scanned(first)
    without = cost_of(metered, lambda: metered.services.batch_split.run(second))
    with_scan = cost_of(metered, lambda: scanned(third))
    assert with_scan.writes - without.writes <= 1
    assert with_scan.calls + with_scan.other_calls - without.calls - without.other_calls <= 6


@pytest.mark.req("ACH-06", "SLA-03")
def test_a_larger_file_costs_one_write_half_a_read_and_a_twentieth_of_a_call_for_each_further_record(metered) -> None:
    small, large = file_of(metered, 3, SMALL), file_of(metered, 4, 10 * SMALL)
    further = 9 * SMALL
    assert (large.writes - small.writes) / further <= 1.01
    assert (large.reads - small.reads) / further <= 0.51
    assert (large.calls - small.calls) / further <= 0.06
    assert (large.other_calls - small.other_calls) / further <= 0.01


@pytest.mark.req("ACH-06", "SLA-03")
def test_a_file_costs_the_same_however_many_wait_behind_it(metered) -> None:
    def cost(waiting: int) -> Cost:
        jobs, turns = metered.services.jobs, metered.services.turns
        behind = [new_job(3_600 + number) for number in range(waiting)]
        jobs.create(behind[0])
        for one in behind:
            turns.join(place_of(one))
        found = file_of(metered, 5 + waiting, 1)
        for one in behind:
            turns.leave(place_of(one))
        return found

    few, many = cost(10), cost(200)
    assert (few.writes, few.calls, few.other_calls) == (many.writes, many.calls, many.other_calls)
    assert many.reads - few.reads <= 1


@pytest.mark.req("SLA-03")
def test_a_watch_run_grows_with_open_jobs_and_not_with_the_inbox_or_with_jobs_that_have_ended(metered) -> None:
    services, s3, inbox = metered.services, metered.cloud.client("s3"), metered.cloud.bucket("inbox")
    watch = services.batch_watch

    def ended(numbers: range) -> None:
        for number in numbers:
            key = f"drop/{UKPRN}/{ACHIEVEMENTS}/old-{number}.csv"
            source = Source("inbox", key, s3.put_object(Bucket=inbox, Key=key, Body=b"x")["VersionId"])
            done = new_job(number, source=source, status=JobStatus.SUCCESSFUL)
            services.jobs.create(replace(done, job_id=job_id_of(source)))

    def run() -> Cost:
        watch.run()
        return cost_of(metered, watch.run)

    ended(range(20))
    few = run()
    ended(range(20, 200))
    assert run() == few
    for number in range(100):
        services.jobs.create(replace(new_job(number, VERIFICATIONS, source=None), job_id=f"U{number:06d}"))
    more = run()
    assert more.calls - few.calls <= 1, "a hundred jobs are read together"
    assert more.other_calls == few.other_calls
    assert more.writes == few.writes
