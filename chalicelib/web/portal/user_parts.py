"""What the pages of user management show of an account: a line of a list, the rows of a summary, its log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account, AccountRules
from chalicelib.domain.failures import Failure
from chalicelib.formats.words.look_wording import look_sentence
from chalicelib.formats.words.pages import error_text
from chalicelib.formats.words.texts import joined
from chalicelib.ports.audit import AuditEntry
from chalicelib.services.organisation_activity import Deed
from chalicelib.services.users import Created
from chalicelib.web.portal import statuses, user_fields
from chalicelib.web.portal.parts import Row
from chalicelib.web.portal.roles import ROLE_NAMES
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Page


class Listed(NamedTuple):
    """A user as a list shows it."""

    user_id: str
    user_name: str
    name: str
    email: str
    roles: Sequence[str]
    status: statuses.Shown
    last_sign_in: datetime | None
    is_dormant: bool


class Entry(NamedTuple):
    """An entry of a log."""

    at: datetime
    text: str
    user: str
    more: str


def listed(account: Account, now: datetime, rules: AccountRules) -> Listed:
    """A line for an account."""
    return Listed(
        account.user_id,
        account.user_name,
        account.details.name,
        account.details.email_address,
        role_names(account.roles),
        statuses.shown(account.state(rules)),
        account.last_sign_in,
        account.deleted_at is None and account.is_dormant(now),
    )


def role_names(roles: Iterable[Role]) -> list[str]:
    """In the order of the roles' table."""
    held = frozenset(roles)
    return [name for role, name in ROLE_NAMES.items() if role in held]


def detail_rows(texts: Mapping[str, str], roles: Iterable[Role]) -> list[Row]:
    """Details and roles, as a summary."""
    rows = [Row(one.label, texts.get(one.name, "") or "–") for one in user_fields.DETAILS.asked]
    return [*rows, Row(_("Roles"), joined(role_names(roles), ", ") or "–")]


def user_rows(account: Account) -> list[Row]:
    """Everything of an account that a super user sees."""
    return [Row(_("User name"), account.user_name), *detail_rows(account.details._asdict(), account.roles)]


def naming_rows(account: Account) -> list[Row]:
    """Whose account it is."""
    return [
        Row(_("User name"), account.user_name),
        Row(_("Name"), account.details.name),
        Row(_("Email address"), account.details.email_address),
    ]


def log_entry(entry: AuditEntry) -> Entry:
    """An entry of the audit log, for people."""
    more = "; ".join(entry.detail[name] for name in ("roles", "source") if name in entry.detail)
    return Entry(datetime.fromisoformat(entry.at), look_sentence(entry.action, entry.outcome), entry.user, more)


class Done(NamedTuple):
    """An entry of the organisation's log."""

    entry: Entry
    about: str
    """The user name of the account that it is about."""
    learners: int
    """At how many learners somebody looked."""


def deed(found: Deed) -> Done:
    """An entry of the organisation's log, for people."""
    return Done(log_entry(found.entry), found.about, int(found.entry.detail.get("learners", "0")))


def password_page(title: str, made: Created, rules: AccountRules) -> Page:
    """A one-time password, which is in no other response and nowhere kept (IDM-06)."""
    rows = [Row(_("User name"), made.account.user_name), Row(_("One-time password"), made.password)]
    context = {"title": title, "rows": rows, "account": made.account, "days": rules.one_time_lifetime.days}
    return Page(template="users/password.html.jinja", context=context)


def notice_texts(notices: Iterable[Failure]) -> list[str]:
    """What super users should know about all users."""
    return [error_text(notice, "") for notice in notices]
