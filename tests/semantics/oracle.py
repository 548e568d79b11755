"""The sequential oracle: what may have happened, decided only from the files, the store's history and the answers.

It has the rules of the four actions in a few lines of its own, and knows nothing about chunks, leases, turns or
retries. Every version of every achievement is replayed; every answer must be that of one place in that history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from chalicelib.domain.achievements import Achievement, Key, Version
from chalicelib.domain.failures import FAMILIES, Family
from chalicelib.domain.jobs import DEADLINE, OWN_LIMIT, Job, JobStatus
from chalicelib.domain.results import ACHIEVEMENT_OUTCOMES, Outcome, RecordResult
from tests.builders.achievements import FAMILY_NAMES, GIVEN_NAMES, SHARED_AIM, uln
from tests.builders.organisations import OURS
from tests.semantics.files import LEARNERS, PREVIOUS_NAME, Submitted
from tests.semantics.stage import PATIENCE, Dropped, Stage

APPLIED = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.WITHDRAWN, Outcome.REINSTATED, Outcome.PROMOTED})
UNMOVED = frozenset({Outcome.UNCHANGED, Outcome.REFUSED})
NOT_TRIED = frozenset({Outcome.CANCELLED, Outcome.NOT_PROCESSED})

PERSONAL = (
    *GIVEN_NAMES,
    *FAMILY_NAMES,
    PREVIOUS_NAME,
    "Zebedee",
    "Quartermaine",
    *(uln(n) for n in range(LEARNERS + 1)),
)


class Stands(NamedTuple):
    """The parts of an achievement that the rules need."""

    owner: str
    family_name: str
    active: bool
    submission_type: str
    grade: str
    provider: str


def decide(
    state: Stands | None, one: Submitted, ukprn: str, submission_type: str, *, single: bool = False
) -> tuple[Stands | None, Outcome]:
    """One record on one state (AO18 5.2.1 to 5.2.4), in the oracle's own words."""
    refused = (state, Outcome.REFUSED)
    if one.action == "1":
        fresh = Stands(ukprn, one.family_name, True, submission_type, one.grade, one.provider)
        if state is None:
            return fresh, Outcome.CREATED
        return (state, Outcome.UNCHANGED) if state == fresh else refused
    if state is None or state.owner != ukprn or state.family_name != one.family_name:
        return refused
    if state.active is (one.action == "4"):
        return refused
    if one.action == "3":
        return state._replace(active=False), Outcome.WITHDRAWN
    if one.action == "4":
        if single and one.grade and one.grade != state.grade:
            return refused
        return state._replace(active=True, grade=one.grade or state.grade), Outcome.REINSTATED
    if (state.submission_type, submission_type) == ("FINAL", "PROVISIONAL"):
        return refused
    changes = {"grade": one.grade or state.grade, "provider": one.provider or state.provider}
    after = state._replace(submission_type=submission_type, **changes)
    if after == state:
        return state, Outcome.UNCHANGED
    return after, Outcome.PROMOTED if submission_type != state.submission_type else Outcome.UPDATED


def standing(state: Achievement) -> Stands:
    active = state.status.value == "ACTIVE"
    kind = state.submission_type.value
    return Stands(state.owner, state.family_name, active, kind, state.grade, state.provider_ukprn)


