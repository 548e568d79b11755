"""Which learner is returned for a ULN, if any may be disclosed; ``learners.disclosed_for`` has the rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chalicelib.domain.learners import LINKED, Learner, disclosed_for
from chalicelib.ports.learners import LearnerRegister


class Disclosed(NamedTuple):
    """A learner who may be disclosed."""

    learner: Learner
    incoming_uln: str
    """The ULN that was looked up."""

    @property
    def master_substituted(self) -> bool:
        """Whether this is the master of the learner who was looked up (MasterSubstituted)."""
        return self.learner.uln != self.incoming_uln


class Disclosure:
    """Learners of the register who may be disclosed."""

    def __init__(self, register: LearnerRegister) -> None:
        self._register = register

    def of_uln(self, uln: str) -> Disclosed | None:
        """The learner with a ULN, read strongly consistently: one read, and one more for a master."""
        return self.of(self._register.get(uln, consistent=True))

    def of(self, learner: Learner | None) -> Disclosed | None:
        """The same for a learner who has already been read."""
        if learner is None:
            return None
        is_linked = learner.status == LINKED
        master = self._register.get(learner.master_uln, consistent=True) if is_linked else None
        disclosed = disclosed_for(learner, master)
        return None if disclosed is None else Disclosed(disclosed, learner.uln)

    def of_ulns(self, ulns: Sequence[str], masters: Iterable[str] = ()) -> tuple[Disclosed, ...]:
        """The learners with several ULNs, 100 a call; ``masters`` are ULNs to read at the same time."""
        held = self._register.read([*ulns, *filter(None, masters)], consistent=True)
        missing = {one.master_uln for one in held.values() if one.master_uln} - held.keys()
        if missing:
            held = held | self._register.read(missing, consistent=True)
        learners = [held[uln] for uln in ulns if uln in held]
        disclosed = ((one.uln, disclosed_for(one, held.get(one.master_uln))) for one in learners)
        return tuple(Disclosed(one, uln) for uln, one in disclosed if one is not None)
