"""Pages for everybody about the service itself (HLP-01, HLP-02, HLP-03, AO18 2.2, C15 8, 9)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.announcements import INTERFACE_CHANGES, KEPT_MONTHS, NEWS, SPECIFIED_MONTHS
from chalicelib.formats.level_reports import agreed_availability, agreed_response
from chalicelib.web.portal import level_views, validator_file
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import File, Page, Visit


@view()
def show_start(visit: Visit) -> Page:
    """What the service is for, and where to go: for people who are not signed in."""
    return Page(template="public/start.html.jinja", context={"news": NEWS[:3]})


@view()
def show_user_agreement(_: Visit) -> Page:
    """The User Agreement, which the footer calls Terms & Conditions."""
    return Page(template="public/user-agreement.html.jinja")


@view()
def show_accessibility(_: Visit) -> Page:
    """The accessibility statement."""
    return Page(template="public/accessibility.html.jinja")


@view()
def show_privacy(_: Visit) -> Page:
    """What is held about learners and users, and their rights."""
    return Page(template="public/privacy.html.jinja")


@view()
def show_cookies(_: Visit) -> Page:
    """The cookies that the portal sets."""
    return Page(template="public/cookies.html.jinja")


@view()
def show_contact(visit: Visit) -> Page:
    """The service desk, and the points of escalation (C15 9)."""
    return Page(template="public/contact.html.jinja", context={"contacts": visit.services.settings.contacts})


@view()
def show_news(_: Visit) -> Page:
    """News, and announced changes of interfaces with their dates."""
    context = {"news": NEWS, "changes": INTERFACE_CHANGES, "kept": KEPT_MONTHS, "specified": SPECIFIED_MONTHS}
    return Page(template="public/news.html.jinja", context=context)


@view()
def show_charter(visit: Visit) -> Page:
    """Every function with what is agreed for it (C15 3, 4)."""
    described = visit.services.service_levels.described
    rows = [
        (
            one.number,
            one.title,
            [level_views.CHANNELS[channel] for channel in one.channels],
            agreed_availability(one.target),
            agreed_response(one.target),
        )
        for one in described.functions.values()
    ]
    return Page(template="public/charter.html.jinja", context={"rows": rows, "batch_hours": described.batch_hours})


@view()
def show_validator(_: Visit) -> Page:
    """The stand-alone validator: what it is, how to run it, and its download (VAL-01)."""
    found = validator_file.download()
    context = {
        "name": validator_file.NAME,
        "version": validator_file.VERSION,
        "size": found.size,
        "sha256": found.sha256,
    }
    return Page(template="public/validator.html.jinja", context=context)


@view()
def get_validator(_: Visit) -> File:
    """The validator itself."""
    found = validator_file.download()
    return File(content=found.content, name=validator_file.NAME, media_type="text/x-python; charset=utf-8")


VIEWS: Final = (
    show_start,
    show_user_agreement,
    show_accessibility,
    show_privacy,
    show_cookies,
    show_contact,
    show_news,
    show_charter,
    show_validator,
    get_validator,
)
