"""Finding, registering, updating and linking learners."""

from __future__ import annotations

import json
from itertools import count, takewhile

import pytest

from chalicelib.domain.callers import Channel
from chalicelib.domain.learners import DELETED, LINKED
from chalicelib.domain.pending_matches import PendingReason
from chalicelib.domain.refusals import Refused
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.registration import Registered
from chalicelib.storage.changes import change_of
from chalicelib.storage.learner_items import Indexed, learner_item
from tests.builders.callers import caller
from tests.builders.learners import details, learner, uln, values
from tests.builders.stream import stream_record
from tests.fakes import FakeWorld, Fault

FIVE = ("given_name", "family_name", "date_of_birth", "gender", "last_known_post_code")


@pytest.fixture
def world():
    return FakeWorld()


@pytest.fixture
def learners(world):
    return world.services().learner_services


def hold(world, *made):
    world.learner_register.load(made)
    return made[0]


def held_now(world, number):
    """A learner as the register has them."""
    return world.learner_register.get(number)


def criteria(**changes):
    return {name: value for name, value in values(**changes).items() if name in FIVE or name in changes}


def refusal(call, *arguments):
    """The codes with which a call is refused."""
    with pytest.raises(Refused) as refused:
        call(caller(), *arguments)
    return refused.value.codes


def named(number, given_name, family_name):
    return {"uln": number, "given_name": given_name, "family_name": family_name}


CHECK = {"find_type": "CHK"}


def audited(world):
    return [(entry.subject, entry.action, entry.detail.get("code", "")) for entry in world.audit.held.values()]


def linked_pair(world):
    master, linked = learner(1), learner(2)
    hold(
        world,
        master._replace(linked_ulns=(linked.uln,)),
        linked._replace(
            status=LINKED,
            master_uln=master.uln,
            details=details(given_name="Bronwyn", last_known_post_code="LL57 1AA", family_name="Wick"),
        ),
    )
    return master, linked


# --- Find by ULN ------------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-01", "SEC-01")
@pytest.mark.parametrize(
    "names",
    [
        ("Bronwen", "Ashcombe"),
        ("bronwen", "ASHCOMBE"),
        ("Bronwenn", "Ashcombe"),
        ("", "Ashcombe"),
        ("B", "Ashcombe"),
        ("Bronwen", "Wick"),
    ],
)
def test_a_learner_is_found_by_uln_where_the_family_name_agrees(world, learners, names):
    held = hold(world, learner(previous_family_name="Wick"))
    outcome = learners.find_by_uln(caller(), named(held.uln, *names))
    assert outcome.code == "WSRC0004"
    assert [(found.learner, found.master_substituted) for found in outcome.learners] == [(held, False)]
    assert audited(world) == [(f"ULN#{held.uln}", "learner-found-by-uln", "WSRC0004")]
    assert world.calls == ["learner_register.get", "audit.record"]


@pytest.mark.req("ULN-01")
@pytest.mark.parametrize("names", [("Bronwen", "Ashcomb"), ("Bronwen", "Zebedee"), ("Gwendolen", "Ashcombe")])
def test_nothing_is_revealed_of_a_learner_whose_names_do_not_agree(world, learners, names):
    held = hold(world, learner())
    absent = learners.find_by_uln(caller(), named(uln(99), *names))
    assert learners.find_by_uln(caller(), named(held.uln, *names)) == absent == ("WSRC0001", ())


@pytest.mark.req("ULN-01")
def test_deleted_and_restricted_learners_are_not_found_by_uln(world, learners):
    hold(world, learner(1)._replace(status=DELETED), learner(2)._replace(restricted=True))
    for number in (1, 2):
        assert learners.find_by_uln(caller(), named(uln(number), "Bronwen", "Ashcombe")).code == "WSRC0001"


