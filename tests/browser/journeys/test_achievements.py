"""Somebody of an awarding organisation signs in for the first time, and manages an achievement: mouse, and keyboard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from chalicelib.domain.accounts import Password
from tests.browser.journeys.conftest import Reception, Visitor
from tests.browser.journeys.hands import Mouse
from tests.builders.accounts import account
from tests.builders.achievements import PROVIDER, learner, uln, world_with
from tests.builders.organisations import OURS
from tests.builders.portal import NAME, NEW, RIGHT, hold
from tests.fakes.world import FakeWorld

KEY = {
    "#uln": uln(0),
    "#given_name": "Amelia",
    "#family_name": "Thornbury",
    "#unit_or_qualification_reference_number": "600/1234/1",
    "#achievement_award_date-day": "20",
    "#achievement_award_date-month": "2",
    "#achievement_award_date-year": "2026",
}
DATED = {"#action_date-day": "27", "#action_date-month": "2", "#action_date-year": "2026"}


@pytest.fixture
def world() -> FakeWorld:
    world = world_with(learner(0))
    one_time = Password("hash:Correct-Horse1", world.clock(), is_one_time=True)
    hold(world, replace(account(ukprn=OURS), password=one_time, question=None))
    return world


def sign_in_for_the_first_time(hand: Mouse) -> None:
    page = hand.page
    hand.enter({"#user_name": NAME, "#password": RIGHT})
    hand.press(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a new password")
    hand.enter({"#password": RIGHT, "#new_password": NEW, "#new_password_again": NEW})
    hand.press(page.locator("main").get_by_role("button").last)
    hand.press(page.get_by_role("button", name="Accept"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a secret question")
    hand.select_first("#question")
    hand.enter({"#answer": "Rex the cat", "#answer_again": "Rex the cat"})
    hand.press(page.locator("main").get_by_role("button").last)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Amelia Okafor")


def manage_an_achievement(hand: Mouse) -> None:
    page = hand.page
    heading = page.get_by_role("heading", level=1)
    hand.press(page.get_by_role("link", name="Achievement Management"))
    hand.press(page.get_by_role("link", name="Create Achievement"))
    hand.enter({**KEY, "#grade": "Brilliant", "#provider_ukprn": PROVIDER})
    hand.press(page.get_by_role("button", name="Continue"))
    hand.press(page.get_by_role("alert").get_by_role("link", name="The grade is not one"))
    hand.enter({"#grade": "pass"})
    hand.press(page.get_by_role("button", name="Continue"))
    expect(page.get_by_text("Sample diploma")).to_be_visible()
    hand.press(page.get_by_role("button", name="Create achievement"))
    expect(heading).to_have_text("Achievement created")
    hand.press(page.get_by_role("link", name="Manage Learner Achievements").first)
    for word in ("Withdraw", "Reinstate"):
        hand.press(page.get_by_role("link", name=f"{word} Achievement"))
        hand.enter(KEY)
        hand.press(page.get_by_role("button", name=f"Find achievement to {word.lower()}"))
        hand.enter(DATED)
        hand.choose("#action_reason")
        hand.press(page.get_by_role("button", name="Continue"))
        expect(heading).to_have_text("Check your answers")
        hand.press(page.get_by_role("button", name=f"{word} achievement"))
        done = page.get_by_role("alert").get_by_text("The achievement was")
        expect(done).to_be_visible()
        hand.press(page.get_by_role("link", name="Manage Learner Achievements"))


@pytest.mark.req("IDM-02", "ACH-01", "ACH-04", "ACH-05")
def test_an_achievement_is_created_withdrawn_and_reinstated(
    stranger: Visitor, world: FakeWorld, kind: type[Mouse]
) -> None:
    hand = kind(stranger(world))
    sign_in_for_the_first_time(hand)
    manage_an_achievement(hand)
    (held,) = world.achievements.held.values()
    assert [version.actions for version in held.history] == ["1", "3", "4"]
    assert {version.provenance.channel for version in held.history} == {"portal"}


@pytest.mark.req("ACH-04")
def test_the_back_button_after_a_withdrawal_and_a_form_sent_again_change_nothing(
    visitor: Reception, world: FakeWorld
) -> None:
    hold(world, account(ukprn=OURS))
    hand = Mouse(visitor(world, path="/achievements/create"))
    page = hand.page
    hand.enter(KEY)
    hand.press(page.get_by_role("button", name="Continue"))
    hand.press(page.get_by_role("button", name="Create achievement"))
    hand.press(page.get_by_role("link", name="View the achievement"))
    hand.press(page.get_by_role("link", name="Withdraw achievement"))
    hand.enter(DATED)
    hand.choose("#action_reason")
    hand.press(page.get_by_role("button", name="Continue"))
    page.get_by_role("button", name="Withdraw achievement").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Achievement")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("")
    page.goto(f"{page.url.split('/withdraw')[0]}/withdraw/check")
    expect(page.get_by_text("Nothing was done twice.")).to_be_visible()
    (held,) = world.achievements.held.values()
    assert [version.actions for version in held.history] == ["1", "3"]
