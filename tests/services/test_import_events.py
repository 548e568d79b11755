"""The import of feeds: what is taken, what is refused and why, and that the same file again changes nothing."""

from __future__ import annotations

import csv
import json
from contextlib import suppress
from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.formats.feeds.event_files import FUNDING_RETURN, SCHOOL_DATA
from chalicelib.ports.errors import Missing, TemporaryFailure
from chalicelib.services.imports import events
from chalicelib.services.imports.events import ARRIVALS
from tests.builders.achievements import learner, world_with
from tests.builders.jobs import Crash, at_call, crash

pytestmark = pytest.mark.req("PLR-01")
KEY = f"{ARRIVALS}census.csv"


@pytest.fixture
def world():
    return world_with(learner(0), learner(1), learner(2, status="2", master_uln=learner(0).uln))


@pytest.fixture
def imports(world):
    return world.services().import_events


def row(number=0, shape=SCHOOL_DATA, **changes):
    profile = learner(number)
    values = {column.heading: column.example for column in shape.columns}
    values |= {
        "ULN": profile.uln,
        "GivenName": profile.given_name,
        "FamilyName": profile.family_name,
        "DateOfBirth": profile.date_of_birth.isoformat(),
    }
    return values | {"RecordID": f"r{number}"} | changes if shape is SCHOOL_DATA else values | changes


def put(world, *rows, key=KEY):
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    world.files.put("catalogue", key, text.getvalue().encode())


def counts(report):
    return report.rows, report.new, report.changed, report.unchanged, report.refused


def run(imports):
    (report,) = imports.run_arrived().files
    return report


def test_a_feed_that_has_arrived_is_imported(world, imports):
    put(world, row(0), row(1))
    report = run(imports)
    assert (report.name, report.source, counts(report)) == ("census.csv", "NPD", (2, 2, 0, 0, 0))
    events = list(world.participation_events.held.values())
    assert {one.uln for one in events} == {learner(0).uln, learner(1).uln}
    assert {one.loaded_at for one in events} == {world.clock().isoformat()}


def test_the_same_file_again_changes_nothing(world, imports):
    put(world, row(0), row(1))
    run(imports)
    held = dict(world.participation_events.held)
    world.clock.advance(timedelta(days=1))
    put(world, row(0), row(1))
    world.calls.clear()
    assert counts(run(imports)) == (2, 0, 0, 2, 0)
    assert world.participation_events.held == held
    assert "participation_events.write" not in world.calls


def test_an_event_with_new_content_is_changed_and_keeps_its_day(world, imports):
    put(world, row(0, Grade="6"))
    run(imports)
    first = world.clock().isoformat()
    world.clock.advance(timedelta(days=1))
    put(world, row(0, Grade="8"))
    assert counts(run(imports)) == (1, 0, 1, 0, 0)
    (held,) = world.participation_events.held.values()
    assert (held.grade, held.loaded_at) == ("8", first)


def test_what_was_imported_is_not_imported_again(world, imports):
    put(world, row(0))
    world.clock.advance(timedelta(minutes=6))
    assert imports.run_arrived()
    world.clock.advance(timedelta(minutes=6))
    assert imports.run_arrived() is None


def test_files_of_both_kinds_are_imported_together(world, imports):
    put(world, row(0))
    put(world, row(0, FUNDING_RETURN), key=f"{ARRIVALS}ilr.csv")
    sources = {report.source for report in imports.run_arrived().files}
    assert sources == {"NPD", "ILR"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ULN": learner(9).uln}, "ACL002"),
        ({"FamilyName": "Nobody"}, "ACL003"),
        ({"DateOfBirth": "1990-01-01"}, "ACL003"),
        ({"Gender": "1"}, "ACL003"),
        ({"AwardDate": "soon"}, "ACF004"),
    ],
    ids=str,
)
def test_a_row_that_is_not_about_its_learner_is_refused_and_the_others_are_imported(world, imports, changes, code):
    put(world, row(0, **changes), row(1))
    report = run(imports)
    assert counts(report) == (2, 1, 0, 0, 1)
    (fault,) = report.faults
    assert (fault.line, fault.code) == (2, code)


def held_by(world):
    """Whose events are held and not withdrawn."""
    return sorted(key[0] for key, one in world.participation_events.held.items() if not one.withdrawn)


def test_a_row_corrected_to_another_uln_leaves_the_first_learner(world, imports):
    put(world, row(0, RecordID="r"), row(0, RecordID="s"))
    run(imports)
    for corrected in (1, 0, 1):
        world.clock.advance(timedelta(days=1))
        put(world, row(corrected, RecordID="r"), row(0, RecordID="s"))
        report = run(imports)
        assert (report.moved, report.refused) == (1, 0)
        assert held_by(world) == sorted([learner(corrected).uln, learner(0).uln])
    world.clock.advance(timedelta(days=1))
    put(world, row(1, RecordID="r"), row(0, RecordID="s"))
    report = run(imports)
    assert (counts(report), report.moved) == ((2, 0, 0, 2, 0), 0)


