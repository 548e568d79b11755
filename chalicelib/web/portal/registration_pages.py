"""Register a single learner: search first, enter the details, check them, register (ULN-03).

The details are kept in the session until the learner is registered. A form that is sent twice finds nothing to register
the second time, and leads to the same result; sent twice at the same moment, both get the one ULN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from chalicelib.domain.fields import MIS_IDENTIFIER
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.refusals import Refused
from chalicelib.web.portal import table
from chalicelib.web.portal.kept import forget, keep, kept
from chalicelib.web.portal.known_learners import remember
from chalicelib.web.portal.learner_fields import REGISTER, sections_of
from chalicelib.web.portal.learner_pages import SEARCHED
from chalicelib.web.portal.learner_parts import exception_path, learner_path
from chalicelib.web.portal.learner_parts import sections_of as rows_of
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import Page, Result, SeeOther, Visit

_DETAILS: Final = "registration"
_DONE: Final = "registered"
_HIDDEN: Final = "WSRC0021"
_SEARCH: Final = f"{table.LEARNERS}/by-details"
_CHECK: Final = f"{table.NEW_LEARNER}/check"
_RESULT: Final = f"{table.NEW_LEARNER}/done"


@view()
def show_new_learner(visit: Visit) -> Result:
    """The form, with the details of the search before; without one, the way to it."""
    texts = kept(visit, _DETAILS) or kept(visit, SEARCHED)
    return _form(texts) if texts else SeeOther(path=_SEARCH)


@view()
def submit_new_learner(visit: Visit) -> Result:
    """Keep the details, to be checked."""
    texts = REGISTER.texts(visit.entered)
    try:
        visit.services.learner_services.read(texts)
    except Refused as refused:
        return _form(texts, refused)
    return SeeOther(path=_CHECK, session=keep(visit, _DETAILS, texts))


@view()
def show_new_learner_check(visit: Visit) -> Result:
    """The details, before the learner is registered with them."""
    texts = kept(visit, _DETAILS)
    if not texts:
        return SeeOther(path=table.NEW_LEARNER)
    try:
        read = visit.services.learner_services.read(texts)
    except Refused as refused:  # what may be registered has changed since
        return _form(texts, refused)
    values = {**read.details._asdict(), MIS_IDENTIFIER.name: read.mis_identifier}
    context = {"sections": rows_of(values, table.NEW_LEARNER), "back": table.NEW_LEARNER}
    return Page(template="registration/check.html.jinja", context=context)


@view()
def submit_new_learner_check(visit: Visit) -> Result:
    """Register the learner, and go to the result."""
    texts = kept(visit, _DETAILS)
    if not texts:
        return SeeOther(path=_RESULT)
    try:
        registered = visit.services.learner_services.register(visit.caller, texts)
    except Refused as refused:
        if refused.codes == _HIDDEN:
            return Page(template="registration/hidden.html.jinja", status=409)
        return _form(texts, refused)
    session = forget(visit, _DETAILS, forget(visit, SEARCHED))
    if registered.pending_id:
        session = keep(visit, _DONE, {"pending": registered.pending_id}, session)
        return SeeOther(path=exception_path(registered.pending_id), session=session)
    named = SubmittedDetails(registered.uln, texts["given_name"], texts["family_name"])
    session = keep(visit, _DONE, {"uln": registered.uln, "code": registered.code}, session)
    return SeeOther(path=_RESULT, session=remember(visit, named, session=session))


@view()
def show_registered(visit: Visit) -> Result:
    """The ULN, or the way to the decision that is needed first."""
    done = kept(visit, _DONE)
    if not done:
        return SeeOther(path=table.NEW_LEARNER)
    if "pending" in done:
        return SeeOther(path=exception_path(done["pending"]))
    return Page(template="registration/done.html.jinja", context={**done, "learner": learner_path(done["uln"])})


def _form(texts: Mapping[str, str], refused: Refused | None = None) -> Page:
    page = REGISTER.page("registration/new.html.jinja", REGISTER.filled(texts), refused.failures if refused else ())
    sections = sections_of(page.context["fields"])
    return replace(page, context={**page.context, "sections": sections, "back": f"{_SEARCH}?change=1"})


VIEWS: Final = (
    show_new_learner,
    submit_new_learner,
    show_new_learner_check,
    submit_new_learner_check,
    show_registered,
)
