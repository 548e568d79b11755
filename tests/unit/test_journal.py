"""What operators see of the pipeline's work."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.cloud.journal import FAULTS_LOGGED, LogJournal
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Counts, Job, JobStatus
from chalicelib.domain.results import Outcome, RecordResult
from tests.unit.conftest import Lines

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
JOB = Job(
    "D" + "A" * 24,
    "achievements",
    "90000001",
    "bucket",
    "a@awards.example",
    "bucket",
    "QCF_90000001_20260302_001.csv",
    AT,
)


@pytest.mark.req("ACH-06")
def test_a_file_that_is_cut_is_logged_when_it_comes_and_when_it_is_cut(lines: Lines) -> None:
    journal = LogJournal()
    journal.received(JOB)
    journal.split(replace(JOB, records=1200, chunk_sizes=(500, 500, 200), format="csv"))
    received, split, measured = lines()
    assert (received["code"], received["channel"]) == ("JOB_RECEIVED", "bucket")
    assert (split["code"], split["records"], split["chunks"], split["format"]) == ("JOB_SPLIT", 1200, 3, "csv")
    assert measured["FilesSubmitted"] == [1.0]


@pytest.mark.req("ACH-06", "SLA-03")
def test_a_refused_file_is_logged_with_its_codes_and_as_ended(lines: Lines) -> None:
    reasons = tuple(failure(code, "Quixadelle") for code in ("ACB006", "ACB006", "ACB016"))
    ended = replace(JOB, status=JobStatus.FAILED, rejection=reasons, finished_at=AT + timedelta(minutes=3))
    LogJournal().ended(ended)
    refused, reported, *printed = lines()
    files, measured = sorted(printed, key=lambda line: "lrs_file" not in line)
    assert (files["lrs_file"], files["lrs_file_late"], files["lrs_file_minutes"]) == ([1.0], [0.0], [3.0])
    assert (refused["code"], refused["reasons"]) == ("JOB_REFUSED", ["ACB006", "ACB016"])
    assert (reported["code"], reported["status"], reported["minutes"]) == ("JOB_ENDED", "Failed", 3.0)
    assert (measured["FilesRefused"], measured["JobsEnded"], measured["JobMinutes"]) == ([1.0], [1.0], [3.0])
    assert "Quixadelle" not in json.dumps([refused, reported, measured])


@pytest.mark.req("SLA-03")
@pytest.mark.parametrize(
    ("counts", "most"),
    [(Counts(created=9380, updated=140, refused=480), 300), (Counts(*range(1101, 1110)), 400)],
    ids=["ordinary", "of every kind"],
)
def test_an_ended_job_is_logged_with_its_counts_in_a_short_line(lines: Lines, counts: Counts, most: int) -> None:
    LogJournal().ended(replace(JOB, status=JobStatus.SUCCESSFUL, counts=counts, finished_at=AT + timedelta(hours=1)))
    reported, *_ = lines()
    assert reported["counts"] == {name: number for name, number in counts._asdict().items() if number}
    assert len(json.dumps(reported | {"request_id": "0" * 36}, separators=(",", ":"))) <= most


@pytest.mark.req("ACH-06")
def test_a_chunk_is_one_line_however_many_records_it_has(lines: Lines) -> None:
    results = [RecordResult(number, Outcome.CREATED) for number in range(1, 498)]
    results += [RecordResult(number, Outcome.REFUSED, failures=(failure("ACF001", "ULN"),)) for number in (498, 499)]
    results.append(RecordResult(500, Outcome.NOT_PROCESSED, failures=(failure("LRS-FAULT-1"),)))
    LogJournal().applied(JOB, 7, 3, results)
    reported, *printed = lines()
    assert (reported["code"], reported["chunk"], reported["attempt"]) == ("CHUNK_APPLIED", 7, 3)
    assert reported["counts"] == {"created": 497, "refused": 2, "not_processed": 1}
    requests, measured = sorted(printed, key=lambda line: "lrs_request" not in line)
    assert (requests["catalogue_function"], requests["channel"]) == ("ACH-06", "batch")
    assert (requests["lrs_request"], requests["lrs_request_fault"]) == ([500.0], [1.0])
    assert (measured["RecordsAccepted"], measured["RecordsRefused"], measured["RecordFaults"]) == (
        [497.0],
        [2.0],
        [1.0],
    )


@pytest.mark.req("SEC-02")
def test_a_record_that_stops_the_program_is_logged_with_its_number_and_the_kind_of_error(lines: Lines) -> None:
    LogJournal().record_fault(JOB, 2, [41], ValueError("Quixadelle, 1987-06-05"))
    reported, _ = lines()
    assert (reported["code"], reported["chunk"], reported["record"], reported["kind"]) == (
        "RECORD_FAULT",
        2,
        41,
        "ValueError",
    )
    assert "Quixadelle" not in json.dumps(reported)


def test_a_fault_that_stops_every_record_of_a_chunk_does_not_fill_the_log(lines: Lines) -> None:
    journal = LogJournal()
    for number in range(1, 501):
        journal.record_fault(JOB, 2, [number], ValueError())
    assert len([line for line in lines() if "_aws" not in line]) == FAULTS_LOGGED
    journal.applied(JOB, 2, 3, [])
    journal.record_fault(JOB, 2, [1], ValueError())
    assert [line["code"] for line in lines() if "_aws" not in line] == ["CHUNK_APPLIED", "RECORD_FAULT"]


def test_a_list_that_ends_is_reported(lines: Lines) -> None:
    LogJournal().list_ends("bank-holidays.csv")
    reported, _ = lines()
    assert (reported["code"], reported["level"], reported["list"]) == ("LIST_ENDS", "WARNING", "bank-holidays.csv")


def test_a_missing_list_is_reported(lines: Lines) -> None:
    LogJournal().list_missing("prohibited-postcodes.txt")
    reported, _ = lines()
    assert (reported["code"], reported["level"], reported["list"]) == (
        "LIST_MISSING",
        "WARNING",
        "prohibited-postcodes.txt",
    )


@pytest.mark.req("SLA-03")
@pytest.mark.usefixtures("lines")
def test_what_is_open_is_printed_when_a_watch_run_begins(capsys: pytest.CaptureFixture[str]) -> None:
    LogJournal().watching(3, 37.5)
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (printed[-1]["OpenJobs"], printed[-1]["OldestJobHours"]) == ([3.0], [37.5])


@pytest.mark.req("SLA-03", "SEC-02")
def test_an_email_that_is_refused_and_given_up_is_logged_without_its_address(lines: Lines) -> None:
    LogJournal().notice_refused(JOB)
    LogJournal().notice_given_up(JOB)
    refused, given_up, *printed = lines()
    (measured,) = (line for line in printed if "code" not in line)
    assert (refused["code"], refused["level"], refused["job"]) == ("NOTICE_REFUSED", "WARNING", JOB.job_id)
    assert (given_up["code"], given_up["level"], given_up["ukprn"]) == ("NOTICE_GIVEN_UP", "ERROR", "90000001")
    assert measured["NoticesGivenUp"] == [1.0]
    assert JOB.email not in json.dumps([refused, given_up, measured])


@pytest.mark.req("SLA-03")
@pytest.mark.parametrize(
    ("status", "hours", "late"),
    [
        (JobStatus.SUCCESSFUL, 48, [0.0]),
        (JobStatus.SUCCESSFUL, 48.001, [1.0]),
        (JobStatus.FAILED, 36, [1.0]),
        (JobStatus.CANCELLED, 50, None),
    ],
)
def test_a_file_is_late_after_48_hours_or_when_it_was_given_up(
    lines: Lines, status: JobStatus, hours: float, late: list[float] | None
) -> None:
    LogJournal().ended(replace(JOB, status=status, finished_at=JOB.submitted_at + timedelta(hours=hours)))
    printed = [line for line in lines() if "lrs_file" in line]
    assert [line["lrs_file_late"] for line in printed] == ([late] if late else [])
    assert all((line["catalogue_function"], line["channel"]) == ("ACH-06", "batch") for line in printed)
