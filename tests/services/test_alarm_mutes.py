"""The rules that mute alarms in agreed maintenance, from the schedule to CloudWatch's calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from boto3.session import Session
from botocore.stub import Stubber

from chalicelib.cloud.alarms import CloudWatchAlarms
from chalicelib.domain.maintenance import Environment, Window, WindowKind
from chalicelib.ports.alarms import MuteRule
from chalicelib.ports.levels import Schedule
from chalicelib.services.alarm_mutes import AHEAD, AlarmMutes, Muted
from tests.fakes import START, FakeWorld

pytestmark = pytest.mark.req("SLA-05")

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TONIGHT = Window(
    window_id="MW-1",
    environment=Environment.LIVE,
    kind=WindowKind.PLANNED,
    start=START + 10 * HOUR,
    end=START + 12 * HOUR,
    reason="Release",
    announced_at=START,
    changed_at=START,
)


class FakeAlarms:
    """Alarms, and the rules that mute them."""

    def __init__(self) -> None:
        self.names = ["lrs-live-a", "lrs-live-b"]
        self.rules: dict[str, MuteRule] = {}
        self.made = 0
        self.left: list[set[str]] = []
        """The alarms that were still muted after each rule was deleted."""

    def notifying(self) -> list[str]:
        return self.names

    def mute_rules(self) -> list[str]:
        return sorted(self.rules)

    def mute(self, rule: MuteRule) -> None:
        self.made += 1
        self.rules[rule.name] = rule

    def unmute(self, names: Sequence[str]) -> None:
        for name in names:
            del self.rules[name]
            self.left.append({one for rule in self.rules.values() for one in rule.alarms})


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.schedules.held = Schedule((TONIGHT,), 1)
    return world


@pytest.fixture
def alarms() -> FakeAlarms:
    return FakeAlarms()


@pytest.fixture
def mutes(world: FakeWorld, alarms: FakeAlarms) -> AlarmMutes:
    return AlarmMutes(world.schedules, alarms, world.clock, Environment.LIVE)


def test_alarms_are_muted_for_the_window_and_the_rule_is_made_once(mutes: AlarmMutes, alarms: FakeAlarms) -> None:
    assert [mutes.run(), mutes.run()] == [Muted(1, 0), Muted(0, 0)]
    (rule,) = alarms.rules.values()
    assert (rule.start, rule.end, rule.alarms) == (TONIGHT.start, TONIGHT.end, ("lrs-live-a", "lrs-live-b"))


def test_a_rule_is_deleted_when_its_window_is_over_or_cancelled(
    world: FakeWorld, mutes: AlarmMutes, alarms: FakeAlarms
) -> None:
    mutes.run()
    world.schedules.held = Schedule((replace(TONIGHT, is_cancelled=True, revision=2),), 2)
    assert mutes.run() == Muted(0, 1)
    world.schedules.held = Schedule((TONIGHT,), 3)
    mutes.run()
    world.clock.now = TONIGHT.end
    assert mutes.run() == Muted(0, 1)
    assert not alarms.rules


def test_a_changed_window_and_new_alarms_replace_the_rule(
    world: FakeWorld, mutes: AlarmMutes, alarms: FakeAlarms
) -> None:
    mutes.run()
    world.schedules.held = Schedule((replace(TONIGHT, end=TONIGHT.end + HOUR, revision=2),), 2)
    assert mutes.run() == Muted(1, 1)
    alarms.names = [*alarms.names, "lrs-live-c"]
    assert mutes.run() == Muted(1, 1)
    (rule,) = alarms.rules.values()
    assert (rule.end, len(rule.alarms)) == (TONIGHT.end + HOUR, 3)
    assert all({"lrs-live-a", "lrs-live-b"} <= left for left in alarms.left), "they are muted all the time"


def test_a_window_that_has_begun_is_muted_from_the_next_minute(
    world: FakeWorld, mutes: AlarmMutes, alarms: FakeAlarms
) -> None:
    world.clock.now = TONIGHT.start + timedelta(seconds=30)
    mutes.run()
    (rule,) = alarms.rules.values()
    assert rule.start == TONIGHT.start + MINUTE
    world.clock.advance(5 * MINUTE)
    assert mutes.run() == Muted(0, 0)


def test_a_rule_has_a_hundred_alarms_at_most(mutes: AlarmMutes, alarms: FakeAlarms) -> None:
    alarms.names = [f"lrs-live-{number:03d}" for number in range(201)]
    assert mutes.run() == Muted(3, 0)
    assert sorted(len(rule.alarms) for rule in alarms.rules.values()) == [1, 100, 100]


@pytest.mark.parametrize(
    "other",
    [
        replace(TONIGHT, kind=WindowKind.EMERGENCY),
        replace(TONIGHT, environment=Environment.COMPATIBILITY),
        replace(TONIGHT, start=START + AHEAD + MINUTE, end=START + AHEAD + HOUR),
    ],
    ids=["emergency", "elsewhere", "far away"],
)
def test_nothing_else_is_muted(other: Window, world: FakeWorld, mutes: AlarmMutes) -> None:
    world.schedules.held = Schedule((other,), 1)
    assert mutes.run() == Muted(0, 0)


def test_where_there_are_no_alarms_nothing_is_asked(world: FakeWorld) -> None:
    assert world.services().alarm_mutes is None


# --- CloudWatch ------------------------------------------------------------------------------------------------------


@pytest.fixture
def stubbed() -> Any:
    client = Session(region_name="eu-west-2", aws_access_key_id="a", aws_secret_access_key="b").client("cloudwatch")
    with Stubber(client) as stub:
        yield CloudWatchAlarms(lambda: client, "lrs-live-"), stub


def test_only_alarms_that_notify_somebody_are_found(stubbed: Any) -> None:
    adapter, stub = stubbed
    topic = ["arn:aws:sns:eu-west-2:123456789012:page"]
    answer = {
        "MetricAlarms": [
            {"AlarmName": "lrs-live-z", "ActionsEnabled": True, "AlarmActions": topic},
            {"AlarmName": "lrs-live-part", "ActionsEnabled": True, "AlarmActions": []},
            {"AlarmName": "lrs-live-off", "ActionsEnabled": False, "AlarmActions": topic},
        ],
        "CompositeAlarms": [{"AlarmName": "lrs-live-a", "ActionsEnabled": True, "AlarmActions": topic}],
    }
    wanted = {"AlarmNamePrefix": "lrs-live-", "AlarmTypes": ["CompositeAlarm", "MetricAlarm"]}
    stub.add_response("describe_alarms", answer, wanted)
    assert adapter.notifying() == ["lrs-live-a", "lrs-live-z"]


def test_a_rule_is_put_found_and_deleted_as_cloudwatch_describes_it(stubbed: Any) -> None:
    adapter, stub = stubbed
    rule = MuteRule("MW-1-1-abc", datetime(2026, 12, 5, 20, tzinfo=UTC), datetime(2026, 12, 5, 23, tzinfo=UTC), ("x",))
    name = "lrs-live-maintenance-MW-1-1-abc"
    schedule = {"Expression": "at(2026-12-05T20:00)", "Duration": "PT180M", "Timezone": "UTC"}
    described = "Agreed maintenance. Made by the service from its maintenance schedule."
    put = {
        "Name": name, "Description": described, "Rule": {"Schedule": schedule}, "MuteTargets": {"AlarmNames": ["x"]}
    }  # fmt: skip
    stub.add_response("put_alarm_mute_rule", {}, put)
    adapter.mute(rule)
    arn = "arn:aws:cloudwatch:eu-west-2:123456789012:alarm-mute-rule:"
    found = [{"AlarmMuteRuleArn": f"{arn}{one}"} for one in (name, "somebody-elses")]
    stub.add_response("list_alarm_mute_rules", {"AlarmMuteRuleSummaries": found}, {})
    assert adapter.mute_rules() == ["MW-1-1-abc"]
    stub.add_response("delete_alarm_mute_rule", {}, {"AlarmMuteRuleName": name})
    adapter.unmute(["MW-1-1-abc"])
    stub.assert_no_pending_responses()