@pytest.mark.req("ULN-01", "ULN-09")
@pytest.mark.parametrize("names", [("Bronwyn", "Wick"), ("Bronwen", "Ashcombe")])
def test_a_linked_uln_is_answered_with_the_master_at_the_price_of_two_reads(world, learners, names):
    master, linked = linked_pair(world)
    outcome = learners.find_by_uln(caller(), named(linked.uln, *names))
    assert outcome.code == "WSRC0022"
    (found,) = outcome.learners
    assert found.master_substituted
    assert found.learner.uln == master.uln
    assert found.learner.linked_ulns == (linked.uln,)
    assert world.calls == ["learner_register.get"] * 2 + ["audit.record"]
    assert {subject for subject, _, _ in audited(world)} == {f"ULN#{master.uln}", f"ULN#{linked.uln}"}


@pytest.mark.req("ULN-01")
def test_a_check_answers_the_code_and_no_learner(world, learners):
    held = hold(world, learner())
    assert learners.find_by_uln(caller(), named(held.uln, "", "Ashcombe") | CHECK) == ("WSRC0004", ())
    assert learners.find_by_demographics(caller(), criteria() | CHECK) == ("WSRC0004", ())
    assert "learner_register.read" not in world.calls


@pytest.mark.req("ULN-01")
def test_what_cannot_be_a_uln_and_a_missing_family_name_are_refused(learners):
    with pytest.raises(Refused) as refused:
        learners.find_by_uln(caller(), named("1234567890", "Bronwen", "Ashcombe"))
    assert [found.code for found in refused.value.failures] == ["ACL001"]
    with pytest.raises(Refused):
        learners.find_by_uln(caller(), named(uln(1), "Bronwen", " "))


@pytest.mark.req("SEC-01")
def test_a_look_that_cannot_be_recorded_is_not_answered(world, learners):
    held = hold(world, learner())

    def no_audit(name):
        if name == "audit.record":
            raise TemporaryFailure

    world.hook = no_audit
    for look in (
        lambda: learners.find_by_uln(caller(), named(held.uln, "", "Ashcombe")),
        lambda: learners.find_by_demographics(caller(), criteria()),
        lambda: world.services().learner_retrieval.retrieve(caller(), held.uln),
        lambda: world.services().learner_retrieval.retrieve_ulns(caller(), [held.uln]),
        lambda: learners.register(caller(), values()),
    ):
        with pytest.raises(TemporaryFailure):
            look()


# --- Find by details --------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-02")
def test_none_one_several_and_too_many_are_distinguished(world, learners):
    assert learners.find_by_demographics(caller(), criteria()) == ("WSRC0001", ())
    exact = hold(world, learner(1))
    assert learners.find_by_demographics(caller(), criteria()).learners[0].learner == exact
    possible = learners.find_by_demographics(caller(), criteria(last_known_post_code="LL57 1AA"))
    assert (possible.code, [found.learner.uln for found in possible.learners]) == ("WSRC0003", [exact.uln])
    hold(world, *(learner(n, last_known_post_code=f"CF{n + 20} 1AA") for n in range(2, 12)))
    assert learners.find_by_demographics(caller(), criteria()).code == "WSRC0004", "an exact one is the answer"
    many = learners.find_by_demographics(caller(), criteria(last_known_post_code="LL57 1AA"))
    assert many == ("WSRC0002", ())


@pytest.mark.req("ULN-02")
def test_ten_are_listed_the_nearest_first(world, learners):
    hold(world, *(learner(n, last_known_post_code=f"CF{n} 1AA") for n in range(1, 10)))
    near = hold(world, learner(50, last_known_post_code="LL57 1AA", gender="0"))
    outcome = learners.find_by_demographics(caller(), criteria(last_known_post_code="LL57 1AA"))
    assert len(outcome.learners) == 10
    assert outcome.learners[0].learner == near


@pytest.mark.req("ULN-02")
def test_another_form_of_the_given_name_is_looked_for_when_nobody_is_found(world, learners):
    held = hold(world, learner(given_name="James", last_known_post_code="LL57 1AA"))
    outcome = learners.find_by_demographics(caller(), criteria(given_name="Jim", family_name="Asjcombe"))
    assert [found.learner for found in outcome.learners] == [held]


