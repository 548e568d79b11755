"""Challenges, each written together with the mark that the learner's own record keeps of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

from chalicelib.aws import Reaching, error_code
from chalicelib.domain.challenges import (
    Challenge,
    ChallengedEvent,
    ChallengeStatus,
    ChallengeType,
    EventDetails,
    Report,
    Step,
    mark_of,
)
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.storage import keys
from chalicelib.storage.batches import Item, key_of
from chalicelib.storage.record_items import mark_item

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_CANCELLED: Final = "TransactionCanceledException"
_LOST: Final = "ConditionalCheckFailed"


class CaseworkTable:
    """The casework table and, for the marks, the register table. ``client`` gives the DynamoDB client of botocore."""

    def __init__(self, casework: str, register: str, client: Callable[[], Any]) -> None:
        self._casework = casework
        self._register = register
        self._client = client

    def create(self, challenge: Challenge) -> None:
        """Raises Conflict when there is one of that reference, TemporaryFailure."""
        self._write(challenge, {"ConditionExpression": "attribute_not_exists(pk)"})

    def get(self, reference: str) -> Challenge | None:
        """Strongly consistent. Raises TemporaryFailure."""
        with Reaching("casework.get"):
            answer = self._client().get_item(
                TableName=self._casework, Key=key_of(keys.challenge(reference)), ConsistentRead=True
            )
        item = answer.get("Item")
        return challenge_of(item) if item else None

    def save(self, challenge: Challenge) -> Challenge:
        """If the stored revision is still the challenge's; with the new one. Raises Conflict, TemporaryFailure."""
        saved = challenge._replace(revision=challenge.revision + 1)
        seen = {":seen": {"N": str(challenge.revision)}}
        self._write(saved, {"ConditionExpression": "revision = :seen", "ExpressionAttributeValues": seen})
        return saved

    def _write(self, challenge: Challenge, condition: dict[str, Any]) -> None:
        case = {"TableName": self._casework, "Item": challenge_item(challenge), **condition}
        mark = {"TableName": self._register, "Item": mark_item(mark_of(challenge))}
        with Reaching("casework.write"):
            try:
                self._client().transact_write_items(TransactItems=[{"Put": case}, {"Put": mark}])
            except ClientError as error:
                if error_code(error) != _CANCELLED:
                    raise
                reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
                if _LOST not in reasons:
                    # Another transaction, or throttling: nothing was written, and the same may succeed later.
                    raise TemporaryFailure("casework.write: cancelled") from error
                if self.get(challenge.reference) != challenge:
                    raise Conflict from None
                # A write that was repeated after a lost answer finds itself.


def challenge_item(challenge: Challenge) -> Item:
    """The item of a challenge; ``queue`` and ``raised`` place it among those that wait for somebody."""
    item = {
        **key_of(keys.challenge(challenge.reference)),
        "told": {"S": _encode(challenge[1:])},
        "status": {"S": challenge.status.value},
        "revision": {"N": str(challenge.revision)},
    }
    if challenge.status.is_open:
        item["queue"] = {"S": keys.challenge_queue(challenge.assigned_to)}
        item["raised"] = {"S": f"{challenge.raised_at}#{challenge.reference}"}
    return item


def challenge_of(item: Item) -> Challenge:
    """The challenge in an item. Raises UnknownKey."""
    told = json.loads(item["told"]["S"])
    uln, report, events, status, raised_at, raised_by, raised_by_user, history, assigned_to, due, revision = told
    kind, event_ids, supplied, *contact = report
    return Challenge(
        reference=keys.challenge_of(item["pk"]["S"]),
        uln=uln,
        report=Report(ChallengeType(kind), tuple(event_ids), EventDetails(*supplied), *contact),
        events=tuple(
            ChallengedEvent(number, source, EventDetails(*said), owner) for number, source, said, owner in events
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
