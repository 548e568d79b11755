"""Organisations, for the pipeline, the guard and the service desk.

Beside each organisation there is its entry in the list of all, written with it: one query reads the list, which is at
most a few hundred kilobytes, and an organisation is found by any part of its name.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Final

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.organisations import Agreement, Listed, OrganisationKind, OrganisationState, StateChange
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.errors import Conflict
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Item, Models, VersionedItem
from chalicelib.storage.texts import JsonText
from chalicelib.storage.transactions import Put, transact
from chalicelib.storage.wire import scanned_page

_READ: Final = 100
"""Items of the table that are read for a page."""


class OrganisationItem(VersionedItem):
    """An organisation, ``ORG#<ukprn>`` / ``ORG``."""

    name = UnicodeAttribute()
    organisation_ref = UnicodeAttribute(default="")
    recognition_numbers = JsonText()
    is_awarding_organisation = BooleanAttribute()
    batch_achievements = BooleanAttribute()
    status = UnicodeAttribute()
    batch_email = UnicodeAttribute(default="")
    csv_encoding = UnicodeAttribute(default="")
    certificates = JsonText(default=tuple)
    is_service_desk = BooleanAttribute(default=False)
    roles = JsonText(default=tuple)
    is_adviser = BooleanAttribute(default=False)
    registration = JsonText(default=tuple)
    """Agreement (day, signatory), twin, business reason, last change of state (time, who, reason)."""


class ListedOrganisationItem(Item):
    """An organisation in the list of all, ``ORGS`` / ``<ukprn>``."""

    name = UnicodeAttribute()
    kind = UnicodeAttribute()
    state = UnicodeAttribute()


class AccountTable:
    """The accounts table."""

    MODELS: ClassVar[Models] = {"accounts": (OrganisationItem, ListedOrganisationItem)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def organisation(self, ukprn: str) -> Organisation | None:
        """The organisation with this UKPRN; strongly consistent, so that a suspension takes effect at once."""
        item = OrganisationItem.find("accounts.organisation", keys.organisation(ukprn))
        return organisation_of(item) if item else None

    def page(self, after: str = "") -> tuple[list[Organisation], str]:
        """Some of the organisations, and where the next page begins: the table is read item by item, credentials too,
        so it is only for what concerns everybody.
        """
        items, last = scanned_page("accounts.page", OrganisationItem, keys.ORGANISATION, after, _READ)
        return [organisation_of(OrganisationItem.of(item)) for item in items], last

    def listed(self) -> list[Listed]:
        """All organisations by UKPRN. What was saved within the last second may be missing."""
        with temporary_failures("accounts.listed"):
            found = list(ListedOrganisationItem.query(keys.ORGANISATIONS))
        return [Listed(one.sk, one.name, OrganisationKind(one.kind), OrganisationState(one.state)) for one in found]

    def put(self, organisation: Organisation) -> None:
        """Store an organisation, replacing any existing one."""
        actions = [Put(_item(organisation)), Put(_listed_item(organisation))]
        transact("accounts.put", self._patience, actions)

    def save(self, organisation: Organisation) -> None:
        """Store the next revision of an organisation. Raises Conflict if there is another by now; of the first
        revision, if there is an organisation.
        """
        item = _item(organisation)
        actions = [Put(item, item.follows()), Put(_listed_item(organisation))]
        if transact("accounts.save", self._patience, actions) and self.organisation(organisation.ukprn) != organisation:
            raise Conflict


def _item(organisation: Organisation) -> OrganisationItem:
    agreement, change = organisation.agreement, organisation.state_change
    return OrganisationItem(
        *keys.organisation(organisation.ukprn),
        name=organisation.name,
        organisation_ref=organisation.organisation_ref,
        recognition_numbers=sorted(organisation.recognition_numbers),
        is_awarding_organisation=organisation.is_awarding_organisation,
        batch_achievements=organisation.batch_achievements,
        status=organisation.status,
        batch_email=organisation.batch_email,
        csv_encoding=organisation.csv_encoding,
        certificates=sorted(organisation.certificates),
        is_service_desk=organisation.is_service_desk,
        roles=sorted(organisation.roles),
        is_adviser=organisation.is_adviser,
        registration=(agreement, organisation.twin, organisation.business_reason, change),
        revision=organisation.revision,
    )


def _listed_item(organisation: Organisation) -> ListedOrganisationItem:
    ukprn, name, kind, state = organisation.listed
    return ListedOrganisationItem(*keys.listed_organisation(ukprn), name=name, kind=kind, state=state)


def organisation_of(item: OrganisationItem) -> Organisation:
    """The organisation in an item."""
    agreement, twin, business_reason, change = item.registration or (None, "", "", None)
    return Organisation(
        ukprn=keys.organisation_of(item.pk),
        name=item.name,
        organisation_ref=item.organisation_ref,
        recognition_numbers=frozenset(item.recognition_numbers),
        is_awarding_organisation=item.is_awarding_organisation,
        batch_achievements=item.batch_achievements,
        status=item.status,
        batch_email=item.batch_email,
        csv_encoding=item.csv_encoding,
        certificates=frozenset(item.certificates),
        is_service_desk=item.is_service_desk,
        roles=frozenset(item.roles),
        is_adviser=item.is_adviser,
        agreement=Agreement(date.fromisoformat(agreement[0]), agreement[1]) if agreement else None,
        twin=twin,
        business_reason=business_reason,
        state_change=StateChange(datetime.fromisoformat(change[0]), *change[1:]) if change else None,
        revision=int(item.revision),
    )
