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
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.texts import JsonText
from chalicelib.storage.users import UserItem, known
from chalicelib.storage.wire import read_across


class PortalSessionItem(Item):
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
        PortalSessionItem(*key, body=_body(session), ends=int(ends.timestamp())).put("portal_sessions.begin")

    def holding(self, ticket: Ticket) -> Holding:
        """All three, strongly consistently, in one call. A session that has ended may still be there."""
        own = [keys.organisation(ticket.ukprn), keys.user(ticket.ukprn, ticket.user_id)]
        wanted = {PortalSessionItem: [keys.portal_session(ticket.digest)], UserItem: own}
        found = list(read_across("portal_sessions.holding", self._patience, wanted))
        sessions = [item for item in found if item["sk"]["S"] == keys.SESSION]
        session = _session(PortalSessionItem.of(sessions[0])) if sessions else None
        return Holding(session, *known(found))

    def keep(self, session: KeptSession) -> None:
        """Replace a session; does nothing if it is no longer there."""
        item = PortalSessionItem(*keys.portal_session(session.digest))
        item.change("portal_sessions.keep", [PortalSessionItem.body.set(_body(session))], PortalSessionItem.pk.exists())

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
    )