@pytest.mark.req("ULN-02")
def test_optional_details_choose_among_too_many(world, learners):
    towns = [f"Town {letter}" for letter in "ABCDEFGHIJKL"]
    hold(
        world,
        *(learner(n, last_known_post_code=f"CF{n + 1} 1AA", place_of_birth=town) for n, town in enumerate(towns)),
    )
    requested = criteria(last_known_post_code="LL57 1AA")
    assert learners.find_by_demographics(caller(), requested).code == "WSRC0002"
    chosen = learners.find_by_demographics(caller(), requested | {"place_of_birth": "town c"})
    assert (chosen.code, [found.learner.uln for found in chosen.learners]) == ("WSRC0003", [uln(2)])
    assert learners.find_by_demographics(caller(), requested | {"place_of_birth": "Elsewhere"}).code == "WSRC0002"


@pytest.mark.req("ULN-02")
def test_more_learners_than_can_be_read_are_too_many(world, learners):
    hold(world, *(learner(n, last_known_post_code=f"CF{n} 1AA") for n in range(1, 6)))
    world.person_index.most = 3
    assert learners.find_by_demographics(caller(), criteria(last_known_post_code="LL57 1AA")).code == "WSRC0002"


@pytest.mark.req("ULN-02", "ULN-09")
def test_linked_learners_are_answered_once_with_the_master(world, learners):
    master, _ = linked_pair(world)
    requested = criteria(given_name="Bronwyn", family_name="Wick", last_known_post_code="LL57 1AA")
    outcome = learners.find_by_demographics(caller(), requested)
    assert outcome.code == "WSRC0022"
    assert [(found.learner.uln, found.master_substituted) for found in outcome.learners] == [(master.uln, True)]
    assert learners.find_by_demographics(caller(), criteria()).code == "WSRC0004"


@pytest.mark.req("ULN-02")
def test_restricted_learners_are_not_found_by_details(world, learners):
    hold(world, learner()._replace(restricted=True))
    assert learners.find_by_demographics(caller(), criteria()) == ("WSRC0001", ())


@pytest.mark.req("SEC-01", "SEC-02")
def test_the_log_of_a_search_names_who_was_shown_and_nothing_that_was_typed(world, learners):
    held = hold(world, learner(1, last_known_post_code="LL57 1AA"))
    learners.find_by_demographics(caller(), criteria())
    learners.find_by_demographics(caller(), criteria(family_name="Marked", given_name="Person"))
    assert audited(world) == [
        (f"ULN#{held.uln}", "learner-found-by-details", "WSRC0003"),
        ("ORG#10000001", "learner-found-by-details", "WSRC0001"),
    ]
    written = json.dumps([[*entry[:6], dict(entry.detail)] for entry in world.audit.held.values()])
    assert not [value for value in criteria(family_name="Marked").values() if len(value) > 1 and value in written]


# --- Register ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-03")
def test_a_new_learner_is_registered_and_found(world, learners):
    outcome = learners.register(caller(channel=Channel.PORTAL), values(title="Ms"))
    assert outcome.code == "WSRC0005"
    registered = held_now(world, outcome.uln)
    assert registered.details == details(title="Ms")
    assert (registered.version_number, registered.registered_by, registered.created_via_channel) == (
        1,
        "10000001",
        "portal",
    )
    assert registered.created_date == world.clock()
    assert world.calls.count("learner_register.create") == 1
    assert learners.register(caller(), values(family_name="ashcombe")) == Registered("WSRC0004", outcome.uln)


