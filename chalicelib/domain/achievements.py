"""Achievements: what a record contains, and what its action does (AO18 section 5, ACH-01 to ACH-05).

ULN, aim reference and award date identify an achievement and are never amended (AO18 5.1). A change is a
:class:`Command`. ``achievement_rules`` checks a command against the catalogue, :func:`fold` applies a group of commands
on one key, in order, to the stored state, and returns the state to write and the answer to each command. If anything in
a group was accepted, it leaves one version in the history, with channel, job and records: this is both the record
required by ACH-09 and the pipeline's memory of what it has already done. An achievement carries its latest versions;
those before are stored apart, so that a change costs the same however many there have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from chalicelib.domain.aims import Aim, AimReference
from chalicelib.domain.codes import Action, SubmissionType
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.grades import plain_grade
from chalicelib.domain.results import APPLIED, Outcome, RecordResult, without_late
from chalicelib.domain.uln import Uln


class Status(StrEnum):
    """Whether the achievement is active or withdrawn."""

    ACTIVE = "ACTIVE"
    WITHDRAWN = "WITHDRAWN"


POSSIBLE: Final[Mapping[Status, tuple[Action, ...]]] = {
    Status.ACTIVE: (Action.UPDATE, Action.WITHDRAW),
    Status.WITHDRAWN: (Action.REINSTATE,),
}
"""The actions that the state of an achievement allows (AO18 5.1)."""


class Key(NamedTuple):
    """What identifies an achievement (AO18 5.1)."""

    uln: Uln
    aim_reference: AimReference
    award_date: date


class Command(NamedTuple):
    """One submitted record with its fields parsed. An empty text means that no value was supplied."""

    action: Action
    key: Key
    given_name: str
    family_name: str
    date_of_birth: date | None
    gender: str
    postcode: str
    grade: str
    language: str
    provider_ukprn: str
    action_date: date | None
    action_reason: str
    mis_identifier: str


class Provenance(NamedTuple):
    """Who made a change, and by which channel (ACH-09)."""

    at: str
    """Time of the change, ISO 8601 in UTC."""
    organisation: str
    """UKPRN of the organisation."""
    user: str
    channel: str
    """``batch``, ``webservice`` or ``portal``."""
    job: str = ""
    """The batch job; for a single change the request, so that it recognises its own work."""
    chunk: int = -1

    @property
    def batch_job(self) -> str:
        """The batch job; empty for a single change."""
        return self.job if self.chunk >= 0 else ""


class Checked(NamedTuple):
    """A command judged by every check that needs no stored achievement, with the other parts of its answer."""

    number: int
    """Its number in the file, from 1."""
    command: Command
    return_code: str = ""
    master_uln: str = ""
    reasons: tuple[Failure, ...] = ()
    """Notices and, against a command that is refused, reasons; what could not be read of it is None."""

    @property
    def is_refused(self) -> bool:
        return any(reason.refuses for reason in self.reasons)

    def answered(self, outcome: Outcome, *reasons: Failure) -> RecordResult:
        """The answer. Only what was applied is marked as late."""
        found = (*reasons, *self.reasons)
        shown = found if outcome in APPLIED else without_late(found)
        return RecordResult(self.number, outcome, self.return_code, self.master_uln, shown)


class Version(NamedTuple):
    """One entry in an achievement's history: who did what, when, why, and the state afterwards (ACH-09)."""

    provenance: Provenance
    actions: str
    """The numbers of the accepted actions, in order, such as ``1`` or ``32``."""
    action_date: str
    reason: str
    status: Status
    submission_type: SubmissionType
    provider_ukprn: str
    grade: str
    language: str
    results: tuple[RecordResult, ...] = ()
    """The answers to the records of the group that made this version."""

    @property
    def is_late(self) -> bool:
        """Whether one of its records came more than ten working days after its award or action date (ACH-10)."""
        return any(result.is_late for result in self.results)


class Achievement(NamedTuple):
    """The current state of an achievement, and its latest versions, oldest first."""

    key: Key
    owner: str
    """UKPRN of the awarding organisation that uploaded it; only that organisation may change it (ACH-03)."""
    given_name: str
    family_name: str
    """The names first supplied; later actions must use them (AO18 5.2.1)."""
    provider_ukprn: str
    grade: str
    language: str
    status: Status
    submission_type: SubmissionType
    late: bool
    """Awarded more than ten working days before it was created (ACH-10); for a change see ``Version.is_late``."""
    loaded_at: str
    """Time of its first version, ISO 8601 in UTC; empty before there is one."""
    revision: int
    history: tuple[Version, ...]
    """The latest versions: at least one, if there is any."""

    @property
    def earlier(self) -> int:
        """How many versions there are before those in ``history``."""
        return self.revision - len(self.history)


