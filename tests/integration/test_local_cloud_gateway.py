"""The local API Gateway passes requests to a Chalice application in the format and limits of the real one."""

from __future__ import annotations

import base64
import http.client
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from chalice import AuthResponse, Chalice, CORSConfig, Response

from local.emulated.access_log import FORMAT, AccessLog, access_log_group
from local.emulated.gateway_responses import described
from local.lambda_runtime import gateway as gateway_module
from local.lambda_runtime.gateway import Gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.emulated.cloud import ProvisionedCloud

MEETING = threading.Barrier(2, timeout=10)


def make_app() -> Chalice:  # noqa: C901 — one small view for each thing to see
    app = Chalice(app_name="sample", configure_logs=False)
    app.api.binary_types = ["application/pdf"]

    @app.authorizer()
    def key(request: Any) -> AuthResponse:
        routes = ["/private"] if request.token == "open" else []
        return AuthResponse(routes=routes, principal_id="p1", context={"org": "10000001"})

    @app.route("/event/{name}", methods=["GET", "POST"], content_types=["application/json", "text/plain"])
    def event(name: str) -> Any:
        return app.current_request.to_original_event()

    @app.route("/event/fixed")
    def fixed() -> Any:
        return {"fixed": True}

    @app.route("/pdf", methods=["POST"], content_types=["application/pdf"])
    def pdf() -> Response:
        return Response(app.current_request.raw_body, headers={"Content-Type": "application/pdf"})

    @app.route("/cookies")
    def cookies() -> Response:
        return Response("", headers={"Set-Cookie": ["a=1", "b=2"], "Location": "/x"}, status_code=303)

    @app.route("/broken")
    def broken() -> Response:
        raise SystemExit(1)

    @app.route("/large")
    def large() -> Any:
        return {"text": "x" * 7_000_000}

    @app.route("/meet/{name}")
    def meet(name: str) -> Any:
        MEETING.wait()
        return {
            "requested": app.current_request.uri_params["name"],
            "left": app.lambda_context.get_remaining_time_in_millis() > 0,
        }

    @app.route("/private", authorizer=key)
    def private() -> Any:
        return app.current_request.context["authorizer"]

    @app.route("/rest/{name}")
    def one(name: str) -> Any:
        return {"one": name}

    @app.route("/rest/{proxy+}", methods=["GET", "POST"])
    def rest() -> Any:
        return {"rest": app.current_request.to_original_event()["pathParameters"]}

    @app.route("/challenge")
    def challenge() -> Response:
        return Response("", headers={"WWW-Authenticate": "Bearer", "Date": "today", "ETag": '"1"'}, status_code=401)

    @app.route("/shared", cors=CORSConfig(allow_origin="https://portal.example"))
    def shared() -> Any:
        return {}

    return app


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Browser:
    def __init__(self, port: int) -> None:
        self.port = port

    def __call__(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, names)
        answer = connection.getresponse()
        reply = Reply(answer.status, answer.headers, answer.read())
        connection.close()
        return reply


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Gateway(make_app(), port=0) as gateway:
        yield Browser(gateway.port)


def test_the_event_is_that_of_a_proxy_integration(browser: Browser) -> None:
    body = '{"a": "é"}'.encode()
    reply = browser("POST", "/event/a%20b?x=1&x=2&y=", body, Content_Type="application/json", X_Thing="t")
    event = reply.document
    assert event["resource"] == "/event/{name}"
    assert event["path"] == "/event/a%20b"
    assert event["pathParameters"] == {"name": "a%20b"}
    assert event["queryStringParameters"] == {"x": "2", "y": ""}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": [""]}
    assert event["headers"]["X-Thing"] == "t"
    assert event["multiValueHeaders"]["Content-Type"] == ["application/json"]
    assert (event["body"], event["isBase64Encoded"]) == ('{"a": "é"}', False)
    context = event["requestContext"]
    assert context["resourcePath"] == "/event/{name}"
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["requestId"] == reply.headers["x-amzn-RequestId"]


