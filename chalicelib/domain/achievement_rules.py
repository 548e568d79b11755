"""The rules for a record that need no stored achievement (AO18 5.2.1 to 5.2.4, Appendix D).

The aim's owner, dates and grades, the dates of award and action, the action's reason (ACH-01 to ACH-05, ACH-10). The
rules that depend on the stored achievement are in ``achievements``.
"""

from __future__ import annotations

from datetime import date

from chalicelib.domain.achievements import Catalogue, Command, Submission
from chalicelib.domain.aims import Aim, check_character_ok
from chalicelib.domain.codes import ACTION_REASON, Action
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.results import LATE, UNCHECKED

EARLIEST_AWARD = date(2006, 9, 1)
"""No award before this day is accepted (AO18 5.2.1)."""


def rule_failures(command: Command, submission: Submission, catalogue: Catalogue) -> list[Failure]:
    """Every broken rule of AO18 5.2.1 to 5.2.4 that needs no stored achievement: all refusals and notices.

    Some fields of the record may be unusable: such a field of ``command`` is None (see ``Faulty`` in
    ``achievement_records``), and the rules about it are skipped.
    """
    found: list[Failure] = []
    award_date = command.key.award_date
    if award_date is not None:
        if award_date > submission.submitted_on:
            found.append(failure("ACR005", "AchievementAwardDate"))
        elif award_date < EARLIEST_AWARD:
            found.append(failure("ACR004", "AchievementAwardDate", earliest=EARLIEST_AWARD.isoformat()))
        elif command.action is Action.CREATE and award_date < submission.late_before:
            found.append(failure(LATE, "AchievementAwardDate"))
    reference = command.key.aim_reference
    if reference is not None:
        aim = catalogue.aim(reference)
        if aim is None:
            found.append(failure("ACR001", "UnitOrQualificationReferenceNumber"))
            if check_character_ok(reference) is False:
                found.append(failure("REF_CHECK", "UnitOrQualificationReferenceNumber"))
        else:
            found.extend(aim_failures(command, submission, aim))
    if command.provider_ukprn and not catalogue.is_provider(command.provider_ukprn):
        found.append(failure("ACR012", "ProviderUKPRN"))
    found.extend(_action_failures(command, submission))
    return found


def aim_failures(command: Command, submission: Submission, aim: Aim) -> list[Failure]:
    """Checks the command against the aim's grades and, for a new achievement, its owner and dates.

    Whoever uploaded an achievement may change it even if the aim has moved to another organisation. A withdrawal does
    not use its grade; an update or a reinstatement records it anew, so the aim must have it today.
    """
    found: list[Failure] = []
    if command.action is Action.CREATE:
        if not aim.may_be_awarded_by(submission.recognition_numbers):
            found.append(failure("ACR002", "UnitOrQualificationReferenceNumber"))
        if _is_outside(aim, command.key.award_date):
            start, end = aim.first_award or "", aim.last_award or ""
            found.append(failure("ACR003", "AchievementAwardDate", start=start, end=end))
    if command.grade and command.action is not Action.WITHDRAW:
        if not aim.grades:
            found.append(failure(UNCHECKED, "Grade"))
        elif aim.canonical_grade(command.grade) is None:
            found.append(failure("ACR006", "Grade", allowed=", ".join(aim.grades)))
    return found


def _is_outside(aim: Aim, award_date: date | None) -> bool:
    return award_date is not None and not aim.in_dates(award_date)


def _is_late_change(command: Command, submission: Submission) -> bool:
    """Whether a change comes more than ten working days after its action date (C10 section 7, "new or updated")."""
    if command.action in (None, Action.CREATE) or command.action_date is None:
        return False
    return command.action_date < submission.late_before


def _action_failures(command: Command, submission: Submission) -> list[Failure]:
    """Action date and action reason (AO18 5.2.2 to 5.2.4, Appendix D)."""
    found: list[Failure] = []
    if command.action_date is not None and command.action_date > submission.submitted_on:
        found.append(failure("ACR005", "ActionDate"))
    elif _is_late_change(command, submission):
        found.append(failure(LATE, "ActionDate", hint="action"))
    if command.action in (Action.WITHDRAW, Action.REINSTATE):
        if command.action_reason not in ACTION_REASON.values:
            found.append(failure("ACR011", "ActionReason", allowed=ACTION_REASON.allowed))
    elif command.action_reason:
        found.append(failure("ACW001", "ActionReason"))
    return found
