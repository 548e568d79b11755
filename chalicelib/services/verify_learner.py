"""Verifying one learner: do these details belong to the learner with this ULN? (VLD-01, VLD-02, AO18 5.2)

One strongly consistent read, and another for the master of a linked learner, so that someone registered a moment ago is
found. The look is in the audit log before the response, whatever the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import Failure
from chalicelib.domain.learner_rules import legible_submitted, read_submitted
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.matching import SubmittedDetails, verify
from chalicelib.domain.refusals import Refused
from chalicelib.domain.uln import parse_uln
from chalicelib.formats.words.return_codes import VERIFICATION_CODES, VerificationWords
from chalicelib.ports.learners import Learners
from chalicelib.services.looks import Looks
from chalicelib.services.verification import REFUSED, compared, register_failures, verifications


class VerifiedLearner(NamedTuple):
    """The answer: VerifiedLearner of the existing interface."""

    searched: SubmittedDetails
    """The details submitted, in normal form."""
    response_code: str
    """VRC001 to VRC006."""
    failure_flags: tuple[str, ...] = ()
    """With VRC005 and VRC006; see ``return_codes.FLAGS``."""
    explanation: tuple[str, ...] = ()
    """What differs and how, such as "given name: synonym"; never a value."""
    returned: LearnerProfile | None = None
    """The learner whose details are returned, the master if linked; None with VRC005 and VRC006."""

    @property
    def words(self) -> VerificationWords:
        """The words for the return code."""
        return VERIFICATION_CODES[self.response_code]


class VerifyPorts(NamedTuple):
    """The ports that the use case uses."""

    learners: Learners
    looks: Looks


class VerifyLearner:
    """Verifies single learners."""

    def __init__(self, ports: VerifyPorts) -> None:
        self._ports = ports

    def verify(self, caller: Caller, values: Mapping[str, str]) -> VerifiedLearner:
        """Compare details with the register.

        ``values`` holds texts by the names of ``learner_fields.SUBMITTED``. A ULN with a wrong check digit gets VRC006
        like any unknown ULN. Raises TemporaryFailure, and Refused with every fault of the values and, if the ULN can be
        read, what of the others is not the learner's.
        """
        submitted = read_submitted(values, any_check_digit=True)
        if not isinstance(submitted, SubmittedDetails):
            raise self._refused(caller, legible_submitted(values), submitted)
        # An invalid ULN is not looked up.
        is_uln = not isinstance(parse_uln(submitted.uln), Failure)
        found = (
            compared(self._ports.learners, {1: submitted}, consistent=True)[1] if is_uln else verify(submitted, None)
        )
        is_held = found.code != "VRC006" or "LEARNER_DELETED" in found.flags
        subjects = [submitted.uln] if is_held else []
        if found.disclosed is not None and found.disclosed.uln != submitted.uln:
            subjects.append(found.disclosed.uln)
        outcome = LookOutcome.DONE if found.disclosed is not None else LookOutcome.NOT_FOUND
        self._ports.looks.at_learners(caller, LookAction.LEARNER_VERIFIED, subjects, outcome, code=found.code)
        return VerifiedLearner(submitted, found.code, found.flags, found.explanation, found.disclosed)

    def _refused(self, caller: Caller, legible: SubmittedDetails | None, faults: Iterable[Failure]) -> Refused:
        if legible is None:
            return Refused(*faults)
        found = verifications(self._ports.learners, {1: legible})[1]
        reasons = register_failures(found) if found.code in REFUSED else ()
        about = {"return_code": found.code} if reasons else {}
        refused = Refused(*reasons, *faults, about=about)
        return self._ports.looks.refused(caller, LookAction.LEARNER_VERIFIED, [legible.uln], refused)
