"""A job as an item, in both directions.

``state`` is a JSON object of every field that differs from its default, by the field's name and written as its type
says. A field added to :class:`Job` is thus stored and read without a change here, unless its type is a new one: then
this module does not even import. Items of a release that did not know a field read as its default.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, get_type_hints

from chalicelib.domain.failures import Failure
from chalicelib.domain.jobs import Counts, Job, JobStatus, Source
from chalicelib.storage import keys
from chalicelib.storage.tables import JobItem

OPEN: Final = "OPEN"
"""The one partition of the index of open jobs."""


class _Codec(NamedTuple):
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def time_text(time: datetime) -> str:
    """A time such that texts sort as times do: UTC, with microseconds."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _failures(packed: list[Any]) -> tuple[Failure, ...]:
    return tuple(
        Failure(code, field, tuple((name, value) for name, value in detail), line, column)
        for code, field, detail, line, column in packed
    )


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
    tuple[Failure, ...]: _Codec(list, _failures),
    Counts: _Codec(
        lambda counts: {name: count for name, count in counts._asdict().items() if count},
        lambda packed: Counts(**packed),
    ),
}
"""How a value that is not the default is written in JSON, by its type. None is always a default."""

_APART: Final = frozenset({"done", "revision"})
_HINTS: Final = get_type_hints(Job)
_FIELDS: Final = {
    spec.name: (_CODECS[_HINTS[spec.name]], spec.default) for spec in fields(Job) if spec.name not in _APART
}


def state_of(job: Job) -> str:
    """The job's ``state``."""
    state = {}
    for name, (codec, default) in _FIELDS.items():
        value = getattr(job, name)
        if default is MISSING or value != default:
            state[name] = codec.write(value)
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def job_of(item: JobItem) -> Job:
    """The job in an item."""
    state = json.loads(item.state)
    values = {name: _FIELDS[name][0].read(value) for name, value in state.items() if name in _FIELDS}
    saved = values.get("progress_at")
    if item.progress and (saved is None or datetime.fromisoformat(item.progress) > saved):
        values["progress_at"] = datetime.fromisoformat(item.progress)
    return Job(**values, done=frozenset(int(chunk) for chunk in item.done or ()), revision=int(item.revision))


def index_keys(job: Job) -> dict[str, Any]:
    """The attributes that the indexes are by; None for what the item must not have.

    Sort keys end in the job's id, so that jobs of the same instant have an order.
    """
    is_open = job.is_open
    return {
        "organisation": keys.organisation_jobs(job.ukprn, job.kind),
        "submitted": submitted_key(job.submitted_at, job.job_id),
        "open": OPEN if is_open else None,
        "due": f"{time_text(job.due_by)}#{job.job_id}" if is_open else None,
    }


def submitted_key(submitted_at: datetime, job_id: str) -> str:
    """The sort key of the index by organisation."""
    return f"{time_text(submitted_at)}#{job_id}"
