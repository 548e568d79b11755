"""Sessions of the portal, in the sessions table (IDM-08)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from pynamodb.attributes import NumberAttribute

from chalicelib.domain.portal_sessions import KeptSession, Ticket
from chalicelib.ports.users import Holding
from chalicelib.storage import keys
from chalicelib.storage.accounts import OrganisationItem
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Item, Models, VersionedItem
from chalicelib.storage.texts import JsonText
from chalicelib.storage.users import UserItem, known
from chalicelib.storage.wire import change_or_see, read_across


class PortalSessionItem(VersionedItem):
    """A person's session in the portal, ``SESSION#<sha256 of its ticket>`` / ``SESSION``; the ticket is not stored."""

    body = JsonText()
    ends = NumberAttribute()


class PortalSessionTable:
    """The portal's sessions in the sessions table."""

    MODELS: ClassVar[Models] = {"sessions": (PortalSessionItem,), "accounts": (UserItem, OrganisationItem)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def begin(self, session: KeptSession, ends: datetime) -> None:
        """``ends`` is when the session ends in any case."""
        key = keys.portal_session(session.digest)
        item = PortalSessionItem(*key, body=_body(session), revision=session.revision, ends=int(ends.timestamp()))
        item.put("portal_sessions.begin")

    def holding(self, ticket: Ticket) -> Holding:
        """All three, strongly consistently, in one call. A session that has ended may still be there."""
        own = [keys.organisation(ticket.ukprn), keys.user(ticket.ukprn, ticket.user_id)]
        wanted: dict[type[Item], list[keys.ItemKey]]
        wanted = {PortalSessionItem: [keys.portal_session(ticket.digest)], UserItem: own}
        found = list(read_across("portal_sessions.holding", self._patience, wanted))
        sessions = [item for item in found if item["sk"]["S"] == keys.SESSION]
        session = _session(PortalSessionItem.of(sessions[0])) if sessions else None
        return Holding(session, *known(found))

    def keep(self, session: KeptSession) -> KeptSession | None:
        """Store the next revision of a session; does nothing if it is no longer there, or if there is another by now.

        Returns that other one.
        """
        item = PortalSessionItem(*keys.portal_session(session.digest))
        actions = [PortalSessionItem.body.set(_body(session)), PortalSessionItem.revision.set(session.revision)]
        condition = PortalSessionItem.revision == session.revision - 1
        found = change_or_see("portal_sessions.keep", item, actions, condition)
        stored = _session(PortalSessionItem.of(found)) if found else None
        # Where botocore repeats a call whose answer was lost, the revision that is there is ours.
        return None if stored == session else stored

    def end(self, digest: str) -> None:
        """Remove a session, if it is there."""
        item = PortalSessionItem(*keys.portal_session(digest))
        item.remove("portal_sessions.end", PortalSessionItem.pk.exists())


def _body(session: KeptSession) -> dict[str, Any]:
    return {
        "whose": (session.ukprn, session.user_id, session.epoch),
        "csrf": session.csrf_secret,
        "times": (session.began_at, session.seen_at),
        "agreed": session.has_agreed,
        "flash": session.flash,
        "criteria": dict(session.criteria),
    }


def _session(item: PortalSessionItem) -> KeptSession:
    body = item.body
    ukprn, user_id, epoch = body["whose"]
    began_at, seen_at = map(datetime.fromisoformat, body["times"])
    return KeptSession(
        digest=keys.portal_session_of(item.pk),
        ukprn=ukprn,
        user_id=user_id,
        epoch=epoch,
        csrf_secret=body["csrf"],
        began_at=began_at,
        seen_at=seen_at,
        has_agreed=body["agreed"],
        flash=tuple(body["flash"]),
        criteria=body["criteria"],
        revision=int(item.revision),
    )
