"""Contract of files, queues and mail, for fake and real adapters."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.request import Request

import pytest
from botocore.exceptions import ClientError

from chalicelib.ports.errors import Missing, TemporaryFailure, TooLarge

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def test_a_file_is_read_as_it_was_written(world, job_id):
    files = world.ports.files
    files.write("work", f"work/{job_id}/chunk/0000.json", b'{"a": 1}', "application/json")
    assert files.read("work", f"work/{job_id}/chunk/0000.json") == b'{"a": 1}'
    files.write("work", f"work/{job_id}/chunk/0000.json", b"", "application/json")
    assert files.read("work", f"work/{job_id}/chunk/0000.json") == b""


def test_a_file_that_does_not_exist_is_missing(world, job_id):
    with pytest.raises(Missing):
        world.ports.files.read("work", f"work/{job_id}")


@pytest.mark.req("ACH-06")
def test_each_version_of_a_dropped_file_stays_what_it_was(world, job_id):
    files = world.ports.files
    key = f"drop/{job_id}/achievements/Größe 1+1.csv"
    files.write("inbox", key, b"first", "text/csv")
    (first,) = files.objects("inbox", f"drop/{job_id}/", LONG_AGO)
    files.write("inbox", key, b"second", "text/csv")
    (second,) = files.objects("inbox", f"drop/{job_id}/", LONG_AGO)
    assert (first.key, first.size) == (key, 5)
    assert second.size == 6
    assert first.version != second.version
    assert files.read("inbox", key, first.version) == b"first"
    assert files.read("inbox", key, second.version) == files.read("inbox", key) == b"second"
    with pytest.raises(Missing):
        files.read("inbox", key + "x", first.version)


@pytest.mark.req("SEC-03")
def test_a_file_larger_than_the_limit_is_reported_with_its_size(world, job_id):
    files = world.ports.files
    files.write("inbox", f"drop/{job_id}", b"x" * 1001, "text/csv")
    with pytest.raises(TooLarge) as refused:
        files.read("inbox", f"drop/{job_id}", limit=1000)
    assert refused.value.size == 1001
    assert len(files.read("inbox", f"drop/{job_id}", limit=1001)) == 1001


def test_what_is_there_is_not_written_over(world, job_id):
    files = world.ports.files
    assert files.write_if_absent("work", f"work/{job_id}", b"first", "application/json") is True
    assert files.write_if_absent("work", f"work/{job_id}", b"second", "application/json") is False
    assert files.read("work", f"work/{job_id}") == b"first"


def test_a_listing_has_what_is_under_the_prefix_and_new_enough(world, job_id):
    files = world.ports.files
    for name in ("a/1", "a/2", "b/1"):
        files.write("inbox", f"drop/{job_id}/{name}", b"x", "text/csv")
    listed = list(files.objects("inbox", f"drop/{job_id}/a/", LONG_AGO))
    assert [found.key.rsplit("/", 1)[1] for found in listed] == ["1", "2"]
    assert all(found.modified.tzinfo for found in listed)
    newest = max(found.modified for found in listed)
    assert list(files.objects("inbox", f"drop/{job_id}/a/", newest + timedelta(seconds=1))) == []


@pytest.mark.req("SLA-03")
def test_a_version_that_was_replaced_is_still_listed_among_the_versions(world, job_id):
    files = world.ports.files
    for data in (b"first", b"the second"):
        files.write("inbox", f"drop/{job_id}/a.csv", data, "text/csv")
    files.write("inbox", f"drop/{job_id}/b.csv", b"x", "text/csv")
    listed, after = files.versions("inbox", f"drop/{job_id}/")
    assert after == ""
    assert sorted((found.key[-5:], found.size) for found in listed) == [("a.csv", 5), ("a.csv", 10), ("b.csv", 1)]
    assert len({(found.key, found.version) for found in listed}) == 3
    assert all(len(files.read("inbox", found.key, found.version)) == found.size for found in listed)


@pytest.mark.req("SEC-03")
def test_a_version_says_when_it_was_written_and_how_it_is_tagged(world, job_id):
    files = world.ports.files
    key = f"drop/{job_id}/achievements/a b+1.csv"
    files.write("inbox", key, b"first", "text/csv")
    (first,) = files.objects("inbox", f"drop/{job_id}/", LONG_AGO)
    files.write("inbox", key, b"second", "text/csv")
    assert files.written_at("inbox", key, first.version) == first.modified.replace(microsecond=0)
    assert files.tags("inbox", key, first.version) == {}
    for ask in (files.written_at, files.tags):
        with pytest.raises(Missing):
            ask("inbox", key + "x", first.version)


def test_a_bucket_without_versions_names_none(world, job_id):
    world.ports.files.write("work", f"work/{job_id}", b"x", "text/plain")
    (found,) = world.ports.files.objects("work", f"work/{job_id}", LONG_AGO)
    assert found.version == ""


def test_a_form_of_a_page_takes_a_file_under_its_own_name(world, job_id):
    folder = f"upload/1/achievements/{job_id}/"
    form = world.ports.files.page_form("inbox", folder, 100, 60, "https://portal.example.org/x")
    assert form.fields["key"] == folder + "${filename}"
    assert form.fields["success_action_redirect"] == "https://portal.example.org/x"


def test_a_part_of_an_object_is_read_by_itself(world, job_id):
    files, key = world.ports.files, f"results/{job_id}"
    files.write("results", key, b"0123456789", "text/plain")
    assert files.read_part("results", key, 0, 3) == b"012"
    assert files.read_part("results", key, 4, 10) == b"456789"
    with pytest.raises(Missing):
        files.read_part("results", f"{key}x", 0, 1)


def test_a_form_accepts_a_file_under_its_key_only(world, job_id):
    form = world.ports.files.upload_form("inbox", f"upload/{job_id}/f.csv", 1000, 600)
    assert form.fields["key"] == f"upload/{job_id}/f.csv"
    assert form.url.startswith("http")


def test_a_form_takes_a_file(world, job_id):
    form = world.ports.files.upload_form("inbox", f"upload/1/{job_id}/f.csv", 100, 60)
    world.post(form, b"hello")
    assert world.ports.files.read("inbox", f"upload/1/{job_id}/f.csv") == b"hello"


@pytest.mark.req("ACH-07")
def test_a_link_gives_the_file(world, job_id):
    world.ports.files.write("results", f"{job_id}/output.csv", b"ULN\r\n", "text/csv")
    link = world.ports.files.download_link("results", f"{job_id}/output.csv", "Größe, 1.csv", 60)
    if not world.is_fake:
        headers, content = world.cloud.send(Request(link))
        assert content == b"ULN\r\n"
        assert headers["Cache-Control"] == "no-store"
        assert (
            headers["Content-Disposition"]
            == "attachment; filename=\"Gr__e_ 1.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%2C%201.csv"
        )


@pytest.mark.req("ACH-06")
def test_every_message_is_sent_once_and_in_full(world):
    sent = [{"job": "J1", "chunk": n, "name": "é"} for n in range(25)]
    world.ports.queues.send("chunks", sent)
    world.ports.queues.send("chunks", [])
    if world.is_fake:
        received = [world.ports.queues.take("chunks") for _ in range(25)]
        assert world.ports.queues.take("chunks") is None
    else:
        received = emptied(world, "chunks")
    assert sorted(received, key=lambda message: message["chunk"]) == sent


def emptied(world, queue):
    sqs, address = world.ports.clients["sqs"], world.ports.settings.queue(queue)
    received = []
    while True:
        messages = sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])
        if not messages:
            return received
        for message in messages:
            received.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=address, ReceiptHandle=message["ReceiptHandle"])


@pytest.mark.req("SLA-03")
def test_messages_move_to_another_queue_ten_at_a_time_and_stay_as_they_are(world):
    queues = world.ports.queues
    emptied_of(world, "finish_dead", "finish")
    assert queues.move("finish_dead", "finish") == 0
    sent = [{"job": f"J{number:02d}", "name": "é"} for number in range(12)]
    queues.send("finish_dead", sent)
    moved = [queues.move("finish_dead", "finish")]
    while moved[-1]:
        moved.append(queues.move("finish_dead", "finish"))
    assert max(moved) <= 10
    assert sum(moved) == 12
    assert emptied_of(world, "finish_dead") == []
    assert sorted(emptied_of(world, "finish"), key=lambda message: message["job"]) == sent


@pytest.mark.req("SLA-03")
def test_to_ask_for_the_oldest_message_of_a_queue_leaves_it_where_it_is(world):
    queues = world.ports.queues
    emptied_of(world, "notices_dead")
    assert queues.oldest("notices_dead") is None
    before = world.clock() if world.is_fake else datetime.now(UTC)
    queues.send("notices_dead", [{"job": "J1"}, {"job": "J2"}])
    for _ in range(2):
        oldest = queues.oldest("notices_dead")
        assert oldest.tzinfo is not None
        assert abs(oldest - before) < timedelta(minutes=1)
    assert queues.count("notices_dead") == 2
    assert sorted(message["job"] for message in emptied_of(world, "notices_dead")) == ["J1", "J2"]


@pytest.mark.req("SLA-03")
def test_messages_that_cannot_be_deleted_after_they_were_sent_on_are_there_twice(adapters, monkeypatch):
    queues, sqs = adapters.queues, adapters.clients["sqs"]
    queues.send("chunks_dead", [{"job": "a"}])

    def fail(**_):
        raise ClientError(
            {"Error": {"Code": "InternalError"}, "ResponseMetadata": {"HTTPStatusCode": 500}}, "DeleteMessageBatch"
        )

    with monkeypatch.context() as patched:
        patched.setattr(sqs, "delete_message_batch", fail)
        with pytest.raises(TemporaryFailure):
            queues.move("chunks_dead", "chunks")
    hidden, address = "ApproximateNumberOfMessagesNotVisible", adapters.settings.queue("chunks_dead")
    kept = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=[hidden])["Attributes"]
    assert kept[hidden] == "1"
    (moved,) = sqs.receive_message(QueueUrl=adapters.settings.queue("chunks"))["Messages"]
    assert json.loads(moved["Body"]) == {"job": "a"}
    sqs.purge_queue(QueueUrl=address)
    sqs.delete_message(QueueUrl=adapters.settings.queue("chunks"), ReceiptHandle=moved["ReceiptHandle"])


def emptied_of(world, *queues):
    """What was in these queues, which are empty afterwards."""
    if not world.is_fake:
        return [message for queue in queues for message in emptied(world, queue)]
    received = []
    for queue in queues:
        while message := world.ports.queues.take(queue):
            received.append(message)
    return received


@pytest.mark.req("ACH-07")
def test_a_mail_is_sent_to_one_address(world, job_id):
    to = f"{job_id.lower()}@example.org"
    world.ports.mail.send(to, "Your file – done", "Sign in to see the résumé.\n")
    assert world.mails(to) == [("Your file – done", "Sign in to see the résumé.\n")]


@pytest.mark.parametrize(
    ("to", "subject"), [("", "subject"), ("a@example.org\nBcc: b@example.org", "subject"), ("a@example.org", "a\r\nb")]
)
def test_a_mail_is_refused_without_one_address_and_a_subject_of_one_line(world, to, subject):
    with pytest.raises(ValueError, match="address"):
        world.ports.mail.send(to, subject, "body")
