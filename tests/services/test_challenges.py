"""Raising challenges: what is stored, who gets an email, and what the record shows in the meantime."""

from __future__ import annotations

import pytest

from chalicelib.domain.challenges import ChallengeStatus, EventDetails, Report
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.failures import failure
from chalicelib.domain.records import Availability, AvailabilityChange, AvailabilityState
from chalicelib.domain.refusals import Refused
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.challenges import Raised
from chalicelib.storage.changes import change_of
from chalicelib.storage.record_items import mark_item
from tests.builders.achievements import learner
from tests.builders.organisations import OURS, THEIRS
from tests.builders.records import LOADED, SCHOOL, named, reader, world_of_records
from tests.builders.stream import stream_record
from tests.fakes import Fault

DESK = "desk@example.org"


@pytest.fixture
def world():
    return world_of_records()


@pytest.fixture
def challenges(world):
    return world.services().challenges


@pytest.fixture
def seen(world):
    return world.services().personal_records.record(reader(SCHOOL), named(learner())).events


def report(kind=ChallengeType.EVENT_GRADE, *events, **changes):
    supplied = EventDetails(achieved_grade="Merit", achieved_date="2026-02-19")
    made = Report(kind, events, supplied, "Sam Ford", "", "sam@example.org", "Zebedee shares it.")
    return made._replace(**changes)


def raise_it(challenges, *args, who=None, details=None):
    return challenges.raise_challenge(who or reader(SCHOOL), details or named(learner()), report(*args))


def reasons(challenges, *args, **named_args):
    """The reasons why a challenge cannot be raised."""
    with pytest.raises(Refused) as refused:
        raise_it(challenges, *args, **named_args)
    return refused.value.failures


def flags(world):
    events = world.services().personal_records.record(reader(SCHOOL), named(learner())).events
    return [one.under_data_challenge for one in events]


@pytest.mark.req("LEDC-01", "PLR-06")
def test_a_challenge_to_an_event_is_kept_with_the_content_of_the_event(world, challenges, seen):
    answer = raise_it(challenges, ChallengeType.EVENT_GRADE, seen[0].id)
    assert answer.is_new
    challenge = world.casework.held[answer.mark.reference]
    assert (challenge.uln, challenge.status, challenge.raised_by) == (learner().uln, ChallengeStatus.NEW, SCHOOL)
    (kept,) = challenge.events
    assert (kept.event_id, kept.source, kept.owner) == (seen[0].id, "AO", OURS)
    assert (kept.details.achieved_grade, kept.details.accreditation_number) == ("Pass", "600/1234/1")
    assert challenge.report.supplied.achieved_grade == "Merit"


@pytest.mark.req("LEDC-01", "PLR-06")
def test_the_record_shows_the_event_under_challenge_while_it_is_open(world, challenges, seen):
    answer = raise_it(challenges, ChallengeType.EVENT_GRADE, seen[0].id)
    assert flags(world) == ["Y", "N", "N"]
    challenge = world.casework.held[answer.mark.reference]
    world.casework.save(challenge._replace(status=ChallengeStatus.REJECTED))
    assert flags(world) == ["N", "N", "N"]


@pytest.mark.req("LEDC-01")
def test_a_challenge_may_name_two_events(world, challenges, seen):
    answer = raise_it(challenges, ChallengeType.EVENT_DUPLICATE, seen[0].id, seen[2].id)
    assert answer.mark.events == (seen[0].id, seen[2].id)
    owners = [one.owner for one in world.casework.held[answer.mark.reference].events]
    assert owners == [OURS, ""], "nobody but its source can correct an event of school data"
    assert flags(world) == ["Y", "N", "Y"]


@pytest.mark.req("ULN-10")
@pytest.mark.parametrize(
    "kind", [ChallengeType.ULN_CREATED_IN_ERROR, ChallengeType.ULN_MERGED_IN_ERROR, ChallengeType.ULN_OTHER]
)
def test_a_problem_with_a_uln_is_a_challenge_too(world, challenges, kind):
    answer = raise_it(challenges, kind)
    assert world.casework.held[answer.mark.reference].kind == "ULN challenge"
    assert flags(world) == ["N", "N", "N"]


