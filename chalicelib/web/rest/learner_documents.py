"""Documents about learners, verifications and pending matches (ULN-01 to ULN-05, ULN-09, VLD-01, VLD-02).

Field names are those of the existing interface in camel case, with some additions. Values that are not held are null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from chalicelib.domain.codes import GENDER
from chalicelib.domain.learner_fields import HELD
from chalicelib.domain.learners import LINKED, Learner
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.pending_matches import PendingMatch, PendingReason, PendingState
from chalicelib.formats.words.return_codes import FLAGS, VERIFICATION_CODES, VerificationStatus
from chalicelib.services.disclosure import Disclosed
from chalicelib.services.learner_retrieval import Retrieved
from chalicelib.services.pending_matches import PendingView
from chalicelib.services.verify_learner import VerifiedLearner
from chalicelib.web.http.responses import About, FieldsDocument
from chalicelib.web.http.routes import Call
from chalicelib.web.rest.table import LEARNERS, PENDING

ULN_EXAMPLE, MASTER_EXAMPLE = "1000000043", "1000000051"
_ULN = About(example=ULN_EXAMPLE)
_MASTER = About(example=MASTER_EXAMPLE)
_PENDING_ID = About(example="PJ7Qm2xVbT0yKcPz4")
_GENDER = About(example="2", codes=GENDER)


@dataclass(frozen=True)
class LearnerDetailsDocument(FieldsDocument, record=HELD):
    """A learner's details."""


@dataclass(frozen=True)
class LearnerDocument(LearnerDetailsDocument):
    """A registered learner."""

    created_date: datetime | None
    last_updated_date: datetime | None
    uln: Annotated[str, _ULN]
    master_substituted: Literal["Y", "N"]
    """`Y` if this is the master of the learner who was found."""
    tier_level: Annotated[str, About(example="2", pattern="^[012]$")]
    """How the learner's identity was verified: `0` not at all, `1` by a relationship or other way, `2` by a
    document."""
    learner_status: Annotated[str, About(example="1", pattern="^[12]$")]
    """`1` active, `2` linked to a master."""
    master_uln: Annotated[str | None, About(example=None)]
    linked_ulns: Annotated[tuple[str, ...], About(example=[MASTER_EXAMPLE])]
    """The ULNs that have this learner as their master."""
    version_number: Annotated[int, About(example=3, minimum=1)]
    """Send it in quotation marks as the `If-Match` of a change."""


@dataclass(frozen=True)
class FoundDocument:
    """The result of a search."""

    response_code: Annotated[str, About(example="WSRC0004", pattern="^WSRC00(01|02|03|04|22)$")]
    """`WSRC0001` no match, `WSRC0002` too many matches, `WSRC0003` possible matches, `WSRC0004` exact match,
    `WSRC0022` linked, so the master is returned."""
    learners: tuple[LearnerDocument, ...]
    """Empty for `WSRC0001` and `WSRC0002`, one for `WSRC0004` and `WSRC0022`, up to ten for `WSRC0003`, the closest
    match first. Always empty for `CHK`."""


@dataclass(frozen=True)
class RetrievedUlnDocument:
    """The result for one ULN."""

    uln: Annotated[str, _ULN]
    """As you sent it."""
    response_code: Annotated[str, About(example="WSRC0004", pattern="^(WSRC00(04|22|23)|ACF001|ACF003|ACL001)$")]
    """`WSRC0004` in use, `WSRC0022` linked to a master, `WSRC0023` not found. `ACF001` no ULN, `ACF003` not ten digits,
    `ACL001` the check digit is wrong."""
    master_uln: Annotated[str | None, About(example=None)]


@dataclass(frozen=True)
class RetrievedUlnsDocument:
    """Which ULNs are in use."""

    retrieved_ulns: tuple[RetrievedUlnDocument, ...]
    """One for each ULN you sent, in the same order."""


@dataclass(frozen=True)
class RegisteredDocument:
    """The result of a registration."""

    response_code: Annotated[str, About(example="WSRC0005", pattern="^WSRC00(04|05|21|22)$")]
    """`WSRC0005` registered; `WSRC0004` already registered; `WSRC0022` already registered, and the ULN is the master's;
    `WSRC0021` not registered, because similar learners are registered and a pending match is waiting for your
    decision."""
    uln: Annotated[str | None, _ULN]
    version_number: Annotated[int | None, About(example=1, minimum=1)]
    """1 for a new learner. For a learner who is already registered it is null: the `learner` link returns it."""
    pending_id: Annotated[str | None, About(example=None)]
    links: Annotated[Mapping[str, str], About(example={"learner": f"{LEARNERS}/{ULN_EXAMPLE}"})]
    """`learner`, or `pendingMatch` with its `decision`. A link to a learner works for 30 days, for your organisation
    only."""


