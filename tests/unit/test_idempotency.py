"""Requests that may be sent twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.ports.errors import TemporaryFailure
from chalicelib.web.http.bodies import Malformed
from chalicelib.web.http.idempotency import KEPT, LEASE, KeptAnswer, Repeated, answered
from chalicelib.web.http.problems import Problem
from tests.builders import callers
from tests.fakes.world import FakeWorld

KEY = "0123456789abcdef"
CALLER = callers.caller("10000001", "system-a")
REQUEST = Repeated(CALLER, "POST", "/v1/things", b'{"a":1}')


class Work:
    """Creates something each time."""

    def __init__(self) -> None:
        self.made = 0
        self.error: Exception | None = None

    def __call__(self) -> KeptAnswer:
        self.made += 1
        if self.error is not None:
            raise self.error
        return KeptAnswer(201, {"Location": f"/v1/things/{self.made}"}, f'{{"name":"Siân {self.made}"}}')


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def work() -> Work:
    return Work()


def send(world: FakeWorld, work: Work, request: Repeated = REQUEST, key: str = KEY) -> KeptAnswer:
    return answered(world.services(), [key], request, work)


@pytest.mark.req("SLA-08")
def test_the_same_request_again_is_answered_as_the_first_and_makes_nothing(world: FakeWorld, work: Work) -> None:
    first = send(world, work)
    world.clock.advance(KEPT - timedelta(seconds=1))
    second = send(world, work)
    assert work.made == 1
    assert (second.status, second.body) == (first.status, first.body)
    assert second.headers == {**first.headers, "Idempotency-Replayed": "true"}
    assert "Idempotency-Replayed" not in first.headers


@pytest.mark.req("SLA-08")
def test_after_a_day_it_is_a_request_like_any_other(world: FakeWorld, work: Work) -> None:
    send(world, work)
    world.clock.advance(KEPT)
    send(world, work)
    assert work.made == 2


@pytest.mark.req("SLA-08")
def test_without_a_key_every_request_is_its_own_and_costs_nothing_more(world: FakeWorld, work: Work) -> None:
    for _ in range(2):
        answered(world.services(), [], REQUEST, work)
    assert work.made == 2
    assert world.calls == []


@pytest.mark.req("SLA-08")
def test_a_key_with_another_body_is_refused(world: FakeWorld, work: Work) -> None:
    send(world, work)
    with pytest.raises(Problem) as refused:
        send(world, work, REQUEST._replace(body=b'{"a":2}'))
    assert (refused.value.kind.status, refused.value.failures[0].code) == (422, "LRS-REQ-17")
    assert work.made == 1


@pytest.mark.req("SLA-08", "SEC-01")
@pytest.mark.parametrize(
    "other",
    [
        REQUEST._replace(caller=CALLER._replace(ukprn="10000002")),
        REQUEST._replace(caller=CALLER._replace(user="system-b")),
        REQUEST._replace(path="/v1/others"),
        REQUEST._replace(method="PUT"),
    ],
)
def test_a_key_belongs_to_one_caller_and_one_route(world: FakeWorld, work: Work, other: Repeated) -> None:
    mine = send(world, work)
    theirs = send(world, work, other)
    assert work.made == 2
    assert theirs.body != mine.body


@pytest.mark.req("SLA-08")
def test_while_the_first_is_being_answered_the_second_is_told_to_try_again(world: FakeWorld, work: Work) -> None:
    def meanwhile() -> KeptAnswer:
        with pytest.raises(Problem) as refused:
            send(world, work)
        assert (refused.value.kind.status, refused.value.failures[0].code) == (409, "LRS-REQ-18")
        assert int(refused.value.headers["Retry-After"]) > 0
        return work()

    answered(world.services(), [KEY], REQUEST, meanwhile)
    assert work.made == 1


@pytest.mark.req("SLA-08")
@pytest.mark.parametrize("error", [Malformed(), TemporaryFailure("x"), KeyError("x")])
def test_a_refusal_or_fault_releases_the_key(world: FakeWorld, work: Work, error: Exception) -> None:
    work.error = error
    with pytest.raises(type(error)):
        send(world, work)
    work.error = None
    assert send(world, work, REQUEST._replace(body=b'{"corrected":1}')).status == 201


@pytest.mark.req("SLA-08")
def test_a_container_that_dies_holds_the_key_for_its_lease_only(world: FakeWorld, work: Work) -> None:
    key = REQUEST.key(KEY)
    world.answers.begin(key, REQUEST.content, world.clock(), world.clock() + LEASE)
    with pytest.raises(Problem):
        send(world, work)
    world.clock.advance(LEASE)
    assert send(world, work).status == 201


@pytest.mark.req("SLA-08")
def test_what_was_done_is_answered_even_when_the_answer_cannot_be_kept(world: FakeWorld, work: Work) -> None:
    def no_keeping(name: str) -> None:
        if name == "answers.keep":
            raise TemporaryFailure(name)

    world.hook = no_keeping
    assert send(world, work).status == 201


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 65, "with space 12345678", "0123456789abcde\n", "clé-0123456789abcdef"]
)
def test_a_key_has_the_right_format(world: FakeWorld, work: Work, key: str) -> None:
    with pytest.raises(Malformed) as refused:
        send(world, work, key=key)
    assert [reason.field for reason in refused.value.failures] == ["Idempotency-Key"]
    assert work.made == 0


def test_two_keys_are_one_too_many(world: FakeWorld, work: Work) -> None:
    with pytest.raises(Malformed):
        answered(world.services(), [KEY, KEY], REQUEST, work)
