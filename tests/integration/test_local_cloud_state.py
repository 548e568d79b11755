"""Stored data is still there after a stop of the local service, and undelivered messages are delivered then."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from local.commands import redrive
from local.emulated import mailbox
from local.emulated.cloud import CloudError, LocalCloud, is_running, running_endpoint
from local.emulated.provision import ProvisionError, provision
from local.emulated.stack import STACK_FILE, Stack
from local.lambda_runtime.event_sources import EventSources
from local.lambda_runtime.invocation import ThreadWorkers
from local.lambda_runtime.pace import AT_ONCE

if TYPE_CHECKING:
    from pathlib import Path


def item(sort: str) -> dict[str, Any]:
    return {"pk": {"S": "ULN#1"}, "sk": {"S": sort}}


def send_mail(cloud: Any, to: str) -> None:
    content = {"Simple": {"Subject": {"Data": "Finished"}, "Body": {"Text": {"Data": "It is done."}}}}
    cloud.client("sesv2").send_email(
        FromEmailAddress=cloud.stack.sender, Destination={"ToAddresses": [to]}, Content=content
    )


@pytest.mark.emulator
def test_mail_survives_a_stop(tmp_path: Path) -> None:
    with LocalCloud(state=tmp_path, port=0) as cloud:
        send_mail(cloud, "a@ao.example")
        before = mailbox.read_mail(cloud.endpoint)
    with LocalCloud(state=tmp_path, port=0) as cloud:
        assert mailbox.read_mail(cloud.endpoint) == before
    assert [mail.subject for mail in before] == ["Finished"]


@pytest.mark.emulator
def test_a_kill_loses_only_what_has_not_been_saved_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRS_SAVED_EVERY_SECONDS", "0")
    stored = tmp_path / "state" / "dynamodb.json"
    with LocalCloud(state=tmp_path, port=0) as cloud:
        cloud.client("dynamodb").put_item(TableName=cloud.table("register"), Item=item("a"))
        for _ in range(2000):  # every request gives it the occasion
            cloud.client("dynamodb").list_tables()
            if stored.exists() and '"ULN#1"' in stored.read_text("utf-8"):
                break
        assert cloud.emulator.pid is not None
        os.kill(cloud.emulator.pid, signal.SIGKILL)
    with LocalCloud(state=tmp_path, port=0) as cloud:
        found = cloud.client("dynamodb").get_item(TableName=cloud.table("register"), Key=item("a"))
        assert found["Item"] == item("a")


@pytest.mark.emulator
def test_a_stop_loses_nothing(tmp_path: Path) -> None:
    with LocalCloud(state=tmp_path, port=0) as cloud:
        cloud.client("dynamodb").put_item(TableName=cloud.table("register"), Item=item("a"))
        put = cloud.client("s3").put_object(Bucket=cloud.bucket("inbox"), Key="drop/1/f.csv", Body=b"x")
        cloud.client("sqs").send_message(QueueUrl=cloud.queue("finish"), MessageBody="kept")
        first_endpoint = cloud.endpoint
    assert not is_running(first_endpoint)

    seen: list[str] = []

    def audit(event: Any, _: Any) -> None:
        seen.extend(record["dynamodb"]["Keys"]["sk"]["S"] for record in event["Records"])

    def finish(event: Any, _: Any) -> None:
        seen.extend(record["body"] for record in event["Records"])

    with LocalCloud(state=tmp_path, port=0) as cloud:
        stored = cloud.client("dynamodb").get_item(TableName=cloud.table("register"), Key=item("a"))
        assert stored["Item"] == item("a")
        version = {"Bucket": cloud.bucket("inbox"), "Key": "drop/1/f.csv", "VersionId": put["VersionId"]}
        assert cloud.client("s3").get_object(**version)["Body"].read() == b"x"
        handlers = dict.fromkeys(cloud.stack.functions, lambda event, _: None)
        workers = ThreadWorkers(handlers | {"record_audit": audit, "finish_batch": finish})
        EventSources(cloud, workers, pace=AT_ONCE).drain()
    assert sorted(seen) == ["a", "kept"]


@pytest.mark.emulator
def test_a_stopped_cloud_is_not_found_and_a_running_one_is(tmp_path: Path) -> None:
    with LocalCloud(state=tmp_path, port=0, keep_state=False) as cloud:
        assert running_endpoint(tmp_path) == (cloud.endpoint, cloud.prefix)
        taken = LocalCloud(state=tmp_path / "second", port=cloud.emulator.port)
        with pytest.raises(CloudError, match="in use"):
            taken.start()
    assert running_endpoint(tmp_path) is None


def test_provisioning_again_changes_nothing_and_sends_nothing(fresh_cloud: Any) -> None:
    def waiting() -> str:
        found = fresh_cloud.client("sqs").get_queue_attributes(
            QueueUrl=fresh_cloud.queue("intake"), AttributeNames=["ApproximateNumberOfMessages"]
        )
        return str(found["Attributes"]["ApproximateNumberOfMessages"])

    before = waiting()
    provision(fresh_cloud.stack, fresh_cloud.prefix, fresh_cloud.client)
    assert waiting() == before


def test_an_index_added_to_the_description_is_added_and_another_key_is_refused(fresh_cloud: Any) -> None:
    description = json.loads(STACK_FILE.read_text(encoding="utf-8"))
    kind = {"name": "kind", "type": "S"}
    index = {"name": "by_kind", "partitionKey": kind, "sortKey": {"name": "sk", "type": "S"}, "projection": "ALL"}
    description["tables"]["accounts"]["indexes"] = [index]
    provision(Stack(description), fresh_cloud.prefix, fresh_cloud.client)
    found = fresh_cloud.client("dynamodb").describe_table(TableName=fresh_cloud.table("accounts"))["Table"]
    assert [one["IndexName"] for one in found["GlobalSecondaryIndexes"]] == ["by_kind"]
    description["tables"]["accounts"]["partitionKey"]["name"] = "id"
    with pytest.raises(ProvisionError, match="another key"):
        provision(Stack(description), fresh_cloud.prefix, fresh_cloud.client)


def test_the_commands_report_that_nothing_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (mailbox, redrive):
        monkeypatch.setattr(command, "running_endpoint", lambda: None)
    assert mailbox.main([]) == 2
    assert redrive.main(["chunks"]) == 2
    assert "make run" in capsys.readouterr().err


def test_the_commands_work_on_the_running_cloud(
    fresh_cloud: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (mailbox, redrive):
        monkeypatch.setattr(command, "running_endpoint", lambda: (fresh_cloud.endpoint, fresh_cloud.prefix))
    fresh_cloud.client("sqs").send_message(QueueUrl=fresh_cloud.queue("chunks-dead"), MessageBody="again")
    assert redrive.main(["chunks"]) == 0
    answer = fresh_cloud.client("sqs").receive_message(QueueUrl=fresh_cloud.queue("chunks"))
    assert [message["Body"] for message in answer["Messages"]] == ["again"]

    fresh_cloud.client("sqs").send_message(QueueUrl=fresh_cloud.queue("chunks-dead"), MessageBody="looked at")
    looked_at = {"QueueUrl": fresh_cloud.queue("chunks-dead"), "VisibilityTimeout": 3}
    assert fresh_cloud.client("sqs").receive_message(**looked_at)["Messages"]
    assert redrive.main(["chunks"]) == 0, "it waits for the message to reappear"
    assert "1 message(s) moved" in capsys.readouterr().out

    to = f"{fresh_cloud.prefix}@ao.example"
    send_mail(fresh_cloud, to)
    capsys.readouterr()
    assert mailbox.main(["--to", to]) == 0
    listed = capsys.readouterr().out
    assert "Finished" in listed
    assert mailbox.main(["--to", to, listed.split()[0]]) == 0
    assert "It is done." in capsys.readouterr().out
    assert mailbox.main(["--to", to, "99999"]) == 1
