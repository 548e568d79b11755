"""Organisations and the holders of web-service keys, as the pipeline and the guard need them."""

from __future__ import annotations

import json
from datetime import datetime

from pynamodb.exceptions import UpdateError

from chalicelib.aws import Reaching
from chalicelib.services.ports import Caller, Clock, Organisation
from chalicelib.storage import keys
from chalicelib.storage.conditions import condition_failed
from chalicelib.storage.tables import CredentialItem, OrganisationItem


class AccountTable:
    """The accounts table; its models must be bound."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def organisation(self, ukprn: str) -> Organisation | None:
        """The organisation with this UKPRN; strongly consistent, so that a suspension holds at once."""
        try:
            with Reaching("accounts.organisation"):
                item = OrganisationItem.get(*keys.organisation(ukprn), consistent_read=True)
        except OrganisationItem.DoesNotExist:
            return None
        return Organisation(
            ukprn=ukprn,
            name=item.name,
            organisation_ref=item.organisation_ref,
            recognition_numbers=frozenset(json.loads(item.recognition_numbers)),
            is_awarding_organisation=item.is_awarding_organisation,
            batch_achievements=item.batch_achievements,
            status=item.status,
            batch_email=item.batch_email,
            csv_encoding=item.csv_encoding,
        )

    def caller(self, key_hash: str) -> Caller | None:
        """The holder of a live web-service key, by the hexadecimal SHA-256 of the key; strongly consistent."""
        try:
            with Reaching("accounts.caller"):
                item = CredentialItem.get(*keys.credential(key_hash), consistent_read=True)
        except CredentialItem.DoesNotExist:
            return None
        if item.revoked or (item.expires and datetime.fromisoformat(item.expires) <= self._clock()):
            return None
        return Caller(item.ukprn, item.user, item.email, frozenset(json.loads(item.capabilities)))

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
            ).save()

    def put_caller(self, key_hash: str, caller: Caller, expires: datetime | None = None) -> None:
        """Store the holder of a key; without ``expires`` the key is good until it is revoked."""
        with Reaching("accounts.put_caller"):
            CredentialItem(
                *keys.credential(key_hash),
                ukprn=caller.ukprn,
                user=caller.user,
                email=caller.email,
                capabilities=json.dumps(sorted(caller.capabilities)),
                expires=expires.isoformat() if expires else "",
            ).save()

    def revoke(self, key_hash: str) -> None:
        """End a key's life; nothing happens where there is none."""
        item = CredentialItem(*keys.credential(key_hash))
        try:
            with Reaching("accounts.revoke"):
                item.update([CredentialItem.revoked.set(True)], CredentialItem.pk.exists())
        except UpdateError as error:
            if not condition_failed(error):
                raise
