"""A job as an item, in both directions.

``state`` is an object of every field that differs from its default, by the field's name and written as its type says.
So a field added to :class:`Job` is stored and read without a change here, unless its type is new: then this module
cannot be imported. In items of an older release, a new field has its default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, get_type_hints

from pynamodb.attributes import MapAttribute, NumberAttribute, NumberSetAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex

from chalicelib.domain.failures import Failure
from chalicelib.domain.jobs import Corrected, Counts, Job, JobStatus, Source
from chalicelib.domain.packed import failures_from
from chalicelib.ports.errors import TooLarge
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, index_of
from chalicelib.storage.texts import JsonText, encode

OPEN: Final = "OPEN"
"""The one partition of the index of open jobs."""


MOST_STATE: Final = 250_000
"""Bytes of a job's state. DynamoDB's limit is 400 kB for the item, in which chunks being worked on need their room."""


LONGEST_PLAIN: Final = 600
"""Characters of a state above which it is compressed, so that a job is below one kilobyte: one write unit."""


class JobsByOrganisation(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """Jobs of an organisation and kind by time of submission (ACH-07)."""

    Meta = index_of("by_organisation", keys_only=True)

    organisation = UnicodeAttribute(hash_key=True)
    submitted = UnicodeAttribute(range_key=True)


class OpenJobs(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """The jobs that have not ended, by deadline (SLA-03); sparse."""

    Meta = index_of("open_jobs", keys_only=True)

    open = UnicodeAttribute(hash_key=True)
    due = UnicodeAttribute(range_key=True)


class JobItem(Item):
    """A batch job, ``JOB#<id>`` / ``JOB``.

    ``state`` is the job without the values that change while its chunks are applied: ``done`` (numbers of chunks with a
    result), ``leases`` and ``attempts`` (of chunks being worked on, by number), ``progress`` (when a chunk was last
    done). ``token`` names the write that made the revision, so that a write repeated after a lost answer recognises its
    own work. ``ends`` is its time to live.
    """

    status = UnicodeAttribute()
    state = JsonText(longest=LONGEST_PLAIN)
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
    ends = NumberAttribute()

    by_organisation = JobsByOrganisation()
    open_jobs = OpenJobs()


class _Codec(NamedTuple):
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def time_text(time: datetime) -> str:
    """A time as text that sorts by time: UTC, with microseconds."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


_TIME: Final = _Codec(time_text, datetime.fromisoformat)
_CODECS: Final[dict[Any, _Codec]] = {
    str: _Codec(_same, _same),
    int: _Codec(_same, _same),
    bool: _Codec(_same, _same),
    datetime: _TIME,
    datetime | None: _TIME,
    JobStatus: _Codec(str, JobStatus),
    Source | None: _Codec(list, lambda packed: Source(*packed)),
    tuple[int, ...]: _Codec(list, tuple),
    tuple[str, ...]: _Codec(list, tuple),
    tuple[Failure, ...]: _Codec(list, failures_from),
    Corrected: _Codec(list, lambda packed: Corrected(*packed)),
    Counts: _Codec(
        lambda counts: {name: count for name, count in counts._asdict().items() if count},
        lambda packed: Counts(**packed),
    ),
}
"""How values that are not the default are written in JSON, by type. None is always a default."""

_APART: Final = frozenset({"done", "revision"})
_HINTS: Final = get_type_hints(Job)
_FIELDS: Final = {
    spec.name: (_CODECS[_HINTS[spec.name]], spec.default) for spec in fields(Job) if spec.name not in _APART
}


def state_of(job: Job) -> dict[str, Any]:
    """The job's ``state``."""
    state = {}
    for name, (codec, default) in _FIELDS.items():
        value = getattr(job, name)
        if default is MISSING or value != default:
            state[name] = codec.write(value)
    return state


def storable_state(job: Job) -> dict[str, Any]:
    """The job's ``state``; raises TooLarge if it would leave no room for the rest of the item."""
    state = state_of(job)
    size = len(encode(state).encode())
    if size > MOST_STATE:
        raise TooLarge(size)
    return state


def job_of(item: JobItem) -> Job:
    """The job in an item."""
    values = {name: _FIELDS[name][0].read(value) for name, value in item.state.items() if name in _FIELDS}
    saved = values.get("progress_at")
    if item.progress and (saved is None or datetime.fromisoformat(item.progress) > saved):
        values["progress_at"] = datetime.fromisoformat(item.progress)
    return Job(**values, done=frozenset(int(chunk) for chunk in item.done or ()), revision=int(item.revision))


def index_keys(job: Job) -> dict[str, Any]:
    """The attributes for the indexes; None for those that the item must not have.

    The sort key of an organisation's list ends in the job's id, so that jobs of the same moment have an order.
    """
    is_open = job.is_open
    return {
        "organisation": keys.organisation_jobs(job.ukprn, job.kind),
        "submitted": submitted_key(job.submitted_at, job.job_id),
        "open": OPEN if is_open else None,
        "due": time_text(job.due_by) if is_open else None,
    }


def submitted_key(submitted_at: datetime, job_id: str) -> str:
    """The sort key of the index by organisation."""
    return f"{time_text(submitted_at)}#{job_id}"
