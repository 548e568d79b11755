"""Refusals of use cases: their kinds, and their answers on the web."""

from __future__ import annotations

import pytest

from chalicelib.domain.failures import FAMILIES, failure
from chalicelib.domain.refusals import KINDS, RefusalKind, Refused
from chalicelib.web.http.field_forms import FieldText, in_json
from chalicelib.web.http.forms import fields_of
from chalicelib.web.http.problems import OF_REFUSAL, problem_of
from chalicelib.web.rest.table import routes


def test_every_code_with_a_kind_is_a_code() -> None:
    assert set(KINDS) <= set(FAMILIES)
    assert set(OF_REFUSAL) == set(RefusalKind)


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        (["ACF001"], 422),
        (["ACF001", "ACR001"], 422),
        (["WSRC0019"], 404),
        (["WSRC0013"], 412),
        (["LRS-REQ-13"], 412),
        (["WSRC0022"], 409),
        (["WSEC0006"], 403),
        (["WSRC0043", "ACB002"], 403),
        (["WSRC0019", "ACF001"], 422),
        (["ACR008", "ACW003"], 404),
    ],
)
def test_a_refusal_has_the_status_of_its_kind(codes: list[str], status: int) -> None:
    assert problem_of(Refused(*map(failure, codes))).kind.status == status


def test_a_refusal_has_every_reason_with_the_fields_of_the_interface_and_further_facts() -> None:
    reasons = (failure("ACF001", "GivenName"), failure("ACR012", "ProviderUKPRN"), failure("LRS-REQ-13", "Version"))
    document = problem_of(Refused(*reasons, about={"return_code": "VRC005", "master_uln": ""})).document("x")
    assert [reason["field"] for reason in document["errors"]] == ["givenName", "providerUkprn", "If-Match"]
    assert document["returnCode"] == "VRC005"
    assert "masterUln" not in document


def test_a_job_that_has_not_ended_says_when_to_try_again() -> None:
    assert int(problem_of(Refused(failure("WSRC0008"))).headers["Retry-After"]) > 0


def test_every_field_has_the_name_in_refusals_that_it_has_in_requests() -> None:
    for declared in routes():
        for member in fields_of(declared.request):
            if isinstance(member.form, FieldText):
                reason = in_json(failure("ACF001", member.form.field.wire))
                assert reason.field == member.wire_name, (declared.name, member.wire_name)
    for name in ("uln", "supplied.achievedGrade", "learningEvent1Id", "If-Match", "RecordCount", ""):
        assert in_json(failure("ACF001", name)).field == name