class Submission(NamedTuple):
    """What applies to every record of one submission."""

    ukprn: str
    """UKPRN of the submitting awarding organisation."""
    recognition_numbers: frozenset[str]
    """The organisation's numbers with the regulators, which own aims."""
    submitted_on: date
    """The day of submission in Europe/London; dates after it are in the future."""
    submission_type: SubmissionType
    late_before: date
    """Awards before this day are late (ACH-10); see ``working_time``."""
    single: bool = False
    """Whether this is a single transaction, in which a reinstatement cannot change the grade (AO18 5.2.4)."""
    cleared: frozenset[str] = frozenset()
    """Details that an update removes, by the names of ``Achievement``. An empty value in a file removes nothing."""


class Catalogue(Protocol):
    """What the rules need to know of aims and providers (QUAL-01)."""

    def aim(self, reference: AimReference) -> Aim | None: ...

    def is_provider(self, ukprn: str) -> bool: ...


class Folded(NamedTuple):
    """The outcome of a group of commands on one key."""

    state: Achievement | None
    """The state to write, or None if nothing was accepted."""
    results: dict[int, RecordResult]
    """By record number."""


def fold(
    state: Achievement | None,
    group: Sequence[Checked],
    submission: Submission,
    provenance: Provenance,
    aim: Aim | None = None,
    refused: Sequence[RecordResult] = (),
) -> Folded:
    """Apply commands on one key, in order, to the stored state; makes at most one new version.

    A refused command changes nothing and does not stop those after it. ``refused`` are the answers to records on the
    same key that a check or the register of learners refused; the version stores them too, so that a repeated delivery
    gives the same answers.
    """
    now = state
    results: dict[int, RecordResult] = {}
    accepted: list[Command] = []
    for checked in group:
        after, outcome, why = _apply(now, checked.command, submission, aim)
        results[checked.number] = checked.answered(outcome, *why)
        if after is not now and after is not None:
            accepted.append(checked.command)
            now = after
    if not accepted or now is None:
        return Folded(None, results)
    version = _version(now, accepted, provenance, (*results.values(), *refused))
    loaded_at = now.loaded_at or provenance.at
    return Folded(Achievement(*now[:-3], loaded_at, now.revision + 1, (*now.history, version)), results)


def _version(
    state: Achievement, accepted: Sequence[Command], provenance: Provenance, results: tuple[RecordResult, ...]
) -> Version:
    last = accepted[-1]
    return Version(
        provenance,
        "".join([command.action for command in accepted]),
        last.action_date.isoformat() if last.action_date else "",
        last.action_reason if last.action in (Action.WITHDRAW, Action.REINSTATE) else "",
        state.status,
        state.submission_type,
        state.provider_ukprn,
        state.grade,
        state.language,
        results,
    )


def recorded_results(versions: Iterable[Version], job: str, chunk: int) -> dict[int, RecordResult] | None:
    """The answers of this chunk of this job in versions of an achievement; None if none of them is the chunk's."""
    for version in versions:
        if version.provenance.job == job and version.provenance.chunk == chunk:
            return {result.number: result for result in version.results}
    return None


def created(command: Command, submission: Submission, aim: Aim | None = None) -> Achievement:
    """The achievement that a create makes, without a version in its history yet."""
    return Achievement(
        key=command.key,
        owner=submission.ukprn,
        given_name=command.given_name,
        family_name=command.family_name,
        provider_ukprn=command.provider_ukprn,
        grade=_canonical(command.grade, aim),
        language=command.language,
        status=Status.ACTIVE,
        submission_type=submission.submission_type,
        late=command.key.award_date < submission.late_before,
        loaded_at="",
        revision=0,
        history=(),
    )


Applied = tuple[Achievement | None, Outcome, tuple[Failure, ...]]


def _apply(state: Achievement | None, command: Command, submission: Submission, aim: Aim | None) -> Applied:
    if command.action is Action.CREATE:
        return _create(state, command, submission, aim)
    if state is None:
        return None, Outcome.REFUSED, (failure("ACR008", "AchievementAwardDate"),)
    faults = state_failures(state, command, submission, aim)
    if faults:
        return state, Outcome.REFUSED, tuple(faults)
    if command.action is Action.UPDATE:
        return _update(state, command, submission, aim)
    ignored = _ignored(state, command, aim)
    if command.action is Action.WITHDRAW:
        return state._replace(status=Status.WITHDRAWN), Outcome.WITHDRAWN, ignored
    kept = not command.grade or _is_grade_of(state, command.grade, aim)
    grade = state.grade if kept else _canonical(command.grade, aim)
    return state._replace(status=Status.ACTIVE, grade=grade), Outcome.REINSTATED, ignored


