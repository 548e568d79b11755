"""The part of the composition root that makes the steps of the pipeline of batches."""

# ruff: noqa: PLC0415 - imports stand where a part is built, as in the root itself

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from chalicelib.domain.batch_answers import Answer
    from chalicelib.services.batches.apply import BatchApply
    from chalicelib.services.batches.apply_learners import ApplyLearners
    from chalicelib.services.batches.apply_verifications import ApplyVerifications
    from chalicelib.services.batches.chunk_work import ChunkDelivery, WorkPorts
    from chalicelib.services.batches.finish import BatchFinish
    from chalicelib.services.batches.line import BatchLine
    from chalicelib.services.batches.notices import Notices
    from chalicelib.services.batches.split import BatchSplit
    from chalicelib.services.batches.submit import BatchJobs
    from chalicelib.services.batches.watch import BatchWatch

CHUNK_LEASE: Final = timedelta(minutes=2)
"""How long a delivery holds a chunk: more than the function's time limit, less than the queue's visibility."""


class BatchParts:
    """The steps of the pipeline, each made when first used."""

    def __init__(self, outside: Any, install_lists: Callable[[], None]) -> None:
        self._outside = outside
        self._install_lists = install_lists

    @cached_property
    def line(self) -> BatchLine:
        """The lines of the organisations' files, moved on."""
        from chalicelib.services.batches.line import BatchLine

        out = self._outside
        return BatchLine(out.jobs, out.turns, out.queues, out.clock)

    @cached_property
    def submit(self) -> BatchJobs:
        """Batch jobs as their organisation sees them."""
        from chalicelib.services.batches.submit import BatchJobs, SubmitPorts

        out = self._outside
        return BatchJobs(SubmitPorts(out.jobs, out.files, out.accounts, self.line, out.clock, out.new_id, out.journal))

    @cached_property
    def split(self) -> BatchSplit:
        """The first step of the pipeline."""
        from chalicelib.reference import lists
        from chalicelib.services.batches.split import BatchSplit, SplitPorts

        self._install_lists()
        out = self._outside
        ports = SplitPorts(
            jobs=out.jobs,
            files=out.files,
            accounts=out.accounts,
            catalogues=out.catalogues,
            outages=out.outages,
            queues=out.queues,
            line=self.line,
            clock=out.clock,
            bank_holidays=lists().bank_holidays,
            journal=out.journal,
        )
        return BatchSplit(ports, out.settings.chunk_records)

    @cached_property
    def apply(self) -> BatchApply:
        """The middle step of the pipeline."""
        from chalicelib.domain.jobs import LEARNERS, VERIFICATIONS
        from chalicelib.services.batches.apply import ApplyPorts, BatchApply

        self._install_lists()
        out = self._outside
        ports = ApplyPorts(
            jobs=out.jobs,
            files=out.files,
            learners=out.learners,
            achievements=out.achievements,
            catalogues=out.catalogues,
            accounts=out.accounts,
            audit=out.audit,
            queues=out.queues,
            clock=out.clock,
            journal=out.journal,
        )
        # Made at the first chunk of their kind: most containers never see one.
        others = {
            LEARNERS: self._apply_learners,
            VERIFICATIONS: self._apply_verifications,
        }
        return BatchApply(ports, CHUNK_LEASE, others)

    @cached_property
    def finish(self) -> BatchFinish:
        """The last step of the pipeline."""
        from chalicelib.services.batches.finish import BatchFinish, FinishPorts

        out = self._outside
        return BatchFinish(FinishPorts(out.jobs, out.files, out.queues, self.line, out.clock, out.journal))

    @cached_property
    def watch(self) -> BatchWatch:
        """The sweeper of the pipeline."""
        from chalicelib.services.batches.watch import BatchWatch, WatchPorts

        out = self._outside
        ports = WatchPorts(
            jobs=out.jobs,
            turns=out.turns,
            files=out.files,
            queues=out.queues,
            line=self.line,
            split=self.split,
            apply=self.apply,
            clock=out.clock,
            journal=out.journal,
        )
        return BatchWatch(ports)

    @cached_property
    def notices(self) -> Notices:
        """Notices of jobs that have ended."""
        from chalicelib.services.batches.notices import Notices

        out = self._outside
        return Notices(out.jobs, out.mail, out.settings.portal_url)

    def _apply_learners(self, delivery: ChunkDelivery) -> list[Answer]:
        return self._learners(delivery)

    def _apply_verifications(self, delivery: ChunkDelivery) -> list[Answer]:
        return self._verifications(delivery)

    @cached_property
    def _learners(self) -> ApplyLearners:
        from chalicelib.services.batches.apply_learners import ApplyLearners, LearnerWorkPorts

        parts = self._outside.of_learners
        return ApplyLearners(
            self._work_ports,
            LearnerWorkPorts(
                parts.learner_register, parts.pending_matches, parts.learner_services, self._outside.new_id
            ),
        )

    @cached_property
    def _verifications(self) -> ApplyVerifications:
        from chalicelib.services.batches.apply_verifications import ApplyVerifications

        return ApplyVerifications(self._work_ports, self._outside.learners)

    @cached_property
    def _work_ports(self) -> WorkPorts:
        from chalicelib.services.batches.chunk_work import WorkPorts

        out = self._outside
        return WorkPorts(out.files, out.audit, out.clock, out.journal)
