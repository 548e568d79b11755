"""Sends what other threads hand over from a thread of its own, so that the work never waits for the emulator."""

from __future__ import annotations

import logging
import queue
import threading
from typing import Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

_LOGGER = logging.getLogger(__name__)
_STOP_SECONDS = 10.0

T = TypeVar("T")


class Forwarder(Generic[T]):
    """Takes entries from any thread and sends them from its own, one batch per second.

    Entries that cannot be sent, or that come when `most_waiting` are waiting, are dropped with a warning: they never
    hold up the work that they describe. An orderly stop sends all that were taken.
    """

    def __init__(self, name: str, *, every_seconds: float = 1.0, most_waiting: int = 100_000) -> None:
        self._name = name
        self._every = every_seconds
        self._waiting: queue.Queue[T] = queue.Queue(most_waiting)
        self._lost = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start sending."""
        self._thread.start()

    def stop(self) -> None:
        """Send the waiting entries and stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)

    def put(self, entry: T) -> None:
        """Hand over one entry; never waits."""
        try:
            self._waiting.put_nowait(entry)
        except queue.Full:
            self._lost += 1

    def flush(self) -> int:
        """Send the waiting entries now, on this thread; returns how many there were."""
        entries: list[T] = []
        while not self._waiting.empty():
            entries.append(self._waiting.get())
        lost, self._lost = self._lost, 0
        if lost:
            _LOGGER.warning("%d of %s lost: too many were waiting", lost, self._name)
        for batch in self.batches(entries):
            try:
                self.send(batch)
            except (BotoCoreError, ClientError) as error:
                _LOGGER.warning("%d of %s lost: %s", len(batch), self._name, error)
        return len(entries)

    def batches(self, entries: list[T]) -> list[list[T]]:
        """The entries in the calls that will send them."""
        raise NotImplementedError

    def send(self, batch: list[T]) -> None:
        """Make one call. Raises the client's errors."""
        raise NotImplementedError

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.flush()
        self.flush()


def in_parts(entries: list[T], most: int) -> list[list[T]]:
    """The entries in parts of at most so many."""
    return [entries[start : start + most] for start in range(0, len(entries), most)]
