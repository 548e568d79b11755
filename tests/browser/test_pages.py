"""Every page in every state as a browser shows it: accessible, inside its policy, at any width, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import Page

from chalicelib.web.http.gateway_answers import GATEWAY_ANSWERS, REQUEST_ID
from local.emulated.gateway_responses import described
from tests.browser.cases import CASES, Case
from tests.browser.pages import CHECKER

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""What forced colours change, and all that a width does not."""
LOAD = """address => 'axe' in window || new Promise(done => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    document.head.append(script);
})"""
RUN = """([rules, but]) => axe.run(document, {
    runOnly: rules, rules: Object.fromEntries(but.map(name => [name, {enabled: false}])), resultTypes: ['violations'],
}).then(found => found.violations)"""

HIDDEN = """() => Array.from(document.querySelectorAll(
    "h1, header a:not(.govuk-skip-link), footer a, main input:not([type=hidden]), main select, main textarea, "
    + "main button[type=submit], main table, main svg"
)).filter(one => !one.closest("details") && !one.checkVisibility()).map(one => one.outerHTML)"""
"""What everybody must see, and cannot."""

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}

ON_PAPER = """() => {
    const isShown = one => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().height > 0;
    const ways = "nav, footer, .govuk-button, .govuk-skip-link, .lrs-filters, .lrs-link-button";
    return [
        ...Array.from(document.querySelectorAll("h1")).filter(one => !isShown(one)),
        ...Array.from(document.querySelectorAll(ways)).filter(isShown),
    ].map(one => one.outerHTML);
}"""
"""What paper shows wrongly: the ways to leave a page, or no heading."""

KIND = re.compile(r'<(\w+)(?=[^>]*?\sclass="([^"]*)")?(?=[^>]*?\sdata-module="([^"]*)")?(?=[^>]*?\s(hidden)\b)?')
"""An element with what the style sheet and the script go by."""

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


HEARING: WeakKeyDictionary[Page, Opened] = WeakKeyDictionary()
"""For each page of the browser the one that is open in it."""


