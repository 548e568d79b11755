"""What people do with a record: reports, problems with events, availability, who looked (PLR-03, PLR-05 to PLR-07)."""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import date, timedelta

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.challenges import ChallengeStatus
from chalicelib.domain.learners import learner_of
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.records import AvailabilityState
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.web.portal.roles import ROLE_WORDS
from tests.builders.achievements import learner
from tests.builders.portal import Browser, Seen
from tests.builders.record_pages import HOME, RECORD, ULN, looks, name, reader
from tests.builders.records import event, named, world_of_records
from tests.fakes.world import FakeWorld

CARERS = (Role.LRB_ONLINE_USER, Role.SERVICE_DESK)
PAGES = (f"{HOME}/availability", f"{HOME}/availability/check", f"{HOME}/access-log", f"{HOME}/access-log.csv")
PAGES += (f"{RECORD}/problems", f"{RECORD}/events/1/problem")
CONTACT = {"contact_name": "Sam Ford", "email_address": "sam.ford@example.org"}


def problem_of(browser: Browser) -> str:
    """The page on which a problem with the newest event is reported."""
    found = re.search(rf'href="({RECORD}/events/\d+)"', browser.get(RECORD).body)
    assert found is not None
    browser.get(found[1])
    assert f'href="{found[1]}/problem"' in browser.seen.body
    return f"{found[1]}/problem"


@pytest.mark.parametrize("role", [role for role in ROLE_WORDS if role not in CARERS])
def test_other_roles_do_none_of_it(role: Role) -> None:
    browser = reader(world_of_records(), role)
    assert {browser.get(path).status for path in PAGES} == {403}
    name(browser)
    assert "/access-log" not in browser.seen.body
    assert "/availability" not in browser.seen.body


@pytest.mark.parametrize("path", PAGES)
def test_every_page_asks_for_the_names_first(path: str) -> None:
    browser = reader(world_of_records())
    assert browser.get(path).title == "View a Personal Learning Record"


@pytest.mark.parametrize("path", [path for path in PAGES if "check" not in path])
def test_names_that_are_not_the_learners_any_more_are_asked_again(path: str) -> None:
    world = world_of_records()
    browser = reader(world)
    name(browser)
    changed = learner_of(learner()._replace(family_name="Married"))
    world.records.learners[ULN] = changed
    if path.endswith("/availability"):
        browser.get(path)
        browser.submit(path, availability="OPTED_OUT")
        browser.get(f"{path}/check")
        seen = browser.submit(f"{path}/check")
    else:
        seen = browser.get(path)
    assert seen.title == "Error: View a Personal Learning Record"


# --- Reports ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("PLR-03")
@pytest.mark.parametrize("role", [Role.LRB_ONLINE_USER, Role.LRB_VIEW_LEARNER_ONLY, Role.ADVISER, Role.SERVICE_DESK])
def test_a_report_shows_the_whole_record_with_who_printed_it_and_when(role: Role) -> None:
    world = world_of_records()
    browser = reader(world, role)
    name(browser)
    seen = browser.get(f"{RECORD}/print")
    for text in ("Awards 1", "Amelia Okafor", f"ULN {ULN}", "Mathematics", "Achievement: 3", "Participation: 0"):
        assert text in seen.body
    assert 'datetime="2026' in seen.body
    assert looks(world)[-1] == (LookAction.RECORD_PRINTED, LookOutcome.DONE)


@pytest.mark.req("PLR-03")
def test_a_report_shows_what_was_chosen() -> None:
    world = world_of_records()
    world.participation_events.put(event(event_id="b", award_date=None, end_date=date(2022, 1, 2), subject="Welding"))
    world.participation_events.put(event(event_id="c", award_date=None, end_date=date(2020, 1, 2), subject="Baking"))
    browser = reader(world)
    name(browser)
    browser.get(f"{RECORD}/report")
    assert browser.seen.body.count(" checked") == 4
    seen = browser.submit(
        f"{RECORD}/report",
        shown=["participation"],
        order="oldest",
        **{"first_day-day": "1", "first_day-month": "1", "first_day-year": "2021"},
    )
    assert seen.location == f"{RECORD}/print"
    seen = browser.get(seen.location)
    assert "Welding" in seen.body
    for text in ("Baking", "Mathematics", "Achievement", learner().family_name):
        assert text not in seen.body
    assert 'value="2021"' in browser.get(f"{RECORD}/report").body


@pytest.mark.req("PLR-03")
def test_a_report_is_saved_as_pdf_with_what_was_chosen() -> None:
    world = world_of_records()
    browser = reader(world, Role.ADVISER)
    name(browser)
    assert f'href="{RECORD}/report.pdf"' in browser.get(f"{RECORD}/print").body
    browser.get(f"{RECORD}/report")
    days = {"first_day-day": "1", "first_day-month": "1", "first_day-year": "2026"}
    browser.submit(f"{RECORD}/report", shown=["achievement"], order="oldest", **days)
    seen = browser.get(f"{RECORD}/report.pdf")
    assert (seen.status, seen.headers["Content-Type"]) == (200, "application/pdf")
    assert seen.headers["Cache-Control"] == "no-store"
    assert b64decode(seen.body).startswith(b"%PDF")
    (asked,) = world.reports.asked
    assert [part["title"] for part in asked["parts"]] == ["Achievement: 2"]
    assert not asked["learner"]
    assert "Amelia Okafor" in asked["header"]
    assert "Events from 1 January 2026." in asked["note"]
    assert looks(world)[-1] == (LookAction.RECORD_PRINTED, LookOutcome.DONE)


