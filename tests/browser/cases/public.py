"""The pages for everybody: start, help, contact, legal, news, charter, validator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from chalicelib.domain.announcements import InterfaceChange, News
from chalicelib.domain.contacts import Contacts
from chalicelib.web.portal import help_pages, public_pages
from chalicelib.web.portal.visits import Page, View
from tests.browser.cases.case import HOSTILE, IN, LONG, OUT, Case
from tests.builders.portal import visit
from tests.fakes.world import FakeWorld

_WORLD: Final = FakeWorld()
_CHANGES: Final[Mapping[str, Any]] = {
    "news": [News(date(2026, 11, 27), HOSTILE, f"{HOSTILE} {LONG}")],
    "changes": [InterfaceChange(date(2026, 1, 31), LONG, HOSTILE, date(2026, 7, 31), date(2027, 7, 31))],
}


def _case(name: str, view: View, path: str) -> Case:
    """The page that a view makes."""
    page = view.show(visit(_WORLD))
    assert isinstance(page, Page)
    return Case(name, page.template, page.context, replace(OUT, path=path))


_ADDRESS: Final = f"{LONG.lower()}@example.org"
_CONTACTS: Final = Contacts(_ADDRESS, "01632 960000", f"{LONG} {HOSTILE}", _ADDRESS, _ADDRESS)
_NEWS: Final = _case("news", public_pages.show_news, "/news")

CASES: Final = (
    _case("start", public_pages.show_start, "/start"),
    _case("accessibility", public_pages.show_accessibility, "/accessibility"),
    _case("privacy", public_pages.show_privacy, "/privacy"),
    _case("cookies", public_pages.show_cookies, "/cookies"),
    _case("contact", public_pages.show_contact, "/contact"),
    Case(
        "contact-addresses",
        "public/contact.html.jinja",
        {"contacts": _CONTACTS},
        replace(IN, path="/contact"),
    ),
    _NEWS,
    Case("news-changes", _NEWS.template, {**_NEWS.context, **_CHANGES}, _NEWS.chrome),
    Case("news-none", _NEWS.template, {**_NEWS.context, "news": ()}, _NEWS.chrome),
    _case("charter", public_pages.show_charter, "/service-charter"),
    _case("validator", public_pages.show_validator, "/validator"),
    _case("help", help_pages.show_help, "/help"),
    Case("help-telephone", "public/help.html.jinja", {"contacts": _CONTACTS}, replace(OUT, path="/help")),
    _case("glossary", help_pages.show_glossary, "/help/glossary"),
    _case("return-codes", help_pages.show_return_codes, "/help/return-codes"),
    _case("data-rules", help_pages.show_data_rules, "/help/data-rules"),
)