def registered_by_two(moment: int) -> tuple[list[str], int]:
    """The answers to two organisations who spell a learner differently, where the second registers before the n-th call
    of the first one's registration; and how many learners there are then.
    """
    world = FakeWorld()
    learners = world.services().learner_services
    answers: list[str] = []
    calls = 0

    def register_the_other(name: str) -> None:
        nonlocal calls
        calls += 1
        if calls == moment:
            answers.append(learners.register(caller("10000002"), values(given_name="Catherine")).code)

    world.hook = register_the_other
    answers.append(learners.register(caller(), values(given_name="Katherine")).code)
    return answers, len(world.learners.held)


@pytest.mark.req("ULN-03")
def test_a_learner_registered_at_any_moment_of_another_registration_gets_one_uln() -> None:
    moments = list(takewhile(lambda one: len(one[0]) == 2, map(registered_by_two, count(1))))
    assert len(moments) > 5
    assert [(sorted(answers), held) for answers, held in moments] == [(["WSRC0005", "WSRC0021"], 1)] * len(moments)


@pytest.mark.req("ULN-03", "ULN-09")
def test_a_learner_registered_under_a_linked_uln_gets_the_masters(world, learners):
    master, linked = linked_pair(world)
    sent = values(given_name="Bronwyn", family_name="Wick", last_known_post_code="LL57 1AA")
    assert learners.register(caller(), sent) == Registered("WSRC0022", master.uln)
    assert linked.uln != master.uln


@pytest.mark.req("ULN-03", "ULN-05")
def test_possible_matches_wait_and_no_learner_is_registered(world, learners):
    held = hold(world, learner())
    sent = values(given_name="Bronwenn")
    outcome = learners.register(caller(), sent | {"mis_identifier": "42"})
    assert (outcome.code, outcome.uln) == ("WSRC0021", "")
    assert learners.register(caller(), sent) == outcome, "the same registration waits once"
    other = learners.register(caller("10000002"), sent)
    assert other.pending_id not in ("", outcome.pending_id)
    pending = world.pending_matches.held[outcome.pending_id]
    assert pending.candidates == (held.uln,)
    assert (pending.mis_identifier, pending.job_id) == ("42", "")
    assert list(world.learners.held) == [held.uln]


@pytest.mark.req("ULN-03")
def test_a_learner_with_the_details_of_a_restricted_one_is_not_registered_and_no_uln_is_revealed(world, learners):
    hold(world, learner()._replace(restricted=True))
    assert refusal(learners.register, values()) == "WSRC0021"
    assert [(entry.subject, entry.outcome) for entry in world.audit.held.values()] == [("ORG#10000001", "REFUSED")]


@pytest.mark.req("ULN-03")
def test_a_uln_that_is_taken_is_drawn_again(world, learners):
    first = learners.register(caller(), values())
    world.learner_register.learners.put(world.learners.held[first.uln]._replace(status=DELETED))
    del world.learner_register.locks
    world.learner_register.locks = {}
    draws = iter([int(first.uln[:9]) - 100_000_000, 5])
    object.__setattr__(learners._ports, "draw", lambda _: next(draws))
    second = learners.register(caller(), values())
    assert second.code == "WSRC0005"
    assert second.uln[:9] == "100000005"


@pytest.mark.req("ULN-03")
def test_when_no_draw_is_free_the_same_call_may_succeed_later(world, learners):
    first = learners.register(caller(), values())
    object.__setattr__(learners._ports, "draw", lambda _: int(first.uln[:9]) - 100_000_000)
    with pytest.raises(TemporaryFailure):
        learners.register(caller(), values(family_name="Zebedee", given_name="Quentin"))


@pytest.mark.req("ULN-03")
@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, TemporaryFailure])
def test_a_registration_sent_again_after_a_lost_answer_gives_the_same_uln(world, learners, fault):
    def lose(name):
        if name == "learner_register.create":
            world.hook = lambda _: None
            if isinstance(fault, Fault):
                return fault
            raise fault
        return None

    world.hook = lose
    with pytest.raises(TemporaryFailure):
        learners.register(caller(), values())
    again = learners.register(caller(), values())
    assert again.uln == next(iter(world.learners.held))
    assert len(world.learners.held) == 1


