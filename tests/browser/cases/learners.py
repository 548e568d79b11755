"""Single learners: find, register, update, report a problem, decide on possible matches, link."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from chalicelib.domain.comparisons import of_criteria, of_details
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learners import LINKED
from chalicelib.domain.pending_matches import PendingMatch, PendingReason, PendingState
from chalicelib.services.disclosure import Disclosed
from chalicelib.services.pending_matches import PendingView
from chalicelib.services.registration import criteria_of
from chalicelib.web.portal import learner_fields, statuses
from chalicelib.web.portal.comparing import rows_of
from chalicelib.web.portal.exception_pages import Line, choices_of
from chalicelib.web.portal.forms import Form
from chalicelib.web.portal.learner_change_pages import PROBLEM
from chalicelib.web.portal.learner_parts import found_learner, name_of, sections_of
from chalicelib.web.portal.link_pages import OTHER, masters_of
from chalicelib.web.portal.parts import Link
from chalicelib.web.portal.rendering import Flash
from tests.browser.cases.case import HOSTILE, IN, LONG, NOW, Case
from tests.builders.learners import details, learner

_FULL: Final = details(
    title="Ms",
    middle_other_name="Grace",
    previous_family_name="Thornbury",
    place_of_birth="Coventry",
    nationality="GBR",
    last_known_address_line_1="1 Mill Lane",
    email_address=f"{'bronwen.' * 6}x@example.org",
    school_at_age_16="Ashcombe School",
    unique_pupil_number="A123456789012",
)._replace(notes=f"{HOSTILE}\n{LONG}")
_HELD: Final = learner(1)._replace(
    details=_FULL, last_updated_date=NOW, linked_ulns=(learner(2).uln,), version_number=3
)
_GIVEN: Final = details(given_name="Bronwyn", family_name="Ashcomb", place_of_birth="Cardiff")
_HERE: Final = replace(IN, path="/learners")
_LINKS: Final = [
    Link("View the Personal Learning Record", f"/learners/{_HELD.uln}/record"),
    Link("Update the details", f"/learners/{_HELD.uln}/edit"),
    Link("Report a ULN problem", f"/learners/{_HELD.uln}/report-problem"),
]
_BACK: Final = f"/learners/{_HELD.uln}"
_WRONG: Final = (failure("ACF001", "GivenName"), failure("ACF003", "FamilyName"), failure("ACF004", "DateOfBirth"))


def _case(name: str, template: str, context: Any = (), status: int = 200, **changes: Any) -> Case:
    return Case(f"learners-{name}", template, dict(context), replace(_HERE, **changes), status)


def _form(
    name: str, template: str, form: Form, entered: Any = (), failures: tuple[Failure, ...] = (), **context: Any
) -> Case:
    page = form.page(template, dict(entered), failures, **context)
    sections = {"sections": learner_fields.sections_of(page.context["fields"])}
    return _case(name, template, {**page.context, **sections}, page.status)


_ENTERED: Final = {"uln": ["12"], "given_name": [""], "family_name": [HOSTILE], "date_of_birth-day": ["31"]}
_FIND, _SEARCH = "learners/find.html.jinja", "learners/search.html.jinja"
_NEW, _EDIT, _PROBLEM = "registration/new.html.jinja", "learners/edit.html.jinja", "learners/report-problem.html.jinja"
_POSSIBLE: Final = found_learner(Disclosed(_HELD, _HELD.uln), of_criteria(criteria_of(_GIVEN), _FULL))
_MASTER: Final = found_learner(Disclosed(learner(5), learner(2).uln), of_criteria(criteria_of(_GIVEN), _FULL))
_LEARNER: Final = {
    "learner": _HELD,
    "name": name_of(_FULL),
    "asked_for": _HELD.uln,
    "sections": sections_of(_FULL._asdict()),
    "actions": _LINKS,
}
_FINDING: Final = (
    _form("find", _FIND, learner_fields.FIND, is_wanted=False),
    _form("find-wrong", _FIND, learner_fields.FIND, _ENTERED, (failure("ACF003", "ULN"), _WRONG[1]), is_wanted=False),
    replace(
        _form("find-wanted", _FIND, learner_fields.FIND, {"uln": [_HELD.uln]}, is_wanted=True),
        status=404,
    ),
    _form("search", _SEARCH, learner_fields.SEARCH),
    _form("search-wrong", _SEARCH, learner_fields.SEARCH, _ENTERED, _WRONG),
    _case("none", "learners/none.html.jinja", {"is_by_uln": False, "may_register": True}),
    _case("none-may-not-register", "learners/none.html.jinja", {"is_by_uln": False, "may_register": False}),
    _case("none-by-uln", "learners/none.html.jinja", {"is_by_uln": True, "may_register": True}),
    _case("many", "learners/many.html.jinja", {"may_register": True}),
    _case("possible", "learners/possible.html.jinja", {"found": [_POSSIBLE, _MASTER], "may_register": True}),
    _case("learner", "learners/learner.html.jinja", _LEARNER, path=_BACK),
    _case("learner-linked", "learners/learner.html.jinja", {**_LEARNER, "asked_for": learner(2).uln, "actions": ()}),
    _case("learner-updated", "learners/learner.html.jinja", _LEARNER, flash=(Flash("The details were updated."),)),
)
_REGISTERING: Final = (
    _form("new", _NEW, learner_fields.REGISTER, back="/learners/by-details?change=1"),
    _form("new-wrong", _NEW, learner_fields.REGISTER, _ENTERED, _WRONG, back="/learners/by-details?change=1"),
    _case(
        "check",
        "registration/check.html.jinja",
        {
            "sections": sections_of({**_FULL._asdict(), "mis_identifier": HOSTILE}, "/learners/new"),
            "back": "/learners/new",
        },
    ),
    _case("hidden", "registration/hidden.html.jinja", status=409),
    *(
        _case(f"done-{code}", "registration/done.html.jinja", {"uln": _HELD.uln, "code": code, "learner": _BACK})
        for code in ("WSRC0005", "WSRC0004", "WSRC0022")
    ),
)
_CONFLICT: Final = {
    "name": name_of(_FULL),
    "learner": _HELD,
    "rows": rows_of(of_details(_GIVEN, _FULL)),
    "path": _BACK,
}
_CHANGING: Final = (
    _form(
        "edit",
        _EDIT,
        learner_fields.UPDATE,
        learner_fields.UPDATE.filled(learner_fields.texts_of(_FULL)),
        uln=_HELD.uln,
        revision=3,
        back=_BACK,
    ),
    _form("edit-wrong", _EDIT, learner_fields.UPDATE, _ENTERED, _WRONG, uln=_HELD.uln, revision=3, back=_BACK),
    _case("conflict", "learners/conflict.html.jinja", _CONFLICT, 409),
    _form("problem", _PROBLEM, PROBLEM, uln=_HELD.uln, back=_BACK),
    _form("problem-wrong", _PROBLEM, PROBLEM, {}, (failure("LRS-DC-4", "contactName"),), uln=_HELD.uln, back=_BACK),
    *(
        _case(
            f"problem-reported{state}",
            "learners/problem-reported.html.jinja",
            {"reference": "DC-IcG9zdGFsIGNvZGU", "is_new": not state, "learner": _BACK},
        )
        for state in ("", "-again")
    ),
)

# --- Exceptions -------------------------------------------------------------------------------------------------------

_PENDING: Final = PendingMatch(
    "PJ7Qm2xVbT0yKcPz4",
    "10000001",
    "student-records",
    "batch",
    NOW,
    PendingReason.POSSIBLE_MATCHES,
    _GIVEN._replace(notes=HOSTILE),
    (_HELD.uln,),
    mis_identifier=HOSTILE,
    job_id="ULN-2026-000123",
)
_MANY: Final = _PENDING._replace(reason=PendingReason.TOO_MANY_MATCHES, candidates=(), job_id="", channel="portal")
_LINES: Final = [
    Line(one, f"/exceptions/{one.pending_id}", name_of(one.details), channel, len(one.candidates))
    for one, channel in ((_PENDING, "File"), (_MANY, "Portal"))
]
_LIST: Final = {"lines": _LINES, "job": "", "following": "/exceptions?cursor=x", "first": "/exceptions"}


def _exception(
    name: str,
    pending: PendingMatch,
    learners: tuple[Disclosed, ...] = (),
    failures: tuple[Failure, ...] = (),
    *,
    has_new: bool = False,
) -> Case:
    page = choices_of(PendingView(pending, learners)).page("exceptions/exception.html.jinja", {}, failures)
    found = [found_learner(one, of_details(pending.details, one.learner.details)) for one in learners]
    is_too_many = pending.reason is PendingReason.TOO_MANY_MATCHES
    own = {"found": found, "has_new": has_new, "is_too_many": is_too_many}
    context = {**page.context, **_of(pending), **own}
    return _case(name, page.template, context, 409 if has_new else page.status, path="/exceptions/x")


def _of(pending: PendingMatch) -> dict[str, Any]:
    return {
        "name": name_of(pending.details),
        "pending": pending,
        "status": statuses.shown(pending.state),
        "channel": "File",
        "sections": sections_of(pending.details._asdict()),
        "back": "/exceptions",
    }


def _decided(state: PendingState) -> Case:
    uln = "" if state is PendingState.DROPPED else _HELD.uln
    pending = _PENDING._replace(state=state, uln=uln, decided_at=NOW, decided_by=LONG)
    learner_page = _BACK if uln else ""
    return _case(f"decided-{state}", "exceptions/decided.html.jinja", {**_of(pending), "learner": learner_page})


_FOUND: Final = (Disclosed(_HELD, _HELD.uln), Disclosed(learner(2, given_name="Brona"), learner(2).uln))
_EXCEPTIONS: Final = (
    _case("exceptions", "exceptions/list.html.jinja", _LIST),
    _case("exceptions-of-a-file", "exceptions/list.html.jinja", {**_LIST, "job": HOSTILE, "following": ""}),
    _case("exceptions-none", "exceptions/list.html.jinja", {**_LIST, "lines": [], "following": "", "first": ""}),
    _exception("exception", _PENDING, _FOUND),
    _exception("exception-wrong", _PENDING, _FOUND[:1], (failure("ACF001", "Decision"),)),
    _exception("exception-new", _PENDING, _FOUND, has_new=True),
    _exception("exception-many", _MANY),
    _exception("exception-hidden", _PENDING),
    *(
        _case(
            f"exception-check-{decision}",
            "exceptions/check.html.jinja",
            {
                "name": name_of(_GIVEN),
                "decision": decision,
                "uln": _HELD.uln,
                "job": "J1",
                "path": "/exceptions/x",
                "back": "/exceptions/x",
            },
        )
        for decision in ("use", "register", "drop")
    ),
    *map(_decided, (PendingState.USED, PendingState.REGISTERED, PendingState.DROPPED)),
)

# --- Links ------------------------------------------------------------------------------------------------------------

_ALIKE: Final = learner(2, given_name="Bronwyn", place_of_birth="Cardiff")
_LINKED: Final = _ALIKE._replace(status=LINKED, master_uln=_HELD.uln)
_BOTH: Final = {
    "one": _HELD,
    "other": _ALIKE,
    "rows": rows_of(of_details(_FULL, _ALIKE.details)),
    "revisions": {_HELD.uln: 3, _ALIKE.uln: 1},
    "is_stale": False,
    "back": f"{_BACK}/link",
}


def _link(name: str, held: Any, failures: tuple[Failure, ...] = ()) -> Case:
    context = {"learner": held, "name": name_of(held.details), "is_linked": held.status == LINKED, "back": _BACK}
    page = OTHER.page("links/link.html.jinja", {"uln": ["12"]} if failures else {}, failures, **context)
    return _case(name, page.template, page.context, page.status, path=f"{_BACK}/link")


def _linking(name: str, failures: tuple[Failure, ...] = (), *, is_stale: bool = False) -> Case:
    context = {**_BOTH, "is_stale": is_stale}
    page = masters_of((_HELD, _ALIKE)).page("links/check.html.jinja", {}, failures, **context)
    return _case(name, page.template, page.context, 409 if is_stale else page.status, path=f"{_BACK}/link/check")


_LINKING: Final = (
    _link("link", _HELD),
    _link("link-wrong", _ALIKE, (failure("ACF003", "ULN"),)),
    _link("link-linked", _LINKED),
    _linking("link-check"),
    _linking("link-check-wrong", (failure("ACF001", "Master"),)),
    _linking("link-check-stale", is_stale=True),
    _case("unlink", "links/unlink.html.jinja", {**_BOTH, "linked": _LINKED}),
    _case("unlink-stale", "links/unlink.html.jinja", {**_BOTH, "linked": _LINKED, "is_stale": True}, 409),
)

CASES: Final = (*_FINDING, *_REGISTERING, *_CHANGING, *_EXCEPTIONS, *_LINKING)
