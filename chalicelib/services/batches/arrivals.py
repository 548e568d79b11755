"""Arrivals: files in the inbox whose event was lost (SLA-03).

S3 lists a bucket by key, not by time, so finding a file without a job means going through all of them. A watch run
takes a few pages and continues where the run before ended; a round is complete when the whole inbox has been listed.
Jobs are only read for files that arrived since the round before, and now and then for those of four days. So a watch
run costs the same however many files the inbox holds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.jobs import Source, job_id_of
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Missing
from chalicelib.ports.files import Files, StoredObject
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.messages import Queues, source_message

PAGES: Final = 10
"""Pages, of up to 1,000 versions each, that one run lists."""

LOOK_BACK: Final = timedelta(days=4)
"""How far back a thorough round looks: as long as the intake queue keeps a message."""

THOROUGH: Final = timedelta(hours=6)
"""The time between two thorough rounds. The others find each file; these also find one whose second message is lost."""

OVERLAP: Final = timedelta(hours=1)
"""How far a round looks back beyond the start of the one before."""

ARRIVED: Final = timedelta(minutes=15)
"""A file that arrived more recently may still get its job from its event."""

_PLACE: Final = "work/watch/inbox.json"


@dataclass(frozen=True, slots=True)
class Round:
    """How far a round has come; times as text in ISO 8601."""

    began: str
    since: str
    """Jobs are read for files that arrived after this."""
    thorough: str
    """When the last thorough round began."""
    after: str = ""
    """Where the list continues; empty for its beginning."""
    complete: bool = False


class Arrivals:
    """Finds files without a job."""

    def __init__(self, jobs: Jobs, files: Files, queues: Queues, clock: Clock) -> None:
        self._jobs = jobs
        self._files = files
        self._queues = queues
        self._clock = clock

    def find(self) -> int:
        """Send the events of files without a job again, in the next part of the inbox; how many there were."""
        now = self._clock()
        at, found = self._continued(now), 0
        for _ in range(PAGES):
            page = self._files.versions("inbox", "", at.after)
            found += self._send(page.items, datetime.fromisoformat(at.since), now)
            at = replace(at, after=page.after, complete=not page.after)
            if at.complete:
                break
        self._files.write("work", _PLACE, json.dumps(asdict(at)).encode(), "application/json")
        return found

    def _continued(self, now: datetime) -> Round:
        """The round that is not complete, or a new one."""
        try:
            at = Round(**json.loads(self._files.read("work", _PLACE)))
        except Missing:
            return Round(now.isoformat(), (now - LOOK_BACK).isoformat(), now.isoformat())
        if not at.complete:
            return at
        if now - datetime.fromisoformat(at.thorough) >= THOROUGH:
            return Round(now.isoformat(), (now - LOOK_BACK).isoformat(), now.isoformat())
        since = datetime.fromisoformat(at.began) - OVERLAP
        return Round(now.isoformat(), since.isoformat(), at.thorough)

    def _send(self, stored: Sequence[StoredObject], since: datetime, now: datetime) -> int:
        """Send the events of those that have no job."""
        arrived = [
            (Source("inbox", one.key, one.version), one.modified)
            for one in stored
            if since < one.modified <= now - ARRIVED and not one.key.endswith("/")  # a folder, as consoles make it
        ]
        if not arrived:
            return 0
        ids = {job_id for source, _ in arrived for job_id in _job_ids(source)}
        sources = {job.source for job in self._jobs.read(sorted(ids))}
        lost = [source_message(source, at) for source, at in arrived if source not in sources]
        if lost:
            self._queues.send("intake", lost)
        return len(lost)


def _job_ids(source: Source) -> list[str]:
    """The ids that the job of a file may have: made from its version, or with its upload form."""
    parts = source.key.split("/")
    return [job_id_of(source), *([parts[3]] if parts[0] == "upload" and len(parts) == 5 else [])]
