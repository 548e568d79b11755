"""Functions called by functions: the adapters against the local stand-in for Lambda, and moto (PLR-03, QUAL-01)."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from chalicelib import aws
from chalicelib.bootstrap import CLIENTS
from chalicelib.cloud.functions import LambdaFunctions
from chalicelib.cloud.reports import ReportFunction
from chalicelib.grants import RESOURCES
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.settings import Settings
from local.emulated.clients import cloud_client
from local.emulated.stack import Function, load_stack
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


@pytest.mark.req("PLR-03")
def test_a_slow_report_is_asked_for_once_and_ends_before_the_page_does(address: str) -> None:
    settings = Settings(region="eu-west-2", endpoint=address)
    client = aws.Clients(settings, {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"})["lambda"]
    functions, waits = load_stack().functions, client.meta.config
    assert functions["make_report"].timeout_seconds < waits.read_timeout < functions["portal"].timeout_seconds
    assert waits.retries["total_max_attempts"] == 1
    sent: list[Any] = []
    client.meta.events.register_last("before-send", lambda request, **_: sent.append(request.headers["Connection"]))
    assert ReportFunction(lambda: client, "lrs-x-make_report").pdf({"title": "x"}) == b"%PDF x"
    assert sent == ["close"], "a connection that was lost since would need a second try"


def test_a_snapshot_has_the_clients_of_everything_that_a_function_may_use() -> None:
    assert set(CLIENTS) == set(RESOURCES)


def test_a_function_that_is_not_there_is_an_error(address: str) -> None:
    with pytest.raises(Exception, match="ResourceNotFound"):
        _reports(address, "lrs-x-other").pdf({"title": "x"})


@pytest.mark.req("QUAL-01")
def test_a_function_that_is_started_runs_while_the_caller_goes_on() -> None:
    goes_on, has_run, seen = threading.Event(), threading.Event(), []

    def load(event: dict[str, Any], context: Any) -> None:
        del context
        goes_on.wait(10)
        seen.append(event)
        has_run.set()
        raise KeyError("nobody hears of it")

    described = {"import_register": Function("import_register", "none.handler", 20, 512, ())}
    workers = ThreadWorkers(), ThreadWorkers({"import_register": load})
    with FunctionCalls(described, "lrs-x", *workers) as calls:
        functions = LambdaFunctions(lambda: cloud_client("lambda", calls.url), "lrs-x-{}".format)
        functions.start("import_register", {"order": "load-orders/registers/000001"})
        assert seen == []
        goes_on.set()
        assert has_run.wait(10)
        assert seen == [{"order": "load-orders/registers/000001"}]
        with pytest.raises(Exception, match="ResourceNotFound"):
            functions.start("import_events", {})


@pytest.mark.req("QUAL-01")
@pytest.mark.parametrize("code", ["TooManyRequestsException", "ServiceException"])
def test_an_event_that_lambda_does_not_take_is_a_temporary_failure(code: str) -> None:
    client = cloud_client("lambda", "http://127.0.0.1:9")
    with Stubber(client) as stub:
        stub.add_client_error("invoke", code, http_status_code=429 if code[0] == "T" else 500)
        with pytest.raises(TemporaryFailure, match=r"functions\.start"):
            LambdaFunctions(lambda: client, str).start("import_register", {})
        asked = {"FunctionName": "import_register", "InvocationType": "Event", "Payload": b'{"files": []}'}
        stub.add_response("invoke", {"StatusCode": 202}, asked)
        LambdaFunctions(lambda: client, str).start("import_register", {"files": []})
