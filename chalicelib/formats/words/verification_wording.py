"""The words of a verification's answer: return codes with their status and action, failure flags (AO18 Appendix C).

Result, status and action are those of the guide; flags have no published words, so these are our own. None repeats a
value.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple


class ReturnCodeWords(NamedTuple):
    """What a return code says."""

    result: str
    """Its name in the guide."""
    description: str
    status: Literal["Successful", "Probably Successful", "Error"]
    action: str
    """What whoever asked has to do."""


_VERIFIED: Final = "None – the ULN has been verified."

RETURN_CODES: Final[Mapping[str, ReturnCodeWords]] = MappingProxyType(
    {
        "VRC001": ReturnCodeWords(
            "Exact Match",
            "All of the details supplied are those that the register holds for the ULN; capital and small letters of "
            "names count as equal.",
            "Successful",
            _VERIFIED,
        ),
        "VRC002": ReturnCodeWords(
            "Exact Linked Match",
            "The details supplied are exactly those that the register holds for the ULN, and the learner has been "
            "registered with another ULN that is linked to it. The values returned are those of the learner marked as "
            "master.",
            "Successful",
            _VERIFIED,
        ),
        "VRC003": ReturnCodeWords(
            "Possible Match",
            "The names supplied match those that the register holds, but not character for character: part of a double "
            "name, a common synonym of the given name, a previous family name, or a like spelling. Date of birth and "
            "gender match where they were supplied.",
            "Probably Successful",
            "Examine the differences between the details you supplied and those returned. If there is any doubt about "
            "the result, seek clarification from the learning provider.",
        ),
        "VRC004": ReturnCodeWords(
            "Possible Linked Match",
            "A possible match was found, and the learner is linked to another ULN that has been marked as the master. "
            "The values returned are those of the master ULN.",
            "Probably Successful",
            _VERIFIED,
        ),
        "VRC005": ReturnCodeWords(
            "Learner Does Not Match",
            "The ULN exists, but the other details supplied do not match those that the register holds. It is not "
            "certain that the correct learner has been identified.",
            "Error",
            "Take note of the failure flags and ask the learning provider to correct either the details sent to you, "
            "or the Learner Register where that is wrong.",
        ),
        "VRC006": ReturnCodeWords(
            "ULN Not Found",
            "The ULN supplied does not currently exist on the register.",
            "Error",
            "Take note of the failure flags and ask the learning provider for an update.",
        ),
    }
)

FLAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ULN_NOT_FOUND": "The register has no learner with this ULN.",
        "ULN_INVALID": "The check digit of the ULN is wrong: no learner can have it.",
        "LEARNER_DELETED": "The learner of this ULN has been deleted from the register.",
        "LEARNER_RESTRICTED": "The learner's details may not be disclosed; contact the service desk.",
        "GIVEN_NAME_MISMATCH": "The given name is not like the one that the register holds.",
        "FAMILY_NAME_MISMATCH": "The family name is not like any that the register holds.",
        "DATE_OF_BIRTH_MISMATCH": "The date of birth is not the one that the register holds.",
        "GENDER_MISMATCH": "The gender is not the one that the register holds.",
    }
)
"""Failure flags of VRC005 and VRC006."""
