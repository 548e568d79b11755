"""Changes of the register as its stream tells them, turned into entries of the audit log (ACH-09, SEC-01).

An entry says who changed what, when and by which way; what a learner's details were stays in the register. The stream
may tell of a change more than once: the entry's identity is the stream's own event id, so that it is written to the
same place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.services.ports import AuditEntry
from chalicelib.storage.achievement_items import achievement_of

_ACTIONS = {"1": "create", "2": "update", "3": "withdraw", "4": "reinstate"}
_VERBS = {"INSERT": "created", "MODIFY": "changed", "REMOVE": "removed"}


def change_of(record: Mapping[str, Any]) -> AuditEntry:
    """The entry for one record of the stream. Raises KeyError or ValueError for what is no change of an item."""
    changed = record["dynamodb"]
    pk, sk = changed["Keys"]["pk"]["S"], changed["Keys"]["sk"]["S"]
    image = changed.get("NewImage")
    if image is not None and sk.startswith("ACH#"):
        return _achievement_change(record["eventID"], pk, sk, image)
    at = datetime.fromtimestamp(float(changed["ApproximateCreationDateTime"]), UTC)
    verb = _VERBS[record["eventName"]]
    return AuditEntry(
        pk, at.isoformat(), record["eventID"], f"{sk.partition('#')[0].lower()} {verb}", "", "", {"item": sk}
    )


def _achievement_change(event_id: str, pk: str, sk: str, image: Mapping[str, Any]) -> AuditEntry:
    """The newest version of the achievement's history is what the change was."""
    achievement = achievement_of(image)
    version = achievement.history[-1]
    by = version.provenance
    detail = {
        "item": sk,
        "version": str(achievement.revision),
        "status": version.status.value,
        "channel": by.channel,
        "job": by.job,
        "reason": version.reason,
    }
    actions = ", ".join(_ACTIONS[number] for number in version.actions)
    told = {name: value for name, value in detail.items() if value}
    return AuditEntry(pk, by.at, event_id, f"achievement {actions}", by.organisation, by.user, told)
