"""The import of the registers: repeatable, with complete reports, and careful with removals (QUAL-01)."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.achievements import Catalogue
from chalicelib.domain.aims import Aim, AimKind, AimReference, Provider, Register, qualification_check_character
from chalicelib.domain.registers import Change
from chalicelib.formats.registers.catalogue_files import SnapshotCatalogue, read_snapshot
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.services.imports.registers import DeliveredFile, ImportOutcome, ImportReport
from tests.builders import register_slices as slices
from tests.builders.jobs import Crash, at_call, crash
from tests.fakes import FakeWorld

HEADS = "Qualification Number,Qualification Title,Owner Organisation Recognition Number,Certification End Date"
UNIT_HEADS = "Unit Key,Owner Organisation Recognition Number,Unique Reference Number,Title"


class HeldVersions:
    """Versions of the catalogue, in memory."""

    def __init__(self) -> None:
        self.current = ""
        self.snapshots: dict[str, bytes] = {}
        self.published: list[str] = []

    def current_version(self) -> str:
        if not self.current:
            raise Missing
        return self.current

    def load(self, version: str) -> Catalogue:
        return read_snapshot(self.snapshots[version])

    def publish(self, version: str, snapshot: bytes, previous: str | None = None) -> bool:
        if previous is not None and previous != self.current:
            raise Conflict
        self.published.append(version)
        self.snapshots[version] = snapshot
        self.current = version
        return True


class Importing:
    """An import service over data in memory."""

    def __init__(self) -> None:
        self.world = FakeWorld()
        self.world.catalogues = self.versions = HeldVersions()
        self.service = self.world.services().import_register

    def run(self, *contents: bytes, accept: bool = False, whole: bool = True) -> ImportReport:
        files = [DeliveredFile(f"file{place}.csv", data) for place, data in enumerate(contents, 1)]
        report = self.service.run(files, whole=whole)
        return self.service.run(files, accepted=report, whole=whole) if accept and report.objections else report

    def run_everything(self, *, turned_round: bool = False) -> ImportReport:
        """The real slices under the names of the published files."""
        files = [DeliveredFile(name, data) for name, data in everything().items()]
        return self.service.run(files[::-1] if turned_round else files)

    @property
    def catalogue(self) -> SnapshotCatalogue:
        return read_snapshot(self.versions.snapshots[self.versions.current])

    def aim(self, reference: str) -> Aim:
        aim = self.catalogue.aim(AimReference(reference))
        assert aim is not None
        return aim

    @property
    def today(self) -> date:
        return self.world.clock().date()


@pytest.fixture
def importing() -> Importing:
    return Importing()


def numbers(count: int) -> list[str]:
    return [f"{n}{qualification_check_character(str(n))}" for n in range(6_900_000, 6_900_000 + count)]


def qualifications(*rows: str) -> bytes:
    return "\n".join((HEADS, *rows)).encode()


def plain(references: list[str], title: str = "Joinery") -> bytes:
    return qualifications(*(f"{reference},{title},RN9051," for reference in references))


def units(*rows: str, heads: str = UNIT_HEADS) -> bytes:
    return "\n".join((heads, *rows)).encode()


def everything() -> dict[str, bytes]:
    return {
        "providers.csv": slices.providers(),
        "QualificationUnits.csv": slices.qualification_units(),
        "approvals.csv": slices.approvals(),
        "Units.csv": slices.units(),
        "Qualifications-1.csv": slices.dated_qualifications(),
        "Qualifications-2.csv": slices.qualifications(),
        "Organisations.csv": slices.organisations(),
    }


# --- The real slices --------------------------------------------------------------------------------------------------


@pytest.mark.req("QUAL-01")
def test_the_real_slices_are_imported_whole_in_whatever_order_they_come(importing):
    report = importing.run_everything()
    assert report.outcome is ImportOutcome.PUBLISHED
    known = {row["aim_ref"] for row in slices.slice_rows("ofqual-qualifications.csv")}
    dated = {row["aim_ref"] for row in slices.slice_rows("ofqual-qualifications-dated.csv")}
    assert report.aims == len(report.new) == len(known | dated) + 23 + 16
    assert (report.awarding_bodies, report.providers) == (334, 5_066)
    assert not any(fault.refused for fault in report.faults)
    assert {file.rows for file in report.files} >= {5_721, 334, 5_066, 16, 23}
    catalogue = importing.catalogue
    assert catalogue.is_provider("10000001")
    assert not catalogue.is_provider("90000101")
    wjec = catalogue.aim(AimReference("C0050586"))
    assert wjec is not None
    assert (wjec.owners, wjec.register) == ({"RN5172"}, Register.QIW)
    both = known & dated
    assert both
    for reference in both:  # each file fills in what the other lacks
        aim = importing.aim(reference)
        assert aim.ssa
        assert aim.first_award or aim.credits


@pytest.mark.req("QUAL-01")
def test_the_same_files_again_change_nothing_and_publish_nothing(importing):
    first = importing.run_everything()
    importing.world.clock.advance(timedelta(days=3))
    again = importing.run_everything(turned_round=True)
    assert again.outcome is ImportOutcome.UNCHANGED
    assert (again.new, again.changed, again.gone, again.back) == ((), (), (), ())
    assert again.version == again.previous == first.version
    assert importing.versions.published == [first.version]


@pytest.mark.req("QUAL-01")
def test_files_brought_one_after_the_other_make_the_same_catalogue_as_all_at_once(importing):
    one_by_one = everything()
    pair = [one_by_one.pop("Qualifications-1.csv"), one_by_one.pop("Qualifications-2.csv")]
    for name in ("Organisations.csv", "providers.csv", "Units.csv", "approvals.csv"):
        importing.run(one_by_one[name])
    importing.run(*pair)
    importing.run(one_by_one["QualificationUnits.csv"])
    at_once = Importing()
    at_once.run_everything()
    assert importing.versions.current == at_once.versions.current


# --- The report of an import ------------------------------------------------------------------------------------------


@pytest.mark.req("QUAL-01")
def test_new_changed_removed_and_returned_aims_are_distinguished(importing):
    five = numbers(5)
    importing.run(plain(five))
    importing.world.clock.advance(timedelta(days=30))
    changed = [f"{five[1]},Carpentry,RN9051,2026-07-31", *(f"{reference},Joinery,RN9051," for reference in five[2:])]
    fresh = f"{numbers(6)[5]},Joinery,RN9051,"
    report = importing.run(qualifications(*changed, fresh))
    assert report.new == (numbers(6)[5],)
    assert report.gone == (five[0],)
    assert report.changed == (Change(AimReference(five[1]), ("title", "last_award")),)
    assert importing.aim(five[1]).last_award == date(2026, 7, 31)
    back = importing.run(plain(numbers(6)))
    assert back.back == (five[0],)
    assert importing.aim(five[0]).gone_on is None


@pytest.mark.req("QUAL-01")
def test_a_removed_aim_is_marked_and_kept_so_that_its_achievements_can_be_changed(importing):
    five = numbers(5)
    importing.run(plain(five))
    gone_day = importing.today
    importing.run(plain(five[1:]))
    gone = importing.aim(five[0])
    assert gone.gone_on == gone_day
    assert gone.may_be_awarded_by(frozenset({"RN9051"}))
    assert not gone.in_dates(gone_day)
    importing.world.clock.advance(timedelta(days=9))
    again = importing.run(plain(five[1:]))
    assert again.outcome is ImportOutcome.UNCHANGED
    assert importing.aim(five[0]).gone_on == gone_day


@pytest.mark.req("QUAL-01")
def test_wrong_rows_are_reported_with_file_line_and_reason_and_the_others_are_imported(importing):
    report = importing.run(qualifications(f"{numbers(1)[0]},Joinery,RN9051,", "600/12,Joinery,RN9051,", "x"))
    assert [(fault.file, fault.line, fault.refused) for fault in report.faults] == [
        ("file1.csv", 3, True),
        ("file1.csv", 4, True),
    ]
    assert len(report.new) == 1


@pytest.mark.req("QUAL-01")
def test_a_pair_of_qualification_and_unit_is_reported_if_one_is_unknown(importing):
    report = importing.run(b"Qualification Number,Unit Key\n600/1234/5,RN9051A/616/8832")
    assert [(fault.line, fault.refused) for fault in report.faults] == [(0, False)]


# --- Care -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("QUAL-01")
@pytest.mark.parametrize(("kept", "outcome"), [(8, ImportOutcome.PUBLISHED), (7, ImportOutcome.REFUSED)])
def test_an_import_that_would_lose_more_than_a_fifth_of_the_aims_is_refused(importing, kept, outcome):
    first = importing.run(plain(numbers(10)))
    report = importing.run(plain(numbers(10)[:kept]))
    assert report.outcome is outcome
    assert len(report.gone) == 10 - kept
    assert ("30%" in report.reason) == (outcome is ImportOutcome.REFUSED)
    if outcome is ImportOutcome.REFUSED:
        assert report.version == importing.versions.current == first.version


def test_a_cut_off_file_of_one_register_is_found_out_however_many_aims_the_others_have(importing):
    importing.run(plain(numbers(100)), units(*(f",RN9051,A/616/{n},Saws" for n in range(8800, 8805))))
    report = importing.run(plain(numbers(100)), units(",RN9051,A/616/8800,Saws"))
    assert report.outcome is ImportOutcome.REFUSED


@pytest.mark.req("QUAL-01")
def test_an_import_that_is_refused_can_be_accepted(importing):
    importing.run(plain(numbers(10)))
    assert importing.run(plain(numbers(1)), accept=True).outcome is ImportOutcome.PUBLISHED


@pytest.mark.req("QUAL-01")
def test_a_selection_takes_nothing_away(importing):
    importing.run(plain(numbers(10)))
    report = importing.run(plain(numbers(1), "Carpentry"), whole=False)
    assert (report.outcome, report.gone, len(report.changed)) == (ImportOutcome.PUBLISHED, (), 1)


@pytest.mark.parametrize("data", [b"", b"what,is,this\n1,2,3"])
def test_a_file_that_is_not_from_a_register_refuses_the_whole_import(importing, data):
    report = importing.run(plain(numbers(3)), data)
    assert report.outcome is ImportOutcome.REFUSED
    assert report.reason.startswith("file2.csv:")
    assert not importing.versions.current
    assert importing.run().outcome is ImportOutcome.REFUSED


def test_an_import_that_another_has_overtaken_is_not_published(importing):
    importing.run(plain(numbers(3)))
    load = importing.versions.load

    def overtaken(version: str) -> Catalogue:
        catalogue = load(version)
        importing.versions.load = load
        importing.run(plain(numbers(4)))
        return catalogue

    importing.versions.load = overtaken
    with pytest.raises(Conflict):
        importing.run(plain(numbers(5)))
    assert importing.aim(numbers(4)[3])


# --- Broken files -----------------------------------------------------------------------------------------------------


FULL_HEADS = (
    "Qualification Number", "Qualification Title", "Owner Organisation Recognition Number", "Qualification Level",
    "Operational Start Date", "Certification End Date",
)  # fmt: skip
NUMBER, TITLE, OWNER, LEVEL, START, END = range(6)
OWNERS = ["RN9051"] * 240 + ["RN9052"] * 200 + ["RN9053"] * 120 + [f"RN{n}" for n in range(9100, 9140)]
"""The owners of a register of 600 qualifications, in its order."""


TWICE_AS_MANY = numbers(2 * len(OWNERS))


def register(change: Callable[[int, list[str]], list[str] | None] = lambda _, row: row) -> bytes:
    """The register with every row changed, or left out where that is None."""
    rows = [
        [number, f"Joinery {place}", OWNERS[place], "Level 3", "2020-09-01", ""]
        for place, number in enumerate(numbers(len(OWNERS)))
    ]
    made = [made for place, row in enumerate(rows) if (made := change(place, row)) is not None]
    return "\n".join(",".join(row) for row in (FULL_HEADS, *made)).encode()


def put(column: int, value: str) -> Callable[[int, list[str]], list[str]]:
    return lambda _, row: [value if place == column else cell for place, cell in enumerate(row)]


BREAKS: dict[str, tuple[str, Callable[[int, list[str]], list[str] | None]]] = {
    "no owners": ("have no owner", put(OWNER, "")),
    "one owner": ("have the same owner", put(OWNER, "RN9051")),
    "dates of 1899": ("600 of 600 rows (100%) cannot be used", put(START, "1899-12-30")),
    "a start that is never": ("cannot be used", put(START, "9999-12-31")),
    "ended": ("600 of 600 (100%) would have other dates; at most 120 may", put(END, "2022-08-31")),
    "formulas": ("cannot be used", put(TITLE, "=1+1")),
    "one title": ("would have another title", put(TITLE, "Joinery")),
    "levels gone": ("would have other details", put(LEVEL, "")),
    "largest owner gone": (
        "of RN9051: 240 of 240 (100%) would go; at most 120 may",
        lambda _, row: None if row[OWNER] == "RN9051" else row,
    ),
    "an owner's aims moved": (
        "of RN9053: 120 of 120 (100%) could be awarded by others",
        lambda _, row: [*row[:OWNER], row[OWNER].replace("9053", "9052"), *row[LEVEL:]],
    ),
    "cut at 81 %": ("114 of 600 (19%) would go; at most 30 may", lambda place, row: row if place < 486 else None),
    "only headings": ("the file has no rows", lambda *_: None),
    "many more": ("would be new, beside 600", lambda place, row: [TWICE_AS_MANY[place + 600 * (place % 2)], *row[1:]]),
}


@pytest.mark.req("QUAL-01")
@pytest.mark.parametrize("case", BREAKS)
def test_a_broken_file_is_not_published_until_its_report_is_accepted(importing, case):
    why, change = BREAKS[case]
    first = importing.run(register())
    data = register(change)
    refused = importing.run(data)
    assert refused.outcome is ImportOutcome.REFUSED
    assert why in json.dumps(json.loads(refused.to_json())["objections"], ensure_ascii=False)
    assert refused.reason
    assert importing.versions.current == refused.version == first.version
    accepted = importing.run(data, accept=True)
    changed = refused.proposed != first.version
    assert accepted.outcome is (ImportOutcome.PUBLISHED if changed else ImportOutcome.UNCHANGED)
    assert accepted.version == refused.proposed


@pytest.mark.req("QUAL-01")
@pytest.mark.parametrize("case", ["no owners", "one owner", "dates of 1899", "formulas", "only headings"])
def test_a_first_delivery_that_is_not_plausible_is_not_published_either(importing, case):
    refused = importing.run(register(BREAKS[case][1]))
    assert (refused.outcome, importing.versions.current) == (ImportOutcome.REFUSED, "")


@pytest.mark.req("QUAL-01")
def test_a_file_that_ends_in_the_middle_of_a_row_is_refused_however_little_is_missing(importing):
    importing.run(register())
    report = importing.run(register()[:-30])
    assert report.outcome is ImportOutcome.REFUSED
    assert "the last row is incomplete" in report.reason


@pytest.mark.req("QUAL-01")
def test_an_aim_whose_row_cannot_be_used_keeps_its_entry(importing):
    importing.run(plain(numbers(100)))
    before = importing.aim(numbers(1)[0])
    damaged = plain(numbers(100)).replace(b"Joinery", b"=1+1", 1)
    report = importing.run(damaged)
    assert (report.outcome, report.gone) == (ImportOutcome.UNCHANGED, ())
    assert importing.aim(numbers(1)[0]) == before


@pytest.mark.req("QUAL-01")
def test_providers_that_all_change_are_not_published_until_accepted(importing):
    heads, places = b"UKPRN,Provider Name\n", range(90_000_101, 90_000_201)
    importing.run(heads + b"".join(f"{ukprn},College {ukprn}\n".encode() for ukprn in places))
    report = importing.run(heads + b"".join(f"{ukprn},College\n".encode() for ukprn in places))
    assert (report.outcome, report.reason) == (
        ImportOutcome.REFUSED,
        "file1.csv: 100 of 100 (100%) would have other details; at most 20 may",
    )


@pytest.mark.req("QUAL-01")
def test_the_real_register_without_its_largest_owner_is_refused(importing):
    importing.run(slices.qualifications())
    rows = list(csv.DictReader(StringIO(slices.qualifications().decode("utf-8-sig"), newline="")))
    kept = [row for row in rows if row["Owner Organisation Recognition Number"] != "RN5217"]
    report = importing.run(slices.published(rows[0], kept))
    assert report.outcome is ImportOutcome.REFUSED
    assert "Ofqual qualifications of RN5217: 575 of 575 (100%) would go; at most 287 may" in report.reason


# --- Accepting a report -----------------------------------------------------------------------------------------------


def report_keys(importing: Importing) -> list[str]:
    return sorted(name for bucket, name in importing.world.files.held if bucket == "catalogue" and "imports/" in name)


@pytest.fixture
def refused(importing) -> str:
    """The key of the report of an import that would lose too much."""
    importing.run(plain(numbers(100)))
    importing.world.files.put("catalogue", "registers/Qualifications.csv", plain(numbers(60)))
    assert importing.service.run_stored(["registers/Qualifications.csv"]).outcome is ImportOutcome.REFUSED
    (key,) = report_keys(importing)
    return key


@pytest.mark.req("QUAL-01")
def test_a_report_is_accepted_by_its_name_also_on_another_day(importing, refused):
    importing.world.clock.advance(timedelta(days=2))
    report = importing.service.accept(refused)
    assert (report.outcome, report.accepted, len(report.gone)) == (ImportOutcome.PUBLISHED, refused, 40)
    assert importing.versions.current == json.loads(importing.world.files.data("catalogue", refused))["proposed"]
    assert json.loads(importing.world.files.data("catalogue", report_keys(importing)[-1]))["accepted"] == refused


@pytest.mark.req("QUAL-01")
def test_only_what_the_report_shows_can_be_accepted(importing, refused):
    current = importing.versions.current
    importing.world.files.put("catalogue", "registers/Qualifications.csv", plain(numbers(3)))
    importing.world.clock.advance(timedelta(minutes=1))
    again = importing.service.accept(refused)
    assert (again.outcome, importing.versions.current) == (ImportOutcome.REFUSED, current)
    assert "another import or catalogue" in again.reason
    importing.world.files.put("catalogue", "registers/Qualifications.csv", plain(numbers(60)))
    importing.run(plain(numbers(101)))
    importing.world.clock.advance(timedelta(minutes=1))
    assert importing.service.accept(refused).outcome is ImportOutcome.REFUSED


@pytest.mark.parametrize("key", ["", "registers/Qualifications.csv", "imports/none.json"])
def test_only_a_report_can_be_accepted(importing, refused, key):
    with pytest.raises((ValueError, Missing)):
        importing.service.accept(key)


@pytest.mark.req("QUAL-01")
def test_an_empty_file_that_arrives_is_reported(importing):
    importing.world.files.put("catalogue", "registers/Qualifications.csv", b"")
    report = importing.service.run_arrived()
    assert report is not None
    assert "Qualifications.csv: the file is empty" in report.reason


# --- Parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("QUAL-01")
def test_without_one_file_of_a_set_what_that_file_states_is_unchanged(importing):
    importing.run_everything()
    before = {aim.reference: aim for aim in importing.catalogue.aims() if aim.kind is AimKind.UNIT}
    report = importing.run(slices.dated_qualifications(), slices.qualifications())
    assert report.outcome is ImportOutcome.UNCHANGED
    assert before == {aim.reference: aim for aim in importing.catalogue.aims() if aim.kind is AimKind.UNIT}


@pytest.mark.req("QUAL-01", "ACH-01")
def test_a_unit_may_be_awarded_by_whoever_has_it_in_a_qualification(importing):
    a, b = numbers(2)
    importing.run(
        qualifications(f"{a},Joinery,RN9051,", f"{b},Carpentry,RN9052,"),
        units("RN9051A/616/8832,RN9051,A/616/8832,Saws", "RN9051F/616/8833,RN9051,F/616/8833,Planes"),
        f"Qualification Number,Unit Key\n{a},RN9051A/616/8832\n{b},RN9051A/616/8832".encode(),
    )
    assert importing.aim("A/616/8832").shared_with == {"RN9052"}
    assert importing.aim("A/616/8832").may_be_awarded_by(frozenset({"RN9052"}))
    assert not importing.aim("F/616/8833").may_be_awarded_by(frozenset({"RN9052"}))
    # Without a file of units in qualifications the share stays; with one that no longer has it, it ends.
    importing.run(units(*("RN9051A/616/8832,RN9051,A/616/8832,Saws", "RN9051F/616/8833,RN9051,F/616/8833,Planes")))
    assert importing.aim("A/616/8832").shared_with == {"RN9052"}
    importing.run(f"Qualification Number,Unit Key\n{a},RN9051A/616/8832".encode())
    assert importing.aim("A/616/8832").shared_with == frozenset()


@pytest.mark.req("QUAL-01")
def test_a_shared_mark_is_kept_when_a_later_file_has_no_column_for_it(importing):
    importing.run(units("A/616/8832,RN9051,A/616/8832,Saws,Shared", heads=f"{UNIT_HEADS},Availability"))
    importing.run(units("A/616/8832,RN9051,A/616/8832,Hand saws"))
    assert importing.aim("A/616/8832").shared
    importing.run(units("A/616/8832,RN9051,A/616/8832,Saws,Restricted", heads=f"{UNIT_HEADS},Availability"))
    assert not importing.aim("A/616/8832").shared


def test_providers_and_bodies_that_are_no_longer_listed_stay_known(importing):
    importing.run(b"UKPRN,Provider Name\n90000101,Fernside\n90000102,Longbarrow")
    importing.run(b"UKPRN,Provider Name,Provider Status\n90000101,Fernside College,active")
    assert list(importing.catalogue.providers()) == [
        Provider("90000101", "Fernside College", "active"),
        Provider("90000102", "Longbarrow"),
    ]


# --- Stored files and the report --------------------------------------------------------------------------------------


@pytest.mark.req("QUAL-01")
def test_stored_files_are_imported_and_the_report_is_left_beside_them(importing):
    files = importing.world.files
    files.put("catalogue", "registers/Qualifications.csv", plain(numbers(3)))
    report = importing.service.run_stored(["registers/Qualifications.csv"])
    assert len(report.new) == 3
    (key,) = [name for bucket, name in files.held if bucket == "catalogue" and name.startswith("imports/")]
    reported = json.loads(files.data("catalogue", key))
    assert reported["outcome"] == "published"
    assert reported["new"] == numbers(3)
    assert reported["files"] == [{"name": "Qualifications.csv", "kind": "Qualifications", "rows": 3, "refused": 0}]
    assert report.summary().startswith("published: 3 new, 0 changed, 0 gone, 0 back, 0 rows refused")


@pytest.mark.req("QUAL-01")
def test_what_has_arrived_since_the_last_import_is_imported_once(importing):
    files, clock = importing.world.files, importing.world.clock
    assert importing.service.run_arrived() is None
    files.put("catalogue", "registers/", b"")  # a folder as consoles make it
    files.put("catalogue", "registers/Qualifications.csv", plain(numbers(5)))
    clock.advance(timedelta(hours=1))
    first = importing.service.run_arrived()
    assert first is not None
    assert len(first.new) == 5
    clock.advance(timedelta(days=1))
    assert importing.service.run_arrived() is None
    files.put("catalogue", "registers/Units.csv", units(",RN9051,A/616/8800,Saws"))
    clock.advance(timedelta(days=1))
    second = importing.service.run_arrived()
    assert second is not None
    assert [file.name for file in second.files] == ["Units.csv"]
    assert second.new == ("A/616/8800",)


@pytest.mark.req("QUAL-01")
@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize("dies_at", ["before the report", "before publishing", "after publishing", "conflict"])
def test_an_import_that_dies_around_publishing_is_completed_with_its_whole_report(importing, dies_at, accepted):
    files, clock, versions = importing.world.files, importing.world.clock, importing.versions
    importing.run(plain(numbers(100)))
    files.put("catalogue", "registers/Qualifications.csv", plain(numbers(60 if accepted else 103)))
    clock.advance(timedelta(hours=1))
    start: Callable[[], ImportReport | None] = importing.service.run_arrived
    if accepted:
        refused = importing.service.run_arrived()
        assert refused is not None
        (key,) = report_keys(importing)
        clock.advance(timedelta(hours=1))
        start = lambda: importing.service.accept(key)  # noqa: E731
    publish = versions.publish

    def dying(version: str, snapshot: bytes, previous: str | None = None) -> bool:
        if dies_at == "conflict":
            raise Conflict
        if dies_at == "after publishing":
            publish(version, snapshot, previous)
        raise Crash

    versions.publish = dying
    if dies_at == "before the report":
        at_call(importing.world, "files.write", crash)
    with pytest.raises((Crash, Conflict)):
        start()
    versions.publish, reports = publish, len(report_keys(importing))
    clock.advance(timedelta(days=1))
    report = start() if dies_at == "before the report" else importing.service.run_arrived()
    assert report is not None
    assert report.outcome is ImportOutcome.PUBLISHED
    assert (len(report.new), len(report.gone), bool(report.accepted)) == ((0, 40, True) if accepted else (3, 0, False))
    assert (versions.current, len(set(versions.published))) == (report.version, 2)
    assert len(report_keys(importing)) == max(reports, 1 + accepted)
    assert ImportReport.from_json(files.data("catalogue", report_keys(importing)[-1])) == report
    clock.advance(timedelta(days=1))
    assert importing.service.run_arrived() is None


@pytest.mark.req("QUAL-01")
def test_every_report_is_read_as_it_was_written(importing, refused):
    importing.service.accept(refused)
    faulty = importing.run(units(",RN9051,A/616/8800,Saws", "x,,,y"))
    for report in (importing.run(), faulty, importing.run(plain(numbers(1)))):
        assert ImportReport.from_json(report.to_json().encode()) == report


def test_a_file_that_arrives_while_an_import_runs_is_taken_by_the_next(importing):
    files, clock = importing.world.files, importing.world.clock
    files.put("catalogue", "registers/Qualifications.csv", plain(numbers(5)))
    clock.advance(timedelta(hours=1))
    publish = importing.versions.publish

    def meanwhile(version: str, snapshot: bytes, previous: str | None = None) -> bool:
        clock.advance(timedelta(minutes=3))
        files.put("catalogue", "registers/Units.csv", units(",RN9051,A/616/8800,Saws"))
        clock.advance(timedelta(minutes=3))
        return publish(version, snapshot, previous)

    importing.versions.publish = meanwhile
    importing.service.run_arrived()
    importing.versions.publish = publish
    clock.advance(timedelta(days=1))
    report = importing.service.run_arrived()
    assert report is not None
    assert report.new == ("A/616/8800",)


# --- Properties -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 7), st.sampled_from("ABC")), unique_by=lambda row: row[0]), max_size=5)
)
def test_the_current_aims_are_always_those_of_the_last_file_and_none_is_ever_lost(deliveries):
    importing, references, seen = Importing(), numbers(8), set[str]()
    for rows in deliveries:
        stated = {references[place]: title for place, title in rows}
        report = importing.run(
            qualifications(*(f"{reference},{title},RN9051," for reference, title in stated.items())), accept=True
        )
        assert set(report.new) == set(stated) - seen
        seen |= set(stated)
        if not importing.versions.current:
            continue
        aims = {aim.reference: aim for aim in importing.catalogue.aims()}
        assert set(aims) == seen
        assert {reference: aim.title for reference, aim in aims.items() if aim.gone_on is None} == stated
        importing.world.clock.advance(timedelta(days=1))
