"""The guard: who is calling, and whether they may."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.bootstrap import Services
from chalicelib.domain.access import Capability
from chalicelib.domain.credentials import Refusal
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.known_callers import REMEMBERED
from chalicelib.services.tokens import NotAdmitted
from chalicelib.web.http.guard import Presented, admit, anyone, client_of, source_of
from chalicelib.web.http.problems import Problem
from tests.builders.callers import REQUEST, caller
from tests.builders.organisations import organisation
from tests.fakes.world import FakeWorld

TOKEN = "token-for-tests-0123456789abcdef"
NEEDED = Capability.ACHIEVEMENT_BATCHES_MANAGE
CREDENTIAL = "10000001-abcdefgh"
SOURCE = "192.0.2.7"
CERTIFICATE, OTHER_CERTIFICATE = "ab" * 32, "cd" * 32
CALLER = caller(user="system-a", capabilities=[NEEDED], credential_id=CREDENTIAL)
ORGANISATION = organisation("10000001")


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(ORGANISATION)
    world.token_keys.admit(TOKEN, CALLER)
    return world


@pytest.fixture
def services(world: FakeWorld) -> Services:
    return world.services()


def sent(*headers: str, certificate: str = "") -> Presented:
    return Presented(headers, certificate, "list_jobs", REQUEST, SOURCE)


GOOD = sent(f"Bearer {TOKEN}")


def refusal(services: Services, presented: Presented, needed: Capability = NEEDED) -> Problem:
    with pytest.raises(Problem) as caught:
        admit(services, presented, needed)
    return caught.value


def reasons(world: FakeWorld) -> list[str]:
    """The reasons of every attempt in the audit log, with those that are counted until their minute is over."""
    counted = [reason for found in world.refused_call_counts.held.values() for reason in found.reasons]
    return counted + [
        entry.detail["reason"]
        for entry in world.audit.held.values()
        if (entry.action, entry.outcome) == ("call-made", "REFUSED")
    ]


@pytest.mark.req("SEC-01", "IDM-11")
@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN}", f" Bearer {TOKEN} "])
def test_a_token_with_the_capability_is_accepted(services: Services, header: str) -> None:
    assert admit(services, sent(header), NEEDED) == CALLER


@pytest.mark.req("IDM-11")
def test_accepting_a_call_costs_a_part_of_one_read_and_of_one_write(world: FakeWorld, services: Services) -> None:
    for _ in range(100):
        admit(services, GOOD, NEEDED)
        world.clock.advance(timedelta(milliseconds=100))
    assert world.calls.count("credentials.holder") == 2
    assert set(world.calls) == {"credentials.holder", "paces.take"}
    assert world.calls.count("paces.take") < 10


@pytest.mark.req("SEC-01")
def test_a_public_route_does_not_identify_callers(world: FakeWorld, services: Services) -> None:
    assert admit(services, sent(), Capability.PUBLIC) == anyone(sent())
    assert admit(services, sent("Bearer nonsense"), Capability.PUBLIC) == anyone(sent())
    assert world.calls == []


@pytest.mark.req("IDM-11")
def test_a_call_without_a_token_is_told_how_to_authenticate(world: FakeWorld, services: Services) -> None:
    problem = refusal(services, sent())
    assert problem.kind.status == 401
    assert problem.headers["WWW-Authenticate"] == 'Bearer realm="learning-records"'
    assert [reason.code for reason in problem.failures] == ["WSEC0005"]
    assert reasons(world) == ["no-token"]


@pytest.mark.req("IDM-11")
@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        f"Bearer {hashlib.sha256(TOKEN.encode()).hexdigest()}",
        "Bearer short",
        "Bearer " + "x" * 10_000,
        "Bearer clé-clé-clé-clé-clé-clé-clé-clé",
    ],
)
def test_any_other_header_is_refused_the_same_way(world: FakeWorld, services: Services, header: str) -> None:
    problem = refusal(services, sent(header))
    assert problem.kind.status == 401
    assert problem.headers["WWW-Authenticate"] == 'Bearer realm="learning-records", error="invalid_token"'
    assert [reason.code for reason in problem.failures] == ["WSEC0005"]
    assert reasons(world) in (["token-malformed"], ["token-not-genuine"])


@pytest.mark.req("IDM-11")
def test_two_authorization_headers_are_refused_even_when_one_is_right(services: Services) -> None:
    assert refusal(services, sent(f"Bearer {TOKEN}", f"Bearer {TOKEN}")).kind.status == 401


@pytest.mark.req("SEC-01")
def test_a_token_without_the_capability_is_refused(world: FakeWorld, services: Services) -> None:
    problem = refusal(services, GOOD, Capability.ACHIEVEMENT_BATCHES_SUBMIT)
    assert problem.kind.status == 403
    assert problem.headers["WWW-Authenticate"].endswith(
        'error="insufficient_scope", scope="achievement-batches:submit"'
    )
    (reason,) = problem.document(REQUEST)["errors"]  # type: ignore[misc, call-overload]
    assert reason["code"] == "WSEC0006"
    assert reason["message"] == "The access token does not have the scope achievement-batches:submit."
    assert "service desk" in reason["action"]
    assert reasons(world) == ["capability-not-held"]


@pytest.mark.req("SEC-01", "IDM-10")
def test_a_suspended_organisation_is_refused_whatever_its_token_holds(world: FakeWorld, services: Services) -> None:
    world.accounts.put(ORGANISATION._replace(status="suspended"))
    problem = refusal(services, GOOD)
    assert (problem.kind.status, problem.failures[0].code) == (403, "WSEC0006")
    assert reasons(world) == ["organisation-suspended"]


@pytest.mark.req("SEC-01")
def test_a_token_whose_organisation_is_gone_is_refused(world: FakeWorld, services: Services) -> None:
    world.accounts.organisations.clear()
    assert refusal(services, GOOD).kind.status == 403


@pytest.mark.req("IDM-11")
def test_a_revoked_credential_ends_its_tokens_within_five_seconds(world: FakeWorld, services: Services) -> None:
    admit(services, GOOD, NEEDED)
    world.credential_table.revoke(CREDENTIAL, world.clock(), "ann")
    world.clock.advance(REMEMBERED - timedelta(milliseconds=1))
    admit(services, GOOD, NEEDED)
    world.clock.advance(timedelta(milliseconds=1))
    assert refusal(services, GOOD).kind.status == 401
    assert reasons(world) == ["credential-revoked"]


@pytest.mark.req("IDM-10", "SEC-01")
def test_a_suspension_is_in_force_within_five_seconds(world: FakeWorld, services: Services) -> None:
    admit(services, GOOD, NEEDED)
    world.accounts.put(ORGANISATION._replace(status="suspended"))
    world.clock.advance(REMEMBERED)
    assert refusal(services, GOOD).kind.status == 403
    assert reasons(world) == ["organisation-suspended"]


@pytest.mark.req("IDM-11")
def test_an_expired_or_deleted_credential_is_refused(world: FakeWorld, services: Services) -> None:
    world.credential_table.expire(CREDENTIAL, world.clock())
    assert refusal(services, GOOD).kind.status == 401
    world.credential_table.held.clear()
    world.clock.advance(REMEMBERED)
    assert refusal(services, GOOD).kind.status == 401
    assert reasons(world) == ["credential-expired", "client-unknown"]


@pytest.mark.req("IDM-11")
def test_scopes_that_a_credential_has_lost_are_not_held_by_its_tokens(world: FakeWorld, services: Services) -> None:
    held = world.credential_table.held[CREDENTIAL]
    world.credential_table.held[CREDENTIAL] = replace(held, scopes=frozenset({"learners:verify"}))
    assert refusal(services, GOOD).kind.status == 403


@pytest.mark.req("SEC-01")
def test_a_refused_attempt_is_in_the_audit_log_without_the_token(world: FakeWorld, services: Services) -> None:
    refusal(services, GOOD, Capability.ACHIEVEMENT_BATCHES_SUBMIT)
    (entry,) = world.audit.held.values()
    assert (entry.subject, entry.organisation, entry.user) == (f"CREDENTIAL#{CREDENTIAL}", "10000001", CREDENTIAL)
    assert entry.detail == {
        "channel": "webservice",
        "request": REQUEST,
        "route": "list_jobs",
        "reason": "capability-not-held",
    }
    assert TOKEN not in repr(world.audit.held)


@pytest.mark.req("SEC-01", "IDM-11")
def test_attempts_of_strangers_are_one_entry_for_each_source_and_minute_with_their_count(
    world: FakeWorld, services: Services
) -> None:
    elsewhere = sent("Bearer " + "x" * 40)._replace(source="2001:db8::7")
    for _ in range(30):
        refusal(services, sent("Bearer " + "x" * 40))
        refusal(services, sent())
    refusal(services, elsewhere)
    assert services.refused_calls.record() == 0  # the minute is not over
    assert world.audit.held == {}
    world.clock.advance(timedelta(minutes=1))
    refusal(services, sent())
    world.clock.advance(timedelta(minutes=1))
    assert services.refused_calls.record() == 2
    assert services.refused_calls.record() == 0
    world.clock.advance(timedelta(minutes=30))
    assert services.refused_calls.record() == 1
    entries = sorted(
        (entry.at, entry.detail["source"], entry.detail["count"], entry.detail["reason"], entry.detail["route"])
        for entry in world.audit.held.values()
    )
    assert entries == [
        ("2026-03-02T09:00:00+00:00", SOURCE, "60", "no-token token-not-genuine", "list_jobs"),
        ("2026-03-02T09:00:00+00:00", "2001:db8::7", "1", "token-not-genuine", "list_jobs"),
        ("2026-03-02T09:01:00+00:00", SOURCE, "1", "no-token", "list_jobs"),
    ]
    assert {entry.subject.rpartition("#")[0] for entry in world.audit.held.values()} == {"REFUSED#2026-03-02"}


@pytest.mark.req("SEC-01")
def test_a_count_that_is_recorded_twice_after_a_crash_is_one_entry(world: FakeWorld, services: Services) -> None:
    def crash(name: str) -> None:
        if name == "refused_calls.forget":
            world.hook = lambda _: None
            raise TemporaryFailure(name)

    refusal(services, sent())
    world.clock.advance(timedelta(minutes=5))
    world.hook = crash
    with pytest.raises(TemporaryFailure):
        services.refused_calls.record()
    assert services.refused_calls.record() == 1
    assert len(world.audit.held) == 1


@pytest.mark.req("SEC-01", "SLA-08", "IDM-11")
def test_strangers_who_call_too_often_are_throttled_by_source_and_neither_counted_nor_recorded(
    world: FakeWorld,
) -> None:
    services = world.services(pace_sources=(0.5, 3))
    for _ in range(3):
        assert refusal(services, sent()).kind.status == 401
    throttled = refusal(services, sent("Bearer " + "x" * 40))
    assert (throttled.kind.status, throttled.headers["Retry-After"]) == (429, "2")
    assert refusal(services, sent()._replace(source="192.0.2.8")).kind.status == 401
    assert admit(services, GOOD, NEEDED) == CALLER
    assert sorted(found.calls for found in world.refused_call_counts.held.values()) == [1, 3]


@pytest.mark.req("SEC-01", "SLA-08", "IDM-11")
@pytest.mark.parametrize("changed", [{"status": "suspended"}, {"certificates": frozenset({CERTIFICATE})}])
def test_callers_who_are_refused_for_their_organisation_are_throttled_too(
    world: FakeWorld, changed: dict[str, Any]
) -> None:
    services, presented = world.services(pace_sources=(0.5, 3)), GOOD._replace(certificate=OTHER_CERTIFICATE)
    world.accounts.put(ORGANISATION._replace(**changed))
    for _ in range(3):
        assert refusal(services, presented).kind.status == 403
    assert refusal(services, presented).kind.status == 429
    assert len(world.audit.held) == 3


@pytest.mark.req("SLA-08")
@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:0DB8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("x#y", "unknown"),
    ],
)
def test_calls_from_a_network_of_one_owner_are_counted_together(address: str, source: str) -> None:
    assert source_of(address) == source


@pytest.mark.req("SEC-01")
def test_nothing_is_answered_when_the_attempt_cannot_be_kept(world: FakeWorld, services: Services) -> None:
    def no_audit(name: str) -> None:
        if name in ("audit.record", "refused_calls.count"):
            raise TemporaryFailure(name)

    world.hook = no_audit
    for presented, needed in ((sent(), NEEDED), (GOOD, Capability.ACHIEVEMENT_BATCHES_SUBMIT)):
        with pytest.raises(TemporaryFailure):
            admit(services, presented, needed)


@pytest.mark.req("SLA-08")
def test_callers_who_call_too_often_are_told_when_to_try_again(world: FakeWorld) -> None:
    services = world.services(pace_batches=(0.5, 3), pace_single=(0.5, 1))
    for _ in range(3):
        admit(services, GOOD, NEEDED)
    problem = refusal(services, GOOD)
    assert (problem.kind.status, problem.headers["Retry-After"]) == (429, "2")
    world.clock.advance(timedelta(seconds=2))
    admit(services, GOOD, NEEDED)


class TestCertificates:
    """Client certificates."""

    @pytest.mark.req("IDM-11")
    @pytest.mark.parametrize(
        ("registered", "presented", "required", "reason"),
        [
            ((), "", False, None),
            ((), CERTIFICATE, False, None),
            ((CERTIFICATE,), CERTIFICATE, False, None),
            ((CERTIFICATE, OTHER_CERTIFICATE), OTHER_CERTIFICATE, True, None),
            ((CERTIFICATE,), "", False, None),
            ((CERTIFICATE,), OTHER_CERTIFICATE, False, "certificate-unknown"),
            ((CERTIFICATE,), "unreadable", False, "certificate-unknown"),
            ((CERTIFICATE,), "", True, "certificate-missing"),
            ((), CERTIFICATE, True, "certificate-unknown"),
            ((), "", True, "certificate-missing"),
        ],
    )
    def test_it_is_one_of_the_organisations(self, world: FakeWorld, registered, presented, required, reason) -> None:
        world.accounts.put(ORGANISATION._replace(certificates=frozenset(registered)))
        services = world.services(require_client_cert=required)
        requested = sent(f"Bearer {TOKEN}", certificate=presented)
        if reason is None:
            assert admit(services, requested, NEEDED) == CALLER
        else:
            assert refusal(services, requested).kind.status == 403
            assert reasons(world) == [reason]


class TestClients:
    """How a client authenticates when it requests a token."""

    @pytest.mark.req("IDM-11")
    @pytest.mark.parametrize("scheme", ["Basic", "basic"])
    def test_by_basic_authentication_as_a_form_encodes_it(self, scheme: str) -> None:
        header = f"{scheme} {b64encode(b'10000001-a%2Bb:s%3Acret+x').decode()}"
        assert client_of([header], {}) == ("10000001-a+b", "s:cret x")
        assert client_of([header], {"client_id": "10000001-a+b"}) == ("10000001-a+b", "s:cret x")

    @pytest.mark.req("IDM-11")
    def test_by_the_form(self) -> None:
        assert client_of([], {"client_id": "a", "client_secret": "b"}) == ("a", "b")

    @pytest.mark.req("IDM-11")
    @pytest.mark.parametrize("members", [{}, {"client_id": "a"}, {"client_secret": "b"}])
    def test_half_a_credential_is_refused(self, members: dict[str, str]) -> None:
        with pytest.raises(NotAdmitted) as refused:
            client_of([], members)
        assert refused.value.refusal is Refusal.NO_TOKEN

    @pytest.mark.req("IDM-11")
    @pytest.mark.parametrize(
        ("headers", "members"),
        [
            ([f"Basic {b64encode(b'a:b').decode()}"], {"client_id": "a", "client_secret": "b"}),
            ([f"Basic {b64encode(b'a:b').decode()}"], {"client_id": "c"}),
            ([f"Basic {b64encode(b'a:b').decode()}"] * 2, {}),
            ([f"Basic {b64encode(b'ab').decode()}"], {}),
            ([f"Basic {b64encode(b'a:').decode()}"], {}),
            ([f"Basic {b64encode(b':b').decode()}"], {}),
            (["Basic !!!!"], {}),
            ([f"Basic {b64encode(bytes([255, 254, 58, 255])).decode()}"], {}),
            ([f"Bearer {TOKEN}"], {}),
        ],
    )
    def test_in_exactly_one_way(self, headers: list[str], members: dict[str, str]) -> None:
        with pytest.raises(NotAdmitted) as refused:
            client_of(headers, members)
        assert refused.value.refusal is Refusal.TOKEN_MALFORMED
