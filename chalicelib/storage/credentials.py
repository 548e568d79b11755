"""Credentials of organisations' systems, in the accounts table (IDM-11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.aws import temporary_failures
from chalicelib.domain.credentials import Credential, organisation_of, scope_text
from chalicelib.ports.errors import Conflict
from chalicelib.ports.identity import Holder
from chalicelib.storage import keys
from chalicelib.storage.accounts import OrganisationItem
from chalicelib.storage.accounts import organisation_of as organisation_in
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.texts import JsonText
from chalicelib.storage.wire import read_items


class CredentialItem(Item):
    """A credential of an organisation's system, ``ORG#<ukprn>`` / ``CREDENTIAL#<id>``; its secret is not stored.

    ``details`` never changes; times are in ISO 8601.
    """

    details = JsonText()
    expires = UnicodeAttribute()
    revoked = UnicodeAttribute(null=True)
    revoked_by = UnicodeAttribute(null=True)
    last_used = UnicodeAttribute(null=True)


class CredentialTable:
    """The credentials of the accounts table."""

    MODELS: ClassVar[Models] = {"accounts": (CredentialItem,)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def create(self, credential: Credential) -> None:
        """Raises Conflict if the id already exists."""
        pk, sk = keys.credential(credential.credential_id)
        item = CredentialItem(pk, sk, details=_details(credential), expires=_text(credential.expires_at))
        if not item.put("credentials.create", item.absent()):
            stored = self.holder(credential.credential_id).credential
            if stored is None or stored.secret_digest != credential.secret_digest:
                raise Conflict

    def holder(self, credential_id: str) -> Holder:
        """The credential and its organisation, strongly consistent, in one call."""
        wanted = [keys.organisation(organisation_of(credential_id)), keys.credential(credential_id)]
        organisation, credential = None, None
        for item in read_items("credentials.holder", self._patience, CredentialItem, wanted, consistent=True):
            if item["sk"]["S"] == keys.ORGANISATION:
                organisation = organisation_in(OrganisationItem.of(item))
            else:
                credential = _credential(CredentialItem.of(item))
        return Holder(organisation, credential)

    def of_organisation(self, ukprn: str) -> list[Credential]:
        """All credentials an organisation has or had, strongly consistently, oldest first."""
        pk = keys.organisation(ukprn).pk
        own = CredentialItem.sk.startswith(keys.CREDENTIAL + keys.SEPARATOR)
        with temporary_failures("credentials.of_organisation"):
            found = [_credential(item) for item in CredentialItem.query(pk, own, consistent_read=True)]
        return sorted(found, key=lambda credential: (credential.created_at, credential.credential_id))

    def revoke(self, credential_id: str, at: datetime, by: str) -> bool:
        """Permanently; False if there is none, or it is already revoked."""
        return self._changed(
            credential_id,
            [CredentialItem.revoked.set(_text(at)), CredentialItem.revoked_by.set(by)],
            CredentialItem.pk.exists() & CredentialItem.revoked.does_not_exist(),
        )

    def expire(self, credential_id: str, at: datetime) -> bool:
        """End it at that time unless it ends sooner; False if there is none, or it ends sooner."""
        return self._changed(credential_id, [CredentialItem.expires.set(_text(at))], CredentialItem.expires > _text(at))

    def used(self, credential_id: str, at: datetime) -> None:
        """Store when it was last used; does nothing if there is none."""
        self._changed(credential_id, [CredentialItem.last_used.set(_text(at))], CredentialItem.pk.exists())

    def _changed(self, credential_id: str, actions: list[Action], condition: Condition) -> bool:
        return CredentialItem(*keys.credential(credential_id)).change("credentials.change", actions, condition)


def _details(credential: Credential) -> dict[str, Any]:
    return {
        "name": credential.name,
        "secret": credential.secret_digest,
        "scope": scope_text(credential.scopes),
        "created": _text(credential.created_at),
        "by": credential.created_by,
        "email": credential.email,
        "replaces": credential.replaces,
    }


def _credential(item: CredentialItem) -> Credential:
    details, credential_id = item.details, keys.credential_of(item.sk)
    return Credential(
        credential_id=credential_id,
        ukprn=organisation_of(credential_id),
        name=details["name"],
        secret_digest=details["secret"],
        scopes=frozenset(details["scope"].split(" ")),
        created_at=datetime.fromisoformat(details["created"]),
        created_by=details["by"],
        expires_at=datetime.fromisoformat(item.expires),
        email=details["email"],
        replaces=details["replaces"],
        revoked_at=datetime.fromisoformat(item.revoked) if item.revoked else None,
        revoked_by=item.revoked_by or "",
        last_used_at=datetime.fromisoformat(item.last_used) if item.last_used else None,
    )


def _text(moment: datetime) -> str:
    """Times of the same length, so that they compare as texts."""
    return moment.isoformat(timespec="microseconds")
