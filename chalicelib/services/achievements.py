"""Single achievements: create, view, update, withdraw and reinstate (ACH-01 to ACH-05, ACH-08, ACH-09).

A transaction is a batch of one record: the same code parses, checks, verifies and folds it, it is refused with the same
codes, and its version in the history names who made it, when and through which channel. As in a file, the record by
itself and its learner are judged together, then the stored achievement; both steps report every reason at once. Unlike
a record of a file, a change may name the revisions it was made from, and is refused if the achievement has a different
one.

A create reads its learner and writes once (aims, organisation and late dates are in memory). A change also reads the
achievement. The change itself is in the history before the response, and the register's stream copies it to the audit
log. A look, and an attempt that changed nothing, is in the audit log before the response.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from chalicelib.domain.achievement_fields import SUBMISSION_TYPE
from chalicelib.domain.achievement_records import Faulty, parse_texts
from chalicelib.domain.achievement_rules import rule_failures
from chalicelib.domain.achievements import (
    Achievement,
    Checked,
    Folded,
    Key,
    Provenance,
    Submission,
    fold,
    recorded_results,
    state_failures,
)
from chalicelib.domain.aims import Aim, AimReference
from chalicelib.domain.callers import Caller
from chalicelib.domain.codes import Action, SubmissionType
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import optional
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.refusals import Refused
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.domain.values import judged
from chalicelib.ports.achievements import SingleAchievements
from chalicelib.ports.clock import Clock, NewId
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.learners import Learners
from chalicelib.services.looks import Looks
from chalicelib.services.submission_terms import SubmissionTerms, Terms
from chalicelib.services.verification import details_of, verifications, with_verification

TRIES = 5
"""How often a write without a revision is decided again after others have changed the achievement."""

_LOOKS: Final[Mapping[Action, LookAction]] = {
    Action.CREATE: LookAction.ACHIEVEMENT_CREATED,
    Action.UPDATE: LookAction.ACHIEVEMENT_UPDATED,
    Action.WITHDRAW: LookAction.ACHIEVEMENT_WITHDRAWN,
    Action.REINSTATE: LookAction.ACHIEVEMENT_REINSTATED,
}
_CLEARED: Final = {"provider_ukprn": "provider_ukprn", "grade": "grade", "language_for_assessment": "language"}
"""Details that an update may remove: their names in a record and in an achievement."""
_ONE: Final = 1
"""The number of the only record."""


class Accepted(NamedTuple):
    """The result of an accepted transaction."""

    achievement: Achievement
    """The achievement after the transaction."""
    outcome: Outcome
    return_code: str
    """VRC001 to VRC004."""
    master_uln: str
    """The master's ULN, if the submitted one is linked."""
    notices: tuple[Failure, ...]
    mis_identifier: str
    """The submitter's own reference, unchanged."""
    before: Achievement | None = None
    """The achievement before it, if there was one."""


@dataclass(frozen=True, slots=True)
class AchievementPorts:
    """The ports that the use cases use."""

    learners: Learners
    achievements: SingleAchievements
    looks: Looks
    terms: SubmissionTerms
    clock: Clock
    new_id: NewId


