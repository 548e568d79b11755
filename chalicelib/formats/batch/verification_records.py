"""From the values of a verification record to the details to compare, or to every fault of it at once (VLD-03)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from chalicelib import reference
from chalicelib.domain import names, people
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.uln import parse_uln
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS
from chalicelib.formats.batch.learner_records import formula_failures, mis_failures

EARLIEST_BIRTH: Final = date(1890, 1, 1)


class VerificationRecord(NamedTuple):
    """What a record says."""

    details: SubmittedDetails | None
    """None where there is a fault."""
    failures: tuple[Failure, ...]


def parse_verification(values: Sequence[str]) -> VerificationRecord:
    """Read a record whose values are in the order of the layout.

    A sequence of another length has nothing and no reason of its own: the reader has told of it (ACF007).
    """
    if len(values) != len(VERIFICATIONS.record):
        return VerificationRecord(None, ())
    mis, uln, family, given, born, gender = values
    accents = reference.lists().welsh_names
    read = (
        parse_uln(uln),
        names.parse_name(given, "GivenName", accents=accents),
        names.parse_name(family, "FamilyName", accents=accents),
        parse_birth(born),
        people.parse_gender(gender, "Gender") if gender.strip() else "",
    )
    formulas = formula_failures(VERIFICATIONS.record, values)
    told = {why.field for why in formulas}
    found = [*formulas, *mis_failures(mis)]
    found += [value for value in read if isinstance(value, Failure) and value.field not in told]
    if found:
        return VerificationRecord(None, tuple(found))
    return VerificationRecord(SubmittedDetails(*read), ())  # type: ignore[arg-type]


def parse_birth(text: str) -> date | Failure | None:
    """The date of birth, None where none is given, or ``ACF004`` where it cannot be one (before 1890 too)."""
    if not text.strip():
        return None
    born = people.parse_date(text, "DateOfBirth")
    if isinstance(born, date) and born < EARLIEST_BIRTH:
        return failure("ACF004", "DateOfBirth", hint="earliest", earliest=EARLIEST_BIRTH)
    return born
