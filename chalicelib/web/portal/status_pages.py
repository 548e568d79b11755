"""Whether the service is open, for everybody: a page, and the same for programs (SLA-05, C15 6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from chalicelib.domain.maintenance import REMEMBERED, Window
from chalicelib.services.service_status import EnvironmentStatus
from chalicelib.web.portal import status_feeds, statuses, window_views
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import File, Page, Visit
from chalicelib.web.portal.window_views import WindowShown

_CACHED: Final[Mapping[str, str]] = {"Cache-Control": f"public, max-age={REMEMBERED // timedelta(seconds=1)}"}


class Shown(NamedTuple):
    """An environment on the page."""

    title: str
    id: str
    status: statuses.Shown
    window: Window | None
    to_come: list[WindowShown]
    past: list[WindowShown]


@view()
def show_status(visit: Visit) -> Page:
    """Each environment: how it is now, what is planned, what has been."""
    found = [_shown(visit, one) for one in visit.services.service_status.now()]
    return Page(template="public/status.html.jinja", context={"environments": found, "as_at": visit.now})


@view()
def get_status_document(visit: Visit) -> File:
    """The same as JSON."""
    text = status_feeds.json_status(visit.services.service_status.now(), visit.now, _address(visit))
    return File(content=text, name="", media_type="application/json", headers=_CACHED)


@view()
def get_status_feed(visit: Visit) -> File:
    """The maintenance schedule as an Atom feed."""
    text = status_feeds.atom_feed(visit.services.service_status.now(), visit.now, _address(visit))
    return File(content=text, name="", media_type="application/atom+xml; charset=utf-8", headers=_CACHED)


def _address(visit: Visit) -> str:
    return visit.services.settings.portal_url


def _shown(visit: Visit, one: EnvironmentStatus) -> Shown:
    to_come, past = window_views.parted(visit.services.maintenance, one.windows, visit.now)
    title, window = window_views.ENVIRONMENTS[one.environment], one.window
    return Shown(title, one.environment.value, statuses.shown(one.condition), window, to_come, past)


VIEWS: Final = (show_status, get_status_document, get_status_feed)
