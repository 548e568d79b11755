"""The actions on an achievement and the rules of AO18 section 5."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.achievement_rules import rule_failures
from chalicelib.domain.achievements import (
    Achievement,
    Checked,
    Command,
    Key,
    Provenance,
    Status,
    Submission,
    fold,
    recorded_results,
)
from chalicelib.domain.aims import Aim, AimReference
from chalicelib.domain.codes import Action, SubmissionType
from chalicelib.domain.failures import Family, failure
from chalicelib.domain.results import Outcome
from chalicelib.domain.uln import Uln
from tests.builders import achievements as builders

TODAY = date(2026, 3, 2)
AIM = replace(builders.AIM, last_award=date(2026, 8, 31))
COMMAND = Command(
    action=Action.CREATE,
    key=Key(Uln("1000000027"), AIM.reference, date(2026, 2, 20)),
    given_name="Ann",
    family_name="Example",
    date_of_birth=None,
    gender="",
    postcode="",
    grade="Pass",
    language="ENG",
    provider_ukprn="90000010",
    action_date=None,
    action_reason="",
    mis_identifier="",
)
SUBMISSION = Submission("90000001", frozenset({"RN9001"}), TODAY, SubmissionType.FINAL, date(2026, 2, 16))
BY = Provenance("2026-03-02T09:00:00+00:00", "90000001", "user", "batch", "JOB", 3)


def codes(command: Command, submission: Submission = SUBMISSION, aim: Aim = AIM) -> list[str]:
    return [found.code for found in rule_failures(command, submission, builders.ListedCatalogue((aim,)))]


def apply(state: Achievement | None, *commands: Command, submission: Submission = SUBMISSION):
    group = [Checked(number, command) for number, command in enumerate(commands, 1)]
    return fold(state, group, submission, BY, AIM)


def stored(command: Command = COMMAND, submission: Submission = SUBMISSION) -> Achievement:
    state = apply(None, command, submission=submission).state
    assert state is not None
    return state


def act(action: Action, **changed: object) -> Command:
    reason = "SUBINERROR" if action in (Action.WITHDRAW, Action.REINSTATE) else ""
    day = TODAY if action is not Action.CREATE else None
    return COMMAND._replace(action=action, action_reason=reason, action_date=day, **changed)


@pytest.mark.req("ACH-01")
class TestRulesOfACreate:
    def test_a_valid_record_breaks_no_rule(self):
        assert codes(COMMAND) == []

    @pytest.mark.parametrize(
        ("award_date", "expected"),
        [
            (date(2026, 3, 3), ["ACR005"]),
            (date(2006, 8, 31), ["ACR004", "ACR003"]),
            (date(2015, 8, 31), ["ACW003", "ACR003"]),
            (date(2015, 9, 1), ["ACW003"]),
            (date(2026, 3, 2), []),
        ],
    )
    def test_the_award_date_is_not_in_the_future_nor_too_early_nor_outside_the_aims_dates(self, award_date, expected):
        assert codes(COMMAND._replace(key=COMMAND.key._replace(award_date=award_date))) == expected

    def test_the_aim_must_be_known(self):
        key = COMMAND.key._replace(aim_reference=AimReference("60099990"))
        assert codes(COMMAND._replace(key=key))[0] == "ACR001"

    def test_a_wrong_check_character_is_reported_only_with_an_unknown_aim(self):
        key = COMMAND.key._replace(aim_reference=AimReference("60012340"))
        assert codes(COMMAND._replace(key=key)) == ["ACR001", "REF_CHECK"]
        assert codes(COMMAND._replace(key=key), aim=replace(AIM, reference=AimReference("60012340"))) == []

    def test_the_aim_is_owned_by_or_shared_with_the_submitter(self):
        stranger = SUBMISSION._replace(recognition_numbers=frozenset({"RN9002"}))
        assert codes(COMMAND, stranger) == ["ACR002"]
        assert codes(COMMAND, stranger, replace(AIM, shared=True)) == []

    @pytest.mark.req("ACH-03", "ACH-04", "ACH-05")
    @pytest.mark.parametrize("action", [Action.UPDATE, Action.WITHDRAW, Action.REINSTATE])
    def test_the_achievements_of_an_aim_that_has_moved_can_still_be_changed(self, action):
        former = SUBMISSION._replace(recognition_numbers=frozenset({"RN9002"}))
        assert codes(act(action), former) == []

    def test_the_grade_is_one_of_the_aims(self):
        assert codes(COMMAND._replace(grade="A*")) == ["ACR006"]
        assert codes(COMMAND._replace(grade="pass")) == []
        assert codes(COMMAND._replace(grade="")) == []

    def test_a_grade_that_cannot_be_checked_is_accepted_with_a_notice(self):
        ungraded = replace(AIM, grades=())
        assert codes(COMMAND._replace(grade="Banana"), aim=ungraded) == ["ACW006"]
        assert codes(COMMAND._replace(grade=""), aim=ungraded) == []
        assert codes(act(Action.WITHDRAW, grade="Banana"), aim=ungraded) == []

    @pytest.mark.req("ACH-04")
    def test_a_withdrawal_may_repeat_a_grade_that_the_aim_has_lost(self):
        aim = replace(AIM, grades=("Merit",))
        assert codes(act(Action.WITHDRAW), aim=aim) == []
        assert codes(act(Action.UPDATE), aim=aim) == codes(act(Action.REINSTATE), aim=aim) == ["ACR006"]

    def test_the_provider_must_be_known(self):
        assert codes(COMMAND._replace(provider_ukprn="90000099")) == ["ACR012"]
        assert codes(COMMAND._replace(provider_ukprn="")) == []

    def test_every_reason_is_given_at_once(self):
        key = COMMAND.key._replace(award_date=date(2026, 9, 1))
        bad = COMMAND._replace(key=key, grade="A*", provider_ukprn="90000099", action_date=date(2026, 9, 1))
        stranger = SUBMISSION._replace(recognition_numbers=frozenset())
        assert set(codes(bad, stranger)) == {"ACR005", "ACR002", "ACR003", "ACR006", "ACR012"}

    @pytest.mark.req("ACH-10")
    def test_an_award_older_than_ten_working_days_is_accepted_and_marked(self):
        late = COMMAND._replace(key=COMMAND.key._replace(award_date=date(2026, 2, 13)))
        found = rule_failures(late, SUBMISSION, builders.ListedCatalogue((AIM,)))
        assert [one.code for one in found] == ["ACW003"]
        assert not any(one.refuses for one in found)
        assert stored(late).late

    @pytest.mark.req("ACH-10")
    @pytest.mark.parametrize("action", [Action.UPDATE, Action.WITHDRAW, Action.REINSTATE])
    def test_a_change_counts_from_its_action_date(self, action):
        old = COMMAND.key._replace(award_date=date(2025, 2, 13))
        assert codes(act(action, key=old)) == []
        late = act(action)._replace(action_date=date(2026, 2, 13))
        assert codes(late) == ["ACW003"]

    @pytest.mark.req("ACH-10")
    def test_a_late_change_is_marked_in_its_own_version(self):
        late = (failure("ACW003", "ActionDate"),)
        amended = Checked(1, act(Action.UPDATE, grade="Merit"), reasons=late)
        refused = Checked(2, act(Action.REINSTATE), reasons=late)
        state = fold(stored(), [amended, refused], SUBMISSION, BY, AIM).state
        assert (state.late, [version.is_late for version in state.history]) == (False, [False, True])
        assert (
            not fold(stored(), [Checked(1, act(Action.UPDATE, grade="Merit")), refused], SUBMISSION, BY, AIM)
            .state.history[-1]
            .is_late
        )

    def test_unusable_fields_are_ignored(self):
        key = Key(None, None, None)
        assert codes(COMMAND._replace(key=key, grade=None, provider_ukprn=None, action=None)) == []


@pytest.mark.req("ACH-04", "ACH-05")
class TestRulesOfWithdrawalAndReinstatement:
    @pytest.mark.parametrize("action", [Action.WITHDRAW, Action.REINSTATE])
    def test_a_reason_of_appendix_d_is_needed(self, action):
        assert codes(act(action)) == []
        assert codes(act(action)._replace(action_reason="")) == ["ACR011"]
        assert codes(act(action)._replace(action_reason="OTHER")) == ["ACR011"]

    def test_the_action_date_is_not_in_the_future(self):
        assert codes(act(Action.WITHDRAW)._replace(action_date=date(2026, 3, 3))) == ["ACR005"]

    def test_a_reason_on_a_create_gives_a_notice_and_is_not_used(self):
        assert codes(COMMAND._replace(action_reason="SUBINERROR")) == ["ACW001"]

    def test_an_achievement_of_an_expired_aim_can_still_be_withdrawn(self):
        expired = replace(AIM, last_award=date(2016, 1, 1))
        assert codes(act(Action.WITHDRAW), aim=expired) == []


def outcomes(folded) -> list[Outcome]:
    return [folded.results[number].outcome for number in sorted(folded.results)]


def reasons(folded, number: int = 1) -> list[str]:
    return [found.code for found in folded.results[number].failures]


class TestCreate:
    @pytest.mark.req("ACH-01")
    def test_it_makes_an_achievement_with_its_first_version(self):
        folded = apply(None, COMMAND)
        assert outcomes(folded) == [Outcome.CREATED]
        assert folded.state.revision == 1
        assert folded.state.owner == "90000001"
        assert [version.actions for version in folded.state.history] == ["1"]

    @pytest.mark.req("ACH-02")
    def test_a_second_one_on_the_key_is_refused(self):
        folded = apply(stored(), COMMAND._replace(grade="Merit"))
        assert (folded.state, outcomes(folded), reasons(folded)) == (None, [Outcome.REFUSED], ["ACR007"])

    def test_the_same_again_is_unchanged_and_nothing_is_written(self):
        folded = apply(stored(), COMMAND._replace(grade="PASS"))
        assert (folded.state, outcomes(folded)) == (None, [Outcome.UNCHANGED])

    @pytest.mark.req("ACH-02")
    def test_another_organisation_cannot_take_the_key(self):
        folded = apply(stored(), COMMAND, submission=SUBMISSION._replace(ukprn="90000002"))
        assert reasons(folded) == ["ACR007"]

    def test_the_grade_is_stored_as_the_register_spells_it(self):
        assert stored(COMMAND._replace(grade="DISTINCTION")).grade == "Distinction"


class TestUpdate:
    @pytest.mark.req("ACH-03", "ACH-09")
    def test_it_changes_grade_provider_and_language_and_keeps_what_was(self):
        folded = apply(stored(), act(Action.UPDATE, grade="Merit", language="CYM", provider_ukprn=""))
        state = folded.state
        assert (state.grade, state.language, state.provider_ukprn) == ("Merit", "CYM", "90000010")
        assert [version.grade for version in state.history] == ["Pass", "Merit"]
        assert state.revision == 2

    @pytest.mark.req("ACH-03")
    def test_only_by_the_organisation_that_uploaded_it(self):
        folded = apply(stored(), act(Action.UPDATE), submission=SUBMISSION._replace(ukprn="90000002"))
        assert reasons(folded) == ["ACR014"]

    @pytest.mark.req("ACH-03")
    def test_names_are_as_first_supplied(self):
        assert reasons(apply(stored(), act(Action.UPDATE, grade="Merit", given_name="Anne"))) == ["ACR015"]
        assert outcomes(apply(stored(), act(Action.UPDATE, grade="Merit", given_name="ANN"))) == [Outcome.UPDATED]

    @pytest.mark.req("ACH-03")
    @pytest.mark.parametrize(
        ("given", "family", "fields"),
        [("Anne", "", ["GivenName"]), ("", "Other", ["FamilyName"]), ("Anne", "Other", ["GivenName", "FamilyName"])],
    )
    def test_each_name_that_differs_is_named(self, given, family, fields):
        names = {"given_name": given or COMMAND.given_name, "family_name": family or COMMAND.family_name}
        (result,) = apply(stored(), act(Action.UPDATE, grade="Merit", **names)).results.values()
        assert [reason.field for reason in result.failures] == fields

    @pytest.mark.req("ACH-03")
    def test_not_for_a_withdrawn_or_missing_achievement(self):
        withdrawn = apply(stored(), act(Action.WITHDRAW)).state
        assert reasons(apply(withdrawn, act(Action.UPDATE, grade="Merit"))) == ["ACR009"]
        assert reasons(apply(None, act(Action.UPDATE))) == ["ACR008"]

    def test_the_same_values_are_unchanged(self):
        assert outcomes(apply(stored(), act(Action.UPDATE))) == [Outcome.UNCHANGED]

    def test_a_final_submission_promotes_a_provisional_achievement_and_never_back(self):
        provisional = SUBMISSION._replace(submission_type=SubmissionType.PROVISIONAL)
        state = stored(submission=provisional)
        folded = apply(state, act(Action.UPDATE))
        assert outcomes(folded) == [Outcome.PROMOTED]
        assert reasons(apply(folded.state, act(Action.UPDATE, grade="Merit"), submission=provisional)) == ["ACR013"]

    def test_every_reason_is_given_at_once(self):
        withdrawn = apply(stored(), act(Action.WITHDRAW)).state
        assert reasons(apply(withdrawn, act(Action.UPDATE, given_name="Other"))) == ["ACR009", "ACR015"]


@pytest.mark.req("ACH-04", "ACH-05")
class TestWithdrawAndReinstate:
    def test_a_withdrawn_one_cannot_be_withdrawn_again(self):
        withdrawn = apply(stored(), act(Action.WITHDRAW)).state
        assert withdrawn.status is Status.WITHDRAWN
        assert withdrawn.history[-1].reason == "SUBINERROR"
        assert reasons(apply(withdrawn, act(Action.WITHDRAW))) == ["ACR009"]

    def test_only_a_withdrawn_one_can_be_reinstated(self):
        assert reasons(apply(stored(), act(Action.REINSTATE))) == ["ACR010"]

    def test_a_batch_may_bring_an_amended_grade_a_single_transaction_not(self):
        withdrawn = apply(stored(), act(Action.WITHDRAW)).state
        amended = act(Action.REINSTATE, grade="Merit")
        assert apply(withdrawn, amended).state.grade == "Merit"
        assert reasons(apply(withdrawn, amended, submission=SUBMISSION._replace(single=True))) == ["ACR016"]
        same = apply(withdrawn, act(Action.REINSTATE, grade="pass"), submission=SUBMISSION._replace(single=True))
        assert outcomes(same) == [Outcome.REINSTATED]

    @pytest.mark.parametrize("grades", [("Pass", "Distinction*"), (), ("Merit",)])
    @pytest.mark.parametrize("written", ["Distinction*", "Distinction *", " distinction  *"])
    def test_a_single_reinstatement_may_repeat_the_grade_however_it_is_written(self, grades, written):
        aim = replace(AIM, grades=grades)
        single = SUBMISSION._replace(single=True)
        created = Checked(1, COMMAND._replace(grade="Distinction *"))
        withdrawn = fold(None, [created, Checked(2, act(Action.WITHDRAW))], single, BY, aim).state
        folded = fold(withdrawn, [Checked(3, act(Action.REINSTATE, grade=written))], single, BY, aim)
        assert outcomes(folded) == [Outcome.REINSTATED]
        assert folded.state.grade == withdrawn.grade

    def test_values_that_a_reinstatement_does_not_change_are_named_where_they_differ(self):
        withdrawn = apply(stored(), act(Action.WITHDRAW)).state
        same = apply(withdrawn, act(Action.REINSTATE))
        assert same.results[1].failures == ()
        other = apply(withdrawn, act(Action.REINSTATE, language="CYM", provider_ukprn="90000011"))
        assert [(why.code, why.field) for why in other.results[1].failures] == [
            ("ACW001", "LanguageForAssessment"), ("ACW001", "ProviderUKPRN"),
        ]  # fmt: skip
        assert outcomes(other) == [Outcome.REINSTATED]
        assert (other.state.language, other.state.provider_ukprn) == (withdrawn.language, withdrawn.provider_ukprn)

    def test_values_that_a_withdrawal_does_not_change_are_named_where_they_differ(self):
        folded = apply(stored(), act(Action.WITHDRAW, grade="Merit", language="CYM"))
        assert [why.field for why in folded.results[1].failures] == ["Grade", "LanguageForAssessment"]
        assert outcomes(folded) == [Outcome.WITHDRAWN]
        assert apply(stored(), act(Action.WITHDRAW, grade="PASS ")).results[1].failures == ()


class TestAGroupOnOneKey:
    @pytest.mark.req("ACH-06", "ACH-09")
    def test_is_one_version_with_the_answer_to_each_record(self):
        folded = apply(None, COMMAND, act(Action.WITHDRAW), act(Action.UPDATE), act(Action.REINSTATE))
        assert outcomes(folded) == [Outcome.CREATED, Outcome.WITHDRAWN, Outcome.REFUSED, Outcome.REINSTATED]
        assert len(folded.state.history) == 1
        assert folded.state.history[0].actions == "134"
        assert recorded_results(folded.state.history, "JOB", 3) == folded.results
        assert recorded_results(folded.state.history, "JOB", 4) is None

    def test_remembers_what_the_register_of_learners_refused(self):
        refused = Checked(9, COMMAND).answered(Outcome.REFUSED, failure("ACL003", "ULN"))
        state = fold(None, [Checked(1, COMMAND)], SUBMISSION, BY, AIM, [refused]).state
        assert recorded_results(state.history, "JOB", 3)[9] == refused

    def test_notices_go_with_the_answer(self):
        checked = Checked(1, COMMAND, "VRC003", "", (failure("ACW002", "ULN"),))
        result = fold(None, [checked], SUBMISSION, BY, AIM).results[1]
        assert (result.return_code, result.failures[0].code) == ("VRC003", "ACW002")


ACTIONS = st.lists(
    st.builds(
        lambda action, grade, name: act(action, grade=grade, given_name=name),
        st.sampled_from(list(Action)),
        st.sampled_from(["", "Pass", "Merit"]),
        st.sampled_from(["Ann", "ann", "Bea"]),
    ),
    max_size=8,
)


@given(ACTIONS, ACTIONS)
def test_a_group_folded_at_once_ends_like_its_records_one_by_one(before, group):
    start = apply(None, *before).state
    at_once = apply(start, *group)
    state, answers = start, []
    for command in group:
        folded = apply(state, command)
        answers += outcomes(folded)
        state = folded.state or state
    assert outcomes(at_once) == answers
    ended = at_once.state or start
    if state is None:
        assert ended is None
    else:
        plain = {"revision": 0, "history": ()}
        assert ended._replace(**plain) == state._replace(**plain)


@given(ACTIONS)
def test_nothing_is_ever_lost_from_the_history(commands):
    state, versions = None, ()
    for command in commands:
        state = apply(state, command).state or state
        history = state.history if state else ()
        assert history[: len(versions)] == versions
        versions = history
    assert state is None or state.revision == len(state.history)


@given(ACTIONS)
def test_refused_records_change_nothing(commands):
    folded = apply(None, *commands)
    accepted = [c for n, c in enumerate(commands, 1) if folded.results[n].outcome is not Outcome.REFUSED]
    again = apply(None, *accepted)
    assert Outcome.REFUSED not in outcomes(again)
    assert (again.state is None) == (folded.state is None)


def test_a_refusal_is_never_a_notice():
    assert failure("ACR007").refuses
    assert failure("ACW003").family is Family.NOTICE