@dataclass(frozen=True)
class UpdatedDocument:
    """The result of an update."""

    response_code: Annotated[str, About(example="WSRC0006", pattern="^WSRC00(06|20)$")]
    """`WSRC0006` updated, `WSRC0020` the details are the same as those held."""
    uln: Annotated[str, _ULN]
    version_number: Annotated[int, About(example=4, minimum=1)]
    """The current version. The `ETag` is the same number."""


@dataclass(frozen=True)
class LinkDocument:
    """A learner after ULNs were linked or unlinked."""

    uln: Annotated[str, _MASTER]
    learner_status: Annotated[str, About(example="1", pattern="^[12]$")]
    linked_ulns: Annotated[tuple[str, ...], About(example=[ULN_EXAMPLE])]
    version_number: Annotated[int, About(example=2, minimum=1)]


@dataclass(frozen=True)
class FailureFlagDocument:
    """A detail that does not match."""

    flag: Annotated[str, About(example="DATE_OF_BIRTH_MISMATCH")]
    description: Annotated[str, About(example=FLAGS["DATE_OF_BIRTH_MISMATCH"])]


@dataclass(frozen=True)
class VerifiedLearnerDocument:
    """The result of a verification. The fields that begin with `searched` are those you sent."""

    searched_uln: Annotated[str, _ULN]
    searched_family_name: Annotated[str, About(example="Okafor")]
    searched_given_name: Annotated[str, About(example="Millie")]
    searched_date_of_birth: date | None
    searched_gender: Annotated[str | None, _GENDER]
    searched_last_known_post_code: Annotated[str | None, About(example="CV1 2WT")]
    response_code: Annotated[str, About(example="VRC003", pattern="^VRC00[1-6]$")]
    result: Annotated[str, About(example=VERIFICATION_CODES["VRC003"].result)]
    """The code in words."""
    description: Annotated[str, About(example=VERIFICATION_CODES["VRC003"].description)]
    status: Annotated[VerificationStatus, About(example="Probably Successful")]
    action_required: Annotated[str, About(example=VERIFICATION_CODES["VRC003"].action)]
    uln: Annotated[str | None, _ULN]
    """The learner whose details follow: if linked, the master. Null for `VRC005` and `VRC006`."""
    family_name: Annotated[str | None, About(example="Okafor")]
    given_name: Annotated[str | None, About(example="Amelia")]
    date_of_birth: date | None
    gender: Annotated[str | None, _GENDER]
    failure_flags: Annotated[tuple[FailureFlagDocument, ...], About(example=[])]
    """For `VRC005` and `VRC006`: the details that do not match."""
    explanation: Annotated[tuple[str, ...], About(example=["given name: preferred name"])]
    """The details that are not equal, and how they compare."""


@dataclass(frozen=True)
class PendingMatchLine:
    """A registration waiting for a decision, as shown in a list."""

    pending_id: Annotated[str, _PENDING_ID]
    mis_identifier: Annotated[str | None, About(example="MIS-00017")]
    given_name: Annotated[str, About(example="Amelia")]
    """As you submitted it."""
    family_name: Annotated[str, About(example="Okafor")]
    state: PendingState
    reason: PendingReason
    number_of_possible_matches: Annotated[int | None, About(example=2)]
    """Null if there are too many to list."""
    raised_date: datetime
    user: Annotated[str, About(example="student-records")]
    channel: Annotated[str, About(example="webservice")]
    """`webservice`, `portal` or `batch`."""
    job_id: Annotated[str | None, About(example=None)]
    """The batch job that submitted it."""
    links: Annotated[Mapping[str, str], About(example={"self": f"{PENDING}/PJ7Qm2xVbT0yKcPz4"})]
    """`self`, and `decision` if it is not decided yet."""


@dataclass(frozen=True)
class PendingMatchDocument(PendingMatchLine):
    """A registration that is waiting for a decision, or has been decided."""

    learner: LearnerDetailsDocument
    """As you submitted it."""
    possible_matches: tuple[LearnerDocument, ...]
    """The learners found, the closest match first. Empty once it is decided."""
    uln: Annotated[str | None, About(example=None)]
    """The ULN chosen or allocated."""
    decided_date: datetime | None
    decided_by: Annotated[str | None, About(example=None)]


@dataclass(frozen=True)
class PendingMatchesDocument:
    """A page of registrations waiting for a decision."""

    pending_matches: tuple[PendingMatchLine, ...]
    cursor: str | None
    """For the next page; null on the last page."""
    links: Annotated[Mapping[str, str], About(example={"self": PENDING})]