SPELT = (
    {"given_name": "Katherine"},
    {"given_name": "Katherine", "gender": "0"},
    {"given_name": "Katherine", "last_known_post_code": "LL57 1AA"},
)


@pytest.mark.req("ULN-03", "ULN-05")
@pytest.mark.parametrize("others", SPELT)
def test_a_person_registered_at_the_same_moment_spelt_differently_waits_for_a_decision(world, learners, others):
    """As in sequence, whoever is first: the other registration takes place between our search and our write."""

    def registered_meanwhile(name):
        if name == "learner_register.create":
            world.hook = lambda _: None
            assert learners.register(caller(), values(**others)).code == "WSRC0005"

    world.hook = registered_meanwhile
    done = learners.register(caller(), values(given_name="Catherine"))
    assert (done.code, done.reason) == ("WSRC0021", PendingReason.POSSIBLE_MATCHES)
    [registered] = world.learners.held
    assert world.pending_matches.held[done.pending_id].candidates == (registered,)


@pytest.mark.req("ULN-03", "ULN-05")
def test_a_person_registered_a_moment_ago_is_found_although_the_entries_cannot_be_read_yet(world, learners):
    first = learners.register(caller(), values(given_name="Katherine"))
    world.person_index.late.add(first.uln)
    done = learners.register(caller(), values(given_name="Catherine"))
    assert world.pending_matches.held[done.pending_id].candidates == (first.uln,)


@pytest.mark.req("ULN-03", "ULN-05")
@pytest.mark.parametrize(("given", "codes"), [("Bronwen", "WSRC0004"), ("Bronwenn", "WSRC0021")])
def test_they_are_found_beside_those_whose_entries_can_be_read(world, learners, given, codes):
    hold(world, learner(1, last_known_post_code="LL57 1AA"))
    world.person_index.late.add(uln(1))
    first = learners.register(caller(), values())
    world.person_index.late = {first.uln}
    done = learners.register(caller(), values(given_name=given))
    assert done.code == codes
    if done.pending_id:
        assert set(world.pending_matches.held[done.pending_id].candidates) == {first.uln, uln(1)}
    else:
        assert done.uln == first.uln


@pytest.mark.req("ULN-03", "ULN-04")
def test_the_latest_learners_of_a_block_are_compared_as_they_are_by_now(world, learners):
    first = learners.register(caller(), values(given_name="Katherine"))
    names = {"given_name": "Katherine", "family_name": "Ashcombe"}
    moved = names | {"date_of_birth": "1999-09-09", "last_known_post_code": "M1 1AE"}
    assert learners.update(caller(), first.uln, moved, 1).code == "WSRC0006"
    assert learners.register(caller(), values(given_name="Catherine")).code == "WSRC0005"


@pytest.mark.req("ULN-03")
def test_a_registration_overtaken_by_others_of_the_same_birthday_is_made_all_the_same(world, learners):
    strangers = iter(("Quentin", "Rufus", "Silas"))

    def overtaken(name):
        if name == "learner_register.create" and (stranger := next(strangers, "")):
            hook, world.hook = world.hook, lambda _: None
            learners.register(caller(), values(given_name=stranger, family_name="Zebedee", gender="1"))
            world.hook = hook

    world.hook = overtaken
    assert learners.register(caller(), values()).code == "WSRC0005"
    assert len(world.learners.held) == 4


@pytest.mark.req("ULN-03")
def test_a_registration_that_is_always_overtaken_may_succeed_later(world, learners):
    def overtaken(name):
        if name == "learner_register.create":
            for block, seen in world.learner_register.blocks.items():
                world.learner_register.blocks[block] = seen._replace(version=seen.version + 1)

    learners.register(caller(), values(given_name="Quentin", family_name="Zebedee", gender="1"))
    world.hook = overtaken
    with pytest.raises(TemporaryFailure):
        learners.register(caller(), values())
    world.hook = lambda _: None
    assert learners.register(caller(), values()).code == "WSRC0005"


