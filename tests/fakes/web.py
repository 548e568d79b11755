"""The parts of ``bootstrap.Services`` that the web service uses, over one world of fakes."""

from __future__ import annotations

from chalice import Chalice

from chalicelib.services.batch_line import BatchLine
from chalicelib.services.batch_submit import BatchJobs, SubmitPorts
from chalicelib.web.api import v1
from chalicelib.web.routes import blueprint
from tests.fakes.singles import achievement_lists, achievement_services
from tests.fakes.world import FakeWorld


class FakeServices:
    """Real use cases over fakes."""

    def __init__(self, world: FakeWorld) -> None:
        self.accounts = world.accounts
        self.audit = world.audit
        self.clock = world.clock
        self.achievement_services = achievement_services(world)
        self.achievement_lists = achievement_lists(world)
        line = BatchLine(world.jobs, world.turns, world.queues, world.clock)
        self.batch_submit = BatchJobs(
            SubmitPorts(world.jobs, world.files, world.accounts, line, world.clock, world.new_id)
        )


def application(world: FakeWorld) -> Chalice:
    """The web service as ``app.py`` makes it, over that world."""
    services = FakeServices(world)
    app = Chalice(app_name="routes-under-test", configure_logs=False)
    app.register_blueprint(blueprint(v1.ROUTES, lambda: services))
    return app
