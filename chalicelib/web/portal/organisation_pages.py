"""The organisation's own settings: details, where emails go, the file drop (IDM-06, IDM-10, IDM-13, ACH-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from chalicelib.domain.failures import Failure
from chalicelib.domain.jobs import Job
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.formats.words.messages import sentence
from chalicelib.ports.accounts import Organisation
from chalicelib.services.organisations import granted_roles
from chalicelib.services.own_organisation import ADDRESS
from chalicelib.web.portal import statuses, table
from chalicelib.web.portal.forms import asked, form
from chalicelib.web.portal.operation_pages import KINDS
from chalicelib.web.portal.parts import Link, Row
from chalicelib.web.portal.roles import names_of
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

NOTIFICATIONS: Final = f"{table.ORGANISATION}/notifications"
ADDRESS_FORM: Final = form(asked(ADDRESS, autocomplete="off", hint=_("Use an address that several people read.")))


@view()
def show_settings(visit: Visit) -> Page:
    """How the organisation is set up."""
    return Page(
        template="organisation/details.html.jinja",
        context={"rows": details(visit.services.own_organisation.get(visit.caller))},
    )


def details(held: Organisation) -> list[Row]:
    """What the service holds about an organisation, for its super users."""
    granted = granted_roles(held)
    roles = names_of(granted)
    address = Link(_("Change"), NOTIFICATIONS, _("email address"))
    return [
        Row(_("Name"), held.name),
        Row(_("UKPRN"), held.ukprn),
        Row(_("Organisation reference"), held.organisation_ref or "–"),
        Row(_("Recognition numbers"), ", ".join(sorted(held.recognition_numbers)) or "–"),
        Row(_("Roles that users can have"), roles),
        Row(_("Email address for files and maintenance"), held.batch_email or "–", (address,)),
        Row(_("Encoding of dropped CSV files"), held.csv_encoding or "UTF-8"),
    ]


# --- Notifications ---------------------------------------------------------------------------------------------------


@view()
def show_notifications(visit: Visit) -> Page:
    """Who is sent which emails, and the address of the organisation."""
    held = visit.services.own_organisation.get(visit.caller)
    return _notifications(visit, held, ADDRESS_FORM.filled({ADDRESS.name: held.batch_email}))


@view()
def submit_notifications(visit: Visit) -> Result:
    """Change the address, unless the organisation has changed since."""
    own = visit.services.own_organisation
    try:
        own.change_address(visit.caller, visit.number("revision", -1), visit.text(ADDRESS.name))
    except Refused as refused:
        held = own.get(visit.caller)
        page = _notifications(visit, held, visit.entered, refused.failures)
        return replace(page, status=409) if refused.kind is RefusalKind.STALE else page
    return SeeOther(path=table.ORGANISATION, message=_("The email address was changed."))


def _notifications(visit: Visit, held: Organisation, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    recipient = visit.services.own_organisation.recipient(visit.caller)
    return ADDRESS_FORM.page(
        "organisation/notifications.html.jinja",
        entered,
        failures,
        held=held,
        recipient=recipient,
        back=table.ORGANISATION,
    )


# --- File drop -------------------------------------------------------------------------------------------------------


class Dropped(NamedTuple):
    """A file that was dropped."""

    name: str
    kind: str
    at: datetime
    status: statuses.Shown
    reasons: Sequence[str]


@view()
def show_file_drop(visit: Visit) -> Page:
    """Where files are dropped, and what became of the last ones."""
    found = visit.services.own_organisation.drop(visit.caller)
    return Page(
        template="organisation/file-drop.html.jinja",
        context={
            "folders": [Row(KINDS[folder.kind.name], folder.path) for folder in found.folders],
            "files": [dropped(job) for job in found.jobs],
            "back": table.ORGANISATION,
        },
    )


def dropped(job: Job) -> Dropped:
    """A file as the page lists it; of a refused one with the reasons."""
    kind = KINDS.get(job.kind, job.kind)
    reasons = [sentence(reason) for reason in job.rejection]
    return Dropped(job.filename, kind, job.submitted_at, statuses.shown(job.status), reasons)


VIEWS: Final = (show_settings, show_notifications, submit_notifications, show_file_drop)
