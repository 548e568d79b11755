"""Answers to the records of learner and verification batches (ULN-06, ULN-07, VLD-03)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from chalicelib.domain.failures import Failure, Family
from chalicelib.domain.jobs import Counts


class JobType(StrEnum):
    """What a learner batch asks for."""

    FULL = "FUL"
    """Register and update."""
    CHECK = "CHK"
    """Look only; nothing is changed."""


class AnswerOutcome(StrEnum):
    """What became of one submitted record."""

    CREATED = "REGISTERED"
    """A learner was registered."""
    UPDATED = "UPDATED"
    FOUND = "FOUND"
    """The learner is on the register as submitted; nothing was changed."""
    POSSIBLE = "POSSIBLE"
    """Perhaps; a person has to decide."""
    NOT_FOUND = "NOTFOUND"
    """The register has no such learner, or under this ULN another one."""
    REFUSED = "REFUSED"
    NOT_PROCESSED = "NOTPROCESSED"
    """The service's own fault; see the LRS-FAULT codes."""
    CANCELLED = "CANCELLED"


FAILED = frozenset(
    {AnswerOutcome.NOT_FOUND, AnswerOutcome.REFUSED, AnswerOutcome.NOT_PROCESSED, AnswerOutcome.CANCELLED}
)
"""What puts a record into the error file."""


class ReturnCode(StrEnum):
    """Return codes of a learner batch, one for each record; some are of the existing interface, the others proposed.

    ``RC006`` to ``RC008`` are the exceptions that the existing service has a person process, ``RC011`` to ``RC013`` are
    about the form of what was submitted.
    """

    NEW = "RC001"
    EXACT = "RC002"
    UPDATED = "RC003"
    LINKED = "RC004"
    NOT_FOUND = "RC005"
    TOO_LITTLE = "RC006"
    POSSIBLE = "RC007"
    TOO_MANY = "RC008"
    CONFLICT = "RC009"
    MISSING = "RC010"
    FORMAT = "RC011"
    IDENTIFIER = "RC012"
    AGE = "RC013"


class Answer(NamedTuple):
    """Everything that the result files tell of one submitted record."""

    number: int
    """Its number in the file, from 1."""
    outcome: AnswerOutcome
    return_code: str = ""
    """RC001 to RC013 in a learner batch, VRC001 to VRC006 in a verification batch; empty where nothing was done."""
    failures: tuple[Failure, ...] = ()
    """Reasons and notices together."""
    answered: tuple[str, ...] = ()
    """Of the learner found, the master where linked: the ULN; in a verification batch also family name, given name,
    date of birth and gender."""
    flags: tuple[str, ...] = ()
    """Failure flags of a verification, eight at most."""


def count(answers: Iterable[Answer]) -> Counts:
    """The job's counters from the answers to its records."""
    outcomes: Counter[AnswerOutcome] = Counter()
    families: Counter[Family] = Counter()
    for answer in answers:
        outcomes[answer.outcome] += 1
        if answer.outcome in (AnswerOutcome.REFUSED, AnswerOutcome.NOT_FOUND):
            families.update({found.family for found in answer.failures})
    return Counts(
        created=outcomes[AnswerOutcome.CREATED],
        updated=outcomes[AnswerOutcome.UPDATED],
        found=outcomes[AnswerOutcome.FOUND],
        possible=outcomes[AnswerOutcome.POSSIBLE],
        not_found=outcomes[AnswerOutcome.NOT_FOUND],
        refused=outcomes[AnswerOutcome.REFUSED],
        not_processed=outcomes[AnswerOutcome.NOT_PROCESSED],
        cancelled=outcomes[AnswerOutcome.CANCELLED],
        field_data_errors=families[Family.FIELD],
        learner_data_errors=families[Family.LEARNER],
        business_rule_errors=families[Family.RULE],
    )
