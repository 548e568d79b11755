"""Verification of learners' details: do they match the learner with this ULN? (VLD-01, VLD-02)

Return codes, statuses and actions are those of AO18 Appendix C. The details are sent in the body; no address contains a
learner's details.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from chalicelib.domain.codes import GENDER
from chalicelib.web.http import problems
from chalicelib.web.http.requests import Choice, Date, Nullable, Postcode, Text
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.learner_documents import VerifiedLearnerDocument, verified_document
from chalicelib.web.rest.table import route


@dataclass(frozen=True, kw_only=True)
class LearnerToVerify:
    """A learner's details, as you hold them."""

    uln: Annotated[str, Text(maximum=10, pattern="[1-9][0-9]{9}", expected="ten digits", example="1000000043")]
    family_name: Annotated[str, Text(maximum=35, minimum=1, example="Okafor")]
    given_name: Annotated[str, Text(maximum=35, minimum=1, example="Amelia")]
    date_of_birth: Annotated[date | None, Nullable(Date())] = None
    """Makes the verification surer; likewise the next two. One that differs never matches."""
    gender: Annotated[str | None, Nullable(Choice(GENDER.values))] = None
    """`0` not known, `1` male, `2` female, `9` not specified. One that differs never matches."""
    last_known_post_code: Annotated[str | None, Nullable(Postcode())] = None
    """One that differs makes the match a possible one."""


@route(
    LearnerToVerify,
    answers={200: VerifiedLearnerDocument},
    refusals=(problems.REFUSED,),
    example={"dateOfBirth": "2001-03-14", "gender": "2"},
)
def verify_learner(call: Call, request: LearnerToVerify) -> Reply:
    """Verify a learner's details.

    Compares the ULN, the names and any other details you give with those held. `VRC001` and `VRC002`: they match.
    `VRC003` and `VRC004`: they probably match. `VRC005`: they do not match. `VRC006`: nobody has this ULN. With the
    first four, the details held are returned; if the learner has more than one ULN, the master's.
    """
    born = request.date_of_birth
    values = {
        "uln": request.uln,
        "given_name": request.given_name,
        "family_name": request.family_name,
        "date_of_birth": born.isoformat() if born else "",
        "gender": request.gender or "",
        "last_known_post_code": request.last_known_post_code or "",
    }
    verified = call.services.verify_learner.verify(call.caller, values)
    return Reply(verified_document(verified))


ROUTES = (verify_learner,)
