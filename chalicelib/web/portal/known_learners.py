"""The learners whose details a person has given or found: kept in the session, so that no address has them (SEC-02).

The use cases compare the details with the register at each look.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chalicelib.domain.learner_rules import read_submitted
from chalicelib.domain.learners import Learner
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.portal_sessions import Session
from chalicelib.web.portal.kept import keep, kept
from chalicelib.web.portal.visits import Visit

MOST: Final = 20
"""Of more learners, those of the oldest look are forgotten."""
_NAME: Final = "known learners"


def remember(visit: Visit, *details: SubmittedDetails, session: Session | None = None) -> Session:
    """Keep the names of learners, by their ULNs; returns the session that goes on.

    ``session`` is that session where the view has changed it already.
    """
    new = {one.uln: f"{one.given_name}\n{one.family_name}" for one in details}
    before = kept(visit, _NAME)
    if new.items() <= before.items():
        return session or visit.person
    others = [(uln, names) for uln, names in before.items() if uln not in new]
    return keep(visit, _NAME, dict([*others, *new.items()][-MOST:]), session)


def remember_found(visit: Visit, learners: Iterable[Learner], session: Session | None = None) -> Session:
    """The same for learners of the register."""
    named = (SubmittedDetails(one.uln, one.details.given_name, one.details.family_name) for one in learners)
    return remember(visit, *named, session=session)


def known(visit: Visit, uln: str) -> SubmittedDetails | None:
    """The details that the person has given for this ULN; None if there are none any more."""
    names = kept(visit, _NAME).get(uln)
    if names is None:
        return None
    given_name, _, family_name = names.partition("\n")
    details = read_submitted({"uln": uln, "given_name": given_name, "family_name": family_name})
    return details if isinstance(details, SubmittedDetails) else None
