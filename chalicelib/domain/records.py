"""The personal learning record: events of a learner from every source, and who may see them (PLR-01, PLR-05).

A record combines what the register holds under the learner's ULN and the ULNs linked with it: the achievements
submitted by awarding organisations, and the events from school data and funding returns. A withdrawn achievement is not
an event. The fields of an event are those of the existing interface, in its order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from chalicelib.domain.achievements import Achievement, Key, Status
from chalicelib.domain.aims import AimKind, AimReference, AimSummary, Provider, with_obliques
from chalicelib.domain.challenges import ChallengeMark
from chalicelib.domain.codes import LANGUAGE_FOR_ASSESSMENT, OPTED_OUT, GetType, SubmissionType
from chalicelib.domain.learners import Learner

NO_GRADE: Final = "9999999999"
"""Means no grade in events of funding returns, as in the existing interface."""
NO_RESTRICTION: Final = "0"

LANGUAGES: Final = LANGUAGE_FOR_ASSESSMENT.meanings
"""Languages of assessment as text; any other is left unchanged."""

YES: Final = "Y"
NO: Final = "N"

_ID_BITS: Final = 53
"""The bits of a number that stay exact in programs that read JSON numbers as floating point."""
_TAG_FORM: Final = "1"
"""Changed whenever the same holdings are shown in a different way, so that no caller keeps the old one."""


class Source(StrEnum):
    """Where an event comes from."""

    AWARDING_ORGANISATION = "AO"
    UNIT_CREDIT = "QCFU"
    """A unit that an awarding organisation submitted."""
    SCHOOL_DATA = "NPD"
    FUNDING_RETURN = "ILR"


class EventStatus(StrEnum):
    """Whether an event is final or may still change."""

    FINAL = "F"
    PROVISIONAL = "P"


class AvailabilityState(StrEnum):
    """Whether organisations can see more of a record than what they submitted themselves (PLR-05)."""

    AVAILABLE = "AVAILABLE"
    OPTED_OUT = "OPTED_OUT"
    """At the learner's request."""
    RESTRICTED = "RESTRICTED"
    """By the service desk; only the service desk can undo it."""


class AvailabilityChange(NamedTuple):
    """One change of a record's availability."""

    state: AvailabilityState
    at: str
    """ISO 8601 in UTC."""
    organisation: str
    user: str
    contact_type: str
    """How the learner made the request, one of ``codes.CONTACT_TYPE``."""
    reason: str


class Availability(NamedTuple):
    """A record's availability, by its latest change."""

    uln: str
    latest: AvailabilityChange
    revision: int
    replaced: AvailabilityChange | None = None
    """The change before a new one, which is kept apart from it; none when it is read."""

    @property
    def state(self) -> AvailabilityState:
        return self.latest.state


class ParticipationEvent(NamedTuple):
    """An event from school data or a funding return. Empty text and None mean that there is no value."""

    uln: str
    source: Source
    event_id: str
    """Identifies the event within its source, also when it is delivered again."""
    provider_ukprn: str = ""
    provider_name: str = ""
    awarding_organisation_ukprn: str = ""
    """A UKPRN, or an old six-character code."""
    awarding_organisation_name: str = ""
    subject: str = ""
    subject_code: str = ""
    """Without slashes."""
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
    """Whether the source has withdrawn it."""
    loaded_at: str = ""
    """When it was first loaded, ISO 8601 in UTC."""


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


class HeldAchievement(NamedTuple):
    """An achievement as far as a record shows it: a record reads every one that a learner has."""

    key: Key
    owner: str
    provider_ukprn: str
    grade: str
    language: str
    status: Status
    submission_type: SubmissionType
    loaded_at: str
    changed_at: str
    """Time of its newest version, ISO 8601 in UTC."""
    revision: int


def held_of(achievement: Achievement) -> HeldAchievement:
    """What a record shows of an achievement."""
    return HeldAchievement(
        achievement.key,
        achievement.owner,
        achievement.provider_ukprn,
        achievement.grade,
        achievement.language,
        achievement.status,
        achievement.submission_type,
        achievement.loaded_at,
        achievement.history[-1].provenance.at,
        achievement.revision,
    )


