"""Personal learning records: what callers see, the audit log before the answer, availability, the access log."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.domain.codes import GetType
from chalicelib.domain.learners import learner_of
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.records import Availability, AvailabilityChange, AvailabilityState
from chalicelib.domain.refusals import Refused
from chalicelib.ports.errors import BadCursor, Conflict, TemporaryFailure
from chalicelib.services.records import LogEntry
from tests.builders.achievements import learner
from tests.builders.callers import REQUEST
from tests.builders.organisations import OURS, THEIRS, organisation
from tests.builders.records import LOADED, SCHOOL, achievement, named, reader, world_of_records

READS = "records.holdings"


@pytest.fixture
def world():
    return world_of_records()


@pytest.fixture
def records(world):
    return world.services().personal_records


def link(world, linked=1, master=0):
    """Link the second learner's number to the first."""
    uln = learner(master).uln
    world.learners.put(learner(linked, status="2", master_uln=uln))
    world.records.learners[uln] = learner_of(learner(master))._replace(linked_ulns=(learner(linked).uln,))


def hide(world, state, number=0):
    uln = learner(number).uln
    change = AvailabilityChange(state, LOADED, THEIRS, "desk", "TEL", "")
    world.records.availabilities[uln] = Availability(uln, change, 1)


def logged(world, number=0):
    """Actions in the log of this learner with their outcomes, in order."""
    return [
        f"{entry.action} {entry.outcome}"
        for entry in world.audit.held.values()
        if entry.subject == f"ULN#{learner(number).uln}"
    ]


@pytest.mark.req("PLR-01")
def test_a_verified_learners_record_is_shown_and_the_look_is_logged(world, records):
    answer = records.record(reader(), named(learner(), gender="2"))
    assert (answer.response_code, answer.incoming_uln, answer.found_uln) == ("WSRC0004", learner().uln, learner().uln)
    assert [one.source for one in answer.events] == ["AO", "AO", "NPD"]
    assert answer.learner.details.family_name == learner().family_name
    assert (answer.availability, answer.get_type) == (AvailabilityState.AVAILABLE, GetType.FULL)
    (entry,) = world.audit.held.values()
    assert (entry.subject, entry.action, entry.organisation, entry.user) == (
        f"ULN#{learner().uln}", "record-viewed", OURS, "ann"
    )  # fmt: skip
    assert entry.detail == {"channel": "webservice", "request": REQUEST, "type": "FULL"}


@pytest.mark.req("PLR-01", "SEC-01")
def test_nothing_is_answered_that_could_not_be_logged(world, records):
    def hook(name):
        if name == "audit.record":
            raise TemporaryFailure(name)

    world.hook = hook
    with pytest.raises(TemporaryFailure):
        records.record(reader(), named(learner()))


@pytest.mark.req("PLR-01")
@pytest.mark.parametrize(
    "wrong",
    [
        {"family_name": "Nobody"},
        {"date_of_birth": date(1990, 1, 1)},
        {"gender": "1"},
        {"uln": learner(7).uln},
        {"uln": "1000000044"},
    ],
    ids=str,
)
def test_a_learner_who_cannot_be_verified_is_not_found_and_the_attempt_is_logged(world, records, wrong):
    details = named(learner(), **wrong)
    answer = records.record(reader(), details)
    assert answer == type(answer)("WSEC0208", details.uln)
    assert [(entry.action, entry.outcome) for entry in world.audit.held.values()] == [("record-viewed", "REFUSED")]


@pytest.mark.req("PLR-01")
def test_a_restricted_learner_cannot_be_verified(world, records):
    world.learners.put(learner(restricted=True))
    assert records.record(reader(), named(learner())).response_code == "WSEC0208"


@pytest.mark.req("PLR-01")
def test_names_are_compared_as_in_verification(records):
    assert records.record(reader(), named(learner(), given_name="amelia")).response_code == "WSRC0004"
    assert records.record(reader(), named(learner(), family_name="Thornbery")).response_code == "WSRC0004"


