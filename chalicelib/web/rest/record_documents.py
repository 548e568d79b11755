"""Documents about personal learning records: events in full and in brief, availability, access log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from chalicelib.domain.codes import GENDER, LANGUAGE_FOR_ASSESSMENT, Code, CodeList, GetType
from chalicelib.domain.learners import Learner
from chalicelib.domain.looks import IN_ACCESS_LOG, LookAction, LookOutcome
from chalicelib.domain.records import AvailabilityState, EventStatus, LearningEvent, Source
from chalicelib.formats.words.look_wording import LOOK_WORDS
from chalicelib.services.records import LINKED_MATCH, MATCHED, NOT_SHARED, NOT_VERIFIED, RecordAnswer
from chalicelib.web.http.responses import About

_ULN = About(example="1000000043")
_UKPRN = About(example="90000101")
_ID = About(example=4398046511104, minimum=1, maximum=2**53 - 1)
_CODES = About(example=MATCHED, pattern=f"^({MATCHED}|{LINKED_MATCH}|{NOT_SHARED}|{NOT_VERIFIED})$")


_ACTIONS = CodeList("AccessAction", tuple(Code(action, LOOK_WORDS[action].done) for action in IN_ACCESS_LOG))


@dataclass(frozen=True)
class LearningEventDocument:
    """A learning event with every field (FULL)."""

    achievement_award_date: date | None
    achievement_provider_name: Annotated[str | None, About(example="Westmere College")]
    achievement_provider_ukprn: Annotated[str | None, _UKPRN]
    awarding_organisation_name: Annotated[str | None, About(example="Sample Awards")]
    awarding_organisation_ukprn: Annotated[str | None, About(example="90000051")]
    """In events of school data, this may be an old six-character code."""
    collection_type: Annotated[str | None, About(example="ILR2526")]
    """The collection to which the school or provider sent its return; null for achievements."""
    credits: int | None
    date_loaded: datetime
    """When the event was first added to the record."""
    grade: Annotated[str | None, About(example="Merit")]
    """`9999999999` means no grade in events of funding returns."""
    id: Annotated[int, _ID]
    """The event's number, for challenges to it. It stays the same for as long as the event is held."""
    language_for_assessment: Annotated[str | None, About(example="ENG", codes=LANGUAGE_FOR_ASSESSMENT)]
    """Null for any other language."""
    level: Annotated[str | None, About(example="Level 3")]
    participation_end_date: date | None
    participation_start_date: date | None
    qualification_type: Annotated[str | None, About(example="GCE A Level")]
    restriction: Annotated[str, About(example="0")]
    """`0` if the event has no restriction."""
    return_number: Annotated[str | None, About(example="R14")]
    source: Source
    """`AO` an awarding organisation's qualification, `QCFU` its unit, `NPD` school data, `ILR` a funding return."""
    status: EventStatus
    """`F` final, `P` provisional."""
    subject: Annotated[str | None, About(example="Mathematics")]
    subject_code: Annotated[str | None, About(example="601/4292/3")]
    """With slashes from awarding organisations, without them from other sources."""
    under_data_challenge: Literal["Y", "N"]
    """`Y` while a challenge to the event is open."""


@dataclass(frozen=True)
class BriefLearningEventDocument:
    """A learning event with its main fields (BRIEF)."""

    id: Annotated[int, _ID]
    achievement_award_date: date | None
    credits: int | None
    source: Source
    level: Annotated[str | None, About(example="Level 3")]
    subject: Annotated[str | None, About(example="Mathematics")]
    grade: Annotated[str | None, About(example="Merit")]
    subject_code: Annotated[str | None, About(example="601/4292/3")]
    achievement_provider_ukprn: Annotated[str | None, _UKPRN]


@dataclass(frozen=True)
class RecordLearnerDocument:
    """The learner of the record. If ULNs are linked, this is the master."""

    uln: Annotated[str, _ULN]
    given_name: Annotated[str, About(example="Amelia")]
    middle_other_name: Annotated[str | None, About(example="Rose")]
    family_name: Annotated[str, About(example="Okafor")]
    preferred_given_name: Annotated[str | None, About(example="Mel")]
    previous_family_name: Annotated[str | None, About(example="Ashworth")]
    date_of_birth: date | None
    gender: Annotated[str | None, About(example="2", codes=GENDER)]
    last_known_post_code: Annotated[str | None, About(example="CV1 2WT")]
    linked_ulns: tuple[str, ...]
    """Other ULNs of this learner."""
    version_number: Annotated[int, About(example=1, minimum=1)]