class AchievementServices:
    """Single achievements, for the organisation that submits them."""

    def __init__(self, ports: AchievementPorts) -> None:
        self._ports = ports

    def create(self, caller: Caller, texts: Mapping[str, str], *, only_check: bool = False) -> Accepted:
        """Create an achievement (AO18 5.2.1); ``texts`` holds values by the names of ``achievement_fields``.

        The same achievement again is *unchanged*. With ``only_check`` it is judged in the same way, and nothing is
        written. Raises Refused, TemporaryFailure.
        """
        return _Transaction(self._ports, caller, texts, only_check=only_check).create()

    def change(
        self,
        caller: Caller,
        key: Key,
        action: Action,
        texts: Mapping[str, str],
        *,
        expected: frozenset[int] | None = None,
        only_check: bool = False,
    ) -> Accepted:
        """Update, withdraw or reinstate an achievement (AO18 5.2.2 to 5.2.4).

        ``texts`` holds the learner's names as first supplied and what the action needs, by the names of
        ``achievement_fields``. ``expected`` lists the allowed revisions of the achievement; without it, the change is
        decided again after others have changed it. With ``only_check`` it is judged in the same way, and nothing is
        written. Raises Refused (ACR008 if the organisation has no such achievement, LRS-REQ-13 if it has a different
        revision) and TemporaryFailure.
        """
        return _Transaction(self._ports, caller, texts, only_check=only_check).change(key, action, expected)

    def find(self, caller: Caller, texts: Mapping[str, str], action: Action) -> Achievement:
        """The achievement to update, withdraw or reinstate, by the five details that AO18 5.2.2 to 5.2.4 ask for.

        ULN, names, reference and award date must be those first supplied. Raises Refused: ACR008 if the organisation
        has no such achievement, ACR015 if the names are others, ACR009 or ACR010 if its state does not allow the
        action.
        """
        return _Transaction(self._ports, caller, texts, only_check=True).find(action)

    def aim(self, caller: Caller, reference: AimReference) -> Aim | None:
        """What the registers say of a unit or qualification; None if it is unknown. Raises Refused (WSEC0006)."""
        return self._ports.terms.now_for(caller.ukprn).catalogue.aim(reference)

    def view(self, caller: Caller, key: Key, action: LookAction = LookAction.ACHIEVEMENT_VIEWED) -> Achievement:
        """An achievement of the caller's organisation with its history. Raises Refused (ACR008)."""
        looks, item = self._ports.looks, _item(key)
        with looks.attempt(caller, action, [key.uln], item=item):
            found = _own(caller, self._ports.achievements.read([key]).get(key))
        looks.at_learners(caller, action, [key.uln], item=item)
        return found


def _own(caller: Caller, state: Achievement | None) -> Achievement:
    """The achievement, if the caller's organisation submitted it.

    Another organisation's achievement counts as not found.
    """
    if state is None or state.owner != caller.ukprn:
        raise Refused(failure("ACR008"))
    return state


def _item(key: Key) -> str:
    """How the learner's audit entries name an achievement; empty if a part of its key could not be read."""
    return "" if None in key else f"ACH#{key.aim_reference}#{key.award_date.isoformat()}"