class Holdings(NamedTuple):
    """Everything that the register holds under one ULN."""

    learner: Learner
    achievements: tuple[HeldAchievement, ...] = ()
    events: tuple[ParticipationEvent, ...] = ()
    availability: Availability | None = None
    challenges: tuple[ChallengeMark, ...] = ()

    @property
    def state(self) -> AvailabilityState:
        """Whether the holdings under this ULN are shown. The last decision outweighs the learner's details, and a
        restriction of the learner outweighs both.
        """
        if self.learner.restricted:
            return AvailabilityState.RESTRICTED
        if self.availability is not None:
            return self.availability.state
        shares = self.learner.details.ability_to_share != OPTED_OUT
        return AvailabilityState.AVAILABLE if shares else AvailabilityState.OPTED_OUT


class Register(Protocol):
    """The source of an event's names (QUAL-01)."""

    def summary(self, reference: AimReference) -> AimSummary | None: ...

    def provider(self, ukprn: str) -> Provider | None: ...


class Names:
    """Names of organisations and aims. ``named`` returns an organisation's name by its UKPRN, empty if unknown."""

    def __init__(self, register: Register | None, named: Callable[[str], str]) -> None:
        self._register = register
        self._named = named

    def aim(self, reference: str) -> AimSummary | None:
        """The aim, if it is in the catalogue."""
        return self._register.summary(AimReference(reference)) if self._register and reference else None

    def organisation(self, ukprn: str) -> str:
        """The name of an organisation in the service or the register of providers; empty if it is in neither."""
        if not ukprn:
            return ""
        provider = self._register.provider(ukprn) if self._register else None
        return provider.name if provider else self._named(ukprn)


def state_of(parts: Iterable[Holdings]) -> AvailabilityState:
    """The state of a record that combines these: the most restrictive of them."""
    states = {part.state for part in parts}
    for state in (AvailabilityState.RESTRICTED, AvailabilityState.OPTED_OUT):
        if state in states:
            return state
    return AvailabilityState.AVAILABLE


def learning_events(parts: Sequence[Holdings], names: Names, owner: str = "") -> list[LearningEvent]:
    """The events of a record, newest first; with ``owner``, only those that this organisation brought.

    An achievement belongs to the awarding organisation that submitted it, any other event to the provider whose
    return it came with. The same aim and award date under linked ULNs is one achievement.
    """
    challenged = {event for part in parts for mark in part.challenges if mark.is_open for event in mark.events}
    achievements: dict[tuple[AimReference, date], list[HeldAchievement]] = {}
    for part in parts:
        for held in part.achievements:
            if held.status is Status.ACTIVE and owner in ("", held.owner):
                achievements.setdefault(held.key[1:], []).append(held)
    found = [_one_event(same, names, challenged) for same in achievements.values()]
    found += [
        participation_event(held, names, challenged)
        for part in parts
        for held in part.events
        if not held.withdrawn and owner in ("", held.provider_ukprn)
    ]
    return sorted(found, key=_order)


def day_of(event: LearningEvent) -> date | None:
    """The day of the award, otherwise of the end, otherwise of the start."""
    return event.achievement_award_date or event.participation_end_date or event.participation_start_date


def _order(event: LearningEvent) -> tuple[int, str, int]:
    """Newest first."""
    day = day_of(event)
    return -(day.toordinal() if day else 0), event.subject_code, event.id


def _one_event(same: list[HeldAchievement], names: Names, challenged: set[int]) -> LearningEvent:
    """The event of one achievement, which linked ULNs may hold more than once: as a final one, and as last changed.

    It has the number of the one that was loaded first.
    """
    if len(same) == 1:
        return achievement_event(same[0], names, challenged)
    same = sorted(same, key=lambda held: (held.loaded_at, held.key.uln))
    events = [achievement_event(held, names, challenged) for held in same]
    shown = max(range(len(same)), key=lambda place: _precedence(same[place]))
    is_challenged = any(event.under_data_challenge == YES for event in events)
    return events[shown]._replace(id=events[0].id, under_data_challenge=YES if is_challenged else NO)


def _precedence(held: HeldAchievement) -> tuple[bool, str]:
    return held.submission_type is SubmissionType.FINAL, held.changed_at


