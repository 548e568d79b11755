"""Tokens in forms, and other signs that a form was sent by a page of the portal and by no other site.

A token is an HMAC under a secret that only this browser's cookies lead to: of its session or, before sign-in, of its
visit. Each has a salt of its own, so that the same bytes never stand in two pages.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

FIELD: Final = "csrf_token"
"""The name of the hidden field."""
PARKED: Final = "parked"
"""The name of a field with which a page's script sends a form that nobody has submitted, because the session is over.
It is kept or shown again; nothing is done with it.
"""


def token(secret: str, salt: str) -> str:
    """The token for a form. A salt has no dot."""
    return f"{salt}.{hmac.new(secret.encode(), salt.encode(), hashlib.sha256).hexdigest()}"


def is_genuine(entered: str, secrets: Iterable[str]) -> bool:
    """Whether a token was made with one of these secrets; an empty secret has made none."""
    salt = entered.partition(".")[0]
    sent = entered.encode("utf-8", "replace")
    return any(hmac.compare_digest(token(one, salt).encode("utf-8", "replace"), sent) for one in secrets if one)


def is_from_here(headers: Mapping[str, str], origin: str = "") -> bool:
    """Whether the browser says that one of our own pages sent the form, or says nothing about it.

    ``origin`` is the portal's own; without it, that of the address to which the request was sent.
    """
    site, sender = headers.get("sec-fetch-site", ""), headers.get("origin", "")
    if site and site != "same-origin":
        return False
    if not sender:
        return True
    if origin:
        return sender == origin
    return sender != "null" and urlsplit(sender).netloc == headers.get("host", "")
