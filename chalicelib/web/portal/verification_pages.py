"""Verify Single Learner: do these details belong to the learner with this ULN? (VLD-01, VLD-02, AO18 4, App. C)

The details are kept in the session, and the page of the result compares them. To load it again compares them again, and
is another look. So a form that is sent twice compares once.
"""

from __future__ import annotations

from typing import Final

from chalicelib.domain.access import Capability, is_allowed
from chalicelib.domain.comparisons import of_verification
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.refusals import Refused
from chalicelib.formats.words.return_codes import FLAGS
from chalicelib.services.verify_learner import VerifiedLearner
from chalicelib.web.portal import statuses, table
from chalicelib.web.portal.comparing import rows_of
from chalicelib.web.portal.kept import keep, kept
from chalicelib.web.portal.known_learners import remember
from chalicelib.web.portal.learner_fields import VERIFY
from chalicelib.web.portal.learner_parts import learner_path
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import Page, SeeOther, Visit

_DETAILS: Final = "verification"
"""What the session keeps."""
_RESULT: Final = f"{table.VERIFY}/result"
_FORM: Final = "verification/verify.html.jinja"
_VERIFIED: Final = "verification/verified.html.jinja"


@view()
def show_verify(visit: Visit) -> Page:
    """The form; with ``change``, filled in with the details of the last verification."""
    entered = VERIFY.filled(kept(visit, _DETAILS)) if "change" in visit.query else {}
    return VERIFY.page(_FORM, entered)


@view()
def submit_verify(visit: Visit) -> SeeOther:
    """Go to the result of these details."""
    return SeeOther(path=_RESULT, session=keep(visit, _DETAILS, VERIFY.searched(visit.entered)))


@view()
def show_verified(visit: Visit) -> Page | SeeOther:
    """The result: return code, what it means, what to do, and the details returned or what did not match."""
    details = kept(visit, _DETAILS)
    if not details:
        return SeeOther(path=table.VERIFY)
    try:
        verified = visit.services.verify_learner.verify(visit.caller, details)
    except Refused as refused:
        return VERIFY.page(_FORM, VERIFY.filled(details), refused.failures)
    held = verified.returned
    if held is None or not is_allowed(visit.person.capabilities, Capability.LEARNERS_FIND):
        return Page(template=_VERIFIED, context=context_of(verified))
    session = remember(visit, SubmittedDetails(held.uln, held.given_name, held.family_name))
    return Page(template=_VERIFIED, context=context_of(verified, learner_path(held.uln)), session=session)


def context_of(verified: VerifiedLearner, learner: str = "") -> dict[str, object]:
    """What the page of a result shows; ``learner`` is the path of the learner's page for those who may see it."""
    return {
        "learner": learner,
        "code": verified.response_code,
        "words": verified.words,
        "status": statuses.shown(statuses.Verified(verified.words.status)),
        "flags": [FLAGS[flag] for flag in verified.failure_flags],
        "is_match": verified.returned is not None,
        "details": rows_of(of_verification(verified.searched, verified.returned, verified.explanation)),
    }


VIEWS: Final = (show_verify, submit_verify, show_verified)
