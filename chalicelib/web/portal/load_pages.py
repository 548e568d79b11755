"""Loads of registers and of feeds of events, for administrators: what they did, again, in spite of doubts (QUAL-01).

Each form has the number of the last order that its page knew. Sent again, or after somebody else's, it starts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.formats.words.objections import objection_text
from chalicelib.services.imports.events import EventImport
from chalicelib.services.imports.loads import FeedLoad, Load
from chalicelib.services.imports.orders import ERROR, LoadKind, Order
from chalicelib.services.imports.registers import ImportReport
from chalicelib.web.portal import table
from chalicelib.web.portal.desk_fields import WHY
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

OUTCOMES: Final = {
    "published": _("In force"),
    "publishing": _("Not finished"),
    "unchanged": _("No change"),
    "refused": _("Refused"),
    "nothing new": _("No new files"),
}
KINDS: Final = {LoadKind.REGISTERS: _("Registers"), LoadKind.FEEDS: _("Feeds of learning events")}
SHOWN: Final = 50
"""Of each kind of change, and of the rows left out."""
_AFTER: Final = "after"
_STARTED: Final = _("The load has started.")
_TOO_LATE: Final = _("A load has been started already. This one was not.")
_WENT: Final = {
    True: SeeOther(path=table.LOADS, message=_STARTED),
    False: SeeOther(path=table.LOADS, message=_TOO_LATE),
}
"""By whether the load has started."""
_NOT_NOW: Final = _("This load cannot be accepted. Its doubts are gone, or the registers have changed since.")


@view()
def show_register_loads(visit: Visit) -> Page:
    """The last loads of both kinds, and the last order of each."""
    loads = visit.services.loads
    context = {
        "found": [loaded(one) for one in loads.registers()],
        "feeds": [fed(one) for one in loads.feeds()],
        "orders": [ordered(kind, loads.order(kind), visit.now) for kind in LoadKind],
        "words": OUTCOMES,
    }
    return Page(template="admin/loads.html.jinja", context=context)


def loaded(one: Load) -> dict[str, Any]:
    """A load of registers in the list."""
    return {
        "path": _path(LoadKind.REGISTERS, one.name),
        "report": one.report,
        "at": datetime.fromisoformat(one.report.at),
        "refused": sum(file.refused for file in one.report.files),
        "rows": sum(file.rows for file in one.report.files),
    }


def fed(one: FeedLoad) -> dict[str, Any]:
    """A load of feeds in the list."""
    files = one.report.files
    totals = {name: sum(getattr(file, name) for file in files) for name in ("rows", "new", "changed", "refused")}
    at = datetime.fromisoformat(one.report.at)
    return {"path": _path(LoadKind.FEEDS, one.name), "report": one.report, "at": at, **totals}


def ordered(kind: LoadKind, order: Order, now: datetime) -> dict[str, Any]:
    """What the last order of a kind has come to."""
    return {
        "kind": KINDS[kind],
        "path": f"{table.LOADS}/{kind}",
        "order": order,
        "is_open": order.is_open(now),
        "has_failed": ERROR in order.answer or not (order.answer or order.is_open(now)),
        "result": _result(order.answer),
        "waiting": order.answer.get("waiting", 0),
    }


def _result(answer: Mapping[str, Any]) -> str:
    """The result of a load in a word; empty where it has none."""
    if "outcome" in answer:
        return OUTCOMES.get(answer["outcome"], "")
    if "files" in answer and not answer["files"] and not answer["waiting"]:
        return OUTCOMES["nothing new"]
    return _("Loaded") if "files" in answer else ""


@view()
def start_load(visit: Visit) -> SeeOther:
    """Load what has arrived, without waiting for the next round."""
    return _WENT[visit.services.loads.start(visit.caller, _kind(visit), visit.number(_AFTER, -1))]


@view()
def show_load_again(visit: Visit) -> Page:
    """One load, with what can be done about it."""
    kind, name = _kind(visit), visit.names["load"]
    if kind is LoadKind.FEEDS:
        return feed_page(visit.services.loads.feed_load(name), **_asked(visit, kind))
    report = visit.services.loads.load(name)
    can_be_accepted = visit.services.loads.can_be_accepted(report)
    accept = f"{_path(kind, name)}/accept" if can_be_accepted else ""
    return load_page(report, accept=accept, **_asked(visit, kind))


def load_page(report: ImportReport, **context: Any) -> Page:
    """The page of a load of registers."""
    return Page(template="admin/load.html.jinja", context={**_changes(report), "words": OUTCOMES, **context})


def feed_page(report: EventImport, **context: Any) -> Page:
    """The page of a load of feeds."""
    at = datetime.fromisoformat(report.at)
    return Page(template="admin/feed-load.html.jinja", context={"report": report, "at": at, "shown": SHOWN, **context})


def _asked(visit: Visit, kind: LoadKind) -> dict[str, Any]:
    order = visit.services.loads.order(kind)
    return {"after": order.number, "is_open": order.is_open(visit.now), "back": table.LOADS}


def _changes(report: ImportReport) -> dict[str, Any]:
    changes = [
        (_("New"), report.new),
        (_("Changed"), [f"{one.reference} ({', '.join(one.fields)})" for one in report.changed]),
        (_("No longer in the register"), report.gone),
        (_("In the register again"), report.back),
    ]
    return {
        "report": report,
        "at": datetime.fromisoformat(report.at),
        "objections": [objection_text(one) for one in report.objections],
        "changes": changes,
        "shown": SHOWN,
    }


@view()
def submit_load_again(visit: Visit) -> SeeOther:
    """Load the same files again, as they are now."""
    kind, name = _kind(visit), visit.names["load"]
    return _WENT[visit.services.loads.start_again(visit.caller, kind, name, visit.number(_AFTER, -1))]


@view()
def show_load_acceptance(visit: Visit) -> Result:
    """What would change, before a refused load is accepted."""
    report = visit.services.loads.load(_refused(visit))
    if not visit.services.loads.can_be_accepted(report):
        return SeeOther(path=table.LOADS, message=_NOT_NOW)
    return acceptance(report, {}, **_asked(visit, LoadKind.REGISTERS))


@view()
def submit_load_acceptance(visit: Visit) -> Result:
    """Accept it, for a reason."""
    loads, name = visit.services.loads, _refused(visit)
    try:
        return _WENT[loads.accept(visit.caller, name, visit.number(_AFTER, -1), WHY.texts(visit.entered))]
    except Refused as refused:
        if refused.kind is RefusalKind.INVALID:
            asked = _asked(visit, LoadKind.REGISTERS)
            return acceptance(loads.load(name), visit.entered, refused.failures, **asked)
        if refused.kind is RefusalKind.NOT_NOW:
            return SeeOther(path=table.LOADS, message=_NOT_NOW)
        raise


def acceptance(report: ImportReport, entered: Entered, failures: Sequence[Failure] = (), **context: Any) -> Page:
    """The page that asks whether to accept a refused load."""
    return WHY.page("admin/load-acceptance.html.jinja", entered, failures, **{**_changes(report), **context})


def _kind(visit: Visit) -> LoadKind:
    try:
        return LoadKind(visit.names["kind"])
    except ValueError:
        raise Refused(failure("LRS-LOAD-1")) from None


def _refused(visit: Visit) -> str:
    """The name of the load; only those of registers can be accepted."""
    if _kind(visit) is not LoadKind.REGISTERS:
        raise Refused(failure("LRS-LOAD-1"))
    return visit.names["load"]


def _path(kind: LoadKind, name: str) -> str:
    return f"{table.LOADS}/{kind}/{name}"


VIEWS: Final = (
    show_register_loads,
    start_load,
    show_load_again,
    submit_load_again,
    show_load_acceptance,
    submit_load_acceptance,
)
