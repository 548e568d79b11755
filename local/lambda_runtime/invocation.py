"""Call a Lambda handler as the cloud does: an event in JSON, a context with a real deadline, an answer in JSON."""

from __future__ import annotations

import importlib
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from local.emulated.stack import ACCOUNT, REGION, Function

Handler = Callable[[Any, Any], Any]


class InvocationError(Exception):
    """The function failed: `kind` is the error type Lambda would report (`ValueError`, `Sandbox.Timedout`)."""

    def __init__(self, kind: str, message: str, trace: str = "") -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.trace = trace


class LambdaContext:
    """What Lambda passes as the second argument. `deadline` is in seconds of `time.monotonic()`."""

    function_version = "$LATEST"
    identity = None
    client_context = None

    def __init__(self, name: str, memory_megabytes: int, request_id: str, deadline: float) -> None:
        self.function_name = name
        self.invoked_function_arn = function_arn(name)
        self.memory_limit_in_mb = str(memory_megabytes)
        self.aws_request_id = request_id
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = f"local/[$LATEST]{os.getpid():032x}"
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the time limit; never below zero."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


class Workers(Protocol):
    """Where handlers run."""

    def invoke(self, function: Function, event: Any) -> Any:
        """Call the function and return its answer. Raises `InvocationError` for any failure."""

    def close(self) -> None:
        """End every worker; running invocations fail."""


class ThreadWorkers:
    """Handlers in this process, on the caller's thread: quick to start and debug, for one invocation at a time.

    With several threads, handlers would share the state of their modules, which they never do in the cloud; use
    `ProcessWorkers` for that. The handler sees its time limit in the context, but it is not enforced. `handlers`
    replaces the handler of a function by name, for tests.
    """

    def __init__(self, handlers: Mapping[str, Handler] | None = None) -> None:
        self._handlers = dict(handlers or {})

    def invoke(self, function: Function, event: Any) -> Any:
        """Call the function on this thread. Raises `InvocationError`."""
        replaced = self._handlers.get(function.name)
        try:
            handler = replaced or load_handler(function.handler)
            return call(handler, event, function.name, function.memory_megabytes, function.timeout_seconds)
        except InvocationError:
            raise
        except Exception as error:
            raise InvocationError(type(error).__name__, str(error)) from error

    def close(self) -> None:
        """Nothing to end."""


def load_handler(path: str) -> Handler:
    """The callable behind `functions.split_batch.handler`. Raises any exception of the import."""
    module, _, attribute = path.rpartition(".")
    handler: Handler = getattr(importlib.import_module(module), attribute)
    return handler


def call(handler: Handler, event: Any, name: str, memory_megabytes: int, timeout_seconds: float) -> Any:
    """Call a handler, converting the event and the answer to JSON and back. Raises any exception of the handler."""
    request_id = str(uuid.uuid4())
    context = LambdaContext(name, memory_megabytes, request_id, time.monotonic() + timeout_seconds)
    answer = handler(json.loads(json.dumps(event)), context)
    try:
        return json.loads(json.dumps(answer))
    except (TypeError, ValueError) as error:
        raise InvocationError("Runtime.MarshalError", f"the answer of {name} is not JSON: {error}") from error


def function_arn(name: str) -> str:
    """The ARN a function would have."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
