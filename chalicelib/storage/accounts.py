"""Organisations, for the pipeline and the guard."""

from __future__ import annotations

from typing import ClassVar, Final

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.ports.accounts import Organisation
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.texts import JsonText
from chalicelib.storage.wire import scanned_page

_READ: Final = 100
"""Items of the table that are read for a page."""


class OrganisationItem(Item):
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
    revision = NumberAttribute(default=1)


class AccountTable:
    """The accounts table."""

    MODELS: ClassVar[Models] = {"accounts": (OrganisationItem,)}

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

    def put(self, organisation: Organisation) -> None:
        """Store an organisation, replacing any existing one."""
        OrganisationItem(
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
        ).put("accounts.put")


def organisation_of(item: OrganisationItem) -> Organisation:
    """The organisation in an item."""
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
    )
