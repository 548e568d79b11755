"""The register of developers, for the service desk: register, list, end (HLP-03, AO18 App. E)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.developers import Developer, read_developer
from chalicelib.domain.failures import failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.refusals import Refused, or_refuse
from chalicelib.ports.clock import Clock, NewId
from chalicelib.ports.developers import DeveloperStore
from chalicelib.services.looks import Looks, developer_subject


class DeveloperPorts(NamedTuple):
    """What the register of developers uses."""

    developers: DeveloperStore
    looks: Looks
    clock: Clock
    new_id: NewId


class Developers:
    """Developers who are registered."""

    def __init__(self, ports: DeveloperPorts) -> None:
        self._ports = ports

    def all(self) -> list[Developer]:
        """Those whose registration is in force, by company."""
        held = [one for one in self._ports.developers.all() if one.ended_at is None]
        return sorted(held, key=lambda one: (one.company.casefold(), one.developer_id))

    def get(self, developer_id: str) -> Developer:
        """One of them. Raises Refused (``LRS-DEV-1``)."""
        found = next((one for one in self.all() if one.developer_id == developer_id), None)
        if found is None:
            raise Refused(failure("LRS-DEV-1"))
        return found

    def register(self, caller: Caller, texts: Mapping[str, str], developer_id: str) -> Developer:
        """Register one by this id; the same again, nothing happens.

        Raises Refused: ``LRS-DEV-2`` for an address that is registered already.
        """
        my, values = self._ports, or_refuse(read_developer(texts))
        address = values["email_address"].casefold()
        for one in self.all():
            if one.developer_id == developer_id:
                return one
            if one.email_address.casefold() == address:
                raise Refused(failure("LRS-DEV-2", "EmailAddress"))
        made = Developer(developer_id, **values, registered_at=my.clock(), registered_by=caller.user)
        my.looks.at(caller, LookAction.DEVELOPER_REGISTERED, developer_subject(made.developer_id))
        my.developers.save(made)
        return made

    def end(self, caller: Caller, developer_id: str) -> None:
        """End a registration; again, nothing happens. Raises Refused (``LRS-DEV-1``)."""
        my = self._ports
        if any(one.developer_id == developer_id and one.ended_at is not None for one in my.developers.all()):
            return
        held = self.get(developer_id)
        my.looks.at(caller, LookAction.DEVELOPER_ENDED, developer_subject(developer_id))
        my.developers.save(held._replace(ended_at=my.clock()))
