"""The local API Gateway: HTTP on loopback → proxy event → the Chalice Lambda entry point → HTTP.

It does what the cloud's gateway does before and after the function, so that it refuses the same requests: unknown
routes, bodies over 10 MB, events over Lambda's 6 MB, responses after 29 seconds; custom authorizers decide first, and
bodies of binary types are Base64 in requests, and in responses unless `Accept` asks for them. Responses are compressed
for those who accept that, where the surface says from how many bytes. Like the cloud's gateway it writes a line to the
access log for every request, also for those that never reach the function.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from chalice.local import LocalGatewayAuthorizer, LocalGatewayException
from waitress import wasyncore
from waitress.server import create_server

from local.emulated.access_log import access_line
from local.lambda_runtime.invocation import InvocationError, LambdaContext, call

if TYPE_CHECKING:
    from chalice.app import Chalice

    from local.emulated.stack import Function

_LOGGER = logging.getLogger(__name__)

BODY_LIMIT = 10 * 1024 * 1024
"""Largest request body that the gateway accepts, in bytes."""
PAYLOAD_LIMIT = 6 * 1024 * 1024
"""Largest event of a function, and largest answer, in bytes of JSON."""
TIME_LIMIT_SECONDS = 29
# Above this the server itself closes the connection, instead of storing the body to refuse it properly.
_SERVER_BODY_LIMIT = 64 * 1024 * 1024
_HEADER_LIMIT = 10_240
_CHOSEN_ID = re.compile(r"[A-Za-z0-9!#$%&'*+.^_|~-]{1,128}")
_STAGE = "local"
_API_ID = "local"

Event = dict[str, Any]
Entry = Callable[[Event], Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@dataclass
class _Request:
    """A request, with what the access log says about it."""

    environ: dict[str, Any]
    own_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.perf_counter)
    route: str = "-"
    error: str = "-"
    function_milliseconds: int | None = None

    @property
    def id(self) -> str:
        """Its id for the caller, who may choose it by a header."""
        chosen: str = self.environ.get("HTTP_X_AMZN_REQUESTID", "")
        return chosen if _CHOSEN_ID.fullmatch(chosen) else self.own_id

    @property
    def milliseconds(self) -> int:
        """Milliseconds since the request came."""
        return _milliseconds(self.began)

    def values(self, status: int) -> dict[str, object]:
        """Values of the gateway's variables, those of the access log."""
        spent = self.function_milliseconds
        return {
            "$context.error.responseType": self.error,
            "$context.httpMethod": self.environ["REQUEST_METHOD"],
            "$context.integrationLatency": "-" if spent is None else spent,
            "$context.extendedRequestId": self.own_id,
            "$context.requestId": self.id,
            "$context.requestTimeEpoch": _epoch_milliseconds(self.at),
            "$context.resourcePath": self.route,
            "$context.responseLatency": self.milliseconds,
            "$context.status": status,
        }


