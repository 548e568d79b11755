"""Answers to the records of learner and verification batches (ULN-06, ULN-07, VLD-03)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from chalicelib.domain.failures import Failure, Family
from chalicelib.domain.jobs import Counts


class JobType(StrEnum):
    """What a learner batch asks for."""

    FULL = "FUL"
    """Register and update."""
    CHECK = "CHK"
    """Look only; nothing is changed."""


class AnswerKind(StrEnum):
    """What became of one submitted record."""

    REGISTERED = "REGISTERED"
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


FAILED = frozenset({AnswerKind.NOT_FOUND, AnswerKind.REFUSED, AnswerKind.NOT_PROCESSED, AnswerKind.CANCELLED})
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


MEANINGS: Mapping[ReturnCode, str] = MappingProxyType(
    {
        ReturnCode.NEW: "A new ULN was allocated.",
        ReturnCode.EXACT: "The learner is on the register; the ULN is answered and nothing was changed.",
        ReturnCode.UPDATED: "The learner was found and updated.",
        ReturnCode.LINKED: "The learner has more than one ULN; the master ULN is answered and nothing was changed.",
        ReturnCode.NOT_FOUND: "There is no such learner, or the ULN is another learner's.",
        ReturnCode.TOO_LITTLE: "Too little was given to allocate a ULN.",
        ReturnCode.POSSIBLE: "The learner may be one of those on the register; a person has to decide.",
        ReturnCode.TOO_MANY: "Too many learners on the register are like this one; a person has to decide.",
        ReturnCode.CONFLICT: "The update conflicts with another one, or with the learner's choice about sharing.",
        ReturnCode.MISSING: "A mandatory value is missing.",
        ReturnCode.FORMAT: "A value is not of its form.",
        ReturnCode.IDENTIFIER: "A UCI, UPN or Scottish candidate number is not of its form.",
        ReturnCode.AGE: "The learner is younger or older than learners are.",
    }
)


class Answer(NamedTuple):
    """Everything that the result files tell of one submitted record."""

    number: int
    """Its number in the file, from 1."""
    kind: AnswerKind
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
    kinds: Counter[AnswerKind] = Counter()
    families: Counter[Family] = Counter()
    for answer in answers:
        kinds[answer.kind] += 1
        if answer.kind in (AnswerKind.REFUSED, AnswerKind.NOT_FOUND):
            families.update({found.family for found in answer.failures})
    return Counts(
        created=kinds[AnswerKind.REGISTERED],
        updated=kinds[AnswerKind.UPDATED],
        found=kinds[AnswerKind.FOUND],
        possible=kinds[AnswerKind.POSSIBLE],
        not_found=kinds[AnswerKind.NOT_FOUND],
        refused=kinds[AnswerKind.REFUSED],
        not_processed=kinds[AnswerKind.NOT_PROCESSED],
        cancelled=kinds[AnswerKind.CANCELLED],
        field_data_errors=families[Family.FIELD],
        learner_data_errors=families[Family.LEARNER],
        business_rule_errors=families[Family.RULE],
    )
