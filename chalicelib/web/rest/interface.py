"""The description of this API, for programs and for people (VAL-03, SLA-08)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from chalicelib.domain.access import Capability
from chalicelib.web.http.headers import IF_NONE_MATCH
from chalicelib.web.http.preconditions import is_held
from chalicelib.web.http.requests import NoRequest
from chalicelib.web.http.responses import rendered
from chalicelib.web.http.routes import Call, Reply, Route, route

HTML = "text/html; charset=utf-8"
_CACHED = "public, max-age=300"


class _Described:
    """The description, made at the first request for it and kept as long as the process."""

    def __init__(self, routes: tuple[Route[Any], ...]) -> None:
        self.routes = routes

    @cached_property
    def document(self) -> dict[str, Any]:
        from chalicelib.web.described.openapi import document  # noqa: PLC0415 - slow, and only needed to describe

        return document(self.routes)

    @cached_property
    def json(self) -> Reply:
        return Reply(rendered(self.document))

    @cached_property
    def page(self) -> Reply:
        """The page, with the policy that allows its style."""
        from chalicelib.web.described import developers  # noqa: PLC0415 - likewise

        headers = {"Content-Security-Policy": developers.CONTENT_SECURITY_POLICY}
        return Reply(developers.page(self.document), headers=headers)


def describing(others: Iterable[Route[Any]]) -> tuple[Route[Any], ...]:
    """The routes that describe these other routes, and themselves."""

    @route(
        "GET",
        "/v1/openapi.json",
        Capability.PUBLIC,
        NoRequest,
        answers={200: dict},
        takes=(IF_NONE_MATCH,),
        gives=("ETag",),
    )
    def get_openapi(call: Call, request: NoRequest) -> Reply:
        """Get this description.

        An OpenAPI 3.1 document, from which you can generate a client.
        """
        return _unless_held(call, described.json)

    @route(
        "GET",
        "/developers",
        Capability.PUBLIC,
        NoRequest,
        answers={200: str},
        takes=(IF_NONE_MATCH,),
        gives=("ETag",),
        produces=HTML,
    )
    def read_reference(call: Call, request: NoRequest) -> Reply:
        """Read this reference.

        A web page with every operation: its fields, its responses, its codes, and examples in curl and Python.
        """
        return _unless_held(call, described.page)

    own: tuple[Route[Any], ...] = (get_openapi, read_reference)
    described = _Described((*others, *own))
    return own


def _unless_held(call: Call, told: Reply) -> Reply:
    text = str(told.document)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": _CACHED, "ETag": tag, **told.headers}
    if is_held(tag, call.headers.get("If-None-Match")):
        return Reply(None, 304, headers)
    return Reply(text, 200, headers)
