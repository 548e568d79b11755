"""What people read for the status of a batch job, on pages and in emails (IDM-13).

The web service has the names of the existing interface (:class:`chalicelib.domain.jobs.JobStatus`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chalicelib.domain.jobs import JobStatus

JOB_WORDS: Final[Mapping[JobStatus, str]] = {
    JobStatus.WAITING: "Waiting",
    JobStatus.IN_PROGRESS: "In progress",
    JobStatus.SUCCESSFUL: "Complete",
    JobStatus.FAILED: "Failed",
    JobStatus.CANCELLED: "Cancelled",
}
