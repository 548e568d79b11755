"""What came in time and late, counted from the submissions and reported over the web service."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.achievements import Key
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.refusals import Refused
from chalicelib.domain.timeliness import Counts, Submitted, Terms, counted, terms_of
from chalicelib.ports.timeliness import DayCounts
from chalicelib.reference import lists
from tests.builders.organisations import OURS, THEIRS, organisation, provider
from tests.builders.records import achievement
from tests.builders.stream import submitted_change
from tests.builders.web import THEIR_TOKEN, WebClient, admit, token_of
from tests.fakes import FakeWorld
from tests.fakes.calls import no_hook

pytestmark = pytest.mark.req("ACH-10")

DESK, MANAGER = "90000009", token_of("manager")
OPERATOR = Caller("", "operator", "", frozenset(), Channel.OPERATOR, "c1")
PATH = "/v1/timeliness"
FOREVER = datetime(2999, 1, 1, tzinfo=UTC)
DAY = date(2026, 3, 2)
"""A Monday. Ten working days before it: Monday 16 February."""


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(OURS, name="=HYPERLINK(1)"))
    world.accounts.put(organisation(THEIRS))
    world.accounts.put(provider(DESK, is_service_desk=True))
    admit(world, OURS, Role.QCF_USER)
    admit(world, THEIRS, Role.QCF_RECORD_SET_USER, token=THEIR_TOKEN)
    admit(world, DESK, Role.SERVICE_MANAGER, token=MANAGER)
    return world


def submit(
    world: FakeWorld,
    awarded: str,
    *,
    revision: int = 1,
    late: bool = False,
    ukprn: str = OURS,
    changed: str = "",
    at: datetime = datetime(2026, 3, 2, 10, tzinfo=UTC),
) -> None:
    number = len(world.submissions.held)
    change = submitted_change(achievement())._replace(
        organisation=ukprn,
        at=at.isoformat(),
        key=Key(f"{1000000000 + number}", "60012341", date.fromisoformat(awarded)),
        revision=revision,
        late=late,
        action_date=changed,
    )
    world.submissions.record([(f"e{number:03d}", change)])


def count(world: FakeWorld) -> int:
    return count_on(world, date(2026, 3, 3))


def count_on(world: FakeWorld, day: date) -> int:
    """The count in the night before a day, with as much time as it needs."""
    world.clock.now = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    return world.services().timeliness_count.run(FOREVER).days


def four_submissions(world: FakeWorld) -> None:
    """On the first day in time, the day before it, long ago, and a late change."""
    submit(world, "2026-02-16")
    submit(world, "2026-02-13", late=True)
    submit(world, "2026-01-05", late=True)
    submit(world, "2026-02-27", revision=2, late=True)


def test_new_and_changed_data_are_counted_in_time_and_late(world: FakeWorld, send: WebClient) -> None:
    four_submissions(world)
    submit(world, "2026-02-27", revision=3)
    assert count(world) == 1
    report = send("GET", f"{PATH}?month=2026-03").document
    assert report["countedUntil"] == "2026-03-02"
    assert report["organisations"] == [
        {
            "ukprn": OURS,
            "displayName": "=HYPERLINK(1)",
            "counts": {
                "newInTime": 1,
                "newInTimeByExtension": 0,
                "newLate": 2,
                "changedInTime": 1,
                "changedLate": 1,
            },
        }
    ]
    assert report["extensions"] == []
    assert count(world) == 1
    assert send("GET", f"{PATH}?month=2026-03").document == report


def test_recorded_unavailability_extends_the_ten_days_with_the_evidence(world: FakeWorld, send: WebClient) -> None:
    """An outage that was recorded after the submission makes it timely too."""
    four_submissions(world)
    lost = datetime(2026, 2, 24, 9, tzinfo=UTC), datetime(2026, 2, 24, 10, tzinfo=UTC)
    world.outages.record(*lost)
    count(world)
    report = send("GET", f"{PATH}?month=2026-03").document
    assert report["organisations"][0]["counts"]["newInTimeByExtension"] == 1
    assert report["organisations"][0]["counts"]["newLate"] == 1
    evidence = next(one for one in report["extensions"] if one["day"] == "2026-03-02")
    assert evidence == {
        "day": "2026-03-02",
        "inTimeFrom": "2026-02-16",
        "extendedFrom": "2026-02-13",
        "unavailable": [{"start": "2026-02-24T09:00:00Z", "end": "2026-02-24T10:00:00Z"}],
    }


@pytest.mark.parametrize(
    "other",
    [
        (datetime(2026, 2, 22, 9, tzinfo=UTC), datetime(2026, 2, 22, 12, tzinfo=UTC)),
        (datetime(2026, 2, 25, 18, tzinfo=UTC), datetime(2026, 2, 26, 8, tzinfo=UTC)),
        (datetime(2026, 2, 13, 9, tzinfo=UTC), datetime(2026, 2, 13, 10, tzinfo=UTC)),
        (datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 18, tzinfo=UTC)),
    ],
    ids=["on a Sunday", "at night", "on the day of the award", "on the day itself"],
)
def test_unavailability_that_extends_nothing_is_no_evidence(
    other: tuple[datetime, datetime], world: FakeWorld, send: WebClient
) -> None:
    four_submissions(world)
    world.outages.record(datetime(2026, 2, 24, 9, tzinfo=UTC), datetime(2026, 2, 24, 10, tzinfo=UTC))
    world.outages.record(*other)
    count(world)
    report = send("GET", f"{PATH}?month=2026-03").document
    (evidence,) = (one for one in report["extensions"] if one["day"] == "2026-03-02")
    assert [one["start"] for one in evidence["unavailable"]] == ["2026-02-24T09:00:00Z"]


def test_a_change_that_was_late_before_the_outage_was_recorded_is_in_time_too(
    world: FakeWorld, send: WebClient
) -> None:
    submit(world, "2026-01-05", revision=2, late=True, changed="2026-02-13")
    submit(world, "2026-01-05", revision=3, late=True, changed="2026-02-12")
    world.outages.record(datetime(2026, 2, 24, 9, tzinfo=UTC), datetime(2026, 2, 24, 10, tzinfo=UTC))
    count(world)
    counts = send("GET", f"{PATH}?month=2026-03").document["organisations"][0]["counts"]
    assert (counts["changedInTime"], counts["changedLate"]) == (1, 1)


@pytest.mark.parametrize(
    ("recorded", "in_time"), [(date(2026, 3, 20), 1), (date(2026, 5, 25), 1), (date(2026, 5, 26), 0)]
)
def test_an_outage_that_is_recorded_weeks_later_counts(
    recorded: date, in_time: int, world: FakeWorld, send: WebClient
) -> None:
    """The outage ended on 24 February; from 26 May on it cannot be recorded any more."""
    submit(world, "2026-02-13", late=True)
    count(world)
    world.clock.now = datetime(recorded.year, recorded.month, recorded.day, 9, tzinfo=UTC)
    lost = datetime(2026, 2, 24, 9, tzinfo=UTC), datetime(2026, 2, 24, 10, tzinfo=UTC)
    if in_time:
        world.services().downtime.record(OPERATOR, *lost)
    else:
        with pytest.raises(Refused) as refused:
            world.services().downtime.record(OPERATOR, *lost)
        assert [one.code for one in refused.value.failures] == ["LRS-MW-15"]
    world.clock.now += timedelta(hours=17)
    world.services().timeliness_count.run(FOREVER)
    counts = send("GET", f"{PATH}?month=2026-03", token=MANAGER).document["organisations"][0]["counts"]
    assert (counts["newInTimeByExtension"], counts["newLate"]) == (in_time, 1 - in_time)


def test_an_organisation_sees_its_own_and_a_service_manager_all(world: FakeWorld, send: WebClient) -> None:
    four_submissions(world)
    submit(world, "2026-02-27", ukprn=THEIRS)
    count(world)

    def seen(token: str, query: str = "") -> list[str]:
        answer = send("GET", f"{PATH}?month=2026-03{query}", token=token)
        return [one["ukprn"] for one in answer.document["organisations"]]

    assert seen(THEIR_TOKEN) == seen(THEIR_TOKEN, f"&ukprn={THEIRS}") == [THEIRS]
    assert seen(MANAGER) == [OURS, THEIRS]
    assert seen(MANAGER, f"&ukprn={THEIRS}") == [THEIRS]
    for path in (PATH, f"{PATH}/csv"):
        answer = send("GET", f"{path}?ukprn={THEIRS}", Accept="*/*")
        assert (answer.status, answer.codes) == (404, ["LRS-ORG-1"])


def test_the_file_has_a_line_for_each_day_and_no_formula(world: FakeWorld, send: WebClient) -> None:
    four_submissions(world)
    world.outages.record(datetime(2026, 2, 24, 9, tzinfo=UTC), datetime(2026, 2, 24, 10, tzinfo=UTC))
    count(world)
    answer = send("GET", f"{PATH}/csv?month=2026-03", token=MANAGER)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="timeliness-2026-03.csv"'
    (row,) = csv.DictReader(io.StringIO(answer.body))
    assert row["Name"] == "'=HYPERLINK(1)"
    assert (row["UKPRN"], row["Day"], row["NewInTime"], row["NewInTimeByExtension"], row["NewLate"]) == (
        OURS, "2026-03-02", "1", "1", "1"
    )  # fmt: skip
    assert (row["InTimeFromAwardDate"], row["ExtendedFromAwardDate"]) == ("2026-02-16", "2026-02-13")


def test_a_month_without_submissions_and_one_to_come_are_empty(world: FakeWorld, send: WebClient) -> None:
    for month in ("2025-01", "2027-01"):
        report = send("GET", f"{PATH}?month={month}").document
        assert (report["month"], report["organisations"], report["extensions"]) == (month, [], [])


@pytest.mark.parametrize("query", ["month=2026-13", "month=June", "ukprn=1", "day=2026-06-01"])
def test_what_is_no_month_or_ukprn_is_refused(query: str, send: WebClient) -> None:
    assert send("GET", f"{PATH}?{query}").status == 400


def test_organisations_of_every_page_are_counted(world: FakeWorld) -> None:
    for number in range(5):
        world.accounts.put(organisation(f"9000006{number}"))
        submit(world, "2026-02-16", ukprn=f"9000006{number}")
    assert count(world) == 5


@pytest.mark.parametrize(("days", "found"), [(0, 0), (1, 1), (14, 1), (15, 0)])
def test_the_last_fortnight_is_counted_again_up_to_yesterday(days: int, found: int, world: FakeWorld) -> None:
    count_on(world, DAY + timedelta(days=days - 1))
    submit(world, "2026-02-16")
    assert count_on(world, DAY + timedelta(days=days)) == found


def test_days_older_than_a_fortnight_keep_their_counts(world: FakeWorld) -> None:
    held = DayCounts(OURS, "=HYPERLINK(1)", date(2026, 3, 1), Counts(5))
    world.timeliness.record([held])
    count_on(world, date(2026, 3, 2))
    world.timeliness.record([held])
    count_on(world, date(2026, 3, 15))
    assert world.timeliness.held == {(OURS, held.day): held._replace(counts=Counts())}
    world.timeliness.record([held])
    count_on(world, date(2026, 3, 16))
    assert world.timeliness.held == {(OURS, held.day): held}


# --- The place of the count -------------------------------------------------------------------------------------------


def counted_until(send: WebClient, month: str = "2026-03") -> str:
    return str(send("GET", f"{PATH}?month={month}").document["countedUntil"])


def test_forty_nights_that_were_missed_are_counted_by_the_next(world: FakeWorld, send: WebClient) -> None:
    count_on(world, DAY)
    submit(world, "2026-02-16")
    world.clock.now += timedelta(days=40)
    assert counted_until(send) == "2026-03-01"
    assert count_on(world, DAY + timedelta(days=41)) == 1
    assert counted_until(send) == "2026-03-31"
    assert counted_until(send, "2026-04") == "2026-04-11"
    assert send("GET", f"{PATH}?month=2026-03").document["organisations"][0]["counts"]["newInTime"] == 1


def test_before_the_first_count_nothing_is_said_to_be_counted(world: FakeWorld, send: WebClient) -> None:
    submit(world, "2026-02-16")
    world.clock.now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert counted_until(send) == "2026-02-28"
    assert count_on(world, date(2026, 3, 21)) == 1
    assert counted_until(send) == "2026-03-20"


def test_runs_that_end_early_go_on_where_they_stopped(world: FakeWorld, send: WebClient) -> None:
    """A run has time for one day; after as many runs as days were missed, every day is counted."""
    count_on(world, DAY)
    submit(world, "2026-02-16")
    world.clock.now = datetime(2026, 4, 12, 2, tzinfo=UTC)
    behind = [world.services().timeliness_count.run(world.clock.now).is_behind for _ in range(26)]
    assert behind == [True] * 26
    assert counted_until(send) == "2026-03-14"
    assert send("GET", f"{PATH}?month=2026-03").document["organisations"][0]["counts"]["newInTime"] == 1
    assert not world.services().timeliness_count.run(FOREVER).is_behind
    assert counted_until(send, "2026-04") == "2026-04-11"


def test_an_outage_that_is_corrected_to_a_shorter_one_takes_its_extension_back(
    world: FakeWorld, send: WebClient
) -> None:
    submit(world, "2026-02-13", late=True)
    start = datetime(2026, 2, 24, 6, tzinfo=UTC)

    def counts_on(day: date, hours: int) -> tuple[int, int, int]:
        world.services().downtime.record(OPERATOR, start, start + timedelta(hours=hours))
        count_on(world, day)
        report = send("GET", f"{PATH}?month=2026-03", token=MANAGER).document
        counts = report["organisations"][0]["counts"]
        return counts["newInTimeByExtension"], counts["newLate"], len(report["extensions"])

    count_on(world, date(2026, 3, 20))
    assert counts_on(date(2026, 3, 21), 4) == (1, 0, 10)
    assert counts_on(date(2026, 3, 22), 1) == (0, 1, 0), "it was over before the service hours"
    assert counts_on(date(2026, 3, 23), 4) == (1, 0, 10)


def test_however_little_time_runs_have_every_day_that_an_outage_extends_is_counted(
    world: FakeWorld, send: WebClient
) -> None:
    """An outage of six working days is recorded weeks later; runs have time for what is not settled and two more."""
    submit(world, "2026-02-13", late=True)
    count_on(world, date(2026, 4, 20))
    world.services().downtime.record(
        OPERATOR, datetime(2026, 2, 17, 8, tzinfo=UTC), datetime(2026, 2, 23, 18, tzinfo=UTC)
    )
    for night in range(12):
        world.clock.now = datetime(2026, 4, 21 + night % 10, 2, tzinfo=UTC)
        days = 14 if night == 0 else 13

        def slow(name: str) -> None:
            if name == "submissions.of_day":
                world.clock.advance(timedelta(seconds=1))

        world.hook = slow
        world.services().timeliness_count.run(world.clock.now + timedelta(seconds=2 * days + 4))
        world.hook = no_hook
    counts = send("GET", f"{PATH}?month=2026-03", token=MANAGER).document["organisations"][0]["counts"]
    assert (counts["newInTimeByExtension"], counts["newLate"]) == (1, 0)


def test_a_settled_day_is_counted_again_only_when_its_extension_changes(world: FakeWorld) -> None:
    count_on(world, date(2026, 4, 20))
    lost = datetime(2026, 2, 24, 9, tzinfo=UTC), datetime(2026, 2, 24, 10, tzinfo=UTC)
    world.services().downtime.record(OPERATOR, *lost)
    reads = []
    for _ in range(2):
        world.calls.clear()
        count_on(world, date(2026, 4, 21))
        reads.append(world.calls.count("submissions.of_day"))
    assert reads == [2 * (14 + 14), 2 * 13]


def test_a_run_that_crashes_anywhere_counts_what_it_says_and_the_next_counts_the_rest() -> None:
    started = 0
    while True:
        world = FakeWorld()
        world.accounts.put(organisation(OURS))
        count_on(world, DAY)
        for day in range(20):
            submit(world, "2026-02-16", at=datetime(2026, 3, 2, 10, tzinfo=UTC) + timedelta(days=day))
        before, done = len(world.calls), started

        def crash(name: str, world: FakeWorld = world, before: int = before, done: int = done) -> None:
            if len(world.calls) - before > done:
                raise RuntimeError(name)

        world.hook = crash
        try:
            count_on(world, date(2026, 4, 12))
        except RuntimeError:
            world.hook = no_hook
        else:
            break
        place = world.timeliness.place()
        assert place is not None
        for day in range(20):
            at = DAY + timedelta(days=day)
            assert at > place.counted or (OURS, at) in world.timeliness.held
        count_on(world, date(2026, 4, 13))
        count_on(world, date(2026, 4, 13))
        assert [one.counts.total for one in world.timeliness.held.values()] == [1] * 20
        started += 7
    assert started > 100


def test_a_day_whose_submissions_are_gone_is_counted_as_nothing(world: FakeWorld, send: WebClient) -> None:
    four_submissions(world)
    count(world)
    world.submissions.held.clear()
    assert count(world) == 0
    (found,) = send("GET", f"{PATH}?month=2026-03").document["organisations"]
    assert set(found["counts"].values()) == {0}


@pytest.mark.parametrize(
    ("submitted", "place"),
    [
        (Submitted(date(2026, 2, 16), is_new=True, is_late=False), "new_in_time"),
        (Submitted(date(2026, 2, 13), is_new=True, is_late=False), "new_extended"),
        (Submitted(date(2026, 2, 13), is_new=True, is_late=True), "new_extended"),
        (Submitted(date(2026, 2, 12), is_new=True, is_late=True), "new_late"),
        (Submitted(date(2020, 2, 12), is_new=False, is_late=False), "changed_in_time"),
        (Submitted(date(2026, 2, 27), is_new=False, is_late=True), "changed_late"),
    ],
)
def test_a_submission_is_counted_once_where_it_belongs(submitted: Submitted, place: str) -> None:
    terms = Terms(DAY, date(2026, 2, 16), date(2026, 2, 13))
    assert counted([submitted], terms) == Counts(**{place: 1})


def test_terms_are_the_same_without_lost_service_hours() -> None:
    night: Any = (datetime(2026, 2, 24, 20, tzinfo=UTC), datetime(2026, 2, 24, 20, tzinfo=UTC) + timedelta(hours=3))
    assert terms_of(DAY, lists().bank_holidays, [night]) == Terms(DAY, date(2026, 2, 16), date(2026, 2, 16))
