"""Single achievements: the rules of the batch, one transaction at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.achievements import Achievement, Key, Status
from chalicelib.domain.codes import Action, SubmissionType
from chalicelib.domain.failures import Failure
from chalicelib.domain.jobs import JobStatus
from chalicelib.domain.refusals import Refused
from chalicelib.domain.results import Outcome
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.services.achievements import Accepted
from tests.builders.achievements import AIM, ListedCatalogue, csv_file, learner, record, texts_of, uln, world_with
from tests.builders.jobs import Pipeline, caller
from tests.builders.organisations import OURS, THEIRS, organisation
from tests.fakes import FakeWorld, Fault

KEY = Key(uln(0), AIM.reference, date(2026, 2, 20))
IN_THE_KEY = ("ULN", "UnitOrQualificationReferenceNumber", "AchievementAwardDate")
WE = caller(OURS)


@pytest.fixture
def world() -> FakeWorld:
    return world_with(learner(0), learner(1))


def details(number: int = 0, action: str = "1", **changes: str) -> dict[str, str]:
    """A record about the learner with this number, without its key, its action and empty values."""
    given = record(number, action, **changes)
    left = (
        {"Action"} if action == "1" else {"Action", "ULN", "UnitOrQualificationReferenceNumber", "AchievementAwardDate"}
    )
    return texts_of({name: value for name, value in given.items() if value and name not in left})


def create(world: FakeWorld, **changes: str) -> Accepted:
    return world.services().achievement_services.create(WE, details(**changes))


def tried(world: FakeWorld, **changes: str) -> tuple[Outcome, str, tuple[Failure, ...]]:
    """A create's outcome, return code and reasons, accepted or refused."""
    try:
        answer = create(world, **changes)
    except Refused as refused:
        return Outcome.REFUSED, refused.about.get("return_code", ""), refused.failures
    return answer.outcome, answer.return_code, answer.notices


def change(world: FakeWorld, action: Action, who=WE, key=KEY, kind=None, expected=None, **changes: str) -> Accepted:
    given = details(0, action, **changes) | ({"submission_type": kind} if kind else {})
    return world.services().achievement_services.change(who, key, action, given, expected=expected)


def stored(world: FakeWorld, key: Key = KEY) -> Achievement:
    return world.achievements.held[key]


def actions_audited(world: FakeWorld) -> list[str]:
    return [entry.action for entry in world.audit.held.values()]


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.failures]


@pytest.mark.req("ACH-01", "ACH-09")
def test_an_achievement_is_created_with_a_version_that_shows_who_and_through_which_channel(world):
    answer = create(world)
    assert (answer.outcome, answer.return_code, answer.master_uln) == (Outcome.CREATED, "VRC001", "")
    assert answer.mis_identifier == "MIS-0"
    assert answer.achievement == stored(world)
    version = stored(world).history[0]
    by = version.provenance
    assert (by.organisation, by.user, by.channel, by.batch_job) == (OURS, WE.user, "webservice", "")
    assert (version.actions, version.grade, version.status) == ("1", "Pass", Status.ACTIVE)


@pytest.mark.req("ACH-01")
def test_a_create_is_two_calls_once_aims_and_organisation_are_in_memory(world):
    services = world.services().achievement_services
    services.create(WE, details(1))
    world.calls.clear()
    services.create(WE, details(0))
    assert world.calls == ["learners.profiles", "achievements.write"]


@pytest.mark.req("ACH-02")
def test_the_same_create_again_is_unchanged_and_logged(world):
    create(world)
    answer = create(world)
    assert answer.outcome is Outcome.UNCHANGED
    assert world.achievements.writes == 1
    assert actions_audited(world) == ["achievement-created"]


@pytest.mark.req("ACH-02")
def test_another_create_on_the_key_is_refused(world):
    create(world)
    with pytest.raises(Refused) as refused:
        create(world, Grade="Merit")
    assert codes(refused) == ["ACR007"]
    assert refused.value.about == {"return_code": "VRC001"}
    assert world.achievements.writes == 1


WRONG = {"GivenName": "", "Grade": "Brilliant", "ProviderUKPRN": "19999999", "AchievementAwardDate": "2027-01-01"}


