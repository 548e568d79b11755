"""The REST surface: a record as the equivalent request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.domain.access import Role
from chalicelib.domain.learner_fields import CRITERIA
from tests.builders.learner_files import PROVIDER
from tests.builders.organisations import OURS
from tests.builders.web import admit, web_client
from tests.fakes import FakeWorld
from tests.parity.cases import AIM, AWARDED, Case, Fields, Seen, Sort, seen
from tests.parity.files import fields_of

_NAMES = {
    "ULN": "uln",
    "MISIdentifier": "misIdentifier",
    "ProviderUKPRN": "providerUkprn",
    "UCI": "uniqueCandidateIdentifier",
    "UPN": "uniquePupilNumber",
    "MiddleNames": "middleOtherName",
    "FamilyNameAt16": "familyNameAtAge16",
    "LastKnownAddressCountyorCity": "lastKnownAddressCountyOrCity",
    "PrivacyNoticeSeen": "abilityToShare",
}
"""Columns whose name in JSON is not simply the camel-case form."""

_OTHERS = ("Grade", "LanguageForAssessment", "ProviderUKPRN")
_ACTIONS = {
    "2": ("PATCH", "", ("ActionReason",)),
    "3": ("POST", "/withdrawal", _OTHERS),
    "4": ("POST", "/reinstatement", _OTHERS[1:]),
}
_SOUGHT = {field.column for field in CRITERIA}
_PROVIDERS = (Role.LRB_ONLINE_USER, Role.AWARDING_BODY_USER)
_CODES = {"WSRC0005": "registered", "WSRC0006": "updated", "WSRC0004": "found", "WSRC0020": "found"}
_CODES |= {"WSRC0022": "linked", "WSRC0021": "possible", "WSRC0003": "possible"}
_OF_PATH = {"ACR008": AWARDED, "ACR009": "Action", "ACR010": "Action"}
"""The columns of the reasons that name no field, because the path names the achievement and the action."""


def rest_surface(case: Case, world: FakeWorld) -> Seen:
    """Send the record, without the fields that have no value."""
    return _sent(case, world, {name: value for name, value in fields_of(case).items() if value})


def rest_surface_with_empty_texts(case: Case, world: FakeWorld) -> Seen:
    """Send the record with an empty text for every field that has no value."""
    return _sent(case, world, fields_of(case))


def has_empty_texts(case: Case) -> bool:
    """Whether an empty text means no value; in a change it would remove the stored value."""
    return has_request(case) and case.sort is not Sort.UPDATE and not case.fields.get("Action")


def has_request(case: Case) -> bool:
    """Whether a request says the same as the record: there is none for checking a ULN with every detail."""
    return case.sort is not Sort.CHECK or not case.fields.get("ULN")


def json_name(column: str) -> str:
    """A column's name in JSON."""
    return _NAMES.get(column) or column[0].lower() + column[1:]


class _Request(NamedTuple):
    method: str
    path: str
    said: frozenset[str] = frozenset()
    """The columns that are in the method and path, or that the request has no place for."""
    of_path: Mapping[str, str] = {}
    """The columns of reasons that may name no field, by code."""


def _sent(case: Case, world: FakeWorld, given: Fields) -> Seen:
    request = _request(case, given)
    body = {json_name(name): value for name, value in given.items() if name not in request.said}
    ukprn, roles = (OURS, [Role.QCF_USER]) if case.sort is Sort.ACHIEVEMENT else (PROVIDER, _PROVIDERS)
    admit(world, ukprn, *roles)
    headers = {"If_Match": '"1"'} if case.sort is Sort.UPDATE else {}
    with web_client(world) as send:
        answer = send(request.method, request.path, body, **headers)
    return _seen(case, request, answer.status, answer.document)


def _request(case: Case, given: Fields) -> _Request:
    if case.sort is Sort.REGISTRATION:
        return _Request("POST", "/v1/learners", frozenset({"ULN"}))
    if case.sort is Sort.UPDATE:
        return _Request("PATCH", f"/v1/learners/{given['ULN']}", frozenset({"ULN", "MISIdentifier"}))
    if case.sort is Sort.CHECK:
        return _Request("POST", "/v1/learners/find-by-demographics", frozenset(given.keys() - _SOUGHT))
    if case.sort is Sort.VERIFICATION:
        return _Request("POST", "/v1/verifications", frozenset({"MISIdentifier"}))
    action = given.get("Action", "1")
    if action == "1":
        return _Request("POST", "/v1/achievements", frozenset({"Action", "ActionDate", "ActionReason"}))
    method, end, others = _ACTIONS[action]
    key = f"{given['ULN']}.{given[AIM].replace('/', '')}.{given[AWARDED]}"
    said = {"Action", "ULN", AIM, AWARDED, "DateOfBirth", "Gender", "LearnerPostcode", *others}
    return _Request(method, f"/v1/achievements/{key}{end}", frozenset(said), _OF_PATH)


def _seen(case: Case, request: _Request, status: int, document: Any) -> Seen:
    columns = {json_name(name): name for name in fields_of(case)}
    reasons = [
        (why["code"], columns.get(why["field"], why["field"]) or request.of_path.get(why["code"], ""))
        for why in (*document.get("errors", ()), *document.get("notices", ()))
    ]
    if "errors" in document:
        assert status in (404, 409, 422), (status, document)
        if case.sort is Sort.UPDATE and status in (404, 409):
            return seen("not found", *reasons) if status == 404 else Seen("linked")
        return seen("refused", *reasons)
    if case.sort is Sort.ACHIEVEMENT:
        return seen(document["outcome"].lower(), *reasons)
    code = document["responseCode"]
    return Seen(_CODES.get(code, code))
