"""The gateway's access log: one JSON line for every request, as `infra/access_log.json` describes it.

API Gateway writes the same line to the log group of its stage. Availability and response times are computed from it,
since it has what the functions cannot report: crashes, time-outs, and requests that never reached them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from local.emulated.forwarding import Forwarder, in_parts
from local.emulated.stack import physical_name

FORMAT: Final[Mapping[str, Mapping[str, str]]] = json.loads(
    (Path(__file__).resolve().parents[2] / "infra" / "access_log.json").read_text(encoding="utf-8")
)
"""The variables of API Gateway for each field: `numbers` always have a value, `texts` are `-` without one."""
_STREAM: Final = "gateway"
_MOST_IN_CALL: Final = 2_000
"""CloudWatch Logs takes 10,000 events and 1 MiB in a call; a line has less than 500 bytes."""


def access_log_group(prefix: str, surface: str) -> str:
    """The log group of a surface: `lrs-local-access-web`."""
    return physical_name(prefix, f"access-{surface}")


def access_line(found: Mapping[str, object]) -> str:
    """The line of a request, from the values of the variables. Raises KeyError for a number without a value."""
    numbers = [f'"{name}":{found[variable]}' for name, variable in sorted(FORMAT["numbers"].items())]
    texts = [f'"{name}":"{found.get(variable, "-")}"' for name, variable in sorted(FORMAT["texts"].items())]
    return f"{{{','.join([*numbers, *texts])}}}"


class AccessLog(Forwarder[str]):
    """Writes lines to the log group of a surface, which is created if it does not exist."""

    def __init__(self, logs: Any, group: str, **forwarding: Any) -> None:
        super().__init__("access log", **forwarding)
        self._logs = logs
        self._group = group

    def start(self) -> None:
        """Create the log group and start sending."""
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_group(logGroupName=self._group)
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_stream(logGroupName=self._group, logStreamName=_STREAM)
        super().start()

    def batches(self, entries: list[str]) -> list[list[str]]:
        """Up to 2,000 lines in each."""
        return in_parts(entries, _MOST_IN_CALL)

    def send(self, batch: list[str]) -> None:
        """Make one call. Raises the client's errors."""
        events = [{"timestamp": json.loads(line)["at"], "message": line} for line in batch]
        # A call's events must be in the order of their times; requests end in another.
        events.sort(key=lambda event: event["timestamp"])
        self._logs.put_log_events(logGroupName=self._group, logStreamName=_STREAM, logEvents=events)
