"""Challenges, each written together with its mark on the learner's own record."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.challenges import (
    Challenge,
    ChallengedEvent,
    ChallengeStatus,
    EventDetails,
    Report,
    Step,
    mark_of,
)
from chalicelib.domain.codes import ChallengeType
from chalicelib.ports.errors import Conflict
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.record_items import ChallengeMarkItem, mark_item
from chalicelib.storage.tables import Item, Models, VersionedItem
from chalicelib.storage.texts import JsonText
from chalicelib.storage.transactions import Put, transact


class ChallengeItem(VersionedItem):
    """A challenge, ``CHALLENGE#<reference>`` / ``CHALLENGE``.

    While it is open, ``queue`` and ``raised`` give its position among those waiting for somebody.
    """

    body = JsonText()
    status = UnicodeAttribute()
    queue = UnicodeAttribute(null=True)
    raised = UnicodeAttribute(null=True)


class RaisedItem(Item):
    """The challenge that an organisation raised last with one problem, ``RAISED#<sha256>`` / ``RAISED``."""

    reference = UnicodeAttribute()


class CaseworkTable:
    """The casework table and, for the marks, the register table."""

    MODELS: ClassVar[Models] = {"casework": (ChallengeItem, RaisedItem), "register": (ChallengeMarkItem,)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def create(self, challenge: Challenge, after: str = "") -> str:
        """Write a new challenge, unless its organisation has raised one with the same problem other than ``after``:
        then its reference. Raises Conflict if the reference already exists, or TemporaryFailure.
        """
        last = RaisedItem(*keys.raised(_problem(challenge)), reference=challenge.reference)
        free = RaisedItem.absent() | (RaisedItem.reference == after) if after else RaisedItem.absent()
        return self._write(challenge, Put(last, free))

    def get(self, reference: str) -> Challenge | None:
        """Strongly consistent. Raises TemporaryFailure."""
        item = ChallengeItem.find("casework.get", keys.challenge(reference))
        return challenge_of(item) if item else None

    def save(self, challenge: Challenge) -> Challenge:
        """Writes it if the stored revision is still the challenge's; returns it with the new one. Raises Conflict,
        TemporaryFailure.
        """
        saved = challenge._replace(revision=challenge.revision + 1)
        self._write(saved)
        return saved

    def _write(self, challenge: Challenge, *first: Put) -> str:
        """Empty when it is written, otherwise the reference of the challenge that stands in its way."""
        case = challenge_item(challenge)
        actions = [Put(case, case.follows()), Put(mark_item(mark_of(challenge))), *first]
        stopped = transact("casework.write", self._patience, actions)
        # A write that was repeated after a lost answer finds its own result.
        if not stopped or (stopped.get(0) and challenge_of(ChallengeItem.of(stopped[0])) == challenge):
            return ""
        if stopped.keys() != {2}:
            raise Conflict
        return str(RaisedItem.of(stopped[2]).reference)


def _problem(challenge: Challenge) -> str:
    """The digest of what makes two challenges the same (``challenges.open_challenge``)."""
    about = sorted(challenge.report.event_ids) or challenge.uln
    text = f"{challenge.raised_by}#{challenge.report.type}#{about}"
    return hashlib.sha256(text.encode()).hexdigest()


def challenge_item(challenge: Challenge) -> ChallengeItem:
    """The item of a challenge."""
    item = ChallengeItem(
        *keys.challenge(challenge.reference),
        body=challenge[1:],
        status=challenge.status.value,
        revision=challenge.revision,
    )
    if challenge.status.is_open:
        item.queue = keys.challenge_queue(challenge.assigned_to)
        item.raised = f"{challenge.raised_at}#{challenge.reference}"
    return item


def challenge_of(item: ChallengeItem) -> Challenge:
    """The challenge in an item. Raises UnknownKey."""
    uln, report, events, status, raised_at, raised_by, raised_by_user, history, assigned_to, due, revision = item.body
    kind, event_ids, supplied, *contact, fields = report
    reported = Report(ChallengeType(kind), tuple(event_ids), EventDetails(*supplied), *contact)
    return Challenge(
        reference=keys.challenge_of(item.pk),
        uln=uln,
        report=reported._replace(event_fields=tuple(fields)),
        events=tuple(
            ChallengedEvent(number, source, EventDetails(*details), owner) for number, source, details, owner in events
        ),
        status=ChallengeStatus(status),
        raised_at=raised_at,
        raised_by=raised_by,
        raised_by_user=raised_by_user,
        history=tuple(Step(at, by, user, ChallengeStatus(to), why) for at, by, user, to, why in history),
        assigned_to=assigned_to,
        notice_due=due,
        revision=revision,
    )
