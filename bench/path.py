"""The whole path of a file, split, apply, finish, with the complete botocore and a stubbed transport.

The run is recorded once against the emulator and played back; we measure the CPU of this process for one record, as a
ratio to one ``GetItem`` of a plain boto3 client with a stubbed transport, both in interleaved rounds of one process.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count as count_from
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench.tape import Answer, Tape, least, plain_client
from chalicelib import bootstrap
from chalicelib.domain.jobs import Job, Source
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.ports.messages import Delivered
from local.emulated.cloud import LocalCloud
from local.samples.world import Samples, mixed_file, samples

UKPRN = "90000051"
GETS = 200
"""GetItem calls of one baseline measurement."""
SERVICES = ("dynamodb", "s3", "sqs")
"""Every AWS service that a file needs."""


class Prepared(NamedTuple):
    """A local cloud with sample data and one submitted file in it."""

    services: bootstrap.Services
    delivered: Delivered
    records: int


@contextmanager
def prepared(count: int, *, faults: float = 0.05, xml: bool = False) -> Iterator[Prepared]:
    """Start an emulator of its own, load the sample world, and put one file into the inbox."""
    with TemporaryDirectory() as state, LocalCloud(state=Path(state), port=0, keep_state=False) as cloud:
        services = bootstrap.services(cloud.environment)
        world = samples()
        load_world(services, world)
        data, expected = mixed_file(count, faults=faults, xml=xml, world=world)
        key = f"drop/{UKPRN}/achievements/{expected.file_name}"
        stored = cloud.client("s3").put_object(Bucket=cloud.bucket("inbox"), Key=key, Body=data)
        source = Source("inbox", key, stored["VersionId"])
        yield Prepared(services, Delivered(source, datetime.now(UTC)), count)


def load_world(services: bootstrap.Services, world: Samples) -> None:
    """Put organisations, learners and catalogue of a sample world into empty tables."""
    for organisation in world.organisations:
        services.accounts.put(organisation)
    services.learners.load(world.learners)
    services.catalogues.publish("sample", world.snapshot("sample"))


def process(services: bootstrap.Services, delivered: Delivered) -> Job:
    """One file through the steps, in this thread; a small file needs no third one."""
    job = services.batch_split.run(delivered)
    applied: Job | None = job
    for chunk in range(len(job.chunk_sizes)):
        applied = services.batch_apply.run(job.job_id, chunk)
    ended = applied if applied and applied.status.is_end else services.batch_finish.run(job.job_id)
    if ended is None or not ended.status.is_end:
        raise RuntimeError("the job did not end")
    return ended


def played_back(count: int, rounds: int = 3) -> tuple[float, float]:
    """CPU seconds of the path for one record, and of one baseline GetItem."""
    tape = Tape()
    with prepared(count) as ready:
        services = ready.services
        for service in SERVICES:
            tape.record(services.clients[service])
        process(repeatable(services, services), ready.delivered)
        environ = services.environ  # the same program again, with nothing cached from the first run
        get_item = _baseline(environ)
        replayed = bootstrap.services(environ)
        for service in SERVICES:
            tape.play(replayed.clients[service])

        def path() -> float:
            tape.rewind()
            fresh = repeatable(services, replayed)
            seconds = _cpu(lambda: process(fresh, ready.delivered))
            if not tape.is_at_end:
                raise RuntimeError("the program made different calls from those recorded")
            return seconds / count

        record, get = least(rounds, path, lambda: _cpu(get_item) / GETS)
        return record, get


def repeatable(
    recorded: bootstrap.Services, clients: bootstrap.Services, moment: datetime | None = None
) -> bootstrap.Services:
    """New services with a fixed clock and counted identifiers, so that every run is the same."""
    moment = moment or datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    numbers = count_from(1)
    return bootstrap.Services(
        recorded.settings,
        recorded.environ,
        clients=clients.clients,
        clock=lambda: moment,
        new_id=lambda: f"ID{next(numbers):06d}",
    )


def _baseline(environ: Mapping[str, str]) -> Callable[[], None]:
    """GETS calls of GetItem for an item of fifteen attributes, by a plain client of boto3."""
    client = plain_client(environ)
    item = ",".join(f'"attribute{n}": {{"S": "a value of twenty-two"}}' for n in range(15))
    body = f'{{"Item": {{{item}}}}}'.encode()
    headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
    tape = Tape()
    tape.answers = [Answer("GetItem", 200, headers, body)] * GETS
    tape.play(client)

    def run() -> None:
        tape.rewind()
        for _ in range(GETS):
            client.get_item(TableName="register", Key={"pk": {"S": "ULN#1000000027"}, "sk": {"S": "LEARNER"}})

    return run


def _cpu(run: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    run()
    return time.process_time() - start


def bench() -> list[tuple[str, float, float]]:
    """Rows of (what, ratio, target)."""
    record, get = played_back(ACHIEVEMENTS.max_records)
    return [("whole path, CPU per record / one stubbed GetItem", record / get, 0.25)]
