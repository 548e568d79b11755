"""Single achievements, submissions and timeliness, as the pages' own views give them over a world of fakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from chalicelib.domain.access import Role, capabilities_of
from chalicelib.domain.achievements import Key
from chalicelib.domain.callers import Channel
from chalicelib.domain.codes import Action, SubmissionType
from chalicelib.domain.failures import failure
from chalicelib.domain.portal_sessions import Session
from chalicelib.domain.timeliness import Counts
from chalicelib.formats.words.texts import Text
from chalicelib.ports.timeliness import DayCounts, Place
from chalicelib.web.portal import achievement_change_pages as changes
from chalicelib.web.portal import achievement_pages as pages
from chalicelib.web.portal import submission_pages, timeliness_pages
from chalicelib.web.portal.achievement_parts import Difference, address
from chalicelib.web.portal.drafts import Draft
from chalicelib.web.portal.menu import menu_of
from chalicelib.web.portal.parts import Row
from chalicelib.web.portal.rendering import Flash, Person
from chalicelib.web.portal.visits import Page, View, Visit
from tests.browser.cases.case import HOSTILE, IN, LONG, Case
from tests.builders.accounts import account
from tests.builders.achievements import PROVIDER, csv_file, learner, record, texts_of, uln, world_with
from tests.builders.callers import caller
from tests.builders.jobs import Pipeline
from tests.builders.organisations import OURS
from tests.builders.stream import submitted_change
from tests.fakes.world import FakeWorld

KEY: Final = Key(uln(0), "60012341", date(2026, 2, 20))  # type: ignore[arg-type]
_ONE: Final = address(KEY)
_ENTERED: Final = {
    "uln": uln(0),
    "given_name": "Amelie",
    "family_name": "Thornbury",
    "unit_or_qualification_reference_number": "60012341",
    "achievement_award_date": "2026-02-02",
    "date_of_birth": "2005-01-01",
    "gender": "2",
    "grade": "merit",
}
_DATED: Final = {"action_date": "2026-02-27", "action_reason": "SUBINERROR"}
_FLASH: Final = (Flash("The achievement was withdrawn."),)


def _world(*actions: str) -> FakeWorld:
    """With an achievement of one learner after these actions."""
    world = world_with(learner(0), learner(1))
    world.user_table.held[OURS, "Uamelia"] = account(ukprn=OURS)
    people = caller(OURS, "amelia0417", channel=Channel.PORTAL)
    services = world.services().achievement_services
    for action in actions:
        if action == "batch":
            Pipeline(world).process(csv_file([record(action="2", Grade="Distinction")]), "changes.csv", OURS)
        elif action == Action.CREATE:
            services.create(people, texts_of(record()))
        else:
            services.change(
                people, KEY, Action(action), texts_of(record(action=action, Grade="Merit" * (action == "2")))
            )
    return world


def _session(world: FakeWorld, drafts: Mapping[str, Draft], **changes: Any) -> Session:
    organisation = world.accounts.organisations[OURS]
    found = (
        world.services().portal_sessions.begin(account(ukprn=OURS, **changes), organisation, has_agreed=True).session
    )
    kept = replace(found.kept, criteria={name: draft.written() for name, draft in drafts.items()})
    return replace(found, kept=kept, organisation=LONG)


def _page(
    name: str,
    view: View,
    world: FakeWorld,
    *,
    names: Mapping[str, str] | None = None,
    entered: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    drafts: Mapping[str, Draft] | None = None,
    flash: tuple[Flash, ...] = (),
) -> Case:
    """The page that the view shows to somebody who visits it."""
    session = _session(world, drafts or {})
    named = names or {}
    result = view.show(
        Visit(
            services=world.services(),
            request_id="request",
            source="192.0.2.7",
            session=session,
            names=named,
            query=query or {},
            entered={field: [text] for field, text in (entered or {}).items()},
        )
    )
    assert isinstance(result, Page), result
    path = view.entry.path.format(**named)
    person = Person("Amelia Okafor", "Merrowdale Awards")
    chrome = replace(IN, path=path, menu=menu_of(session, path), person=person, flash=flash)
    return Case(name, result.template, result.context, chrome, result.status)


def _form(texts: Mapping[str, str], **others: str) -> dict[str, str]:
    entered: dict[str, str] = dict(others)
    for name, text in texts.items():
        if "_date" in name or name.startswith("date_"):
            entered |= dict(zip((f"{name}-{part}" for part in ("year", "month", "day")), text.split("-"), strict=True))
        else:
            entered[name] = text
    return entered


_HOSTILE_FORM: Final = _form(
    {"achievement_award_date": "20x6-31-99", "action_date": "2027-02-30"},
    uln=HOSTILE, given_name=HOSTILE, family_name=LONG, grade=HOSTILE, provider_ukprn="1234", gender=HOSTILE,
    language_for_assessment="FRA", learner_postcode=HOSTILE, unit_or_qualification_reference_number=LONG,
    action_reason=HOSTILE, revision="1",
)  # fmt: skip
_EMPTY, _HELD = _world(), _world("1")
_RICH: Final = _world("1", "2", "batch", "3", "4")
_WITHDRAWN: Final = _world("1", "3")
_ID: Final = {"achievement_id": _ONE.rpartition("/")[2]}
_FULL: Final = dict.fromkeys(("provider_ukprn", "language_for_assessment", "learner_postcode"), "") | _ENTERED
_NEW_DRAFT: Final = Draft(
    id="a draft",
    texts=_FULL,
    shown={"aim": f"60012341 – {LONG}", "grade": "Merit", "master_uln": uln(1)},
    notices=[failure("ACW003", "AchievementAwardDate"), failure("ACW002", "ULN", why="given name: synonym")],
)
_VALUES: Final = {"grade": "Pass", "language": "English", "provider_ukprn": PROVIDER, "submission_type": "Final"}
_CHANGE_DRAFT: Final = Draft(
    id="a draft",
    texts={**_ENTERED, **_DATED},
    shown={
        "aim": f"60012341 – {LONG}",
        "before": _VALUES,
        "after": {**_VALUES, "grade": HOSTILE, "provider_ukprn": ""},
    },
    revision=1,
    notices=[failure("ACW003", "ActionDate", hint="action")],
)
_OF_CHANGE: Final = {
    "update": (
        changes.show_achievement_update,
        changes.submit_achievement_update,
        changes.show_achievement_update_check,
    ),
    "withdraw": (
        changes.show_achievement_withdrawal,
        changes.submit_achievement_withdrawal,
        changes.show_achievement_withdrawal_check,
    ),
}


def _hostile(case: Case, **context: Any) -> Case:
    return replace(case, name=f"{case.name}-hostile", context={**case.context, **context})


def _achievement() -> tuple[Case, ...]:
    shown = _page("achievement", changes.show_achievement, _RICH, names=_ID)
    (first, *others) = shown.context["events"]
    told = replace(first, by=LONG, organisation="90000002", differences=[Difference("Grade", HOSTILE, LONG)])
    return (
        shown,
        _page("achievement-withdrawn", changes.show_achievement, _WITHDRAWN, names=_ID, flash=_FLASH),
        _hostile(shown, key=[Row(Text("Given name"), HOSTILE)], events=[told, *others], more=_ONE, first=_ONE),
    )


def _change(word: str) -> tuple[Case, ...]:
    show, submit, check = _OF_CHANGE[word]
    draft = {f"{_ONE}/{word}": _CHANGE_DRAFT}
    stale = _form({**_DATED, "grade": "Distinction", "provider_ukprn": ""}, language_for_assessment="", revision="1")
    replaced = {
        "update": changes.submit_achievement_update_check,
        "withdraw": changes.submit_achievement_withdrawal_check,
    }
    return (
        _page(f"achievement-{word}", show, _HELD, names=_ID),
        _page(f"achievement-{word}-wrong", submit, _HELD, names=_ID, entered=_HOSTILE_FORM),
        _page(f"achievement-{word}-impossible", show, _WITHDRAWN, names=_ID),
        _page(f"achievement-{word}-check", check, _HELD, names=_ID, drafts=draft),
        _page(
            f"achievement-{word}-check-replaced", replaced[word], _HELD, names=_ID, drafts=draft, entered={"draft": "x"}
        ),
        _page(f"achievement-{word}-conflict", submit, _RICH, names=_ID, entered=stale),
        _page(f"achievement-{word}-conflict-over", submit, _WITHDRAWN, names=_ID, entered=stale),
    )


def _submitted() -> tuple[Case, ...]:
    world = _world("1", "2", "3")
    (held,) = world.achievements.held.values()
    states = [held._replace(revision=number, history=held.history[:number]) for number in (1, 2, 3)]
    made = [submitted_change(state) for state in states]
    made.append(made[0]._replace(late=True, job="J7Qm2xVbT0yKcPz4", channel="batch", user=LONG))
    world.submissions.record([(str(number), one) for number, one in enumerate(made)])
    shown = _page("submitted", submission_pages.show_submitted_achievements, world)
    wrong_day = {"day-day": "31", "day-month": "2", "day-year": HOSTILE}
    learners = submission_pages.show_achievements_of_learner
    return (
        replace(shown, context={**shown.context, "more": "/achievements/submitted?cursor=x", "first": "/achievements"}),
        _page("submitted-nothing", submission_pages.show_submitted_achievements, _EMPTY),
        _page("submitted-wrong-day", submission_pages.show_submitted_achievements, _EMPTY, query=wrong_day),
        _page("submitted-wrong-uln", submission_pages.submit_submitted_achievements, _EMPTY, entered={"uln": HOSTILE}),
        _page("achievements-of-learner", learners, world, names={"uln": uln(0)}),
        _page("achievements-of-learner-none", learners, _EMPTY, names={"uln": uln(1)}),
    )


def _timeliness() -> tuple[Case, ...]:
    world = world_with()
    world.timeliness.record(
        [DayCounts(OURS, LONG, date(2026, 2, day), Counts(1200 + day, 3, day, 40, 2)) for day in (9, 10, 11)]
        + [DayCounts("90000002", HOSTILE, date(2026, 2, 9), Counts(7))]
    )
    world.timeliness.keep_place(Place(date(2026, 2, 28), date(2026, 2, 20)))
    world.outages.record(datetime(2026, 2, 9, 9, tzinfo=UTC), datetime(2026, 2, 10, 17, tzinfo=UTC))
    view = timeliness_pages.show_timeliness
    of_own = _page("timeliness", view, world, query={"month": "2026-02"})
    report = world.services().timeliness_reports.of_month(
        caller("90000099", "ann", capabilities_of({Role.SERVICE_MANAGER})), timeliness_pages.Month(2026, 2)
    )
    of_all = {**of_own.context, "is_of_all": True, "organisations": report.organisations, "total": report.total}
    return (
        of_own,
        replace(of_own, name="timeliness-of-all", context=of_all),
        _page("timeliness-nothing", view, world),
    )


_PROVISIONAL: Final = _world("1")
for _key, _held in list(_PROVISIONAL.achievements.held.items()):
    _PROVISIONAL.achievements.held[_key] = _held._replace(submission_type=SubmissionType.PROVISIONAL)

CASES: Final = (
    _page("achievements", pages.show_achievements, _EMPTY),
    _page("achievements-create", pages.show_new_achievement, _EMPTY),
    _page("achievements-create-wrong", pages.submit_new_achievement, _EMPTY, entered=_HOSTILE_FORM),
    _page("achievements-create-empty", pages.submit_new_achievement, _EMPTY),
    _page(
        "achievements-create-notices",
        pages.submit_new_achievement,
        _EMPTY,
        entered=_form({**_ENTERED, "provider_ukprn": "10009999"}),
    ),
    _page("achievements-check", pages.show_new_achievement_check, _EMPTY, drafts={pages.NEW: _NEW_DRAFT}),
    _page(
        "achievements-check-replaced",
        pages.submit_new_achievement_check,
        _EMPTY,
        drafts={pages.NEW: replace(_NEW_DRAFT, texts={**_FULL, "given_name": HOSTILE})},
        entered={"draft": "another"},
    ),
    _page("achievements-created", pages.show_created_achievement, _EMPTY, drafts={pages.NEW: Draft(id="x", done=_ONE)}),
    *(
        _page(f"achievements-find-{word}", pages.show_find_achievement, _EMPTY, names={"word": word})
        for word in ("update", "withdraw", "reinstate")
    ),
    _page(
        "achievements-find-wrong",
        pages.submit_find_achievement,
        _EMPTY,
        names={"word": "update"},
        entered=_HOSTILE_FORM,
    ),
    _page(
        "achievements-find-instead",
        pages.submit_find_achievement,
        _HELD,
        names={"word": "reinstate"},
        entered=_form({**_ENTERED, "given_name": "Amelia", "achievement_award_date": "2026-02-20"}),
    ),
    *_achievement(),
    *_change("update"),
    *_change("withdraw"),
    _page("achievement-update-provisional", changes.show_achievement_update, _PROVISIONAL, names=_ID),
    _page("achievement-reinstate", changes.show_achievement_reinstatement, _WITHDRAWN, names=_ID),
    *_submitted(),
    *_timeliness(),
)
