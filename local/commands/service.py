"""The whole service on this machine: the emulated cloud, its sample data, the pipeline's functions, and the surfaces:
the web service and the portal.

    with LocalService() as service:
        service.address, service.portal_address, service.cloud, service.services

It writes to `.local/`: the cloud's state, the logs of the functions and of the surfaces and, while the surfaces are
running, `service.json` with the address of the web service, so that other commands find it.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self, TextIO

from chalicelib import bootstrap
from chalicelib.observability import SERVICE
from chalicelib.ports.journal import SILENT
from local.commands.lists import lists_of, put_lists
from local.emulated.access_log import AccessLog, access_log_group
from local.emulated.cloud import DEFAULT_PORT, STATE, CloudError, LocalCloud, ProvisionedCloud, running_endpoint
from local.emulated.gateway_responses import described
from local.emulated.metrics import MetricForwarder, standard_output_to
from local.emulated.stack import load_stack
from local.lambda_runtime.calls import ENDPOINT, FunctionCalls
from local.lambda_runtime.event_sources import EventSources
from local.lambda_runtime.gateway import Gateway
from local.lambda_runtime.invocation import ThreadWorkers
from local.lambda_runtime.worker_pool import ProcessWorkers
from local.samples.seed import seed_if_empty
from local.samples.users import let_in

if TYPE_CHECKING:
    from chalice import Chalice

WEB_PORT = 8081
PORTAL_PORT = 8080


class Ports(NamedTuple):
    """The ports on 127.0.0.1; 0 means any free one."""

    cloud: int = DEFAULT_PORT
    web: int = WEB_PORT
    portal: int = PORTAL_PORT


class LocalService:
    """Everything that `make run` starts; start and stop, or use as a context.

    `web` False leaves the surfaces out. `lists` is a folder of the operator's lists to use. `say` is called with a
    sentence about each step.
    """

    def __init__(
        self,
        *,
        state: Path = STATE,
        ports: Ports = Ports(),  # noqa: B008 - a value
        web: bool = True,
        keep_state: bool = True,
        lists: Path | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.state = state
        known = {"LRS_PORTAL_URL": (ports.portal, ""), "LRS_PROBE_URL": (ports.web, "/health")}
        places = {name: f"http://127.0.0.1:{port}{path}" for name, (port, path) in known.items() if port}
        self.cloud = LocalCloud(state=state, port=ports.cloud, keep_state=keep_state, stack=load_stack(settings=places))
        self.address = ""
        """The address of the web service; empty if it is left out."""
        self.portal_address = ""
        """The address of the portal; empty if it is left out."""
        self.ports = ports
        self._web = web
        self.lists = lists
        self._say = say
        self._started = ExitStack()

    @cached_property
    def services(self) -> bootstrap.Services:
        """The service's own stores and use cases, over the local cloud."""
        return bootstrap.services(os.environ)

    def start(self) -> None:
        """Start everything.

        Raises `CloudError` if a port is in use or the emulator does not start, and `ListError` for wrong lists.
        """
        with ExitStack() as undo:
            self._say("Starting the local cloud")
            self._take_log_lines(undo)
            undo.enter_context(self.cloud)
            use_cloud(self.cloud)
            if seed_if_empty(self.cloud):
                self._say("Seeded sample organisations, learners and aims")
            if self._web:
                let_in(self.services)
            if self.lists is not None:
                self._say("Using your lists: " + ", ".join(put_lists(self.cloud, lists_of(self.lists))))
            forwarder = MetricForwarder(self.cloud.client("cloudwatch"))
            forwarder.start()
            undo.callback(forwarder.stop)
            workers = self._workers(undo, forwarder)
            undo.enter_context(EventSources(self.cloud, workers, checkpoints=self.state / "checkpoints.json"))
            if self._web:
                undo.enter_context(standard_output_to(forwarder.take))
                self._start_surfaces(undo, workers)
            self._started = undo.pop_all()

    def stop(self) -> None:
        """Stop everything, in reverse order; the state is kept."""
        self._started.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _workers(self, undo: ExitStack, forwarder: MetricForwarder) -> ProcessWorkers:
        log = undo.enter_context((self.state / "functions.log").open("w", encoding="utf-8", buffering=1))
        lock = threading.Lock()

        def take(line: str) -> None:
            if not forwarder.take(line):
                with lock:
                    log.write(line + "\n")

        workers = ProcessWorkers(os.environ, log=take)
        workers.warm(
            list({mapping.function.name: mapping.function for mapping in self.cloud.stack.queue_mappings()}.values())
        )
        return workers

    def _take_log_lines(self, undo: ExitStack) -> None:
        """Write what this process logs to `web.log`: like any function it prints its log lines."""
        self.state.mkdir(parents=True, exist_ok=True)
        log = undo.enter_context((self.state / "web.log").open("w", encoding="utf-8", buffering=1))
        undo.callback(_log_to(log))

        def take(line: str) -> bool:
            logged = line.startswith('{"level":')
            if logged:
                log.write(line + "\n")
            return logged

        undo.enter_context(standard_output_to(take))

    def _start_surfaces(self, undo: ExitStack, background: ProcessWorkers) -> None:
        stack = self.cloud.stack
        calls = undo.enter_context(FunctionCalls(stack.functions, self.cloud.prefix, ThreadWorkers(), background))
        os.environ[ENDPOINT] = calls.url
        undo.callback(os.environ.pop, ENDPOINT, None)
        import app  # the surfaces are made here, with the variables of the local cloud

        self.address = self._start_surface(undo, "web", app.app, self.ports.web)
        self.portal_address = self._start_surface(undo, "portal", app.portal, self.ports.portal)
        where = self.state / "service.json"
        found = {"address": self.address, "portal": self.portal_address, "pid": os.getpid()}
        where.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        undo.callback(lambda: where.unlink(missing_ok=True))

    def _start_surface(self, undo: ExitStack, surface: str, application: Chalice, port: int) -> str:
        access_log = AccessLog(self.cloud.client("logs"), access_log_group(self.cloud.prefix, surface))
        access_log.start()
        undo.callback(access_log.stop)
        try:
            gateway = undo.enter_context(
                Gateway(
                    application,
                    port=port,
                    responses=described(surface),
                    compress_from=self.cloud.stack.compress_from.get(surface),
                    log=access_log.put,
                )
            )
        except OSError as error:
            raise CloudError(f"Cannot use port {port} on 127.0.0.1 for the surface {surface}: {error}") from error
        return gateway.url


