"""A super user manages the users of the organisation, page by page."""

from __future__ import annotations

import re

from chalicelib.domain.access import Role
from tests.builders.functions import UKPRN, Functions
from tests.builders.portal import Browser
from tests.integration.pages.people import newcomer


def use(functions: Functions) -> None:
    """Find, create, update, reset, verify, suspend, delete; then the logs and the review."""
    with functions.actions.running("portal"):
        browser = newcomer(functions, UKPRN, Role.QCF_USER, Role.SUPER_USER)
        assert "Showing 1 to" in browser.fill_in("/users", family_name="").body
        assert browser.get("/users/csv").status == 200
        person = {"given_name": "Bea", "family_name": "Featherstone", "email_address": "bea@example.org"}
        order = {**person, "verification": "Staff ID checked", "roles": [Role.QCF_USER.value]}
        assert browser.fill_in("/users/new", **order).title == "Check before you create the user"
        done = browser.submit("/users/new/check")
        found = re.search(r'href="(/users/[^"/]+)">Continue', done.body)
        assert found
        user = found[1]
        edition = re.search(r'name="edition" value="(\w+)"', browser.open(f"{user}/update").body)
        assert edition
        assert browser.submit(f"{user}/update", edition=edition[1], **order, landline="01632 1").status == 303
        for page in ("suspend", "reactivate"):
            epoch = re.search(r'name="epoch" value="(\d+)"', browser.open(f"{user}/{page}").body)
            assert epoch
            assert "The user was" in browser.fill_in(f"{user}/{page}", epoch=epoch[1]).body
        assert "User created" in browser.open(f"{user}/activity").body
        assert "User created" in browser.open("/activity").body
        assert "The user was deleted." in browser.fill_in(f"{user}/delete").body
        revision = re.search(r'name="revision" value="(\d+)"', browser.open("/users/review").body)
        assert revision
        assert browser.submit("/users/review", revision=revision[1]).location == "/users"
        _change_settings(browser)


def _change_settings(browser: Browser) -> None:
    """The organisation's own settings, and the credentials of its systems."""
    revision = re.search(r'name="revision" value="(\d+)"', browser.open("/organisation/notifications").body)
    assert revision
    changed = {"revision": revision[1], "email_address": "files@example.org"}
    assert browser.submit("/organisation/notifications", **changed).location == "/organisation"
    assert browser.open("/organisation/file-drop").status == 200
    asked = {"name": "Records system", "scopes": ["learners:verify"], "lifetime": "90"}
    issued = browser.fill_in("/organisation/credentials/new", **asked)
    found = re.search(r'href="(/organisation/credentials/[^"/]+)">Continue', issued.body)
    assert found
    assert browser.fill_in(f"{found[1]}/rotate").title == "Credential rotated"
    assert "The credential was revoked." in browser.fill_in(f"{found[1]}/revoke").body
    assert "Records system" in browser.open("/organisation/credentials").body
