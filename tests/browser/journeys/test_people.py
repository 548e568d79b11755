"""Accounts of people, of organisations and of their systems, from the first page to the last."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from chalicelib.domain.access import Role
from tests.browser.journeys.conftest import Reception, Visitor
from tests.browser.journeys.hands import Mouse
from tests.builders.organisations import provider
from tests.builders.portal import NAME, NEW, UKPRN, portal_world

BEA = {"#given_name": "Bea", "#family_name": "Featherstone"}
CONTACT = {"#email_address": "bea@merrowdale.example.org", "#verification": "Staff ID checked"}


def value(hand: Mouse, name: str) -> str:
    """What the summary of the page says."""
    return hand.page.locator("dt", has_text=name).locator("xpath=following-sibling::dd").first.inner_text()


@pytest.mark.req("IDM-02", "IDM-06")
def test_a_super_user_creates_a_user_who_signs_in_for_the_first_time(visitor: Reception) -> None:
    world = portal_world(roles=frozenset({Role.SUPER_USER}))
    hand = Mouse(visitor(world, path="/users"))
    hand.enter(BEA)
    hand.submit("Find User")
    hand.press(hand.page.get_by_role("main").get_by_role("link", name="Create User"))
    hand.enter(CONTACT | {"#landline": "01632 960001"})
    hand.page.get_by_label(Role.QCF_USER.value, exact=True).check()
    hand.submit("Continue")
    hand.see("Check before you create the user")
    hand.submit("Create User")
    name, one_time = value(hand, "User name"), value(hand, "One-time password")
    hand.follow("Continue to the summary of the user")
    hand.see("Bea Featherstone")
    expect(hand.page.get_by_text(one_time)).to_have_count(0)
    hand.press(hand.page.get_by_role("button", name="Sign out").first)
    hand.follow("Sign in again")
    hand.enter({"#user_name": name, "#password": one_time})
    hand.submit("Sign in")
    hand.see("Choose a new password")
    hand.enter({"#password": one_time, "#new_password": NEW, "#new_password_again": NEW})
    hand.submit("Continue")
    hand.submit("Accept")
    hand.see("Choose a secret question")
    hand.select_first("#question")
    hand.enter({"#answer": "Rex the cat", "#answer_again": "Rex the cat"})
    hand.submit("Continue")
    expect(hand.heading).to_contain_text("Bea Featherstone")


@pytest.mark.req("IDM-05")
def test_a_forgotten_password_is_replaced_by_a_link(stranger: Visitor) -> None:
    world = portal_world()
    hand = Mouse(stranger(world))
    hand.follow("I have forgotten my password")
    hand.enter({"#user_name": NAME})
    hand.submit("Continue")
    hand.enter({"#answer": "wrong"})
    hand.submit("Continue")
    expect(hand.page.get_by_role("alert")).to_be_visible()
    hand.enter({"#answer": "Taylor"})
    hand.submit("Continue")
    hand.see("Check your email")
    link = re.search(r"/reset-password/\S+", world.mail.sent[-1].body)
    assert link is not None
    hand.page.goto(link[0])
    hand.enter({"#new_password": NEW, "#new_password_again": NEW})
    hand.submit("Change password")
    hand.follow("Sign in with your new password")
    hand.enter({"#user_name": NAME, "#password": NEW})
    hand.submit("Sign in")
    hand.submit("Accept")
    expect(hand.heading).to_contain_text("Amelia Okafor")
    hand.page.goto(link[0])
    hand.see("This link cannot be used")


@pytest.mark.req("IDM-10")
def test_the_desk_registers_an_organisation_and_its_first_super_user(visitor: Reception) -> None:
    world = portal_world(roles=frozenset({Role.SERVICE_DESK}))
    world.accounts.put(provider(UKPRN, name="Registry", is_service_desk=True, recognition_numbers=frozenset()))
    hand = Mouse(visitor(world))
    hand.follow("Service Desk")
    hand.follow("Register Organisation")
    hand.choose("[name=kind][value=registration-body]")
    signed = {"#signed_on-day": "1", "#signed_on-month": "3", "#signed_on-year": "2025", "#signatory": "Jo Bloggs"}
    hand.enter({"#ukprn": "90000011", "#name": "Penarlâg College", **signed})
    hand.submit("Continue")
    hand.page.get_by_label(Role.LRB_ONLINE_USER.value, exact=True).check()
    hand.submit("Continue")
    hand.see("Check before you register the organisation")
    hand.submit("Register organisation")
    hand.see("Create the first super user")
    hand.enter(BEA | CONTACT)
    hand.submit("Create super user")
    hand.see("The super user was created")
    hand.follow("Go to the organisation")
    hand.see("Penarlâg College")
    assert world.accounts.organisations["90000011"].status == "active"


@pytest.mark.req("IDM-11")
def test_a_credential_is_issued_rotated_and_revoked(visitor: Reception) -> None:
    world = portal_world(roles=frozenset({Role.SUPER_USER}))
    hand = Mouse(visitor(world))
    hand.follow("Organisation")
    hand.follow("System Credentials")
    hand.press(hand.page.get_by_role("button", name="Issue a credential"))
    hand.enter({"#name": "Records system"})
    hand.choose("[name=scopes][value='learners:verify']")
    hand.choose("[name=lifetime][value='90']")
    hand.submit("Issue")
    first = value(hand, "Secret")
    hand.follow("Continue to the credential")
    hand.see("Records system")
    hand.submit("Rotate")
    hand.see("Rotate this credential")
    hand.submit("Rotate")
    assert value(hand, "Secret") != first
    hand.follow("Continue to the credential")
    hand.submit("Revoke")
    hand.submit("Revoke")
    expect(hand.page.get_by_text("Revoked").first).to_be_visible()