@dataclass(frozen=True)
class Answer:
    """A response over HTTP."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class GatewayRefusal(Exception):
    """A response from the gateway itself, without the function or instead of its answer."""

    def __init__(self, status: int, message: str, kind: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.response_type = _RESPONSE_TYPES.get((status, kind), "")
        body = json.dumps({"message": message}).encode()
        self.answer = Answer(status, [("Content-Type", "application/json"), ("x-amzn-ErrorType", kind), *headers], body)


_RESPONSE_TYPES = {
    (403, "MissingAuthenticationTokenException"): "MISSING_AUTHENTICATION_TOKEN",
    (413, "RequestEntityTooLargeException"): "REQUEST_TOO_LARGE",
    (502, "InternalServerErrorException"): "INTEGRATION_FAILURE",
    (504, "InternalServerErrorException"): "INTEGRATION_TIMEOUT",
}
Responses = Mapping[str, Mapping[str, Any]]
"""Responses described for the gateway (``infra/gateway_responses.json``), by their types."""


def in_process(app: Chalice, function: Function | None = None) -> Entry:
    """Call the application in this process, from several threads at once."""
    one_at_each_thread(app)
    name, memory, limit = (
        (function.name, function.memory_megabytes, function.timeout_seconds) if function else ("api", 512, 29)
    )
    return lambda event: call(app, event, name, memory, limit)


def one_at_each_thread(app: Chalice) -> None:
    """Give each thread its own request.

    Chalice keeps the current request in plain attributes, because a Lambda sandbox serves one at a time; with threads,
    requests would leak into each other.
    """
    if isinstance(app, _RequestPerThread):
        return
    kept = {name: value for name, value in vars(app).items() if name in ("current_request", "lambda_context")}
    app.__class__ = type(f"Threaded{type(app).__name__}", (_RequestPerThread, type(app)), {})
    for name in kept:
        vars(app).pop(name)


class _RequestPerThread:
    _of_thread = threading.local()

    @property
    def current_request(self) -> Any:
        return getattr(self._of_thread, "request", None)

    @current_request.setter
    def current_request(self, value: Any) -> None:
        self._of_thread.request = value

    @property
    def lambda_context(self) -> Any:
        return getattr(self._of_thread, "context", None)

    @lambda_context.setter
    def lambda_context(self, value: Any) -> None:
        self._of_thread.context = value


class Routes:
    """The application's route table, matched as the gateway does: fixed segments before captured ones, and these before
    one that takes the rest (``{proxy+}``). A path that fits is left if it does not have the method.
    """

    def __init__(self, app: Chalice) -> None:
        self._app = app
        self._paths = sorted(app.routes, key=lambda path: list(map(_rank, path.split("/"))))

    def match(self, method: str, path: str, authorization: str = "") -> tuple[str, dict[str, str]]:
        """(path of the route, captured segments unchanged). Raises `GatewayRefusal` 403 for any other.

        There is no method to say how callers are authenticated, so the gateway expects a signature: it takes any
        ``Authorization`` header for one.
        """
        parts = (path.rstrip("/") or "/").split("/")
        for route in self._paths:
            captured = _captured(route.split("/"), parts)
            if captured is not None and (method in self._app.routes[route] or self._preflight(method, route)):
                return route, captured
        if authorization:
            message = f"'{authorization}' not a valid key=value pair (missing equal-sign) in Authorization header."
            raise GatewayRefusal(403, message, "IncompleteSignatureException")
        raise GatewayRefusal(403, "Missing Authentication Token", "MissingAuthenticationTokenException")

    def preflight_headers(self, method: str, route: str) -> list[tuple[str, str]] | None:
        """The headers for a browser's preflight request, which the gateway answers without the function."""
        if not self._preflight(method, route):
            return None
        methods: dict[str, Any] = self._app.routes[route]
        cors = next(entry.cors for entry in methods.values() if entry.cors is not None)
        allowed = ",".join([*sorted(methods), "OPTIONS"])
        return [*cors.get_access_control_headers().items(), ("Access-Control-Allow-Methods", allowed)]

    def _preflight(self, method: str, route: str) -> bool:
        return method == "OPTIONS" and any(entry.cors is not None for entry in self._app.routes[route].values())


def _rank(name: str) -> int:
    return 2 if name.endswith("+}") else int(name.startswith("{"))


def _captured(names: list[str], parts: list[str]) -> dict[str, str] | None:
    """The captured segments of a path; None if the path does not fit."""
    if names[-1].endswith("+}") and len(parts) >= len(names):
        parts = [*parts[: len(names) - 1], "/".join(parts[len(names) - 1 :])]
    if len(names) != len(parts) or not all(map(_fits, names, parts)):
        return None
    return {name[1:-1].rstrip("+"): part for name, part in zip(names, parts, strict=True) if name.startswith("{")}


def _fits(name: str, part: str) -> bool:
    return bool(part) if name.startswith("{") else name == part


def preferred_coding(accepted: str) -> str:
    """The content coding that ``Accept-Encoding`` prefers, the first of equals; empty for none."""
    weights = dict[str, float]()
    for part in accepted.lower().split(","):
        name, _, parameter = part.strip().partition(";")
        with suppress(ValueError):
            weights[name.strip()] = float(parameter.strip().removeprefix("q=") or 1)
    best = max(weights, key=lambda name: weights[name], default="")
    return best if weights.get(best) else ""


def compressed(body: bytes, coding: str) -> bytes:
    """The body in one of the content codings that the gateway knows."""
    coder = zlib.compressobj(wbits=_CODINGS[coding])
    return coder.compress(body) + coder.flush()


