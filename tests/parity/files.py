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
from tests.parity.cases import Case, Fields, Seen, Sort, seen

OUTCOMES = {
    "RC001": "registered", "RC002": "found", "RC003": "updated", "RC004": "linked", "RC005": "not found",
    "RC007": "possible", "RC008": "possible",
}  # fmt: skip
"""Return codes of a learner batch in the words of the table; every other one refuses."""

_KINDS = {Sort.ACHIEVEMENT: ACHIEVEMENTS, Sort.VERIFICATION: VERIFICATIONS}
_FILENAMES = {Sort.ACHIEVEMENT: FILENAME, Sort.VERIFICATION: learner_files.VLD}
_LAYOUTS = {Sort.ACHIEVEMENT: layouts.ACHIEVEMENTS, Sort.VERIFICATION: learner_layouts.VERIFICATIONS}
_SOUND: Mapping[Sort, Fields] = {
    Sort.ACHIEVEMENT: achievements.record(),
    Sort.VERIFICATION: learner_files.row(learner_layouts.VERIFICATIONS, ULN=learner_uln(1)),
}
"""Every other sort is one of learner files."""
_IN_2A = {"MiddleNames": "MiddleOtherName", "PrivacyNoticeSeen": "AbilityToShare"}
"""Columns with another name in version 2A."""
NOT_IN_2A = frozenset({"UCI", "UPN"})


def fields_of(case: Case) -> dict[str, str]:
    """Every field of the record: those of a valid one with the changes of the case."""
    return {**_SOUND.get(case.sort, learner_files.row()), **case.fields}


def achievements_csv(fields: Fields) -> bytes:
    """A record that differs from a valid one, as a CSV file."""
    record, header = _parted({**_SOUND[Sort.ACHIEVEMENT], **fields}, layouts.ACHIEVEMENTS)
    return achievements.csv_file([record], header.get("UKPRN", achievements.OURS), **header)


def csv_of(case: Case) -> bytes:
    """The record as a CSV file."""
    if case.sort is Sort.ACHIEVEMENT:
        return achievements_csv(case.fields)
    record, header = _parted(fields_of(case), _layout(case))
    return learner_files.csv_file([record], _layout(case), **header)


def csv_2a_of(case: Case) -> bytes:
    """The record as a CSV file of the previous version."""
    record, header = _parted(fields_of(case), learner_layouts.LEARNERS)
    older = {_IN_2A.get(name, name): value for name, value in record.items() if name not in NOT_IN_2A}
    return learner_files.csv_file([older], learner_layouts.LEARNERS_2A, **header)


def xml_of(case: Case) -> bytes:
    """The record as an XML file; values that are empty are left out."""
    record, header = _parted(fields_of(case), _layout(case))
    if case.sort is not Sort.ACHIEVEMENT:
        return learner_files.xml_file([record], _layout(case), **header)
    named = {"UKPRN": achievements.OURS, "OrganisationRef": achievements.OURS, "FileName": FILENAME}
    given = {name: value for name, value in record.items() if value}
    return batch_files.xml_file([given], **named, **header)


def csv_surface(case: Case, world: FakeWorld) -> Seen:
    """Drop the record as a CSV file."""
    return _dropped(case, world, csv_of(case), ".CSV")


def csv_2a_surface(case: Case, world: FakeWorld) -> Seen:
    """Drop the record as a CSV file of the previous version."""
    answer = _dropped(case, world, csv_2a_of(case), ".CSV")
    now = {older: name for name, older in _IN_2A.items()}
    return seen(answer.outcome, *((code, now.get(field, field)) for code, field in answer.reasons))


def is_in_2a(case: Case) -> bool:
    """Whether the previous version has every field of the record."""
    return case.sort not in _LAYOUTS and not NOT_IN_2A & case.fields.keys()


def xml_surface(case: Case, world: FakeWorld) -> Seen:
    """Drop the record as an XML file."""
    return _dropped(case, world, xml_of(case), ".XML")


def name_of(case: Case, suffix: str = ".CSV") -> str:
    """The name of the record's file."""
    return f"{_FILENAMES.get(case.sort, learner_files.LRB)[:-4]}{suffix}"


def _layout(case: Case) -> Layout:
    return _LAYOUTS.get(case.sort, learner_layouts.LEARNERS)


def _parted(fields: Fields, layout: Layout) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of the record, and those of the header."""
    header = {name: value for name, value in fields.items() if name in layout.header_names}
    return {name: value for name, value in fields.items() if name not in header}, header


def _dropped(case: Case, world: FakeWorld, data: bytes, suffix: str) -> Seen:
    steps = Pipeline(world)
    ukprn = achievements.OURS if case.sort is Sort.ACHIEVEMENT else learner_files.PROVIDER
    kind = _KINDS.get(case.sort, LEARNERS)
    job = steps.process(data, name_of(case, suffix), ukprn, kind)
    [result] = steps.results(job.job_id).values()
    # The result files have the fields under the names of their layout.
    read = _SEEN.get(case.sort, _learner)
    return read(result._replace(failures=_layout(case).in_its_words(result.failures)))


def _achievement(result: Any) -> Seen:
    outcome = str(result.outcome).lower()
    return seen(outcome, *((why.code, why.field) for why in result.failures))


def _learner(result: Any) -> Seen:
    outcome = OUTCOMES.get(result.return_code, "refused")
    return seen(outcome, *(_refusing(result) if outcome in ("refused", "not found") else ()))


def _verification(result: Any) -> Seen:
    """A ULN with a wrong check digit is an unknown one (VRC006); any other fault of a field refuses the record."""
    reasons = _refusing(result)
    refused = result.outcome == "REFUSED" and any(code != "ACL001" for code, _ in reasons)
    return seen("refused", *reasons) if refused else Seen(result.return_code)


def _refusing(result: Any) -> list[tuple[str, str]]:
    return [(why.code, why.field) for why in result.failures if why.refuses]


_SEEN: Mapping[Sort, Callable[[Any], Seen]] = {
    Sort.ACHIEVEMENT: _achievement,
    Sort.VERIFICATION: _verification,
}
