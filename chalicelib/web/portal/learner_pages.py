"""Find a learner by ULN and name or by details, and the learner's page (ULN-01, ULN-02).

What is searched for is kept in the session, and the page of the result searches. To load it again searches again, and
is another look; a form that is sent twice searches once.
"""

from __future__ import annotations

from typing import Final

from chalicelib.domain.access import Capability, is_allowed
from chalicelib.domain.comparisons import of_criteria
from chalicelib.domain.learner_rules import read_criteria
from chalicelib.domain.refusals import Refused
from chalicelib.domain.search import Criteria
from chalicelib.domain.working_time import london_day
from chalicelib.services.learner_search import FindOutcome
from chalicelib.web.portal import table
from chalicelib.web.portal.kept import keep, kept
from chalicelib.web.portal.known_learners import remember_found
from chalicelib.web.portal.learner_fields import FIND, SEARCH
from chalicelib.web.portal.learner_parts import actions_of, found_learner, learner_path, name_of, sections_of
from chalicelib.web.portal.opened_learners import opened
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import Page, Result, SeeOther, Visit

SEARCHED: Final = "learner search"
"""What the session keeps: the details by which learners were searched for."""
_BY_ULN: Final = "learner search by ULN"
_RESULTS: Final = f"{table.LEARNERS}/results"
_FIND: Final = "learners/find.html.jinja"
_SEARCH: Final = "learners/search.html.jinja"
_ONE: Final = frozenset({"WSRC0004", "WSRC0022"})


@view()
def show_find_by_uln(visit: Visit) -> Page:
    """The form: a ULN and the family name."""
    return FIND.page(_FIND, FIND.filled(kept(visit, _BY_ULN)) if "change" in visit.query else {}, is_wanted=False)


@view()
def submit_find_by_uln(visit: Visit) -> SeeOther:
    """Go to the learner with this ULN and name."""
    session = keep(visit, _BY_ULN, FIND.searched(visit.entered))
    return SeeOther(path=f"{_RESULTS}?by=uln", session=session)


@view()
def show_find_by_details(visit: Visit) -> Page:
    """The form: a learner's details; filled in with those of the last search with ``change``."""
    return SEARCH.page(_SEARCH, SEARCH.filled(kept(visit, SEARCHED)) if "change" in visit.query else {})


@view()
def submit_find_by_details(visit: Visit) -> SeeOther:
    """Go to the learners with these details."""
    return SeeOther(path=_RESULTS, session=keep(visit, SEARCHED, SEARCH.searched(visit.entered)))


@view()
def show_learners_found(visit: Visit) -> Result:
    """The learner, if there is exactly one; otherwise possible learners with what matches, or what to do now."""
    return _by_uln(visit) if visit.query.get("by") == "uln" else _by_details(visit)


@view()
def show_learner(visit: Visit) -> Page:
    """A learner's details, and what one can do from here."""
    found = opened(visit)
    learner = found.learner
    return Page(
        template="learners/learner.html.jinja",
        context={
            "learner": learner,
            "name": name_of(learner.details),
            "asked_for": found.incoming_uln,
            "sections": sections_of(learner.details._asdict()),
            "actions": actions_of(visit.person, learner.uln),
        },
        session=remember_found(visit, [learner]),
    )


def _by_uln(visit: Visit) -> Result:
    texts = kept(visit, _BY_ULN)
    if not texts:
        return SeeOther(path=table.LEARNERS)
    try:
        outcome = visit.services.learner_services.find_by_uln(visit.caller, texts)
    except Refused as refused:
        return FIND.page(_FIND, FIND.filled(texts), refused.failures, is_wanted=False)
    return _learner(visit, outcome) or _none(visit, _BY_ULN, outcome)


def _by_details(visit: Visit) -> Result:
    texts = kept(visit, SEARCHED)
    if not texts:
        return SeeOther(path=f"{table.LEARNERS}/by-details")
    try:
        outcome = visit.services.learner_services.find_by_demographics(visit.caller, texts)
    except Refused as refused:
        return SEARCH.page(_SEARCH, SEARCH.filled(texts), refused.failures)
    if not outcome.learners:
        return _none(visit, SEARCHED, outcome)
    criteria = read_criteria(texts, london_day(visit.now))
    assert isinstance(criteria, Criteria)
    return _learner(visit, outcome) or Page(
        template="learners/possible.html.jinja",
        context={
            "found": [found_learner(one, of_criteria(criteria, one.learner.details)) for one in outcome.learners],
            "may_register": _may_register(visit),
        },
        session=remember_found(visit, (one.learner for one in outcome.learners)),
    )


def _learner(visit: Visit, outcome: FindOutcome) -> SeeOther | None:
    """The way to the one learner with what was searched for."""
    if outcome.code not in _ONE or not outcome.learners:
        return None
    (found,) = outcome.learners
    session = remember_found(visit, [found.learner])
    return SeeOther(path=learner_path(found.learner.uln), session=session)


def _none(visit: Visit, search: str, outcome: FindOutcome) -> Page:
    template = "learners/many.html.jinja" if outcome.code == "WSRC0002" else "learners/none.html.jinja"
    context = {"is_by_uln": search == _BY_ULN, "may_register": _may_register(visit)}
    return Page(template=template, context=context)


def _may_register(visit: Visit) -> bool:
    return is_allowed(visit.person.capabilities, Capability.LEARNERS_REGISTER)


VIEWS: Final = (
    show_find_by_uln,
    submit_find_by_uln,
    show_find_by_details,
    submit_find_by_details,
    show_learners_found,
    show_learner,
)
