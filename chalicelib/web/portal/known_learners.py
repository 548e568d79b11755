"""The learners whose details a person has given: kept in the session, so that no address has them (SEC-02).

The use cases compare the details with the register at each look.
"""

from __future__ import annotations

import json

from chalicelib.domain.learner_rules import read_submitted
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.portal_sessions import Session
from chalicelib.web.portal.visits import Visit

_SEARCH = "learner "


def remember(visit: Visit, details: SubmittedDetails, session: Session | None = None) -> Session:
    """Keep the names of a learner, by the ULN; returns the session that goes on.

    ``session`` is that session where the view has changed it already.
    """
    names = {"given_name": details.given_name, "family_name": details.family_name}
    return visit.services.portal_sessions.remember(
        session or visit.person, f"{_SEARCH}{details.uln}", json.dumps(names)
    )


def known(visit: Visit, uln: str) -> SubmittedDetails | None:
    """The details that the person has given for this ULN; None if there are none any more."""
    kept = visit.person.kept.criteria.get(f"{_SEARCH}{uln}")
    if kept is None:
        return None
    details = read_submitted({"uln": uln, **json.loads(kept)})
    return details if isinstance(details, SubmittedDetails) else None
