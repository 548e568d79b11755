"""When is the service closed for maintenance? (SLA-05)

Planned maintenance is outside core hours, which are 8am to 6pm, Monday to Friday, except bank holidays, unless awarding
organisations have agreed to it. During maintenance, requests get 503 with `Retry-After`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.maintenance import LONGEST_REASON, REMEMBERED, Environment, Window, WindowKind, WindowState
from chalicelib.services.maintenance import Entered, MaintenanceSchedule, Order
from chalicelib.web.http import problems
from chalicelib.web.http.headers import IF_MATCH
from chalicelib.web.http.preconditions import etag, named_revision
from chalicelib.web.http.problems import error_document
from chalicelib.web.http.requests import Moment, NoRequest, Text
from chalicelib.web.http.responses import About
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.interface import HTML
from chalicelib.web.rest.table import WINDOWS, route

_REQUIRED_MATCH = IF_MATCH._replace(required=True)
_CACHED: Final = {"Cache-Control": f"public, max-age={REMEMBERED // timedelta(seconds=1)}"}
_EXAMPLE: Final = "MW-3f9b0c52"
_REASON: Final = Text(maximum=LONGEST_REASON, minimum=1, example="Release 2.4")
_AGREED: Final = Text(maximum=LONGEST_REASON, minimum=1, example="Data Advisory Group, 4 November 2026")


def _one_of(values: type[WindowKind | Environment]) -> Text:
    names = [value.value for value in values]
    return Text(
        maximum=20, minimum=1, pattern="|".join(names), expected=f"one of: {', '.join(names)}", example=names[0]
    )


WindowId = Annotated[str, Text(maximum=64, minimum=1, pattern="[A-Za-z0-9_-]+", expected="an id", example=_EXAMPLE)]


@dataclass(frozen=True)
class OneWindow:
    """A maintenance window."""

    window_id: WindowId


@dataclass(frozen=True)
class NewWindow:
    """A new maintenance window."""

    environment: Annotated[str, _one_of(Environment)]
    """Which environment is closed."""
    kind: Annotated[str, _one_of(WindowKind)]
    """`planned` is outside core hours; `agreed` may be in them, with `agreedWith`; `emergency` begins within 24 hours
    and counts as downtime.
    """
    start: Annotated[datetime, Moment("2026-12-05T20:00:00Z")]
    """When it begins, to the minute."""
    end: Annotated[datetime, Moment("2026-12-05T23:00:00Z")]
    """When it ends, up to seven days later."""
    reason: Annotated[str, _REASON]
    """What is done, for everyone to read."""
    agreed_with: Annotated[str, _AGREED] = ""
    """Who has agreed to it, and when. Required for `agreed`."""


@dataclass(frozen=True)
class WindowChange:
    """A change of a maintenance window. What you leave out is not changed."""

    window_id: WindowId
    kind: Annotated[str, _one_of(WindowKind)] = ""
    """The kind; fixed once the maintenance has begun."""
    start: Annotated[datetime | None, Moment("2026-12-05T20:00:00Z")] = None
    """When it begins; fixed once it has."""
    end: Annotated[datetime | None, Moment("2026-12-05T23:00:00Z")] = None
    """When it ends. Planned maintenance cannot become longer once it has begun. The current time ends it as soon as
    every part of the service knows: at the first full minute after 35 seconds.
    """
    reason: Annotated[str, _REASON] = ""
    """What is done."""
    agreed_with: Annotated[str, _AGREED] = ""
    """Who has agreed to it, and when."""


@dataclass(frozen=True)
class WindowDocument:
    """A maintenance window."""

    window_id: Annotated[str, About(example=_EXAMPLE)]
    environment: Environment
    kind: WindowKind
    status: WindowState
    start: datetime
    end: datetime
    reason: Annotated[str, About(example=_REASON.example)]
    agreed_with: Annotated[str | None, About(example=_AGREED.example)]
    """Who has agreed to maintenance in core hours."""
    counts_as_downtime: bool
    """Whether its time counts towards unavailability, and extends the ten working days for submitting awards."""
    key_dates: tuple[str, ...]
    """Key dates of awarding organisations that it touches."""
    announced: datetime
    changed: datetime
    links: Mapping[str, str]


@dataclass(frozen=True)
class WindowsDocument:
    """The maintenance schedule."""

    windows: tuple[WindowDocument, ...]
    """Windows to come and those of the last 90 days, by their start."""
    links: Mapping[str, str]


@dataclass(frozen=True)
class WindowNotice:
    """Something to know about a window that was accepted."""

    code: Annotated[str, About(example="LRS-MW-11")]
    field: str
    message: str
    action: str


@dataclass(frozen=True)
class EnteredDocument:
    """A window that was entered or changed."""

    window: WindowDocument
    notices: tuple[WindowNotice, ...]
    """Warnings, such as key dates of awarding organisations in the window."""


@route(NoRequest, answers={200: WindowsDocument}, gives=("Cache-Control",))
def list_maintenance_windows(call: Call, request: NoRequest) -> Reply:
    """List maintenance windows.

    For the live and the compatibility environment. A web page with the same is at `/maintenance`. Changes are shown
    within a minute.
    """
    schedule, now = call.services.maintenance, call.services.clock()
    windows = tuple(_document(schedule, window, now) for window in schedule.listed())
    return Reply(WindowsDocument(windows, {"self": WINDOWS, "page": "/maintenance"}), headers=_CACHED)


@route(OneWindow, answers={200: WindowDocument}, gives=("ETag",))
def get_maintenance_window(call: Call, request: OneWindow) -> Reply:
    """Get a maintenance window."""
    schedule = call.services.maintenance
    window = schedule.get(request.window_id)
    return Reply(_document(schedule, window, call.services.clock()), headers=etag(window.revision))


@route(
    NewWindow,
    answers={201: EnteredDocument},
    refusals=(problems.REFUSED,),
    gives=("Location", "ETag"),
)
def enter_maintenance_window(call: Call, request: NewWindow) -> Reply:
    """Enter a maintenance window.

    It is published within a minute. If it takes core hours, every organisation gets an email. Entering the same window
    again changes nothing.
    """
    order = Order(WindowKind(request.kind), request.start, request.end, request.reason, request.agreed_with)
    entered = call.services.maintenance.enter(call.caller, Environment(request.environment), order)
    return _entered(call, entered, 201)


@route(
    WindowChange,
    answers={200: EnteredDocument},
    refusals=(problems.REFUSED, problems.NOT_NOW),
    takes=(_REQUIRED_MATCH,),
    gives=("ETag",),
)
def change_maintenance_window(call: Call, request: WindowChange) -> Reply:
    """Change a maintenance window.

    Send its `ETag` in `If-Match`. A change takes effect everywhere within 30 seconds.
    """
    revision = named_revision(call.headers.get("if-match"))
    order = Order(
        WindowKind(request.kind) if request.kind else None,
        request.start,
        request.end,
        request.reason or None,
        request.agreed_with or None,
    )
    return _entered(call, call.services.maintenance.change(call.caller, request.window_id, revision, order), 200)


@route(
    OneWindow,
    answers={200: WindowDocument},
    refusals=(problems.NOT_NOW,),
    takes=(_REQUIRED_MATCH,),
    gives=("ETag",),
)
def cancel_maintenance_window(call: Call, request: OneWindow) -> Reply:
    """Cancel a maintenance window that has not begun.

    Send its `ETag` in `If-Match`. To end one that has begun, change its end.
    """
    schedule = call.services.maintenance
    revision = named_revision(call.headers.get("if-match"))
    window = schedule.cancel(call.caller, request.window_id, revision)
    return Reply(_document(schedule, window, call.services.clock()), headers=etag(window.revision))


@route(NoRequest, answers={200: str}, produces=HTML, gives=("Cache-Control",))
def read_maintenance_schedule(call: Call, request: NoRequest) -> Reply:
    """Read the maintenance schedule.

    A web page for everyone.
    """
    from chalicelib.web.described import maintenance_page  # noqa: PLC0415 - only needed to show the page

    schedule = call.services.maintenance
    shown = [(window, schedule.key_dates_in(window)) for window in schedule.listed()]
    policy = {"Content-Security-Policy": maintenance_page.CONTENT_SECURITY_POLICY}
    return Reply(maintenance_page.page(shown, call.services.clock()), headers=policy | _CACHED)


def _entered(call: Call, entered: Entered, status: int) -> Reply:
    window = entered.window
    document = _document(call.services.maintenance, window, call.services.clock())
    location = {"Location": document.links["self"]} if status == 201 else {}
    notices = tuple(map(_notice, entered.notices))
    return Reply(EnteredDocument(document, notices), status, {**location, **etag(window.revision)})


def _notice(reason: Failure) -> WindowNotice:
    return WindowNotice(**error_document(reason))


def _document(schedule: MaintenanceSchedule, window: Window, now: datetime) -> WindowDocument:
    return WindowDocument(
        window_id=window.window_id,
        environment=window.environment,
        kind=window.kind,
        status=window.state(now),
        start=window.start,
        end=window.end,
        reason=window.reason,
        agreed_with=window.agreed_with or None,
        counts_as_downtime=window.is_unavailability,
        key_dates=tuple(schedule.key_dates_in(window)),
        announced=window.announced_at,
        changed=window.changed_at,
        links={"self": f"{WINDOWS}/{window.window_id}"},
    )


ROUTES = (
    list_maintenance_windows,
    get_maintenance_window,
    enter_maintenance_window,
    change_maintenance_window,
    cancel_maintenance_window,
    read_maintenance_schedule,
)
