"""The composition root: settings, clients, adapters, services, each made once for a container and only when first used.

An entry point calls :func:`services` at every event; whatever it does not touch is neither built nor imported, so each
function pays for its own part alone when it starts.
"""

# ruff: noqa: PLC0415 - imports stand where a part is built, so that a function loads its own parts alone

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.bootstrap_outside import Outside
from chalicelib.settings import Settings, SettingsError

if TYPE_CHECKING:
    from chalicelib.bootstrap_achievements import AchievementParts
    from chalicelib.bootstrap_batches import BatchParts
    from chalicelib.bootstrap_identity import IdentityParts
    from chalicelib.bootstrap_learners import LearnerParts
    from chalicelib.bootstrap_records import RecordParts
    from chalicelib.services.achievement_lists import AchievementLists
    from chalicelib.services.achievements import AchievementServices
    from chalicelib.services.batches.apply import BatchApply
    from chalicelib.services.batches.finish import BatchFinish
    from chalicelib.services.batches.line import BatchLine
    from chalicelib.services.batches.notices import Notices
    from chalicelib.services.batches.split import BatchSplit
    from chalicelib.services.batches.submit import BatchJobs
    from chalicelib.services.batches.watch import BatchWatch
    from chalicelib.services.challenges import Challenges
    from chalicelib.services.credentials import Credentials
    from chalicelib.services.imports.registers import ImportRegister
    from chalicelib.services.learner_links import LearnerLinks
    from chalicelib.services.learners import LearnerServices
    from chalicelib.services.pending_matches import PendingDecisions
    from chalicelib.services.records import PersonalRecords
    from chalicelib.services.throttles import Throttles
    from chalicelib.services.tokens import Tokens
    from chalicelib.services.verify_learner import VerifyLearner
    from chalicelib.storage.sessions import AnswerTable


class Services(Outside):
    """Adapters of the ports, and the use cases over them, under the names that the tests' ``FakeWorld`` uses too."""

    # --- the use cases -------------------------------------------------------------------------------------------

    @cached_property
    def of_batches(self) -> BatchParts:
        """What makes the steps of the pipeline."""
        from chalicelib.bootstrap_batches import BatchParts

        return BatchParts(self, self._install_lists)

    @property
    def batch_line(self) -> BatchLine:
        """The lines of the organisations' files, moved on."""
        return self.of_batches.line

    @property
    def batch_submit(self) -> BatchJobs:
        """Batch jobs as their organisation sees them."""
        return self.of_batches.submit

    @property
    def batch_split(self) -> BatchSplit:
        """The first step of the pipeline."""
        return self.of_batches.split

    @property
    def batch_apply(self) -> BatchApply:
        """The middle step of the pipeline."""
        return self.of_batches.apply

    @property
    def batch_finish(self) -> BatchFinish:
        """The last step of the pipeline."""
        return self.of_batches.finish

    @property
    def batch_watch(self) -> BatchWatch:
        """The sweeper of the pipeline."""
        return self.of_batches.watch

    @property
    def notices(self) -> Notices:
        """Notices of jobs that have ended."""
        return self.of_batches.notices

    @cached_property
    def of_achievements(self) -> AchievementParts:
        """What makes single achievements and the lists of what was submitted before."""
        from chalicelib.bootstrap_achievements import AchievementParts

        self._install_lists()
        return AchievementParts(self, self._cursors)

    @property
    def achievement_services(self) -> AchievementServices:
        """Single achievements."""
        return self.of_achievements.services

    @property
    def achievement_lists(self) -> AchievementLists:
        """What an organisation submitted before."""
        return self.of_achievements.lists

    @cached_property
    def import_register(self) -> ImportRegister:
        """The import of the regulators' registers."""
        from chalicelib.services.imports.registers import ImportRegister

        return ImportRegister(self.catalogues, self.files, self.clock)

    # --- personal learning records ---------------------------------------------------------------------------------

    @cached_property
    def of_records(self) -> RecordParts:
        """What makes personal learning records, challenges and the import of events."""
        from chalicelib.bootstrap_records import RecordParts

        return RecordParts(self, self._dynamodb, self._cursors, lambda: self._patience)

    @property
    def personal_records(self) -> PersonalRecords:
        """Personal learning records."""
        return self.of_records.personal_records

    @property
    def challenges(self) -> Challenges:
        """Raising challenges."""
        return self.of_records.challenges

    # --- identity of callers --------------------------------------------------------------------------------------

    @cached_property
    def of_identity(self) -> IdentityParts:
        """What tells callers: credentials, tokens, throttles, repeated answers."""
        from chalicelib.bootstrap_identity import IdentityParts, IdentityTools

        tools = IdentityTools(self._dynamodb, lambda: self._patience, self._secret, lambda: self._sealing_key)
        return IdentityParts(self, tools)

    @property
    def tokens(self) -> Tokens:
        """Access tokens."""
        return self.of_identity.tokens

    @property
    def credentials(self) -> Credentials:
        """Credentials, as those see them who answer for them."""
        return self.of_identity.credentials

    @property
    def throttles(self) -> Throttles:
        """How often callers may call."""
        return self.of_identity.throttles

    @property
    def answers(self) -> AnswerTable:
        """Answers to requests with an idempotency key."""
        return self.of_identity.answers

    # --- learners ------------------------------------------------------------------------------------------------

    @cached_property
    def of_learners(self) -> LearnerParts:
        """What makes the learner register, search and pending matches."""
        from chalicelib.bootstrap_learners import LearnerParts, LearnerTools

        tools = LearnerTools(
            self._dynamodb, self._cursors, lambda: self._patience, self._secret_key, self._install_lists
        )
        return LearnerParts(self, tools)

    @property
    def learner_services(self) -> LearnerServices:
        """Finding, registering and updating learners."""
        return self.of_learners.learner_services

    @property
    def learner_links(self) -> LearnerLinks:
        """Links between two ULNs of one person."""
        return self.of_learners.learner_links

    @property
    def pending_decisions(self) -> PendingDecisions:
        """Decisions on registrations that found possible matches."""
        return self.of_learners.pending_decisions

    @property
    def verify_learner(self) -> VerifyLearner:
        """Verifying single learners."""
        return self.of_learners.verify_learner

    # --- parts ---------------------------------------------------------------------------------------------------

    def _install_lists(self) -> None:
        """Take the operator's lists for this process, once. Raises SettingsError naming the line that is malformed."""
        if self._has_lists:
            return
        from chalicelib.reference import Lists, Sources, install
        from chalicelib.services.imports.operator_lists import read_sources

        try:
            sources = read_sources(self.files, self.settings.lists_prefix, self.journal)
            held = Lists(sources, welsh_names=self.settings.welsh_names)
            held.check()
        except ValueError as malformed:
            raise SettingsError([str(malformed)]) from None
        install(held if held.welsh_names or sources != Sources() else None)
        self._has_lists = True


_container: dict[str, Services] = {}


def services(environ: Mapping[str, str] | None = None, needs: tuple[str, ...] = ()) -> Services:
    """The services of this container, made at the first call; a mapping that is given makes services of its own.

    Raises SettingsError when the environment is malformed, or lacks one of ``needs`` (names of settings).
    """
    if environ is not None:
        return Services(Settings.from_environment(environ, needs), environ)
    if not _container:
        _container["services"] = Services(Settings.from_environment(os.environ, needs), os.environ)
    return _container["services"]
