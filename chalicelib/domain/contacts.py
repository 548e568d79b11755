"""How people reach those who run the service (HLP-01, C15 9)."""

from __future__ import annotations

from typing import NamedTuple


class Contacts(NamedTuple):
    """The service desk and the further points of escalation; empty where nothing is set."""

    desk: str
    """Email address, like ``manager`` and ``owner``."""
    telephone: str
    """Of the service desk."""
    hours: str
    """When the telephone is answered, in words."""
    manager: str
    owner: str