class _Transaction:
    """One record of one caller, decided by the current data."""

    def __init__(
        self, ports: AchievementPorts, caller: Caller, texts: Mapping[str, str], *, only_check: bool = False
    ) -> None:
        self._ports = ports
        self._only_check = only_check
        self._terms: Terms = ports.terms.now_for(caller.ukprn)
        self._texts = texts
        kind = judged(optional(SUBMISSION_TYPE), texts.get(SUBMISSION_TYPE.name, ""))
        self._kind: SubmissionType | None = kind.value or None
        self._kind_faults = kind.failures
        self._caller = caller
        self._request = ports.new_id()
        at = ports.clock().isoformat(timespec="seconds")
        self._provenance = Provenance(at, caller.ukprn, caller.user, caller.channel, self._request)

    def create(self) -> Accepted:
        checked = self._checked({"action": Action.CREATE})
        if not checked.command.key.uln:
            raise Refused(*checked.answered(Outcome.REFUSED).failures)
        with self._attempt(checked.command.key, Action.CREATE):
            found = self._verified(checked)
            state = self._read(checked.command.key) if self._only_check else None
            return self._settled(found, state, None)

    def change(self, key: Key, action: Action, expected: frozenset[int] | None) -> Accepted:
        with self._attempt(key, action):
            state = _own(self._caller, self._read(key))
            if expected is not None and state.revision not in expected:
                raise Refused(failure("LRS-REQ-13", "Version"))
            named = {
                "uln": key.uln,
                "unit_or_qualification_reference_number": key.aim_reference,
                "achievement_award_date": key.award_date.isoformat(),
                "action": action,
            }
            return self._settled(self._verified(self._checked(named, state)), state, expected)

    def find(self, action: Action) -> Achievement:
        parsed = parse_texts({**self._texts, "action": Action.CREATE})
        if isinstance(parsed, Faulty):
            raise Refused(*parsed.failures)
        key, looks, look = parsed.key, self._ports.looks, LookAction.ACHIEVEMENT_VIEWED
        with looks.attempt(self._caller, look, [key.uln], item=_item(key)):
            state = _own(self._caller, self._read(key))
            reasons = state_failures(state, parsed._replace(action=action), self._submission(state))
            if reasons:
                raise Refused(*reasons)
        looks.at_learners(self._caller, look, [key.uln], item=_item(key))
        return state

    def _attempt(self, key: Key, action: Action) -> AbstractContextManager[None]:
        return self._ports.looks.attempt(self._caller, _LOOKS[action], [key.uln], item=_item(key))

    def _read(self, key: Key) -> Achievement | None:
        return self._ports.achievements.read([key]).get(key)

    # The record by itself.

    def _checked(self, named: Mapping[str, str], state: Achievement | None = None) -> Checked:
        """The record with every reason and notice of its fields and rules; the texts cannot change ``named`` fields."""
        parsed = parse_texts({**self._texts, **named})
        command, faults = (parsed.command, parsed.failures) if isinstance(parsed, Faulty) else (parsed, ())
        rules = rule_failures(command, self._submission(state), self._terms.catalogue)
        return Checked(_ONE, command, reasons=(*faults, *self._kind_faults, *rules))

    def _submission(self, state: Achievement | None) -> Submission:
        """A change without a submission type leaves the achievement's unchanged."""
        kind = self._kind or (state.submission_type if state is not None else SubmissionType.FINAL)
        cleared = frozenset(name for text, name in _CLEARED.items() if self._texts.get(text, name).strip() == "")
        return self._terms.submission._replace(submission_type=kind, cleared=cleared)

    # The register of learners.

    def _verified(self, checked: Checked) -> Checked:
        """Compare the learner with the register; before a refusal it is read again, strongly consistently.

        Raises Refused with every reason, those of the record itself among them.
        """
        found = verifications(self._ports.learners, {_ONE: details_of(checked.command)})[_ONE]
        one = with_verification(checked, found)
        if one.is_refused:
            about = {"return_code": one.return_code, "master_uln": one.master_uln}
            raise Refused(*one.answered(Outcome.REFUSED).failures, about=about)
        return one

    # The achievement.

    def _settled(self, checked: Checked, state: Achievement | None, expected: frozenset[int] | None) -> Accepted:
        """Decide and write; if others changed it first, decide again from the new state."""
        key = checked.command.key
        for _ in range(TRIES):
            folded = self._folded(checked, state)
            if folded.state is None:
                return self._unwritten(checked, state, folded.results[_ONE])
            if self._only_check:
                return self._unwritten(checked, folded.state, folded.results[_ONE], before=state)
            try:
                self._ports.achievements.write(folded.state)
            except Conflict:
                before, state = state, self._read(key)
            else:
                return _answer(checked, folded.state, folded.results[_ONE], state)
            # A write repeated after a lost answer finds its own result.
            own = self._own_result(state, folded.state.revision)
            if state is not None and own is not None:
                return _answer(checked, state, own, before)
            if expected is not None:
                raise Refused(failure("LRS-REQ-13", "Version"))
        raise TemporaryFailure("the achievement keeps changing")

    def _own_result(self, state: Achievement | None, revision: int) -> RecordResult | None:
        """The result in the version of this number, if it is this transaction's."""
        if state is None or state.revision < revision:
            return None
        since = islice(self._ports.achievements.backwards(state), state.revision - revision + 1)
        found = recorded_results(since, self._request, self._provenance.chunk)
        return found[_ONE] if found is not None else None

    def _folded(self, checked: Checked, state: Achievement | None) -> Folded:
        aim = self._terms.catalogue.aim(checked.command.key.aim_reference)
        return fold(state, [checked], self._submission(state), self._provenance, aim)

    def _unwritten(
        self, checked: Checked, state: Achievement | None, result: RecordResult, before: Achievement | None = None
    ) -> Accepted:
        if state is None or result.outcome is Outcome.REFUSED:
            learner = {"return_code": checked.return_code, "master_uln": checked.master_uln}
            raise Refused(*result.failures, about=learner)
        key, looks = state.key, self._ports.looks
        done = {"item": _item(key), "code": checked.return_code}
        if self._only_check:
            looks.at_learners(self._caller, LookAction.ACHIEVEMENT_CHECKED, [key.uln], **done)
        else:
            look = _LOOKS[checked.command.action]
            looks.at_learners(self._caller, look, [key.uln], LookOutcome.UNCHANGED, **done)
        return _answer(checked, state, result, before)


def _answer(checked: Checked, state: Achievement, result: RecordResult, before: Achievement | None) -> Accepted:
    notices = tuple(reason for reason in result.failures if not reason.refuses)
    reference = checked.command.mis_identifier
    return Accepted(state, result.outcome, result.return_code, result.master_uln, notices, reference, before)
