"""Organisations, as the pipeline and the guard need them."""

from __future__ import annotations

import json

from chalicelib.aws import Reaching
from chalicelib.ports.accounts import Organisation
from chalicelib.storage import keys
from chalicelib.storage.tables import OrganisationItem


class AccountTable:
    """The accounts table; its models must be bound."""

    def organisation(self, ukprn: str) -> Organisation | None:
        """The organisation with this UKPRN; strongly consistent, so that a suspension holds at once."""
        try:
            with Reaching("accounts.organisation"):
                item = OrganisationItem.get(*keys.organisation(ukprn), consistent_read=True)
        except OrganisationItem.DoesNotExist:
            return None
        return organisation_of(item)

    def put(self, organisation: Organisation) -> None:
        """Store an organisation over what is there."""
        with Reaching("accounts.put"):
            OrganisationItem(
                *keys.organisation(organisation.ukprn),
                name=organisation.name,
                organisation_ref=organisation.organisation_ref,
                recognition_numbers=json.dumps(sorted(organisation.recognition_numbers)),
                is_awarding_organisation=organisation.is_awarding_organisation,
                batch_achievements=organisation.batch_achievements,
                status=organisation.status,
                batch_email=organisation.batch_email,
                csv_encoding=organisation.csv_encoding,
                certificates=json.dumps(sorted(organisation.certificates)),
                is_service_desk=organisation.is_service_desk,
            ).save()


def organisation_of(item: OrganisationItem) -> Organisation:
    """The organisation that an item holds."""
    return Organisation(
        ukprn=keys.organisation_of(item.pk),
        name=item.name,
        organisation_ref=item.organisation_ref,
        recognition_numbers=frozenset(json.loads(item.recognition_numbers)),
        is_awarding_organisation=item.is_awarding_organisation,
        batch_achievements=item.batch_achievements,
        status=item.status,
        batch_email=item.batch_email,
        csv_encoding=item.csv_encoding,
        certificates=frozenset(json.loads(item.certificates)),
        is_service_desk=item.is_service_desk,
    )
