"""Pages with a form as somebody had filled it in before: after a session was over, or in an earlier one (IDM-08)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chalicelib.web.portal.forms import value_of
from chalicelib.web.portal.parts import Input
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page

SIGNED_IN_AGAIN: Final = _(
    "You are signed in again. What you entered is still here, and nothing was saved. Check it, then submit it."
)
OUT_OF_DATE: Final = _(
    "This page was opened in an earlier session, so nothing was saved. What you entered is still here. Check it, then "
    "submit it again."
)
STILL_SIGNED_IN: Final = _("You are still signed in. What you entered is still here, and nothing was saved.")
NOT_KEPT: Final = _("Passwords, answers and files are not kept. Enter or choose them again.")
_SEEN: Final = ("revision", "edition")
"""What a form says of the record that it shows."""


def refilled(page: Page, entered: Entered) -> Page | None:
    """A page with what was entered in its fields, except passwords and files; None if it has no form.

    A record that has changed since is still found out: the revision is the one for which the form was filled in.
    """
    if not has_form(page):
        return None
    fields = [replace(one, value=value_of(one, entered)) for one in page.context["fields"]]
    seen = {name: entered[name][-1] for name in _SEEN if name in page.context and entered.get(name)}
    return replace(page, context={**page.context, "fields": fields, **seen})


def has_form(page: Page) -> bool:
    """Whether it has fields to fill in."""
    return "fields" in page.context


def leaves_out(page: Page) -> bool:
    """Whether the form has fields that are not filled in again."""
    return any(one.kind in (Input.PASSWORD, Input.FILE) for one in page.context["fields"])
