"""Registered developers, in one partition of the accounts table (HLP-03): there are some dozens of them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from chalicelib.aws import temporary_failures
from chalicelib.domain.developers import Developer
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.texts import JsonText


class DeveloperItem(Item):
    """A developer, ``DEVELOPERS`` / ``<id>``."""

    body = JsonText()


class DeveloperTable:
    """The developers in the accounts table."""

    MODELS: ClassVar[Models] = {"accounts": (DeveloperItem,)}

    def all(self) -> list[Developer]:
        """By their ids, strongly consistent."""
        with temporary_failures("developers.all"):
            items = list(DeveloperItem.query(keys.DEVELOPERS, consistent_read=True))
        return [_developer(one) for one in items]

    def save(self, developer: Developer) -> None:
        """Store one, replacing the one with the same id."""
        DeveloperItem(*keys.developer(developer.developer_id), body=developer[1:]).put("developers.save")


def _developer(item: DeveloperItem) -> Developer:
    company, contact, email_address, purpose, interface, ukprn, registered_at, registered_by, ended_at = item.body
    return Developer(
        developer_id=item.sk,
        company=company,
        contact=contact,
        email_address=email_address,
        purpose=purpose,
        interface=interface,
        ukprn=ukprn,
        registered_at=datetime.fromisoformat(registered_at),
        registered_by=registered_by,
        ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
    )
