"""Corrections of failed records, collected until somebody sends them again as a new job (ACH-07)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Correction(NamedTuple):
    """A failed record of a job as somebody has corrected it."""

    job_id: str
    number: int
    """Of the record in the job's file, from 1."""
    values: tuple[str, ...]
    """In the order of the current version of the layout."""
    codes: tuple[str, ...]
    """Why it failed."""
    changed: tuple[tuple[str, str], ...]
    """The fields that were corrected, each with its value as it was submitted."""
    by: str
    """The user who saved it last."""
    at: datetime
    revision: int = 1
    sent_as: str = ""
    """The job with which it was sent again; empty until then."""
    place: int = 0
    """The number of the record in that job."""
