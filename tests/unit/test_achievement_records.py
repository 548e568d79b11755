"""Values of an achievement record become a command, or every fault is reported at once."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import reference
from chalicelib.domain.achievement_records import Faulty, RecordParser, parse_record
from chalicelib.domain.achievements import Command
from chalicelib.domain.codes import Action
from chalicelib.domain.failures import Failure, Family
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.words.messages import remedy, sentence
from tests.builders.files import VALID, values

pytestmark = pytest.mark.req("ACH-06")


def command(**changes: str) -> Command:
    parsed = parse_record(values(**changes))
    assert isinstance(parsed, Command), parsed
    return parsed


def faults(**changes: str) -> list[Failure]:
    parsed = parse_record(values(**changes))
    return list(parsed.failures) if isinstance(parsed, Faulty) else []


def reported(**changes: str) -> list[tuple[str, str, str]]:
    """Code, field and hint."""
    found = []
    for reason in faults(**changes):
        detail = dict(reason.detail)
        found.append((reason.code, reason.field, detail.get("reason") or detail.get("hint") or ""))
    return found


@pytest.mark.req("ACH-01")
def test_a_valid_record_is_a_command() -> None:
    made = command()
    assert made.action is Action.CREATE
    assert made.key == ("1000000019", "60000557", date(2026, 11, 2))
    assert (made.given_name, made.family_name) == ("Mary Ann", "O'Neill")
    assert (made.date_of_birth, made.gender, made.postcode) == (date(2001, 2, 28), "2", "AB1 2DE")
    assert (made.grade, made.language, made.provider_ukprn) == ("Pass", "ENG", "10000020")
    assert (made.action_date, made.action_reason, made.mis_identifier) == (None, "", "MIS-1")


OPTIONAL = [field.column for field in ACHIEVEMENTS.record if not field.mandatory]


@pytest.mark.parametrize("blank", ["", "  ", "\t"])
def test_optional_columns_may_be_omitted(blank: str) -> None:
    made = command(**dict.fromkeys(OPTIONAL, blank))
    assert (made.date_of_birth, made.gender, made.postcode, made.grade, made.language) == (None, "", "", "", "")
    assert (made.provider_ukprn, made.mis_identifier) == ("", "")


@pytest.mark.parametrize("name", [field.column for field in ACHIEVEMENTS.record if field.mandatory])
@pytest.mark.parametrize("blank", ["", "   "])
def test_missing_mandatory_columns_are_reported(name: str, blank: str) -> None:
    assert reported(**{name: blank}) == [("ACF001", name, "")]


@pytest.mark.parametrize("action", ["2", "3", "4", "update", "WITHDRAW", "Reinstate"])
@pytest.mark.req("ACH-03", "ACH-04", "ACH-05")
def test_changes_need_the_date_of_the_action(action: str) -> None:
    assert reported(Action=action) == [("ACF001", "ActionDate", "")]
    assert command(Action=action, ActionDate="2026-11-20").action_date == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1", "CREATE"), ("create", "CREATE"), (" Update ", "UPDATE"), ("3", "WITHDRAW"), ("REINSTATE", "REINSTATE")],
)
def test_actions_are_numbers_or_words_in_any_case(written: str, meant: str) -> None:
    assert command(Action=written, ActionDate="2026-11-20").action is Action[meant]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("eng", "ENG"),
        ("English", "ENG"),
        ("WELSH", "CYM"),
        ("Cymraeg", "CYM"),
        ("cym", "CYM"),
        ("Irish", "GLE"),
        ("Gaeilge", "GLE"),
    ],
)
def test_languages_are_codes_or_names_in_any_case(written: str, code: str) -> None:
    assert command(LanguageForAssessment=written).language == code


def test_reasons_of_actions_are_read_in_capitals_and_left_to_the_rules() -> None:
    assert command(ActionReason=" suberror ").action_reason == "SUBERROR"


@pytest.mark.parametrize("when", ["2026-11-02T00:00:00", "2026-11-02 00:00", "2026-11-02"])
def test_a_time_of_midnight_after_a_date_does_no_harm(when: str) -> None:
    assert command(AchievementAwardDate=when).key.award_date == date(2026, 11, 2)


# --- What spreadsheets do --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "code", "hint"),
    [
        ("ULN", "1.00E+09", "ACF003", "scientific notation"),
        ("ULN", "1000000019.0", "ACF003", "decimal point"),
        ("ULN", "0000000042", "ACF003", "leading zero"),
        ("ULN", "'1000000019", "ACF003", "quotation marks"),
        ("ULN", "100000001", "ACF003", "too short"),
        ("ULN", "1000000018", "ACL001", ""),
        ("UnitOrQualificationReferenceNumber", "6.00E+07", "ACF003", "scientific notation"),
        ("UnitOrQualificationReferenceNumber", "60000557.0", "ACF003", "decimal point"),
        ("UnitOrQualificationReferenceNumber", "2003/05/07", "ACF003", "date"),
        ("AchievementAwardDate", "02/11/2026", "ACF004", "DD/MM/YYYY"),
        ("AchievementAwardDate", "11/22/2026", "ACF004", "MM/DD/YYYY"),
        ("AchievementAwardDate", "46328", "ACF004", "serial number"),
        ("AchievementAwardDate", "2-Nov-26", "ACF004", "month name"),
        ("AchievementAwardDate", "02/11/26", "ACF004", "YY"),
        ("AchievementAwardDate", "2026-02-30", "ACF004", "no such day"),
        ("AchievementAwardDate", "2026-11-02 09:15", "ACF004", "time"),
        ("DateOfBirth", "28/02/2001", "ACF004", "DD/MM/YYYY"),
        ("ProviderUKPRN", "1.00E+07", "ACF003", "scientific notation"),
        ("ProviderUKPRN", "10000020.0", "ACF003", "decimal point"),
        ("ProviderUKPRN", "1000002", "ACF003", "UKPRN"),
        ("Action", "1.0", "ACF005", "decimal point"),
        ("Gender", "2.0", "ACF005", "decimal point"),
    ],
)
def test_damage_by_spreadsheets_is_recognised_and_named(field: str, text: str, code: str, hint: str) -> None:
    assert reported(**{field: text}) == [(code, field, hint)]


@pytest.mark.parametrize(
    "formula", ["=1+1", "=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", " =1"]
)
@pytest.mark.parametrize("field", ACHIEVEMENTS.record_names)
@pytest.mark.req("SEC-03")
def test_a_formula_is_refused_in_every_field(formula: str, field: str) -> None:
    found = reported(**{field: formula})
    if (field == "FamilyName" and formula.startswith("-")) or (field == "GivenName" and formula.startswith("-")):
        assert found == [("ACF003", field, "digit")]
    else:
        assert found == [("ACF008", field, "")]


@pytest.mark.parametrize("text", ["-1", "+44 12", "-abc_1.2", "a=b", "x@y"])
def test_a_sign_before_a_plain_number_or_word_is_not_a_formula(text: str) -> None:
    assert command(MISIdentifier=text).mis_identifier == text


# --- Other faults ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("MISIdentifier", "x" * 129, "ACF002"),
        ("FamilyName", "x" * 36, "ACF002"),
        ("Grade", "x" * 31, "ACF002"),
        ("ActionReason", "x" * 11, "ACF002"),
        ("ULN", "1" * 1_000_000, "ACF002"),
        ("AchievementAwardDate", "1" * 65, "ACF002"),
        ("FamilyName", "Skye2", "ACF003"),
        ("GivenName", "Zoë", "ACF003"),
        ("Grade", "Pa\nss", "ACF003"),
        ("MISIdentifier", "a\x85b", "ACF003"),
        ("LearnerPostcode", "AB1 2CD", "ACF003"),
        ("DateOfBirth", "1889-12-31", "ACF004"),
        ("DateOfBirth", "2026-11-03", "ACF004"),
        ("Gender", "F", "ACF005"),
        ("LanguageForAssessment", "French", "ACF005"),
        ("Action", "5", "ACF005"),
        ("FamilyName", "Donotenter", "ACF006"),
        ("Grade", "donotenter now", "ACF006"),
        ("MISIdentifier", "x prohibited phrase sample", "ACF006"),
        ("LearnerPostcode", "ZZ99 1AA", "ACF009"),
    ],
)
def test_one_fault_is_reported_with_its_field(field: str, text: str, code: str) -> None:
    (reason,) = faults(**{field: text})
    assert (reason.code, reason.field) == (code, field)


def test_a_record_with_five_faults_lists_five() -> None:
    found = reported(ULN="1000000018", FamilyName="", DateOfBirth="31/12/2001", Gender="X", LearnerPostcode="QA1 1C")
    assert [code for code, _, _ in found] == ["ACL001", "ACF001", "ACF004", "ACF005", "ACF003"]


def test_a_value_may_have_two_faults() -> None:
    assert [code for code, _, _ in reported(Grade="donotenter " * 4)] == ["ACF002", "ACF006"]


def test_what_can_be_read_of_a_faulty_record_is_kept_for_the_rules() -> None:
    parsed = parse_record(values(ULN="x", AchievementAwardDate="x", Action="x"))
    assert isinstance(parsed, Faulty)
    assert parsed.command.key == (None, "60000557", None)
    assert parsed.command.action is None
    assert parsed.command.grade == "Pass"


@pytest.mark.parametrize("count", [0, 1, 14, 16])
def test_a_record_of_another_length_is_faulty_without_more_words(count: int) -> None:
    parsed = parse_record(("x",) * count)
    assert isinstance(parsed, Faulty)
    assert parsed.failures == ()


def test_the_operator_s_lists_count_from_the_moment_they_are_installed() -> None:
    assert not faults(FamilyName="Thornbury")
    reference.install(reference.Lists(reference.Sources(prohibited_text="thornbury")))
    assert reported(FamilyName="Thornbury") == [("ACF006", "FamilyName", "")]
    reference.install(None)
    assert not faults(FamilyName="Thornbury")


def test_accents_are_a_setting() -> None:
    parser = RecordParser(reference.Lists(welsh_names=True))
    assert isinstance(parser.parse(values(GivenName="Siân")), Command)


@given(st.tuples(*[st.one_of(st.just(value), st.text(max_size=50)) for value in VALID.values()]))
@pytest.mark.req("SEC-02")
def test_whatever_the_values_there_is_an_answer_that_repeats_none_of_them(submitted: tuple[str, ...]) -> None:
    parsed = parse_record(submitted)
    again = RecordParser(reference.lists())._diagnosed(submitted)
    assert parsed == again, "the quick way and the thorough one agree"
    if isinstance(parsed, Faulty):
        words = " ".join(f"{sentence(reason)} {remedy(reason)}" for reason in parsed.failures)
        for value in submitted:
            assert len(value) < 12 or value not in words
        assert {reason.family for reason in parsed.failures} <= {Family.FIELD, Family.LEARNER}
        assert parsed.failures
