"""How an organisation is set up (IDM-10)."""

from __future__ import annotations

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.refusals import Refused
from chalicelib.ports.accounts import Accounts, Organisation


class Organisations:
    """Registered organisations, for themselves and for the service desk."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def get(self, caller: Caller, ukprn: str) -> Organisation:
        """The caller's own organisation; for the service desk, any. Raises Refused (LRS-ORG-1)."""
        own = self._accounts.organisation(caller.ukprn)
        if own is None or (ukprn != own.ukprn and not own.is_service_desk):
            raise Refused(failure("LRS-ORG-1"))
        found = own if ukprn == own.ukprn else self._accounts.organisation(ukprn)
        if found is None:
            raise Refused(failure("LRS-ORG-1", reason="unknown"))
        return found
