"""The composition root: settings, clients, adapters, services, each made once for a container and only when first used.

An entry point calls :func:`services` at every event; whatever it does not touch is neither built nor imported, so each
function pays for its own part alone when it starts.
"""

# ruff: noqa: PLC0415 - imports stand where a part is built, so that a function loads its own parts alone

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from chalicelib.settings import Settings, SettingsError, variable

if TYPE_CHECKING:
    from pynamodb.models import Model

    from chalicelib.aws import Clients
    from chalicelib.cloud.files import S3Files
    from chalicelib.cloud.journal import LogJournal
    from chalicelib.cloud.mail import SesMail
    from chalicelib.cloud.queues import SqsQueues
    from chalicelib.services.batch_apply import BatchApply
    from chalicelib.services.batch_finish import BatchFinish
    from chalicelib.services.batch_line import BatchLine
    from chalicelib.services.batch_split import BatchSplit
    from chalicelib.services.batch_submit import BatchJobs
    from chalicelib.services.batch_watch import BatchWatch
    from chalicelib.services.notices import Notices
    from chalicelib.services.ports import Clock, NewId
    from chalicelib.services.qualifications import ImportRegister
    from chalicelib.storage.accounts import AccountTable
    from chalicelib.storage.achievements import AchievementTable
    from chalicelib.storage.audit import AuditTable
    from chalicelib.storage.catalogue import CatalogueStore
    from chalicelib.storage.conditions import Patience
    from chalicelib.storage.cursors import Cursors
    from chalicelib.storage.jobs import JobTable
    from chalicelib.storage.learners import LearnerTable
    from chalicelib.storage.levels import OutageTable
    from chalicelib.storage.turns import TurnTable

CHUNK_LEASE: Final = timedelta(minutes=2)
"""How long a delivery holds a chunk: more than the function's time limit, less than the queue's visibility."""


_KEY: Final = re.compile(r"([0-9a-fA-F]{2}){32,}")


