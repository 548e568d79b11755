"""Functions that are started and not waited for: Lambda queues the event, and calls the function from there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.aws import temporary_failures


class LambdaFunctions:
    """``client`` returns botocore's Lambda client; ``named`` returns the name of a function by its logical name."""

    def __init__(self, client: Callable[[], Any], named: Callable[[str], str]) -> None:
        self._client = client
        self._named = named

    def start(self, function: str, event: Mapping[str, object]) -> None:
        """Have a function run with this event. Raises TemporaryFailure where Lambda does not take the event."""
        payload = json.dumps(event).encode()
        with temporary_failures("functions.start"):
            self._client().invoke(FunctionName=self._named(function), InvocationType="Event", Payload=payload)
