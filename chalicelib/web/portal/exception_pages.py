"""Exceptions: registrations with possible matches, and the decision on each (ULN-05).

A decision is final. What was chosen is kept in the session until it is confirmed; confirmed again, it leads to the
decision that was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

from chalicelib.domain.callers import Channel
from chalicelib.domain.comparisons import of_details
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import ULN, Field, Kind
from chalicelib.domain.pending_matches import PendingMatch, PendingReason, PendingState
from chalicelib.domain.refusals import Refused
from chalicelib.domain.values import judged
from chalicelib.services.pending_matches import PendingView
from chalicelib.web.portal import statuses, table
from chalicelib.web.portal.forms import Form, asked, form
from chalicelib.web.portal.kept import forget, keep, kept
from chalicelib.web.portal.known_learners import remember_found
from chalicelib.web.portal.learner_parts import (
    exception_path,
    found_learner,
    learner_path,
    name_of,
    sections_of,
)
from chalicelib.web.portal.parts import Input, Option
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

A_PAGE: Final = 25
USE, REGISTER, DROP = "use", "register", "drop"
_CHOICE: Final = "exception"
_DECISION: Final = Field("decision", Kind.TEXT, 20, "What to do.", mandatory=True)
_SINCE: Final = "LRS-PEND-4"
_HIDDEN: Final = "WSRC0021"
_DECIDED: Final = "LRS-PEND-2"
CHANNELS: Final[Mapping[str, str]] = {
    Channel.PORTAL: _("Portal"),
    Channel.WEBSERVICE: _("Web service"),
    Channel.BATCH: _("File"),
    Channel.BUCKET: _("File"),
}


class Line(NamedTuple):
    """A registration in the list."""

    pending: PendingMatch
    path: str
    name: str
    channel: str
    matches: int
    """How many learners were found; 0 if too many to list."""


@view()
def show_exceptions(visit: Visit) -> Page:
    """The registrations that wait for a decision, oldest first; of one file with ``job``."""
    job, cursor = visit.query.get("job", ""), visit.query.get("cursor", "")
    decisions = visit.services.pending_decisions
    if job:
        items, cursor = decisions.of_job(visit.caller, job, A_PAGE, cursor)
    else:
        items, cursor = decisions.page(visit.caller, A_PAGE, cursor)
    of_job = {"job": job} if job else {}
    following = f"{table.EXCEPTIONS}?{urlencode(of_job | {'cursor': cursor})}" if cursor else ""
    context = {
        "lines": [_line(one) for one in items],
        "job": job,
        "following": following,
        "first": "" if "cursor" not in visit.query else f"{table.EXCEPTIONS}{'?' if job else ''}{urlencode(of_job)}",
    }
    return Page(template="exceptions/list.html.jinja", context=context)


@view()
def show_exception(visit: Visit) -> Page:
    """What was submitted beside each learner found, and what to do; or the decision that was made."""
    return _shown(visit, {})


@view()
def submit_exception(visit: Visit) -> Result:
    """Keep what was chosen, to be confirmed."""
    entered = visit.entered
    chosen, uln = visit.text(_DECISION.name), visit.text(ULN.name)
    reasons: list[Failure] = []
    if chosen == USE:
        uln, reasons = _entered_uln(uln)
    elif chosen.isdigit():
        chosen, uln = USE, chosen
    elif chosen not in (REGISTER, DROP):
        reasons = [failure("ACF001", _DECISION.wire)]
    if reasons:
        return _shown(visit, entered, reasons)
    choice = {"pending": visit.names["pending"], "decision": chosen, "uln": uln if chosen == USE else ""}
    return SeeOther(path=f"{exception_path(visit.names['pending'])}/check", session=keep(visit, _CHOICE, choice))


@view()
def show_exception_check(visit: Visit) -> Result:
    """What was chosen and what follows from it, before it is done for good."""
    choice = _choice(visit)
    if not choice:
        return SeeOther(path=exception_path(visit.names["pending"]))
    pending = visit.services.pending_decisions.get(visit.caller, visit.names["pending"]).pending
    context = {
        "name": name_of(pending.details),
        "decision": choice["decision"],
        "uln": choice.get("uln", ""),
        "job": pending.job_id,
        "path": exception_path(pending.pending_id),
        "back": exception_path(pending.pending_id),
    }
    return Page(template="exceptions/check.html.jinja", context=context)


@view()
def submit_exception_check(visit: Visit) -> Result:
    """Decide."""
    choice, pending_id = _choice(visit), visit.names["pending"]
    decisions, path = visit.services.pending_decisions, exception_path(visit.names["pending"])
    if not choice:
        return SeeOther(path=path)
    try:
        if choice["decision"] == USE:
            decisions.use(visit.caller, pending_id, choice["uln"])
        elif choice["decision"] == REGISTER:
            decisions.register(visit.caller, pending_id)
        else:
            decisions.drop(visit.caller, pending_id)
    except Refused as refused:
        return _refused(visit, refused)
    return SeeOther(path=path, session=forget(visit, _CHOICE))


def _refused(visit: Visit, refused: Refused) -> Result:
    if refused.codes == _DECIDED:
        return SeeOther(path=exception_path(visit.names["pending"]), session=forget(visit, _CHOICE))
    if refused.codes == _HIDDEN:
        return Page(template="registration/hidden.html.jinja", status=409)
    if refused.codes == _SINCE:
        return _shown(visit, {}, status=409)
    return _shown(visit, {_DECISION.name: [USE]}, refused.failures)


def _shown(visit: Visit, entered: Entered, failures: Sequence[Failure] = (), status: int = 200) -> Page:
    seen = visit.services.pending_decisions.get(visit.caller, visit.names["pending"])
    pending = seen.pending
    context: dict[str, object] = {
        "name": name_of(pending.details),
        "pending": pending,
        "status": statuses.shown(pending.state),
        "sections": sections_of(pending.details._asdict()),
        "back": table.EXCEPTIONS,
    }
    if pending.state.is_end:
        learner = learner_path(pending.uln) if pending.uln else ""
        return Page(template="exceptions/decided.html.jinja", context={**context, "learner": learner})
    found = [found_learner(one, of_details(pending.details, one.learner.details)) for one in seen.learners]
    choices = choices_of(seen)
    page = choices.page("exceptions/exception.html.jinja", entered, failures)
    own = {"found": found, "has_new": status == 409, "is_too_many": pending.reason is PendingReason.TOO_MANY_MATCHES}
    return Page(
        template=page.template,
        context={**context, **page.context, **own},
        status=status if status != 200 else page.status,
        session=remember_found(visit, (one.learner for one in seen.learners)),
    )


def choices_of(seen: PendingView) -> Form:
    """What can be done: use one of the learners found, or any with its ULN if there are too many to list. A learner
    whose registration as new was interrupted can only be registered.
    """
    register = Option(
        REGISTER, _("Register as new"), _("The learner is none of those on the register and gets a new ULN")
    )
    if seen.pending.state is PendingState.REGISTERING:
        return form(asked(_DECISION, label=_("Decision"), kind=Input.ONE, options=(register,)))
    listed = [
        Option(one.learner.uln, f"{one.learner.uln}, {name_of(one.learner.details)}", _("Use this ULN"))
        for one in seen.learners
    ]
    others = (
        register,
        Option(DROP, _("Drop"), _("The registration was a mistake. Nobody is registered")),
    )
    is_too_many = seen.pending.reason is PendingReason.TOO_MANY_MATCHES
    by_uln = [Option(USE, _("Use the ULN entered below"), _("If you have found the learner"))] if is_too_many else []
    decision = asked(_DECISION, label=_("Decision"), kind=Input.ONE, options=(*listed, *by_uln, *others))
    return form(decision, *([asked(ULN, hint=_("10 digits"))] if is_too_many else []))


def _entered_uln(text: str) -> tuple[str, list[Failure]]:
    value, reasons = judged(ULN, text)
    return str(value or ""), list(reasons)


def _choice(visit: Visit) -> dict[str, str]:
    choice = kept(visit, _CHOICE)
    return choice if choice.get("pending") == visit.names["pending"] else {}


def _line(pending: PendingMatch) -> Line:
    return Line(
        pending,
        exception_path(pending.pending_id),
        name_of(pending.details),
        CHANNELS.get(pending.channel, pending.channel),
        len(pending.candidates),
    )


VIEWS: Final = (
    show_exceptions,
    show_exception,
    submit_exception,
    show_exception_check,
    submit_exception_check,
)
