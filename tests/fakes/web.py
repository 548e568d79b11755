"""The web service and the portal over one world of fakes."""

from __future__ import annotations

from typing import Any

from chalice import Chalice

from chalicelib.web.http.routes import blueprint
from chalicelib.web.http.uploads import MULTIPART
from chalicelib.web.portal import routing
from chalicelib.web.rest.table import ENTRIES
from tests.fakes.world import FakeWorld


def application(world: FakeWorld) -> Chalice:
    """The web service as ``app.py`` creates it, over that world."""
    services = world.services()
    app = Chalice(app_name="routes-under-test", configure_logs=False)
    app.register_blueprint(blueprint(ENTRIES, lambda: services))
    return app


def portal(world: FakeWorld, **settings: Any) -> Chalice:
    """The portal as ``app.py`` creates it, over that world."""
    services = world.services(**settings)
    app = Chalice(app_name="pages-under-test", configure_logs=False)
    app.api.binary_types = [MULTIPART]
    app.register_blueprint(routing.blueprint(lambda: services))
    return app
