"""What a snapshot of the portal has done beside loading its services, so that its first page is like any other.

Every page is opened, and every form sent, by a person who does not exist: what is loaded, built or remembered by a
first request is in the snapshot then. Nothing is read, so pages about something say that it is not there; their
templates are loaded all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from chalicelib.domain.access import Capability, Role, capabilities_of, is_allowed
from chalicelib.domain.accounts import Account, Details, Password, Question
from chalicelib.domain.passwords import prepared
from chalicelib.domain.portal_sessions import KeptSession, Ticket
from chalicelib.ports.errors import Missing
from chalicelib.ports.files import Files
from chalicelib.ports.passwords import PasswordHasher
from chalicelib.ports.users import Holding, Known
from chalicelib.services.organisations import granted_roles
from chalicelib.web.http.bodies import FORM
from chalicelib.web.http.rehearsal import ORGANISATION, Handler, answered, event
from chalicelib.web.http.traffic import ELSEWHERE
from chalicelib.web.http.uploads import MULTIPART
from chalicelib.web.portal import cookies, form_tokens, table
from chalicelib.web.portal.visits import Entry, loaded

_NOBODY: Final = "rehearsal"
_TICKET_SECRET: Final = "of-a-session-that-exists-in-a-rehearsal-only"  # noqa: S105 - it opens nothing
_SECRET: Final = "rehearsal"  # noqa: S105 - of its forms, and the password
_NAMES: Final = {
    "uln": "1000000027", "month": "2026-01", "word": "update", "ukprn": "10000000",
    "queue": "chunks",
}  # fmt: skip
"""What names in paths stand for, where a page reads something only if they are well formed."""
_ENTERED: Final = {
    form_tokens.FIELD: form_tokens.token(_SECRET, "salt"), "user_name": _NOBODY, "password": _SECRET,
    "email_address": "nobody@example.org", "landline": "01632 960000", "encoding": "utf-8",
    "uln": "1000000027", "given_name": "Re", "family_name": "Hearsal",
}  # fmt: skip
"""What is entered in every form, in fields of any of them."""
_BOUNDARY: Final = "rehearsal"
_KINDS: Final = {
    "10000000": ORGANISATION._replace(is_awarding_organisation=False),
    "10000001": ORGANISATION,
    "10000002": ORGANISATION._replace(is_service_desk=True),
}
"""An organisation of each kind, by the UKPRN in its people's sessions."""


class RehearsalServices(Protocol):
    """What a rehearsal uses beside pages."""

    @property
    def files(self) -> Files: ...


class People:
    """People who do not exist: one of each kind of organisation, with every role that it grants."""

    def __init__(self, now: datetime, hasher: PasswordHasher) -> None:
        self._now = now
        self._password = Password(hasher.hash(prepared(_SECRET)), now)

    def known(self, ukprn: str = "") -> Known:
        """What a user name leads to."""
        return Known(self.account(ukprn or next(iter(_KINDS))), _KINDS.get(ukprn, ORGANISATION))

    def account(self, ukprn: str, user_id: str = _NOBODY) -> Account:
        return Account(
            user_id=user_id,
            ukprn=ukprn,
            user_name=_NOBODY,
            details=Details("", "Re", "Hearsal", "nobody@example.org", "", "", "", "", ""),
            roles=frozenset(Role),
            created_at=self._now,
            created_by="",
            password=self._password,
            question=Question("PET", ""),
        )

    def holding(self, ticket: Ticket) -> Holding:
        """What a session leads to."""
        now = self._now
        kept = KeptSession(ticket.digest, ticket.ukprn, ticket.user_id, 1, _SECRET, now, now, has_agreed=True)
        return Holding(kept, *self.known(ticket.ukprn))


def rehearse(handler: Handler, services: RehearsalServices) -> Iterator[int]:
    """Open every page and send every form; returns the statuses."""
    services.files.write("inbox", _NOBODY, b"", "text/csv")
    for bucket in ("inbox", "results"):
        with suppress(Missing):
            services.files.read_part(bucket, _NOBODY, 0, 1)
    return answered(handler, [_event(entry) for entry in table.ENTRIES])


def _event(entry: Entry) -> Mapping[str, Any]:
    path = entry.path.format_map(_Names())
    resource = next(one for one in ELSEWHERE.values() if ("proxy" in one) == (path != table.HOME))
    ticket = Ticket(_whose(entry), _NOBODY, _TICKET_SECRET)
    headers = {"Host": "localhost", "Cookie": f"{cookies.SESSION}={ticket.text}", "Content-Type": FORM}
    body = None
    if entry.method == "POST" and loaded(entry).has_files:
        headers["Content-Type"] = f"{MULTIPART}; boundary={_BOUNDARY}"
        body = _with_file()
    elif entry.method == "POST":
        body = urlencode(_ENTERED)
    return event(entry.method, resource, {} if path == table.HOME else {"proxy": path[1:]}, headers, body=body)


def _whose(entry: Entry) -> str:
    """The UKPRN of an organisation whose people may see the page."""
    for ukprn, organisation in _KINDS.items():
        if is_allowed({*capabilities_of(granted_roles(organisation)), Capability.SIGNED_IN}, entry.capability):
            return ukprn
    raise LookupError(entry.name)


def _with_file() -> str:
    """A form with an empty file."""
    names = [f'name="{name}"\r\n\r\n{text}\r\n' for name, text in _ENTERED.items()]
    names.append('name="file"; filename="rehearsal.csv"\r\n\r\nULN\r\n\r\n')
    parts = (f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {one}" for one in names)
    return f"{''.join(parts)}--{_BOUNDARY}--\r\n"


class _Names(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return _NAMES.get(name, _NOBODY)
