"""The gateway's access logs in CloudWatch Logs (SLA-01, SLA-02)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from chalicelib.aws import temporary_failures
from chalicelib.domain.tallies import milliseconds
from chalicelib.ports.tallies import WrittenLine


class CloudWatchAccessLogs:
    """Reads log groups page by page. ``group`` gives the name of a surface's log group."""

    def __init__(self, client: Callable[[], Any], group: Callable[[str], str]) -> None:
        self._client = client
        self._group = group

    def lines(self, surface: str, start: datetime, end: datetime) -> Iterator[WrittenLine]:
        """The lines that were written from start to end."""
        wanted = {
            "logGroupName": self._group(surface),
            "startTime": milliseconds(start),
            "endTime": milliseconds(end),
        }
        while True:
            with temporary_failures("access_logs.lines"):
                page = self._client().filter_log_events(**wanted)
            yield from (WrittenLine(event["timestamp"], event["message"]) for event in page["events"])
            # A page can be empty and still not the last.
            if not page.get("nextToken"):
                return
            wanted["nextToken"] = page["nextToken"]