def _create(state: Achievement | None, command: Command, submission: Submission, aim: Aim | None) -> Applied:
    fresh = created(command, submission, aim)
    if state is None:
        return fresh, Outcome.CREATED, ()
    same = (
        state.owner == fresh.owner
        and state.status is Status.ACTIVE
        and state.submission_type is fresh.submission_type
        and same_names(state, command)
        and (state.provider_ukprn, state.grade, state.language) == (fresh.provider_ukprn, fresh.grade, fresh.language)
    )
    if same:
        return state, Outcome.UNCHANGED, ()
    return state, Outcome.REFUSED, (failure("ACR007", "AchievementAwardDate", status=state.status),)


def _update(state: Achievement, command: Command, submission: Submission, aim: Aim | None) -> Applied:
    """Provider, grade, language; an empty value keeps what is stored, unless it is cleared. A final submission promotes
    a provisional one.
    """
    cleared = submission.cleared
    after = state._replace(
        provider_ukprn=command.provider_ukprn or ("" if "provider_ukprn" in cleared else state.provider_ukprn),
        grade=_canonical(command.grade, aim) or ("" if "grade" in cleared else state.grade),
        language=command.language or ("" if "language" in cleared else state.language),
        submission_type=submission.submission_type,
    )
    if after == state:
        return state, Outcome.UNCHANGED, ()
    promoted = after.submission_type is not state.submission_type
    return after, Outcome.PROMOTED if promoted else Outcome.UPDATED, ()


def _ignored(state: Achievement, command: Command, aim: Aim | None) -> tuple[Failure, ...]:
    """Notices about values that a withdrawal or reinstatement does not change, where they differ from those held."""
    withdraws = command.action is Action.WITHDRAW
    differing = {
        "Grade": withdraws and bool(command.grade) and not _is_grade_of(state, command.grade, aim),
        "LanguageForAssessment": command.language not in ("", state.language),
        "ProviderUKPRN": command.provider_ukprn not in ("", state.provider_ukprn),
    }
    return tuple(failure("ACW001", field) for field, differs in differing.items() if differs)


def _is_grade_of(state: Achievement, grade: str, aim: Aim | None) -> bool:
    """Whether a grade is the one held, however it is written."""
    known = aim.canonical_grade(grade) if aim is not None and aim.grades else None
    return known == state.grade if known is not None else plain_grade(grade) == plain_grade(state.grade)


def state_failures(
    state: Achievement, command: Command, submission: Submission, aim: Aim | None = None
) -> list[Failure]:
    """Every reason why the stored achievement does not allow the action (AO18 5.1, 5.2.2 to 5.2.4)."""
    found: list[Failure] = []
    if state.owner != submission.ukprn:
        return [failure("ACR014", "UnitOrQualificationReferenceNumber")]
    if command.action is Action.REINSTATE:
        if state.status is not Status.WITHDRAWN:
            found.append(failure("ACR010", "Action"))
        if submission.single and command.grade and not _is_grade_of(state, command.grade, aim):
            found.append(failure("ACR016", "Grade"))
    elif state.status is Status.WITHDRAWN:
        found.append(failure("ACR009", "Action"))
    if state.given_name.casefold() != command.given_name.casefold():
        found.append(failure("ACR015", "GivenName"))
    if state.family_name.casefold() != command.family_name.casefold():
        found.append(failure("ACR015", "FamilyName"))
    if (
        command.action is Action.UPDATE
        and state.submission_type is SubmissionType.FINAL
        and submission.submission_type is SubmissionType.PROVISIONAL
    ):
        found.append(failure("ACR013", "SubmissionType"))
    return found


def same_names(state: Achievement, command: Command) -> bool:
    """Whether the names are those first supplied, ignoring capitals."""
    return (
        state.given_name.casefold() == command.given_name.casefold()
        and state.family_name.casefold() == command.family_name.casefold()
    )


def _canonical(grade: str, aim: Aim | None) -> str:
    """The grade as the register writes it."""
    return (aim.canonical_grade(grade) or grade) if grade and aim is not None else grade
