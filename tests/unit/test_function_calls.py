"""A report made by another function: the adapter against the local stand-in for Lambda (PLR-03)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.cloud.reports import ReportFunction
from chalicelib.ports.errors import TemporaryFailure
from local.emulated.clients import cloud_client
from local.emulated.stack import Function
from local.lambda_runtime.calls import FunctionCalls
from local.lambda_runtime.invocation import ThreadWorkers


def _make(event: dict[str, Any], context: Any) -> dict[str, str]:
    del context
    if not event:
        raise KeyError("title")
    return {"pdf": b64encode(f"%PDF {event['title']}".encode()).decode()}


@pytest.fixture
def address() -> Iterator[str]:
    described = {"make_report": Function("make_report", "none.handler", 20, 512, ())}
    with FunctionCalls(described, "lrs-x", ThreadWorkers({"make_report": _make})) as calls:
        yield calls.url


def _reports(address: str, name: str = "lrs-x-make_report") -> ReportFunction:
    return ReportFunction(lambda: cloud_client("lambda", address), name)


@pytest.mark.req("PLR-03")
def test_a_function_is_called_and_answers(address: str) -> None:
    assert _reports(address).pdf({"title": "Llŷr"}) == "%PDF Llŷr".encode()


@pytest.mark.req("PLR-03")
def test_a_function_that_fails_is_a_temporary_failure(address: str) -> None:
    with pytest.raises(TemporaryFailure):
        _reports(address).pdf({})


def test_a_function_that_is_not_there_is_an_error(address: str) -> None:
    with pytest.raises(Exception, match="ResourceNotFound"):
        _reports(address, "lrs-x-other").pdf({"title": "x"})
