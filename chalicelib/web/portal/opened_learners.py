"""The learner whom a page is about: found with the names that the person knows, or known to the organisation (ULN-01).

Every page reads the learner anew, which is a look.
"""

from __future__ import annotations

from chalicelib.domain.refusals import Refused
from chalicelib.services.disclosure import Disclosed
from chalicelib.services.learner_search import valid_uln
from chalicelib.web.portal.known_learners import known
from chalicelib.web.portal.learner_fields import FIND
from chalicelib.web.portal.refusals import NotShown
from chalicelib.web.portal.visits import Page, Visit


def opened(visit: Visit) -> Disclosed:
    """The learner with the ULN in the path, or the master if linked. Raises NotShown with the form to find them.

    That page is the same for a ULN that nobody has.
    """
    uln = visit.names["uln"]
    details = known(visit, uln)
    if details is not None:
        texts = {"uln": uln, "given_name": details.given_name, "family_name": details.family_name}
        outcome = visit.services.learner_services.find_by_uln(visit.caller, texts)
        if outcome.learners:
            return outcome.learners[0]
    try:
        return visit.services.learner_retrieval.retrieve(visit.caller, valid_uln(uln))
    except Refused:
        raise NotShown(ask_for_names(uln)) from None


def ask_for_names(uln: str) -> Page:
    """The form to find a learner whose ULN is known."""
    page = FIND.page("learners/find.html.jinja", {"uln": [uln]}, is_wanted=True)
    return Page(template=page.template, context=page.context, status=404)
