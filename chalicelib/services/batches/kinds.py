"""The kinds of batches: what the steps of the pipeline do differently for each (ACH-06, ULN-06, VLD-03).

A kind says which layouts it reads, who may submit it, which records belong together, and what its output file is. How
its records are applied is in ``apply_achievements``, ``apply_learners`` and ``apply_verifications``. All the rest is
the same for every kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from chalicelib.domain import jobs
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.results import RecordResult
from chalicelib.formats.batch.achievement_results import read_output, write_output
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.layout_choice import layout_of
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, LEARNERS_2A, VERIFICATIONS
from chalicelib.formats.batch.learner_results import (
    read_learner_output,
    read_verification_output,
    write_learner_output,
    write_verification_output,
)
from chalicelib.formats.batch.result_files import OutputRecord
from chalicelib.ports.accounts import Organisation
from chalicelib.reference.letters import normal_form


@dataclass(frozen=True)
class BatchKind:
    """One kind of batch."""

    name: str
    """Its name in object keys, turns and jobs."""
    title: str
    """Its name in emails."""
    path: str
    """Its path in the web service."""
    page: str
    """Its path in the portal."""
    layouts: tuple[Layout, ...]
    """The current version first."""
    may_submit: Callable[[Organisation], bool]
    not_set_up: str
    """The code for an organisation that may not submit."""
    most_in_chunk: int
    together: Callable[[tuple[str, ...]], str]
    """From a record's values in the current version: records with the same result are applied in file order."""
    write_output: Callable[[BatchFile, Mapping[int, RecordResult], Layout, BinaryIO], None]
    """Writes the output file from the results by record number."""
    read_output: Callable[[bytes, str], Iterator[OutputRecord]]
    """Reads an output file in a format, record by record."""
    counters: tuple[tuple[str, str], ...]
    """The counts shown in an email: words and name."""

    @property
    def layout(self) -> Layout:
        """The current version."""
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


def _uln_in(layout: Layout) -> Callable[[tuple[str, ...]], str]:
    """The ULN of a record; empty if the record has none."""
    place = layout.record_names.index("ULN")
    return lambda values: values[place] if len(values) > place else ""


_ULN, *_PERSON = (LEARNERS.record_names.index(name) for name in ("ULN", "FamilyName", "GivenName", "DateOfBirth"))


def _person(values: tuple[str, ...]) -> str:
    """The ULN, or names and date of birth of a person without one; empty for a record that lacks values."""
    if len(values) != len(LEARNERS.record):
        return ""
    return values[_ULN].strip() or "|".join(normal_form(values[place]) for place in _PERSON)


_NOT_DONE: Final = (("Refused", "refused"), ("Not processed", "not_processed"), ("Cancelled", "cancelled"))
_NOTICED: Final = ("Accepted with a notice", "noticed")

ACHIEVEMENT_BATCH: Final = BatchKind(
    name=jobs.ACHIEVEMENTS,
    title="Achievement batch",
    path="/v1/achievement-batches",
    page="/achievement-batches",
    layouts=(ACHIEVEMENTS,),
    may_submit=lambda organisation: organisation.is_awarding_organisation and organisation.batch_achievements,
    not_set_up="WSRC0043",
    most_in_chunk=ACHIEVEMENTS.max_records,
    together=_uln_in(ACHIEVEMENTS),
    write_output=write_output,
    read_output=read_output,
    counters=(
        ("Created", "created"),
        ("Updated", "updated"),
        ("Withdrawn", "withdrawn"),
        ("Reinstated", "reinstated"),
        ("Promoted to final", "promoted"),
        ("Unchanged", "unchanged"),
        *_NOT_DONE,
        ("Late records", "late"),
        _NOTICED,
    ),
)

LEARNER_BATCH: Final = BatchKind(
    name=jobs.LEARNERS,
    title="Learner batch",
    path="/v1/learner-batches",
    page="/learner-batches",
    layouts=(LEARNERS, LEARNERS_2A),
    # An organisation that is both has two UKPRNs.
    may_submit=lambda body: not body.is_awarding_organisation and not body.is_service_desk,
    not_set_up="LRS-LRB-9",
    most_in_chunk=100,
    together=_person,
    write_output=write_learner_output,
    read_output=read_learner_output,
    counters=(
        ("New learners", "created"),
        ("Updated", "updated"),
        ("On the register already", "found"),
        ("Possible matches that wait for a decision", "possible"),
        ("Not found", "not_found"),
        *_NOT_DONE,
        _NOTICED,
    ),
)

VERIFICATION_BATCH: Final = BatchKind(
    name=jobs.VERIFICATIONS,
    title="Verification batch",
    path="/v1/verification-batches",
    page="/verification-batches",
    layouts=(VERIFICATIONS,),
    may_submit=lambda _: True,
    not_set_up="",
    most_in_chunk=VERIFICATIONS.max_records,
    together=_uln_in(VERIFICATIONS),
    write_output=write_verification_output,
    read_output=read_verification_output,
    counters=(
        ("Verified", "found"),
        ("Possible matches", "possible"),
        ("Not verified", "not_found"),
        *_NOT_DONE,
        _NOTICED,
    ),
)

KINDS: Final[Mapping[str, BatchKind]] = {
    kind.name: kind for kind in (ACHIEVEMENT_BATCH, LEARNER_BATCH, VERIFICATION_BATCH)
}
"""Every kind by its name."""
