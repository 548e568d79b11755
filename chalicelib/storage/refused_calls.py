"""Refused calls of strangers, counted for each source and minute until they are in the audit log (SEC-01)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.update import Action

from chalicelib.aws import temporary_failures
from chalicelib.ports.identity import RefusedCall, RefusedCalls
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, Models

_KEPT: Final = timedelta(days=2)
"""How long a count waits to be recorded."""


class RefusedItem(Item):
    """The refused calls of a source in a minute, ``REFUSED#<minute>`` / ``<source>#<credential>``."""

    calls = NumberAttribute()
    reasons = UnicodeSetAttribute()
    routes = UnicodeSetAttribute()
    organisation = UnicodeAttribute()
    ends = NumberAttribute()


class RefusedCallTable:
    """The counts in the sessions table."""

    MODELS: ClassVar[Models] = {"sessions": (RefusedItem,)}

    def count(self, call: RefusedCall, at: datetime) -> None:
        """Count one call. A write that botocore repeats may count it twice. Raises TemporaryFailure."""
        item = RefusedItem(*keys.refused_calls(_minute(at), call.source, call.credential_id))
        actions: list[Action] = [
            RefusedItem.calls.add(1),
            RefusedItem.reasons.add({call.reason}),
            RefusedItem.routes.add({call.route}),
            RefusedItem.organisation.set(call.ukprn),
            RefusedItem.ends.set(int((at + _KEPT).timestamp())),
        ]
        with temporary_failures("refused_calls.count"):
            item.update(actions)

    def of_minute(self, at: datetime) -> list[RefusedCalls]:
        """The counts of a minute that are not recorded yet. Raises TemporaryFailure."""
        minute = _minute(at)
        with temporary_failures("refused_calls.of_minute"):
            return [
                RefusedCalls(
                    *keys.refused_calls_of(item.sk),
                    ukprn=item.organisation,
                    minute=datetime.fromisoformat(minute),
                    calls=int(item.calls),
                    reasons=tuple(sorted(item.reasons)),
                    routes=tuple(sorted(item.routes)),
                )
                for item in RefusedItem.query(keys.refused_minute(minute))
            ]

    def forget(self, counted: RefusedCalls) -> None:
        """Remove a count that is recorded. Raises TemporaryFailure."""
        key = keys.refused_calls(_minute(counted.minute), counted.source, counted.credential_id)
        with temporary_failures("refused_calls.forget"):
            RefusedItem(*key).delete()


def _minute(at: datetime) -> str:
    return at.replace(second=0, microsecond=0).isoformat()