class Services:
    """Adapters of the ports and the use cases over them, under the names that the tests' ``FakeWorld`` uses too."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self._environ = environ
        self._has_lists = False

    # --- the world outside ---------------------------------------------------------------------------------------

    @cached_property
    def clients(self) -> Clients:
        """The clients of AWS services; the one of DynamoDB has cheap batches."""
        from chalicelib.aws import Clients
        from chalicelib.storage.wire import speed_up

        return Clients(self.settings, self._environ, {"dynamodb": speed_up})

    @cached_property
    def clock(self) -> Clock:
        """Now, aware, in UTC."""
        from chalicelib.cloud.clock import now

        return now

    @cached_property
    def new_id(self) -> NewId:
        """A new random identifier."""
        from chalicelib.cloud.clock import new_id

        return new_id

    @cached_property
    def learners(self) -> LearnerTable:
        """The learner register."""
        from chalicelib.storage.learners import LearnerTable
        from chalicelib.storage.tables import LearnerItem

        table = self._bound("table_register", LearnerItem)
        return LearnerTable(table, self._dynamodb, self._patience)

    @cached_property
    def achievements(self) -> AchievementTable:
        """Stored achievements."""
        from chalicelib.storage.achievements import AchievementTable
        from chalicelib.storage.tables import AchievementItem

        table = self._bound("table_register", AchievementItem)
        return AchievementTable(table, self._dynamodb, self._patience)

    @cached_property
    def jobs(self) -> JobTable:
        """Batch jobs."""
        from chalicelib.storage.jobs import JobTable
        from chalicelib.storage.tables import ContentItem, JobItem

        self._bound("table_jobs", JobItem, ContentItem)
        return JobTable(self.new_id, self._cursors)

    @cached_property
    def turns(self) -> TurnTable:
        """The lines of the organisations' files."""
        from chalicelib.storage.tables import TurnItem
        from chalicelib.storage.turns import TurnTable

        self._bound("table_jobs", TurnItem)
        return TurnTable(self.new_id)

    @cached_property
    def catalogues(self) -> CatalogueStore:
        """Versions of the catalogue of aims and providers."""
        from chalicelib.formats.catalogue_files import read_snapshot
        from chalicelib.storage.catalogue import CatalogueStore
        from chalicelib.storage.tables import CurrentCatalogueItem

        self._bound("table_catalogue", CurrentCatalogueItem)
        return CatalogueStore(self.files, read_snapshot, self.clock)

    @cached_property
    def accounts(self) -> AccountTable:
        """Organisations and the holders of web-service keys."""
        from chalicelib.storage.accounts import AccountTable
        from chalicelib.storage.tables import CredentialItem, OrganisationItem

        self._bound("table_accounts", OrganisationItem, CredentialItem)
        return AccountTable(self.clock)

    @cached_property
    def audit(self) -> AuditTable:
        """The append-only log."""
        from chalicelib.storage.audit import AuditTable
        from chalicelib.storage.tables import AuditItem

        table = self._bound("table_audit", AuditItem)
        return AuditTable(table, self._dynamodb, self._patience)

    @cached_property
    def outages(self) -> OutageTable:
        """When the service was not available."""
        from chalicelib.storage.levels import OutageTable
        from chalicelib.storage.tables import OutageItem

        self._bound("table_levels", OutageItem)
        return OutageTable(self.clock)

    @cached_property
    def files(self) -> S3Files:
        """Objects in buckets."""
        from chalicelib.cloud.files import S3Files

        return S3Files(lambda: self.clients["s3"], self.settings.bucket)

    @cached_property
    def queues(self) -> SqsQueues:
        """Messages to queues."""
        from chalicelib.cloud.queues import SqsQueues

        return SqsQueues(lambda: self.clients["sqs"], self.settings.queue)

    @cached_property
    def mail(self) -> SesMail:
        """Mail from the service's own address."""
        from chalicelib.cloud.mail import SesMail

        return SesMail(lambda: self.clients["ses"], self.settings.need("mail_sender"))

    @cached_property
    def journal(self) -> LogJournal:
        """What the operators are told."""
        from chalicelib.cloud.journal import LogJournal

        return LogJournal()

    # --- the use cases -------------------------------------------------------------------------------------------

    @cached_property
    def batch_line(self) -> BatchLine:
        """The lines of the organisations' files, moved on."""
        from chalicelib.services.batch_line import BatchLine

        return BatchLine(self.jobs, self.turns, self.queues, self.clock)

    @cached_property
    def batch_submit(self) -> BatchJobs:
        """Batch jobs as their organisation sees them."""
        from chalicelib.services.batch_submit import BatchJobs, SubmitPorts

        ports = SubmitPorts(
            self.jobs, self.files, self.accounts, self.batch_line, self.clock, self.new_id, self.journal
        )
        return BatchJobs(ports)

    @cached_property
    def batch_split(self) -> BatchSplit:
        """The first step of the pipeline."""
        from chalicelib.reference import lists
        from chalicelib.services.batch_split import BatchSplit, SplitPorts

        self._install_lists()
        ports = SplitPorts(
            jobs=self.jobs,
            files=self.files,
            accounts=self.accounts,
            catalogues=self.catalogues,
            outages=self.outages,
            queues=self.queues,
            line=self.batch_line,
            clock=self.clock,
            bank_holidays=lists().bank_holidays,
            journal=self.journal,
        )
        return BatchSplit(ports, self.settings.chunk_records)

    @cached_property
    def batch_apply(self) -> BatchApply:
        """The middle step of the pipeline."""
        from chalicelib.services.batch_apply import ApplyPorts, BatchApply

        self._install_lists()
        ports = ApplyPorts(
            jobs=self.jobs,
            files=self.files,
            learners=self.learners,
            achievements=self.achievements,
            catalogues=self.catalogues,
            accounts=self.accounts,
            audit=self.audit,
            queues=self.queues,
            clock=self.clock,
            journal=self.journal,
        )
        return BatchApply(ports, CHUNK_LEASE)

    @cached_property
    def batch_finish(self) -> BatchFinish:
        """The last step of the pipeline."""
        from chalicelib.services.batch_finish import BatchFinish, FinishPorts

        ports = FinishPorts(self.jobs, self.files, self.queues, self.batch_line, self.clock, self.journal)
        return BatchFinish(ports)

    @cached_property
    def batch_watch(self) -> BatchWatch:
        """The sweeper of the pipeline."""
        from chalicelib.services.batch_watch import BatchWatch, WatchPorts

        ports = WatchPorts(
            jobs=self.jobs,
            turns=self.turns,
            files=self.files,
            queues=self.queues,
            line=self.batch_line,
            split=self.batch_split,
            apply=self.batch_apply,
            clock=self.clock,
            journal=self.journal,
        )
        return BatchWatch(ports)

    @cached_property
    def notices(self) -> Notices:
        """Notices of jobs that have ended."""
        from chalicelib.services.notices import Notices

        return Notices(self.jobs, self.mail, self.settings.portal_url)

    @cached_property
    def import_register(self) -> ImportRegister:
        """The import of the regulators' registers."""
        from chalicelib.services.qualifications import ImportRegister

        return ImportRegister(self.catalogues, self.files, self.clock)

    # --- parts ---------------------------------------------------------------------------------------------------

    def _install_lists(self) -> None:
        """Take the operator's lists for this process, once. Raises SettingsError naming the line that is malformed."""
        if self._has_lists:
            return
        from chalicelib.reference import Lists, Sources, install
        from chalicelib.services.operator_lists import read_sources

        try:
            sources = read_sources(self.files, self.settings.lists_prefix, self.journal)
            held = Lists(sources, welsh_names=self.settings.welsh_names)
            held.check()
        except ValueError as malformed:
            raise SettingsError([str(malformed)]) from None
        install(held if held.welsh_names or sources != Sources() else None)
        self._has_lists = True

    def _dynamodb(self) -> Any:
        return self.clients["dynamodb"]

    def _bound(self, name: str, *models: type[Model]) -> str:
        """Bind models to the table of a setting; the table's name."""
        from chalicelib.storage.tables import bind

        table = self.settings.need(name)
        for model in models:
            bind(model, table, self.settings.region, self._dynamodb)
        return table

    @cached_property
    def _patience(self) -> Patience:
        from chalicelib.storage.conditions import Patience

        return Patience(time.sleep, random.random)

    def _cursors(self) -> Cursors:
        return self._sealing

    @cached_property
    def _sealing(self) -> Cursors:
        from chalicelib.cloud.secrets import read_secret
        from chalicelib.storage.cursors import Cursors

        name = self.settings.need("cursor_secret")
        text = read_secret(lambda: self.clients["secretsmanager"], name)
        if not _KEY.fullmatch(text):
            raise SettingsError([f"{variable('cursor_secret')} names a secret without 64 hexadecimal digits or more"])
        return Cursors(bytes.fromhex(text), self.clock)


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
