"""Malware scans of submitted files: what each verdict means for the file (SEC-03).

The statuses are those of Amazon GuardDuty Malware Protection for S3. It scans every version of an object once; only an
operator has it scan again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Final

from chalicelib.domain.failures import Failure, failure

SCAN_LIMIT: Final = timedelta(hours=1)
"""A file without a verdict after this time is reported to the operators. A scan usually takes less than a minute."""


class Verdict(StrEnum):
    """The result of a scan, by its status."""

    CLEAN = "NO_THREATS_FOUND"
    INFECTED = "THREATS_FOUND"
    UNSUPPORTED = "UNSUPPORTED"
    """Its content cannot be scanned: it has a password, say, or is compressed too often."""
    DENIED = "ACCESS_DENIED"
    """The scanner may not read the file. Like a failed scan, this is ours to correct."""
    FAILED = "FAILED"


REFUSALS: Final = {Verdict.INFECTED: "ACB020", Verdict.UNSUPPORTED: "ACB021"}
"""The codes of the verdicts that refuse a file."""

_ORDER: Final = (Verdict.INFECTED, Verdict.UNSUPPORTED, Verdict.CLEAN, Verdict.DENIED, Verdict.FAILED)


def verdict_of(status: str) -> Verdict | None:
    """The verdict with a status; one that we do not know is no permission to read the file. None if it is empty."""
    if not status:
        return None
    return Verdict(status) if status in tuple(Verdict) else Verdict.FAILED


def in_force(verdicts: Iterable[Verdict | None]) -> Verdict | None:
    """The verdict that counts when several scans of one version are known, in whatever order they are reported.

    Once malware has been found, no other scan clears the file; a scan that failed says nothing against another.
    """
    return min((verdict for verdict in verdicts if verdict), key=_ORDER.index, default=None)


def refusal(verdict: Verdict | None) -> Failure | None:
    """Why a file with this verdict is refused; None if it may be read or has to wait."""
    return failure(REFUSALS[verdict]) if verdict in REFUSALS else None
