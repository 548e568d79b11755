"""Organisations, for the service desk and administrators: find, register, change, grant roles, suspend (IDM-10).

Each change is in the audit log before it is made. What is taken from an organisation ends at once for its people, whose
pages read it each time, and within seconds for its systems. The organisation of those who run the service is not
changed here, so that nobody can lock everybody out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from chalicelib.domain.access import Role
from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.organisation_fields import read_change, read_reason, read_registration
from chalicelib.domain.organisations import Agreement, Listed, OrganisationKind, OrganisationState, StateChange
from chalicelib.domain.refusals import Refused, or_refuse
from chalicelib.domain.working_time import london_day
from chalicelib.ports.accounts import AccountStore, Organisation
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict
from chalicelib.reference.letters import joined
from chalicelib.services.looks import Looks, organisation_subject
from chalicelib.services.organisations import granted_roles, roles_of_kind


class Wanted(NamedTuple):
    """Criteria of a search; empty ones find every organisation."""

    name: str = ""
    """Any part of it."""
    ukprn: str = ""
    """How it begins."""
    kind: OrganisationKind | None = None
    state: OrganisationState | None = None


EVERY_ORGANISATION = Wanted()


class RegisterPorts(NamedTuple):
    """What the register of organisations uses."""

    accounts: AccountStore
    looks: Looks
    clock: Clock


class OrganisationRegister:
    """All organisations."""

    def __init__(self, ports: RegisterPorts) -> None:
        self._ports = ports

    # --- Look --------------------------------------------------------------------------------------------------------

    def find(self, caller: Caller, wanted: Wanted = EVERY_ORGANISATION) -> tuple[Listed, ...]:
        """The organisations that meet all criteria, by name."""
        my = self._ports
        found = tuple(sorted((one for one in my.accounts.listed() if _meets(one, wanted)), key=_place))
        subject = organisation_subject(caller.ukprn)
        my.looks.at(caller, LookAction.ORGANISATIONS_LISTED, subject, count=str(len(found)))
        return found

    def get(self, ukprn: str) -> Organisation:
        """One organisation. Raises Refused (``LRS-ORG-1``)."""
        found = self._ports.accounts.organisation(ukprn) if ukprn.isdecimal() else None
        if found is None:
            raise Refused(failure("LRS-ORG-1", reason="unknown"))
        return found

    # --- Register ----------------------------------------------------------------------------------------------------

    def check(self, texts: Mapping[str, str], roles: Iterable[str]) -> Organisation:
        """The organisation that would be registered with these roles for its users. Raises Refused with every
        reason.
        """
        values = self._registration(texts)
        kind = OrganisationKind(values["kind"])
        new = Organisation(
            ukprn=values["ukprn"],
            name="",
            organisation_ref="",
            recognition_numbers=frozenset(),
            is_awarding_organisation=kind is OrganisationKind.AWARDING_ORGANISATION,
            batch_achievements=False,
            status=OrganisationState.ACTIVE,
            batch_email="",
            is_adviser=kind is OrganisationKind.ADVISER,
        )
        return _with_roles(_with(new, values), roles)

    def check_details(self, texts: Mapping[str, str]) -> OrganisationKind:
        """What kind of organisation would be registered. Raises Refused with every reason."""
        return OrganisationKind(self._registration(texts)["kind"])

    def register(self, caller: Caller, texts: Mapping[str, str], roles: Iterable[str]) -> Organisation:
        """Register an organisation; again with the same, nothing happens. Raises Refused with every reason."""
        my, new = self._ports, self.check(texts, roles)
        if my.accounts.organisation(new.ukprn) == new:
            return new
        detail = {"kind": new.kind, "roles": ", ".join(sorted(new.roles)), "twin": new.twin}
        my.looks.at(caller, LookAction.ORGANISATION_REGISTERED, organisation_subject(new.ukprn), **detail)
        try:
            my.accounts.save(new)
        except Conflict:
            raise Refused(failure("LRS-ORG-2", "UKPRN")) from None
        return new

    def _registration(self, texts: Mapping[str, str]) -> dict[str, Any]:
        read = read_registration(texts, london_day(self._ports.clock()))
        if isinstance(read, tuple):
            raise Refused(*read)
        reasons = self._twin_reasons(read)
        held = self._ports.accounts.organisation(read["ukprn"])
        if held is not None and not _is_as_read(held, read):
            reasons.append(failure("LRS-ORG-2", "UKPRN"))
        return or_refuse(read, *reasons)

    # --- Change ------------------------------------------------------------------------------------------------------

    def change(self, caller: Caller, ukprn: str, revision: int, texts: Mapping[str, str]) -> Organisation:
        """Change what is recorded. Raises Refused: ``LRS-REQ-13`` if it has changed since."""

        def change(held: Organisation) -> _Change:
            read = or_refuse(read_change(texts, held.kind, london_day(self._ports.clock())))
            changed = _with(held, or_refuse(read, *self._twin_reasons({**read, "ukprn": ukprn})))
            parts = [name for name in Organisation._fields if getattr(changed, name) != getattr(held, name)]
            return _Change(changed, {"parts": ", ".join(parts)})

        return self._changed(caller, LookAction.ORGANISATION_CHANGED, ukprn, revision, change)

    def grant(self, caller: Caller, ukprn: str, revision: int, roles: Iterable[str]) -> Organisation:
        """Choose the roles that its users may have; who had one that is taken away, loses it. Raises Refused."""

        def change(held: Organisation) -> _Change:
            changed, before = _with_roles(held, roles), granted_roles(held)
            added, removed = (", ".join(sorted(some)) for some in (changed.roles - before, before - changed.roles))
            return _Change(changed if changed.roles != before else held, {"added": added, "removed": removed})

        return self._changed(caller, LookAction.ORGANISATION_GRANTED, ukprn, revision, change)

    def suspend(self, caller: Caller, ukprn: str, revision: int, texts: Mapping[str, str]) -> Organisation:
        """End all access of an organisation, for a reason. Raises Refused."""
        return self._turned(caller, ukprn, revision, OrganisationState.SUSPENDED, texts)

    def reactivate(self, caller: Caller, ukprn: str, revision: int, texts: Mapping[str, str]) -> Organisation:
        """Give it back, for a reason. Raises Refused: ``LRS-REQ-13`` if it has changed since."""
        return self._turned(caller, ukprn, revision, OrganisationState.ACTIVE, texts)

    # --- Parts -------------------------------------------------------------------------------------------------------

    def _turned(
        self, caller: Caller, ukprn: str, revision: int, state: OrganisationState, texts: Mapping[str, str]
    ) -> Organisation:
        reason, now = or_refuse(read_reason(texts)), self._ports.clock()

        def change(held: Organisation) -> _Change:
            before = held.state_change
            if held.state is not state:
                state_change = StateChange(now, caller.user, reason)
                return _Change(held._replace(status=str(state), state_change=state_change), {"reason": reason})
            if before is None or (before.by, before.reason) != (caller.user, reason):
                raise Refused(failure("LRS-ORG-4", state=state))
            return _Change(held)

        is_end = state is OrganisationState.SUSPENDED
        action = LookAction.ORGANISATION_SUSPENDED if is_end else LookAction.ORGANISATION_REACTIVATED
        return self._changed(caller, action, ukprn, revision, change)

    def changeable(self, ukprn: str) -> Organisation:
        """One that may be changed here. Raises Refused (``LRS-ORG-3``) for the organisation of those who run the
        service.
        """
        held = self.get(ukprn)
        if held.is_service_desk:
            raise Refused(failure("LRS-ORG-3"))
        return held

    def _changed(
        self, caller: Caller, action: LookAction, ukprn: str, revision: int, change: Callable[[Organisation], _Change]
    ) -> Organisation:
        """The organisation with a change; as it is where that has been made, as by the first of two clicks.

        Raises Refused: ``LRS-REQ-13`` if it has changed otherwise since that revision.
        """
        my, held = self._ports, self.changeable(ukprn)
        changed, detail = change(held)
        if changed == held:
            return held
        if held.revision != revision:
            raise Refused(failure("LRS-REQ-13"))
        after = changed._replace(revision=revision + 1)
        my.looks.at(caller, action, organisation_subject(ukprn), **detail)
        try:
            my.accounts.save(after)
        except Conflict:
            held = self.changeable(ukprn)
            if change(held).organisation == held:
                return held
            raise Refused(failure("LRS-REQ-13")) from None
        return after

    def _twin_reasons(self, values: Mapping[str, Any]) -> list[Failure]:
        """That the other part of the body must be a registered awarding organisation."""
        twin = self._ports.accounts.organisation(values["twin"]) if values["twin"] else None
        if not values["twin"] or (twin is not None and twin.is_awarding_organisation):
            return []
        return [failure("LRS-REQ-6", "Twin", allowed="that of a registered awarding organisation")]


class _Change(NamedTuple):
    """An organisation as it is to be, and what is recorded of that."""

    organisation: Organisation
    detail: Mapping[str, str] = MappingProxyType({})


def _with(organisation: Organisation, values: Mapping[str, Any]) -> Organisation:
    return organisation._replace(
        name=values["name"],
        agreement=Agreement(values["signed_on"], values["signatory"]),
        twin=values["twin"],
        business_reason=values["business_reason"],
        recognition_numbers=frozenset(values["recognition_numbers"].split()),
        organisation_ref=values["organisation_ref"],
        batch_achievements=values["sends_files"] == "yes",
        batch_email=values["email_address"],
        csv_encoding=values["csv_encoding"],
    )


def _with_roles(organisation: Organisation, roles: Iterable[str]) -> Organisation:
    """With these roles and that of its super users: without any role stored, it would have all of its kind."""
    chosen, of_its_kind = frozenset(roles), roles_of_kind(organisation.kind)
    if not chosen - {Role.SUPER_USER}:
        raise Refused(failure("LRS-USER-10", "Roles"))
    if not chosen <= of_its_kind:
        raise Refused(failure("LRS-REQ-6", "Roles", reason="list", allowed=", ".join(sorted(of_its_kind))))
    return organisation._replace(roles=frozenset(map(Role, chosen)) | {Role.SUPER_USER})


def _is_as_read(held: Organisation, values: Mapping[str, Any]) -> bool:
    return held.revision == 1 and held.kind == values["kind"] and _with(held, values) == held


def _meets(one: Listed, wanted: Wanted) -> bool:
    return (
        joined(wanted.name) in joined(one.name)
        and one.ukprn.startswith(wanted.ukprn.strip())
        and (wanted.kind is None or one.kind is wanted.kind)
        and (wanted.state is None or one.state is wanted.state)
    )


def _place(one: Listed) -> tuple[str, str]:
    return joined(one.name), one.ukprn
