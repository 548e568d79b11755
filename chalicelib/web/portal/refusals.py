"""Exceptions as pages: which page of ``templates/errors`` shows what has gone wrong, and with which status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.access import ROLE_CAPABILITIES, Capability, Role
from chalicelib.domain.maintenance import Window
from chalicelib.services.throttles import TooManyTries
from chalicelib.web.http import problems
from chalicelib.web.http.maintenance import closed_problem, is_agreed_closure
from chalicelib.web.http.problems import Problem, problem_of
from chalicelib.web.portal.visits import FORM_LIMIT, Page

_OWN_PAGE: Final = frozenset({403, 404, 405, 413, 429, 500, 503})
"""Statuses with a page of their own; what is wrong with any other request cannot be read."""


class NotShown(Exception):
    """A page in place of the one that was asked for."""

    def __init__(self, page: Page, *, is_agreed_closure: bool = False) -> None:
        super().__init__(page.status)
        self.page = page
        self.is_agreed_closure = is_agreed_closure


def error_page(status: int, context: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None) -> Page:
    """The page of a status."""
    return Page(template=f"errors/{status}.html.jinja", context=context or {}, status=status, headers=headers or {})


def blocked(context: Mapping[str, Any]) -> Page:
    """The page for a request that does not reach the function."""
    return Page(template="errors/blocked.html.jinja", context=context, status=403)


def not_found() -> NotShown:
    """There is no such page, or nothing that this person may know of."""
    return NotShown(error_page(404))


def unreadable() -> NotShown:
    """The form cannot be read, or was not sent by a page of the portal."""
    return NotShown(error_page(400))


def no_role(needed: Capability) -> NotShown:
    """The person has none of the roles with this capability."""
    roles = [role.value for role in Role if needed in ROLE_CAPABILITIES[role]]
    return NotShown(error_page(403, {"roles": roles}))


def closed(window: Window, left: timedelta) -> NotShown:
    """The service is closed for maintenance."""
    problem = closed_problem(window, left)
    page = error_page(503, {"window": window}, problem.headers)
    return NotShown(page, is_agreed_closure=is_agreed_closure(problem))


def refusal_of(error: Exception, reference: str, limit: int = FORM_LIMIT) -> NotShown:
    """The page for an exception; ``reference`` identifies the request to the service desk."""
    if isinstance(error, NotShown):
        return error
    if isinstance(error, TooManyTries):
        return NotShown(error_page(429, {"seconds": error.seconds}, {"Retry-After": str(error.seconds)}))
    return NotShown(page_of(problem_of(error), reference, limit))


def page_of(problem: Problem, reference: str, limit: int) -> Page:
    """The page for what the web services answer with a problem document."""
    status = problem.kind.status
    shown = status if status in _OWN_PAGE else problems.INVALID_REQUEST.status
    return error_page(shown, _context(problem, shown, reference, limit), problem.headers)


def _context(problem: Problem, status: int, reference: str, limit: int) -> Mapping[str, Any]:
    known: Mapping[int, Mapping[str, Any]] = {
        403: {"roles": ()},
        413: {"limit": limit},
        429: {"seconds": int(problem.headers.get("Retry-After", problems.RETRY_SECONDS))},
        500: {"reference": reference},
        503: {"window": None},
    }
    return known.get(status, {})
