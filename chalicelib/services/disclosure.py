"""Which learner is returned for a ULN, if any may be disclosed; ``learners.answered_for`` has the rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chalicelib.domain.learners import LINKED, Learner, answered_for
from chalicelib.ports.learners import LearnerRegister


class Disclosed(NamedTuple):
    """A learner who may be disclosed."""

    learner: Learner
    incoming_uln: str
    """The ULN under which they were looked for."""

    @property
    def master_substituted(self) -> bool:
        """Whether it is the master of the learner who was looked for (MasterSubstituted)."""
        return self.learner.uln != self.incoming_uln


class Disclosure:
    """Learners of the register, as far as they may be disclosed."""

    def __init__(self, register: LearnerRegister) -> None:
        self._register = register

    def of_uln(self, uln: str) -> Disclosed | None:
        """The learner of a ULN, strongly consistent: one read, and another for a master."""
        return self.of(self._register.get(uln, consistent=True))

    def of(self, learner: Learner | None) -> Disclosed | None:
        """The same for a learner who has been read."""
        if learner is None:
            return None
        is_linked = learner.status == LINKED
        master = self._register.get(learner.master_uln, consistent=True) if is_linked else None
        answered = answered_for(learner, master)
        return None if answered is None else Disclosed(answered, learner.uln)

    def of_ulns(self, ulns: Sequence[str], masters: Iterable[str] = ()) -> tuple[Disclosed, ...]:
        """The learners of several ULNs, 100 a call; ``masters`` are known to be needed and read with them."""
        held = self._register.read(dict.fromkeys([*ulns, *filter(None, masters)]))
        missing = {one.master_uln for one in held.values() if one.master_uln} - held.keys()
        if missing:
            held = held | self._register.read(missing)
        learners = [held[uln] for uln in ulns if uln in held]
        answered = ((one.uln, answered_for(one, held.get(one.master_uln))) for one in learners)
        return tuple(Disclosed(one, uln) for uln, one in answered if one is not None)
