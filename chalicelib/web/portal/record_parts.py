"""What the templates of records are given: the learner, events in the words of people, parts of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.domain.learners import Learner
from chalicelib.domain.record_reports import Part
from chalicelib.domain.records import NO_GRADE, YES, AvailabilityState, EventStatus, LearningEvent, Source, day_of
from chalicelib.web.portal.parts import Row
from chalicelib.web.portal.record_fields import PART_WORDS, SOURCE_WORDS
from chalicelib.web.portal.texts import marked as _


@dataclass(frozen=True, slots=True)
class EventShown:
    """An event for people."""

    event: LearningEvent

    @property
    def title(self) -> str:
        return self.event.subject or self.event.subject_code

    @property
    def about(self) -> str:
        """Its reference and type, where they are known."""
        named = (self.event.subject_code if self.event.subject else "", self.event.qualification_type)
        return ", ".join(filter(None, named))

    @property
    def grade(self) -> str:
        return "" if self.event.grade == NO_GRADE else self.event.grade

    @property
    def level(self) -> str:
        return self.event.level

    @property
    def credits(self) -> str:
        return "" if self.event.credits is None else str(self.event.credits)

    @property
    def day(self) -> date | None:
        return day_of(self.event)

    @property
    def awarding_organisation(self) -> str:
        return self.event.awarding_organisation_name or self.event.awarding_organisation_ukprn

    @property
    def provider(self) -> str:
        return self.event.achievement_provider_name or self.event.achievement_provider_ukprn

    @property
    def source(self) -> str:
        return SOURCE_WORDS[Source(self.event.source)]

    @property
    def is_provisional(self) -> bool:
        return self.event.status == EventStatus.PROVISIONAL

    @property
    def is_challenged(self) -> bool:
        return self.event.under_data_challenge == YES

    @property
    def rows(self) -> list[Row]:
        """Every detail that it has."""
        event = self.event
        awarding = _with_number(self.awarding_organisation, event.awarding_organisation_ukprn)
        return _present(
            Row(_("Reference"), event.subject_code),
            Row(_("Type"), event.qualification_type),
            Row(_("Level"), event.level),
            Row(_("Credits"), self.credits),
            Row(_("Grade"), self.grade),
            _day(_("Award date"), event.achievement_award_date),
            _day(_("Start date"), event.participation_start_date),
            _day(_("End date"), event.participation_end_date),
            Row(_("Awarding organisation"), awarding),
            Row(_("School or provider"), _with_number(self.provider, event.achievement_provider_ukprn)),
            Row(_("Language of assessment"), event.language_for_assessment),
            Row(_("Source"), self.source),
            Row(_("Collection"), event.collection_type),
            Row(_("Return"), event.return_number),
            Row(_("Added to the record"), event.date_loaded),
        )


def _day(key: str, day: date | None) -> Row:
    return Row(key, day or "")


def _present(*rows: Row) -> list[Row]:
    return [row for row in rows if row.value]


@dataclass(frozen=True, slots=True)
class Limit:
    """A sentence about what a record leaves out, or whose it is."""

    text: str
    values: Mapping[str, str]

    @property
    def english(self) -> str:
        return self.text % self.values


def limits_of(uln: str, found_uln: str, availability: AvailabilityState | None) -> list[Limit]:
    """Which ULN was asked for, and what the organisation does not see."""
    limits = [Limit(_LINKED, {"uln": uln, "master": found_uln})] if found_uln != uln else []
    left_out = _LEFT_OUT.get(availability) if availability else None
    return [*limits, Limit(left_out, {})] if left_out else limits


_LINKED: Final = _("ULN %(uln)s is linked with the master ULN %(master)s. The record has the events of both.")
_LEFT_OUT: Final = {
    AvailabilityState.OPTED_OUT: _(
        "The learner does not share this record. You see the events that your organisation submitted. The learner’s "
        "details and the events of other organisations are left out."
    ),
    AvailabilityState.RESTRICTED: _(
        "The service desk has restricted this record. You see the events that your organisation submitted. The "
        "learner’s details and the events of other organisations are left out."
    ),
}


def _with_number(name: str, number: str) -> str:
    return f"{name} ({number})" if number and name != number else name


@dataclass(frozen=True, slots=True)
class PartShown:
    """The events of one part, or those of them that are on this page."""

    part: Part
    events: Sequence[EventShown]
    total: int

    @property
    def title(self) -> str:
        return PART_WORDS[self.part]


def page_of(found: Mapping[Part, Sequence[LearningEvent]], first: int, size: int) -> list[PartShown]:
    """The events of all parts, one after the other, from the ``first`` one (from 0)."""
    shown: list[PartShown] = []
    for part, events in found.items():
        some = events[max(0, first) : max(0, first + size)]
        if some:
            shown.append(PartShown(part, tuple(map(EventShown, some)), len(events)))
        first -= len(events)
    return shown


def whole(found: Mapping[Part, Sequence[LearningEvent]]) -> list[PartShown]:
    """Every event of the parts, also of those without any."""
    return [PartShown(part, tuple(map(EventShown, events)), len(events)) for part, events in found.items()]


def learner_rows(learner: Learner) -> list[Row]:
    """The learner's details that a record shows."""
    details = learner.details
    return _present(
        Row(_("ULN"), learner.uln),
        Row(_("Given name"), details.given_name),
        Row(_("Middle names"), details.middle_other_name),
        Row(_("Family name"), details.family_name),
        Row(_("Preferred given name"), details.preferred_given_name),
        Row(_("Previous family name"), details.previous_family_name),
        _day(_("Date of birth"), details.date_of_birth),
        Row(_("Gender"), _GENDERS.get(details.gender, "")),
        Row(_("Postcode"), details.last_known_post_code),
        Row(_("Linked ULNs"), ", ".join(learner.linked_ulns)),
    )


_GENDERS: Final = {"0": _("Not known"), "1": _("Male"), "2": _("Female"), "9": _("Not specified")}