def test_a_corrected_row_that_is_refused_leaves_the_event_where_it_is(world, imports):
    put(world, row(0, RecordID="r"))
    run(imports)
    world.clock.advance(timedelta(days=1))
    put(world, row(1, RecordID="r", FamilyName="Nobody"))
    assert run(imports).refused == 1
    assert held_by(world) == [learner(0).uln]


def test_one_event_of_two_learners_in_a_file_is_taken_once_unless_one_is_withdrawn(world, imports):
    put(world, row(0, RecordID="r"), row(1, RecordID="r"))
    assert [(fault.line, fault.code) for fault in run(imports).faults] == [(3, "LRS-PLR-5")]
    world.clock.advance(timedelta(days=1))
    put(world, row(0, RecordID="r", Withdrawn="Y"), row(1, RecordID="r"))
    report = run(imports)
    assert (report.refused, report.moved, held_by(world)) == (0, 1, [learner(1).uln])


@pytest.mark.parametrize("name", ["participation_events.write", "participation_events.hold"])
@pytest.mark.parametrize("call", [1, 2])
def test_a_correction_that_is_interrupted_is_completed(world, imports, name, call):
    put(world, *(row(0, RecordID=f"r{n}") for n in range(3)))
    run(imports)
    world.clock.advance(timedelta(days=1))
    put(world, *(row(1, RecordID=f"r{n}") for n in range(3)))
    world.calls.clear()

    def hook(called):
        if called == name and world.calls.count(name) == call:
            raise TemporaryFailure(name)

    world.hook = hook
    with suppress(TemporaryFailure):
        imports.run_arrived()
    world.hook = lambda _: None
    imports.run_arrived()
    assert held_by(world) == [learner(1).uln] * 3


def test_an_event_is_kept_under_the_number_that_it_came_with(world, imports):
    put(world, row(2))
    assert counts(run(imports))[:2] == (1, 1)
    assert {key[0] for key in world.participation_events.held} == {learner(2).uln}


def test_a_restricted_learners_events_are_refused(world, imports):
    world.learners.put(learner(0, restricted=True))
    put(world, row(0))
    assert [fault.code for fault in run(imports).faults] == ["ACL005"]


def test_the_same_event_twice_in_a_file_is_taken_once(world, imports):
    put(world, row(0, Grade="6"), row(0, Grade="7"))
    report = run(imports)
    assert counts(report) == (2, 1, 0, 0, 1)
    assert [(fault.line, fault.code) for fault in report.faults] == [(3, "LRS-PLR-5")]
    (held,) = world.participation_events.held.values()
    assert held.grade == "6"


def test_thousands_of_rows_are_taken_a_thousand_at_a_time(world, imports):
    put(world, *(row(0, RecordID=f"r{n}") for n in range(2_500)))
    world.calls.clear()
    assert counts(run(imports)) == (2_500, 2_500, 0, 0, 0)
    assert world.calls.count("learners.profiles") == 3
    assert world.calls.count("participation_events.write") == 100


def test_a_file_that_cannot_be_read_is_reported_and_others_are_imported(world, imports):
    world.files.put("catalogue", f"{ARRIVALS}a.csv", b"ULN,Name\r\n1,2\r\n")
    put(world, row(0), key=f"{ARRIVALS}b.csv")
    bad, good = imports.run_arrived().files
    assert {fault.code for fault in bad.unreadable} >= {"ACB006", "ACB008"}
    assert counts(good) == (1, 1, 0, 0, 0)


def test_rows_before_damage_are_kept(world, imports):
    put(world, row(0), row(1))
    data = world.files.data("catalogue", KEY) + b'"open\r\n'
    world.files.put("catalogue", KEY, data)
    report = run(imports)
    assert [fault.code for fault in report.unreadable] == ["ACB010"]
    assert counts(report) == (2, 2, 0, 0, 0)


@pytest.mark.req("SEC-02")
def test_the_report_stored_with_the_files_reveals_nothing_about_learners(world, imports):
    put(world, row(0, FamilyName="Zebedee"), row(1, AwardDate="Zebedee"), row(1, ULN="Zebedee"))
    imports.run_arrived()
    (report,) = [key for bucket, key in world.files.held if key.startswith("feed-reports/")]
    text = world.files.data("catalogue", report).decode()
    assert json.loads(text)["files"][0]["refused"] == 3
    assert not [word for word in ("Zebedee", learner(0).uln, learner(1).uln) if word in text]


