"""Learners' details and values of files stay in the register and in the organisation's own files (SEC-02).

Valid, wrong and poisonous records of a person with unmistakable details go through every function. Then everything that
operators, queues and mailboxes see is searched for those details.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib import observability
from chalicelib.cloud.clock import now
from chalicelib.cloud.queues import SqsQueues
from chalicelib.domain.jobs import JobStatus
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.uln import mint
from chalicelib.services.batches import apply_achievements
from chalicelib.services.batches.apply import ISOLATE_FROM
from local.emulated.cloud import ProvisionedCloud
from local.emulated.mailbox import read_mail
from local.samples.world import Samples, samples
from tests.builders.files import csv_file, header, record, rows, xml_file
from tests.builders.functions import UKPRN, Functions

_numbers = iter(range(731_924_685, 731_924_785))
ULN, OTHER_ULN, STRANGER_ULN = ULNS = tuple(mint(lambda _: next(_numbers)) for _ in range(3))
MARKS = (
    "Quixadelle", "Vyvyanne", "Ffrancezka", "Zzymborska", "ZE29QQ", "ZE2 9QQ", "MIS-QX", "1987-06-05", "05/06/1987",
)  # fmt: skip
LEARNER = LearnerProfile(
    ULN, "Vyvyanne", "Quixadelle", "Ffrancezka", "Zzymborska", date_of_birth=date(1987, 6, 5), gender="2",
    postcode="ZE2 9QQ",
)  # fmt: skip
POISON = "MIS-QX-POISON"


@pytest.fixture
def fresh_log() -> Iterator[None]:
    """A logger writes to the standard output that it found when it was made."""
    observability._logger.cache_clear()
    logging.Logger.manager.loggerDict.pop(observability.SERVICE, None)
    yield
    observability._logger.cache_clear()
    logging.Logger.manager.loggerDict.pop(observability.SERVICE, None)


@pytest.fixture
def functions(
    fresh_cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch, sample_keys: None, fresh_log: None
) -> Functions:
    world = samples(learners=20)
    made = Functions(fresh_cloud, monkeypatch, world)
    other = LEARNER._replace(uln=OTHER_ULN, given_name="Ffrancezka", family_name="Zzymborska")
    made.services.learners.load([LEARNER, other])
    return made


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bodies of all messages that functions send."""
    bodies: list[str] = []
    send = SqsQueues._send

    def kept(self: SqsQueues, queue: str, address: str, entries: list[dict[str, str]]) -> None:
        bodies.extend(entry["MessageBody"] for entry in entries)
        send(self, queue, address, entries)

    monkeypatch.setattr(SqsQueues, "_send", kept)
    return bodies


