"""Apply a chunk of a verification batch: every learner's details are compared with the register's (VLD-02, VLD-03).

Nothing is written but the audit log, so a delivery may be repeated at will.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from chalicelib.domain.batch_answers import Answer, AnswerOutcome
from chalicelib.domain.failures import failure
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.matching import SubmittedDetails, Verification, verify
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.verification_records import VerificationRecord, parse_verification
from chalicelib.ports.learners import Learners
from chalicelib.services.batches.chunk_work import ISOLATE_FROM, ChunkDelivery, RecordWork, WorkPorts
from chalicelib.services.verification import REFUSED, register_failures

G = TypeVar("G")
T = TypeVar("T")

_OUTCOMES = {
    "VRC001": AnswerOutcome.FOUND,
    "VRC002": AnswerOutcome.FOUND,
    "VRC003": AnswerOutcome.POSSIBLE,
    "VRC004": AnswerOutcome.POSSIBLE,
    "VRC005": AnswerOutcome.NOT_FOUND,
    "VRC006": AnswerOutcome.NOT_FOUND,
}
_LINKED = frozenset({"VRC002", "VRC004"})


class ApplyVerifications:
    """The middle step of the pipeline for verification batches."""

    def __init__(self, ports: WorkPorts, learners: Learners) -> None:
        self._ports = ports
        self._learners = learners

    def __call__(self, delivery: ChunkDelivery) -> list[Answer]:
        """The answers to a chunk. Raises TemporaryFailure."""
        return _Verifications(self._ports, delivery, self._learners).answers()


class _Verifications(RecordWork):
    action = "verify by file"

    def __init__(self, ports: WorkPorts, delivery: ChunkDelivery, learners: Learners) -> None:
        super().__init__(ports, delivery)
        self._learners = learners
        self._profiles: dict[str, LearnerProfile] = {}

    def begin(self, records: Sequence[Record]) -> None:
        """Read the chunk's learners, and again strongly consistent those who would not be verified."""
        found = [self._quietly(_details, record) for record in records]
        wanted = [details for details in found if details]
        self._read((one.uln for one in wanted), consistent=False)
        codes = [self._quietly(self._code, details) for details in wanted]
        doubtful = [one.uln for one, code in zip(wanted, codes, strict=True) if code in REFUSED]
        if doubtful:
            self._read(doubtful, consistent=True)

    def _code(self, details: SubmittedDetails) -> str:
        return self._verified(details).code

    def _quietly(self, step: Callable[[G], T], given: G) -> T | None:
        """What a step gives; where deliveries isolate, nothing for one that fails: the record's answer fails alike."""
        try:
            return step(given)
        except Exception:
            if self.delivery.attempt < ISOLATE_FROM:
                raise
            return None

    def _read(self, ulns: Iterable[str], *, consistent: bool) -> None:
        self._profiles |= self._learners.profiles(dict.fromkeys(ulns), consistent=consistent)
        masters = {one.master_uln for one in self._profiles.values() if one.master_uln} - self._profiles.keys()
        if masters:
            self._profiles |= self._learners.profiles(masters, consistent=consistent)

    def _verified(self, details: SubmittedDetails) -> Verification:
        registered = self._profiles.get(details.uln)
        return verify(details, registered, self._profiles.get(registered.master_uln) if registered else None)

    def answer(self, record: Record) -> Answer:
        parsed = _parsed(record)
        if parsed.details is None:
            return _refused(record, parsed)
        verification = self._verified(parsed.details)
        code = verification.code
        told = []
        if code in REFUSED:
            told += register_failures(verification)
        if _OUTCOMES[code] is AnswerOutcome.POSSIBLE:
            told.append(failure("ACW002", "ULN", why="; ".join(verification.explanation)))
        if code in _LINKED:
            told.append(failure("ACL004", "ULN"))
        answered = _details_of(verification.answered) if verification.answered else ()
        return Answer(record.number, _OUTCOMES[code], code, tuple(told), answered, verification.flags)


def _details(record: Record) -> SubmittedDetails | None:
    return _parsed(record).details


def _parsed(record: Record) -> VerificationRecord:
    parsed = parse_verification(record.values)
    if not record.failures:
        return parsed
    return VerificationRecord(None, (*record.failures, *parsed.failures))


def _refused(record: Record, parsed: VerificationRecord) -> Answer:
    """A record that is not of its form; a ULN that is none cannot be on the register."""
    of_the_uln = any(why.field == "ULN" and why.code != "ACF001" for why in parsed.failures)
    flags = ("ULN_NOT_FOUND", "ULN_INVALID") if of_the_uln else ()
    return Answer(
        record.number,
        AnswerOutcome.REFUSED,
        "VRC006" if of_the_uln else "",
        parsed.failures or record.failures,
        (),
        flags,
    )


def _details_of(profile: LearnerProfile) -> tuple[str, ...]:
    """What VerifiedLearner returns of a learner, in its order."""
    born = profile.date_of_birth.isoformat() if profile.date_of_birth else ""
    return profile.uln, profile.family_name, profile.given_name, born, profile.gender
