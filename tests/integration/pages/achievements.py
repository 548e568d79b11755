"""Somebody of an awarding organisation uses every page about single achievements."""

from __future__ import annotations

import re
from datetime import date, timedelta

import app
from chalicelib.domain.access import Role
from chalicelib.services.users import Order
from tests.builders.callers import caller
from tests.builders.functions import UKPRN, Functions
from tests.builders.portal import NEW, Browser, Seen

HOME = "/achievements"
_PERSON = {
    "given_name": "Ada",
    "family_name": "Marlowe",
    "email_address": "ada@awards.example.org",
    "verification": "x",
}


def use(functions: Functions) -> None:
    """Create an achievement, change it in every way, and look at what was submitted."""
    account, first = functions.services.users.create(
        caller(UKPRN, "ann", ()), Order(_PERSON, frozenset({Role.QCF_USER}))
    )
    example = functions.request("GET", "/v1/achievements").document["achievements"][0]
    held = functions.request("GET", example["links"]["achievement"]).document
    browser = Browser(app.portal)
    with functions.actions.running("portal"):
        browser.fill_in("/sign-in", user_name=account.user_name, password=first)
        browser.submit("/sign-in/new-password", password=first, new_password=NEW, new_password_again=NEW)
        browser.fill_in("/sign-in/user-agreement", choice="accept")
        browser.fill_in("/sign-in/secret-question", question="PET", answer="Rex", answer_again="Rex")
        names = {"given_name": held["givenName"], "family_name": held["familyName"]}
        awarded = date.fromisoformat(held["achievementAwardDate"]) - timedelta(days=1)
        key = {
            **names,
            "uln": held["uln"],
            "unit_or_qualification_reference_number": held["unitOrQualificationReferenceNumber"],
            **_date("achievement_award_date", awarded),
        }
        checked = browser.fill_in(f"{HOME}/create", **key)
        assert checked.title == "Check your answers", checked.errors
        done = browser.submit(f"{HOME}/create/check", draft=_hidden(checked, "draft"))
        assert browser.open(done.location).title == "Achievement created"
        for word, fields in (("update", {"language_for_assessment": "CYM"}), ("withdraw", {}), ("reinstate", {})):
            form = browser.fill_in(f"{HOME}/find/{word}", **key)
            assert form.status == 200, form.errors
            path = f"{HOME}/{held['uln']}.{held['achievementId'].split('.')[1]}.{awarded}"
            reasoned = {**fields, **_date("action_date", awarded), "action_reason": "SUBINERROR"}
            seen = browser.submit(f"{path}/{word}", revision=_hidden(form, "revision"), **reasoned)
            assert seen.location == f"{path}/{word}/check", seen.errors
            seen = browser.submit(seen.location, draft=_hidden(browser.open(seen.location), "draft"))
            assert seen.location == path
        history = browser.open(path)
        assert history.body.count("through the portal") == 4, (history.status, history.title)
        assert browser.open(f"{HOME}/submitted").status == 200
        assert browser.open(f"{HOME}/learners/{held['uln']}").status == 200
        assert browser.open("/timeliness").status == browser.get("/timeliness/csv").status == 200


def _date(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def _hidden(seen: Seen, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', seen.body)
    assert found is not None, seen.body
    return found[1]