class GatewayApplication:
    """The WSGI application. `entry` calls the function; the route table and the binary types are the application's."""

    def __init__(
        self,
        app: Chalice,
        entry: Entry | None = None,
        *,
        threads: int = 8,
        responses: Responses | None = None,
        compress_from: int | None = None,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._app = app
        self._compress_from = compress_from
        self._responses = responses or {}
        self._log = log
        self._entry = entry or in_process(app)
        self._routes = Routes(app)
        self._authorizer = LocalGatewayAuthorizer(app)
        # The function runs on its own thread, so that a late answer can be abandoned, as the gateway does.
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        """Answer one request."""
        request = _Request(environ)
        try:
            answer = self._answer(request)
        except GatewayRefusal as refusal:
            request.error = refusal.response_type or "-"
            answer = self._described(refusal, request.own_id)
        own = [("x-amzn-RequestId", request.id), ("x-amz-apigw-id", request.own_id)]
        headers = [*own, *answer.headers, ("Content-Length", str(len(answer.body)))]
        self._log(access_line(request.values(answer.status)))
        start_response(f"{answer.status} {_REASONS.get(answer.status, 'Status')}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    def _described(self, refusal: GatewayRefusal, request_id: str) -> Answer:
        """A refusal as described for the gateway, otherwise in the gateway's own words."""
        described = self._responses.get(refusal.response_type)
        if described is None:
            return refusal.answer
        body = described["response_templates"]["application/json"].replace("$context.extendedRequestId", request_id)
        headers = [(name.rpartition(".")[2], text[1:-1]) for name, text in described["response_parameters"].items()]
        return Answer(int(described["status_code"]), headers, body.encode())

    def close(self) -> None:
        """Stop taking requests."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, request: _Request) -> Answer:
        environ = request.environ
        method, path = environ["REQUEST_METHOD"], environ["REQUEST_URI"].split("?")[0]
        route, captured = self._routes.match(method, path, environ.get("HTTP_AUTHORIZATION", ""))
        request.route = route
        preflight = self._routes.preflight_headers(method, route)
        if preflight is not None:
            return Answer(200, preflight, b"")
        event = self._event(request, path, captured)
        event = self._authorised(event, path, request.id)
        if len(json.dumps(event)) > PAYLOAD_LIMIT:
            raise GatewayRefusal(413, "Request Too Long", "RequestEntityTooLargeException")
        called = time.perf_counter()
        try:
            answer = self._invoke(event)
        finally:
            request.function_milliseconds = _milliseconds(called)
        return self._compressed(
            self._respond(answer, environ.get("HTTP_ACCEPT", "")), environ.get("HTTP_ACCEPT_ENCODING", "")
        )

    def _compressed(self, answer: Answer, accepted: str) -> Answer:
        """Compressed as the caller likes best, if the gateway knows how and the function has not done it."""
        coding = preferred_coding(accepted)
        is_coded = any(name.lower() == "content-encoding" for name, _ in answer.headers)
        if self._compress_from is None or len(answer.body) < self._compress_from or is_coded or coding not in _CODINGS:
            return answer
        return Answer(answer.status, [*answer.headers, ("Content-Encoding", coding)], compressed(answer.body, coding))

    def _event(self, request: _Request, path: str, captured: dict[str, str]) -> Event:
        environ, route = request.environ, request.route
        headers = _headers(environ)
        body, encoded = self._body(environ)
        query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        return {
            "resource": route,
            "path": path,
            "httpMethod": environ["REQUEST_METHOD"],
            "headers": {name: values[-1] for name, values in headers.items()},
            "multiValueHeaders": headers,
            "queryStringParameters": dict(query) or None,
            "multiValueQueryStringParameters": _gathered(query) or None,
            "pathParameters": captured or None,
            "stageVariables": None,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": _API_ID,
                "domainName": headers.get("Host", ["127.0.0.1"])[-1],
                "extendedRequestId": request.own_id,
                "httpMethod": environ["REQUEST_METHOD"],
                "identity": {
                    "sourceIp": environ.get("REMOTE_ADDR", "127.0.0.1"),
                    "userAgent": environ.get("HTTP_USER_AGENT"),
                },
                "path": path,
                "protocol": environ["SERVER_PROTOCOL"],
                "requestId": request.id,
                "requestTime": request.at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
                "requestTimeEpoch": _epoch_milliseconds(request.at),
                "resourceId": route,
                "resourcePath": route,
                "stage": _STAGE,
            },
            "body": body,
            "isBase64Encoded": encoded,
        }

    def _body(self, environ: dict[str, Any]) -> tuple[str | None, bool]:
        raw: bytes = environ["wsgi.input"].read()
        if len(raw) > BODY_LIMIT:
            raise GatewayRefusal(
                413, f"HTTP content length exceeded {BODY_LIMIT} bytes.", "RequestEntityTooLargeException"
            )
        if not raw:
            return None, False
        if _media_type(environ.get("CONTENT_TYPE", "")) in self._app.api.binary_types:
            return base64.b64encode(raw).decode("ascii"), True
        # The gateway treats any other body as UTF-8 and damages what is not; so does this.
        return raw.decode("utf-8", "replace"), False

    def _authorised(self, event: Event, path: str, request_id: str) -> Event:
        route, method = event["resource"], event["httpMethod"]
        if self._app.routes[route][method].authorizer is None:
            return event
        context: Any = LambdaContext("authorizer", 256, request_id, time.monotonic() + TIME_LIMIT_SECONDS)
        lower = event | {"headers": {name.lower(): value for name, value in event["headers"].items()}}
        try:
            authorised, _ = self._authorizer.authorize(path, lower, context)
        except LocalGatewayException as refused:
            headers = [("Content-Type", "application/json"), *refused.headers.items()]
            refusal = GatewayRefusal(refused.CODE, "", "")
            refusal.answer = Answer(refused.CODE, headers, refused.body or b"")
            raise refusal from refused
        return authorised | {"headers": event["headers"]}

    def _invoke(self, event: Event) -> Any:
        try:
            return self._pool.submit(self._entry, event).result(TIME_LIMIT_SECONDS)
        except FutureTimeout:
            raise GatewayRefusal(504, "Endpoint request timed out", "InternalServerErrorException") from None
        except InvocationError as error:
            _LOGGER.warning("the web service failed: %s", error)
        except (Exception, SystemExit):
            _LOGGER.exception("the web service failed")
        raise GatewayRefusal(502, "Internal server error", "InternalServerErrorException")

    def _respond(self, response: Any, accept: str) -> Answer:
        faulty = GatewayRefusal(502, "Internal server error", "InternalServerErrorException")
        if not isinstance(response, dict) or not isinstance(response.get("statusCode"), int):
            raise faulty
        if len(json.dumps(response)) > PAYLOAD_LIMIT:
            _LOGGER.error("an answer over 6 MB: Lambda refuses it")
            raise faulty
        headers = [(name, str(value)) for name, value in (response.get("headers") or {}).items()]
        for name, values in (response.get("multiValueHeaders") or {}).items():
            headers = [pair for pair in headers if pair[0] != name] + [(name, str(value)) for value in values]
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("Content-Type", "application/json"))
        headers = [pair for pair in headers if pair[0].lower() not in ("content-length", "connection")]
        headers = [(f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, text) for name, text in headers]
        body = (response.get("body") or "").encode()
        # The first type in Accept decides: that of files, or a browser's `text/html,…`. For any other the Base64 text
        # itself is returned.
        accepted = _media_type(accept.split(",", 1)[0])
        if response.get("isBase64Encoded") and accepted in (*self._app.api.binary_types, *_FILES):
            body = base64.b64decode(body)
        return Answer(response["statusCode"], headers, body)


class Gateway:
    """A server for one application on 127.0.0.1; Port 0 means any free port. Start and stop, or use as a context.

    `log` is called with the access log's line of each request, and must not wait.
    """

    def __init__(
        self,
        app: Chalice,
        *,
        port: int = 8081,
        entry: Entry | None = None,
        threads: int = 8,
        responses: Responses | None = None,
        compress_from: int | None = None,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._application = GatewayApplication(
            app, entry, threads=threads, responses=responses, compress_from=compress_from, log=log
        )
        self._server = create_server(
            self._application,
            host="127.0.0.1",
            port=port,
            threads=threads,
            ident=None,
            max_request_body_size=_SERVER_BODY_LIMIT,
            max_request_header_size=_HEADER_LIMIT,
            asyncore_use_poll=True,
        )
        self.port = int(self._server.effective_port)
        self._thread = threading.Thread(target=self._server.run, name=f"gateway-{self.port}", daemon=True)

    @property
    def url(self) -> str:
        """The address of the application."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve on its own thread."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and stop."""
        # The server's loop ends once it has nothing left to watch; only its own thread may close the connections.
        with suppress(OSError):  # the loop may have closed its pipe already
            self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._server._map))  # noqa: SLF001
        self._thread.join(5.0)
        self._server.task_dispatcher.shutdown()
        self._application.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


_REMAPPED = frozenset({"authorization", "date", "host", "server", "user-agent", "www-authenticate"})
_FILES = ("application/pdf", "text/html")
"""Binary types of the surfaces for responses alone. Browsers that follow a link to a file ask for a page first."""
"""Headers of a function's response that the gateway renames."""
_CODINGS = {"gzip": 31, "deflate": 15}
"""The window bits by which zlib tells these content codings apart."""
_REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
    303: "See Other", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 409: "Conflict", 410: "Gone", 412: "Precondition Failed", 413: "Content Too Large",
    415: "Unsupported Media Type", 422: "Unprocessable Content", 428: "Precondition Required",
    429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout",
}  # fmt: skip


def _headers(environ: dict[str, Any]) -> dict[str, list[str]]:
    """Names with the usual capitals. Several lines of one header are joined by commas."""
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").title(): [value]
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").title()] = [environ[name]]
    return headers


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered


def _milliseconds(since: float) -> int:
    return round((time.perf_counter() - since) * 1000)


def _epoch_milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _media_type(value: str) -> str:
    return value.split(";", 1)[0].strip().lower()