@pytest.mark.req("PLR-01", "ULN-09")
@pytest.mark.parametrize("number", [0, 1])
def test_a_record_is_the_same_for_every_linked_number(world, records, number):
    link(world)
    world.achievements.put(achievement(1, day=10))
    world.calls.clear()
    answer = records.record(reader(), named(learner(number)))
    assert answer.response_code == ("WSRC0022" if number else "WSRC0004")
    assert (answer.incoming_uln, answer.found_uln) == (learner(number).uln, learner(0).uln)
    assert len(answer.events) == 4
    assert answer.learner.uln == learner(0).uln
    assert world.calls.count(READS) == 2


@pytest.mark.req("PLR-01")
def test_a_look_costs_one_query_and_its_entry_once_names_are_known(world, records):
    records.record(reader(), named(learner()))
    world.calls.clear()
    records.record(reader(), named(learner()))
    assert world.calls == [READS, "audit.record"]


@pytest.mark.req("PLR-01")
def test_names_are_looked_up_again_after_a_while(world, records):
    records.record(reader(), named(learner()))
    world.accounts.put(organisation(THEIRS, name="Renamed"))
    before = records.record(reader(), named(learner())).events[1].awarding_organisation_name
    world.clock.advance(timedelta(minutes=11))
    after = records.record(reader(), named(learner())).events[1].awarding_organisation_name
    assert (before, after) == ("Awards 2", "Renamed")


@pytest.mark.req("PLR-01")
def test_a_record_is_shown_before_any_catalogue_is_published(world, records):
    world.catalogues.current = ""
    answer = records.record(reader(), named(learner()))
    assert [one.subject for one in answer.events] == ["", "", "Mathematics"]


@pytest.mark.req("PLR-05")
@pytest.mark.parametrize("state", [AvailabilityState.OPTED_OUT, AvailabilityState.RESTRICTED])
def test_a_record_that_is_not_shared_shows_organisations_their_own_events(world, records, state):
    hide(world, state)
    ours = records.record(reader(OURS), named(learner()))
    assert (ours.response_code, ours.availability) == ("WSRC0004", state)
    assert [one.awarding_organisation_ukprn for one in ours.events] == [OURS]
    assert ours.learner is None
    school = records.record(reader(SCHOOL), named(learner()))
    assert [one.source for one in school.events] == ["NPD"]
    stranger = records.record(reader("90000099"), named(learner()))
    assert (stranger.response_code, stranger.found_uln, stranger.events, stranger.access) == (
        "WSEC0206", learner().uln, (), ""
    )  # fmt: skip
    assert stranger.learner is None
    world.clock.advance()
    assert logged(world)[-1] == "record-viewed REFUSED"


@pytest.mark.req("PLR-05", "ULN-09")
def test_a_record_is_hidden_when_any_of_its_linked_numbers_is(world, records):
    link(world)
    hide(world, AvailabilityState.OPTED_OUT, 1)
    assert records.record(reader("90000099"), named(learner())).response_code == "WSEC0206"


@pytest.mark.req("PLR-05", "ULN-09")
@pytest.mark.parametrize("number", [0, 1])
def test_what_is_under_a_restricted_number_is_not_shown_through_another(world, records, number):
    link(world)
    world.learners.put(learner(1, status="2", master_uln=learner(0).uln, restricted=True))
    answer = records.record(reader("90000099"), named(learner(number)))
    assert answer.response_code == ("WSEC0208" if number else "WSEC0206")
    assert answer.events == ()


@pytest.mark.req("PLR-07", "ULN-09")
@pytest.mark.parametrize("number", [0, 1])
def test_a_look_is_in_the_log_of_every_linked_number(world, records, number):
    link(world)
    world.calls.clear()
    records.record(reader(), named(learner(number)))
    assert (logged(world, 0), logged(world, 1)) == (["record-viewed DONE"], ["record-viewed DONE"])
    assert world.calls.count("audit.record") == 1


