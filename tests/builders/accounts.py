"""Accounts of portal users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account, Details, Password, Question

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
DETAILS = Details(
    title="Dr",
    given_name="Amelia",
    family_name="Okafor",
    email_address="amelia.okafor@merrowdale.example.org",
    landline="01632 960001",
    mobile="",
    verification="Staff ID checked",
    staff_id="S-0042",
    reference="",
)


def details(**changes: str) -> Details:
    """Those of Amelia Okafor, changed."""
    return DETAILS._replace(**changes)


def account(name: str = "amelia", ukprn: str = "10000001", **changes: Any) -> Account:
    """An account in use. Its password and answer are hashed as the fake does."""
    values: dict[str, Any] = {
        "user_id": f"U{name}",
        "user_name": f"{name}0417",
        "details": DETAILS._replace(given_name=name.capitalize(), email_address=f"{name}@merrowdale.example.org"),
        "roles": frozenset({Role.QCF_USER}),
        "created_at": BEGAN,
        "created_by": "ann",
        "password": Password("hash:Correct-Horse1", BEGAN),
        "question": Question("SCHOOL", "hash:taylor"),
    }
    return Account(ukprn=ukprn, **{**values, **changes})


def super_user(name: str, **changes: Any) -> Account:
    """One who manages users."""
    return account(name, **{"roles": frozenset({Role.SUPER_USER}), **changes})
