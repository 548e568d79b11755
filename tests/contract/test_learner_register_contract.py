"""Contract of the learner register, the index of people and pending matches, for fake and real adapters."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.failures import failure
from chalicelib.domain.learners import DELETED, LINKED, learner_of, profile_of
from chalicelib.domain.ledgers import LedgerEntry
from chalicelib.domain.pending_matches import PendingMatch, PendingReason, PendingState
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.domain.search import BY_POSTCODE, blocks_of, entry_keys, query_keys
from chalicelib.ports.errors import BadCursor, Conflict, TemporaryFailure
from chalicelib.ports.learners import AlreadyRegistered, Created, Overtaken, UlnTaken
from chalicelib.services.registration import criteria_of
from tests.builders.callers import caller
from tests.builders.learners import details, learner, values

THREADS = 6
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@pytest.fixture
def number():
    return next(_numbers)


@pytest.fixture
def own():
    """A family name, a birthday and a postcode that no other test has."""
    letters = "BCDFGKLMNPRST"
    number = next(_numbers)
    return {
        "family_name": "Ab" + "a".join(letters[(number // 13**place) % 13] for place in range(3)) + "ington",
        "date_of_birth": (date(1990, 1, 1) + timedelta(days=number)).isoformat(),
        "last_known_post_code": f"CF{number % 90 + 10} {number % 10}AA",
    }


def create(world, one, decision="", entry=None):
    seen = world.ports.person_index.blocks(blocks_of(criteria_of(one.details)))
    return world.ports.learner_register.create(one, seen, decision, entry)


def found(world, of):
    index = world.ports.person_index
    return {profile.uln for profile in index.candidates(query_keys(criteria_of(of.details))).profiles}


@pytest.mark.req("ULN-03")
def test_a_learner_is_read_as_written(world, number, own):
    register = world.ports.learner_register
    whole = learner(
        number,
        **own,
        title="Ms",
        email_address="someone@example.org",
        date_of_address_capture="2025-12-31",
        place_of_birth="Y Fenni",
        notes="First line\nsecond",
    )._replace(created_date=AT, last_updated_date=AT, created_via_channel="portal")
    assert create(world, whole) == Created()
    assert register.get(whole.uln) == register.get(whole.uln, consistent=True) == whole
    assert register.read([whole.uln, "9999999999"]) == {whole.uln: whole}
    assert world.ports.learners.profiles([whole.uln]) == {whole.uln: profile_of(whole)}
    assert found(world, whole) == {whole.uln}


def test_a_learner_loaded_as_a_profile_is_a_learner(world, number, own):
    profile = profile_of(learner(number, **own))
    world.hold_learners([profile])
    assert world.ports.learner_register.get(profile.uln) == learner_of(profile)
    assert world.ports.learner_register.get("9999999999") is None


@pytest.mark.req("ULN-03")
def test_no_uln_is_given_twice_even_when_its_learner_is_deleted(world, number, own):
    register = world.ports.learner_register
    first = learner(number, **own)
    create(world, first)
    assert create(world, learner(number, **own, given_name="Gwen")) == UlnTaken()
    register.update(first._replace(status=DELETED, version_number=2))
    assert create(world, learner(number, **own, given_name="Gwen")) == UlnTaken()
    assert found(world, first) == set()
    assert create(world, learner(number + 5_000, **own)) == Created()


@pytest.mark.req("ULN-03")
def test_the_same_mandatory_details_are_registered_once_however_they_are_written(world, number, own):
    register = world.ports.learner_register
    first = learner(number, **own, given_name="Mary Ann")
    create(world, first)
    again = learner(
        number + 5_000, **own | {"family_name": own["family_name"].upper()}, given_name="Mary-Ann", title="Dr"
    )
    assert create(world, again) == AlreadyRegistered(first.uln)
    assert register.get(again.uln) is None
    assert create(world, again, decision="P1") == Created()
    assert create(world, learner(number + 6_000, **own, given_name="Mary Ann"), decision="P1") == (
        AlreadyRegistered(again.uln)
    )
    assert found(world, first) == {first.uln, again.uln}


@pytest.mark.req("ULN-04")
def test_an_update_follows_the_version_before_and_moves_the_entries(world, number, own):
    register = world.ports.learner_register
    first = learner(number, **own)
    create(world, first)
    married = first._replace(
        version_number=2, details=details(**own | {"family_name": "Zzyk" + own["family_name"]}, gender="1")
    )
    register.update(married)
    assert register.get(first.uln) == married
    assert first.uln in found(world, first), "the given name and the date of birth are the same"
    moved = married._replace(
        version_number=3, details=details(given_name="Quentin", family_name="Quorn", date_of_birth="1980-02-29")
    )
    register.update(moved)
    assert first.uln not in found(world, first)
    assert first.uln in found(world, moved)
    assert create(world, learner(number + 5_000, **own)) == Created(), "the lock has gone with the details"
    for stale in (2, 3, 5):
        with pytest.raises(Conflict):
            register.update(moved._replace(version_number=stale, restricted=True))
    assert register.get(first.uln) == moved
    with pytest.raises(Conflict):
        register.update(learner(number + 7_000)._replace(version_number=2))


@pytest.mark.req("ULN-04")
def test_a_learner_updated_to_the_details_of_another_leaves_the_lock_to_them(world, number, own):
    register = world.ports.learner_register
    holder, other = learner(number, **own), learner(number + 5_000, **own, given_name="Gwen")
    create(world, holder)
    create(world, other)
    same = other._replace(version_number=2, details=holder.details)
    register.update(same)
    assert register.get(other.uln) == same
    assert create(world, learner(number + 6_000, **own)) == AlreadyRegistered(holder.uln)
    register.update(same._replace(version_number=3, details=other.details))
    assert create(world, learner(number + 6_000, **own)) == AlreadyRegistered(holder.uln)
    assert create(world, learner(number + 7_000, **own, given_name="Gwen")) == AlreadyRegistered(other.uln)


@pytest.mark.req("ULN-03")
def test_a_learner_is_not_registered_where_others_have_been_since_the_blocks_were_seen(world, number, own):
    register, index = world.ports.learner_register, world.ports.person_index
    first, second = learner(number, **own, given_name="Katherine"), learner(number + 5_000, **own)
    blocks = blocks_of(criteria_of(first.details))
    assert {block.kind for block in blocks} == {"D", "P"}
    before = index.blocks(blocks)
    assert register.create(first, before) == Created()
    now = index.blocks(blocks)
    assert {(one.version, one.latest[0]) for one in now.values()} == {(1, profile_of(first))}
    at_the_postcode = {block: now[block] if block.kind == "D" else before[block] for block in blocks}
    for seen in (before, at_the_postcode):
        assert register.create(second, seen) == Overtaken()
    assert register.get(second.uln) is None
    assert found(world, second) == {first.uln}
    assert register.create(second, now) == Created()
    assert {one.version for one in index.blocks(blocks).values()} == {2}
    assert index.blocks(()) == {}


@pytest.mark.req("ULN-03")
def test_a_block_has_the_latest_learners_newest_first(world, number, own):
    names = ("Amy", "Bela", "Carl", "Dora")
    for place, name in enumerate(names):
        create(world, learner(number + 5_000 * place, **own, given_name=name))
    latest = world.ports.person_index.blocks(blocks_of(criteria_of(details(**own))))
    assert [[one.given_name for one in seen.latest] for seen in latest.values()] == [["Dora", "Carl", "Bela"]] * 2


@pytest.mark.req("ULN-09")
def test_two_learners_are_written_together_or_not_at_all(world, number, own):
    register = world.ports.learner_register
    one, other = learner(number, **own), learner(number + 5_000, **own, given_name="Gwen")
    create(world, one)
    create(world, other)
    linked = one._replace(version_number=2, status=LINKED, master_uln=other.uln)
    master = other._replace(version_number=2, linked_ulns=(one.uln,))
    with pytest.raises(Conflict):
        register.update(linked, master._replace(version_number=3))
    assert register.get(one.uln) == one
    register.update(linked, master)
    assert register.read([one.uln, other.uln]) == {one.uln: linked, other.uln: master}
    index = world.ports.person_index
    cards = {profile.uln: profile for profile in index.candidates(entry_keys(profile_of(one))).profiles}
    assert cards[one.uln] == profile_of(linked)


@pytest.mark.req("ULN-02")
def test_a_key_with_too_many_learners_is_not_complete(world, number, own):
    register, index = world.ports.learner_register, world.ports.person_index
    crowd = [learner(number * 100 + 20_000 + n, **own) for n in range(7)]
    register.load(crowd)
    keys = entry_keys(profile_of(crowd[0]))
    kept = index.most if world.is_fake else index._most
    name = "most" if world.is_fake else "_most"
    try:
        setattr(index, name, 7)
        assert index.candidates(keys).complete
        setattr(index, name, 6)
        few = index.candidates(keys)
        assert not few.complete
        assert len(few.profiles) == 6
        of_the_postcode = index.candidates([key for key in keys if key.kind == BY_POSTCODE])
        assert of_the_postcode.complete, "a large hall does not stop registrations"
        assert len(of_the_postcode.profiles) == 6
    finally:
        setattr(index, name, kept)
    assert index.candidates(()) == ((), True)


# --- Pending matches ------------------------------------------------------------------------------------------------


def pending(ukprn, pending_id, own, minutes=0, **changes):
    made = PendingMatch(
        pending_id,
        ukprn,
        "system",
        "webservice",
        AT + timedelta(minutes=minutes),
        PendingReason.POSSIBLE_MATCHES,
        details(**own),
        ("1000000043", "1000000051"),
        mis_identifier="42",
    )
    return made._replace(**changes)


@pytest.mark.req("ULN-05")
def test_a_pending_match_is_kept_and_found_again_by_the_same_registration(world, ukprn, own):
    matches = world.ports.pending_matches
    first = matches.open(pending(ukprn, f"Pa{ukprn}", own))
    assert first == pending(ukprn, f"Pa{ukprn}", own, revision=1)
    assert matches.get(ukprn, first.pending_id) == first
    assert matches.get("19999999", first.pending_id) is None
    assert matches.get(ukprn, "Pnone") is None
    assert (
        matches.open(pending(ukprn, f"Pb{ukprn}", own | {"family_name": own["family_name"].upper()}, minutes=1))
        == first
    )
    assert matches.get(ukprn, f"Pb{ukprn}") is None


@pytest.mark.req("ULN-05")
def test_a_decision_is_saved_once_and_the_match_no_longer_waits(world, ukprn, own):
    matches = world.ports.pending_matches
    first = matches.open(pending(ukprn, f"Pa{ukprn}", own))
    begun = matches.save(first._replace(state=PendingState.REGISTERING, uln="1000000043"))
    assert begun.revision == 2
    assert [one.pending_id for one in matches.of_organisation(ukprn, 9).items] == [first.pending_id]
    with pytest.raises(Conflict):
        matches.save(first._replace(state=PendingState.DROPPED))
    ended = matches.save(begun._replace(state=PendingState.REGISTERED, decided_at=AT, decided_by="someone"))
    assert matches.get(ukprn, first.pending_id) == ended
    assert matches.of_organisation(ukprn, 9).items == []
    assert matches.open(pending(ukprn, f"Pb{ukprn}", own)).pending_id == f"Pb{ukprn}"


@pytest.mark.req("ULN-05")
def test_an_organisation_sees_its_own_pending_matches_oldest_first_page_by_page(world, ukprn, own):
    matches = world.ports.pending_matches
    for minutes in (3, 1, 2):
        matches.open(pending(ukprn, f"P{minutes}{ukprn}", own | {"given_name": "A" + "b" * minutes}, minutes))
    matches.open(pending(f"2{ukprn[1:]}", f"P9{ukprn}", own))
    first = matches.of_organisation(ukprn, 2)
    assert [one.pending_id[:2] for one in first.items] == ["P1", "P2"]
    second = matches.of_organisation(ukprn, 2, first.cursor)
    assert [one.pending_id[:2] for one in second.items] == ["P3"]
    assert second.cursor == ""
    for foreign in (f"2{ukprn[1:]}", "10000099"):
        with pytest.raises(BadCursor):
            matches.of_organisation(foreign, 2, first.cursor)


# --- At once --------------------------------------------------------------------------------------------------------


def at_once(act):
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(act, range(THREADS)))


@pytest.mark.threads
@pytest.mark.req("ULN-03")
def test_registrations_of_one_person_at_once_give_one_uln(adapters, own):
    services = adapters.learner_services
    outcomes = at_once(lambda n: services.register(caller(f"1000000{n}"), values(**own)))
    assert len({outcome.uln for outcome in outcomes}) == 1
    codes = sorted(outcome.code for outcome in outcomes)
    assert codes == ["WSRC0004"] * (THREADS - 1) + ["WSRC0005"]
    assert services.find_by_demographics(caller(), _criteria(own)).code == "WSRC0004"


@pytest.mark.threads
@pytest.mark.req("ULN-05")
def test_one_of_many_decisions_at_once_holds(adapters, own):
    services, decisions = adapters.learner_services, adapters.pending_decisions
    services.register(caller(), values(**own))
    waiting = services.register(caller(), values(**own, given_name="Bronwenn"))
    assert waiting.code == "WSRC0021"

    def decide(n):
        try:
            return (decisions.register if n % 2 else decisions.drop)(caller(), waiting.pending_id).code
        except Exception as refused:  # noqa: BLE001 - whatever it is, it is shown below
            return repr(refused)

    answers = at_once(decide)
    assert answers.count("WSRC0005") + answers.count("") == 1
    assert answers.count("Refused('LRS-PEND-2')") == THREADS - 1
    code = services.find_by_demographics(caller(), _criteria(own | {"given_name": "Bronwenn"})).code
    assert code == ("WSRC0004" if "WSRC0005" in answers else "WSRC0003")


def _criteria(own):
    wanted = ("given_name", "family_name", "date_of_birth", "gender", "last_known_post_code")
    return {name: value for name, value in values(**own).items() if name in wanted}


# --- Ledgers --------------------------------------------------------------------------------------------------------


def entry(number, place=0, uln=""):
    result = RecordResult(place + 1, Outcome.REGISTERED, "RC001", returned=(uln,))
    before = RecordResult(place + 9, Outcome.REFUSED, "RC009", failures=(failure("WSRC0014", "AbilityToShare"),))
    return LedgerEntry(f"J{number}", 3, place, (before, result), AT + timedelta(days=7))


@pytest.mark.req("ULN-06")
def test_what_is_written_is_in_the_ledger_of_its_chunk_in_order(world, number, own, ukprn):
    ports, first = world.ports, learner(number, **own)
    made = [entry(number, place, first.uln) for place in range(3)]
    assert create(world, first, entry=made[0]) == Created()
    ports.learner_register.update(first._replace(version_number=2), entry=made[1])
    ports.pending_matches.open(pending(ukprn, f"Pa{ukprn}", own), made[2])
    assert ports.ledgers.read(f"J{number}", 3) == [one.results for one in made]
    assert ports.ledgers.read(f"J{number}", 4) == []


@pytest.mark.req("ULN-06")
def test_what_is_not_written_is_not_in_the_ledger(world, number, own, ukprn):
    ports, first = world.ports, learner(number, **own)
    create(world, first)
    waiting = ports.pending_matches.open(pending(ukprn, f"Pa{ukprn}", own))
    again = learner(number + 5_000, **own)
    assert create(world, again, entry=entry(number)) == AlreadyRegistered(first.uln)
    other = learner(number, **own | {"given_name": "Gwen"})
    assert create(world, other, entry=entry(number)) == UlnTaken()
    with pytest.raises(Conflict):
        ports.learner_register.update(first._replace(version_number=3), entry=entry(number))
    assert ports.pending_matches.open(pending(ukprn, f"Pb{ukprn}", own), entry(number)) == waiting
    assert ports.ledgers.read(f"J{number}", 3) == []


@pytest.mark.req("ULN-06")
def test_nothing_is_written_with_an_entry_that_exists(world, number, own, ukprn):
    ports, first, made = world.ports, learner(number, **own), entry(number)
    create(world, first, entry=made)
    again = learner(number + 5_000, **own | {"given_name": "Gwen"})
    for write in (
        lambda: create(world, again, entry=made),
        lambda: ports.learner_register.update(first._replace(version_number=2), entry=made),
        lambda: ports.pending_matches.open(pending(ukprn, f"Pa{ukprn}", own), made),
    ):
        with pytest.raises(TemporaryFailure):
            write()
    assert ports.learner_register.get(again.uln, consistent=True) is None
    assert ports.learner_register.get(first.uln, consistent=True) == first
    assert ports.pending_matches.get(ukprn, f"Pa{ukprn}") is None
    assert ports.ledgers.read(f"J{number}", 3) == [made.results]


@pytest.mark.req("ULN-06")
def test_details_that_another_learner_has_are_taken_without_a_lock_and_entered_once(world, number, own):
    register, first = world.ports.learner_register, learner(number, **own)
    create(world, first)
    other = learner(number + 5_000, **own | {"given_name": "Gwen"})
    create(world, other)
    register.update(other._replace(version_number=2, details=first.details), entry=entry(number))
    assert register.get(other.uln, consistent=True).details == first.details
    assert world.ports.ledgers.read(f"J{number}", 3) == [entry(number).results]