def test_absent_parts_are_null_as_the_gateway_sends_them(browser: Browser) -> None:
    event = browser("GET", "/event/x").document
    assert event["body"] is None
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert browser("GET", "/event/fixed").document == {"fixed": True}
    assert browser("GET", "/event/fixed/").document == {"fixed": True}


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("DELETE", "/event/x"), ("GET", "/event/a/b")])
def test_what_no_route_serves_is_refused_as_the_gateway_does(browser: Browser, method: str, path: str) -> None:
    reply = browser(method, path)
    assert reply.status == 403
    assert reply.document == {"message": "Missing Authentication Token"}
    assert reply.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_a_token_for_a_path_that_no_route_serves_is_taken_for_a_signature(browser: Browser) -> None:
    reply = browser("GET", "/nowhere", Authorization="Bearer abc")
    assert (reply.status, reply.headers["x-amzn-ErrorType"]) == (403, "IncompleteSignatureException")


def test_a_path_that_takes_the_rest_serves_what_no_other_has_the_method_for(browser: Browser) -> None:
    assert browser("GET", "/rest/a").document == {"one": "a"}
    assert browser("POST", "/rest/a").document == {"rest": {"proxy": "a"}}
    assert browser("GET", "/rest/a/b%20c/d").document == {"rest": {"proxy": "a/b%20c/d"}}
    assert browser("GET", "/rest").status == browser("PUT", "/rest/a").status == 403


def test_headers_that_the_gateway_keeps_for_itself_are_renamed(browser: Browser) -> None:
    reply = browser("GET", "/challenge")
    assert (reply.headers["x-amzn-Remapped-WWW-Authenticate"], reply.headers["WWW-Authenticate"]) == ("Bearer", None)
    assert (reply.headers["x-amzn-Remapped-Date"], reply.headers["ETag"]) == ("today", '"1"')


def test_a_body_over_ten_megabytes_is_refused_by_the_gateway(browser: Browser) -> None:
    reply = browser("POST", "/event/x", b"x" * (10 * 1024 * 1024 + 1), Content_Type="text/plain")
    assert reply.status == 413
    assert reply.document == {"message": "HTTP content length exceeded 10485760 bytes."}


def test_an_event_over_six_megabytes_is_refused_by_lambda(browser: Browser) -> None:
    reply = browser("POST", "/event/x", b"x" * (6 * 1024 * 1024), Content_Type="text/plain")
    assert (reply.status, reply.document) == (413, {"message": "Request Too Long"})


def test_an_answer_over_six_megabytes_and_a_function_that_dies_are_bad_gateways(browser: Browser) -> None:
    for path in ("/large", "/broken"):
        reply = browser("GET", path)
        assert (reply.status, reply.document) == (502, {"message": "Internal server error"})


def test_binary_bodies_are_sent_as_base64_and_returned_only_when_requested(browser: Browser) -> None:
    content = bytes(range(256))
    requested = browser("POST", "/pdf", content, Content_Type="application/pdf", Accept="application/pdf")
    assert requested.body == content
    both = "application/pdf, text/html"
    assert browser("POST", "/pdf", content, Content_Type="application/pdf", Accept=both).body == content
    not_first = browser("POST", "/pdf", content, Content_Type="application/pdf", Accept="text/plain, application/pdf")
    assert not_first.body == base64.b64encode(content)


def test_several_cookies_are_several_headers(browser: Browser) -> None:
    reply = browser("GET", "/cookies")
    assert reply.status == 303
    assert reply.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_two_requests_at_once_do_not_see_each_other(browser: Browser) -> None:
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda name: browser("GET", f"/meet/{name}"), ["one", "two"]))
    assert [reply.document for reply in replies] == [
        {"requested": "one", "left": True},
        {"requested": "two", "left": True},
    ]


def test_a_custom_authorizer_decides_before_the_function(browser: Browser) -> None:
    assert browser("GET", "/private").status == 401
    assert browser("GET", "/private", Authorization="wrong").status == 403
    reply = browser("GET", "/private", Authorization="open")
    assert reply.document == {"org": "10000001", "principalId": "p1"}


def test_a_preflight_is_answered_without_the_function(browser: Browser) -> None:
    reply = browser("OPTIONS", "/shared")
    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "https://portal.example"
    assert browser("OPTIONS", "/event/x").status == 403


def test_an_answer_that_comes_too_late_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_module, "TIME_LIMIT_SECONDS", 0.05)
    release = threading.Event()

    def late(event: Any) -> Any:
        release.wait(10)
        return {"statusCode": 200}

    with Gateway(make_app(), port=0, entry=late) as gateway:
        reply = Browser(gateway.port)("GET", "/event/x")
        release.set()
    assert (reply.status, reply.document) == (504, {"message": "Endpoint request timed out"})


