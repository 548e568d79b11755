"""Routes of the web service: the only module of it that uses Chalice's request and response, with ``traffic``.

An :class:`Entry` has a route's name, its method, its path and the one capability that it needs; the module with the
view is loaded at the route's first request. :func:`blueprint` wraps each so that every request is handled the same way:
identify the caller (``guard``), decode (``requests``), call, render, and turn any exception into a problem document
(``problems``). Chalice turns an exception of a view into its own response before any middleware sees it, so the mapping
is here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypedDict, TypeVar, Unpack
from urllib.parse import unquote

from chalice.app import Blueprint, Request, Response

from chalicelib import observability
from chalicelib.domain.access import Capability
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.looks import LookAction
from chalicelib.observability import Metric
from chalicelib.web.http import idempotency, problems
from chalicelib.web.http.attempts import refused_attempts, repeated_answer
from chalicelib.web.http.bodies import BODY_LIMIT, FORM, JSON
from chalicelib.web.http.certificates import HEADER, presented_fingerprint
from chalicelib.web.http.forms import wire_names
from chalicelib.web.http.guard import Presented, admit, source_of
from chalicelib.web.http.headers import IDEMPOTENCY_KEY, IF_NONE_MATCH, RequestHeader, accepts
from chalicelib.web.http.maintenance import is_agreed_closure, require_open
from chalicelib.web.http.offered import WebServices
from chalicelib.web.http.preconditions import is_held
from chalicelib.web.http.problems import Problem, ProblemKind, problem_of
from chalicelib.web.http.requests import (
    decode,
    fields_of,
    given_members,
    names_in,
    read_form,
    read_json,
    read_query,
    refuse_query,
)
from chalicelib.web.http.responses import rendered
from chalicelib.web.http.traffic import (
    CORRELATION_HEADER,
    ELSEWHERE,
    METHODS,
    Stopwatch,
    correlation_of,
    header_values,
    path_of,
    raw_body,
)
from chalicelib.web.http.versions import ending_headers, ending_of

T = TypeVar("T")

SECURITY_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


class Call(NamedTuple):
    """What a view gets in addition to its request."""

    services: WebServices
    caller: Caller
    correlation_id: str
    headers: Mapping[str, str] = MappingProxyType({})
    """The request's headers; their names match in capital or small letters."""
    presented: Presented = Presented()
    """The evidence of its caller; only for the guard."""


@dataclass(frozen=True)
class Reply:
    """A view's response: a document, a status and headers."""

    document: object = None
    """A response type or a mapping, sent as JSON; a text, sent unchanged; None for no body."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Details(TypedDict, total=False):
    """The optional parts of a route's declaration."""

    answers: Mapping[int, type[Any] | None]
    """The response type of each status of success; None for no body. By default ``{200: dict}``."""
    refusals: tuple[ProblemKind, ...]
    """Kinds of problem in addition to those that follow from the rest (see ``Route.all_refusals``)."""
    takes: tuple[RequestHeader, ...]
    """Headers that the view reads: ``headers.IF_MATCH``, ``IF_NONE_MATCH``, ``IDEMPOTENCY_KEY``."""
    gives: tuple[str, ...]
    """Headers of its responses in addition to those of every route: ``Location``, ``ETag``, ``Retry-After``."""
    consumes: str
    """Media type of the body: ``requests.JSON`` or ``requests.FORM``."""
    produces: str
    """Media type of its successful responses."""
    body_limit: int
    """Bytes of the body."""
    refuse: Callable[[Problem], Reply]
    """Makes its refusals, if a standard defines a format for them."""
    look: LookAction
    """What the audit log calls an attempt that its use case does not record; without it, it discloses no learner."""


