"""The one string in which a register item carries what verification needs of a learner."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.learners import LINKED, LearnerProfile, pack, unpack

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
def test_a_packed_profile_is_unpacked_as_it_was(profile):
    assert unpack(pack(profile)) == profile


def test_the_string_is_a_compact_list_in_a_fixed_order():
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
    packed = pack(profile)
    assert packed == '["1000000043","Siân","O\'Brien","","Jones","","2005-01-31","2","AB1 2CD","2","1000000051",1]'
    assert json.loads(packed)[-1] == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", "[1,2]", "null", '"x"', "[" + ",".join(['""'] * 13) + "]"])
def test_any_other_text_is_refused(text):
    with pytest.raises((ValueError, TypeError)):
        unpack(text)
