"""Changes of one account that depend on no other account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chalicelib.domain.accounts import Account
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.users import UserStore

_TRIES: Final = 6


def saved(users: UserStore, account: Account, change: Callable[[Account], Account]) -> Account:
    """The account with a change, made again if another one comes in between. Raises TemporaryFailure."""
    for _ in range(_TRIES):
        changed = change(account)
        try:
            users.save(changed)
        except Conflict:
            account = users.get(account.ukprn, account.user_id) or account
        else:
            return changed
    raise TemporaryFailure("users.save: overtaken")
