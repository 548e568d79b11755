"""Decisions on registrations with possible matches: use a ULN, register as new, or drop (ULN-05).

The organisation that sent the registration decides once; a second decision is refused. Each is recorded before it is
stored. A decision to register is taken
on what the register has by then: if others who are similar have been registered since, they are listed first. It is
stored, with the ULN drawn, before the learner is written. After a crash in between, the next attempt finishes it and
gives no second ULN.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.learners import Learner, profile_of
from chalicelib.domain.looks import LookAction
from chalicelib.domain.matching import SubmittedDetails, verify
from chalicelib.domain.pending_matches import PendingMatch, PendingReason, PendingState
from chalicelib.domain.refusals import Refused
from chalicelib.domain.uln import Uln, mint
from chalicelib.ports.errors import Conflict
from chalicelib.ports.learners import PendingPage
from chalicelib.services.disclosure import Disclosed, Disclosure
from chalicelib.services.learner_search import LearnerPorts, valid_uln
from chalicelib.services.looks import Version
from chalicelib.services.registration import DRAWS, Registered, RegisterPolicy, Registration

_READ_AT_ONCE: Final = 100
_MOST_READ: Final = 500
"""For one page of those that a file raised."""
_MISMATCH: Final = frozenset({"VRC005", "VRC006"})


class PendingView(NamedTuple):
    """A pending match with the learners found for it; no learners once it is decided."""

    pending: PendingMatch
    learners: tuple[Disclosed, ...] = ()


class Decided(NamedTuple):
    """A decision, and the answer to the registration that was waiting.

    ``code`` is WSRC0004 when an existing ULN is used (WSRC0022 when it is the master's), WSRC0005 when the learner was
    registered, and empty when the registration was dropped.
    """

    pending: PendingMatch
    code: str = ""


class PendingDecisions:
    """Lists pending matches for their organisation, and takes its decisions."""

    def __init__(self, ports: LearnerPorts, registration: Registration) -> None:
        self._ports = ports
        self._registration = registration
        self._disclosure = Disclosure(ports.register)
        self._looks = ports.looks

    def page(self, caller: Caller, limit: int, cursor: str = "") -> PendingPage:
        """The organisation's undecided matches, oldest first. Raises BadCursor."""
        page = self._ports.pending.of_organisation(caller.ukprn, limit, cursor)
        self._looks.at_learners(caller, LookAction.PENDING_MATCHES_LISTED, ())
        return page

    def of_job(self, caller: Caller, job_id: str, limit: int, cursor: str = "") -> PendingPage:
        """The organisation's undecided matches that a file raised, oldest first. Raises BadCursor.

        A page has ``limit`` or some more, unless so many were looked at that the search is to be continued.
        """
        found: list[PendingMatch] = []
        for _ in range(_MOST_READ // _READ_AT_ONCE):
            page = self._ports.pending.of_organisation(caller.ukprn, _READ_AT_ONCE, cursor)
            found += [one for one in page.items if one.job_id == job_id]
            cursor = page.cursor
            if not cursor or len(found) >= limit:
                break
        self._looks.at_learners(caller, LookAction.PENDING_MATCHES_LISTED, ())
        return PendingPage(found, cursor)

    def get(self, caller: Caller, pending_id: str) -> PendingView:
        """One match with the learners found. Raises Refused (LRS-PEND-1) if it is not the organisation's."""
        with self._looks.attempt(caller, LookAction.PENDING_MATCH_VIEWED, ()):
            pending = self._pending(caller, pending_id)
        learners = () if pending.state.is_end else self._disclosure.of_ulns(pending.candidates)
        ulns = [found.learner.uln for found in learners]
        code = "WSRC0003" if ulns else ""
        self._looks.at_learners(caller, LookAction.PENDING_MATCH_VIEWED, ulns, code=code)
        return PendingView(pending, learners)

    def use(self, caller: Caller, pending_id: str, uln: str) -> Decided:
        """Decide that the learner is the one with this ULN.

        It must be one of those found or, if there were too many, one whose details agree. Raises Refused: LRS-PEND-1,
        LRS-PEND-2, LRS-PEND-3.
        """
        with self._looks.attempt(caller, LookAction.PENDING_MATCH_USED, ()):
            pending = self._undecided(caller, pending_id)
            disclosed = self._disclosure.of_uln(valid_uln(uln))
            if disclosed is None or not _was_found(pending, uln, disclosed.learner):
                raise Refused(failure("LRS-PEND-3", "ULN"))
            used = disclosed.learner.uln
            code = "WSRC0022" if disclosed.master_substituted else "WSRC0004"
            self._looks.at_learners(caller, LookAction.PENDING_MATCH_USED, [used], code=code)
            decided = self._decide(caller, pending, PendingState.USED, used)
        return Decided(decided, code)

    def register(self, caller: Caller, pending_id: str) -> Decided:
        """Decide that the learner is new, and register them.

        If a learner with the same details has been registered since, that learner is the answer instead, unless the
        match listed them. Raises Refused: LRS-PEND-1, LRS-PEND-2; LRS-PEND-4 when similar learners have been registered
        since, who are added to the match; WSRC0021 when a learner who may not be disclosed has these details.
        """
        with self._looks.attempt(caller, LookAction.PENDING_MATCH_REGISTERED, ()):
            pending = self._pending(caller, pending_id)
            if pending.state.is_end:
                raise Refused(failure("LRS-PEND-2"))
            if pending.state is PendingState.WAITING:
                pending = self._save(pending._replace(state=PendingState.REGISTERING, uln=mint(self._ports.draw)))
            outcome = self._written(caller, pending)
            if outcome.others:
                candidates = (*pending.candidates, *outcome.others)
                self._save(pending._replace(state=PendingState.WAITING, uln="", candidates=candidates))
                raise Refused(failure("LRS-PEND-4"))
            if not outcome.uln:
                self._save(pending._replace(state=PendingState.WAITING, uln=""))
                raise Refused(failure("WSRC0021"))
            action = LookAction.PENDING_MATCH_REGISTERED
            if outcome.at is not None:
                self._looks.at_versions(caller, action, [Version(outcome.uln, 1, outcome.at)], code=outcome.code)
            else:
                self._looks.at_learners(caller, action, [outcome.uln], code=outcome.code)
            state = PendingState.REGISTERED if outcome.code == "WSRC0005" else PendingState.USED
            decided = self._decide(caller, pending, state, outcome.uln)
        return Decided(decided, outcome.code)

    def drop(self, caller: Caller, pending_id: str) -> Decided:
        """Decide not to register anyone. Raises Refused: LRS-PEND-1, LRS-PEND-2."""
        with self._looks.attempt(caller, LookAction.PENDING_MATCH_DROPPED, ()):
            pending = self._undecided(caller, pending_id)
            self._looks.at_learners(caller, LookAction.PENDING_MATCH_DROPPED, ())
            decided = self._decide(caller, pending, PendingState.DROPPED, "")
        return Decided(decided)

    # --- Parts --------------------------------------------------------------------------------------------------------

    def _written(self, caller: Caller, pending: PendingMatch) -> Registered:
        """Write the learner under the ULN drawn, unless an attempt before a crash already did."""
        details, uln = pending.details, pending.uln
        written = self._registration.written_at(caller, uln, pending.raised_at)
        if written is not None:
            return Registered("WSRC0005", uln, at=written)
        listed = pending.reason is PendingReason.POSSIBLE_MATCHES
        known = (*pending.candidates, uln) if listed else None
        outcome = self._registration.write(caller, details, self._policy(uln), known, "")
        if outcome.code != "WSRC0005" and outcome.uln in pending.candidates:
            # A person has seen the learner with these details and decided that this is a different one.
            outcome = self._registration.write(caller, details, self._policy(uln), known, pending.pending_id)
        return outcome

    def _policy(self, uln: str) -> RegisterPolicy:
        """The ULN drawn first; others only if it is not free."""

        def draws() -> Iterator[Uln]:
            yield Uln(uln)
            yield from (mint(self._ports.draw) for _ in range(DRAWS - 1))

        return RegisterPolicy(draws, own_uln=uln)

    def _pending(self, caller: Caller, pending_id: str) -> PendingMatch:
        pending = self._ports.pending.get(caller.ukprn, pending_id)
        if pending is None:
            raise Refused(failure("LRS-PEND-1"))
        return pending

    def _undecided(self, caller: Caller, pending_id: str) -> PendingMatch:
        pending = self._pending(caller, pending_id)
        if pending.state is not PendingState.WAITING:
            raise Refused(failure("LRS-PEND-2"))
        return pending

    def _decide(self, caller: Caller, pending: PendingMatch, state: PendingState, uln: str) -> PendingMatch:
        return self._save(
            pending._replace(state=state, uln=uln, decided_at=self._ports.clock(), decided_by=caller.user)
        )

    def _save(self, pending: PendingMatch) -> PendingMatch:
        try:
            return self._ports.pending.save(pending)
        except Conflict:
            raise Refused(failure("LRS-PEND-2")) from None


def _was_found(pending: PendingMatch, uln: str, learner: Learner) -> bool:
    """Whether the learner is one of those found, or could be the one to register."""
    if pending.reason is PendingReason.POSSIBLE_MATCHES:
        return uln in pending.candidates or learner.uln in pending.candidates
    given = pending.details
    details = SubmittedDetails(uln, given.given_name, given.family_name, given.date_of_birth, given.gender)
    return verify(details, profile_of(learner)).code not in _MISMATCH
