"""Planted bugs in learner and verification batches, to check that the random plays notice.

As in ``planted``, each is code that somebody might write who does not know the reason for the original.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.learners import Learner
from chalicelib.domain.results import Outcome
from chalicelib.services import registration, verification
from chalicelib.services.batches import apply as batch_apply
from chalicelib.services.batches.apply import BatchApply, ChunkWork
from chalicelib.services.batches.apply_learners import LearnerWork
from chalicelib.services.batches.apply_verifications import VerificationWork
from chalicelib.services.batches.finish import BatchFinish
from tests.fakes import FakeJobs
from tests.fakes.people import FakeLearnerRegister, FakeLedgers, FakePendingMatches
from tests.semantics.planted import (
    Patches,
    _always_held,
    chunks_by_row,
    no_claim_and_results_overwritten,
    planted_in,
    results_not_consulted,
    stopped_before_the_memory,
    swap,
)

PLANTED: dict[str, Callable[[], Any]] = {
    bug.__name__: bug
    for bug in (
        chunks_by_row,
        no_claim_and_results_overwritten,
        results_not_consulted,
        stopped_before_the_memory,
    )
}
"""By name; these are also looked for in achievement files."""

planted = planted_in(PLANTED)


_recall = LearnerWork.recall
_entry = LearnerWork._entry
_update = FakeLearnerRegister.update
_create = FakeLearnerRegister.create
_open = FakePendingMatches.open
_results = ChunkWork.results


# The ledger.


@planted
def ledger_not_repeated() -> Patches:
    """A redelivery continues the ledger, and applies the records in it again."""

    def recall(work: LearnerWork, parsed: Any) -> Any:
        _recall(work, parsed)
        return {}

    with swap((LearnerWork, "recall", recall)):
        yield


@planted
def last_entry_only() -> Patches:
    """Only the latest entry is repeated."""

    def recall(work: LearnerWork, parsed: Any) -> Any:
        found = _recall(work, parsed)
        last = max(found, default=0)
        return {number: result for number, result in found.items() if number == last}

    with swap((LearnerWork, "recall", recall)):
        yield


@planted
def only_writes_are_entered() -> Patches:
    """An entry leaves out the records that wrote nothing."""
    with swap((LearnerWork, "_entry", lambda work, result: _entry(work, result)._replace(results=(result,)))):
        yield


@planted
def entered_after_the_write() -> Patches:
    """The learner is written, then the entry."""

    def update(register: FakeLearnerRegister, *learners: Learner, entry: Any = None) -> None:
        _update(register, *learners)
        register.hook("ledgers.enter")
        register.ledgers.enter(entry)

    with swap((FakeLearnerRegister, "update", update)):
        yield


@planted
def entered_before_the_write() -> Patches:
    """The entry is made, then the learner is written."""

    def update(register: FakeLearnerRegister, *learners: Learner, entry: Any = None) -> None:
        register.hook("ledgers.enter")
        register.ledgers.enter(entry)
        _update(register, *learners)

    with swap((FakeLearnerRegister, "update", update)):
        yield


@planted
def registration_not_entered() -> Patches:
    """A registration relies on the lock of the mandatory details."""

    def create(register: FakeLearnerRegister, learner: Learner, seen: Any, decision: str = "", _: Any = None) -> Any:
        return _create(register, learner, seen, decision)

    with swap((FakeLearnerRegister, "create", create)):
        yield


@planted
def possible_match_not_entered() -> Patches:
    """A possible match relies on waiting only once."""
    with swap((FakePendingMatches, "open", lambda matches, pending, _=None: _open(matches, pending))):
        yield


@planted
def entries_replaced_by_a_second_delivery() -> Patches:
    """Two deliveries of a chunk may work on it at once, and an entry that exists is replaced."""
    with swap((FakeLedgers, "check", lambda *_: None), (FakeJobs, "claim_chunk", _always_held)):
        yield


@planted
def given_up_before_the_ledger() -> Patches:
    """After 36 hours everything is answered as our fault, also what was applied."""
    with swap((LearnerWork, "recall", lambda work, it: {} if work.delivery.give_up else _recall(work, it))):
        yield


# Deciding and writing.


@planted
def applied_backwards() -> Patches:
    """The last record of a chunk is applied first."""
    apply = LearnerWork.apply

    def backwards(work: LearnerWork, checked: Mapping[int, Any]) -> None:
        apply(work, dict(reversed(checked.items())))

    with swap((LearnerWork, "apply", backwards)):
        yield


@planted
def updated_without_condition() -> Patches:
    """The last writer of a learner wins."""

    def update(register: FakeLearnerRegister, *learners: Learner, entry: Any = None) -> None:
        register.hook("learner_register.update")
        register.ledgers.enter(entry)
        for learner in learners:
            register._keep(learner)

    with swap((FakeLearnerRegister, "update", update)):
        yield


@planted
def one_try_for_an_update() -> Patches:
    """Whoever is overtaken is refused."""
    with swap((registration, "TRIES", 1)):
        yield


@planted
def a_check_writes() -> Patches:
    """A file that only checks is applied."""

    made = BatchApply._work

    def work(self: BatchApply, *given: Any, **named: Any) -> Any:
        found = made(self, *given, **named)
        if isinstance(found, LearnerWork):
            found._job_type = type(found._job_type).FULL
        return found

    with swap((BatchApply, "_work", work)):
        yield


# The skeleton of a chunk.


@planted
def returned_learners_not_audited() -> Patches:
    """The look at the chunk is logged, the learners who are returned are not."""
    with swap((ChunkWork, "_audit_returned", lambda *_: None)):
        yield


@planted
def audited_after_the_results() -> Patches:
    """The learners who are returned are logged when the chunk is done."""
    run, audit = BatchApply.run, ChunkWork._audit_returned
    late: list[Any] = []

    def runs(self: BatchApply, *given: Any, **named: Any) -> None:
        run(self, *given, **named)
        while late:
            late.pop()()

    def returned(work: Any, results: Any) -> None:
        late.append(lambda: audit(work, results))

    with swap((BatchApply, "run", runs), (ChunkWork, "_audit_returned", returned)):
        yield


@planted
def never_isolated() -> Patches:
    """A record that stops the program stops its chunk for ever."""
    with swap((batch_apply, "ISOLATE_FROM", 1_000)):
        yield


@planted
def a_fault_costs_the_rest() -> Patches:
    """A record that stops the program costs every record after it."""

    def isolated(work: Any, numbers: Any, step: Any, *given: Any, **named: Any) -> Any:
        found = _isolated(work, numbers, step, *given, **named)
        if found is None and work.is_isolating:
            work.fault(range(numbers[0], 20))
        return found

    with swap((ChunkWork, "isolated", isolated)):
        yield


_isolated = ChunkWork.isolated


@planted
def suspension_stops_nothing() -> Patches:
    """A suspended organisation's files are applied."""

    def answered(work: Any, numbers: Any, outcome: Outcome, code: str) -> None:
        _answer_all(work, numbers, Outcome.NOT_PROCESSED if outcome is Outcome.CANCELLED else outcome, code)

    with swap((ChunkWork, "_answer_all", answered)):
        yield


