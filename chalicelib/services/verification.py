"""Verification of the learners that achievement records name: return codes, reasons and notices (VLD-02)."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.achievements import Checked, Command
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.matching import SubmittedDetails, Verification, verify

REFUSED = frozenset({"VRC005", "VRC006"})
"""Return codes with which a record is refused; the others are accepted, VRC003 and VRC004 with a warning."""


def verification_of(
    command: Command, profiles: Mapping[str, LearnerProfile], masters: Mapping[str, LearnerProfile]
) -> Verification:
    """The command's details against the learner of its ULN; ``masters`` has the masters that ``profiles`` lacks."""
    registered = profiles.get(command.key.uln)
    master = None
    if registered is not None and registered.master_uln:
        master = profiles.get(registered.master_uln) or masters.get(registered.master_uln)
    details = SubmittedDetails(
        command.key.uln,
        command.given_name,
        command.family_name,
        command.date_of_birth,
        command.gender,
        command.postcode,
    )
    return verify(details, registered, master)


def register_failures(verification: Verification) -> list[Failure]:
    """VRC005 and VRC006 as reasons; the flags say what did not agree, never the values."""
    flags = ", ".join(verification.flags)
    if verification.code == "VRC006":
        return [failure("ACL002", "ULN", flags=flags)]
    if "LEARNER_RESTRICTED" in verification.flags:
        return [failure("ACL005", "ULN", flags=flags)]
    return [failure("ACL003", "ULN", flags=flags)]


def with_verification(checked: Checked, verification: Verification) -> Checked:
    """The record with the return code, the master's ULN and the notices that an accepted verification brings."""
    notices = list(checked.notices)
    if verification.code in ("VRC003", "VRC004"):
        notices.append(failure("ACW002", "ULN", why="; ".join(verification.explanation)))
    master = ""
    if verification.code in ("VRC002", "VRC004") and verification.answered is not None:
        master = verification.answered.uln
        notices.append(failure("ACL004", "ULN"))
    return checked._replace(return_code=verification.code, master_uln=master, notices=tuple(notices))
