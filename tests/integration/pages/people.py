"""Somebody who signs in to the portal for the first time, over the local cloud."""

from __future__ import annotations

import app
from chalicelib.domain.access import Role
from chalicelib.services.users import Order
from tests.builders.callers import caller
from tests.builders.functions import Functions
from tests.builders.portal import NEW, Browser


def newcomer(functions: Functions, ukprn: str, *roles: Role) -> Browser:
    """A new user with these roles, signed in, with nothing owed any more."""
    name = roles[0].name.lower().replace("_", "")
    person = {
        "given_name": "Jo",
        "family_name": f"Mc{name}",
        "email_address": f"{name}@example.org",
        "verification": "x",
    }
    account, first = functions.services.users.create(caller(ukprn, "ann", ()), Order(person, frozenset(roles)))
    browser = Browser(app.portal)
    browser.fill_in("/sign-in", user_name=account.user_name, password=first)
    browser.submit("/sign-in/new-password", password=first, new_password=NEW, new_password_again=NEW)
    browser.fill_in("/sign-in/user-agreement", choice="accept")
    browser.fill_in("/sign-in/secret-question", question="PET", answer="Rex", answer_again="Rex")
    return browser
