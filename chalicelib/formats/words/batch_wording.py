"""The words of what learner and verification batches tell besides what every batch does; see ``formats.wording``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chalicelib.domain.batch_answers import ReturnCode

BATCH_WORDS: Final[dict[str, tuple[str, str]]] = {
    "WSRC0030": (
        "{field} says {stated}, but the file has {found} learners to verify.",
        "Check that the file is complete, then correct {field}.",
    ),
    "LRS-LRB-1": (
        "The learner may be on the register already, so nobody was registered.",
        "Decide on the pending match that was made of the record.",
    ),
    "LRS-LRB-2": (
        "Too many learners on the register are like this one, so nobody was registered.",
        "Decide on the pending match that was made of the record.",
    ),
    "LRS-LRB-3": (
        "Learners like this one are on the register, but none of them is exactly so.",
        "Find the learner by web service, or send the record with the job type FUL.",
    ),
    "LRS-LRB-4": (
        "No learner on the register has these details.",
        "Check the details, or send the record with the job type FUL to have the learner registered.",
    ),
    "LRS-LRB-5": ("The learner cannot be registered with these details.", "Contact the service desk."),
    "LRS-LRB-6": ("The learner was changed by others at the same time.", "Look at the learner, then send it again."),
    "LRS-LRB-7": (
        "{field} cannot become this value for this learner.",
        "Leave it empty, or set 1 once the learner has seen the latest privacy notice.",
    ),
    "LRS-LRB-8": (
        "Record {first} has the same ULN.",
        "Check that both are meant. Records of one learner are processed in the order of the file.",
    ),
    "LRS-LRB-9": (
        "The organisation is not one that registers learners.",
        "Use the UKPRN under which the organisation registers learners, or contact the service desk.",
    ),
}

BATCH_VARIANTS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("ACB016", "list"): ("{field} in the file's header is not on its list.", "Use one of these: {allowed}."),
    ("ACB016", "e-mail address"): (
        "{field} in the file's header is not an address that mail can be sent to.",
        "Give one address, such as name@example.org, or leave {field} empty.",
    ),
    ("ACB016", "differs"): (
        "{field} in the file's header is not the one with which the upload was begun.",
        "Correct {field}, or begin the upload again.",
    ),
}

RETURN_CODES: Final[Mapping[ReturnCode, str]] = {
    ReturnCode.NEW: "A new ULN was allocated.",
    ReturnCode.EXACT: "The learner is on the register; the ULN is answered and nothing was changed.",
    ReturnCode.UPDATED: "The learner was found and updated.",
    ReturnCode.LINKED: "The learner has more than one ULN; the master ULN is answered and nothing was changed.",
    ReturnCode.NOT_FOUND: "There is no such learner, or the ULN is another learner's.",
    ReturnCode.TOO_LITTLE: "Too little was given to allocate a ULN.",
    ReturnCode.POSSIBLE: "The learner may be one of those on the register; a person has to decide.",
    ReturnCode.TOO_MANY: "Too many learners on the register are like this one; a person has to decide.",
    ReturnCode.CONFLICT: "The update conflicts with another one, or with the learner's choice about sharing.",
    ReturnCode.MISSING: "A mandatory value is missing.",
    ReturnCode.FORMAT: "A value is not of its form.",
    ReturnCode.IDENTIFIER: "A UCI, UPN or Scottish candidate number is not of its form.",
    ReturnCode.AGE: "The learner is younger or older than learners are.",
}
"""What the return codes of a learner batch say."""
