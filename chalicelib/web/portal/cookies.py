"""The portal's cookies: read, set, forgotten. Scripts cannot read them, and other sites cannot set or use them."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Final

from chalicelib.domain.portal_sessions import read_ticket

SESSION: Final = "__Host-lrs_session"
"""The ticket of a session; the browser forgets it when it is closed."""
VISIT: Final = "__Host-lrs_visit"
"""A secret for the forms of somebody who is not signed in."""
WAY_BACK: Final = "__Host-lrs_back"
"""The page that somebody wanted to see before signing in, after the mark of the person who was signed in last."""
KEPT_FORM: Final = "__Host-lrs_form"
"""The key to what somebody entered when the session was over, and the page of the form."""

_PROTECTED: Final = "; Path=/; Secure; HttpOnly; SameSite=Lax"
_HOUR: Final = 3600
_KEPT_FORM: Final = re.compile(r"([A-Za-z0-9_-]{16,128})(/[^;,\s]*)", re.ASCII)
_WAY_BACK: Final = re.compile(r"([0-9a-f]{32})?(/[^;,\s]*)?", re.ASCII)
_VISIT_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,128}", re.ASCII)


def read(headers: Iterable[str]) -> Mapping[str, str]:
    """The cookies of a request by name, from its Cookie headers."""
    pairs = (part.strip().partition("=") for header in headers for part in header.split(";"))
    return {name: value for name, separator, value in pairs if separator}


def visit_secret(cookies: Mapping[str, str]) -> str:
    """The secret of somebody who is not signed in; empty if there is none."""
    found = cookies.get(VISIT, "")
    return found if _VISIT_SECRET.fullmatch(found) else ""


def session(ticket: str) -> str:
    """The header that begins a session in a browser."""
    return f"{SESSION}={ticket}{_PROTECTED}"


def visit(secret: str) -> str:
    """The header that lets somebody fill in forms without being signed in."""
    return f"{VISIT}={secret}{_PROTECTED}"


def way_back(path: str, mark: str = "") -> str:
    """The header that remembers a page until somebody has signed in: the person with this mark or, without, anybody.

    At sign-out it has no page: what is opened after that, such as with the browser's back button, is for this person.
    """
    return f"{WAY_BACK}={mark}{path}; Max-Age={_HOUR}{_PROTECTED}"


def way_back_for(cookies: Mapping[str, str], user_id: str) -> str:
    """The page that this person wanted; empty if there is none, or somebody else wanted it."""
    found = _WAY_BACK.fullmatch(cookies.get(WAY_BACK, ""))
    return found[2] or "" if found and found[1] in (None, mark_of(user_id)) else ""


def last_mark(cookies: Mapping[str, str]) -> str:
    """The mark of the person who was signed in last; empty if that is not known."""
    ticket = read_ticket(cookies.get(SESSION, ""))
    if ticket is not None:
        return mark_of(ticket.user_id)
    found = _WAY_BACK.fullmatch(cookies.get(WAY_BACK, ""))
    return found[1] or "" if found else ""


def mark_of(user_id: str) -> str:
    """What recognises a person and says nothing about them: a digest of which the account's id is the key."""
    return hmac.new(user_id.encode(), WAY_BACK.encode(), hashlib.sha256).hexdigest()[:32]


def kept_form(key: str, path: str) -> str:
    """The header that remembers the key to a form until somebody has signed in."""
    return f"{KEPT_FORM}={key}{path}; Max-Age={_HOUR}{_PROTECTED}"


def kept_form_of(cookies: Mapping[str, str], path: str) -> str:
    """The key to a form of this page; empty if there is none."""
    found = _KEPT_FORM.fullmatch(cookies.get(KEPT_FORM, ""))
    return found[1] if found and found[2] == path else ""


def forgotten(name: str) -> str:
    """The header that removes a cookie."""
    return f"{name}=; Max-Age=0{_PROTECTED}"
