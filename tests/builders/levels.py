"""What functions print about requests and files."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chalicelib.domain.tallies import Measured, milliseconds
from chalicelib.observability import NAMESPACE, SERVICE, Metric


def metric_lines(found: Measured) -> Iterator[str]:
    """Lines in the embedded metric format, such as functions print."""
    values: dict[Metric, list[float]] = {Metric.REQUESTS: [found.requests]}
    if found.row.channel == "batch":
        share, rest = divmod(found.milliseconds, found.timed)
        values[Metric.REQUEST_FAULTS] = [found.faults]
        values[Metric.REQUEST_DURATION] = [share + rest, *[share] * (found.timed - 1)]
    if found.files is not None:
        longest, others = found.files.longest_minutes, found.files.ended - 1
        values[Metric.FILES_ENDED] = [1.0] * found.files.ended
        values[Metric.FILES_LATE] = [found.files.late]
        values[Metric.FILE_MINUTES] = [longest, *[(found.files.minutes - longest) / max(others, 1)] * others]
    dimensions = {"service": SERVICE, "catalogue_function": found.row.function, "channel": found.row.channel}
    for metric, numbers in values.items():
        name, unit = metric.value
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [list(dimensions)],
            "Metrics": [{"Name": name, "Unit": unit}],
        }
        envelope = {"Timestamp": milliseconds(found.start), "CloudWatchMetrics": [directive]}
        yield json.dumps({"_aws": envelope, name: numbers, **dimensions})