@pytest.mark.req("ULN-03", "ULN-08")
def test_every_fault_of_a_registration_is_reported_and_nothing_is_searched(world, learners):
    with pytest.raises(Refused) as refused:
        learners.register(caller(), values(given_name="", gender="5", date_of_birth="2020-01-01"))
    assert {(found.code, found.field) for found in refused.value.failures} == {
        ("ACF001", "GivenName"),
        ("ACF005", "Gender"),
        ("ACF004", "DateOfBirth"),
    }
    assert world.calls == []


NAMES = {"given_name": "Bronwen", "family_name": "Ashcombe", "date_of_birth": "2004-05-17"}


# --- Update -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-04")
def test_an_update_makes_the_next_version_and_a_stale_one_none(world, learners):
    held = hold(world, learner())
    done = learners.update(caller("10000002"), held.uln, NAMES | {"family_name": "Wick", "title": "Dr"}, 1)
    assert done.code == "WSRC0006"
    assert done.learner.version_number == 2
    assert done.learner.details == details(family_name="Wick", title="Dr")
    assert (done.learner.registered_by, done.learner.last_updated_by) == ("10000001", "10000002")
    assert refusal(learners.update, held.uln, NAMES | {"title": "Ms"}, 1) == "WSRC0013"
    assert held_now(world, held.uln) == done.learner


@pytest.mark.req("ULN-04")
def test_a_change_between_read_and_write_is_a_stale_version(world, learners):
    held = hold(world, learner())

    def change(name):
        if name == "learner_register.update":
            world.hook = lambda _: None
            learners.update(caller(), held.uln, NAMES | {"title": "Dr"}, 1)

    world.hook = change
    assert refusal(learners.update, held.uln, NAMES | {"title": "Ms"}, 1) == "WSRC0013"
    assert held_now(world, held.uln).details.title == "Dr"


@pytest.mark.req("ULN-04")
def test_a_learner_that_cannot_be_updated_is_refused_and_nothing_is_written(world, learners):
    master, linked = linked_pair(world)
    hold(world, learner(3)._replace(status=DELETED), learner(4)._replace(restricted=True))
    assert refusal(learners.update, uln(99), NAMES | {"title": "Dr"}, 1) == "WSRC0019"
    assert refusal(learners.update, uln(3), NAMES | {"title": "Dr"}, 1) == "WSRC0019"
    assert refusal(learners.update, uln(4), NAMES | {"title": "Dr"}, 1) == "WSRC0019"
    named = NAMES | {"given_name": "Bronwyn", "family_name": "Wick", "title": "Dr"}
    with pytest.raises(Refused, match="WSRC0022") as to_master:
        learners.update(caller(), linked.uln, named, 1)
    assert to_master.value.about == {"master_uln": master.uln}
    assert learners.update(caller(), master.uln, NAMES, 1).code == "WSRC0020"
    assert refusal(learners.update, master.uln, NAMES | {"ability_to_share": "0"}, 1) == "WSRC0014"
    with pytest.raises(Refused):
        learners.update(caller(), master.uln, NAMES | {"email_address": "nobody"}, 1)
    assert "learner_register.update" not in world.calls


@pytest.mark.req("ULN-04")
def test_a_unique_pupil_number_once_held_stays(world, learners):
    held = hold(world, learner(unique_pupil_number="A123456789012"))
    sent = NAMES | {"unique_pupil_number": "B123456789012"}
    assert learners.update(caller(), held.uln, sent, 1).code == "WSRC0020"
    done = learners.update(caller(), held.uln, sent | {"title": "Dr"}, 1)
    assert done.learner.details.unique_pupil_number == "A123456789012"


