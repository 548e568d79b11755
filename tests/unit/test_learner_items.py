"""A learner as an item, and a change of a learner from the register's stream."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.fields import Kind
from chalicelib.domain.learner_fields import DETAILS
from chalicelib.domain.learners import LINKED, Learner, LearnerDetails, LearnerProfile, learner_of, profile_of
from chalicelib.domain.search import SearchKey
from chalicelib.storage import keys
from chalicelib.storage.changes import change_of
from chalicelib.storage.keys import UnknownKey
from chalicelib.storage.learner_items import (
    Indexed,
    LearnerItem,
    card_of,
    indexed_of,
    learner_item,
    learner_of_item,
    profile_of_card,
)
from chalicelib.storage.learner_register import IdentityDigests
from chalicelib.storage.texts import decode, encode
from tests.builders.learners import learner, uln
from tests.builders.stream import stream_record

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DETAILS = st.builds(
    LearnerDetails,
    **{
        field.name: st.none() | st.dates() if field.kind is Kind.DATE else st.text(max_size=field.limit)
        for field in DETAILS
    },
)
LEARNERS = st.builds(
    Learner,
    uln=st.just(uln(1)),
    details=DETAILS,
    linked_ulns=st.lists(st.just(uln(2)), max_size=2).map(tuple),
    created_date=st.none() | st.datetimes(timezones=st.just(UTC)),
    version_number=st.integers(1, 10_000),
    registered_by=st.sampled_from(["", "10000001"]),
)


@given(LEARNERS, st.lists(st.from_regex("[A-Z]{1,9}[a-z]{0,2}", fullmatch=True)).map(tuple))
def test_a_learner_is_read_as_written(made, sounds):
    indexed = Indexed("ab" * 32, sounds)
    item = LearnerItem.of(learner_item(made, indexed).serialize())
    assert learner_of_item(item) == made
    assert indexed_of(item) == indexed


def test_a_bulk_loads_item_is_a_learner_without_more():
    stored = learner_item(learner(), Indexed("", ())).serialize()
    for name in ("details", "provenance", "indexed"):
        del stored[name]
    item = LearnerItem.of(stored)
    assert learner_of_item(item) == learner_of(profile_of(learner()))
    assert indexed_of(item) is None


@pytest.mark.req("ULN-03")
def test_an_ordinary_learner_is_one_write_unit_with_room_to_spare():
    made = learner(title="Ms", school_at_age_16="Any School", email_address="someone@example.org")
    item = learner_item(
        made._replace(created_date=AT, last_updated_date=AT), Indexed("ab" * 32, ("BRNNN", "AXKM"))
    ).serialize()
    assert sum(len(name) + len(next(iter(value.values())).encode()) for name, value in item.items()) < 900


@pytest.mark.req("SEC-01", "ULN-09")
def test_a_change_of_a_learner_names_who_made_it_and_nothing_of_the_learner():
    made = learner()._replace(
        status=LINKED,
        master_uln=uln(2),
        version_number=3,
        last_updated_date=AT,
        last_updated_user="desk",
        last_updated_via_channel="portal",
        last_updated_action="link",
    )
    item = learner_item(made, Indexed("", ())).serialize()
    entry = change_of(stream_record(item, event="MODIFY")).entry
    assert (entry.subject, entry.at, entry.action) == (f"ULN#{made.uln}", AT.isoformat(), "learner-linked")
    assert (entry.organisation, entry.user, entry.entry_id) == ("10000001", "desk", "version-3")
    assert entry.detail == {
        "action": "link",
        "item": "LEARNER",
        "version": "3",
        "status": LINKED,
        "channel": "portal",
        "master": uln(2),
    }


@pytest.mark.req("SEC-01", "PLR-07")
def test_a_learner_that_was_loaded_is_audited_at_the_time_of_the_stream():
    made = learner()._replace(last_updated_date=None, last_updated_action="")
    item = learner_item(made, Indexed("", ())).serialize()
    entry = change_of(stream_record(item, at=AT.timestamp())).entry
    assert (entry.at, entry.action) == (AT.isoformat(), "learner-saved")


def test_digests_depend_on_the_key_and_on_the_decision():
    profile = profile_of(learner())
    one, other = IdentityDigests(lambda: b"a" * 32), IdentityDigests(lambda: b"b" * 32)
    assert one.of(profile) == one.of(profile._replace(family_name="ASHCOMBE", previous_family_name="Wick"))
    assert len({one.of(profile), other.of(profile), one.of(profile, "P1"), one.of(profile._replace(gender="1"))}) == 4


@given(
    st.sampled_from("DP"),
    st.dates(min_value=date(1890, 1, 1)).map(date.isoformat),
    st.from_regex("[A-Z]{1,9}[a-z]{0,2}", fullmatch=True),
)
def test_keys_of_entries_are_read_as_made(kind, value, sound):
    key = SearchKey(kind, value, sound)
    assert keys.entry_of(*keys.entry(key, uln(1))) == (key, uln(1))


@pytest.mark.parametrize("wrong", ["D#x", "D#x#y#z", ""])
def test_keys_that_are_not_ours_are_refused(wrong):
    with pytest.raises(UnknownKey):
        keys.entry_of(wrong, "1")
    with pytest.raises(UnknownKey):
        keys.pending_of(wrong)


@pytest.mark.parametrize(
    "make",
    [
        lambda: keys.entry(SearchKey("D", "a#b", "S"), "1"),
        lambda: keys.entry(SearchKey("D", "", "S"), "1"),
        lambda: keys.pending("P#1"),
        lambda: keys.identity_lock("no digest"),
        lambda: keys.waiting("10000001", "AB" * 32),
    ],
)
def test_values_that_would_break_a_key_are_refused(make):
    with pytest.raises(ValueError, match=r"key|digest|SHA-256"):
        make()


PROFILES = st.builds(
    LearnerProfile,
    uln=st.from_regex(r"[1-9][0-9]{9}", fullmatch=True),
    given_name=st.text(max_size=35),
    family_name=st.text(max_size=35),
    preferred_given_name=st.text(max_size=35),
    previous_family_name=st.text(max_size=35),
    family_name_at_16=st.text(max_size=35),
    date_of_birth=st.none() | st.dates(),
    gender=st.sampled_from(["", "0", "1", "2", "9"]),
    postcode=st.sampled_from(["", "AB1 2CD"]),
    status=st.sampled_from(["0", "1", "2"]),
    master_uln=st.sampled_from(["", "1000000043"]),
    restricted=st.booleans(),
)


@given(PROFILES)
def test_a_profile_is_read_from_its_card_as_it_was(profile):
    assert profile_of_card(decode(encode(card_of(profile)))) == profile


def test_a_card_is_a_compact_list_in_a_fixed_order():
    profile = LearnerProfile(
        "1000000043",
        "Siân",
        "O'Brien",
        "",
        "Jones",
        "",
        date(2005, 1, 31),
        "2",
        "AB1 2CD",
        LINKED,
        "1000000051",
        restricted=True,
    )
    packed = encode(card_of(profile))
    assert packed == '["1000000043","Siân","O\'Brien","","Jones","","2005-01-31","2","AB1 2CD","2","1000000051",1]'
    assert json.loads(packed)[-1] == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", "[1,2]", "null", '"x"', "[" + ",".join(['""'] * 13) + "]"])
def test_any_other_card_is_refused(text):
    with pytest.raises((ValueError, TypeError)):
        profile_of_card(decode(text))
