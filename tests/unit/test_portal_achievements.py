"""Single achievements on pages: create, find, update, withdraw, reinstate (AO18 5.2, ACH-01 to ACH-05, ACH-09)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from chalicelib.domain.access import Role
from tests.builders.accounts import account
from tests.builders.achievements import PROVIDER, SHARED_AIM, csv_file, learner, record, uln, world_with
from tests.builders.jobs import Pipeline
from tests.builders.organisations import OURS, THEIRS
from tests.builders.portal import NAME, Browser, Seen, hold, signed_in
from tests.fakes.world import FakeWorld

HOME = "/achievements"
ONE = f"{HOME}/{uln(0)}.60012341.2026-02-20"
NEW = {
    "uln": uln(0),
    "given_name": "Amelia",
    "family_name": "Thornbury",
    "date_of_birth-day": "",
    "date_of_birth-month": "",
    "date_of_birth-year": "",
    "gender": "",
    "learner_postcode": "",
    "unit_or_qualification_reference_number": "600/1234/1",
    "achievement_award_date-day": "20",
    "achievement_award_date-month": "2",
    "achievement_award_date-year": "2026",
    "grade": "pass",
    "language_for_assessment": "ENG",
    "provider_ukprn": PROVIDER,
}
KEY = {
    name: text for name, text in NEW.items() if name.startswith(("uln", "given", "family", "unit", "achievement_award"))
}
DATED = {"action_date-day": "27", "action_date-month": "2", "action_date-year": "2026"}
VALUES = {"grade": "Pass", "language_for_assessment": "ENG", "provider_ukprn": PROVIDER}
REASONED = {**DATED, "action_reason": "SUBINERROR"}


OTHER = "other0417"


@pytest.fixture
def world() -> FakeWorld:
    world = world_with(learner(0), learner(1), learner(2))
    hold(world, account(ukprn=OURS))
    return world


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def draft(seen: Seen) -> str:
    found = re.search(r'name="draft" value="([^"]*)"', seen.body)
    assert found, seen.body
    return found[1]


def revision(seen: Seen) -> str:
    found = re.search(r'name="revision" value="([^"]*)"', seen.body)
    assert found, seen.body
    return found[1]


def confirm(browser: Browser, path: str) -> Seen:
    """Send the form of the page where answers are checked."""
    return browser.submit(path, draft=draft(browser.open(path)))


def create(browser: Browser, **changes: str) -> Seen:
    """Create an achievement, up to its confirmation."""
    seen = browser.fill_in(f"{HOME}/create", **{**NEW, **changes})
    assert seen.status == 200, seen.errors
    confirm(browser, f"{HOME}/create/check")
    return browser.open(f"{HOME}/create/done")


def change(browser: Browser, word: str, fields: Mapping[str, str]) -> Seen:
    """Make a change of the achievement, up to its page."""
    browser.open(f"{ONE}/{word}")
    seen = browser.submit(f"{ONE}/{word}", revision=revision(browser.seen), **fields)
    assert seen.location == f"{ONE}/{word}/check", seen.errors
    return browser.open(confirm(browser, seen.location).location)


def text_of(seen: Seen) -> str:
    body = re.sub(r"<[^>]+>", " ", seen.body.partition("<main")[2])
    return " ".join(html.unescape(body).split())


@pytest.mark.req("ACH-01")
def test_the_page_of_options_names_every_action_of_the_guide(browser: Browser) -> None:
    seen = browser.open(HOME)
    assert seen.title == "Manage Learner Achievements"
    for name in ("Create", "Update", "Withdraw", "Reinstate"):
        assert f"{name} Achievement" in seen.body


@pytest.mark.req("ACH-01")
def test_an_achievement_is_created_after_its_details_were_checked(world: FakeWorld, browser: Browser) -> None:
    browser.open(f"{HOME}/create")
    seen = browser.submit(f"{HOME}/create", **NEW)
    assert seen.location == f"{HOME}/create/check"
    assert not world.achievements.held
    checked = text_of(browser.open(seen.location))
    for text in ("60012341 – Sample diploma", "20 February 2026", "Amelia", "Thornbury", "English", PROVIDER, "Pass"):
        assert text in checked
    done = confirm(browser, f"{HOME}/create/check")
    assert browser.open(done.location).title == "Achievement created"
    assert f'href="{ONE}"' in browser.seen.body
    (held,) = world.achievements.held.values()
    assert (held.grade, held.language, held.provider_ukprn) == ("Pass", "ENG", PROVIDER)
    made = held.history[-1].provenance
    assert (made.organisation, made.user, made.channel) == (OURS, NAME, "portal")


@pytest.mark.req("ACH-01")
def test_every_wrong_value_is_reported_at_once_beside_its_field_and_kept(browser: Browser) -> None:
    wrong = {"given_name": "4melia", "grade": "Brilliant", "provider_ukprn": "19999999", "family_name": "",
             "achievement_award_date-year": "2005", "learner_postcode": "nowhere"}  # fmt: skip
    seen = browser.fill_in(f"{HOME}/create", **{**NEW, **wrong})
    assert seen.status == 400
    assert [re.sub(r"\W.*", "", one) for one in re.findall(r'href="#([^"]+)"', seen.body) if one != "main-content"] == [
        "given_name", "family_name", "learner_postcode", "achievement_award_date", "grade", "provider_ukprn"
    ]  # fmt: skip
    assert seen.errors[1] == "Enter family name"
    assert "1 September 2006" in seen.errors[3]
    assert "Pass, Merit, Distinction" in seen.errors[4]
    assert 'value="4melia"' in seen.body
    assert 'value="Brilliant"' in seen.body


@pytest.mark.req("ACH-01", "VLD-02")
def test_learner_details_that_do_not_match_the_register_are_refused(browser: Browser) -> None:
    seen = browser.fill_in(f"{HOME}/create", **{**NEW, "given_name": "Zebedee"})
    assert (seen.status, len(seen.errors)) == (400, 1)
    assert "do not match the learner with this ULN" in seen.errors[0]
    assert "Amelia" not in text_of(seen)


@pytest.mark.req("ACH-01", "ACH-10")
def test_notices_are_shown_and_do_not_stop_anything(browser: Browser) -> None:
    late = {"given_name": "Amelie", "achievement_award_date-month": "1"}
    seen = browser.fill_in(f"{HOME}/create", **{**NEW, **late})
    assert seen.status == 200
    assert "more than ten working days ago" in text_of(seen)
    assert "only partly match those we hold" in text_of(seen)
    confirm(browser, f"{HOME}/create/check")
    assert browser.open(f"{HOME}/create/done").title == "Achievement created"


@pytest.mark.req("ACH-01", "ACH-02")
def test_a_form_that_is_sent_again_creates_nothing_twice(world: FakeWorld, browser: Browser) -> None:
    browser.fill_in(f"{HOME}/create", **NEW)
    form = {"csrf_token": browser.seen.token, "draft": draft(browser.seen)}
    kept = dict(world.portal_session_table.held)
    first = browser.post(f"{HOME}/create/check", form)
    again = browser.post(f"{HOME}/create/check", form)
    assert first.location == again.location == f"{HOME}/create/done"
    world.portal_session_table.held.update(kept)  # the second of two clicks has read the session before the first ends
    assert browser.post(f"{HOME}/create/check", form).location == f"{HOME}/create/done"
    assert browser.get(f"{HOME}/create/check").location == f"{HOME}/create/done"
    (held,) = world.achievements.held.values()
    assert held.revision == 1


@pytest.mark.req("ACH-02")
def test_the_same_achievement_again_leads_to_it_and_another_on_its_key_is_refused(browser: Browser) -> None:
    create(browser)
    browser.open(f"{HOME}/create")
    same = browser.submit(f"{HOME}/create", **NEW)
    assert same.location == ONE
    assert "already recorded" in browser.open(same.location).body
    other = browser.fill_in(f"{HOME}/create", **{**NEW, "grade": "Merit"})
    assert len(other.errors) == 1
    assert other.errors[0].endswith("is already recorded. Find it to update or reinstate it.")


@pytest.mark.req("ACH-01")
def test_answers_replaced_in_another_tab_are_shown_before_they_are_saved(world: FakeWorld, browser: Browser) -> None:
    browser.fill_in(f"{HOME}/create", **NEW)
    first = draft(browser.seen)
    browser.fill_in(f"{HOME}/create", **{**NEW, "grade": "Merit"})
    seen = browser.submit(f"{HOME}/create/check", draft=first)
    assert seen.status == 409
    assert "you replaced them in another tab" in seen.body
    assert "Merit" in text_of(seen)
    assert not world.achievements.held
    browser.submit(f"{HOME}/create/check", draft=draft(seen))
    assert next(iter(world.achievements.held.values())).grade == "Merit"


@pytest.mark.req("ACH-01")
def test_without_answers_the_way_leads_back_to_the_form(browser: Browser) -> None:
    for seen in (browser.get(f"{HOME}/create/check"), browser.open(HOME), browser.submit(f"{HOME}/create/check")):
        assert seen.location in ("", f"{HOME}/create")
    assert "We no longer have your answers" in browser.open(f"{HOME}/create").body
    assert browser.get(f"{HOME}/create/done").location == HOME


@pytest.mark.req("ACH-01")
def test_answers_of_a_version_that_knows_more_are_asked_for_again(world: FakeWorld, browser: Browser) -> None:
    browser.fill_in(f"{HOME}/create", **NEW)
    for key, held in world.portal_session_table.held.items():
        texts = {name: text.replace('{"id"', '{"later":1,"id"') for name, text in held.criteria.items()}
        world.portal_session_table.held[key] = replace(held, criteria=texts)
    assert browser.get(f"{HOME}/create/check").location == f"{HOME}/create"
    assert browser.get(f"{HOME}/create?from=check").status == 200


@pytest.mark.req("ACH-01")
def test_answers_can_be_changed_before_they_are_saved(browser: Browser) -> None:
    browser.fill_in(f"{HOME}/create", **{**NEW, "gender": "2", "date_of_birth-day": "1", "date_of_birth-month": "1",
                                         "date_of_birth-year": "2005"})  # fmt: skip
    assert "Female" in text_of(browser.seen)
    assert f'href="{HOME}/create?from=check#grade"' in browser.seen.body
    body = browser.open(f"{HOME}/create?from=check").body
    assert 'value="Thornbury"' in body
    assert 'value="2005"' in body
    assert "Thornbury" not in browser.open(f"{HOME}/create").body


# --- Find -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-03", "ACH-04", "ACH-08")
@pytest.mark.parametrize("word", ["update", "withdraw"])
def test_an_achievement_is_found_by_the_five_details_first_supplied(browser: Browser, word: str) -> None:
    create(browser)
    browser.open(f"{HOME}/find/{word}")
    assert browser.submit(f"{HOME}/find/{word}", **{**KEY, "given_name": "AMELIA"}).location == f"{ONE}/{word}"
    wrong = browser.fill_in(f"{HOME}/find/{word}", **{**KEY, "given_name": "Amelie"})
    assert wrong.errors == ["Given name is not the one first supplied for this achievement"]
    none = browser.fill_in(f"{HOME}/find/{word}", **{**KEY, "achievement_award_date-day": "19"})
    assert none.errors == [
        "We could not find an achievement with these details. Check that they are those first supplied."
    ]
    empty = browser.fill_in(f"{HOME}/find/{word}")
    assert len(empty.errors) == 5


@pytest.mark.req("ACH-05")
def test_what_the_state_does_not_allow_is_said_with_what_it_does(browser: Browser) -> None:
    create(browser)
    seen = browser.fill_in(f"{HOME}/find/reinstate", **KEY)
    assert (seen.status, len(seen.errors)) == (400, 1)
    assert "is not withdrawn" in seen.errors[0]
    assert "Update this achievement instead" in seen.body
    assert 'value="Thornbury"' in browser.open(f"{HOME}/find/update?from=search").body
    change(browser, "withdraw", REASONED)
    assert "has been withdrawn" in browser.fill_in(f"{HOME}/find/update", **KEY).errors[0]
    for word in ("update", "withdraw"):
        seen = browser.open(f"{ONE}/{word}")
        assert (seen.status, f"{ONE}/reinstate" in seen.body) == (409, True)


@pytest.mark.req("ACH-08", "SEC-01")
def test_another_organisations_achievement_is_not_there(world: FakeWorld, browser: Browser) -> None:
    Pipeline(world).process(
        csv_file([record(UnitOrQualificationReferenceNumber="L6168832")], THEIRS), "theirs.csv", THEIRS
    )
    assert world.achievements.held
    theirs = f"{HOME}/{uln(0)}.L6168832.2026-02-20"
    for path in (theirs, f"{theirs}/update", f"{theirs}/withdraw", f"{theirs}/reinstate"):
        assert browser.open(path).status == 404
    for path in (f"{theirs}/update", f"{theirs}/withdraw"):
        assert browser.submit(path, revision="1", **REASONED, token=browser.open(HOME).token).status == 404
    seen = browser.fill_in(
        f"{HOME}/find/update", **{**KEY, "unit_or_qualification_reference_number": SHARED_AIM.reference}
    )
    assert "could not find" in seen.errors[0]
    for guess in ("1", "1000000043.60012341.2026-13-01", f"{uln(0)}.60012341", "..%2f..", "x" * 200):
        assert browser.open(f"{HOME}/{guess}").status == 404
    assert browser.open(f"{HOME}/find/delete").status == 404


# --- Change -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-03", "ACH-09")
def test_an_update_is_filled_in_checked_and_shown_in_the_history(world: FakeWorld, browser: Browser) -> None:
    create(browser)
    form = browser.open(f"{ONE}/update")
    assert 'value="Pass"' in form.body
    assert "Pass, Merit, Distinction" in form.body
    seen = browser.submit(
        f"{ONE}/update", revision=revision(form), **{**VALUES, **DATED, "grade": "merit", "provider_ukprn": ""}
    )
    check = text_of(browser.open(seen.location))
    assert "Grade Pass Merit" in check
    assert f"Provider UKPRN {PROVIDER} None" in check
    assert "govuk-button--warning" not in browser.seen.body
    shown = browser.open(confirm(browser, seen.location).location)
    assert "The achievement was updated." in shown.body
    history = text_of(shown).partition("History")[2]
    assert "Grade changed from Pass to Merit" in history
    assert f"Provider UKPRN {PROVIDER} removed" in history
    assert "Action date: 27 February 2026" in history
    assert history.count(f"by {NAME}, through the portal") == 2
    (held,) = world.achievements.held.values()
    assert (held.revision, held.grade, held.provider_ukprn) == (2, "Merit", "")


@pytest.mark.req("ACH-03")
def test_an_update_without_a_change_changes_nothing(world: FakeWorld, browser: Browser) -> None:
    create(browser)
    browser.open(f"{ONE}/update")
    seen = browser.submit(f"{ONE}/update", revision=revision(browser.seen), **VALUES, **DATED)
    assert seen.location == ONE
    assert "Nothing was changed" in browser.open(ONE).body
    assert next(iter(world.achievements.held.values())).revision == 1


@pytest.mark.req("ACH-03", "ACH-04")
def test_wrong_values_of_a_change_are_reported_at_once(browser: Browser) -> None:
    create(browser)
    browser.open(f"{ONE}/update")
    wrong = {"grade": "Starred", "language_for_assessment": "FRA", "provider_ukprn": "1234", "action_date-day": "27",
             "action_date-month": "2", "action_date-year": "2027"}  # fmt: skip
    seen = browser.submit(f"{ONE}/update", revision=revision(browser.seen), **wrong)
    assert (seen.status, len(seen.errors)) == (400, 4)
    assert seen.errors[-1] == "Action date must be today or in the past"
    browser.open(f"{ONE}/withdraw")
    seen = browser.submit(f"{ONE}/withdraw", revision=revision(browser.seen))
    assert seen.errors == ["Enter action date", "Select action reason from the list"]


@pytest.mark.req("ACH-04", "ACH-05", "ACH-09")
def test_an_achievement_is_withdrawn_and_reinstated_with_reason_and_date(world: FakeWorld, browser: Browser) -> None:
    create(browser)
    browser.open(f"{ONE}/withdraw")
    seen = browser.submit(f"{ONE}/withdraw", revision=revision(browser.seen), **REASONED)
    check = browser.open(seen.location)
    assert "govuk-button--warning" in check.body
    assert "SUBINERROR – This record was sent in error" in text_of(check)
    shown = browser.open(confirm(browser, seen.location).location)
    assert "The achievement was withdrawn." in shown.body
    assert f"{ONE}/reinstate" in shown.body
    assert f"{ONE}/update" not in shown.body
    assert 'name="grade"' not in browser.open(f"{ONE}/reinstate").body
    shown = change(browser, "reinstate", {**REASONED, "action_reason": "BATCHERROR"})
    history = text_of(shown).partition("History")[2]
    assert "Withdrawn" in history
    assert "Reason: BATCHERROR – All records of a batch were sent in error" in history
    (held,) = world.achievements.held.values()
    assert [version.actions for version in held.history] == ["1", "3", "4"]


@pytest.mark.req("ACH-04")
def test_a_withdrawal_sent_again_or_opened_by_the_back_button_says_that_it_was_done(
    world: FakeWorld, browser: Browser
) -> None:
    create(browser)
    browser.open(f"{ONE}/withdraw")
    path = browser.submit(f"{ONE}/withdraw", revision=revision(browser.seen), **REASONED).location
    form = {"csrf_token": browser.open(path).token, "draft": draft(browser.seen)}
    kept = dict(world.portal_session_table.held)
    assert browser.post(path, form).location == ONE
    assert browser.post(path, form).location == ONE
    assert "Nothing was done twice" in browser.open(ONE).body
    assert browser.get(path).location == ONE
    world.portal_session_table.held.update(kept)  # the second of two clicks has read the session before the first ends
    assert browser.post(path, form).location == ONE
    assert "Nothing was done twice" in browser.open(ONE).body
    assert next(iter(world.achievements.held.values())).revision == 2
    assert browser.open(f"{ONE}/withdraw").status == 409


@pytest.mark.req("ACH-03")
@pytest.mark.parametrize("place", ["form", "check"])
def test_two_tabs_with_one_achievement_are_shown_both(world: FakeWorld, browser: Browser, place: str) -> None:
    create(browser)
    hold(world, account("other", OURS))
    other = signed_in(world, OTHER)
    old = revision(browser.open(f"{ONE}/update"))
    mine = {**VALUES, **DATED, "grade": "Distinction"}
    if place == "check":
        form = draft(browser.open(browser.submit(f"{ONE}/update", revision=old, **mine).location))
    change(other, "update", {**VALUES, **DATED, "grade": "Merit"})
    if place == "check":
        seen = browser.submit(f"{ONE}/update/check", draft=form)
    else:
        seen = browser.submit(f"{ONE}/update", revision=old, **mine)
    assert seen.status == 409
    assert "Grade Distinction Merit" in text_of(seen)
    assert f"{OTHER} changed it on" in text_of(seen)
    assert revision(seen) == "2"
    again = browser.submit(f"{ONE}/update", revision="2", **mine)
    confirm(browser, again.location)
    assert next(iter(world.achievements.held.values())).grade == "Distinction"


@pytest.mark.req("ACH-03")
def test_ones_own_other_change_on_the_same_day_is_no_second_click(world: FakeWorld, browser: Browser) -> None:
    create(browser)
    old = revision(browser.open(f"{ONE}/update"))
    browser.submit(f"{ONE}/update", revision=old, **{**VALUES, **DATED, "grade": "Merit"})
    form = {"csrf_token": browser.open(f"{ONE}/update/check").token, "draft": draft(browser.seen)}
    change(signed_in(world), "update", {**VALUES, **DATED, "grade": "Distinction"})
    seen = browser.post(f"{ONE}/update/check", form)
    assert seen.status == 409
    assert "Grade Merit Distinction" in text_of(seen)


@pytest.mark.req("ACH-04")
def test_a_change_that_is_no_longer_possible_has_no_form(world: FakeWorld, browser: Browser) -> None:
    create(browser)
    old = revision(browser.open(f"{ONE}/update"))
    token = browser.seen.token
    change(browser, "withdraw", REASONED)
    seen = browser.submit(f"{ONE}/update", revision=old, **VALUES, **DATED, token=token)
    assert seen.status == 409
    assert 'name="grade"' not in seen.body
    assert "The achievement no longer counts." in text_of(seen)


@pytest.mark.req("ACH-03")
@pytest.mark.parametrize("sent", ["", "x", "٢", "-1", "9" * 50])
def test_a_revision_that_no_page_has_given_is_a_conflict(browser: Browser, sent: str) -> None:
    create(browser)
    browser.open(f"{ONE}/update")
    assert browser.submit(f"{ONE}/update", revision=sent, **VALUES, **DATED).status == 409


@pytest.mark.req("ACH-03", "SEC-01")
def test_whoever_looks_or_tries_is_in_the_audit_log(world: FakeWorld, browser: Browser) -> None:
    browser.fill_in(f"{HOME}/create", **{**NEW, "grade": "Starred"})
    create(browser)
    browser.open(ONE)
    browser.open(f"{ONE}/update")
    looked = [one for one in world.audit.held.values() if one.subject == f"ULN#{uln(0)}"]
    found = [(one.action.value, one.outcome.value.lower()) for one in looked]
    assert found == [
        ("achievement-created", "refused"),
        ("achievement-checked", "done"),
        ("achievement-history-viewed", "done"),
        ("achievement-viewed", "done"),
    ]
    assert {one.detail["channel"] for one in looked} == {"portal"}


@pytest.mark.req("IDM-07", "SEC-01")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.QCF_USER])
def test_no_other_role_reaches_a_page(world: FakeWorld, role: Role) -> None:
    organisation = world.accounts.organisations[OURS]
    world.accounts.put(organisation._replace(is_awarding_organisation=role is Role.QCF_RECORD_SET_USER))
    hold(world, account("other", OURS, roles=frozenset({role})))
    other = signed_in(world, OTHER)
    for path in (HOME, f"{HOME}/create", f"{HOME}/find/update", ONE, f"{ONE}/withdraw", f"{HOME}/submitted"):
        assert other.open(path).status == 403