@pytest.mark.req("PLR-02")
def test_a_record_that_has_not_changed_is_not_sent_again(world, records):
    first = records.record(reader(), named(learner()))
    world.calls.clear()
    again = records.again(reader(), learner().uln, first.access, if_none_match=["other", first.tag])
    assert (again.not_modified, again.tag, again.events, again.learner) == (True, first.tag, (), None)
    assert world.calls == [READS, "audit.record"]
    assert logged(world)[-1] == "record-compared DONE"


@pytest.mark.req("PLR-02")
def test_a_record_that_has_changed_is_shown_again_without_naming_the_learner(world, records):
    first = records.record(reader(), named(learner()))
    world.achievements.put(achievement(day=25))
    again = records.again(reader(), learner().uln, first.access, if_none_match=[first.tag])
    assert not again.not_modified
    assert again.tag != first.tag
    assert len(again.events) == len(first.events) + 1


@pytest.mark.req("PLR-02")
def test_an_organisation_that_did_not_verify_the_learner_must_name_them(world, records):
    access = records.record(reader(), named(learner())).access
    uln = learner().uln
    with pytest.raises(Refused, match="LRS-PLR-1"):
        records.again(reader(THEIRS), uln, access)
    with pytest.raises(Refused, match="LRS-PLR-1"):
        records.again(reader(), learner(1).uln, access)
    with pytest.raises(Refused, match="LRS-PLR-1"):
        records.again(reader(), uln, access + "x")
    with pytest.raises(Refused, match="LRS-PLR-1"):
        records.again(reader(), uln, "")
    assert logged(world, 1) == ["record-viewed REFUSED"]


@pytest.mark.req("PLR-02")
@pytest.mark.parametrize("change", [{"family_name": "Newname"}, {"restricted": True}, {"status": "0"}], ids=str)
def test_a_learner_whose_details_have_changed_is_named_again(world, records, change):
    access = records.record(reader(), named(learner())).access
    world.learners.put(learner(**change))
    with pytest.raises(Refused, match="LRS-PLR-1"):
        records.again(reader(), learner().uln, access)


@pytest.mark.req("PLR-02", "PLR-05")
def test_a_record_made_unavailable_is_not_shown_again(world, records):
    first = records.record(reader("90000099"), named(learner()))
    hide(world, AvailabilityState.OPTED_OUT)
    again = records.again(reader("90000099"), learner().uln, first.access, if_none_match=[first.tag])
    assert (again.response_code, again.not_modified) == ("WSEC0206", False)


def request(records, who=None, details=None, available=False):
    return records.request_availability(
        who or reader(), details or named(learner()), available=available, contact_type="FTF", reason="wishes it"
    )


@pytest.mark.req("PLR-05")
def test_a_record_is_made_unavailable_and_available_again_at_once(world, records):
    assert request(records)[:3] == (learner().uln, AvailabilityState.OPTED_OUT, True)
    assert records.record(reader("90000099"), named(learner())).response_code == "WSEC0206"
    world.clock.advance()
    assert request(records, available=True)[:3] == (learner().uln, AvailabilityState.AVAILABLE, True)
    assert records.record(reader("90000099"), named(learner())).response_code == "WSRC0004"
    history = [world.records.replaced[learner().uln, 1], world.records.availabilities[learner().uln].latest]
    assert [(one.state, one.organisation, one.contact_type, one.reason) for one in history] == [
        (AvailabilityState.OPTED_OUT, OURS, "FTF", "wishes it"),
        (AvailabilityState.AVAILABLE, OURS, "FTF", "wishes it"),
    ]
    assert "wishes it" not in str(world.audit.held)


@pytest.mark.req("PLR-05")
def test_a_request_for_the_current_state_changes_nothing(world, records):
    assert request(records, available=True).changed is False
    assert world.records.availabilities == {}
    request(records)
    assert request(records).changed is False
    assert world.records.availabilities[learner().uln].revision == 1


@pytest.mark.req("PLR-05", "ULN-09")
def test_a_request_applies_to_every_linked_number(world, records):
    link(world)
    request(records, details=named(learner(1)))
    assert set(world.records.availabilities) == {learner(0).uln, learner(1).uln}


