"""One browser for a module: Debian's Chromium, or else the one that Playwright installed (see .ci/chromium).

It ends with its module: while Playwright runs, nothing else in the process can use asyncio.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
        opened = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """Where pages open; caches what they share."""
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def tab(window: BrowserContext) -> Iterator[Page]:
    opened = window.new_page()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def plain_window(browser: Browser) -> Iterator[BrowserContext]:
    """The same without JavaScript."""
    opened = browser.new_context(java_script_enabled=False)
    yield opened
    opened.close()


@pytest.fixture
def plain_tab(plain_window: BrowserContext) -> Iterator[Page]:
    opened = plain_window.new_page()
    yield opened
    opened.close()
