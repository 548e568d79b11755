"""The web service behind the local gateway: methods and paths that no route has, HEAD, versions held, and the headers
that API Gateway renames.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.web.described.examples import example_of
from chalicelib.web.http.problems import MEDIA_TYPE
from chalicelib.web.http.routes import Route
from chalicelib.web.http.traffic import METHODS
from chalicelib.web.rest.achievement_documents import ID_EXAMPLE
from chalicelib.web.rest.table import routes
from local.emulated.gateway_responses import described
from local.lambda_runtime.gateway import Gateway
from tests.builders.web import LEARNER, TOKEN, Answer, organised_world, target
from tests.fakes.web import application
from tests.fakes.world import FakeWorld

pytestmark = pytest.mark.req("SLA-08")

PATHS = sorted({route.path for route in routes()})
READS = [pytest.param(route, id=route.name) for route in routes() if route.method == "GET"]


class Client:
    """Sends requests over HTTP."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __call__(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Authorization": f"Bearer {TOKEN}", **names})
        answer = connection.getresponse()
        made = Answer(answer.status, answer.headers, answer.read().decode())  # type: ignore[arg-type]
        connection.close()
        return made


@pytest.fixture(scope="module")
def world() -> FakeWorld:
    return organised_world()


@pytest.fixture(scope="module")
def send(world: FakeWorld) -> Iterator[Client]:
    with Gateway(application(world), port=0, responses=described("web")) as gateway:
        yield Client(gateway.port)


ALIKE = {path: re.sub(r"\{\w+\}", "[^/{]+", path) for path in PATHS if path.endswith("}")}
"""The paths that end with a name of something, each as a pattern of the paths with a name of their own there."""


def methods_of(path: str) -> set[str]:
    own = {route.method for route in routes() if route.path == path}
    return own | {"HEAD"} if "GET" in own else own


@pytest.mark.parametrize("path", PATHS)
def test_a_method_that_a_path_does_not_have_is_405_with_those_that_it_has(send: Client, path: str) -> None:
    address = path.replace("{uln}", "1000000043").replace("{achievementId}", ID_EXAMPLE)
    address = address.replace("{jobId}", "J1").replace("{pendingId}", "P1")
    # Where a path has its name in the place of a ULN or a job's id, the methods of that path refuse the name.
    taken = set().union(*(methods_of(other) for other in ALIKE if re.fullmatch(ALIKE[other], path)))
    for method in METHODS - methods_of(path) - taken:
        answer = send(method, address)
        assert answer.status == 405, (method, path)
        assert set(answer.headers["Allow"].split(", ")) == methods_of(path)
        if method != "HEAD":
            assert answer.codes == ["LRS-REQ-12"]


@pytest.mark.parametrize("path", ["/nowhere", "/v1", "/v1/learners/1/2/3", "/v1/learnersx", "/v1//learners"])
@pytest.mark.parametrize("method", sorted(METHODS))
def test_an_unknown_path_is_404_with_a_token_and_without_one(send: Client, method: str, path: str) -> None:
    for authorization in (f"Bearer {TOKEN}", "Bearer nonsense", ""):
        answer = send(method, path, Authorization=authorization)
        assert (answer.status, answer.headers["Content-Type"]) == (404, MEDIA_TYPE)
        assert answer.headers["X-Correlation-Id"]


@pytest.mark.req("VAL-03")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_address_of_the_service_leads_to_the_reference(send: Client, method: str) -> None:
    for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "*/*"):
        answer = send(method, "/", Accept=accept)
        assert (answer.status, answer.headers["Location"], answer.body) == (302, "/developers", "")


@pytest.mark.parametrize("route", READS)
def test_head_is_get_without_a_body(send: Client, route: Route[Any]) -> None:
    address, _ = target(route, example_of(route))
    get, head = send("GET", address), send("HEAD", address)
    assert (head.status, head.body) == (get.status, "")
    differ = {"date", "x-amzn-requestid", "x-amz-apigw-id", "x-correlation-id", "content-length"}
    assert {name.lower(): value for name, value in head.headers.items() if name.lower() not in differ} == {
        name.lower(): value for name, value in get.headers.items() if name.lower() not in differ
    }
    assert send("HEAD", address, Authorization="").status == send("GET", address, Authorization="").status


@pytest.mark.parametrize("held", ["*", "{tag}", 'W/{tag}, "other"', '"a", {tag}'])
@pytest.mark.parametrize("path", [f"/v1/achievements/{ID_EXAMPLE}", f"/v1/achievements/{ID_EXAMPLE}/history",
                                  "/v1/openapi.json", "/developers"])  # fmt: skip
def test_a_version_that_is_held_is_not_sent_again(send: Client, path: str, held: str) -> None:
    first = send("GET", path)
    assert first.status == 200
    again = send("GET", path, If_None_Match=held.format(tag=first.headers["ETag"]))
    assert (again.status, again.body, again.headers["ETag"]) == (304, "", first.headers["ETag"])
    assert send("GET", path, If_None_Match='"other"').body == first.body


@pytest.mark.req("PLR-02")
def test_any_version_of_a_record_is_held_too(send: Client) -> None:
    path, names = f"/v1/learners/{LEARNER.uln}/record", {"givenName": LEARNER.given_name}
    body = (str({**names, "familyName": LEARNER.family_name})).replace("'", '"').encode()
    link = send("POST", path, body, Content_Type="application/json").document["links"]["self"]
    for held in ("*", send("GET", link).headers["ETag"]):
        assert (send("GET", link, If_None_Match=held).status, send("HEAD", link, If_None_Match=held).status) == (
            304,
            304,
        )


@pytest.mark.req("ULN-04")
def test_a_learner_that_is_found_has_the_version_for_an_update(send: Client) -> None:
    body = f'{{"uln": "{LEARNER.uln}", "familyName": "{LEARNER.family_name}"}}'.encode()
    found = send("POST", "/v1/learners/find-by-uln", body, Content_Type="application/json")
    assert found.headers["ETag"] == f'"{found.document["learners"][0]["versionNumber"]}"'


@pytest.mark.req("IDM-11")
def test_callers_get_the_challenge_under_the_name_that_api_gateway_gives_it(send: Client) -> None:
    challenge = 'Bearer realm="learning-records"'
    refused = send("GET", "/v1/achievements", Authorization="Bearer nonsense")
    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, None)
    assert refused.headers["x-amzn-Remapped-WWW-Authenticate"] == f'{challenge}, error="invalid_token"'
    form = {"Content_Type": "application/x-www-form-urlencoded", "Authorization": "Basic bm86Ym9keQ=="}
    asked = send("POST", "/oauth2/token", b"grant_type=client_credentials", **form)
    assert asked.headers["x-amzn-Remapped-WWW-Authenticate"] == 'Basic realm="learning-records"'
    described_headers = [answer["headers"] for answer in _described_answers("/v1/achievements", "get", "401")]
    assert all("x-amzn-Remapped-WWW-Authenticate" in headers for headers in described_headers)


def _described_answers(path: str, method: str, status: str) -> list[dict[str, Any]]:
    from chalicelib.web.described.openapi import document

    whole = document(routes())
    name = whole["paths"][path][method]["responses"][status]["$ref"].rpartition("/")[2]
    return [whole["components"]["responses"][name]]
