"""The kinds of batches: what the steps of the pipeline do differently for each (ACH-06, ULN-06, VLD-03).

How a file is taken, waits for its turn, is cut, claimed, finished, watched and told of is the same for all kinds and
stands in the steps. A kind says which layouts it reads, who may submit it, which records belong together, and what its
result files are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from chalicelib.domain import batch_answers, jobs
from chalicelib.domain.achievements import Outcome, RecordResult
from chalicelib.domain.failures import Failure, Family, failure
from chalicelib.domain.jobs import Counts
from chalicelib.domain.names import normal_form
from chalicelib.formats.batch.answer_files import read_answers
from chalicelib.formats.batch.answer_results import write_answer_errors, write_learner_output, write_verification_output
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.layout_choice import layout_of
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, LEARNERS_2A, VERIFICATIONS, learner_values
from chalicelib.formats.batch.result_files import write_errors, write_output
from chalicelib.formats.batch.work_files import read_results
from chalicelib.ports.accounts import Organisation

Writer = Callable[[BatchFile, Mapping[int, Any], Layout, BinaryIO], None]
"""Writes a result file of a batch from the results by record number."""


@dataclass(frozen=True)
class BatchKind:
    """One kind of batch."""

    name: str
    """As it stands in object keys, turns and jobs."""
    title: str
    """What a notice calls it."""
    path: str
    """Where the web service has it."""
    layouts: tuple[Layout, ...]
    """The present version first."""
    may_submit: Callable[[Organisation], bool]
    not_set_up: str
    """The code for an organisation that may not submit."""
    most_in_chunk: int
    together: Callable[[tuple[str, ...]], str]
    """Records, by their values in the present version, for which it gives the same are applied in file order."""
    present: Callable[[tuple[str, ...], Layout], tuple[str, ...]]
    """The values of a record in the present version of the layout."""
    read_results: Callable[[bytes], Sequence[Any]]
    write_output: Writer
    write_errors: Writer
    has_failed: Callable[[Any], bool]
    """Whether a result puts its record into the error file."""
    count: Callable[[Iterable[Any]], Counts]
    counters: tuple[tuple[str, str], ...]
    """What a notice shows of the counts: words and name."""

    @property
    def layout(self) -> Layout:
        """The present version."""
        return self.layouts[0]

    @property
    def max_bytes(self) -> int:
        return self.layout.max_bytes

    def layout_of(self, data: bytes) -> Layout:
        """The version that a file is in."""
        return layout_of(data, self.layouts)

    def refusal(self, organisation: Organisation | None) -> list[Failure]:
        """Why an organisation may not submit files of this kind."""
        if organisation is None or organisation.status != "active":
            return [failure("WSEC0003", "UKPRN")]
        return [] if self.may_submit(organisation) else [failure(self.not_set_up, "UKPRN")]


FAILED: Final = frozenset({Outcome.REFUSED, Outcome.NOT_PROCESSED, Outcome.CANCELLED})
"""Outcomes that put an achievement record into the error file."""


def count(results: Iterable[RecordResult]) -> Counts:
    """An achievement job's counters from the answers to its records."""
    outcomes: Counter[Outcome] = Counter()
    families: Counter[Family] = Counter()
    late = 0
    for result in results:
        outcomes[result.outcome] += 1
        if result.outcome is Outcome.REFUSED:
            families.update({found.family for found in result.failures})
        elif result.outcome is Outcome.CREATED and result.is_late:
            late += 1
    return Counts(
        created=outcomes[Outcome.CREATED],
        updated=outcomes[Outcome.UPDATED],
        withdrawn=outcomes[Outcome.WITHDRAWN],
        reinstated=outcomes[Outcome.REINSTATED],
        promoted=outcomes[Outcome.PROMOTED],
        unchanged=outcomes[Outcome.UNCHANGED],
        refused=outcomes[Outcome.REFUSED],
        not_processed=outcomes[Outcome.NOT_PROCESSED],
        cancelled=outcomes[Outcome.CANCELLED],
        field_data_errors=families[Family.FIELD],
        learner_data_errors=families[Family.LEARNER],
        business_rule_errors=families[Family.RULE],
        late=late,
    )


