"""Pages for everybody: the User Agreement, the accessibility statement, help (HLP-01, AO18 2.2)."""

from __future__ import annotations

from typing import Final

from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import Page, Visit


@view()
def show_user_agreement(_: Visit) -> Page:
    """The User Agreement, which the footer calls Terms & Conditions."""
    return Page(template="public/user-agreement.html.jinja")


@view()
def show_accessibility(_: Visit) -> Page:
    """The accessibility statement."""
    return Page(template="public/accessibility.html.jinja")


@view()
def show_help(_: Visit) -> Page:
    """Help with signing in, and how to reach the service desk."""
    return Page(template="public/help.html.jinja")


VIEWS: Final = (show_user_agreement, show_accessibility, show_help)
