"""The portal behind the local gateway: one greedy path for all pages, cookies, HEAD, and a form."""

from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Iterator
from http.client import HTTPMessage
from urllib.parse import urlencode

import pytest

from chalicelib.web.portal import assets, cookies
from local.emulated.gateway_responses import described
from local.emulated.stack import load_stack
from local.lambda_runtime.gateway import Gateway
from tests.builders.portal import NAME, RIGHT, portal_world
from tests.fakes.web import portal


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    described_from = load_stack().compress_from["portal"]
    with Gateway(
        portal(portal_world()), port=0, responses=described("portal"), compress_from=described_from
    ) as gateway:
        yield gateway.port


def _sent(port: int, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, HTTPMessage, str]:
    status, found, answer = _answer(port, method, path, body, **headers)
    return status, found, answer.decode()


def _answer(
    port: int, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, answer.headers, answer.read()
    connection.close()
    return found


@pytest.mark.req("IDM-01")
def test_somebody_signs_in_over_http(port: int) -> None:
    _, headers, page = _sent(port, "GET", "/sign-in")
    visit = headers["Set-Cookie"].partition(";")[0]
    token = re.search(r'name="csrf_token" value="([^"]*)"', page)
    assert token
    form = urlencode({"csrf_token": token[1], "user_name": NAME, "password": RIGHT})
    sent = {"Content_Type": "application/x-www-form-urlencoded", "Sec_Fetch_Site": "same-origin"}
    own = {"Origin": f"http://127.0.0.1:{port}", "Cookie": visit}
    status, headers, _ = _sent(port, "POST", "/sign-in", form, **sent, **own)
    assert (status, headers["Location"]) == (303, "/")
    session = headers["Set-Cookie"].partition(";")[0]
    assert session.startswith(cookies.SESSION)
    status, headers, _ = _sent(port, "GET", "/", Cookie=f"{visit}; {session}")
    assert (status, headers["Location"]) == (303, "/sign-in/user-agreement")
    assert _sent(port, "POST", "/sign-in", form, **sent, Cookie=visit, Origin="http://127.0.0.1:1")[0] == 400


@pytest.mark.req("HLP-01")
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/help", 200),
        ("HEAD", "/help", 200),
        ("GET", "/no/such/page/at/all", 404),
        ("DELETE", "/help", 405),
        ("GET", "/reset-password/unknown", 410),
    ],
)
def test_every_path_is_answered_by_the_portal(port: int, method: str, path: str, status: int) -> None:
    found, headers, body = _sent(port, method, path)
    assert (found, headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert ("<h1" in body) is (method != "HEAD")


@pytest.mark.req("SLA-02")
@pytest.mark.parametrize("path", ["/help", "/no/such/page", assets.address("portal.css"), assets.address("portal.js")])
def test_pages_style_and_script_are_compressed_for_browsers(port: int, path: str) -> None:
    _, _, plain = _answer(port, "GET", path)
    _, headers, body = _answer(port, "GET", path, Accept_Encoding="gzip, deflate, br, zstd")
    assert headers["Content-Encoding"] == "gzip"
    assert int(headers["Content-Length"]) == len(body) < len(plain) / 2
    assert len(gzip.decompress(body)) == len(plain)


@pytest.mark.req("SLA-02")
@pytest.mark.parametrize("accepted", ["", "*", "identity", "br", "gzip;q=0", "br, gzip;q=0.5"])
def test_nobody_gets_a_coding_that_was_not_preferred(port: int, accepted: str) -> None:
    _, headers, body = _answer(port, "GET", "/help", Accept_Encoding=accepted)
    assert headers["Content-Encoding"] is None
    assert body.startswith(b"<!DOCTYPE html>")


def test_a_short_response_and_none_at_all_stay_as_they_are(port: int) -> None:
    _, headers, body = _answer(port, "HEAD", "/help", Accept_Encoding="gzip")
    assert (headers["Content-Encoding"], body) == (None, b"")
    _, headers, body = _answer(port, "GET", assets.address("icon.svg"), Accept_Encoding="gzip")
    assert headers["Content-Encoding"] is None
    assert body.startswith(b"<svg")
