"""The alarms of the simulated month, and those that should have fired: `python -m tests.infra.fired_alarms FILE`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tests.infra.alarm_evaluation import Alarm, Composite, changes_of, notified
from tests.infra.expected_alarms import expected
from tests.infra.simulated_month import EXCLUDED, LAST, PREFIX, START, Month, minute_of, month

TOLERANCE = 1
"""Minutes."""
MUTED = [(minute_of(start), minute_of(end)) for start, end in EXCLUDED]


class Compared(NamedTuple):
    """An alarm of the month."""

    name: str
    should: list[int]
    did: list[int]

    @property
    def agrees(self) -> bool:
        return len(self.should) == len(self.did) and all(
            abs(one - two) <= TOLERANCE for one, two in zip(self.should, self.did, strict=True)
        )


def compared(state: Iterable[dict[str, Any]], happened: Month) -> list[Compared]:
    """When each alarm that notifies should have, and when it did."""
    resources = list(state)
    alarms = [Alarm.of(one["values"]) for one in resources if one["type"] == "aws_cloudwatch_metric_alarm"]
    composites = [Composite.of(one["values"]) for one in resources if one["type"] == "aws_cloudwatch_composite_alarm"]
    changes = changes_of(alarms, composites, happened.metrics, 0, LAST)
    should = expected(happened.events)
    names = [alarm.name for alarm in (*alarms, *composites) if alarm.actions]
    assert not {f"{PREFIX}-{name}" for name in should} - set(names), "an alarm is missing"
    return [
        Compared(name, should.get(name.removeprefix(f"{PREFIX}-"), []), list(notified(changes[name], MUTED)))
        for name in sorted(names)
    ]


def table(rows: Iterable[Compared]) -> str:
    """The alarms that should have fired or did, for people."""
    lines = [f"{'alarm':<48} {'should':>6} {'did':>4}  first, last (UTC)"]
    for row in rows:
        if row.should or row.did:
            times = [f"{START + timedelta(minutes=one):%d %H:%M}" for one in (row.did or row.should)]
            ends = times[0] if len(times) == 1 else f"{times[0]}, {times[-1]}"
            mark = "" if row.agrees else "  DIFFERS"
            lines.append(
                f"{row.name.removeprefix(PREFIX + '-'):<48} {len(row.should):>6} {len(row.did):>4}  {ends}{mark}"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    resources = json.loads(Path(sys.argv[1]).read_text("utf-8"))["resources"]
    sys.stdout.write(table(compared(resources, month(resources))) + "\n")
