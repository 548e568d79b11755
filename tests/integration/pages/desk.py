"""The service desk registers an organisation with its first super user, changes it, and replaces the super user."""

from __future__ import annotations

from tests.builders.portal import Browser

_NEW, _PATH = "90000099", "/desk/organisations"
_DETAILS = {
    "name": "Penarlâg College",
    "signed_on-day": "1",
    "signed_on-month": "3",
    "signed_on-year": "2025",
    "signatory": "Jo Bloggs",
}
_PERSON = {"given_name": "Bea", "family_name": "Featherstone", "email_address": "b@x.example.org", "verification": "x"}


def use(browser: Browser) -> None:
    """The pages of organisations, with a browser of the service desk."""
    browser.fill_in(f"{_PATH}/new", kind="registration-body", ukprn=_NEW, **_DETAILS)
    browser.submit(f"{_PATH}/new/roles", roles="LRB Online User")
    browser.fill_in(f"{_PATH}/new/check")
    browser.submit(f"{_PATH}/{_NEW}/first-super-user", **_PERSON)
    assert browser.seen.title == "The super user was created"
    signed = {"signatory": "Mo Director", "is_manager": "yes", "reason": "She has left."}
    browser.fill_in(f"{_PATH}/{_NEW}/super-user", **signed, **{**_PERSON, "given_name": "Zoe", "confirmed": "yes"})
    assert browser.seen.title == "The super user was created"
    suspended = {"revision": "1", "choice": "suspend", "reason": "The agreement has ended."}
    browser.fill_in(f"{_PATH}/{_NEW}/status", **suspended)
    assert "The organisation was suspended." in browser.seen.body
    assert browser.open(f"{_PATH}?name=college").status == 200
    use = {"company": "Penhallow", "contact": "Jo", "email_address": "jo@x.example.org", "purpose": "MIS"}
    assert "was registered" in browser.fill_in("/desk/developers/new", **use, interface="both").body
