"""Sends every email in the one form, with links to the portal."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.formats.words.mails import Letter
from chalicelib.ports.messages import NOTHING_ATTACHED, Mail


class Post:
    """Email about the service, from its own address."""

    def __init__(self, mail: Mail, portal_url: str) -> None:
        self._mail = mail
        self._portal_url = portal_url

    def send(self, to: str, letter: Letter, attached: Mapping[str, str] = NOTHING_ATTACHED) -> None:
        """Send a letter to one address, with CSV files attached, by their names. Raises MailRefused or another
        TemporaryFailure.
        """
        self._mail.send(to, letter.subject, letter.text(self._portal_url), attached)