@pytest.mark.req("ACH-01", "VLD-02", "SEC-01")
def test_every_reason_is_reported_at_once_those_of_the_register_too(world):
    with pytest.raises(Refused) as refused:
        create(world, ULN=uln(9), **WRONG)
    assert sorted(codes(refused)) == ["ACF001", "ACL002", "ACR005", "ACR006", "ACR012"]
    assert refused.value.about == {"return_code": "VRC006"}
    (entry,) = world.audit.held.values()
    assert (entry.subject, entry.outcome) == (f"ULN#{uln(9)}", "REFUSED")


@pytest.mark.req("ACH-01", "SEC-01")
def test_a_record_whose_uln_cannot_be_read_is_refused_before_anything_is_read(world):
    services = world.services().achievement_services
    services.create(WE, details(1))
    world.calls.clear()
    with pytest.raises(Refused) as refused:
        services.create(WE, details(0, ULN="1000000001", **WRONG))
    assert sorted(codes(refused)) == ["ACF001", "ACL001", "ACR005", "ACR006", "ACR012"]
    assert world.calls == []


@pytest.mark.req("ACH-01", "SEC-01")
def test_the_look_of_a_record_with_an_unreadable_key_is_kept(world):
    with pytest.raises(Refused):
        create(world, UnitOrQualificationReferenceNumber="6901234")
    (entry,) = world.audit.held.values()
    assert (entry.subject, entry.detail.get("item")) == (f"ULN#{uln(0)}", None)


@pytest.mark.req("ACH-01", "VLD-02", "SEC-01")
@pytest.mark.parametrize(
    ("changes", "return_code", "reason"),
    [
        ({"GivenName": "Zebedee", "FamilyName": "Quartermaine"}, "VRC005", "ACL003"),
        ({"ULN": uln(9)}, "VRC006", "ACL002"),
    ],
)
def test_a_learner_that_is_not_the_registers_is_refused_and_the_look_is_kept(world, changes, return_code, reason):
    with pytest.raises(Refused) as refused:
        create(world, **changes)
    assert (codes(refused), refused.value.about["return_code"]) == ([reason], return_code)
    (entry,) = world.audit.held.values()
    assert (entry.action, entry.outcome, entry.user) == ("achievement-created", "REFUSED", WE.user)
    assert (entry.detail["code"], entry.detail["return_code"]) == (reason, return_code)


@pytest.mark.req("SEC-01")
def test_a_look_that_cannot_be_logged_is_not_answered(world):
    def hook(name):
        if name == "audit.record":
            raise TemporaryFailure(name)

    world.hook = hook
    with pytest.raises(TemporaryFailure):
        create(world, ULN=uln(9))


@pytest.mark.req("ACH-01")
def test_a_learner_registered_a_moment_ago_is_found(world):
    world.learners.put(learner(2), lagging=True)
    services = world.services().achievement_services
    assert services.create(WE, details(2)).outcome is Outcome.CREATED


@pytest.mark.req("ACH-01", "VLD-02")
def test_a_possible_match_is_accepted_with_a_notice(world):
    answer = create(world, GivenName="Amelie")
    assert answer.return_code == "VRC003"
    assert [notice.code for notice in answer.notices] == ["ACW002"]


@pytest.mark.req("ACH-01", "VLD-02")
def test_a_linked_uln_is_answered_with_its_master(world):
    world.learners.put(learner(0, status="2", master_uln=uln(1)))
    answer = create(world)
    assert (answer.return_code, answer.master_uln) == ("VRC002", uln(1))
    assert [notice.code for notice in answer.notices] == ["ACL004"]


@pytest.mark.req("ACH-10")
def test_a_late_award_is_accepted_and_marked(world):
    answer = create(world, AchievementAwardDate="2025-06-01")
    assert [notice.code for notice in answer.notices] == ["ACW003"]
    assert answer.achievement.late


@pytest.mark.req("ACH-10")
@pytest.mark.parametrize("changes", [{"Grade": "Banana"}, {"ULN": ""}])
def test_an_award_that_is_refused_is_not_said_to_be_marked_late(world, changes):
    with pytest.raises(Refused) as refused:
        create(world, AchievementAwardDate="2025-06-01", **changes)
    assert not [reason for reason in refused.value.failures if not reason.refuses]