@pytest.mark.req("LEDC-01", "SEC-02")
def test_a_reference_reveals_nothing_about_the_learner(challenges):
    assert learner().uln not in raise_it(challenges, ChallengeType.ULN_OTHER).mark.reference


@pytest.mark.req("LEDC-01")
def test_an_event_that_the_caller_does_not_see_is_not_found(world, challenges, seen):
    refused = reasons(challenges, ChallengeType.EVENT_DUPLICATE, seen[0].id, 5)
    assert refused == (failure("LRS-DC-7", "learningEvent2Id"),)
    uln = learner().uln
    change = AvailabilityChange(AvailabilityState.OPTED_OUT, LOADED, THEIRS, "desk", "PST", "")
    world.records.availabilities[uln] = Availability(uln, change, 1)
    refused = reasons(challenges, ChallengeType.EVENT_GRADE, seen[0].id)
    assert refused == (failure("LRS-DC-7", "learningEvent1Id"),)
    assert isinstance(raise_it(challenges, ChallengeType.EVENT_GRADE, seen[0].id, who=reader(OURS)), Raised)
    assert len(world.casework.held) == 1


@pytest.mark.req("LEDC-01")
def test_a_report_that_lacks_something_is_refused_before_anything_is_read(world, challenges):
    world.calls.clear()
    assert [reason.code for reason in reasons(challenges, ChallengeType.EVENT_GRADE)] == ["LRS-DC-1"]
    assert world.calls == []


@pytest.mark.req("LEDC-01")
def test_a_learner_who_cannot_be_verified_has_no_challenges(world, challenges):
    refused = reasons(challenges, ChallengeType.ULN_OTHER, details=named(learner(), given_name="Nobody"))
    assert refused == (failure("WSEC0208"),)
    assert world.casework.held == {}


@pytest.mark.req("LEDC-01")
def test_the_same_problem_raised_again_while_it_is_open_is_the_same_challenge(world, challenges, seen):
    first = raise_it(challenges, ChallengeType.EVENT_GRADE, seen[0].id)
    again = raise_it(challenges, ChallengeType.EVENT_GRADE, seen[0].id)
    assert (again.mark.reference, again.is_new) == (first.mark.reference, False)
    assert raise_it(challenges, ChallengeType.EVENT_GRADE, seen[0].id, who=reader(THEIRS)).is_new


@pytest.mark.req("LEDC-01", "SEC-01")
def test_raising_is_logged_before_it_is_answered_and_by_the_stream_if_the_request_dies(world, challenges):
    world.calls.clear()
    raise_it(challenges, ChallengeType.ULN_OTHER)
    assert world.calls == ["records.holdings", "casework.create", "audit.record", "queues.send"]
    (entry,) = world.audit.held.values()
    mark = mark_item(next(iter(world.records.marks.values()))).serialize()
    streamed = change_of(stream_record(mark)).entry
    assert streamed[:6] == entry[:6]
    entry = list(world.audit.held.values())[-1]
    assert (entry.action, entry.outcome) == ("challenge-raised", "DONE")
    assert "Zebedee" not in str(entry)


def notices(world):
    return world.services(service_desk_email=DESK, portal_url="https://portal.example").challenge_notices


def take(world):
    return world.queues.take("notices")


@pytest.mark.req("LEDC-01", "SEC-02")
def test_the_service_desk_is_emailed_once_without_learner_data(world, challenges, seen):
    reference = raise_it(challenges, ChallengeType.EVENT_GRADE, seen[0].id).mark.reference
    assert take(world) == {"challenge": reference}
    assert notices(world).run(reference) is True
    assert notices(world).run(reference) is False
    (mail,) = world.mail.sent
    assert mail.to == DESK
    assert reference in mail.subject
    assert "The grade is wrong" in mail.body
    assert "https://portal.example/desk/organisations/" in mail.body
    personal = (learner().uln, learner().given_name, learner().family_name, "Zebedee", "Sam Ford", "sam@", "600/1234/1")
    assert not [text for text in personal if text in mail.subject + mail.body]


