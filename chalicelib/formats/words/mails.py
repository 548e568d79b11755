"""The one form of every email: who it is for, what happened, where to look, how to stop it (SEC-02, IDM-13).

No email has a learner's data, in the subject or in the text. Each links to pages of the portal that its reader can
open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

SERVICE: Final = "Learning Records Service"
NO_DATA: Final = "This email contains no learner data."

ACCOUNT: Final = "/account"
CONTACT: Final = "/contact"
FILE_DROP: Final = "/organisation/file-drop"
FORGOTTEN: Final = "/forgotten-password"
LEVELS: Final = "/service/levels?month={}"
NOTIFICATIONS: Final = "/organisation/notifications"
ORGANISATION: Final = "/desk/organisations/{}"
SIGN_IN: Final = "/sign-in"
STATUS: Final = "/status"


class Link(NamedTuple):
    """A page of the portal that an email links to."""

    label: str
    path: str


class Letter(NamedTuple):
    """What an email says."""

    subject: str
    reader: str
    """Who it is for, to follow "For"."""
    happened: Sequence[str]
    """What happened, line by line."""
    links: Sequence[Link]
    """Where to look."""
    stopping: str
    """How to stop such emails, or why they cannot be stopped."""

    def text(self, portal_url: str) -> str:
        """The text of the email, with links to the portal at that address."""
        lines = [
            SERVICE,
            f"For {self.reader}",
            "",
            *self.happened,
            "",
            *(f"{link.label}: {portal_url}{link.path}" for link in self.links),
            "",
            self.stopping,
            NO_DATA,
        ]
        return "\n".join(lines) + "\n"
