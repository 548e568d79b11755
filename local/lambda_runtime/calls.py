"""Calls of functions by functions: the part of Lambda's interface that `invoke` uses, on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

from local.emulated.stack import Function
from local.lambda_runtime.invocation import InvocationError, Workers

ENDPOINT = "AWS_ENDPOINT_URL_LAMBDA"
"""The variable that leads clients here instead of to the emulator."""


class FunctionCalls:
    """A server that calls functions by their physical names. Start and stop it, or use it as a context.

    Functions that nobody waits for run in ``background``, which reports their failures; it is closed by its owner.
    """

    def __init__(
        self, functions: Mapping[str, Function], prefix: str, workers: Workers, background: Workers | None = None
    ) -> None:
        unwatched = background or workers
        known = {f"{prefix}-{name}": function for name, function in functions.items()}

        def run(function: Function, event: Any) -> None:
            with suppress(InvocationError):
                unwatched.invoke(function, event)

        class Call(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
                function = known.get(unquote(self.path.split("/")[-2]))
                if function is None:
                    self._answer(
                        404, {"Message": "Function not found"}, {"x-amzn-ErrorType": "ResourceNotFoundException"}
                    )
                    return
                if self.headers.get("X-Amz-Invocation-Type") == "Event":
                    threading.Thread(target=run, args=(function, event), name=function.name, daemon=True).start()
                    self._answer(202, None, {})
                    return
                try:
                    self._answer(200, workers.invoke(function, event), {})
                except InvocationError as error:
                    self._answer(200, {"errorType": error.kind}, {"X-Amz-Function-Error": "Unhandled"})

            def _answer(self, status: int, document: Any, headers: Mapping[str, str]) -> None:
                body = b"" if document is None else json.dumps(document).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: events have learners' data."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Call)
        self._thread = threading.Thread(target=self._server.serve_forever, name="calls", daemon=True)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
