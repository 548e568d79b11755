"""How an organisation is set up, over the web service."""

from __future__ import annotations

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.callers import Caller
from tests.builders.callers import caller
from tests.builders.organisations import organisation, provider
from tests.builders.web import THEIR_TOKEN, TOKEN, WebClient, admit, token_of
from tests.fakes import FakeWorld

AWARDS, COLLEGE, DESK = "90000001", "10000002", "90000009"
DESK_TOKEN = token_of("desk")
PATH = "/v1/organisations"


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(AWARDS))
    world.accounts.put(provider(COLLEGE, csv_encoding="windows-1252", batch_email=""))
    world.accounts.put(provider(DESK, is_service_desk=True))
    admit(world, AWARDS, Role.QCF_USER)
    admit(world, COLLEGE, Role.LRB_ONLINE_USER, token=THEIR_TOKEN)
    admit(world, DESK, Role.SERVICE_DESK, token=DESK_TOKEN)
    return world


@pytest.mark.req("IDM-10", "IDM-11")
def test_an_organisation_sees_how_it_is_set_up(world: FakeWorld, send: WebClient) -> None:
    answer = send("GET", f"{PATH}/{AWARDS}")
    assert answer.status == 200
    assert answer.document == {
        "ukprn": AWARDS,
        "orgRef": "EX0001",
        "displayName": "Awards 1",
        "status": "active",
        "awardingOrganisation": True,
        "recognitionNumbers": ["RN9001"],
        "achievementBatches": True,
        "batchEmailAddress": f"batch@{AWARDS}.example",
        "csvEncoding": "utf-8",
    }
    other = send("GET", f"{PATH}/{COLLEGE}", token=THEIR_TOKEN).document
    assert (other["awardingOrganisation"], other["csvEncoding"], other["batchEmailAddress"]) == (
        False,
        "windows-1252",
        None,
    )


@pytest.mark.req("IDM-10", "SEC-01")
def test_only_the_service_desk_sees_other_organisations_and_nobody_learns_which_exist(
    world: FakeWorld, send: WebClient
) -> None:
    world.accounts.put(organisation("90000003", status="suspended"))
    seen = send("GET", f"{PATH}/90000003", token=DESK_TOKEN)
    assert (seen.status, seen.document["status"]) == (200, "suspended")
    for ukprn, token in ((COLLEGE, TOKEN), ("90000077", TOKEN), ("90000077", DESK_TOKEN), (DESK, THEIR_TOKEN)):
        answer = send("GET", f"{PATH}/{ukprn}", token=token)
        assert (answer.status, answer.reasons) == (404, [("LRS-ORG-1", "")])
        assert ("not your organisation" in answer.document["detail"]) == (token != DESK_TOKEN)


@pytest.mark.req("IDM-10", "SEC-01")
def test_the_scope_is_needed_and_the_ukprn_is_judged(world: FakeWorld, send: WebClient) -> None:
    without: Caller = caller(AWARDS, "system", ["learners:verify"])
    world.token_keys.admit(token_of("without"), without)
    assert send("GET", f"{PATH}/{AWARDS}", token=token_of("without")).codes == ["WSEC0006"]
    wrong = send("GET", f"{PATH}/1234")
    assert (wrong.status, wrong.reasons) == (422, [("ACF003", "ukprn")])
    assert send("GET", f"{PATH}/{AWARDS}?ukprn={AWARDS}").status == 400
