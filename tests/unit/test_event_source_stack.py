"""The description of the cloud is checked as a whole before anything is made from it."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from local.emulated.stack import STACK_FILE, Stack, StackError, environment, load_stack, queue_url, rate_seconds

if TYPE_CHECKING:
    from collections.abc import Callable


def described() -> dict[str, Any]:
    return copy.deepcopy(json.loads(STACK_FILE.read_text(encoding="utf-8")))


def test_the_description_is_sound_and_sorted() -> None:
    load_stack()
    text = STACK_FILE.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


def test_every_queue_that_feeds_a_function_has_a_dead_letter_queue_and_partial_answers() -> None:
    stack = load_stack()
    for mapping in stack.queue_mappings():
        assert "deadLetterQueue" in stack.queues[mapping.queue]
        assert mapping.report_batch_item_failures
    for stream in stack.stream_mappings():
        assert stream.dead_letter_queue in stack.queues


def test_messages_that_failed_are_kept_longer_than_the_others() -> None:
    queues = load_stack().queues
    for queue in queues.values():
        if "deadLetterQueue" in queue:
            assert queues[queue["deadLetterQueue"]]["retentionSeconds"] > queue["retentionSeconds"]


def set_(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(description: dict[str, Any]) -> None:
        place: Any = description
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (set_("surprise", value=1), "stack.surprise: unknown"),
        (set_("tables", "register", "colour", value="red"), "tables.register.colour: unknown"),
        (set_("tables", "register", "pointInTimeRecovery", value="yes"), "pointInTimeRecovery: wrong type"),
        (set_("tables", "register", "stream", value="ALL"), "tables.register.stream"),
        (set_("tables", "Register!", value={}), "tables.Register!: not a name"),
        (set_("queues", "intake", "visibilitySeconds", value=True), "queues.intake.visibilitySeconds: wrong type"),
        (set_("queues", "intake", "visibilitySeconds", value=60), "six times"),
        (set_("queues", "intake", "deadLetterQueue", value="nowhere"), "queues.intake.deadLetterQueue: no such queue"),
        (
            set_("queues", "chunks", value={"retentionSeconds": 1, "visibilitySeconds": 900, "maxReceiveCount": 3}),
            "together",
        ),
        (set_("buckets", "inbox", "notifications", 0, "queue", value="nowhere"), "no such queue"),
        (set_("buckets", "work", "expiry", 0, "days", value="7"), "wrong type"),
        (set_("mappings", 0, "function", value="nobody"), "mappings[0].function: no such function"),
        (set_("mappings", 0, "batchSize", value=50), "needs a batching window"),
        (set_("mappings", 0, "maximumConcurrency", value=1), "2 to 1000"),
        (set_("mappings", 4, "table", value="jobs"), "no such table, or it has no stream"),
        (set_("schedules", "watch_jobs", "rate", value="5 minutes"), "not a rate"),
        (set_("functions", "send_notice", "environment", value=["LRS_TABLE_LEARNERS"]), "LRS_TABLE_LEARNERS"),
        (set_("functions", "send_notice", "timeoutSeconds", value=901), "1 to 900"),
        (set_("functions", "send_notice", "handler", value="handler"), "module.attribute"),
    ],
)
def test_a_fault_is_named_with_its_place(change: Callable[[dict[str, Any]], None], fault: str) -> None:
    description = described()
    change(description)
    with pytest.raises(StackError) as error:
        Stack(description)
    assert fault in str(error.value)


def test_every_fault_is_told_at_once() -> None:
    description = described()
    description["functions"]["send_notice"]["timeoutSeconds"] = 0
    description["schedules"]["watch_jobs"]["rate"] = "daily"
    with pytest.raises(StackError) as error:
        Stack(description)
    assert len(error.value.faults) == 2


@pytest.mark.parametrize(
    ("rate", "seconds"), [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(2 days)", 172800)]
)
def test_a_rate_is_told_in_seconds(rate: str, seconds: int) -> None:
    assert rate_seconds(rate) == seconds


@pytest.mark.parametrize("rate", ["rate(0 minutes)", "rate(5)", "cron(0 8 * * ? *)", ""])
def test_what_is_no_rate_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        rate_seconds(rate)


def test_functions_find_every_resource_by_a_variable() -> None:
    variables = environment(load_stack(), "lrs-x", "http://127.0.0.1:1")
    assert variables["LRS_TABLE_REGISTER"] == "lrs-x-register"
    assert variables["LRS_BUCKET_INBOX"] == "lrs-x-inbox"
    assert variables["LRS_QUEUE_CHUNKS"] == queue_url("http://127.0.0.1:1", "lrs-x", "chunks")
    assert variables["LRS_QUEUE_CHUNKS_DEAD"].endswith("lrs-x-chunks-dead")
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
