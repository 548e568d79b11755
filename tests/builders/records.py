"""Records for tests: events of every source, invented and valid, and a catalogue with the names that occur in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.domain.achievements import Achievement, Key, Provenance, Status, Version
from chalicelib.domain.aims import Provider
from chalicelib.domain.callers import Caller
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.records import Names, ParticipationEvent, Source
from chalicelib.domain.results import Outcome, RecordResult
from tests.builders.achievements import AIM, PROVIDER, SHARED_AIM, ListedCatalogue, learner, world_with
from tests.builders.callers import caller
from tests.builders.organisations import OURS, THEIRS
from tests.fakes import FakeWorld

LOADED = "2026-03-02T09:00:00.123456+00:00"
SCHOOL = "90000020"
FULL_AIM = replace(AIM, level="Level 3", type="Vocational", credits=120)
UNIT = replace(SHARED_AIM, level="Level 2", type="Unit", credits=6)


class RecordCatalogue(ListedCatalogue):
    """Aims with everything that events use, and providers by name."""

    def __init__(self) -> None:
        super().__init__((FULL_AIM, UNIT), (PROVIDER, OURS, SCHOOL))

    def provider(self, ukprn: str) -> Provider | None:
        return Provider(ukprn, f"Provider {ukprn[-2:]}") if ukprn in self.providers else None


NAMES = Names(RecordCatalogue(), lambda ukprn: f"Registered {ukprn}")


CREATED = (RecordResult(1, Outcome.CREATED, "VRC001"),)


def stored(
    key: Key, by: Provenance, versions: int = 1, results: tuple[RecordResult, ...] = CREATED, **changes: Any
) -> Achievement:
    """An achievement with this many identical versions, each of which made it what it is."""
    made = Achievement(
        key=key,
        owner=by.organisation,
        given_name="Siân",
        family_name="O'Brien",
        provider_ukprn="10000055",
        grade="Pass",
        language="E",
        status=Status.ACTIVE,
        submission_type=SubmissionType.FINAL,
        late=False,
        loaded_at=by.at,
        revision=versions,
        history=(),
    )
    made = made._replace(**changes)
    version = Version(
        by, "1", "", "", made.status, made.submission_type, made.provider_ukprn, made.grade, made.language, results
    )
    return made._replace(history=(version,) * versions)


def achievement(number: int = 0, reference: str = AIM.reference, day: int = 20, **changes: Any) -> Achievement:
    """An achievement of the learner with this number."""
    profile = learner(number)
    owner, versions = changes.pop("owner", OURS), changes.pop("revision", 1)
    theirs = {"given_name": profile.given_name, "family_name": profile.family_name, "provider_ukprn": PROVIDER}
    by = Provenance(LOADED, owner, "ann", "webservice")
    key = changes.pop("key", Key(profile.uln, reference, date(2026, 2, day)))
    return stored(key, by, versions, **theirs | {"language": "ENG"} | changes)


def event(
    number: int = 0, event_id: str = "a1", source: Source = Source.SCHOOL_DATA, **changes: Any
) -> ParticipationEvent:
    """An event from school data for the learner with this number."""
    made = ParticipationEvent(
        uln=learner(number).uln,
        source=source,
        event_id=event_id,
        provider_ukprn=SCHOOL,
        provider_name="Hill School",
        awarding_organisation_ukprn="100062",
        awarding_organisation_name="AQA",
        subject="Mathematics",
        subject_code="60142923",
        qualification_type="GCSE (9 to 1)",
        level="Level 1/2",
        grade="7",
        award_date=date(2023, 8, 24),
        start_date=date(2021, 9, 1),
        end_date=date(2023, 6, 30),
        collection_type="School census",
        return_number="2023-3",
        language="ENG",
        loaded_at="2025-11-03T04:05:06.789012+00:00",
    )
    return made._replace(**changes)


def named(profile: LearnerProfile, **changes: Any) -> SubmittedDetails:
    """The learner's details as a caller who knows them gives them."""
    return SubmittedDetails(profile.uln, profile.given_name, profile.family_name)._replace(**changes)


def reader(ukprn: str = OURS, user: str = "ann") -> Caller:
    """An organisation's system that looks at records."""
    return caller(ukprn, user)


def world_of_records() -> FakeWorld:
    """A world with two learners; the first has an achievement of each organisation and an event of school data."""
    world = world_with(learner(0), learner(1))
    world.catalogues.publish("v2", RecordCatalogue())
    world.achievements.put(achievement())
    world.achievements.put(achievement(day=1, owner=THEIRS))
    world.participation_events.put(event())
    return world
