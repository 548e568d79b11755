"""The lists of codes: each value once, with its meaning and the other spellings in which it is read.

Layouts, XML schemas, the description of the web service, pages and messages take their lists from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final, NamedTuple

from chalicelib.domain.learner_batches import JobType


class Action(StrEnum):
    """The four actions on an achievement, with the numbers of the batch layout."""

    CREATE = "1"
    UPDATE = "2"
    WITHDRAW = "3"
    REINSTATE = "4"


class SubmissionType(StrEnum):
    """Whether a submission's achievements are final or may still be promoted to final."""

    FINAL = "FINAL"
    PROVISIONAL = "PROVISIONAL"


class FindType(StrEnum):
    """What the answer to a search contains."""

    FUL = "FUL"
    """The learners."""
    CHK = "CHK"
    """The code only."""


class GetType(StrEnum):
    """How much of each event is returned."""

    FULL = "FULL"
    BRIEF = "BRIEF"


class ChallengeType(StrEnum):
    """The problems that a challenge can report."""

    EVENT_GRADE = "EVENT_GRADE"
    EVENT_DATE = "EVENT_DATE"
    EVENT_NOT_MINE_SHARED_ULN = "EVENT_NOT_MINE_SHARED_ULN"
    EVENT_NOT_MINE_DISPUTED = "EVENT_NOT_MINE_DISPUTED"
    EVENT_DUPLICATE = "EVENT_DUPLICATE"
    ULN_CREATED_IN_ERROR = "ULN_CREATED_IN_ERROR"
    ULN_MERGED_IN_ERROR = "ULN_MERGED_IN_ERROR"
    ULN_OTHER = "ULN_OTHER"


class Code(NamedTuple):
    """One value of a list."""

    value: str
    """A member of the list's enumeration, where there is one."""
    meaning: str
    spellings: tuple[str, ...] = ()
    """Other texts that are read as this value."""


