"""The function of the register's stream over the local cloud: what it records, and what it keeps apart."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.domain.achievements import Key
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.storage.achievement_items import achievement_item
from functions import record_audit
from local.commands.redrive import redrive_stream
from local.emulated.cloud import ProvisionedCloud
from local.lambda_runtime.invocation import ThreadWorkers
from tests.builders.achievements import AIM, uln
from tests.builders.stream import stream_record
from tests.contract.conftest import achievement

MANY = 100


@pytest.fixture
def services(fresh_cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch) -> bootstrap.Services:
    made = bootstrap.services(fresh_cloud.environment)
    monkeypatch.setattr(record_audit, "services", lambda needs: made)
    return made


def records() -> list[dict[str, Any]]:
    """As many new achievements as the stream would bring at once."""
    images = [achievement_item(achievement(Key(uln(n), AIM.reference, date(2026, 2, 20)))) for n in range(MANY)]
    return [stream_record(image.serialize(), f"{number:032x}") for number, image in enumerate(images)]


def kept(cloud: ProvisionedCloud) -> dict[str, Any]:
    """The objects of changes that are not on the audit log, by key."""
    s3, bucket = cloud.client("s3"), cloud.bucket("unaudited")
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {one["Key"]: json.loads(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()) for one in found}


def audited(services: bootstrap.Services) -> list[int]:
    """The numbers of the learners that the audit log has a change of."""
    return [number for number in range(MANY) if services.audit.of_subject(f"ULN#{uln(number)}")]


@pytest.mark.req("ACH-09", "SEC-01")
def test_one_unreadable_change_costs_none_of_the_others_and_is_kept_whole(
    fresh_cloud: ProvisionedCloud, services: bootstrap.Services, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = records()
    spoilt = batch[41]
    history = spoilt["dynamodb"]["NewImage"].pop("history")
    assert record_audit.handler({"Records": batch}, None) == {"batchItemFailures": []}
    assert audited(services) == [number for number in range(MANY) if number != 41]
    assert "AUDIT_UNREADABLE" in capsys.readouterr().out
    ((key, document),) = kept(fresh_cloud).items()
    assert key.startswith("unreadable/")
    assert json.loads(document["payload"]) == {"Records": [spoilt]}

    (mapping,) = fresh_cloud.stack.stream_mappings()
    workers = ThreadWorkers({"record_audit": record_audit.handler})
    redrive_stream(fresh_cloud, mapping, workers)
    assert [json.loads(one["payload"])["Records"] for one in kept(fresh_cloud).values()] == [[spoilt]]
    spoilt["dynamodb"]["NewImage"]["history"] = history
    document["payload"] = json.dumps({"Records": [spoilt]})
    bucket, (key,) = fresh_cloud.bucket("unaudited"), kept(fresh_cloud)
    fresh_cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(document).encode())
    assert redrive_stream(fresh_cloud, mapping, workers) == 1
    assert audited(services) == list(range(MANY))
    assert kept(fresh_cloud) == {}


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("record", [{}, {"dynamodb": None}, {"eventID": 1, "dynamodb": {"Keys": 2}}, None, "change"])
def test_anything_that_is_not_a_change_is_kept(
    fresh_cloud: ProvisionedCloud, services: bootstrap.Services, record: Any
) -> None:
    batch = [*records()[:2], record]
    assert record_audit.handler({"Records": batch}, None) == {"batchItemFailures": []}
    assert audited(services) == [0, 1]
    (document,) = kept(fresh_cloud).values()
    assert json.loads(document["payload"]) == {"Records": [record]}


@pytest.mark.req("ACH-09", "SEC-01")
def test_changes_that_are_on_the_log_already_are_left_alone(services: bootstrap.Services) -> None:
    batch = records()[:30]
    record_audit.handler({"Records": batch[:20]}, None)
    before = services.audit.of_subject(f"ULN#{uln(3)}")
    record_audit.handler({"Records": batch}, None)
    assert services.audit.of_subject(f"ULN#{uln(3)}") == before
    assert audited(services) == list(range(30))


@pytest.mark.req("ACH-09", "SEC-01")
@pytest.mark.parametrize("pk", [f"HISTORY#{uln(0)}#60301234#2026-02-20", f"AVAILABILITY#{uln(0)}"])
@pytest.mark.parametrize(("event", "entries"), [("INSERT", 0), ("MODIFY", 1), ("REMOVE", 1)])
def test_a_new_page_of_earlier_versions_is_no_change_but_what_happens_to_it_later_is(
    services: bootstrap.Services, pk: str, event: str, entries: int
) -> None:
    page = {"pk": {"S": pk}, "sk": {"S": "0000000004"}, "versions": {"S": "[]"}}
    assert record_audit.handler({"Records": [stream_record(page, event=event)]}, None) == {"batchItemFailures": []}
    assert len(services.audit.of_subject(pk)) == entries


@pytest.mark.req("SEC-01")
def test_a_batch_that_cannot_be_written_now_is_delivered_again(
    services: bootstrap.Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(entries: object) -> None:
        raise TemporaryFailure("audit.record: ThrottlingException")

    monkeypatch.setattr(services.audit, "record", away)
    with pytest.raises(Exception, match="TemporaryFailure"):
        record_audit.handler({"Records": records()[:2]}, None)
