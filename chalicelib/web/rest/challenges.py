"""Problems with a learner's events or ULN: report one, see the result (PLR-06, LEDC-01, ULN-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from chalicelib.domain.challenges import (
    NOTHING,
    PROBLEMS,
    ChallengeKind,
    ChallengeMark,
    ChallengeStatus,
    ChallengeType,
    EnquiryType,
    EventDetails,
    Report,
)
from chalicelib.domain.fields import ULN
from chalicelib.web.http import problems
from chalicelib.web.http.headers import IDEMPOTENCY_KEY
from chalicelib.web.http.requests import Choice, FieldValue, Nested, Nullable, Text, Whole
from chalicelib.web.http.responses import About
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.records import NamedLearner
from chalicelib.web.rest.table import route

_TYPES = tuple(kind.value for kind in ChallengeType)
_EVENT = Whole(minimum=1, maximum=2**53 - 1, example=4398046511104)


@dataclass(frozen=True)
class SuppliedDetails:
    """What an event should show. Give only the details that are wrong."""

    accreditation_number: Annotated[str, Text(maximum=10)] = ""
    awarding_body: Annotated[str, Text(maximum=100)] = ""
    qualification_level: Annotated[str, Text(maximum=20)] = ""
    aim_title: Annotated[str, Text(maximum=255)] = ""
    achieved_date: Annotated[str, Text(maximum=10, example="2025-08-21")] = ""
    achieved_grade: Annotated[str, Text(maximum=10)] = ""
    total_credits: Annotated[str, Text(maximum=5)] = ""
    credit_value: Annotated[str, Text(maximum=5)] = ""
    language_for_assessment: Annotated[str, Text(maximum=20)] = ""
    provider: Annotated[str, Text(maximum=100)] = ""
    type: Annotated[str, Text(maximum=60)] = ""
    start_date: Annotated[str, Text(maximum=10, example="2023-09-04")] = ""
    end_date: Annotated[str, Text(maximum=10, example="2025-06-27")] = ""

    @property
    def details(self) -> EventDetails:
        """The details of a report."""
        return EventDetails(**{name: getattr(self, name) for name in EventDetails._fields})


@dataclass(frozen=True, kw_only=True)
class ChallengeRequest(NamedLearner):
    """A problem with a learner's event or ULN."""

    challenge_type: Annotated[str, Choice(_TYPES)]
    """`EVENT_GRADE`: the grade is wrong. `EVENT_DATE`: the end or award date is wrong. `EVENT_NOT_MINE_SHARED_ULN`: the
    ULN was shared, and the event should be removed or transferred. `EVENT_NOT_MINE_DISPUTED`: the event is disputed, or
    was uploaded with the wrong ULN. `EVENT_DUPLICATE`: the event was uploaded more than once. `ULN_CREATED_IN_ERROR`,
    `ULN_MERGED_IN_ERROR` and `ULN_OTHER`: there is a problem with the ULN itself.
    """
    contact_name: Annotated[str, Text(maximum=100, example="Sam Ford")] = ""
    """Who the service desk can contact. Also give an email address or telephone number."""
    telephone: Annotated[str, Text(maximum=20)] = ""
    email_address: Annotated[str, Text(maximum=254, example="sam.ford@example.org")] = ""
    additional_information: Annotated[str, Text(maximum=4000, lines=True, example="Two people use this ULN.")] = ""
    learning_event1_id: Annotated[int | None, Nullable(_EVENT)] = None
    """The id of the event with the problem, as shown in the record."""
    learning_event2_id: Annotated[int | None, Nullable(_EVENT)] = None
    """The id of an event to compare it with, such as a duplicate."""
    supplied: Annotated[SuppliedDetails | None, Nullable(Nested(SuppliedDetails))] = None

    @property
    def report(self) -> Report:
        """The report that the rules check."""
        numbers = (self.learning_event1_id, self.learning_event2_id)
        return Report(
            type=ChallengeType(self.challenge_type),
            event_ids=tuple(number for number in numbers if number is not None),
            supplied=self.supplied.details if self.supplied else NOTHING,
            contact_name=self.contact_name,
            telephone=self.telephone,
            email=self.email_address,
            additional_information=self.additional_information,
        )


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
    example={
        "uln": "1000000043",
        "givenName": "Amelia",
        "familyName": "Okafor",
        "challengeType": "EVENT_GRADE",
        "contactName": "Sam Ford",
        "emailAddress": "sam.ford@example.org",
        "learningEvent1Id": 4398046511104,
        "supplied": {"achievedGrade": "Merit"},
    },
)
def raise_challenge(call: Call, request: ChallengeRequest) -> Reply:
    """Report a problem with a learner's event or ULN.

    This creates a challenge for the service desk to assess (201). If your organisation already has an open challenge
    with the same problem and events, that one is returned (200).
    """
    answer = call.services.challenges.raise_challenge(call.caller, request.details, request.report)
    return Reply(challenge_document(answer.mark), 201 if answer.is_new else 200)


@route(ChallengesOfLearner, answers={200: ChallengeListDocument})
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
