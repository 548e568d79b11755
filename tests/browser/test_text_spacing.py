"""No page loses anything when its text is set wide (WCAG 1.4.12): every template in one visit."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.cases import CASES
from tests.browser.text_spacing import cut_off, set_wide, show


def test_no_template_loses_anything_in_its_fullest_state(tab: Page, address: str) -> None:
    pages: dict[str, tuple[str, str]] = {}
    for case in CASES:
        html = case.html("").replace("<dialog ", "<dialog open ")
        if len(html) > len(pages.get(case.template, ("", ""))[1]):
            pages[case.template] = case.name, html
    tab.goto(f"{address}/case/{CASES[0].name}")
    set_wide(tab)
    found = {}
    for name, html in pages.values():
        show(tab, html)
        found[name] = cut_off(tab)
    assert {name: those for name, those in found.items() if those} == {}
