"""Rules for a learner's details: every reason at once, by the existing interface's names (ULN-08)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import reference
from chalicelib.domain.codes import HELD_ABILITY_TO_SHARE, OPTED_OUT
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import Kind
from chalicelib.domain.learner_fields import DETAILS
from chalicelib.domain.learner_rules import (
    change_failures,
    changed_details,
    may_change_sharing,
    read_criteria,
    read_details,
    read_submitted,
)
from chalicelib.domain.learners import LearnerDetails, tier_of
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.reference import Lists, Sources
from tests.builders.learners import TODAY, VALID, details, values

pytestmark = pytest.mark.req("ULN-08")

WHOLE = values(
    title="Ms",
    middle_other_name="Mair",
    preferred_given_name="Bron",
    previous_family_name="Wick",
    family_name_at_age_16="Wick",
    school_at_age_16="Any School",
    last_known_address_line_1="1 High Street",
    last_known_address_line_2="Upper End",
    last_known_address_town="Ashby",
    last_known_address_county_or_city="Cardiff",
    date_of_address_capture="2026-01-31",
    place_of_birth="Y Fenni",
    email_address="bron@example.org",
    telephone_number="+44 29 2000 0000",
    nationality="gbr",
    scottish_candidate_number="123456789",
    unique_candidate_identifier="12345A067890z",
    unique_pupil_number="a12345678901b",
    verification_type="999",
    other_verification_description="Letter of a court",
    notes="First line\nsecond line",
)


def reasons(**changes: str) -> set[tuple[str, str]]:
    read = read_details(values(**changes), TODAY)
    return set() if isinstance(read, LearnerDetails) else {(found.code, found.field) for found in read}


def test_every_field_is_read():
    read = read_details(WHOLE, TODAY)
    assert isinstance(read, LearnerDetails)
    assert read.date_of_birth == date(2004, 5, 17)
    assert read.nationality == "GBR"
    assert read.unique_candidate_identifier == "12345A067890Z"
    assert read.notes == "First line\nsecond line"
    assert all(read), "no field of the whole is empty"


def test_all_reasons_are_reported_at_once():
    found = reasons(
        given_name="", family_name="W1ck", date_of_birth="2020-01-01", gender="7", last_known_post_code="nowhere"
    )
    assert found == {
        ("ACF001", "GivenName"),
        ("ACF003", "FamilyName"),
        ("ACF004", "DateOfBirth"),
        ("ACF005", "Gender"),
        ("ACF003", "LastKnownPostCode"),
    }


@pytest.mark.parametrize("field", [field for field in DETAILS if field.mandatory], ids=lambda field: field.wire)
def test_a_mandatory_field_must_be_given(field):
    assert ("ACF001", field.wire) in reasons(**{field.name: "  "})


LIMITED = [field for field in DETAILS if field.kind not in (Kind.DATE, Kind.CODE)]


@pytest.mark.parametrize("field", LIMITED, ids=lambda field: field.wire)
def test_a_value_over_its_limit_is_refused(field):
    assert reasons(**{field.name: "A" * (field.limit + 1)}) & {("ACF002", field.wire)}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("email_address", "bron at example.org", "ACF003"),
        ("telephone_number", "ask reception", "ACF003"),
        ("nationality", "G8R", "ACF003"),
        ("scottish_candidate_number", "12345678", "ACF003"),
        ("unique_candidate_identifier", "12345A067890", "ACF003"),
        ("unique_pupil_number", "I12345678901B", "ACF003"),
        ("title", "Ms\n", ""),
        ("title", "M\ns", "ACF003"),
        ("school_at_age_16", "Any\x00School", "ACF003"),
        ("notes", "bell\x07", "ACF003"),
        ("date_of_address_capture", "2026-03-03", "ACF004"),
        ("date_of_address_capture", "03/02/2026", "ACF004"),
        ("verification_type", "8", "ACF005"),
        ("ability_to_share", "3", "ACF005"),
        ("ability_to_share", "2", "ACF005"),
        ("date_of_birth", "1900-01-01", "ACF004"),
        ("date_of_birth", "2015-03-03", "ACF004"),
        ("date_of_birth", "2015-03-02", ""),
        ("last_known_post_code", "bfpo12", ""),
        ("last_known_post_code", "zz99 9zz", ""),
    ],
)
def test_forms_and_lists_are_kept(name, text, code):
    assert {found for found, _ in reasons(**{name: text})} == ({code} if code else set())


def test_other_verification_is_described_and_nothing_else_is():
    assert reasons(verification_type="999") == {("ACF001", "OtherVerificationDescription")}
    assert reasons(other_verification_description="Letter") == {("ACF003", "OtherVerificationDescription")}


TEXTS = [field for field in DETAILS if field.kind in (Kind.NAME, Kind.TEXT)]


@pytest.fixture
def operators_lists():
    reference.install(Lists(Sources(prohibited_text="blatherskite\n", prohibited_postcodes="CF10 1AA\n")))


@pytest.mark.parametrize("field", TEXTS, ids=lambda field: field.wire)
def test_prohibited_text_is_refused_in_every_text_field(field, operators_lists):
    found = reasons(**{field.name: "Blatherskite"}, last_known_post_code="CF10 2AA")
    assert ("ACF006", field.wire) in found


def test_a_prohibited_postcode_is_refused(operators_lists):
    assert reasons() == {("ACF009", "LastKnownPostCode")}


def test_only_what_changes_is_judged():
    held = details()._replace(date_of_birth=date(1890, 1, 1), given_name="Bron4wen", ability_to_share="2")
    changed = changed_details(held, {"title": "Dr", "notes": ""}, TODAY)
    assert changed == held._replace(title="Dr")
    refused = changed_details(held, {"date_of_birth": "1890-01-02"}, TODAY)
    assert [found.code for found in refused] == ["ACF004"]
    with pytest.raises(KeyError):
        changed_details(held, {"colour": "red"}, TODAY)


OTHERS = {"verification_type": "999", "other_verification_description": "Letter of a court"}


def change(held: LearnerDetails, **changes: str) -> LearnerDetails | list[tuple[str, str]]:
    read = changed_details(held, changes, TODAY)
    return read if isinstance(read, LearnerDetails) else [(found.code, found.field) for found in read]


@pytest.mark.req("ULN-04")
def test_another_verification_type_removes_the_description_of_the_previous_one():
    held = details(**OTHERS)
    after = held._replace(verification_type="2", other_verification_description="")
    assert change(held, verification_type="2") == after
    assert change(held, verification_type="2", other_verification_description=" ") == after
    refused = change(held, verification_type="2", other_verification_description="Passport")
    assert refused == [("ACF003", "OtherVerificationDescription")]


@pytest.mark.req("ULN-04")
def test_a_verification_of_type_999_keeps_its_description():
    held = details(**OTHERS)
    assert change(held, verification_type="999") == held
    assert change(held, other_verification_description="Library card").other_verification_description == "Library card"
    assert change(held, other_verification_description="") == [("ACF001", "OtherVerificationDescription")]
    assert change(details(), verification_type="999") == [("ACF001", "OtherVerificationDescription")]
    assert change(details(), other_verification_description="x") == [("ACF003", "OtherVerificationDescription")]


@pytest.mark.req("ULN-04")
def test_a_unique_pupil_number_that_is_held_is_kept():
    held = details(unique_pupil_number="A123456789012")
    assert change(held, unique_pupil_number="B123456789012", title="Dr") == held._replace(title="Dr")


@pytest.mark.req("ULN-04")
def test_faults_visible_without_the_learner_are_reported_without_one():
    assert [(found.code, found.field) for found in change_failures({"gender": "7", "title": "x" * 36}, TODAY)] == [
        ("ACF001", "GivenName"),
        ("ACF001", "FamilyName"),
        ("ACF005", "Gender"),
        ("ACF002", "Title"),
    ]
    names = {"given_name": "Bronwen", "family_name": "Ashcombe"}
    assert change_failures({**names, "verification_type": "999"}, TODAY) == ()
    assert change_failures({**names, "other_verification_description": "Letter"}, TODAY) == ()
    assert change_failures({**names, "other_verification_description": ""}, TODAY) == ()
    both = change_failures({**names, "verification_type": "2", "other_verification_description": "Letter"}, TODAY)
    assert [found.code for found in both] == ["ACF003"]


@given(st.dictionaries(st.sampled_from([field.name for field in DETAILS]), st.text(max_size=60)))
def test_faults_visible_without_the_learner_are_faults_with_any_learner(sent):
    reasons = change_failures(sent, TODAY)
    read = changed_details(details(), {"given_name": "", "family_name": ""} | sent, TODAY)
    assert set(reasons) <= (set() if isinstance(read, LearnerDetails) else set(read))


@pytest.mark.req("VLD-02")
def test_the_details_to_compare_are_read_with_every_reason():
    sent = {"uln": "1000000019", "given_name": "Bron", "family_name": "Ashcombe", "date_of_birth": "2004-05-17"}
    assert read_submitted(sent) == ("1000000019", "Bron", "Ashcombe", date(2004, 5, 17), "", "")
    wrong = {"uln": "1000000018", "given_name": "Br0n", "date_of_birth": "1850-01-01", "gender": "7"}
    assert [(found.code, found.field) for found in read_submitted(wrong, any_check_digit=True)] == [
        ("ACL001", "ULN"),
        ("ACF003", "GivenName"),
        ("ACF001", "FamilyName"),
        ("ACF005", "Gender"),
        ("ACF004", "DateOfBirth"),
    ]
    mistyped = sent | {"uln": " 1000000018 "}
    assert [found.code for found in read_submitted(mistyped)] == ["ACL001"]
    assert read_submitted(mistyped, any_check_digit=True)[0] == "1000000018"
    with pytest.raises(KeyError):
        read_submitted(sent | {"notes": "x"})


@pytest.mark.req("ULN-04")
@pytest.mark.parametrize(
    ("held", "requested", "allowed"),
    [("0", "1", True), ("1", "0", False), ("2", "1", True), ("2", "0", False), ("0", "2", False), ("2", "2", True)],
)
def test_what_a_learner_shares_changes_one_way(held, requested, allowed):
    assert may_change_sharing(held, requested) is allowed


def test_what_may_be_submitted_is_listed_as_what_is_accepted():
    (refused,) = read_details(values(ability_to_share="2"), TODAY)
    assert dict(refused.detail)["allowed"] == "0, 1"
    assert OPTED_OUT in HELD_ABILITY_TO_SHARE.values


def test_criteria_need_five_details_and_no_age():
    wanted = {name: VALID[name] for name in ("given_name", "family_name", "last_known_post_code", "gender")}
    read = read_criteria(wanted | {"date_of_birth": "1850-01-01"}, TODAY)
    assert not isinstance(read, tuple) or hasattr(read, "postcode")
    assert read.postcode == "CF10 1AA"
    assert [found.field for found in read_criteria({}, TODAY)] == [
        "GivenName",
        "FamilyName",
        "DateOfBirth",
        "Gender",
        "LastKnownPostCode",
    ]
    assert [found.code for found in read_criteria(wanted | {"date_of_birth": "2026-03-03"}, TODAY)] == ["ACF004"]
    with pytest.raises(KeyError):
        read_criteria({"notes": "x"}, TODAY)


def test_the_tier_follows_from_what_was_shown():
    assert [tier_of(kind) for kind in ("", "0", "1", "2", "7", "999")] == ["0", "0", "1", "2", "2", "1"]


@given(st.dictionaries(st.sampled_from([field.name for field in DETAILS]), st.text(max_size=60)))
def test_whatever_is_sent_is_either_details_or_reasons_with_words(sent):
    read = read_details(sent, TODAY)
    if isinstance(read, LearnerDetails):
        return
    assert all(isinstance(found, Failure) for found in read)
    for found in read:
        assert sentence(found)
        assert remedy(found)
