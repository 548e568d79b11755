"""Emails to portal users about their accounts (IDM-04 to IDM-06). They contain no password and no learner data.

They keep accounts safe, so nobody can turn them off.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account
from chalicelib.formats.words import mails
from chalicelib.formats.words.mails import Letter, Link
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.post import Post

LINK_PATH: Final = "/reset-password/"
_READER: Final = "the user of an account, at the address that the account has"
_NOT_YOU: Final = "If this was not you, tell your organisation's super user at once."
_ASK: Final = "If you do not know why, ask your organisation's super user."
_STOPPING: Final = "Emails about your account keep it safe, so they cannot be turned off."
_SIGN_IN: Final = Link("Sign in", mails.SIGN_IN)
_ACCOUNT: Final = Link("Your account", mails.ACCOUNT)
_CONTACT: Final = Link("Contact", mails.CONTACT)
_FORGOTTEN: Final = Link("Choose another password", mails.FORGOTTEN)


class UserMails:
    """Writes to people about their own account. But for the link, which they wait for, what was done to the account
    stays done if its email cannot be sent.
    """

    def __init__(self, post: Post) -> None:
        self._post = post

    def send_link(self, account: Account, ticket: str, minutes: int) -> None:
        """The link to choose a password. Raises TemporaryFailure."""
        happened = (
            "Somebody answered the secret question of your account.",
            f"To choose a new password, open this link within {minutes} minutes. It can be used once.",
            _NOT_YOU,
        )
        link = Link("New password", f"{LINK_PATH}{ticket}")
        self._post.send(_address(account), _letter("Choose a new password", happened, link))

    def password_changed(self, account: Account) -> None:
        """That the password is another one."""
        self._tell(account, "Your password was changed", _NOT_YOU, _ACCOUNT, _FORGOTTEN)

    def password_reset(self, account: Account) -> None:
        """That there is a one-time password, which is not in the email."""
        what = "You get a one-time password from the person who reset yours. Choose your own when you sign in."
        self._tell(account, "Your password was reset", what, _SIGN_IN)

    def address_changed(self, before: Account) -> None:
        """To the former address, that it is no longer used."""
        self._tell(before, "Your email address was changed", _NOT_YOU, _ACCOUNT)

    def created(self, account: Account) -> None:
        """That there is an account, with its user name and without its password."""
        what = "You get the one-time password from the person who created the account."
        self._tell(account, "Your account was created", f"Your user name is {account.user_name}. {what}", _SIGN_IN)

    def suspended(self, account: Account) -> None:
        """That the account has no access."""
        self._tell(account, "Your account was suspended", f"You cannot sign in. {_ASK}", _CONTACT)

    def reactivated(self, account: Account) -> None:
        """That it has access again."""
        what = "You can sign in again, with the same user name and password."
        self._tell(account, "Your account was reactivated", what, _SIGN_IN)

    def roles_changed(self, account: Account) -> None:
        """Which roles it has now."""
        roles = ", ".join(role.value for role in Role if role in account.roles)
        self._tell(account, "Your roles were changed", f"Your roles are now: {roles}. {_ASK}", _ACCOUNT)

    def _tell(self, account: Account, subject: str, what: str, *links: Link) -> None:
        with suppress(TemporaryFailure):
            self._post.send(_address(account), _letter(subject, (f"{subject}.", what), *links))


def _letter(subject: str, happened: tuple[str, ...], *links: Link) -> Letter:
    return Letter(subject, _READER, happened, links, _STOPPING)


def _address(account: Account) -> str:
    return account.details.email_address
