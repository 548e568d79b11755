"""A person with a browser at the portal, over a world of fakes, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from local.emulated.gateway_responses import described
from local.lambda_runtime.gateway import Gateway
from tests.builders.portal import NAME, RIGHT
from tests.fakes.web import portal
from tests.fakes.world import FakeWorld

Visitor = Callable[[FakeWorld], Page]


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def stranger(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Visitor]:
    """Opens the portal of a world at its sign-in page. Fails at the end for what the policy forbids."""
    complaints: list[str] = []
    with ExitStack() as until_the_end:

        def visit(world: FakeWorld) -> Page:
            gateway = until_the_end.enter_context(Gateway(portal(world), port=0, responses=described("portal")))
            window = browser.new_context(java_script_enabled=request.param, base_url=f"http://127.0.0.1:{gateway.port}")
            until_the_end.callback(window.close)
            page = window.new_page()
            page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
            page.goto("/sign-in")
            return page

        yield visit
    assert complaints == []


@pytest.fixture
def visitor(stranger: Visitor) -> Visitor:
    """Signs somebody in to the portal of a world and gives the open page."""

    def sign_in(world: FakeWorld) -> Page:
        page = stranger(world)
        page.get_by_label("User name").fill(NAME)
        page.locator("#password").fill(RIGHT)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Accept").click()
        return page

    return sign_in
