"""Emails to portal users about their accounts. They contain no password and no learner data (IDM-05)."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from chalicelib.domain.accounts import Account
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.messages import Mail

LINK_PATH: Final = "/reset-password/"
_NOT_YOU: Final = "If this was not you, tell your organisation's super user at once."
_END: Final = "This email contains no learner data."


class UserMails:
    """Writes to people about their own account."""

    def __init__(self, mail: Mail, portal_url: str) -> None:
        self._mail = mail
        self._portal_url = portal_url.rstrip("/")

    def send_link(self, account: Account, ticket: str, minutes: int) -> None:
        """The link to choose a password. Raises TemporaryFailure."""
        lines = [
            "Somebody answered the secret question of your account in the learning records service.",
            "",
            f"To choose a new password, open this link within {minutes} minutes. It can be used once:",
            f"{self._portal_url}{LINK_PATH}{ticket}",
            "",
            _NOT_YOU,
        ]
        self._send(account.details.email_address, "Choose a new password", lines)

    def password_changed(self, account: Account) -> None:
        """That the password is another one. What was changed stays changed if this cannot be sent."""
        lines = ["The password of your account in the learning records service was changed.", "", _NOT_YOU]
        with suppress(TemporaryFailure):
            self._send(account.details.email_address, "Your password was changed", lines)

    def address_changed(self, before: Account) -> None:
        """To the former address, that it is no longer used. What was changed stays changed if this cannot be sent."""
        lines = ["Your account in the learning records service has another email address now.", "", _NOT_YOU]
        with suppress(TemporaryFailure):
            self._send(before.details.email_address, "Your email address was changed", lines)

    def _send(self, to: str, subject: str, lines: list[str]) -> None:
        self._mail.send(to, subject, "\n".join([*lines, "", _END, ""]))
