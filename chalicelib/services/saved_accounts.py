"""Changes of one account that depend on no other account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chalicelib.domain.accounts import Account
from chalicelib.domain.failures import Failure
from chalicelib.domain.refusals import Refused
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.users import UserStore

_TRIES: Final = 6


def saved(users: UserStore, account: Account, change: Callable[[Account], Account], otherwise: Failure) -> Account:
    """The account with a change, made again if another one comes in between.

    Raises Refused (``otherwise``) if that one began another epoch: what was verified does not hold for the account any
    more. Raises TemporaryFailure.
    """
    epoch = account.epoch
    for _ in range(_TRIES):
        changed = change(account)
        try:
            users.save(changed)
        except Conflict:
            account = users.get(account.ukprn, account.user_id) or account
            if account.epoch != epoch:
                raise Refused(otherwise) from None
        else:
            return changed
    raise TemporaryFailure("users.save: overtaken")