@pytest.mark.req("PLR-05")
def test_no_request_opens_what_the_service_desk_restricted(world, records):
    hide(world, AvailabilityState.RESTRICTED)
    with pytest.raises(Refused, match="LRS-PLR-2"):
        request(records, available=True)
    assert logged(world) == ["availability-requested REFUSED"]


@pytest.mark.req("PLR-05")
def test_a_request_for_a_learner_who_cannot_be_verified_is_refused(world, records):
    with pytest.raises(Refused, match="WSEC0208"):
        request(records, details=named(learner(), family_name="Nobody"))
    assert world.records.availabilities == {}


@pytest.mark.req("PLR-05")
def test_two_requests_at_once_do_not_overwrite_each_other(world, records):
    def hook(name):
        if name == "records.save_availability":
            world.hook = lambda _: None
            hide(world, AvailabilityState.RESTRICTED)

    world.hook = hook
    with pytest.raises(Conflict):
        request(records)
    assert world.records.availabilities[learner().uln].state is AvailabilityState.RESTRICTED


@pytest.mark.req("PLR-07")
def test_the_access_log_shows_who_did_what_newest_first(world, records):
    records.record(reader(SCHOOL, "bob"), named(learner()))
    world.clock.advance()
    records.record(reader(THEIRS, "cat"), named(learner(), family_name="Nobody"))
    world.clock.advance()
    answer = records.access_log(reader(), named(learner()))
    at = [entry.at for entry in world.audit.held.values()]
    assert answer.entries == (
        LogEntry(LookAction.RECORD_VIEWED, LookOutcome.REFUSED, at[1], "Awards 2", THEIRS, "cat"),
        LogEntry(LookAction.RECORD_VIEWED, LookOutcome.DONE, at[0], "Provider 20", SCHOOL, "bob"),
    )
    assert answer.cursor == ""
    assert logged(world)[-1] == "access-log-viewed DONE"


@pytest.mark.req("PLR-05", "PLR-07")
@pytest.mark.parametrize("state", [AvailabilityState.OPTED_OUT, AvailabilityState.RESTRICTED])
def test_the_log_of_a_record_that_is_not_shared_shows_an_organisation_its_own_entries(world, records, state):
    for who in (reader(), reader(SCHOOL, "bob"), reader("90000099", "eve")):
        records.record(who, named(learner()))
        world.clock.advance()
    hide(world, state)
    seen = {ukprn: records.access_log(reader(ukprn), named(learner())).entries for ukprn in (OURS, "90000099")}
    assert {ukprn: {entry.organisation_ukprn for entry in found} for ukprn, found in seen.items()} == {
        OURS: {OURS}, "90000099": {"90000099"}
    }  # fmt: skip


@pytest.mark.req("PLR-07")
def test_the_access_log_has_pages_for_one_organisation_only(world, records):
    for _ in range(5):
        records.record(reader(), named(learner()))
        world.clock.advance()
    first = records.access_log(reader(), named(learner()), limit=3)
    second = records.access_log(reader(), named(learner()), first.cursor, limit=3)
    times = [entry.date_time for entry in (*first.entries, *second.entries)]
    assert len(times) == 5
    assert times == sorted(times, reverse=True)
    with pytest.raises(BadCursor):
        records.access_log(reader(THEIRS), named(learner()), first.cursor)


@pytest.mark.req("PLR-07", "SEC-01")
@pytest.mark.parametrize("names", [{}, {"family_name": "Nobody"}])
def test_a_bad_cursor_does_not_show_whether_the_names_are_right(world, records, names):
    with pytest.raises(BadCursor):
        records.access_log(reader(), named(learner(), **names), "x")


@pytest.mark.req("PLR-07")
def test_the_access_log_is_for_those_who_know_the_learner(world, records):
    with pytest.raises(Refused, match="WSEC0208"):
        records.access_log(reader(), named(learner(), family_name="Nobody"))
    assert logged(world) == ["access-log-viewed REFUSED"]
