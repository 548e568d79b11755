"""Verification of learners' details: do they match the learner with this ULN? (VLD-01, VLD-02)

Return codes, statuses and actions are those of AO18 Appendix C. The details are sent in the body; no address contains a
learner's details.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.learner_fields import SUBMITTED
from chalicelib.domain.looks import LookAction
from chalicelib.web.http import problems
from chalicelib.web.http.requests import RecordRequest
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.learner_documents import VerifiedLearnerDocument, verified_document
from chalicelib.web.rest.table import route


@dataclass(frozen=True)
class LearnerToVerify(RecordRequest, record=SUBMITTED):
    """A learner's details, as you hold them. A date of birth or gender that differs never matches."""


@route(
    LearnerToVerify,
    answers={200: VerifiedLearnerDocument},
    refusals=(problems.REFUSED,),
    look=LookAction.LEARNER_VERIFIED,
)
def verify_learner(call: Call, request: LearnerToVerify) -> Reply:
    """Verify a learner's details.

    Compares the ULN, the names and any other details you give with those held. `VRC001` and `VRC002`: they match.
    `VRC003` and `VRC004`: they probably match. `VRC005`: they do not match. `VRC006`: nobody has this ULN. With the
    first four, the details held are returned; if the learner has more than one ULN, the master's.
    """
    verified = call.services.verify_learner.verify(call.caller, request.texts)
    return Reply(verified_document(verified))


ROUTES = (verify_learner,)
