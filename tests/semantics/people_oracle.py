"""The sequential oracle for learner and verification files.

It knows in a few lines what one record does to the register. Every write of a chunk must be what its record makes of
the register at that moment, each once and in file order. A record that wrote nothing must be explained by the register
at a time between the writes of the records about the same learner before and after it in the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from chalicelib.domain.jobs import Job, JobStatus
from chalicelib.domain.learners import LINKED, Learner
from chalicelib.domain.results import FAILED, Outcome, RecordResult, counter_of
from tests.semantics.oracle import Oracle
from tests.semantics.people_files import PEOPLE, POISON, PeopleContent, Record, mis_identifier, person_of
from tests.semantics.people_stage import Held, PeopleStage, Written
from tests.semantics.stage import Dropped

NOT_TRIED = frozenset({Outcome.CANCELLED, Outcome.NOT_PROCESSED})
OBJECTIONS = frozenset({"WSRC0019", "ACL002", "ACL003"})
WRITES = frozenset({"RC001", "RC003"})
FAMILY_NAMES = tuple(person.family_name for person in PEOPLE)

Answer = tuple[str, str]
"""Return code, and the ULN that is returned."""


def with_uln(held: Held, one: Record, *, checks: bool) -> Answer:
    """A record of a learner file that has a ULN."""
    named = held.get(one.uln)
    if named is None or person_of(named) != one.person:
        return "RC005", ""
    if named.status == LINKED:
        return "RC004", named.master_uln
    if checks or changed(named, one) == named:
        return "RC002", one.uln
    return "RC003", one.uln


def without_uln(held: Held, one: Record, *, checks: bool) -> Answer:
    """A record of a learner file that has none; the ULN of a new learner is not known."""
    same = [it for it in held.values() if person_of(it) == one.person]
    exact = [it for it in same if it.details.last_known_post_code == one.postcode]
    if len(exact) == 1:
        return ("RC004", exact[0].master_uln) if exact[0].status == LINKED else ("RC002", exact[0].uln)
    if same:
        return "RC007", ""
    return ("RC005", "") if checks else ("RC001", "")


def verified(held: Held, one: Record) -> Answer:
    """A record of a verification file."""
    named = held.get(one.uln)
    if named is None:
        return "VRC006", ""
    if person_of(named) != one.person:
        return "VRC005", ""
    return ("VRC002", named.master_uln) if named.status == LINKED else ("VRC001", named.uln)


def changed(held: Learner, one: Record) -> Learner:
    """The learner with what the record gives."""
    given = {"last_known_post_code": one.postcode, "place_of_birth": one.place_of_birth}
    return held._replace(details=held.details._replace(**{name: text for name, text in given.items() if text}))


class PeopleOracle(Oracle):
    """Checks one stage with learner or verification files."""

    stage: PeopleStage
    personal = (*FAMILY_NAMES, "Quartermaine")

    def judge(self) -> list[str]:
        for dropped in self.stage.dropped:
            self._judge_file(dropped)
        for job_id, dropped in self.files.items():
            if job_id in self.answers:
                self._judge_records(dropped.content, self.jobs[job_id])
        self._judge_strays()
        self._judge_pending()
        self._judge_notices()
        self._judge_words()
        return self.found

    def _judge_counts(self, job: Job, results: dict[int, RecordResult]) -> None:
        outcomes = Counter(counter_of(result.outcome) for result in results.values())
        outcomes += Counter(noticed=sum(result.is_noticed for result in results.values()))
        reported = {name: count for name, count in job.counts._asdict().items() if count and not name.endswith("rrors")}
        if reported != dict(outcomes) or job.records != len(results):
            self.wrong(f"{job.job_id}: counts {reported}, results {dict(outcomes)}")
        ended = JobStatus.FAILED if outcomes["not_processed"] else JobStatus.SUCCESSFUL
        if job.status is not (JobStatus.CANCELLED if job.cancelled_at else ended):
            self.wrong(f"{job.job_id} ended as {job.status.value}")
        failed = sum(result.outcome in FAILED for result in results.values())
        if failed != (len(self.stage.pipeline.errors(job)) if job.error_key else 0):
            self.wrong(f"{job.job_id}: the error file has not the {failed} failed records")

    # Records.

    def _judge_records(self, content: PeopleContent, job: Job) -> None:
        answers = self.answers[job.job_id]
        written = self._written_by(content, job)
        for one in content.records:
            reported = answers.get(one.number)
            if reported is None:
                continue
            if self._judge_not_decided(content, job, one, reported):
                if one.flaw and one.uln and reported.outcome is Outcome.REFUSED:
                    self._judge_objection(job, one, reported, self._states_of(content, job, one, written))
                continue
            if reported.return_code in WRITES and not self.stage.verifies:
                self._judge_write(job, one, reported, written.get(one.number))
            else:
                self._judge_unwritten(content, job, one, reported, written)

    def _judge_not_decided(self, content: PeopleContent, job: Job, one: Record, reported: RecordResult) -> bool:
        """Whether the answer does not depend on the register; then it must have a reason."""
        who = f"record {one.number} of {job.job_id}"
        stopped = job.cancelled_at is not None or content.ukprn in self.truth.suspended
        codes = {reason.code for reason in reported.failures if reason.refuses}
        if reported.outcome is Outcome.CANCELLED:
            if not stopped:
                self.wrong(f"{who} is cancelled without cause")
        elif reported.outcome is Outcome.NOT_PROCESSED:
            given_up = codes == {"LRS-FAULT-2"} and self._may_be_given_up(job)
            if not given_up and one.uln != POISON:
                self.wrong(f"{who} is not processed: {sorted(codes)}")
        elif one.flaw:
            if reported.outcome is not Outcome.REFUSED:
                self.wrong(f"{who} has the flaw {one.flaw} and is {reported.outcome}")
        elif one.uln == POISON:
            self.wrong(f"{who} stops the program and is {reported.outcome}")
        else:
            return False
        return True

    def _written_by(self, content: PeopleContent, job: Job) -> dict[int, int]:
        """The place of each record's write among all writes, by the order of the writes of each learner."""
        answers = self.answers[job.job_id]
        places: dict[str, list[int]] = {}
        for place, write in enumerate(self.stage.written):
            if write.chunk is not None and write.chunk[0] == job.job_id:
                places.setdefault(write.after.uln, []).append(place)
        found: dict[int, int] = {}
        for one in content.records:
            reported = answers.get(one.number)
            if reported is not None and reported.return_code in WRITES and not self.stage.verifies:
                left = places.get(reported.returned[0], [])
                if left:
                    found[one.number] = left.pop(0)
        for uln, left in places.items():
            if left:
                self.wrong(f"{job.job_id} wrote {uln} {len(left)} times more than it answers")
        return found

    def _judge_write(self, job: Job, one: Record, reported: RecordResult, place: int | None) -> None:
        who = f"record {one.number} of {job.job_id}"
        if place is None:
            self.wrong(f"{who} is answered {reported.return_code} and wrote nothing")
            return
        write, before = self.stage.written[place], self.stage.states[place]
        code, _ = self._decided(before, one, job)
        if code != reported.return_code:
            self.wrong(f"{who} is {reported.return_code}, in order {code}")
        elif not _is_of(write, one):
            self.wrong(f"{who} is answered {reported.return_code}, and version {write.after.version_number} is not its")

    def _decided(self, held: Held, one: Record, job: Job) -> Answer:
        if self.stage.verifies:
            return verified(held, one)
        rule = with_uln if one.uln else without_uln
        return rule(held, one, checks=job.job_type == "CHK")

    def _judge_unwritten(
        self, content: PeopleContent, job: Job, one: Record, reported: RecordResult, written: dict[int, int]
    ) -> None:
        """There must have been a time, in the order of the file, at which the record had this answer."""
        given = (reported.return_code, reported.returned[0] if reported.returned else "")
        states = self._states_of(content, job, one, written)
        possible = {self._decided(held, one, job) for held in states}
        # A search reads several keys one after another. Who changes meanwhile may be seen twice, or as they were.
        is_torn = given == ("RC007", "") and len(states) > 1 and any(_is_there(held, one) for held in states)
        if given not in possible and not is_torn:
            self.wrong(f"record {one.number} of {job.job_id}: {given}, in order {sorted(possible)}")

    def _judge_objection(self, job: Job, one: Record, reported: RecordResult, states: Sequence[Held]) -> None:
        """A record with a flaw has the register's reason too if its ULN is nobody's or another's."""
        codes = {why.code for why in reported.failures}
        given = bool(codes & OBJECTIONS)
        if given not in {_is_anothers(held, one) for held in states}:
            self.wrong(f"record {one.number} of {job.job_id} has a flaw and {sorted(codes)}")

    def _states_of(self, content: PeopleContent, job: Job, one: Record, written: dict[int, int]) -> Sequence[Held]:
        """The register at the times at which a record that wrote nothing may have been applied."""
        chunks = [chunk for chunk in self.stage.first if chunk[0] == job.job_id]
        first = min((self.stage.first[chunk] for chunk in chunks), default=0)
        last = max((self.stage.last.get(chunk, len(self.stage.written)) for chunk in chunks), default=0)
        same = [other.number for other in content.records if other.group == one.group]
        first = max([first, *(written[number] + 1 for number in same if number in written and number < one.number)])
        last = min([last, *(written[number] for number in same if number in written and number > one.number)])
        return self.stage.states[first : last + 1]

    # What else there is.

    def _judge_strays(self) -> None:
        for write in self.stage.written:
            if write.chunk is not None and write.chunk[0] not in self.answers:
                self.wrong(f"{write.chunk} wrote, and its job has no answers")
        numbers: dict[str, int] = {}
        for write in self.stage.written:
            before = numbers.get(write.after.uln, write.before.version_number if write.before else 0)
            if write.after.version_number != before + 1:
                self.wrong(f"{write.after.uln} has version {write.after.version_number} after {before}")
            numbers[write.after.uln] = write.after.version_number

    def _judge_pending(self) -> None:
        """A possible match waits once, for a record that says so."""
        raised = Counter((one.job_id, one.mis_identifier) for one in self.stage.world.pending_matches.held.values())
        answered = {
            (job_id, mis_identifier(dropped.content.number, one))
            for job_id, dropped in self._answered()
            for one in dropped.content.records
            if (result := self.answers[job_id].get(one.number)) is not None
            and (result.return_code, self.jobs[job_id].job_type) == ("RC007", "FUL")
        }
        waiting = {(one.ukprn, one.details.given_name) for one in self.stage.world.pending_matches.held.values()}
        for job_id, dropped in self._answered():
            for one in dropped.content.records:
                is_possible = (job_id, mis_identifier(dropped.content.number, one)) in answered
                if is_possible and (dropped.content.ukprn, one.person.given_name) not in waiting:
                    self.wrong(f"record {one.number} of {job_id} waits for a decision that nobody can make")
        for record, times in raised.items():
            if times > 1 or record not in answered:
                self.wrong(f"{record} waits {times} times, and is{'' if record in answered else ' not'} answered so")

    def _answered(self) -> Iterable[tuple[str, Dropped]]:
        return ((job_id, dropped) for job_id, dropped in self.files.items() if job_id in self.answers)


def _is_anothers(held: Held, one: Record) -> bool:
    """Whether the ULN of the record is nobody's, or somebody's with another family name."""
    named = held.get(one.uln)
    return named is None or named.details.family_name != one.person.family_name


def _is_there(held: Held, one: Record) -> bool:
    """Whether anybody on the register is the person of the record."""
    return not one.uln and any(person_of(it) == one.person for it in held.values())


def _is_of(write: Written, one: Record) -> bool:
    """Whether a version is what the record makes of the one before."""
    details = write.after.details
    if write.before is not None:
        return details == changed(write.before, one).details
    place = (details.last_known_post_code, details.place_of_birth)
    return (person_of(write.after), *place) == (one.person, one.postcode, one.place_of_birth)
