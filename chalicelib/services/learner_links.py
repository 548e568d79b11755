"""Linked ULNs: two registrations of one person, one of them marked as master (ULN-09, AO18 Appendix C)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.learners import ACTIVE, LINKED, Learner
from chalicelib.domain.looks import LookAction
from chalicelib.domain.refusals import Refused
from chalicelib.services.learner_search import LearnerPorts, valid_uln
from chalicelib.services.looks import version_of
from chalicelib.services.registration import next_version

Versions = tuple[int, int]
"""Of the linked registration and of the master, as they were when somebody compared them."""
ANY: Final[Versions] = (0, 0)
"""Whichever they are now."""


class LearnerLinks:
    """Links between learners, for the service desk only."""

    def __init__(self, ports: LearnerPorts) -> None:
        self._ports = ports

    def registrations(self, caller: Caller, *ulns: str) -> tuple[Learner, ...]:
        """The registrations with these ULNs as they are, for the service desk to compare.

        Raises Refused (WSRC0019) when one is not registered.
        """
        read = tuple(valid_uln(uln) for uln in ulns)
        with self._ports.looks.attempt(caller, LookAction.LEARNER_RETRIEVED, read):
            found = tuple(self._live(uln, "ULN") for uln in read)
        self._ports.looks.at_learners(caller, LookAction.LEARNER_RETRIEVED, read)
        return found

    def link(self, caller: Caller, uln: str, master_uln: str, versions: Versions = ANY) -> Learner:
        """Mark two registrations as the same person, the second as master; returns the changed master (ULN-09).

        ``versions`` are those of the two that were compared. Raises Refused when one is not an active learner, has
        linked ULNs of its own or has another version (WSRC0013), and Conflict when one has changed in the meantime.
        """
        ulns = (valid_uln(uln), valid_uln(master_uln, "MasterULN"))
        with self._ports.looks.attempt(caller, LookAction.LEARNER_LINKED, ulns):
            linked, master = self._live(uln, "ULN"), self._live(master_uln, "MasterULN")
            reason = _no_link(linked, master)
            if reason:
                raise Refused(failure("LRS-LINK-1", "ULN", reason=reason))
            _require(versions, linked, master)
        linked = linked._replace(status=LINKED, master_uln=master.uln)
        master = master._replace(linked_ulns=(*master.linked_ulns, linked.uln))
        return self._saved(caller, linked, master, "link", LookAction.LEARNER_LINKED)[1]

    def unlink(self, caller: Caller, uln: str, versions: Versions = ANY) -> Learner:
        """Undo a link and return the learner, active again; ``versions`` are those of the learner and the master.

        Raises Refused and Conflict as :meth:`link` does.
        """
        with self._ports.looks.attempt(caller, LookAction.LEARNER_UNLINKED, [valid_uln(uln)]):
            linked = self._live(uln, "ULN")
            if linked.status != LINKED:
                raise Refused(failure("LRS-LINK-1", "ULN", reason="not linked"))
            master = self._live(linked.master_uln, "MasterULN")
            _require(versions, linked, master)
        left = tuple(one for one in master.linked_ulns if one != linked.uln)
        active = linked._replace(status=ACTIVE, master_uln="")
        return self._saved(caller, active, master._replace(linked_ulns=left), "unlink", LookAction.LEARNER_UNLINKED)[0]

    def _saved(self, caller: Caller, linked: Learner, master: Learner, verb: str, action: LookAction) -> list[Learner]:
        at = self._ports.clock()
        versions = [next_version(caller, one, verb, at) for one in (linked, master)]
        self._ports.register.update(*versions)
        self._ports.looks.at_versions(caller, action, map(version_of, versions))
        return versions

    def _live(self, uln: str, field: str) -> Learner:
        learner = self._ports.register.get(uln, consistent=True)
        if learner is None or not learner.is_live:
            raise Refused(failure("WSRC0019", field))
        return learner


def _require(versions: Versions, linked: Learner, master: Learner) -> None:
    if versions not in (ANY, (linked.version_number, master.version_number)):
        raise Refused(failure("WSRC0013", "ULN"))


def _no_link(linked: Learner, master: Learner) -> str:
    """Why two registrations cannot be linked; empty when they can."""
    if linked.uln == master.uln:
        return "same ULN"
    if LINKED in (linked.status, master.status):
        return "linked already"
    return "is a master" if linked.linked_ulns else ""
