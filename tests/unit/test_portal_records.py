"""Personal learning records on pages: whose, the record, an event (PLR-01)."""

from __future__ import annotations

import gzip
import re
from datetime import date

import pytest

from chalicelib.domain.access import ROLE_CAPABILITIES, Capability, Role
from chalicelib.domain.learners import LINKED, learner_of
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.records import Availability, AvailabilityChange, AvailabilityState, Source
from chalicelib.web.portal import assets
from chalicelib.web.portal.roles import ROLE_WORDS
from tests.builders.achievements import learner
from tests.builders.organisations import OURS
from tests.builders.portal import Browser
from tests.builders.record_pages import RECORD, ULN, looks, name, reader
from tests.builders.records import achievement, event, named, world_of_records

READERS = (Role.LRB_ONLINE_USER, Role.LRB_VIEW_LEARNER_ONLY, Role.ADVISER, Role.SERVICE_DESK)


def titles(browser: Browser) -> list[str]:
    """The events that are listed."""
    return re.findall(r'/events/\d+">(.*?)</a>', browser.seen.body)


@pytest.mark.req("PLR-01")
@pytest.mark.parametrize("role", READERS)
def test_the_names_of_a_learner_lead_to_the_record_with_both_its_parts(role: Role) -> None:
    world = world_of_records()
    world.participation_events.put(event(event_id="b2", award_date=None, grade="", subject="Welding"))
    browser = reader(world, role)
    name(browser)
    assert browser.seen.title == "Personal Learning Record"
    assert "Achievement: 3" in browser.seen.body
    assert "Participation: 1" in browser.seen.body
    assert titles(browser) == ["Sample diploma", "Sample diploma", "Mathematics", "Welding"]
    assert looks(world) == [(LookAction.RECORD_VIEWED, LookOutcome.DONE)]
    may_find = Capability.LEARNERS_FIND in ROLE_CAPABILITIES[role]
    assert (f'href="/learners/{ULN}">The learner’s details</a>' in browser.seen.body) == may_find


@pytest.mark.req("PLR-01")
@pytest.mark.parametrize("role", [role for role in ROLE_WORDS if role not in READERS])
def test_other_roles_see_no_record(role: Role) -> None:
    browser = reader(world_of_records(), role)
    assert [browser.get(path).status for path in ("/records", RECORD, f"{RECORD}/events/1")] == [403, 403, 403]
    assert "/records" not in browser.open("/").body


@pytest.mark.req("PLR-01")
def test_the_menu_knows_the_pages_of_a_record_though_they_lie_below_the_learner() -> None:
    browser = reader(world_of_records())
    name(browser)
    for path in (RECORD, f"{RECORD}/report", f"{RECORD}/print"):
        options = re.findall(r'aria-current="\w+">\s*(?:<strong[^>]*>)?([^<]+?)\s*<', browser.open(path).body)
        assert "Personal Learning Record" in options, (path, options)
        assert "Find a Learner" not in options


@pytest.mark.req("PLR-01")
def test_wrong_names_show_no_record_and_not_whether_there_is_one() -> None:
    world = world_of_records()
    browser = reader(world)
    name(browser, named(learner())._replace(family_name="Wrong"))
    wrong = browser.seen
    assert wrong.status == 400
    assert len(wrong.errors) == 1
    assert looks(world) == [(LookAction.RECORD_VIEWED, LookOutcome.REFUSED)]
    name(browser, named(learner(7)))
    assert browser.seen.errors == wrong.errors


def test_every_error_of_the_form_is_shown_at_once_with_what_was_entered() -> None:
    browser = reader(world_of_records())
    browser.open("/records")
    seen = browser.submit("/records", uln="123", given_name="<b>Jo</b>", family_name="")
    assert seen.status == 400
    assert len(seen.errors) == 3
    assert 'value="123"' in seen.body
    assert "<b>Jo" not in seen.body


@pytest.mark.req("PLR-01", "SEC-02")
def test_names_are_in_no_address_and_each_learner_is_named_once_a_session() -> None:
    browser = reader(world_of_records())
    browser.open("/records")
    assert browser.get(RECORD).title == "View a Personal Learning Record"
    assert f'value="{ULN}"' in browser.seen.body
    name(browser)
    name(browser, named(learner(1)))
    assert "The record has no events yet" in browser.seen.body
    assert browser.get(RECORD).title == "Personal Learning Record"


def test_events_are_listed_in_the_order_and_the_part_that_is_chosen() -> None:
    world = world_of_records()
    world.participation_events.put(event(event_id="b2", award_date=None, grade="", subject="Welding"))
    browser = reader(world)
    name(browser)
    browser.get(f"{RECORD}?sort=title")
    assert titles(browser) == ["Mathematics", "Sample diploma", "Sample diploma", "Welding"]
    browser.get(f"{RECORD}?sort=oldest&part=achievement")
    assert titles(browser) == ["Mathematics", "Sample diploma", "Sample diploma"]
    browser.get(f"{RECORD}?part=participation&page=99")
    assert titles(browser) == ["Welding"]
    browser.get(f"{RECORD}?sort=<b>&part=%00&page=-1")
    assert len(titles(browser)) == 4


