"""Changes of the register in its stream: entries of the audit log, and submissions of organisations.

(ACH-08, ACH-09, SEC-01.)

An entry says who changed what, when and through which channel; a learner's details stay in the register. The stream may
deliver a change more than once: the entry's identity is the stream's own event id, so that it is written to the same
key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from chalicelib.domain.callers import Channel
from chalicelib.domain.challenges import ChallengeMark
from chalicelib.domain.learners import Learner
from chalicelib.domain.looks import LookAction, LookOutcome, version_entry
from chalicelib.ports.achievements import SubmittedChange
from chalicelib.ports.audit import AuditEntry
from chalicelib.storage import keys
from chalicelib.storage.achievement_items import Latest, latest_of
from chalicelib.storage.learner_items import LearnerItem, learner_of_item
from chalicelib.storage.record_items import ChallengeMarkItem, mark_of

_ACHIEVEMENT_ACTIONS: Mapping[str, LookAction] = {
    "1": LookAction.ACHIEVEMENT_CREATED,
    "2": LookAction.ACHIEVEMENT_UPDATED,
    "3": LookAction.ACHIEVEMENT_WITHDRAWN,
    "4": LookAction.ACHIEVEMENT_REINSTATED,
}
_LEARNER_ACTIONS: Mapping[str, LookAction] = {
    "register": LookAction.LEARNER_REGISTERED,
    "update": LookAction.LEARNER_UPDATED,
    "link": LookAction.LEARNER_LINKED,
    "unlink": LookAction.LEARNER_UNLINKED,
}
_SAVED: Mapping[str, LookAction] = {
    "LEARNER": LookAction.LEARNER_SAVED,
    "EVT": LookAction.LEARNING_EVENT_SAVED,
    "AVAILABILITY": LookAction.AVAILABILITY_SAVED,
    "CHALLENGE": LookAction.CHALLENGE_SAVED,
}
_REMOVED: Mapping[str, LookAction] = {
    "LEARNER": LookAction.LEARNER_REMOVED,
    "EVT": LookAction.LEARNING_EVENT_REMOVED,
}


_PAGES: Final = (f"{keys.HISTORY}{keys.SEPARATOR}", f"{keys.AVAILABILITY}{keys.SEPARATOR}")
"""How partitions of earlier versions begin."""


class Change(NamedTuple):
    """The results of one record of the stream."""

    entry: AuditEntry
    submitted: SubmittedChange | None = None
    """None if it is not a change of an achievement by an organisation."""


def is_new_page(record: Mapping[str, Any]) -> bool:
    """Whether it only stores earlier versions elsewhere: each has its own entry on the log."""
    return record["eventName"] == "INSERT" and record["dynamodb"]["Keys"]["pk"]["S"].startswith(_PAGES)


def change_of(record: Mapping[str, Any]) -> Change:
    """The results of one record of the stream.

    Raises KeyError, ValueError, IndexError or TypeError for anything that is not a change of an item.
    """
    changed = record["dynamodb"]
    pk, sk = changed["Keys"]["pk"]["S"], changed["Keys"]["sk"]["S"]
    image = changed.get("NewImage")
    if image is not None and sk.startswith("ACH#"):
        return _achievement_change(record["eventID"], pk, sk, latest_of(image))
    if image is not None and sk == keys.LEARNER and "provenance" in image:
        learner = learner_of_item(LearnerItem.of(image))
        if learner.last_updated_date is not None:  # a learner that was bulk-loaded has no version
            return Change(_learner_change(record["eventID"], pk, sk, learner, learner.last_updated_date))
    if image is not None and sk.startswith("CHALLENGE#") and record["eventName"] == "INSERT":
        return Change(_challenge_raised(mark_of(ChallengeMarkItem.of(image)), pk, sk))
    at = datetime.fromtimestamp(float(changed["ApproximateCreationDateTime"]), UTC)
    kind, event = sk.partition("#")[0], record["eventName"]
    if event == "REMOVE":
        action = _REMOVED.get(kind, LookAction.ITEM_REMOVED)
    else:
        action = _SAVED.get(kind, LookAction.ITEM_SAVED)
    detail = {"item": sk, "event": event}
    return Change(AuditEntry(pk, at.isoformat(), record["eventID"], action, LookOutcome.DONE, "", "", detail))


def _learner_change(event_id: str, pk: str, sk: str, learner: Learner, at: datetime) -> AuditEntry:
    """Who made the version of a learner, when and through which channel (ULN-03, ULN-04, ULN-09).

    It is the entry of the request that made it. The looks of a file are recorded by job and record, so this is another.
    """
    is_own = learner.last_updated_via_channel == Channel.BATCH
    action = LookAction.LEARNER_IN_FILE_SAVED if is_own else _LEARNER_ACTIONS[learner.last_updated_action]
    detail = {
        "item": sk,
        "version": str(learner.version_number),
        "action": learner.last_updated_action,
        "status": learner.status,
        "channel": learner.last_updated_via_channel,
        "master": learner.master_uln,
    }
    known = {name: value for name, value in detail.items() if value}
    return AuditEntry(
        pk,
        at.isoformat(),
        event_id if is_own else version_entry(learner.version_number),
        action,
        LookOutcome.DONE,
        learner.last_updated_by,
        learner.last_updated_user,
        known,
    )


def _challenge_raised(mark: ChallengeMark, pk: str, sk: str) -> AuditEntry:
    """A new challenge: the entry of the request that raised it."""
    action, detail = LookAction.CHALLENGE_RAISED, {"item": sk, "reference": mark.reference}
    return AuditEntry(pk, mark.raised_at, mark.reference, action, LookOutcome.DONE, mark.raised_by, "", detail)


def _achievement_change(event_id: str, pk: str, sk: str, latest: Latest) -> Change:
    """The change is the newest version in the achievement's history."""
    revision, late, by, actions, action_date, reason, status, kind = latest
    at, organisation, user, channel, _, _ = by
    job = by.batch_job
    detail = {"item": sk, "version": str(revision), "status": status, "channel": channel}
    if job:
        detail["job"] = job
    if reason:
        detail["reason"] = reason
    if len(actions) > 1:
        detail["actions"] = actions
    action = LookAction.ACHIEVEMENT_CHANGED if len(actions) > 1 else _ACHIEVEMENT_ACTIONS[actions]
    return Change(
        AuditEntry(pk, at, event_id, action, LookOutcome.DONE, organisation, user, detail),
        SubmittedChange(
            organisation,
            at,
            keys.achievement_of(pk, sk),
            revision,
            actions,
            status,
            kind,
            late,
            channel,
            user,
            job,
            action_date,
        ),
    )
