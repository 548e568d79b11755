"""Recoveries from disaster and downtime, for service managers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.access import Role
from chalicelib.domain.recoveries import Recovery
from chalicelib.web.portal import downtime_pages, recovery_pages
from chalicelib.web.portal.drafts import Draft
from chalicelib.web.portal.visits import Page, View
from tests.browser.cases.case import HOSTILE, IN, LONG, Case
from tests.builders.portal import visit
from tests.fakes.calls import START
from tests.fakes.world import FakeWorld

_HOUR: Final = timedelta(hours=1)
_RECOVERIES, _DOWNTIME = "/service/recoveries", "/service/downtime"
_DATE: Final = {f"{name}-{part}": [text] for name in ("start", "end") for part, text in (("day", "31"), ("month", "2"))}
_PERIOD: Final = {"start": "2026-02-27", "start_time": "10:00", "end": "2026-02-27", "end_time": "12:30"}


def _world(*, is_running: bool) -> FakeWorld:
    """A recovery in each state, and downtime."""
    world = FakeWorld()
    world.recovery_store.save(Recovery(START - 300 * _HOUR, "Loss of a table", START - 298 * _HOUR))
    world.recovery_store.save(Recovery(START - 200 * _HOUR, f"{HOSTILE} {LONG}", START - 20 * _HOUR))
    if is_running:
        world.recovery_store.save(Recovery(START - _HOUR / 2, "Loss of the region"))
    for hours in (30, 100):
        world.outages.record(START - hours * _HOUR, START - (hours - 2) * _HOUR)
    return world


def _case(
    name: str, view: View, world: FakeWorld, path: str = _RECOVERIES, draft: Draft | None = None, **given: Any
) -> Case:
    """The page that a view makes, to somebody who has entered this draft."""
    seen = visit(world, {Role.SERVICE_MANAGER}, **given)
    kind = _DOWNTIME if path == _DOWNTIME else f"{_RECOVERIES}/invoke"
    kept = replace(seen.person.kept, criteria={kind: draft.written()} if draft else {})
    page = view.show(replace(seen, session=replace(seen.person, kept=kept)))
    assert isinstance(page, Page)
    return Case(name, page.template, page.context, replace(IN, path=path), page.status)


_OVER, _RUNNING, _EMPTY = _world(is_running=False), _world(is_running=True), FakeWorld()
_ENDED: Final = {
    "recovery": [(START - 300 * _HOUR).isoformat()],
    **{f"reinstated-{part}": [text] for part, text in (("day", "1"), ("month", "3"), ("year", "2026"))},
    "reinstated_time": ["10:00"],
}
_INVOCATION: Final = Draft(id="draft", shown={"reason": f"{HOSTILE} {LONG}", "at": START.isoformat()})

CASES: Final = (
    _case("recoveries", recovery_pages.show_recoveries, _RUNNING),
    _case("recoveries-over", recovery_pages.show_recoveries, _OVER),
    _case("recoveries-none", recovery_pages.show_recoveries, _EMPTY),
    _case("recoveries-invoke", recovery_pages.show_invocation, _OVER),
    _case("recoveries-invoke-wrong", recovery_pages.submit_invocation, _OVER, entered={"invoked_time": [HOSTILE]}),
    _case("recoveries-check", recovery_pages.show_invocation_check, _OVER, draft=_INVOCATION),
    _case(
        "recoveries-check-running",
        recovery_pages.submit_invocation_check,
        _RUNNING,
        draft=_INVOCATION,
        entered={"draft": ["draft"]},
    ),
    _case("recoveries-reinstate", recovery_pages.show_service_reinstatement, _RUNNING),
    _case(
        "recoveries-reinstate-wrong",
        recovery_pages.submit_service_reinstatement,
        _RUNNING,
        entered={"recovery": [(START - _HOUR / 2).isoformat()], "reinstated_time": [HOSTILE]},
    ),
    _case("recoveries-ended", recovery_pages.submit_service_reinstatement, _OVER, entered=_ENDED),
    _case("downtime", downtime_pages.show_downtime, _OVER, _DOWNTIME),
    _case("downtime-none", downtime_pages.show_downtime, _EMPTY, _DOWNTIME),
    _case(
        "downtime-wrong",
        downtime_pages.submit_downtime,
        _OVER,
        _DOWNTIME,
        entered={**_DATE, "start_time": [HOSTILE], "end_time": [LONG]},
    ),
    _case(
        "downtime-check",
        downtime_pages.show_downtime_check,
        _OVER,
        _DOWNTIME,
        draft=Draft(id="draft", texts=_PERIOD),
    ),
)