def achievement_event(held: HeldAchievement, names: Names, challenged: frozenset[int] | set[int]) -> LearningEvent:
    """The event of an achievement."""
    _, reference, awarded = held.key
    aim = names.aim(reference)
    number = achievement_number(held)
    is_unit = aim.kind is AimKind.UNIT if aim else reference[1:2] == "/"
    return LearningEvent(
        achievement_award_date=awarded,
        achievement_provider_name=names.organisation(held.provider_ukprn),
        achievement_provider_ukprn=held.provider_ukprn,
        awarding_organisation_name=names.organisation(held.owner),
        awarding_organisation_ukprn=held.owner,
        collection_type="",
        credits=aim.credits if aim else None,
        date_loaded=datetime.fromisoformat(held.loaded_at),
        grade=held.grade,
        id=number,
        language_for_assessment=LANGUAGES.get(held.language, held.language),
        level=aim.level if aim else "",
        participation_end_date=None,
        participation_start_date=None,
        qualification_type=aim.type if aim else "",
        restriction=NO_RESTRICTION,
        return_number="",
        source=Source.UNIT_CREDIT if is_unit else Source.AWARDING_ORGANISATION,
        status=EventStatus.FINAL if held.submission_type is SubmissionType.FINAL else EventStatus.PROVISIONAL,
        subject=aim.title if aim else "",
        subject_code=with_obliques(reference),
        under_data_challenge=YES if number in challenged else NO,
    )


def participation_event(held: ParticipationEvent, names: Names, challenged: frozenset[int] | set[int]) -> LearningEvent:
    """The event from school data or a funding return; the catalogue supplies what it leaves out."""
    aim = names.aim(held.subject_code)
    number = participation_number(held)
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
        restriction=held.restriction or NO_RESTRICTION,
        return_number=held.return_number,
        source=held.source,
        status=EventStatus.FINAL,
        subject=held.subject or (aim.title if aim else ""),
        subject_code=held.subject_code,
        under_data_challenge=YES if number in challenged else NO,
    )


def achievement_number(held: HeldAchievement) -> int:
    """The number of an achievement's event."""
    uln, reference, awarded = held.key
    return event_number("ACH", uln, reference, awarded.isoformat(), held.loaded_at)


def participation_number(held: ParticipationEvent) -> int:
    """The number of an event from school data or a funding return."""
    return event_number("EVT", held.uln, held.source, held.event_id, held.loaded_at)


def event_number(*identity: str) -> int:
    """An event's number: the same for as long as the event is held, without revealing anything about it.

    The moment at which an event was first loaded, to the microsecond, is part of ``identity``, so that a number cannot
    be traced back to a ULN by trying them all.
    """
    digest = hashlib.sha256("\x1f".join(identity).encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - _ID_BITS)) or 1


def version_tag(parts: Sequence[Holdings], get_type: GetType, owner: str = "") -> str:
    """A text that changes whenever the record does: its content, who may see it, or what is challenged.

    ``owner`` is the organisation that only sees its own events: the version must not show that others have changed
    something. Titles and names from the catalogue do not count.
    """
    digest = hashlib.sha256("\x1f".join((_TAG_FORM, get_type, owner, state_of(parts))).encode())
    shown = [_of_owner(part, owner) for part in parts] if owner else parts
    own = {number for part in shown for number in _numbers(part)} if owner else set()
    for part in shown:
        pairs = [f"LEARNER:{part.learner.uln}:{'' if owner else part.learner.version_number}"]
        pairs += [f"{held.key.aim_reference}:{held.key.award_date}:{held.revision}" for held in part.achievements]
        pairs += [f"{held.source}:{held.event_id}:{hash_of(held)}" for held in part.events]
        pairs += [f"{m.reference}:{m.status}" for m in part.challenges if not owner or not own.isdisjoint(m.events)]
        digest.update("\x1e".join(sorted(pairs)).encode())
    return digest.hexdigest()[:32]


def _of_owner(part: Holdings, owner: str) -> Holdings:
    """What an organisation brought."""
    return part._replace(
        achievements=tuple(held for held in part.achievements if held.owner == owner),
        events=tuple(held for held in part.events if held.provider_ukprn == owner),
    )


def _numbers(part: Holdings) -> Iterator[int]:
    """The numbers of the events."""
    yield from map(achievement_number, part.achievements)
    yield from map(participation_number, part.events)


def hash_of(event: ParticipationEvent) -> str:
    """A digest of an event's content, whenever it was loaded."""
    text = "\x1f".join("" if value is None else str(value) for value in event._replace(loaded_at=""))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
