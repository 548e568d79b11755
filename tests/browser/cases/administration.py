"""Administrators' pages: reference lists, loads of registers, stuck jobs, settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from chalicelib.domain.access import Role
from chalicelib.domain.aims import AimReference
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.organisation_fields import read_reason
from chalicelib.domain.register_checks import Doubt, Objection
from chalicelib.domain.registers import Change
from chalicelib.formats.registers.register_files import RowFault
from chalicelib.services.imports import events
from chalicelib.services.imports.events import EventImport, FeedReport
from chalicelib.services.imports.loads import FeedLoad, Load
from chalicelib.services.imports.orders import ERROR, LoadKind, Order
from chalicelib.services.imports.registers import FileReport, ImportOutcome, ImportReport, StoredFile
from chalicelib.services.reference_lists import PACKAGED, Comparison, InForce, Version
from chalicelib.settings import Settings
from chalicelib.web.portal import administration_pages, list_pages, load_pages, stuck_pages
from chalicelib.web.portal.forms import form
from chalicelib.web.portal.rendering import Menu, MenuEntry
from chalicelib.web.portal.visits import Page, View
from tests.browser.cases.case import HOSTILE, IN, LONG, NOW, Case
from tests.browser.cases.levels import levels_world
from tests.builders.portal import visit
from tests.fakes.world import FakeWorld

_MENU: Final = Menu(
    (MenuEntry("Home", "/"), MenuEntry("Administration", "/admin/reference-lists", is_here=True)),
    (
        MenuEntry("Reference Lists", "/admin/reference-lists", is_here=True),
        MenuEntry("Loads", "/admin/register-loads"),
        MenuEntry("Stuck Jobs", "/admin/jobs"),
        MenuEntry("Settings", "/admin/settings"),
    ),
)
_ADMIN: Final = replace(IN, path="/admin/reference-lists", menu=_MENU)
_HERE: Final = (MenuEntry("Loads", "/admin/register-loads", is_here=True),)
_ON_LOADS: Final = replace(_ADMIN, path="/admin/register-loads", menu=Menu(_MENU.tabs, _HERE))
_NAMES: Final = tuple(list_pages.WORDS)
_FILES: Final = (FileReport("Qualifications.csv", "q", 61_204, 7), FileReport(f"{LONG}.csv", "u", 2, 0))
_LOADED: Final = ImportReport(
    ImportOutcome.PUBLISHED, "2026-11-20T02:00:00+00:00", "a", "b", "", _FILES, (AimReference("60012345"),)
)
_REFUSED: Final = replace(
    _LOADED,
    outcome=ImportOutcome.REFUSED,
    reason=HOSTILE,
    changed=(Change(AimReference("60012346"), ("title",)),),
    gone=tuple(AimReference(f"6001{number}") for number in range(1000, 1200)),
    objections=(Objection(Doubt.GONE, "Ofqual qualifications", "", 200, 1_000, 50), Objection(Doubt.EMPTY, HOSTILE)),
    stored=(StoredFile("registers/Qualifications.csv", "v1"),),
    faults=(RowFault(f"{LONG}.csv", 7, HOSTILE), RowFault("Units.csv", 0, "no title", refused=False)),
)
_FEED: Final = FeedReport(
    "census.csv", "school-data", 1_200, 1_100, 40, 53, 7, 0, (events.RowFault(7, "ULN", "VRC005", HOSTILE),)
)
_UNREADABLE: Final = FeedReport(f"{LONG}{HOSTILE}", unreadable=(events.RowFault(0, "", "ACB001", "It is empty."),))
_FED: Final = EventImport("2026-11-20T02:15:00+00:00", (_FEED, _UNREADABLE))
_ORDERED: Final = Order(3, NOW)
_ASKED: Final[dict[str, Any]] = {"after": 3, "is_open": False, "back": "/admin/register-loads"}


def _list(state: str, versions: Sequence[Version], failures: Sequence[Failure] = ()) -> Case:
    name = _NAMES[0]
    context = {"name": name, "meaning": list_pages.WORDS[name], "versions": versions, "back": "/admin"}
    page = list_pages.UPLOAD.page("admin/list.html.jinja", {}, failures, **context)
    return Case(f"admin-list{state}", page.template, page.context, _ADMIN, page.status)


def _comparison(state: str, found: Comparison, failures: Sequence[Failure] = ()) -> Case:
    context: dict[str, Any] = {"found": found, "shown": 3, "back": "/admin"}
    page = form().page("admin/comparison.html.jinja", {}, failures, **context)
    return Case(f"admin-comparison{state}", page.template, page.context, _ADMIN, page.status)


def _loads(state: str, orders: Sequence[Order], feeds: Sequence[EventImport] = (), *reports: ImportReport) -> Case:
    context = {
        "found": [load_pages.loaded(Load("20261120T020000.000000Z", one)) for one in reports],
        "feeds": [load_pages.fed(FeedLoad("20261120T021500.000000Z", one)) for one in feeds],
        "orders": [load_pages.ordered(kind, order, NOW) for kind, order in zip(LoadKind, orders, strict=True)],
        "words": load_pages.OUTCOMES,
    }
    return Case(f"admin-loads{state}", "admin/loads.html.jinja", context, _ON_LOADS)


def _load(name: str, page: Page) -> Case:
    return Case(f"admin-{name}", page.template, page.context, _ON_LOADS, page.status)


_WORLD: Final = levels_world()
_JOBS: Final = replace(
    _ADMIN,
    path="/admin/jobs",
    menu=Menu(_MENU.tabs, (MenuEntry("Loads", "/admin/register-loads"), *_MENU.options[2:])),
)


def _stuck(name: str, view: View, world: FakeWorld = _WORLD, **given: Any) -> Case:
    page = view.show(visit(world, {Role.ADMINISTRATOR}, **given))
    assert isinstance(page, Page)
    return Case(f"admin-{name}", page.template, page.context, _JOBS, page.status)


CASES: Final = (
    _stuck("jobs", stuck_pages.show_stuck_jobs),
    _stuck("jobs-none", stuck_pages.show_stuck_jobs, FakeWorld()),
    _stuck("job-end", stuck_pages.show_job_end, names={"job_id": "J1"}),
    _stuck("job-end-wrong", stuck_pages.submit_job_end, names={"job_id": "J1"}),
    _stuck("messages", stuck_pages.show_messages_again, names={"queue": "chunks"}),
    _stuck("messages-none", stuck_pages.show_messages_again, names={"queue": "intake"}),
    Case(
        "admin-lists",
        "admin/lists.html.jinja",
        {
            "found": [InForce(_NAMES[0], "v1", NOW), *(InForce(one, PACKAGED, None) for one in _NAMES[1:])],
            "words": list_pages.WORDS,
        },
        _ADMIN,
    ),
    _list("", (Version("v3", NOW), Version("v2", NOW), Version("v1", NOW))),
    _list("-packaged", ()),
    _list("-wrong", (), (failure("LRS-LIST-2", "List", reason="prohibited-words.txt, line 7: not UTF-8"),)),
    _comparison("", Comparison(_NAMES[0], ("mischief", HOSTILE, LONG, "x"), ("wickedness",), 61, "v1")),
    _comparison("-same", Comparison(_NAMES[0], (), (), 1, "v1")),
    _comparison("-conflict", Comparison(_NAMES[0], ("mischief",), (), 61, "v1"), (failure("LRS-REQ-13"),)),
    _loads("", (_ORDERED, Order(1, NOW, True, {"waiting": 2, "files": []})), [_FED], _LOADED, _REFUSED),
    _loads("-none", (Order(), Order())),
    _loads("-begun", (Order(3, NOW, True), Order(3, NOW, True, {"waiting": 0, "files": [1]}))),
    _loads("-ended", (Order(3, NOW, True, {"outcome": "refused"}), Order(3, NOW, True, {ERROR: "Missing"}))),
    _load("load", load_pages.load_page(_LOADED, accept="", **_ASKED)),
    _load("load-refused", load_pages.load_page(_REFUSED, accept="/admin/register-loads/x/accept", **_ASKED)),
    _load("load-in-progress", load_pages.load_page(_REFUSED, accept="", **{**_ASKED, "is_open": True})),
    _load("feed-load", load_pages.feed_page(_FED, **_ASKED)),
    _load("load-acceptance", load_pages.acceptance(_REFUSED, {}, **_ASKED)),
    _load("load-acceptance-wrong", load_pages.acceptance(_REFUSED, {}, read_reason({}), **_ASKED)),
    _load("load-acceptance-in-progress", load_pages.acceptance(_REFUSED, {}, **{**_ASKED, "is_open": True})),
    Case(
        "admin-settings",
        "admin/settings.html.jinja",
        {"found": administration_pages.settings_of(Settings(portal_url=f"https://{LONG.lower()}.example.org"))},
        _ADMIN,
    ),
)
