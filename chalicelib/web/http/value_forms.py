"""Forms of the values that the batch files know too: dates, ULNs, UKPRNs, postcodes, refused with the files' codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.uln import parse_uln
from chalicelib.domain.values import parse_date, parse_postcode
from chalicelib.web.http.forms import Form, Schema

_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_POSTCODE: Final = (
    r"^ *([A-Za-z]{1,2}[0-9Rr][0-9A-Za-z]? ?[0-9][ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2}|[Bb][Ff][Pp][Oo] ?[0-9]{1,4}) *$"
)


@dataclass(frozen=True, slots=True)
class Date(Form):
    """A day as YYYY-MM-DD, from 1800 to 2099; made a ``datetime.date``. ``ACF004`` with a hint for anything else."""

    example: str = "2001-03-14"

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, str):
            return [failure("LRS-REQ-4", name, expected="text")]
        read = parse_date(value, name)
        if isinstance(read, Failure):
            return [read]
        # Files may carry a time of midnight, as spreadsheets write it; a program has no reason to.
        return [] if _ISO_DATE.fullmatch(value) else [failure("ACF004", name, hint="time" if ":" in value else "")]

    def made(self, value: str) -> date:
        return date.fromisoformat(value)

    def schema(self) -> Schema:
        return {"type": "string", "format": "date"}

    def sample(self) -> str:
        return self.example


@dataclass(frozen=True, slots=True)
class Uln(Form):
    """A unique learner number; ``ACF003`` where it is not of its form, ``ACL001`` for a wrong check digit."""

    example: str = "1000000043"

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, str):
            return [failure("LRS-REQ-4", name, expected="text")]
        read = parse_uln(value, name)
        return [read] if isinstance(read, Failure) else []

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^[1-9][0-9]{9}$"}

    def sample(self) -> str:
        return self.example


@dataclass(frozen=True, slots=True)
class Ukprn(Form):
    """A UKPRN: eight digits, the first not 0; ``ACF003`` for anything else."""

    example: str = "10000020"

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, str):
            return [failure("LRS-REQ-4", name, expected="text")]
        return [] if re.fullmatch(r"[1-9][0-9]{7}", value) else [failure("ACF003", name, reason="UKPRN")]

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^[1-9][0-9]{7}$"}

    def sample(self) -> str:
        return self.example


@dataclass(frozen=True, slots=True)
class Postcode(Form):
    """A postcode; made in its normal form, "AB1 2BD" or "BFPO 12". ``ACF003`` for anything else."""

    example: str = "CV1 2WT"

    def faults(self, name: str, value: object) -> list[Failure]:
        if not isinstance(value, str):
            return [failure("LRS-REQ-4", name, expected="text")]
        if len(value) > 12 or not value.isascii():
            return [failure("ACF003", name, reason="postcode")]
        read = parse_postcode(value, name)
        return [read] if isinstance(read, Failure) else []

    def made(self, value: str) -> str:
        return str(parse_postcode(value, ""))

    def schema(self) -> Schema:
        return {"type": "string", "maxLength": 12, "pattern": _POSTCODE}

    def sample(self) -> str:
        return self.example
