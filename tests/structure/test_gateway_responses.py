"""The gateway's routes are those of the functions, and answers that it gives by itself have the format of every other
refusal, in the cloud and locally.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import html5lib
import pytest
from chalice import Chalice

from chalicelib.web.http.gateway_answers import GATEWAY_ANSWERS, REQUEST_ID
from chalicelib.web.http.problems import MEDIA_TYPE
from chalicelib.web.http.routes import SECURITY_HEADERS
from chalicelib.web.portal import security
from local.commands import described_routes
from local.emulated.gateway_responses import TARGET, described, render
from local.lambda_runtime.gateway import BODY_LIMIT, GatewayApplication
from tests.builders.portal import portal_world
from tests.builders.web import organised_world
from tests.fakes.web import application, portal

PATH = "/v1/achievement-batches"
ROUTES: dict[str, dict[str, list[str]]] = json.loads(described_routes.TARGET.read_text("utf-8"))


def test_the_infrastructure_has_what_the_program_says() -> None:
    assert TARGET.read_text("utf-8") == render(), "python -m local.emulated.gateway_responses writes it"


def test_the_infrastructure_has_the_routes_of_the_program() -> None:
    written = described_routes.TARGET.read_text("utf-8")
    assert written == described_routes.render(), "python -m local.commands.described_routes writes it"


@pytest.mark.req("SLA-08")
@pytest.mark.parametrize("surface", ROUTES)
def test_the_gateway_can_have_these_routes_and_leaves_every_other_to_the_function(surface: str) -> None:
    paths = ROUTES[surface]
    assert paths["/"] == paths["/{proxy+}"] == ["ANY"]
    resources = {tuple(path.split("/")[:depth]) for path in paths for depth in range(1, path.count("/") + 2)}
    assert len(resources) <= 300  # API Gateway's quota
    named: dict[tuple[str, ...], set[str]] = {}
    for *parent, name in resources:
        if name.startswith("{") and not name.endswith("+}"):
            named.setdefault(tuple(parent), set()).add(name)
    assert [names for names in named.values() if len(names) > 1] == []  # it refuses two names for one place


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize(("kind", "code"), [("WAF_FILTERED", "LRS-REQ-20"), ("ACCESS_DENIED", "LRS-REQ-21")])
def test_a_blocked_request_is_not_blamed_on_the_callers_token(kind: str, code: str) -> None:
    document = json.loads(described("web")[kind]["response_templates"]["application/json"])
    assert (document["status"], document["errors"][0]["code"]) == (403, code)
    assert "token" not in document["detail"]


@pytest.mark.req("SLA-08")
@pytest.mark.parametrize("kind", GATEWAY_ANSWERS)
def test_every_answer_is_a_problem_document_with_the_headers_of_every_answer(kind: str) -> None:
    described_response = described("web")[kind]
    document = json.loads(described_response["response_templates"]["application/json"])
    assert set(document) == {"type", "title", "status", "detail", "instance", "errors"}
    assert str(document["status"]) == described_response["status_code"]
    assert document["instance"].endswith(":$context.extendedRequestId")
    headers = headers_of(described_response)
    assert headers["Content-Type"] == MEDIA_TYPE
    assert set(headers) >= set(SECURITY_HEADERS)


def headers_of(described_response: Any) -> dict[str, str]:
    found = {
        name.removeprefix("gatewayresponse.header."): text
        for name, text in described_response["response_parameters"].items()
    }
    assert all(text[0] == text[-1] == "'" and "'" not in text[1:-1] for text in found.values())
    return {name: text[1:-1] for name, text in found.items()}


TITLES = {
    "ACCESS_DENIED": "You cannot use the service from this network",
    "BAD_REQUEST_BODY": "We could not read what you sent",
    "BAD_REQUEST_PARAMETERS": "We could not read what you sent",
    "DEFAULT_4XX": "We could not read what you sent",
    "DEFAULT_5XX": "Something went wrong on our side",
    "INTEGRATION_FAILURE": "Something went wrong on our side",
    "INTEGRATION_TIMEOUT": "The service is not available",
    "MISSING_AUTHENTICATION_TOKEN": "Page not found",
    "QUOTA_EXCEEDED": "Too many attempts",
    "REQUEST_TOO_LARGE": "What you sent is too large",
    "RESOURCE_NOT_FOUND": "Page not found",
    "THROTTLED": "Too many attempts",
    "UNSUPPORTED_MEDIA_TYPE": "We could not read what you sent",
    "WAF_FILTERED": "Your request was blocked",
}


@pytest.mark.req("HLP-01")
@pytest.mark.parametrize("kind", GATEWAY_ANSWERS)
def test_people_get_every_answer_as_a_page_that_needs_nothing_else(kind: str) -> None:
    described_response = described("portal")[kind]
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
        described_response["response_templates"]["application/json"]
    )
    assert [heading.text for heading in page.iter("h1")] == [TITLES[kind]]
    assert [one.tag for one in page.iter() if one.tag in ("link", "script", "img", "form") or one.get("src")] == []
    addresses = {link.get("href") for link in page.iter("a")}
    assert addresses <= {"/", "/help", "/status", "/forgotten-password"}
    headers = headers_of(described_response)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Security-Policy"] == "sandbox"
    assert set(headers) >= set(security.headers(""))
    assert ("Retry-After" in headers) is (described_response["status_code"] in ("429", "503"))


@pytest.mark.req("HLP-01")
@pytest.mark.parametrize("kind", GATEWAY_ANSWERS)
def test_the_gateway_replaces_nothing_in_a_page_but_the_reference(kind: str) -> None:
    html = described("portal")[kind]["response_templates"]["application/json"]
    assert "$" not in html.replace(REQUEST_ID, "")
    is_fault = TITLES[kind] in ("Something went wrong on our side", "Your request was blocked")
    assert html.count(REQUEST_ID) == is_fault


@pytest.mark.req("SLA-08")
def test_both_surfaces_have_every_answer() -> None:
    assert set(described("portal")) == set(described("web")) == set(TITLES)
    statuses = {kind: one["status_code"] for kind, one in described("web").items()}
    found = {kind: one["status_code"] for kind, one in described("portal").items()}
    assert found == statuses | {"UNSUPPORTED_MEDIA_TYPE": "400"}


@pytest.mark.req("HLP-01")
def test_a_form_over_the_limit_of_a_function_is_answered_with_a_page() -> None:
    status, headers, page = sent(portal(portal_world()), "portal", "POST", "/help", b"a" * (BODY_LIMIT + 1))
    assert (status, headers["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert "This page accepts up to 6" in page.decode()


def answer_to(method: str, path: str, body: bytes = b"", entry: Any = None) -> tuple[int, dict[str, str], Any]:
    status, headers, content = sent(application(organised_world()), "web", method, path, body, entry)
    return status, headers, json.loads(content)


def sent(
    app: Chalice, surface: str, method: str, path: str, body: bytes = b"", entry: Any = None
) -> tuple[int, dict[str, str], bytes]:
    gateway = GatewayApplication(app, entry, threads=1, responses=described(surface))
    environ = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "wsgi.input": BytesIO(body),
    }
    seen: list[Any] = []
    try:
        content = b"".join(gateway(environ, lambda status, headers: seen.append((status, headers))))
    finally:
        gateway.close()
    status, headers = seen[0]
    return int(status.split()[0]), dict(headers), content


@pytest.mark.req("SLA-08")
@pytest.mark.parametrize(
    ("method", "path", "expected"), [("GET", "/v1/nowhere", 404), ("TRACE", PATH, 404), ("DELETE", PATH, 405)]
)
def test_a_path_or_method_that_no_route_has_is_refused_like_any_other(method: str, path: str, expected: int) -> None:
    status, headers, document = answer_to(method, path)
    assert (status, headers["Content-Type"]) == (expected, MEDIA_TYPE)
    assert document["errors"][0]["code"] == "LRS-REQ-12"
    assert document["instance"].endswith(headers["x-amzn-RequestId"])


@pytest.mark.req("SLA-08")
@pytest.mark.parametrize("size", [6 * 1024 * 1024, BODY_LIMIT + 1])
def test_a_body_over_the_limit_of_a_function_is_reported_like_any_other(size: int) -> None:
    status, _, document = answer_to("POST", PATH, b"a" * size)
    assert (status, document["errors"][0]["code"]) == (413, "LRS-REQ-8")


def test_a_function_that_does_not_answer_is_a_fault_without_details() -> None:
    def broken(event: Any) -> Any:
        raise RuntimeError("Jane Smith 1234567890")

    status, _, document = answer_to("GET", PATH, entry=broken)
    assert (status, document["errors"][0]["code"]) == (500, "WSEC0999")
    assert "Jane" not in json.dumps(document)
