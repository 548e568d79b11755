"""What the service relies on in the emulated S3, SQS, SES, CloudWatch and Parameter Store; DynamoDB has its own file.

Every test checks a behaviour of AWS that the service depends on. Do not upgrade to an emulator that breaks one.
"""

from __future__ import annotations

import http.client
import json
import urllib.parse
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.emulated.mailbox import read_mail

if TYPE_CHECKING:
    from local.emulated.cloud import LocalCloud, ProvisionedCloud

Item = dict[str, Any]


@pytest.fixture(scope="module")
def cloud(module_cloud: ProvisionedCloud) -> ProvisionedCloud:
    return module_cloud


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


class TestObjects:
    def notices(self, cloud: ProvisionedCloud) -> list[Item]:
        sqs, found = cloud.client("sqs"), []
        wanted = {"QueueUrl": cloud.queue("intake"), "MaxNumberOfMessages": 10, "WaitTimeSeconds": 0}
        while messages := sqs.receive_message(**wanted).get("Messages"):
            for message in messages:
                found += json.loads(message["Body"]).get("Records", [])
                sqs.delete_message(QueueUrl=cloud.queue("intake"), ReceiptHandle=message["ReceiptHandle"])
        return found

    @pytest.mark.parametrize("name", ["plain.csv", "a b.csv", "a+b&c=d.csv", "grüße ñ.xml", "100%.csv", "it's (1).csv"])
    def test_a_dropped_file_is_announced_with_its_key_and_version(self, fresh_cloud, name) -> None:
        s3 = fresh_cloud.client("s3")
        name = f"drop/10000001/{name}"
        versions = [
            s3.put_object(Bucket=fresh_cloud.bucket("inbox"), Key=name, Body=b"x" * n)["VersionId"] for n in (1, 2)
        ]
        s3.put_object(Bucket=fresh_cloud.bucket("work"), Key=name, Body=b"")
        notices = self.notices(fresh_cloud)
        objects = [notice["s3"]["object"] for notice in notices]
        assert [urllib.parse.unquote_plus(one["key"]) for one in objects] == [name, name]
        assert [one["versionId"] for one in objects] == versions
        assert [one["size"] for one in objects] == [1, 2]
        assert {notice["s3"]["bucket"]["name"] for notice in notices} == {fresh_cloud.bucket("inbox")}
        assert all(notice["eventName"].startswith("ObjectCreated:") for notice in notices)

    def test_a_multipart_upload_is_announced_once_when_complete(self, fresh_cloud) -> None:
        s3, bucket, name = fresh_cloud.client("s3"), fresh_cloud.bucket("inbox"), "upload/10000001/big.csv"
        upload = s3.create_multipart_upload(Bucket=bucket, Key=name)["UploadId"]
        part = {"Bucket": bucket, "Key": name, "UploadId": upload}
        tags = [
            {"PartNumber": n, "ETag": s3.upload_part(PartNumber=n, Body=b"x" * 5_242_880, **part)["ETag"]}
            for n in (1, 2)
        ]
        assert self.notices(fresh_cloud) == []
        done = s3.complete_multipart_upload(MultipartUpload={"Parts": tags}, **part)
        (notice,) = self.notices(fresh_cloud)
        assert notice["s3"]["object"]["versionId"] == done["VersionId"]

    def test_each_version_can_be_read_and_the_newest_is_the_default(self, cloud) -> None:
        s3, bucket, name = cloud.client("s3"), cloud.bucket("inbox"), f"x/{uuid.uuid4()}"
        first = s3.put_object(Bucket=bucket, Key=name, Body=b"first")["VersionId"]
        s3.put_object(Bucket=bucket, Key=name, Body=b"second")
        assert s3.get_object(Bucket=bucket, Key=name, VersionId=first)["Body"].read() == b"first"
        assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == b"second"

    def test_a_put_on_condition_of_absence_succeeds_once(self, cloud) -> None:
        s3, name = cloud.client("s3"), f"work/{uuid.uuid4()}"
        put = {"Bucket": cloud.bucket("work"), "Key": name, "IfNoneMatch": "*"}
        s3.put_object(Body=b"first", **put)
        with pytest.raises(ClientError) as error:
            s3.put_object(Body=b"second", **put)
        assert code(error) == "PreconditionFailed"
        assert s3.get_object(Bucket=cloud.bucket("work"), Key=name)["Body"].read() == b"first"

    def test_a_range_and_metadata_are_given_back(self, cloud) -> None:
        s3, name = cloud.client("s3"), f"x/{uuid.uuid4()}"
        s3.put_object(
            Bucket=cloud.bucket("results"), Key=name, Body=b"0123456789", ContentType="text/csv", Metadata={"job": "1"}
        )
        part = s3.get_object(Bucket=cloud.bucket("results"), Key=name, Range="bytes=2-4")
        assert (part["Body"].read(), part["ContentType"], part["Metadata"]) == (b"234", "text/csv", {"job": "1"})
        with pytest.raises(ClientError) as error:
            s3.get_object(Bucket=cloud.bucket("results"), Key=f"{name}-absent")
        assert code(error) == "NoSuchKey"

    def test_work_files_are_described_to_expire(self, cloud) -> None:
        rules = cloud.client("s3").get_bucket_lifecycle_configuration(Bucket=cloud.bucket("work"))["Rules"]
        expiring = [rule for rule in rules if "Expiration" in rule]
        assert [(rule["Filter"]["Prefix"], rule["Expiration"]["Days"]) for rule in expiring] == [("work/", 7)]


