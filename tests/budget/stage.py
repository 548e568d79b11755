"""The portal over the local cloud with the sample world, somebody signed in, and a meter around every client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice import Chalice

from bench.meter import Meter
from chalicelib import bootstrap
from chalicelib.domain.accounts import Password, Question
from chalicelib.domain.jobs import ACHIEVEMENTS, Source
from chalicelib.domain.passwords import prepared
from chalicelib.ports.messages import Delivered
from chalicelib.services.organisations import granted_roles
from chalicelib.web.portal import routing, table
from local.emulated.cloud import ProvisionedCloud
from local.samples import seed
from local.samples.world import samples
from tests.budget.page_costs import AWARDING, DESK, PROVIDER, Cost
from tests.builders.accounts import account
from tests.builders.achievements import csv_file, record
from tests.builders.functions import items_of
from tests.builders.portal import RIGHT, Browser, Seen

FILE = f"QCF_{AWARDING}_20261122_901.csv"


class Stage:
    """What the budgets of pages are counted with. Time stands still: a session's last request is not stored again."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        moment = bootstrap.services(cloud.environment).clock()
        self.services = bootstrap.services(cloud.environment, clock=lambda: moment)
        self._cloud = cloud
        self._world = samples(learners=60)
        seed.seed(self.services, self._world)
        learner = self._world.learners[0]
        self.known = {"uln": learner.uln, "given_name": learner.given_name, "family_name": learner.family_name}
        self.known |= {"user_name": "", "password": RIGHT}
        self.known["job"] = self._job()
        self.known["load"] = self._load()
        self.meter = Meter()
        for client in ("dynamodb", "s3", "sqs", "ses", "lambda"):
            self.meter.attach(self.services.clients[client])
        self.app = Chalice(app_name="pages-on-the-stage", configure_logs=False)
        self.app.register_blueprint(routing.blueprint(lambda: self.services))
        self._browsers = {ukprn: self._signed_in(ukprn) for ukprn in (AWARDING, PROVIDER, DESK)}

    def _signed_in(self, ukprn: str) -> Browser:
        """Somebody with every role that this organisation can have."""
        services = self.services
        now = services.clock()
        own = account(
            f"amelia{ukprn}",
            ukprn,
            roles=granted_roles(self._world.organisation(ukprn)),
            password=Password(services.password_hasher.hash(prepared(RIGHT)), now),
            question=Question("PET", "not used"),
        )
        services.user_table.create(own, services.user_table.roll(ukprn))
        self.known["user_name"] = own.user_name
        browser = Browser(self.app)
        browser.fill_in("/sign-in", user_name=own.user_name, password=RIGHT)
        browser.submit("/sign-in/user-agreement", choice="accept")
        assert browser.open("/").title.startswith("Welcome")
        return browser

    def _job(self) -> str:
        """A job of which one record failed."""
        key = f"drop/{AWARDING}/{ACHIEVEMENTS}/{FILE}"
        services = self.services
        services.files.write("inbox", key, csv_file([record(0, Gender="7")], AWARDING, FileName=FILE), "text/csv")
        (stored,) = services.files.versions("inbox", key).items
        job = services.batch_split.run(Delivered(Source("inbox", key, stored.version), services.clock()))
        services.batch_apply.run(job.job_id, 0)
        services.batch_finish.run(job.job_id)
        return job.job_id

    def _load(self) -> str:
        """A load of a register that was refused, since it is nearly empty."""
        heads = b"Qualification Number,Qualification Title,Owner Organisation Recognition Number"
        self.services.files.write("catalogue", "registers/Qualifications.csv", heads, "text/csv")
        self.services.import_register.run_stored(["registers/Qualifications.csv"])
        return self.services.loads.registers()[0].name

    def count(self, cost: Cost) -> Seen:
        """Send the request of a page; the meter has what it cost."""
        browser = self._opened(cost)
        for name in self._cloud.stack.tables:
            self.meter.learn(self._cloud.table(name), items_of(self._cloud, name))
        self.meter.reset()
        return self._sent(cost, browser)

    def event(self, cost: Cost) -> Mapping[str, Any]:
        """The event of a page's request, which is sent."""
        browser = self._opened(cost)
        self._sent(cost, browser)
        return browser.event

    def _opened(self, cost: Cost) -> Browser:
        """A browser that has seen what the page before had to say, or the form."""
        browser = self._browsers[cost.by] if cost.by else Browser(self.app)
        browser.open(self._path(cost) if cost.entered else table.HELP)
        return browser

    def _sent(self, cost: Cost, browser: Browser) -> Seen:
        path, entered = self._path(cost), {name: text.format(**self.known) for name, text in cost.entered.items()}
        if cost.sends_file:
            return browser.upload(path, (FILE, csv_file([record(0)], AWARDING, FileName=FILE)), **entered)
        return browser.submit(path, **entered) if entered else browser.get(path)

    def _path(self, cost: Cost) -> str:
        return cost.path.format(**self.known)
