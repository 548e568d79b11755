"""Credentials of the organisation's systems: list, issue, rotate, revoke (IDM-11).

A secret is only in the response that issues it. The form that comes again issues nothing: what tells it from every
other form is part of the credential's id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.domain.credentials import LIFETIME, NAME_CHARACTERS, OVERLAP, Credential, CredentialState
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.formats.words.pages import error_text
from chalicelib.services.credentials import Issued, Order
from chalicelib.services.tokens import grantable_scopes
from chalicelib.web.portal import statuses, table
from chalicelib.web.portal.forms import Form, asked, form
from chalicelib.web.portal.parts import FieldError, Input, Option, Row
from chalicelib.web.portal.scopes import SCOPE_WORDS
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

_LIFETIMES: Final = {
    "30": _("30 days"),
    "90": _("90 days"),
    "180": _("180 days"),
    str(LIFETIME.days): _("A year"),
}
_NAME: Final = Field("name", Kind.TEXT, NAME_CHARACTERS, "Name of the system.", "Records system", mandatory=True)
_SCOPES: Final = Field("scopes", Kind.TEXT, 2_000, "What it may do.", mandatory=True)
_LIFETIME: Final = Field("lifetime", Kind.TEXT, 3, "How long it can be used.", mandatory=True)


def issue_form(scopes: Sequence[str]) -> Form:
    """Name, scopes and lifetime of a new credential; of scopes, those that the organisation can give."""
    options = tuple(Option(scope, SCOPE_WORDS[scope], scope) for scope in SCOPE_WORDS if scope in scopes)
    return form(
        asked(
            _NAME, label=_("Name"), autocomplete="off", hint=_("Of the system that uses it. It is shown in the log.")
        ),
        asked(
            _SCOPES,
            label=_("What the system may do"),
            kind=Input.MANY,
            options=options,
            hint=_("Give only what the system needs."),
        ),
        asked(
            _LIFETIME,
            label=_("Can be used for"),
            kind=Input.ONE,
            options=tuple(Option(value, text) for value, text in _LIFETIMES.items()),
        ),
    )


class Listed(NamedTuple):
    """A credential as pages show it."""

    credential: Credential
    status: statuses.Shown
    scopes: Sequence[str]
    """In words."""
    is_active: bool


def listed(credential: Credential, now: datetime) -> Listed:
    """A credential with its status now."""
    state = credential.state(now)
    words = [text for scope, text in SCOPE_WORDS.items() if scope in credential.scopes]
    return Listed(credential, statuses.shown(state), words, state is CredentialState.ACTIVE)


def _address(credential: Credential) -> str:
    return f"{table.CREDENTIALS}/{credential.credential_id}"


@view()
def show_credentials(visit: Visit) -> Page:
    """All credentials that the organisation has or had, newest first."""
    found = visit.services.credentials.of_organisation(visit.caller.ukprn)
    return Page(
        template="credentials/list.html.jinja",
        context={"credentials": [listed(one, visit.now) for one in reversed(found)], "back": table.ORGANISATION},
    )


@view()
def show_credential(visit: Visit) -> Page:
    """One credential."""
    credential = visit.services.credentials.own(visit.caller, visit.names["credential"])
    context = {"one": listed(credential, visit.now), "path": _address(credential), "back": table.CREDENTIALS}
    return Page(template="credentials/one.html.jinja", context=context)


# --- Issue -----------------------------------------------------------------------------------------------------------


@view()
def show_new_credential(visit: Visit) -> Page:
    """The form."""
    return _form(visit, {_LIFETIME.name: [str(LIFETIME.days)]})


@view()
def submit_new_credential(visit: Visit) -> Result:
    """Issue it, and show its secret this once."""
    days = visit.text(_LIFETIME.name)
    lifetime = timedelta(days=int(days)) if days in _LIFETIMES else timedelta()
    scopes = frozenset(visit.entered.get(_SCOPES.name, ()))
    order = Order(visit.text(_NAME.name), scopes, lifetime, once=visit.form_id)
    try:
        issued = visit.services.credentials.issue(visit.caller, visit.caller.ukprn, order)
    except Refused as refused:
        if refused.kind is RefusalKind.NOT_NOW:
            return _not_again(refused)
        return _form(visit, visit.entered, refused.failures)
    return secret_page(_("Credential issued"), issued)


def _form(visit: Visit, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    granted = grantable_scopes(visit.services.own_organisation.get(visit.caller))
    return issue_form(sorted(granted)).page(
        "credentials/new.html.jinja", entered, failures, back=table.CREDENTIALS, has_scopes=bool(granted)
    )


def _not_again(refused: Refused) -> Page:
    errors = [FieldError(error_text(one, "")) for one in refused.failures]
    return Page(
        template="credentials/again.html.jinja", status=409, context={"errors": errors, "back": table.CREDENTIALS}
    )


def secret_page(title: str, issued: Issued) -> Page:
    """A secret, which is in no other response and nowhere kept."""
    credential = issued.credential
    rows = [
        Row(_("Name"), credential.name),
        Row(_("Client ID"), credential.credential_id),
        Row(_("Secret"), issued.secret),
    ]
    context = {"title": title, "rows": rows, "expires_at": credential.expires_at, "path": _address(credential)}
    return Page(template="credentials/secret.html.jinja", context=context)


# --- Rotate, revoke --------------------------------------------------------------------------------------------------


@view()
def show_credential_rotation(visit: Visit) -> Page:
    """What it means to rotate a credential."""
    return _ask(visit, "rotate")


@view()
def submit_credential_rotation(visit: Visit) -> Result:
    """Issue its successor, and show the secret this once."""
    credential = visit.services.credentials.own(visit.caller, visit.names["credential"])
    try:
        issued = visit.services.credentials.rotate(visit.caller, credential.credential_id, once=visit.form_id)
    except Refused as refused:
        if any(one.code == "LRS-CRED-3" for one in refused.failures):
            return _not_again(refused)
        return replace(_ask(visit, "rotate", refused.failures), status=409)
    return secret_page(_("Credential rotated"), issued)


@view()
def show_credential_revocation(visit: Visit) -> Page:
    """What it means to revoke a credential."""
    return _ask(visit, "revoke")


@view()
def submit_credential_revocation(visit: Visit) -> SeeOther:
    """Revoke it; again, nothing happens."""
    credential = visit.services.credentials.own(visit.caller, visit.names["credential"])
    is_new = visit.services.credentials.revoke(visit.caller, credential.credential_id)
    message = _("The credential was revoked.") if is_new else ""
    return SeeOther(path=_address(credential), message=message)


def _ask(visit: Visit, act: str, failures: Sequence[Failure] = ()) -> Page:
    credential = visit.services.credentials.own(visit.caller, visit.names["credential"])
    return Page(
        template=f"credentials/{act}.html.jinja",
        context={
            "one": listed(credential, visit.now),
            "days": OVERLAP.days,
            "errors": [FieldError(error_text(one, "")) for one in failures],
            "back": _address(credential),
        },
    )


VIEWS: Final = (
    show_credentials,
    show_credential,
    show_new_credential,
    submit_new_credential,
    show_credential_rotation,
    submit_credential_rotation,
    show_credential_revocation,
    submit_credential_revocation,
)
