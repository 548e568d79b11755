"""What the use cases need of the world outside: protocols, their errors, and the values that pass through them.

Adapters live in ``storage`` (DynamoDB) and ``cloud`` (S3, SQS, SES); the tests have a fake of each, held to the same
contract tests. An adapter raises :class:`TemporaryFailure` for trouble that passes (throttling, time-outs, the
network): the caller lets it through, and the queue delivers again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from chalicelib.domain.achievements import Achievement, Catalogue, Key, RecordResult
from chalicelib.domain.batch_answers import Answer
from chalicelib.domain.jobs import Claim, Job, Source, Turn
from chalicelib.domain.learners import LearnerProfile

Clock = Callable[[], datetime]
"""Now, aware, in UTC."""

NewId = Callable[[], str]
"""A new random identifier, letters, digits, hyphen and underscore only."""


class TemporaryFailure(Exception):
    """The world outside could not do it now; the same call may succeed later. Carries no learner data."""


class Conflict(Exception):
    """What was to be changed has changed since it was read: read again and decide again."""


class Missing(Exception):
    """The object asked for does not exist."""


class BadCursor(Exception):
    """A page token that is not one of ours, belongs to another listing, or has expired."""


class TooLarge(Exception):
    """The object is larger than the caller allows; ``size`` in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class Organisation(NamedTuple):
    """A registered organisation, as far as the batch pipeline and the guard need to know it."""

    ukprn: str
    name: str
    organisation_ref: str
    recognition_numbers: frozenset[str]
    is_awarding_organisation: bool
    batch_achievements: bool
    """Set up for achievement batches; otherwise WSRC0043."""
    status: str
    """``active`` or ``suspended``."""
    batch_email: str
    """Where notices of dropped files go."""
    csv_encoding: str = ""
    """Declared encoding of its CSV files: empty for UTF-8, or ``windows-1252``."""
    certificates: frozenset[str] = frozenset()
    """SHA-256 fingerprints, in hexadecimal, of the client certificates that it has registered."""
    is_service_desk: bool = False
    """Whether it is the service's own desk, which links learners (ULN-09) and registers none."""


class Caller(NamedTuple):
    """Who a web-service call comes from."""

    ukprn: str
    user: str
    email: str
    capabilities: frozenset[str]
    credential_id: str = ""
    """The credential of a system; empty for a person."""


class AuditEntry(NamedTuple):
    """One look or change, for the append-only log (SEC-01). ``subject`` is the item looked at, such as ``ULN#…``."""

    subject: str
    at: str
    entry_id: str
    action: str
    organisation: str
    user: str
    detail: Mapping[str, str]


class UploadForm(NamedTuple):
    """A pre-signed form with which a file is posted to the inbox."""

    url: str
    fields: Mapping[str, str]


class StoredObject(NamedTuple):
    """One object of a listing."""

    key: str
    version: str
    size: int
    modified: datetime


class JobPage(NamedTuple):
    """Part of a listing of jobs; ``cursor`` continues it and is empty at its end."""

    items: list[Job]
    cursor: str


class Learners(Protocol):
    """The learner register, as matching sees it."""

    def profiles(self, ulns: Iterable[str], *, consistent: bool = False) -> dict[str, LearnerProfile]:
        """The profiles of those ULNs that exist; any number of ULNs, read 100 a call."""
        ...


class Achievements(Protocol):
    """Stored achievements. Every write is conditional; nothing is ever overwritten unseen."""

    def read(self, keys: Iterable[Key]) -> dict[Key, Achievement]:
        """Strongly consistent; those that exist. Any number of keys, read 100 a call."""
        ...

    def write_all(self, achievements: Sequence[Achievement]) -> list[bool]:
        """Write each one version on, 25 a call: its key must not exist for revision 1, else the stored revision must
        be one less; False for those for which it was not so. Keys must be distinct.
        """
        ...

    def write(self, achievement: Achievement) -> None:
        """Write one, on the same condition. Raises :class:`Conflict`."""
        ...


