"""The web service over real HTTP, behind the local gateway: what only a socket shows."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import Job
from local.lambda_runtime.gateway import Gateway
from tests.builders.organisations import organisation
from tests.builders.web import Answer, admit, token_of
from tests.fakes.web import application
from tests.fakes.world import FakeWorld

PATH = "/v1/achievement-batches"
UKPRNS = tuple(str(10000001 + number) for number in range(4))


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    for ukprn in UKPRNS:
        world.accounts.put(organisation(ukprn))
        admit(world, ukprn, Role.QCF_RECORD_SET_USER, token=token_of(ukprn))
        made = Job(f"D{ukprn}", "achievements", ukprn, "bucket", "", "bucket", "a.csv", world.clock())
        assert world.jobs.create(made)
    return world


@pytest.fixture
def address(world: FakeWorld) -> Iterator[str]:
    with Gateway(application(world), port=0) as gateway:
        yield gateway.url


def send(url: str, ukprn: str = UKPRNS[0], method: str = "GET", body: bytes | None = None) -> Answer:
    headers = {"Authorization": f"Bearer {token_of(ukprn)}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Answer(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.headers, refused.read().decode())


@pytest.mark.req("ACH-06", "ACH-07")
def test_a_batch_is_begun_found_listed_and_cancelled(address: str) -> None:
    begun = send(address + PATH, method="POST", body=b'{"filename": "a.csv"}')
    assert begun.status == 202
    job = send(address + begun.headers["Location"])
    assert (job.status, job.headers["Content-Type"]) == (200, "application/json")
    assert job.document["jobId"] == begun.document["jobId"]
    listed = send(f"{address}{PATH}?limit=1").document
    assert len(listed["jobs"]) == 1
    following = send(address + listed["links"]["next"]).document
    assert {listed["jobs"][0]["jobId"], following["jobs"][0]["jobId"]} == {job.document["jobId"], f"D{UKPRNS[0]}"}
    cancelled = send(address + job.document["links"]["cancellation"], method="POST")
    assert (cancelled.status, cancelled.document["status"]) == (200, "Cancelled")


@pytest.mark.req("SEC-01")
def test_callers_at_the_same_time_never_see_each_others_jobs(address: str) -> None:
    def own_and_other(number: int) -> tuple[str, str, int]:
        mine, other = UKPRNS[number % 4], UKPRNS[(number + 1) % 4]
        found = send(f"{address}{PATH}/D{mine}", mine).document["jobId"]
        return mine, found, send(f"{address}{PATH}/D{other}", mine).status

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(own_and_other, range(64)))
    assert all(found == f"D{mine}" and status == 404 for mine, found, status in answers)


@pytest.mark.parametrize("job_id", ["%2e%2e", "D%2f1", "%00", "D1%0d%0aX-Evil:%201", "%ff%fe", "D1%3Fx=1"])
def test_an_encoded_path_names_no_job_and_injects_nothing(address: str, job_id: str) -> None:
    answer = send(f"{address}{PATH}/{job_id}")
    assert answer.status == 404
    assert answer.codes == ["LRS-REQ-12"]
    assert "X-Evil" not in answer.headers


def raw(address: str, request: bytes) -> bytes:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        return connection.makefile("rb").readline()


@pytest.mark.req("IDM-11")
def test_two_authorization_lines_are_refused(address: str) -> None:
    line = f"Authorization: Bearer {token_of(UKPRNS[0])}\r\n"
    request = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{line}{{}}\r\n"
    assert b" 200 " in raw(address, request.format("").encode())
    assert b" 401 " in raw(address, request.format(line).encode())


def test_a_body_that_is_not_utf_8_is_malformed(address: str) -> None:
    answer = send(address + PATH, method="POST", body='{"filename": "é.csv"'.encode("latin-1"))
    assert (answer.status, answer.codes) == (400, ["LRS-REQ-19"])


def test_a_body_beyond_the_limit_is_refused_as_a_problem(address: str) -> None:
    answer = send(address + PATH, method="POST", body=b'{"filename": "' + b"a" * 1_000_000 + b'"}')
    assert (answer.status, answer.codes) == (413, ["LRS-REQ-8"])
