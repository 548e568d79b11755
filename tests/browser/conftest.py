"""One browser for a module: Debian's Chromium, or else the one that Playwright installed (see .ci/chromium).

Its tests open one case after the other in the same page, which spares most of the time. It ends with its module:
while Playwright runs, nothing else in the process can use asyncio.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from local.emulated.browser import program
from tests.browser.pages import served

QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program(), args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def _page_of_module(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as window:
        yield window.new_page()


@pytest.fixture(scope="module")
def _plain_page_of_module(browser: Browser) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=False) as window:
        yield window.new_page()


@pytest.fixture
def tab(_page_of_module: Page) -> Page:
    """A page to open addresses in, which keeps what all pages share."""
    _page_of_module.emulate_media(media="null", forced_colors="null")
    return _page_of_module


@pytest.fixture
def plain_tab(_plain_page_of_module: Page) -> Page:
    """The same without JavaScript."""
    return _plain_page_of_module
