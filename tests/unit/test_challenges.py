"""Challenges: the closed list of problems, what a report must contain, and new challenges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.challenges import (
    MOST_EVENTS,
    PROBLEMS,
    ChallengedEvent,
    ChallengeKind,
    ChallengeStatus,
    EnquiryType,
    EventDetails,
    RaisedBy,
    Report,
    Step,
    mark_of,
    open_challenge,
    raised,
    report_failures,
)
from chalicelib.domain.codes import ChallengeType

ULN = "1000000043"
BY = RaisedBy("90000001", "ann", "2026-03-02T09:00:00+00:00")
EVENT_TYPES = [kind for kind in ChallengeType if PROBLEMS[kind].kind is ChallengeKind.EVENT]
ULN_TYPES = [kind for kind in ChallengeType if PROBLEMS[kind].kind is ChallengeKind.ULN]


def report(kind, **changes):
    """A complete report of this problem."""
    events = (11,) if PROBLEMS[kind].kind is ChallengeKind.EVENT else ()
    supplied = EventDetails(achieved_grade="Merit", achieved_date="2026-02-19")
    made = Report(kind, events, supplied, "Sam Ford", "", "sam@example.org", "Two people use this ULN.")
    return made._replace(**changes)


def codes(found):
    return [(reason.code, reason.field) for reason in found]


@pytest.mark.req("LEDC-01")
def test_the_problems_of_an_event_are_those_of_the_user_guide():
    table = {}
    for kind in EVENT_TYPES:
        table.setdefault(PROBLEMS[kind].enquiry, []).append(kind)
    assert table == {
        EnquiryType.INFORMATION_WRONG: [ChallengeType.EVENT_GRADE, ChallengeType.EVENT_DATE],
        EnquiryType.NOT_THIS_LEARNERS: [
            ChallengeType.EVENT_NOT_MINE_SHARED_ULN,
            ChallengeType.EVENT_NOT_MINE_DISPUTED,
        ],
        EnquiryType.MORE_THAN_ONCE: [ChallengeType.EVENT_DUPLICATE],
    }


@pytest.mark.req("ULN-10")
def test_the_problems_of_a_uln_are_created_incorrectly_merged_incorrectly_and_others():
    assert [PROBLEMS[kind].enquiry for kind in ULN_TYPES] == [
        EnquiryType.CREATED_INCORRECTLY,
        EnquiryType.MERGED_INCORRECTLY,
        EnquiryType.OTHER,
    ]


@pytest.mark.req("LEDC-01", "ULN-10")
def test_every_type_is_one_problem():
    assert set(PROBLEMS) == set(ChallengeType)


@pytest.mark.req("LEDC-01", "ULN-10")
@pytest.mark.parametrize("kind", ChallengeType)
def test_a_complete_report_is_accepted(kind):
    assert report_failures(report(kind)) == ()


@pytest.mark.req("LEDC-01")
@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_a_problem_with_an_event_names_the_event(kind):
    assert codes(report_failures(report(kind, event_ids=()))) == [("LRS-DC-1", "learningEvent1Id")]


@pytest.mark.req("ULN-10")
@pytest.mark.parametrize("kind", ULN_TYPES)
def test_a_problem_with_a_uln_names_no_event(kind):
    assert codes(report_failures(report(kind, event_ids=(11,)))) == [("LRS-DC-2", "learningEvent1Id")]


@pytest.mark.parametrize(
    ("kind", "field"),
    [(ChallengeType.EVENT_GRADE, "supplied.achievedGrade"), (ChallengeType.EVENT_DATE, "supplied.achievedDate")],
)
def test_what_the_event_should_say_is_given(kind, field):
    assert codes(report_failures(report(kind, supplied=EventDetails()))) == [("LRS-DC-3", field)]


def test_an_end_date_is_as_good_as_an_award_date():
    assert report_failures(report(ChallengeType.EVENT_DATE, supplied=EventDetails(end_date="2026-02-19"))) == ()


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_another_problem_is_described(text):
    assert codes(report_failures(report(ChallengeType.ULN_OTHER, additional_information=text))) == [
        ("LRS-DC-5", "additionalInformation")
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"contact_name": " "}, [("LRS-DC-4", "contactName")]),
        ({"email_address": ""}, [("LRS-DC-4", "contactName")]),
        ({"email_address": "", "telephone": "0161 496 0000"}, []),
        ({"email_address": "sam at example"}, [("ACF003", "EmailAddress")]),
        ({"email_address": "sam@example.org\nBcc: x@example.org"}, [("ACF003", "EmailAddress")]),
        ({"telephone": "0" * 21}, [("ACF002", "telephone")]),
        ({"telephone": "ring me"}, [("ACF003", "telephone")]),
        ({"additional_information": "=1+1"}, [("ACF008", "additionalInformation")]),
        ({"supplied": EventDetails(aim_title="T" * 256)}, [("ACF002", "supplied.aimTitle")]),
    ],
)
def test_there_is_a_contact(changes, expected):
    assert codes(report_failures(report(ChallengeType.ULN_CREATED_IN_ERROR, **changes))) == expected


def test_one_event_is_named_once():
    assert codes(report_failures(report(ChallengeType.EVENT_DUPLICATE, event_ids=(11, 11)))) == [
        ("LRS-DC-6", "learningEvent2Id")
    ]
    assert report_failures(report(ChallengeType.EVENT_DUPLICATE, event_ids=(11, 12))) == ()
    assert MOST_EVENTS == 2


def test_dates_that_an_event_should_have_are_dates():
    wrong = EventDetails(achieved_grade="A", achieved_date="19/02/2026", start_date="2026-02-30", end_date="2026-03-01")
    assert codes(report_failures(report(ChallengeType.EVENT_GRADE, supplied=wrong))) == [
        ("ACF004", "supplied.achievedDate"),
        ("ACF004", "supplied.startDate"),
    ]


@given(st.builds(Report, type=st.sampled_from(ChallengeType), event_ids=st.lists(st.integers(), max_size=2).map(tuple)))
def test_every_report_is_checked_and_no_reason_repeats_its_text(made):
    for reason in report_failures(made._replace(contact_name="Zebedee", additional_information="Zebedee")):
        assert "Zebedee" not in str(reason)


@pytest.mark.req("LEDC-01")
def test_a_new_challenge_is_the_service_desks_and_owes_a_notice():
    events = (ChallengedEvent(11, "AO", EventDetails(achieved_grade="Pass"), "90000002"),)
    challenge = raised("DC-1", ULN, report(ChallengeType.EVENT_GRADE), events, BY)
    assert challenge.status is ChallengeStatus.NEW
    assert challenge.history == (Step(BY.at, BY.organisation, BY.user, ChallengeStatus.NEW),)
    assert (challenge.assigned_to, challenge.notice_due, challenge.revision) == ("", True, 1)
    assert challenge.kind is ChallengeKind.EVENT
    mark = mark_of(challenge)
    assert (mark.uln, mark.reference, mark.events, mark.resolved_at, mark.is_open) == (ULN, "DC-1", (11,), "", True)


def test_a_resolved_challenge_has_its_date():
    challenge = raised("DC-1", ULN, report(ChallengeType.ULN_OTHER), (), BY)
    ended = Step("2026-03-05T09:00:00+00:00", "90000002", "bob", ChallengeStatus.UPHELD, "done")
    resolved = challenge._replace(status=ChallengeStatus.UPHELD, history=(*challenge.history, ended))
    assert mark_of(resolved).resolved_at == ended.at
    assert not mark_of(resolved).is_open
    reopened = resolved._replace(status=ChallengeStatus.IN_PROGRESS)
    assert mark_of(reopened).resolved_at == ""


@pytest.mark.req("LEDC-01")
@pytest.mark.parametrize(
    ("changes", "who", "found"),
    [
        ({}, "90000001", True),
        ({"event_ids": (12,)}, "90000001", False),
        ({"type": ChallengeType.EVENT_DUPLICATE}, "90000001", False),
        ({}, "90000002", False),
    ],
)
def test_a_report_that_is_open_already_is_recognised(changes, who, found):
    again = report(ChallengeType.EVENT_GRADE)
    events = (ChallengedEvent(11, "AO"),)
    mark = mark_of(raised("DC-1", ULN, again, events, BY))
    assert open_challenge([mark], again._replace(**changes), who, ULN) == (mark if found else None)
    closed = mark._replace(status=ChallengeStatus.REJECTED)
    assert open_challenge([closed], again, "90000001", ULN) is None


@pytest.mark.req("ULN-10")
def test_a_problem_with_a_uln_is_that_ulns_alone():
    again = report(ChallengeType.ULN_OTHER)
    mark = mark_of(raised("DC-1", ULN, again, (), BY))
    assert open_challenge([mark], again, "90000001", ULN) == mark
    assert open_challenge([mark], again, "90000001", "1000000035") is None
