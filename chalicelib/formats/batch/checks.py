"""What can be checked of a batch file without the registers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol
from zoneinfo import ZoneInfoNotFoundError

from chalicelib import reference
from chalicelib.domain.achievement_records import Faulty, parse_record
from chalicelib.domain.achievement_rules import rule_failures
from chalicelib.domain.achievements import Command, Key, Submission
from chalicelib.domain.aims import Aim, AimKind, AimReference, check_character_ok
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learner_batches import JobType
from chalicelib.domain.results import UNCHECKED, without_late
from chalicelib.formats.batch.files import BatchReader, header_failures, job_type_failures
from chalicelib.formats.batch.layout_choice import HEAD, layout_of
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, VERIFICATIONS
from chalicelib.formats.batch.learner_records import parse_learner
from chalicelib.formats.batch.recognition import XML
from chalicelib.formats.batch.records import Reading, Record
from chalicelib.formats.batch.verification_records import parse_verification
from chalicelib.formats.batch.xml_places import Place, element_places

Progress = Callable[[int], None]
"""Called from time to time with the number of bytes read."""

_PROGRESS_EVERY = 250
"""Records between two calls of the progress."""

_ANY_AIM = Aim(AimReference(""), "", AimKind.QUALIFICATION, frozenset(), shared=True)
"""An aim that accepts every award date, grade and organisation, since there are no registers to check."""


class Expectations(NamedTuple):
    """What the caller knows about the submission."""

    today: date
    """The day of submission; later awards are in the future."""
    ukprn: str = ""
    """The submitter's UKPRN; empty to leave it unchecked."""
    organisation_ref: str = ""
    encoding: str = ""
    """Declared encoding of a CSV file."""
    job_type: str = ""
    """Chosen for a file of learners, which may state none itself."""


class RecordReport(NamedTuple):
    """A record with reasons or notices."""

    number: int
    line: int
    failures: tuple[Failure, ...]


@dataclass(slots=True)
class Report:
    """The findings in one file."""

    filename: str
    layout: Layout
    format: str = ""
    size: int = 0
    """In bytes."""
    record_count: int = 0
    failures: list[Failure] = field(default_factory=list)
    """Reasons and notices about the file as a whole."""
    records: list[RecordReport] = field(default_factory=list)
    """Records with reasons or notices, in file order."""
    reading: Reading | None = None
    """Where the file's columns and rows are."""
    path: str = ""
    """The path, if another file has the same name."""

    @property
    def shown(self) -> str:
        """The name of the file in reports."""
        return self.path or self.filename

    @property
    def refused(self) -> bool:
        """Whether the service would refuse the file as a whole."""
        return any(reason.refuses for reason in self.failures)

    @property
    def faulty_records(self) -> int:
        """Records that the service would refuse."""
        return sum(any(reason.refuses for reason in record.failures) for record in self.records)

    @property
    def valid(self) -> bool:
        return not self.refused and not self.faulty_records


