"""Calls the service as its callers do, so that an outage is noticed when nobody else calls (SLA-01)."""

from __future__ import annotations

import ssl
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Final, NamedTuple

PATIENCE: Final = 10
"""Seconds to wait for an answer."""
_PEM: Final = "-----BEGIN "

Opens = Callable[[str, ssl.SSLContext], int]
"""Calls an address; the status of its answer. Raises OSError, or HTTPException for an answer that is not HTTP."""


class Probed(NamedTuple):
    """What one call found."""

    succeeded: bool
    milliseconds: int
    kind: str | None = None
    """The kind of error, if there was no answer."""
    status: str | None = None
    """The status, if it was another than 200."""


def open_address(url: str, context: ssl.SSLContext) -> int:
    """Call an address; the status of its answer. Raises OSError and HTTPException."""
    handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
    try:
        with urllib.request.build_opener(*handlers).open(url, timeout=PATIENCE) as answer:
            answer.read()
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        return error.code


class Probe:
    """Calls one address. ``certificate`` returns a client certificate and its key in PEM, or anything else for none."""

    def __init__(self, url: str, certificate: Callable[[], str], roots: str, opens: Opens = open_address) -> None:
        self._url = url
        self._certificate = certificate
        self._roots = roots
        self._opens = opens
        self._context: ssl.SSLContext | None = None

    def run(self) -> Probed:
        """Call it once. A container keeps the certificate until a call fails. Raises TemporaryFailure."""
        began = time.perf_counter()
        try:
            self._context = self._context or self._made_context()
            status = self._opens(self._url, self._context)
        except (OSError, HTTPException) as error:
            self._context = None
            return Probed(False, _since(began), kind=_kind(error))
        if status == 200:
            return Probed(True, _since(began))
        self._context = None
        return Probed(False, _since(began), status=str(status))

    def _made_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._roots)
        pem = self._certificate()
        if pem.startswith(_PEM):
            with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
                file.write(pem)
                file.flush()
                context.load_cert_chain(file.name)
        return context


def _kind(error: Exception) -> str:
    cause = getattr(error, "reason", error)
    return type(cause if isinstance(cause, BaseException) else error).__name__


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
