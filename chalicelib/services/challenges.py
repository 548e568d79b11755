"""Problems with a learner's events or ULN, raised as challenges for the service desk (PLR-06, LEDC-01, ULN-10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.challenges import (
    PROBLEMS,
    Challenge,
    ChallengedEvent,
    ChallengeMark,
    EventDetails,
    RaisedBy,
    Report,
    mark_of,
    open_challenge,
    raised,
    report_failures,
)
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.records import LearningEvent, Source, learning_events
from chalicelib.domain.refusals import Refused
from chalicelib.domain.working_time import uk_time
from chalicelib.formats.words.mails import ORGANISATION, Letter, Link
from chalicelib.ports.clock import Clock, NewId
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.messages import Queues
from chalicelib.ports.records import Casework
from chalicelib.services.looks import EntryKey, Look, Looks, learner_subject
from chalicelib.services.post import Post
from chalicelib.services.records import NOT_VERIFIED, Found, KnownNames, RecordLookup

QUEUE = "notices"
_TRIES: Final = 3


class Raised(NamedTuple):
    """The challenge raised by a report."""

    mark: ChallengeMark
    is_new: bool
    """False when the organisation had already raised it and it is still open."""


@dataclass(frozen=True)
class ChallengePorts:
    """The ports that challenges use."""

    lookup: RecordLookup
    looks: Looks
    casework: Casework
    names: KnownNames
    queues: Queues
    clock: Clock
    new_id: NewId


class Challenges:
    """Raises challenges and shows their progress."""

    def __init__(self, ports: ChallengePorts) -> None:
        self._ports = ports

    def raise_challenge(self, caller: Caller, details: SubmittedDetails, report: Report) -> Raised:
        """Raise a challenge.

        Raises Refused with the reasons of :func:`chalicelib.domain.challenges.report_failures`, with ``WSEC0208`` (the
        learner was not verified) or with ``LRS-DC-7`` (the caller does not see such an event in the record).
        """
        faults = report_failures(report)
        if faults:
            raise Refused(*faults)
        found = self._ports.lookup.verified(details)
        if found is None:
            raise self._refused(caller, details.uln, failure(NOT_VERIFIED))
        events = self._events(found, report, caller.ukprn)
        if isinstance(events, Failure):
            raise self._refused(caller, details.uln, events)
        marks = [mark for part in found.parts for mark in part.challenges]
        same = open_challenge(marks, report, caller.ukprn, details.uln)
        if same is None:
            return self._new(caller, details.uln, report, events)
        return self._again(caller, details.uln, self._ports.casework.get(same.reference))

    def of_learner(self, caller: Caller, uln: str) -> tuple[ChallengeMark, ...]:
        """The challenges that the caller's organisation has raised about a learner, newest first.

        Only the service desk can see those of other organisations. A ULN that is not registered has none: the answer
        must not show which are.
        """
        parts = self._ports.lookup.parts(uln)
        outcome = LookOutcome.DONE if parts else LookOutcome.NOT_FOUND
        self._ports.looks.at_learners(caller, LookAction.CHALLENGES_LISTED, [uln], outcome)
        own = (mark for part in parts for mark in part.challenges if mark.raised_by == caller.ukprn)
        return tuple(sorted(own, key=lambda mark: (mark.raised_at, mark.reference), reverse=True))

    def _new(self, caller: Caller, uln: str, report: Report, events: tuple[ChallengedEvent, ...]) -> Raised:
        by = RaisedBy(caller.ukprn, caller.user, self._ports.clock().isoformat())
        challenge = raised(f"DC-{self._ports.new_id()}", uln, report, events, by)
        ended = ""
        for _ in range(_TRIES):
            other = self._ports.casework.create(challenge, ended)
            if not other:
                return self._raised(caller, challenge)
            found = self._ports.casework.get(other)
            if found is None or found.status.is_open:
                return self._again(caller, uln, found)
            ended = other
        raise TemporaryFailure("the same problem keeps being raised and resolved")

    def _raised(self, caller: Caller, challenge: Challenge) -> Raised:
        key = EntryKey(datetime.fromisoformat(challenge.raised_at), challenge.reference)
        subject, detail = learner_subject(challenge.uln), {"reference": challenge.reference}
        look = Look(LookAction.CHALLENGE_RAISED, subject, LookOutcome.DONE, detail, key)
        self._ports.looks.record(caller, [look])
        self._send(challenge.reference)
        return Raised(mark_of(challenge), is_new=True)

    def _again(self, caller: Caller, uln: str, challenge: Challenge | None) -> Raised:
        """The caller may be trying again after a lost response, so the notice may not have been sent either."""
        if challenge is None:
            raise TemporaryFailure("the challenge cannot be read yet")
        self._ports.looks.at_learners(
            caller, LookAction.CHALLENGE_RAISED, [uln], LookOutcome.UNCHANGED, reference=challenge.reference
        )
        if challenge.notice_due:
            self._send(challenge.reference)
        return Raised(mark_of(challenge), is_new=False)

    def _refused(self, caller: Caller, uln: str, reason: Failure) -> Refused:
        return self._ports.looks.refused(caller, LookAction.CHALLENGE_RAISED, [uln], Refused(reason))

    def _send(self, reference: str) -> None:
        self._ports.queues.send(QUEUE, [{"challenge": reference}])

    def _events(self, found: Found, report: Report, ukprn: str) -> tuple[ChallengedEvent, ...] | Failure:
        """The events named, as the caller sees them now."""
        if not report.event_ids:
            return ()
        seen = learning_events(found.parts, self._ports.names.names(), found.seen_by(ukprn))
        by_id = {event.id: event for event in seen}
        for name, number in zip(report.event_fields, report.event_ids, strict=False):
            if number not in by_id:
                return failure("LRS-DC-7", name)
        return tuple(challenged(by_id[number]) for number in report.event_ids)


def challenged(event: LearningEvent) -> ChallengedEvent:
    """An event as stored in a challenge: what it contained, and who can correct it."""
    from_organisation = event.source in (Source.AWARDING_ORGANISATION, Source.UNIT_CREDIT)
    said = EventDetails(
        accreditation_number=event.subject_code,
        awarding_body=event.awarding_organisation_name or event.awarding_organisation_ukprn,
        qualification_level=event.level,
        aim_title=event.subject,
        achieved_date=_text(event.achievement_award_date),
        achieved_grade=event.grade,
        credit_value=_text(event.credits),
        language_for_assessment=event.language_for_assessment,
        provider=event.achievement_provider_name or event.achievement_provider_ukprn,
        type=event.qualification_type,
        start_date=_text(event.participation_start_date),
        end_date=_text(event.participation_end_date),
    )
    owner = event.awarding_organisation_ukprn if from_organisation else ""
    return ChallengedEvent(event.id, event.source, said, owner)


def _text(value: object) -> str:
    return "" if value is None else str(value)


_STOPPING: Final = "All new challenges are announced. The desk's address is one of the settings of the service."


class ChallengeNotices:
    """Emails the service desk about new challenges, without learner data (SEC-02)."""

    def __init__(self, casework: Casework, post: Post, desk: str) -> None:
        """``desk`` is the service desk's address."""
        self._casework = casework
        self._post = post
        self._desk = desk

    def run(self, reference: str) -> bool:
        """Send the email if it is still due; returns whether it was sent.

        Raises TemporaryFailure while there is no such challenge: its message may arrive before it can be read.
        """
        challenge = self._casework.get(reference)
        if challenge is None:
            raise TemporaryFailure("challenge notices: not there yet")
        if not challenge.notice_due:
            return False
        self._post.send(self._desk, compose(challenge))
        try:
            self._casework.save(challenge._replace(notice_due=False))
        except Conflict:
            # Someone has started work on it. If its email is still due, at worst it is sent twice.
            return True
        return True


def compose(challenge: Challenge) -> Letter:
    """The email about a new challenge: reference, kind, time and organisation."""
    problem = PROBLEMS[challenge.report.type]
    sources = sorted({event.source for event in challenge.events})
    happened = [
        f"Reference: {challenge.reference}",
        f"Kind: {problem.kind}",
        f"Enquiry type: {problem.enquiry}",
        f"Identified problem: {problem.problem}",
        *_where(challenge.events, sources),
        f"Raised: {uk_time(datetime.fromisoformat(challenge.raised_at))}",
        f"By: organisation {challenge.raised_by}",
        f"Status: {challenge.status}",
    ]
    who = Link("The organisation that raised it", ORGANISATION.format(challenge.raised_by))
    return Letter(f"{problem.kind}: {challenge.reference}", "the service desk", happened, (who,), _STOPPING)


def _where(events: Iterable[ChallengedEvent], sources: list[str]) -> list[str]:
    count = sum(1 for _ in events)
    return [f"Events: {count} ({', '.join(sources)})"] if count else []
