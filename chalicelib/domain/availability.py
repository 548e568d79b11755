"""A learner's request to make a record available or unavailable: its fields (PLR-05)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain import codes
from chalicelib.domain.fields import Field, Kind

AVAILABILITY: Final = Field(
    "availability",
    Kind.CODE,
    10,
    "What the learner wants.",
    "OPTED_OUT",
    mandatory=True,
    codes=codes.WANTED_AVAILABILITY,
    wire="availability",
)
CONTACT_TYPE: Final = Field(
    "contact_type",
    Kind.CODE,
    3,
    "How the learner made the request; `NKN` if you leave it out.",
    "FTF",
    codes=codes.CONTACT_TYPE,
    wire="contactType",
)
REASON: Final = Field("reason", Kind.LINES, 500, "In the learner's words, for the service desk.", wire="reason")
