"""Every alarm has a runbook and every runbook an alarm; descriptions and commands name what exists."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chalicelib.observability import Code
from infra.check.terraform import REPOSITORY

FOLDER = REPOSITORY / "docs" / "runbooks"
PAGES = {path.stem for path in FOLDER.glob("*.md")} - {"README"}
ENDING = re.compile(r"(Act at once, at night too\.|Can wait until morning\.) Runbook: docs/runbooks/([a-z0-9-]+)\.md$")
ROW = re.compile(r"^\| (.*) \| (.*) \| .* \| \[[a-z0-9-]+\]\(([a-z0-9-]+)\.md\) \|$", re.MULTILINE)
URGENT = re.compile(r"at once|within 2 hours")


class Notifying(NamedTuple):
    """What notifies someone: an alarm, or a rule for events."""

    name: str
    description: str
    topics: list[str]

    @property
    def runbook(self) -> str:
        found = ENDING.search(self.description)
        return found[2] if found else ""

    @property
    def is_urgent(self) -> bool:
        return "at night" in self.description


def _notifying(state: list[dict[str, Any]]) -> Iterator[Notifying]:
    targets = {
        one["values"]["rule"]: one["values"]["arn"] for one in state if one["type"] == "aws_cloudwatch_event_target"
    }
    for one in state:
        values = one["values"]
        if one["type"] in ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm") and values["alarm_actions"]:
            yield Notifying(values["alarm_name"], values["alarm_description"], values["alarm_actions"])
        elif one["type"] == "aws_cloudwatch_event_rule" and ":sns:" in targets.get(values["name"], ""):
            yield Notifying(values["name"], values["description"], [targets[values["name"]]])


@pytest.fixture(scope="module")
def notifying(state: list[dict[str, Any]]) -> list[Notifying]:
    """Every alarm and rule that notifies."""
    return list(_notifying(state))


def _rows() -> list[tuple[str, str, str]]:
    return ROW.findall((FOLDER / "README.md").read_text("utf-8"))


@pytest.mark.req("SLA-01")
def test_every_alarm_says_what_it_means_whether_it_can_wait_and_where_its_runbook_is(
    notifying: list[Notifying],
) -> None:
    assert notifying
    wrong = [one.name for one in notifying if not re.match(r".{12,}\. ", one.description) or one.runbook not in PAGES]
    assert wrong == []


def test_an_alarm_that_cannot_wait_wakes_someone_and_the_others_open_a_ticket(notifying: list[Notifying]) -> None:
    assert [one.name for one in notifying if not one.topics[0].endswith("-page" if one.is_urgent else "-ticket")] == []


def test_every_runbook_has_an_alarm_or_is_named_by_another(
    notifying: list[Notifying], state: list[dict[str, Any]]
) -> None:
    used = {one.runbook for one in notifying}
    used |= {Path(one["values"]["tags"]["runbook"]).stem for one in state if one["type"] == "aws_budgets_budget"}
    named = {
        page
        for name in used
        for page in re.findall(r"\]\(([a-z0-9-]+)\.md\)", (FOLDER / f"{name}.md").read_text("utf-8"))
    }
    assert used | named == PAGES


def test_the_index_of_runbooks_agrees_with_the_alarms_on_what_is_urgent(notifying: list[Notifying]) -> None:
    alarmed = {one.runbook for one in notifying}
    urgent = {one.runbook for one in notifying if one.is_urgent}
    assert {page for _, soon, page in _rows() if URGENT.search(soon) and page in alarmed} == urgent


def test_the_index_names_the_schedules_whose_silence_wakes_someone(notifying: list[Notifying]) -> None:
    silent = {
        found[1] for one in notifying if one.is_urgent and (found := re.search(r"-schedule-(\w+)-silent$", one.name))
    }
    (soon,) = [soon for _, soon, page in _rows() if page == "schedule-silent"]
    named = set(re.findall(r"`(\w+)`", URGENT.split(soon)[0]))
    assert named - {"watch_jobs"} == silent  # watch_jobs proves its work by a metric


def test_every_warning_and_error_of_the_log_has_an_alarm_and_its_runbook_names_it(notifying: list[Notifying]) -> None:
    alarms = {one.name.split("-code-")[1]: one.runbook for one in notifying if "-code-" in one.name}
    assert set(alarms) == {code.name for code in Code if code.level >= logging.WARNING}
    silent = [code for code, page in alarms.items() if code not in (FOLDER / f"{page}.md").read_text("utf-8")]
    assert silent == []


def test_a_command_in_a_runbook_names_what_exists(state: list[dict[str, Any]]) -> None:
    names = {
        str(value).removeprefix("lrs-live-")
        for one in state
        for field in ("name", "bucket", "function_name", "alarm_name", "dashboard_name")
        if (value := one["values"].get(field)) and str(value).startswith("lrs-live-")
    }
    texts = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.md"))
    named = {name.partition("-as-of-")[0] for name in re.findall(r"\blrs-live-([A-Za-z0-9_-]*[A-Za-z0-9])", texts)}
    assert named
    assert named - names == set()


def test_no_alarm_of_a_pair_of_windows_notifies_by_itself(state: list[dict[str, Any]]) -> None:
    parts = [
        one["values"]
        for one in state
        if one["type"] == "aws_cloudwatch_metric_alarm" and not one["values"]["alarm_actions"]
    ]
    rules = "".join(one["values"]["alarm_rule"] for one in state if one["type"] == "aws_cloudwatch_composite_alarm")
    assert parts
    assert [part["alarm_name"] for part in parts if f'"{part["alarm_name"]}"' not in rules] == []
