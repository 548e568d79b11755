"""The results of a submission's records, of whatever kind (ACH-07, ULN-07, VLD-03)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain.failures import Failure, Family
from chalicelib.domain.jobs import Counts

LATE: Final = "ACW003"
"""The notice about an award, or the action of a change, more than ten working days before submission (ACH-10)."""
UNCHECKED: Final = "ACW006"
"""The notice about a grade that was not checked, because no grades are known for the aim."""


class Outcome(StrEnum):
    """The outcome of one submitted record."""

    CREATED = "CREATED"
    REGISTERED = "REGISTERED"
    """A learner was registered."""
    UPDATED = "UPDATED"
    WITHDRAWN = "WITHDRAWN"
    REINSTATED = "REINSTATED"
    PROMOTED = "PROMOTED"
    """A provisional achievement became final."""
    UNCHANGED = "UNCHANGED"
    """The achievement is the same as submitted; nothing was written."""
    FOUND = "FOUND"
    """The learner is registered as submitted; nothing was changed."""
    POSSIBLE = "POSSIBLE"
    """There are possible matches; someone has to decide."""
    NOT_FOUND = "NOTFOUND"
    """No learner matches, or the ULN belongs to another learner."""
    REFUSED = "REFUSED"
    NOT_PROCESSED = "NOTPROCESSED"
    """A fault of the service; see the LRS-FAULT codes."""
    CANCELLED = "CANCELLED"


ACHIEVEMENT_OUTCOMES: Final = (
    Outcome.CREATED,
    Outcome.UPDATED,
    Outcome.WITHDRAWN,
    Outcome.REINSTATED,
    Outcome.PROMOTED,
    Outcome.UNCHANGED,
    Outcome.REFUSED,
    Outcome.NOT_PROCESSED,
    Outcome.CANCELLED,
)
"""Outcomes of achievement records."""

VERIFICATION_OUTCOMES: Final = (
    Outcome.FOUND,
    Outcome.POSSIBLE,
    Outcome.NOT_FOUND,
    Outcome.REFUSED,
    Outcome.NOT_PROCESSED,
    Outcome.CANCELLED,
)
"""Outcomes of verification records."""

LEARNER_OUTCOMES: Final = (Outcome.REGISTERED, Outcome.UPDATED, *VERIFICATION_OUTCOMES)
"""Outcomes of learner records."""

FAILED: Final = frozenset({Outcome.NOT_FOUND, Outcome.REFUSED, Outcome.NOT_PROCESSED, Outcome.CANCELLED})
"""Outcomes that put a record into the error file."""

APPLIED: Final = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.WITHDRAWN, Outcome.REINSTATED, Outcome.PROMOTED})
"""Outcomes of achievement records that have made a version."""

_COUNTERS: Final = {outcome: outcome.name.lower() for outcome in Outcome} | {Outcome.REGISTERED: "created"}


def counter_of(outcome: Outcome) -> str:
    """The counter of a job in which records with this outcome are counted."""
    return _COUNTERS[outcome]


class RecordResult(NamedTuple):
    """Everything that the result files say about one submitted record."""

    number: int
    """Its number in the file, from 1."""
    outcome: Outcome
    return_code: str = ""
    """VRC001 to VRC006, or RC001 to RC013 in a learner batch; empty if no learner was read."""
    master_uln: str = ""
    """For an achievement: the master's ULN, if the submitted one is linked."""
    failures: tuple[Failure, ...] = ()
    """Reasons and notices together."""
    returned: tuple[str, ...] = ()
    """Details of the learner that a learner or verification batch returns, or of the master if linked: the ULN; for a
    verification also family name, given name, date of birth and gender.
    """
    flags: tuple[str, ...] = ()
    """Failure flags of a verification, at most eight."""

    @property
    def is_late(self) -> bool:
        """Whether this was applied more than ten working days after its award or action date (ACH-10)."""
        return self.outcome in APPLIED and any(found.code == LATE for found in self.failures)

    @property
    def is_noticed(self) -> bool:
        """Whether this was accepted with a notice."""
        return self.outcome not in FAILED and any(not found.refuses for found in self.failures)


def without_late(reasons: Iterable[Failure]) -> tuple[Failure, ...]:
    """The reasons and notices of a record that is not applied: nothing is marked as late then."""
    return tuple(reason for reason in reasons if reason.code != LATE)


def count(results: Collection[RecordResult]) -> Counts:
    """A job's counters from the results of its records."""
    counters: Counter[str] = Counter()
    for outcome, number in Counter([result.outcome for result in results]).items():
        counters[_COUNTERS[outcome]] += number
    families: Counter[Family] = Counter()
    for result in results:
        if result.failures and result.outcome in (Outcome.REFUSED, Outcome.NOT_FOUND):
            families.update({found.family for found in result.failures})
        elif result.failures:
            counters["late"] += result.is_late
            counters["noticed"] += result.is_noticed
    return Counts(
        **counters,
        field_data_errors=families[Family.FIELD],
        learner_data_errors=families[Family.LEARNER],
        business_rule_errors=families[Family.RULE],
    )