class Oracle:
    """Checks one stage after it has settled."""

    personal: Collection[str] = PERSONAL

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.truth = stage.truth
        self.found: list[str] = list(stage.truth.faults)
        self.jobs = stage.world.jobs.held
        self.files = {job.job_id: dropped for dropped in stage.dropped for job in stage.jobs_of(dropped)}
        self.answers: dict[str, dict[int, RecordResult]] = {}

    def judge(self) -> list[str]:
        """Everything that is wrong, in words; empty when nothing is."""
        for dropped in self.stage.dropped:
            self._judge_file(dropped)
        for key, state in self.stage.world.achievements.held.items():
            self._judge_history(key, state)
        for job_id, dropped in self.files.items():
            if job_id in self.answers:
                self._judge_answers(dropped, self.jobs[job_id])
        self._judge_notices()
        self._judge_words()
        return self.found

    def wrong(self, text: str) -> None:
        self.found.append(text)

    # Files.

    def _judge_file(self, dropped: Dropped) -> None:
        jobs = self.stage.jobs_of(dropped)
        if len(jobs) != 1:
            self.wrong(f"{len(jobs)} jobs took on {dropped.source}")
            return
        job = jobs[0]
        if not job.status.is_end or job.finished_at is None:
            self.wrong(f"{job.job_id} has not ended")
            return
        if job.finished_at - job.submitted_at > DEADLINE:
            self.wrong(f"{job.job_id} ended late")
        if job.is_split:
            self._judge_result_files(dropped, job)
        else:
            self._judge_untouched(dropped, job)

    def _judge_untouched(self, dropped: Dropped, job: Job) -> None:
        codes = {reason.code for reason in job.rejection}
        if job.status is JobStatus.CANCELLED:
            if job.job_id not in self.truth.cancelled:
                self.wrong(f"{job.job_id} is cancelled, but nobody requested it")
            return
        allowed = bool(dropped.content.flaw) or dropped.content.ukprn in self.truth.suspended
        given_up = codes == {"LRS-FAULT-2"} and self._may_be_given_up(job)
        if not codes or not (allowed or given_up) or not job.error_key:
            self.wrong(f"{job.job_id} is refused for {sorted(codes)}")

    def _judge_result_files(self, dropped: Dropped, job: Job) -> None:
        if dropped.content.flaw:
            self.wrong(f"{job.job_id} was let in with its flaw")
        try:
            results = self.stage.pipeline.results(job.job_id)
        except KeyError:
            self.wrong(f"{job.job_id} has a chunk that is done and has no results")
            return
        self.answers[job.job_id] = results
        numbers = [one.number for one in dropped.content.records]
        if sorted(results) != numbers:
            self.wrong(f"{job.job_id}: answered are {sorted(results)} of {len(numbers)} records")
        reported = [(int(row["RecordNumber"]), row["Outcome"]) for row in self.stage.pipeline.output(job)]
        if reported != [(number, result.outcome.value) for number, result in sorted(results.items())]:
            self.wrong(f"{job.job_id}: its output file says {reported}")
        self._judge_counts(job, results)

    def _judge_counts(self, job: Job, results: dict[int, RecordResult]) -> None:
        outcomes = Counter(result.outcome for result in results.values())
        counts = job.counts._asdict()
        reported = {outcome: counts[_COUNTER[outcome]] for outcome in _COUNTER if counts[_COUNTER[outcome]]}
        if reported != dict(outcomes) or job.records != len(results):
            self.wrong(f"{job.job_id}: counts {reported}, results {dict(outcomes)}")
        expected = JobStatus.FAILED if outcomes[Outcome.NOT_PROCESSED] else JobStatus.SUCCESSFUL
        if job.status is not (JobStatus.CANCELLED if job.cancelled_at else expected):
            self.wrong(f"{job.job_id} ended as {job.status.value}")
        failed = sum(outcomes[one] for one in (Outcome.REFUSED, Outcome.CANCELLED, Outcome.NOT_PROCESSED))
        if failed != (len(self.stage.pipeline.errors(job)) if job.error_key else 0):
            self.wrong(f"{job.job_id}: the error file has not the {failed} failed records")

    # The history of one achievement.

    def _judge_history(self, key: Key, state: Achievement) -> None:
        if state.revision != len(state.history):
            self.wrong(f"{_name(key)}: {len(state.history)} versions at revision {state.revision}")
        stands: Stands | None = None
        chunks: set[tuple[str, int]] = set()
        for place, version in enumerate(state.history):
            made = self.truth.written[key][place][1] if place < len(self.truth.written[key]) else state
            if version.provenance.channel == "batch":
                chunk = (version.provenance.job, version.provenance.chunk)
                if chunk in chunks:
                    self.wrong(f"{_name(key)}: written twice by {chunk}")
                chunks.add(chunk)
                stands = self._replayed(key, stands, version)
            else:
                stands = standing(made)
            if stands != standing(made):
                self.wrong(f"{_name(key)}: version {place + 1} is not what its records make of the one before")
                return

    def _replayed(self, key: Key, stands: Stands | None, version: Version) -> Stands | None:
        """Repeat the version's records in file order; each must have had the same answer as now."""
        dropped = self.files[version.provenance.job]
        job_id = version.provenance.job
        answers = self.answers.get(job_id, {})
        recorded = {result.number: result for result in version.results}
        for number, result in recorded.items():
            if answers.get(number) != result:
                reported = _reported(answers.get(number))
                self.wrong(f"{_name(key)}: record {number} of {job_id} is stored as {result.outcome}, {reported}")
        for one in _group(dropped, key):
            reported = recorded.get(one.number) or answers.get(one.number)
            if reported is None or _ignored(one, reported):
                continue
            if one.number not in recorded and self._may_be_stopped(one, dropped, reported):
                continue
            if one.number not in recorded:
                self.wrong(f"{_name(key)}: record {one.number} of {job_id} is not in the version of its group")
            stands, outcome = decide(stands, one, dropped.content.ukprn, dropped.content.submission_type)
            if outcome is not reported.outcome:
                self.wrong(f"{_name(key)}: record {one.number} of {job_id} is {reported.outcome}, in order {outcome}")
        return stands

    def _may_be_stopped(self, one: Submitted, dropped: Dropped, reported: RecordResult) -> bool:
        """Whether a create was left out of its group for its owner, and its chunk stopped before it was answered."""
        was_disowned = dropped.content.ukprn in self.truth.disowned
        return one.action == "1" and was_disowned and reported.outcome in NOT_TRIED

    # The answers.

    def _judge_answers(self, dropped: Dropped, job: Job) -> None:
        answers = self.answers[job.job_id]
        for one in dropped.content.records:
            reported = answers.get(one.number)
            if reported is None:
                continue
            self._judge_answer(dropped, job, one, reported)
            versions = sum(
                result == reported
                for version in self._versions(one.key)
                if version.provenance.job == job.job_id
                for result in version.results
                if result.number == one.number
            )
            if reported.outcome in APPLIED and versions != 1:
                self.wrong(
                    f"record {one.number} of {job.job_id} is answered {reported.outcome}, in {versions} versions"
                )
        for key in {one.key for one in dropped.content.records}:
            if not any(version.provenance.job == job.job_id for version in self._versions(key)):
                self._judge_unmoved(dropped, job, key)

    def _versions(self, key: Key) -> tuple[Version, ...]:
        state = self.stage.world.achievements.held.get(key)
        return state.history if state is not None else ()

    def _judge_answer(self, dropped: Dropped, job: Job, one: Submitted, reported: RecordResult) -> None:
        """Whether there was a reason for the answer that does not depend on what is stored."""
        ukprn = dropped.content.ukprn
        codes = {reason.code for reason in reported.failures if reason.refuses}
        who = f"record {one.number} of {job.job_id}"
        families = {FAMILIES[code] for code in codes}
        given_up = self._may_be_given_up(job)
        stopped = job.cancelled_at is not None or ukprn in self.truth.suspended
        not_owned = one.key.aim_reference != SHARED_AIM.reference and (ukprn != OURS or ukprn in self.truth.disowned)
        if reported.outcome is Outcome.CANCELLED and not stopped:
            self.wrong(f"{who} is cancelled without cause")
        elif reported.outcome is Outcome.NOT_PROCESSED:
            if not (given_up if codes == {"LRS-FAULT-2"} else one.flaw == "poison"):
                self.wrong(f"{who} is not processed: {sorted(codes)}")
        elif (
            one.flaw
            and reported.outcome is not Outcome.REFUSED
            and not (reported.outcome is Outcome.CANCELLED and stopped)
        ):
            self.wrong(f"{who} has the flaw {one.flaw} and is {reported.outcome}")
        elif "ACR002" in codes and not not_owned:
            self.wrong(f"{who} is refused for its owner")
        elif Family.LEARNER in families and one.flaw != "ULN" and not self._learner_was(False, one, job):
            self.wrong(f"{who} is refused for its learner, who was right all the time")
        elif reported.return_code and not families & {Family.LEARNER} and not self._learner_was(True, one, job):
            self.wrong(f"{who} passed for a learner who never was right")
        elif reported.outcome in APPLIED and not_owned and ukprn != OURS:
            self.wrong(f"{who} is applied to an aim of another organisation")

    def _may_be_given_up(self, job: Job) -> bool:
        """Whether things went wrong for so long that the job could not be done in time."""
        due = job.submitted_at + OWN_LIMIT
        return job.finished_at >= due and self.stage.settled_from + PATIENCE >= due

    def _learner_was(self, right: bool, one: Submitted, job: Job) -> bool:
        """Whether the register had, at any time of the job, the right (or wrong) learner.

        An acceptance may be based on a register that lags behind; before a refusal it was read again.
        """
        since = self.stage.began if right else job.submitted_at
        seen = self.truth.learners[one.key.uln]
        return any(
            was is right and at <= job.finished_at and (after is None or after > since)
            for (at, was), after in zip(seen, [*(at for at, _ in seen[1:]), None], strict=True)
        )

    def _judge_unmoved(self, dropped: Dropped, job: Job, key: Key) -> None:
        """A group that wrote nothing was decided from one state that was current while the job ran."""
        answers = self.answers[job.job_id]
        group = [(one, answers[one.number]) for one in _group(dropped, key) if one.number in answers]
        decided = [(one, reported) for one, reported in group if not _ignored(one, reported)]
        if any(reported.outcome in NOT_TRIED for _, reported in decided):
            if any(reported.outcome not in NOT_TRIED for _, reported in decided):
                self.wrong(f"{_name(key)}: some records of {job.job_id} were tried, others not")
            return
        if decided and not any(self._explains(state, dropped, decided) for state in self._states(key, job)):
            given = [reported.outcome.value for _, reported in decided]
            self.wrong(f"{_name(key)}: nothing that was stored explains the answers {given} of {job.job_id}")

    def _explains(self, stands: Stands | None, dropped: Dropped, decided: list[tuple[Submitted, RecordResult]]) -> bool:
        for one, reported in decided:
            stands, outcome = decide(stands, one, dropped.content.ukprn, dropped.content.submission_type)
            if outcome is not reported.outcome:
                return False
        return True

    def _states(self, key: Key, job: Job) -> Iterator[Stands | None]:
        """The states stored at any time from the job's start to its end."""
        start, end = job.started_at or job.submitted_at, job.finished_at
        before: tuple[datetime, Stands | None] = (self.stage.began, None)
        for at, state in self.truth.written.get(key, []):
            if at >= start and before[0] <= end:
                yield before[1]
            before = (at, standing(state))
        if before[0] <= end:
            yield before[1]

    # What was sent.

    def _judge_notices(self) -> None:
        sent = Counter(mail.subject.rsplit(" ", 1)[-1] for mail in self.stage.world.mail.sent)
        for job in self.jobs.values():
            disturbed = sum(actor.disturbances for actor in self.truth.notices.get(job.job_id, []))
            most = 1 + disturbed + self.truth.overlaps.get(job.job_id, 0)
            least = 1 if job.email and job.source is not None and job.rejection + job.chunk_sizes else 0
            if not least <= sent[job.job_id] <= most:
                self.wrong(f"{job.job_id}: {sent[job.job_id]} notices, {least} to {most} expected")

    def _judge_words(self) -> None:
        texts = [f"{mail.subject} {mail.body}" for mail in self.stage.world.mail.sent]
        texts += [body for queue, body in self.stage.world.queues.sent if queue != "intake"]
        texts += [str(entry) for entry in self.stage.world.audit.held.values()]
        texts += self.truth.words
        for text in texts:
            if any(name in text for name in self.personal):
                self.wrong(f"personal data in: {text}")


_COUNTER = {outcome: outcome.name.lower() for outcome in ACHIEVEMENT_OUTCOMES}


def _name(key: Key) -> str:
    return f"{key.uln}/{key.aim_reference}/{key.award_date}"


def _group(dropped: Dropped, key: Key) -> list[Submitted]:
    return [one for one in dropped.content.records if one.key == key]


def _ignored(one: Submitted, reported: RecordResult) -> bool:
    """Whether the record was refused before any stored data was read."""
    codes = {reason.code for reason in reported.failures if reason.refuses}
    return bool(one.flaw) or "ACR002" in codes or any(FAMILIES[code] is Family.LEARNER for code in codes)


def _reported(result: RecordResult | None) -> str:
    return f"and answered {result.outcome}" if result else "and not answered"
