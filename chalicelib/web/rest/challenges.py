"""Problems with a learner's events or ULN: report one, see the result (PLR-06, LEDC-01, ULN-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from chalicelib.domain.challenges import (
    CONTACT,
    EVENT_FIELDS,
    NOTHING,
    PROBLEMS,
    SUPPLIED,
    TYPE,
    ChallengeKind,
    ChallengeMark,
    ChallengeStatus,
    EnquiryType,
    EventDetails,
    Report,
    report_failures,
    value_failures,
)
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import ULN
from chalicelib.domain.learner_fields import NAMED
from chalicelib.domain.looks import LookAction
from chalicelib.web.http import problems
from chalicelib.web.http.headers import IDEMPOTENCY_KEY
from chalicelib.web.http.requests import FieldValue, Nested, RecordRequest, Whole
from chalicelib.web.http.responses import About
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.records import NamedLearner
from chalicelib.web.rest.table import route

_EVENT = Whole(minimum=1, maximum=2**53 - 1, example=4398046511104)


@dataclass(frozen=True)
class SuppliedDetails(RecordRequest, record=SUPPLIED):
    """What an event should show. Give only the details that are wrong."""

    @property
    def details(self) -> EventDetails:
        """The details of a report."""
        return EventDetails(**self.texts)


@dataclass(frozen=True, kw_only=True)
class ChallengeRequest(NamedLearner, record=(*NAMED, *CONTACT)):
    """A problem with a learner's event or ULN."""

    challenge_type: Annotated[str, FieldValue(TYPE)]
    """The problem with an event or with the ULN itself."""
    learning_event1_id: Annotated[int | None, _EVENT] = None
    """The id of the event with the problem, as shown in the record."""
    learning_event2_id: Annotated[int | None, _EVENT] = None
    """The id of an event to compare it with, such as a duplicate."""
    supplied: Annotated[SuppliedDetails | None, Nested(SuppliedDetails)] = None
    """The correct details of the event, if you know them."""

    @property
    def report(self) -> Report:
        """The report that the rules check."""
        numbers = (self.learning_event1_id, self.learning_event2_id)
        sent = [(name, number) for name, number in zip(EVENT_FIELDS, numbers, strict=True) if number is not None]
        return Report(
            type=ChallengeType(self.challenge_type),
            event_ids=tuple(number for _, number in sent),
            event_fields=tuple(name for name, _ in sent),
            supplied=self._supplied,
            **self.of(CONTACT),
        )

    @property
    def _supplied(self) -> EventDetails:
        return self.supplied.details if self.supplied else NOTHING

    def failures(self) -> tuple[Failure, ...]:
        known = bool(self.challenge_type)
        reasons = report_failures(self.report) if known else value_failures(self.of(CONTACT), self._supplied)
        return (*super().failures(), *reasons)


@dataclass(frozen=True)
class ChallengesOfLearner:
    """The learner whose challenges to list."""

    uln: Annotated[str, FieldValue(ULN)]


@dataclass(frozen=True)
class ChallengeDocument:
    """A challenge raised by your organisation."""

    data_challenge_reference: Annotated[str, About(example="DC-IcG9zdGFsIGNvZGU")]
    """Quote this to the service desk. It does not identify the learner."""
    type: ChallengeType
    kind: ChallengeKind
    enquiry_type: EnquiryType
    identified_problem: Annotated[str, About(example="The grade is wrong")]
    status: ChallengeStatus
    created_date: datetime
    resolved_date: datetime | None
    learning_event_ids: Annotated[tuple[int, ...], About(example=[4398046511104])]


@dataclass(frozen=True)
class ChallengeListDocument:
    """Your organisation's challenges about a learner, newest first."""

    challenges: tuple[ChallengeDocument, ...]


@route(
    ChallengeRequest,
    answers={200: ChallengeDocument, 201: ChallengeDocument},
    refusals=(problems.REFUSED,),
    takes=(IDEMPOTENCY_KEY,),
    look=LookAction.CHALLENGE_RAISED,
)
def raise_challenge(call: Call, request: ChallengeRequest) -> Reply:
    """Report a problem with a learner's event or ULN.

    This creates a challenge for the service desk to assess (201). If your organisation already has an open challenge
    with the same problem and events, that one is returned (200).
    """
    answer = call.services.challenges.raise_challenge(call.caller, request.details, request.report)
    return Reply(challenge_document(answer.mark), 201 if answer.is_new else 200)


@route(ChallengesOfLearner, answers={200: ChallengeListDocument}, look=LookAction.CHALLENGES_LISTED)
def list_challenges(call: Call, request: ChallengesOfLearner) -> Reply:
    """List the problems that your organisation reported about a learner."""
    marks = call.services.challenges.of_learner(call.caller, request.uln)
    return Reply(ChallengeListDocument(tuple(map(challenge_document, marks))))


ROUTES = (raise_challenge, list_challenges)


def challenge_document(mark: ChallengeMark) -> ChallengeDocument:
    """The document of a challenge."""
    problem = PROBLEMS[mark.type]
    return ChallengeDocument(
        data_challenge_reference=mark.reference,
        type=mark.type,
        kind=problem.kind,
        enquiry_type=problem.enquiry,
        identified_problem=problem.problem,
        status=mark.status,
        created_date=datetime.fromisoformat(mark.raised_at),
        resolved_date=datetime.fromisoformat(mark.resolved_at) if mark.resolved_at else None,
        learning_event_ids=mark.events,
    )
