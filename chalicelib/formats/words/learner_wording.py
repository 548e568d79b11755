"""The words of what can be wrong with a learner's details, a change of them or a decision; see ``formats.wording``."""

from __future__ import annotations

from typing import Final

LEARNER_WORDS: Final[dict[str, tuple[str, str]]] = {
    "WSRC0013": (
        "The learner has been changed since you read the details.",
        "Find the learner again, and send the change with the new version number.",
    ),
    "WSRC0014": (
        "AbilityToShare cannot become this value.",
        "Leave it as it is, or set 1 once the learner has seen the latest privacy notice.",
    ),
    "WSRC0019": ("The register has no learner with this ULN.", "Check {field}, or find the learner by their details."),
    "WSRC0020": ("The change changes nothing.", "Send the details that have changed."),
    "WSRC0021": (
        "The learner was not registered: learners with like details are on the register.",
        "Decide on the pending match, or contact the service desk.",
    ),
    "WSRC0022": (
        "The learner has another ULN that is marked as master, and only the master is updated.",
        "Find the learner again, and send the change to the master's ULN.",
    ),
    "LRS-LINK-1": ("The two ULNs cannot be linked or unlinked.", "Check both learners."),
    "LRS-PEND-1": ("Your organisation has no such pending match.", "Check the id of the pending match."),
    "LRS-PEND-2": ("The pending match has been decided.", "Look at it for what was decided."),
    "LRS-PEND-3": (
        "The ULN is not one of those found for the pending match.",
        "Choose one of the learners that are listed with it.",
    ),
}

LEARNER_VARIANTS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("ACF003", "e-mail address"): ("{field} is not an e-mail address.", "Enter one address, such as name@example.org."),
    ("ACF003", "telephone number"): (
        "{field} is not a telephone number.",
        "Use digits, spaces, brackets and hyphens, with a plus sign in front for another country.",
    ),
    ("ACF003", "nationality"): ("{field} is not a country's code.", "Enter the code of three letters, such as GBR."),
    ("ACF003", "Scottish candidate number"): ("{field} is not made of nine digits.", "Enter all nine digits."),
    ("ACF003", "unique candidate identifier"): (
        "{field} is not a unique candidate identifier.",
        "Enter its 13 characters: 12 digits, the sixth of which may be a letter, and a letter.",
    ),
    ("ACF003", "unique pupil number"): (
        "{field} is not a unique pupil number.",
        "Enter its 13 characters: a letter and 12 digits, the last of which may be a letter.",
    ),
    ("ACF003", "verification type"): (
        "{field} is given although VerificationType is not 999 (other).",
        "Leave {field} empty, or set VerificationType to 999.",
    ),
    ("LRS-LINK-1", "same ULN"): ("A ULN cannot be linked to itself.", "Enter the other ULN as master."),
    ("LRS-LINK-1", "linked already"): ("One of the ULNs is linked already.", "Unlink it first, or name its master."),
    ("LRS-LINK-1", "is a master"): (
        "The ULN is the master of others.",
        "Unlink those first, or link the other way round.",
    ),
    ("LRS-LINK-1", "not linked"): ("The ULN is not linked.", "Nothing is left to be done."),
}
