"""Finding, registering and updating single learners (ULN-01 to ULN-04).

Every look, attempt and change is in the audit log before the response.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.fields import MIS_IDENTIFIER, ULN
from chalicelib.domain.learner_rules import change_failures, read_details
from chalicelib.domain.learners import Learner, LearnerDetails
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.refusals import Refused, or_refuse
from chalicelib.domain.uln import mint
from chalicelib.domain.values import judged
from chalicelib.domain.working_time import london_day
from chalicelib.services.learner_search import LearnerPorts, LearnerSearch
from chalicelib.services.looks import Version, version_of
from chalicelib.services.registration import DRAWS, LearnerChange, Registered, RegisterPolicy, Registration, Updated

_LOOKS: Final = {
    "WSRC0004": LookOutcome.UNCHANGED,
    "WSRC0020": LookOutcome.UNCHANGED,
    "WSRC0022": LookOutcome.UNCHANGED,
}


class NewLearner(NamedTuple):
    """The details of a learner to register."""

    details: LearnerDetails
    mis_identifier: str
    """The organisation's own reference."""


class UpdateOutcome(NamedTuple):
    """A completed update: WSRC0006, or WSRC0020 when there was nothing to change."""

    code: str
    learner: Learner
    """The learner after the update."""


class LearnerServices(LearnerSearch):
    """Finds, registers and updates learners for an organisation."""

    def __init__(self, ports: LearnerPorts, registration: Registration) -> None:
        super().__init__(ports)
        self._registration = registration

    def read(self, texts: Mapping[str, str]) -> NewLearner:
        """Read the details of a learner as :meth:`register` does, without looking at the register.

        Raises Refused with every reason against them.
        """
        mis_identifier, reasons = judged(MIS_IDENTIFIER, texts.get(MIS_IDENTIFIER.name, ""))
        values = {name: text for name, text in texts.items() if name != MIS_IDENTIFIER.name}
        details = or_refuse(read_details(values, london_day(self._ports.clock())), *reasons)
        return NewLearner(details, mis_identifier)

    def register(self, caller: Caller, texts: Mapping[str, str]) -> Registered:
        """Register a learner, unless the register has them already; possible matches wait for a decision (ULN-05).

        ``texts`` holds values by the names of ``learner_fields.DETAILS``, and ``mis_identifier``. Raises Refused with
        every reason, and with WSRC0021 when a learner who may not be disclosed has these details.
        """
        details, mis_identifier = self.read(texts)
        policy = RegisterPolicy(lambda: (mint(self._ports.draw) for _ in range(DRAWS)), mis_identifier=mis_identifier)
        done = self._registration.register(caller, details, policy)
        with self._looks.attempt(caller, LookAction.LEARNER_REGISTERED, ()):
            if not (done.uln or done.pending_id):
                raise Refused(failure(done.code))
        action = LookAction.LEARNER_REGISTERED
        if done.at is not None:
            self._looks.at_versions(caller, action, [Version(done.uln, 1, done.at)], code=done.code)
        else:
            ulns, outcome = [done.uln] if done.uln else [], _LOOKS.get(done.code, LookOutcome.DONE)
            self._looks.at_learners(caller, action, ulns, outcome, code=done.code)
        return done

    def update(self, caller: Caller, uln: str, values: Mapping[str, str], version: int) -> UpdateOutcome:
        """Change some of a learner's details, if the version on the register is still ``version``.

        ``values`` always have both names. If they are not the learner's, the answer is the same as for an unknown ULN.
        Raises Refused with every fault of the changes and what the register says: WSRC0013 (changed since), WSRC0014
        (ability to share), WSRC0019 (not found), WSRC0022 (linked: only the master can be updated).
        """
        today, action = london_day(self._ports.clock()), LookAction.LEARNER_UPDATED
        valid, uln_failures = judged(ULN, uln)
        refused = change_failures(values, today)
        with self._looks.attempt(caller, action, () if uln_failures else (valid,)):
            if uln_failures:
                raise Refused(*uln_failures, *refused)
            change = LearnerChange(valid, values, today, version)
            if refused:
                raise Refused(*self._registration.objections({1: change})[1], *refused)
            done = self._registration.update(caller, change)
            learner = _changed(done)
        if done.code == "WSRC0006":
            self._looks.at_versions(caller, action, [version_of(learner)], code=done.code)
        else:
            self._looks.at_learners(caller, action, [valid], LookOutcome.UNCHANGED, code=done.code)
        return UpdateOutcome(done.code, learner)


def _changed(done: Updated) -> Learner:
    """The changed learner; raises Refused when the change was not made."""
    if done.failures or done.learner is None:
        raise Refused(*done.failures, about={"master_uln": done.learner.uln} if done.learner is not None else {})
    return done.learner
