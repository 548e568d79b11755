"""What an organisation's submission depends on: its recognition, the catalogue in force, which awards are late.

It seldom changes and every single transaction needs it, so the catalogue and what is late are kept in memory for a
minute, and the organisation for a few seconds (``known_callers``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from chalicelib.domain.achievements import Catalogue, Submission
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.failures import failure
from chalicelib.domain.refusals import Refused
from chalicelib.domain.working_time import OUTAGE_DAYS, london_day, ten_working_days_before
from chalicelib.ports.catalogues import Catalogues
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Missing, TemporaryFailure
from chalicelib.ports.levels import Outages
from chalicelib.services.known_callers import KnownCallers

KEPT = timedelta(seconds=60)
"""How long the catalogue and what is late are kept."""


class DaysPorts(Protocol):
    """The ports that tell which days count."""

    @property
    def outages(self) -> Outages: ...
    @property
    def bank_holidays(self) -> frozenset[date]: ...


def late_before(day: date, ports: DaysPorts) -> date:
    """The day before which awards submitted on ``day`` are late (ACH-10). Raises TemporaryFailure."""
    return ten_working_days_before(day, ports.bank_holidays, ports.outages.since(day - OUTAGE_DAYS))


class Terms(NamedTuple):
    """The terms that decide a single transaction."""

    submission: Submission
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class TermsPorts:
    """The ports that the terms are read from."""

    known: KnownCallers
    catalogues: Catalogues
    outages: Outages
    clock: Clock
    bank_holidays: frozenset[date]


class _Kept(NamedTuple):
    read_at: datetime
    day: date
    catalogue: Catalogue
    late_before: date


class SubmissionTerms:
    """The terms of all organisations."""

    def __init__(self, ports: TermsPorts) -> None:
        self._ports = ports
        self._kept: _Kept | None = None

    def now_for(self, ukprn: str) -> Terms:
        """The terms for single, final achievements of an organisation.

        Raises Refused (WSEC0006) when it is unknown, suspended or not an awarding organisation, and TemporaryFailure.
        """
        now = self._ports.clock()
        organisation = self._ports.known.organisation(ukprn)
        if organisation is None or organisation.status != "active" or not organisation.is_awarding_organisation:
            raise Refused(failure("WSEC0006"))
        kept = self._kept
        if kept is None or now - kept.read_at >= KEPT or kept.day != london_day(now):
            kept = self._kept = self._read(now)
        submission = Submission(
            ukprn=ukprn,
            recognition_numbers=organisation.recognition_numbers,
            submitted_on=kept.day,
            submission_type=SubmissionType.FINAL,
            late_before=kept.late_before,
            single=True,
        )
        return Terms(submission, kept.catalogue)

    def _read(self, now: datetime) -> _Kept:
        day = london_day(now)
        try:
            catalogue = self._ports.catalogues.load(self._ports.catalogues.current_version())
        except Missing:
            raise TemporaryFailure("no catalogue is in force") from None
        return _Kept(now, day, catalogue, late_before(day, self._ports))
