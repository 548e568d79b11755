"""Verification of the learners that achievement records name: return codes, reasons and notices (VLD-02)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, ParamSpec, Protocol, TypeVar

from chalicelib.domain.achievements import Checked, Command
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.matching import SubmittedDetails, Verification, verify
from chalicelib.ports.learners import Learners

P = ParamSpec("P")
T = TypeVar("T")

REFUSED = frozenset({"VRC005", "VRC006"})
"""Return codes that refuse a record; the others accept it, VRC003 and VRC004 with a warning."""


class Isolation(Protocol):
    """Keeps an unexpected error to the records that it concerns."""

    def isolated(self, numbers: Sequence[int], step: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | None:
        """Run a step for records, by their numbers; None when it failed for these records only."""
        ...

    def read_for(
        self, wanted: Mapping[str, Sequence[int]], read: Callable[[Iterable[str]], Mapping[str, T]]
    ) -> tuple[Mapping[str, T], frozenset[int]]:
        """Read what records need, by the numbers of these records, and return the records for which it failed."""
        ...


class _NoIsolation:
    """Every error is the caller's."""

    def isolated(self, numbers: Sequence[int], step: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | None:
        del numbers
        return step(*args, **named)

    def read_for(
        self, wanted: Mapping[str, Sequence[int]], read: Callable[[Iterable[str]], Mapping[str, T]]
    ) -> tuple[Mapping[str, T], frozenset[int]]:
        return read(wanted), frozenset()


ALONE: Final = _NoIsolation()
"""The isolation of a single record."""


def details_of(command: Command) -> SubmittedDetails:
    """The learner's details in an achievement record; those that could not be read are empty."""
    return SubmittedDetails(
        command.key.uln,
        command.given_name or "",
        command.family_name or "",
        command.date_of_birth,
        command.gender or "",
        command.postcode or "",
    )


def verifications(
    learners: Learners, wanted: Mapping[int, SubmittedDetails], isolation: Isolation = ALONE
) -> dict[int, Verification]:
    """Compare details with the register, by record number, in as few reads as possible.

    Records whose step failed are left out. Before a refusal the learner is read again, strongly consistently.
    """
    found = compared(learners, wanted, isolation)
    doubtful = {number: wanted[number] for number, one in found.items() if one.code in REFUSED}
    if not doubtful:
        return found
    settled = {number: one for number, one in found.items() if number not in doubtful}
    return settled | compared(learners, doubtful, isolation, consistent=True)


def compared(
    learners: Learners,
    wanted: Mapping[int, SubmittedDetails],
    isolation: Isolation = ALONE,
    *,
    consistent: bool = False,
) -> dict[int, Verification]:
    """Compare details with the learners of their ULNs and with the masters, all from one read.

    An empty name is not compared.
    """
    read = partial(learners.profiles, consistent=consistent)
    numbers: dict[str, list[int]] = {}
    for number, details in wanted.items():
        numbers.setdefault(details.uln, []).append(number)
    profiles, failed = isolation.read_for(numbers, read)
    masters: dict[str, list[int]] = {}
    for uln, profile in profiles.items():
        if profile.master_uln and profile.master_uln not in profiles:
            masters.setdefault(profile.master_uln, []).extend(numbers[uln])
    known = profiles
    if masters:
        others, without_master = isolation.read_for(masters, read)
        known, failed = {**profiles, **others}, failed | without_master
    found: dict[int, Verification] = {}
    for number, details in wanted.items():
        if number in failed:
            continue
        registered = profiles.get(details.uln)
        master = known.get(registered.master_uln) if registered is not None and registered.master_uln else None
        verification = isolation.isolated((number,), verify, _comparable(details, registered), registered, master)
        if verification is not None:
            found[number] = verification
    return found


def _comparable(details: SubmittedDetails, registered: LearnerProfile | None) -> SubmittedDetails:
    """The details with the registered name in place of an empty one."""
    if registered is None or (details.given_name and details.family_name):
        return details
    return details._replace(
        given_name=details.given_name or registered.given_name,
        family_name=details.family_name or registered.family_name,
    )


def register_failures(verification: Verification) -> list[Failure]:
    """VRC005 and VRC006 as failures; the flags name what did not agree, never the values."""
    flags = ", ".join(verification.flags)
    if verification.code == "VRC006":
        return [failure("ACL002", "ULN", flags=flags)]
    if "LEARNER_RESTRICTED" in verification.flags:
        return [failure("ACL005", "ULN", flags=flags)]
    return [failure("ACL003", "ULN", flags=flags)]


def register_notices(verification: Verification) -> list[Failure]:
    """VRC002, VRC003 and VRC004 as notices: details that are only similar, and a linked ULN."""
    notices = []
    if verification.code in ("VRC003", "VRC004"):
        notices.append(failure("ACW002", "ULN", why="; ".join(verification.explanation)))
    if verification.code in ("VRC002", "VRC004"):
        notices.append(failure("ACL004", "ULN"))
    return notices


def with_verification(checked: Checked, verification: Verification) -> Checked:
    """The record with what the register says: the return code, the master's ULN, reasons and notices.

    If a name could not be read, an agreement says nothing.
    """
    code, command = verification.code, checked.command
    if code in REFUSED:
        return checked._replace(return_code=code, reasons=(*register_failures(verification), *checked.reasons))
    if not (command.given_name and command.family_name):
        return checked
    if code == "VRC001":
        return checked._replace(return_code=code)
    linked = verification.disclosed if code in ("VRC002", "VRC004") else None
    return checked._replace(
        return_code=code,
        master_uln=linked.uln if linked is not None else "",
        reasons=(*checked.reasons, *register_notices(verification)),
    )
