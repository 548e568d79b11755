"""The learners whose details a person has given: kept in the session, so that no address has them (SEC-02).

The use cases compare the details with the register at each look.
"""

from __future__ import annotations

import json

from chalicelib.domain.learner_rules import read_submitted
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.web.portal.visits import Visit

_SEARCH = "learner "


def remember(visit: Visit, details: SubmittedDetails) -> None:
    """Keep the names of a learner, by the ULN."""
    names = {"given_name": details.given_name, "family_name": details.family_name}
    visit.services.portal_sessions.remember(visit.person, f"{_SEARCH}{details.uln}", json.dumps(names))


def known(visit: Visit, uln: str) -> SubmittedDetails | None:
    """The details that the person has given for this ULN; None if there are none any more."""
    kept = visit.person.kept.criteria.get(f"{_SEARCH}{uln}")
    if kept is None:
        return None
    details = read_submitted({"uln": uln, **json.loads(kept)})
    return details if isinstance(details, SubmittedDetails) else None
