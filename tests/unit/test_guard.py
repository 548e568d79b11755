"""The guard: who is calling, and whether they may."""

from __future__ import annotations

import hashlib

import pytest

from chalicelib.domain.access import Capability
from chalicelib.services.ports import Caller, Organisation
from chalicelib.web.guard import ANYONE, admit, key_digest
from chalicelib.web.problems import Problem
from tests.fakes.world import FakeWorld

KEY = "key-for-tests-0123456789abcdef"
NEEDED = Capability.ACHIEVEMENT_BATCHES_MANAGE
CALLER = Caller("10000001", "system-a", "a@example.org", frozenset({str(NEEDED)}))
ORGANISATION = Organisation(
    ukprn="10000001",
    name="Example Awards",
    organisation_ref="EXA001",
    recognition_numbers=frozenset({"RN0001"}),
    is_awarding_organisation=True,
    batch_achievements=True,
    status="active",
    batch_email="batch@example.org",
)


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(ORGANISATION)
    world.accounts.put_caller(hashlib.sha256(KEY.encode()).hexdigest(), CALLER)
    return world


def refusal(world: FakeWorld, headers: list[str], needed: Capability = NEEDED) -> Problem:
    with pytest.raises(Problem) as caught:
        admit(world, headers, needed)
    return caught.value


@pytest.mark.req("SEC-01", "IDM-11")
@pytest.mark.parametrize("header", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER   {KEY}", f" Bearer {KEY} "])
def test_a_live_key_with_the_capability_is_admitted(world: FakeWorld, header: str) -> None:
    assert admit(world, [header], NEEDED) == CALLER


@pytest.mark.req("SEC-01")
def test_a_public_route_asks_nobody_who_they_are(world: FakeWorld) -> None:
    assert admit(world, [], Capability.PUBLIC) is ANYONE
    assert admit(world, ["Bearer nonsense"], Capability.PUBLIC) is ANYONE
    assert world.calls == []


@pytest.mark.req("IDM-11")
def test_a_call_without_a_key_is_told_how_to_authenticate(world: FakeWorld) -> None:
    problem = refusal(world, [])
    assert problem.kind.status == 401
    assert problem.headers["WWW-Authenticate"] == 'Bearer realm="learning-records"'
    assert [reason.code for reason in problem.failures] == ["WSEC0005"]


@pytest.mark.req("IDM-11")
@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        KEY,
        f"Basic {KEY}",
        f"Bearer {KEY} {KEY}",
        f"Bearer {KEY}x",
        f"Bearer {KEY[:-1]}",
        f"Bearer {KEY.upper()}",
        f"Bearer {key_digest(KEY)}",
        "Bearer short",
        "Bearer " + "x" * 10_000,
        "Bearer clé-clé-clé-clé-clé-clé-clé-clé",
    ],
)
def test_any_other_header_is_refused_alike(world: FakeWorld, header: str) -> None:
    problem = refusal(world, [header])
    assert problem.kind.status == 401
    assert 'error="invalid_token"' in problem.headers["WWW-Authenticate"]


@pytest.mark.req("IDM-11")
def test_two_authorization_headers_are_refused_even_when_one_is_right(world: FakeWorld) -> None:
    assert refusal(world, [f"Bearer {KEY}", f"Bearer {KEY}"]).kind.status == 401


@pytest.mark.req("SEC-01")
def test_a_key_without_the_capability_is_refused(world: FakeWorld) -> None:
    problem = refusal(world, [f"Bearer {KEY}"], Capability.ACHIEVEMENT_BATCHES_SUBMIT)
    assert problem.kind.status == 403
    assert [reason.code for reason in problem.failures] == ["WSEC0006"]


@pytest.mark.req("SEC-01", "IDM-10")
def test_a_suspended_organisation_is_refused_whatever_its_key_holds(world: FakeWorld) -> None:
    world.accounts.put(ORGANISATION._replace(status="suspended"))
    problem = refusal(world, [f"Bearer {KEY}"])
    assert (problem.kind.status, problem.failures[0].code) == (403, "WSEC0006")


@pytest.mark.req("SEC-01")
def test_a_key_whose_organisation_is_gone_is_refused(world: FakeWorld) -> None:
    world.accounts.organisations.clear()
    assert refusal(world, [f"Bearer {KEY}"]).kind.status == 403


@pytest.mark.req("IDM-11")
def test_only_the_digest_of_a_key_is_looked_up(world: FakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(world.accounts, "caller", lambda digest: asked.append(digest) or CALLER)
    admit(world, [f"Bearer {KEY}"], NEEDED)
    assert asked == [hashlib.sha256(KEY.encode()).hexdigest()]
