"""Achievements as pages show them: values, history, addresses (ACH-08, ACH-09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from chalicelib.domain.achievement_ids import achievement_id, key_of_id
from chalicelib.domain.achievements import Achievement, Key, Status, Version
from chalicelib.domain.aims import Aim, AimReference
from chalicelib.domain.codes import ACTION_REASON, LANGUAGE_FOR_ASSESSMENT, Action, SubmissionType
from chalicelib.formats.words.texts import Text
from chalicelib.services.achievement_lists import HistoryLine
from chalicelib.web.portal import refusals, statuses, table
from chalicelib.web.portal.forms import coded, meaning
from chalicelib.web.portal.parts import Row
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Visit

ACTION_WORDS: Final[Mapping[Action, str]] = {
    Action.CREATE: _("Created"),
    Action.UPDATE: _("Updated"),
    Action.WITHDRAW: _("Withdrawn"),
    Action.REINSTATE: _("Reinstated"),
}
TYPE_WORDS: Final[Mapping[SubmissionType, str]] = {
    SubmissionType.FINAL: _("Final"),
    SubmissionType.PROVISIONAL: _("Provisional"),
}
CHANNEL_WORDS: Final[Mapping[str, str]] = {
    "portal": _("through the portal"),
    "webservice": _("by web service"),
    "batch": _("by batch file"),
}
_IN_WORDS: Final = frozenset({"language", "submission_type"})
"""The values that are words of ours."""
VALUE_LABELS: Final[Mapping[str, str]] = {
    "grade": _("Grade"),
    "language": _("Language for assessment"),
    "provider_ukprn": _("Provider UKPRN"),
    "submission_type": _("Submission type"),
}
"""What can change in an achievement, by its names there."""
NONE: Final = _("None")


class Change(NamedTuple):
    """A change of an achievement, in the words of the guide (AO18 5.2.2 to 5.2.4)."""

    action: Action
    title: str
    introduction: str
    """Of the search for it."""
    find: str
    instead: str
    """Offered where another change was wanted that the state does not allow."""
    done: str


CHANGES: Final = {
    "update": Change(
        Action.UPDATE,
        _("Update achievement"),
        _("Enter the details that were first supplied for the achievement you want to update."),
        _("Find achievement to update"),
        _("Update this achievement instead"),
        _("The achievement was updated."),
    ),
    "withdraw": Change(
        Action.WITHDRAW,
        _("Withdraw achievement"),
        _("Enter the details that were first supplied for the achievement you want to withdraw."),
        _("Find achievement to withdraw"),
        _("Withdraw this achievement instead"),
        _("The achievement was withdrawn."),
    ),
    "reinstate": Change(
        Action.REINSTATE,
        _("Reinstate achievement"),
        _("Enter the details that were first supplied for the achievement you want to reinstate."),
        _("Find achievement to reinstate"),
        _("Reinstate this achievement instead"),
        _("The achievement was reinstated."),
    ),
}
"""By the word in their addresses."""


def address(key: Key) -> str:
    """The address of an achievement's page."""
    return f"{table.ACHIEVEMENTS}/{achievement_id(key)}"


def key_in(visit: Visit) -> Key:
    """The achievement that the address names. Raises NotShown."""
    key = key_of_id(visit.names["achievement_id"])
    if key is None:
        raise refusals.not_found()
    return key


def aim_text(reference: AimReference, aim: Aim | None) -> str:
    """A reference with the title of what it stands for."""
    return f"{reference} – {aim.title}" if aim else reference


def language_text(code: str) -> str:
    """A language, by its code."""
    return meaning(LANGUAGE_FOR_ASSESSMENT, code)


def reason_text(code: str) -> str:
    """A reason of Appendix D with its code."""
    return coded(ACTION_REASON, code)


def key_rows(key: Key, given_name: str, family_name: str, aim: str) -> list[Row]:
    """What identifies an achievement, with the names first supplied."""
    return [
        Row(_("ULN"), key.uln),
        Row(_("Given name"), given_name),
        Row(_("Family name"), family_name),
        Row(_("Aim reference number"), aim),
        Row(_("Achievement award date"), key.award_date),
    ]


def value_rows(held: Achievement) -> list[Row]:
    """Everything else that is recorded."""
    texts = value_texts(held)
    return [
        *(_row(label, texts[name]) for name, label in VALUE_LABELS.items() if name != "submission_type"),
        Row(VALUE_LABELS["submission_type"], TYPE_WORDS[held.submission_type]),
        Row(_("Submitted in time"), _("No, marked as late") if held.late else _("Yes")),
        Row(_("Date loaded"), datetime.fromisoformat(held.loaded_at)),
        Row(_("Last updated"), datetime.fromisoformat(held.history[-1].provenance.at)),
    ]


def _row(label: str, text: str) -> Row:
    return Row(label, text or NONE)


def value_texts(one: Achievement | Version) -> dict[str, str]:
    """The values that can change, as people read them."""
    return {
        "grade": one.grade,
        "language": language_text(one.language),
        "provider_ukprn": one.provider_ukprn,
        "submission_type": TYPE_WORDS[one.submission_type],
    }


class Difference(NamedTuple):
    """A value before and after a change; empty where there was or is none."""

    label: str
    before: str
    after: str


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """What differs between the values of two states."""
    return [
        Difference(label, _said(name, before[name]), _said(name, after[name]))
        for name, label in VALUE_LABELS.items()
        if before[name] != after[name]
    ]


def _said(name: str, text: str) -> str:
    """A value as it was kept with the answers of a journey: a word of ours, or what was entered."""
    return Text.of(text) if text and name in _IN_WORDS else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A version in the history of an achievement."""

    titles: Sequence[str]
    at: datetime
    by: str
    organisation: str
    channel: str
    job: str
    action_date: date | None
    reason: str
    is_late: bool
    status: statuses.Shown | None
    """The status, where it changed."""
    differences: Sequence[Difference]


def event(line: HistoryLine) -> Event:
    """A version of a history as the page shows it."""
    version, made = line.version, line.version.provenance
    before = value_texts(line.before) if line.before else dict.fromkeys(VALUE_LABELS, "")
    changed_status = version.status is not (line.before.status if line.before else Status.ACTIVE)
    return Event(
        titles=[ACTION_WORDS[Action(number)] for number in version.actions],
        at=datetime.fromisoformat(made.at),
        by=made.user,
        organisation=made.organisation,
        channel=CHANNEL_WORDS.get(made.channel, made.channel),
        job=made.batch_job,
        action_date=date.fromisoformat(version.action_date) if version.action_date else None,
        reason=reason_text(version.reason),
        is_late=version.is_late,
        status=statuses.shown(version.status) if changed_status else None,
        differences=differences(before, value_texts(version)),
    )
