"""The personal learning record: events of a learner from every source, and who may see them (PLR-01, PLR-05).

A record is put together of what the register holds under the learner's ULN and under the ULNs linked with it: the
achievements that awarding organisations submitted, and the events that school data and funding returns brought. A
withdrawn achievement is no event. The fields of an event are those of the existing interface, in its order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from chalicelib.domain.achievements import Achievement, Status, SubmissionType
from chalicelib.domain.aims import Aim, AimKind, AimReference, Provider, with_obliques
from chalicelib.domain.challenges import ChallengeMark
from chalicelib.domain.codes import LANGUAGE_FOR_ASSESSMENT, OPTED_OUT
from chalicelib.domain.learners import Learner

NO_GRADE: Final = "9999999999"
"""Stands for no grade in events of funding returns, as in the existing interface."""

LANGUAGES: Final = LANGUAGE_FOR_ASSESSMENT.meanings
"""Languages of assessment as text; another one stands as it is."""

YES: Final = "Y"
NO: Final = "N"

_ID_BITS: Final = 53
"""What a program that reads JSON numbers as floating point keeps whole."""
_TAG_FORM: Final = "1"
"""Changed whenever the same holdings are shown otherwise, so that no caller keeps the former showing."""


class Source(StrEnum):
    """Where an event comes from."""

    AWARDING_ORGANISATION = "AO"
    UNIT_CREDIT = "QCFU"
    """A unit that an awarding organisation submitted."""
    SCHOOL_DATA = "NPD"
    FUNDING_RETURN = "ILR"


class EventStatus(StrEnum):
    """Whether an event may still change: the submission was provisional, or it is final."""

    FINAL = "F"
    PROVISIONAL = "P"


class GetType(StrEnum):
    """How much of each event is told."""

    FULL = "FULL"
    BRIEF = "BRIEF"


class AvailabilityState(StrEnum):
    """Whether a record is shown to organisations other than the owners of what is in it (PLR-05)."""

    AVAILABLE = "AVAILABLE"
    OPTED_OUT = "OPTED_OUT"
    """At the learner's request."""
    RESTRICTED = "RESTRICTED"
    """By the service desk, which alone can undo it."""


class AvailabilityChange(NamedTuple):
    """One change of a record's availability."""

    state: AvailabilityState
    at: str
    """ISO 8601 in UTC."""
    organisation: str
    user: str
    channel: str
    """How the learner asked: ``person``, ``email``, ``telephone``, ``post`` or ``online``."""
    reason: str


class Availability(NamedTuple):
    """A record's availability as it stands, and how it came about, oldest first."""

    uln: str
    history: tuple[AvailabilityChange, ...]
    revision: int

    @property
    def state(self) -> AvailabilityState:
        return self.history[-1].state


class ParticipationEvent(NamedTuple):
    """An event that school data or a funding return brought. Empty text and None stand for what it does not say."""

    uln: str
    source: Source
    event_id: str
    """Known by this within its source: a delivery of the same event again is the same event."""
    provider_ukprn: str = ""
    provider_name: str = ""
    awarding_organisation_ukprn: str = ""
    """A UKPRN, or a six-character code of former times."""
    awarding_organisation_name: str = ""
    subject: str = ""
    subject_code: str = ""
    """Without obliques."""
    qualification_type: str = ""
    level: str = ""
    grade: str = ""
    credits: int | None = None
    award_date: date | None = None
    start_date: date | None = None
    end_date: date | None = None
    collection_type: str = ""
    return_number: str = ""
    language: str = ""
    restriction: str = ""
    withdrawn: bool = False
    """The source has taken it back."""
    loaded_at: str = ""
    """When it first came, ISO 8601 in UTC."""


class LearningEvent(NamedTuple):
    """One event of a record; the fields and their order are those of the existing interface (FULL)."""

    achievement_award_date: date | None
    achievement_provider_name: str
    achievement_provider_ukprn: str
    awarding_organisation_name: str
    awarding_organisation_ukprn: str
    collection_type: str
    credits: int | None
    date_loaded: datetime
    grade: str
    id: int
    language_for_assessment: str
    level: str
    participation_end_date: date | None
    participation_start_date: date | None
    qualification_type: str
    restriction: str
    return_number: str
    source: str
    status: str
    subject: str
    subject_code: str
    under_data_challenge: str


