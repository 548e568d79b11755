"""A single change while a batch works on the same achievement: interleaved at every call, both are exact.

Whatever the order of the calls, each accepted record and each accepted request is exactly one version; the answer is
what was stored; a refusal leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

import pytest

from chalicelib.domain.achievements import Key
from chalicelib.domain.codes import Action
from chalicelib.domain.refusals import Refused
from chalicelib.domain.results import Outcome
from tests.builders.achievements import AIM, csv_file, learner, record, texts_of, uln, world_with
from tests.builders.jobs import Pipeline, caller
from tests.builders.organisations import OURS
from tests.fakes import FakeWorld, Fault
from tests.semantics.actors import Actor, Order
from tests.semantics.actors import Outcome as End

KEY = Key(uln(0), AIM.reference, date(2026, 2, 20))
WE = caller(OURS)
NAMES = {name: texts_of(record(0))[name] for name in ("given_name", "family_name")}
UPDATE = {**NAMES, "action_date": "2026-02-27", "language_for_assessment": "CYM"}
WITHDRAWAL = {**NAMES, "action_date": "2026-02-27", "action_reason": "SUBINERROR"}


Single = Callable[[FakeWorld], Outcome]

LATER = timedelta(minutes=3)
"""Longer than a delivery holds its chunk."""


class Reported(NamedTuple):
    """Both answers, and what is stored."""

    batch: tuple[tuple[Outcome, tuple[str, ...]], ...]
    single: str
    state: tuple[str, str, str, int]
    """Grade, language, status and revision."""
    history: tuple[tuple[str, str], ...]
    """Actions and channel of each version."""


class Duel:
    """One chunk and one request over one world, each run call by call."""

    def __init__(self, rows: list[dict[str, str]], single: Single, *, there: bool) -> None:
        self.world = world_with(learner(0))
        self.single = ""
        if there:
            self.world.services().achievement_services.create(WE, texts_of(record(0)))
        self.steps = Pipeline(self.world, chunk_records=50)
        self.job = self.steps.take(csv_file(rows))
        self._running: Actor | None = None
        now = self.world.clock()
        self.chunk = Actor("chunks", lambda: self.steps.apply.run(self.job.job_id, 0), now)
        self.request = Actor("edit", lambda: self._tell(single), now)
        self.world.hook = self._hook

    def _tell(self, single: Single) -> None:
        try:
            self.single = single(self.world)
        except Refused as refused:
            self.single = " ".join(reason.code for reason in refused.failures)

    def _hook(self, name: str) -> Fault | None:
        return self._running.before_call(name) if self._running is not None else None

    def run(self, actor: Actor, calls: int, last: Order = Order.DO) -> None:
        """Let an actor make this many calls, the last as ordered, or end earlier."""
        self._running = actor
        if not (actor.calls or actor.waits_for or actor.ended):
            actor.start()
        for left in range(calls, 0, -1):
            if not actor.ended:
                actor.resume(1, last if left == 1 else Order.DO)
        self._running = None

    def reported(self) -> Reported:
        """The result when both have ended; a chunk whose delivery died is delivered again."""
        for actor in (self.request, self.chunk):
            self.run(actor, 40)
            assert actor.ended
            assert actor.error is None
        if self.chunk.outcome is End.DIED:
            self.world.clock.advance(LATER)
            self.steps.apply.run(self.job.job_id, 0)
        held = self.world.achievements.held[KEY]
        assert held.revision == len(held.history)
        results = self.steps.results(self.job.job_id).values()
        return Reported(
            tuple((result.outcome, tuple(reason.code for reason in result.failures)) for result in results),
            str(self.single),
            (held.grade, held.language, held.status, held.revision),
            tuple((version.actions, version.provenance.channel) for version in held.history),
        )


def update(world: FakeWorld) -> Outcome:
    """Somebody changes the language."""
    return world.services().achievement_services.change(WE, KEY, Action.UPDATE, UPDATE).outcome


def update_of_the_first(world: FakeWorld) -> Outcome:
    """The same, of exactly the first revision."""
    return world.services().achievement_services.change(WE, KEY, Action.UPDATE, UPDATE, expected=frozenset({1})).outcome


def withdraw(world: FakeWorld) -> Outcome:
    """Somebody withdraws it."""
    return world.services().achievement_services.change(WE, KEY, Action.WITHDRAW, WITHDRAWAL).outcome


def create(world: FakeWorld) -> Outcome:
    """Somebody creates it with another grade than the batch."""
    return world.services().achievement_services.create(WE, texts_of(record(0, Grade="Distinction"))).outcome


DUELS = {
    "create against create": ([record(0)], create, False),
    "create against create, update and withdraw": (
        [record(0), record(0, "2", Grade="Merit"), record(0, "3")],
        create,
        False,
    ),
    "update against update": ([record(0, "2", Grade="Merit")], update, True),
    "update of a revision against update": ([record(0, "2", Grade="Merit")], update_of_the_first, True),
    "withdraw against update": ([record(0, "2", Grade="Merit")], withdraw, True),
    "withdraw against withdraw and reinstate": ([record(0, "3"), record(0, "4", Grade="Merit")], withdraw, True),
    "update against what is refused": ([record(0, "2", Grade="Splendid")], update, True),
}
CHUNK_CALLS, REQUEST_CALLS = 14, 7


def one_after_the_other(name: str) -> set[Reported]:
    """The possible results: one before the other, in either order."""
    rows, single, there = DUELS[name]
    first, second = Duel(rows, single, there=there), Duel(rows, single, there=there)
    second.run(second.chunk, 40)
    return {first.reported(), second.reported()}


@pytest.mark.req("ACH-02", "ACH-03", "ACH-09")
@pytest.mark.parametrize("name", DUELS)
@pytest.mark.parametrize("last", [Order.DO, Order.DIE, Order.REPEATED], ids=lambda order: order.name)
def test_a_request_and_a_batch_change_one_achievement_one_after_the_other(name: str, last: Order) -> None:
    rows, single, there = DUELS[name]
    allowed = one_after_the_other(name)
    seen = set()
    for before, between in product(range(CHUNK_CALLS), range(REQUEST_CALLS)):
        for chunk_ends_first in (False, True):
            duel = Duel(rows, single, there=there)
            duel.run(duel.chunk, before)
            duel.run(duel.request, between)
            if last is Order.DO or duel.chunk.ended:
                duel.run(duel.chunk, 40 if chunk_ends_first else 1)
            else:
                duel.run(duel.chunk, 1, last)
            found = duel.reported()
            assert found in allowed, (before, between, chunk_ends_first)
            seen.add(found)
    assert seen == allowed, "the calls were interleaved so that either may be first"


@pytest.mark.req("ACH-02", "ACH-09")
@pytest.mark.parametrize("name", DUELS)
def test_a_request_with_calls_repeated_after_lost_answers_is_made_once(name: str) -> None:
    rows, single, there = DUELS[name]
    allowed = one_after_the_other(name)
    for before, between in product(range(CHUNK_CALLS), range(1, REQUEST_CALLS)):
        duel = Duel(rows, single, there=there)
        duel.run(duel.chunk, before)
        duel.run(duel.request, between, Order.REPEATED)
        assert duel.reported() in allowed, (before, between)