@pytest.mark.req("ACH-10")
def test_the_services_own_outage_makes_the_ten_days_longer(world):
    award = "2026-02-13"
    assert create(world, AchievementAwardDate=award).achievement.late
    for day in (19, 20):
        world.outages.record(
            world.clock().replace(month=2, day=day, hour=8), world.clock().replace(month=2, day=day, hour=18)
        )
    assert not world.services().achievement_services.create(WE, details(1, AchievementAwardDate=award)).achievement.late


@pytest.mark.req("ACH-03")
def test_an_update_changes_what_is_given_and_keeps_the_rest(world):
    create(world)
    answer = change(world, Action.UPDATE, Grade="Merit", LanguageForAssessment="", ProviderUKPRN="")
    assert answer.outcome is Outcome.UPDATED
    now = stored(world)
    assert (now.grade, now.language, now.provider_ukprn, now.revision) == ("Merit", "ENG", "90000010", 2)
    assert [version.actions for version in now.history] == ["1", "2"]


@pytest.mark.req("ACH-03", "ACH-04", "ACH-05")
def test_whoever_uploaded_an_achievement_may_change_it_after_its_aim_has_moved(world):
    create(world)
    moved = replace(AIM, owners=frozenset({"RN9999"}))
    world.catalogues.publish("v2", ListedCatalogue((moved,)))
    assert change(world, Action.UPDATE, Grade="Merit").outcome is Outcome.UPDATED
    assert change(world, Action.WITHDRAW).outcome is Outcome.WITHDRAWN
    assert change(world, Action.REINSTATE, Grade="").outcome is Outcome.REINSTATED
    with pytest.raises(Refused, match="ACR002"):
        create(world, AchievementAwardDate="2026-02-24")
    assert tried(world, ULN=uln(1), GivenName="Oliver", FamilyName="Ashcombe")[2][0].code == "ACR002"


@pytest.mark.req("ACH-03")
def test_an_update_that_changes_nothing_writes_nothing(world):
    create(world)
    assert change(world, Action.UPDATE).outcome is Outcome.UNCHANGED
    assert world.achievements.writes == 1


@pytest.mark.req("ACH-03")
def test_an_update_needs_the_names_first_supplied_and_reports_all_that_the_stored_achievement_refuses(world):
    create(world)
    change(world, Action.WITHDRAW)
    with pytest.raises(Refused) as refused:
        change(world, Action.UPDATE, GivenName="Amelie")
    assert sorted(code for code in codes(refused) if code != "ACW002") == ["ACR009", "ACR015"]


@pytest.mark.req("ACH-03")
def test_the_record_and_its_learner_are_judged_first_then_the_stored_achievement(world):
    create(world)
    change(world, Action.WITHDRAW)
    another = {"GivenName": "Zebedee", "FamilyName": "Quartermaine"}
    with pytest.raises(Refused) as refused:
        change(world, Action.UPDATE, Grade="Brilliant", **another)
    assert sorted(codes(refused)) == ["ACL003", "ACR006"]
    with pytest.raises(Refused) as refused:
        change(world, Action.UPDATE, **another)
    assert codes(refused) == ["ACL003"]


@pytest.mark.req("ACH-03", "ACH-08", "SEC-01")
@pytest.mark.parametrize("action", [Action.UPDATE, Action.WITHDRAW, Action.REINSTATE])
def test_another_organisations_achievement_does_not_exist_and_the_attempt_is_logged(world, action):
    create(world)
    before = stored(world)
    with pytest.raises(Refused, match="ACR008"):
        change(world, action, caller(THEIRS))
    assert stored(world) == before
    (entry,) = world.audit.held.values()
    assert (entry.organisation, entry.subject, entry.outcome) == (THEIRS, f"ULN#{KEY.uln}", "NOT_FOUND")


