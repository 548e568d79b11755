"""Somebody of a provider verifies a learner."""

from __future__ import annotations

from chalicelib.domain.access import Role
from tests.builders.functions import Functions
from tests.builders.learner_files import PROVIDER
from tests.builders.web import NEW_LEARNER
from tests.integration.pages.people import newcomer


def use(functions: Functions, uln: str) -> None:
    """The pages about single learners, with the ULN of a learner whom the provider registered."""
    browser = newcomer(functions, PROVIDER, Role.LRB_ONLINE_USER)
    names = {"given_name": NEW_LEARNER["givenName"], "family_name": NEW_LEARNER["familyName"]}
    assert browser.fill_in("/verify", uln=uln, **names).status == 200
