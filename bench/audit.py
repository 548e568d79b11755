"""The audit stream: what a change of the register costs in ``record_audit``, from its event to the log.

The real entry point serves events of five hundred new achievements with the complete botocore; its calls are answered
without a network. Fresh interpreters serve few and many events; the difference is what a change costs.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import redirect_stdout
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bench.imports import import_instructions, import_seconds
from bench.tape import Answer, Tape
from chalicelib import bootstrap
from chalicelib.domain.achievements import Achievement, Key, Provenance, Status, Version
from chalicelib.domain.aims import AimReference
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.domain.uln import Uln
from chalicelib.storage.achievement_items import achievement_item
from functions import record_audit

BATCH, WRITES = 500, 25
"""Changes in an event, and in one call to the log."""
CALLS = BATCH // WRITES + 1
"""Calls of an event: those to the log, and one to the submissions."""
FEW, MANY = 1, 4
"""Events of the two runs."""
TARGET = 0.2
"""Million instructions."""


def bench() -> list[tuple[str, float, float | None]]:
    """One row of (what, million instructions, target), where valgrind can count them."""
    if not shutil.which("valgrind"):
        return []
    return [("audit stream, million instructions per change", million_instructions(), TARGET)]


@cache
def million_instructions() -> float:
    """Those of one change."""
    statements = [f"from bench import audit; audit.serve({events})" for events in (FEW, MANY)]
    import_seconds(statements[0])  # compiles the modules, which is not what is measured
    few, many = map(import_instructions, statements)
    return (many - few) / ((MANY - FEW) * BATCH) / 1e6


def serve(events: int) -> None:
    """Serve this many events in this process."""
    event = {"Records": [record(number) for number in range(BATCH)]}
    services = bootstrap.services(os.environ | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
    tape = Tape()
    inserted = _answer("BatchExecuteStatement", {"Responses": [{"TableName": "audit"}] * WRITES})
    tape.answers = [*[inserted] * (BATCH // WRITES), _answer("BatchWriteItem", {"UnprocessedItems": {}})] * events
    tape.play(services.clients["dynamodb"])
    bootstrap._container["services"] = services  # noqa: SLF001 - as if its environment had said so
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        for _ in range(events):
            record_audit.handler(event, None)
    if not tape.is_at_end:
        raise RuntimeError("the function made different calls from those answered")


def _answer(operation: str, body: object) -> Answer:
    """A call in which everything took effect."""
    headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
    return Answer(operation, 200, headers, json.dumps(body).encode())


def record(number: int) -> dict[str, Any]:
    """The stream's record of an achievement that a file created."""
    by = Provenance("2026-03-02T09:00:00+00:00", "90000051", "bucket", "batch", "D7Qm2xVbT0yKcPz4aaaaaaaa", number % 20)
    made = Version(
        by, "1", "", "", Status.ACTIVE, SubmissionType.FINAL, "90000010", "Merit", "ENG",
        (RecordResult(number, Outcome.CREATED, "VRC001"),),
    )  # fmt: skip
    key = Key(Uln(f"{1_000_000_000 + number}"), AimReference("60301234"), date(2026, 2, 20))
    held = Achievement(
        key, by.organisation, "Amelia", "Okafor",
        made.provider_ukprn, made.grade, made.language, made.status, made.submission_type, False, by.at, 1, (made,),
    )  # fmt: skip
    image = achievement_item(held).serialize()
    place = {name: image[name] for name in ("pk", "sk")}
    seen = datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()
    changed = {"ApproximateCreationDateTime": seen, "Keys": place, "NewImage": image, "SequenceNumber": str(number)}
    return {"eventID": f"{number:032x}", "eventName": "INSERT", "dynamodb": changed}
