"""The description of the cloud agrees with the code: functions, queues, settings, runbooks."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.observability import NAMESPACE
from tests.structure.sources import ROOT, imported, modules, stack

DAY = 24 * 3600
HOUR = 3600
PARTS = ("What it means", "What to look at", "What to do", "When it is over")
"""The sections of a runbook."""
HANDLERS = {module.path.removeprefix("functions/").removesuffix(".py") for module in modules("functions")} - {
    "__init__"
}


def _queue_mappings() -> list[dict[str, Any]]:
    return [mapping for mapping in stack()["mappings"] if "queue" in mapping]


def _dead_letter_queues() -> set[str]:
    queues = {queue["deadLetterQueue"] for queue in stack()["queues"].values() if "deadLetterQueue" in queue}
    return queues | {mapping["deadLetterQueue"] for mapping in stack()["mappings"] if "deadLetterQueue" in mapping}


def test_every_handler_is_described_and_every_description_has_its_handler() -> None:
    described = {
        name for name, function in stack()["functions"].items() if function["handler"].startswith("functions.")
    }
    assert described == HANDLERS


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_a_handler_is_found_where_the_description_says_and_is_thin(name: str) -> None:
    assert stack()["functions"][name]["handler"] == f"functions.{name}.handler"
    (module,) = modules(f"functions/{name}.py")
    assert module.text.count("\n") <= 60, (
        "a handler builds services and adapts the event; the rest belongs to a service"
    )
    if stack()["functions"][name]["grants"]:
        assert "chalicelib.bootstrap" in " ".join(imported(module))


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_every_handler_is_called_by_something(name: str) -> None:
    callers = [mapping for mapping in stack()["mappings"] if mapping["function"] == name]
    callers += [schedule for schedule in stack()["schedules"].values() if schedule["function"] == name]
    callers += [one for one in stack()["functions"].values() if name in one["grants"].get("functions", ())]
    assert callers


@pytest.mark.parametrize("mapping", _queue_mappings(), ids=lambda mapping: mapping["queue"])
def test_a_queue_keeps_only_what_fails(mapping: dict[str, Any]) -> None:
    queue = stack()["queues"][mapping["queue"]]
    assert mapping["reportBatchItemFailures"] is True
    assert queue["deadLetterQueue"] in stack()["queues"]
    assert queue["maxReceiveCount"] >= 5, "a function that is throttled must not lose its messages to the dead letters"
    timeout = stack()["functions"][mapping["function"]]["timeoutSeconds"]
    assert queue["visibilitySeconds"] >= 6 * timeout, "a message must not come back while it is being worked on"


@pytest.mark.parametrize(
    "mapping", [m for m in stack()["mappings"] if "table" in m], ids=lambda mapping: mapping["table"]
)
def test_a_stream_is_never_blocked_by_one_record_and_loses_none(mapping: dict[str, Any]) -> None:
    assert mapping["reportBatchItemFailures"] is True
    assert mapping["bisectOnError"] is True
    assert mapping["failureBucket"] in stack()["buckets"], "a queue would have their address, and only for a day"
    assert mapping["maximumRetryAttempts"] == -1
    assert 22 * HOUR <= mapping["maximumRecordAgeSeconds"] <= 23 * HOUR, "an hour is left to put them into the bucket"
    assert mapping["metrics"] == ["EventCount"], "the alarm counts what went to the bucket"
    assert stack()["tables"][mapping["table"]]["stream"] == "NEW_AND_OLD_IMAGES"
    runbook = (ROOT / "docs" / "runbooks" / "audit-stream.md").read_text("utf-8")
    assert all(f"\n## {part}" in runbook for part in PARTS)
    assert mapping["failureBucket"] in runbook


@pytest.mark.req("SEC-01")
def test_functions_can_only_add_to_the_audit_log() -> None:
    granted = {
        action
        for function in stack()["functions"].values()
        for resource, actions in function["grants"].get("tables", {}).items()
        if resource.partition("/")[0] == "audit"
        for action in actions
    }
    assert granted == {"PartiQLInsert", "Query"}, "BatchWriteItem and PutItem can overwrite, and the first can delete"


def test_dead_letters_are_kept_a_fortnight_and_are_not_consumed() -> None:
    consumed = {mapping["queue"] for mapping in _queue_mappings()}
    for name in _dead_letter_queues():
        assert stack()["queues"][name]["retentionSeconds"] == 14 * DAY
        assert name not in consumed


def test_every_queue_is_either_consumed_or_keeps_dead_letters() -> None:
    consumed = {mapping["queue"] for mapping in _queue_mappings()}
    assert set(stack()["queues"]) == consumed | _dead_letter_queues()


@pytest.mark.parametrize("queue", sorted(_dead_letter_queues()))
def test_every_dead_letter_queue_has_a_runbook(queue: str) -> None:
    runbook = ROOT / "docs" / "runbooks" / f"{queue}.md"
    assert runbook.exists()
    text = runbook.read_text("utf-8")
    assert all(f"\n## {part}" in text for part in PARTS)


@pytest.mark.req("SEC-03")
def test_only_the_inbox_calls_functions_and_keeps_every_version() -> None:
    buckets = stack()["buckets"]
    assert [name for name, bucket in buckets.items() if bucket.get("notifications")] == ["inbox"]
    assert buckets["inbox"]["versioned"] is True


@pytest.mark.req("SLA-07")
def test_every_table_can_be_restored_to_any_second() -> None:
    """Sessions too: its ledgers say what a chunk has written to the register, so they must go back with it."""
    assert all(table["pointInTimeRecovery"] for table in stack()["tables"].values())


def test_the_index_of_runbooks_says_how_soon_each_is_needed_and_who_can_help() -> None:
    folder = ROOT / "docs" / "runbooks"
    rows = re.findall(
        r"^\| .* \| (.*) \| (.*) \| \[[a-z0-9-]+\]\(([a-z0-9-]+\.md)\) \|$",
        (folder / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert {page for _, _, page in rows} == {path.name for path in folder.glob("*.md")} - {"README.md"}
    assert all(re.search(r"at once|within|before|morning", soon) and who for soon, who, _ in rows)


def test_metrics_are_printed_in_the_namespace_that_is_described() -> None:
    assert stack()["metrics"] == {"namespace": NAMESPACE}
