"""The real functions over the local cloud, each in a process that only gets the variables described for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from local.commands.submission import Dropped
from local.emulated.mailbox import read_mail
from local.samples.world import Samples, mixed_file, samples
from tests.builders.functions import items_of
from tests.integration.conftest import Stage

UKPRN = "90000051"


@pytest.fixture
def world() -> Samples:
    return samples(learners=300)


def items(stage: Stage, table: str) -> list[dict[str, dict[str, str]]]:
    return items_of(stage.cloud, table)


def dead_letters(stage: Stage) -> list[str]:
    sqs, found = stage.cloud.client("sqs"), []
    for name in stage.cloud.stack.queues:
        if name.endswith("-dead"):
            found += sqs.receive_message(QueueUrl=stage.cloud.queue(name)).get("Messages", [])
    return [message["Body"] for message in found]


@pytest.mark.req("ACH-02")
def test_a_dropped_file_is_answered_audited_and_its_submitter_emailed(stage: Stage) -> None:
    stage.sources.drain()
    data, expected = mixed_file(120, 7, world=samples(learners=300), ukprn=UKPRN)
    dropped = Dropped(stage.cloud, stage.services, UKPRN, expected.file_name, data)
    audited = len(items(stage, "audit"))
    stage.sources.drain()
    job = dropped.job()
    assert job is not None, stage.log
    assert job["status"] == "Successful", stage.log
    assert job["numberOfRecords"] == 120
    assert dropped.result("output")
    assert dead_letters(stage) == []
    assert len(items(stage, "audit")) > audited
    assert any(job["jobId"] in mail.subject + mail.text for mail in read_mail(stage.cloud.endpoint))


@pytest.mark.req("SEC-03")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of another process is read from /proc")
def test_the_largest_file_of_one_huge_cell_with_an_emoji_fits_in_the_workers(stage: Stage) -> None:
    data, expected = mixed_file(20, 7, world=samples(learners=300), ukprn=UKPRN)
    lines = (b"x" * 70 + b"\n") * ((ACHIEVEMENTS.max_bytes - len(data) - 1024) // 71) + "\U0001f600".encode()
    largest = data.replace(b'"MIS-', b'"MIS-' + lines, 1)
    dropped = Dropped(stage.cloud, stage.services, UKPRN, expected.file_name, largest)
    stage.sources.drain()
    job = dropped.job()
    assert job is not None, stage.log
    assert (job["status"], job["numberOfRecords"]) == ("Successful", 20), stage.log
    peaks = {
        name: int(Path(f"/proc/{worker._process.pid}/status").read_text("ascii").split("VmHWM:")[1].split()[0]) / 1024
        for name, workers in stage.workers._idle.items()
        for worker in workers
    }
    assert len(peaks) > 3
    assert max(peaks.values()) < 512, peaks


def test_what_the_schedules_call_has_what_it_needs(stage: Stage) -> None:
    functions = stage.cloud.stack.functions
    watched = stage.workers.invoke(functions["watch_jobs"], {})
    assert not watched["troubles"]
    assert stage.workers.invoke(functions["import_register"], {}) == {"outcome": "nothing new"}
