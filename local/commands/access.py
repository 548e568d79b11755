"""Getting an access token as a caller's system does, and a new one before it expires."""

from __future__ import annotations

import base64
import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.web.http.guard import TOKEN_PATH
from chalicelib.web.rest.oauth import GRANT_TYPE
from local.samples.seed import SampleCredential

Open = Callable[[urllib.request.Request], Any]

_EARLIER_SECONDS = 60
"""How long before its expiry a token is replaced."""


class AccessToken:
    """The token of one credential, requested when it is first needed. ``open_request`` opens a request or raises."""

    def __init__(self, address: str, credential: SampleCredential, open_request: Open) -> None:
        self._address = address
        self._credential = credential
        self._open = open_request
        self._token = ""
        self._until = 0.0

    def header(self) -> str:
        """The value of the Authorization header."""
        if time.monotonic() >= self._until:
            answer = self._request()
            self._token = answer["access_token"]
            self._until = time.monotonic() + answer["expires_in"] - _EARLIER_SECONDS
        return f"Bearer {self._token}"

    def _request(self) -> Mapping[str, Any]:
        headers = {"Authorization": basic(self._credential), "Content-Type": "application/x-www-form-urlencoded"}
        body = f"grant_type={GRANT_TYPE}".encode()
        with self._open(urllib.request.Request(self._address + TOKEN_PATH, body, headers, method="POST")) as answer:
            found: Mapping[str, Any] = json.load(answer)
            return found


def basic(credential: SampleCredential) -> str:
    """The Authorization header for a credential; neither id nor secret contains characters that need encoding."""
    return "Basic " + base64.b64encode(f"{credential.client_id}:{credential.secret}".encode()).decode("ascii")
