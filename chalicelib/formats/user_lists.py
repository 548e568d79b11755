"""The users of an organisation as CSV, for housekeeping (AO18 3.3, IDM-12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account, AccountRules
from chalicelib.formats.batch.csv_files import list_text

HEADINGS: Final = (
    "UserName",
    "Title",
    "GivenName",
    "FamilyName",
    "EmailAddress",
    "Status",
    "Roles",
    "LastSignIn",
    "Created",
    "CreatedBy",
    "StaffID",
    "YourReference",
)


def csv_of(accounts: Iterable[Account], rules: AccountRules) -> str:
    """The text of the file; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    return list_text(HEADINGS, (_cells(one, rules) for one in accounts))


def _cells(one: Account, rules: AccountRules) -> Sequence[str]:
    about = one.details
    return (
        one.user_name,
        about.title,
        about.given_name,
        about.family_name,
        about.email_address,
        one.state(rules),
        "; ".join(role for role in Role if role in one.roles),
        _moment(one.last_sign_in),
        _moment(one.created_at),
        one.created_by,
        about.staff_id,
        about.reference,
    )


def _moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
