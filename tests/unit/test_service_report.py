"""The month's report for the Customer Scrutiny Group as PDF: tagged, and its chart says what it shows (SLA-04)."""

from __future__ import annotations

import json
import re
import zlib
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.cloud.typeset.report import report_pdf
from chalicelib.domain.access import Role
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.recoveries import Recovery
from chalicelib.ports.errors import TemporaryFailure
from tests.builders.levels import hold_months
from tests.builders.portal import portal_world, signed_in
from tests.fakes.calls import START
from tests.fakes.world import FakeWorld

NOW = Month.of(START)
MISSED = NOW.previous.previous
PATH = f"/service/levels/reports/{MISSED}/pdf"
HOSTILE = '#panic("x") *bold* $x$ @ref <label> \\ //'
FINDING = "Every target was met in 12 of 13 months in which something was measured."

pytestmark = pytest.mark.req("SLA-04")


@pytest.fixture
def world() -> FakeWorld:
    """Thirteen months; one with a breach, a recovery and downtime."""
    held = portal_world(roles=frozenset({Role.SERVICE_MANAGER}))
    hold_months(held, NOW, faults={NOW: 4, MISSED: 60})
    begun = MISSED.start + timedelta(hours=8)
    held.recovery_store.save(Recovery(begun, HOSTILE, begun + timedelta(hours=9)))
    held.outages.record(begun, begun + timedelta(hours=3))
    return held


def asked(world: FakeWorld) -> dict[str, Any]:
    """The texts of the report that a service manager saves."""
    seen = signed_in(world).get(PATH)
    assert (seen.status, seen.headers["Content-Type"]) == (200, "application/pdf")
    assert f"service-report-{MISSED}.pdf" in seen.headers["Content-Disposition"]
    report: dict[str, Any] = json.loads(json.dumps(world.reports.asked[-1]))
    return report


def objects_of(pdf: bytes) -> bytes:
    """The objects of a PDF, also those that are compressed."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"\n".join([pdf, *(zlib.decompress(one) for one in streams if one[:1] == b"\x78")])


def test_the_report_says_what_the_page_shows(world: FakeWorld) -> None:
    report = asked(world)
    assert report["title"] == "Service report for January 2026"
    assert report["as_at"] == "The month is over, and its figures are final."
    assert any(
        "VLD-01 Verify one learner's details (web service): available 94.00 %, and 99.5 % is agreed" in one
        for one in report["missed"]
    )
    assert HOSTILE in report["recoveries"][0]
    assert report["downtime"] == ["1 January 2026 at 8am to 1 January 2026 at 11am"]
    assert report["chart"]["finding"] == FINDING
    assert [bar["month"] for bar in report["chart"]["bars"]][-2:] == ["Feb", "Mar"]
    assert [bar["count"] for bar in report["chart"]["bars"]][-4:] == [0, len(report["missed"]), 0, 0]


def test_the_pdf_is_tagged_and_its_chart_states_the_finding(world: FakeWorld) -> None:
    found = re.sub(rb"/(S|Lang|Alt)(?=[/(])", rb"/\1 ", objects_of(report_pdf(asked(world))))
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"pdfuaid:part", b"/DisplayDocTitle true"):
        assert mark in found, mark
    for tag in (b"H1", b"H2", b"TH", b"TD", b"Table", b"L", b"LI", b"Figure"):
        assert re.search(rb"/S /" + tag + rb"\b", found), tag
    assert found.count(b"/S /Figure") == 1
    assert b"/Lang (en" in found
    assert b"/Alt (" + FINDING.encode() in found


def test_a_month_without_anything_is_a_report_too(world: FakeWorld) -> None:
    empty = portal_world(roles=frozenset({Role.SERVICE_MANAGER}))
    assert signed_in(empty).get(f"/service/levels/reports/{NOW}/pdf").status == 200
    report = empty.reports.asked[-1]
    assert report_pdf(report).startswith(b"%PDF-")
    assert report["missed"] == report["recoveries"] == report["downtime"] == []


def test_only_who_sees_the_figures_saves_the_report_and_only_of_months_that_there_are(world: FakeWorld) -> None:
    browser = signed_in(world)
    assert browser.get("/service/levels/reports/2031-01/pdf").status == 404
    other = signed_in(portal_world(roles=frozenset({Role.SUPER_USER})))
    assert other.get(PATH).status == 403


def test_a_report_that_cannot_be_made_now_can_be_later(world: FakeWorld) -> None:
    browser = signed_in(world)

    def fail(call: str) -> None:
        if call == "reports.pdf":
            raise TemporaryFailure("busy")

    world.hook = fail
    assert browser.get(PATH).status == 503


def test_free_text_that_no_font_has_does_not_prevent_the_report(world: FakeWorld) -> None:
    begun = MISSED.start + timedelta(days=2)
    world.recovery_store.save(Recovery(begun, "\u65e5", begun + timedelta(hours=9)))
    assert report_pdf(asked(world)).startswith(b"%PDF-")