@pytest.mark.req("ACH-08", "SEC-01")
def test_an_achievement_is_seen_only_by_its_own_organisation(world):
    create(world)
    services = world.services().achievement_services
    assert services.view(WE, KEY) == stored(world)
    for who, key in ((caller(THEIRS), KEY), (WE, KEY._replace(uln=uln(1)))):
        with pytest.raises(Refused, match="ACR008"):
            services.view(who, key)
    assert [entry.organisation for entry in world.audit.held.values()] == [OURS, THEIRS, OURS]


@pytest.mark.req("ACH-04", "ACH-05", "ACH-09")
def test_an_achievement_is_withdrawn_and_reinstated_with_its_whole_history(world):
    create(world)
    assert change(world, Action.WITHDRAW).outcome is Outcome.WITHDRAWN
    assert change(world, Action.REINSTATE, Grade="").outcome is Outcome.REINSTATED
    assert [(version.actions, version.reason, version.status) for version in stored(world).history] == [
        ("1", "", Status.ACTIVE),
        ("3", "SUBINERROR", Status.WITHDRAWN),
        ("4", "SUBINERROR", Status.ACTIVE),
    ]


@pytest.mark.req("ACH-04")
def test_a_withdrawal_needs_a_date_a_listed_reason_and_an_achievement_that_is_not_withdrawn(world):
    create(world)
    with pytest.raises(Refused) as refused:
        change(world, Action.WITHDRAW, ActionReason="BECAUSE", ActionDate="2026-04-01")
    assert sorted(codes(refused)) == ["ACR005", "ACR011"]
    change(world, Action.WITHDRAW)
    with pytest.raises(Refused) as refused:
        change(world, Action.WITHDRAW)
    assert codes(refused) == ["ACR009"]


@pytest.mark.req("ACH-05")
def test_a_single_reinstatement_cannot_change_the_grade(world):
    create(world)
    with pytest.raises(Refused) as refused:
        change(world, Action.REINSTATE, Grade="Merit")
    assert codes(refused) == ["ACR010", "ACR016"]


@pytest.mark.req("ACH-03")
def test_a_change_leaves_a_provisional_achievement_provisional_unless_it_says_otherwise(world):
    services = world.services().achievement_services
    services.create(WE, details(0) | {"submission_type": SubmissionType.PROVISIONAL})
    assert change(world, Action.UPDATE, Grade="Merit").achievement.submission_type is SubmissionType.PROVISIONAL
    assert change(world, Action.UPDATE, kind=SubmissionType.FINAL).outcome is Outcome.PROMOTED
    with pytest.raises(Refused) as refused:
        change(world, Action.UPDATE, kind=SubmissionType.PROVISIONAL)
    assert codes(refused) == ["ACR013"]


@pytest.mark.req("ACH-03", "ACH-09")
def test_a_change_of_an_old_revision_changes_nothing(world):
    create(world)
    change(world, Action.UPDATE, Grade="Merit", expected=frozenset({1}))
    with pytest.raises(Refused, match="LRS-REQ-13"):
        change(world, Action.UPDATE, Grade="Distinction", expected=frozenset({1}))
    assert stored(world).grade == "Merit"
    assert change(world, Action.UPDATE, Grade="Distinction", expected=frozenset({1, 2})).achievement.revision == 3


def overtaken(world: FakeWorld, times: int, grade: str = "Distinction") -> None:
    """Others change the achievement just before each of the next writes."""
    left = [times]

    def hook(name):
        if name == "achievements.write" and left[0]:
            left[0] -= 1
            held = stored(world)
            world.achievements.held[KEY] = held._replace(
                revision=held.revision + 1, grade=grade, history=(*held.history, held.history[-1])
            )

    world.hook = hook


@pytest.mark.req("ACH-03", "ACH-09")
def test_a_change_that_others_overtake_is_decided_again_from_the_new_state(world):
    create(world)
    overtaken(world, 3)
    answer = change(world, Action.UPDATE, Grade="", LanguageForAssessment="CYM", ProviderUKPRN="")
    assert (answer.achievement.grade, answer.achievement.language, answer.achievement.revision) == (
        "Distinction", "CYM", 5,
    )  # fmt: skip


