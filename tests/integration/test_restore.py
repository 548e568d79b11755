"""A restore rehearsed: tables and objects are lost, brought back to a moment, and the pipeline resumes (SLA-07)."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session

from chalicelib import bootstrap
from chalicelib.cloud.clock import now
from chalicelib.domain.jobs import JobStatus
from chalicelib.reference import lists
from chalicelib.settings import Settings
from local.commands import restore, restored_tables
from local.commands.demo_kinds import DEMO_KINDS
from local.commands.restored_check import NOT_INDEXED, OF_NOBODY, check
from local.commands.restored_tables import (
    ALONE,
    TOGETHER,
    PointInTime,
    RestoreError,
    Wanted,
    beside_name,
    restore_tables,
)
from local.emulated import account
from local.emulated.cloud import ProvisionedCloud
from local.emulated.provision import provision
from local.emulated.stack import REGION, load_stack
from local.lambda_runtime.event_sources import EventSources
from local.lambda_runtime.pace import AT_ONCE
from local.samples.drafts import Draft, World
from local.samples.world import Samples, mixed_file, samples
from tests.builders.functions import UKPRN, Functions, items_of
from tests.integration.test_achievements_over_the_cloud import NAMES, PATH

OTHER, THIRD, PROVIDER = "90000052", "90000053", "90000101"
CHUNK = 20


@pytest.fixture(scope="module")
def world() -> Samples:
    return samples(learners=80)


class KeptBackups:
    """The emulator keeps no history of its tables, so a backup is made of each at the moment itself."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        self._dynamodb = cloud.client("dynamodb")
        self._kept = {
            cloud.table(name): self._dynamodb.create_backup(TableName=cloud.table(name), BackupName="moment")
            for name in cloud.stack.tables
        }

    def reachable(self, table: str, moment: datetime) -> str:
        """Only that moment is."""
        return "" if table in self._kept else f"{table} has no backup"

    def copy(self, table: str, moment: datetime, target: str) -> None:
        """From the backup."""
        arn = self._kept[table]["BackupDetails"]["BackupArn"]
        self._dynamodb.restore_table_from_backup(TargetTableName=target, BackupArn=arn)


