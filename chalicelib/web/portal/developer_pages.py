"""Developers who are registered: list, register, end (HLP-03).

A registration that is sent again, and an end that is, find what they have done and change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.domain.developers import DEVELOPER_FIELDS, Developer
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import named
from chalicelib.domain.refusals import Refused
from chalicelib.formats.developer_lists import csv_of
from chalicelib.formats.words.texts import Text, day_text
from chalicelib.web.portal import table
from chalicelib.web.portal.forms import asked, form
from chalicelib.web.portal.parts import Row
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, File, Page, Result, SeeOther, Visit

_PURPOSE, _INTERFACE = named(DEVELOPER_FIELDS, "purpose", "interface")
_COMPANY, _CONTACT, _EMAIL, _UKPRN = named(DEVELOPER_FIELDS, "company", "contact", "email_address", "ukprn")
WORDS: Final = {"web-service": _("Web service"), "files": _("Batch files"), "both": _("Web service and batch files")}
DEVELOPER: Final = form(
    asked(_COMPANY, label=_("Company or organisation")),
    asked(_CONTACT, label=_("Name of the contact")),
    asked(_EMAIL, hint=_("Changes of the interfaces are announced there."), autocomplete="off"),
    asked(_PURPOSE, label=_("What they build, and for whom")),
    asked(_INTERFACE, label=_("What their system uses")),
    asked(_UKPRN, label="UKPRN", hint=_("Of the organisation whose credentials they test with, if they have one.")),
)


@view()
def show_developers(visit: Visit) -> Page:
    """All of them."""
    return Page(
        template="desk/developers.html.jinja", context={"found": visit.services.developers.all(), "words": WORDS}
    )


@view()
def show_developers_file(visit: Visit) -> File:
    """The same as a file, to write to them."""
    return File(content=csv_of(visit.services.developers.all()), name="developers.csv", media_type="text/csv")


@view()
def show_new_developer(visit: Visit) -> Page:
    """Who is to be registered."""
    return _new(visit.entered)


@view()
def submit_new_developer(visit: Visit) -> Result:
    """Register them."""
    try:
        visit.services.developers.register(visit.caller, DEVELOPER.texts(visit.entered), visit.id_to_give)
    except Refused as refused:
        return _new(visit.entered, refused.failures)
    return SeeOther(path=table.DEVELOPERS, message=_("The developer was registered."))


def _new(entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    return DEVELOPER.page("desk/new-developer.html.jinja", entered, failures, back=table.DEVELOPERS)


@view()
def show_developer_end(visit: Visit) -> Page:
    """Whose registration is to end."""
    one = visit.services.developers.get(visit.names["developer"])
    return Page(template="desk/end-developer.html.jinja", context={"rows": rows_of(one), "back": table.DEVELOPERS})


@view()
def submit_developer_end(visit: Visit) -> SeeOther:
    """End it."""
    visit.services.developers.end(visit.caller, visit.names["developer"])
    return SeeOther(path=table.DEVELOPERS, message=_("The registration has ended."))


def rows_of(one: Developer) -> list[Row]:
    """What is recorded of a developer."""
    return [
        Row(_("Company or organisation"), one.company),
        Row(_("Name of the contact"), one.contact),
        Row(_("Email address"), one.email_address),
        Row(_("What they build, and for whom"), one.purpose),
        Row(_("Registered"), _registered(one)),
    ]


def _registered(one: Developer) -> Text:
    return Text("{day}, {user}", {"day": day_text(one.registered_at.date()), "user": one.registered_by})


VIEWS: Final = (
    show_developers,
    show_developers_file,
    show_new_developer,
    submit_new_developer,
    show_developer_end,
    submit_developer_end,
)