class RunningService:
    """A service started by another process of this checkout, as a client sees it."""

    def __init__(self, state: Path, cloud: ProvisionedCloud, address: str) -> None:
        self.state = state
        self.cloud = cloud
        self.address = address

    @cached_property
    def services(self) -> bootstrap.Services:
        """The service's own stores and use cases, over the local cloud. The service itself logs what is amiss."""
        return bootstrap.services(os.environ, journal=SILENT)


def running_service(state: Path = STATE) -> RunningService | None:
    """The service running from this checkout, or None. Its address is empty if only the cloud is running."""
    found = running_endpoint(state)
    if found is None:
        return None
    cloud = ProvisionedCloud(*found, load_stack())
    use_cloud(cloud)
    try:
        address = json.loads((state / "service.json").read_text(encoding="utf-8"))["address"]
    except (OSError, ValueError):
        address = ""
    return RunningService(state, cloud, address)


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the options for the service's state and its ports on 127.0.0.1."""
    parser.add_argument("--state", type=Path, default=STATE, help="the folder of its state (.local)")
    parser.add_argument("--port", type=int, default=WEB_PORT, help=f"of the web service ({WEB_PORT}); 0 for any")
    portal_help = f"of the portal ({PORTAL_PORT}); 0 for any"
    parser.add_argument("--portal-port", type=int, default=PORTAL_PORT, help=portal_help)
    cloud_help = f"of the local cloud ({DEFAULT_PORT}); 0 for any"
    parser.add_argument("--cloud-port", type=int, default=DEFAULT_PORT, help=cloud_help)


def chosen_ports(chosen: argparse.Namespace) -> Ports:
    """The ports of these options."""
    return Ports(chosen.cloud_port, chosen.port, chosen.portal_port)


def use_cloud(cloud: ProvisionedCloud) -> None:
    """Give this process, and the processes it starts, the environment of the cloud's functions."""
    os.environ |= cloud.environment


def _log_to(stream: TextIO) -> Callable[[], None]:
    """Write this process's log to a file; returns a function that undoes this."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(lambda record: record.name != SERVICE)  # it prints its own lines
    root = logging.getLogger()
    root.addHandler(handler)
    before = root.level
    root.setLevel(logging.INFO)

    def undo() -> None:
        root.setLevel(before)
        root.removeHandler(handler)

    return undo
