"""Challenges to a record: problems with events and with ULNs (AO18 6.1, LEDC-01, PLR-06, ULN-10).

What can be wrong is a closed list: two kinds of challenge, the enquiry types and identified problems of AO18 6.1, and
the problems with a ULN. A challenge starts as *New*; if an organisation raises the same one again while it is open, it
gets the existing one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain import codes
from chalicelib.domain.achievement_fields import ACHIEVEMENT
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import EMAIL_ADDRESS, Field, Kind, camel_case, named
from chalicelib.domain.values import read_fields

MOST_EVENTS: Final = 2
"""Most events in one challenge: the one with the problem, and one to compare it with."""


EVENT_FIELDS: Final = ("learningEvent1Id", "learningEvent2Id")


class ChallengeKind(StrEnum):
    """The kinds of challenge."""

    EVENT = "Event data challenge"
    ULN = "ULN challenge"


class EnquiryType(StrEnum):
    """The enquiry types of AO18 6.1, and those of ULN challenges."""

    INFORMATION_WRONG = "Information on one of the qualifications is wrong"
    NOT_THIS_LEARNERS = "One of the qualifications does not belong to this learner"
    MORE_THAN_ONCE = "One of the qualifications appears more than once"
    CREATED_INCORRECTLY = "ULN created incorrectly"
    MERGED_INCORRECTLY = "ULN merged incorrectly"
    OTHER = "Other"


class ChallengeStatus(StrEnum):
    """The status of a challenge (AO18 6.4)."""

    NEW = "New"
    IN_PROGRESS = "In progress"
    UPHELD = "Resolved – Upheld"
    REJECTED = "Resolved – Rejected"

    @property
    def is_open(self) -> bool:
        return self in (ChallengeStatus.NEW, ChallengeStatus.IN_PROGRESS)


class IdentifiedProblem(NamedTuple):
    """One row of the table of problems."""

    kind: ChallengeKind
    enquiry: EnquiryType
    problem: str
    """The identified problem in the words of AO18 6.1."""
    least_events: int = 0
    needs_one_of: tuple[str, ...] = ()
    """Fields of :class:`EventDetails`; the proposed details must have at least one of them."""
    needs_information: bool = False


_EVENT: Final = ChallengeKind.EVENT
_ULN: Final = ChallengeKind.ULN

PROBLEMS: Final[Mapping[ChallengeType, IdentifiedProblem]] = {
    ChallengeType.EVENT_GRADE: IdentifiedProblem(
        _EVENT, EnquiryType.INFORMATION_WRONG, "The grade is wrong", 1, ("achieved_grade",)
    ),
    ChallengeType.EVENT_DATE: IdentifiedProblem(
        _EVENT,
        EnquiryType.INFORMATION_WRONG,
        "The end or award date has been recorded incorrectly",
        1,
        ("achieved_date", "end_date"),
    ),
    ChallengeType.EVENT_NOT_MINE_SHARED_ULN: IdentifiedProblem(
        _EVENT,
        EnquiryType.NOT_THIS_LEARNERS,
        "The ULN was previously shared and the qualification needs to be removed or transferred",
        1,
    ),
    ChallengeType.EVENT_NOT_MINE_DISPUTED: IdentifiedProblem(
        _EVENT,
        EnquiryType.NOT_THIS_LEARNERS,
        "Disputing the qualification entirely, or the incorrect ULN was previously submitted and the qualification "
        "needs to be transferred to a different ULN",
        1,
    ),
    ChallengeType.EVENT_DUPLICATE: IdentifiedProblem(
        _EVENT, EnquiryType.MORE_THAN_ONCE, "Qualification has been incorrectly uploaded more than once", 1
    ),
    ChallengeType.ULN_CREATED_IN_ERROR: IdentifiedProblem(
        _ULN, EnquiryType.CREATED_INCORRECTLY, "The ULN was created incorrectly"
    ),
    ChallengeType.ULN_MERGED_IN_ERROR: IdentifiedProblem(
        _ULN, EnquiryType.MERGED_INCORRECTLY, "The ULN was merged incorrectly"
    ),
    ChallengeType.ULN_OTHER: IdentifiedProblem(
        _ULN, EnquiryType.OTHER, "Another problem, such as two people sharing a ULN", needs_information=True
    ),
}


class EventDetails(NamedTuple):
    """The details of an event, actual or proposed: the fields of the existing interface. Empty if not given."""

    accreditation_number: str = ""
    awarding_body: str = ""
    qualification_level: str = ""
    aim_title: str = ""
    achieved_date: str = ""
    achieved_grade: str = ""
    total_credits: str = ""
    credit_value: str = ""
    language_for_assessment: str = ""
    provider: str = ""
    type: str = ""
    start_date: str = ""
    end_date: str = ""


NOTHING: Final = EventDetails()


class ChallengedEvent(NamedTuple):
    """An event in a challenge."""

    event_id: int
    source: str
    details: EventDetails = NOTHING
    """Its details when the challenge was raised."""
    owner: str = ""
    """UKPRN of the awarding organisation that can correct it; empty if there is none."""


class Report(NamedTuple):
    """A caller's report of what is wrong, with contact details."""

    type: ChallengeType
    event_ids: tuple[int, ...] = ()
    supplied: EventDetails = NOTHING
    """The details the event should have."""
    contact_name: str = ""
    telephone: str = ""
    email_address: str = ""
    additional_information: str = ""
    event_fields: tuple[str, ...] = EVENT_FIELDS
    """The names of the fields with the events, for reasons against them."""


