"""Everything that calls a function without an HTTP request: queues, table streams and schedules.

As a context, `EventSources(cloud, ProcessWorkers(cloud.environment))` serves in the background until the context ends.
A test calls `EventSources(cloud, ThreadWorkers(), pace=AT_ONCE).drain()`, which delivers until nothing is left.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from local.lambda_runtime.pace import Pace
from local.lambda_runtime.queue_source import QueueSource
from local.lambda_runtime.schedules import Schedules
from local.lambda_runtime.stream_source import Checkpoints, Failures, StreamSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from local.emulated.cloud import ProvisionedCloud
    from local.emulated.stack import StreamMapping
    from local.lambda_runtime.invocation import Workers

_GRACE_SECONDS = 15.0


class EventSources:
    """The queues, streams and schedules of a cloud, connected to its functions.

    `workers` runs the handlers and is closed with the sources. `checkpoints` is the file that stores how far each
    stream was read; without it a stream starts at its oldest record. `every` overrides intervals of schedules, in
    seconds by name.
    """

    def __init__(
        self,
        cloud: ProvisionedCloud,
        workers: Workers,
        *,
        pace: Pace | None = None,
        checkpoints: Path | None = None,
        every: Mapping[str, float] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._cloud = cloud
        self._workers = workers
        self._pace = pace or Pace()
        self._clock = clock
        self._checkpoints = Checkpoints(checkpoints)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.queues = [QueueSource(mapping, cloud, workers, self._pace) for mapping in cloud.stack.queue_mappings()]
        self.streams = [self._stream_source(mapping) for mapping in cloud.stack.stream_mappings()]
        self.schedules = Schedules(cloud.stack.schedules(), workers, start=clock(), every=every)

    def start(self) -> None:
        """Serve each source on its own thread."""
        jobs: list[tuple[str, Callable[[], None]]] = []
        jobs += [(f"queue-{source.mapping.queue}", _bound(source.run, self._stop)) for source in self.queues]
        jobs += [(f"stream-{source.mapping.table}", _bound(source.run, self._stop)) for source in self.streams]
        jobs.append(("schedules", lambda: self.schedules.run(self._stop, self._clock)))
        self._threads = [threading.Thread(target=job, name=name, daemon=True) for name, job in jobs]
        for thread in self._threads:
            thread.start()

    def stop(self, grace_seconds: float = _GRACE_SECONDS) -> None:
        """Stop reading, wait for running invocations, end the workers. Interrupted messages are delivered again
        later.
        """
        self._stop.set()
        deadline = datetime.now(UTC).timestamp() + grace_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - datetime.now(UTC).timestamp()))
        self._workers.close()
        for thread in self._threads:
            thread.join(5.0)
        self._threads = []

    def drain(self, most: int = 10_000) -> int:
        """Deliver, on this thread, until no queue or stream has anything visible; returns the number of records
        delivered.

        Raises `RuntimeError` after `most` records: messages keep causing more messages.
        """
        total = 0
        while True:
            delivered = sum(queue.drain_once() for queue in self.queues)
            delivered += sum(stream.drain_once() for stream in self.streams)
            if not delivered:
                return total
            total += delivered
            if total > most:
                raise RuntimeError(f"more than {most} records delivered: messages keep causing more messages")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _stream_source(self, mapping: StreamMapping) -> StreamSource:
        cloud = self._cloud
        table = cloud.client("dynamodb").describe_table(TableName=cloud.table(mapping.table))["Table"]
        return StreamSource(
            mapping,
            table["LatestStreamArn"],
            cloud.client("dynamodbstreams"),
            self._workers,
            self._pace,
            self._checkpoints,
            Failures(cloud.client("s3"), cloud.bucket(mapping.failure_bucket), self._clock),
        )


def _bound(run: Callable[[threading.Event], None], stop: threading.Event) -> Callable[[], None]:
    return lambda: run(stop)
