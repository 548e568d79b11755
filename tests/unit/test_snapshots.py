"""A function that starts from a snapshot: nothing is left to be made, and nothing in it is too old or lost."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import app
from chalicelib import aws, bootstrap, reference, snapshots
from chalicelib.bootstrap import CLIENTS, Adapter, Services, start
from chalicelib.cloud.token_keys import READ_AGAIN, renewed
from chalicelib.grants import needs
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.identity import TokenNotGenuine
from chalicelib.settings import Settings
from chalicelib.storage import wire
from chalicelib.web.http.rehearsal import CLIENT, TIMES, credential, rehearse
from chalicelib.web.http.routes import loaded
from chalicelib.web.rest.table import ENTRIES
from local.emulated.stack import environment, load_stack
from tests.builders.achievements import learner
from tests.builders.web import TOKEN, organised_world
from tests.fakes import FakeWorld
from tests.fakes.web import application

pytestmark = pytest.mark.req("SLA-01")

NEEDS = needs("api")


def use(my: Services) -> None:
    _ = my.lists, my.token_keys.prepared(), my.sealing


class Runtime(ModuleType):
    """The part of Lambda's runtime that calls hooks, with the names and the order of AWS's own."""

    def __init__(self) -> None:
        super().__init__("snapshot_restore_py")
        self.before: list[Callable[[], object]] = []
        self.after: list[Callable[[], object]] = []

    def register_before_snapshot(self, hook: Callable[..., object], *given: Any) -> None:
        self.before.insert(0, lambda: hook(*given))

    def register_after_restore(self, hook: Callable[..., object], *given: Any) -> None:
        self.after.append(lambda: hook(*given))

    def snapshot(self) -> None:
        for hook in self.before:
            hook()

    def restore(self) -> None:
        for hook in self.after:
            hook()


class Vault:
    """Secrets that can be replaced, and fail."""

    def __init__(self) -> None:
        self.texts = {"lrs-snap-token-keys": renewed("", datetime(2026, 1, 1, tzinfo=UTC))}
        self.reads: list[str] = []
        self.down = False
        self.empty = False

    def read(self, _client: object, name: str) -> str:
        if self.down:
            raise TemporaryFailure("secrets.read")
        if self.empty:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        self.reads.append(name)
        return self.texts.setdefault(name, secrets.token_hex(32))


class Clients(dict[str, object]):
    """Clients that note what becomes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.rehearsed = 0
        self.disconnected = 0

    def __missing__(self, service: str) -> object:
        return self.setdefault(service, object())

    @contextmanager
    def unsent(self) -> Iterator[None]:
        self.rehearsed += 1
        yield

    def disconnect(self) -> None:
        self.disconnected += 1


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    made = Runtime()
    monkeypatch.setitem(sys.modules, made.__name__, made)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "lrs-snap-api")
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
    for name, value in environment(load_stack(), "lrs-snap", "http://127.0.0.1:9").items():
        monkeypatch.setenv(name, value)
    frozen: list[str] = []
    monkeypatch.setattr(snapshots.gc, "freeze", lambda: frozen.append("frozen"))
    return made


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Vault:
    made = Vault()
    monkeypatch.setattr("chalicelib.cloud.secrets.read_secret", made.read)
    return made


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch, world: FakeWorld, runtime: Runtime, vault: Vault) -> dict[str, Services]:
    """A container before it loads the code; files and clock are fakes."""
    assert not vault.reads + runtime.before
    made: dict[str, Services] = {}
    monkeypatch.setattr(bootstrap, "_container", made)
    for name, adapter in (("files", world.files), ("clock", world.clock), ("clients", Clients())):
        replaced: Adapter[object] = Adapter(lambda _, adapter=adapter: adapter)
        replaced.__set_name__(Services, name)
        monkeypatch.setattr(Services, name, replaced)
    return made


@pytest.fixture
def container(unloaded: dict[str, Services], runtime: Runtime, vault: Vault) -> dict[str, Services]:
    """A container that has loaded the code for a snapshot."""
    start(NEEDS, use)
    assert unloaded
    assert vault.reads
    assert runtime.before
    return unloaded


def test_before_a_snapshot_every_part_is_made_and_no_connection_stays(
    container: dict[str, Services], runtime: Runtime
) -> None:
    runtime.snapshot()
    made = container["services"]
    assert {"achievement_services", "personal_records", "learner_services", "batch_submit"} <= vars(made).keys()
    clients: Any = made.clients
    assert clients.disconnected == 1


