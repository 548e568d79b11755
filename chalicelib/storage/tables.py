"""The items of every table as PynamoDB models, and how a model gets its table and its client.

Models are unbound: nothing here knows a table's physical name. Keys are those of :mod:`chalicelib.storage.keys`.
Attributes are few on purpose, and what is only ever read as a whole is one JSON text: each attribute costs a call
both ways, in CPU and in bytes. What conditions and indexes look at stands alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pynamodb.attributes import BooleanAttribute, MapAttribute, NumberAttribute, NumberSetAttribute, UnicodeAttribute
from pynamodb.connection.base import Connection
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model


def unbound() -> Any:
    """A ``Meta`` of a model's own, without a table as yet."""
    return type("Meta", (), {"table_name": ""})


def index_of(name: str) -> Any:
    """The ``Meta`` of an index that holds the whole items."""
    return type("Meta", (), {"index_name": name, "projection": AllProjection()})


class SharedConnection(Connection):
    """PynamoDB's connection with our one client in place of one of its own for every model."""

    def __init__(self, region: str, client: Callable[[], Any]) -> None:
        super().__init__(region=region)
        self._shared = client

    @property
    def client(self) -> Any:
        return self._shared()


def bind(model: type[Model], table: str, region: str, client: Callable[[], Any]) -> None:
    """Give a model its table and the client, which is made when the first call needs it. Binding again takes effect."""
    model.Meta.table_name = table
    model.Meta.region = region
    model._connection = None  # noqa: SLF001 - PynamoDB keeps a connection that is bound to the table's former name
    bound = model._get_connection()  # noqa: SLF001
    shared = SharedConnection(region, client)
    shared.add_meta_table(bound.get_meta_table())
    bound.connection = shared


class LearnerItem(Model):
    """A learner of the register, ``ULN#<uln>`` / ``LEARNER``.

    ``card`` is the profile that verification reads, as :func:`chalicelib.domain.learners.pack` writes it: a batch
    reads one attribute for each learner. The others, which the items of a bulk load may lack, are written and read by
    :mod:`chalicelib.storage.learner_items`.
    """

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    card = UnicodeAttribute()
    status = UnicodeAttribute()
    revision = NumberAttribute(default=1)
    details = UnicodeAttribute(null=True)
    provenance = UnicodeAttribute(null=True)
    indexed = UnicodeAttribute(null=True)


class AchievementItem(Model):
    """An achievement, ``ULN#<uln>`` / ``ACH#<aim reference>#<award date>``: the key is the uniqueness rule (AO18 5.1).

    A lone create is about half a kilobyte, so one write unit. ``history`` is written and read by
    :mod:`chalicelib.storage.achievement_items`.
    """

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    owner = UnicodeAttribute()
    given_name = UnicodeAttribute()
    family_name = UnicodeAttribute()
    provider_ukprn = UnicodeAttribute()
    grade = UnicodeAttribute()
    language = UnicodeAttribute()
    status = UnicodeAttribute()
    submission_type = UnicodeAttribute()
    history = UnicodeAttribute()
    late = BooleanAttribute()
    revision = NumberAttribute()


class JobsByOrganisation(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """Jobs of an organisation and kind by time of submission (ACH-07)."""

    Meta = index_of("by_organisation")

    organisation = UnicodeAttribute(hash_key=True)
    submitted = UnicodeAttribute(range_key=True)


class OpenJobs(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """The jobs that are not at their end, by deadline (SLA-03); sparse."""

    Meta = index_of("open_jobs")

    open = UnicodeAttribute(hash_key=True)
    due = UnicodeAttribute(range_key=True)


class JobItem(Model):
    """A batch job, ``JOB#<id>`` / ``JOB``.

    ``state`` is the job but for what changes while its chunks are applied: ``done`` (numbers of chunks with a
    result), ``leases`` and ``attempts`` (of chunks being worked on, by number), ``progress`` (when a chunk was last
    done). ``token`` names the write that made the revision, so that a write repeated after a lost answer knows its
    own work.
    """

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    status = UnicodeAttribute()
    state = UnicodeAttribute()
    revision = NumberAttribute()
    token = UnicodeAttribute()
    organisation = UnicodeAttribute(null=True)
    submitted = UnicodeAttribute(null=True)
    open = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)
    done = NumberSetAttribute(null=True)
    leases: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    attempts: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    progress = UnicodeAttribute(null=True)

    by_organisation = JobsByOrganisation()
    open_jobs = OpenJobs()


class TurnItem(Model):
    """The line of one organisation's files of one kind, ``TURN#<ukprn>#<kind>`` / ``TURN``."""

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    line = UnicodeAttribute()
    revision = NumberAttribute()
    token = UnicodeAttribute()


class ContentItem(Model):
    """Which job first brought a content, ``CONTENT#<ukprn>#<sha256>`` / ``CONTENT``."""

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    job_id = UnicodeAttribute()


class CurrentCatalogueItem(Model):
    """Which version of the catalogue is in force, ``CATALOGUE`` / ``CURRENT``."""

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = UnicodeAttribute()
    published = UnicodeAttribute()


class OrganisationItem(Model):
    """An organisation, ``ORG#<ukprn>`` / ``ORG``."""

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    organisation_ref = UnicodeAttribute(default="")
    recognition_numbers = UnicodeAttribute()
    is_awarding_organisation = BooleanAttribute()
    batch_achievements = BooleanAttribute()
    status = UnicodeAttribute()
    batch_email = UnicodeAttribute(default="")
    csv_encoding = UnicodeAttribute(default="")
    certificates = UnicodeAttribute(default="[]")
    is_service_desk = BooleanAttribute(default=False)
    revision = NumberAttribute(default=1)


class CredentialItem(Model):
    """A credential of an organisation's system, ``ORG#<ukprn>`` / ``CREDENTIAL#<id>``; its secret is nowhere.

    ``details`` is what never changes, as one text; times are in ISO 8601.
    """

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    details = UnicodeAttribute()
    expires = UnicodeAttribute()
    revoked = UnicodeAttribute(null=True)
    revoked_by = UnicodeAttribute(null=True)
    last_used = UnicodeAttribute(null=True)


class AuditItem(Model):
    """A look or a change, ``<subject>`` / ``<at>#<id>``; written once, never changed (SEC-01)."""

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    action = UnicodeAttribute()
    outcome = UnicodeAttribute()
    organisation = UnicodeAttribute()
    user = UnicodeAttribute()
    detail = UnicodeAttribute()


class OutageItem(Model):
    """A window in which the service was not available, ``OUTAGE#<year>`` / ``<start>``."""

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    end = UnicodeAttribute()


class SubmissionItem(Model):
    """Changes that an organisation made, ``DAY#<ukprn>#<day>#<partition>`` / ``<at>#<event>`` of the first (ACH-08).

    ``changes`` is written and read by :mod:`chalicelib.storage.submission_items`.
    """

    Meta = unbound()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    changes = UnicodeAttribute()


REGISTER: tuple[type[Model], ...] = (LearnerItem, AchievementItem)
JOBS: tuple[type[Model], ...] = (JobItem, TurnItem, ContentItem)
CATALOGUE: tuple[type[Model], ...] = (CurrentCatalogueItem,)
ACCOUNTS: tuple[type[Model], ...] = (OrganisationItem, CredentialItem)
AUDIT: tuple[type[Model], ...] = (AuditItem,)
LEVELS: tuple[type[Model], ...] = (OutageItem,)
SUBMISSIONS: tuple[type[Model], ...] = (SubmissionItem,)
