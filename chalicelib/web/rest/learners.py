"""Registered learners: find, get, register, update and link them (ULN-01 to ULN-04, ULN-09).

Details are disclosed only to callers who already know the learner: by ULN if the family name matches, or by details
that match. An address alone gives access only to learners that the organisation registered or last updated, or has a
link to. Details are sent in bodies, which are never logged.
"""

from __future__ import annotations

from chalicelib.domain.fields import ULN
from chalicelib.domain.learner_fields import DETAILS
from chalicelib.domain.looks import LookAction
from chalicelib.domain.throttles import PaceClass
from chalicelib.domain.uln import Uln
from chalicelib.services.learner_search import FindOutcome
from chalicelib.services.learners import UpdateOutcome
from chalicelib.services.registration import Registered
from chalicelib.web.http import problems
from chalicelib.web.http.guard import require_pace
from chalicelib.web.http.headers import IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH
from chalicelib.web.http.preconditions import etag, named_revision
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.learner_documents import (
    FoundDocument,
    LearnerDocument,
    LinkDocument,
    RegisteredDocument,
    RetrievedUlnsDocument,
    UpdatedDocument,
    learner_document,
    learner_path,
    link_document,
    pending_links,
    retrieved_document,
)
from chalicelib.web.rest.learner_requests import (
    FindByDemographics,
    FindByUln,
    LearnerToGet,
    LearnerUpdate,
    LinkRequest,
    NewLearner,
    OneLearner,
    UlnsToRetrieve,
)
from chalicelib.web.rest.table import route

_REQUIRED_MATCH = IF_MATCH._replace(required=True)


@route(
    FindByUln,
    answers={200: FoundDocument},
    refusals=(problems.REFUSED,),
    gives=("ETag",),
    look=LookAction.LEARNER_FOUND_BY_ULN,
)
def find_by_uln(call: Call, request: FindByUln) -> Reply:
    """Find a learner by ULN.

    The family name must match before we return anything. A previous family name is accepted. The response is the same
    whether nobody has the ULN or the name does not match. For a linked learner, the master is returned.
    """
    outcome = call.services.learner_services.find_by_uln(call.caller, request.texts)
    return _found(outcome)


@route(
    FindByDemographics,
    answers={200: FoundDocument},
    refusals=(problems.REFUSED,),
    gives=("ETag",),
    look=LookAction.LEARNER_FOUND_BY_DETAILS,
)
def find_by_demographics(call: Call, request: FindByDemographics) -> Reply:
    """Find learners by their details.

    Returns one exact match, or up to ten possible matches. If there are more, none are listed. Short forms, previous
    names and similar spellings of names are taken into account.
    """
    outcome = call.services.learner_services.find_by_demographics(call.caller, request.texts)
    return _found(outcome)


@route(
    UlnsToRetrieve,
    answers={200: RetrievedUlnsDocument},
    look=LookAction.ULNS_RETRIEVED,
)
def retrieve_ulns(call: Call, request: UlnsToRetrieve) -> Reply:
    """Check up to 200 ULNs.

    Returns whether each is in use, and the master of a linked one. No details of learners are returned. A call counts
    towards the limit for files.
    """
    require_pace(call.services, call.caller.credential_id, PaceClass.BATCHES)
    return Reply(retrieved_document(call.services.learner_retrieval.retrieve_ulns(call.caller, request.ulns)))


@route(
    NewLearner,
    answers={200: RegisteredDocument, 201: RegisteredDocument, 202: RegisteredDocument},
    refusals=(problems.REFUSED, problems.NOT_NOW),
    takes=(IDEMPOTENCY_KEY,),
    gives=("Location", "ETag"),
    look=LookAction.LEARNER_REGISTERED,
)
def register_learner(call: Call, request: NewLearner) -> Reply:
    """Register a learner.

    We search the register first. 201: the learner is registered with a new ULN. 200: the learner is already registered
    with this ULN. 202: similar learners are registered, so nobody is registered until you decide on the pending match.
    If the same registration is sent twice, even at the same time, only one ULN is allocated.
    """
    outcome = call.services.learner_services.register(call.caller, request.texts)
    return _registered(call, outcome)


