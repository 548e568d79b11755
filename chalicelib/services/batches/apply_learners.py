"""Apply a chunk of a learner batch: learners are found, registered and updated, each once (ULN-06, ULN-07).

Why it is exact, whatever is delivered twice or dies half-way: what a record writes, a learner or a new version of one,
carries the mark of job and record with the answer given. The ULNs that a record may draw follow from a seed of
the chunk, which is drawn at random and kept before the first of them is used. A later delivery reads the learners under
these ULNs, and those that records name; where it finds its mark it repeats the answer, and writes nothing. Of two
records, files or services that register one person at once, the identity lock lets one write; the others answer its
ULN.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from chalicelib.domain.batch_answers import Answer, AnswerOutcome, JobType, ReturnCode
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learner_rules import changed_details, is_named, may_change_sharing
from chalicelib.domain.learners import LINKED, OTHER_VERIFICATION, Learner, LearnerDetails, profile_of
from chalicelib.domain.matching import SubmittedDetails, verify
from chalicelib.domain.pending_matches import PendingMatch, PendingReason
from chalicelib.domain.people import parse_date, parse_postcode
from chalicelib.domain.uln import Uln, mint
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.learner_records import LearnerRecord, file_failures, parse_learner, return_code_of
from chalicelib.formats.batch.records import Record
from chalicelib.ports.clock import NewId
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.learners import AlreadyRegistered, Created, LearnerRegister, PendingMatches
from chalicelib.services.batches.chunk_work import ChunkDelivery, RecordWork, WorkPorts
from chalicelib.services.learner_search import LearnerSearch, SearchResult, next_version

DRAWS: Final = 8
"""ULNs that one record may draw; of all that there are, one in twenty is taken."""

TRIES: Final = 5
"""How often an update that others overtake is decided again."""

MARKS_KEPT: Final = 8
"""Marks of batch records that a learner keeps."""


@dataclass(frozen=True, slots=True)
class LearnerWorkPorts:
    """What the step needs of the world outside besides what every step needs."""

    register: LearnerRegister
    pending: PendingMatches
    search: LearnerSearch
    new_id: NewId


class ApplyLearners:
    """The middle step of the pipeline for learner batches."""

    def __init__(self, ports: WorkPorts, learners: LearnerWorkPorts) -> None:
        self._ports = ports
        self._learners = learners

    def __call__(self, delivery: ChunkDelivery) -> list[Answer]:
        """The answers to a chunk. Raises TemporaryFailure."""
        return _LearnerWork(self._ports, delivery, self._learners).answers()


class _LearnerWork(RecordWork):
    action = "register by file"

    def __init__(self, ports: WorkPorts, delivery: ChunkDelivery, learners: LearnerWorkPorts) -> None:
        super().__init__(ports, delivery)
        self._ports = learners
        self._job_type = JobType(delivery.job.job_type or JobType.FULL)
        if self._job_type is JobType.CHECK:
            self.action = "check by file"
        self._today = london_day(delivery.job.submitted_at)

    def _parsed(self, record: Record) -> LearnerRecord:
        parsed = parse_learner(record.values, self._job_type, self._today)
        return parsed._replace(failures=(*record.failures, *parsed.failures)) if record.failures else parsed

    def answer(self, record: Record) -> Answer:
        parsed = self._parsed(record)
        if parsed.failures:
            return self._refused(record, return_code_of(parsed.failures), *parsed.failures)
        if not parsed.uln:
            return self._find_or_register(record, parsed)
        return self._update(record, parsed) if self._job_type is JobType.FULL else self._check(record, parsed)

    # What an earlier delivery has done.

    def _mark(self, record: Record, code: ReturnCode) -> str:
        return f"{self.job.job_id}/{record.number}={code}"

    def _own(self, record: Record, learner: Learner) -> Answer | None:
        """The answer that this record was given by the delivery that wrote a version of the learner."""
        mine = f"{self.job.job_id}/{record.number}="
        code = next((mark.removeprefix(mine) for mark in learner.batch_records if mark.startswith(mine)), "")
        if not code:
            return None
        outcome = AnswerOutcome.CREATED if code == ReturnCode.NEW else AnswerOutcome.UPDATED
        return Answer(record.number, outcome, code, (), (learner.uln,))

    def recalled(self, records: Sequence[Record]) -> Mapping[int, Answer]:
        """What stands on the register with the mark of a record: under the ULN that it names, or one that it drew."""
        if self._job_type is JobType.CHECK:
            return {}
        wanted: dict[int, list[str]] = {}
        for record in records:
            try:
                parsed = self._parsed(record)
            except Exception:  # noqa: BLE001 - it is answered, or isolated, when its turn comes
                wanted[record.number] = [self._drawn(record, turn) for turn in range(DRAWS)]
                continue
            if parsed.uln and not parsed.failures:
                wanted[record.number] = [parsed.uln]
            elif parsed.details is not None and not parsed.failures:
                wanted[record.number] = [self._drawn(record, turn) for turn in range(DRAWS)]
        held = self._ports.register.read(dict.fromkeys(uln for ulns in wanted.values() for uln in ulns))
        found: dict[int, Answer] = {}
        for record in records:
            learners = [held[uln] for uln in wanted.get(record.number, ()) if uln in held]
            own = next((answer for one in learners if (answer := self._own(record, one))), None)
            if own is not None:
                found[record.number] = own
        return found

    # A record without a ULN.

    def _find_or_register(self, record: Record, parsed: LearnerRecord) -> Answer:
        assert parsed.criteria is not None
        result = self._ports.search.search(parsed.criteria)
        if result.code in ("WSRC0004", "WSRC0022"):
            profile = result.judged[0].profile
            if not profile.master_uln:
                return self._found(record, profile.uln)
            return self._answered_for(record, profile.uln, self._ports.register.get(profile.uln, consistent=True))
        if self._job_type is JobType.CHECK:
            return self._looked(record, result)
        assert parsed.details is not None
        if result.code == "WSRC0001":
            return self._register(record, parsed.details)
        return self._pending(record, parsed, parsed.details, result)

    def _found(self, record: Record, uln: str, master_uln: str = "") -> Answer:
        if master_uln:
            notice = failure("ACL004", "ULN")
            return Answer(record.number, AnswerOutcome.FOUND, ReturnCode.LINKED, (notice,), (master_uln,))
        return Answer(record.number, AnswerOutcome.FOUND, ReturnCode.EXACT, (), (uln,))

    def _looked(self, record: Record, result: SearchResult) -> Answer:
        if result.code == "WSRC0001":
            return self._not_found(record, failure("LRS-LRB-4"))
        code = ReturnCode.POSSIBLE if result.judged else ReturnCode.TOO_MANY
        return Answer(record.number, AnswerOutcome.POSSIBLE, code, (failure("LRS-LRB-3"),))

    def _pending(self, record: Record, parsed: LearnerRecord, details: LearnerDetails, result: SearchResult) -> Answer:
        """Until a person has decided nobody is registered (ULN-05); asked again, the same match waits."""
        few = bool(result.judged)
        caller = self.delivery.caller
        self._ports.pending.open(
            PendingMatch(
                "P" + self._ports.new_id(),
                caller.ukprn,
                caller.user,
                caller.channel,
                self._outside.clock(),
                PendingReason.POSSIBLE_MATCHES if few else PendingReason.TOO_MANY_MATCHES,
                details,
                tuple(dict.fromkeys(one.profile.master_uln or one.profile.uln for one in result.judged)),
                parsed.mis_identifier,
                self.job.job_id,
            )
        )
        code, notice = (ReturnCode.POSSIBLE, "LRS-LRB-1") if few else (ReturnCode.TOO_MANY, "LRS-LRB-2")
        return Answer(record.number, AnswerOutcome.POSSIBLE, code, (failure(notice),))

    def _register(self, record: Record, details: LearnerDetails) -> Answer:
        now, caller = self._outside.clock(), self.delivery.caller
        for turn in range(DRAWS):
            learner = Learner(
                self._drawn(record, turn),
                details,
                created_date=now,
                last_updated_date=now,
                registered_by=caller.ukprn,
                created_via_channel=caller.channel,
                last_updated_by=caller.ukprn,
                last_updated_user=caller.user,
                last_updated_via_channel=caller.channel,
                last_updated_action="register",
                batch_records=(self._mark(record, ReturnCode.NEW),),
            )
            written = self._ports.register.create(learner)
            if isinstance(written, Created):
                return Answer(record.number, AnswerOutcome.CREATED, ReturnCode.NEW, (), (learner.uln,))
            if isinstance(written, AlreadyRegistered):
                return self._registered_already(record, written.uln)
        raise TemporaryFailure("no ULN was free")

    def _registered_already(self, record: Record, uln: str) -> Answer:
        """Somebody has written these details since they were looked for, perhaps an earlier try of our own."""
        held = self._ports.register.get(uln, consistent=True)
        own = self._own(record, held) if held else None
        if own is not None:
            return own
        return self._answered_for(record, uln, held)

    def _answered_for(self, record: Record, uln: str, held: Learner | None) -> Answer:
        """Who is answered for the learner of a ULN, the master where linked; one restricted is not told of."""
        answered = self._ports.search.master_of(held)
        if answered is not None and not answered.restricted:
            return self._found(record, uln, answered.uln if answered.uln != uln else "")
        if self._job_type is JobType.CHECK:
            return self._not_found(record, failure("LRS-LRB-4"))
        return self._refused(record, ReturnCode.CONFLICT, failure("LRS-LRB-5"))

    def _drawn(self, record: Record, turn: int) -> Uln:
        """The ULN that a record draws at its n-th try: by chance, and at every delivery the same."""
        return mint(_draws(f"{self._seed}/{record.number}/{turn}"))

    @cached_property
    def _seed(self) -> str:
        key = f"work/{self.job.job_id}/seed/{self.delivery.chunk:04d}.txt"
        files = self._outside.files
        files.write_if_absent("work", key, self._ports.new_id().encode(), "text/plain")
        return files.read("work", key).decode()

    # A record with a ULN.

    def _update(self, record: Record, parsed: LearnerRecord) -> Answer:
        for _ in range(TRIES):
            held = self._ports.register.get(parsed.uln, consistent=True)
            if held is None or not held.is_live or held.restricted:
                return self._not_found(record, failure("ACL002", "ULN"))
            if not is_named(profile_of(held), parsed.given):
                return self._not_found(record, failure("ACL003", "ULN"))
            if held.status == LINKED:
                answered = self._ports.search.master_of(held)
                if answered is None or answered.restricted:
                    return self._not_found(record, failure("ACL002", "ULN"))
                return self._found(record, held.uln, answered.uln if answered.uln != held.uln else "")
            decided = self._decided(record, parsed, held)
            if isinstance(decided, Answer):
                return decided
            try:
                self._ports.register.update(decided)
            except Conflict:
                continue
            return Answer(record.number, AnswerOutcome.UPDATED, ReturnCode.UPDATED, (), (held.uln,))
        return self._refused(record, ReturnCode.CONFLICT, failure("LRS-LRB-6", "ULN"))

    def _decided(self, record: Record, parsed: LearnerRecord, held: Learner) -> Answer | Learner:
        """The version to write, or the answer where there is nothing to write. What is empty is left as it is held."""
        given = dict(parsed.given)
        if held.details.unique_pupil_number:
            given.pop("unique_pupil_number", None)
        if given.get("verification_type", OTHER_VERIFICATION) != OTHER_VERIFICATION:
            given.setdefault("other_verification_description", "")  # it described the former type
        details = changed_details(held.details, given, self._today)
        if not isinstance(details, LearnerDetails):
            reasons = file_failures(details)
            return self._refused(record, return_code_of(reasons), *reasons)
        if details == held.details:
            return self._found(record, held.uln)
        if not may_change_sharing(held.details.ability_to_share, details.ability_to_share):
            return self._refused(record, ReturnCode.CONFLICT, failure("LRS-LRB-7", "PrivacyNoticeSeen"))
        marks = (*held.batch_records, self._mark(record, ReturnCode.UPDATED))[-MARKS_KEPT:]
        changed = held._replace(details=details, batch_records=marks)
        return next_version(self.delivery.caller, changed, "update", self._outside.clock())

    def _check(self, record: Record, parsed: LearnerRecord) -> Answer:
        held = self._ports.register.get(parsed.uln, consistent=True)
        master = self._ports.search.master_of(held) if held is not None and held.status == LINKED else None
        verification = verify(
            _submitted(parsed), profile_of(held) if held else None, profile_of(master) if master else None
        )
        if verification.code == "VRC001":
            return self._found(record, parsed.uln)
        if verification.code in ("VRC002", "VRC004") and verification.answered is not None:
            return self._found(record, parsed.uln, verification.answered.uln)
        if verification.code == "VRC003":
            notice = failure("ACW002", "ULN", why="; ".join(verification.explanation))
            return Answer(record.number, AnswerOutcome.POSSIBLE, ReturnCode.POSSIBLE, (notice,))
        code = "ACL002" if verification.code == "VRC006" else "ACL003"
        return self._not_found(record, failure(code, "ULN", flags=", ".join(verification.flags)))

    # Answers.

    def _refused(self, record: Record, code: ReturnCode, *reasons: Failure) -> Answer:
        return Answer(record.number, AnswerOutcome.REFUSED, code, reasons)

    def _not_found(self, record: Record, reason: Failure) -> Answer:
        return Answer(record.number, AnswerOutcome.NOT_FOUND, ReturnCode.NOT_FOUND, (reason,))


def _draws(seed: str) -> Callable[[int], int]:
    """Numbers that follow from a seed and look like chance to whoever does not know it."""
    taken = iter(range(1_000_000))
    return lambda most: int.from_bytes(hashlib.sha256(f"{seed}/{next(taken)}".encode()).digest(), "big") % most


def _born(parsed: LearnerRecord) -> object:
    return parse_date(parsed.given.get("date_of_birth", ""), "DateOfBirth")


def _submitted(parsed: LearnerRecord) -> SubmittedDetails:
    """A record whose fields are sound, as verification takes it."""
    given = parsed.given
    born = _born(parsed) if "date_of_birth" in given else None
    postcode = (
        parse_postcode(given["last_known_post_code"], "LastKnownPostCode") if "last_known_post_code" in given else ""
    )
    return SubmittedDetails(
        parsed.uln,
        given["given_name"].strip(),
        given["family_name"].strip(),
        born,  # type: ignore[arg-type]
        given.get("gender", "").strip(),
        postcode,  # type: ignore[arg-type]
    )
