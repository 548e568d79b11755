"""The exception with which use cases refuse, and the kind of refusal of each code."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from chalicelib.domain.failures import Failure

T = TypeVar("T")


class RefusalKind(StrEnum):
    """A kind of refusal. Each surface has its own form for it: a status, a fault, a page."""

    INVALID = "invalid"
    """A value or a rule is broken: correct the request."""
    NOT_ALLOWED = "not-allowed"
    NOT_FOUND = "not-found"
    """It does not exist, or the caller may not see it."""
    NOT_NOW = "not-now"
    """Not possible in its current state."""
    STALE = "stale"
    """It has changed since the caller read it."""


KINDS: Final[Mapping[str, RefusalKind]] = {
    "WSEC0003": RefusalKind.NOT_ALLOWED,  # organisation unknown
    "WSEC0006": RefusalKind.NOT_ALLOWED,  # no access
    "WSRC0043": RefusalKind.NOT_ALLOWED,  # not set up for achievement batches
    "LRS-PLR-1": RefusalKind.NOT_ALLOWED,  # access to a record that is no longer valid
    "LRS-ORG-3": RefusalKind.NOT_ALLOWED,  # the organisation of those who run the service
    "ACR008": RefusalKind.NOT_FOUND,  # achievement
    "WSRC0018": RefusalKind.NOT_FOUND,  # job
    "LRS-JOB-3": RefusalKind.NOT_FOUND,  # queue of work
    "WSRC0019": RefusalKind.NOT_FOUND,  # learner
    "LRS-PEND-1": RefusalKind.NOT_FOUND,  # pending match
    "LRS-ORG-1": RefusalKind.NOT_FOUND,  # organisation
    "LRS-LIST-1": RefusalKind.NOT_FOUND,  # reference list
    "LRS-LOAD-1": RefusalKind.NOT_FOUND,  # load of registers or feeds
    "LRS-LOAD-2": RefusalKind.NOT_NOW,  # load that cannot be accepted
    "LRS-DEV-1": RefusalKind.NOT_FOUND,  # developer
    "LRS-CRED-2": RefusalKind.NOT_FOUND,  # credential
    "LRS-CRED-3": RefusalKind.NOT_NOW,  # credential already issued
    "LRS-USER-21": RefusalKind.NOT_FOUND,  # portal user
    "LRS-MW-8": RefusalKind.NOT_FOUND,  # maintenance window
    "LRS-REQ-9": RefusalKind.NOT_FOUND,  # file of an ended job
    "WSRC0008": RefusalKind.NOT_NOW,  # job not ended
    "WSRC0021": RefusalKind.NOT_NOW,  # a hidden learner has the same details
    "WSRC0022": RefusalKind.NOT_NOW,  # only the master can be updated
    "LRS-PEND-2": RefusalKind.NOT_NOW,  # pending match decided
    "LRS-PEND-4": RefusalKind.NOT_NOW,  # pending match with new learners
    "LRS-USER-22": RefusalKind.NOT_NOW,  # state of a portal user's account
    "LRS-REQ-10": RefusalKind.NOT_NOW,  # job ended
    "LRS-ORG-4": RefusalKind.NOT_NOW,  # organisation suspended or active already
    "LRS-USER-25": RefusalKind.NOT_NOW,  # first super user of an organisation that has users
    "LRS-DR-1": RefusalKind.NOT_NOW,  # a recovery is running
    "LRS-DR-2": RefusalKind.NOT_NOW,  # none is running
    "LRS-MW-9": RefusalKind.NOT_NOW,  # maintenance window over, cancelled or begun
    "WSRC0013": RefusalKind.STALE,  # learner
    "LRS-REQ-13": RefusalKind.STALE,  # anything else
}
"""The kind of each code; codes that are not listed are invalid."""


class Refused(Exception):
    """The request is refused; ``failures`` holds every reason, and notices if there are any.

    ``about`` holds other facts by name: ``return_code`` and ``master_uln`` if a learner was verified.
    """

    def __init__(self, *failures: Failure, about: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(", ".join(reason.code for reason in failures))
        self.failures = failures
        self.about = {name: value for name, value in about.items() if value}
        self.is_recorded = False
        """Whether it is in the audit log."""

    @property
    def codes(self) -> str:
        """The codes of the reasons, separated by spaces."""
        return " ".join(reason.code for reason in self.failures if reason.refuses)

    @property
    def kind(self) -> RefusalKind:
        """The kind of its reasons. Missing access outweighs the others; otherwise, several kinds make it invalid."""
        kinds = {KINDS.get(reason.code, RefusalKind.INVALID) for reason in self.failures if reason.refuses}
        if RefusalKind.NOT_ALLOWED in kinds:
            return RefusalKind.NOT_ALLOWED
        return kinds.pop() if len(kinds) == 1 else RefusalKind.INVALID


def or_refuse(read: T | tuple[Failure, ...], *reasons: Failure) -> T:
    """The value read; raises Refused with the reasons against it and any other ``reasons``."""
    found = read if type(read) is tuple else ()
    if reasons or found:
        raise Refused(*reasons, *found)
    return read  # type: ignore[return-value]
