"""Service levels, batch deadlines: the pages of service managers about how the service performs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import ACHIEVEMENTS, Job, JobStatus, Source
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.recoveries import Recovery
from chalicelib.web.portal import level_pages, operation_pages
from chalicelib.web.portal.visits import Page, View
from tests.browser.cases.case import HOSTILE, IN, LONG, Case
from tests.builders.levels import hold_months
from tests.builders.portal import visit
from tests.fakes.calls import START
from tests.fakes.world import FakeWorld

_NOW: Final = Month.of(START)
_MISSED: Final = _NOW.previous.previous
_WEB: Final = {"function": "VLD-01"}


def levels_world() -> FakeWorld:
    """Thirteen months, with a breach, a recovery and downtime."""
    world = FakeWorld()
    hold_months(world, _NOW, faults={_NOW: 4, _MISSED: 60})
    begun = _MISSED.start + timedelta(hours=8)
    world.recovery_store.save(Recovery(begun, f"{HOSTILE} {LONG}", begun + timedelta(hours=9)))
    world.recovery_store.save(Recovery(START - timedelta(hours=1), "Loss of a table"))
    world.outages.record(begun, begun + timedelta(hours=3))
    for number, hours in enumerate((1, 25, 37, 49)):
        at = START - timedelta(hours=hours)
        job = Job(f"J{number}", ACHIEVEMENTS, "10000001", HOSTILE, "", "portal", LONG, at, records=9_000)
        status = JobStatus.IN_PROGRESS if number else JobStatus.WAITING
        world.jobs.create(replace(job, status=status, source=Source("inbox", LONG, "1")))
        world.queues.waiting["chunks_dead"].append("{}")
    return world


_WORLD: Final = levels_world()
_EMPTY: Final = FakeWorld()


def _case(name: str, view: View, world: FakeWorld = _WORLD, path: str = "/service/levels", **given: Any) -> Case:
    """The page that a view makes."""
    page = view.show(visit(world, {Role.SERVICE_MANAGER}, **given))
    assert isinstance(page, Page)
    return Case(name, page.template, page.context, replace(IN, path=path), page.status)


CASES: Final = (
    _case("levels-month", level_pages.show_service_levels),
    _case("levels-month-missed", level_pages.show_service_levels, query={"month": str(_MISSED)}),
    _case("levels-month-nothing", level_pages.show_service_levels, _EMPTY),
    _case("levels-report", level_pages.show_service_report, names={"month": str(_MISSED)}),
    _case("levels-report-so-far", level_pages.show_service_report, names={"month": str(_NOW)}),
    _case("levels-function", level_pages.show_level_history, names=_WEB),
    _case("levels-function-files", level_pages.show_level_history, names={"function": "ACH-06"}),
    _case("levels-function-nothing", level_pages.show_level_history, _EMPTY, names=_WEB),
    _case("levels-faults", level_pages.show_level_faults, names=_WEB, query={"month": str(_MISSED)}),
    _case("levels-faults-none", level_pages.show_level_faults, _EMPTY, names=_WEB),
    _case("deadlines", operation_pages.show_deadlines, path="/service/deadlines"),
    _case("deadlines-none", operation_pages.show_deadlines, _EMPTY, path="/service/deadlines"),
)
