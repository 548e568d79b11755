"""A person with a browser at the portal, over a world of fakes, with and without JavaScript.

One browser and one server are there for the journeys of a module: a journey brings its world, and has a window of its
own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chalicelib.web.portal import cookies
from local.emulated.gateway_responses import described
from local.lambda_runtime.gateway import Gateway, in_process
from tests.browser.journeys.hands import Keyboard, Mouse
from tests.builders.portal import NAME, signed_in
from tests.fakes.web import portal
from tests.fakes.world import FakeWorld

PATIENCE = 10_000
"""Milliseconds after which something is missing: nothing here takes as long, on a busy machine either."""

_ENTRANCE = "/enter/"
_CHECKER = (Path(__file__).parents[1] / "axe-core" / "axe.min.js").read_text("utf-8")
_CHECK = "axe.run().then(found => found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html)))"
Visitor = Callable[[FakeWorld], Page]


class Door:
    """One address behind which is the portal of one world after another."""

    def __init__(self) -> None:
        self._answer: Callable[[dict[str, Any]], Any] = lambda _: None
        self.address = ""

    def open_to(self, world: FakeWorld) -> None:
        """Let what is asked from now on be answered in this world."""
        self._answer = in_process(portal(world))

    def __call__(self, event: dict[str, Any]) -> Any:
        """Answer the event of a request."""
        ticket = event["path"].removeprefix(_ENTRANCE)
        if ticket == event["path"]:
            return self._answer(event)
        # Playwright sets no cookie of this kind itself.
        return {"statusCode": 303, "headers": {"Location": "/", "Set-Cookie": cookies.session(ticket)}, "body": ""}


def violations(page: Page) -> list[str]:
    """What axe finds on the page that is open."""
    page.evaluate(_CHECKER)
    found: list[str] = page.evaluate(_CHECK)
    return found


class Reception(Protocol):
    """Opens a window in which a person of a world is signed in already."""

    def __call__(self, world: FakeWorld, name: str = NAME, path: str = "/") -> Page: ...


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    found = Door()
    with Gateway(portal(FakeWorld()), port=0, entry=found, responses=described("portal")) as gateway:
        found.address = gateway.url
        yield found


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def has_javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def kind(has_javascript: bool) -> type[Mouse]:
    """The hands of a journey that somebody makes with the keyboard alone, and somebody else without JavaScript."""
    return Keyboard if has_javascript else Mouse


@pytest.fixture
def window(browser: Browser, door: Door, has_javascript: bool) -> Iterator[BrowserContext]:
    """Fails at the end for what the policy forbids."""
    complaints: list[str] = []
    with ExitStack() as until_the_end:
        opened = browser.new_context(java_script_enabled=has_javascript, base_url=door.address)
        until_the_end.callback(opened.close)
        expect.set_options(timeout=PATIENCE)
        opened.set_default_timeout(PATIENCE)
        opened.set_default_navigation_timeout(10 * PATIENCE)  # the first page of a family is compiled
        opened.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
        yield opened
    assert complaints == []


@pytest.fixture
def stranger(window: BrowserContext, door: Door) -> Visitor:
    """Opens the portal of a world at its sign-in page."""

    def visit(world: FakeWorld) -> Page:
        door.open_to(world)
        page = window.new_page()
        page.goto("/sign-in")
        return page

    return visit


@pytest.fixture
def visitor(window: BrowserContext, door: Door) -> Reception:
    """Signs somebody in to the portal of a world, without its pages, and gives the open page."""

    def enter(world: FakeWorld, name: str = NAME, path: str = "/") -> Page:
        door.open_to(world)
        page = window.new_page()
        page.goto(f"{_ENTRANCE}{signed_in(world, name).cookies[cookies.SESSION]}")
        if path != "/":
            page.goto(path)
        return page

    return enter