@dataclass(frozen=True)
class DecisionDocument:
    """A decision, and the result of the registration."""

    response_code: Annotated[str | None, About(example="WSRC0005", pattern="^WSRC00(04|05|22)$")]
    """`WSRC0005` registered as new; `WSRC0004` an existing ULN is used; `WSRC0022` an existing ULN is used, and it is
    the master's. Null if the registration was dropped."""
    uln: Annotated[str | None, _ULN]
    pending_id: Annotated[str, _PENDING_ID]
    state: PendingState
    links: Annotated[Mapping[str, str], About(example={"learner": f"{LEARNERS}/{ULN_EXAMPLE}"})]


# --- Documents of the results of use cases ---------------------------------------------------------------------------


def learner_document(found: Disclosed) -> LearnerDocument:
    """A learner whose details are disclosed."""
    learner = found.learner
    return LearnerDocument(
        record=learner.details,
        created_date=learner.created_date,
        last_updated_date=learner.last_updated_date,
        uln=learner.uln,
        master_substituted="Y" if found.master_substituted else "N",
        tier_level=learner.tier_level,
        learner_status=learner.status,
        master_uln=learner.master_uln if learner.status == LINKED else None,
        linked_ulns=learner.linked_ulns,
        version_number=learner.version_number,
    )


def link_document(learner: Learner) -> LinkDocument:
    """A learner after a change of links."""
    return LinkDocument(learner.uln, learner.status, learner.linked_ulns, learner.version_number)


def verified_document(verified: VerifiedLearner) -> VerifiedLearnerDocument:
    """The result of a verification."""
    searched, returned = verified.searched, verified.returned or SubmittedDetails("", "", "")
    words = verified.words
    return VerifiedLearnerDocument(
        searched_uln=searched.uln,
        searched_family_name=searched.family_name,
        searched_given_name=searched.given_name,
        searched_date_of_birth=searched.date_of_birth,
        searched_gender=searched.gender or None,
        searched_last_known_post_code=searched.postcode or None,
        response_code=verified.response_code,
        result=words.result,
        description=words.description,
        status=words.status,
        action_required=words.action,
        uln=returned.uln or None,
        family_name=returned.family_name or None,
        given_name=returned.given_name or None,
        date_of_birth=returned.date_of_birth,
        gender=returned.gender or None,
        failure_flags=tuple(FailureFlagDocument(flag, FLAGS[flag]) for flag in verified.failure_flags),
        explanation=verified.explanation,
    )


def pending_line(pending: PendingMatch) -> PendingMatchLine:
    """One line of the list of pending matches."""
    return PendingMatchLine(**_pending(pending))


def pending_document(view: PendingView) -> PendingMatchDocument:
    """A pending match with the learners found."""
    pending = view.pending
    return PendingMatchDocument(
        **_pending(pending),
        learner=LearnerDetailsDocument(pending.details),
        possible_matches=tuple(learner_document(found) for found in view.learners),
        uln=pending.uln if pending.state.is_end and pending.uln else None,
        decided_date=pending.decided_at,
        decided_by=pending.decided_by or None,
    )


def retrieved_document(results: Iterable[Retrieved]) -> RetrievedUlnsDocument:
    """Which ULNs are in use."""
    return RetrievedUlnsDocument(
        tuple(RetrievedUlnDocument(one.uln, one.code, one.master_uln or None) for one in results)
    )


def learner_path(call: Call, uln: str, *, is_new: bool) -> str:
    """The path of a learner for this caller: new ones are their organisation's, others need an access."""
    path = f"{LEARNERS}/{uln}"
    if is_new:
        return path
    return f"{path}?{urlencode({'access': call.services.learner_retrieval.access(call.caller, uln)})}"


def pending_links(pending_id: str, *, decided: bool = False) -> dict[str, str]:
    """The path of a pending match, and of its decision if it is not decided yet."""
    path = f"{PENDING}/{pending_id}"
    return {"self": path} if decided else {"self": path, "decision": f"{path}/decision"}


def _pending(pending: PendingMatch) -> dict[str, Any]:
    few = pending.reason is PendingReason.POSSIBLE_MATCHES
    return {
        "pending_id": pending.pending_id,
        "mis_identifier": pending.mis_identifier or None,
        "given_name": pending.details.given_name,
        "family_name": pending.details.family_name,
        "state": pending.state,
        "reason": pending.reason,
        "number_of_possible_matches": len(pending.candidates) if few else None,
        "raised_date": pending.raised_at,
        "user": pending.user,
        "channel": pending.channel,
        "job_id": pending.job_id or None,
        "links": pending_links(pending.pending_id, decided=pending.state.is_end),
    }
