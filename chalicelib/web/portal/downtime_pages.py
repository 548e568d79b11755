"""Downtime that nobody planned, for service managers: what is recorded, and record more (ACH-10, C10 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.maintenance_fields import OUTAGE_FIELDS, read
from chalicelib.domain.refusals import Refused
from chalicelib.domain.working_time import OUTAGE_DAYS
from chalicelib.web.portal import drafts
from chalicelib.web.portal.forms import asked, form
from chalicelib.web.portal.parts import Row
from chalicelib.web.portal.table import DOWNTIME, view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

_HINT: Final = _("UK time of 24 hours, such as 20:30")
_FORM: Final = form(
    asked(OUTAGE_FIELDS[0], label=_("Start day")),
    asked(OUTAGE_FIELDS[1], label=_("Start time"), hint=_HINT),
    asked(OUTAGE_FIELDS[2], label=_("End day")),
    asked(OUTAGE_FIELDS[3], label=_("End time"), hint=_HINT),
)
_CHECK: Final = f"{DOWNTIME}/check"
_DONE: Final = _("The downtime was recorded.")


@view()
def show_downtime(visit: Visit) -> Page:
    """What is recorded lately, and the form."""
    draft = drafts.kept(visit, DOWNTIME)
    return _page(visit, _FORM.filled(draft.texts if draft else {}))


@view()
def submit_downtime(visit: Visit) -> Result:
    """Keep it for the page where it is checked."""
    texts = _FORM.texts(visit.entered)
    found = read(OUTAGE_FIELDS, texts)
    if found.failures:
        return _page(visit, visit.entered, found.failures)
    try:
        visit.services.downtime.check(found.values["start"], found.values["end"])
    except Refused as refused:
        return _page(visit, visit.entered, refused.failures)
    return SeeOther(path=_CHECK, session=drafts.keep(visit, DOWNTIME, texts=texts))


def _page(visit: Visit, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    recorded = visit.services.downtime.recorded()
    return _FORM.page("recoveries/downtime.html.jinja", entered, failures, periods=recorded, days=OUTAGE_DAYS.days)


@view()
def show_downtime_check(visit: Visit) -> Result:
    """Ask before it is recorded."""
    draft = drafts.kept(visit, DOWNTIME)
    if draft is None or draft.done:
        return SeeOther(path=DOWNTIME)
    values = read(OUTAGE_FIELDS, draft.texts).values
    rows = [Row(_("From"), values["start"]), Row(_("Until"), values["end"])]
    context = {"rows": rows, "draft": draft.id, "back": DOWNTIME}
    return Page(template="recoveries/downtime-check.html.jinja", context=context)


@view()
def submit_downtime_check(visit: Visit) -> Result:
    """Record it. The same again, also by a double click, changes nothing."""
    draft = drafts.kept(visit, DOWNTIME)
    if draft is None or draft.done:
        return SeeOther(path=DOWNTIME, message=_DONE if draft and visit.text(drafts.ID) == draft.id else "")
    if visit.text(drafts.ID) != draft.id:
        return SeeOther(path=_CHECK)
    values = read(OUTAGE_FIELDS, draft.texts).values
    try:
        visit.services.downtime.record(visit.caller, values["start"], values["end"])
    except Refused as refused:
        return _page(visit, _FORM.filled(draft.texts), refused.failures)
    return SeeOther(path=DOWNTIME, message=_DONE, session=drafts.finish(visit, DOWNTIME, draft, DOWNTIME))


VIEWS: Final = (show_downtime, submit_downtime, show_downtime_check, submit_downtime_check)
