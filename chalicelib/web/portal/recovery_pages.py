"""Recoveries from disaster, for service managers: see their clocks, invoke one, reinstate the service (SLA-07)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.maintenance_fields import INVOCATION_FIELDS, REINSTATEMENT_FIELDS, read
from chalicelib.domain.recoveries import WITHIN, Clocked
from chalicelib.domain.refusals import Refused
from chalicelib.web.portal import drafts, refusals, statuses
from chalicelib.web.portal.forms import asked, form
from chalicelib.web.portal.parts import FieldError, Row
from chalicelib.web.portal.table import RECOVERIES, view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

_INVOCATION: Final = f"{RECOVERIES}/invoke"
_WHEN: Final = _("UK time of 24 hours, such as 20:30. Leave day and time empty for now.")
_INVOKE: Final = form(
    asked(INVOCATION_FIELDS[0], label=_("Reason"), hint=_("For the reports, such as Loss of the region")),
    asked(INVOCATION_FIELDS[1], label=_("Day of invocation")),
    asked(INVOCATION_FIELDS[2], label=_("Time of invocation"), hint=_WHEN),
)
_REINSTATE: Final = form(
    asked(REINSTATEMENT_FIELDS[0], label=_("Day of reinstatement")),
    asked(REINSTATEMENT_FIELDS[1], label=_("Time of reinstatement"), hint=_WHEN),
)
_INVOKED: Final = _("The recovery was recorded. Its clock runs.")
_REINSTATED: Final = _("The service was recorded as reinstated. The clock has stopped.")


@view()
def show_recoveries(visit: Visit) -> Page:
    """Every recovery against its clock of service hours, and what can be done."""
    listed = visit.services.recoveries.listed()
    context = {
        "recoveries": _rows(listed),
        "is_running": _running(listed) is not None,
        "agreed": WITHIN.total_seconds() // 3600,
    }
    return Page(template="recoveries/list.html.jinja", context=context)


@view()
def show_invocation(visit: Visit) -> Page:
    """Why recovery is invoked, and when."""
    draft = drafts.kept(visit, _INVOCATION)
    return _invocation(_INVOKE.filled(draft.texts if draft else {}))


@view()
def submit_invocation(visit: Visit) -> Result:
    """Keep it for the page where it is checked; a time that was left out is now."""
    texts = _INVOKE.texts(visit.entered)
    found = read(INVOCATION_FIELDS, texts)
    if found.failures:
        return _invocation(visit.entered, found.failures)
    at = found.values["invoked"] or visit.now
    try:
        visit.services.recoveries.would_invoke(found.values["reason"], at)
    except Refused as refused:
        return _invocation(visit.entered, refused.failures)
    shown = {"reason": found.values["reason"], "at": at.isoformat()}
    return SeeOther(path=f"{_INVOCATION}/check", session=drafts.keep(visit, _INVOCATION, texts=texts, shown=shown))


def _invocation(entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    return _INVOKE.page("recoveries/invoke.html.jinja", entered, failures, back=RECOVERIES)


@view()
def show_invocation_check(visit: Visit) -> Result:
    """Ask before the clock starts."""
    draft = drafts.kept(visit, _INVOCATION)
    if draft is None or draft.done:
        return SeeOther(path=RECOVERIES)
    return _check(visit, draft)


@view()
def submit_invocation_check(visit: Visit) -> Result:
    """Start the clock. The same again, also by a double click, is the recovery that runs."""
    draft = drafts.kept(visit, _INVOCATION)
    if draft is None or draft.done:
        return SeeOther(path=RECOVERIES, message=_INVOKED if draft and visit.text(drafts.ID) == draft.id else "")
    if visit.text(drafts.ID) != draft.id:
        return SeeOther(path=f"{_INVOCATION}/check")
    reason, at = draft.shown["reason"], datetime.fromisoformat(draft.shown["at"])
    recoveries = visit.services.recoveries
    try:
        recoveries.invoke(visit.caller, reason, at)
    except Refused as refused:
        running = _running(recoveries.listed())
        if running is None or (running.recovery.invoked_at, running.recovery.reason) != (at, reason):
            return _check(visit, draft, refused.failures, running)
    return SeeOther(path=RECOVERIES, message=_INVOKED, session=drafts.finish(visit, _INVOCATION, draft, RECOVERIES))


def _check(visit: Visit, draft: drafts.Draft, failures: Sequence[Failure] = (), running: Clocked | None = None) -> Page:
    errors = form().errors((), failures)
    at = datetime.fromisoformat(draft.shown["at"])
    rows = [Row(_("Reason"), draft.shown["reason"]), Row(_("Invoked"), at)]
    held = _rows([running] if running else [])
    context = {"rows": rows, "draft": draft.id, "recoveries": held, "errors": errors, "back": _INVOCATION}
    return Page(template="recoveries/check.html.jinja", context=context, status=409 if errors else 200)


@view()
def show_service_reinstatement(visit: Visit) -> Result:
    """Ask before the clock of the recovery that runs is stopped."""
    running = _running(visit.services.recoveries.listed())
    return _reinstatement(running, {}) if running else SeeOther(path=RECOVERIES)


@view()
def submit_service_reinstatement(visit: Visit) -> Result:
    """Stop it. The form names its recovery, so that one sent again stops no other clock."""
    found = read(REINSTATEMENT_FIELDS, _REINSTATE.texts(visit.entered))
    held = _named(visit)
    if found.failures:
        return _reinstatement(held, visit.entered, found.failures)
    at = found.values["reinstated"]
    if held.recovery.reinstated_at is None:
        try:
            visit.services.recoveries.reinstate(visit.caller, at)
            return SeeOther(path=RECOVERIES, message=_REINSTATED)
        except Refused as refused:
            held = _named(visit)
            if held.recovery.reinstated_at is None:
                return _reinstatement(held, visit.entered, refused.failures)
    if at not in (None, held.recovery.reinstated_at):
        return _ended(held, at)
    return SeeOther(path=RECOVERIES, message=_REINSTATED)


def _reinstatement(held: Clocked, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    context = {"recoveries": _rows([held]), "recovery": held.recovery.invoked_at.isoformat(), "back": RECOVERIES}
    return _REINSTATE.page("recoveries/reinstate.html.jinja", entered, failures, **context)


def _ended(held: Clocked, at: datetime) -> Page:
    """The clock that somebody else has stopped at another time."""
    errors = [FieldError(_("The clock of this recovery has stopped already, at another time. Nothing was saved."))]
    context = {"recoveries": _rows([held]), "entered": at, "back": RECOVERIES, "errors": errors}
    return Page(template="recoveries/ended.html.jinja", context=context, status=409)


def _named(visit: Visit) -> Clocked:
    """The recovery that the form names. Raises NotShown if there is none."""
    for one in visit.services.recoveries.listed():
        if one.recovery.invoked_at.isoformat() == visit.text("recovery"):
            return one
    raise refusals.not_found()


def _running(listed: Sequence[Clocked]) -> Clocked | None:
    return next((one for one in listed if one.recovery.reinstated_at is None), None)


def _rows(listed: Sequence[Clocked]) -> list[tuple[Clocked, statuses.Shown]]:
    return [(one, statuses.shown(one.state)) for one in listed]


VIEWS: Final = (
    show_recoveries,
    show_invocation,
    submit_invocation,
    show_invocation_check,
    submit_invocation_check,
    show_service_reinstatement,
    submit_service_reinstatement,
)
