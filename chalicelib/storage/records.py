"""Personal learning records: everything under a ULN in one query, and the events that feeds bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from chalicelib.aws import Reaching, error_code
from chalicelib.domain.achievements import Achievement
from chalicelib.domain.challenges import ChallengeMark
from chalicelib.domain.learners import Learner
from chalicelib.domain.records import Availability, Holdings, ParticipationEvent
from chalicelib.ports.errors import Conflict
from chalicelib.storage import keys
from chalicelib.storage.achievement_items import achievement_of
from chalicelib.storage.batches import Item, key_of, read_items, write_items
from chalicelib.storage.conditions import CONDITION_FAILED, Patience
from chalicelib.storage.record_items import availability_item, availability_of, event_item, event_of, mark_of

_FIRST: Final = "attribute_not_exists(pk)"
_NEXT: Final = "revision = :seen"

EventKey = tuple[str, str, str]


class RecordTable:
    """Records in the register table. ``client`` gives the DynamoDB client of botocore."""

    def __init__(self, table: str, client: Callable[[], Any], learner: Callable[[Item], Learner]) -> None:
        """``learner`` makes a learner of its item."""
        self._table = table
        self._client = client
        self._learner = learner

    def holdings(self, uln: str) -> Holdings | None:
        """All that is held under a ULN in one query, strongly consistent: a look sees what its caller just wrote, and
        a record that was made unavailable is unavailable at once. None where no learner is. Raises TemporaryFailure.
        """
        learner: Learner | None = None
        availability: Availability | None = None
        achievements: list[Achievement] = []
        events: list[ParticipationEvent] = []
        challenges: list[ChallengeMark] = []
        for item in self._items(uln):
            kind = item["sk"]["S"].partition(keys.SEPARATOR)[0]
            if kind == keys.ACHIEVEMENT:
                achievements.append(achievement_of(item))
            elif kind == keys.EVENT:
                events.append(event_of(item))
            elif kind == keys.CHALLENGE:
                challenges.append(mark_of(item))
            elif kind == keys.AVAILABILITY:
                availability = availability_of(item)
            elif kind == keys.LEARNER:
                learner = self._learner(item)
        if learner is None:
            return None
        return Holdings(learner, tuple(achievements), tuple(events), availability, tuple(challenges))

    def save_availability(self, availability: Availability) -> None:
        """Write it one revision on. Raises Conflict, TemporaryFailure."""
        request: dict[str, Any] = {"TableName": self._table, "Item": availability_item(availability)}
        if availability.revision == 1:
            request["ConditionExpression"] = _FIRST
        else:
            request["ConditionExpression"] = _NEXT
            request["ExpressionAttributeValues"] = {":seen": {"N": str(availability.revision - 1)}}
        with Reaching("records.save_availability"):
            try:
                self._client().put_item(**request)
            except ClientError as error:
                if error_code(error) != CONDITION_FAILED:
                    raise
                if self._stored_availability(availability.uln) != availability:
                    raise Conflict from None
                # A write that was repeated after a lost answer finds itself.

    def _stored_availability(self, uln: str) -> Availability | None:
        key = key_of(keys.availability(uln))
        item = self._client().get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return availability_of(item) if item else None

    def _items(self, uln: str) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": keys.learner(uln).pk}},
            "ConsistentRead": True,
        }
        while True:
            with Reaching("records.holdings"):
                answer = self._client().query(**request)
            yield from answer["Items"]
            last = answer.get("LastEvaluatedKey")
            if not last:
                return
            request["ExclusiveStartKey"] = last


class EventTable:
    """The events in the register table that feeds bring. ``client`` gives the DynamoDB client of botocore."""

    def __init__(self, table: str, client: Callable[[], Any], patience: Patience) -> None:
        self._table = table
        self._client = client
        self._patience = patience

    def read(self, wanted: Iterable[EventKey]) -> dict[EventKey, ParticipationEvent]:
        """Those that exist, strongly consistent. Raises TemporaryFailure."""
        unread = [key_of(keys.event(*key)) for key in dict.fromkeys(wanted)]
        found = read_items(self._table, self._client(), self._patience, unread, {"ConsistentRead": True})
        events = (event_of(item) for item in found)
        return {(event.uln, event.source.value, event.event_id): event for event in events}

    def write(self, events: Sequence[ParticipationEvent]) -> None:
        """Put them over what is there: what an event says is its source's alone to say. Raises TemporaryFailure."""
        write_items(self._table, self._client(), self._patience, [event_item(event) for event in events])
