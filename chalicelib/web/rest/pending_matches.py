"""Registrations that found similar learners and are waiting for your decision (ULN-05).

Nobody is registered until it is decided. The organisation that sent the registration decides, once: the learner is one
of those found, the learner is new, or the registration is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from chalicelib.domain import codes
from chalicelib.domain.failures import failure
from chalicelib.domain.fields import ULN, Field, Kind, optional
from chalicelib.domain.looks import LookAction
from chalicelib.services.pending_matches import Decided
from chalicelib.web.http import problems
from chalicelib.web.http.bodies import Malformed
from chalicelib.web.http.preconditions import etag
from chalicelib.web.http.requests import FieldValue, Text, Whole
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.learner_documents import (
    DecisionDocument,
    PendingMatchDocument,
    PendingMatchesDocument,
    learner_path,
    pending_document,
    pending_line,
    pending_links,
)
from chalicelib.web.rest.table import PENDING, route

PAGE = 20
"""Pending matches on a page if the caller gives no limit."""
USE, REGISTER, DROP = codes.DECISION.values
_DECISION = Field(
    "decision",
    Kind.CODE,
    11,
    "What to do.",
    USE,
    mandatory=True,
    codes=codes.DECISION,
    wire="decision",
)

PendingId = Annotated[
    str, Text(maximum=64, minimum=1, pattern=r"[A-Za-z0-9_-]+", expected="an id", example="PJ7Qm2xVbT0yKcPz4")
]


@dataclass(frozen=True)
class PendingList:
    """A page of pending matches."""

    limit: Annotated[int, Whole(minimum=1, maximum=100)] = PAGE
    """The most to return on a page."""
    cursor: Annotated[str, Text(maximum=2048)] = ""
    """From the previous page."""


@dataclass(frozen=True)
class OnePendingMatch:
    """A pending match of your organisation."""

    pending_id: PendingId


@dataclass(frozen=True)
class Decision:
    """The decision on a pending match."""

    pending_id: PendingId
    decision: Annotated[str, FieldValue(_DECISION)]
    """What to do. `drop` does not register anyone."""
    uln: Annotated[str, FieldValue(optional(ULN))] = ""
    """Required for `useUln`, not allowed otherwise."""


@route(PendingList, answers={200: PendingMatchesDocument}, look=LookAction.PENDING_MATCHES_LISTED)
def list_pending_matches(call: Call, request: PendingList) -> Reply:
    """List the registrations waiting for your decision, oldest first.

    Includes single registrations and learner batches.
    """
    page = call.services.pending_decisions.page(call.caller, request.limit, request.cursor)
    links = {"self": PENDING}
    if page.cursor:
        links["next"] = f"{PENDING}?{urlencode({'limit': request.limit, 'cursor': page.cursor})}"
    lines = tuple(pending_line(pending) for pending in page.items)
    return Reply(PendingMatchesDocument(lines, page.cursor or None, links))


@route(OnePendingMatch, answers={200: PendingMatchDocument}, look=LookAction.PENDING_MATCH_VIEWED)
def get_pending_match(call: Call, request: OnePendingMatch) -> Reply:
    """Get a pending match.

    Shows what you submitted and the similar learners, for you to compare.
    """
    view = call.services.pending_decisions.get(call.caller, request.pending_id)
    return Reply(pending_document(view))


@route(
    Decision,
    answers={200: DecisionDocument, 201: DecisionDocument},
    refusals=(problems.REFUSED, problems.NOT_NOW),
    gives=("Location", "ETag"),
    look=LookAction.PENDING_MATCH_USED,
)
def decide_pending_match(call: Call, request: Decision) -> Reply:
    """Decide on a pending match.

    A decision is final: a second one is refused. If you register the learner as new, you get 201 and the new ULN. If
    someone has registered a learner with the same details since, you get that learner instead.
    """
    if (request.decision == USE) != bool(request.uln):
        raise Malformed(failure("LRS-REQ-1" if request.decision == USE else "LRS-REQ-2", "uln"))
    decisions = call.services.pending_decisions
    if request.uln:
        decided = decisions.use(call.caller, request.pending_id, request.uln)
    elif request.decision == REGISTER:
        decided = decisions.register(call.caller, request.pending_id)
    else:
        decided = decisions.drop(call.caller, request.pending_id)
    return _decided(call, decided)


def _decided(call: Call, decided: Decided) -> Reply:
    pending, is_new = decided.pending, decided.code == "WSRC0005"
    links = pending_links(pending.pending_id, decided=True)
    if pending.uln:
        links["learner"] = learner_path(call, pending.uln, is_new=is_new)
    document = DecisionDocument(decided.code or None, pending.uln or None, pending.pending_id, pending.state, links)
    return Reply(document, 201, {"Location": links["learner"], **etag(1)}) if is_new else Reply(document)


ROUTES = (list_pending_matches, get_pending_match, decide_pending_match)
