"""Turns metrics that functions print as log lines (EMF) into metrics of the emulator, as CloudWatch Logs does in the
cloud.

So alarms and the portal's service-level pages also work on one machine.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, cast

from local.emulated.forwarding import Forwarder, in_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_IN_CALL = 1000
_MOST_VALUES = 150

Datum = dict[str, Any]


def metric_data(line: str) -> list[tuple[str, Datum]]:
    """(namespace, datum of `PutMetricData`) for every metric of one EMF line; nothing for any other line."""
    if '"CloudWatchMetrics"' not in line:
        return []
    try:
        document = json.loads(line)
        directives = document["_aws"]["CloudWatchMetrics"]
        moment = datetime.fromtimestamp(document["_aws"]["Timestamp"] / 1000, UTC)
        return [entry for directive in directives for entry in _directive(directive, document, moment)]
    except (ValueError, KeyError, TypeError, OverflowError, OSError):  # the last two for a time that there cannot be
        return []


def _directive(directive: dict[str, Any], document: dict[str, Any], moment: datetime) -> Iterator[tuple[str, Datum]]:
    for metric in directive["Metrics"]:
        value = document[metric["Name"]]
        values = [float(one) for one in (value if isinstance(value, list) else [value])]
        for names in directive.get("Dimensions") or [[]]:
            yield (
                directive["Namespace"],
                {
                    "MetricName": metric["Name"],
                    "Dimensions": [{"Name": name, "Value": str(document[name])} for name in names],
                    "Timestamp": moment,
                    "Values": values[:_MOST_VALUES],
                    "Unit": metric.get("Unit", "None"),
                    "StorageResolution": metric.get("StorageResolution", 60),
                },
            )


class MetricForwarder(Forwarder[tuple[str, Datum]]):
    """Sends the metrics of the lines that it is given."""

    def __init__(self, cloudwatch: Any, *, every_seconds: float = 1.0) -> None:
        super().__init__("metrics", every_seconds=every_seconds)
        self._cloudwatch = cloudwatch

    def take(self, line: str) -> bool:
        """Queue the metrics of a line; whether it was an EMF line."""
        found = metric_data(line)
        for entry in found:
            self.put(entry)
        return bool(found)

    def batches(self, entries: list[tuple[str, Datum]]) -> list[list[tuple[str, Datum]]]:
        """Up to 1,000 metrics of one namespace in each."""
        grouped: defaultdict[str, list[tuple[str, Datum]]] = defaultdict(list)
        for entry in entries:
            grouped[entry[0]].append(entry)
        return [part for group in grouped.values() for part in in_parts(group, _MOST_IN_CALL)]

    def send(self, batch: list[tuple[str, Datum]]) -> None:
        """Make one call. Raises the client's errors."""
        self._cloudwatch.put_metric_data(Namespace=batch[0][0], MetricData=[datum for _, datum in batch])


@contextmanager
def standard_output_to(take: Callable[[str], bool]) -> Iterator[None]:
    """Inside, every line printed by this process is first passed to `take`; lines that it refuses are printed as usual.

    For handlers that run in this process: they print metrics to standard output like any Lambda.
    """
    original = sys.stdout
    sys.stdout = cast("Any", _Tap(original, take))
    try:
        yield
    finally:
        sys.stdout = original


class _Tap:
    def __init__(self, original: IO[str], take: Callable[[str], bool]) -> None:
        self._original = original
        self._take = take
        self._part = threading.local()

    def write(self, text: str) -> int:
        # A line printed by one thread arrives in pieces (text, then newline) that must not mix with another thread's.
        *lines, rest = (getattr(self._part, "text", "") + text).split("\n")
        self._part.text = rest
        for line in lines:
            if not self._take(line):
                self._original.write(line + "\n")
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)
