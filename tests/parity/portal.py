"""The portal: a record entered on its pages by somebody who is signed in.

A page shows sentences; its error summary and its notices say which codes they are, and their places say which fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from chalicelib.domain.access import Role
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from tests.builders.accounts import account
from tests.builders.learner_files import PROVIDER
from tests.builders.organisations import OURS
from tests.builders.portal import Browser, hold, signed_in
from tests.builders.portal import Seen as Shown
from tests.fakes import FakeWorld
from tests.parity import portal_learners
from tests.parity.cases import AIM, AWARDED, WITHDRAW, Case, Reason, Seen, Sort, seen
from tests.parity.files import fields_of

_DATES: Final = frozenset({"DateOfBirth", AWARDED, "ActionDate"})
_WORDS: Final = {"2": "update", "3": "withdraw", "4": "reinstate"}
_OUTCOMES: Final = {"2": "updated", "3": "withdrawn", "4": "reinstated"}
_OF_WHOLE: Final = {"ACR008": AWARDED, "ACR009": "Action", "ACR010": "Action"}
"""The columns of the reasons that a page shows beside no field, by code."""
_HOME: Final = "/achievements"


def portal_surface(case: Case, world: FakeWorld) -> Seen:
    """Enter the record."""
    is_achievement = case.sort is Sort.ACHIEVEMENT
    roles = frozenset({Role.QCF_USER if is_achievement else Role.LRB_ONLINE_USER})
    hold(world, account(ukprn=OURS if is_achievement else PROVIDER, roles=roles))
    return _SURFACES[case.sort](case, signed_in(world), world)


def has_page(case: Case) -> bool:
    """Whether pages ask for all that is wrong with the record, on one page."""
    return case.sort in _SURFACES and _IS_ASKED_FOR[case.sort](case)


# --- Achievements -----------------------------------------------------------------------------------------------------


def _has_achievement_page(case: Case) -> bool:
    """Pages do not ask for an own reference, and have three boxes for a date. An achievement to change is found by its
    names first, which are not entered again; a state that does not allow the change stops at the search.
    """
    given = fields_of(case)
    if "MISIdentifier" in case.fields and given["MISIdentifier"]:
        return False
    if any(given.get(name) and not re.fullmatch(r"\d{4}-\d\d-\d\d", given[name]) for name in _DATES):
        return False
    if given["Action"] == "1":
        return True
    codes = {code for code, _ in case.expected.reasons}
    is_stopped = case.before[-1:] == (WITHDRAW,) and given["Action"] != "4" and "ACR009" not in codes
    is_elsewhere = {"GivenName", "FamilyName"} & case.fields.keys()
    has_no_box = ("Grade" in case.fields and given["Action"] == "4") or "ACR013" in codes
    return not (is_stopped or is_elsewhere or has_no_box)


def _achievement(case: Case, browser: Browser, _: FakeWorld) -> Seen:
    given = fields_of(case)
    action = given["Action"]
    if action == "1":
        return _created(browser, given)
    word = _WORDS[action]
    found = browser.fill_in(f"{_HOME}/find/{word}", **_form(given))
    if found.status != 200:
        return _refused(found)
    path = f"{_HOME}/{given['ULN']}.{given[AIM].replace('/', '')}.{given[AWARDED]}"
    checked = browser.submit(f"{path}/{word}", revision=_hidden(found, "revision"), **_form(given))
    if checked.status != 303:
        return _refused(checked)
    if checked.location == path:
        return seen("unchanged")
    shown = browser.open(checked.location)
    is_promoted = "Submission type" in shown.body
    done = browser.submit(checked.location, draft=_hidden(shown, "draft"))
    assert done.location == path, done
    return seen("promoted" if is_promoted else _OUTCOMES[action], *_notices(shown))


def _created(browser: Browser, given: Mapping[str, str]) -> Seen:
    browser.open(f"{_HOME}/create")
    checked = browser.submit(f"{_HOME}/create", **_form(given))
    if checked.status != 303:
        return _refused(checked)
    if not checked.location.endswith("/check"):
        return seen("unchanged")
    shown = browser.open(checked.location)
    done = browser.submit(checked.location, draft=_hidden(shown, "draft"))
    assert done.location.endswith("/done"), done
    return seen("created", *_notices(shown))


def _form(given: Mapping[str, str]) -> dict[str, str]:
    """The record as the fields of forms."""
    form = {"submission_type": given.get("SubmissionType", "FINAL")}
    for column, field in ACHIEVEMENTS.by_name.items():
        text = given.get(column, "")
        if column not in _DATES:
            form[field.name] = text
        elif text:
            form |= dict(
                zip((f"{field.name}-{part}" for part in ("year", "month", "day")), text.split("-"), strict=True)
            )
    return form


# --- Pages ------------------------------------------------------------------------------------------------------------


def _refused(shown: Shown) -> Seen:
    assert shown.status == 400, shown
    return seen("refused", *_errors(shown), *_notices(shown))


def _errors(shown: Shown) -> Iterator[Reason]:
    columns = {field.name: column for column, field in ACHIEVEMENTS.by_name.items()}
    for anchor, codes in re.findall(r'<a href="#([^"]+)"\s+data-codes="([^"]+)"', shown.body):
        for code in codes.split():
            yield code, _OF_WHOLE.get(code) or columns[anchor.removesuffix("-day")]


def _notices(shown: Shown) -> Iterator[Reason]:
    yield from re.findall(r'data-codes="([^"]+)"\s+data-field="([^"]+)"', shown.body)


def _hidden(shown: Shown, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', shown.body)
    assert found, shown
    return found[1]


_SURFACES: Final[Mapping[Sort, Callable[[Case, Browser, FakeWorld], Seen]]] = {
    Sort.ACHIEVEMENT: _achievement,
    Sort.CHECK: portal_learners.find,
    Sort.REGISTRATION: portal_learners.register,
    Sort.UPDATE: portal_learners.update,
    Sort.VERIFICATION: portal_learners.verify,
}
_IS_ASKED_FOR: Final[Mapping[Sort, Callable[[Case], bool]]] = {
    Sort.ACHIEVEMENT: _has_achievement_page,
    Sort.CHECK: portal_learners.has_search_page,
    Sort.REGISTRATION: portal_learners.has_learner_page,
    Sort.UPDATE: portal_learners.has_update_page,
    Sort.VERIFICATION: portal_learners.has_learner_page,
}