@route(
    LearnerToGet,
    answers={200: LearnerDocument, 304: None},
    takes=(IF_NONE_MATCH,),
    gives=("ETag",),
    look=LookAction.LEARNER_RETRIEVED,
)
def get_learner(call: Call, request: LearnerToGet) -> Reply:
    """Get a learner your organisation knows.

    Returns a learner that your organisation registered or last updated. For any other learner, follow the link in the
    response to your registration or your decision on a pending match, or find the learner by ULN and family name. For a
    linked learner, the master is returned. The `ETag` is the version for an update.
    """
    found = call.services.learner_retrieval.retrieve(call.caller, Uln(request.uln), request.access)
    return Reply(learner_document(found), headers=etag(found.learner.version_number))


@route(
    LearnerUpdate,
    answers={200: UpdatedDocument},
    refusals=(problems.REFUSED, problems.NOT_NOW),
    takes=(_REQUIRED_MATCH,),
    gives=("ETag",),
    look=LookAction.LEARNER_UPDATED,
)
def update_learner(call: Call, request: LearnerUpdate) -> Reply:
    """Update a learner.

    Send the `ETag` of the learner you found in `If-Match`: the `versionNumber`, in quotation marks. If the learner has
    been changed since, your update is rejected (412, `WSRC0013`). If the names are not the learner's, the response is
    the same as if nobody had the ULN. If learners are linked, only the master can be updated.
    """
    version = named_revision(call.headers.get("if-match"))
    uln, details = request.texts[ULN.name], request.of(DETAILS)
    outcome = call.services.learner_services.update(call.caller, uln, details, version)
    return _updated(outcome)


@route(
    LinkRequest,
    answers={200: LinkDocument},
    refusals=(problems.REFUSED,),
    gives=("ETag",),
    look=LookAction.LEARNER_LINKED,
)
def link_learner(call: Call, request: LinkRequest) -> Reply:
    """Link two ULNs of one person.

    From then on the master is returned for both. Only for the service desk.
    """
    master = call.services.learner_links.link(call.caller, request.uln, request.master_uln)
    return Reply(link_document(master), headers=etag(master.version_number))


@route(
    OneLearner,
    answers={200: LinkDocument},
    refusals=(problems.REFUSED,),
    gives=("ETag",),
    look=LookAction.LEARNER_UNLINKED,
)
def unlink_learner(call: Call, request: OneLearner) -> Reply:
    """Unlink a ULN from its master.

    Only for the service desk.
    """
    learner = call.services.learner_links.unlink(call.caller, request.uln)
    return Reply(link_document(learner), headers=etag(learner.version_number))


ROUTES = (
    find_by_uln,
    find_by_demographics,
    retrieve_ulns,
    register_learner,
    get_learner,
    update_learner,
    link_learner,
    unlink_learner,
)


def _found(outcome: FindOutcome) -> Reply:
    """The version of one learner is its ETag, for an update."""
    found = tuple(map(learner_document, outcome.learners))
    versions = [one.learner.version_number for one in outcome.learners]
    return Reply(FoundDocument(outcome.code, found), headers=etag(versions[0]) if len(versions) == 1 else {})


def _registered(call: Call, outcome: Registered) -> Reply:
    if outcome.uln:
        is_new = outcome.code == "WSRC0005"
        path = learner_path(call, outcome.uln, is_new=is_new)
        document = RegisteredDocument(outcome.code, outcome.uln, 1 if is_new else None, None, {"learner": path})
        return Reply(document, 201 if is_new else 200, {"Location": path, **(etag(1) if is_new else {})})
    links = pending_links(outcome.pending_id)
    named = {"pendingMatch": links["self"], "decision": links["decision"]}
    document = RegisteredDocument(outcome.code, None, None, outcome.pending_id, named)
    return Reply(document, 202, {"Location": links["self"]})


def _updated(outcome: UpdateOutcome) -> Reply:
    learner = outcome.learner
    document = UpdatedDocument(outcome.code, learner.uln, learner.version_number)
    return Reply(document, headers=etag(learner.version_number))