def test_the_portal_starts_with_the_client_of_every_page_and_has_every_client_in_a_snapshot(
    unloaded: dict[str, Services], runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "start", lambda needs, use, rest, first: rest and start(needs, use, first=first))
    assert app._SURFACES["portal"]()
    clients: Any = unloaded["services"].clients
    assert set(clients) == {"dynamodb"}
    runtime.snapshot()
    called = {one for prefix, one in CLIENTS.items() if any(name.startswith(prefix) for name in needs("portal"))}
    assert set(clients) >= called > {"dynamodb", "s3", "secretsmanager"}


def test_services_of_a_rehearsal_send_nothing_and_are_forgotten(container: dict[str, Services]) -> None:
    made = container["services"]
    made.complete()
    clients: Any = made.clients
    with bootstrap.rehearsal(made) as played:
        assert container["services"] is played
        assert clients.rehearsed == 1
    assert container["services"] is made


def test_a_token_of_a_rehearsal_opens_nothing_elsewhere(container: dict[str, Services]) -> None:
    made = container["services"]
    made.complete()
    with bootstrap.rehearsal(made) as played:
        token = played.tokens.grant(credential(made.clock())).token
        assert played.token_keys.verify(token).client_id == CLIENT
    with pytest.raises(TokenNotGenuine):
        made.token_keys.verify(token)


def test_the_key_of_identities_of_a_rehearsal_stays_in_it(container: dict[str, Services], vault: Vault) -> None:
    made = container["services"]
    made.complete()
    before = list(vault.reads)
    with bootstrap.rehearsal(made) as played:
        rehearsed = played.digests.of(learner())
        assert played.learner_register is not made.learner_register
        assert played.pending_matches is not made.pending_matches
    assert vault.reads == before
    assert made.digests.of(learner()) != rehearsed


def test_what_is_still_right_is_used_again(container: dict[str, Services], runtime: Runtime) -> None:
    runtime.snapshot()
    made = container["services"]
    runtime.restore()
    assert container["services"] is made


def test_a_key_that_was_replaced_since_is_not_used(
    container: dict[str, Services], runtime: Runtime, vault: Vault
) -> None:
    runtime.snapshot()
    made = container["services"]
    vault.texts["lrs-snap-cursor-key"] = "ab" * 32
    runtime.restore()
    sealed = container["services"].sealing.seal("answer", "here")
    assert container["services"] is not made
    with pytest.raises(Exception, match=r"^$"):
        made.sealing.open(sealed, "here")


def test_a_list_that_was_replaced_since_is_not_used(
    container: dict[str, Services], runtime: Runtime, world: FakeWorld
) -> None:
    runtime.snapshot()
    assert not reference.lists().prohibits("plonker")
    world.files.put("catalogue", "lists/prohibited-words.txt", b"plonker\n")
    runtime.restore()
    assert reference.lists().prohibits("plonker")
    assert container["services"].lists is reference.lists()


def test_keys_of_tokens_are_read_again_when_they_are_old(
    container: dict[str, Services], runtime: Runtime, vault: Vault, world: FakeWorld
) -> None:
    runtime.snapshot()
    world.clock.now += READ_AGAIN + timedelta(days=60)
    before = vault.reads.count("lrs-snap-token-keys")
    runtime.restore()
    assert vault.reads.count("lrs-snap-token-keys") == before + 1


@pytest.mark.req("SEC-01")
def test_a_snapshot_without_secrets_serves_as_soon_as_they_are_filled(
    unloaded: dict[str, Services], runtime: Runtime, vault: Vault
) -> None:
    vault.empty = True
    start(NEEDS, use)
    runtime.snapshot()
    vault.empty = False
    runtime.restore()
    made = unloaded["services"]
    token = made.tokens.grant(credential(made.clock())).token
    assert made.token_keys.verify(token).client_id == CLIENT
    assert made.page_tokens
    assert made.digests.of(learner())


def test_a_restore_without_the_secrets_starts_all_the_same(
    container: dict[str, Services], runtime: Runtime, vault: Vault
) -> None:
    runtime.snapshot()
    made = container["services"]
    vault.down = True
    runtime.restore()
    assert container["services"] is made


def test_a_start_does_not_wait_for_what_takes_too_long(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, unloaded: dict[str, Services]
) -> None:
    answered, done = threading.Event(), threading.Event()
    monkeypatch.setattr(snapshots, "PATIENCE", 0.01)
    snapshots.hook(os.environ, dict, lambda: answered.wait(30) and done.set())
    runtime.restore()
    assert not unloaded
    assert not done.is_set()
    answered.set()
    assert done.wait(30)


def test_containers_of_one_snapshot_draw_other_numbers(container: dict[str, Services], runtime: Runtime) -> None:
    assert container
    runtime.snapshot()
    state = random.getstate()
    runtime.restore()
    one = random.random()
    random.setstate(state)
    runtime.restore()
    assert random.random() != one


