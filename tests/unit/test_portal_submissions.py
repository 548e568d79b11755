"""What an organisation submitted, and what came in time, on pages (ACH-08, ACH-10); hostile input on all of them."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import date

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.timeliness import Counts
from chalicelib.ports.timeliness import DayCounts, Place
from chalicelib.web.portal.visits import FORM_LIMIT
from tests.builders.accounts import account
from tests.builders.achievements import csv_file, learner, record, uln, world_with
from tests.builders.jobs import Pipeline
from tests.builders.organisations import OURS, THEIRS, organisation
from tests.builders.portal import Browser, hold, signed_in
from tests.builders.stream import submitted_change
from tests.fakes.world import FakeWorld

HOME = "/achievements"
SUBMITTED = f"{HOME}/submitted"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "=HYPERLINK(1)",
    "\u202emoc.elpmaxe\u202c",
    "Ame\u200blia\u0000",
    "\uff1cscript\uff1e",
    "\U0001f600" * 20,
    "e\u0301" * 40,
    "A" * 3_000,
    "' OR 1=1 --",
    "../../etc/passwd",
    "%0d%0aSet-Cookie: x=1",
)
FIELDS = (
    "uln", "given_name", "family_name", "date_of_birth-day", "gender", "learner_postcode",
    "unit_or_qualification_reference_number", "achievement_award_date-year", "grade", "language_for_assessment",
    "provider_ukprn", "action_date-month", "action_reason", "revision", "draft", "submission_type",
)  # fmt: skip


@pytest.fixture
def world() -> FakeWorld:
    world = world_with(*(learner(number) for number in range(3)))
    hold(world, account(ukprn=OURS))
    return world


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def submit(world: FakeWorld, *numbers: int, ukprn: str = OURS, **changes: str) -> None:
    """Achievements of these learners come in a file, and the register's stream has delivered them."""
    rows = [record(number, **changes) for number in numbers]
    Pipeline(world).process(csv_file(rows, ukprn), f"{ukprn}-{numbers}.csv", ukprn)
    for key, held in world.achievements.held.items():
        world.submissions.record([(f"{key}-{held.revision}", submitted_change(held))])


@pytest.mark.req("ACH-08")
def test_a_day_lists_what_the_organisation_submitted_and_nothing_of_others(world: FakeWorld, browser: Browser) -> None:
    submit(world, 0, 1)
    submit(world, 2, ukprn=THEIRS, UnitOrQualificationReferenceNumber="L6168832", Grade="")
    seen = browser.open(SUBMITTED)
    assert "Changes on" in seen.body
    assert (uln(0) in seen.body, uln(1) in seen.body, uln(2) in seen.body) == (True, True, False)
    assert f'href="{HOME}/{uln(0)}.60012341.2026-02-20"' in seen.body
    assert "by batch file" in seen.body
    other = browser.open(f"{SUBMITTED}?day-day=1&day-month=3&day-year=2026")
    assert "Nothing was submitted on this day." in other.body
    wrong = browser.open(f"{SUBMITTED}?day-day=31&day-month=2&day-year=2026")
    assert (wrong.status, wrong.errors) == (400, ["Day must be a real date"])


@pytest.mark.req("ACH-08", "ACH-09")
@pytest.mark.parametrize("is_batch_user", [True, False], ids=["sees jobs", "sees no jobs"])
def test_the_history_leads_to_the_job_of_a_change_where_the_person_may_see_it(
    world: FakeWorld, is_batch_user: bool
) -> None:
    submit(world, 0)
    more = {Role.QCF_RECORD_SET_USER} if is_batch_user else set()
    hold(world, account("other", OURS, roles=frozenset({Role.QCF_USER, *more})))
    other = signed_in(world, "other0417")
    seen = other.open(f"{HOME}/{uln(0)}.60012341.2026-02-20")
    found = re.search(r'href="(/achievement-batches/[^"]+)"', seen.body)
    assert (found is not None) is is_batch_user
    assert found is None or other.open(found[1]).status == 200


@pytest.mark.req("ACH-08")
def test_a_long_day_has_pages(world: FakeWorld, browser: Browser) -> None:
    for number in range(60):
        changes = submitted_change(next(iter(_created(world))))._replace(at=f"2026-03-02T09:{number:02}:00+00:00")
        world.submissions.record([(f"{number:03}", changes)])
    first = browser.open(SUBMITTED)
    assert first.body.count("<tr") == 51
    more = re.search(r'href="([^"]+cursor=[^"]+)"', first.body)
    assert more
    second = browser.open(html.unescape(more[1]))
    assert second.body.count("<tr") == 12
    assert "First page" in second.body
    assert "Next page" not in second.body
    assert browser.open(f"{SUBMITTED}?cursor=guessed").status == 400


def _created(world: FakeWorld) -> Iterator[object]:
    if not world.achievements.held:
        submit(world, 0)
    yield from world.achievements.held.values()


