"""What a restore could not bring back, by organisation: files to send again, and changes made one by one (SLA-07).

Nothing is lost without being named. A file that is still in the inbox is processed again without anybody's help. A
file that is gone, and whose job had not ended, must be sent again; the log of the functions names those that arrived
after the moment, which no table knows. Changes that callers made one by one after the moment are in the audit log, if
it was not lost; otherwise the log of the functions has their number. So are ULNs that were allocated after the moment:
a learner who is registered again gets another one.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from chalicelib import bootstrap
from chalicelib.domain.callers import Channel
from chalicelib.domain.jobs import Job, Source, job_id_of
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.formats.batch.csv_files import guard
from chalicelib.ports.files import StoredObject
from chalicelib.ports.messages import source_message
from chalicelib.services.batches.arrivals import LOOK_BACK
from chalicelib.services.batches.places import read_place
from local.emulated.cloud import ProvisionedCloud

AGAIN: Final = "processed again"
SEND: Final = "to be sent again"
CONTINUES: Final = "continues"
LOST_CHANGE: Final = "change to be made again"
VOID: Final = "ULN that is no longer on the register"
REQUESTS: Final = "requests that may have changed something"

CHANGES: Final = frozenset(
    {
        LookAction.ACHIEVEMENT_CREATED,
        LookAction.ACHIEVEMENT_UPDATED,
        LookAction.ACHIEVEMENT_WITHDRAWN,
        LookAction.ACHIEVEMENT_REINSTATED,
        LookAction.LEARNER_REGISTERED,
        LookAction.LEARNER_UPDATED,
        LookAction.LEARNER_LINKED,
        LookAction.LEARNER_UNLINKED,
        LookAction.PENDING_MATCH_USED,
        LookAction.PENDING_MATCH_REGISTERED,
        LookAction.PENDING_MATCH_DROPPED,
        LookAction.AVAILABILITY_REQUESTED,
        LookAction.CHALLENGE_RAISED,
    }
)
"""What callers change one by one."""
ALLOCATIONS: Final = frozenset({LookAction.LEARNER_REGISTERED, LookAction.LEARNER_IN_FILE_SAVED})
"""How a ULN appears on the audit log for the first time."""
_LOOK_BACK: Final = timedelta(minutes=15)
"""How long before the moment an event may have been sent that was handled after it."""
_RECEIVED: Final = "JOB_RECEIVED"
_ANSWERED: Final = "REQUEST_ANSWERED"


class Finding(NamedTuple):
    """One file or change after the moment."""

    ukprn: str
    what: str
    name: str
    """The name of the file, the action, or the route."""
    at: str
    job_id: str = ""
    times: int = 1
    subject: str = ""
    """The learner and the achievement of a change: for the organisation itself, never for a ticket."""


class LogLines(Protocol):
    """Log lines of the functions, as objects."""

    def lines(self, since: datetime, codes: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """Lines with one of these codes from that time on."""
        ...


class CloudWatchLines:
    """The log groups of an account's functions."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        self._cloud = cloud

    def lines(self, since: datetime, codes: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """See the port."""
        pages = self._cloud.client("logs").get_paginator("filter_log_events")
        wanted = " || ".join(f'($.code = "{code}")' for code in codes)
        for name in self._cloud.stack.functions:
            group = f"/aws/lambda/{self._cloud.prefix}-{name}"
            start = int(since.timestamp() * 1000)
            for page in pages.paginate(logGroupName=group, startTime=start, filterPattern=f"{{ {wanted} }}"):
                yield from (json.loads(event["message"]) for event in page["events"])


class FileLines:
    """The log files of the local service, one line for each object."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)

    def lines(self, since: datetime, codes: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """See the port."""
        wanted = frozenset(codes)
        for path in self._paths:
            for line in path.read_text("utf-8").splitlines() if path.exists() else ():
                if line.startswith("{"):
                    found = json.loads(line)
                    if found.get("code") in wanted and datetime.fromisoformat(found["timestamp"]) >= since:
                        yield found


def findings(
    cloud: ProvisionedCloud, services: bootstrap.Services, log: LogLines, moment: datetime
) -> tuple[list[Finding], list[tuple[Source, datetime]]]:
    """What there is to tell, and the files of the inbox that no job knows, oldest first."""
    since = moment - _LOOK_BACK
    # Before the inbox: when a resume is repeated, files arrive meanwhile, and theirs are no jobs without a file.
    opened = [job for job in services.jobs.read(services.jobs.open_jobs()) if not job.status.is_end]
    stored = list(_inbox(services))
    versions = {Source("inbox", one.key, one.version): one for one in stored}
    job_ids = {source: [job_id_of(source), *_of_form(source.key)] for source in versions}
    jobs = {job.job_id: job for job in services.jobs.read(sorted({one for ids in job_ids.values() for one in ids}))}
    known = {job.source for job in jobs.values()}
    unknown = sorted(
        (source for source, one in versions.items() if source not in known and one.modified >= since - LOOK_BACK),
        key=lambda source: versions[source].modified,
    )
    found = [_again(source, versions[source]) for source in unknown]
    found += [_of_open_job(job, versions) for job in opened]
    lines = list(log.lines(since, (_RECEIVED, _ANSWERED)))
    accounted = {one for ids in job_ids.values() for one in ids} | {job.job_id for job in opened} | jobs.keys()
    found += _received(services, lines, accounted)
    audited = list(_audited(cloud, moment))
    found += list(_changes(audited)) or _requests(lines, moment)
    found += _void(services, audited)
    return sorted(set(found)), [(source, versions[source].modified) for source in unknown]


def resume(services: bootstrap.Services, unknown: Iterable[tuple[Source, datetime]]) -> int:
    """Send the files that no job knows to the pipeline, in the order in which they arrived; returns how many."""
    messages = [source_message(source, at) for source, at in unknown]
    if messages:
        services.queues.send("intake", messages)
    return len(messages)


def end_lost(services: bootstrap.Services, found: Iterable[Finding]) -> int:
    """End the open jobs whose files are to be sent again, so that the next files need not wait for them; how many."""
    return sum(services.batch_split.lost(one.job_id) for one in found if one.what == SEND)


def write_report(folder: Path, found: Iterable[Finding]) -> list[Path]:
    """A file for each organisation, readable by its owner only: it may name learners."""
    folder.mkdir(parents=True, exist_ok=True)
    by_organisation: dict[str, list[Finding]] = {}
    for one in found:
        by_organisation.setdefault(one.ukprn or "unknown", []).append(one)
    written = []
    for ukprn, own in sorted(by_organisation.items()):
        path = folder / f"after-restore-{ukprn}.csv"
        path.touch(mode=0o600)
        path.chmod(0o600)  # it may be there already
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(Finding._fields)
            writer.writerows(one._replace(name=guard(one.name)) for one in own)
        written.append(path)
    return written


def summary(found: Iterable[Finding]) -> list[str]:
    """A line for each organisation, without names of files or learners."""
    counts: dict[str, Counter[str]] = {}
    for one in found:
        counts.setdefault(one.ukprn or "unknown", Counter())[one.what] += one.times
    return [
        f"{ukprn}: " + ", ".join(f"{number} {what}" for what, number in sorted(own.items()))
        for ukprn, own in sorted(counts.items())
    ]


def _inbox(services: bootstrap.Services) -> Iterator[StoredObject]:
    after = ""
    while True:
        page = services.files.versions("inbox", "", after)
        yield from (one for one in page.items if not one.key.endswith("/"))
        after = page.after
        if not after:
            return


def _of_form(key: str) -> list[str]:
    place = read_place(key)
    return [place.job_id] if place and place.job_id else []


def _again(source: Source, stored: StoredObject) -> Finding:
    place = read_place(source.key)
    ukprn, name = place.ukprn if place else "", source.key.rsplit("/", 1)[-1]
    return Finding(ukprn, AGAIN, name, _text(stored.modified), job_id_of(source))


def _of_open_job(job: Job, versions: Mapping[Source, StoredObject]) -> Finding:
    is_there = job.source is None or job.source in versions
    return Finding(job.ukprn, CONTINUES if is_there else SEND, job.filename, _text(job.submitted_at), job.job_id)


def _received(
    services: bootstrap.Services, lines: Iterable[Mapping[str, Any]], accounted: Collection[str]
) -> Iterator[Finding]:
    """Files that arrived, and that neither a table nor the inbox has: their names are gone too."""
    lost = {line["job"]: line for line in lines if line["code"] == _RECEIVED and line["job"] not in accounted}
    ended = {job.job_id for job in services.jobs.read(sorted(lost))}
    for job_id, line in lost.items():
        if job_id not in ended:
            yield Finding(line.get("ukprn", ""), SEND, "", str(line["timestamp"]), job_id)


class _Entry(NamedTuple):
    """What is needed of an entry of the audit log."""

    ukprn: str
    subject: str
    at: str
    action: str
    channel: str
    item: str


def _audited(cloud: ProvisionedCloud, moment: datetime) -> Iterator[_Entry]:
    """What was done after the moment, by the audit log."""
    pages = (
        cloud.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=cloud.table("audit"),
            FilterExpression="#at >= :moment AND #outcome = :done",
            ExpressionAttributeNames={"#at": "sk", "#outcome": "outcome"},
            ExpressionAttributeValues={":moment": {"S": moment.isoformat()}, ":done": {"S": str(LookOutcome.DONE)}},
        )
    )
    for page in pages:
        for item in page["Items"]:
            detail = json.loads(item["detail"]["S"])
            at, action = item["sk"]["S"].partition("#")[0], item["action"]["S"]
            known = (detail.get("channel", ""), detail.get("item", ""))
            yield _Entry(item["organisation"]["S"], item["pk"]["S"], at, action, *known)


def _changes(audited: Iterable[_Entry]) -> Iterator[Finding]:
    """Changes that no file made: nobody makes them again but the organisation itself."""
    for one in audited:
        if one.action in CHANGES and one.channel not in (Channel.BATCH, Channel.BUCKET):
            yield Finding(one.ukprn, LOST_CHANGE, one.action, one.at, subject=f"{one.subject} {one.item}".strip())


def _void(services: bootstrap.Services, audited: Iterable[_Entry]) -> Iterator[Finding]:
    """ULNs that were given to an organisation and that the register no longer has."""
    given = {one.subject.removeprefix("ULN#"): one for one in audited if one.action in ALLOCATIONS}
    there = services.learner_register.read(given, consistent=True)
    for uln, one in given.items():
        if uln not in there:
            yield Finding(one.ukprn, VOID, one.action, one.at, subject=one.subject)


def _requests(lines: Iterable[Mapping[str, Any]], moment: datetime) -> list[Finding]:
    """How often each organisation called each route that changes something, for want of the audit log."""
    counts: Counter[tuple[str, str]] = Counter()
    for line in lines:
        is_late = datetime.fromisoformat(str(line["timestamp"])) >= moment
        if line["code"] == _ANSWERED and is_late and str(line.get("status", ""))[:1] == "2":
            counts[str(line.get("ukprn", "")), str(line.get("route", ""))] += 1
    return [Finding(ukprn, REQUESTS, route, _text(moment), times=count) for (ukprn, route), count in counts.items()]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