FULL: Final = LearningEvent._fields
BRIEF: Final = (
    "id",
    "achievement_award_date",
    "credits",
    "source",
    "level",
    "subject",
    "grade",
    "subject_code",
    "achievement_provider_ukprn",
)


class Holdings(NamedTuple):
    """Everything that the register holds under one ULN."""

    learner: Learner
    achievements: tuple[Achievement, ...] = ()
    events: tuple[ParticipationEvent, ...] = ()
    availability: Availability | None = None
    challenges: tuple[ChallengeMark, ...] = ()

    @property
    def state(self) -> AvailabilityState:
        """Whether what is held under this ULN is shown; what was decided last counts before the learner's details, and
        a learner whom the register restricts before both.
        """
        if self.learner.restricted:
            return AvailabilityState.RESTRICTED
        if self.availability is not None:
            return self.availability.state
        shares = self.learner.details.ability_to_share != OPTED_OUT
        return AvailabilityState.AVAILABLE if shares else AvailabilityState.OPTED_OUT


class Register(Protocol):
    """What an event's names are taken from (QUAL-01)."""

    def aim(self, reference: AimReference) -> Aim | None: ...

    def provider(self, ukprn: str) -> Provider | None: ...


class Names:
    """Names of organisations and aims. ``named`` gives an organisation's name by its UKPRN, empty if unknown."""

    def __init__(self, register: Register | None, named: Callable[[str], str]) -> None:
        self._register = register
        self._named = named

    def aim(self, reference: str) -> Aim | None:
        """The aim, where the catalogue has it."""
        return self._register.aim(AimReference(reference)) if self._register and reference else None

    def organisation(self, ukprn: str) -> str:
        """The name under which the service or the register of providers knows an organisation; empty if neither."""
        if not ukprn:
            return ""
        provider = self._register.provider(ukprn) if self._register else None
        return provider.name if provider else self._named(ukprn)


def state_of(parts: Iterable[Holdings]) -> AvailabilityState:
    """The state of a record put together of these: the most reserved of them."""
    states = {part.state for part in parts}
    for state in (AvailabilityState.RESTRICTED, AvailabilityState.OPTED_OUT):
        if state in states:
            return state
    return AvailabilityState.AVAILABLE


def learning_events(parts: Sequence[Holdings], names: Names, owner: str = "") -> list[LearningEvent]:
    """The events of a record, newest first; with ``owner``, only those that this organisation brought.

    An achievement belongs to the awarding organisation that submitted it, any other event to the provider whose
    return it came with.
    """
    challenged = {event for part in parts for mark in part.challenges if mark.is_open for event in mark.events}
    found = [
        achievement_event(held, names, challenged)
        for part in parts
        for held in part.achievements
        if held.status is Status.ACTIVE and owner in ("", held.owner)
    ]
    found += [
        participation_event(held, names, challenged)
        for part in parts
        for held in part.events
        if not held.withdrawn and owner in ("", held.provider_ukprn)
    ]
    return sorted(found, key=_order)


def _order(event: LearningEvent) -> tuple[int, str, int]:
    """Newest first by the day on which it was awarded, else ended, else begun."""
    day = event.achievement_award_date or event.participation_end_date or event.participation_start_date
    return -(day.toordinal() if day else 0), event.subject_code, event.id