def test_an_import_that_was_stopped_is_repeated(world, imports):
    put(world, *(row(0, RecordID=f"r{n}") for n in range(60)))

    def hook(name):
        if name == "participation_events.write" and world.calls.count(name) == 2:
            raise TemporaryFailure(name)

    world.hook = hook
    with pytest.raises(TemporaryFailure):
        imports.run_arrived()
    world.hook = lambda _: None
    world.clock.advance(timedelta(days=1))
    world.calls.clear()
    assert counts(run(imports)) == (60, 60, 0, 0, 0)
    assert world.calls.count("participation_events.write") == 2, "25 were written before"
    assert imports.run_arrived() is None


def stopped_after(world, groups):
    """A time that comes when so many groups have been imported."""
    limit = world.clock() + timedelta(seconds=groups)
    world.hook = lambda name: world.clock.advance() and None if name == "participation_events.read" else None
    return limit


@pytest.mark.parametrize("groups", range(1, 7))
def test_an_import_that_runs_out_of_time_continues_where_it_stopped(world, imports, groups, monkeypatch):
    monkeypatch.setattr(events, "ROWS", 10)
    other = row(1, RecordID="x", FamilyName="Nobody")
    rows = [row(0, RecordID=f"r{n}") for n in range(32)]
    put(world, *rows[:15], other, *rows[15:], rows[3], rows[31], other)
    put(world, row(1, RecordID="other file"), key=f"{ARRIVALS}later.csv")
    expected = [(36, 32, 0, 0, 4), (1, 1, 0, 0, 0)]
    found = imports.run_arrived(stopped_after(world, groups))
    runs = 1
    while found.waiting:
        read = world.calls.count("learners.profiles")
        found, runs = world.services().import_events.run_arrived(stopped_after(world, groups)), runs + 1
        assert world.calls.count("learners.profiles") - read <= 2 * groups, "no group is compared again"
    assert [counts(report) for report in found.files] == expected
    assert [(fault.line, fault.code) for fault in found.files[0].faults] == [
        (17, "ACL003"),
        (35, "LRS-PLR-5"),
        (36, "LRS-PLR-5"),
        (37, "ACL003"),
    ]
    assert len(world.participation_events.held) == 33
    assert (runs == 1) == (groups == 6)
    assert imports.run_arrived() is None


def test_an_import_that_dies_repeats_at_most_the_groups_since_its_place_was_kept(world, imports, monkeypatch):
    monkeypatch.setattr(events, "ROWS", 10)
    put(world, *(row(0, RecordID=f"r{n}") for n in range(250)))
    at_call(world, "learners.profiles", crash, 25)
    with pytest.raises(Crash):
        imports.run_arrived()
    world.calls.clear()
    assert counts(run(imports)) == (250, 250, 0, 0, 0)
    assert world.calls.count("learners.profiles") == 5


def test_a_feed_whose_upload_began_before_the_last_list_and_ended_after_it_is_imported(world, imports):
    put(world, row(0))
    run(imports)
    began = world.clock()
    world.clock.advance(timedelta(hours=3))
    put(world, row(1), key=f"{ARRIVALS}slow.csv")
    run(imports)
    put(world, row(2), key=f"{ARRIVALS}slower.csv")
    (held,) = world.files.held["catalogue", f"{ARRIVALS}slower.csv"]
    world.files.held["catalogue", f"{ARRIVALS}slower.csv"] = [held._replace(modified=began)]
    world.clock.advance(timedelta(hours=1))
    assert run(imports).name == "slower.csv"
    assert imports.run_arrived() is None


def test_a_feed_that_arrived_before_an_operators_import_is_still_imported(world, imports):
    put(world, row(0))
    world.clock.advance(timedelta(hours=1))
    put(world, row(1), key="elsewhere/a.csv")
    imports.run_stored(["elsewhere/a.csv"])
    world.clock.advance(timedelta(hours=1))
    assert run(imports).name == "census.csv"


def test_a_file_that_has_gone_keeps_no_other_from_being_imported(world, imports):
    put(world, row(0), key="elsewhere/b.csv")
    with pytest.raises(Missing):
        imports.run_stored(["elsewhere/a.csv", "elsewhere/b.csv"])
    assert run(imports).name == "elsewhere/b.csv"


def test_a_run_without_new_files_costs_the_same_after_any_number_of_imports(world, imports):
    def calls():
        world.calls.clear()
        assert imports.run_arrived() is None
        return list(world.calls)

    put(world, row(0))
    run(imports)
    few = calls()
    for _ in range(20):
        world.clock.advance(timedelta(hours=1))
        put(world, row(0))
        run(imports)
    assert calls() == few == ["files.read", "files.objects"]


def test_an_operator_names_files(world, imports):
    put(world, row(0), key="elsewhere/a.csv")
    (report,) = imports.run_stored(["elsewhere/a.csv"]).files
    assert report.new == 1
    with pytest.raises(Missing):
        imports.run_stored(["elsewhere/b.csv"])
