"""Emails to every organisation about maintenance in core hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.cloud.events import noticed
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.maintenance import Environment, Window, WindowKind
from chalicelib.ports.errors import MailRefused, TemporaryFailure
from chalicelib.services.maintenance import Order
from tests.builders.organisations import organisation
from tests.fakes import START, FakeWorld

pytestmark = pytest.mark.req("SLA-05", "IDM-13")

HOUR = timedelta(hours=1)
MANAGER = Caller("", "manager", "", frozenset(), Channel.OPERATOR, "r")
FIX = Order(WindowKind.EMERGENCY, START, START + HOUR, "A fix")
PORTAL = "https://portal.example"


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    for number in range(1, 6):
        world.accounts.put(organisation(f"9000000{number}"))
    world.accounts.put(organisation("90000006", status="suspended"))
    world.accounts.put(organisation("90000007", batch_email=""))
    return world


def enter(world: FakeWorld, order: Order = FIX, environment: Environment = Environment.LIVE) -> Window:
    return world.services(portal_url=PORTAL).maintenance.enter(MANAGER, environment, order).window


def deliver(world: FakeWorld) -> None:
    """Handle every notice message, as ``send_notice`` does."""
    notices = world.services(portal_url=PORTAL).maintenance_notices
    waiting = world.queues.waiting["notices"]
    while waiting:
        about = noticed(waiting.popleft())
        if about.organisation:
            notices.run(about.name, about.organisation)
        else:
            notices.find_organisations(about.name, about.after)


def test_an_emergency_in_core_hours_is_announced_to_every_active_organisation_with_an_address(world: FakeWorld) -> None:
    enter(world)
    deliver(world)
    assert sorted(mail.to for mail in world.mail.sent) == [f"batch@9000000{number}.example" for number in range(1, 6)]
    (subject,) = {mail.subject for mail in world.mail.sent}
    (body,) = {mail.body for mail in world.mail.sent}
    assert subject == "Emergency maintenance: Monday 2 March 2026, 09:00 GMT"
    assert "Until: Monday 2 March 2026, 10:00 GMT" in body
    assert "What is done: A fix" in body
    assert "extended by at least this time" in body
    assert f"{PORTAL}/status" in body


def test_agreed_maintenance_in_core_hours_is_announced_too(world: FakeWorld) -> None:
    enter(world, Order(WindowKind.AGREED, START + HOUR, START + 2 * HOUR, "Release", "Data Advisory Group"))
    deliver(world)
    assert len(world.mail.sent) == 5
    assert "Agreed with: Data Advisory Group" in world.mail.sent[0].body
    assert "extended" not in world.mail.sent[0].body


def test_maintenance_outside_core_hours_is_only_published(world: FakeWorld) -> None:
    enter(world, Order(WindowKind.PLANNED, START + 10 * HOUR, START + 12 * HOUR, "Release"))
    enter(world, Order(WindowKind.EMERGENCY, START + 13 * HOUR, START + 14 * HOUR, "A fix at night"))
    assert not world.queues.sent


def test_maintenance_of_the_other_environment_is_announced_there(world: FakeWorld) -> None:
    enter(world, environment=Environment.COMPATIBILITY)
    assert not world.queues.sent


def test_a_change_and_a_cancellation_are_announced_even_if_they_free_the_core_hours(world: FakeWorld) -> None:
    agreed = Order(WindowKind.AGREED, START + HOUR, START + 2 * HOUR, "Release", "Data Advisory Group")
    window = enter(world, agreed)
    deliver(world)
    schedule = world.services(portal_url=PORTAL).maintenance
    later = Order(start=START + 10 * HOUR, end=START + 11 * HOUR)
    changed = schedule.change(MANAGER, window.window_id, 1, later).window
    deliver(world)
    assert "Monday 2 March 2026, 19:00 GMT" in world.mail.sent[-1].subject
    back = Order(start=START + 3 * HOUR, end=START + 4 * HOUR)
    changed = schedule.change(MANAGER, window.window_id, changed.revision, back).window
    schedule.cancel(MANAGER, window.window_id, changed.revision)
    deliver(world)
    assert world.mail.sent[-1].subject.startswith("Planned maintenance cancelled: ")


def test_an_announcement_that_was_not_sent_is_sent_when_the_window_is_entered_again(world: FakeWorld) -> None:
    world.hook = lambda name: (_ for _ in ()).throw(TemporaryFailure(name)) if name == "queues.send" else None
    with pytest.raises(TemporaryFailure):
        enter(world)
    world.hook = lambda name: None
    enter(world)
    deliver(world)
    assert len(world.mail.sent) == 5
    assert len(world.schedules.held.windows) == 1


@pytest.mark.parametrize("act", ["change", "cancel"])
def test_so_is_that_of_a_change_or_a_cancellation_when_it_is_made_again(act: str, world: FakeWorld) -> None:
    window = enter(world, Order(WindowKind.AGREED, START + HOUR, START + 2 * HOUR, "Release", "Data Advisory Group"))
    world.queues.sent.clear()
    schedule = world.services(portal_url=PORTAL).maintenance

    def make() -> None:
        if act == "cancel":
            schedule.cancel(MANAGER, window.window_id, 1)
        else:
            schedule.change(MANAGER, window.window_id, 1, Order(end=START + 3 * HOUR))

    world.hook = lambda name: (_ for _ in ()).throw(TemporaryFailure(name)) if name == "queues.send" else None
    with pytest.raises(TemporaryFailure):
        make()
    world.hook = lambda name: None
    make()
    assert len(world.queues.sent) == 1
    assert world.schedules.held.windows[0].revision == 2


def test_an_address_that_is_refused_stops_nobody_else(world: FakeWorld) -> None:
    window = enter(world)
    notices = world.services(portal_url=PORTAL).maintenance_notices
    world.hook = lambda name: (_ for _ in ()).throw(MailRefused(name)) if name == "mail.send" else None
    assert notices.run(window.window_id, "90000001") is False
    world.hook = lambda name: None
    assert notices.run(window.window_id, "90000002") is True
    assert notices.run(window.window_id, "90000007") is False
    assert notices.run("MW-unknown", "90000002") is False