class Entry(NamedTuple):
    """The parts of a route that a cold start reads: enough to register it."""

    name: str
    """The name of its view."""
    method: str
    path: str
    capability: Capability
    module: str
    """The module of its view, in whose ``ROUTES`` it is."""

    @property
    def path_names(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    def load(self) -> Route[Any]:
        """The whole route. Raises LookupError if the module does not declare it."""
        routes: Iterable[Route[Any]] = import_module(self.module).ROUTES
        for declared in routes:
            if declared.entry is self:
                return declared
        raise LookupError(f"{self.module} has no route {self.name}")


@dataclass(frozen=True)
class Route(Generic[T]):
    """A route with its complete declaration."""

    entry: Entry
    request: type[T]
    view: Callable[[Call, T], Reply]
    answers: Mapping[int, type[Any] | None] = field(default_factory=lambda: {200: dict})
    refusals: tuple[ProblemKind, ...] = ()
    takes: tuple[RequestHeader, ...] = ()
    gives: tuple[str, ...] = ()
    consumes: str = JSON
    produces: str = JSON
    body_limit: int = BODY_LIMIT
    refuse: Callable[[Problem], Reply] | None = None
    look: LookAction | None = None

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def method(self) -> str:
        return self.entry.method

    @property
    def path(self) -> str:
        return self.entry.path

    @property
    def capability(self) -> Capability:
        return self.entry.capability

    @property
    def path_names(self) -> list[str]:
        return self.entry.path_names

    @property
    def has_body(self) -> bool:
        """Whether the request's fields, except those of the path, are in a body."""
        return self.method not in ("GET", "DELETE")


def declared_route(
    entry: Entry, request: type[T], view: Callable[[Call, T], Reply], **details: Unpack[Details]
) -> Route[T]:
    """A view as the route of its entry.

    Names in the path are fields of the request type; the others come from the query of a GET or DELETE and from the
    body of anything else. The first paragraph of the view's docstring is the operation's summary in the API reference,
    the rest its description.
    """
    if not wire_names(request).issuperset(entry.path_names):
        raise TypeError(f"{request.__name__} does not have every name of {entry.path}")
    return Route(entry, request, view, **details)


def blueprint(entries: Iterable[Entry], services: Callable[[], WebServices]) -> Blueprint:
    """A Chalice blueprint of these routes; ``services`` is called at every request and caches its result."""
    made, known = Blueprint(__name__), tuple(entries)
    for entry in known:
        # No content types: Chalice would refuse others in its own words, before the route is entered.
        methods = ["GET", "HEAD"] if entry.method == "GET" else [entry.method]
        register = made.route(entry.path, methods=methods, name=entry.name, content_types=[])
        register(_view(made, entry, services))
    for name, path in ELSEWHERE.items():
        taken = {method for entry in known if entry.path == path for method in (entry.method, "HEAD")}
        made.route(path, methods=sorted(METHODS - taken), name=name, content_types=[])(_elsewhere)
    made.register_middleware(_completed(known), "http")
    return made


def _elsewhere() -> Response:
    """A path or method that no route has: the middleware makes the response."""
    return Response("", status_code=problems.METHOD_NOT_ALLOWED.status)


def _view(made: Blueprint, entry: Entry, services: Callable[[], WebServices]) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        with observability.serving(entry.name):
            return _answer(made.current_request, entry, services, path)

    view.__name__ = entry.name
    return view


loaded = cache(Entry.load)
"""The whole route of an entry, loaded once."""


def _answer(request: Request, entry: Entry, services: Callable[[], WebServices], path: Mapping[str, str]) -> Response:
    correlation_id = correlation_of(request)
    stopwatch = Stopwatch(Channel.WEBSERVICE, correlation_id)
    ukprn = ""
    declared: Route[Any] | None = None
    problem: Problem | None = None
    try:
        declared = loaded(entry)
        available = services()
        require_open(available, declared.capability)
        _require_acceptable(request, declared)
        presented = _presented(request, declared, available, correlation_id)
        caller = admit(available, presented, declared.capability)
        ukprn = caller.ukprn
        response = _done(request, declared, Call(available, caller, correlation_id, request.headers, presented), path)
    except Exception as error:  # noqa: BLE001 - every exception has its problem document; none reaches Chalice
        problem = problem_of(error)
        if problem.kind is problems.FAULT:
            observability.fault(error, route=entry.name, correlation=correlation_id)
            observability.measure(Metric.FAULTS)
        if declared is not None and declared.refuse is not None:
            response = _rendered(declared.refuse(problem), declared)
        else:
            response = _refusal(problem, correlation_id)
    is_agreed = problem is not None and is_agreed_closure(problem)
    stopwatch.stop(entry.name, response.status_code, ukprn, is_agreed_closure=is_agreed)
    response.headers = {**ending_headers(ending_of(entry.method, entry.path)), **response.headers}
    return _with_headers(response, correlation_id)


def _presented(request: Request, declared: Route[Any], services: WebServices, correlation_id: str) -> Presented:
    header, required = request.headers.get(HEADER), services.settings.require_client_cert
    certificate = presented_fingerprint(request.context, header, required=required)
    source = source_of(str((request.context.get("identity") or {}).get("sourceIp")))
    return Presented(header_values(request, "authorization"), certificate, declared.name, correlation_id, source)


def _done(request: Request, declared: Route[Any], call: Call, path: Mapping[str, str]) -> Response:
    """The view's response, or its earlier response to the same request."""
    members, faults = _members(request, declared, path)
    with refused_attempts(call.services, call.caller, declared.look, members):
        decoded = decode(declared.request, members, faults)
        if IDEMPOTENCY_KEY not in declared.takes:
            return _unless_held(_rendered(declared.view(call, decoded), declared), request, declared)
        answer = _first_or_repeated(request, declared, call, path, decoded)
    if idempotency.REPLAYED in answer.headers:
        repeated_answer(call.services, call.caller, declared.look, members, answer.body)
    return Response(answer.body, dict(answer.headers), answer.status)


def _unless_held(response: Response, request: Request, declared: Route[Any]) -> Response:
    """304 without a body in place of a version that the caller holds."""
    tag, held = str(response.headers.get("ETag", "")), request.headers.get(IF_NONE_MATCH.name)
    if IF_NONE_MATCH in declared.takes and response.status_code == 200 and is_held(tag, held):
        return Response("", {**response.headers}, 304)
    return response


def _first_or_repeated(
    request: Request, declared: Route[Any], call: Call, path: Mapping[str, str], decoded: Any
) -> idempotency.KeptAnswer:
    def work() -> idempotency.KeptAnswer:
        done = _rendered(declared.view(call, decoded), declared)
        headers = {name: str(value) for name, value in done.headers.items()}
        return idempotency.KeptAnswer(done.status_code, headers, str(done.body))

    keys = header_values(request, IDEMPOTENCY_KEY.name.lower())
    same = idempotency.Repeated(call.caller, declared.method, _path(declared, path), raw_body(request))
    return idempotency.answered(call.services, keys, same, work)


def _path(declared: Route[Any], path: Mapping[str, str]) -> str:
    """The path as it was sent."""
    return re.sub(r"\{(\w+)\}", lambda name: path[name[1]], declared.path)


def _require_acceptable(request: Request, declared: Route[Any]) -> None:
    if not accepts(request.headers.get("accept", ""), declared.produces):
        raise Problem(problems.NOT_ACCEPTABLE, failure("LRS-REQ-14", expected=declared.produces))


def _members(
    request: Request, declared: Route[Any], path: Mapping[str, str]
) -> tuple[dict[str, object], list[Failure]]:
    """The members of the request by their names on the wire, and faults of its structure."""
    query = request.query_params
    parameters = {name: query.getlist(name) for name in query} if query is not None else {}
    if not declared.has_body:
        members, faults = read_query(declared.request, parameters)
    else:
        refuse_query(parameters, names_in(declared.request))
        members, faults = _read_body(request, declared)
    # Names in the path only belong in the path: in a query or body they are unknown.
    stray = [failure("LRS-REQ-2", name) for name in declared.path_names if name in members]
    return members | _decoded_path(declared, path), [*faults, *stray]


def _read_body(request: Request, declared: Route[Any]) -> tuple[dict[str, object], list[Failure]]:
    media_type = request.headers.get("content-type", "")
    if declared.consumes == FORM:
        members, faults = read_form(declared.request, raw_body(request), media_type, declared.body_limit)
        # RFC 6749 3.2, the only use of forms: a parameter without a value counts as absent, an unknown one is ignored.
        known = {field.wire_name for field in fields_of(declared.request)}
        return {name: value for name, value in members.items() if value and name in known}, faults
    members, faults = read_json(raw_body(request), media_type, declared.body_limit, names_in(declared.request))
    return given_members(declared.request, members), faults


def _decoded_path(declared: Route[Any], path: Mapping[str, str]) -> dict[str, str]:
    """The names in the path, still percent-encoded. A malformed one identifies nothing."""
    values = {name: unquote(value) for name, value in path.items()}
    for known in fields_of(declared.request):
        if known.wire_name in values and known.form.faults(known.wire_name, values[known.wire_name]):
            raise Problem(problems.NOT_FOUND, failure("LRS-REQ-12"))
    return values


def _rendered(reply: Reply, declared: Route[Any]) -> Response:
    if reply.document is None:
        return Response("", dict(reply.headers), reply.status)
    body = reply.document if isinstance(reply.document, str) else rendered(reply.document)
    return Response(body, {"Content-Type": declared.produces, **reply.headers}, reply.status)


def _refusal(problem: Problem, correlation_id: str) -> Response:
    body = rendered(problem.document(correlation_id))
    return Response(body, {"Content-Type": problems.MEDIA_TYPE, **problem.headers}, problem.kind.status)


def _with_headers(response: Response, correlation_id: str) -> Response:
    response.headers = {**SECURITY_HEADERS, CORRELATION_HEADER: correlation_id, **response.headers}
    return response


Middleware = Callable[[Request, Callable[[Request], Response]], Response]


def _completed(entries: Iterable[Entry]) -> Middleware:
    """Responses that Chalice made without entering a route, as problem documents with our headers."""

    def complete(request: Request, get_response: Callable[[Request], Response]) -> Response:
        response = get_response(request)
        if CORRELATION_HEADER not in response.headers:
            problem = Problem(problems.FAULT, failure("WSEC0999"))
            if response.status_code == problems.METHOD_NOT_ALLOWED.status:
                problem = _nowhere(entries, path_of(request))
            correlation_id = correlation_of(request)
            response = _with_headers(_refusal(problem, correlation_id), correlation_id)
        if request.method == "HEAD":
            response.body = ""
        return response

    return complete


def _nowhere(entries: Iterable[Entry], path: str) -> Problem:
    """405 with the methods of the path, 404 if it has none."""
    fitting = [entry for entry in entries if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", entry.path), path)]
    fixed = [entry for entry in fitting if entry.path == path]
    methods = {entry.method for entry in fixed or fitting}
    if not methods:
        return Problem(problems.NOT_FOUND, failure("LRS-REQ-12"))
    allowed = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    return Problem(problems.METHOD_NOT_ALLOWED, failure("LRS-REQ-12"), headers={"Allow": allowed})
