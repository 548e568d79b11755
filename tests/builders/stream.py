"""Records of the register's stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.achievements import Achievement
from chalicelib.ports.achievements import SubmittedChange
from chalicelib.storage.achievement_items import achievement_item
from chalicelib.storage.changes import change_of


def stream_record(
    image: Mapping[str, Any], event_id: str = "e1", *, event: str = "INSERT", at: float = 0
) -> dict[str, Any]:
    """The record of an item that was written, in DynamoDB's JSON; ``at`` in seconds since 1970."""
    changed = {
        "Keys": {name: image[name] for name in ("pk", "sk")},
        "NewImage": image,
        "ApproximateCreationDateTime": at,
        "SequenceNumber": "1",
    }
    return {"eventID": event_id, "eventName": event, "dynamodb": changed}


def submitted_change(achievement: Achievement) -> SubmittedChange:
    """The change that the stream makes of an achievement's newest version."""
    submitted = change_of(stream_record(achievement_item(achievement).serialize())).submitted
    assert submitted is not None
    return submitted
