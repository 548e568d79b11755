"""The real functions over the local cloud, each with its own services, which only get its own variables."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

import app
from chalicelib import bootstrap
from chalicelib.cloud.clock import now
from chalicelib.grants import needs
from chalicelib.ports.clock import Clock
from chalicelib.settings import Settings, settable, variable
from chalicelib.web.http.bodies import FORM
from chalicelib.web.http.guard import TOKEN_PATH
from local.commands.access import basic
from local.emulated.cloud import ProvisionedCloud
from local.emulated.stack import Function
from local.lambda_runtime.event_sources import EventSources
from local.lambda_runtime.invocation import ThreadWorkers, call, load_handler
from local.lambda_runtime.pace import AT_ONCE
from local.samples import seed
from local.samples.world import Samples
from tests.builders.actions import Actions
from tests.builders.web import Answer, web_client

UKPRN, DESK = "90000051", "90000001"


class Reads(NamedTuple):
    """The variables that a function was given, and those it has read."""

    given: frozenset[str]
    read: set[str]
    shared: frozenset[str]
    """The settings of every function, which not every function reads."""

    @property
    def undeclared(self) -> set[str]:
        return self.read - self.given

    @property
    def unused(self) -> set[str]:
        return self.given - self.read - self.shared


class Functions:
    """Every function of the description, called by the local cloud's event sources in this process."""

    def __init__(self, cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch, world: Samples) -> None:
        self.cloud = cloud
        self.services = bootstrap.services(cloud.environment)
        seed.seed(self.services, world)
        self.reads: dict[str, Reads] = {}
        self._tokens: dict[str, str] = {}
        self.made: dict[str, bootstrap.Services] = {}
        self.actions = Actions(cloud.prefix, monkeypatch)
        self.actions.called = self.call
        for name, function in cloud.stack.functions.items():
            self.made[name] = self._services(name, function)
            module = importlib.import_module(function.handler.rpartition(".")[0])
            if module is not app and hasattr(module, "services"):
                monkeypatch.setattr(module, "services", self._giver(name))
        surfaces = {needs(one.name): self._giver(one.name) for one in cloud.stack.surfaces.values()}
        monkeypatch.setattr(app.bootstrap, "services", lambda needs: surfaces[needs](needs=needs))
        handlers = {name: self._handler(function) for name, function in cloud.stack.functions.items()}
        self.sources = EventSources(cloud, ThreadWorkers(handlers), pace=AT_ONCE)

    def _services(self, name: str, function: Function) -> bootstrap.Services:
        environ = {
            key: value
            for key, value in self.cloud.environment.items()
            if not key.startswith("LRS_") or key in function.environment
        }
        reads = self.reads[name] = Reads(frozenset(function.environment), set(), frozenset(self.cloud.stack.settings))
        settings = Settings.from_environment(environ, needs(name))

        class Watched(Settings):
            """Settings that note what is read of them."""

            def __getattribute__(self, field: str) -> Any:
                if variable(field) in function.settings:
                    reads.read.add(variable(field))
                return super().__getattribute__(field)

            def need(self, name: str) -> str:
                reads.read.add(variable(name))
                return super().need(name)

        watched = Watched(
            resources=settings.resources, **{spec.name: getattr(settings, spec.name) for spec in settable()}
        )
        reads.read.clear()
        return bootstrap.Services(watched, environ)

    def _handler(self, function: Function) -> Callable[[Any, Any], Any]:
        handler = load_handler(function.handler)

        def watched(event: Any, context: Any) -> Any:
            with self.actions.running(function.name):
                return handler(event, context)

        return watched

    def _giver(self, name: str) -> Any:
        def services(environ: Mapping[str, str] | None = None, needs: tuple[str, ...] = ()) -> bootstrap.Services:
            assert environ is None
            assert set(needs) <= self.reads[name].given
            return self.made[name]

        return services

    def drop(self, data: bytes, filename: str, ukprn: str = UKPRN, kind: str = "achievements") -> str:
        """Drop a file under the organisation's prefix, and return its job's id."""
        from local.commands.demo_kinds import DEMO_KINDS
        from local.commands.submission import Dropped

        return Dropped(self.cloud, self.services, ukprn, filename, data, DEMO_KINDS[kind]).job_id

    def drain(self, *queues: str) -> None:
        """Deliver what is in these queues, or everything until nothing is left."""
        if not queues:
            self.sources.drain()
        for source in self.sources.queues:
            while source.mapping.queue in queues and source.drain_once():
                continue

    def fail_once(self, queue: str, resource: str, messages: int = 1) -> None:
        """Deliver messages of a queue, each once, while calls on resources like this one fail."""
        (source,) = [source for source in self.sources.queues if source.mapping.queue == queue]
        received = [message for _ in range(messages) for message in source._receive(1, wait_seconds=0)]
        assert len(received) == messages
        with self.actions.failing(resource):
            for message in received:
                source.deliver([message])

    def later(self, name: str, by: timedelta) -> None:
        """Set a function's clock forward."""
        self.set_clock(name, lambda: now() + by)

    def set_clock(self, name: str, clock: Clock) -> None:
        """Give a function another clock."""
        made = self.made[name]
        self.made[name] = bootstrap.Services(made.settings, made.environ, clients=made.clients, clock=clock)

    def call(self, name: str, event: Any) -> Any:
        """A function's answer to an event."""
        function = self.cloud.stack.functions[name]
        return call(self._handler(function), event, name, function.memory_megabytes, function.timeout_seconds)

    def request(
        self, method: str, path: str, document: Mapping[str, Any] | None = None, ukprn: str = UKPRN, **headers: str
    ) -> Answer:
        """What the web service answers to the system of a sample organisation."""
        with self.actions.running("api"), web_client(app.app, self._token(ukprn)) as send:
            return send(method, path, document, **headers)

    def _token(self, ukprn: str) -> str:
        """The token of a sample organisation's system, which is given one once."""
        if ukprn not in self._tokens:
            credential = seed.sample_credential(ukprn)
            assert credential is not None
            with web_client(app.app, "") as send:
                form = b"grant_type=client_credentials"
                answer = send("POST", TOKEN_PATH, form, Authorization=basic(credential), Content_Type=FORM)
            self._tokens[ukprn] = answer.document["access_token"]
        return self._tokens[ukprn]

    def items(self, table: str) -> list[dict[str, Any]]:
        """Every item of a table, as DynamoDB writes it."""
        return items_of(self.cloud, table)


def items_of(cloud: ProvisionedCloud, table: str) -> list[dict[str, Any]]:
    """Every item of a table by its name in the description, as DynamoDB writes it."""
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=cloud.table(table))
    return [item for page in pages for item in page["Items"]]