_answer_all = ChunkWork._answer_all


@planted
def lost_results_not_noticed() -> Patches:
    """The step that finishes a job fails as long as the results of a chunk are gone."""

    def apply_again(*_: Any) -> Any:
        raise ZeroDivisionError

    with swap((BatchFinish, "_apply_again", apply_again)):
        yield


@planted
def lost_results_forget_the_attempt() -> Patches:
    """A chunk whose results are gone is claimed as for the first time."""
    lost = FakeJobs.chunk_lost

    def chunk_lost(jobs: FakeJobs, job_id: str, chunk: int) -> Any:
        job = lost(jobs, job_id, chunk)
        jobs.leases.pop((job_id, chunk), None)
        return job

    with swap((FakeJobs, "chunk_lost", chunk_lost)):
        yield


# Verification files.


@planted
def verified_without_master() -> Patches:
    """The master of a linked learner is not looked up."""
    verify = verification.verify
    with swap((verification, "verify", lambda details, held, master: verify(details, held, None))):
        yield


@planted
def verification_faults_cost_the_chunk() -> Patches:
    """A learner who cannot be read costs every record of the chunk."""

    def read_for(work: Any, wanted: Any, read: Any) -> Any:
        found = work.isolated([number for numbers in wanted.values() for number in numbers], read, list(wanted))
        return (found, frozenset()) if found is not None else ({}, frozenset(work.settled))

    with swap((VerificationWork, "read_for", read_for)):
        yield


@planted
def answers_left_out() -> Patches:
    """A ULN that nobody has is left out of the results."""

    def without(work: Any) -> Any:
        return [one for one in _results(work) if one.return_code != "VRC006"]

    with swap((ChunkWork, "results", without)):
        yield