@pytest.mark.req("PLR-03")
def test_a_report_that_cannot_be_made_now_can_be_later() -> None:
    world = world_of_records()
    browser = reader(world)
    name(browser)

    def fail(call: str) -> None:
        if call == "reports.pdf":
            raise TemporaryFailure("busy")

    world.hook = fail
    assert browser.get(f"{RECORD}/report.pdf").status == 503


def test_every_error_of_the_options_is_shown_at_once() -> None:
    browser = reader(world_of_records())
    name(browser)
    browser.get(f"{RECORD}/report")
    days = {"first_day-day": "2", "first_day-month": "1", "first_day-year": "2021"}
    days |= {"last_day-day": "1", "last_day-month": "1", "last_day-year": "2021"}
    seen = browser.submit(f"{RECORD}/report", order="<b>", **days)
    assert seen.status == 400
    assert seen.errors == [
        "Select what to show",
        "Select order from the list",
        "The last day must be the same as or after the first day",
    ]
    assert 'value="2021"' in seen.body


# --- Problems ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("PLR-06", "LEDC-01")
def test_a_problem_is_reported_once_however_often_it_is_sent() -> None:
    world = world_of_records()
    browser = reader(world)
    name(browser)
    path = problem_of(browser)
    assert 'value="Amelia Okafor"' in browser.get(f"{path}?problem=EVENT_GRADE").body
    for said in ("The problem was reported.", "has already reported this problem"):
        browser.get(path)
        seen = browser.submit(path, challenge_type="EVENT_NOT_MINE_DISPUTED", **CONTACT)
        assert seen.location == f"{RECORD}/problems"
        assert said in browser.get(seen.location).body
    (challenge,) = world.casework.held.values()
    assert challenge.status is ChallengeStatus.NEW
    assert challenge.raised_by_user == "amelia0417"
    assert challenge.reference in browser.seen.body
    assert challenge.reference in browser.get(path).body
    assert "Problem reported" in browser.get(RECORD).body


@pytest.mark.req("LEDC-01")
def test_the_five_problems_of_the_three_types_are_offered_and_no_problem_of_ulns() -> None:
    browser = reader(world_of_records())
    name(browser)
    path = problem_of(browser)
    browser.get(path)
    assert re.findall(r'name="challenge_type" type="radio" value="(\w+)"', browser.seen.body) == [
        "EVENT_GRADE",
        "EVENT_DATE",
        "EVENT_NOT_MINE_SHARED_ULN",
        "EVENT_NOT_MINE_DISPUTED",
        "EVENT_DUPLICATE",
    ]
    seen = browser.submit(path, challenge_type="ULN_OTHER", additional_information="x", **CONTACT)
    assert seen.status == 400


def test_every_error_of_a_report_is_shown_at_once_beside_its_field() -> None:
    browser = reader(world_of_records())
    name(browser)
    path = problem_of(browser)
    browser.get(path)
    seen = browser.submit(path, challenge_type="EVENT_GRADE", email_address="no", contact_name="")
    assert seen.status == 400
    assert "Enter what the record should show" in seen.errors
    assert "Enter a name, and an email address or telephone number" in seen.errors
    assert len(seen.errors) == 3
    assert "achieved_grade" in seen.body
    assert "achieved_date" not in seen.body
    assert browser.submit(path, step="choice").errors == ["Select the problem"]
    chosen = browser.submit(path, step="choice", challenge_type="EVENT_DATE").location
    assert chosen == f"{path}?problem=EVENT_DATE"
    assert "achieved_date-day" in browser.get(chosen).body
    assert "achieved_grade" not in browser.seen.body
    seen = browser.submit(path, contact_name="=1+1", additional_information="<b>x</b>")
    assert seen.errors[0] == "Select the problem"
    assert "<b>x" not in seen.body


@pytest.mark.req("PLR-06")
def test_a_qualification_that_appears_twice_is_compared_with_the_other() -> None:
    world = world_of_records()
    browser = reader(world)
    name(browser)
    path = problem_of(browser)
    own = path.split("/")[-2]
    others = re.findall(r'<option value="(\d+)"', browser.get(f"{path}?problem=EVENT_DUPLICATE").body)
    assert len(others) == 2
    assert own not in others
    browser.submit(path, challenge_type="EVENT_DUPLICATE", other_event=others[0], **CONTACT)
    (challenge,) = world.casework.held.values()
    assert [str(one.event_id) for one in challenge.events] == [own, others[0]]


