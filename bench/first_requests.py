"""The first request of a container, family by family, compared with a bare program that makes the same clients and
calls.

Each operation is sent once to the whole application over the emulator, with new services, and every response of AWS is
recorded. Fresh interpreters then play them back: one imports ``app`` and serves the event as Lambda would, with its
real clients, adapters, families and use cases but without a network; one stops before the event; the third only makes
the same clients with boto3 and the same calls.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, redirect_stdout, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from boto3.session import Session
from botocore import xform_name
from botocore.exceptions import ClientError

from bench.tape import Answer, Tape

if TYPE_CHECKING:
    from chalice import Chalice

    from chalicelib.bootstrap import Services

COMPILED = "compiled"
"""The folder of compiled templates beside a recording."""
PREPARED = ("dynamodb", "s3", "secretsmanager", "sqs")
"""Every AWS service for which the web service makes a client."""


class Recording(NamedTuple):
    """One request, the calls to AWS for it, and their responses."""

    event: Mapping[str, Any]
    status: int
    environ: Mapping[str, str]
    moment: datetime
    calls: list[tuple[str, str, dict[str, Any]]]
    """Service, method and parameters of each call."""
    answers: list[Answer]
    surface: str = "app"
    """The name of its entry point."""


def container(
    environ: Mapping[str, str], clock: Callable[[], datetime], use: Callable[[str, Any], None], paces: Any = None
) -> Services:
    """New services; ``use`` is called with the name and client of each AWS service they use."""
    from chalicelib import bootstrap  # noqa: PLC0415 - the interpreter that is measured imports app first
    from chalicelib.aws import Clients  # noqa: PLC0415
    from chalicelib.settings import Settings  # noqa: PLC0415
    from chalicelib.storage.wire import speed_up  # noqa: PLC0415

    def prepare(service: str) -> Callable[[Any], Any]:
        def prepared(client: Any) -> Any:
            use(service, client)
            return speed_up(client) if service == "dynamodb" else client

        return prepared

    clients = Clients(Settings.from_environment(environ), environ, {name: prepare(name) for name in PREPARED})
    own = {} if paces is None else {"paces": paces}
    return bootstrap.services(environ, clients=clients, clock=clock, **own)


def record(event: Mapping[str, Any], services: Services, surface: str = "app") -> Recording:
    """Serve an event with new services like these, and record the calls."""
    tape, environ, moment = Tape(), services.environ, services.clock()
    calls: list[tuple[str, str, dict[str, Any]]] = []

    def use(service: str, client: Any) -> None:
        def keep(params: dict[str, Any], model: Any, **_: object) -> None:
            calls.append((service, xform_name(model.name), json.loads(json.dumps(params))))

        client.meta.events.register(f"provide-client-params.{service}", keep)
        tape.record(client)

    made = container(environ, lambda: moment, use)
    answer = answered(started(made, surface), made, event)
    return Recording(event, answer["statusCode"], dict(environ), moment, calls, tape.answers, surface)


def started(services: Services, surface: str = "app") -> Chalice:
    """The Lambda entry point, loaded as Lambda loads it, with these services in its container."""
    from chalicelib import bootstrap  # noqa: PLC0415 - the interpreter that is measured has loaded nothing yet

    loaded = sys.modules.pop("app", None)
    in_the_cloud = {bootstrap.IN_THE_CLOUD: f"lrs-{surface}"}
    try:
        with replaced(bootstrap._container, {"services": services}), replaced(os.environ, in_the_cloud):  # noqa: SLF001
            import app  # noqa: PLC0415

            entry: Chalice = getattr(app, surface)
            return entry
    finally:
        if loaded is not None:  # for those who have imported it before
            sys.modules["app"] = loaded


@contextmanager
def replaced(mapping: MutableMapping[str, Any], values: Mapping[str, Any]) -> Iterator[None]:
    """Inside, a mapping has these values. ``unittest.mock`` would load more than what is measured: asyncio, for one."""
    before = {name: mapping[name] for name in values if name in mapping}
    mapping.update(values)
    try:
        yield
    finally:
        for name in values:
            mapping.pop(name, None)
        mapping.update(before)


def answered(app: Chalice, services: Services, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The response of the Lambda entry point to an event, with these services in its container."""
    from chalicelib import bootstrap  # noqa: PLC0415

    with replaced(bootstrap._container, {"services": services}):  # noqa: SLF001 - as if its environment had said so
        answer: Mapping[str, Any] = app(event, None)
    return answer


class _Recorded(Protocol):
    @property
    def status(self) -> int: ...

    @property
    def answers(self) -> list[Answer]: ...


_Kept = TypeVar("_Kept", bound=_Recorded)


def kept(path: str, of: type[_Kept]) -> tuple[_Kept, Tape]:
    """A recording of this type, and a tape of its responses. Raises TypeError for another one."""
    recording = pickle.loads(Path(path).read_bytes())
    if not isinstance(recording, of):
        raise TypeError(path)
    return recording, Tape(recording.answers)


def require_same(answer: Mapping[str, Any], recording: _Recorded, tape: Tape) -> None:
    """Raises RuntimeError for another response than the recorded one, and for other calls."""
    if answer["statusCode"] != recording.status or not tape.is_at_end:
        raise RuntimeError(f"{answer['statusCode']}: {answer['body']}")


@contextmanager
def silence() -> Iterator[None]:
    """Inside, the log of functions is written as in the cloud, but not shown."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        yield


def load(path: str) -> tuple[Recording, Tape, Services, Chalice]:
    """Only load the entry point that would serve a recorded request."""
    recording, tape = kept(path, Recording)
    made = container(recording.environ, lambda: recording.moment, lambda _, client: tape.play(client))
    with silence():
        use_compiled(path)
        return recording, tape, made, started(made, recording.surface)


def use_compiled(path: str) -> None:
    """Let pages be made from the templates that are compiled beside a recording, as the package has them."""
    folder = Path(path).with_name(COMPILED)
    if folder.is_dir():
        from chalicelib.web.portal import rendering  # noqa: PLC0415 - of the portal alone

        vars(rendering)["COMPILED"] = folder


def serve(path: str) -> None:
    """Load the entry point, and serve a recorded request as the first of this process.

    Raises RuntimeError for a different response or different calls.
    """
    recording, tape, made, app = load(path)
    with silence():
        answer = answered(app, made, recording.event)
    require_same(answer, recording, tape)


def call(path: str) -> None:
    """Only the calls of a recorded request, with plain boto3 clients."""
    recording, tape = kept(path, Recording)
    environ, clients = recording.environ, dict[str, Any]()
    session = Session(
        environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"], region_name=environ["AWS_DEFAULT_REGION"]
    )
    for service, method, params in recording.calls:
        if service not in clients:
            clients[service] = session.client(service, endpoint_url=environ["AWS_ENDPOINT_URL"])
            tape.play(clients[service])
        with suppress(ClientError):  # a failed condition is a response too
            getattr(clients[service], method)(**params)