@dataclass(frozen=True)
class CodeList:
    """A named list of values. Capital and small letters are both accepted."""

    name: str
    """In schemas, such as ``Gender``."""
    codes: tuple[Code, ...]

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The values, in order."""
        return tuple(code.value for code in self.codes)

    @cached_property
    def allowed(self) -> str:
        """The values as a message lists them."""
        return ", ".join(self.values)

    @cached_property
    def meanings(self) -> dict[str, str]:
        """The meaning of each value."""
        return {code.value: code.meaning for code in self.codes}

    @cached_property
    def _known(self) -> dict[str, str]:
        return {text.casefold(): code.value for code in self.codes for text in (code.value, *code.spellings)}

    def read(self, text: str) -> str | None:
        """The value that a text without outer spaces spells, None where it spells none."""
        return self._known.get(text.casefold())


GENDER: Final = CodeList(
    "Gender", (Code("0", "not known"), Code("1", "male"), Code("2", "female"), Code("9", "not specified"))
)
OTHER_VERIFICATION: Final = "999"
"""The verification type that has to be described in words."""
VERIFICATION_TYPE: Final = CodeList(
    "VerificationType",
    (
        Code("0", "none provided"),
        Code("1", "relationship with school"),
        Code("2", "passport"),
        Code("3", "driving licence"),
        Code("4", "national identity card"),
        Code("5", "National Insurance card"),
        Code("6", "certificate of entitlement to funding"),
        Code("7", "bank, credit or debit card"),
        Code(OTHER_VERIFICATION, "other"),
    ),
)
OPTED_OUT: Final = "2"
"""The ability to share of a learner who opted out before 25 May 2018, no longer accepted to anyone."""
ABILITY_TO_SHARE: Final = CodeList(
    "AbilityToShare",
    (Code("0", "the privacy notice has not been seen"), Code("1", "the privacy notice has been seen")),
)
"""What may be submitted."""
HELD_ABILITY_TO_SHARE: Final = CodeList(
    "HeldAbilityToShare", (*ABILITY_TO_SHARE.codes, Code(OPTED_OUT, "opted out before 25 May 2018"))
)
"""What the register may hold."""
LANGUAGE_FOR_ASSESSMENT: Final = CodeList(
    "LanguageForAssessment",
    (
        Code("ENG", "English", ("English",)),
        Code("CYM", "Welsh", ("Welsh", "Cymraeg")),
        Code("GLE", "Irish", ("Irish", "Gaeilge")),
    ),
)
ACTION: Final = CodeList("Action", tuple(Code(action, action.name.lower(), (action.name,)) for action in Action))
ACTION_REASON: Final = CodeList(
    "ActionReason",
    (
        Code("ULNINVALID", "the qualification was sent with the wrong ULN"),
        Code("ACHINVALID", "the qualification was sent with the wrong aim reference number"),
        Code("DATINVALID", "the qualification was sent with the wrong achievement award date"),
        Code("SUBINERROR", "this record was sent in error"),
        Code("BATCHERROR", "all records of a batch were sent in error"),
    ),
)
"""AO18 Appendix D."""
SUBMISSION_TYPE: Final = CodeList(
    "SubmissionType",
    (
        Code(SubmissionType.FINAL, "the achievements are final"),
        Code(SubmissionType.PROVISIONAL, "the achievements may still be made final"),
    ),
)
JOB_TYPE: Final = CodeList("JobType", (Code(JobType.FULL, "register and update"), Code(JobType.CHECK, "check only")))
FIND_TYPE: Final = CodeList(
    "FindType", (Code(FindType.FUL, "the learners and the code"), Code(FindType.CHK, "the code only"))
)
GET_TYPE: Final = CodeList(
    "GetType", (Code(GetType.FULL, "every field of each event"), Code(GetType.BRIEF, "the nine main fields"))
)
WANTED_AVAILABILITY: Final = CodeList(
    "WantedAvailability",
    (
        Code("AVAILABLE", "other organisations can see the record"),
        Code("OPTED_OUT", "other organisations only see what they submitted"),
    ),
)
NOT_KNOWN: Final = "NKN"
CONTACT_TYPE: Final = CodeList(
    "ContactType",
    (
        Code("FTF", "face to face"),
        Code("TEL", "telephone"),
        Code("PST", "post"),
        Code("WEB", "website"),
        Code("EML", "email"),
        Code(NOT_KNOWN, "not known"),
    ),
)
"""How a learner can make a request."""
CHALLENGE_TYPE: Final = CodeList(
    "ChallengeType",
    (
        Code(ChallengeType.EVENT_GRADE, "the grade is wrong"),
        Code(ChallengeType.EVENT_DATE, "the end or award date is wrong"),
        Code(
            ChallengeType.EVENT_NOT_MINE_SHARED_ULN,
            "the ULN was shared, and the event should be removed or transferred",
        ),
        Code(ChallengeType.EVENT_NOT_MINE_DISPUTED, "the event is disputed, or was uploaded with the wrong ULN"),
        Code(ChallengeType.EVENT_DUPLICATE, "the event was uploaded more than once"),
        Code(ChallengeType.ULN_CREATED_IN_ERROR, "the ULN was created incorrectly"),
        Code(ChallengeType.ULN_MERGED_IN_ERROR, "the ULN was merged incorrectly"),
        Code(ChallengeType.ULN_OTHER, "another problem with the ULN"),
    ),
)
DECISION: Final = CodeList(
    "PendingDecision",
    (
        Code("useUln", "the learner is the one with `uln`, one of those found"),
        Code("registerNew", "the learner is new"),
        Code("drop", "do not register anyone"),
    ),
)
"""What to do about a pending match."""
ENCODING: Final = CodeList("Encoding", (Code("utf-8", "UTF-8"), Code("windows-1252", "Windows-1252")))
"""The encodings of a CSV file that may be declared."""

LISTS: Final = (
    GENDER,
    VERIFICATION_TYPE,
    ABILITY_TO_SHARE,
    HELD_ABILITY_TO_SHARE,
    LANGUAGE_FOR_ASSESSMENT,
    ACTION,
    ACTION_REASON,
    SUBMISSION_TYPE,
    JOB_TYPE,
    FIND_TYPE,
    GET_TYPE,
    WANTED_AVAILABILITY,
    CONTACT_TYPE,
    CHALLENGE_TYPE,
    DECISION,
    ENCODING,
)
"""Every list."""
