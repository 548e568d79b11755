"""The description of this API, for programs and for people (VAL-03, SLA-08)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from chalicelib.domain.failures import failure
from chalicelib.web.http import problems
from chalicelib.web.http.headers import IF_NONE_MATCH
from chalicelib.web.http.problems import Problem
from chalicelib.web.http.requests import NoRequest, Text
from chalicelib.web.http.responses import rendered
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.table import REFERENCE, route, routes

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
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


@cache
def _formats() -> Reply:
    from chalicelib.formats.batch.format_pages import description  # noqa: PLC0415 - see above
    from chalicelib.formats.batch.templates import DESCRIBED  # noqa: PLC0415
    from chalicelib.web.described import developers  # noqa: PLC0415

    page = developers.file_formats(description(DESCRIBED))
    return Reply(page, headers={"Content-Security-Policy": developers.CONTENT_SECURITY_POLICY})


@dataclass(frozen=True)
class TemplateToGet:
    """A file to get."""

    file: Annotated[str, Text(maximum=64, minimum=1, example="achievements-example.csv")]
    """The kind of file with `-template.csv`, `-example.csv`, `-example.xml` or `.xsd`, such as `learners.xsd`."""


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


@route(NoRequest, answers={200: str}, takes=(IF_NONE_MATCH,), gives=("ETag",), produces=HTML)
def read_file_formats(call: Call, request: NoRequest) -> Reply:
    """Read the description of the files.

    A web page about the CSV and XML files of achievements, learners and verifications: fields, values, codes.
    """
    return _tagged(_formats())


@route(TemplateToGet, answers={200: str}, takes=(IF_NONE_MATCH,), gives=("ETag",), produces=TEXT)
def get_template(call: Call, request: TemplateToGet) -> Reply:
    """Get a template, an example or an XML schema of a kind of file."""
    from chalicelib.formats.batch.templates import downloads  # noqa: PLC0415 - see above

    found = downloads().get(request.file)
    if found is None:
        raise Problem(problems.NOT_FOUND, failure("LRS-REQ-12"))
    headers = {"Content-Disposition": f'attachment; filename="{request.file}"'}
    return _tagged(Reply(found, headers=headers))


def _tagged(reply: Reply) -> Reply:
    text = str(reply.document)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    return Reply(text, 200, {"Cache-Control": _CACHED, "ETag": tag, **reply.headers})


ROUTES = (get_openapi, read_reference, go_to_reference, read_file_formats, get_template)
