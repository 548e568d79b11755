"""Update a learner's details, and report a problem with a ULN (ULN-04, ULN-10).

The form of an update carries the version that it was opened with. If somebody has changed the learner since, both are
shown, and what was entered is kept in the session to go on with. An update that is sent twice finds the second time
that the learner has these details, and leads to the learner. A problem that is reported twice stays one challenge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from chalicelib.domain.challenges import CONTACT, NOTHING, PROBLEMS, TYPE, ChallengeKind, Report, value_failures
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.comparisons import Agreement, of_details
from chalicelib.domain.failures import Failure
from chalicelib.domain.learner_rules import changed_details
from chalicelib.domain.learners import LearnerDetails
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.refusals import Refused
from chalicelib.domain.values import judged
from chalicelib.domain.working_time import london_day
from chalicelib.formats.words.texts import Text
from chalicelib.web.http.bodies import whole_number
from chalicelib.web.portal.comparing import rows_of
from chalicelib.web.portal.forms import asked, form
from chalicelib.web.portal.kept import forget, keep, kept
from chalicelib.web.portal.known_learners import known, remember_found
from chalicelib.web.portal.learner_fields import UPDATE, sections_of, texts_of
from chalicelib.web.portal.learner_parts import learner_path, name_of
from chalicelib.web.portal.opened_learners import opened
from chalicelib.web.portal.parts import Input, Option
from chalicelib.web.portal.refusals import unreadable
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Page, Result, SeeOther, Visit

_CHANGES: Final = "update"
_REPORTED: Final = "ULN problem"
_STALE, _LINKED = "WSRC0013", "WSRC0022"
_UNCHANGED: Final = "WSRC0020"
_UNCHOSEN: Final = "ability_to_share"
"""A learner who opted out has none of the values that can be chosen: left alone, it stays as it is."""

PROBLEM: Final = form(
    asked(
        TYPE,
        label=_("What is the problem?"),
        kind=Input.ONE,
        options=tuple(
            Option(kind, Text(problem.problem))
            for kind, problem in PROBLEMS.items()
            if problem.kind is ChallengeKind.ULN
        ),
    ),
    asked(
        CONTACT[3],
        hint=_("Needed if the problem is another one. Do not enter other learners’ details"),
        is_optional=False,
    ),
    asked(CONTACT[0], hint=_("Whom the service desk can contact"), autocomplete="name", is_optional=False),
    asked(
        CONTACT[2],
        hint=_("Enter an email address or a telephone number"),
        autocomplete="email",
        is_optional=False,
    ),
    asked(CONTACT[1], label=_("Telephone number"), autocomplete="tel", is_optional=False),
)


# --- Update -----------------------------------------------------------------------------------------------------------


@view()
def show_edit(visit: Visit) -> Result:
    """The details as they are; with ``again``, with what was entered before somebody else changed the learner."""
    found = opened(visit)
    learner = found.learner
    if found.master_substituted:
        return SeeOther(path=learner_path(learner.uln, "/edit"), session=remember_found(visit, [learner]))
    held = texts_of(learner.details)
    changes = kept(visit, _CHANGES) if "again" in visit.query else {}
    texts = {**dict.fromkeys(held, ""), **changes} if changes.get("uln") == learner.uln else held
    page = _form(learner.uln, learner.version_number, texts)
    return replace(page, session=remember_found(visit, [learner]))


@view()
def submit_edit(visit: Visit) -> Result:
    """Update the learner, unless somebody else has done so since the form was opened."""
    uln, version = visit.names["uln"], whole_number(visit.text("revision"), -1, digits=9)
    if version < 0:
        raise unreadable()
    texts = UPDATE.texts(visit.entered)
    changes = {name: text for name, text in texts.items() if text or name != _UNCHOSEN}
    try:
        done = visit.services.learner_services.update(visit.caller, uln, changes, version)
    except Refused as refused:
        if refused.codes == _STALE:
            return _overtaken(visit, changes)
        if refused.codes == _LINKED:
            return SeeOther(path=learner_path(refused.about["master_uln"], "/edit"))
        return _form(uln, version, texts, refused.failures)
    said = _("Nothing was changed: these are the details held.") if done.code == _UNCHANGED else _UPDATED
    session = remember_found(visit, [done.learner], forget(visit, _CHANGES))
    return SeeOther(path=learner_path(uln), message=said, session=session)


_UPDATED: Final = _("The details were updated.")


def _form(uln: str, version: int, texts: Mapping[str, str], failures: Sequence[Failure] = ()) -> Page:
    page = UPDATE.page("learners/edit.html.jinja", UPDATE.filled(texts), failures)
    own = {"sections": sections_of(page.context["fields"]), "uln": uln, "revision": version, "back": learner_path(uln)}
    return replace(page, context={**page.context, **own})


def _overtaken(visit: Visit, changes: Mapping[str, str]) -> Result:
    """Both versions, unless they are the same."""
    learner = opened(visit).learner
    wanted = changed_details(learner.details, changes, london_day(visit.now))
    assert isinstance(wanted, LearnerDetails)
    different = [one for one in of_details(wanted, learner.details) if one.agreement is not Agreement.SAME]
    if not different:
        return SeeOther(path=learner_path(learner.uln), message=_UPDATED, session=forget(visit, _CHANGES))
    context = {
        "name": name_of(learner.details),
        "rows": rows_of(different),
        "learner": learner,
        "path": learner_path(learner.uln),
    }
    keep(visit, _CHANGES, {"uln": learner.uln, **changes})
    return Page(template="learners/conflict.html.jinja", context=context, status=409)


# --- ULN problem ------------------------------------------------------------------------------------------------------


@view()
def show_report_problem(visit: Visit) -> Page:
    """The three kinds of problem, and whom to contact."""
    found = opened(visit)
    contact = {"contact_name": visit.person.name, "email_address": visit.person.email}
    page = _problem(visit, contact)
    return replace(page, session=remember_found(visit, [found.learner]))


@view()
def submit_report_problem(visit: Visit) -> Result:
    """Raise the challenge."""
    uln, texts = visit.names["uln"], PROBLEM.texts(visit.entered)
    contact = {name: text for name, text in texts.items() if name != TYPE.name}
    kind, reasons = judged(TYPE, texts[TYPE.name])
    if reasons:
        return _problem(visit, texts, [*reasons, *value_failures(contact, NOTHING)])
    details = known(visit, uln) or _details_of(visit)
    try:
        report = Report(
            ChallengeType(str(kind)),
            contact_name=contact["contact_name"],
            telephone=contact["telephone"],
            email_address=contact["email_address"],
            additional_information=contact["additional_information"],
        )
        raised = visit.services.challenges.raise_challenge(visit.caller, details, report)
    except Refused as refused:
        return _problem(visit, texts, refused.failures)
    done = {"uln": uln, "reference": raised.mark.reference, "is_new": "yes" if raised.is_new else ""}
    return SeeOther(path=learner_path(uln, "/report-problem/done"), session=keep(visit, _REPORTED, done))


@view()
def show_problem_reported(visit: Visit) -> Result:
    """The reference, and what happens next."""
    done, uln = kept(visit, _REPORTED), visit.names["uln"]
    if done.get("uln") != uln:
        return SeeOther(path=learner_path(uln, "/report-problem"))
    context = {"reference": done["reference"], "is_new": "is_new" in done, "learner": learner_path(uln)}
    return Page(template="learners/problem-reported.html.jinja", context=context)


def _details_of(visit: Visit) -> SubmittedDetails:
    details = opened(visit).learner.details
    return SubmittedDetails(visit.names["uln"], details.given_name, details.family_name)


def _problem(visit: Visit, texts: Mapping[str, str], failures: Sequence[Failure] = ()) -> Page:
    uln = visit.names["uln"]
    own = {"uln": uln, "back": learner_path(uln)}
    return PROBLEM.page("learners/report-problem.html.jinja", PROBLEM.filled(texts), failures, **own)


VIEWS: Final = (show_edit, submit_edit, show_report_problem, submit_report_problem, show_problem_reported)