def _place(layout: Layout, *names: str) -> list[int]:
    return [layout.record_names.index(name) for name in names]


_ACHIEVEMENT_ULN: Final = _place(ACHIEVEMENTS, "ULN")[0]
_LEARNER_ULN, *_PERSON = _place(LEARNERS, "ULN", "FamilyName", "GivenName", "DateOfBirth")
_VERIFICATION_ULN: Final = _place(VERIFICATIONS, "ULN")[0]


def _person(values: tuple[str, ...]) -> str:
    """The ULN, or what a person without one is known by; a record that lacks values is by itself with its like."""
    if len(values) != len(LEARNERS.record):
        return ""
    return values[_LEARNER_ULN].strip() or "|".join(normal_form(values[place]) for place in _PERSON)


def _has_failed(answer: batch_answers.Answer) -> bool:
    return answer.outcome in batch_answers.FAILED


def _as_it_is(values: tuple[str, ...], layout: Layout) -> tuple[str, ...]:
    del layout
    return values


_NOT_DONE: Final = (("Refused", "refused"), ("Not processed", "not_processed"), ("Cancelled", "cancelled"))

ACHIEVEMENT_BATCH: Final = BatchKind(
    name=jobs.ACHIEVEMENTS,
    title="Achievement batch",
    path="/v1/achievement-batches",
    layouts=(ACHIEVEMENTS,),
    may_submit=lambda organisation: organisation.is_awarding_organisation and organisation.batch_achievements,
    not_set_up="WSRC0043",
    most_in_chunk=ACHIEVEMENTS.max_records,
    together=lambda values: values[_ACHIEVEMENT_ULN],
    present=_as_it_is,
    read_results=read_results,
    write_output=write_output,
    write_errors=write_errors,
    has_failed=lambda result: result.outcome in FAILED,
    count=count,
    counters=(
        ("Created", "created"),
        ("Updated", "updated"),
        ("Withdrawn", "withdrawn"),
        ("Reinstated", "reinstated"),
        ("Promoted to final", "promoted"),
        ("Unchanged", "unchanged"),
        *_NOT_DONE,
        ("Late awards", "late"),
    ),
)

LEARNER_BATCH: Final = BatchKind(
    name=jobs.LEARNERS,
    title="Learner batch",
    path="/v1/learner-batches",
    layouts=(LEARNERS, LEARNERS_2A),
    # An organisation that is both has a UKPRN for each of its parts.
    may_submit=lambda body: not body.is_awarding_organisation and not body.is_service_desk,
    not_set_up="LRS-LRB-9",
    most_in_chunk=50,
    together=_person,
    present=learner_values,
    read_results=read_answers,
    write_output=write_learner_output,
    write_errors=write_answer_errors,
    has_failed=_has_failed,
    count=batch_answers.count,
    counters=(
        ("New learners", "created"),
        ("Updated", "updated"),
        ("On the register already", "found"),
        ("Possible matches that wait for a decision", "possible"),
        ("Not found", "not_found"),
        *_NOT_DONE,
    ),
)

VERIFICATION_BATCH: Final = BatchKind(
    name=jobs.VERIFICATIONS,
    title="Verification batch",
    path="/v1/verification-batches",
    layouts=(VERIFICATIONS,),
    may_submit=lambda _: True,
    not_set_up="",
    most_in_chunk=VERIFICATIONS.max_records,
    together=lambda values: values[_VERIFICATION_ULN] if len(values) > _VERIFICATION_ULN else "",
    present=_as_it_is,
    read_results=read_answers,
    write_output=write_verification_output,
    write_errors=write_answer_errors,
    has_failed=_has_failed,
    count=batch_answers.count,
    counters=(("Verified", "found"), ("Possible matches", "possible"), ("Not verified", "not_found"), *_NOT_DONE),
)

KINDS: Final[Mapping[str, BatchKind]] = {
    kind.name: kind for kind in (ACHIEVEMENT_BATCH, LEARNER_BATCH, VERIFICATION_BATCH)
}
"""Every kind by its name."""