def test_a_long_record_is_shown_in_pages() -> None:
    world = world_of_records()
    for number in range(60):
        world.participation_events.put(
            event(event_id=f"n{number}", subject=f"Subject {number}", award_date=None, start_date=None, end_date=None)
        )
    browser = reader(world)
    name(browser)
    assert len(titles(browser)) == 25
    assert "Showing 1 to 25 of 63" in browser.seen.body
    browser.get(f"{RECORD}?page=3")
    assert len(titles(browser)) == 13
    assert "Achievement:" not in browser.seen.body


@pytest.mark.parametrize("events", [20, 400])
def test_a_record_of_any_length_is_light(events: int) -> None:
    """Style sheet and script included: what a browser without a cache gets, compressed."""
    world = world_of_records()
    for number in range(events):
        world.participation_events.put(event(event_id=f"n{number}", subject=f"A subject with a long name {number}"))
    browser = reader(world)
    name(browser)
    linked = re.findall(r'(?:href|src)="(/assets/[^"]+\.(?:css|js))"', browser.seen.body)
    assert len(linked) == 2
    files = [found.content for path in linked if (found := assets.find(path))]
    weight = sum(len(gzip.compress(part)) for part in (browser.seen.body.encode(), *files))
    assert weight <= 45 * 1024, weight


@pytest.mark.req("PLR-05")
def test_of_a_record_that_is_not_shared_an_organisation_sees_its_own_events_and_what_is_left_out() -> None:
    world = world_of_records()
    browser = reader(world)
    change = AvailabilityChange(AvailabilityState.OPTED_OUT, "2026-03-01T00:00:00+00:00", OURS, "ann", "FTF", "")
    world.records.availabilities[ULN] = Availability(ULN, change, 1)
    name(browser)
    assert titles(browser) == ["Sample diploma"]
    assert "The learner does not share this record." in browser.seen.body
    assert "are left out" in browser.seen.body
    assert learner().family_name not in browser.seen.body
    world.achievements.held.clear()
    assert browser.get(RECORD).title == "This record is not shared"
    assert f"/learners/{ULN}/availability" in browser.seen.body
    assert looks(world)[-1] == (LookAction.RECORD_VIEWED, LookOutcome.REFUSED)


@pytest.mark.req("PLR-01")
def test_a_linked_uln_shows_the_record_of_the_master() -> None:
    world = world_of_records()
    master, linked = learner_of(learner()), learner_of(learner(1))
    world.records.learners[master.uln] = master._replace(linked_ulns=(linked.uln,))
    world.records.learners[linked.uln] = linked._replace(status=LINKED, master_uln=master.uln)
    browser = reader(world)
    name(browser, named(learner(1)))
    assert f"is linked with the master ULN {master.uln}" in browser.seen.body
    assert len(titles(browser)) == 3


@pytest.mark.req("PLR-01")
def test_an_event_is_shown_with_all_its_details_and_one_of_others_is_not_found() -> None:
    world = world_of_records()
    browser = reader(world)
    name(browser)
    links = re.findall(rf'href="({RECORD}/events/\d+)"', browser.seen.body)
    assert browser.get(links[2]).title == "Mathematics"
    for text in ("School census", "AQA", "Provider 20", "School data", "24 August 2023"):
        assert text in browser.seen.body
    name(browser, named(learner(1)))
    other = links[2].replace(ULN, learner(1).uln)
    assert browser.get(other).status == 404
    assert browser.get(f"{RECORD}/events/1").status == 404


def test_hostile_text_in_a_record_is_text() -> None:
    world = world_of_records()
    world.participation_events.put(event(event_id="x", subject="<script>x()</script>", grade='"><b>', level="{{7*7}}"))
    browser = reader(world)
    name(browser)
    assert "<script>x()" not in browser.seen.body
    assert '"><b>' not in browser.seen.body
    assert "{{7*7}}" in browser.seen.body


def test_events_of_every_source_have_their_words() -> None:
    world = world_of_records()
    for number, source in enumerate((Source.SCHOOL_DATA, Source.FUNDING_RETURN)):
        world.participation_events.put(
            event(event_id=f"s{number}", source=source, grade="", award_date=date(2024, 1, 2))
        )
    world.achievements.put(achievement(reference="L/616/8832"))
    browser = reader(world)
    name(browser)
    for link in re.findall(rf'href="({RECORD}/events/\d+)"', browser.seen.body):
        assert browser.get(link).status == 200
        assert "9999999999" not in browser.seen.body
