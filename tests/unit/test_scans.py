"""Malware scans: which verdict counts, what it means, and how it is read from its event."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from chalicelib.cloud.events import deliveries
from chalicelib.cloud.journal import LogJournal
from chalicelib.domain.jobs import Source
from chalicelib.domain.scans import Verdict, in_force, refusal, verdict_of
from tests.builders.jobs import job
from tests.builders.scans import scan_event
from tests.unit.conftest import Lines

SOURCE = Source("inbox", "drop/90000001/achievements/QCF 90000001+1.csv", "v000001")


@pytest.mark.req("SEC-03")
@pytest.mark.parametrize("code", ["ACB020", "ACB021"])
def test_only_malware_and_what_cannot_be_scanned_refuse_a_file(code: str) -> None:
    found = [verdict for verdict in Verdict if (why := refusal(verdict)) and why.code == code]
    assert found == [{"ACB020": Verdict.INFECTED, "ACB021": Verdict.UNSUPPORTED}[code]]
    assert refusal(None) is None


@pytest.mark.req("SEC-03")
@pytest.mark.parametrize(
    ("known", "counts"),
    [
        ((Verdict.CLEAN, Verdict.INFECTED, Verdict.FAILED), Verdict.INFECTED),
        ((Verdict.CLEAN, None, Verdict.DENIED), Verdict.CLEAN),
        ((Verdict.UNSUPPORTED, Verdict.INFECTED, None), Verdict.INFECTED),
        ((Verdict.FAILED, Verdict.DENIED, None), Verdict.DENIED),
        ((None, None), None),
    ],
)
def test_the_same_verdict_counts_in_whatever_order_the_scans_are_reported(known, counts) -> None:
    assert {in_force(order) for order in permutations(known)} == {counts}


@pytest.mark.req("SEC-03")
@pytest.mark.parametrize("verdict", Verdict)
def test_the_event_of_a_scan_names_the_version_and_its_verdict(verdict: Verdict) -> None:
    (delivered,) = deliveries(scan_event(SOURCE, verdict.value))
    assert delivered == (SOURCE, None, verdict), "the key is not URL-encoded"


@pytest.mark.req("SEC-03")
@pytest.mark.parametrize("status", ["COMPLETED", "SKIPPED", "FAILED", "SOMETHING_NEW"])
def test_a_status_that_is_missing_or_unknown_does_not_permit_reading(status: str) -> None:
    for details in (None, {}, {"scanResultStatus": None}, {"scanResultStatus": status}):
        event = scan_event(SOURCE, "FAILED", scanStatus=status, scanResultDetails=details)
        assert [delivered.verdict for delivered in deliveries(event)] == [Verdict.FAILED]
    assert verdict_of("") is None


@pytest.mark.req("SEC-03")
def test_other_events_of_the_scanner_are_not_about_a_file() -> None:
    event = json.loads(scan_event(SOURCE, "NO_THREATS_FOUND"))
    for other in ({"detail-type": "GuardDuty Malware Protection Resource Status Active"}, {"source": "somebody.else"}):
        assert list(deliveries(json.dumps(event | other))) == []


@pytest.mark.req("SEC-03")
def test_each_scan_that_is_not_clean_is_reported_to_the_operators_and_can_raise_an_alarm(lines: Lines) -> None:
    journal = LogJournal()
    bad = [verdict for verdict in Verdict if verdict is not Verdict.CLEAN]
    for verdict in bad:
        journal.not_clean(job(), verdict)
    journal.scan_overdue(job())
    *logged, measured = lines()
    codes = ["MALWARE_FOUND", "SCAN_UNSUPPORTED", "SCAN_DENIED", "SCAN_FAILED", "SCAN_OVERDUE"]
    assert [line["code"] for line in logged[: len(codes)]] == codes
    assert all(line["job"] == "JOB1" for line in logged[: len(codes)])
    assert measured["LogLines"]
