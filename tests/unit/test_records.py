"""Learning events and records: what each event contains, which are shown, and when a record has a new version."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.achievements import Provenance, Status
from chalicelib.domain.challenges import ChallengeMark, ChallengeStatus
from chalicelib.domain.codes import ChallengeType, GetType, SubmissionType
from chalicelib.domain.learners import LearnerDetails, learner_of
from chalicelib.domain.records import (
    BRIEF,
    FULL,
    Availability,
    AvailabilityChange,
    AvailabilityState,
    Holdings,
    Names,
    Source,
    event_number,
    hash_of,
    held_of,
    learning_events,
    state_of,
    version_tag,
)
from tests.builders.achievements import AIM, PROVIDER, SHARED_AIM, learner
from tests.builders.organisations import OURS, THEIRS
from tests.builders.records import LOADED, NAMES, SCHOOL, achievement, event

pytestmark = pytest.mark.req("PLR-01")


def holdings(number=0, achievements=(), **parts):
    return Holdings(learner_of(learner(number)), tuple(map(held_of, achievements)), **parts)


def only(*parts, owner=""):
    (found,) = learning_events(parts, NAMES, owner)
    return found


def availability(state, revision=1):
    change = AvailabilityChange(state, LOADED, OURS, "ann", "FTF", "")
    return Availability(learner().uln, change, revision)


def mark(*events, status=ChallengeStatus.NEW):
    return ChallengeMark(learner().uln, "DC-1", ChallengeType.EVENT_GRADE, status, LOADED, OURS, events)


def test_a_full_event_has_every_field_of_the_existing_interface_in_its_order():
    wire = "".join(name.title().replace("_", "") + " " for name in FULL).split()
    assert wire == [
        "AchievementAwardDate", "AchievementProviderName", "AchievementProviderUkprn", "AwardingOrganisationName",
        "AwardingOrganisationUkprn", "CollectionType", "Credits", "DateLoaded", "Grade", "Id",
        "LanguageForAssessment", "Level", "ParticipationEndDate", "ParticipationStartDate", "QualificationType",
        "Restriction", "ReturnNumber", "Source", "Status", "Subject", "SubjectCode", "UnderDataChallenge",
    ]  # fmt: skip


def test_a_brief_event_has_nine_of_them():
    assert len(BRIEF) == 9
    assert set(BRIEF) < set(FULL)


def test_an_achievement_is_an_event_of_its_awarding_organisation():
    found = only(holdings(achievements=(achievement(),)))
    assert found._replace(id=0)._asdict() == {
        "achievement_award_date": date(2026, 2, 20),
        "achievement_provider_name": "Provider 10",
        "achievement_provider_ukprn": PROVIDER,
        "awarding_organisation_name": "Provider 01",
        "awarding_organisation_ukprn": OURS,
        "collection_type": "",
        "credits": 120,
        "date_loaded": datetime.fromisoformat(LOADED),
        "grade": "Pass",
        "id": 0,
        "language_for_assessment": "English",
        "level": "Level 3",
        "participation_end_date": None,
        "participation_start_date": None,
        "qualification_type": "Vocational",
        "restriction": "0",
        "return_number": "",
        "source": "AO",
        "status": "F",
        "subject": AIM.title,
        "subject_code": "600/1234/1",
        "under_data_challenge": "N",
    }


def test_a_unit_comes_from_unit_credit_and_keeps_its_obliques():
    found = only(holdings(achievements=(achievement(reference=SHARED_AIM.reference),)))
    assert (found.source, found.subject_code, found.credits) == ("QCFU", "L/616/8832", 6)


def test_a_unit_no_longer_in_the_catalogue_is_named_by_its_reference():
    bare = Names(None, lambda _: "")
    (found,) = learning_events([holdings(achievements=(achievement(reference="L/616/8832"),))], bare)
    assert (found.source, found.subject, found.credits, found.awarding_organisation_name) == ("QCFU", "", None, "")


def test_a_provisional_submission_is_shown_as_such():
    assert only(holdings(achievements=(achievement(submission_type=SubmissionType.PROVISIONAL),))).status == "P"


def test_an_organisation_that_is_not_a_provider_has_its_registered_name():
    found = only(holdings(achievements=(achievement(owner=THEIRS),)))
    assert found.awarding_organisation_name == f"Registered {THEIRS}"


@pytest.mark.parametrize(("code", "text"), [("CYM", "Welsh"), ("GLE", "Irish"), ("", ""), ("FRA", "FRA")])
def test_the_language_is_shown_as_text(code, text):
    assert only(holdings(achievements=(achievement(language=code),))).language_for_assessment == text


def test_school_data_is_shown_unchanged():
    found = only(holdings(events=(event(),)))
    assert found.source == "NPD"
    assert (found.subject, found.subject_code, found.level, found.grade) == (
        "Mathematics",
        "60142923",
        "Level 1/2",
        "7",
    )
    assert (found.awarding_organisation_ukprn, found.awarding_organisation_name) == ("100062", "AQA")
    assert (found.participation_start_date, found.participation_end_date) == (date(2021, 9, 1), date(2023, 6, 30))
    assert (found.collection_type, found.return_number) == ("School census", "2023-3")
    assert found.achievement_provider_name == "Provider 20"
    assert found.date_loaded == datetime(2025, 11, 3, 4, 5, 6, 789012, UTC)


def test_what_a_funding_return_leaves_open_the_catalogue_fills():
    left = {"subject": "", "level": "", "qualification_type": "", "grade": "", "subject_code": AIM.reference}
    found = only(holdings(events=(event(source=Source.FUNDING_RETURN, **left),)))
    assert (found.subject, found.level, found.qualification_type, found.credits) == (
        AIM.title, "Level 3", "Vocational", 120
    )  # fmt: skip
    assert found.grade == "9999999999"


def test_a_provider_that_no_register_has_keeps_the_name_that_came_with_the_event():
    found = only(holdings(events=(event(provider_ukprn="", provider_name="Abroad"),)))
    assert found.achievement_provider_name == "Abroad"


def test_what_was_withdrawn_is_no_event():
    gone = holdings(achievements=(achievement(status=Status.WITHDRAWN),), events=(event(withdrawn=True),))
    assert learning_events([gone], NAMES) == []
    assert learning_events([gone], NAMES, OURS) == []


def test_a_record_holds_what_is_under_every_linked_number_newest_first():
    master = holdings(0, achievements=(achievement(0, day=1), achievement(0, day=20)))
    linked = holdings(1, achievements=(achievement(1, day=10),), events=(event(1),))
    days = [found.achievement_award_date for found in learning_events([linked, master], NAMES)]
    assert days == [date(2026, 2, 20), date(2026, 2, 10), date(2026, 2, 1), date(2023, 8, 24)]


@pytest.mark.req("ULN-09")
def test_one_aim_and_date_under_linked_numbers_is_one_event():
    later = Provenance("2026-12-01T09:00:00+00:00", OURS, "ann", "webservice")
    first = achievement(0, grade="Pass")
    amended = achievement(1, grade="Merit")
    amended = amended._replace(history=(amended.history[0]._replace(provenance=later),))
    parts = [holdings(0, achievements=(first,)), holdings(1, achievements=(amended, achievement(1, day=1)))]
    found, other = learning_events(parts, NAMES)
    assert (found.grade, other.achievement_award_date) == ("Merit", date(2026, 2, 1))
    assert learning_events(parts[::-1], NAMES) == [found, other]


@pytest.mark.req("ULN-09")
def test_of_linked_achievements_the_final_one_is_shown_and_each_organisation_sees_its_own():
    final, provisional = achievement(0), achievement(1, submission_type=SubmissionType.PROVISIONAL, owner=THEIRS)
    parts = [holdings(0, achievements=(final,)), holdings(1, achievements=(provisional,))]
    assert only(*parts).status == "F"
    assert [only(*parts, owner=owner).awarding_organisation_ukprn for owner in (OURS, THEIRS)] == [OURS, THEIRS]
    gone = [parts[1], holdings(0, achievements=(final._replace(status=Status.WITHDRAWN),))]
    assert only(*gone).awarding_organisation_ukprn == THEIRS


@pytest.mark.req("ULN-09", "PLR-06")
def test_a_linked_achievement_keeps_its_number_and_is_marked_whichever_of_the_two_is_challenged():
    early = achievement(0, loaded_at="2026-02-21T09:00:00+00:00")
    late = achievement(1, loaded_at="2026-02-25T09:00:00+00:00")
    numbers = [only(holdings(place, achievements=(held,))).id for place, held in enumerate((early, late))]
    for challenged in numbers:
        parts = [holdings(1, achievements=(late,), challenges=(mark(challenged),)), holdings(0, achievements=(early,))]
        assert (only(*parts).id, only(*parts).under_data_challenge) == (numbers[0], "Y")


def test_an_event_without_an_award_has_the_date_of_its_end_or_else_its_beginning():
    ended = event(event_id="b", award_date=None, end_date=date(2026, 2, 25))
    begun = event(event_id="c", award_date=None, end_date=None, start_date=date(2026, 2, 22))
    never = event(event_id="d", award_date=None, end_date=None, start_date=None)
    found = learning_events([holdings(achievements=(achievement(),), events=(never, begun, ended))], NAMES)
    assert [one.participation_end_date or one.participation_start_date for one in found] == [
        date(2026, 2, 25), date(2026, 2, 22), None, None
    ]  # fmt: skip


@pytest.mark.req("PLR-05")
def test_owners_are_the_submitting_organisation_and_the_provider_of_the_return():
    whole = holdings(achievements=(achievement(), achievement(day=1, owner=THEIRS)), events=(event(),))
    assert [one.awarding_organisation_ukprn for one in learning_events([whole], NAMES, OURS)] == [OURS]
    assert [one.source for one in learning_events([whole], NAMES, SCHOOL)] == ["NPD"]
    assert learning_events([whole], NAMES, PROVIDER) == []


@pytest.mark.req("PLR-06")
@pytest.mark.parametrize("status", ChallengeStatus)
def test_an_event_is_marked_while_a_challenge_to_it_is_open(status):
    challenged, other = learning_events([holdings(achievements=(achievement(), achievement(day=1)))], NAMES)
    part = holdings(achievements=(achievement(), achievement(day=1)), challenges=(mark(challenged.id, status=status),))
    reported = {one.id: one.under_data_challenge for one in learning_events([part], NAMES)}
    assert reported == {challenged.id: "Y" if status.is_open else "N", other.id: "N"}


@pytest.mark.req("PLR-06")
def test_a_challenge_marks_the_event_under_whichever_linked_number_it_was_raised():
    event_id = only(holdings(1, achievements=(achievement(1),))).id
    parts = [holdings(0, challenges=(mark(event_id),)), holdings(1, achievements=(achievement(1),))]
    assert only(*parts).under_data_challenge == "Y"


def test_an_event_keeps_its_number_whatever_changes():
    first = only(holdings(achievements=(achievement(),)))
    changed = achievement(revision=3, grade="Merit", provider_ukprn="", submission_type=SubmissionType.PROVISIONAL)
    assert only(holdings(achievements=(changed,))).id == first.id
    brought = only(holdings(events=(event(),)))
    assert only(holdings(events=(event(grade="9", subject="Maths"),))).id == brought.id
    assert len({first.id, brought.id, only(holdings(1, achievements=(achievement(1),))).id}) == 3


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_an_events_number_is_positive_and_exact_in_floating_point(identity):
    number = event_number(*identity)
    assert 1 <= number < 2**53
    assert int(float(number)) == number


def test_the_number_depends_on_the_moment_of_loading_so_that_no_one_can_try_all_learners():
    uln, aim = learner().uln, AIM.reference
    assert event_number("ACH", uln, aim, "2026-02-20", LOADED) != event_number("ACH", uln, aim, "2026-02-20", "")


@pytest.mark.req("PLR-05")
@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([None], AvailabilityState.AVAILABLE),
        ([None, AvailabilityState.OPTED_OUT], AvailabilityState.OPTED_OUT),
        ([AvailabilityState.RESTRICTED, AvailabilityState.OPTED_OUT], AvailabilityState.RESTRICTED),
        ([AvailabilityState.AVAILABLE, None], AvailabilityState.AVAILABLE),
    ],
)
def test_a_record_is_as_restricted_as_its_most_restricted_part(states, expected):
    assert state_of(holdings(availability=state and availability(state)) for state in states) is expected


@pytest.mark.req("PLR-05")
def test_an_earlier_ability_to_share_holds_until_a_later_request():
    base = learner_of(learner())
    opted_out = base._replace(details=LearnerDetails(**{**base.details._asdict(), "ability_to_share": "2"}))
    assert Holdings(opted_out).state is AvailabilityState.OPTED_OUT
    later = Holdings(opted_out, availability=availability(AvailabilityState.AVAILABLE))
    assert later.state is AvailabilityState.AVAILABLE


WHOLE = {"achievements": (achievement(),), "events": (event(),)}


@pytest.mark.req("PLR-02")
@pytest.mark.parametrize(
    "changed",
    [
        holdings(achievements=(achievement(revision=2),), events=(event(),)),
        holdings(achievements=(achievement(), achievement(day=1)), events=(event(),)),
        holdings(achievements=(achievement(),), events=(event(grade="8"),)),
        holdings(achievements=(achievement(),)),
        holdings(**WHOLE, challenges=(mark(1),)),
        holdings(**WHOLE, availability=availability(AvailabilityState.OPTED_OUT)),
        holdings(**WHOLE)._replace(learner=learner_of(learner())._replace(version_number=2)),
    ],
    ids=["version", "more", "event", "less", "challenge", "availability", "learner"],
)
def test_a_change_of_anything_in_the_record_makes_another_version(changed):
    assert version_tag([changed], GetType.FULL) != version_tag([holdings(**WHOLE)], GetType.FULL)


OURS_AND_THEIRS = {"achievements": (achievement(), achievement(day=1, owner=THEIRS)), "events": (event(),)}
"""Only the first achievement is ours."""


@pytest.mark.req("PLR-02", "PLR-05")
@pytest.mark.parametrize(
    "changed",
    [
        holdings(achievements=OURS_AND_THEIRS["achievements"][:1], events=(event(),)),
        holdings(achievements=(achievement(), achievement(day=1, owner=THEIRS, revision=2)), events=(event(),)),
        holdings(achievements=OURS_AND_THEIRS["achievements"], events=(event(grade="8"),)),
        holdings(achievements=OURS_AND_THEIRS["achievements"]),
        holdings(**OURS_AND_THEIRS, challenges=(mark(1),)),
        Holdings(learner_of(learner())._replace(version_number=2), **OURS_AND_THEIRS),
    ],
    ids=["less", "version", "event", "no event", "challenge", "learner"],
)
def test_an_organisation_that_only_sees_its_own_events_cannot_tell_that_others_have_changed(changed):
    assert version_tag([changed], GetType.FULL, OURS) == version_tag([holdings(**OURS_AND_THEIRS)], GetType.FULL, OURS)


@pytest.mark.req("PLR-02", "PLR-05")
def test_an_organisation_that_only_sees_its_own_events_can_tell_that_these_have_changed():
    before = holdings(**OURS_AND_THEIRS)
    challenged = mark(only(holdings(achievements=(achievement(),))).id)
    changed = (
        holdings(achievements=(achievement(revision=2),)),
        holdings(achievements=()),
        holdings(achievements=(achievement(),), challenges=(challenged,)),
        holdings(achievements=(achievement(),), events=(event(provider_ukprn=OURS),)),
    )
    tags = {version_tag([one], GetType.FULL, OURS) for one in (before, *changed)}
    assert len(tags) == 1 + len(changed)


@pytest.mark.req("PLR-02")
def test_the_same_record_is_the_same_version_and_differs_by_what_is_shown_of_it():
    part = holdings(**WHOLE)
    later = holdings(achievements=(achievement(),), events=(event(loaded_at=LOADED),))
    tags = {
        version_tag([part], GetType.FULL),
        version_tag([later], GetType.FULL),
        version_tag([part], GetType.BRIEF),
        version_tag([part], GetType.FULL, OURS),
        version_tag([part, holdings(1)], GetType.FULL),
    }
    assert len(tags) == 4


def test_an_event_loaded_again_is_the_same():
    assert hash_of(event()) == hash_of(event(loaded_at=LOADED))
    assert hash_of(event()) != hash_of(event(return_number="2023-4"))
