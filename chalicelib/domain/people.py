"""Restrictions on learner data apart from the format of values: age, prohibited text and postcodes (ULN-08, AO18 App.
B).
"""

from __future__ import annotations

from datetime import date

from chalicelib import reference
from chalicelib.domain.failures import Failure, failure

MINIMUM_AGE = 11
MAXIMUM_AGE = 110
EARLIEST_BIRTH = date(1890, 1, 1)
"""No learner was born before this day."""
POSTCODE_UNKNOWN = "ZZ99 9ZZ"
"""Given if a postcode is not known (ILR Appendix C); in the right format, but without information."""


def birth_failures(born: date | None, field: str = "DateOfBirth") -> tuple[Failure, ...]:
    """``ACF004`` with ``hint`` "earliest" for a date of birth before that of any learner."""
    if born is None or born >= EARLIEST_BIRTH:
        return ()
    return (failure("ACF004", field, hint="earliest", earliest=EARLIEST_BIRTH),)


def age_on(date_of_birth: date, on: date) -> int:
    """Completed years of age; someone born on 29 February becomes a year older on 1 March of a common year."""
    return on.year - date_of_birth.year - ((on.month, on.day) < (date_of_birth.month, date_of_birth.day))


def age_failures(
    date_of_birth: date,
    on: date,
    field: str = "DateOfBirth",
    *,
    minimum: int = MINIMUM_AGE,
    maximum: int = MAXIMUM_AGE,
) -> tuple[Failure, ...]:
    """``ACF004`` with ``hint`` "age", ``minimum`` and ``maximum`` for a learner younger or older (AO18 App. B)."""
    if minimum <= age_on(date_of_birth, on) <= maximum:
        return ()
    return (failure("ACF004", field, hint="age", minimum=minimum, maximum=maximum),)


def prohibited_postcode(postcode: str, field: str, lists: reference.Lists | None = None) -> Failure | None:
    """``ACF009`` if a postcode in its normal form is on the operator's list of prohibited ones (AO18 App. B)."""
    held = lists or reference.lists()
    return failure("ACF009", field) if postcode in held.prohibited_postcodes else None


def prohibited_text(text: str, field: str, lists: reference.Lists | None = None) -> Failure | None:
    """``ACF006`` if a whole word or phrase of ``text`` is on the operator's list of prohibited text (AO18 App. B).

    Only whole words count, since many surnames contain a prohibited string. The failure does not repeat the word.
    """
    held = lists or reference.lists()
    return failure("ACF006", field) if held.prohibits(text) else None
