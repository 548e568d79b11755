"""Alarms and mute rules of CloudWatch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from chalicelib.aws import temporary_failures
from chalicelib.ports.alarms import MuteRule

_RULES: Final = "maintenance-"
_KINDS: Final = ("CompositeAlarms", "MetricAlarms")
_MINUTE: Final = timedelta(minutes=1)


class CloudWatchAlarms:
    """The alarms whose names begin with ``prefix``. ``client`` returns botocore's client."""

    def __init__(self, client: Callable[[], Any], prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def notifying(self) -> list[str]:
        """The names of the alarms that notify somebody; the parts of a composite alarm need no muting."""
        with temporary_failures("alarms.notifying"):
            pages = (
                self._client()
                .get_paginator("describe_alarms")
                .paginate(AlarmNamePrefix=self._prefix, AlarmTypes=["CompositeAlarm", "MetricAlarm"])
            )
            found = [one for page in pages for kind in _KINDS for one in page.get(kind, ())]
        return sorted(one["AlarmName"] for one in found if one["ActionsEnabled"] and one.get("AlarmActions"))

    def mute_rules(self) -> list[str]:
        """The names of our rules, without the prefix of the environment, whether they are over or not."""
        with temporary_failures("alarms.mute_rules"):
            pages = self._client().get_paginator("list_alarm_mute_rules").paginate()
            arns = [one["AlarmMuteRuleArn"] for page in pages for one in page["AlarmMuteRuleSummaries"]]
        names = (arn.rpartition(":")[2] for arn in arns)
        ours = self._prefix + _RULES
        return sorted(name.removeprefix(ours) for name in names if name.startswith(ours))

    def mute(self, rule: MuteRule) -> None:
        """Make a rule; times are to the minute. Raises TemporaryFailure."""
        minutes = (rule.end - rule.start) // _MINUTE
        schedule = {"Expression": f"at({rule.start:%Y-%m-%dT%H:%M})", "Duration": f"PT{minutes}M", "Timezone": "UTC"}
        with temporary_failures("alarms.mute"):
            self._client().put_alarm_mute_rule(
                Name=self._prefix + _RULES + rule.name,
                Description="Agreed maintenance. Made by the service from its maintenance schedule.",
                Rule={"Schedule": schedule},
                MuteTargets={"AlarmNames": list(rule.alarms)},
            )

    def unmute(self, names: Sequence[str]) -> None:
        """Delete rules. Raises TemporaryFailure."""
        for name in names:
            with temporary_failures("alarms.unmute"):
                self._client().delete_alarm_mute_rule(AlarmMuteRuleName=self._prefix + _RULES + name)
