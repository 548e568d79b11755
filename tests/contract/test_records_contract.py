"""Contract of the accounts, the audit log, the outages and the catalogue, for fake and real adapters."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.developers import Developer
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.maintenance import Environment, Window, WindowKind
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.organisations import Agreement, Listed, OrganisationKind, OrganisationState, StateChange
from chalicelib.domain.recoveries import Recovery
from chalicelib.domain.timeliness import Counts
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.audit import AuditEntry, mark_of
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.levels import Schedule
from chalicelib.ports.timeliness import DayCounts, Place

ORGANISATION = Organisation(
    "",
    "Bwrdd Arholi Ⓦ",
    "RN5133",
    frozenset({"RN5133", "RN5134"}),
    True,
    True,
    "active",
    "b@example.org",
    "windows-1252",
    frozenset({"ab" * 32, "cd" * 32}),
    roles=frozenset({"QCF User", "Awarding Body User"}),
)


def test_an_organisation_is_read_as_it_was_stored(world, ukprn):
    organisation = ORGANISATION._replace(ukprn=ukprn)
    world.hold_organisation(organisation)
    assert world.ports.accounts.organisation(ukprn) == organisation
    world.hold_organisation(organisation._replace(status="suspended", recognition_numbers=frozenset(), csv_encoding=""))
    stored = world.ports.accounts.organisation(ukprn)
    assert (stored.status, stored.recognition_numbers, stored.csv_encoding) == ("suspended", frozenset(), "")


def test_an_organisation_that_is_not_registered_is_not_found(world, ukprn):
    assert world.ports.accounts.organisation(ukprn) is None


LOOK = (LookAction.RECORD_VIEWED, LookOutcome.DONE)
AWKWARD = "ü \\ \"ann\" 'O' \t\x01\u2028 😀"
"""A text whose characters JSON or PartiQL could take for their own."""


@pytest.mark.partiql
@pytest.mark.req("SEC-01")
def test_audit_entries_are_written_once_however_often_they_are_recorded(world, uln):
    entries = [
        AuditEntry(
            f"ULN#{uln}", f"2026-03-02T09:{n:02d}:00+00:00", f"e{n}", *LOOK, "10000001", AWKWARD, {"by": AWKWARD}
        )
        for n in range(40)
    ]
    world.ports.audit.record(entries)
    world.ports.audit.record([*entries[:3], entries[0]])
    assert world.audited(f"ULN#{uln}") == entries
    world.ports.audit.record([])
    world.ports.audit.record([entries[0]._replace(user="somebody else", detail={})])
    assert world.audited(f"ULN#{uln}") == entries


@pytest.mark.partiql
@pytest.mark.req("IDM-12")
def test_the_latest_entries_of_a_subject_are_read_in_parts(world, uln):
    subject = f"USER#{uln}"
    entries = [
        AuditEntry(subject, f"2026-03-02T09:{n:02d}:00+00:00", f"e{n}", *LOOK, "10000001", "ann", {}) for n in range(7)
    ]
    world.ports.audit.record([*entries, entries[0]._replace(subject=f"{subject}0")])
    latest = world.ports.audit.latest(subject, 4)
    assert latest == entries[:2:-1]
    assert world.ports.audit.latest(subject, 4, mark_of(latest[-1])) == entries[2::-1]
    assert world.ports.audit.latest(subject, 4, mark_of(entries[0])) == []


@pytest.mark.req("ACH-10")
def test_outages_are_those_that_end_after_the_day(world):
    day = date(2026, 2, 16)
    noon = datetime(2026, 2, 16, 12, tzinfo=UTC)
    year_end = datetime(2025, 12, 31, 23, tzinfo=UTC)
    hours = timedelta(hours=1)
    for start, end in (
        (noon, noon + hours),
        (noon, noon + 20 * hours),
        (year_end, year_end + 2 * hours),
        (noon + 48 * hours, noon + 49 * hours),
    ):
        world.ports.outages.record(start, end)
    assert world.ports.outages.since(day) == [(noon, noon + 20 * hours), (noon + 48 * hours, noon + 49 * hours)]
    assert (year_end, year_end + 2 * hours) in world.ports.outages.since(date(2025, 12, 31))
    assert (year_end, year_end + 2 * hours) not in world.ports.outages.since(date(2026, 1, 1))


@pytest.mark.req("SLA-05", "ACH-10")
def test_the_schedule_is_one_document_that_nobody_overwrites_unseen(world):
    schedules = world.ports.schedules
    before = schedules.read()
    hour = timedelta(hours=1)
    emergency = Window(
        window_id="MW-1",
        environment=Environment.LIVE,
        kind=WindowKind.EMERGENCY,
        start=datetime(2024, 1, 2, 10, tzinfo=UTC),
        end=datetime(2024, 1, 2, 12, tzinfo=UTC),
        reason="Grüße: a fix for “£”",
        announced_at=datetime(2024, 1, 2, 9, tzinfo=UTC),
        changed_at=datetime(2024, 1, 2, 9, 5, tzinfo=UTC),
    )
    elsewhere = replace(
        emergency, window_id="MW-2", environment=Environment.COMPATIBILITY, end=emergency.end + 9 * hour
    )
    many = [replace(emergency, window_id=f"MW-{number}", is_cancelled=True) for number in range(3, 40)]
    stored = Schedule((emergency, elsewhere, *many), before.revision + 1)
    schedules.save(stored)
    assert schedules.read() == schedules.read(consistent=False) == stored
    for revision in (before.revision + 1, before.revision + 3):
        with pytest.raises(Conflict):
            schedules.save(Schedule((), revision))
    # Emergencies of our own environment are outages, and are merged with those recorded.
    world.ports.outages.record(emergency.end, emergency.end + hour)
    assert (emergency.start, emergency.end + hour) in world.ports.outages.since(date(2024, 1, 1))
    # What leaves the schedule is still found.
    left = [emergency, elsewhere]
    schedules.save(Schedule((), before.revision + 2), left)
    assert not schedules.read().windows
    assert [one for one in schedules.since(emergency.start) if one in left] == left
    assert [one for one in schedules.since(emergency.end) if one in left] == [elsewhere]
    assert [one for one in schedules.since(elsewhere.end, consistent=False) if one in left] == []
    assert (emergency.start, emergency.end + hour) in world.ports.outages.since(date(2024, 1, 1))


@pytest.mark.req("IDM-10")
def test_an_organisation_is_saved_revision_by_revision_and_listed_as_it_is(world, ukprn):
    accounts = world.ports.accounts
    first = ORGANISATION._replace(
        ukprn=ukprn,
        is_adviser=True,
        is_awarding_organisation=False,
        agreement=Agreement(date(2026, 3, 1), "Zoë Ⓦ, Director"),
        twin="90000051",
        business_reason="Two lines,\nthe second.",
        roles=frozenset({"Adviser"}),
    )
    accounts.save(first)
    accounts.save(first)  # as botocore repeats a call whose answer was lost
    assert accounts.organisation(ukprn) == first
    change = StateChange(datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC), "desk0001", "Left the scheme")
    second = first._replace(name="Renamed", status="suspended", state_change=change, revision=2)
    accounts.save(second)
    assert accounts.organisation(ukprn) == second
    for stale in (first, second._replace(name="Another"), second._replace(revision=4)):
        with pytest.raises(Conflict):
            accounts.save(stale)
    assert [one for one in accounts.listed() if one.ukprn == ukprn] == [
        Listed(ukprn, "Renamed", OrganisationKind.ADVISER, OrganisationState.SUSPENDED)
    ]


@pytest.mark.req("SLA-05")
def test_every_organisation_is_on_one_page_of_all(world, ukprn):
    own = [ORGANISATION._replace(ukprn=str(int(ukprn) + number * 1_000_000)) for number in range(5)]
    for one in own:
        world.hold_organisation(one)
    found, after = [], ""
    while True:
        page, after = world.ports.accounts.page(after)
        found += page
        if not after:
            break
    assert sorted(one for one in found if one in own) == own
    assert len({one.ukprn for one in found}) == len(found)


@pytest.mark.req("HLP-03")
def test_developers_are_kept_and_saved_again(world):
    at = datetime(2025, 3, 4, 9, 30, 0, 5, tzinfo=UTC)
    first = Developer("D1", "Ⓦ & Co", "Jo", "jo@example.org", "Two\nlines", "both", "", at, "desk0001")
    second = first._replace(developer_id="D2", ukprn="90000051", ended_at=at + timedelta(days=1))
    for one in (second, first, second._replace(company="Renamed")):
        world.ports.developer_table.save(one)
    assert world.ports.developer_table.all() == [first, second._replace(company="Renamed")]


@pytest.mark.req("SLA-07")
def test_one_recovery_runs_at_a_time_and_ends_once(world):
    store = world.ports.recovery_store
    start = datetime(2025, 3, 4, 9, 30, 0, 5, tzinfo=UTC)
    first, second = Recovery(start, "Loss of the region"), Recovery(start + timedelta(days=1), "Drill")
    ended = replace(first, reinstated_at=start + timedelta(hours=3))

    def refuses(*others: Recovery) -> None:
        for other in others:
            with pytest.raises(Conflict):
                store.save(other)

    for _ in range(2):  # as botocore repeats a call whose answer was lost
        store.save(first)
    refuses(second, replace(first, reason="Another"), replace(first, reason="Another", reinstated_at=second.invoked_at))
    assert [one for one in store.all() if one.reason in {"Loss of the region", "Another"}] == [first]
    for one in (ended, ended, second):
        store.save(one)
    refuses(first, replace(ended, reinstated_at=start + timedelta(hours=4)))
    over = replace(second, reinstated_at=second.invoked_at)
    store.save(over)
    assert [one for one in store.all() if one.invoked_at in {start, second.invoked_at}] == [ended, over]


@pytest.mark.req("ACH-10")
def test_what_came_in_time_is_read_by_month_and_organisation(world, ukprn):
    other = str(int(ukprn) + 1_000_000)
    days = [
        DayCounts(ukprn, "=Awards", date(2025, 3, 31), Counts(1, 2, 3, 4, 5)),
        DayCounts(ukprn, "=Awards", date(2025, 3, 1), Counts(1)),
        DayCounts(other, "Others", date(2025, 3, 2), Counts(7)),
        DayCounts(ukprn, "=Awards", date(2025, 4, 1), Counts(9)),
    ]
    world.ports.timeliness.record(days)
    world.ports.timeliness.record([days[1]._replace(counts=Counts(2))])
    expected = [days[1]._replace(counts=Counts(2)), days[0]]
    assert world.ports.timeliness.of_month(Month(2025, 3), ukprn) == expected
    found = world.ports.timeliness.of_month(Month(2025, 3))
    assert [one for one in found if one.ukprn in (ukprn, other)] == [*expected, days[2]]
    assert world.ports.timeliness.of_month(Month(2024, 3), ukprn) == []


@pytest.mark.req("ACH-10")
def test_how_far_the_count_has_come_is_kept(world):
    timeliness = world.ports.timeliness
    extended = {date(2026, 3, 7): date(2026, 2, 19)}
    for place in (Place(date(2026, 3, 20), date(2026, 3, 6)), Place(date(2026, 3, 21), date(2026, 3, 7), extended)):
        timeliness.keep_place(place)
        assert timeliness.place() == place


@pytest.mark.req("QUAL-01")
def test_the_version_published_last_is_in_force_and_the_one_before_stays(world):
    catalogues = world.ports.catalogues
    if not world.is_fake:
        catalogues._read = lambda data: gzip.decompress(data).decode()
    with pytest.raises(Missing):
        catalogues.current_version()
    for version in ("2026-03-01.1", "2026-03-02.1"):
        catalogues.publish(
            version, f"aims of {version}" if world.is_fake else gzip.compress(f"aims of {version}".encode(), mtime=0)
        )
        assert catalogues.current_version() == version
    assert catalogues.load("2026-03-01.1") == "aims of 2026-03-01.1"
    assert catalogues.load("2026-03-02.1") == "aims of 2026-03-02.1"
    assert catalogues.load("2026-03-02.1") is catalogues.load("2026-03-02.1")
    with pytest.raises(Missing):
        catalogues.load("2026-03-03.1")
    again = catalogues.load("2026-03-01.1") if world.is_fake else gzip.compress(b"aims of 2026-03-01.1", mtime=0)
    with pytest.raises(Conflict):
        catalogues.publish("2026-03-01.1", again, previous="2026-02-28.1")
    assert catalogues.current_version() == "2026-03-02.1"
    assert catalogues.publish("2026-03-01.1", again, previous="2026-03-02.1") is False
    assert catalogues.current_version() == "2026-03-01.1"