def test_an_event_that_the_organisation_does_not_see_cannot_have_a_problem() -> None:
    browser = reader(world_of_records())
    name(browser)
    path = problem_of(browser)
    name(browser, named(learner(1)))
    other = path.replace(ULN, learner(1).uln)
    assert browser.get(other).status == 404
    browser.get("/records")
    assert browser.submit(other, challenge_type="EVENT_NOT_MINE_DISPUTED", **CONTACT).status == 404


# --- Availability -----------------------------------------------------------------------------------------------------


def close(browser: Browser) -> Seen:
    """Enter the learner's wish for an unavailable record, and go to the check."""
    browser.get(f"{HOME}/availability")
    reason = "<i>Mine</i>"
    seen = browser.submit(f"{HOME}/availability", availability="OPTED_OUT", contact_type="TEL", reason=reason)
    return browser.get(seen.location)


@pytest.mark.req("PLR-05")
@pytest.mark.parametrize("role", CARERS)
def test_a_record_becomes_unavailable_and_available_after_a_check(role: Role) -> None:
    world = world_of_records()
    browser = reader(world, role)
    name(browser)
    seen = close(browser)
    for text in ("Make it unavailable", "By telephone", "&lt;i&gt;Mine", "Each organisation sees only", "--warning"):
        assert text in seen.body
    assert not world.records.availabilities
    seen = browser.submit(f"{HOME}/availability/check")
    assert seen.location == RECORD
    assert "The record is unavailable to other organisations." in browser.get(RECORD).body
    held = world.records.availabilities[ULN]
    assert (held.state, held.latest.contact_type) == (AvailabilityState.OPTED_OUT, "TEL")
    browser.get(f"{HOME}/availability/check")
    browser.submit(f"{HOME}/availability/check")
    assert "Nothing was changed." in browser.get(RECORD).body
    assert world.records.availabilities[ULN].revision == held.revision
    browser.get(f"{HOME}/availability")
    browser.submit(f"{HOME}/availability", availability="AVAILABLE")
    browser.get(f"{HOME}/availability/check")
    browser.submit(f"{HOME}/availability/check")
    assert world.records.availabilities[ULN].state is AvailabilityState.AVAILABLE


def test_without_an_answer_there_is_no_check() -> None:
    browser = reader(world_of_records())
    name(browser)
    assert browser.get(f"{HOME}/availability/check").location == f"{HOME}/availability"
    browser.get(f"{HOME}/availability")
    assert browser.submit(f"{HOME}/availability/check").location == f"{HOME}/availability"
    browser.get(f"{HOME}/availability")
    assert browser.submit(f"{HOME}/availability", reason="x").errors == ["Select what the learner wants"]


@pytest.mark.req("PLR-05")
def test_a_restriction_by_the_desk_stays() -> None:
    world = world_of_records()
    browser = reader(world)
    name(browser)
    close(browser)
    browser.submit(f"{HOME}/availability/check")
    held = world.records.availabilities[ULN]
    restricted = held.latest._replace(state=AvailabilityState.RESTRICTED)
    world.records.availabilities[ULN] = held._replace(latest=restricted)
    browser.get(f"{HOME}/availability/check")
    seen = browser.submit(f"{HOME}/availability/check")
    assert seen.status == 400
    assert "The service desk has restricted this record" in seen.errors[0]


# --- Who looked -------------------------------------------------------------------------------------------------------


def log_of(world: FakeWorld) -> Browser:
    """Somebody who has looked at a record sixty times."""
    browser = reader(world)
    name(browser)
    for _ in range(60):
        world.clock.advance(timedelta(seconds=1))
        browser.get(RECORD)
    return browser


@pytest.mark.req("PLR-07")
def test_who_looked_is_listed_newest_first_in_pages() -> None:
    world = world_of_records()
    browser = log_of(world)
    seen = browser.get(f"{HOME}/access-log")
    assert seen.body.count("Learning record viewed") == 50
    assert "amelia0417" in seen.body
    following = re.search(rf'href="({HOME}/access-log\?cursor=[^"]+)"', seen.body)
    assert following is not None
    older = browser.get(following[1])
    assert older.body.count("Learning record viewed") == 11
    assert "Newest entries" in older.body
    assert looks(world)[-1] == (LookAction.ACCESS_LOG_VIEWED, LookOutcome.DONE)
    assert browser.get(f"{HOME}/access-log?cursor=forged").status == 400


@pytest.mark.req("PLR-07")
def test_the_log_is_saved_as_a_file_without_formulas() -> None:
    world = world_of_records()
    browser = log_of(world)
    world.audit.held = {key: entry._replace(user="=cmd|x") for key, entry in world.audit.held.items()}
    seen = browser.get(f"{HOME}/access-log.csv")
    assert seen.headers["Content-Type"] == "text/csv"
    assert seen.headers["Cache-Control"] == "no-store"
    assert seen.body.startswith("\ufeff")
    assert seen.body.count("\r\n") == 62
    assert '"\'=cmd|x"' in seen.body
