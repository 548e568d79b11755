"""Contract of credentials, callers' buckets and remembered answers, for fake and real adapters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.credentials import Credential
from chalicelib.domain.throttles import Pace
from chalicelib.ports.errors import Conflict
from chalicelib.ports.identity import Holder, RefusedCall, RefusedCalls, Remembered
from tests.contract.test_records_contract import ORGANISATION

HOUR = timedelta(hours=1)


def credential(world, ukprn, name="one", **changes):
    made = Credential(
        credential_id=f"{ukprn}-{name}-0000",
        ukprn=ukprn,
        name="Cofnodion Ⓦ",
        secret_digest="ab" * 32,
        scopes=frozenset({"learners:verify", "achievements:manage"}),
        created_at=world.clock(),
        created_by="ann",
        expires_at=world.clock() + 24 * HOUR,
        email="a@example.org",
        replaces="",
    )
    return replace(made, **changes)


@pytest.mark.req("IDM-11")
def test_a_credential_is_read_as_it_was_created_with_its_organisation(world, ukprn):
    table, made = world.ports.credential_table, credential(world, ukprn)
    assert table.holder(made.credential_id) == Holder(None, None)
    table.create(made)
    assert table.holder(made.credential_id) == Holder(None, made)
    organisation = ORGANISATION._replace(ukprn=ukprn)
    world.hold_organisation(organisation)
    assert table.holder(made.credential_id) == Holder(organisation, made)
    assert table.holder(f"{ukprn}-another-0000") == Holder(organisation, None)


@pytest.mark.req("IDM-11", "SEC-01")
def test_refused_calls_are_counted_by_source_credential_and_minute_until_they_are_forgotten(world, ukprn):
    counts, now = world.ports.refused_call_counts, world.clock()
    named = RefusedCall(f"2001:db8::{int(ukprn) % 9999}", "secret-wrong", "give_token", ukprn, f"{ukprn}-abcdefgh")
    stranger = RefusedCall(named.source, "no-token", "list_jobs")
    for call in (named, named, named._replace(route="list_token_keys"), stranger):
        counts.count(call, now)
    counts.count(stranger, now + timedelta(minutes=1))
    first = now.replace(second=0, microsecond=0)
    nobody = RefusedCalls(named.source, "", "", first, 1, ("no-token",), ("list_jobs",))
    routes = ("give_token", "list_token_keys")
    theirs = RefusedCalls(named.source, named.credential_id, ukprn, first, 3, ("secret-wrong",), routes)

    def own(at):
        return [found for found in counts.of_minute(at) if found.source == named.source]

    assert own(now) == [nobody, theirs]
    counts.forget(nobody)
    counts.forget(nobody)
    assert own(now) == [theirs]
    assert own(now + timedelta(minutes=1)) == [nobody._replace(minute=first + timedelta(minutes=1))]


@pytest.mark.req("IDM-11")
def test_an_id_is_given_once(world, ukprn):
    table, made = world.ports.credential_table, credential(world, ukprn)
    table.create(made)
    with pytest.raises(Conflict):
        table.create(replace(made, secret_digest="cd" * 32))
    assert table.holder(made.credential_id).credential == made


@pytest.mark.req("IDM-11")
def test_an_organisations_credentials_are_listed_oldest_first_and_nobody_elses(world, ukprn):
    table = world.ports.credential_table
    younger = credential(world, ukprn, "aaa", created_at=world.clock() + HOUR)
    older = credential(world, ukprn, "zzz")
    for made in (younger, older, credential(world, f"{int(ukprn) + 50_000_000}")):
        table.create(made)
    world.hold_organisation(ORGANISATION._replace(ukprn=ukprn))
    assert table.of_organisation(ukprn) == [older, younger]
    assert table.of_organisation("99999999") == []


@pytest.mark.req("IDM-11")
def test_a_credential_is_revoked_once_and_permanently(world, ukprn):
    table, made = world.ports.credential_table, credential(world, ukprn)
    assert not table.revoke(made.credential_id, world.clock(), "ann")
    table.create(made)
    assert table.revoke(made.credential_id, world.clock(), "ann")
    assert not table.revoke(made.credential_id, world.clock() + HOUR, "bob")
    stored = table.holder(made.credential_id).credential
    assert (stored.revoked_at, stored.revoked_by) == (world.clock(), "ann")


@pytest.mark.req("IDM-11")
def test_an_end_can_only_become_earlier(world, ukprn):
    table, made = world.ports.credential_table, credential(world, ukprn)
    assert not table.expire(made.credential_id, world.clock())
    table.create(made)
    sooner = world.clock() + HOUR
    assert table.expire(made.credential_id, sooner)
    assert not table.expire(made.credential_id, sooner + HOUR)
    assert table.holder(made.credential_id).credential.expires_at == sooner


@pytest.mark.req("IDM-11")
def test_the_last_use_is_kept_and_makes_no_credential(world, ukprn):
    table, made = world.ports.credential_table, credential(world, ukprn)
    table.used(made.credential_id, world.clock())
    assert table.holder(made.credential_id).credential is None
    table.create(made)
    table.used(made.credential_id, world.clock())
    assert table.holder(made.credential_id).credential.last_used_at == world.clock()


@pytest.mark.req("SLA-08")
def test_a_bucket_gives_its_depth_at_once_and_then_its_rate(world, ukprn):
    with pytest.raises(ValueError, match="separator"):
        world.ports.paces.take(f"USER#{ukprn}", Pace(2.0, 5), 1, world.clock())
    paces, pace, name = world.ports.paces, Pace(2.0, 5), f"{ukprn}.single"
    assert [paces.take(name, pace, 1, world.clock()).wait for _ in range(6)] == [0, 0, 0, 0, 0, 500]
    later = world.clock() + timedelta(milliseconds=500)
    assert paces.take(name, pace, 1, later).wait == 0
    assert paces.take(name, pace, 1, later).wait == 500
    much_later = later + HOUR
    assert paces.take(name, pace, 5, much_later).wait == 0
    assert paces.take(name, pace, 2, much_later).wait == 1000
    assert paces.take(f"{ukprn}.batches", pace, 1, much_later).wait == 0


@pytest.mark.req("SLA-08")
def test_more_than_the_bucket_holds_is_never_taken(world, ukprn):
    assert world.ports.paces.take(f"{ukprn}.single", Pace(1.0, 3), 4, world.clock()).wait == 1000
    assert world.ports.paces.take(f"{ukprn}.single", Pace(1.0, 3), 3, world.clock()).wait == 0


@pytest.mark.req("SLA-08")
def test_the_first_request_with_a_key_is_answered_and_others_get_what_is_known(world, ukprn):
    answers, key, now = world.ports.answers, f"{int(ukprn):064x}", world.clock()
    assert answers.begin(key, "r1", now, now + HOUR) is None
    assert answers.begin(key, "r1", now, now + HOUR) == Remembered("r1", "")
    assert answers.begin(key, "r2", now, now + HOUR) == Remembered("r1", "")
    answers.keep(key, "r1", '["ü"]', now + 24 * HOUR)
    assert answers.begin(key, "r1", now + 2 * HOUR, now + 3 * HOUR) == Remembered("r1", '["ü"]')
    assert answers.begin(key, "r2", now + 2 * HOUR, now + 3 * HOUR).request == "r1"
    assert answers.begin(key, "r2", now + 25 * HOUR, now + 26 * HOUR) is None


@pytest.mark.req("SLA-08")
def test_a_key_without_an_answer_can_be_used_by_the_same_request_when_its_lease_is_over(world, ukprn):
    answers, key, now = world.ports.answers, f"{int(ukprn):064x}", world.clock()
    answers.begin(key, "r1", now, now + HOUR)
    assert answers.begin(key, "r2", now + HOUR, now + 2 * HOUR) == Remembered("r1", "")
    assert answers.begin(key, "r1", now + HOUR, now + 2 * HOUR) is None
    assert answers.begin(key, "r1", now + HOUR, now + 2 * HOUR) == Remembered("r1", "")


@pytest.mark.req("SLA-08")
def test_a_key_is_released_unless_it_has_an_answer(world, ukprn):
    answers, key, now = world.ports.answers, f"{int(ukprn):064x}", world.clock()
    answers.release(key, "r1")
    answers.begin(key, "r1", now, now + HOUR)
    answers.release(key, "r2")
    assert answers.begin(key, "r2", now, now + HOUR) == Remembered("r1", "")
    answers.release(key, "r1")
    assert answers.begin(key, "r2", now, now + HOUR) is None
    answers.keep(key, "r1", '["not mine"]', now + HOUR)
    answers.keep(key, "r2", '["mine"]', now + HOUR)
    answers.release(key, "r2")
    assert answers.begin(key, "r2", now, now + HOUR) == Remembered("r2", '["mine"]')


# --- only for the real adapters ----------------------------------------------------------------------------


@pytest.mark.threads
@pytest.mark.req("SLA-08")
def test_containers_at_the_same_time_take_no_more_than_the_bucket_holds(adapters, ukprn):
    from chalicelib.storage.sessions import PaceTable

    services, name = adapters, f"{ukprn}.single"
    services.clock.now = services.clock.now.replace(hour=9)
    containers = [services.paces, *(PaceTable() for _ in range(3))]

    def takes(container):
        return [container.take(name, Pace(1.0, 10), 1, services.clock()).wait for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        waits = [wait for found in pool.map(takes, containers) for wait in found]
    assert waits.count(0) == 10


@pytest.mark.req("SEC-02")
def test_an_answer_is_stored_so_that_nobody_can_read_it_or_put_it_elsewhere(adapters, ukprn):
    services, now = adapters, adapters.clock()
    first, second = f"{int(ukprn):064x}", f"{int(ukprn) + 50_000_000:064x}"
    table = services.settings.need("table_sessions")
    for key in (first, second):
        services.answers.begin(key, "r", now, now + HOUR)
    services.answers.keep(first, "r", '["Siân"]', now + HOUR)
    client = services.dynamodb()
    stored = client.get_item(TableName=table, Key={"pk": {"S": f"ANSWER#{first}"}, "sk": {"S": "ANSWER"}})["Item"]
    assert "Siân".encode() not in bytes(stored["answer"]["B"])
    client.put_item(TableName=table, Item={**stored, "pk": {"S": f"ANSWER#{second}"}})
    assert services.answers.begin(second, "r", now, now + HOUR) == Remembered("r", "")
    assert services.answers.begin(first, "r", now, now + HOUR) == Remembered("r", '["Siân"]')
