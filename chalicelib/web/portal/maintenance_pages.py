"""The maintenance schedule for service managers: enter, change, cancel and end windows (SLA-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.maintenance import EMERGENCY_NOTICE, LONGEST, Window
from chalicelib.domain.maintenance_fields import CHANGE_FIELDS, WINDOW_FIELDS, texts_of
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.services.maintenance import Order
from chalicelib.services.maintenance_orders import changed_order, new_order
from chalicelib.web.portal import window_views
from chalicelib.web.portal.forms import Asked, asked, form
from chalicelib.web.portal.parts import FieldError, Input, Option
from chalicelib.web.portal.table import MAINTENANCE, view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

_WORDS: Final[dict[str, dict[str, Any]]] = {
    "environment": {"label": _("Environment")},
    "kind": {
        "label": _("Kind of maintenance"),
        "options": (
            Option("planned", _("Planned"), _("Outside core hours. It does not count as unavailable.")),
            Option("agreed", _("Agreed"), _("Awarding organisations have agreed to it, so it may be in core hours.")),
            Option("emergency", _("Emergency"), _("A repair that cannot wait. It counts as unavailable.")),
        ),
    },
    "start": {"label": _("Start day")},
    "start_time": {"label": _("Start time"), "hint": _("UK time of 24 hours, such as 20:30")},
    "end": {"label": _("End day")},
    "end_time": {"label": _("End time"), "hint": _("UK time of 24 hours, such as 23:00")},
    "reason": {"label": _("What is done"), "hint": _("For everybody to read, such as Release 2.4")},
    "agreed_with": {
        "label": _("Who has agreed to it, and when"),
        "hint": _("Only for agreed maintenance, such as Data Advisory Group, 4 November 2026"),
        "is_optional": False,
    },
}


_CHANGED: Final = _("The maintenance window was changed. The change is in force everywhere within a minute.")
_CANCELLED: Final = _("The maintenance window was cancelled.")
_ENDS: Final = _("The maintenance ends within two minutes.")
_SOON: Final = timedelta(minutes=2)


def _asked(names: Sequence[Any]) -> list[Asked]:
    return [asked(one, **{"kind": Input.ONE} if one.codes else {}, **_WORDS[one.name]) for one in names]


NEW: Final = form(*_asked(WINDOW_FIELDS))
CHANGE: Final = form(*_asked(CHANGE_FIELDS))


@view()
def show_maintenance(visit: Visit) -> Page:
    """Every window to come and of the last 90 days, and the rules."""
    schedule = visit.services.maintenance
    to_come, past = window_views.parted(schedule, schedule.listed(), visit.now)
    rules = {"longest": LONGEST.days, "notice": EMERGENCY_NOTICE.total_seconds() // 3600}
    return Page(template="maintenance/schedule.html.jinja", context={"to_come": to_come, "past": past, **rules})


@view()
def show_new_window(visit: Visit) -> Page:
    """A new window."""
    return _new({"environment": ["live"]})


@view()
def submit_new_window(visit: Visit) -> Result:
    """Enter it. The same again, also by a double click, is the window that there is."""
    try:
        wanted = new_order(NEW.texts(visit.entered))
        entered = visit.services.maintenance.enter(visit.caller, wanted.environment, wanted.order)
    except Refused as refused:
        return _new(visit.entered, refused.failures)
    return _to(entered.window, _("The maintenance window was entered. It is published within a minute."))


def _new(entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    return NEW.page("maintenance/new.html.jinja", entered, failures, back=MAINTENANCE)


@view()
def show_window(visit: Visit) -> Page:
    """One window, and what can be done with it."""
    context = {"shown": _shown(visit), "back": MAINTENANCE}
    return Page(template="maintenance/window.html.jinja", context=context)


@view()
def show_window_change(visit: Visit) -> Page:
    """The details of a window, to change them."""
    window = _held(visit)
    texts = {**asdict(window), **texts_of({"start": window.start, "end": window.end})}
    return _change(visit, window.revision, CHANGE.filled(texts))


@view()
def submit_window_change(visit: Visit) -> Result:
    """Change it, if nobody else has; the same again changes nothing."""
    revision = _revision(visit)
    try:
        order = changed_order(CHANGE.texts(visit.entered))
        entered = visit.services.maintenance.change(visit.caller, visit.names["window"], revision, order)
    except Refused as refused:
        if refused.kind is RefusalKind.STALE:
            held = _held(visit)
            compared = _compared(visit, held)
            return _conflict(visit, compared) if compared else _to(held, _CHANGED)
        if refused.kind is RefusalKind.NOT_FOUND:
            raise
        return _change(visit, revision, visit.entered, refused.failures)
    return _to(entered.window, _CHANGED)


def _change(visit: Visit, revision: int, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    context = {"revision": revision, "back": _path(visit)}
    return CHANGE.page("maintenance/change.html.jinja", entered, failures, **context)


@view()
def show_window_cancellation(visit: Visit) -> Page:
    """Ask before a window is cancelled."""
    return _asked_first(visit, "cancel")


@view()
def submit_window_cancellation(visit: Visit) -> Result:
    """Cancel a window that has not begun."""
    try:
        window = visit.services.maintenance.cancel(visit.caller, visit.names["window"], _revision(visit))
    except Refused as refused:
        if refused.kind is RefusalKind.STALE and (held := _held(visit)).is_cancelled:
            return _to(held, _CANCELLED)
        return _refused(visit, "cancel", refused)
    return _to(window, _CANCELLED)


@view()
def show_window_end(visit: Visit) -> Page:
    """Ask before maintenance is ended."""
    return _asked_first(visit, "end")


@view()
def submit_window_end(visit: Visit) -> Result:
    """End maintenance that has begun, as soon as every part of the service knows."""
    order = Order(end=visit.now.replace(second=0, microsecond=0))
    try:
        entered = visit.services.maintenance.change(visit.caller, visit.names["window"], _revision(visit), order)
    except Refused as refused:
        if refused.kind is RefusalKind.STALE and (held := _held(visit)).end <= visit.now + _SOON:
            return _to(held, _ENDS)
        return _refused(visit, "end", refused)
    return _to(entered.window, _ENDS)


def _asked_first(visit: Visit, act: str, failures: Sequence[Failure] = ()) -> Page:
    errors = form().errors((), failures)
    context = {"shown": _shown(visit), "back": _path(visit), "errors": errors}
    return Page(template=f"maintenance/{act}.html.jinja", context=context, status=409 if errors else 200)


def _refused(visit: Visit, act: str, refused: Refused) -> Page:
    if refused.kind is RefusalKind.STALE:
        return _conflict(visit, ())
    if refused.kind is RefusalKind.NOT_FOUND:
        raise refused
    return _asked_first(visit, act, refused.failures)


def _conflict(visit: Visit, compared: Sequence[tuple[str, str, str]]) -> Page:
    """The window as it is now, beside what was entered for one that has changed since."""
    errors = [
        FieldError(_("Somebody else has changed this maintenance window since you opened it. Nothing was saved."))
    ]
    context = {"shown": _shown(visit), "compared": compared, "back": _path(visit), "errors": errors}
    return Page(template="maintenance/conflict.html.jinja", context=context, status=409)


def _compared(visit: Visit, held: Window) -> list[tuple[str, str, str]]:
    """The fields that differ: label, value now, value entered."""
    now = {**asdict(held), **texts_of({"start": held.start, "end": held.end})}
    entered = CHANGE.texts(visit.entered)
    return [
        (one.label, one.word_of(there), one.word_of(here))
        for one in CHANGE.asked
        if (there := str(now[one.name])) != (here := entered[one.name])
    ]


def _revision(visit: Visit) -> int:
    """That of the window when the page was opened; 0, which no window has, for anything else."""
    return visit.number("revision")


def _held(visit: Visit) -> Window:
    return visit.services.maintenance.get(visit.names["window"])


def _shown(visit: Visit) -> window_views.WindowShown:
    return window_views.shown(visit.services.maintenance, _held(visit), visit.now)


def _path(visit: Visit) -> str:
    return f"{MAINTENANCE}/{visit.names['window']}"


def _to(window: Window, message: str) -> SeeOther:
    return SeeOther(path=f"{MAINTENANCE}/{window.window_id}", message=message)


VIEWS: Final = (
    show_maintenance,
    show_new_window,
    submit_new_window,
    show_window,
    show_window_change,
    submit_window_change,
    show_window_cancellation,
    submit_window_cancellation,
    show_window_end,
    submit_window_end,
)