@dataclass(frozen=True)
class RecordDocument:
    """A personal learning record, or why it cannot be shown."""

    response_code: Annotated[str, _CODES]
    """`WSRC0004` found; `WSRC0022` found under a linked ULN; `WSEC0206` the learner does not share the record and your
    organisation submitted none of its events; `WSEC0208` the learner could not be verified.
    """
    incoming_uln: Annotated[str, _ULN]
    found_uln: Annotated[str | None, _ULN]
    """If ULNs are linked, the master's. Null if the learner could not be verified."""
    availability: AvailabilityState | None
    """If it is not `AVAILABLE`, you see only the events that your organisation submitted."""
    learner: RecordLearnerDocument | None
    learning_events: tuple[LearningEventDocument, ...] | tuple[BriefLearningEventDocument, ...]
    """Newest first. Withdrawn events are left out."""
    links: Annotated[Mapping[str, str], About(example={"self": "/v1/learners/1000000043/record?access=…"})]
    """Use `self` to get the record again without the learner's names. It works for thirty days or until the learner's
    details change. Send it with `If-None-Match`.
    """


@dataclass(frozen=True)
class AvailabilityDocument:
    """Whether other organisations can see the record."""

    uln: Annotated[str, _ULN]
    availability: AvailabilityState
    changed: bool
    """False if this was already the case."""


@dataclass(frozen=True)
class AccessDocument:
    """An occasion when someone looked at the record, changed it or tried to."""

    action: Annotated[str, About(example=LookAction.RECORD_VIEWED, codes=_ACTIONS)]
    description: Annotated[str, About(example="Learning record viewed")]
    """What was done, or what somebody tried to do and how it ended."""
    outcome: LookOutcome
    """`DONE`; `UNCHANGED` this was already the case; `NOT_FOUND` there was nothing to show; `REFUSED` it was not
    allowed, or a value was not accepted.
    """
    date_time: datetime
    organisation: Annotated[str | None, About(example="Westmere College")]
    organisation_ukprn: Annotated[str | None, _UKPRN]
    user: Annotated[str | None, About(example="system-1")]


@dataclass(frozen=True)
class AccessLogDocument:
    """A page of an access log, newest first."""

    entries: tuple[AccessDocument, ...]
    cursor: Annotated[str | None, About(example=None)]
    """For the next page; null on the last page."""


def record_document(answer: RecordAnswer) -> RecordDocument:
    """The document of a record."""
    uln = answer.incoming_uln
    links = {"self": record_path(uln, answer.access, answer.get_type)} if answer.access else {}
    return RecordDocument(
        response_code=answer.response_code,
        incoming_uln=uln,
        found_uln=answer.found_uln or None,
        availability=answer.availability,
        learner=learner_document(answer.learner) if answer.learner else None,
        learning_events=(
            tuple(map(full, answer.events)) if answer.get_type is GetType.FULL else tuple(map(brief, answer.events))
        ),
        links=links,
    )


def record_path(uln: str, access: str, get_type: GetType) -> str:
    """The path for getting a record again."""
    return f"/v1/learners/{uln}/record?access={access}&getType={get_type}"


_LANGUAGE: Final = LearningEvent._fields.index("language_for_assessment")


def full(event: LearningEvent) -> LearningEventDocument:
    """An event with every field; empty texts become null."""
    language = LANGUAGE_FOR_ASSESSMENT.read(event.language_for_assessment) or None
    values: list[Any] = [None if value == "" else value for value in event]
    values[_LANGUAGE] = language
    return LearningEventDocument(*values)


def brief(event: LearningEvent) -> BriefLearningEventDocument:
    """An event with the nine fields of BRIEF."""
    return BriefLearningEventDocument(
        id=event.id,
        achievement_award_date=event.achievement_award_date,
        credits=event.credits,
        source=Source(event.source),
        level=event.level or None,
        subject=event.subject or None,
        grade=event.grade or None,
        subject_code=event.subject_code or None,
        achievement_provider_ukprn=event.achievement_provider_ukprn or None,
    )


def learner_document(learner: Learner) -> RecordLearnerDocument:
    """The learner of a record."""
    details = learner.details
    return RecordLearnerDocument(
        uln=learner.uln,
        given_name=details.given_name,
        middle_other_name=details.middle_other_name or None,
        family_name=details.family_name,
        preferred_given_name=details.preferred_given_name or None,
        previous_family_name=details.previous_family_name or None,
        date_of_birth=details.date_of_birth,
        gender=details.gender or None,
        last_known_post_code=details.last_known_post_code or None,
        linked_ulns=learner.linked_ulns,
        version_number=learner.version_number,
    )
