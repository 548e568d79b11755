"""Contract of personal records, feeds' events, challenges and the access log, for fake and real adapters."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.domain.challenges import (
    Challenge,
    ChallengedEvent,
    ChallengeStatus,
    EventDetails,
    RaisedBy,
    Report,
    Step,
    mark_of,
    raised,
)
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.learners import learner_of
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.records import (
    Availability,
    AvailabilityChange,
    AvailabilityState,
    ParticipationEvent,
    Source,
    held_of,
)
from chalicelib.ports.audit import AuditEntry
from chalicelib.ports.errors import BadCursor, Conflict
from tests.contract.conftest import achievement, key, profile

AT = "2026-03-02T09:00:00.123456+00:00"


def event(uln, event_id="a1", **changes):
    made = ParticipationEvent(uln, Source.SCHOOL_DATA, event_id, "10000055", "Ysgol Ⓦ", loaded_at=AT)
    return made._replace(**changes)


def availability(uln, *states):
    changes = [AvailabilityChange(state, AT, "10000001", "ann", "PST", "ü") for state in states]
    return Availability(uln, changes[-1], len(states), changes[-2] if len(states) > 1 else None)


def challenge(uln, reference, *events):
    report = Report(
        ChallengeType.EVENT_GRADE, events, EventDetails(achieved_grade="A*"), "Siân", "", "s@example.org", "ŵ\nŷ"
    )
    named = tuple(ChallengedEvent(number, "AO", EventDetails(aim_title="Tŷ"), "10000002") for number in events)
    return raised(reference, uln, report, named, RaisedBy(uln[-8:], "ann", AT))


@pytest.mark.req("PLR-01")
def test_nothing_is_held_of_a_learner_who_is_not_registered(world, uln):
    assert world.ports.records.holdings(uln) is None
    world.ports.participation_events.write([event(uln)])
    assert world.ports.records.holdings(uln) is None


@pytest.mark.req("PLR-01", "PLR-05", "PLR-06")
def test_all_that_is_held_under_a_number_is_read_together(world, uln):
    world.hold_learners([profile(uln)])
    held = [achievement(key(uln, awarded=date(2026, 2, day))) for day in (3, 1, 2)]
    for one in held:
        world.ports.achievements.write(one)
    events = [event(uln), event(uln, "b2", source=Source.FUNDING_RETURN, award_date=date(2025, 1, 2), credits=0)]
    world.ports.participation_events.write(events)
    world.ports.records.save_availability(availability(uln, AvailabilityState.OPTED_OUT))
    raised_one = challenge(uln, f"DC-{uln}", 2**53 - 1, 7)
    world.ports.casework.create(raised_one)
    found = world.ports.records.holdings(uln)
    assert found.learner == learner_of(profile(uln))
    assert set(found.achievements) == set(map(held_of, held))
    assert set(found.events) == set(events)
    assert found.availability == availability(uln, AvailabilityState.OPTED_OUT)
    assert found.challenges == (mark_of(raised_one),)


@pytest.mark.req("PLR-01")
def test_a_record_of_any_length_is_read_whole(world, uln):
    world.hold_learners([profile(uln)])
    events = [event(uln, f"e{n:04d}", subject="S" * 250, restriction="R" * 8000) for n in range(150)]
    world.ports.participation_events.write(events)
    assert len(world.ports.records.holdings(uln).events) == 150


@pytest.mark.req("PLR-01")
def test_an_event_is_read_by_source_and_id_as_it_was_written(world, uln):
    whole = event(
        uln,
        provider_name="Ysgol",
        awarding_organisation_ukprn="UNKNWN",
        awarding_organisation_name="Cyd-bwyllgor",
        subject="Cymraeg",
        subject_code="60142923",
        qualification_type="GCSE",
        level="Level 1/2",
        grade="A*",
        credits=12,
        award_date=date(2023, 8, 24),
        start_date=date(2021, 9, 1),
        end_date=date(2023, 6, 30),
        collection_type="NPD",
        return_number="1",
        language="CYM",
        restriction="1",
        withdrawn=True,
    )
    events = world.ports.participation_events
    events.write([whole, event(uln, "b2")])
    assert events.read([(uln, "NPD", "a1"), (uln, "ILR", "a1"), (uln, "NPD", "a1")]) == {(uln, "NPD", "a1"): whole}
    events.write([whole._replace(grade="A")])
    assert events.read([(uln, "NPD", "a1")])[uln, "NPD", "a1"].grade == "A"
    assert events.read([]) == {}
    events.write([])


@pytest.mark.req("PLR-01")
def test_more_events_than_one_call_takes_are_written_and_read(world, uln):
    written = [event(uln, f"e{n}") for n in range(230)]
    events = world.ports.participation_events
    events.write(written)
    assert len(events.read([(uln, "NPD", f"e{n}") for n in range(240)])) == 230


@pytest.mark.req("PLR-01")
def test_the_holder_of_an_event_is_the_one_recorded_last(world, uln):
    events, one, other = world.ports.participation_events, ("NPD", f"a{uln}"), ("ILR", f"a{uln}")
    events.hold({one: uln, other: "1000000019"})
    events.hold({one: "1000000035"})
    assert events.holders([one, other, one, ("NPD", "none")]) == {one: "1000000035", other: "1000000019"}
    many = {("NPD", f"{n}-{uln}"): uln for n in range(130)}
    events.hold(many)
    assert events.holders(many) == many
    assert events.holders([]) == {}
    events.hold({})


@pytest.mark.req("PLR-05")
def test_an_availability_follows_the_one_before(world, uln):
    records = world.ports.records
    states = (AvailabilityState.OPTED_OUT, AvailabilityState.AVAILABLE, AvailabilityState.RESTRICTED)
    world.hold_learners([profile(uln)])
    for count in (1, 2, 3):
        records.save_availability(availability(uln, *states[:count]))
    assert records.holdings(uln).availability == availability(uln, *states)._replace(replaced=None)
    assert world.kept_changes(uln) == [AvailabilityState.OPTED_OUT, AvailabilityState.AVAILABLE]


@pytest.mark.req("PLR-05")
@pytest.mark.parametrize(("stored", "written"), [(1, 1), (2, 1), (0, 2), (1, 3)])
def test_an_availability_that_does_not_follow_is_refused(world, uln, stored, written):
    records = world.ports.records
    world.hold_learners([profile(uln)])
    out = AvailabilityState.OPTED_OUT
    for count in range(1, stored + 1):
        records.save_availability(availability(uln, *[out] * count))
    with pytest.raises(Conflict):
        records.save_availability(availability(uln, *[AvailabilityState.AVAILABLE] * written))
    held = records.holdings(uln).availability
    assert (held.revision if held else 0) == stored


@pytest.mark.req("LEDC-01", "ULN-10")
def test_a_challenge_is_read_by_its_reference_as_it_was_raised(world, uln):
    casework = world.ports.casework
    made = challenge(uln, f"DC-{uln}", 5)
    casework.create(made)
    assert casework.get(made.reference) == made
    assert casework.get(f"DC-{uln}-none") is None


@pytest.mark.req("LEDC-01")
def test_a_reference_is_given_once(world, uln):
    casework = world.ports.casework
    world.hold_learners([profile(uln)])
    casework.create(challenge(uln, f"DC-{uln}", 5))
    with pytest.raises(Conflict):
        casework.create(challenge(uln, f"DC-{uln}", 6))
    assert world.ports.records.holdings(uln).challenges == (mark_of(challenge(uln, f"DC-{uln}", 5)),)


@pytest.mark.req("LEDC-01", "PLR-06")
def test_the_same_problem_is_not_raised_again_until_the_challenge_before_has_ended(world, uln):
    casework = world.ports.casework
    world.hold_learners([profile(uln)])
    first = challenge(uln, f"DC-{uln}-1", 5, 7)
    assert casework.create(first) == ""
    assert casework.create(first) == ""
    again = challenge(uln, f"DC-{uln}-2", 7, 5)
    assert casework.create(again) == first.reference
    assert casework.create(again, after="DC-another") == first.reference
    assert casework.get(again.reference) is None
    assert casework.create(challenge(uln, f"DC-{uln}-3", 5)) == ""
    assert casework.create(again, after=first.reference) == ""
    assert casework.create(challenge(uln, f"DC-{uln}-4", 5, 7), after=first.reference) == again.reference
    assert casework.get(again.reference) == again


@pytest.mark.req("LEDC-01")
def test_a_change_of_a_challenge_changes_its_mark_and_follows_the_one_before(world, uln):
    casework = world.ports.casework
    world.hold_learners([profile(uln)])
    first: Challenge = challenge(uln, f"DC-{uln}", 5)
    casework.create(first)
    step = Step("2026-03-04T10:00:00+00:00", "10000002", "bob", ChallengeStatus.UPHELD, "set right")
    ended = first._replace(
        status=ChallengeStatus.UPHELD, history=(*first.history, step), assigned_to="10000002", notice_due=False
    )
    saved = casework.save(ended)
    assert saved == ended._replace(revision=2)
    assert casework.get(first.reference) == saved
    (mark,) = world.ports.records.holdings(uln).challenges
    assert (mark.status, mark.resolved_at) == (ChallengeStatus.UPHELD, step.at)
    with pytest.raises(Conflict):
        casework.save(first)
    with pytest.raises(Conflict):
        casework.save(challenge(uln, f"DC-{uln}-never", 5))


@pytest.mark.partiql
@pytest.mark.req("PLR-07")
def test_an_access_log_is_read_in_pages_newest_first(world, uln):
    entries = [
        AuditEntry(
            f"ULN#{uln}",
            f"2026-03-02T09:{n:02d}:00+00:00",
            f"e{n}",
            LookAction.RECORD_VIEWED,
            LookOutcome.REFUSED,
            "10000001",
            "ü",
            {"n": "1"},
        )
        for n in range(25)
    ]
    world.ports.audit.record(entries)
    log = world.ports.access_log
    found, cursor = log.page(uln, "10000001", 10)
    pages = 1
    while cursor:
        page, cursor = log.page(uln, "10000001", 10, cursor)
        found = found + page
        pages += 1
    assert found == entries[::-1]
    assert pages == 3
    assert log.page(f"{int(uln) + 90_000_000}", "10000001", 10) == ([], "")


@pytest.mark.partiql
@pytest.mark.req("PLR-07", "PLR-05")
@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_an_access_log_leaves_out_what_repeats_a_look_and_if_asked_what_others_did(world, uln, limit):
    kinds = [LookAction.RECORD_VIEWED, LookAction.AVAILABILITY_SAVED, LookAction.LEARNER_IN_FILE_SAVED]
    entries = [
        AuditEntry(
            f"ULN#{uln}", f"2026-03-02T09:{n:02d}:00+00:00", f"e{n}", kinds[n % 3], LookOutcome.DONE, ukprn, "ann", {}
        )
        for n, ukprn in enumerate(["10000001", "10000002", ""] * 2 + ["10000002"] * 7)
    ]
    world.ports.audit.record(entries)
    assert _whole_log(world, uln, limit) == [one for one in reversed(entries) if one.action is kinds[0]]
    own = [one for one in reversed(entries) if one.action is kinds[0] and one.organisation == "10000001"]
    assert _whole_log(world, uln, limit, own_only=True) == own
    assert len(own) == 2


def _whole_log(world, uln, limit, **named):
    found, cursor = world.ports.access_log.page(uln, "10000001", limit, **named)
    while cursor:
        page, cursor = world.ports.access_log.page(uln, "10000001", limit, cursor, **named)
        assert len(page) <= limit
        found = found + page
    return found


@pytest.mark.partiql
@pytest.mark.req("PLR-07")
def test_a_cursor_of_an_access_log_is_its_organisations_and_learners(world, uln):
    times = [f"2026-03-02T09:{n:02d}:00+00:00" for n in range(3)]
    world.ports.audit.record(
        [
            AuditEntry(f"ULN#{uln}", at, "e", LookAction.RECORD_VIEWED, LookOutcome.DONE, "10000001", "ann", {})
            for at in times
        ]
    )
    log = world.ports.access_log
    cursor = log.page(uln, "10000001", 2).cursor
    for other in ((uln, "10000002", 2, cursor), (f"{int(uln) + 9}", "10000001", 2, cursor), (uln, "10000001", 2, "x")):
        with pytest.raises(BadCursor):
            log.page(*other)
    if not world.is_fake:
        world.clock.advance(timedelta(hours=2))
        with pytest.raises(BadCursor):
            log.page(uln, "10000001", 2, cursor)
