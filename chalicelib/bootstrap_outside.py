"""The part of the composition root that makes the adapters of the world outside."""

# ruff: noqa: PLC0415 - imports stand where a part is built, as in the root itself

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping
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
    from chalicelib.ports.clock import Clock, NewId
    from chalicelib.storage.accounts import AccountTable
    from chalicelib.storage.achievements import AchievementTable
    from chalicelib.storage.audit import AuditTable
    from chalicelib.storage.catalogue import CatalogueStore
    from chalicelib.storage.conditions import Patience
    from chalicelib.storage.cursors import Cursors
    from chalicelib.storage.jobs import JobTable
    from chalicelib.storage.learners import LearnerTable
    from chalicelib.storage.levels import OutageTable
    from chalicelib.storage.submissions import SubmissionTable
    from chalicelib.storage.turns import TurnTable

_KEY: Final = re.compile(r"([0-9a-fA-F]{2}){32,}")


class Outside:
    """Adapters of the ports, each made when first used."""

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
        from chalicelib.formats.registers.catalogue_files import read_snapshot
        from chalicelib.storage.catalogue import CatalogueStore
        from chalicelib.storage.tables import CurrentCatalogueItem

        self._bound("table_catalogue", CurrentCatalogueItem)
        return CatalogueStore(self.files, read_snapshot, self.clock)

    @cached_property
    def accounts(self) -> AccountTable:
        """Organisations."""
        from chalicelib.storage.accounts import AccountTable
        from chalicelib.storage.tables import CredentialItem, OrganisationItem

        self._bound("table_accounts", OrganisationItem, CredentialItem)
        return AccountTable()

    @cached_property
    def audit(self) -> AuditTable:
        """The append-only log."""
        from chalicelib.storage.audit import AuditTable
        from chalicelib.storage.tables import AuditItem

        table = self._bound("table_audit", AuditItem)
        return AuditTable(table, self._dynamodb, self._patience)

    @cached_property
    def submissions(self) -> SubmissionTable:
        """What each organisation submitted, day by day."""
        from chalicelib.storage.submissions import SubmissionTable
        from chalicelib.storage.tables import SubmissionItem

        table = self._bound("table_submissions", SubmissionItem)
        return SubmissionTable(table, self._dynamodb, self._patience)

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

    # --- parts ---------------------------------------------------------------------------------------------------

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
        from chalicelib.storage.cursors import Cursors

        return Cursors(self._sealing_key, self.clock)

    @cached_property
    def _sealing_key(self) -> bytes:
        return self._secret_key("cursor_secret")

    def _secret_key(self, setting: str) -> bytes:
        """The key that the secret of a setting holds; raises SettingsError where it is none."""
        text = self._secret(setting)
        if not _KEY.fullmatch(text):
            raise SettingsError([f"{variable(setting)} names a secret without 64 hexadecimal digits or more"])
        return bytes.fromhex(text)

    def _secret(self, setting: str) -> str:
        """The text of the secret that a setting names."""
        from chalicelib.cloud.secrets import read_secret

        name = self.settings.need(setting)
        return read_secret(lambda: self.clients["secretsmanager"], name)
