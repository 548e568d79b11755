"""Reading learners again, and finding out which ULNs are in use (ULN-01).

A learner is returned without names only to an organisation that knows the learner: it registered or last updated them,
or we gave it a link after it had sent details that match. Every look is in the audit log before the response.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.refusals import Refused
from chalicelib.domain.uln import Uln, parse_uln
from chalicelib.ports.errors import BadCursor
from chalicelib.ports.learners import LearnerRegister
from chalicelib.ports.records import Seals
from chalicelib.services.disclosure import Disclosed, Disclosure
from chalicelib.services.looks import Look, Looks, learner_subject

MOST_RETRIEVED: Final = 200
"""The most ULNs in one request (RetrieveULNs)."""
_FOR_READING: Final = "read"


class Retrieved(NamedTuple):
    """The result for one ULN: WSRC0004 found, WSRC0022 linked to a master, WSRC0023 not found, or why it is none."""

    uln: str
    """As it was sent."""
    code: str
    master_uln: str = ""


class LearnerRetrieval:
    """Reads learners by ULN alone."""

    def __init__(self, register: LearnerRegister, looks: Looks, seals: Seals) -> None:
        self._register = register
        self._looks = looks
        self._seals = seals
        self._disclosure = Disclosure(register)

    def access(self, caller: Caller, uln: str) -> str:
        """The caller's organisation's access to a learner whose details it has sent."""
        return self._seals.seal(_scope(caller, uln), _FOR_READING)

    def retrieve(self, caller: Caller, uln: Uln, access: str = "") -> Disclosed:
        """The learner with a ULN, or the master if linked, for an organisation that knows them.

        Raises Refused (WSRC0019) for any other organisation, and for a ULN that nobody has.
        """
        # Strongly consistent, so that a learner registered a moment ago can be read.
        learner = self._register.get(uln, consistent=True)
        is_theirs = learner is not None and caller.ukprn in (learner.registered_by, learner.last_updated_by)
        found = self._disclosure.of(learner) if is_theirs or self._opens(caller, uln, access) else None
        if found is None:
            raise self._looks.refused(caller, LookAction.LEARNER_RETRIEVED, [uln], Refused(failure("WSRC0019", "ULN")))
        code = "WSRC0022" if found.master_substituted else "WSRC0004"
        self._looks.at_learners(caller, LookAction.LEARNER_RETRIEVED, (uln, found.learner.uln), code=code)
        return found

    def retrieve_ulns(self, caller: Caller, ulns: Sequence[str]) -> tuple[Retrieved, ...]:
        """Which of up to 200 ULNs are in use, and their masters, one result for each in their order.

        No details are disclosed. Raises Refused if there are too many or none.
        """
        if not 1 <= len(ulns) <= MOST_RETRIEVED:
            raise Refused(failure("LRS-REQ-5", "ULNs", limit=MOST_RETRIEVED, reason="items"))
        parsed = {sent: parse_uln(sent.strip()) for sent in ulns}
        valid = list(dict.fromkeys(one for one in parsed.values() if not isinstance(one, Failure)))
        found = {one.incoming_uln: one for one in self._disclosure.of_ulns(valid)}
        results = {sent: _retrieved(sent, one, found) for sent, one in parsed.items()}
        looks = {one: results[sent].code for sent, one in parsed.items() if not isinstance(one, Failure)}
        self._looks.record(caller, [_look(uln, code) for uln, code in looks.items()])
        return tuple(results[sent] for sent in ulns)

    def _opens(self, caller: Caller, uln: str, access: str) -> bool:
        try:
            return bool(access) and self._seals.open(_scope(caller, uln), access) == _FOR_READING
        except BadCursor:
            return False


def _scope(caller: Caller, uln: str) -> tuple[str, ...]:
    """The organisation and the learner that an access is for."""
    return ("learner", caller.ukprn, uln)


def _retrieved(sent: str, parsed: Uln | Failure, found: Mapping[str, Disclosed]) -> Retrieved:
    if isinstance(parsed, Failure):
        return Retrieved(sent, parsed.code)
    one = found.get(parsed)
    if one is None:
        return Retrieved(sent, "WSRC0023")
    return Retrieved(sent, "WSRC0022", one.learner.uln) if one.master_substituted else Retrieved(sent, "WSRC0004")


def _look(uln: str, code: str) -> Look:
    outcome = LookOutcome.NOT_FOUND if code == "WSRC0023" else LookOutcome.DONE
    return Look(LookAction.ULNS_RETRIEVED, learner_subject(uln), outcome, {"code": code})
