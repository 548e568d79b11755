"""Code that runs one call at a time: each actor has a thread, and only one thread runs at any moment.

An actor runs the real code of the pipeline. Before every call to an outside service it stops and hands over control;
the director decides what happens to that call and how many further calls it may make before it stops again. So two
deliveries can be interleaved at every call, and each can die before or after any of them, always in the same way for
the same directions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from enum import Enum

from chalicelib.ports.errors import TemporaryFailure
from tests.fakes import Fault


class Died(BaseException):
    """The process has died; its own code may not catch this."""


class Order(Enum):
    """What happens to the call that an actor waits to make."""

    DO = "it is done"
    DIE = "the process dies before it"
    FAIL = "it fails and has no effect"
    ANSWER_LOST = "it takes effect, but the answer is lost"
    REPEATED = "the answer is lost, the adapter tries again, and that answer is given"


FAULTS = {Order.ANSWER_LOST: Fault.ANSWER_LOST, Order.REPEATED: Fault.REPEATED}


class Outcome(Enum):
    """How an actor's work ended."""

    DONE = "done"
    FAILED = "failed"
    DIED = "died"


class _Runner:
    """A thread that runs one piece of work after another, each on demand."""

    idle: list[_Runner] = []  # noqa: RUF012 - threads are kept for the next run

    def __init__(self) -> None:
        self.go = threading.Lock()
        self.back = threading.Lock()
        self.go.acquire()
        self.back.acquire()
        self.work: Callable[[], None] = lambda: None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            self.go.acquire()
            self.work()
            self.back.release()


class Actor:
    """One delivery, one watch run, or one person's request."""

    def __init__(self, name: str, work: Callable[[], object], started: datetime) -> None:
        self.name = name
        self.started = started
        self.waits_for = ""
        """The call that it waits to make; empty when it has ended."""
        self.calls: list[str] = []
        self.disturbances = 0
        """How many orders were not simply to make the call."""
        self.outcome: Outcome | None = None
        self.error: Exception | None = None
        self._work = work
        self._order = Order.DO
        self._free_calls = 0
        self._until = ""
        self._runner = _Runner.idle.pop() if _Runner.idle else _Runner()
        self._runner.work = self._perform

    @property
    def ended(self) -> bool:
        return self.outcome is not None

    def start(self) -> None:
        """Run up to the first call."""
        self._hand_over()

    def resume(self, calls: int = 1, order: Order = Order.DO, until: str = "") -> None:
        """Let it make the call it waits to make, as ordered, and others until it has made ``calls`` in all.

        It stops earlier before a call of the kind ``until``.
        """
        assert not self.ended
        self.disturbances += order is not Order.DO
        self._order = order
        self._until = until
        self._free_calls = calls - 1
        self._hand_over()

    def before_call(self, name: str) -> Fault | None:
        """The hook of the world, on the actor's own thread."""
        if self._free_calls > 0 and name != self._until:
            self._free_calls -= 1
            self.calls.append(name)
            return None
        self.waits_for = name
        self._runner.back.release()
        self._runner.go.acquire()
        self.waits_for = ""
        if self._order is Order.DIE:
            raise Died
        self.calls.append(name)
        if self._order is Order.FAIL:
            raise TemporaryFailure(name)
        return FAULTS.get(self._order)

    def _hand_over(self) -> None:
        self._runner.go.release()
        self._runner.back.acquire()
        if self.ended:
            _Runner.idle.append(self._runner)

    def _perform(self) -> None:
        try:
            self._work()
        except Died:
            self.outcome = Outcome.DIED
        except Exception as error:  # noqa: BLE001 - the stage distinguishes expected from unexpected errors
            self.error = error
            self.outcome = Outcome.FAILED
        else:
            self.outcome = Outcome.DONE
