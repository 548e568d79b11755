"""The maintenance schedule, for service managers and for everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.access import Role
from chalicelib.domain.maintenance import Environment, Window, WindowKind
from chalicelib.ports.levels import Schedule
from chalicelib.web.portal import maintenance_pages, status_pages
from chalicelib.web.portal.rendering import Chrome
from chalicelib.web.portal.visits import Page, View
from tests.browser.cases.case import HOSTILE, IN, LONG, OUT, Case
from tests.builders.portal import visit
from tests.fakes.calls import START
from tests.fakes.world import FakeWorld

PATH: Final = "/service/maintenance"
_HOUR: Final = timedelta(hours=1)


def _window(name: str, hours: int, **changes: Any) -> Window:
    start = START + hours * _HOUR
    values: dict[str, Any] = {
        "window_id": f"MW-{name}",
        "environment": Environment.LIVE,
        "kind": WindowKind.PLANNED,
        "start": start,
        "end": start + 3 * _HOUR,
        "reason": "Release 2.4",
        "announced_at": START - 48 * _HOUR,
        "changed_at": START - 24 * _HOUR,
    }
    return Window(**{**values, **changes})


def world_with_windows() -> FakeWorld:
    """A window of each kind and in each state."""
    world = FakeWorld()
    windows = (
        _window("now", -1, kind=WindowKind.EMERGENCY, reason=f"{HOSTILE} {LONG}"),
        _window("next", 100, kind=WindowKind.AGREED, agreed_with=HOSTILE),
        _window("cancelled", 200, is_cancelled=True),
        _window("over", -30),
        _window("other", 130, environment=Environment.COMPATIBILITY),
    )
    world.schedules.save(Schedule(windows, 1))
    return world


_WORLD: Final = world_with_windows()
_NEXT: Final = {"window": "MW-next"}
_WRONG: Final = {"reason": [HOSTILE], "start-day": ["31"], "start-month": ["2"], "start-year": ["2026"]}
_CHANGED: Final = {
    **{name: [text] for name, text in {"kind": "planned", "reason": HOSTILE, "agreed_with": ""}.items()},
    **{f"{name}-{part}": ["7"] for name in ("start", "end") for part in ("day", "month")},
    **{f"{name}-year": ["2026"] for name in ("start", "end")},
    "start_time": ["20:00"], "end_time": ["23:00"],
}  # fmt: skip


def _case(
    name: str, view: View, world: FakeWorld = _WORLD, path: str = PATH, chrome: Chrome = IN, **given: Any
) -> Case:
    """The page that a view makes."""
    page = view.show(visit(world, {Role.SERVICE_MANAGER}, **given))
    assert isinstance(page, Page)
    return Case(name, page.template, page.context, replace(chrome, path=path), page.status)


CASES: Final = (
    _case("status", status_pages.show_status, path="/status", chrome=OUT),
    _case("status-open", status_pages.show_status, FakeWorld(), path="/status", chrome=OUT),
    _case("maintenance", maintenance_pages.show_maintenance),
    _case("maintenance-none", maintenance_pages.show_maintenance, FakeWorld()),
    _case("maintenance-new", maintenance_pages.show_new_window, path=f"{PATH}/new"),
    _case("maintenance-new-wrong", maintenance_pages.submit_new_window, path=f"{PATH}/new", entered=_WRONG),
    *(
        _case(f"maintenance-window-{name}", maintenance_pages.show_window, names={"window": f"MW-{name}"})
        for name in ("now", "next", "cancelled", "over")
    ),
    _case("maintenance-change", maintenance_pages.show_window_change, names=_NEXT),
    _case("maintenance-change-wrong", maintenance_pages.submit_window_change, names=_NEXT, entered=_WRONG),
    _case("maintenance-conflict", maintenance_pages.submit_window_change, names=_NEXT, entered=_CHANGED),
    _case("maintenance-cancel", maintenance_pages.show_window_cancellation, names=_NEXT),
    _case("maintenance-cancel-conflict", maintenance_pages.submit_window_cancellation, names=_NEXT),
    _case("maintenance-end", maintenance_pages.show_window_end, names={"window": "MW-now"}),
    _case(
        "maintenance-end-over",
        maintenance_pages.submit_window_end,
        names={"window": "MW-over"},
        entered={"revision": ["1"]},
    ),
)
