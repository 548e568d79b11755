"""Records of learner and verification files: their values, and all their faults at once."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.learner_batches import JobType, ReturnCode
from chalicelib.domain.learner_fields import DETAILS
from chalicelib.domain.learners import LearnerDetails
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.formats.batch.learner_layouts import LEARNERS, LEARNERS_2A, VERIFICATIONS
from chalicelib.formats.batch.learner_records import LearnerRecord, parse_learner, return_code_of
from chalicelib.formats.batch.verification_records import parse_verification
from tests.builders.learner_files import values

pytestmark = pytest.mark.req("ULN-06", "ULN-08")

TODAY = date(2026, 3, 2)


def parsed(job_type: JobType = JobType.FULL, **changes: str) -> LearnerRecord:
    return parse_learner(values(**changes), job_type, TODAY)


def reported(record: LearnerRecord) -> set[tuple[str, str]]:
    return {(why.code, why.field) for why in LEARNERS.in_its_words(record.failures)}


def test_a_valid_record_without_a_uln_is_a_learner_to_register() -> None:
    record = parsed()
    assert record.failures == ()
    assert isinstance(record.details, LearnerDetails)
    assert (record.details.given_name, record.details.date_of_birth) == ("Bronwen", date(2004, 5, 17))
    assert record.criteria is not None
    assert record.criteria.postcode == "CF10 1AA"


def test_a_record_with_a_uln_changes_only_the_values_it_has() -> None:
    record = parsed(ULN="1000000019", Gender="", LastKnownPostCode="", DateOfBirth="", PlaceOfBirth="Cardiff")
    assert record.failures == ()
    assert record.given["place_of_birth"] == "Cardiff"
    assert "gender" not in record.given


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"GivenName": ""}, ("ACF001", "GivenName"), ReturnCode.MISSING),
        ({"DateOfBirth": ""}, ("ACF001", "DateOfBirth"), ReturnCode.TOO_LITTLE),
        ({"LastKnownPostCode": ""}, ("ACF001", "LastKnownPostCode"), ReturnCode.TOO_LITTLE),
        ({"VerificationType": ""}, ("ACF001", "VerificationType"), ReturnCode.TOO_LITTLE),
        ({"PrivacyNoticeSeen": ""}, ("ACF001", "PrivacyNoticeSeen"), ReturnCode.TOO_LITTLE),
        ({"PrivacyNoticeSeen": "2"}, ("ACF005", "PrivacyNoticeSeen"), ReturnCode.FORMAT),
        ({"DateOfBirth": "17/05/2004"}, ("ACF004", "DateOfBirth"), ReturnCode.FORMAT),
        ({"DateOfBirth": "2020-05-17"}, ("ACF004", "DateOfBirth"), ReturnCode.AGE),
        ({"DateOfBirth": "2027-01-01"}, ("ACF004", "DateOfBirth"), ReturnCode.AGE),
        ({"UCI": "12"}, ("ACF003", "UCI"), ReturnCode.IDENTIFIER),
        ({"UPN": "A12345678901"}, ("ACF003", "UPN"), ReturnCode.IDENTIFIER),
        ({"ScottishCandidateNumber": "12"}, ("ACF003", "ScottishCandidateNumber"), ReturnCode.IDENTIFIER),
        ({"FamilyNameAt16": "Ashcombe1"}, ("ACF003", "FamilyNameAt16"), ReturnCode.FORMAT),
        ({"Notes": "=SUM(A1)"}, ("ACF008", "Notes"), ReturnCode.FORMAT),
        ({"ULN": "1000000018"}, ("ACL001", "ULN"), ReturnCode.FORMAT),
        ({"VerificationType": "999"}, ("ACF001", "OtherVerificationDescription"), ReturnCode.MISSING),
        ({"MISIdentifier": "a\tb"}, ("ACF003", "MISIdentifier"), ReturnCode.FORMAT),
    ],
)
def test_a_fault_is_reported_with_the_files_own_column_and_decides_the_return_code(changes, reason, code) -> None:
    record = parsed(**changes)
    assert reason in reported(record)
    assert return_code_of(record.failures) is code


def test_every_fault_is_reported_at_once_and_missing_fields_come_first() -> None:
    record = parsed(FamilyName="", Gender="7", UCI="x", DateOfBirth="2020-01-01")
    assert reported(record) == {
        ("ACF001", "FamilyName"), ("ACF005", "Gender"), ("ACF003", "UCI"), ("ACF004", "DateOfBirth"),
    }  # fmt: skip
    assert return_code_of(record.failures) is ReturnCode.MISSING


def test_a_check_needs_what_a_find_needs_and_not_what_a_registration_needs() -> None:
    assert parsed(JobType.CHECK, VerificationType="", PrivacyNoticeSeen="").failures == ()
    assert ("ACF001", "Gender") in reported(parsed(JobType.CHECK, Gender=""))


@pytest.mark.parametrize("job_type", JobType)
@pytest.mark.parametrize("uln", ["", "1000000019"])
def test_a_date_of_birth_in_the_future_is_one_fault_of_age(job_type: JobType, uln: str) -> None:
    failures = parsed(job_type, ULN=uln, DateOfBirth="2027-01-01").failures
    assert [(why.code, why.field) for why in failures] == [("ACF004", "DateOfBirth")]
    assert return_code_of(failures) is ReturnCode.AGE


def test_an_update_may_describe_a_verification_whose_type_the_register_has() -> None:
    assert parsed(ULN="1000000019", VerificationType="", OtherVerificationDescription="Library card").failures == ()


def test_a_value_has_the_same_code_in_both_versions() -> None:
    older = {name: f"v{place}" for place, name in enumerate(LEARNERS_2A.record_names)}
    now = dict(zip(LEARNERS.record_names, LEARNERS.in_order(tuple(older.values()), LEARNERS_2A), strict=True))
    assert (now["MiddleNames"], now["PrivacyNoticeSeen"]) == (older["MiddleOtherName"], older["AbilityToShare"])
    assert (now["UCI"], now["UPN"]) == ("", "")
    assert all(now[name] == value for name, value in older.items() if name in now)


@given(st.tuples(*[st.text(max_size=60)] * len(LEARNERS.record)), st.sampled_from(JobType))
def test_whatever_a_record_holds_it_is_read_or_refused_by_columns_of_the_file(
    record: tuple[str, ...], job_type
) -> None:
    read = parse_learner(record, job_type, TODAY)
    assert {why.field for why in LEARNERS.in_its_words(read.failures)} <= set(LEARNERS.record_names)
    if read.failures:
        assert read.details is read.criteria is None
        assert return_code_of(read.failures) in ReturnCode
    for why in read.failures:
        shown = "".join(value for _, value in why.detail)
        # Everything except our own words: a value may happen to be one of them.
        assert [text for text in record if len(text) > 6 and not text.isascii() and text in shown] == []


@given(st.integers(0, 60).filter(lambda count: count != len(LEARNERS.record)))
def test_a_record_of_another_width_has_no_values_and_no_other_reasons(count: int) -> None:
    assert parse_learner([""] * count, JobType.FULL, TODAY) == LearnerRecord("", "", {}, None, None, ())


def test_every_column_is_a_detail_and_none_is_twice() -> None:
    names = [field.name for field in LEARNERS.record]
    assert len(set(names)) == len(names)
    assert {field.name for field in DETAILS} - set(names) == {"telephone_number"}
    assert set(names) - {field.name for field in DETAILS} == {"uln", "mis_identifier"}


@pytest.mark.req("VLD-03")
class TestVerificationRecords:
    def test_a_valid_record_gives_the_details_to_compare(self) -> None:
        read = parse_verification(values(VERIFICATIONS))
        assert read.details == SubmittedDetails("1000000019", "Bronwen", "Ashcombe", date(2004, 5, 17), "2")

    def test_date_of_birth_and_gender_may_be_left_out(self) -> None:
        read = parse_verification(values(VERIFICATIONS, DateOfBirth="", Gender=""))
        assert read.details == SubmittedDetails("1000000019", "Bronwen", "Ashcombe", None, "")

    def test_every_fault_is_reported_at_once(self) -> None:
        read = parse_verification(
            values(VERIFICATIONS, ULN="12", FamilyName="", GivenName="=A1", DateOfBirth="1850-01-01", Gender="5")
        )
        assert {(why.code, why.field) for why in read.failures} == {
            ("ACF003", "ULN"), ("ACF001", "FamilyName"), ("ACF008", "GivenName"), ("ACF004", "DateOfBirth"),
            ("ACF005", "Gender"),
        }  # fmt: skip

    @given(st.tuples(*[st.text(max_size=60)] * len(VERIFICATIONS.record)))
    def test_whatever_a_record_holds_it_is_read_or_refused(self, record: tuple[str, ...]) -> None:
        read = parse_verification(record)
        assert (read.details is None) == bool(read.failures)
        assert {why.field for why in read.failures} <= set(VERIFICATIONS.record_names)
