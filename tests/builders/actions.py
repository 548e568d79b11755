"""The IAM actions that code performs, read from the calls of botocore, whoever makes them and with any client."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from io import BytesIO
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.signers import RequestSigner, S3PostPresigner

from local.emulated.stack import Function

_KINDS: Final = {
    "cloudwatch": "metrics", "dynamodb": "tables", "logs": "logGroups", "s3": "buckets", "secretsmanager": "secrets",
    "lambda": "functions", "ses": "mail", "sqs": "queues",
}  # fmt: skip
_TRANSACTION: Final = {
    "ConditionCheck": "ConditionCheckItem", "Delete": "DeleteItem", "Put": "PutItem", "Update": "UpdateItem"
}  # fmt: skip
_OF_A_VERSION: Final = {
    "GetObject": ["GetObjectVersion"],
    "GetObjectTagging": ["GetObjectTagging", "GetObjectVersionTagging"],
    "HeadObject": ["GetObjectVersion"],
}
"""What calls of S3 need when they name a version. For tags its documents ask for both."""
_PARTITION: Final = re.compile(r"(#?\w+) = (:\w+)")
"""The condition of a query on the partition key."""
_STATEMENT: Final = re.compile(r'(INSERT|UPDATE|DELETE|SELECT)\b.*?"([^"]+)"')


class Action(NamedTuple):
    """An action on a resource, both by the names that `infra/stack.json` uses."""

    kind: str
    resource: str
    """With the whole key of an object: ``inbox/drop/90000051/achievements/a.csv``; with the partition key of an item:
    ``levels/keys/OUTAGE#2026``.
    """
    action: str


class Actions:
    """What each function has done. Only calls made in `running` count, not those of the test itself."""

    def __init__(self, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._prefix = f"{prefix}-"
        self._done: dict[str, set[Action]] = {}
        self._running: str | None = None
        self._failing = ""
        self.called: Callable[[str, Any], Any] | None = None
        """What calls a function by its name with an event, where functions call functions."""
        self._watch_calls(monkeypatch)
        self._watch_signatures(monkeypatch)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """The calls made inside are those of the function of this name."""
        before, self._running = self._running, name
        try:
            yield
        finally:
            self._running = before

    @contextmanager
    def failing(self, resource: str) -> Iterator[None]:
        """The functions' calls on resources like this one fail with a temporary error of AWS."""
        self._failing = resource
        try:
            yield
        finally:
            self._failing = ""

    def missing(self, function: Function) -> set[Action]:
        """What the function did without a grant."""
        return {done for done in self._done.get(function.name, ()) if not _granted(function, done)}

    def idle(self, function: Function) -> set[Action]:
        """What the function is granted but did not do."""
        granted = {Action(one.kind, one.resource, action) for one in function.grants for action in one.actions}
        return granted.difference(*(_granted(function, done) for done in self._done.get(function.name, ())))

    def _watch_calls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        call = BaseClient._make_api_call  # type: ignore[attr-defined]

        def watched(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
            if self._running is None:
                return call(client, operation, parameters)
            service = client.meta.service_model.service_name
            found = self._note(service, _CALLS[service](operation, parameters))
            if any(fnmatchcase(action.resource, self._failing) for action in found):
                fault = {"Error": {"Code": "InternalError"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
                raise ClientError(fault, operation)  # type: ignore[arg-type]
            if service == "lambda" and self.called is not None:
                name = parameters["FunctionName"].removeprefix(self._prefix)
                answer = self.called(name, json.loads(parameters["Payload"]))
                return {"Payload": BytesIO(json.dumps(answer).encode())}
            try:
                return call(client, operation, parameters)
            except ClientError as error:
                if service == "s3" and error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    # Without this right S3 answers 403, and the function cannot know that there is no such object.
                    self._note(service, [("ListBucket", parameters["Bucket"])])
                raise

        monkeypatch.setattr(BaseClient, "_make_api_call", watched)

    def _watch_signatures(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A form or link of S3 is used with the rights of the function that signed it."""
        sign_form, sign_link = S3PostPresigner.generate_presigned_post, RequestSigner.generate_presigned_url

        def form(signer: Any, request_dict: Any, *, conditions: Any, fields: Any, **more: Any) -> Any:
            bucket = next(part["bucket"] for part in conditions if "bucket" in part)
            self._note("s3", [("PutObject", f"{bucket}/{fields['key']}")])
            return sign_form(signer, request_dict, conditions=conditions, fields=fields, **more)

        def link(signer: Any, request_dict: Any, operation_name: str, **more: Any) -> Any:
            self._note("s3", [(operation_name, urlsplit(request_dict["url"]).path.lstrip("/"))])
            return sign_link(signer, request_dict, operation_name, **more)

        monkeypatch.setattr(S3PostPresigner, "generate_presigned_post", form)
        monkeypatch.setattr(RequestSigner, "generate_presigned_url", link)

    def _note(self, service: str, found: Iterable[tuple[str, str]]) -> set[Action]:
        actions = {Action(_KINDS[service], name.removeprefix(self._prefix), action) for action, name in found}
        if self._running is not None:
            self._done.setdefault(self._running, set()).update(actions)
        return actions


def _granted(function: Function, done: Action) -> set[Action]:
    """The grants that cover an action."""
    return {
        Action(one.kind, one.resource, done.action)
        for one in function.grants
        if one.kind == done.kind and done.action in one.actions and _covers(one.resource, done.resource)
    }


def _covers(granted: str, done: str) -> bool:
    """Whether a grant is for a resource; that of a table is for every item."""
    return fnmatchcase(done, granted) or done.startswith(f"{granted}/keys/")


def _of_dynamodb(operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if operation == "TransactWriteItems":
        # No document of AWS says that the key of an item counts there: it needs a grant of the table.
        for write in parameters["TransactItems"]:
            yield from ((_TRANSACTION[kind], part["TableName"]) for kind, part in write.items())
    elif operation == "BatchExecuteStatement":
        for given in parameters["Statements"]:
            statement = json.loads(given) if isinstance(given, str) else given
            verb, table = _STATEMENT.match(statement["Statement"]).groups()  # type: ignore[union-attr]
            yield f"PartiQL{verb.title()}", table
    elif operation == "BatchGetItem":
        for table, asked in parameters["RequestItems"].items():
            yield from ((operation, _place(table, {"Key": key})) for key in asked["Keys"])
    elif operation == "BatchWriteItem":
        for table, writes in parameters["RequestItems"].items():
            yield from ((operation, _place(table, part)) for write in writes for part in write.values())
    elif index := parameters.get("IndexName"):
        yield operation, f"{parameters['TableName']}/index/{index}"
    else:
        yield operation, _place(parameters["TableName"], parameters)


def _place(table: str, part: Mapping[str, Any]) -> str:
    """The table, with the partition key of the item or of the query; a scan has none."""
    if condition := part.get("KeyConditionExpression"):
        name, value = _PARTITION.search(condition).groups()  # type: ignore[union-attr]
        assert part.get("ExpressionAttributeNames", {}).get(name, name) == "pk"
        key = part["ExpressionAttributeValues"][value]
    elif (item := part.get("Key") or part.get("Item")) is not None:
        key = item["pk"]
    else:
        return table
    return f"{table}/keys/{key['S']}"


def _of_s3(operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    actions = {"ListObjectVersions": ["ListBucketVersions"]}.get(operation, [operation])
    if "VersionId" in parameters:
        actions = _OF_A_VERSION.get(operation, actions)
    place = parameters.get("Key") or parameters["Prefix"]
    resource = f"{parameters['Bucket']}/{place}" if place else parameters["Bucket"]
    yield from ((action, resource) for action in actions)


_OF_SQS: Final = {
    "DeleteMessageBatch": "DeleteMessage", "GetQueueAttributes": "GetQueueAttributes",
    "ReceiveMessage": "ReceiveMessage", "SendMessageBatch": "SendMessage",
}  # fmt: skip
_CALLS: Final = {
    "cloudwatch": lambda operation, _: [(operation, "namespace")],
    "lambda": lambda operation, parameters: [(f"{operation}Function", parameters["FunctionName"])],
    "logs": lambda operation, parameters: [(operation, parameters["logGroupName"])],
    "dynamodb": _of_dynamodb,
    "s3": _of_s3,
    "secretsmanager": lambda operation, parameters: [(operation, parameters["SecretId"])],
    "ses": lambda operation, _: [(operation, "sender")],
    "sqs": lambda operation, parameters: [(_OF_SQS[operation], parameters["QueueUrl"].rpartition("/")[2])],
}
"""By service: the actions of a call, each with the resource."""
