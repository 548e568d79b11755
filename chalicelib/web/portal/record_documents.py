"""A report of a record in texts, for the function that makes PDF of it (PLR-03)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from chalicelib.domain.record_reports import Report, chosen
from chalicelib.formats.record_report import RecordReport, ReportedPart
from chalicelib.formats.unshown import UNSHOWN_NOTE
from chalicelib.services.records import RecordAnswer
from chalicelib.web.portal.moments import day_text, moment_text
from chalicelib.web.portal.parts import Row
from chalicelib.web.portal.record_parts import EventShown, PartShown, learner_rows, limits_of, whole
from chalicelib.web.portal.rendering import SERVICE_NAME, Person

_HEADS: Final = ("Qualification", "Level", "Grade", "Credits", "Date", "Awarding organisation", "School or provider")


def document_of(answer: RecordAnswer, report: Report, person: Person, at: datetime) -> RecordReport:
    """The report, in English: what the page to print shows."""
    uln, when = answer.incoming_uln, moment_text(at, str)
    limits = limits_of(uln, answer.found_uln, answer.availability)
    rows = learner_rows(answer.learner) if answer.learner and report.has_learner else ()
    return RecordReport(
        language="en",
        title=f"Personal Learning Record, ULN {uln}",
        organisation=person.organisation,
        header=f"{SERVICE_NAME} – ULN {uln} – {person.organisation}, {person.name}, {when}",
        printed=f"Made for {person.organisation} by {person.name} on {when}",
        limits=[limit.english for limit in limits],
        learner_title="Learner",
        learner_heads=("Detail", "Value"),
        learner=[(row.key, _text(row)) for row in rows],
        heads=_HEADS,
        parts=[_part(part) for part in whole(chosen(answer.events, report.choice))],
        nothing="Nothing to show",
        note=" ".join(_notes(report)),
        unshown=UNSHOWN_NOTE,
    )


def _part(part: PartShown) -> ReportedPart:
    return ReportedPart(title=f"{part.title}: {part.total}", events=[_cells(event) for event in part.events])


def _cells(shown: EventShown) -> Sequence[str]:
    marks = [
        text
        for text, is_so in (("Provisional", shown.is_provisional), ("Problem reported", shown.is_challenged))
        if is_so
    ]
    named = ", ".join(filter(None, (shown.title, shown.about, *marks)))
    day = day_text(shown.day, str) if shown.day else ""
    return (named, shown.level, shown.grade, shown.credits, day, shown.awarding_organisation, shown.provider)


def _text(row: Row) -> str:
    return day_text(row.value, str) if isinstance(row.value, date) else row.value


def _notes(report: Report) -> Iterable[str]:
    period = report.choice.period
    if period.first is not None:
        yield f"Events from {day_text(period.first, str)}."
    if period.last is not None:
        yield f"Events to {day_text(period.last, str)}."
    yield "Withdrawn achievements are not part of the record."
