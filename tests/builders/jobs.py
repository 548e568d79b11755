"""The pipeline composed over fakes, and what tests put into it and take out of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from types import ModuleType
from typing import Any

import pytest

from chalicelib.bootstrap import CHUNK_LEASE
from chalicelib.cloud import events
from chalicelib.domain.callers import Caller
from chalicelib.domain.jobs import ACHIEVEMENTS, Job, Source, job_id_of
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.formats.batch.work_files import read_results, result_key
from chalicelib.ports.messages import Delivered
from tests.builders import callers
from tests.builders.organisations import OURS
from tests.fakes import START, FakeWorld, Fault, no_hook

PORTAL = "https://portal.example"
FILENAME = "QCF_90000001_20260302_001.csv"


class Crash(BaseException):
    """The process has died; its own code cannot catch this."""


def crash() -> None:
    raise Crash


def at_call(world: FakeWorld, call: str, action: Callable[[], object], time: int = 1) -> None:
    """Do something once before the ``time``-th next call of a kind; a fault that it returns becomes the call's."""
    seen = 0

    def hook(name: str) -> Fault | None:
        nonlocal seen
        seen += name == call
        if name == call and seen == time:
            world.hook = no_hook
            found = action()
            return found if isinstance(found, Fault) else None
        return None

    world.hook = hook


def poison(monkeypatch: pytest.MonkeyPatch, module: ModuleType, parser: str, word: str) -> None:
    """From now on a record with this word stops the program: ``parser`` of the module raises ValueError."""
    parse = getattr(module, parser)

    def poisonous(values: Sequence[str], *rest: Any) -> Any:
        if word in values:
            raise ValueError
        return parse(values, *rest)

    monkeypatch.setattr(module, parser, poisonous)


def stopped(steps: Pipeline, job_id: str) -> None:
    """A delivery of the first chunk is stopped by a record that was poisoned, and its lease runs out."""
    with pytest.raises(ValueError, match=r"^$"):
        steps.apply.run(job_id, 0)
    steps.world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))


class Pipeline:
    """Every step of the pipeline over one world of fakes."""

    def __init__(self, world: FakeWorld, chunk_records: int = 3, **settings: Any) -> None:
        made = world.services(chunk_records=chunk_records, portal_url=PORTAL, **settings)
        self.world = world
        self.line, self.submit, self.split = made.batch_line, made.batch_submit, made.batch_split
        self.apply, self.finish = made.batch_apply, made.batch_finish
        self.watch, self.notices = made.batch_watch, made.notices

    @property
    def steps(self) -> dict[str, Callable[[str], object]]:
        """What a function does with the body of a message, by queue."""
        return {
            "intake": lambda body: [self.split.run(delivered) for delivered in events.deliveries(body)],
            "chunks": lambda body: self.apply.run(*events.chunk_of(body)),
            "finish": lambda body: self.finish.run(events.job_of(body)),
            "notices": lambda body: self.notices.run(events.job_of(body)),
        }

    def drop(self, data: bytes, filename: str = FILENAME, ukprn: str = OURS, kind: str = ACHIEVEMENTS) -> Delivered:
        """Drop a file under an organisation's prefix, and return the content of its event."""
        key = f"drop/{ukprn}/{kind}/{filename}"
        version = self.world.files.put("inbox", key, data)
        return Delivered(Source("inbox", key, version), self.world.clock())

    def arrive(self, job_id: str) -> Job:
        """Deliver the file that was put in the inbox for a job, process it to its end, and return the job."""
        (key,) = [key for bucket, key in self.world.files.held if bucket == "inbox" and f"/{job_id}/" in key]
        version = self.world.files.held["inbox", key][-1].version
        self.split.run(Delivered(Source("inbox", key, version), self.world.clock()))
        self.settle()
        return self.job(job_id)

    def take(self, data: bytes, filename: str = FILENAME, ukprn: str = OURS) -> Job:
        """Drop a file and split it."""
        return self.split.run(self.drop(data, filename, ukprn))

    def settle(self) -> None:
        """Deliver everything that waits, oldest first, until nothing is left."""
        while True:
            waiting = [(queue, place) for queue, place in self.world.queues.waiting.items() if place]
            if not waiting:
                return
            queue, bodies = waiting[0]
            self.steps[queue](bodies.popleft())

    def process(self, data: bytes, filename: str = FILENAME, ukprn: str = OURS, kind: str = ACHIEVEMENTS) -> Job:
        """Drop a file, process it to its end, and return the job."""
        delivered = self.drop(data, filename, ukprn, kind)
        self.split.run(delivered)
        self.settle()
        return self.job(job_id_of(delivered.source))

    def crashing(self, job: Job, call: str, time: int = 1) -> None:
        """Deliver the job's first chunk and die before a call; then its lease runs out."""
        at_call(self.world, call, crash, time)
        try:
            self.apply.run(job.job_id, 0)
        except Crash:
            self.world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
        else:
            raise AssertionError(call)

    def outcomes(self, job: Job) -> list[Outcome]:
        return [result.outcome for result in self.results(job.job_id).values()]

    def job(self, job_id: str) -> Job:
        return self.world.jobs.held[job_id]

    def waiting(self, queue: str) -> list[dict[str, Any]]:
        """The messages of a queue."""
        return [json.loads(body) for body in self.world.queues.waiting[queue]]

    def results(self, job_id: str) -> dict[int, RecordResult]:
        """The answers of the chunks, by record number."""
        found: dict[int, RecordResult] = {}
        for chunk in self.job(job_id).done:
            data = self.world.files.data("work", result_key(job_id, chunk))
            found |= {result.number: result for result in read_results(data)}
        return dict(sorted(found.items()))

    def output(self, job: Job) -> list[dict[str, str]]:
        """The rows of an ended job's output file."""
        return rows(self.world.files.data("results", job.output_key))

    def errors(self, job: Job) -> list[dict[str, str]]:
        """The rows of an ended job's error file."""
        return rows(self.world.files.data("results", job.error_key))


def caller(ukprn: str = OURS, **changes: Any) -> Caller:
    """Somebody of an organisation who uses the web service."""
    return callers.caller(ukprn, f"user-{ukprn[-1]}", **changes)


def job(job_id: str = "JOB1", ukprn: str = OURS, **changes: Any) -> Job:
    """A job that waits to be split."""
    source = Source("inbox", f"drop/{ukprn}/{ACHIEVEMENTS}/{FILENAME}", "v000001")
    email = f"batch@{ukprn}.example"
    made = Job(job_id, ACHIEVEMENTS, ukprn, "bucket", email, "bucket", FILENAME, START, source=source, format="csv")
    return replace(made, **changes)


def rows(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file by heading."""
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline="")))
