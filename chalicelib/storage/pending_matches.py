"""Registrations that wait for a decision, in the table of casework (ULN-05).

Beside a match that waits stands an item named by the organisation and a digest of the mandatory details, so that the
same registration sent again finds the match it has made. The index by queue holds those that wait.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from chalicelib.aws import Reaching, error_code
from chalicelib.domain.learners import EMPTY_DETAILS, Learner, profile_of
from chalicelib.domain.pending_matches import PendingMatch, PendingReason, PendingState
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.learners import PendingPage
from chalicelib.storage import person_keys
from chalicelib.storage.batches import Item, key_of
from chalicelib.storage.cursors import Cursors
from chalicelib.storage.learner_items import details_of, details_text
from chalicelib.storage.learner_register import CANCELLED, LOST, IdentityDigests

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_TOLD: Final = ("user", "channel", "mis_identifier", "job_id", "uln", "decided_by")
_OPENINGS: Final = 3


class PendingMatchTable:
    """Pending matches of the table of casework. ``client`` gives the DynamoDB client of botocore."""

    def __init__(
        self,
        table: str,
        client: Callable[[], Any],
        digests: IdentityDigests,
        cursors: Callable[[], Cursors],
    ) -> None:
        self._table = table
        self._client = client
        self._digests = digests
        self._cursors = cursors

    def open(self, pending: PendingMatch) -> PendingMatch:
        """Keep it, or give the one that waits for the same mandatory details. Raises TemporaryFailure."""
        new = pending._replace(revision=1)
        mark = {**self._mark_key(pending), "pending_id": {"S": pending.pending_id}}
        for _ in range(_OPENINGS):
            reasons = self._transact(
                [
                    {
                        "Put": {
                            "TableName": self._table,
                            "Item": mark,
                            "ConditionExpression": "attribute_not_exists(pk)",
                            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                        }
                    },
                    {"Put": {"TableName": self._table, "Item": pending_item(new)}},
                ]
            )
            if not reasons:
                return new
            there = self.get(pending.ukprn, reasons[0]["Item"]["pending_id"]["S"])
            if there is not None and not there.state.is_end:
                return there
        raise TemporaryFailure("pending_matches.open: keeps being decided")

    def get(self, ukprn: str, pending_id: str) -> PendingMatch | None:
        """Strongly consistent; None too when it is another organisation's. Raises TemporaryFailure."""
        with Reaching("pending_matches.get"):
            answer = self._client().get_item(
                TableName=self._table, Key=key_of(person_keys.pending(pending_id)), ConsistentRead=True
            )
        pending = pending_of_item(answer["Item"]) if "Item" in answer else None
        return pending if pending is not None and pending.ukprn == ukprn else None

    def save(self, pending: PendingMatch) -> PendingMatch:
        """If the stored revision is still the match's; with the new one. Raises Conflict, TemporaryFailure."""
        saved = pending._replace(revision=pending.revision + 1)
        writes: list[Item] = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": pending_item(saved),
                    "ConditionExpression": "revision = :seen",
                    "ExpressionAttributeValues": {":seen": {"N": str(pending.revision)}},
                }
            }
        ]
        if saved.state.is_end:
            writes.append({"Delete": {"TableName": self._table, "Key": self._mark_key(pending)}})
        if self._transact(writes):
            raise Conflict
        return saved

    def of_organisation(self, ukprn: str, limit: int, cursor: str = "") -> PendingPage:
        """Those that wait, oldest first; eventually consistent. Raises BadCursor, TemporaryFailure."""
        queue = person_keys.pending_queue(ukprn)
        scope = ("pending-matches", ukprn)
        start = {"ExclusiveStartKey": _place(queue, self._cursors().open(scope, cursor))} if cursor else {}
        with Reaching("pending_matches.of_organisation"):
            answer = self._client().query(
                TableName=self._table,
                IndexName="queue",
                KeyConditionExpression="queue = :queue",
                ExpressionAttributeValues={":queue": {"S": queue}},
                Limit=limit + 1,
                **start,
            )
        items = answer["Items"]
        more = self._cursors().seal(scope, items[limit - 1]["raised"]["S"]) if len(items) > limit else ""
        return PendingPage([pending_of_item(item) for item in items[:limit]], more)

    def _mark_key(self, pending: PendingMatch) -> Item:
        profile = profile_of(Learner("", pending.details))
        return key_of(person_keys.waiting(pending.ukprn, self._digests.of(profile)))

    def _transact(self, writes: list[Item]) -> list[Item]:
        """Nothing when it took effect, else what is against each item. Raises TemporaryFailure."""
        with Reaching("pending_matches.write"):
            try:
                self._client().transact_write_items(TransactItems=writes)
            except ClientError as error:
                if error_code(error) != CANCELLED:
                    raise
                reasons = [{**reason} for reason in error.response.get("CancellationReasons", ())]
                if any(reason.get("Code") == LOST for reason in reasons):
                    return reasons
                raise TemporaryFailure("pending_matches.write: other transactions are in the way") from error
        return []


def pending_item(pending: PendingMatch) -> Item:
    """The item of a pending match; ``queue`` and ``raised`` place it among those that wait."""
    told: dict[str, Any] = {name: value for name in _TOLD if (value := getattr(pending, name))}
    told |= {"raised_at": pending.raised_at.isoformat(), "reason": pending.reason.value}
    told |= {"candidates": pending.candidates} if pending.candidates else {}
    told |= {"decided_at": pending.decided_at.isoformat()} if pending.decided_at else {}
    item: Item = {
        **key_of(person_keys.pending(pending.pending_id)),
        "ukprn": {"S": pending.ukprn},
        "state": {"S": pending.state.value},
        "told": {"S": _encode(told)},
        "details": {"S": details_text(pending.details)},
        "revision": {"N": str(pending.revision)},
    }
    if not pending.state.is_end:
        item["queue"] = {"S": person_keys.pending_queue(pending.ukprn)}
        item["raised"] = {"S": f"{pending.raised_at.isoformat(timespec='microseconds')}#{pending.pending_id}"}
    return item


def pending_of_item(item: Mapping[str, Any]) -> PendingMatch:
    """The pending match in an item. Raises UnknownKey, ValueError."""
    told: dict[str, Any] = json.loads(item["told"]["S"])
    decided = told.pop("decided_at", "")
    return PendingMatch(
        pending_id=person_keys.pending_of(item["pk"]["S"]),
        ukprn=item["ukprn"]["S"],
        raised_at=datetime.fromisoformat(told.pop("raised_at")),
        reason=PendingReason(told.pop("reason")),
        details=details_of(item["details"]["S"], EMPTY_DETAILS),
        candidates=tuple(told.pop("candidates", ())),
        state=PendingState(item["state"]["S"]),
        decided_at=datetime.fromisoformat(decided) if decided else None,
        revision=int(item["revision"]["N"]),
        **told,
    )


def _place(queue: str, raised: str) -> Item:
    """The key of the match after which a listing goes on; its id is the end of the sort key."""
    key = key_of(person_keys.pending(raised.split("#", 1)[1]))
    return {**key, "queue": {"S": queue}, "raised": {"S": raised}}
