"""The part of the composition root that makes the learner register, search and pending matches."""

# ruff: noqa: PLC0415 - imports stand where a part is built, as in the root itself

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from chalicelib.ports.audit import Audit
    from chalicelib.ports.clock import Clock, NewId
    from chalicelib.ports.learners import Learners
    from chalicelib.services.learner_links import LearnerLinks
    from chalicelib.services.learner_search import LearnerPorts
    from chalicelib.services.learners import LearnerServices
    from chalicelib.services.pending_matches import PendingDecisions
    from chalicelib.services.verify_learner import VerifyLearner
    from chalicelib.settings import Settings
    from chalicelib.storage.conditions import Patience
    from chalicelib.storage.cursors import Cursors
    from chalicelib.storage.learner_register import IdentityDigests, LearnerRegisterTable
    from chalicelib.storage.pending_matches import PendingMatchTable
    from chalicelib.storage.person_index import PersonIndexTable

KEY_OF_LOCKS: Final = "identity_secret"
"""The setting that names the secret with the key of identity locks."""


class Outside(Protocol):
    """What these parts take from the root."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def new_id(self) -> NewId: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def learners(self) -> Learners: ...


class LearnerTools(NamedTuple):
    """Tools of the root."""

    dynamodb: Callable[[], Any]
    cursors: Callable[[], Cursors]
    patience: Callable[[], Patience]
    secret_key: Callable[[str], bytes]
    """The key that the secret of a setting holds."""
    install_lists: Callable[[], None]


class LearnerParts:
    """Adapters and use cases of the learner register, each made when first used."""

    def __init__(self, outside: Outside, tools: LearnerTools) -> None:
        self._outside = outside
        self._tools = tools

    @cached_property
    def learner_register(self) -> LearnerRegisterTable:
        """Learners, with all that the register holds of them."""
        from chalicelib.storage.learner_register import LearnerRegisterTable

        need, tools = self._outside.settings.need, self._tools
        self._tools.install_lists()
        return LearnerRegisterTable(
            need("table_register"), need("table_person_index"), tools.dynamodb, tools.patience(), self._digests
        )

    @cached_property
    def person_index(self) -> PersonIndexTable:
        """Search entries."""
        from chalicelib.storage.person_index import PersonIndexTable

        return PersonIndexTable(self._outside.settings.need("table_person_index"), self._tools.dynamodb)

    @cached_property
    def pending_matches(self) -> PendingMatchTable:
        """Registrations that wait for a decision."""
        from chalicelib.storage.pending_matches import PendingMatchTable

        table = self._outside.settings.need("table_casework")
        return PendingMatchTable(table, self._tools.dynamodb, self._digests, self._tools.cursors)

    @cached_property
    def learner_services(self) -> LearnerServices:
        """Finding, registering and updating learners."""
        from chalicelib.services.learners import LearnerServices

        return LearnerServices(self._ports)

    @cached_property
    def learner_links(self) -> LearnerLinks:
        """Links between two ULNs of one person."""
        from chalicelib.services.learner_links import LearnerLinks

        return LearnerLinks(self._ports, self.learner_services)

    @cached_property
    def pending_decisions(self) -> PendingDecisions:
        """Decisions on registrations that found possible matches."""
        from chalicelib.services.pending_matches import PendingDecisions

        return PendingDecisions(self._ports, self.learner_services)

    @cached_property
    def verify_learner(self) -> VerifyLearner:
        """Verifying single learners."""
        from chalicelib.services.verify_learner import VerifyLearner, VerifyPorts

        self._tools.install_lists()
        outside = self._outside
        return VerifyLearner(VerifyPorts(outside.learners, outside.audit, outside.clock, outside.new_id))

    @cached_property
    def _ports(self) -> LearnerPorts:
        import secrets

        from chalicelib.services.learner_search import LearnerPorts

        self._tools.install_lists()
        outside = self._outside
        return LearnerPorts(
            register=self.learner_register,
            index=self.person_index,
            pending=self.pending_matches,
            audit=outside.audit,
            clock=outside.clock,
            new_id=outside.new_id,
            draw=secrets.randbelow,
        )

    @cached_property
    def _digests(self) -> IdentityDigests:
        from chalicelib.storage.learner_register import IdentityDigests

        return IdentityDigests(lambda: self._tools.secret_key(KEY_OF_LOCKS))