@pytest.mark.req("ACH-03", "ACH-09")
def test_a_change_whose_answer_was_lost_finds_itself_behind_any_number_of_others(world):
    create(world)
    write = world.achievements.write

    def write_unheard(achievement):
        world.achievements.write = write
        write(achievement)
        for _ in range(20):
            held = stored(world)
            version = held.history[-1]._replace(provenance=held.history[0].provenance)
            world.achievements.put(held._replace(revision=held.revision + 1, history=(*held.history, version)))
        raise Conflict

    world.achievements.write = write_unheard
    answer = change(world, Action.UPDATE, Grade="Merit")
    assert (answer.outcome, answer.achievement.revision) == (Outcome.UPDATED, 22)
    assert [version.actions for version in stored(world).history].count("2") == 21
    assert world.achievements.writes == 2


@pytest.mark.req("ACH-03")
def test_a_change_that_names_a_revision_is_not_repeated_when_overtaken(world):
    create(world)
    overtaken(world, 1)
    with pytest.raises(Refused, match="LRS-REQ-13"):
        change(world, Action.UPDATE, Grade="Merit", expected=frozenset({1}))
    assert stored(world).grade == "Distinction"


def test_a_change_that_is_always_overtaken_is_a_temporary_failure(world):
    create(world)
    overtaken(world, 99)
    with pytest.raises(TemporaryFailure):
        change(world, Action.UPDATE, Grade="Merit")


@pytest.mark.req("ACH-01", "ACH-09")
def test_a_write_repeated_after_a_lost_answer_recognises_its_own_work(world):
    world.hook = lambda name: Fault.REPEATED if name == "achievements.write" else None
    answer = create(world)
    assert answer.outcome is Outcome.CREATED
    assert change(world, Action.UPDATE, Grade="Merit", expected=frozenset({1})).outcome is Outcome.UPDATED
    assert (stored(world).revision, world.achievements.writes) == (2, 2)


@pytest.mark.req("IDM-10")
@pytest.mark.parametrize("changes", [{"status": "suspended"}, {"is_awarding_organisation": False}])
def test_an_organisation_that_may_not_submit_is_refused(world, changes):
    world.accounts.put(organisation(OURS, **changes))
    with pytest.raises(Refused, match="WSEC0006"):
        create(world)


@pytest.mark.req("IDM-10")
def test_a_suspension_takes_effect_within_five_seconds(world):
    services = world.services().achievement_services
    services.create(WE, details(0))
    world.accounts.put(organisation(OURS, status="suspended"))
    world.clock.advance(timedelta(seconds=5))
    with pytest.raises(Refused, match="WSEC0006"):
        services.create(WE, details(1))


@pytest.mark.req("ACH-01", "ACH-06")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Grade": "pass "},
        {"Grade": "Brilliant", "ProviderUKPRN": "19999999"},
        {"AchievementAwardDate": "2006-08-31"},
        {"UnitOrQualificationReferenceNumber": "60099999"},
        {"GivenName": "Amelie"},
        {"FamilyName": "Quartermaine", "GivenName": "Zebedee"},
        {"ULN": uln(9)},
        {"ULN": uln(9), "Grade": "Brilliant", "FamilyName": "Sm1th"},
        {"GivenName": "Amelie", "ProviderUKPRN": "19999999"},
        {"ULN": "1000000001"},
        {"LearnerPostcode": "AB1"},
        {"DateOfBirth": "2005-01-02"},
        {"ActionReason": "SUBINERROR"},
    ],
)
def test_a_single_create_is_decided_as_a_batch_of_one(world, changes):
    """One set of rules: the same outcome, codes, fields and return code, and the same achievement."""
    batched = world_with(learner(0), learner(1))
    steps = Pipeline(batched)
    job = steps.process(csv_file([record(0, **changes)]))
    assert job.status is JobStatus.SUCCESSFUL
    result = steps.results(job.job_id)[1]
    reported = {(reason.code, reason.field, reason.detail) for reason in result.failures}
    outcome, return_code, reasons = tried(world, **changes)
    assert (outcome, return_code) == (result.outcome, result.return_code)
    assert {(reason.code, reason.field, reason.detail) for reason in reasons} == reported
    ours, theirs = ([held._replace(history=()) for held in w.achievements.held.values()] for w in (world, batched))
    assert ours == theirs
    assert len(ours) == (outcome is Outcome.CREATED)
