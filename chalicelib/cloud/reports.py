"""Reports from the function that makes them: called with the texts, it answers with the PDF."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from chalicelib.aws import temporary_failures
from chalicelib.ports.errors import TemporaryFailure


class ReportFunction:
    """The function of this name. ``client`` returns botocore's Lambda client."""

    def __init__(self, client: Callable[[], Any], name: str) -> None:
        self._client = client
        self._name = name

    def pdf(self, report: dict[str, Any]) -> bytes:
        """The PDF. Raises TemporaryFailure, also where the function fails: its own log says why."""
        with temporary_failures("reports.pdf"):
            answer = self._client().invoke(FunctionName=self._name, Payload=json.dumps(report).encode())
            content = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise TemporaryFailure("reports.pdf: the function failed")
        return b64decode(json.loads(content)["pdf"])
