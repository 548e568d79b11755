"""Personal learning records: read them, change their availability, see who looked (PLR-01, PLR-02, PLR-05, PLR-07).

A path may contain a ULN but never a learner's details, so the learner's names are sent in the body. The response has a
link, for that organisation and learner only, for reading the record again: 304 means that it has not changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from chalicelib.domain import codes
from chalicelib.domain.availability import AVAILABILITY, CONTACT_TYPE, REASON
from chalicelib.domain.codes import GetType
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import ULN, Field, Kind
from chalicelib.domain.learner_fields import NAMED
from chalicelib.domain.learner_rules import read_submitted
from chalicelib.domain.looks import LookAction
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.records import AvailabilityState
from chalicelib.domain.refusals import or_refuse
from chalicelib.formats.words.look_wording import look_sentence
from chalicelib.services.records import ANY_VERSION, LOG_PAGE, RecordAnswer
from chalicelib.web.http import problems
from chalicelib.web.http.headers import IF_NONE_MATCH
from chalicelib.web.http.preconditions import held_tags
from chalicelib.web.http.requests import FieldValue, RecordRequest, Text, Whole
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.record_documents import (
    AccessDocument,
    AccessLogDocument,
    AvailabilityDocument,
    RecordDocument,
    record_document,
)
from chalicelib.web.rest.table import route

_GET_TYPE = Field(
    "get_type",
    Kind.CODE,
    5,
    "How much of each event to return; `FULL` if you leave it out.",
    "FULL",
    codes=codes.GET_TYPE,
    wire="getType",
)


@dataclass(frozen=True)
class NamedLearner(RecordRequest, record=NAMED):
    """A learner's ULN and details, which are compared with those held."""

    @property
    def details(self) -> SubmittedDetails:
        """What is compared with the register. Raises Refused with every reason."""
        return or_refuse(read_submitted(self.of(NAMED)))

    def failures(self) -> tuple[Failure, ...]:
        read = read_submitted(self.of(NAMED))
        return () if isinstance(read, SubmittedDetails) else read


@dataclass(frozen=True)
class WholeRecord(NamedLearner):
    """The learner, and how much of the record to return."""

    get_type: Annotated[str, FieldValue(_GET_TYPE)] = ""
    """How much of each event to return; `FULL` if you leave it out."""

    @property
    def wanted(self) -> GetType:
        """How much to return."""
        return GetType(self.get_type or GetType.FULL)


@dataclass(frozen=True)
class RecordAgain:
    """A record to read again."""

    uln: Annotated[str, FieldValue(ULN)]
    access: Annotated[str, Text(maximum=1024, example="c2VhbGVk")] = ""
    """From the link in the response to your first request."""
    get_type: Annotated[str, FieldValue(_GET_TYPE)] = ""
    """How much of each event to return; `FULL` if you leave it out."""

    @property
    def wanted(self) -> GetType:
        """How much to return."""
        return GetType(self.get_type or GetType.FULL)


@dataclass(frozen=True, kw_only=True)
class AvailabilityRequest(NamedLearner):
    """A learner's request to make the record available or unavailable."""

    availability: Annotated[str, FieldValue(AVAILABILITY)]
    """`OPTED_OUT` hides the record from other organisations. Each still sees what it submitted."""
    contact_type: Annotated[str, FieldValue(CONTACT_TYPE)] = ""
    """How the learner made the request; `NKN` if you leave it out."""
    reason: Annotated[str, FieldValue(REASON)] = ""
    """In the learner's words, for the service desk."""


@dataclass(frozen=True)
class AccessLogRequest(NamedLearner):
    """The learner whose access log to return, and the page."""

    limit: Annotated[int, Whole(minimum=1, maximum=100, example=LOG_PAGE)] = LOG_PAGE
    """The most to return on a page."""
    cursor: Annotated[str, Text(maximum=2048)] = ""
    """From the previous page."""


@route(WholeRecord, answers={200: RecordDocument}, gives=("ETag",), look=LookAction.RECORD_VIEWED)
def view_record(call: Call, request: WholeRecord) -> Reply:
    """Get a learner's record.

    The learner is verified by the names you give. Your access is added to the record's access log before we respond.
    """
    answer = call.services.personal_records.record(call.caller, request.details, request.wanted)
    return Reply(record_document(answer), headers=_tag(answer))


@route(
    RecordAgain,
    answers={200: RecordDocument, 304: None},
    refusals=(problems.NOT_ALLOWED,),
    takes=(IF_NONE_MATCH,),
    gives=("ETag",),
    look=LookAction.RECORD_VIEWED,
)
def view_record_again(call: Call, request: RecordAgain) -> Reply:
    """Get a record again, or find out that it has not changed.

    Follow the `self` link of the response to POST, with the `ETag` of the version you hold as `If-None-Match`.
    """
    held = _held(call.headers.get("if-none-match"))
    records = call.services.personal_records
    answer = records.again(call.caller, request.uln, request.access, request.wanted, held)
    if answer.not_modified:
        return Reply(None, 304, _tag(answer))
    return Reply(record_document(answer), headers=_tag(answer))


@route(
    AvailabilityRequest,
    answers={200: AvailabilityDocument},
    refusals=(problems.REFUSED,),
    look=LookAction.AVAILABILITY_REQUESTED,
)
def request_availability(call: Call, request: AvailabilityRequest) -> Reply:
    """Make a learner's record available or unavailable, at the learner's request.

    The change takes effect at once, for every ULN linked with this one. Organisations can still see what they
    submitted.
    """
    answer = call.services.personal_records.request_availability(
        call.caller,
        request.details,
        available=request.availability == AvailabilityState.AVAILABLE,
        contact_type=request.contact_type or codes.NOT_KNOWN,
        reason=request.reason,
    )
    return Reply(AvailabilityDocument(answer.uln, answer.state, answer.changed))


@route(
    AccessLogRequest, answers={200: AccessLogDocument}, refusals=(problems.REFUSED,), look=LookAction.ACCESS_LOG_VIEWED
)
def view_access_log(call: Call, request: AccessLogRequest) -> Reply:
    """See who looked at a learner's record.

    Every occasion when someone looked at the record, changed it or tried to, newest first. If the
    learner does not share the record, you see only your organisation's entries.
    """
    answer = call.services.personal_records.access_log(call.caller, request.details, request.cursor, request.limit)
    entries = tuple(
        AccessDocument(
            action=entry.action,
            description=look_sentence(entry.action, entry.outcome),
            outcome=entry.outcome,
            date_time=datetime.fromisoformat(entry.date_time),
            organisation=entry.organisation or None,
            organisation_ukprn=entry.organisation_ukprn or None,
            user=entry.user or None,
        )
        for entry in answer.entries
    )
    return Reply(AccessLogDocument(entries, answer.cursor or None))


ROUTES = (view_record, view_record_again, request_availability, view_access_log)


def _held(if_none_match: str | None) -> Sequence[str]:
    if (if_none_match or "").strip() == "*":
        return (ANY_VERSION,)
    return tuple(tag.strip('"') for tag in held_tags(if_none_match))


def _tag(answer: RecordAnswer) -> Mapping[str, str]:
    """A weak tag, since titles and names from the catalogue may change when the record does not."""
    return {"ETag": f'W/"{answer.tag}"'} if answer.tag else {}