@pytest.mark.req("PLR-07", "SEC-01")
@pytest.mark.parametrize("stream_first", [False, True])
def test_a_change_is_one_entry_whether_the_request_or_the_stream_records_it_first(world, learners, stream_first):
    def stream():
        changes = []
        for held in world.learner_register.whole.values():
            item = learner_item(held, Indexed("", ())).serialize()
            changes.append(change_of(stream_record(item, f"e{held.version_number}")).entry)
        world.audit.record(changes)

    def hook(name):
        if name == "audit.record" and stream_first and not streaming:
            streaming.append(name)
            stream()
            streaming.clear()

    streaming: list[str] = []
    world.hook = hook
    made = learners.register(caller(), values()).uln
    stream()
    world.clock.advance()
    names = {name: values()[name] for name in ("given_name", "family_name")}
    learners.update(caller(), made, {**names, "email_address": "new@example.org"}, 1)
    stream()
    entries = [(entry.action, entry.outcome) for entry in world.audit.held.values() if entry.subject == f"ULN#{made}"]
    assert entries == [("learner-registered", "DONE"), ("learner-updated", "DONE")]


# --- Link -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-09")
def test_two_ulns_are_linked_and_unlinked(world, learners):
    links = world.services().learner_links
    hold(world, learner(1), learner(2, given_name="Bron"))
    master = links.link(caller(), uln(2), uln(1))
    assert (master.uln, master.linked_ulns, master.version_number) == (uln(1), (uln(2),), 2)
    assert learners.find_by_uln(caller(), named(uln(2), "Bron", "Ashcombe")).code == "WSRC0022"
    active = links.unlink(caller(), uln(2))
    assert (active.status, active.master_uln, active.version_number) == ("1", "", 3)
    assert held_now(world, uln(2)) == active
    assert held_now(world, uln(1)).linked_ulns == ()
    assert [action for subject, action, _ in audited(world) if subject == f"ULN#{uln(1)}"].count("learner-linked") == 1


@pytest.mark.req("ULN-09")
def test_ulns_that_cannot_be_linked_are_refused_with_a_reason(world):
    links = world.services().learner_links
    hold(world, *(learner(n) for n in range(1, 5)), learner(9)._replace(status=DELETED))
    links.link(caller(), uln(2), uln(1))

    def reason(act):
        with pytest.raises(Refused) as refused:
            act()
        (found,) = refused.value.failures
        return dict(found.detail).get("reason", found.code)

    assert reason(lambda: links.link(caller(), uln(3), uln(3))) == "same ULN"
    assert reason(lambda: links.link(caller(), uln(2), uln(3))) == "linked already"
    assert reason(lambda: links.link(caller(), uln(3), uln(2))) == "linked already"
    assert reason(lambda: links.link(caller(), uln(1), uln(3))) == "is a master"
    assert reason(lambda: links.unlink(caller(), uln(3))) == "not linked"
    assert reason(lambda: links.link(caller(), uln(9), uln(3))) == "WSRC0019"
    assert reason(lambda: links.link(caller(), uln(3), uln(77))) == "WSRC0019"


@pytest.mark.req("ULN-04")
def test_a_refused_update_is_compared_with_the_register_too(world, learners):
    _, linked = linked_pair(world)
    wrong = {"email_address": "nobody"}
    theirs = {"given_name": "Bronwyn", "family_name": "Wick"}
    for number, given, version, codes in (
        (uln(1), NAMES | wrong, 1, "ACF003"),
        (uln(99), NAMES | wrong, 1, "WSRC0019 ACF003"),
        (uln(1), NAMES | wrong, 2, "WSRC0013 ACF003"),
        (uln(1), NAMES | wrong | {"ability_to_share": "0"}, 1, "WSRC0014 ACF003"),
        (linked.uln, theirs | wrong, 1, "WSRC0022 ACF003"),
    ):
        with pytest.raises(Refused) as refused:
            learners.update(caller(), number, given, version)
        assert refused.value.codes == codes
        assert refused.value.is_recorded
    assert "learner_register.update" not in world.calls