class Opened:
    """A page, and what the browser said against it."""

    def __init__(self, tab: Page, address: str, case: Case) -> None:
        self.tab = tab
        self.complaints: list[str] = []
        is_new, HEARING[tab] = tab not in HEARING, self
        if is_new:
            tab.on("console", lambda message: HEARING[tab].hear(message.type, message.text))
            tab.on("pageerror", lambda error: HEARING[tab].complaints.append(str(error)))
            tab.on("request", lambda request: HEARING[tab].require_home(request.url, address))
        tab.set_viewport_size(WIDE)  # type: ignore[arg-type]
        answer = tab.goto(f"{address}/case/{case.name}")
        assert answer is not None
        assert answer.status == case.status

    def hear(self, kind: str, text: str) -> None:
        if (
            kind in ("error", "warning")
            and "Failed to load resource: the server responded with a status of" not in text
        ):  # the page's own status
            self.complaints.append(f"{kind}: {text}")

    def require_home(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:")):
            self.complaints.append(f"requests {url}")

    def violations(self, rules: Sequence[str] = RULES, but: Sequence[str] = ()) -> list[str]:
        """What axe finds, each with where it is."""
        self.tab.evaluate(LOAD, CHECKER)
        found: list[dict[str, Any]] = self.tab.evaluate(RUN, [list(rules), list(but)])
        return [f"{one['id']}: {node['html']} {node['failureSummary']}" for one in found for node in one["nodes"]]

    def is_too_wide(self) -> bool:
        """Whether the page scrolls sideways."""
        return bool(self.tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@cache
def _looks() -> list[Case]:
    """The first case of each template, and each that shows a kind of element which no case before it shows."""
    kinds_seen: set[tuple[str, ...]] = set()
    templates_seen: set[str] = set()
    chosen = []
    for case in CASES:
        kinds = set(KIND.findall(case.html("")))
        if case.template not in templates_seen or not kinds <= kinds_seen:
            chosen.append(case)
        templates_seen.add(case.template)
        kinds_seen |= kinds
    return chosen


@every_case
def test_a_page_is_accessible_at_both_widths_in_forced_colours_and_on_paper(
    tab: Page, address: str, case: Case
) -> None:
    page = Opened(tab, address, case)
    found = {"1280 px": page.violations()}
    tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
    found["320 px"] = page.violations(but=OF_COLOURS)
    assert not page.is_too_wide()
    if case in _looks():
        tab.emulate_media(forced_colors="active")
        found["forced colours"] = page.violations(OF_COLOURS)
    tab.emulate_media(forced_colors="none", media="print")
    assert tab.evaluate(ON_PAPER) == []
    assert {where: those for where, those in found.items() if those} == {}
    assert page.complaints == []


def test_every_page_shows_everything_without_javascript(plain_tab: Page, address: str) -> None:
    found = {}
    for case in _looks():
        page = Opened(plain_tab, address, case)
        hidden = plain_tab.evaluate(HIDDEN)
        plain_tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
        found[case.name] = [*hidden, *page.complaints, *(["too wide"] if page.is_too_wide() else [])]
    assert {name: those for name, those in found.items() if those} == {}


@pytest.mark.parametrize("kind", GATEWAY_ANSWERS)
def test_a_page_of_the_gateway_is_accessible_at_both_widths(tab: Page, address: str, kind: str) -> None:
    html = described("portal")[kind]["response_templates"]["application/json"]
    tab.goto(f"{address}{CHECKER}")  # any page without a policy
    tab.set_content(html.replace(REQUEST_ID, "c2FtcGxlIHJlZmVyZW5jZQ==" * 3))
    tab.evaluate(LOAD, CHECKER)
    for size in (WIDE, NARROW):
        tab.set_viewport_size(size)  # type: ignore[arg-type]
        assert tab.evaluate(RUN, [list(RULES), []]) == []
        assert not tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_the_browser_reports_what_breaks_the_policy(tab: Page, address: str) -> None:
    page = Opened(tab, address, CASES[0])
    tab.evaluate("document.querySelector('h1').setAttribute('style', 'color: red')")
    assert any("Content Security Policy" in complaint for complaint in page.complaints)


def test_errors_get_the_focus_and_lead_to_their_fields(tab: Page, address: str) -> None:
    Opened(tab, address, next(case for case in CASES if case.name == "form-wrong"))
    assert tab.evaluate("document.activeElement.className") == "govuk-error-summary"
    for link in tab.locator(".govuk-error-summary a").all():
        link.click()
        wanted = (link.get_attribute("href") or "").removeprefix("#")
        assert tab.evaluate("document.activeElement.id") == wanted


def test_a_keyboard_reaches_the_content_first(tab: Page, address: str) -> None:
    Opened(tab, address, next(case for case in CASES if case.name == "list"))
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to main content"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main-content"


def test_the_message_of_a_success_gets_the_focus(tab: Page, address: str) -> None:
    Opened(tab, address, next(case for case in CASES if case.name == "list-saved"))
    assert "The job was cancelled." in tab.evaluate("document.activeElement.textContent")


def test_the_menu_opens_on_a_narrow_screen_with_the_keyboard(tab: Page, address: str) -> None:
    Opened(tab, address, next(case for case in CASES if case.name == "list"))
    tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
    link = tab.get_by_role("link", name="Challenges")
    assert not link.is_visible()
    tab.get_by_role("button", name="Menu").press("Enter")
    assert link.is_visible()


def test_a_password_can_be_shown_and_hidden_again(tab: Page, address: str) -> None:
    Opened(tab, address, next(case for case in CASES if case.name == "form"))
    entered = tab.locator("#password")
    shown = [entered.get_attribute("type")]
    for name in ("Show password", "Hide password"):
        tab.get_by_role("button", name=name).press("Enter")
        shown.append(entered.get_attribute("type"))
    assert shown == ["password", "text", "password"]
