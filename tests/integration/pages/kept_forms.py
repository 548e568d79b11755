"""Somebody submits a form when the session is over, signs in again, and goes on with it."""

from __future__ import annotations

import re
from datetime import timedelta

from chalicelib.domain.access import Role
from tests.builders.functions import Functions
from tests.builders.learner_files import PROVIDER
from tests.builders.portal import NEW
from tests.integration.pages.people import newcomer


def use(functions: Functions) -> None:
    """Half an hour passes, so nobody uses the portal after this."""
    path, entered = "/account/contact-details", {"email_address": "jo@kept.example.org", "landline": "01632 2"}
    with functions.actions.running("portal"):
        browser = newcomer(functions, PROVIDER, Role.LRB_VIEW_LEARNER_ONLY)
        name = re.search(r"\bjmclrb[a-z]*\d{4}\b", browser.open("/account").body)
        assert name
        browser.open(path)
        functions.later("portal", timedelta(minutes=31))
        assert browser.submit(path, **entered).location == "/sign-in"
        browser.fill_in("/sign-in", user_name=name[0], password=NEW)
        assert entered["email_address"] in browser.fill_in("/sign-in/user-agreement", choice="accept").body
        assert browser.submit(path, **entered).status == 303
