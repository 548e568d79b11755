"""The kinds of files for `make demo`: how to make one, who submits it, and how to show its job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from chalicelib.domain.jobs import Job
from chalicelib.formats.batch.layout_choice import layout_of
from chalicelib.services.batches.kinds import ACHIEVEMENT_BATCH, KINDS, LEARNER_BATCH, VERIFICATION_BATCH, BatchKind
from chalicelib.web.rest import achievement_batches, learner_batches, verification_batches
from local.samples.expectation import Comparison, compare
from local.samples.files import Expected
from local.samples.learner_files import PROVIDER, ExpectedAnswers, compare_answers, learner_file, verification_file
from local.samples.world import mixed_file, samples

Made = tuple[bytes, Expected | ExpectedAnswers]


class DemoKind(NamedTuple):
    """One kind of file."""

    batch: BatchKind
    document_of: Callable[[Job], object]
    """Makes the web service's document of a job."""
    make: Callable[[int, int, str], Made]
    """Makes a file from a number of records, a seed and an organisation."""
    ukprn: str
    """The organisation that submits it by default."""
    records: int

    def may_submit(self, ukprn: str) -> bool:
        """Whether the organisation is a sample that submits such files."""
        return any(body.ukprn == ukprn and not self.batch.refusal(body) for body in samples().organisations)


DEMO_KINDS: Final[Mapping[str, DemoKind]] = {
    ACHIEVEMENT_BATCH.name: DemoKind(
        ACHIEVEMENT_BATCH,
        achievement_batches.job_document,
        lambda count, seed, ukprn: mixed_file(count, seed, ukprn=ukprn),
        samples().organisations[0].ukprn,
        10_000,
    ),
    LEARNER_BATCH.name: DemoKind(
        LEARNER_BATCH,
        learner_batches.job_document,
        lambda count, seed, ukprn: learner_file(count, seed, ukprn=ukprn),
        PROVIDER,
        200,
    ),
    VERIFICATION_BATCH.name: DemoKind(
        VERIFICATION_BATCH,
        verification_batches.job_document,
        lambda count, seed, ukprn: verification_file(count, seed, ukprn=ukprn),
        PROVIDER,
        200,
    ),
}
"""Every kind, by its name in object keys."""


def kind_of(data: bytes) -> DemoKind:
    """The kind of a file, by its headings or elements."""
    return DEMO_KINDS[KINDS[layout_of(data).name].name]


def compared(
    expected: Expected | ExpectedAnswers, known: frozenset[int], job: Mapping[str, Any], output: bytes
) -> Comparison:
    """Compares the answers in the output file with those expected."""
    if isinstance(expected, ExpectedAnswers):
        return compare_answers(expected, job, output)
    return compare(expected, known, job, output)
