"""Aims: references in every format, and what an aim of the register allows."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.aims import (
    Aim,
    AimKind,
    AimReference,
    check_character_ok,
    parse_aim_reference,
    qualification_check_character,
    unit_check_letter,
    with_obliques,
)
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.grades import grades_of, split_scale
from chalicelib.reference.grade_sets import grade_sets
from tests.shared_data import shared_data

FIELD = "UnitOrQualificationReferenceNumber"
SEVEN = st.from_regex(r"[0-9]{7}", fullmatch=True)


def rows(name: str) -> list[dict[str, str]]:
    with (shared_data() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def aim(**changes: object) -> Aim:
    values: dict[str, object] = {
        "reference": AimReference("60012345"),
        "title": "Level 2 Certificate in Joinery",
        "kind": AimKind.QUALIFICATION,
        "owners": frozenset({"RN9051"}),
    }
    return Aim(**{**values, **changes})  # type: ignore[arg-type]


# --- References -------------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-01")
@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("600/1234/5", "60012345"),
        ("60012345", "60012345"),
        (" 600/1234/5 ", "60012345"),
        ("600/1234/x", "6001234X"),
        ("L/616/8832", "L/616/8832"),
        ("L6168832", "L/616/8832"),
        ("l/616/8832", "L/616/8832"),
        ("C00/4967/0", "C0049670"),
        ("c0049670", "C0049670"),
        ("ZTLOS001", "ZTLOS001"),
        ("zprog001", "ZPROG001"),
    ],
)
def test_a_reference_is_read_in_every_form_of_the_registers_and_has_one_normal_form(text, normal):
    assert parse_aim_reference(text) == normal


@pytest.mark.req("ACH-01")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("6.01E+07", "scientific notation"),
        ("6E7", "scientific notation"),
        ("60123456.0", "decimal point"),
        ("01/06/2012", "date"),
        ("2012-06-01", "date"),
        ("2012-06-01 00:00:00", "date"),
        ("01-Jun-12", "date"),
        ("Jun-12", "date"),
        ("0123456", "leading zero"),
        ("01/2345/6", "leading zero"),
        ("'60012345", "quotation marks"),
        ('="60012345"', "quotation marks"),
        ("600-1234-5", "separators"),
        ("600 1234 5", "separators"),
        ("600\\1234\\5", "separators"),
        ("6OO12345", "letters for digits"),
        ("6001234I", "letters for digits"),
        ("600/123", "too short"),
        ("600/1234/56", "too long"),
        ("6" * 41, "too long"),
        ("B/616/8832", "aim reference"),
        ("６００１２３４５", "aim reference"),
        ("ABCDEFGH", "aim reference"),
    ],
)
def test_a_damaged_reference_is_refused_and_the_damage_named(text, reason):
    assert parse_aim_reference(text) == failure("ACF003", FIELD, reason=reason)


@pytest.mark.parametrize("text", ["", " ", "\t", " " * 50])
def test_no_reference_is_missing_rather_than_malformed(text):
    assert parse_aim_reference(text, "Aim") == failure("ACF001", "Aim")


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_a_failure_and_a_reference_is_its_own_normal_form(text):
    found = parse_aim_reference(text)
    if isinstance(found, Failure):
        assert found.code in ("ACF001", "ACF003")
    else:
        assert parse_aim_reference(found) == found
        assert parse_aim_reference(with_obliques(found)) == found
        assert 2 <= len(found) <= 10


@given(SEVEN)
def test_check_characters_are_recognised_as_right_and_every_other_as_wrong(seven):
    number = parse_aim_reference(seven + qualification_check_character(seven))
    unit = parse_aim_reference(f"{unit_check_letter(seven)}{seven}")
    assert not isinstance(number, Failure)
    assert not isinstance(unit, Failure)
    assert check_character_ok(unit)
    if not "6100006" <= seven <= "6100123":
        assert check_character_ok(number)
        assert sum(check_character_ok(AimReference(seven + end)) is True for end in "0123456789X") == 1
    assert sum(check_character_ok(AimReference(letter + unit[1:])) is True for letter in "ADFHJKLMRTY") == 1


@pytest.mark.parametrize("reference", ["C0049670", "ZTLOS001", "ZX", "61000061"])
def test_a_reference_without_check_character_is_neither_valid_nor_wrong(reference):
    assert check_character_ok(AimReference(reference)) is None


@pytest.mark.req("QUAL-01")
def test_every_number_of_the_registers_own_lists_is_read_and_none_is_called_wrong():
    numbers = [row["qualification_number"] for row in rows("ofqual-qualifications.csv")]
    numbers += [row["qualification_number"] for row in rows("english-maths-qualifications.csv")]
    units = [row["unit_reference"] for row in rows("units-sample.csv")]
    approvals = [row["approval_number"] for row in rows("qiw-wjec-approved.csv")]
    for text in (*numbers, *units, *approvals):
        reference = parse_aim_reference(text)
        assert not isinstance(reference, Failure)
        assert check_character_ok(reference) is not False
        assert text in (reference, with_obliques(reference), f"{reference[:3]}/{reference[3:7]}/{reference[7:]}")


# --- Owners and dates -------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-01")
def test_an_aim_may_be_awarded_by_its_owners_by_those_it_is_shared_with_and_by_all_where_it_is_shared():
    mine, other = frozenset({"RN9051", "RN1"}), frozenset({"RN9052"})
    assert aim().may_be_awarded_by(mine)
    assert not aim().may_be_awarded_by(other)
    assert not aim().may_be_awarded_by(frozenset())
    assert aim(shared_with=other).may_be_awarded_by(other)
    assert aim(shared=True).may_be_awarded_by(frozenset())


@pytest.mark.req("ACH-01")
@given(st.dates(), st.dates(), st.dates())
def test_an_aim_may_be_awarded_from_its_first_to_its_last_day(first, last, day):
    assert aim(first_award=first, last_award=last).in_dates(day) == (first <= day <= last)
    assert aim(first_award=first).in_dates(day) == (first <= day)
    assert aim(last_award=last).in_dates(day) == (day <= last)
    assert aim().in_dates(day)


def test_an_aim_removed_from_the_register_may_not_be_awarded_from_that_day_on():
    gone = aim(gone_on=date(2026, 3, 1))
    assert gone.in_dates(date(2026, 2, 28))
    assert not gone.in_dates(date(2026, 3, 1))


# --- Grades -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-01")
@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Pass", "Pass"),
        ("PASS", "Pass"),
        (" pass ", "Pass"),
        ("distinction*", "Distinction*"),
        ("Distinction *", "Distinction*"),
        ("Merit", None),
        ("", None),
        ("*", None),
    ],
)
def test_a_grade_is_recognised_in_any_case_and_stored_as_the_register_spells_it(written, canonical):
    assert aim(grades=("Pass", "Distinction", "Distinction*")).canonical_grade(written) == canonical


def test_grades_that_differ_in_capitals_only_keep_their_own_spelling():
    graded = aim(grades=("P", "p"))
    assert (graded.canonical_grade("P"), graded.canonical_grade("p")) == ("P", "p")


@given(st.text(min_size=1))
def test_an_aim_without_a_set_of_grades_accepts_any(grade):
    assert aim().canonical_grade(grade) == grade.strip()


@pytest.mark.req("QUAL-01")
@pytest.mark.parametrize(
    ("scale", "grades"),
    [
        ("A*/A/B/C/D/E", ("A*", "A", "B", "C", "D", "E")),
        ("Pass/Merit/Distinction/Distinction*", ("Pass", "Merit", "Distinction", "Distinction*")),
        ("Pass / Merit /Distinction *", ("Pass", "Merit", "Distinction*")),
        ("Pass, Merit, Distinction", ("Pass", "Merit", "Distinction")),
        ("Pass;Merit", ("Pass", "Merit")),
        ("9-9/9-8/8-8", ("9-9", "9-8", "8-8")),
        ("A*-G", ("A*", "A", "B", "C", "D", "E", "F", "G")),
        ("A to C", ("A", "B", "C")),
        ("9-1", ("9", "8", "7", "6", "5", "4", "3", "2", "1")),
        ("1 - 3", ("1", "2", "3")),
        ("G-A*", ("G", "F", "E", "D", "C", "B", "A", "A*")),
        ("D*D*/D*D/DD", ("D*D*", "D*D", "DD")),
        ("A/A/B", ("A", "B")),
        ("Pass", ("Pass",)),
        ("", ()),
        ("N/A", ()),
        ("Not applicable", ()),
        ("/", ()),
    ],
)
def test_a_register_s_scale_is_split_into_its_grades(scale, grades):
    assert split_scale(scale) == grades


@pytest.mark.req("QUAL-01")
@pytest.mark.parametrize(
    ("kind", "title", "grading", "scale", "grades"),
    [
        ("Occupational Qualification", "", "Pass/Fail", "", ("Pass", "Fail")),
        ("End-Point Assessment", "", "Graded", "Pass/Distinction", ("Pass", "Distinction")),
        ("Functional Skills", "", "Graded", "Pass", ("Pass", "Fail")),
        ("Functional Skills", "", "", "", ("Pass", "Fail")),
        ("GCSE (9 to 1)", "", "Graded", "", ("9", "8", "7", "6", "5", "4", "3", "2", "1")),
        ("GCE A level", "", "Graded", "", ("A*", "A", "B", "C", "D", "E")),
        ("Vocational Certificate Of Education", "", "Graded", "", ()),
        ("Other General Qualification", "Certificate in Knitting", "", "", ()),
        ("Other General Qualification", "Level 1 Award in British Sign Language", "", "", ("Pass", "Fail")),
    ],
)
def test_the_grades_of_an_aim_are_its_scale_or_go_with_its_grading_or_its_type(kind, title, grading, scale, grades):
    assert grades_of(kind, title, grading, scale, grade_sets()) == grades


@pytest.mark.req("QUAL-01")
def test_known_passing_grades_of_each_type_are_accepted():
    known = aim(grades=grades_of("GCSE (A* to G)", "GCSE (Double Award) in Science", "", "", grade_sets()))
    assert known.canonical_grade("a*a*") == "A*A*"
    titles = {  # where the list has more detail than the type of qualification
        "Level 1/Level 2 Certificate - (A* to G)": "Level 1/Level 2 Certificate in English (A* to G)",
        "Level 1/Level 2 Certificate - (9 to 1)": "Level 1/Level 2 Certificate in English (9 to 1)",
        "Math": "Additional Maths",
        "Pre U Certificate": "Pre-U Certificate in Physics",
        "IBO Level1/Level 2 MYP": "IBO Middle Years Programme",
        "IBO Level 3 Certificate": "IBO Level 3 Certificate in Physics",
        "Level 3 Math": "Level 3 Certificate in Core Maths",
    }
    for row in rows("grade-sets-by-type.csv"):
        title = titles.get(row["sub_title"], row["sub_title"])
        graded = aim(grades=grades_of(row["qualification_type"], title, "", "", grade_sets()))
        # F and G are on that list for A levels; none has ever been awarded with them.
        if (row["qualification_type"], row["grade"]) not in {("GCE A Level", "F"), ("GCE A Level", "G")}:
            assert graded.canonical_grade(row["grade"]) == row["grade"], row