def achievement_event(held: Achievement, names: Names, challenged: frozenset[int] | set[int]) -> LearningEvent:
    """The event that an achievement is."""
    uln, reference, awarded = held.key
    aim = names.aim(reference)
    loaded = held.history[0].provenance.at
    number = event_number("ACH", uln, reference, awarded.isoformat(), loaded)
    is_unit = aim.kind is AimKind.UNIT if aim else reference[1:2] == "/"
    return LearningEvent(
        achievement_award_date=awarded,
        achievement_provider_name=names.organisation(held.provider_ukprn),
        achievement_provider_ukprn=held.provider_ukprn,
        awarding_organisation_name=names.organisation(held.owner),
        awarding_organisation_ukprn=held.owner,
        collection_type="",
        credits=aim.credits if aim else None,
        date_loaded=datetime.fromisoformat(loaded),
        grade=held.grade,
        id=number,
        language_for_assessment=LANGUAGES.get(held.language, held.language),
        level=aim.level if aim else "",
        participation_end_date=None,
        participation_start_date=None,
        qualification_type=aim.type if aim else "",
        restriction="",
        return_number="",
        source=Source.UNIT_CREDIT if is_unit else Source.AWARDING_ORGANISATION,
        status=EventStatus.FINAL if held.submission_type is SubmissionType.FINAL else EventStatus.PROVISIONAL,
        subject=aim.title if aim else "",
        subject_code=with_obliques(reference),
        under_data_challenge=YES if number in challenged else NO,
    )


def participation_event(held: ParticipationEvent, names: Names, challenged: frozenset[int] | set[int]) -> LearningEvent:
    """The event that school data or a funding return brought; the catalogue fills what it left open."""
    aim = names.aim(held.subject_code)
    number = event_number("EVT", held.uln, held.source, held.event_id, held.loaded_at)
    awarding = held.awarding_organisation_ukprn
    return LearningEvent(
        achievement_award_date=held.award_date,
        achievement_provider_name=names.organisation(held.provider_ukprn) or held.provider_name,
        achievement_provider_ukprn=held.provider_ukprn,
        awarding_organisation_name=held.awarding_organisation_name or names.organisation(awarding),
        awarding_organisation_ukprn=awarding,
        collection_type=held.collection_type,
        credits=held.credits if held.credits is not None or aim is None else aim.credits,
        date_loaded=datetime.fromisoformat(held.loaded_at),
        grade=held.grade or (NO_GRADE if held.source is Source.FUNDING_RETURN else ""),
        id=number,
        language_for_assessment=LANGUAGES.get(held.language, held.language),
        level=held.level or (aim.level if aim else ""),
        participation_end_date=held.end_date,
        participation_start_date=held.start_date,
        qualification_type=held.qualification_type or (aim.type if aim else ""),
        restriction=held.restriction,
        return_number=held.return_number,
        source=held.source,
        status=EventStatus.FINAL,
        subject=held.subject or (aim.title if aim else ""),
        subject_code=held.subject_code,
        under_data_challenge=YES if number in challenged else NO,
    )


def event_number(*identity: str) -> int:
    """An event's number: the same for as long as the event is held, and telling nothing of it.

    The moment at which an event was first loaded, to the microsecond, is part of ``identity``, so that a number cannot
    be traced back to a ULN by trying them all.
    """
    digest = hashlib.sha256("\x1f".join(identity).encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - _ID_BITS)) or 1


def version_tag(parts: Sequence[Holdings], get_type: GetType, owner: str = "") -> str:
    """A text that changes whenever the record does: what is in it, or who may see it, or which of it is challenged.

    ``owner`` is the organisation to whose own events the showing is cut down. Titles and names that the catalogue
    brings to a record are no part of it.
    """
    digest = hashlib.sha256("\x1f".join((_TAG_FORM, get_type, owner, state_of(parts))).encode())
    for part in parts:
        pairs = [f"LEARNER:{part.learner.uln}:{part.learner.version_number}"]
        pairs += [f"{held.key.aim_reference}:{held.key.award_date}:{held.revision}" for held in part.achievements]
        pairs += [f"{held.source}:{held.event_id}:{hash_of(held)}" for held in part.events]
        pairs += [f"{mark.reference}:{mark.status}" for mark in part.challenges]
        digest.update("\x1e".join(sorted(pairs)).encode())
    return digest.hexdigest()[:32]


def hash_of(event: ParticipationEvent) -> str:
    """A digest of what an event says, whenever it came."""
    told = "\x1f".join("" if value is None else str(value) for value in event._replace(loaded_at=""))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
