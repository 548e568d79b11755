"""The description of this API, for programs and for people (VAL-03, SLA-08)."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from chalicelib.web.http.headers import IF_NONE_MATCH
from chalicelib.web.http.requests import NoRequest
from chalicelib.web.http.responses import rendered
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.table import REFERENCE, route, routes

HTML = "text/html; charset=utf-8"
_CACHED = "public, max-age=300"


@cache
def _document() -> dict[str, Any]:
    """The description, made at the first request for it and kept as long as the process."""
    from chalicelib.web.described.openapi import document  # noqa: PLC0415 - slow, and only needed to describe

    return document(routes())


@cache
def _json() -> Reply:
    return Reply(rendered(_document()))


@cache
def _page() -> Reply:
    """The page, with the policy that allows its style."""
    from chalicelib.web.described import developers  # noqa: PLC0415 - slow, and only needed to describe

    return Reply(developers.page(_document()), headers={"Content-Security-Policy": developers.CONTENT_SECURITY_POLICY})


@route(NoRequest, answers={200: dict}, takes=(IF_NONE_MATCH,), gives=("ETag",))
def get_openapi(call: Call, request: NoRequest) -> Reply:
    """Get this description.

    An OpenAPI 3.1 document, from which you can generate a client.
    """
    return _tagged(_json())


@route(NoRequest, answers={200: str}, takes=(IF_NONE_MATCH,), gives=("ETag",), produces=HTML)
def read_reference(call: Call, request: NoRequest) -> Reply:
    """Read this reference.

    A web page with every operation: its fields, its responses, its codes, and examples in curl and Python.
    """
    return _tagged(_page())


@route(NoRequest, answers={302: None}, gives=("Location",), produces=HTML)
def go_to_reference(call: Call, request: NoRequest) -> Reply:
    """Go from the service's address to this reference."""
    return Reply(status=302, headers={"Location": REFERENCE, "Cache-Control": _CACHED})


def _tagged(reply: Reply) -> Reply:
    text = str(reply.document)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    return Reply(text, 200, {"Cache-Control": _CACHED, "ETag": tag, **reply.headers})


ROUTES = (get_openapi, read_reference, go_to_reference)
