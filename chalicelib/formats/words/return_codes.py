"""The words of return codes: a verification's, with its failure flags (AO18 Appendix C), and a learner batch's.

Result, status and action of a verification are those of the guide; flags have no published words, so these are our own.
None repeats a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from chalicelib.domain.learner_batches import ReturnCode
from chalicelib.domain.people import MAXIMUM_AGE, MINIMUM_AGE

VerificationStatus = Literal["Successful", "Probably Successful", "Error"]


class VerificationWords(NamedTuple):
    """What a return code of a verification says."""

    result: str
    """Its name in the guide."""
    description: str
    status: VerificationStatus
    action: str
    """What the caller has to do."""


_VERIFIED: Final = "None – the ULN has been verified."

VERIFICATION_CODES: Final[Mapping[str, VerificationWords]] = MappingProxyType(
    {
        "VRC001": VerificationWords(
            "Exact Match",
            "All of the details supplied match those held for the ULN. In names, differences between capital and small "
            "letters are ignored.",
            "Successful",
            _VERIFIED,
        ),
        "VRC002": VerificationWords(
            "Exact Linked Match",
            "All of the details supplied match those held for the ULN, but the learner has also been registered with "
            "another ULN and the two are linked. The details returned are those of the learner marked as master.",
            "Successful",
            _VERIFIED,
        ),
        "VRC003": VerificationWords(
            "Possible Match",
            "The names supplied match those held, but not character for character: one is part of a double name, a "
            "common synonym of the given name, a previous family name or a similar spelling. Date of birth and gender "
            "match if they were supplied.",
            "Probably Successful",
            "Examine the differences between the details you supplied and those returned. If there is any doubt about "
            "the result, seek clarification from the learning provider.",
        ),
        "VRC004": VerificationWords(
            "Possible Linked Match",
            "A possible match was found, and the learner is linked to another ULN that has been marked as the master. "
            "The details returned are those of the master ULN.",
            "Probably Successful",
            _VERIFIED,
        ),
        "VRC005": VerificationWords(
            "Learner Does Not Match",
            "The ULN exists, but the other details supplied do not match those held. We are not confident that the "
            "correct learner has been identified.",
            "Error",
            "Take note of the failure flags and ask the learning provider to correct either the details sent to you "
            "or, where it is wrong, the Learner Register.",
        ),
        "VRC006": VerificationWords(
            "ULN Not Found",
            "The ULN supplied does not currently exist on the register.",
            "Error",
            "Take note of the failure flags and ask the learning provider for an update.",
        ),
    }
)

FLAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ULN_NOT_FOUND": "No learner has this ULN.",
        "ULN_INVALID": "The check digit of the ULN is wrong, so no learner can have it.",
        "LEARNER_DELETED": "The learner with this ULN has been deleted from the register.",
        "LEARNER_RESTRICTED": "The learner's details cannot be disclosed. Contact the service desk.",
        "GIVEN_NAME_MISMATCH": "The given name does not match the one held.",
        "FAMILY_NAME_MISMATCH": "The family name does not match any of those held.",
        "DATE_OF_BIRTH_MISMATCH": "The date of birth does not match the one held.",
        "GENDER_MISMATCH": "The gender does not match the one held.",
    }
)
"""Failure flags of VRC005 and VRC006."""

LEARNER_CODES: Final[Mapping[ReturnCode, str]] = MappingProxyType(
    {
        ReturnCode.NEW: "A new ULN was allocated.",
        ReturnCode.EXACT: "Already registered. The ULN is returned; nothing was changed.",
        ReturnCode.UPDATED: "The learner was found and updated.",
        ReturnCode.LINKED: "The learner has more than one ULN. The master ULN is returned; nothing was changed.",
        ReturnCode.NOT_FOUND: "There is no such learner, or the ULN belongs to another learner.",
        ReturnCode.TOO_LITTLE: "There is not enough information to allocate a ULN.",
        ReturnCode.POSSIBLE: "The learner may already be registered. Someone has to decide.",
        ReturnCode.TOO_MANY: "There are too many possible matches. Someone has to decide.",
        ReturnCode.CONFLICT: "The update conflicts with another one, or with the learner's choice about sharing.",
        ReturnCode.MISSING: "A mandatory value is missing.",
        ReturnCode.FORMAT: "A value is not in the right format.",
        ReturnCode.IDENTIFIER: "A UCI, UPN or Scottish candidate number is not in the right format.",
        ReturnCode.AGE: f"The learner's age is outside the accepted range ({MINIMUM_AGE} to {MAXIMUM_AGE}).",
    }
)
"""What the return codes of a learner batch say."""
