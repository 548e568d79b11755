"""What the people of an organisation did in the portal, for its super users (IDM-06, AO18 3.2).

It is merged from the log of the organisation, which also has their looks at learners without saying at whom, and from
the logs of its users' accounts. One page costs a query for each: of very many users, those who signed in last.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from chalicelib.domain.accounts import Account
from chalicelib.domain.callers import Caller
from chalicelib.domain.looks import LookAction
from chalicelib.ports.audit import AuditEntry, AuditLog, mark_of
from chalicelib.ports.users import UserStore
from chalicelib.services.looks import Looks, organisation_subject, user_subject

SHOWN: Final = 25
MOST_USERS: Final = 50


class Deed(NamedTuple):
    """An entry, and the user whose account it is about."""

    entry: AuditEntry
    about: str
    """The user name; empty for what is about no account."""


class Deeds(NamedTuple):
    """A part of the log, newest first."""

    deeds: tuple[Deed, ...]
    next_mark: str
    """Where earlier ones begin; empty if there are none."""
    left_out: int
    """Users whose sign-ins and changes are not in it."""


class OrganisationActivity:
    """The activity log of the caller's organisation."""

    def __init__(self, users: UserStore, audit: AuditLog, looks: Looks) -> None:
        self._users = users
        self._audit = audit
        self._looks = looks

    def page(self, caller: Caller, before: str = "") -> Deeds:
        """A part of the log, from a mark on."""
        accounts = sorted(self._users.roll(caller.ukprn).accounts, key=_activity, reverse=True)
        subject = organisation_subject(caller.ukprn)
        self._looks.at(caller, LookAction.USER_ACTIVITY_VIEWED, subject)
        names = {user_subject(one.user_id): one.user_name for one in accounts[:MOST_USERS]}
        found = self._newest([subject, *names], before)
        shown = tuple(Deed(entry, names.get(entry.subject, "")) for entry in found[:SHOWN])
        mark = mark_of(shown[-1].entry) if len(found) > len(shown) else ""
        return Deeds(shown, mark, max(len(accounts) - MOST_USERS, 0))

    def _newest(self, subjects: Iterable[str], before: str) -> list[AuditEntry]:
        found = [entry for subject in subjects for entry in self._audit.latest(subject, SHOWN + 1, before)]
        return sorted(found, key=mark_of, reverse=True)[: SHOWN + 1]


def _activity(account: Account) -> tuple[str, str]:
    return (account.last_sign_in or account.created_at).isoformat(), account.user_id
