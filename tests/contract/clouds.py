"""Where the real adapters are held to their contracts: moto in this process, the emulator, or another endpoint.

Each is made from `infra/stack.json` under a prefix of its own. The tests of a session share one cloud of each kind, so
each test draws numbers of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NoReturn
from urllib.request import Request, urlopen

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.exceptions import ReadTimeoutError

from chalicelib.aws import Clients
from chalicelib.bootstrap import Services, services
from chalicelib.grants import variable_of
from chalicelib.settings import Settings
from chalicelib.storage.wire import speed_up
from local.emulated.mailbox import read_mail
from local.emulated.provision import SERVICES, provision
from local.emulated.stack import REGION, Stack, environment, load_stack, physical_name
from tests.fakes import FakeClock

SETTINGS: Final = {"LRS_READ_TIMEOUT": "30", "LRS_CONNECT_TIMEOUT": "10"}
CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def adapters_stack() -> Stack:
    """What the adapters need of the description: no streams, backups or notifications, which serve the functions."""
    stack = load_stack()
    stack.tables = {
        name: _without(table, "stream") | {"pointInTimeRecovery": False} for name, table in stack.tables.items()
    }
    stack.buckets = {name: _without(bucket, "notifications") for name, bucket in stack.buckets.items()}
    return stack


def _without(body: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != part}


class Cloud:
    """The resources of the description under one prefix, with the clients that the service itself makes."""

    def __init__(self, prefix: str, endpoint: str = "", settings: Mapping[str, str] | None = None) -> None:
        self.prefix = prefix
        self.endpoint = endpoint
        self.stack = adapters_stack()
        self.environment = environment(self.stack, prefix, endpoint) | SETTINGS | (settings or {})
        self.clients = self._clients(speed_up)
        self.plain_clients = self._clients(lambda client: client)
        """Clients with botocore's own serialiser for every call."""

    def _clients(self, for_dynamodb: Callable[[Any], Any]) -> Clients:
        def preparing(service: str) -> Callable[[Any], Any]:
            if service == "dynamodb":
                return lambda client: for_dynamodb(self.prepare(service, client))
            return lambda client: self.prepare(service, client)

        settings = Settings.from_environment(self.environment)
        return Clients(settings, self.environment, {service: preparing(service) for service in SERVICES})

    def prepare(self, _service: str, client: Any) -> Any:
        """A client that has just been made, made ready for this cloud."""
        return client

    def provision(self, services: Collection[str] = SERVICES) -> None:
        """Create the resources of these services and learn the queues' addresses."""
        provision(self.stack, self.prefix, self.clients.__getitem__, services)
        if "sqs" in services:
            for name in self.stack.queues:
                found = self.clients["sqs"].get_queue_url(QueueName=physical_name(self.prefix, name))
                self.environment[variable_of("queues", name)] = found["QueueUrl"]

    def adapters(self, clock: FakeClock) -> Services:
        """The real adapters over this cloud, made anew: a model is bound to whichever services bound it last."""
        return services(self.environment, clients=self.clients, clock=clock)

    def send(self, request: Request) -> tuple[Mapping[str, str], bytes]:
        """What a link or a form answers to a browser: headers and content."""
        with urlopen(request) as answer:
            return answer.headers, answer.read()

    def mails(self, to: str) -> list[tuple[str, str]]:
        """Subject and text of every mail sent to an address."""
        raise NotImplementedError

    def lose_the_next_answer(self) -> None:
        """Let the next call to DynamoDB take effect and lose its answer, so that botocore repeats the call."""
        session = self.clients["dynamodb"]._endpoint.http_session
        send = session.send

        def send_and_lose(request: Any) -> NoReturn:
            session.send = send
            send(request)
            raise ReadTimeoutError(endpoint_url=request.url)

        session.send = send_and_lose


class EmulatedCloud(Cloud):
    """The emulator of the local cloud."""

    def mails(self, to: str) -> list[tuple[str, str]]:
        return [(mail.subject, mail.text) for mail in read_mail(self.endpoint, to)]


class MotoCloud(Cloud):
    """moto, which answers in this process. Only the clients of this cloud reach it; nothing else is patched."""

    def __init__(self, prefix: str) -> None:
        from moto.core.botocore_stubber import BotocoreStubber

        self._moto = BotocoreStubber()
        self._moto.enabled = True
        self._lose_next = False
        super().__init__(prefix, settings={"LRS_TRIES": "2"})

    def prepare(self, _service: str, client: Any) -> Any:
        client.meta.events.register_first("before-send", self._answer)
        return client

    def _answer(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        response = self._moto(event_name, request)
        if self._lose_next:
            self._lose_next = False
            raise ReadTimeoutError(endpoint_url=request.url)
        return response

    def send(self, request: Request) -> tuple[Mapping[str, str], bytes]:
        headers = HeadersDict(request.header_items())
        sent = AWSPreparedRequest(request.get_method(), request.full_url, headers, request.data, stream_output=False)
        answer = self._moto("before-send", sent)
        assert answer is not None
        assert answer.status_code < 300
        return answer.headers, answer.content

    def mails(self, to: str) -> list[tuple[str, str]]:
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.ses.models import ses_backends

        sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
        return [(mail.subject, mail.body) for mail in sent if to in mail.destinations["ToAddresses"]]

    def lose_the_next_answer(self) -> None:
        self._lose_next = True