def logged(log: list[str], method: str, path: str, body: bytes | None = None, **given: Any) -> dict[str, Any]:
    with Gateway(make_app(), port=0, log=log.append, **given) as gateway:
        reply = Browser(gateway.port)(method, path, body)
    found: dict[str, Any] = json.loads(log[-1])
    assert found["status"] == reply.status
    assert found["requestId"] == reply.headers["x-amz-apigw-id"]
    assert found["method"] == method
    return found


@pytest.mark.req("SLA-01")
def test_a_caller_does_not_choose_the_id_by_which_its_requests_are_counted() -> None:
    log: list[str] = []
    with Gateway(make_app(), port=0, log=log.append) as gateway:
        replies = [Browser(gateway.port)("GET", "/event/x", X_Amzn_RequestId="1000000043") for _ in range(2)]
    assert [reply.headers["x-amzn-RequestId"] for reply in replies] == ["1000000043"] * 2
    assert len({json.loads(line)["requestId"] for line in log}) == 2
    assert "1000000043" not in "".join(log)


@pytest.mark.req("SLA-01")
@pytest.mark.parametrize(
    ("method", "path", "status", "resource", "error"),
    [
        ("GET", "/event/1000000043", 200, "/event/{name}", "-"),
        ("HEAD", "/event/fixed", 403, "-", "MISSING_AUTHENTICATION_TOKEN"),
        ("GET", "/rest/1000000043/record", 200, "/rest/{proxy+}", "-"),
        ("GET", "/private", 401, "/private", "-"),
        ("GET", "/nowhere", 403, "-", "MISSING_AUTHENTICATION_TOKEN"),
        ("GET", "/broken", 502, "/broken", "INTEGRATION_FAILURE"),
        ("GET", "/large", 502, "/large", "INTEGRATION_FAILURE"),
        ("OPTIONS", "/shared", 200, "/shared", "-"),
    ],
)
def test_the_access_log_has_every_request_by_its_route(
    method: str, path: str, status: int, resource: str, error: str
) -> None:
    log: list[str] = []
    found = logged(log, method, path)
    assert (found["status"], found["path"], found["error"]) == (status, resource, error)
    assert len(log) == 1
    assert "1000000043" not in log[0]
    assert set(found) == {*FORMAT["numbers"], *FORMAT["texts"]}


@pytest.mark.req("SLA-01")
@pytest.mark.parametrize("size", [6 * 1024 * 1024, gateway_module.BODY_LIMIT + 1])
def test_the_access_log_has_a_body_that_never_reaches_the_function(size: int) -> None:
    found = logged([], "POST", "/event/x", b"a" * size)
    assert (found["status"], found["error"], found["integrationLatency"]) == (413, "REQUEST_TOO_LARGE", "-")


@pytest.mark.req("SLA-01")
def test_the_access_log_has_a_function_that_is_late_with_the_time_that_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_module, "TIME_LIMIT_SECONDS", 0.05)
    release = threading.Event()

    def late(event: Any) -> Any:
        release.wait(10)

    found = logged([], "GET", "/event/x", entry=late, responses=described("web"))
    release.set()
    assert (found["status"], found["error"], found["path"]) == (503, "INTEGRATION_TIMEOUT", "/event/{name}")
    assert found["latency"] >= int(found["integrationLatency"]) >= 50


@pytest.mark.req("SLA-01")
def test_the_access_log_has_a_throttled_request() -> None:
    found = logged([], "GET", "/event/x", entry=lambda event: {"statusCode": 429})
    assert (found["status"], found["error"], found["path"]) == (429, "-", "/event/{name}")


@pytest.mark.req("SLA-01")
def test_the_access_log_is_in_the_logs_of_the_cloud(fresh_cloud: ProvisionedCloud) -> None:
    group = access_log_group(fresh_cloud.prefix, "web")
    log = AccessLog(fresh_cloud.client("logs"), group)
    log.start()
    with Gateway(make_app(), port=0, log=log.put) as gateway:
        for number in range(3):
            Browser(gateway.port)("GET", f"/event/{number}")
    log.stop()
    events = fresh_cloud.client("logs").filter_log_events(logGroupName=group)["events"]
    found = [json.loads(event["message"]) for event in events]
    assert [line["path"] for line in found] == ["/event/{name}"] * 3
    assert [event["timestamp"] for event in events] == [line["at"] for line in found]


def test_only_loopback_is_served() -> None:
    with Gateway(make_app(), port=0) as gateway:
        assert gateway.url == f"http://127.0.0.1:{gateway.port}"
        assert gateway._server.effective_host == "127.0.0.1"
