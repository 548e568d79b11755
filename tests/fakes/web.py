"""The web service over one world of fakes."""

from __future__ import annotations

from chalice import Chalice

from chalicelib.web.http.routes import blueprint
from chalicelib.web.rest.table import ENTRIES
from tests.fakes.world import FakeWorld


def application(world: FakeWorld) -> Chalice:
    """The web service as ``app.py`` creates it, over that world."""
    services = world.services()
    app = Chalice(app_name="routes-under-test", configure_logs=False)
    app.register_blueprint(blueprint(ENTRIES, lambda: services))
    return app
