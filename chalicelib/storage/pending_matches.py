"""Registrations that are waiting for a decision, in the table of casework (ULN-05).

A waiting match also has an item with the organisation and a digest of the mandatory details as its key, so that the
same registration sent again finds its match. The index by queue contains the waiting matches.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex

from chalicelib.aws import temporary_failures
from chalicelib.domain.learners import EMPTY_DETAILS, Learner, profile_of
from chalicelib.domain.ledgers import LedgerEntry
from chalicelib.domain.pending_matches import PendingMatch, PendingReason, PendingState
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.learners import PendingPage
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.cursors import Cursors
from chalicelib.storage.learner_items import details_of, held_details
from chalicelib.storage.learner_register import IdentityDigests
from chalicelib.storage.ledgers import LedgerItem, transact_with
from chalicelib.storage.tables import Item, Models, VersionedItem, index_of
from chalicelib.storage.texts import JsonText
from chalicelib.storage.transactions import Delete, Put, transact
from chalicelib.storage.wire import key_of

_KEPT: Final = ("user", "channel", "mis_identifier", "job_id", "uln", "decided_by", "decided_at", "candidates")
_OPENINGS: Final = 3


class MatchesByQueue(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """An organisation's waiting pending matches, oldest first; sparse."""

    Meta = index_of("queue")

    queue = UnicodeAttribute(hash_key=True)
    raised = UnicodeAttribute(range_key=True)


class PendingMatchItem(VersionedItem):
    """A pending match, ``PENDING#<id>`` / ``PENDING``.

    ``queue`` and ``raised`` exist while it is waiting, and ``ends``, the table's time to live, once it is decided.
    """

    ukprn = UnicodeAttribute()
    state = UnicodeAttribute()
    body = JsonText()
    details = JsonText()
    queue = UnicodeAttribute(null=True)
    raised = UnicodeAttribute(null=True)
    ends = NumberAttribute(null=True)

    by_queue = MatchesByQueue()


class WaitingItem(Item):
    """Makes a registration wait only once, ``WAITING#<ukprn>#<digest>`` / ``WAITING``."""

    pending_id = UnicodeAttribute()


class PendingMatchTable:
    """Pending matches of the table of casework."""

    MODELS: ClassVar[Models] = {"casework": (PendingMatchItem, WaitingItem), "sessions": (LedgerItem,)}

    def __init__(
        self, patience: Patience, digests: IdentityDigests, cursors: Callable[[], Cursors], keep: timedelta
    ) -> None:
        """``keep`` is how long a match is kept after its decision."""
        self._keep = keep
        self._patience = patience
        self._digests = digests
        self._cursors = cursors

    def open(self, pending: PendingMatch, entry: LedgerEntry | None = None) -> PendingMatch:
        """Store it, or return the one waiting with the same mandatory details. Raises TemporaryFailure."""
        new = pending._replace(revision=1)
        mark = WaitingItem(*self._mark_key(pending), pending_id=pending.pending_id)
        for _ in range(_OPENINGS):
            actions = [Put(mark, mark.absent()), Put(pending_item(new))]
            stopped = transact_with("pending_matches.write", self._patience, actions, entry)
            if not stopped:
                return new
            there = self.get(pending.ukprn, WaitingItem.of(stopped[0]).pending_id)
            if there is not None and not there.state.is_end:
                return there
        raise TemporaryFailure("pending_matches.open: keeps being decided")

    def get(self, ukprn: str, pending_id: str) -> PendingMatch | None:
        """Strongly consistent; also None if it is another organisation's. Raises TemporaryFailure."""
        item = PendingMatchItem.find("pending_matches.get", keys.pending(pending_id))
        return pending_of_item(item) if item is not None and item.ukprn == ukprn else None

    def save(self, pending: PendingMatch) -> PendingMatch:
        """Writes it if the stored revision is still the match's; returns it with the new one. Raises Conflict,
        TemporaryFailure.
        """
        saved = pending._replace(revision=pending.revision + 1)
        item = pending_item(saved)
        actions: list[Put | Delete] = [Put(item, item.follows())]
        if saved.state.is_end and saved.decided_at is not None:
            item.ends = int((saved.decided_at + self._keep).timestamp())
            actions.append(Delete(WaitingItem(*self._mark_key(pending))))
        if transact("pending_matches.write", self._patience, actions):
            raise Conflict
        return saved

    def of_organisation(self, ukprn: str, limit: int, cursor: str = "") -> PendingPage:
        """Those that are waiting, oldest first; eventually consistent. Raises BadCursor, TemporaryFailure."""
        queue = keys.pending_queue(ukprn)
        scope = ("pending-matches", ukprn)
        start = _start(queue, self._cursors().open(scope, cursor)) if cursor else None
        with temporary_failures("pending_matches.of_organisation"):
            items = list(PendingMatchItem.by_queue.query(queue, limit=limit + 1, last_evaluated_key=start))
        page = items[:limit]
        more = self._cursors().seal(scope, page[-1].raised) if len(items) > limit else ""
        return PendingPage([pending_of_item(item) for item in page], more)

    def _mark_key(self, pending: PendingMatch) -> keys.ItemKey:
        profile = profile_of(Learner("", pending.details))
        return keys.waiting(pending.ukprn, self._digests.of(profile))


def pending_item(pending: PendingMatch) -> PendingMatchItem:
    """The item of a pending match."""
    kept = {name: value for name in _KEPT if (value := getattr(pending, name))}
    item = PendingMatchItem(
        *keys.pending(pending.pending_id),
        ukprn=pending.ukprn,
        state=pending.state.value,
        body={**kept, "raised_at": pending.raised_at, "reason": pending.reason.value},
        details=held_details(pending.details),
        revision=pending.revision,
    )
    if not pending.state.is_end:
        item.queue = keys.pending_queue(pending.ukprn)
        item.raised = f"{pending.raised_at.isoformat(timespec='microseconds')}#{pending.pending_id}"
    return item


def pending_of_item(item: PendingMatchItem) -> PendingMatch:
    """The pending match in an item. Raises UnknownKey, ValueError."""
    body: dict[str, Any] = dict(item.body)
    decided = body.pop("decided_at", "")
    return PendingMatch(
        pending_id=keys.pending_of(item.pk),
        ukprn=item.ukprn,
        raised_at=datetime.fromisoformat(body.pop("raised_at")),
        reason=PendingReason(body.pop("reason")),
        details=details_of(item.details, EMPTY_DETAILS),
        candidates=tuple(body.pop("candidates", ())),
        state=PendingState(item.state),
        decided_at=datetime.fromisoformat(decided) if decided else None,
        revision=int(item.revision),
        **body,
    )


def _start(queue: str, raised: str) -> dict[str, Any]:
    """The key of the match after which a list continues; its id is the end of the sort key."""
    key = key_of(keys.pending(raised.split(keys.SEPARATOR, 1)[1]))
    return {**key, "queue": {"S": queue}, "raised": {"S": raised}}