@pytest.mark.req("ACH-08")
def test_a_learners_achievements_are_found_by_the_uln(world: FakeWorld, browser: Browser) -> None:
    submit(world, 0)
    submit(world, 0, ukprn=THEIRS, UnitOrQualificationReferenceNumber="L6168832", Grade="")
    browser.open(SUBMITTED)
    seen = browser.open(browser.submit(SUBMITTED, uln=uln(0)).location)
    assert seen.title == f"Achievements of the learner with ULN {uln(0)}"
    assert "60012341" in seen.body
    assert "L/616/8832" not in seen.body
    assert "no achievement for this learner" in browser.open(f"{HOME}/learners/{uln(1)}").body
    for wrong in ("1", "1000000001"):
        assert browser.open(f"{HOME}/learners/{wrong}").status == 404
    wrong_uln = browser.fill_in(SUBMITTED, uln="123")
    assert (wrong_uln.status, wrong_uln.errors) == (400, ["ULN is too short."])
    assert 'value="123"' in wrong_uln.body


@pytest.mark.req("ACH-10")
def test_an_organisation_sees_its_own_month_and_saves_it(world: FakeWorld, browser: Browser) -> None:
    days = [DayCounts(OURS, "Awards 1", date(2026, 2, day), Counts(1200, 3, day, 40, 2)) for day in (9, 10)]
    world.timeliness.record([*days, DayCounts(THEIRS, "Awards 2", date(2026, 2, 9), Counts(7777))])
    world.timeliness.keep_place(Place(date(2026, 2, 28), date(2026, 2, 20)))
    seen = browser.open("/timeliness?month=2026-02")
    assert seen.title == "Timeliness in February 2026"
    assert "9 February 2026" in seen.body
    assert ">2,400<" in seen.body
    assert "7,777" not in seen.body
    assert 'href="/timeliness?month=2026-03"' in seen.body
    saved = browser.get("/timeliness/csv?month=2026-02")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert saved.headers["Cache-Control"] == "no-store"
    assert len(list(csv.reader(io.StringIO(saved.body)))) == 3
    assert "month=2026-04" not in browser.open("/timeliness").body
    assert "No day of this month has been counted yet." in browser.seen.body


@pytest.mark.req("ACH-10")
def test_a_service_manager_sees_every_organisation_and_no_name_becomes_a_formula(world: FakeWorld) -> None:
    desk = "90000099"
    world.accounts.put(organisation(desk, is_awarding_organisation=False, is_service_desk=True))
    hold(world, account("other", desk, roles=frozenset({Role.SERVICE_MANAGER})))
    world.timeliness.record([DayCounts(OURS, "=cmd|' /C calc'!A0 <b>", date(2026, 2, 9), Counts(7))])
    world.timeliness.keep_place(Place(date(2026, 2, 28), date(2026, 2, 20)))
    manager = signed_in(world, "other0417")
    seen = manager.open("/timeliness?month=2026-02")
    assert "By organisation" in seen.body
    assert "&lt;b&gt;" in seen.body
    _, line = csv.reader(io.StringIO(manager.get("/timeliness/csv?month=2026-02").body))
    assert line[1].startswith("'=cmd")


@pytest.mark.req("IDM-07", "SEC-01")
def test_whoever_has_no_role_for_it_sees_no_figures(world: FakeWorld) -> None:
    hold(world, account("other", OURS, roles=frozenset({Role.AWARDING_BODY_USER})))
    other = signed_in(world, "other0417")
    for path in (SUBMITTED, f"{HOME}/learners/{uln(0)}", "/timeliness", "/timeliness/csv"):
        assert other.open(path).status == 403


# --- Hostile input ----------------------------------------------------------------------------------------------------


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_in_every_field_is_refused_and_shown_as_text(
    world: FakeWorld, browser: Browser, text: str
) -> None:
    submit(world, 0)
    one = f"{HOME}/{uln(0)}.60012341.2026-02-20"
    entered = dict.fromkeys(FIELDS, text)
    for path in (f"{HOME}/create", f"{HOME}/find/update", f"{one}/update", f"{one}/withdraw", SUBMITTED):
        browser.open(path)
        seen = browser.submit(path, **entered)
        assert seen.status in (400, 409), path
        for raw in ("<script>alert", "<img src=x", "onerror=alert(1)>", "<b onclick"):
            assert raw not in seen.body, path
        assert "49" not in re.findall(r'value="([^"]*)"', seen.body)
    (held,) = world.achievements.held.values()
    assert held.revision == 1


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize(
    "path",
    [
        f"{SUBMITTED}?cursor=%3Cscript%3E",
        f"{SUBMITTED}?day-day=%3Cscript%3E&day-month=%00&day-year=99999",
        f"{HOME}/learners/{uln(0)}?cursor={'x' * 3000}",
        f"{HOME}/learners/%3Cscript%3E",
        f"{HOME}/find/%3Cscript%3E",
        f"{HOME}/1000000043.60012341.2026-02-30",
        "/timeliness?month=%3Cscript%3E",
        "/timeliness?month=2026-13",
        "/timeliness/csv?month=0000-00",
    ],
)
def test_guessed_and_hostile_addresses_are_refused(browser: Browser, path: str) -> None:
    seen = browser.open(path)
    assert seen.status in (400, 404)
    assert "<script>" not in seen.body.replace('<script nonce="', "").partition("<main")[2]


@pytest.mark.req("SEC-01")
def test_a_form_with_too_many_fields_or_bytes_is_refused(browser: Browser) -> None:
    browser.open(f"{HOME}/create")
    many = {f"field{number}": "x" for number in range(250)}
    assert browser.submit(f"{HOME}/create", **many).status in (400, 413)
    browser.open(f"{HOME}/create")
    assert browser.submit(f"{HOME}/create", given_name="x" * FORM_LIMIT).status == 413
