"""The organisation's own settings: details, credentials, notifications, file drop."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.credentials import Credential
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, Job, JobStatus
from chalicelib.formats.words.pages import error_text
from chalicelib.services.credentials import Issued
from chalicelib.services.organisation_mail import Recipient
from chalicelib.web.portal import credential_pages, organisation_pages
from chalicelib.web.portal.menu import TABS
from chalicelib.web.portal.parts import FieldError, Row
from chalicelib.web.portal.rendering import Chrome, Flash, Menu, MenuEntry
from chalicelib.web.portal.scopes import SCOPE_WORDS
from tests.browser.cases.case import HOSTILE, IN, LONG, NOW, Case
from tests.builders.organisations import organisation

_TAB: Final = next(tab for tab in TABS if tab.text == "Organisation")
_HELD: Final = organisation("90000001", name=LONG, batch_email=f"{LONG}@example.org")
_OWN: Final = Recipient(_HELD.batch_email)
_CREDENTIAL: Final = Credential(
    credential_id="90000001-0d5bfb56b1b14cf1a5e8a1f0",
    ukprn="90000001",
    name="Records system",
    secret_digest="",
    scopes=frozenset(SCOPE_WORDS),
    created_at=NOW,
    created_by="aokafor0417",
    expires_at=NOW + timedelta(days=90),
    last_used_at=NOW,
)
_REVOKED: Final = replace(_CREDENTIAL, name=HOSTILE, revoked_at=NOW, revoked_by="aokafor0417", last_used_at=None)
_EXPIRED: Final = replace(_CREDENTIAL, name=LONG, expires_at=NOW - timedelta(days=1), scopes=frozenset(("x",)))


def _at(path: str, **changes: Any) -> Chrome:
    options = tuple(MenuEntry(one.text, one.entry.path, one.entry.path == path) for one in _TAB.options)
    tabs = (MenuEntry("Home", "/"), MenuEntry("User Management", "/users"), MenuEntry(_TAB.text, "/organisation", True))
    return replace(IN, path=path, menu=Menu(tabs, options), **changes)


def _case(case: str, template: str, at: str, status: int = 200, /, **context: Any) -> Case:
    return Case(case, f"{template}.html.jinja", {"back": "/organisation", **context}, _at(at), status)


def _form(case: str, page: Any, path: str, status: int = 0) -> Case:
    return Case(case, page.template, page.context, _at(path), status or page.status)


def _notifications(failures: Any = (), recipient: Recipient | None = _OWN) -> Any:
    entered = {"email_address": [HOSTILE]} if failures else {"email_address": [_HELD.batch_email]}
    return organisation_pages.ADDRESS_FORM.page(
        "organisation/notifications.html.jinja",
        entered,
        failures,
        held=_HELD,
        recipient=recipient,
        back="/organisation",
    )


def _new(failures: Any = (), *, has_scopes: bool = True) -> Any:
    entered = {"name": [HOSTILE], "lifetime": ["90"]} if failures else {"lifetime": ["365"]}
    asked = credential_pages.issue_form(list(SCOPE_WORDS))
    return asked.page("credentials/new.html.jinja", entered, failures, back="/organisation", has_scopes=has_scopes)


def _one(case: str, credential: Credential, template: str = "one", **context: Any) -> Case:
    one = credential_pages.listed(credential, NOW)
    path = f"/organisation/credentials/{credential.credential_id}"
    status = 409 if context.get("errors") else 200
    return _case(case, f"credentials/{template}", path, status, one=one, path=path, days=7, **context)


def _job(name: str, status: JobStatus, kind: str = ACHIEVEMENTS) -> Job:
    reasons = (failure("ACB002"), failure("WSRC0043", "UKPRN")) if status is JobStatus.FAILED else ()
    return Job("J1", kind, "90000001", "bucket", "", "bucket", name, NOW, status, rejection=reasons)


_FOLDERS: Final = [Row(words, f"drop/90000001/{kind}/") for kind, words in organisation_pages.KINDS.items()]
_FILES: Final = [
    organisation_pages.dropped(job)
    for job in (
        _job("QCF_90000001_20261122_001.csv", JobStatus.SUCCESSFUL),
        _job(f"{HOSTILE}.csv", JobStatus.FAILED),
        _job(f"{LONG}.xml", JobStatus.IN_PROGRESS, LEARNERS),
    )
]
_DONE: Final = [FieldError(error_text(failure("LRS-CRED-3"), ""))]
_MOST: Final = [FieldError(error_text(failure("LRS-CRED-1", limit=20), ""))]
_WRONG: Final = (failure("LRS-REQ-1", "name"), failure("LRS-REQ-1", "scopes"), failure("LRS-REQ-1", "lifetime"))

CASES: Final = (
    _case("organisation", "organisation/details", "/organisation", rows=organisation_pages.details(_HELD)),
    replace(
        _case("organisation-saved", "organisation/details", "/organisation", rows=organisation_pages.details(_HELD)),
        chrome=_at("/organisation", flash=(Flash("The email address was changed."),)),
    ),
    _form("organisation-notifications", _notifications(), "/organisation/notifications"),
    _form(
        "organisation-notifications-super-user",
        _notifications(recipient=Recipient(f"{LONG}@example.org", HOSTILE)),
        "/organisation/notifications",
    ),
    _form("organisation-notifications-nobody", _notifications(recipient=None), "/organisation/notifications"),
    _form(
        "organisation-notifications-wrong",
        _notifications((failure("ACF003", "EmailAddress"),)),
        "/organisation/notifications",
    ),
    _form(
        "organisation-notifications-stale", _notifications((failure("LRS-REQ-13"),)), "/organisation/notifications", 409
    ),
    _case("file-drop", "organisation/file-drop", "/organisation/file-drop", folders=_FOLDERS, files=_FILES),
    _case("file-drop-none", "organisation/file-drop", "/organisation/file-drop", folders=(), files=()),
    _case(
        "credentials",
        "credentials/list",
        "/organisation/credentials",
        credentials=[credential_pages.listed(one, NOW) for one in (_CREDENTIAL, _REVOKED, _EXPIRED)],
    ),
    _case("credentials-none", "credentials/list", "/organisation/credentials", credentials=()),
    _one("credentials-one", _CREDENTIAL),
    _one("credentials-revoked", _REVOKED),
    _form("credentials-new", _new(), "/organisation/credentials/new"),
    _form("credentials-new-wrong", _new(_WRONG), "/organisation/credentials/new"),
    _form("credentials-new-none", _new(has_scopes=False), "/organisation/credentials/new"),
    Case(
        "credentials-issued",
        "credentials/secret.html.jinja",
        credential_pages.secret_page("Credential issued", Issued(_CREDENTIAL, "x" * 43)).context,
        _at("/organisation/credentials/new"),
    ),
    _case("credentials-again", "credentials/again", "/organisation/credentials/new", 409, errors=_DONE),
    _one("credentials-rotate", _CREDENTIAL, "rotate"),
    _one("credentials-rotate-most", _EXPIRED, "rotate", errors=_MOST),
    _one("credentials-revoke", _CREDENTIAL, "revoke"),
)
