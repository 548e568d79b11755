"""Malware scans on one machine: the real functions, and the scanner's real events."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.jobs import JobStatus, Source
from chalicelib.domain.scans import Verdict
from chalicelib.services.batches.split import VERDICT_TAG
from local.commands.submission import SubmissionError, post_form
from local.emulated.cloud import ProvisionedCloud
from local.emulated.mailbox import read_mail
from local.emulated.provision import provision
from local.emulated.scanner import TEST_STRING
from local.emulated.stack import load_stack
from local.samples.world import Samples, mixed_file, samples
from tests.builders.functions import UKPRN, Functions
from tests.builders.scans import scan_event

PATH = "/v1/achievement-batches"


@pytest.fixture(scope="module")
def world() -> Samples:
    return samples(learners=60)


def infected_file(world: Samples) -> tuple[bytes, str]:
    data, expected = mixed_file(10, 1, world=world, ukprn=UKPRN)
    return data + TEST_STRING + b"\r\n", expected.file_name


@pytest.mark.req("SEC-03", "ACH-07")
def test_an_infected_file_is_refused_with_its_code_by_mail_and_in_the_list(functions: Functions, world) -> None:
    data, name = infected_file(world)
    job_id = functions.drop(data, name)
    functions.drain()
    listed = functions.request("GET", PATH).document["jobs"]
    assert [one["jobId"] for one in listed] == [job_id]
    job = functions.request("GET", f"{PATH}/{job_id}").document
    assert job["status"] == "Failed"
    assert "output" not in job["links"]
    assert [reason["code"] for reason in job["rejection"]] == ["ACB020"]
    assert functions.request("GET", f"{PATH}/{job_id}/output").status == 404
    (mail,) = [mail for mail in read_mail(functions.cloud.endpoint) if job_id in mail.subject]
    assert "ACB020" in mail.text


@pytest.mark.req("SEC-03", "ACH-06")
def test_a_clean_file_is_read_by_the_event_of_its_scan(functions: Functions, world) -> None:
    data, expected = mixed_file(10, 2, world=world, ukprn=UKPRN)
    job_id = functions.drop(data, expected.file_name)
    functions.drain()
    assert functions.services.jobs.get(job_id).status is JobStatus.SUCCESSFUL


@pytest.mark.req("SEC-03", "ACH-06")
def test_an_infected_upload_by_web_service_is_refused_too(functions: Functions, world) -> None:
    data, name = infected_file(world)
    begun = functions.request("POST", PATH, {"filename": name}).document
    post_form(begun["upload"]["url"], begun["upload"]["fields"], name, data)
    functions.drain()
    job = functions.request("GET", f"{PATH}/{begun['jobId']}").document
    assert [reason["code"] for reason in job["rejection"]] == ["ACB020"]


@pytest.mark.req("SEC-03")
def test_the_form_of_an_upload_cannot_bring_a_verdict_of_its_own(functions: Functions, world) -> None:
    data, name = infected_file(world)
    form = functions.request("POST", PATH, {"filename": name}).document["upload"]
    tags = f"<Tagging><TagSet><Tag><Key>{VERDICT_TAG}</Key><Value>NO_THREATS_FOUND</Value></Tag></TagSet></Tagging>"
    with pytest.raises(SubmissionError, match="403"):
        post_form(form["url"], form["fields"] | {"tagging": tags}, name, data)


@pytest.mark.req("SEC-03", "SLA-03")
def test_the_watch_run_finds_a_verdict_whose_event_was_lost(functions: Functions, world) -> None:
    data, expected = mixed_file(10, 3, world=world, ukprn=UKPRN)
    job_id = functions.drop(data, expected.file_name)
    source = _source(functions.cloud, expected.file_name)
    _tag(functions.cloud, source, None)
    _lose_the_event_of_the_scan(functions.cloud)
    functions.drain()
    assert functions.services.jobs.get(job_id).status is JobStatus.WAITING
    for verdict, status in ((None, JobStatus.WAITING), (Verdict.CLEAN, JobStatus.SUCCESSFUL)):
        _tag(functions.cloud, source, verdict)
        functions.later("watch_jobs", timedelta(minutes=16))
        functions.call("watch_jobs", {})
        functions.drain()
        assert functions.services.jobs.get(job_id).status is status


@pytest.mark.req("SEC-03")
def test_the_function_takes_the_event_as_the_user_guide_shows_it(functions: Functions, world) -> None:
    data, expected = mixed_file(10, 4, world=world, ukprn=UKPRN)
    job_id = functions.drop(data, expected.file_name)
    source = _source(functions.cloud, expected.file_name)
    _tag(functions.cloud, source, None)
    body = scan_event(source, "THREATS_FOUND", functions.cloud.bucket("inbox"))
    event = {"Records": [{"messageId": "1", "body": body, "attributes": {"ApproximateReceiveCount": "1"}}]}
    assert functions.call("split_batch", event) == {"batchItemFailures": []}
    job = functions.services.jobs.get(job_id)
    assert (job.status, [reason.code for reason in job.rejection]) == (JobStatus.FAILED, ["ACB020"])


@pytest.mark.req("SEC-03")
def test_the_stand_in_sends_what_the_scanner_sends_and_tags_the_version(fresh_cloud: ProvisionedCloud) -> None:
    s3, bucket = fresh_cloud.client("s3"), fresh_cloud.bucket("inbox")
    key = "drop/90000051/achievements/a b+c.csv"
    for content, verdict in ((b"x", "NO_THREATS_FOUND"), (b"x" + TEST_STRING, "THREATS_FOUND")):
        version = s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
        tags = s3.get_object_tagging(Bucket=bucket, Key=key, VersionId=version)["TagSet"]
        assert tags == [{"Key": VERDICT_TAG, "Value": verdict}]
        (sent,) = _received(fresh_cloud)
        example = json.loads(scan_event(Source("inbox", key, version), verdict, bucket))
        assert _shape(sent) == _shape(example)
        for name in ("source", "detail-type", "version", "region"):
            assert sent[name] == example[name]
        assert sent["detail"]["scanResultDetails"] == example["detail"]["scanResultDetails"]
        stored = sent["detail"]["s3ObjectDetails"]
        assert [stored[name] for name in ("bucketName", "objectKey", "versionId")] == [bucket, key, version]


@pytest.mark.req("SEC-03")
def test_nothing_is_scanned_where_the_setting_is_off(fresh_cloud: ProvisionedCloud) -> None:
    provision(load_stack(settings={"LRS_SCAN_UPLOADS": "false"}), fresh_cloud.prefix, fresh_cloud.client)
    s3, bucket = fresh_cloud.client("s3"), fresh_cloud.bucket("inbox")
    stored = s3.put_object(Bucket=bucket, Key="drop/90000051/achievements/a.csv", Body=TEST_STRING)
    where = {"Bucket": bucket, "Key": "drop/90000051/achievements/a.csv", "VersionId": stored["VersionId"]}
    assert s3.get_object_tagging(**where)["TagSet"] == []
    with pytest.raises(ClientError):
        fresh_cloud.client("events").describe_rule(Name=f"{bucket}-scan")


def _shape(event: object) -> object:
    """The names of an event, all the way down."""
    return {name: _shape(part) for name, part in event.items()} if isinstance(event, dict) else None


def _source(cloud: ProvisionedCloud, name: str) -> Source:
    found = cloud.client("s3").list_object_versions(Bucket=cloud.bucket("inbox"), Prefix="drop/")["Versions"]
    return next(Source("inbox", one["Key"], one["VersionId"]) for one in found if one["Key"].endswith(name))


def _tag(cloud: ProvisionedCloud, source: Source, verdict: Verdict | None) -> None:
    """Replace the verdict on a version, or take it away."""
    tags = [{"Key": VERDICT_TAG, "Value": verdict.value}] if verdict else []
    cloud.client("s3").put_object_tagging(
        Bucket=cloud.bucket("inbox"), Key=source.key, VersionId=source.version, Tagging={"TagSet": tags}
    )


def _received(cloud: ProvisionedCloud) -> list[dict]:
    """The events of scans that wait in the queue, removed from it; the others stay."""
    sqs, address, found = cloud.client("sqs"), cloud.queue("intake"), []
    for _ in range(50):
        answer = sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, WaitTimeSeconds=1 if not found else 0)
        for message in answer.get("Messages", []):
            body = json.loads(message["Body"])
            handle = {"QueueUrl": address, "ReceiptHandle": message["ReceiptHandle"]}
            if body.get("source") == "aws.guardduty":
                found.append(body)
                sqs.delete_message(**handle)
            else:
                sqs.change_message_visibility(**handle, VisibilityTimeout=0)
        if found:
            return found
    return found


def _lose_the_event_of_the_scan(cloud: ProvisionedCloud) -> None:
    assert len(_received(cloud)) == 1
