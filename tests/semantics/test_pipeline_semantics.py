"""Each record is applied once and answered once, even when messages are delivered twice, deliveries die or others edit.

The real pipeline (split, apply, finish, watch, queues of files, cancellation, notices) runs over fakes of its ports on
a stage (``stage``) whose queues, leases, time-outs and dead letters follow AWS's rules. Deliveries stop before every
call to an outside service. There they are interleaved with other deliveries, watch runs and people, or they fail, lose
their answers, try again or die. When all has settled, a sequential oracle (``oracle``) with its own rules replays the
store's history and checks every answer.

Planted bugs, to check that the tests fail (``planted`` has the code; in brackets the plays of 1,000 in which each was
seen):

* deliveries: two of a chunk at once (10), and also the later one's results win (3); stored results not consulted
  (3); done marked before the results are stored (430); progress as a counter (454); finish sent by the last delivery
  only (189)
* memory: history not consulted (182); only its two latest versions (21); an insert that finds its key taken trusted
  (4); learners looked at before the history (34); organisation and cancellation looked at before it (22)
* writing: record by record (881); without a condition (407); a refusal on a lagging read (41); chunks cut by row (804);
  chunks of two releases under one key (3)
* the rest: jobs saved without a condition (11); a start without a second look at the line (1) and without the turn
  (700); a notice noted before it is sent (67); uploads expired unseen (13); lost events not looked for (450)

Those seen in at least 15 plays are tested in every run of the tests. ``LRS_SEMANTICS=deep`` tests all of them, and
plays 40,000 times.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from chalicelib.bootstrap import CHUNK_LEASE
from chalicelib.services.batches.apply import LEASE_MARGIN
from tests.semantics.files import Pick
from tests.semantics.planted import PLANTED
from tests.semantics.plays import WEIGHTS, Play, random_play
from tests.semantics.stage import QUEUES, TIMEOUTS, VISIBILITY

DEEP = os.environ.get("LRS_SEMANTICS", "") == "deep"

RUNS_AT_ONCE = 125
RUNS = 40_000 if DEEP else 500

FOUND = {
    "no_claim": 10,
    "no_claim_and_results_overwritten": 3,
    "results_not_consulted": 3,
    "done_before_results": 430,
    "progress_is_a_counter": 454,
    "finish_sent_only_once": 189,
    "history_not_consulted": 182,
    "old_versions_forgotten": 21,
    "answer_of_an_insert_trusted": 4,
    "learners_before_history": 34,
    "stopped_before_the_memory": 22,
    "written_record_by_record": 881,
    "written_without_condition": 407,
    "refused_on_a_lagging_read": 41,
    "chunks_by_row": 804,
    "chunks_of_releases_mixed": 3,
    "jobs_saved_without_condition": 11,
    "started_without_a_second_look": 1,
    "started_without_turn": 700,
    "notice_noted_before_it_is_sent": 67,
    "uploads_expire_unseen": 13,
    "lost_events_not_looked_for": 450,
}
"""The number of 1,000 plays in which each planted bug was seen."""

SOON = 15
"""Bugs seen at least this often are tested in every test run, the others in deep ones."""


@pytest.mark.req("ACH-01", "ACH-02", "ACH-03", "ACH-04", "ACH-05", "ACH-06", "ACH-07", "ACH-09", "SLA-03", "SEC-02")
@pytest.mark.parametrize("first", range(0, RUNS, RUNS_AT_ONCE))
def test_whatever_happens_each_record_is_applied_once_and_answered_as_stored(first: int) -> None:
    wrong = {seed: found for seed in range(first, first + RUNS_AT_ONCE) if (found := random_play(seed).judged())}
    assert not wrong


def _picks(data: st.DataObject) -> Pick:
    return lambda count: data.draw(st.integers(0, count - 1))


class PipelineMachine(RuleBasedStateMachine):
    """The same moves, chosen by hypothesis, which reduces a failure to the fewest moves."""

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.play = Play(_picks(data))
        self.play.drop()

    def teardown(self) -> None:
        assert not self.play.judged()


def _move(name: str) -> Any:
    def move(self: PipelineMachine, data: st.DataObject) -> None:
        self.play.pick = _picks(data)
        getattr(self.play, name)()

    move.__name__ = name
    return rule(data=st.data())(move)


for _name in WEIGHTS:
    setattr(PipelineMachine, _name, _move(_name))

PipelineMachine.TestCase.settings = settings(
    max_examples=2_000 if DEEP else 60,
    stateful_step_count=60 if DEEP else 30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@pytest.mark.req("ACH-06", "SLA-03")
class TestMachine(PipelineMachine.TestCase):
    """Whatever happens, each record is applied once and answered as stored."""


@pytest.mark.req("ACH-06")
def test_a_claim_outlives_every_function_that_holds_one() -> None:
    """What the stage assumes: a chunk is applied by its own function, or given up by the watch run."""
    assert max(TIMEOUTS["chunks"], TIMEOUTS["watch"]) + LEASE_MARGIN < CHUNK_LEASE < VISIBILITY["chunks"]
    assert all(TIMEOUTS[queue] < VISIBILITY[queue] for queue in QUEUES)


def test_every_planted_bug_has_been_seen() -> None:
    assert PLANTED.keys() == FOUND.keys()


@pytest.mark.parametrize("bug", [bug for bug, seen in FOUND.items() if DEEP or seen >= SOON])
def test_a_planted_bug_is_found(bug: str) -> None:
    """So many plays that it is missed once in 100,000 times."""
    with PLANTED[bug]():
        assert any(random_play(seed).judged() for seed in range(12_000 // FOUND[bug] + 12))
