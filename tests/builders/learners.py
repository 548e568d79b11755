"""Details of learners as an organisation submits them, and callers who submit them."""

from __future__ import annotations

from datetime import date

from chalicelib.domain.learner_rules import read_details
from chalicelib.domain.learners import Learner, LearnerDetails
from chalicelib.domain.uln import check_digit

TODAY = date(2026, 3, 2)

VALID = {
    "given_name": "Bronwen",
    "family_name": "Ashcombe",
    "last_known_post_code": "CF10 1AA",
    "date_of_birth": "2004-05-17",
    "gender": "2",
    "verification_type": "2",
    "ability_to_share": "1",
}
"""The mandatory details of a learner."""


def values(**changes: str) -> dict[str, str]:
    """Details as texts, with some changed."""
    return VALID | changes


def details(**changes: str) -> LearnerDetails:
    """Valid details."""
    read = read_details(values(**changes), TODAY)
    assert isinstance(read, LearnerDetails), read
    return read


def uln(number: int) -> str:
    """The nth of many valid ULNs."""
    nine = 200_000_000 + 11 * number
    while (check := check_digit(str(nine))) is None:
        nine += 1
    return f"{nine}{check}"


def learner(number: int = 1, **changes: str) -> Learner:
    """A registered learner."""
    return Learner(uln(number), details(**changes), registered_by="10000001", last_updated_by="10000001")
