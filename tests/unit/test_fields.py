"""The table of fields: each described once, in the order of the types with its values."""

from __future__ import annotations

from collections import Counter

import pytest

from chalicelib.domain import achievement_fields, codes, learner_fields
from chalicelib.domain.codes import Action, SubmissionType
from chalicelib.domain.fields import Field, Kind, camel_case, named, optional
from chalicelib.domain.learner_batches import JobType
from chalicelib.domain.learners import LearnerDetails
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.search import Criteria
from chalicelib.web.http.forms import fields_of
from chalicelib.web.rest.table import routes

pytestmark = pytest.mark.req("VAL-03", "ULN-08")

RECORDS = {
    "achievement": achievement_fields.ACHIEVEMENT,
    "details": learner_fields.DETAILS,
    "criteria": learner_fields.CRITERIA,
    "submitted": learner_fields.SUBMITTED,
    "find": learner_fields.TO_FIND,
    "create": achievement_fields.CREATE,
    "update": achievement_fields.UPDATE,
    "withdraw": achievement_fields.WITHDRAW,
    "reinstate": achievement_fields.REINSTATE,
}


def names(fields: tuple[Field, ...]) -> tuple[str, ...]:
    return tuple(field.name for field in fields)


@pytest.mark.parametrize("record", RECORDS.values(), ids=list(RECORDS))
def test_a_record_has_each_field_once(record: tuple[Field, ...]) -> None:
    for name_of in (lambda field: field.name, lambda field: field.wire, lambda field: field.column):
        assert [name for name, count in Counter(map(name_of, record)).items() if count > 1] == []


def test_values_are_in_the_order_of_their_types() -> None:
    assert names(learner_fields.DETAILS) == LearnerDetails._fields
    assert len(learner_fields.CRITERIA) == len(Criteria._fields)
    assert [field.mandatory for field in learner_fields.CRITERIA] == [True] * 5 + [False] * 4
    assert names(learner_fields.SUBMITTED)[:5] == SubmittedDetails._fields[:5]


def test_a_field_of_one_name_has_one_kind_limit_and_list_in_every_record() -> None:
    known: dict[str, tuple[object, ...]] = {}
    for record in RECORDS.values():
        for field in record:
            reported = (field.kind, field.limit, field.codes, field.wire, field.column, field.example)
            assert known.setdefault(field.name, reported) == reported, field.name


@pytest.mark.parametrize(
    "field", {field.name: field for record in RECORDS.values() for field in record}.values(), ids=lambda one: one.name
)
def test_a_field_is_described_completely(field: Field) -> None:
    assert field.description.endswith(".")
    assert len(field.example) <= field.limit
    assert (field.codes is not None) == (field.kind is Kind.CODE)
    assert field.json == camel_case(field.name)
    assert field.codes is None or all(len(value) <= field.limit for value in field.codes.values)


def test_lists_have_their_own_names_and_the_members_of_their_enumerations() -> None:
    assert len({one.name for one in codes.LISTS}) == len(codes.LISTS)
    for listed in codes.LISTS:
        for code in listed.codes:
            assert {listed.read(text.lower()) for text in (code.value, *code.spellings)} == {code.value}
    enumerations = {codes.ACTION: Action, codes.SUBMISSION_TYPE: SubmissionType}
    enumerations |= {codes.JOB_TYPE: JobType, codes.FIND_TYPE: codes.FindType}
    for listed, enumeration in enumerations.items():
        assert all(isinstance(value, enumeration) for value in listed.values)
        assert set(listed.values) == set(enumeration)


def test_a_field_is_taken_with_a_change_and_unknown_names_are_refused() -> None:
    gender = learner_fields.DETAIL["gender"]
    assert optional(gender).mandatory is optional(gender).always is False
    assert (gender.mandatory, gender.always) == (True, False)
    with pytest.raises(KeyError):
        named(learner_fields.DETAILS, "shoe_size")


def test_the_web_service_has_the_fields_of_the_achievement_file_and_of_a_learners_details() -> None:
    requests = {route.name: {member.name for member in fields_of(route.request)} for route in routes()}
    file = set(names(achievement_fields.ACHIEVEMENT))
    assert requests["create_achievement"] == file - {"action", "action_date", "action_reason"} | {"submission_type"}
    assert requests["register_learner"] == {*LearnerDetails._fields, "mis_identifier"}
    assert requests["update_learner"] == {*LearnerDetails._fields, "uln"}
    assert requests["verify_learner"] == set(names(learner_fields.SUBMITTED))
