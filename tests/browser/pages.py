"""Serves the cases on loopback as the portal would: with the security headers, a fresh nonce, and the built assets."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

from chalicelib.web.portal import assets, security
from tests.browser.cases import CASES

CHECKER: Final = "/axe.js"
"""Where the pages find axe: a browser compiles a script once that it gets from an address."""
_CHECKER: Final = Path(__file__).with_name("axe-core").joinpath("axe.min.js").read_bytes()
_BY_PATH = {f"/case/{case.name}": case for case in CASES}


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if asset := assets.find(self.path):
            self._answer(200, asset.content, {"Content-Type": asset.media_type, "Cache-Control": asset.cache_control})
        elif case := _BY_PATH.get(self.path):
            nonce = secrets.token_urlsafe(16)
            found = {**security.headers(nonce), "Content-Type": "text/html; charset=utf-8"}
            self._answer(case.status, case.html(nonce).encode(), found)
        elif self.path == CHECKER:
            self._answer(200, _CHECKER, {"Content-Type": "text/javascript", "Cache-Control": assets.FOR_EVER})
        else:
            self._answer(404, b"", {"Content-Type": "text/plain"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests say what is wrong."""


@contextmanager
def served() -> Iterator[str]:
    """The address of the pages, until the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
