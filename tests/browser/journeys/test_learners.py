"""Somebody of a provider finds, registers and prints, and decides whether a learner is registered already."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from chalicelib.domain.access import Role
from chalicelib.domain.pending_matches import PendingMatch, PendingReason
from tests.browser.journeys.conftest import Reception
from tests.browser.journeys.hands import Mouse
from tests.builders.accounts import account
from tests.builders.achievements import learner as learner_with_a_record
from tests.builders.learners import details, learner
from tests.builders.organisations import OURS, provider
from tests.builders.portal import UKPRN, hold, portal_world
from tests.builders.records import named, world_of_records
from tests.fakes.world import FakeWorld

BORN = {"#date_of_birth-day": "9", "#date_of_birth-month": "1", "#date_of_birth-year": "2003"}
NEW = {"#given_name": "Gethin", "#family_name": "Rowlands", **BORN, "#last_known_post_code": "CF10 1AA"}


@pytest.fixture
def world() -> FakeWorld:
    """A provider, and a learner with a record."""
    world = world_of_records()
    world.accounts.put(provider(OURS))
    hold(world, account(ukprn=OURS, roles=frozenset({Role.LRB_ONLINE_USER})))
    return world


def register(hand: Mouse) -> None:
    hand.follow("Learner Management")
    hand.follow("Find by details if you do not know the ULN")
    hand.enter(NEW)
    hand.select("#gender", "Male")
    hand.submit("Find")
    hand.see("No learner found")
    hand.follow("Register this learner")
    hand.select_first("#verification_type")
    hand.submit("Continue")
    hand.follow("Select privacy notice")
    hand.choose("#ability_to_share")
    hand.submit("Continue")
    hand.see("Check the details before you register the learner")
    hand.submit("Register the learner")
    hand.see("Learner registered")


def print_a_record(hand: Mouse, *, has_javascript: bool) -> None:
    known = named(learner_with_a_record())
    hand.follow("Personal Learning Record")
    hand.enter({
        "#uln": known.uln,
        "#given_name": known.given_name,
        "#family_name": known.family_name,
    })  # fmt: skip
    hand.submit("View the record")
    hand.see("Personal Learning Record")
    hand.follow("Create a report")
    hand.submit("Create the report")
    expect(hand.page.get_by_text("Printed for")).to_be_visible()
    if has_javascript:
        hand.page.evaluate("window.print = () => { document.title = 'printed'; }")
        hand.submit("Print this page")
        expect(hand.page).to_have_title("printed")
    else:
        expect(hand.page.locator("noscript p")).to_have_text("Print this page with your browser.")
    hand.page.emulate_media(media="print")
    expect(hand.page.get_by_role("rowheader", name="Sample diploma").first).to_be_visible()
    expect(hand.page.get_by_role("link", name="Save as PDF")).to_be_hidden()


@pytest.mark.req("ULN-02", "ULN-03", "PLR-01", "PLR-03")
def test_a_learner_is_searched_for_and_registered_and_a_record_is_printed(
    visitor: Reception, world: FakeWorld, kind: type[Mouse], has_javascript: bool
) -> None:
    hand = kind(visitor(world))
    register(hand)
    print_a_record(hand, has_javascript=has_javascript)
    assert "Gethin" in {one.details.given_name for one in world.learner_register.whole.values()}


@pytest.mark.req("ULN-05")
def test_a_registration_is_compared_with_the_learner_it_resembles_and_gets_that_uln(visitor: Reception) -> None:
    world = portal_world(roles=frozenset({Role.LRB_ONLINE_USER}))
    theirs = learner()._replace(registered_by="10000009", last_updated_by="10000009")
    world.learner_register.put(theirs)
    submitted = details(given_name="Bronwyn", place_of_birth="Cardiff")
    world.pending_matches.open(
        PendingMatch(
            "P1", UKPRN, "records", "batch", world.clock(), PendingReason.POSSIBLE_MATCHES, submitted, (theirs.uln,)
        )
    )
    hand = Mouse(visitor(world, path="/exceptions"))
    hand.follow("Bronwyn Ashcombe")
    compared = hand.page.get_by_role("row").filter(has_text="Given name").first
    expect(compared).to_contain_text("Bronwyn")
    expect(compared).to_contain_text("Bronwen")
    hand.submit("Continue")
    hand.press(hand.page.get_by_role("alert").get_by_role("link"))
    hand.choose(f"[name=decision][value='{theirs.uln}']")
    hand.submit("Continue")
    hand.submit("Use this ULN")
    hand.see("Decision on the registration of Bronwyn Ashcombe")
    hand.follow("Registrations waiting for a decision")
    expect(hand.page.get_by_text("Nothing is waiting for a decision.")).to_be_visible()
