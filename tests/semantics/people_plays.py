"""Random plays with learner and verification files: the moves are those of achievement files."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.domain.jobs import LEARNERS, VERIFICATIONS
from chalicelib.domain.pending_matches import PendingState
from tests.semantics.people_files import ORGANISATIONS, PEOPLE, PeopleContent, people_content
from tests.semantics.people_oracle import PeopleOracle
from tests.semantics.people_stage import PeopleStage
from tests.semantics.plays import Play

CHANGES = ("titled", "moved", "stranger", "linked")


class LearnerPlay(Play):
    """One run with learner files."""

    kind = LEARNERS
    deadly = (
        "learner_register.create",
        "learner_register.update",
        "pending_matches.open",
        "files.write_if_absent",
        "files.write_if_absent",
        "files.write_if_absent",
        "jobs.chunk_done",
        "queues.send",
    )
    tender = (
        "learner_register.create",
        "learner_register.update",
        "learner_register.get",
        "pending_matches.open",
        "person_index.candidates",
        "ledgers.read",
        "audit.record",
        "files.write_if_absent",
        "jobs.chunk_done",
        "jobs.save",
        "queues.send",
    )
    organisations = ORGANISATIONS
    stage: PeopleStage

    def prepare(self, make: Callable[..., object]) -> None:
        count = 1 + self.pick(len(PEOPLE))
        first = self.pick(len(PEOPLE))
        self.people = tuple((PEOPLE + PEOPLE)[first : first + count])
        self.stage = PeopleStage(self.kind, 1 + self.pick(6), make=make)

    def judged(self) -> list[str]:
        self.stage.settle()
        return PeopleOracle(self.stage).judge()

    def _content(self) -> PeopleContent:
        self._files += 1
        ukprn = ORGANISATIONS[0 if self.pick(4) else 1]
        held = self.stage.states[-1]
        if self.pick(2):
            # A sender knows the ULNs of few.
            known = sorted(held)
            chosen = known[self.pick(len(known))]
            held = {chosen: held[chosen]}
        return people_content(self.kind, self.pick, ukprn, self._files, held, self.people)

    # People.

    def edit(self) -> None:
        actor = self.stage.change(CHANGES[self.pick(len(CHANGES))], self.pick(6), self.pick(6))
        if self.pick(3):
            self.stage.run_to_end(actor)

    def edit_often(self) -> None:
        """So many changes of one learner that a short memory would lose earlier ones."""
        one = self.pick(6)
        for _ in range(1 + self.pick(10)):
            self.stage.run_to_end(self.stage.change(CHANGES[self.pick(2)], one, one))

    def change_learner(self) -> None:
        """A learner becomes somebody else: whoever looks for the person finds nobody."""
        self.stage.run_to_end(self.stage.change("stranger", self.pick(6), 0))

    def disown(self) -> None:
        """Somebody decides a possible match; providers have no recognition to lose."""
        states = (PendingState.DROPPED, PendingState.USED)
        self.stage.run_to_end(self.stage.decide(self.pick(6), states[self.pick(2)]))


class VerificationPlay(LearnerPlay):
    """One run with verification files."""

    kind = VERIFICATIONS
    deadly = ("files.write_if_absent", "jobs.chunk_done", "jobs.save", "queues.send", "audit.record")
    tender = ("learners.profiles", "audit.record", "files.write_if_absent", "jobs.chunk_done", "jobs.save")
