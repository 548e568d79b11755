"""Verify Single Learner: the form, and a result for each return code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from chalicelib.domain.failures import failure
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.services.verify_learner import VerifiedLearner
from chalicelib.web.portal import learner_fields
from chalicelib.web.portal.verification_pages import context_of
from tests.browser.cases.case import HOSTILE, IN, LONG, Case

_HERE: Final = replace(IN, path="/verify")
_SEARCHED: Final = SubmittedDetails("2000000115", "Bronwyn", LONG, date(2004, 5, 17), "2", "CF10 1AA")
_HELD: Final = LearnerProfile("2000000123", "Bronwen", LONG, date_of_birth=date(2004, 5, 17), gender="0")
_RESULTS: Final[tuple[dict[str, Any], ...]] = (
    {"response_code": "VRC001", "returned": _HELD._replace(uln=_SEARCHED.uln, given_name="BRONWYN", gender="2")},
    {"response_code": "VRC002", "returned": _HELD},
    {
        "response_code": "VRC003",
        "explanation": ("given name: spelling", "gender: not held"),
        "returned": _HELD._replace(uln=_SEARCHED.uln),
    },
    {"response_code": "VRC004", "explanation": ("given name: spelling",), "returned": _HELD},
    {
        "response_code": "VRC005",
        "failure_flags": ("GIVEN_NAME_MISMATCH", "DATE_OF_BIRTH_MISMATCH"),
        "explanation": ("given name: different", "date of birth: different"),
    },
    {"response_code": "VRC006", "failure_flags": ("ULN_NOT_FOUND", "ULN_INVALID")},
)
_WRONG: Final = (
    failure("ACF003", "ULN"),
    failure("ACF001", "GivenName"),
    failure("ACF003", "FamilyName"),
    failure("ACF004", "DateOfBirth"),
)
_FORM: Final = "verification/verify.html.jinja"
_ENTERED: Final = {"uln": ["12"], "family_name": [HOSTILE], "date_of_birth-day": ["31"], "date_of_birth-month": ["2"]}


def _result(searched: SubmittedDetails = _SEARCHED, state: str = "", **result: Any) -> Case:
    verified = VerifiedLearner(searched, **result)
    name = f"verified-{verified.response_code}{state}"
    learner = f"/learners/{verified.returned.uln}" if verified.returned else ""
    return Case(
        name, "verification/verified.html.jinja", context_of(verified, learner), replace(_HERE, path="/verify/result")
    )


CASES: Final = (
    Case("verify", _FORM, learner_fields.VERIFY.page(_FORM, {}).context, _HERE),
    Case("verify-wrong", _FORM, learner_fields.VERIFY.page(_FORM, _ENTERED, _WRONG).context, _HERE, 400),
    *(_result(**result) for result in _RESULTS),
    _result(SubmittedDetails(HOSTILE, HOSTILE, HOSTILE), "-hostile", response_code="VRC006"),
)
