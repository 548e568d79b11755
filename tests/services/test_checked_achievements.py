"""Single achievements before a change: found by what the documents ask for, judged without being written."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.domain.achievements import Achievement, Key
from chalicelib.domain.codes import Action
from chalicelib.domain.refusals import Refused
from chalicelib.domain.results import Outcome
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.achievements import AchievementServices
from tests.builders.achievements import AIM, learner, record, texts_of, uln, world_with
from tests.builders.jobs import caller
from tests.builders.organisations import OURS, THEIRS, organisation
from tests.fakes import FakeWorld

KEY = Key(uln(0), AIM.reference, date(2026, 2, 20))
WE = caller(OURS)


@pytest.fixture
def world() -> FakeWorld:
    return world_with(learner(0), learner(1))


@pytest.fixture
def services(world: FakeWorld) -> AchievementServices:
    return world.services().achievement_services


def details(**changes: str) -> dict[str, str]:
    return texts_of({name: value for name, value in record(0, **changes).items() if value and name != "Action"})


def find(services: AchievementServices, action: Action, who=WE, **changes: str) -> Achievement:
    return services.find(who, details(**changes), action)


def needed(**changes: str) -> dict[str, str]:
    """What a change needs: the names first supplied, its own date, and the reason for it."""
    kept = {name: text for name, text in details().items() if name in ("given_name", "family_name")}
    return {**kept, "action_date": "2026-02-27", "action_reason": "SUBINERROR", **changes}


def last_look(world: FakeWorld) -> tuple[str, str, str]:
    """Action, outcome and code of the last entry of the audit log."""
    entry = list(world.audit.held.values())[-1]
    return entry.action, entry.outcome, entry.detail.get("code", "")


@pytest.mark.req("ACH-03", "ACH-04")
@pytest.mark.parametrize("action", [Action.UPDATE, Action.WITHDRAW])
def test_an_achievement_is_found_by_the_five_details_and_the_look_is_kept(world, services, action):
    made = services.create(WE, details()).achievement
    assert find(services, action) == made
    assert last_look(world) == ("achievement-viewed", "DONE", "")
    assert find(services, action, GivenName="AMELIA") == made


@pytest.mark.req("ACH-03", "ACH-04", "ACH-05")
def test_what_the_achievement_does_not_allow_is_refused_before_a_form_is_shown(world, services):
    services.create(WE, details())
    with pytest.raises(Refused, match="ACR010"):
        find(services, Action.REINSTATE)
    services.change(WE, KEY, Action.WITHDRAW, needed())
    for action in (Action.UPDATE, Action.WITHDRAW):
        with pytest.raises(Refused, match="ACR009"):
            find(services, action)
    assert last_look(world) == ("achievement-viewed", "REFUSED", "ACR009")
    assert find(services, Action.REINSTATE).key == KEY


@pytest.mark.req("ACH-03")
@pytest.mark.parametrize(
    ("who", "changes", "code"),
    [
        (WE, {"GivenName": "Oliver"}, "ACR015"),
        (WE, {"AchievementAwardDate": "2026-02-21"}, "ACR008"),
        (caller(THEIRS), {}, "ACR008"),
    ],
)
def test_one_with_other_names_or_of_another_organisation_is_not_found(world, services, who, changes, code):
    services.create(WE, details())
    world.accounts.put(organisation(THEIRS))
    with pytest.raises(Refused, match=code):
        find(services, Action.UPDATE, who, **changes)


@pytest.mark.req("ACH-03")
def test_every_detail_that_cannot_be_read_is_named_at_once_and_nothing_is_looked_at(world, services):
    world.calls.clear()
    with pytest.raises(Refused) as refused:
        find(services, Action.UPDATE, ULN="123", AchievementAwardDate="2026-02-31")
    assert len(refused.value.failures) == 2
    assert "achievements.read" not in world.calls
    assert world.audit.held == {}


@pytest.mark.req("ACH-01")
def test_a_create_that_is_only_checked_says_what_it_would_do_and_writes_nothing(world, services):
    would = services.create(WE, details(), only_check=True)
    assert (would.outcome, would.before, world.achievements.held) == (Outcome.CREATED, None, {})
    assert last_look(world)[:2] == ("achievement-checked", "DONE")
    did = services.create(WE, details())
    assert (did.outcome, did.return_code, did.notices) == (would.outcome, would.return_code, would.notices)
    assert services.create(WE, details(), only_check=True).outcome is Outcome.UNCHANGED
    with pytest.raises(Refused, match="ACR007"):
        services.create(WE, details(Grade="Merit"), only_check=True)
    assert world.achievements.writes == 1


@pytest.mark.req("ACH-03", "ACH-04", "ACH-05")
def test_a_change_that_is_only_checked_shows_both_states_and_writes_nothing(world, services):
    services.create(WE, details())
    would = services.change(WE, KEY, Action.UPDATE, needed(grade="Merit"), only_check=True)
    assert would.before is not None
    assert (would.outcome, would.before.grade, would.achievement.grade) == (Outcome.UPDATED, "Pass", "Merit")
    assert services.change(WE, KEY, Action.WITHDRAW, needed(), only_check=True).outcome is Outcome.WITHDRAWN
    with pytest.raises(Refused, match="ACR010"):
        services.change(WE, KEY, Action.REINSTATE, needed(), only_check=True)
    assert (world.achievements.held[KEY].grade, world.achievements.writes) == ("Pass", 1)


@pytest.mark.req("ACH-03")
def test_a_check_of_a_revision_that_has_passed_is_refused_as_the_change_would_be(world, services):
    services.create(WE, details())
    with pytest.raises(Refused, match="LRS-REQ-13"):
        services.change(WE, KEY, Action.UPDATE, needed(), expected=frozenset({7}), only_check=True)


@pytest.mark.req("SEC-01")
def test_a_check_that_cannot_be_logged_is_not_answered(world, services):
    def fail(name: str) -> None:
        if name == "audit.record":
            raise TemporaryFailure(name)

    world.hook = fail
    with pytest.raises(TemporaryFailure):
        services.create(WE, details(), only_check=True)
