"""The warning before a session ends by itself, as a page carries it for its script (IDM-08, WCAG 2.2.1)."""

from __future__ import annotations

from datetime import datetime
from math import ceil

from chalicelib.domain.access import Capability
from chalicelib.domain.portal_sessions import Session
from chalicelib.web.portal import form_tokens, table
from chalicelib.web.portal.rendering import TimeOut


def time_out_of(session: Session, now: datetime, path: str) -> TimeOut:
    """What a page at this path says of the end of its session.

    A page that is only shown in answer to a form leads home, since it cannot be opened.
    """
    found = table.find("GET", path)
    is_kept = found is not None and found[0].capability is not Capability.PUBLIC and "POST" in table.methods_of(path)
    return TimeOut(
        at=session.idle_until,
        seconds=ceil((session.idle_until - now).total_seconds()),
        warned_before=ceil((session.idle_until - session.warned_at).total_seconds()),
        can_go_on=session.can_go_on,
        path=path if found else table.HOME,
        parks=form_tokens.PARKED if is_kept else "",
    )
