"""Examples of files with deliberate errors, for developers who try what their systems do with them (VAL-03).

The first record of each is valid. Every other one has the errors that stand beside it, and no others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from chalicelib.formats.batch.checks import Expectations, record_failures
from chalicelib.formats.batch.csv_files import report_text
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, VERIFICATIONS
from chalicelib.formats.words.messages import remedy, sentence

HEADINGS: Final = ("Record", "Field", "Code", "Message", "Action")
_CHECKED: Final = Expectations(date(2026, 11, 27))
"""A day on which the examples are checked. On any later one they have the same errors."""


class Faulty(NamedTuple):
    """A record that is refused."""

    changes: Mapping[str, str]
    """What differs from the valid record, by column."""
    errors: Sequence[tuple[str, str]]
    """Column and code of each error."""


class Error(NamedTuple):
    """An error of an example, as the validator reports it."""

    record: int
    field: str
    value: str
    code: str
    message: str
    action: str


def _one(column: str, value: str, code: str) -> Faulty:
    return Faulty({column: value}, [(column, code)])


_VALID: Final[Mapping[str, Mapping[str, str]]] = {
    ACHIEVEMENTS.name: {"AchievementAwardDate": "2026-07-03", "Action": "1", "ActionDate": "", "ActionReason": ""},
    LEARNERS.name: {"ULN": "", "ScottishCandidateNumber": ""},
    VERIFICATIONS.name: {},
}
"""Values of the valid record that are not the examples of their fields."""
_FAULTY: Final[Mapping[str, Sequence[Faulty]]] = {
    ACHIEVEMENTS.name: (
        _one("ULN", "1000000044", "ACL001"),
        _one("ULN", "1.00000004E9", "ACF003"),
        _one("FamilyName", "", "ACF001"),
        _one("FamilyName", "Müller", "ACF003"),
        _one("DateOfBirth", "14/03/2001", "ACF004"),
        _one("Gender", "7", "ACF005"),
        _one("LearnerPostcode", "CV1", "ACF003"),
        _one("UnitOrQualificationReferenceNumber", "600/1234", "ACF003"),
        _one("AchievementAwardDate", "2026-02-30", "ACF004"),
        _one("AchievementAwardDate", "2099-07-03", "ACR005"),
        _one("Grade", "A very good pass, with distinction", "ACF002"),
        _one("LanguageForAssessment", "FRA", "ACF005"),
        _one("ProviderUKPRN", "9000010", "ACF003"),
        _one("Action", "5", "ACF005"),
        Faulty({"Action": "2"}, [("ActionDate", "ACF001")]),
        Faulty({"Action": "3", "ActionDate": "2026-07-06"}, [("ActionReason", "ACR011")]),
        Faulty({"GivenName": "Amelia2", "Gender": "F"}, [("GivenName", "ACF003"), ("Gender", "ACF005")]),
    ),
    LEARNERS.name: (
        _one("ULN", "1000000044", "ACL001"),
        _one("GivenName", "", "ACF001"),
        _one("FamilyName", "O’Brien", "ACF003"),
        _one("PreviousFamilyName", "Thornbury2", "ACF003"),
        _one("LastKnownPostCode", "CV1", "ACF003"),
        _one("DateOfAddressCapture", "2099-01-12", "ACF004"),
        _one("DateOfBirth", "36964", "ACF004"),
        _one("PlaceOfBirth", "The village of Stoke, near Coventry, in England", "ACF002"),
        _one("EmailAddress", "amelia at example.org", "ACF003"),
        _one("Gender", "F", "ACF005"),
        _one("Nationality", "British", "ACF002"),
        _one("ScottishCandidateNumber", "12345", "ACF003"),
        _one("UCI", "1234", "ACF003"),
        _one("UPN", "123", "ACF003"),
        _one("PrivacyNoticeSeen", "2", "ACF005"),
        Faulty({"VerificationType": "999"}, [("OtherVerificationDescription", "ACF001")]),
        _one("OtherVerificationDescription", "Library card", "ACF003"),
    ),
    VERIFICATIONS.name: (
        _one("ULN", "1000000044", "ACL001"),
        _one("ULN", "", "ACF001"),
        _one("FamilyName", "Okafor3", "ACF003"),
        _one("GivenName", "", "ACF001"),
        _one("DateOfBirth", "01-03-14", "ACF004"),
        _one("Gender", "3", "ACF005"),
        Faulty({"FamilyName": "Müller", "DateOfBirth": "36964"}, [("FamilyName", "ACF003"), ("DateOfBirth", "ACF004")]),
    ),
}


def faulty_records(layout: Layout) -> list[list[str]]:
    """The values of every record: a valid one, then those with errors."""
    changes: list[Mapping[str, str]] = [{}, *(one.changes for one in _FAULTY[layout.name])]
    valid = {**{field.column: field.example for field in layout.record}, **_VALID[layout.name]}
    return [
        [*{**valid, "MISIdentifier": f"MIS-{number:05d}", **changed}.values()]
        for number, changed in enumerate(changes, 1)
    ]


def errors_of(layout: Layout) -> list[Error]:
    """Every error of the example, as the validator reports it."""
    return list(_errors(layout))


def _errors(layout: Layout) -> Iterator[Error]:
    records = zip(faulty_records(layout)[1:], _FAULTY[layout.name], strict=True)
    for number, (values, faulty) in enumerate(records, 2):
        given = dict(zip(layout.record_names, values, strict=True))
        found = {(why.field, why.code): why for why in record_failures(tuple(values), _CHECKED, layout) if why.refuses}
        for column, code in faulty.errors:
            why = found[column, code]
            yield Error(number, column, given[column], code, sentence(why), remedy(why))


def errors_file(layout: Layout) -> str:
    """The errors as CSV, to compare with those that a system finds."""
    rows = ((one.record, one.field, one.code, one.message, one.action) for one in errors_of(layout))
    return report_text(HEADINGS, rows)