class TestSignedRequests:
    def form(self, cloud: ProvisionedCloud, name: str, most: int = 10) -> Any:
        return cloud.client("s3").generate_presigned_post(
            Bucket=cloud.bucket("inbox"), Key=name, Conditions=[["content-length-range", 1, most]], ExpiresIn=60
        )

    def post(self, form: Item, content: bytes, **changed: str) -> int:
        boundary = "edge"
        fields = form["fields"] | changed
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
        body = ("".join(parts) + head).encode() + content + f"\r\n--{boundary}--\r\n".encode()
        where = urllib.parse.urlsplit(form["url"])
        connection = http.client.HTTPConnection(where.hostname or "", where.port)
        connection.request("POST", where.path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        status = connection.getresponse().status
        connection.close()
        return status

    def test_a_form_puts_one_file_of_an_allowed_size_under_its_own_key(self, fresh_cloud) -> None:
        name = f"upload/10000001/{uuid.uuid4()}"
        form = self.form(fresh_cloud, name)
        assert self.post(form, b"12345") == 204
        stored = fresh_cloud.client("s3").get_object(Bucket=fresh_cloud.bucket("inbox"), Key=name)
        assert stored["Body"].read() == b"12345"
        (notice,) = TestObjects().notices(fresh_cloud)
        assert notice["s3"]["object"]["versionId"] == stored["VersionId"]

    @pytest.mark.parametrize("content", [b"", b"12345678901"])
    def test_a_file_of_another_size_is_refused(self, cloud, content) -> None:
        name = f"upload/10000001/{uuid.uuid4()}"
        assert self.post(self.form(cloud, name), content) == 400
        assert "Contents" not in cloud.client("s3").list_objects_v2(Bucket=cloud.bucket("inbox"), Prefix=name)

    def test_another_key_than_the_signed_one_is_refused(self, cloud) -> None:
        name = f"upload/10000001/{uuid.uuid4()}"
        assert self.post(self.form(cloud, name), b"1", key=f"upload/10000002/{uuid.uuid4()}") == 403

    def test_a_signed_link_downloads_under_the_name_it_carries(self, cloud) -> None:
        s3, name = cloud.client("s3"), f"results/{uuid.uuid4()}.csv"
        s3.put_object(Bucket=cloud.bucket("results"), Key=name, Body=b"a,b\r\n", ContentType="text/csv")
        values = {
            "Bucket": cloud.bucket("results"),
            "Key": name,
            "ResponseContentDisposition": 'attachment; filename="out.csv"',
        }
        with urllib.request.urlopen(s3.generate_presigned_url("get_object", values, ExpiresIn=60)) as answer:
            assert answer.read() == b"a,b\r\n"
            assert answer.headers["Content-Disposition"] == 'attachment; filename="out.csv"'


class TestQueues:
    def receive(self, cloud: ProvisionedCloud, queue: str, **extra: Any) -> list[Item]:
        answer = cloud.client("sqs").receive_message(
            QueueUrl=cloud.queue(queue),
            MessageSystemAttributeNames=["All"],
            MaxNumberOfMessages=10,
            **{"WaitTimeSeconds": 0, **extra},
        )
        return list(answer.get("Messages", []))

    def test_described_attributes_are_set(self, cloud) -> None:
        for name, queue in cloud.stack.queues.items():
            found = cloud.client("sqs").get_queue_attributes(QueueUrl=cloud.queue(name), AttributeNames=["All"])
            assert found["Attributes"]["ReceiveMessageWaitTimeSeconds"] == str(queue["waitSeconds"])
            assert found["Attributes"]["VisibilityTimeout"] == str(queue["visibilitySeconds"])
            assert found["Attributes"]["MessageRetentionPeriod"] == str(queue["retentionSeconds"])
            if "deadLetterQueue" in queue:
                policy = json.loads(found["Attributes"]["RedrivePolicy"])
                assert policy["deadLetterTargetArn"].endswith(f"{cloud.prefix}-{queue['deadLetterQueue']}")
                assert int(policy["maxReceiveCount"]) == queue["maxReceiveCount"]

    def test_a_received_message_is_hidden_until_returned_and_counts_its_receives(self, fresh_cloud) -> None:
        sqs, address = fresh_cloud.client("sqs"), fresh_cloud.queue("finish")
        sqs.send_message(QueueUrl=address, MessageBody="one")
        for receives in ("1", "2"):
            (message,) = self.receive(fresh_cloud, "finish")
            assert message["Attributes"]["ApproximateReceiveCount"] == receives
            assert self.receive(fresh_cloud, "finish") == []
            sqs.change_message_visibility(QueueUrl=address, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        (message,) = self.receive(fresh_cloud, "finish")
        sqs.delete_message(QueueUrl=address, ReceiptHandle=message["ReceiptHandle"])
        assert self.receive(fresh_cloud, "finish") == []

    def test_after_its_last_receive_a_message_goes_to_the_dead_letter_queue(self, fresh_cloud) -> None:
        sqs, address = fresh_cloud.client("sqs"), fresh_cloud.queue("finish")
        sqs.send_message(QueueUrl=address, MessageBody="poison")
        for _ in range(5):
            (message,) = self.receive(fresh_cloud, "finish")
            sqs.change_message_visibility(QueueUrl=address, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        assert self.receive(fresh_cloud, "finish") == []
        (dead,) = self.receive(fresh_cloud, "finish-dead")
        assert dead["Body"] == "poison"

    def test_a_batch_of_ten_is_sent_and_a_delayed_message_waits(self, fresh_cloud) -> None:
        sqs, address = fresh_cloud.client("sqs"), fresh_cloud.queue("chunks")
        entries = [{"Id": str(n), "MessageBody": str(n)} for n in range(10)]
        assert len(sqs.send_message_batch(QueueUrl=address, Entries=entries)["Successful"]) == 10
        sqs.send_message(QueueUrl=address, MessageBody="later", DelaySeconds=600)
        assert sorted(message["Body"] for message in self.receive(fresh_cloud, "chunks")) == list("0123456789")
        assert self.receive(fresh_cloud, "chunks") == []


class TestMail:
    def test_sent_mail_can_be_read_and_an_unverified_sender_is_refused(self, cloud) -> None:
        to = f"{uuid.uuid4().hex}@ao.example"
        content = {"Simple": {"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "Zeile 1\nZeile 2"}}}}
        mail = {"Destination": {"ToAddresses": [to]}, "Content": content}
        cloud.client("sesv2").send_email(FromEmailAddress=cloud.stack.sender, **mail)
        (read,) = read_mail(cloud.endpoint, to)
        assert (read.sender, read.to, read.subject) == (cloud.stack.sender, (to,), "Grüße")
        assert read.text == "Zeile 1\nZeile 2"
        with pytest.raises(ClientError):
            cloud.client("sesv2").send_email(FromEmailAddress="someone@else.example", **mail)


class TestMetrics:
    def test_values_put_are_added_up(self, cloud) -> None:
        cloudwatch, now = cloud.client("cloudwatch"), datetime.now(UTC)
        name = f"Test/{uuid.uuid4().hex[:8]}"
        datum = {"MetricName": "Records", "Values": [3.0, 4.0], "Timestamp": now, "Unit": "Count"}
        cloudwatch.put_metric_data(Namespace=name, MetricData=[datum])
        found = cloudwatch.get_metric_statistics(
            Namespace=name,
            MetricName="Records",
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=3600,
            Statistics=["Sum"],
        )
        assert sum(point["Sum"] for point in found["Datapoints"]) == 7.0


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads listening sockets from /proc")
def test_the_emulator_listens_on_loopback_only(local_cloud: LocalCloud) -> None:
    pid = local_cloud.emulator.pid
    inodes = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        target = str(handle.readlink())
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and row[9] in inodes]
    assert [address.split(":")[0] for address in listening] == ["0100007F"]


class TestParameters:
    def test_a_parameter_is_overwritten_and_gone_when_it_is_deleted(self, cloud) -> None:
        ssm, name = cloud.client("ssm"), f"/restore/{cloud.prefix}"
        for value in ("first", "second"):
            ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
        assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "second"
        ssm.delete_parameter(Name=name)
        for call in (ssm.get_parameter, ssm.delete_parameter):
            with pytest.raises(ssm.exceptions.ParameterNotFound):
                call(Name=name)
