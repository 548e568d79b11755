"""The parts of ``bootstrap.Services`` that the web service uses, over one world of fakes."""

from __future__ import annotations

from chalice import Chalice

from chalicelib.domain.throttles import Pace, PaceClass
from chalicelib.services.batches.line import BatchLine
from chalicelib.services.batches.submit import BatchJobs, SubmitPorts
from chalicelib.services.throttles import Throttles
from chalicelib.services.tokens import TokenPorts, TokenRules, Tokens
from chalicelib.settings import Settings
from chalicelib.web import rest as v1
from chalicelib.web.http.routes import blueprint
from tests.fakes.personal import challenges, personal_records
from tests.fakes.singles import achievement_lists, achievement_services
from tests.fakes.world import FakeWorld

UNLIMITED = Pace(1_000_000, 1_000_000_000)
"""The clock of a world stands still, and with it what flows back into a bucket."""


class FakeServices:
    """Real use cases over fakes."""

    def __init__(self, world: FakeWorld) -> None:
        self.accounts = world.accounts
        self.audit = world.audit
        self.clock = world.clock
        self.settings = Settings()
        rules = TokenRules(self.settings.token_issuer, self.settings.token_audience)
        self.tokens = Tokens(TokenPorts(world.credential_table, world.token_keys, world.clock, world.new_id), rules)
        self.throttles = Throttles(world.paces, dict.fromkeys(PaceClass, UNLIMITED), world.clock)
        self.answers = world.answers
        self.achievement_services = achievement_services(world)
        self.achievement_lists = achievement_lists(world)
        self.personal_records = personal_records(world)
        self.challenges = challenges(world)
        self.learner_services = world.learner_services
        self.learner_links = world.learner_links
        self.pending_decisions = world.pending_decisions
        self.verify_learner = world.verify_learner
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
