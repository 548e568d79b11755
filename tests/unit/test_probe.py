"""The probe calls the service as its callers do, and says what went wrong."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import URLError

import pytest

from chalicelib.aws import ROOTS
from chalicelib.cloud.probes import Probe

pytestmark = pytest.mark.req("SLA-01")


class Service(BaseHTTPRequestHandler):
    """Answers as its path says."""

    def do_GET(self) -> None:
        if self.path == "/no-status":
            self.wfile.write(b"no status line\r\n\r\n")
            return
        if self.path == "/half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")
            return
        self.send_response(int(self.path.removeprefix("/")))
        self.end_headers()

    def log_message(self, *_: object) -> None:  # type: ignore[override]
        """Keep quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def probe(url: str, **replaced: object) -> Probe:
    return Probe(url, lambda: "nothing", str(ROOTS), **replaced)  # type: ignore[arg-type]


def test_an_answer_is_a_success(address):
    found = probe(f"{address}/200").run()
    assert (found.succeeded, found.kind, found.status) == (True, None, None)


@pytest.mark.parametrize("status", ["403", "500", "503"])
def test_any_other_status_is_a_failure(address, status):
    found = probe(f"{address}/{status}").run()
    assert (found.succeeded, found.status) == (False, status)


def test_no_answer_is_a_failure_of_its_kind(address):
    found = probe("http://127.0.0.1:1/").run()
    assert (found.succeeded, found.kind) == (False, "ConnectionRefusedError")


@pytest.mark.parametrize(("path", "kind"), [("/no-status", "BadStatusLine"), ("/half", "IncompleteRead")])
def test_an_answer_that_is_broken_off_or_no_http_is_a_failure(address, path, kind):
    found = probe(address + path).run()
    assert (found.succeeded, found.kind, found.status) == (False, kind, None)


def test_a_reason_without_an_error_has_the_name_of_what_was_raised():
    def refuse(url: str, context: ssl.SSLContext) -> int:
        raise URLError("no host given")

    assert probe("https://", opens=refuse).run().kind == "URLError"


def test_the_certificate_is_read_once_and_again_after_a_failure():
    reads, statuses = [], iter([200, 200, 503, 200])
    made = Probe("https://x", lambda: reads.append(1) or "", str(ROOTS), lambda *_: next(statuses))
    for _ in range(4):
        made.run()
    assert len(reads) == 2


def test_a_secret_in_pem_is_presented_and_must_be_a_certificate_with_its_key():
    made = Probe("https://x", lambda: "-----BEGIN CERTIFICATE-----\nnone\n", str(ROOTS), lambda *_: 200)
    assert made.run().kind == "SSLError"
