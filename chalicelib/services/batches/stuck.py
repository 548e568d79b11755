"""What administrators do about work that is stuck: send messages again, end a job (SLA-03).

Messages that were tried too often are sent to the queue that gave them up; those who read it can deal with a second
delivery. A job is ended by the watch run, within minutes, since only it may answer records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Job
from chalicelib.domain.looks import LookAction
from chalicelib.domain.organisation_fields import read_reason
from chalicelib.domain.refusals import Refused, or_refuse
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.messages import Queues
from chalicelib.services.batches.deadlines import DEAD, QUEUES
from chalicelib.services.looks import Looks, job_subject, queue_subject

MOST: Final = 500
"""Messages that are sent again at once, well within the time of a request; the rest wait for the next click."""
ATTEMPTS: Final = 5


class GivenUp(NamedTuple):
    """The messages of a queue that were tried too often."""

    queue: str
    messages: int
    """Approximately."""
    since: datetime | None
    """When the oldest was sent of those that were looked at."""


class StuckPorts(NamedTuple):
    """What it uses."""

    jobs: Jobs
    queues: Queues
    looks: Looks
    clock: Clock


class StuckWork:
    """Work that does not go on by itself. Each method may raise TemporaryFailure."""

    def __init__(self, ports: StuckPorts) -> None:
        self._ports = ports

    def given_up(self) -> list[GivenUp]:
        """Of every queue."""
        return [self.of_queue(queue) for queue in QUEUES]

    def of_queue(self, queue: str) -> GivenUp:
        """Of one queue. Raises Refused (``LRS-JOB-3``)."""
        if queue not in QUEUES:
            raise Refused(failure("LRS-JOB-3"))
        dead, queues = DEAD.format(queue), self._ports.queues
        messages = queues.count(dead)
        # To ask an empty queue for its oldest message takes a second.
        return GivenUp(queue, messages, queues.oldest(dead) if messages else None)

    def send_again(self, caller: Caller, queue: str) -> int:
        """Send the messages of a queue that were given up to it again; returns how many. Raises Refused."""
        if queue not in QUEUES:
            raise Refused(failure("LRS-JOB-3"))
        my, dead, sent = self._ports, DEAD.format(queue), 0
        my.looks.at(caller, LookAction.MESSAGES_SENT_AGAIN, queue_subject(queue))
        while sent < MOST and (moved := my.queues.move(dead, queue)):
            sent += moved
        return sent

    def job(self, job_id: str) -> Job:
        """A job of any organisation. Raises Refused: WSRC0018 if there is none, LRS-REQ-10 if it has ended."""
        found = self._ports.jobs.get(job_id)
        if found is None or found.source is None:
            raise Refused(failure("WSRC0018"))
        if found.status.is_end:
            raise Refused(failure("LRS-REQ-10"))
        return found

    def end(self, caller: Caller, job_id: str, texts: Mapping[str, str]) -> None:
        """Have the next watch run answer what is left of a job, for a reason; once more changes nothing.

        Raises Refused.
        """
        my, reason = self._ports, or_refuse(read_reason(texts))
        if self.job(job_id).ended_early_at is not None:
            return
        my.looks.at(caller, LookAction.JOB_ENDED, job_subject(job_id), reason=reason)
        for _ in range(ATTEMPTS):
            job = self.job(job_id)
            try:
                my.jobs.save(replace(job, ended_early_at=my.clock()))
            except Conflict:
                continue
            return
        raise TemporaryFailure("the job keeps changing")
