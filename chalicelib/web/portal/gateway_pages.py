"""Responses of API Gateway itself to people with browsers, as pages.

They are the portal's error pages without what only the function can give: style sheet, menu, and the person. A gateway
that cannot reach the function could not serve a style sheet either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.web.http.gateway_answers import EVENT_LIMIT, GATEWAY_ANSWERS, REQUEST_ID, gateway_response
from chalicelib.web.portal import rendering, security
from chalicelib.web.portal.refusals import blocked, page_of
from chalicelib.web.portal.rendering import Chrome
from chalicelib.web.portal.visits import Page

_BLOCKED: Final[Mapping[str, bool]] = {"ACCESS_DENIED": True, "WAF_FILTERED": False}
"""Kinds of response to requests that were blocked, and whether for the network from which they come."""
_CHROME: Final = Chrome(nonce="", path="", layout="gateway.html.jinja")


def gateway_pages() -> dict[str, Any]:
    """The responses in the infrastructure's format, by the gateway's types."""
    headers = {**security.headers(""), "Content-Type": "text/html; charset=utf-8"}
    return {
        kind: gateway_response(page.status, html_of(page), {**headers, **page.headers})
        for kind, page in _pages().items()
    }


def html_of(page: Page) -> str:
    """A page that needs nothing else."""
    return rendering.render(page.template, page.context, chrome=_CHROME)


def _pages() -> Mapping[str, Page]:
    return {
        kind: blocked({"is_network": _BLOCKED[kind], "reference": REQUEST_ID})
        if kind in _BLOCKED
        else page_of(problem, REQUEST_ID, EVENT_LIMIT)
        for kind, problem in GATEWAY_ANSWERS.items()
    }
