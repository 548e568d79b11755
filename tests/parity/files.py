"""The file surfaces: a record as CSV and as XML, dropped and read back from the result files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS
from chalicelib.formats.batch import layouts, learner_layouts
from chalicelib.formats.batch.layouts import Layout
from tests.builders import achievements, learner_files
from tests.builders import files as batch_files
from tests.builders.jobs import FILENAME, Pipeline
from tests.builders.learners import uln as learner_uln
from tests.fakes import FakeWorld
from tests.parity.cases import Case, Fields, Seen, Sort

_OUTCOMES = {
    "RC001": "registered", "RC002": "found", "RC003": "updated", "RC004": "linked", "RC005": "not found",
    "RC007": "possible", "RC008": "possible",
}  # fmt: skip
"""Return codes of a learner batch in the words of the table; every other one refuses."""

_KINDS = {
    Sort.ACHIEVEMENT: ACHIEVEMENTS, Sort.REGISTRATION: LEARNERS, Sort.UPDATE: LEARNERS, Sort.VERIFICATION: VERIFICATIONS
}  # fmt: skip
_FILENAMES = {
    Sort.ACHIEVEMENT: FILENAME, Sort.REGISTRATION: learner_files.LRB, Sort.UPDATE: learner_files.LRB,
    Sort.VERIFICATION: learner_files.VLD,
}  # fmt: skip
_SOUND: Mapping[Sort, Fields] = {
    Sort.ACHIEVEMENT: achievements.record(),
    Sort.REGISTRATION: learner_files.row(),
    Sort.UPDATE: learner_files.row(),
    Sort.VERIFICATION: learner_files.row(learner_layouts.VERIFICATIONS, ULN=learner_uln(1)),
}


def fields_of(case: Case) -> dict[str, str]:
    """Every field of the record: those of a sound one, and what the case changes."""
    return {**_SOUND[case.sort], **case.fields}


def achievements_csv(*records: Fields) -> bytes:
    """Records that differ from a sound one, as a CSV file."""
    return achievements.csv_file([{**_SOUND[Sort.ACHIEVEMENT], **one} for one in records])


def csv_of(case: Case) -> bytes:
    """The record as a CSV file."""
    if case.sort is Sort.ACHIEVEMENT:
        return achievements_csv(case.fields)
    return learner_files.csv_file([fields_of(case)], _layout(case))


def xml_of(case: Case) -> bytes:
    """The record as an XML file; values that are empty are left out."""
    if case.sort is not Sort.ACHIEVEMENT:
        return learner_files.xml_file([fields_of(case)], _layout(case))
    named = {"UKPRN": achievements.OURS, "OrganisationRef": achievements.OURS, "FileName": FILENAME}
    given = {name: value for name, value in fields_of(case).items() if value}
    return batch_files.xml_file([given], **named)


def csv_surface(case: Case, world: FakeWorld) -> Seen:
    """Drop the record as a CSV file."""
    return _dropped(case, world, csv_of(case), ".CSV")


def xml_surface(case: Case, world: FakeWorld) -> Seen:
    """Drop the record as an XML file."""
    return _dropped(case, world, xml_of(case), ".XML")


def name_of(case: Case, suffix: str = ".CSV") -> str:
    """The name of the record's file."""
    return f"{_FILENAMES[case.sort][:-4]}{suffix}"


def _layout(case: Case) -> Layout:
    if case.sort is Sort.ACHIEVEMENT:
        return layouts.ACHIEVEMENTS
    return learner_layouts.VERIFICATIONS if case.sort is Sort.VERIFICATION else learner_layouts.LEARNERS


def _dropped(case: Case, world: FakeWorld, data: bytes, suffix: str) -> Seen:
    steps = Pipeline(world)
    ukprn = achievements.OURS if case.sort is Sort.ACHIEVEMENT else learner_files.PROVIDER
    kind = _KINDS[case.sort]
    job = steps.process(data, name_of(case, suffix), ukprn, kind)
    [result] = steps.results(job.job_id).values()
    # The result files have the fields under the names of their layout.
    return _SEEN[case.sort](result._replace(failures=_layout(case).in_its_words(result.failures)))


def _achievement(result: Any) -> Seen:
    outcome = str(result.outcome).lower()
    return Seen(outcome, frozenset((why.code, why.field) for why in result.failures))


def _learner(result: Any) -> Seen:
    outcome = _OUTCOMES.get(result.return_code, "refused")
    return Seen(outcome, _refusing(result) if outcome in ("refused", "not found") else frozenset())


def _verification(result: Any) -> Seen:
    """A ULN with a wrong check digit is nobody's (VRC006); what else is wrong with a field refuses the record."""
    reasons = _refusing(result)
    refused = result.outcome == "REFUSED" and any(code != "ACL001" for code, _ in reasons)
    return Seen("refused", reasons) if refused else Seen(result.return_code)


def _refusing(result: Any) -> frozenset[tuple[str, str]]:
    return frozenset((why.code, why.field) for why in result.failures if why.refuses)


_SEEN: Mapping[Sort, Callable[[Any], Seen]] = {
    Sort.ACHIEVEMENT: _achievement,
    Sort.REGISTRATION: _learner,
    Sort.UPDATE: _learner,
    Sort.VERIFICATION: _verification,
}
