"""Loads of registers and feeds on administrators' pages: now, again, and in spite of doubts (QUAL-01, PLR-01)."""

from __future__ import annotations

import re
from datetime import timedelta
from types import ModuleType

import pytest

from chalicelib.domain.access import Role
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.imports.orders import LONGEST, LoadKind
from functions import import_events, import_register
from local.lambda_runtime.invocation import LambdaContext
from tests.builders.portal import Browser, Seen, signed_in
from tests.fakes.world import FakeWorld
from tests.services.test_qualifications import HeldVersions, numbers, plain
from tests.unit.test_portal_administration import admin_world

LOADS = "/admin/register-loads"
REGISTERS, FEEDS = f"{LOADS}/registers", f"{LOADS}/feeds"
FILE = ("catalogue", "registers/Qualifications.csv")
MODULES: dict[str, ModuleType] = {"import_register": import_register, "import_events": import_events}
pytestmark = pytest.mark.req("QUAL-01")


class Loading:
    """An administrator, and the functions that the portal starts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world: FakeWorld = admin_world()
        self.world.catalogues = self.versions = HeldVersions()  # type: ignore[assignment]
        self.browser = signed_in(self.world)
        made = self.world.services()
        for module in MODULES.values():
            monkeypatch.setattr(module, "services", lambda **_: made)

    def run(self) -> list[dict[str, object]]:
        """Have the functions run that were started, each event twice, as Lambda may deliver it."""
        started, self.world.functions.started = self.world.functions.started, []
        context = LambdaContext("import", 512, "1", 1e7)
        return [MODULES[name].handler(event, context) for name, event in started for _ in range(2)]

    def load(self, data: bytes) -> None:
        """A file has arrived, and is loaded by hand."""
        self.world.clock.advance(timedelta(minutes=10))
        self.world.files.put(*FILE, data)
        self.start(REGISTERS)
        self.run()

    def start(self, path: str) -> Seen:
        """Press the button of the list."""
        return self.browser.submit(path, after=self.after(path))

    def after(self, path: str) -> str:
        """What the form for this path says of the orders before it."""
        self.browser.open(LOADS)
        found = re.search(
            rf'action="{path}" novalidate>.*?name="after" value="(\d+)"', self.browser.seen.body, re.DOTALL
        )
        return found[1] if found else "none"

    def refused(self) -> str:
        """The page that accepts the load that was refused last."""
        name = self.world.services().loads.registers()[0].name
        return f"{REGISTERS}/{name}/accept"

    def said(self) -> str:
        return self.browser.open(LOADS).text


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> Loading:
    return Loading(monkeypatch)


def deeds(world: FakeWorld) -> list[tuple[str, str, str]]:
    found = [one for one in world.audit.held.values() if one.subject.startswith("LOAD#")]
    return [(one.action, one.subject, one.detail.get("reason", "")) for one in sorted(found, key=lambda one: one.at)]


def test_new_files_are_loaded_at_once_and_the_page_shows_how_far_it_is(loading: Loading) -> None:
    loading.world.files.put(*FILE, plain(numbers(3)))
    loading.world.clock.advance(timedelta(minutes=10))
    assert loading.start(REGISTERS).location == LOADS
    seen = loading.said()
    assert "The load has started." in seen
    assert "is about to start. Refresh to check for an update" in seen
    assert loading.browser.seen.body.count("Load new files now") == 1  # for feeds
    assert [outcome.get("outcome") for outcome in loading.run()] == ["published", "begun before"]
    seen = loading.said()
    assert "was started on" in seen
    assert "In force" in seen
    assert len(loading.versions.published) == 1
    loading.start(REGISTERS)
    loading.run()
    assert "No new files" in loading.said()
    assert deeds(loading.world) == [("load-started", "LOAD#registers", "")] * 2


@pytest.mark.parametrize("path", [REGISTERS, FEEDS])
def test_a_double_click_and_two_people_at_once_start_one_load(loading: Loading, path: str) -> None:
    after, token = loading.after(path), loading.browser.seen.token
    for _ in range(2):
        assert loading.browser.submit(path, token=token, after=after).location == LOADS
    assert "A load has been started already. This one was not." in loading.said()
    loading.run()
    loading.browser.submit(path, token=token, after=after)  # when it has ended: a page of before
    assert loading.world.functions.started == []
    assert len(deeds(loading.world)) == 1


def test_a_refused_load_is_accepted_once_with_a_reason_after_what_would_change_was_shown(loading: Loading) -> None:
    loading.load(plain(numbers(40)))
    loading.load(plain(numbers(2)))  # too many are gone
    place = loading.refused()
    assert f'href="{place}"' in loading.browser.open(place.removesuffix("/accept")).body
    seen = loading.browser.open(place)
    assert seen.title == "Accept this load?"
    assert "38 of 40 (95%) would go" in seen.text
    assert "No longer in the register: 38" in seen.text
    assert numbers(40)[39] in seen.text
    wrong = loading.browser.submit(place, reason="", after="2")
    assert wrong.errors == ["Enter reason"]
    for _ in range(2):  # a double click
        assert loading.browser.submit(place, token=seen.token, reason="Asked <b> Ofqual", after="2").location == LOADS
    assert loading.world.functions.started[0][1]["accept"] == f"imports/{place.split('/')[-2]}.json"
    assert [one.get("outcome") for one in loading.run()] == ["published", "begun before"]
    assert len(loading.versions.published) == 2
    assert deeds(loading.world)[-1] == ("load-accepted", "LOAD#registers", "Asked <b> Ofqual")
    assert [action for action, _, _ in deeds(loading.world)].count("load-accepted") == 1
    assert loading.browser.open(place).title == "Loads"  # nothing is left to accept
    assert "This load cannot be accepted." in loading.browser.seen.text
    assert loading.browser.submit(place, reason="Once more", after="3").location == LOADS
    assert loading.world.functions.started == []


def test_a_load_is_not_accepted_when_the_registers_have_changed_since(loading: Loading) -> None:
    loading.load(plain(numbers(40)))
    loading.load(plain(numbers(2)))
    place = loading.refused()
    loading.browser.open(place)
    token = loading.browser.seen.token
    loading.load(plain(numbers(41)))
    assert loading.browser.submit(place, token=token, reason="Sure", after="3").location == LOADS
    assert "This load cannot be accepted." in loading.said()
    assert loading.world.functions.started == []


def test_the_files_of_a_load_are_loaded_again_as_they_are_now(loading: Loading) -> None:
    loading.load(plain(numbers(3)))
    name = loading.world.services().loads.registers()[0].name
    loading.world.clock.advance(timedelta(minutes=10))
    loading.world.files.put(*FILE, plain(numbers(4)))
    seen = loading.browser.open(f"{REGISTERS}/{name}")
    assert seen.title == "Load of registers"
    assert loading.browser.submit(f"{REGISTERS}/{name}", after="1").location == LOADS
    assert loading.world.functions.started[0][1]["files"] == ["registers/Qualifications.csv"]
    assert "A load is in progress." in loading.browser.open(f"{REGISTERS}/{name}").text
    loading.run()
    assert len(loading.versions.published) == 2


@pytest.mark.req("PLR-01")
def test_a_feed_is_loaded_again_and_what_cannot_be_read_is_shown(loading: Loading) -> None:
    loading.world.files.put("catalogue", "feeds/census<b>.csv", b"Something,Else\n1,2\n")
    loading.start(FEEDS)
    loading.run()
    seen = loading.browser.open(LOADS)
    assert "census&lt;b&gt;.csv (cannot be read)" in seen.body
    (path,) = set(re.findall(rf'href="({FEEDS}/[^"]+)"', seen.body))
    seen = loading.browser.open(path)
    assert "Rows: 0." in seen.text
    assert loading.browser.submit(path, after="1").location == LOADS
    assert loading.world.functions.started[0][1]["files"] == ["feeds/census<b>.csv"]
    loading.world.files.remove("catalogue", "feeds/census<b>.csv")
    with pytest.raises(Exception, match="Missing"):
        loading.run()
    assert "failed. Operators find the reason in the log." in loading.said()
    assert loading.browser.get(f"{path}/accept").status == 404


def test_a_load_that_cannot_be_started_can_be_ordered_again_at_once(loading: Loading) -> None:
    def hook(name: str) -> None:
        if name == "functions.start":
            raise TemporaryFailure(name)

    after, loading.world.hook = loading.after(REGISTERS), hook  # type: ignore[assignment]
    assert loading.browser.submit(REGISTERS, after=after).status == 503
    loading.world.hook = lambda _: None
    assert "failed. Operators find the reason in the log." in loading.said()
    assert loading.start(REGISTERS).location == LOADS
    assert len(loading.run()) == 2


def test_a_load_without_an_answer_does_not_bar_the_next_one_for_ever(loading: Loading) -> None:
    loading.start(REGISTERS)
    loading.world.clock.advance(LONGEST)
    order = loading.world.services().loads.order(LoadKind.REGISTERS)
    assert (order.number, order.is_open(loading.world.clock())) == (1, False)
    assert "failed" in signed_in(loading.world).open(LOADS).text


@pytest.mark.parametrize(
    "path",
    [f"{LOADS}/lists", f"{REGISTERS}/x", f"{REGISTERS}/20260101T000000.000000Z", f"{FEEDS}/..", f"{FEEDS}/x/accept"],
)
def test_there_are_no_other_loads(loading: Loading, path: str) -> None:
    loading.browser.open(LOADS)
    assert loading.browser.submit(path, after="0", reason="Sure").status == 404
    assert loading.world.functions.started == []


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("role", [Role.SERVICE_DESK, Role.SERVICE_MANAGER, Role.SUPER_USER])
def test_only_administrators_start_loads(role: Role) -> None:
    world = admin_world(role)
    browser: Browser = signed_in(world)
    for path in (REGISTERS, f"{REGISTERS}/20260101T000000.000000Z", f"{REGISTERS}/20260101T000000.000000Z/accept"):
        assert browser.submit(path, after="0", reason="Sure").status == 403
    assert world.functions.started == []


def test_an_order_names_an_order() -> None:
    with pytest.raises(ValueError, match="not an order"):
        FakeWorld().services().load_orders.carried_out({"order": "snapshots/x"}, dict)