class Step(NamedTuple):
    """One change to a challenge."""

    at: str
    """ISO 8601 in UTC."""
    organisation: str
    user: str
    status: ChallengeStatus
    comment: str = ""


class Challenge(NamedTuple):
    """A challenge."""

    reference: str
    """Everybody uses this to identify it; it does not contain the ULN."""
    uln: str
    report: Report
    events: tuple[ChallengedEvent, ...]
    status: ChallengeStatus
    raised_at: str
    raised_by: str
    """UKPRN of the organisation."""
    raised_by_user: str
    history: tuple[Step, ...]
    assigned_to: str = ""
    """UKPRN of the awarding organisation that has to act; empty while it is with the service desk."""
    notice_due: bool = True
    """Whether an email about its current status is still due."""
    revision: int = 1

    @property
    def kind(self) -> ChallengeKind:
        return PROBLEMS[self.report.type].kind


class ChallengeMark(NamedTuple):
    """What is stored about a challenge in the learner's own record: enough to mark events and list it."""

    uln: str
    reference: str
    type: ChallengeType
    status: ChallengeStatus
    raised_at: str
    raised_by: str
    events: tuple[int, ...] = ()
    resolved_at: str = ""

    @property
    def is_open(self) -> bool:
        return self.status.is_open


class RaisedBy(NamedTuple):
    """Who raises a challenge, and when."""

    organisation: str
    user: str
    at: str


TYPE: Final = Field(
    "challenge_type",
    Kind.CODE,
    30,
    "The problem.",
    "EVENT_GRADE",
    mandatory=True,
    codes=codes.CHALLENGE_TYPE,
    wire="challengeType",
)
CONTACT: Final = (
    Field(
        "contact_name",
        Kind.TEXT,
        100,
        "Who the service desk can contact. Also give an email address or telephone number.",
        "Sam Ford",
        wire="contactName",
    ),
    Field("telephone", Kind.TELEPHONE, 20, "Telephone number.", "01632 960001", wire="telephone"),
    replace(EMAIL_ADDRESS, example="sam.ford@example.org"),
    Field(
        "additional_information",
        Kind.LINES,
        4000,
        "What is wrong, in your words.",
        "Two people use this ULN.",
        wire="additionalInformation",
    ),
)
"""The texts of a report."""


GRADE: Final = named(ACHIEVEMENT, "grade")[0]


def _supplied(name: str, limit: int, description: str, example: str = "", kind: Kind = Kind.TEXT) -> Field:
    return Field(name, kind, limit, description, example, wire=f"supplied.{camel_case(name)}")


