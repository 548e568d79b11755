"""The inline surface: a record in a batch sent as JSON, and its answer among the records of the job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.domain.access import Role
from chalicelib.formats.batch.learner_layouts import LEARNERS, VERIFICATIONS
from tests.builders.jobs import Pipeline
from tests.builders.learner_files import PROVIDER
from tests.builders.web import WebClient, admit, web_client
from tests.fakes import FakeWorld
from tests.parity.cases import Case, Seen, Sort, seen
from tests.parity.files import OUTCOMES, fields_of

_JSON = {field.column: field.json for layout in (LEARNERS, VERIFICATIONS) for field in layout.record}


def inline_surface(case: Case, world: FakeWorld) -> Seen:
    """Send the record inline, and read its answer in JSON."""
    return _answer(case, world, {name: value for name, value in fields_of(case).items() if value})


def inline_surface_with_empty_texts(case: Case, world: FakeWorld) -> Seen:
    """The same with an empty text for every field that has no value."""
    return _answer(case, world, fields_of(case))


def is_of_learners(case: Case) -> bool:
    """Whether records of its sort can be sent inline."""
    return case.sort is not Sort.ACHIEVEMENT


def process_inline(send: WebClient, world: FakeWorld, path: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Send a batch inline, process it to its end, and return its records in JSON."""
    begun = send("POST", f"{path}/inline", body)
    assert begun.status == 202, begun.document
    Pipeline(world).arrive(begun.document["jobId"])
    job = send("GET", begun.headers["Location"]).document
    assert job["rejection"] == job["notices"] == []
    records: list[dict[str, Any]] = send("GET", f"{job['links']['records']}?limit=200").document["records"]
    return records


def _answer(case: Case, world: FakeWorld, given: Mapping[str, str]) -> Seen:
    admit(world, PROVIDER, Role.LRB_BATCH_USER)
    learner = {_JSON[name]: value for name, value in given.items() if name in _JSON}
    body: dict[str, Any] = {"learners": [learner]}
    if "JobType" in given:
        body["jobType"] = given["JobType"]
    kind = "verification" if case.sort is Sort.VERIFICATION else "learner"
    with web_client(world) as send:
        [record] = process_inline(send, world, f"/v1/{kind}-batches", body)
    reasons = list(zip(record["errorCodes"], record["errorFields"], strict=True))
    return _verified(record, reasons) if case.sort is Sort.VERIFICATION else _registered(record, reasons)


def _registered(record: Mapping[str, Any], reasons: Iterable[tuple[str, str]]) -> Seen:
    outcome = OUTCOMES.get(record["returnCode"], "refused")
    return seen(outcome, *(reasons if outcome in ("refused", "not found") else ()))


def _verified(record: Mapping[str, Any], reasons: list[tuple[str, str]]) -> Seen:
    refused = record["outcome"] == "REFUSED" and any(code != "ACL001" for code, _ in reasons)
    return seen("refused", *reasons) if refused else Seen(record["responseCode"])
