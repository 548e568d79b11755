"""The clouds that the contract tests run the real adapters on: moto in this process, the emulator, or another endpoint.

Each is created from `infra/stack.json` under its own prefix. The tests of a session share one cloud of each kind, so
each test draws its own numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from chalicelib.aws import Clients, error_code
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


class Cloud:
    """The resources of the description under one prefix, with the clients that the service itself makes."""

    def __init__(self, prefix: str, endpoint: str = "", settings: Mapping[str, str] | None = None) -> None:
        self.prefix = prefix
        self.endpoint = endpoint
        self.stack = self.described()
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
        return Clients(settings, self.environment, {name: preparing(name) for name in (*SERVICES, "dynamodbstreams")})

    def described(self) -> Stack:
        """What is provisioned: everything except backups, which only an account has."""
        stack = load_stack()
        stack.tables = {name: {**table, "pointInTimeRecovery": False} for name, table in stack.tables.items()}
        return stack

    def prepare(self, _service: str, client: Any) -> Any:
        """Prepare a new client for this cloud."""
        return client

    def provision(self, services: Collection[str] = SERVICES) -> None:
        """Create the resources of these services and find out the queues' addresses."""
        provision(self.stack, self.prefix, self.clients.__getitem__, services)
        if "sqs" in services:
            for name in self.stack.queues:
                found = self.clients["sqs"].get_queue_url(QueueName=physical_name(self.prefix, name))
                self.environment[variable_of("queues", name)] = found["QueueUrl"]

    def adapters(self, clock: FakeClock) -> Services:
        """The real adapters over this cloud, made anew: a model is bound to whichever services bound it last."""
        return services(self.environment, clients=self.clients, clock=clock)

    def send(self, request: Request) -> tuple[Mapping[str, str], bytes]:
        """The answer of a link or a form to a browser: headers and content."""
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
        lost, self._lose_next = self._lose_next, False
        response = self._moto(event_name, request)
        if lost:
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


class EndpointCloud(Cloud):
    """The endpoint given by the operator, with resources under a random prefix that are removed at the end.

    An address of AWS means the account of the environment's credentials, with each service at its own address. Tests
    that need a service that is not there are skipped.
    """

    def __init__(self, endpoint: str, prefix: str = "") -> None:
        self._is_aws = (urlsplit(endpoint).hostname or "").endswith(".amazonaws.com")
        settings = {"AWS_REGION": os.environ.get("AWS_REGION", REGION)}
        if self._is_aws or "AWS_ACCESS_KEY_ID" in os.environ:
            settings |= {name: os.environ.get(name, "") for name in CREDENTIALS}
        super().__init__(prefix or f"lrs-test-{uuid4().hex[:12]}", "" if self._is_aws else endpoint, settings)
        self._here: list[str] = []
        self._made = False

    def described(self) -> Stack:
        """Without streams and notifications, which need rights between services and are only used by the functions."""
        stack = super().described()
        stack.tables = {name: _without(table, "stream") for name, table in stack.tables.items()}
        stack.buckets = {name: _without(bucket, "notifications") for name, bucket in stack.buckets.items()}
        return stack

    def provision(self, services: Collection[str] = SERVICES) -> None:
        """Create everything anew. Raises RuntimeError when there is no DynamoDB or a table exists already."""
        if not self._answers("dynamodb"):
            raise RuntimeError(f"no DynamoDB answers at {self.endpoint or 'AWS with these credentials'}")
        # AWS itself would write to the sender's address to verify it.
        wanted = set(services) - {"ses"} if self._is_aws else services
        self._here = [service for service in wanted if self._answers(service)]
        for service in set(services) - set(self._here):
            self.clients[service].meta.events.register("before-call", _skip)
        found = self.clients["dynamodb"].get_paginator("list_tables").paginate().search("TableNames[]")
        if any(name.startswith(f"{self.prefix}-") for name in found):
            raise RuntimeError(f"tables {self.prefix}-* exist already, and these tests use only tables that they made")
        self._made = True
        super().provision(self._here)

    def _answers(self, service: str) -> bool:
        try:
            _PROBES[service](self.clients[service])
        except (BotoCoreError, ClientError, ResponseParserError):
            return False
        return True

    def remove(self) -> None:
        """Remove what was created: tables, queues, buckets with every version, secrets."""
        stack = self.stack
        kinds = {
            "dynamodb": stack.tables,
            "sqs": stack.queues,
            "s3": stack.buckets,
            "secretsmanager": stack.secrets,
            "logs": stack.log_groups,
        }
        for service in set(self._here) & set(kinds) if self._made else ():
            for name in kinds[service]:
                with _or_gone():
                    _REMOVALS[service](self.clients[service], physical_name(self.prefix, name))

    def send(self, request: Request) -> tuple[Mapping[str, str], bytes]:
        if "s3" not in self._here:
            _skip()
        return super().send(request)

    def mails(self, to: str) -> list[tuple[str, str]]:
        try:
            return [(mail.subject, mail.text) for mail in read_mail(self.endpoint, to)]
        except (OSError, ValueError, LookupError):
            pytest.skip("this endpoint does not show the mail that was sent")


def _without(body: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != part}


_PROBES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "dynamodb": lambda client: client.list_tables(Limit=1),
    "sqs": lambda client: client.list_queues(MaxResults=1),
    "s3": lambda client: client.list_buckets(),
    "secretsmanager": lambda client: client.list_secrets(MaxResults=1),
    "ses": lambda client: client.get_send_quota(),
    "logs": lambda client: client.describe_log_groups(limit=1),
    "cloudwatch": lambda client: client.list_metrics(Namespace="none"),
}


def _skip(**_: Any) -> NoReturn:
    pytest.skip("the endpoint does not have this service")


def _remove_bucket(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
    s3.delete_bucket(Bucket=bucket)


_REMOVALS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    "dynamodb": lambda client, name: client.delete_table(TableName=name),
    "sqs": lambda client, name: client.delete_queue(QueueUrl=client.get_queue_url(QueueName=name)["QueueUrl"]),
    "s3": _remove_bucket,
    "secretsmanager": lambda client, name: client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True),
    "logs": lambda client, name: client.delete_log_group(logGroupName=name),
}


@contextmanager
def _or_gone() -> Iterator[None]:
    """Accept that resources are missing that were not created because creating another one failed."""
    try:
        yield
    except ClientError as error:
        if not any(word in error_code(error) for word in ("NotFound", "NonExistent", "NoSuch")):
            raise
