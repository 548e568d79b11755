"""Whether the tables agree after a restore, even if they went back to different moments (SLA-07).

It looks at learners and their entries in the index of people, and at the jobs that the history of achievements names.
What can be mended without a person is mended on request: missing entries of the
index are written again, and those of nobody are removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from chalicelib import bootstrap
from chalicelib.domain import search
from chalicelib.domain.learners import DELETED
from chalicelib.storage import keys
from chalicelib.storage.achievement_items import latest_of
from chalicelib.storage.learner_items import LearnerItem, indexed_of, profile_of_card
from chalicelib.storage.person_index import IdentityLockItem, search_entry
from chalicelib.storage.tables import Item as StoredItem
from local.emulated.cloud import ProvisionedCloud

_BATCH: Final = 100
_WRITES: Final = 25
_SEGMENTS: Final = 1_000

Item = dict[str, Any]
KeyOf = tuple[str, str]


class Disagreement(NamedTuple):
    """One fact on which two tables differ. It has keys of items, which contain ULNs: not for a log or a ticket."""

    what: str
    key: KeyOf
    mended: bool = False


class Checked(NamedTuple):
    """What a check has looked at and found."""

    learners: int
    entries: int
    achievements: int
    found: tuple[Disagreement, ...]


NOT_INDEXED: Final = "a learner lacks an entry of the index"
OF_NOBODY: Final = "an entry of the index names a learner who is not on the register"
JOB_UNKNOWN: Final = "the register has a change by a job that is not in the table of jobs"


def check(cloud: ProvisionedCloud, services: bootstrap.Services, share: float = 1.0, *, mend: bool = False) -> Checked:
    """Compare the tables; ``share`` below 1 looks at that part of the register and of the index."""
    dynamodb = cloud.client("dynamodb")
    segments = max(1, round(_SEGMENTS * share)) if share < 1 else 0
    learners = entries = achievements = 0
    found: list[Disagreement] = []
    jobs_seen: dict[str, bool] = {}
    for batch in _batches(_items(dynamodb, cloud.table("register"), segments)):
        own = [item for item in batch if item["sk"]["S"] == keys.LEARNER]
        changed = [item for item in batch if item["sk"]["S"].startswith(f"{keys.ACHIEVEMENT}#")]
        learners, achievements = learners + len(own), achievements + len(changed)
        found += _not_indexed(cloud, own, mend=mend)
        found += _of_unknown_jobs(services, changed, jobs_seen)
    for batch in _batches(_items(dynamodb, cloud.table("person_index"), segments)):
        named = [(item, uln) for item in batch if (uln := _uln_of_entry(item))]
        entries += len(named)
        found += _of_nobody(cloud, named, mend=mend)
    return Checked(learners, entries, achievements, tuple(found))


def _not_indexed(cloud: ProvisionedCloud, items: list[Item], *, mend: bool) -> Iterator[Disagreement]:
    """Entries and locks that learners of the register should have."""
    wanted: dict[KeyOf, Item] = {}
    for item in items:
        wanted |= {(entry.pk, entry.sk): entry.serialize() for entry in _in_index(item)}
    there = _existing(cloud, "person_index", wanted)
    missing = [key for key in wanted if key not in there]
    if mend:
        for batch in _batches(missing, _WRITES):
            _write(cloud, "person_index", [{"PutRequest": {"Item": wanted[key]}} for key in batch])
    yield from (Disagreement(NOT_INDEXED, key, mend) for key in missing)


def _of_nobody(cloud: ProvisionedCloud, named: list[tuple[Item, str]], *, mend: bool) -> Iterator[Disagreement]:
    there = _existing(cloud, "register", {keys.learner(uln) for _, uln in named})
    gone = [(item["pk"]["S"], item["sk"]["S"]) for item, uln in named if keys.learner(uln) not in there]
    if mend:
        for batch in _batches(gone, _WRITES):
            _write(cloud, "person_index", [{"DeleteRequest": {"Key": _key(key)}} for key in batch])
    yield from (Disagreement(OF_NOBODY, key, mend) for key in gone)


def _of_unknown_jobs(services: bootstrap.Services, items: list[Item], seen: dict[str, bool]) -> Iterator[Disagreement]:
    """Achievements whose newest version was made by a job that nobody knows."""
    by_job = {(item["pk"]["S"], item["sk"]["S"]): latest_of(item).provenance.batch_job for item in items}
    ids = sorted({job for job in by_job.values() if job and job not in seen})
    if ids:
        known = {job.job_id for job in services.jobs.read(ids)}
        seen.update((job, job in known) for job in ids)
    yield from (Disagreement(JOB_UNKNOWN, key) for key, job in by_job.items() if job and not seen[job])


def _in_index(item: Item) -> Iterator[StoredItem]:
    """The entries and the lock that a learner's own item says it has in the index of people."""
    stored = LearnerItem.of(item)
    profile, indexed = profile_of_card(stored.card), indexed_of(stored)
    if profile.status == DELETED:
        return
    if indexed is None:  # loaded in bulk
        standing = search.entry_keys(profile)
    else:
        standing = search.keys_under(indexed.sounds, profile.date_of_birth, profile.postcode)
        if indexed.lock:
            yield IdentityLockItem(*keys.identity_lock(indexed.lock), uln=profile.uln)
    yield from (search_entry(key, profile) for key in standing)


def _uln_of_entry(item: Item) -> str:
    """The learner that an entry or a lock of the index is about; empty for a block or the holder of an event."""
    pk, sk = item["pk"]["S"], item["sk"]["S"]
    if sk == keys.LOCK:
        return str(item["uln"]["S"])
    if sk in (keys.BLOCK, keys.HOLDER):
        return ""
    return keys.entry_of(pk, sk)[1]


def _items(dynamodb: Any, table: str, segments: int) -> Iterator[Item]:
    """Every item of a table, or those of some of a thousand parts of it."""
    scan = dynamodb.get_paginator("scan")
    parts = [{"Segment": part, "TotalSegments": _SEGMENTS} for part in range(segments)] or [{}]
    for part in parts:
        for page in scan.paginate(TableName=table, ConsistentRead=True, **part):
            yield from page["Items"]


def _batches(items: Iterable[Any], size: int = _BATCH) -> Iterator[list[Any]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def _existing(cloud: ProvisionedCloud, table: str, wanted: Iterable[KeyOf]) -> set[KeyOf]:
    """Those of the keys that a table has."""
    dynamodb, physical, there = cloud.client("dynamodb"), cloud.table(table), set[KeyOf]()
    for batch in _batches(wanted):
        request: dict[str, Any] = {
            physical: {"Keys": [_key(key) for key in batch], "ProjectionExpression": "pk, sk", "ConsistentRead": True}
        }
        while request:
            answer = dynamodb.batch_get_item(RequestItems=request)
            there |= {(item["pk"]["S"], item["sk"]["S"]) for item in answer["Responses"].get(physical, ())}
            request = answer.get("UnprocessedKeys", {})
    return there


def _write(cloud: ProvisionedCloud, table: str, requests: list[dict[str, Any]]) -> None:
    request: dict[str, Any] = {cloud.table(table): requests}
    while request:
        request = cloud.client("dynamodb").batch_write_item(RequestItems=request).get("UnprocessedItems", {})


def _key(key: KeyOf) -> Item:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}
