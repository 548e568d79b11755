"""Registering and updating learners (ULN-03, ULN-04), besides finding them.

Who changes a learner, when and by which way, stands in the version, and reaches the audit log through the register's
stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.fields import MIS_IDENTIFIER, ULN
from chalicelib.domain.learner_fields import CRITERIA
from chalicelib.domain.learner_rules import change_failures, changed_details, is_named, may_change_sharing, read_details
from chalicelib.domain.learners import LINKED, Learner, LearnerDetails, profile_of
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.pending_matches import PendingMatch, PendingReason
from chalicelib.domain.refusals import Refused, or_refuse
from chalicelib.domain.search import Criteria
from chalicelib.domain.uln import mint
from chalicelib.domain.values import judged
from chalicelib.domain.working_time import london_day
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.learners import AlreadyRegistered, Created
from chalicelib.services.learner_search import (
    FindOutcome,
    Found,
    LearnerPorts,
    LearnerSearch,
    Retrieved,
    SearchResult,
    next_version,
)

__all__ = [
    "FindOutcome",
    "Found",
    "LearnerPorts",
    "LearnerServices",
    "RegisterOutcome",
    "Retrieved",
    "UpdateOutcome",
    "criteria_of",
]

_DRAWS: Final = 5
"""Attempts at a ULN that nobody has; nearly always the first succeeds."""


class RegisterOutcome(NamedTuple):
    """The answer to a registration.

    WSRC0005 registered; WSRC0004 the learner was registered already, WSRC0022 likewise and the ULN is the master's;
    WSRC0021 nobody was registered: ``pending_id`` names the match that waits for a decision, and without one a learner
    has these details who may not be disclosed.
    """

    code: str
    uln: str = ""
    pending_id: str = ""

    @property
    def look(self) -> LookOutcome:
        """What the audit log says of it."""
        if self.code == "WSRC0021" and not self.pending_id:
            return LookOutcome.REFUSED
        return LookOutcome.UNCHANGED if self.code in ("WSRC0004", "WSRC0022") else LookOutcome.DONE


class UpdateOutcome(NamedTuple):
    """The answer to an update: WSRC0006 updated, WSRC0020 nothing to change."""

    code: str
    learner: Learner
    """As they are now."""

    @property
    def look(self) -> LookOutcome:
        """What the audit log says of it."""
        return LookOutcome.DONE if self.code == "WSRC0006" else LookOutcome.UNCHANGED


class LearnerServices(LearnerSearch):
    """Learners as an organisation sees them."""

    def register(
        self,
        caller: Caller,
        texts: Mapping[str, str],
        *,
        job_id: str = "",
    ) -> RegisterOutcome:
        """Register a learner, unless they are found; possible matches wait for a decision (ULN-05).

        ``texts`` are by the names of ``learner_fields.DETAILS``, and ``mis_identifier``. Registered again, a learner
        has the same ULN, or the same pending match. Raises Refused with every reason, and with WSRC0021 where a learner
        has these details who may not be disclosed.
        """
        mis_identifier, reasons = judged(MIS_IDENTIFIER, texts.get(MIS_IDENTIFIER.name, ""))
        values = {name: text for name, text in texts.items() if name != MIS_IDENTIFIER.name}
        details = or_refuse(read_details(values, london_day(self._ports.clock())), *reasons)
        result = self.search(criteria_of(details))
        if result.code in ("WSRC0004", "WSRC0022"):
            profile = result.judged[0].profile
            outcome = RegisterOutcome(result.code, profile.uln)
            if profile.master_uln:  # who may not be told of
                outcome = self._registered_already(profile.uln, "")
        elif result.code == "WSRC0001":
            outcome = self.write_new(caller, details)
        else:
            pending = self._ports.pending.open(
                self._pending(caller, details, result)._replace(mis_identifier=mis_identifier, job_id=job_id)
            )
            outcome = RegisterOutcome("WSRC0021", pending_id=pending.pending_id)
        ulns = [outcome.uln] if outcome.uln else []
        self._looks.at_learners(caller, LookAction.LEARNER_REGISTERED, ulns, outcome.look, code=outcome.code)
        if not (outcome.uln or outcome.pending_id):
            raise Refused(failure("WSRC0021"))
        return outcome

    def write_new(self, caller: Caller, details: LearnerDetails, uln: str = "", beside: str = "") -> RegisterOutcome:
        """Write a new learner under ``uln``, or one drawn. Who has the same details by now is the answer instead."""
        now = self._ports.clock()
        drawn = uln or mint(self._ports.draw)
        for _ in range(_DRAWS):
            learner = Learner(
                drawn,
                details,
                created_date=now,
                last_updated_date=now,
                registered_by=caller.ukprn,
                created_via_channel=caller.channel,
                last_updated_by=caller.ukprn,
                last_updated_user=caller.user,
                last_updated_via_channel=caller.channel,
                last_updated_action="register",
            )
            written = self._ports.register.create(learner, beside)
            if isinstance(written, Created):
                return RegisterOutcome("WSRC0005", drawn)
            if isinstance(written, AlreadyRegistered):
                return self._registered_already(written.uln, drawn if uln else "")
            drawn = mint(self._ports.draw)
        raise TemporaryFailure("no ULN was free")

    def has_written(self, caller: Caller, uln: str, since: datetime) -> bool:
        """Whether the organisation has registered the learner of this ULN since then, whatever they are called now."""
        held = self._ports.register.get(uln, consistent=True)
        if held is None or held.created_date is None:
            return False
        return held.registered_by == caller.ukprn and held.created_date >= since

    def _registered_already(self, uln: str, own: str) -> RegisterOutcome:
        """The answer where another call has written these details, perhaps an earlier try of our own."""
        if uln == own:
            return RegisterOutcome("WSRC0005", uln)
        master = self.master_of(self._ports.register.get(uln, consistent=True))
        if master is None or master.restricted:
            return RegisterOutcome("WSRC0021")
        return RegisterOutcome("WSRC0022" if master.uln != uln else "WSRC0004", master.uln)

    def _pending(self, caller: Caller, details: LearnerDetails, result: SearchResult) -> PendingMatch:
        return PendingMatch(
            "P" + self._ports.new_id(),
            caller.ukprn,
            caller.user,
            caller.channel,
            self._ports.clock(),
            PendingReason.POSSIBLE_MATCHES if result.judged else PendingReason.TOO_MANY_MATCHES,
            details,
            tuple(dict.fromkeys(one.profile.master_uln or one.profile.uln for one in result.judged)),
        )

    def update(self, caller: Caller, uln: str, values: Mapping[str, str], version: int) -> UpdateOutcome:
        """Change some of a learner's details, if the version on the register is still ``version``.

        ``values`` always have both names, which must be the learner's (``learner_rules.is_named``): whoever names
        another is answered as if there were no such learner. Raises Refused with every reason against the
        changes, WSRC0013 where they have changed since, WSRC0014 ability to share, WSRC0019 not found, WSRC0022 linked:
        only the master is updated.
        """
        unsound = judged(ULN, uln).failures
        refused = (*unsound, *change_failures(values, london_day(self._ports.clock())))
        learner = None if unsound else self._ports.register.get(uln, consistent=True)
        ulns = [] if learner is None else [uln]
        with self._looks.attempt(caller, LookAction.LEARNER_UPDATED, ulns):
            if refused:
                or_refuse(refused)
            outcome = self._updated(caller, learner, values, version)
        self._looks.at_learners(caller, LookAction.LEARNER_UPDATED, ulns, outcome.look, code=outcome.code)
        return outcome

    def _updated(
        self, caller: Caller, learner: Learner | None, values: Mapping[str, str], version: int
    ) -> UpdateOutcome:
        if learner is None or not learner.is_live or learner.restricted or not is_named(profile_of(learner), values):
            raise Refused(failure("WSRC0019", "ULN"))
        if learner.status == LINKED:
            master = self.master_of(learner)
            if master is None or master.restricted:
                raise Refused(failure("WSRC0019", "ULN"))
            raise Refused(failure("WSRC0022", "ULN"), about={"master_uln": master.uln})
        if learner.version_number != version:
            raise Refused(failure("WSRC0013", "Version"))
        details = or_refuse(changed_details(learner.details, values, london_day(self._ports.clock())))
        if details == learner.details:
            return UpdateOutcome("WSRC0020", learner)
        if not may_change_sharing(learner.details.ability_to_share, details.ability_to_share):
            raise Refused(failure("WSRC0014", "AbilityToShare"))
        updated = next_version(caller, learner._replace(details=details), "update", self._ports.clock())
        try:
            self._ports.register.update(updated)
        except Conflict:
            raise Refused(failure("WSRC0013", "Version")) from None
        return UpdateOutcome("WSRC0006", updated)


def criteria_of(details: LearnerDetails) -> Criteria:
    """What to find a learner by who is to be registered. The details are sound, so there is a date of birth."""
    assert details.date_of_birth is not None
    return Criteria(*(getattr(details, field.name) for field in CRITERIA))