class Rehearsal:
    """The cloud with its functions, and the steps of a restore as an operator runs them."""

    def __init__(self, functions: Functions, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.functions = functions
        self.cloud = functions.cloud
        self.folder = folder
        self._capsys = capsys
        self._said: list[str] = []
        self.copies: KeptBackups | None = None
        self.moment = now()
        self.waited: list[float] = []

    def drop(self, seed: int, ukprn: str, world: Samples, count: int = 10) -> str:
        data, expected = mixed_file(count, seed, world=world, ukprn=ukprn)
        return self.functions.drop(data, expected.file_name, ukprn)

    def keep_this_moment(self) -> None:
        self.copies, self.moment = KeptBackups(self.cloud), now().replace(microsecond=0)

    def run(self, step: str, *more: str, status: int = 0) -> str:
        """The output of a step."""
        lines = [line for line in self._printed().splitlines() if line.startswith("{")]
        self._said += lines
        (self.folder / "functions.log").write_text("\n".join(self._said), encoding="utf-8")
        moment = self.moment.isoformat()
        places = ["--state", str(self.folder), "--folder", str(self.folder / "told")]
        assert restore.main([step, "--moment", moment, *places, *more], self.copies, wait=self.waited.append) == status
        return self._printed()

    def go_back(self) -> None:
        """The steps up to the objects."""
        self.run("stop")
        assert "register" in self.run("tables")
        self.start_again()
        assert " 0 objects" not in self.run("objects")

    def start_again(self) -> None:
        """Deliver from the streams of the new tables."""
        self.functions.sources = EventSources(self.cloud, self.functions.sources._workers, pace=AT_ONCE)

    def told(self, ukprn: str) -> list[dict[str, str]]:
        """What the report says to an organisation."""
        path = self.folder / "told" / f"after-restore-{ukprn}.csv"
        assert path.stat().st_mode & 0o077 == 0
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def _printed(self) -> str:
        return self._capsys.readouterr().out


@pytest.fixture
def rehearsal(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Rehearsal:
    cloud = functions.cloud
    monkeypatch.setattr(account, "running_endpoint", lambda _state: (cloud.endpoint, cloud.prefix))
    split = functions.made["split_batch"]
    small = Settings(resources=split.settings.resources, region=REGION, endpoint=cloud.endpoint, chunk_records=CHUNK)
    functions.made["split_batch"] = bootstrap.Services(small, split.environ)
    return Rehearsal(functions, tmp_path, capsys)


def learned(cloud: ProvisionedCloud) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Every achievement with the number of its versions, but without times."""
    return {
        (item["pk"]["S"], item["sk"]["S"]): (
            *(item[name] for name in ("owner", "grade", "status", "language", "provider_ukprn", "revision")),
            len(json.loads(item["history"]["S"])),
        )
        for item in items_of(cloud, "register")
        if item["sk"]["S"].startswith("ACH#")
    }


@pytest.mark.req("SLA-07", "ACH-06", "ACH-09")
def test_after_the_loss_of_tables_and_objects_everything_is_applied_once_or_named(
    rehearsal: Rehearsal, world: Samples
) -> None:
    functions, cloud = rehearsal.functions, rehearsal.cloud
    ended = rehearsal.drop(1, UKPRN, world)
    functions.drain()
    half = rehearsal.drop(2, UKPRN, world, 3 * CHUNK)
    functions.drain("intake")
    next(source for source in functions.sources.queues if source.mapping.queue == "chunks").drain_once()
    assert len(functions.services.jobs.get(half).done) == 1
    functions.services.jobs.claim_chunk(half, 1, now(), now())  # a delivery that died before it had written anything
    rehearsal.keep_this_moment()

    functions.drain()
    later = rehearsal.drop(3, OTHER, world)
    data, expected = DEMO_KINDS["learners"].make(10, 1, PROVIDER)
    learners = functions.drop(data, expected.file_name, PROVIDER, "learners")
    functions.drain()
    counts = {job: functions.services.jobs.get(job).counts for job in (ended, half, later, learners)}
    before = learned(cloud)
    single = _create_one(functions, world)
    functions.drain()
    astray = rehearsal.drop(4, THIRD, world)
    functions.drain("intake")
    _lose(cloud, astray_of=THIRD)

    rehearsal.go_back()
    rehearsal.run("check")
    report = rehearsal.run("report")
    assert "1 to be sent again" in report
    assert not any(name in report for name in ("ULN#", ".CSV", single))
    assert [(one["what"], one["job_id"]) for one in rehearsal.told(THIRD)] == [("to be sent again", astray)]
    assert [one["job_id"] for one in rehearsal.told(OTHER)] == [later]
    ours = {one["what"]: one for one in rehearsal.told(UKPRN)}
    assert ours["continues"]["job_id"] == half
    assert single in ours["change to be made again"]["subject"]
    void = [one for one in rehearsal.told(PROVIDER) if one["what"] == "ULN that is no longer on the register"]
    assert len(void) == counts[learners].created

    assert "2 files" in rehearsal.run("resume")
    rehearsal.run("objects", status=1)
    for name in ("watch_jobs", "apply_chunk"):  # a restore takes longer than a chunk is held
        functions.later(name, timedelta(minutes=16))
    functions.call("watch_jobs", {})
    functions.drain()
    jobs = {job: functions.services.jobs.get(job) for job in counts}
    assert {job.status for job in jobs.values()} == {JobStatus.SUCCESSFUL}
    assert {name: job.counts for name, job in jobs.items()} == counts
    assert learned(cloud) == before, "each record was applied once"
    assert functions.services.jobs.get(astray) is None
    output = functions.services.files.read("results", jobs[learners].output_key).decode()
    assert not [one for one in void if one["subject"].removeprefix("ULN#") in output]
    assert check(cloud, functions.services).found == ()
    assert not _dead(cloud)
    rehearsal.run("clean")
    assert not [name for name in _tables(cloud) if "as-of" in name]


@pytest.mark.req("SLA-07", "ACH-06")
def test_after_the_loss_of_every_bucket_too_each_organisation_sends_again_what_is_named(
    rehearsal: Rehearsal, world: Samples
) -> None:
    functions, cloud = rehearsal.functions, rehearsal.cloud
    ended = rehearsal.drop(1, UKPRN, world)
    functions.drain()
    open_job = rehearsal.drop(2, UKPRN, world, 3 * CHUNK)
    functions.drain("intake")
    next(source for source in functions.sources.queues if source.mapping.queue == "chunks").drain_once()
    rehearsal.keep_this_moment()
    later = rehearsal.drop(3, OTHER, world, 2 * CHUNK)
    functions.drain("intake")  # the messages of its chunks, and of the job before, are still in the queue
    before = learned(cloud)
    rehearsal.run("stop")
    _lose_everything(cloud)

    rehearsal.run("tables")
    rehearsal.start_again()
    provision(cloud.stack, cloud.prefix, cloud.client, ("sqs", "s3"))  # as the deployment does
    rehearsal.run("objects")
    rehearsal.run("check")
    report = rehearsal.run("report").splitlines()
    assert report[:2] == [f"{UKPRN}: 1 to be sent again", f"{OTHER}: 1 to be sent again"]
    assert [(one["what"], one["job_id"]) for one in rehearsal.told(UKPRN)] == [("to be sent again", open_job)]
    assert [(one["what"], one["job_id"]) for one in rehearsal.told(OTHER)] == [("to be sent again", later)]
    assert "1 jobs ended, as their files are gone" in rehearsal.run("resume")

    functions.drain()
    again = [rehearsal.drop(2, UKPRN, world, 3 * CHUNK), rehearsal.drop(3, OTHER, world, 2 * CHUNK)]
    functions.drain()
    jobs = {job: functions.services.jobs.get(job) for job in (ended, open_job, *again)}
    assert jobs[open_job].status is JobStatus.FAILED
    assert {jobs[job].status for job in (ended, *again)} == {JobStatus.SUCCESSFUL}
    assert before.keys() < learned(cloud).keys()
    assert not _dead(cloud), "nothing is left for an operator"


def _lose_everything(cloud: ProvisionedCloud) -> None:
    """The tables that describe one another, and the buckets of files with their versions."""
    dynamodb, s3 = cloud.client("dynamodb"), cloud.client("s3")
    for name in TOGETHER:
        dynamodb.delete_table(TableName=cloud.table(name))
    for name in ("inbox", "work", "results", "unaudited"):
        bucket = cloud.bucket(name)
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
        s3.delete_bucket(Bucket=bucket)


def _dead(cloud: ProvisionedCloud) -> dict[str, str]:
    """Messages by the queue of dead letters that has some."""
    sqs, asked = cloud.client("sqs"), ["ApproximateNumberOfMessages"]
    counts = {
        name: sqs.get_queue_attributes(QueueUrl=cloud.queue(name), AttributeNames=asked)["Attributes"][asked[0]]
        for name in cloud.stack.queues
        if name.endswith("-dead")
    }
    return {name: count for name, count in counts.items() if count != "0"}


def _create_one(functions: Functions, world: Samples) -> str:
    """An achievement created over the web; the ULN."""
    known = World(world.organisation(UKPRN), world.learners, world.aims, world.providers)
    row = Draft(known, 99, functions.services.clock().date()).create()
    made = functions.request("POST", PATH, {name: row[column] for name, column in NAMES.items() if row[column]})
    assert made.status == 201, made.document
    return str(made.document["achievement"]["uln"])


def _lose(cloud: ProvisionedCloud, astray_of: str) -> None:
    """Tables are deleted, others damaged; a file is deleted for good, and others are hidden."""
    dynamodb, s3, inbox = cloud.client("dynamodb"), cloud.client("s3"), cloud.bucket("inbox")
    for name in ("register", "person_index", "jobs"):
        dynamodb.delete_table(TableName=cloud.table(name))
    for version in s3.list_object_versions(Bucket=inbox)["Versions"]:
        if astray_of in version["Key"]:
            s3.delete_object(Bucket=inbox, Key=version["Key"], VersionId=version["VersionId"])
        else:
            s3.delete_object(Bucket=inbox, Key=version["Key"])


def _tables(cloud: ProvisionedCloud) -> list[str]:
    """Those of this cloud. The emulator has those of every test, more than fit on a page."""
    pages = cloud.client("dynamodb").get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"] if name.startswith(f"{cloud.prefix}-")]


@pytest.mark.req("SLA-07")
def test_a_repeated_restore_begins_nothing_again(fresh_cloud: ProvisionedCloud) -> None:
    copies, wanted = KeptBackups(fresh_cloud), Wanted(now(), now())
    fresh_cloud.client("dynamodb").delete_table(TableName=fresh_cloud.table("jobs"))
    said: list[str] = []
    assert restore_tables(fresh_cloud, copies, wanted, said.append) == list(TOGETHER)
    assert len(said) == 2 * len(TOGETHER)
    assert restore_tables(fresh_cloud, copies, wanted, said.append) == list(TOGETHER)
    assert len(said) == 2 * len(TOGETHER)
    another = wanted._replace(begun=now() + timedelta(seconds=1))
    assert restore_tables(fresh_cloud, copies, another, said.append) == list(TOGETHER)
    assert len(said) == 3 * len(TOGETHER), "another restore to that moment takes the copies that are still there"


class Interrupted:
    """DynamoDB's client; the command dies before or after one of its calls that change something."""

    def __init__(self, client: Any, at: int, *, is_after: bool) -> None:
        self._client = client
        self._left = at
        self._is_after = is_after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        changes = name in ("restore_table_from_backup", "create_backup", "delete_table")
        return partial(self._call, real) if changes else real

    def _call(self, real: Callable[..., Any], **given: Any) -> Any:
        self._left -= 1
        if self._left == 0 and not self._is_after:
            raise KeyboardInterrupt
        done = real(**given)
        if self._left == 0:
            raise KeyboardInterrupt
        return done


@pytest.mark.req("SLA-07")
def test_a_restore_of_tables_that_dies_anywhere_is_completed_when_it_is_repeated(
    fresh_cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restored_tables, "TOGETHER", ("jobs",))
    real, table = fresh_cloud.client("dynamodb"), fresh_cloud.table("jobs")
    for number, (at, is_after) in enumerate((at, after) for at in (1, 2, 3, 4) for after in (False, True)):
        key = {"pk": {"S": f"JOB#{number}"}, "sk": {"S": "JOB"}}
        real.put_item(TableName=table, Item=key)
        copies, begun = KeptBackups(fresh_cloud), now() + timedelta(seconds=1)
        wanted = Wanted(begun - timedelta(hours=number), begun)
        real.put_item(TableName=table, Item=key | {"sk": {"S": "LATER"}})
        with monkeypatch.context() as dying:
            dying.setattr(copies, "_dynamodb", client := Interrupted(real, at, is_after=is_after))
            dying.setattr(fresh_cloud, "client", lambda _service, client=client: client)
            with pytest.raises(KeyboardInterrupt):
                restore_tables(fresh_cloud, copies, wanted)
        assert restore_tables(fresh_cloud, copies, wanted) == ["jobs"]
        kept = {item["sk"]["S"] for item in items_of(fresh_cloud, "jobs")}
        assert kept == {"JOB"}, f"call {at}, {'after' if is_after else 'before'} it"


@pytest.mark.req("SLA-07")
def test_a_table_that_is_being_deleted_is_not_deleted_again() -> None:
    waited: list[str] = []

    class Deleting:
        def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
            return {"Table": {"TableName": TableName, "TableStatus": "DELETING"}}

        def get_waiter(self, name: str) -> Any:
            return type("", (), {"wait": lambda _self, **_asked: waited.append(name)})()

    restored_tables._delete(Deleting(), "lrs-dev-jobs")
    assert waited == ["table_not_exists"]


@pytest.mark.req("SLA-07")
def test_tables_that_went_back_to_different_moments_are_found_and_mended(functions: Functions) -> None:
    cloud, services = functions.cloud, functions.services
    functions.drain()
    assert check(cloud, services).found == ()
    learners = [item for item in items_of(cloud, "register") if item["sk"]["S"] == "LEARNER"]
    gone = {"pk": learners[0]["pk"], "sk": learners[0]["sk"]}
    cloud.client("dynamodb").delete_item(TableName=cloud.table("register"), Key=gone)
    entry = next(
        item
        for item in items_of(cloud, "person_index")
        if item["sk"]["S"] == learners[1]["pk"]["S"].removeprefix("ULN#")
    )
    cloud.client("dynamodb").delete_item(
        TableName=cloud.table("person_index"), Key={"pk": entry["pk"], "sk": entry["sk"]}
    )
    found = check(cloud, services).found
    assert {one.what for one in found} == {NOT_INDEXED, OF_NOBODY}
    assert not any(one.mended for one in found)
    assert all(one.mended for one in check(cloud, services, mend=True).found)
    assert check(cloud, services).found == ()
    assert entry in items_of(cloud, "person_index")
    assert check(cloud, services, share=0.001).learners < len(learners)


@pytest.fixture
def aws(simulated_account: Session) -> Any:
    """DynamoDB as moto knows it, with every table."""
    provision(load_stack(), "lrs-dev", simulated_account.client, ("dynamodb",))
    return simulated_account.client("dynamodb")


@pytest.mark.req("SLA-07")
def test_aws_restores_an_existing_table_to_any_second_of_its_window(aws: Any) -> None:
    key = {"pk": {"S": "JOB#D1"}, "sk": {"S": "JOB"}}
    aws.put_item(TableName="lrs-dev-jobs", Item=key)
    copies, latest = PointInTime(aws), _latest(aws)
    assert copies.reachable("lrs-dev-jobs", latest) == ""
    assert "can go back to any second" in copies.reachable("lrs-dev-jobs", latest + timedelta(minutes=1))
    copies.copy("lrs-dev-jobs", latest, "lrs-dev-jobs-beside")
    assert aws.scan(TableName="lrs-dev-jobs-beside")["Items"] == [key]
    aws.update_continuous_backups(
        TableName="lrs-dev-jobs", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    assert "no point-in-time recovery" in copies.reachable("lrs-dev-jobs", now())


def _latest(aws: Any) -> datetime:
    described = aws.describe_continuous_backups(TableName="lrs-dev-jobs")["ContinuousBackupsDescription"]
    latest: datetime = described["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"]
    return latest


class Deleted:
    """DynamoDB's answers about a table that was deleted, as its guide shows them."""

    exceptions = type("", (), {"ResourceNotFoundException": KeyError})

    def __init__(self, *deleted: datetime) -> None:
        self._kept = [{"BackupArn": f"arn:{number}", "BackupCreationDateTime": at} for number, at in enumerate(deleted)]
        self.restored: list[dict[str, str]] = []

    def describe_table(self, TableName: str) -> None:  # noqa: N803 - AWS's name
        raise KeyError(TableName)

    def list_backups(self, TableName: str, BackupType: str) -> dict[str, Any]:  # noqa: N803 - AWS's names
        assert BackupType == "SYSTEM"
        return {"BackupSummaries": self._kept}

    def restore_table_from_backup(self, **given: str) -> None:
        self.restored.append(given)


@pytest.mark.req("SLA-07")
def test_no_table_is_removed_before_its_backup_can_be_restored(
    fresh_cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb, copies = fresh_cloud.client("dynamodb"), KeptBackups(fresh_cloud)
    waited: list[set[str]] = []
    monkeypatch.setattr(restored_tables.time, "sleep", lambda _: waited.append(set(_tables(fresh_cloud))))
    statuses = iter(["CREATING", "CREATING"])
    asked = restored_tables._status
    monkeypatch.setattr(restored_tables, "_status", lambda *given: next(statuses, asked(*given)))
    before = {fresh_cloud.table(name) for name in TOGETHER}
    assert before <= set(_tables(fresh_cloud))
    restore_tables(fresh_cloud, copies, Wanted(now(), now()))
    assert len(waited) == 2
    assert all(before <= tables for tables in waited)
    assert dynamodb.list_backups(BackupType="USER")["BackupSummaries"]


@pytest.mark.req("SLA-07")
def test_a_deleted_table_only_returns_as_it_was_when_it_was_deleted() -> None:
    deleted = datetime(2026, 11, 27, 5, 0, 7, 120_000, tzinfo=UTC)
    aws = Deleted(deleted - timedelta(days=3), deleted)
    copies = PointInTime(aws)
    assert "2026-11-27T05:00:07Z" in copies.reachable("lrs-dev-jobs", deleted - timedelta(minutes=5))
    assert copies.reachable("lrs-dev-jobs", deleted.replace(microsecond=0)) == ""
    copies.copy("lrs-dev-jobs", deleted, "beside")
    assert aws.restored == [{"TargetTableName": "beside", "BackupArn": "arn:1"}]
    assert "recovery point" in PointInTime(Deleted()).reachable("lrs-dev-jobs", deleted)


@pytest.mark.req("SLA-07")
def test_a_moment_that_a_table_cannot_reach_is_refused_before_anything_changes(fresh_cloud: ProvisionedCloud) -> None:
    class Unreachable(KeptBackups):
        def reachable(self, table: str, moment: datetime) -> str:
            return f"{table} cannot go back to {moment:%H:%M}"

    before = set(_tables(fresh_cloud))
    with pytest.raises(RestoreError) as refused:
        restore_tables(fresh_cloud, Unreachable(fresh_cloud), Wanted(now(), now()))
    assert len(str(refused.value).splitlines()) == len(TOGETHER), "every reason at once"
    assert set(_tables(fresh_cloud)) == before


def test_every_table_goes_back_with_the_others_or_alone() -> None:
    assert sorted((*TOGETHER, *ALONE)) == sorted(load_stack().tables)
    assert beside_name("lrs-live-jobs", datetime(2026, 11, 27, 5, tzinfo=UTC)) == "lrs-live-jobs-as-of-20261127T050000"


@pytest.mark.req("SLA-07")
def test_the_clock_of_a_recovery_runs_in_service_hours_only() -> None:
    invoked = datetime(2026, 12, 24, 15, tzinfo=UTC)  # a Thursday, before Christmas, Boxing Day and a weekend
    holidays = lists().bank_holidays
    assert restore.clock_line(invoked, datetime(2026, 12, 28, 12, tzinfo=UTC), holidays).startswith(
        "3:00 service hours"
    )
    line = restore.clock_line(invoked, datetime(2026, 12, 29, 12, tzinfo=UTC), holidays)
    assert line == "7:00 service hours used, 1:00 left; due 2026-12-29 13:00 UTC"
    assert "1:00 OVER" in restore.clock_line(invoked, datetime(2026, 12, 29, 14, tzinfo=UTC), holidays)


@pytest.mark.parametrize("wrong", ["2026-11-27T05:00:00", "yesterday", "2999-01-01T00:00:00Z"])
def test_a_moment_without_its_zone_or_still_to_come_is_refused(wrong: str) -> None:
    with pytest.raises(SystemExit):
        restore.main(["tables", "--moment", wrong])
    with pytest.raises(SystemExit):
        restore.main(["tables"])
