"""People of a provider and of the service desk use the pages about single learners."""

from __future__ import annotations

import re

from chalicelib.domain.access import Role
from tests.builders.functions import DESK, Functions
from tests.builders.learner_files import PROVIDER
from tests.builders.portal import Browser, Seen
from tests.integration.pages.people import newcomer

_PERSON = {
    "given_name": "Zebedee",
    "family_name": "Quartermaine",
    "date_of_birth-day": "9",
    "date_of_birth-month": "1",
    "date_of_birth-year": "1971",
    "gender": "1",
    "last_known_post_code": "QA1 1AA",
}
_IDENTITY = {"verification_type": "2", "ability_to_share": "1"}


def use(functions: Functions) -> None:
    """Register, verify, find and update a learner, report a problem, decide on possible matches, link and unlink."""
    browser = newcomer(functions, PROVIDER, Role.LRB_ONLINE_USER)
    assert browser.fill_in("/learners/by-details", **_PERSON).title == "No learner found"
    one = _uln(_registered(browser))
    names = {"given_name": "Zebedee", "family_name": "Quartermaine"}
    assert browser.fill_in("/verify", uln=one, **names).title == "Exact Match"
    assert browser.fill_in("/learners", uln=one, family_name="Quartermaine").title == "Zebedee Quartermaine"
    form = browser.open(f"/learners/{one}/edit")
    changed = {**_PERSON, **_IDENTITY, "previous_family_name": "Thornbury", "last_known_post_code": "QA1 1AB"}
    version = re.findall(r'name="revision" value="(\d+)"', form.body)
    assert browser.submit(f"/learners/{one}/edit", revision=version, **changed).status == 303
    problem = {"challenge_type": "ULN_CREATED_IN_ERROR", "contact_name": "Jo", "email_address": "jo@example.org"}
    assert browser.fill_in(f"/learners/{one}/report-problem", **problem).title == "Problem reported"
    other = _decide(browser)
    _link(newcomer(functions, DESK, Role.SERVICE_DESK), one, other)


def _registered(browser: Browser, **changes: str) -> Seen:
    person = {**_PERSON, **changes}
    browser.fill_in("/learners/by-details", **person)
    browser.fill_in("/learners/new", **person, **_IDENTITY)
    return browser.open(browser.submit("/learners/new/check").location)


def _decide(browser: Browser) -> str:
    """Three possible matches are used, registered as new, and dropped; the new ULN."""
    for given_name, decision in (("Zebedeee", ""), ("Zebadee", "drop"), ("Zebede", "register")):
        waiting = _registered(browser, given_name=given_name)
        assert waiting.title == f"Is {given_name} Quartermaine registered already?"
        path = re.findall(r'href="(/exceptions/P[^"]+)"', browser.open("/exceptions").body)[-1]
        seen = browser.open(path)
        choice = decision or re.findall(r'name="decision" type="radio" value="(\d{10})"', seen.body)[0]
        browser.fill_in(path, decision=choice)
        seen = browser.open(browser.submit(f"{path}/check").location)
        assert seen.title == f"Decision on the registration of {given_name} Quartermaine"
    return _uln(seen)


def _link(browser: Browser, one: str, other: str) -> None:
    check = browser.fill_in(f"/learners/{one}/link", uln=other)
    path = f"/learners/{one}/link/check"
    assert browser.submit(path, master=other, **_revisions(check)).location == f"/learners/{other}/link"
    page = browser.open(f"/learners/{one}/unlink")
    assert browser.submit(f"/learners/{one}/unlink", **_revisions(page)).location == f"/learners/{one}/link"


def _revisions(seen: Seen) -> dict[str, str]:
    return dict(re.findall(r'name="(revision-\d+)" value="(\d+)"', seen.body))


def _uln(seen: Seen) -> str:
    found = re.search(r'href="/learners/(\d{10})"', seen.body)
    assert found is not None
    return found[1]