def test_containers_of_one_snapshot_give_other_identifiers_secrets_and_tokens(
    container: dict[str, Services], runtime: Runtime
) -> None:
    runtime.snapshot()
    drawn = [_in_a_copy(lambda: _drawn(container, runtime)) for _ in range(2)]
    for one, other in zip(*drawn, strict=True):
        assert one != other


def _drawn(container: dict[str, Services], runtime: Runtime) -> list[str]:
    """What a container draws first after a restore."""
    runtime.restore()
    made = container["services"]
    token = made.tokens.grant(credential(made.clock())).token
    return [made.new_id(), made.new_secret(), made.token_keys.verify(token).token_id, str(made.draw(10**18))]


def _in_a_copy(work: Callable[[], list[str]]) -> list[str]:
    """What this returns in a copy of the process, whose memory is the same."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(30)
        try:
            os.write(writing, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        found: list[str] = json.load(answer)
    os.waitpid(child, 0)
    return found


class Peer(BaseHTTPRequestHandler):
    """DynamoDB at the other end of connections, which are lost while a snapshot is kept."""

    protocol_version = "HTTP/1.1"
    connections = 0
    lost = False

    def setup(self) -> None:
        super().setup()
        type(self).connections += 1
        self.number = type(self).connections

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if type(self).lost and self.number == 1:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(("disconnects", "retries"), [(True, 0), (False, 1)])
def test_the_first_call_after_a_restore_succeeds_and_is_not_repeated_if_connections_were_closed(
    monkeypatch: pytest.MonkeyPatch, disconnects: bool, retries: int
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    monkeypatch.setattr(Peer, "connections", 0)
    monkeypatch.setattr(Peer, "lost", False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Peer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = Settings(region="eu-west-2", endpoint=f"http://127.0.0.1:{server.server_port}")
        clients = aws.Clients(settings, {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"})
        clients["dynamodb"].get_item(TableName="t", Key={})
        if disconnects:
            clients.disconnect()
        Peer.lost = True
        answer = clients["dynamodb"].get_item(TableName="t", Key={})
        clients.disconnect()
        server.shutdown()
    assert answer["ResponseMetadata"]["RetryAttempts"] == retries
    assert Peer.connections == 2


class Credentials(BaseHTTPRequestHandler):
    """What Lambda gives a container that starts from a snapshot: each answer has another key, and soon expires."""

    given = 0

    def do_GET(self) -> None:
        type(self).given += 1
        expires = datetime.now(UTC) + timedelta(minutes=1)
        found = {
            "AccessKeyId": f"KEY{self.given}",
            "SecretAccessKey": "s",
            "Token": "t",
            "Expiration": f"{expires:%FT%TZ}",
        }
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_the_credentials_of_a_snapshot_are_read_again_before_they_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Credentials) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{server.server_port}/credentials")
        settings = Settings(region="eu-west-2", endpoint="http://127.0.0.1:9")
        signer = aws.Clients(settings, os.environ)["dynamodb"]._request_signer
        keys = {signer._credentials.get_frozen_credentials().access_key for _ in range(3)}
        server.shutdown()
    assert len(keys) == 3


def test_a_rehearsed_call_is_not_sent_and_the_next_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
    settings = Settings(region="eu-west-2", endpoint="http://127.0.0.1:9", tries=1)
    clients = aws.Clients(settings, environ, {"dynamodb": wire.speed_up})
    client = clients["dynamodb"]
    statement = {"Statement": "SELECT * FROM t"}
    with clients.unsent():
        assert client.query(TableName="t")["Items"] == []
        assert len(client.batch_execute_statement(Statements=[statement, statement])["Responses"]) == 2
        assert clients["s3"].put_object(Bucket="b", Key="k", Body=b"")  # a client that is made inside sends nothing too
    clients.disconnect()
    with pytest.raises(EndpointConnectionError):
        client.get_item(TableName="t", Key={})


def test_every_route_is_loaded_and_answers_a_request() -> None:
    app = application(organised_world())
    statuses = list(rehearse(app, ENTRIES, TOKEN))
    assert len(statuses) == TIMES * len(ENTRIES)
    assert statuses.count(401) == TIMES  # the route for tokens does not know the credential of rehearsals
    assert 500 not in statuses
    assert loaded.cache_info().currsize >= len(ENTRIES)


@pytest.mark.usefixtures("runtime", "vault")
def test_without_a_snapshot_nothing_is_registered(monkeypatch: pytest.MonkeyPatch, runtime: Runtime) -> None:
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
    monkeypatch.setattr(bootstrap, "_container", {})
    start(NEEDS, lambda _: None)
    assert (runtime.before, runtime.after) == ([], [])