@pytest.mark.req("LEDC-01")
def test_a_message_that_comes_before_its_challenge_comes_again(world):
    with pytest.raises(TemporaryFailure):
        notices(world).run("DC-none")


@pytest.mark.req("LEDC-01")
@pytest.mark.parametrize("lost", ["queues.send", "casework.create"])
def test_a_caller_who_got_no_answer_repeats_the_request_and_the_service_desk_is_emailed(world, challenges, lost):
    def hook(name):
        if name == lost:
            world.hook = lambda _: None
            if lost == "queues.send":
                raise TemporaryFailure(name)
            return Fault.ANSWER_LOST
        return None

    world.hook = hook
    with pytest.raises(TemporaryFailure):
        raise_it(challenges, ChallengeType.ULN_OTHER)
    again = raise_it(challenges, ChallengeType.ULN_OTHER)
    assert not again.is_new
    assert len(world.casework.held) == 1
    assert take(world) == {"challenge": again.mark.reference}


@pytest.mark.req("LEDC-01")
def test_a_challenge_that_somebody_has_taken_up_is_emailed_and_stays_theirs(world, challenges):
    reference = raise_it(challenges, ChallengeType.ULN_OTHER).mark.reference

    def hook(name):
        if name == "casework.save":
            world.hook = lambda _: None
            world.casework.save(world.casework.held[reference]._replace(status=ChallengeStatus.IN_PROGRESS))

    world.hook = hook
    assert notices(world).run(reference) is True
    assert world.casework.held[reference].status is ChallengeStatus.IN_PROGRESS


@pytest.mark.req("LEDC-01", "PLR-06", "PLR-07")
def test_a_problem_that_others_raise_at_the_same_moment_is_one_challenge_and_one_entry(world, challenges):
    def meanwhile(name):
        if name == "casework.create" and not first:
            world.hook = lambda _: None
            first.append(raise_it(challenges, ChallengeType.ULN_OTHER))

    first: list[Raised] = []
    world.hook = meanwhile
    second = raise_it(challenges, ChallengeType.ULN_OTHER)
    assert (first[0].is_new, second) == (True, Raised(first[0].mark, is_new=False))
    assert list(world.casework.held) == [second.mark.reference]
    entries = [entry for entry in world.audit.held.values() if entry.action == "challenge-raised"]
    assert sorted(entry.outcome for entry in entries) == ["DONE", "UNCHANGED"]
    mark = mark_item(second.mark).serialize()
    world.audit.record([change_of(stream_record(mark)).entry])
    assert len([entry for entry in world.audit.held.values() if entry.action == "challenge-raised"]) == 2


@pytest.mark.req("LEDC-01", "PLR-06")
def test_a_problem_that_comes_back_after_its_challenge_has_ended_is_a_new_one(world, challenges):
    one = raise_it(challenges, ChallengeType.ULN_OTHER).mark.reference
    world.casework.save(world.casework.held[one]._replace(status=ChallengeStatus.REJECTED))
    other = raise_it(challenges, ChallengeType.ULN_OTHER)
    assert (other.is_new, other.mark.reference != one) == (True, True)
    assert raise_it(challenges, ChallengeType.ULN_OTHER) == Raised(other.mark, is_new=False)


@pytest.mark.req("LEDC-01", "ULN-10")
def test_an_organisation_sees_its_own_challenges_newest_first(world, challenges, seen):
    raise_it(challenges, ChallengeType.ULN_OTHER)
    world.clock.advance()
    raise_it(challenges, ChallengeType.EVENT_GRADE, seen[0].id)
    raise_it(challenges, ChallengeType.ULN_OTHER, who=reader(THEIRS))
    marks = challenges.of_learner(reader(SCHOOL), learner().uln)
    assert [mark.type for mark in marks] == [ChallengeType.EVENT_GRADE, ChallengeType.ULN_OTHER]
    assert challenges.of_learner(reader(OURS), learner().uln) == ()
    assert challenges.of_learner(reader(OURS), learner(9).uln) == (), "the list does not tell whether a ULN exists"
    assert list(world.audit.held.values())[-1].action == "challenges-listed"