def check_file(
    source: Path | bytes,
    expected: Expectations,
    filename: str = "",
    layout: Layout | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check a file, given by its path or content; ``filename`` is the name for sending it, if different.

    Without a layout, the file's headings or elements decide. Raises OSError for a path that cannot be read.
    """
    if isinstance(source, bytes):
        report = Report(filename, layout or layout_of(source), size=len(source))
        _check(BytesIO(source), report, expected, progress)
        return report
    with source.open("rb") as stream:
        chosen = layout or layout_of(stream.read(HEAD))
        stream.seek(0)
        report = Report(filename or source.name, chosen, size=source.stat().st_size)
        _check(stream, report, expected, progress)
    return report


def record_failures(values: tuple[str, ...], expected: Expectations, layout: Layout) -> list[Failure]:
    """Every reason and notice of one record of any file in this layout."""
    return _checks_of(layout, expected, Reading(layout)).of(Record(1, 0, values))


def _check(stream: BinaryIO, report: Report, expected: Expectations, progress: Progress | None) -> None:
    reader = BatchReader(stream, report.filename, report.layout, expected.encoding)
    report.format = reader.format
    report.reading = reader.reading
    checks = _checks_of(report.layout, expected, reader.reading)
    if report.size > report.layout.max_bytes:
        report.failures.append(failure("ACB013", size=report.size, limit=report.layout.max_bytes))
        return
    for record in reader:
        report.record_count += 1
        if record.values:
            found = checks.of(record)
            if found:
                report.records.append(RecordReport(record.number, record.line, tuple(found)))
        if progress is not None and record.number % _PROGRESS_EVERY == 0:
            progress(stream.tell())
    reading = reader.reading
    report.failures.extend(reading.failures)
    report.failures.extend(
        header_failures(
            reading.header,
            expected.ukprn,
            expected.organisation_ref,
            report.filename,
            report.record_count,
            report.layout,
            reading.places,
        )
    )
    report.failures.extend(job_type_failures(reading.header, expected.job_type, reading.places))
    if report.format == XML:
        stream.seek(0)
        _place_reasons(stream, report)


def _place_reasons(stream: BinaryIO, report: Report) -> None:
    """Give each reason about a value of an XML record the place of its element, if the element is there."""
    wanted = {
        record.number: {reason.field for reason in record.failures if reason.field and not reason.line}
        for record in report.records
    }
    if not any(wanted.values()):
        return
    places = element_places(stream, report.layout, wanted)
    for at, record in enumerate(report.records):
        placed = tuple(
            reason if reason.line else _at(reason, places.get((record.number, reason.field), (0, 0)))
            for reason in record.failures
        )
        report.records[at] = record._replace(failures=placed)


def _at(reason: Failure, place: Place) -> Failure:
    return reason._replace(line=place[0], column=place[1])


def _checks_of(layout: Layout, expected: Expectations, reading: Reading) -> RecordChecks:
    if layout.name == LEARNERS.name:
        return _LearnerChecks(expected, reading)
    return _VerificationChecks() if layout.name == VERIFICATIONS.name else _AchievementChecks(expected)


class RecordChecks(Protocol):
    """The checks of the records of one file, including for repeated records."""

    def of(self, record: Record) -> list[Failure]:
        """Every reason and notice of one record."""
        ...


class _LearnerChecks:
    """The checks of learner records; which fields are needed depends on the job type."""

    def __init__(self, expected: Expectations, reading: Reading) -> None:
        self._today = expected.today
        self._chosen = expected.job_type
        self._reading = reading
        self._first: dict[str, int] = {}

    def of(self, record: Record) -> list[Failure]:
        """Every reason and notice of one record."""
        layout = self._reading.layout
        stated = self._reading.header.get("JobType") or self._chosen
        job_type = JobType(stated) if stated in tuple(JobType) else JobType.FULL
        parsed = parse_learner(LEARNERS.in_order(record.values, layout), job_type, self._today)
        found = [*record.failures, *layout.in_its_words(parsed.failures)]
        return found + _again(parsed.uln, record.number, self._first)


class _VerificationChecks:
    """The checks of verification records."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}

    def of(self, record: Record) -> list[Failure]:
        """Every reason and notice of one record."""
        parsed = parse_verification(record.values)
        uln = parsed.details.uln if parsed.details else ""
        return [*record.failures, *parsed.failures, *_again(uln, record.number, self._first)]


def _again(uln: str, number: int, first: dict[str, int]) -> list[Failure]:
    """A notice for the ULN of an earlier record."""
    earlier = first.setdefault(uln, number) if uln else number
    return [failure("LRS-LRB-8", "ULN", first=earlier)] if earlier != number else []


class _AchievementChecks:
    """The checks of achievement records, including for repeated keys."""

    def __init__(self, expected: Expectations) -> None:
        self._submission = Submission(
            ukprn=expected.ukprn,
            recognition_numbers=frozenset(),
            submitted_on=expected.today,
            submission_type=SubmissionType.FINAL,
            late_before=_late_before(expected.today),
        )
        self._first: dict[Key, int] = {}

    def of(self, record: Record) -> list[Failure]:
        """Every reason and notice of one record."""
        found = list(record.failures)
        parsed = parse_record(record.values)
        command = parsed
        if isinstance(parsed, Faulty):
            found += parsed.failures
            command = parsed.command
        assert isinstance(command, Command)
        # Every grade is unchecked here, since the validator does not know the aims.
        found += (why for why in rule_failures(command, self._submission, _EveryAim()) if why.code != UNCHECKED)
        if command.key.aim_reference and check_character_ok(command.key.aim_reference) is False:
            found.append(failure("REF_CHECK", "UnitOrQualificationReferenceNumber"))
        if all(command.key):
            first = self._first.setdefault(command.key, record.number)
            if first != record.number:
                found.append(failure("ACW005", "ULN", first=first))
        return list(without_late(found)) if any(reason.refuses for reason in found) else found


def _late_before(today: date) -> date:
    """Awards before this day are late (ACH-10), without taking the service's outages into account."""
    try:
        from chalicelib.domain.working_time import ten_working_days_before  # noqa: PLC0415
    except ZoneInfoNotFoundError:
        # Python on Windows has no time zones, and users need not install anything just for a notice.
        return date.min
    return ten_working_days_before(today, reference.lists().bank_holidays)


class _EveryAim:
    """A catalogue with every aim and provider."""

    def aim(self, reference: AimReference) -> Aim | None:  # noqa: ARG002 - the protocol's argument
        return _ANY_AIM

    def is_provider(self, ukprn: str) -> bool:  # noqa: ARG002
        return True