@pytest.fixture
def poisonous(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that fails on one record, with everything about it in the error; then the lease expires."""
    valid = apply_achievements.rule_failures
    failed: list[str] = []
    functions.set_clock("apply_chunk", lambda: now() + len(failed) * timedelta(minutes=3))

    def failing(command: Any, *others: Any) -> Any:
        if command.mis_identifier == POISON:
            failed.extend([POISON] if len(failed) < ISOLATE_FROM - 1 else [])
            raise ValueError(f"cannot judge {command}")
        return valid(command, *others)

    monkeypatch.setattr(apply_achievements, "rule_failures", failing)


def _entry(world: Samples, **changes: str) -> dict[str, str]:
    held = world.organisation(UKPRN).recognition_numbers
    day = (datetime.now(UTC) - timedelta(days=3)).date()
    aim = next(aim for aim in world.aims if aim.may_be_awarded_by(held) and aim.in_dates(day))
    valid = {
        "MISIdentifier": "MIS-QX-1", "ULN": ULN, "FamilyName": "Quixadelle", "GivenName": "Vyvyanne",
        "DateOfBirth": "1987-06-05", "LearnerPostcode": "ZE2 9QQ", "AchievementAwardDate": day.isoformat(),
        "UnitOrQualificationReferenceNumber": str(aim.reference), "ProviderUKPRN": world.providers[0].ukprn,
        "Grade": aim.grades[0] if aim.grades else "",
    }  # fmt: skip
    return record(**(valid | changes))


def _entries(world: Samples) -> list[dict[str, str]]:
    wrong: list[dict[str, str]] = [
        {},
        {"FamilyName": "Zzymborska"},
        {"ULN": OTHER_ULN, "MISIdentifier": "MIS-QX-2"},
        {"ULN": STRANGER_ULN},
        {"ULN": "1234567890", "GivenName": "=Quixadelle()"},
        {"DateOfBirth": "05/06/1987", "LearnerPostcode": "ZE29QQ Quixadelle", "Gender": "Vyvyanne"},
        {"GivenName": "Vyvyanne\x07", "Grade": "Quixadelle", "ActionReason": "Zzymborska"},
        {"UnitOrQualificationReferenceNumber": "Quixadelle", "ProviderUKPRN": "Vyvyanne"},
        {"Action": "2", "ActionDate": "", "MISIdentifier": "MIS-QX-" + "9" * 300},
        {"MISIdentifier": POISON, "ULN": OTHER_ULN},
    ]
    return [_entry(world, **changes) for changes in wrong]


def _files(world: Samples) -> dict[str, bytes]:
    """A file with records of all kinds, in both formats, and files that are refused as a whole."""
    organisation = world.organisation(UKPRN)
    entries = _entries(world)
    named = {"UKPRN": UKPRN, "OrganisationRef": organisation.organisation_ref}
    name = f"QCF_{UKPRN}_20260105"
    without_headings = "\r\n".join(",".join(row) for row in rows(entries, **named)[1:]).encode()
    return {
        f"{name}_001.CSV": csv_file(entries, **named, FileName=f"{name}_001.CSV"),
        f"{name}_002.XML": xml_file(
            [{key: re.sub("[\x00-\x1f]", "", text) for key, text in entry.items()} for entry in entries[:9]],
            **named, FileName=f"{name}_002.XML",
        ),
        f"{name}_003.CSV": without_headings,
        f"{name}_004.CSV": csv_file(entries, **(named | {"UKPRN": "Quixadelle"}), FileName="Vyvyanne Quixadelle.csv"),
        f"{name}_005.XML": b"<Quixadelle><GivenName>Vyvyanne</GivenName>",
        f"{name}_006.CSV": csv_file(entries, **named, FileVersion="Zzymborska", SubmissionType="Quixadelle"),
        "Vyvyanne Quixadelle 1987-06-05.txt": b"Vyvyanne Quixadelle",
    }  # fmt: skip


def _found(text: str, *besides: str) -> set[str]:
    return {mark for mark in (*MARKS, *besides) if mark.casefold() in text.casefold()}


@pytest.mark.req("SEC-02")
@pytest.mark.usefixtures("poisonous")
def test_nothing_personal_leaves_the_register_and_the_organisations_files(
    functions: Functions, sent: list[str], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world = samples(learners=20)
    jobs = [functions.drop(data, name) for name, data in _files(world).items()]
    functions.drain()
    functions.call("watch_jobs", {})
    for path in ("?limit=2", *(f"/{job}" for job in jobs)):
        functions.request("GET", f"/v1/achievement-batches{path}")

    ended = [functions.services.jobs.get(job) for job in jobs]
    assert [job.status for job in ended if job] == [
        JobStatus.FAILED, JobStatus.SUCCESSFUL, *[JobStatus.FAILED] * 5,
    ]  # fmt: skip
    assert ended[0] is not None
    assert (ended[0].counts.created, ended[0].counts.not_processed) == (1, 1)

    printed = "".join(capfd.readouterr())
    assert _found(printed, *ULNS) == set()
    assert _found(caplog.text, *ULNS) == set()
    assert _found("\n".join(sent), *ULNS) == set()
    assert _found("\n".join(mail.subject + mail.text for mail in read_mail(functions.cloud.endpoint)), *ULNS) == set()
    for item in functions.items("jobs"):
        # A file's name is chosen by its organisation, and only shown to that organisation.
        assert _found(json.dumps(item).replace("Vyvyanne Quixadelle 1987-06-05.txt", ""), *ULNS) == set()
    for item in functions.items("audit"):
        subject = item.pop("pk")["S"]
        assert _found(json.dumps(item), *ULNS) == set()
        assert _found(subject) == set()
    _short_lines(printed)


def _short_lines(printed: str) -> None:
    """At most 300 bytes for each success, and no line names a record unless the record stops our program."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith('{"level"')]
    reported = {line["code"] for line in lines}
    assert {"JOB_RECEIVED", "JOB_SPLIT", "JOB_REFUSED", "JOB_ENDED", "NOTICE_SENT"} <= reported
    assert {"CHUNK_APPLIED", "RECORD_FAULT", "AUDIT_RECORDED", "ROUND_DONE"} <= reported
    for line in lines:
        if line["level"] == "INFO" and line["code"] != "REQUEST_ANSWERED":
            assert len(json.dumps(line, separators=(",", ":"))) <= 300, line["code"]
        assert "left_out" not in line
    assert {line["code"] for line in lines if "record" in line} == {"RECORD_FAULT"}


def test_the_details_that_are_searched_for_are_really_in_the_files() -> None:
    data = b"".join(_files(samples(learners=20)).values()).decode()
    assert {mark for mark in (*MARKS, *ULNS) if mark not in data} <= {"Ffrancezka", "ZE2 9QQ"}
    assert header(1)["RecordCount"] == "1"
