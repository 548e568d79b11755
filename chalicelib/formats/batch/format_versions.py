"""The versions of the formats of batch files: from when each is, and what changed (VAL-03, C15 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, LEARNERS_2A, VERIFICATIONS

_FIRST: Final = "The beginning of this service"


class FormatVersion(NamedTuple):
    """A version that is accepted."""

    layout: Layout
    since: str
    changes: str


VERSIONS: Final[Sequence[FormatVersion]] = (
    FormatVersion(ACHIEVEMENTS, _FIRST, "The first version."),
    FormatVersion(
        LEARNERS,
        "July 2019",
        "Has the new columns UCI and UPN. MiddleOtherName is now MiddleNames, and AbilityToShare is PrivacyNoticeSeen.",
    ),
    FormatVersion(LEARNERS_2A, "Before July 2019", "The version before 3A. It is still accepted."),
    FormatVersion(VERIFICATIONS, _FIRST, "The first version."),
)
"""By format, newest first."""