class Jobs(Protocol):
    """Batch jobs."""

    def create(self, job: Job) -> bool:
        """False when a job of that id exists already; it is left as it is."""
        ...

    def get(self, job_id: str) -> Job | None:
        """Strongly consistent."""
        ...

    def save(self, job: Job) -> Job:
        """Write everything but ``done`` and the claims, if the stored revision is still ``job.revision``.

        Returns the job with its new revision. Raises :class:`Conflict`.
        """
        ...

    def claim_chunk(self, job_id: str, chunk: int, now: datetime, lease_until: datetime) -> Claim:
        """Claim a chunk for one delivery, in one call; not held while another's lease lasts. Raises Missing."""
        ...

    def chunk_done(self, job_id: str, chunk: int, now: datetime) -> Job:
        """Add the chunk to the set of those done, set ``progress_at``; the job as it then is."""
        ...

    def with_content(self, ukprn: str, sha256: str, job_id: str) -> str:
        """Remember that this job brought this content; the id of the first that did (its own when it is the first)."""
        ...

    def of_organisation(self, ukprn: str, kind: str, limit: int, cursor: str = "") -> JobPage:
        """Newest first; ``cursor`` continues a listing. Raises :class:`BadCursor`."""
        ...

    def open_jobs(self) -> Iterator[Job]:
        """Every job that the watcher has to look after, by deadline."""
        ...


class Turns(Protocol):
    """The line of each organisation's files."""

    def get(self, ukprn: str, kind: str) -> Turn:
        """Strongly consistent; an empty line where there is none."""
        ...

    def save(self, turn: Turn) -> Turn:
        """If the stored revision is still ``turn.revision``; with the new revision. Raises :class:`Conflict`."""
        ...


class Catalogues(Protocol):
    """Versions of the catalogue of aims and providers (QUAL-01), kept in memory once read."""

    def current_version(self) -> str: ...

    def load(self, version: str) -> Catalogue: ...


class Accounts(Protocol):
    """Organisations."""

    def organisation(self, ukprn: str) -> Organisation | None: ...


class Audit(Protocol):
    """The append-only log."""

    def record(self, entries: Sequence[AuditEntry]) -> None:
        """Write all of them or raise; writing an entry again changes nothing."""
        ...


class Outages(Protocol):
    """When the service was not available (ACH-10, SLA-01)."""

    def since(self, day: date) -> list[tuple[datetime, datetime]]:
        """Windows of unavailability that end after that day, as (start, end)."""
        ...


class Files(Protocol):
    """Objects in buckets, by the bucket's logical name (``inbox``, ``work``, ``results``, ``catalogue``)."""

    def read(self, bucket: str, key: str, version: str = "", limit: int | None = None) -> bytes:
        """Raises :class:`Missing`, or :class:`TooLarge` before any of the body is read."""
        ...

    def write(self, bucket: str, key: str, data: bytes, content_type: str) -> None: ...

    def write_if_absent(self, bucket: str, key: str, data: bytes, content_type: str) -> bool:
        """False when the object exists; it is left as it is."""
        ...

    def objects(self, bucket: str, prefix: str, since: datetime) -> Iterator[StoredObject]:
        """Current versions under the prefix that were written after ``since``."""
        ...

    def versions(self, bucket: str, prefix: str, since: datetime) -> Iterator[StoredObject]:
        """Likewise every version, also those that a later one has replaced."""
        ...

    def upload_form(self, bucket: str, key: str, max_bytes: int, seconds: int) -> UploadForm: ...

    def download_link(self, bucket: str, key: str, filename: str, seconds: int) -> str: ...


class Queues(Protocol):
    """Messages to the queues, by logical name (``intake``, ``chunks``, ``finish``, ``notices``)."""

    def send(self, queue: str, messages: Sequence[Mapping[str, object]]) -> None:
        """All of them, ten a call, failed entries again; raises :class:`TemporaryFailure` when some stay unsent."""
        ...


class Mail(Protocol):
    """The post."""

    def send(self, to: str, subject: str, body: str) -> None:
        """Send one message of plain text to one address; raises :class:`TemporaryFailure`."""
        ...


class Journal:
    """What the steps tell the operators as it comes true, once for each time; this one is read by nobody.

    Whoever passes it on passes on nothing of any learner.
    """

    def received(self, job: Job) -> None:
        """A submitted file has become a job."""

    def split(self, job: Job) -> None:
        """A job's file has been cut into chunks."""

    def applied(self, job: Job, chunk: int, attempt: int, results: Sequence[RecordResult | Answer]) -> None:
        """A delivery has answered every record of a chunk."""

    def record_fault(self, job: Job, chunk: int, numbers: Sequence[int], error: Exception) -> None:
        """Records, by number, that stop the program are answered as the service's own fault."""

    def ended(self, job: Job) -> None:
        """A job has come to its end."""

    def list_missing(self, name: str) -> None:
        """The packaged sample stands in for a list that the operator has not given."""


SILENT = Journal()


class Delivered(NamedTuple):
    """One event of the inbox: an object's version, and when it was written."""

    source: Source
    submitted_at: datetime


def source_message(source: Source, submitted_at: datetime) -> dict[str, object]:
    """The intake message that stands for one submitted file (a re-send of a lost event)."""
    return {**source._asdict(), "submittedAt": submitted_at.isoformat()}