SUPPLIED: Final = (
    _supplied("accreditation_number", 10, "Reference of the qualification.", "600/1234/1"),
    _supplied("awarding_body", 100, "Awarding organisation."),
    _supplied("qualification_level", 20, "Level."),
    _supplied("aim_title", 255, "Title."),
    _supplied("achieved_date", 10, "Date of the award.", "2025-08-21", Kind.DATE),
    _supplied("achieved_grade", GRADE.limit, "Grade.", GRADE.example, GRADE.kind),
    _supplied("total_credits", 5, "Total credits."),
    _supplied("credit_value", 5, "Credit value."),
    _supplied("language_for_assessment", 20, "Language of the assessment."),
    _supplied("provider", 100, "Learning provider."),
    _supplied("type", 60, "Type of qualification."),
    _supplied("start_date", 10, "Start date.", "2023-09-04", Kind.DATE),
    _supplied("end_date", 10, "End date.", "2025-06-27", Kind.DATE),
)
"""The details that an event should have, in the order of :class:`EventDetails`."""


def value_failures(contact: Mapping[str, str], supplied: EventDetails) -> list[Failure]:
    """Every reason against the texts and details of a report, each on its own; with the codes of ``values.judged``."""
    texts = {field.name: contact.get(field.name, "") for field in CONTACT}
    return [*read_fields(CONTACT, texts)[1], *read_fields(SUPPLIED, supplied._asdict())[1]]


def report_failures(report: Report) -> tuple[Failure, ...]:
    """Everything that a report lacks or says wrongly, apart from whether its events are in the record: the reasons of
    :func:`value_failures` and those of its problem.

    ``LRS-DC-1`` an event is missing; ``LRS-DC-2`` the problem is not one of events; ``LRS-DC-3`` the proposed value is
    missing; ``LRS-DC-4`` no contact; ``LRS-DC-5`` the additional information is needed; ``LRS-DC-6`` one event named
    twice.
    """
    problem = PROBLEMS[report.type]
    found = list(_event_failures(report, problem))
    if problem.needs_one_of and not any(getattr(report.supplied, name) for name in problem.needs_one_of):
        found.append(failure("LRS-DC-3", f"supplied.{camel_case(problem.needs_one_of[0])}"))
    if problem.needs_information and not report.additional_information.strip():
        found.append(failure("LRS-DC-5", "additionalInformation"))
    if not report.contact_name.strip() or not (report.email_address or report.telephone):
        found.append(failure("LRS-DC-4", "contactName"))
    texts = {field.name: getattr(report, field.name) for field in CONTACT}
    return (*value_failures(texts, report.supplied), *found)


def _event_failures(report: Report, problem: IdentifiedProblem) -> list[Failure]:
    if problem.kind is ChallengeKind.ULN:
        return [failure("LRS-DC-2", name) for name, _ in zip(report.event_fields, report.event_ids, strict=False)]
    if len(report.event_ids) < problem.least_events:
        return [failure("LRS-DC-1", EVENT_FIELDS[0])]
    if len(set(report.event_ids)) < len(report.event_ids):
        return [failure("LRS-DC-6", EVENT_FIELDS[1])]
    return []


def raised(reference: str, uln: str, report: Report, events: Sequence[ChallengedEvent], by: RaisedBy) -> Challenge:
    """A new challenge, the service desk's to assess (AO18 6.1)."""
    step = Step(by.at, by.organisation, by.user, ChallengeStatus.NEW)
    return Challenge(
        reference=reference,
        uln=uln,
        report=report,
        events=tuple(events),
        status=ChallengeStatus.NEW,
        raised_at=by.at,
        raised_by=by.organisation,
        raised_by_user=by.user,
        history=(step,),
    )


def mark_of(challenge: Challenge) -> ChallengeMark:
    """The mark that the learner's record keeps of a challenge."""
    ended = [step.at for step in challenge.history if not step.status.is_open]
    return ChallengeMark(
        uln=challenge.uln,
        reference=challenge.reference,
        type=challenge.report.type,
        status=challenge.status,
        raised_at=challenge.raised_at,
        raised_by=challenge.raised_by,
        events=tuple(event.event_id for event in challenge.events),
        resolved_at=ended[-1] if ended and not challenge.status.is_open else "",
    )


def open_challenge(marks: Sequence[ChallengeMark], report: Report, organisation: str, uln: str) -> ChallengeMark | None:
    """The open challenge in which the organisation has already reported this, or None.

    A problem with a ULN is about that ULN only; an event is the same under every linked ULN.
    """
    for mark in marks:
        if (
            mark.is_open
            and mark.raised_by == organisation
            and mark.type is report.type
            and set(mark.events) == set(report.event_ids)
            and (bool(mark.events) or mark.uln == uln)
        ):
            return mark
    return None
