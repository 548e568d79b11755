"""Apply a chunk of a verification batch: every learner's details are compared with the register's (VLD-02, VLD-03).

Only the audit log is written, so a delivery can safely be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.looks import LookAction
from chalicelib.domain.matching import Verification
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.verification_records import VerificationRecord, parse_verification
from chalicelib.ports.learners import Learners
from chalicelib.services.batches.apply import ApplyPorts, ChunkDelivery, ChunkWork
from chalicelib.services.verification import REFUSED, register_failures, register_notices, verifications

_OUTCOMES: Final = {
    "VRC001": Outcome.FOUND,
    "VRC002": Outcome.FOUND,
    "VRC003": Outcome.POSSIBLE,
    "VRC004": Outcome.POSSIBLE,
    "VRC005": Outcome.NOT_FOUND,
    "VRC006": Outcome.NOT_FOUND,
}


class VerificationWork(ChunkWork[VerificationRecord, VerificationRecord]):
    """One delivery of a chunk of a verification batch."""

    action = LookAction.LEARNER_IN_FILE_VERIFIED

    def __init__(self, ports: ApplyPorts, delivery: ChunkDelivery, learners: Learners) -> None:
        super().__init__(ports, delivery)
        self._learners = learners

    def parse(self, record: Record) -> VerificationRecord:
        parsed = parse_verification(record.values)
        return parsed._replace(failures=(*record.failures, *parsed.failures)) if record.failures else parsed

    def check(self, number: int, parsed: VerificationRecord) -> VerificationRecord | RecordResult:
        """A refused record is compared with the register too if its ULN can be read, to report every reason at once.

        An invalid ULN cannot be on the register.
        """
        if parsed.details is not None:
            return parsed
        of_the_uln = any(why.field == "ULN" and why.code != "ACF001" for why in parsed.failures)
        code = "VRC006" if of_the_uln else ""
        flags = ("ULN_NOT_FOUND", "ULN_INVALID") if of_the_uln else ()
        return RecordResult(number, Outcome.REFUSED, code, failures=parsed.failures, flags=flags)

    def apply(self, checked: Mapping[int, VerificationRecord]) -> None:
        details = {number: one.details for number, one in checked.items() if one.details is not None}
        for number, verification in verifications(self._learners, details, self).items():
            faults = checked[number].failures
            self.settled[number] = _refused(number, verification, faults) if faults else _result(number, verification)


def _refused(number: int, verification: Verification, faults: Iterable[Failure]) -> RecordResult:
    """What of a refused record agrees with the register says nothing."""
    if verification.code not in REFUSED:
        return RecordResult(number, Outcome.REFUSED, failures=tuple(faults))
    reasons = (*register_failures(verification), *faults)
    return RecordResult(number, Outcome.REFUSED, verification.code, failures=reasons, flags=verification.flags)


def _result(number: int, verification: Verification) -> RecordResult:
    code = verification.code
    reasons = register_failures(verification) if code in REFUSED else register_notices(verification)
    returned = _details_of(verification.disclosed) if verification.disclosed else ()
    return RecordResult(number, _OUTCOMES[code], code, "", tuple(reasons), returned, verification.flags)


def _details_of(profile: LearnerProfile) -> tuple[str, ...]:
    """The details that VerifiedLearner returns, in its order."""
    born = profile.date_of_birth.isoformat() if profile.date_of_birth else ""
    return profile.uln, profile.family_name, profile.given_name, born, profile.gender
