"""Feeds of learning events: files of school data and of funding returns, row by row (PLR-01).

Both are CSV in UTF-8 with one row of headings, in any order; the headings show which of the two a file is. A row that
cannot be read is reported with its line and every reason, and the other rows are still read. docs/event-feeds.md
describes the columns for the people who make the files; it is made from :data:`SHAPES`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Final, NamedTuple, TypeVar

from chalicelib.domain.aims import parse_aim_reference
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import Kind, named
from chalicelib.domain.learner_fields import SUBMITTED
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.people import birth_failures
from chalicelib.domain.records import LANGUAGES, ParticipationEvent, Source
from chalicelib.domain.uln import parse_uln
from chalicelib.domain.values import PATTERNS, has_form, has_unseen, is_formula, parse_date

_AWARDING: Final = re.compile(rf"{PATTERNS[Kind.UKPRN]}|[0-9]{{6}}|[A-Z]{{6}}|", re.ASCII)
_FOREIGN: Final = re.compile("[\udc80-\udcff]")
"""Stand-ins for bytes that are not UTF-8, so that their row can be reported."""
_WIDEST: Final = 10_000
"""Characters of the longest value that can be part of such a file."""
EARLIEST_EVENT: Final = date(1980, 1, 1)
"""No school data or funding return has an older event; spreadsheets write an empty date as one of 1899 or 1900."""
_AHEAD: Final = timedelta(days=5 * 366)
"""How far ahead the planned dates of an event can be."""
_Value = TypeVar("_Value")


class Column(NamedTuple):
    """One column of a feed."""

    heading: str
    limit: int
    """In characters."""
    required: bool
    """Whether every row must have a value. If not, the column itself may be left out."""
    description: str
    example: str = ""
    codes: Mapping[str, str] = {}


class Shape(NamedTuple):
    """A kind of file."""

    source: Source
    title: str
    columns: tuple[Column, ...]


_LEARNER: Final = tuple(
    Column(
        field.wire, field.limit, field.mandatory, field.description, field.example,
        field.codes.meanings if field.codes else {},
    )
    for field in named(SUBMITTED, "uln", "given_name", "family_name", "date_of_birth", "gender")
)  # fmt: skip
"""Compared with the register as in verification."""
_WITHDRAWN: Final = Column(
    "Withdrawn", 1, False, "Y withdraws an event sent earlier.", "N", {"Y": "withdrawn", "N": "not withdrawn"}
)

SCHOOL_DATA: Final = Shape(
    Source.SCHOOL_DATA,
    "School data",
    (
        Column("RecordID", 40, True, "The record's own identifier, always the same for the same event.", "KS4-0000042"),
        *_LEARNER,
        Column("ProviderUKPRN", 8, True, "UKPRN of the school or college.", "90000101"),
        Column("ProviderName", 100, False, "Its name, if it is not in the register of providers.", ""),
        Column("AwardingOrganisation", 8, False, "UKPRN, or an old six-character code.", "100062"),
        Column("AwardingOrganisationName", 100, False, "Its name.", ""),
        Column("QualificationNumber", 10, False, "Qualification number, with or without slashes.", "60142923"),
        Column("Subject", 255, True, "Subject to show.", "Mathematics"),
        Column("QualificationType", 60, True, "Type of qualification to show.", "GCSE (9 to 1)"),
        Column("Level", 20, False, "Level to show.", "Level 1/2"),
        Column("Grade", 10, False, "Grade, if one was awarded.", "7"),
        Column("AwardDate", 10, False, "YYYY-MM-DD.", "2023-08-24"),
        Column("StartDate", 10, False, "First day of participation, YYYY-MM-DD.", "2021-09-01"),
        Column("EndDate", 10, False, "Last day of participation, YYYY-MM-DD.", "2023-06-30"),
        Column("CollectionType", 20, True, "The collection it comes from.", "School census"),
        Column("ReturnNumber", 10, False, "Number of the return in the collection.", "2023-3"),
        Column("LanguageForAssessment", 3, False, "Language of the assessment.", "ENG", LANGUAGES),
        Column("Restriction", 20, False, "A restriction on use, as in the collection.", ""),
        _WITHDRAWN,
    ),
)
FUNDING_RETURN: Final = Shape(
    Source.FUNDING_RETURN,
    "Funding return",
    (
        Column("UKPRN", 8, True, "UKPRN of the provider that made the return.", "90000101"),
        Column("LearnRefNumber", 12, True, "The provider's own number for the learner.", "0fm9000001"),
        *_LEARNER,
        Column("LearnAimRef", 10, True, "Learning aim reference.", "60142923"),
        Column("LearnStartDate", 10, True, "First day of learning, YYYY-MM-DD.", "2024-09-02"),
        Column("LearnActEndDate", 10, False, "Last day of learning, YYYY-MM-DD.", "2025-06-27"),
        Column("AchDate", 10, False, "Day of achievement, YYYY-MM-DD.", "2025-07-04"),
        Column("CompStatus", 1, True, "Completion status.", "2", {
            "1": "continuing", "2": "completed", "3": "withdrawn", "6": "break in learning",
        }),
        Column("Outcome", 1, False, "Outcome.", "1", {
            "1": "achieved", "2": "partly achieved", "3": "not achieved", "8": "not yet known",
        }),
        Column("OutGrade", 6, False, "Grade of the outcome.", "D"),
        Column("Collection", 20, True, "Collection and year.", "ILR2526"),
        Column("ReturnNumber", 3, True, "Number of the return in the year.", "R14"),
        _WITHDRAWN,
    ),
)  # fmt: skip
SHAPES: Final = (SCHOOL_DATA, FUNDING_RETURN)


class FeedRow(NamedTuple):
    """One row: an event and the learner it names, or the reasons why it cannot be read."""

    line: int
    event: ParticipationEvent | None
    details: SubmittedDetails | None
    failures: tuple[Failure, ...] = ()


class UnreadableFeed(Exception):
    """The file as a whole cannot be read; ``failures`` say why."""

    def __init__(self, *failures: Failure) -> None:
        super().__init__([reason.code for reason in failures])
        self.failures = failures


class Feed:
    """A file, read row by row. Raises :class:`UnreadableFeed` when made, and at a row after which none can be read.

    Dates are judged as on ``today``.
    """

    def __init__(self, data: bytes, today: date) -> None:
        self._today = today
        self._text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._reader = csv.reader(self._text, strict=True)
        headings = [heading.strip() for heading in self._next() or ()]
        if not any(headings):
            raise UnreadableFeed(failure("ACB001"))
        if any(map(_FOREIGN.search, headings)):
            raise UnreadableFeed(failure("ACB004", line=1))
        self.shape = _shape_of(headings)
        self._headings = headings
        self._columns = {column.heading: column for column in self.shape.columns}

    def rows(self) -> Iterator[FeedRow]:
        """Every row below the headings that is not blank."""
        width = len(self._headings)
        while (cells := self._next()) is not None:
            if not any(cells):
                continue
            line = self._reader.line_num
            if len(cells) != width:
                yield FeedRow(line, None, None, (failure("ACF007", line=line, expected=width, found=len(cells)),))
                continue
            row = _Row(dict(zip(self._headings, map(str.strip, cells), strict=True)), self._columns, self._today)
            event = _school_event(row) if self.shape is SCHOOL_DATA else _funding_event(row)
            details = row.details()
            if row.failures:
                yield FeedRow(line, None, None, tuple(reason._replace(line=line) for reason in row.failures))
            else:
                yield FeedRow(line, event, details)

    def _next(self) -> list[str] | None:
        try:
            return next(self._reader, None)
        except csv.Error:
            raise UnreadableFeed(failure("ACB010", line=self._reader.line_num, reason="quotation mark")) from None


def _shape_of(headings: list[str]) -> Shape:
    """The shape with these headings. Raises UnreadableFeed."""
    given = set(headings)
    shape = max(SHAPES, key=lambda one: len(given & {column.heading for column in one.columns}))
    known = {column.heading for column in shape.columns}
    missing = [column.heading for column in shape.columns if column.required and column.heading not in given]
    faults = [failure("ACB006", heading, line=1) for heading in missing]
    faults += [
        failure("ACB008", line=1, number=place) for place, heading in enumerate(headings, 1) if heading not in known
    ]
    faults += [failure("ACB007", heading, line=1) for heading in sorted(known) if headings.count(heading) > 1]
    if faults:
        raise UnreadableFeed(*faults)
    return shape


class _Row:
    """The values of a row, each read once; ``failures`` collects what is wrong."""

    def __init__(self, values: Mapping[str, str], columns: Mapping[str, Column], today: date) -> None:
        self._values = values
        self._today = today
        self.failures: list[Failure] = []
        for heading, value in values.items():
            self._check(columns[heading], value)

    def _check(self, column: Column, value: str) -> None:
        heading, limit, required, _, _, codes = column
        if not value:
            if required:
                self.failures.append(failure("ACF001", heading))
        elif len(value) > min(limit, _WIDEST):
            self.failures.append(failure("ACF002", heading, limit=limit))
        elif _FOREIGN.search(value):
            self.failures.append(failure("ACF003", heading, reason="encoding"))
        elif has_unseen(value):
            self.failures.append(failure("ACF003", heading, reason="control character"))
        elif is_formula(value):
            self.failures.append(failure("ACF008", heading))
        elif codes and value not in codes:
            self.failures.append(failure("ACF005", heading, allowed=", ".join(codes)))

    def text(self, heading: str) -> str:
        return self._values.get(heading, "")

    def day(self, heading: str) -> date | None:
        text = self.text(heading)
        read = parse_date(text, heading) if text else None
        return self._or_none(read)

    def past(self, heading: str) -> date | None:
        """The date of something that has happened."""
        return self._plausible(heading, self.day(heading), self._today, "future")

    def planned(self, heading: str) -> date | None:
        """A date that may be ahead by a few years."""
        return self._plausible(heading, self.day(heading), self._today.replace(day=1) + _AHEAD, "year")

    def _plausible(self, heading: str, day: date | None, latest: date, hint: str) -> date | None:
        if day is None:
            return None
        if day < EARLIEST_EVENT:
            self.failures.append(failure("ACF004", heading, hint="year"))
        elif day > latest:
            self.failures.append(failure("ACF004", heading, hint=hint))
        elif self._born is not None and day < self._born:
            self.failures.append(failure("ACF004", heading, hint="before birth"))
        return day

    @cached_property
    def _born(self) -> date | None:
        born = parse_date(self.text("DateOfBirth"), "DateOfBirth")
        return None if isinstance(born, Failure) else born

    def ukprn(self, heading: str) -> str:
        text = self.text(heading)
        if text and not has_form(Kind.UKPRN, text):
            self.failures.append(failure("ACF003", heading, reason="UKPRN"))
        return text

    def awarding(self, heading: str) -> str:
        text = self.text(heading).upper()
        if not _AWARDING.fullmatch(text):
            self.failures.append(failure("ACF003", heading, reason="UKPRN"))
        return text

    def aim(self, heading: str) -> str:
        """A reference without slashes, as in events from these sources; units keep theirs."""
        text = self.text(heading)
        return self._or_none(parse_aim_reference(text, heading) if text else None) or ""

    def uln(self) -> str:
        text = self.text("ULN")
        return self._or_none(parse_uln(text) if text else None) or ""

    def period(self, start: str, end: str) -> tuple[date | None, date | None]:
        begun, ended = self.planned(start), self.past(end) if end == "LearnActEndDate" else self.planned(end)
        if begun and ended and ended < begun:
            self.failures.append(failure("LRS-PLR-4", end))
        return begun, ended

    def withdrawn(self) -> bool:
        return self.text("Withdrawn") == "Y"

    def details(self) -> SubmittedDetails:
        """The learner named in the row."""
        self.failures += birth_failures(self._born)
        if self._born is not None and self._born > self._today:
            self.failures.append(failure("ACF004", "DateOfBirth", hint="future"))
        return SubmittedDetails(
            self.text("ULN"), self.text("GivenName"), self.text("FamilyName"), self.day("DateOfBirth"),
            self.text("Gender"),
        )  # fmt: skip

    def _or_none(self, read: _Value | Failure) -> _Value | None:
        if isinstance(read, Failure):
            self.failures.append(read)
            return None
        return read


def _school_event(row: _Row) -> ParticipationEvent:
    """The event of a row of school data; its identifier is digested, since it may contain a pupil's own number."""
    start, end = row.period("StartDate", "EndDate")
    uln, provider = row.uln(), row.ukprn("ProviderUKPRN")
    return ParticipationEvent(
        uln=uln,
        source=Source.SCHOOL_DATA,
        event_id=_digest(provider, row.text("RecordID")),
        provider_ukprn=provider,
        provider_name=row.text("ProviderName"),
        awarding_organisation_ukprn=row.awarding("AwardingOrganisation"),
        awarding_organisation_name=row.text("AwardingOrganisationName"),
        subject=row.text("Subject"),
        subject_code=row.aim("QualificationNumber"),
        qualification_type=row.text("QualificationType"),
        level=row.text("Level"),
        grade=row.text("Grade"),
        award_date=row.past("AwardDate"),
        start_date=start,
        end_date=end,
        collection_type=row.text("CollectionType"),
        return_number=row.text("ReturnNumber"),
        language=row.text("LanguageForAssessment"),
        restriction=row.text("Restriction"),
        withdrawn=row.withdrawn(),
    )


def _funding_event(row: _Row) -> ParticipationEvent:
    """The event of a row of a funding return: a learner's aim, identified by its first day, whichever return it is
    in.
    """
    start, end = row.period("LearnStartDate", "LearnActEndDate")
    uln, provider, aim = row.uln(), row.ukprn("UKPRN"), row.aim("LearnAimRef")
    achieved = row.text("Outcome") in ("1", "2")
    awarded = row.past("AchDate") or (end if achieved else None)
    return ParticipationEvent(
        uln=uln,
        source=Source.FUNDING_RETURN,
        event_id=_digest(provider, row.text("LearnRefNumber"), aim, row.text("LearnStartDate")),
        provider_ukprn=provider,
        subject_code=aim,
        grade=row.text("OutGrade"),
        award_date=awarded if achieved else None,
        start_date=start,
        end_date=end,
        collection_type=row.text("Collection"),
        return_number=row.text("ReturnNumber"),
        withdrawn=row.withdrawn(),
    )


def _digest(*identity: str) -> str:
    return hashlib.sha256("\x1f".join(identity).encode()).hexdigest()[:32]
