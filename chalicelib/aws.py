"""Access to AWS: one session and its clients, and which of their failures are temporary."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from boto3.session import Session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)
from botocore.parsers import ResponseParserError

from chalicelib.ports.errors import TemporaryFailure
from chalicelib.settings import Settings

TEMPORARY_CODES: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        # S3's 409: another request for the same object was under way, and nothing was written.
        "ConditionalRequestConflict",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KMS.ThrottlingException",
        "KMSThrottlingException",
        "LimitExceededException",
        "OperationAborted",
        "OverLimit",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Error codes after which the same call may succeed later: those of calls, and those of one statement in a batch."""

_TEMPORARY_ERRORS: Final = (
    NoConnection,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
    ResponseParserError,
)

_SEARCHING: Final = {"logs": 30.0, "cloudwatch": 30.0, "lambda": 20.0}
"""Services that search before they answer, or start a function, and the least time-out in seconds for a response."""

_ASKED_ONCE: Final = frozenset({"lambda"})
"""Services that do the work again if they are asked again: a caller waits no longer than once. No connection of
theirs is kept, since one that was lost meanwhile would need another try.
"""

AGENT: Final = "learning-records-service"
"""The complete user agent: botocore builds its own for every call, which is a fifth of the call's cost."""

ROOTS: Final = Path(__file__).with_name("amazon_roots.pem")
"""The five roots of Amazon Trust Services, from which every certificate of AWS descends. Each client reads its bundle
at its first connection, and all of Mozilla's take twenty times as long.
"""


class Clients:
    """Clients of AWS services from one session, made when first needed and kept.

    The settings define time-outs and the number of tries. Parameters are not validated: their structure is fixed in
    this code, and the service validates them anyway.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        prepare: Mapping[str, Callable[[Any], Any]] = MappingProxyType({}),
    ) -> None:
        """``prepare`` is called with the service's name and a new client, and returns the client."""
        self._settings = settings
        self._environ = environ
        self._prepare = prepare
        self._session: Session | None = None
        self._made: dict[str, Any] = {}
        self._is_sending = True
        # Threads may share a client, but not a session or the creation of a client.
        self._making = threading.Lock()

    def __getitem__(self, service: str) -> Any:
        """The client of a service by its name in boto3, such as ``dynamodb``."""
        made = self._made.get(service)
        if made is None:
            with self._making:
                made = self._made.get(service) or self._make(service)
                self._made[service] = made
        return made

    @contextmanager
    def unsent(self) -> Iterator[None]:
        """Inside, every call is answered with an empty document, and not sent.

        botocore reads the description of an operation, and builds what it needs, at the first call, and what it needs
        for errors at the first error. What answers stays registered, because botocore forgets what it has built when a
        handler goes.
        """
        with self._making:
            for client in self._made.values():
                client.meta.events.register_first("before-send", self._unsent)
                _read_errors(client)
            self._is_sending = False
        try:
            yield
        finally:
            self._is_sending = True

    def _unsent(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse | None:
        if self._is_sending:
            return None
        return AWSResponse(request.url, 200, HTTPHeaders(), _Empty(_nothing(event_name, request.body)))

    def disconnect(self) -> None:
        """Close the connections; the next call opens one."""
        for client in self._made.values():
            client.close()

    def _make(self, service: str) -> Any:
        settings = self._settings
        config = Config(
            connect_timeout=settings.connect_timeout,
            read_timeout=max(settings.read_timeout, _SEARCHING.get(service, 0)),
            retries={"mode": "standard", "total_max_attempts": 1 if service in _ASKED_ONCE else settings.tries},
            parameter_validation=False,
            user_agent=AGENT,
            # Without this, links and forms use S3's global address, which redirects during a bucket's first hours.
            s3={"addressing_style": "virtual"} if service == "s3" and not settings.endpoint else None,
            signature_version="s3v4" if service == "s3" else None,
        )
        session = self._session = self._session or self._new_session()
        endpoint = self._environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or settings.endpoint or None
        # At another address, whoever runs it has certificates of their own: botocore's default bundle decides.
        bundle = settings.ca_bundle or (None if endpoint else str(ROOTS))
        client = session.client(
            service, region_name=settings.region, endpoint_url=endpoint, verify=bundle, config=config
        )
        if service in _ASKED_ONCE:
            client.meta.events.register_first("before-send", _and_close)
        if not self._is_sending:
            client.meta.events.register_first("before-send", self._unsent)
        return self._prepare[service](client) if service in self._prepare else client

    def _new_session(self) -> Session:
        key, secret = self._environ.get("AWS_ACCESS_KEY_ID"), self._environ.get("AWS_SECRET_ACCESS_KEY")
        return Session(key, secret, self._environ.get("AWS_SESSION_TOKEN")) if key and secret else Session()


def _and_close(request: AWSPreparedRequest, **_: object) -> None:
    request.headers["Connection"] = "close"


def _read_errors(client: Any) -> None:
    """Read the descriptions of a client's errors, of the service and again of each operation, as botocore does."""
    _ = client.exceptions
    model = client.meta.service_model
    model.shape_for_error_code("")
    operations = map(model.operation_model, model.operation_names)
    for shape in chain(model.error_shapes, *(operation.error_shapes for operation in operations)):
        for part in (shape, *shape.members.values()):
            _ = part.serialization, part.metadata


class _Empty(BytesIO):
    """An empty response, in the form of urllib3."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.getvalue()


def _nothing(event_name: str, body: Any) -> bytes:
    """What an operation answers that finds nothing."""
    _, service, operation = event_name.split(".")
    if operation == "BatchExecuteStatement":
        return json.dumps({"Responses": [{} for _ in json.loads(body)["Statements"]]}).encode()
    return b"" if service == "s3" else _NOTHING.get(operation, b"{}")


_NOTHING: Final = {
    "BatchGetItem": b'{"Responses":{}}',
    "GetQueueAttributes": b'{"Attributes":{"ApproximateNumberOfMessages":"0"}}',
    "Query": b'{"Items":[],"Count":0,"ScannedCount":0}',
    "UpdateItem": b'{"Attributes":{}}',
}


def error_code(error: BaseException | None) -> str:
    """The error code of AWS, or an empty text."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def is_temporary(error: BaseException | None) -> bool:
    """Whether the same call may succeed later."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or error_code(error) in TEMPORARY_CODES
    return isinstance(error, _TEMPORARY_ERRORS)


@contextmanager
def temporary_failures(place: str) -> Iterator[None]:
    """Turn temporary failures of AWS into TemporaryFailure; other errors are not changed.

    The text of the failure is the place and AWS's code; it never repeats what was sent.
    """
    try:
        yield
    except Exception as error:
        cause = _of_client(error)
        if isinstance(cause, (BotoCoreError, ClientError, ResponseParserError)) and is_temporary(cause):
            raise TemporaryFailure(f"{place}: {error_code(cause) or type(cause).__name__}") from error
        raise


def _of_client(error: BaseException) -> BaseException:
    """The client's own exception: PynamoDB wraps it in an error with a copy that lacks the status."""
    cause = getattr(error, "cause", None)
    if not isinstance(cause, BaseException):
        return error
    return cause.__cause__ if isinstance(cause.__cause__, ClientError) else cause
