"""The keys of learners in the index of people, and the judgement of those found."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.communities import slips
from chalicelib.domain.learners import DELETED, LINKED, LearnerProfile, learner_of
from chalicelib.domain.search import (
    MOST_FURTHER,
    MOST_SOUNDS,
    Criteria,
    Judgement,
    agrees,
    blocks_of,
    ends,
    entry_keys,
    further_keys,
    identity_of,
    judge,
    judged,
    query_keys,
    sounds,
)

BORN = date(2004, 5, 17)
HELD = LearnerProfile(
    "1000000043", "James", "Ashcombe", date_of_birth=BORN, gender="1", postcode="CF10 1AA", preferred_given_name="Jim"
)
NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCÉØ'-. ", min_size=1, max_size=35)

pytestmark = pytest.mark.req("ULN-02")


def requested(**changes) -> Criteria:
    return Criteria("James", "Ashcombe", BORN, "1", "CF10 1AA")._replace(**changes)


def meet(criteria: Criteria, profile: LearnerProfile) -> bool:
    return not {*query_keys(criteria), *further_keys(criteria)}.isdisjoint(entry_keys(profile))


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_a_learner_is_kept_under_each_sound_by_birth_and_by_postcode():
    kept = [f"{key.kind} {key.value} {key.sound}" for key in entry_keys(HELD)]
    assert kept[:3] == ["D 2004-05-17 JMS", "D 2004-05-17 JMsf", "D 2004-05-17 AXKM"]
    assert kept[3:5] == ["D 2004-05-17 1JA-AS", "D 2004-05-17 2ES-BE"]
    assert kept[5:7] == ["D 2004-05-17 3JA-BE", "D 2004-05-17 4ES-AS"]
    assert kept[7:] == ["P CF101AA 2004", "P CF101AA 0517"]


def test_a_learner_whose_birthday_is_not_known_is_kept_nowhere():
    assert entry_keys(HELD._replace(date_of_birth=None)) == ()


@pytest.mark.parametrize("status", [DELETED])
def test_a_deleted_learner_is_kept_nowhere(status):
    assert entry_keys(HELD._replace(status=status)) == ()


@pytest.mark.parametrize("postcode", ["", "ZZ99 9ZZ"])
def test_an_unknown_postcode_gives_no_key(postcode):
    assert {key.kind for key in entry_keys(HELD._replace(postcode=postcode))} == {"D"}
    assert {key.kind for key in query_keys(requested(postcode=postcode))} == {"D"}


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("James", "Jim"),
        ("Jim", "James"),
        ("Elizabeth", "Liz"),
        ("Muhammad", "Mohamed"),
        ("Mary Ann", "Maryann"),
        ("Mary-Ann", "Ann"),
        ("Stephen", "Steven"),
        ("Zoë", "Zoe"),
    ],
)
def test_short_forms_spellings_and_parts_of_a_given_name_are_found(held, wanted):
    profile = HELD._replace(given_name=held, preferred_given_name="", family_name="Quorn")
    assert meet(requested(given_name=wanted, family_name="Zebedee"), profile)


@pytest.mark.parametrize(
    ("given_name", "family_name"), [("Sqmuel", "Abgus"), ("Samul", "Agnus"), ("Smauel", "Anguus"), ("Asmuel", "Angys")]
)
@pytest.mark.parametrize("postcode", ["CF10 1AA", "LL57 1AA"])
def test_a_learner_is_found_whose_names_both_have_a_slip(given_name, family_name, postcode):
    samuel = HELD._replace(given_name="Samuel", family_name="Angus", preferred_given_name="")
    criteria = requested(given_name=given_name, family_name=family_name, postcode=postcode)
    assert meet(criteria, samuel)
    assert judge(criteria, samuel).judgement is Judgement.POSSIBLE


def test_birth_and_postcode_together_find_a_learner_of_any_name():
    assert meet(requested(given_name="Oryx", family_name="Vuzt"), HELD)
    assert not meet(requested(given_name="Oryx", family_name="Vuzt", postcode="ZZ99 9ZZ"), HELD)
    assert not meet(requested(given_name="Oryx", family_name="Vuzt", postcode="LL57 1AA"), HELD)


@pytest.mark.parametrize(
    ("given_name", "family_name", "found"),
    [
        ("James", "Ashcombe", ("1JA-AS", "2ES-BE", "3JA-BE", "4ES-AS")),
        ("Mary-Ann", "O'Neil", ("1MA-ON", "2NN-IL", "3MA-IL", "4NN-ON")),
        ("J", "Ng", ("1J-N", "2J-G", "3J-G", "4J-N")),
        ("Sam", "Ward", ("1S-WA", "2M-RD", "3S-RD", "4M-WA")),
        ("Ελένη", "Ng", ()),
        ("-", "Ng", ()),
    ],
)
def test_the_ends_of_names_are_the_first_and_the_last_letters_of_both(given_name, family_name, found):
    assert ends(given_name, family_name) == found


SLIPPED = st.text(alphabet="abcdefghilmnorstuwy", min_size=2, max_size=9).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from([one for kind in slips(name).values() for one in kind]))
)


@given(SLIPPED, SLIPPED)
def test_whoever_has_moved_is_found_with_any_single_slip_in_each_name(given_name, family_name):
    held = HELD._replace(given_name=given_name[0], family_name=family_name[0], preferred_given_name="")
    for postcode in ("LL57 1AA", "ZZ99 9ZZ"):
        assert meet(requested(given_name=given_name[1], family_name=family_name[1], postcode=postcode), held)


def test_other_forms_of_a_given_name_are_searched_only_in_addition():
    assert [key.sound for key in further_keys(requested(given_name="James"))] == [
        "1JA-AS",
        "2ES-BE",
        "3JA-BE",
        "4ES-AS",
        "1JI-AS",  # Jimmy
        "3JI-BE",
        "1J-AS",  # Jim
        "3J-BE",
    ]
    further = further_keys(requested())
    assert further
    assert set(further).isdisjoint(query_keys(requested()))
    assert len({key.sound for key in further_keys(requested(given_name="Elizabeth"))}) <= MOST_FURTHER + 4


@pytest.mark.parametrize("family_name", ["Qshcombe", "Ashcombr", "Ashcmbe"])
def test_another_form_of_the_given_name_is_found_with_a_slip_in_the_family_name_too(family_name):
    james = HELD._replace(preferred_given_name="")
    assert meet(requested(given_name="Jim", family_name=family_name, postcode="LL57 1AA"), james)


@pytest.mark.parametrize(("one", "other"), [("John", "Joanna"), ("Amy", "Emma"), ("Lee", "Lola"), ("Sara", "Cyrus")])
def test_names_of_one_short_sound_are_distinguished(one, other):
    assert set(sounds([one], [])).isdisjoint(sounds([other], []))


def test_swapped_names_and_earlier_family_names_are_found():
    assert meet(requested(given_name="Ashcombe", family_name="James"), HELD)
    for earlier in ({"previous_family_name": "Wick"}, {"family_name_at_16": "Wick"}):
        assert meet(requested(given_name="Zebedee", family_name="Wick"), HELD._replace(**earlier))
    assert meet(
        requested(given_name="Zebedee", family_name="Wick", previous_family_name="Ashcombe"),
        HELD._replace(given_name="Quentin"),
    )


def test_either_of_birth_and_postcode_is_enough():
    assert meet(requested(date_of_birth=date(2004, 5, 18)), HELD)
    assert meet(requested(postcode="CF11 1AA"), HELD)
    assert not meet(requested(date_of_birth=date(2004, 5, 18), postcode="CF11 1AA"), HELD)


@given(st.dates(date(1920, 1, 1), date(2015, 12, 31)), st.data())
def test_whoever_is_possible_with_a_slip_in_the_birthday_is_found_by_the_postcode(born, data):
    digits = f"{born:%Y%m%d}"
    at = data.draw(st.integers(1, 6))
    replaced = [digits[:at] + digit + digits[at + 1 :] for digit in "0123456789"]
    swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    exchanged = digits[:4] + digits[6:] + digits[4:6]
    for typed in (*replaced, swapped, exchanged):
        with suppress(ValueError):
            criteria = requested(date_of_birth=date.fromisoformat(typed))
            held = HELD._replace(date_of_birth=born)
            assert judge(criteria, held).judgement is not Judgement.OTHER
            assert meet(criteria, held)


@pytest.mark.parametrize(("typed", "held"), [((2001, 1, 1), (2000, 11, 1)), ((2000, 12, 5), (2001, 2, 5))])
def test_a_birthday_with_digits_of_year_and_month_swapped_is_found_by_the_postcode(typed, held):
    criteria = requested(date_of_birth=date(*typed))
    assert meet(criteria, HELD._replace(date_of_birth=date(*held)))
    assert not meet(criteria._replace(postcode="ZZ99 9ZZ"), HELD._replace(date_of_birth=date(*held)))


@given(NAMES, NAMES)
def test_learners_with_a_letter_in_a_name_are_found_by_exactly_these_names(given_name, family_name):
    profile = HELD._replace(given_name=given_name, family_name=family_name)
    criteria = requested(given_name=given_name, family_name=family_name)
    assert meet(criteria, profile)
    by_name = bool(sounds([given_name], [family_name]) or ends(given_name, family_name))
    assert meet(criteria._replace(postcode="LL57 1AA"), profile) == by_name
    assert set(query_keys(criteria)) <= set(entry_keys(profile)) or len(sounds([given_name], [family_name])) > 2


def test_a_name_of_many_parts_has_no_more_keys_than_a_transaction_has_room_for():
    many = " ".join(f"{a}{b}" for a in "bdfgklmnprst" for b in "aeo")[:35]
    assert len(sounds([many, many[::-1]], [many.upper(), "Ab Cd Ef Gh Ij Kl Mn"])) <= MOST_SOUNDS


@pytest.mark.req("ULN-03")
@pytest.mark.parametrize("postcode", ["CF10 1AA", "ZZ99 9ZZ"])
def test_whoever_can_be_found_is_in_a_block_of_the_search(postcode):
    criteria = requested(postcode=postcode, previous_family_name="van Dyke")
    held = HELD._replace(postcode=postcode, previous_family_name="Lloyd-Hughes")
    blocks = [(block.kind, block.value) for block in blocks_of(criteria)]
    assert len(blocks) == len(set(blocks)) <= 2
    for key in (*entry_keys(held), *query_keys(criteria), *further_keys(criteria)):
        assert (key.kind, key.value) in blocks


def test_letters_of_another_alphabet_and_particles_have_no_sound():
    assert sounds(["Ελένη"], ["—"]) == ()
    assert sounds([], ["van de Velde"]) == sounds([], ["Van De Velde"])
    assert set(sounds([], ["van Dyke"])).isdisjoint(sounds([], ["van Hof"]))


# --- Judgement --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes", [{}, {"given_name": "JAMES"}, {"family_name": "Ash-combe"}, {"postcode": "CF101AA"}]
)
def test_the_five_details_however_written_are_exact(changes):
    assert judge(requested(**changes), HELD).judgement is Judgement.EXACT


@pytest.mark.parametrize(
    "changes",
    [
        {"postcode": "LL57 1AA"},
        {"postcode": "ZZ99 9ZZ"},
        {"gender": "0"},
        {"gender": "2"},
        {"given_name": "Jim"},
        {"given_name": "Jmaes"},
        {"family_name": "Ashcomb"},
        {"family_name": "Wick"},
        {"given_name": "Ashcombe", "family_name": "James"},
        {"given_name": "J", "postcode": "LL57 1AA"},
        {"date_of_birth": date(2004, 5, 18)},
        {"date_of_birth": date(2005, 5, 17)},
    ],
)
def test_what_differs_in_part_is_possible(changes):
    assert judge(requested(**changes), HELD).judgement is Judgement.POSSIBLE


@pytest.mark.parametrize(("typed", "held"), [("Min", "Ming"), ("Ming", "Min")])
def test_a_slip_in_a_syllable_may_have_been_made_by_either(typed, held):
    assert judge(requested(given_name=typed), HELD._replace(given_name=held)).judgement is Judgement.POSSIBLE
    family = HELD._replace(family_name=held)
    assert judge(requested(family_name=typed), family).judgement is Judgement.POSSIBLE


def test_a_birthday_with_day_and_month_exchanged_is_possible():
    held = HELD._replace(date_of_birth=date(2004, 3, 11))
    assert judge(requested(date_of_birth=date(2004, 11, 3)), held).judgement is Judgement.POSSIBLE


@pytest.mark.parametrize(
    "changes",
    [
        {"given_name": "Oliver"},  # a twin
        {"given_name": "Jemima", "gender": "2"},
        {"family_name": "Wick", "postcode": "LL57 1AA"},
        {"family_name": "Wick", "gender": "2"},
        {"date_of_birth": date(1975, 9, 2)},  # the father
        {"date_of_birth": date(2004, 5, 18), "postcode": "LL57 1AA"},
        {"date_of_birth": date(2004, 5, 18), "given_name": "Jmase", "family_name": "Ashcom"},
    ],
)
def test_other_people_are_not_possible(changes):
    assert judge(requested(**changes), HELD).judgement is Judgement.OTHER


def test_people_without_a_known_postcode_are_never_exact():
    held = HELD._replace(postcode="ZZ99 9ZZ")
    assert judge(requested(postcode="ZZ99 9ZZ"), held).judgement is Judgement.POSSIBLE


def test_a_previous_family_name_given_is_compared():
    changed = requested(family_name="Wick", previous_family_name="Ashcombe", postcode="LL57 1AA")
    assert judge(changed, HELD).judgement is Judgement.POSSIBLE


def test_the_nearest_come_first_and_a_person_once():
    linked = HELD._replace(uln="1000000051", status=LINKED, master_uln=HELD.uln)
    near, far = HELD._replace(uln="2", postcode="LL57 1AA"), HELD._replace(uln="3", given_name="Jmaes", postcode="")
    other = HELD._replace(uln="4", given_name="Oliver", preferred_given_name="")
    found = judged(requested(), [far, other, near, linked, HELD])
    assert [one.profile.uln for one in found] == [HELD.uln, "2", "3"]
    assert [one.judgement for one in found] == [Judgement.EXACT, Judgement.POSSIBLE, Judgement.POSSIBLE]


def test_the_masters_own_details_find_the_master_whatever_the_order():
    linked = HELD._replace(uln="1000000051", status=LINKED, master_uln=HELD.uln)
    for profiles in ([linked, HELD], [HELD, linked]):
        assert [one.profile.uln for one in judged(requested(), profiles)] == [HELD.uln]


@given(NAMES, NAMES, st.sampled_from("0129"), st.sampled_from(["CF10 1AA", "BFPO 12"]))
def test_the_same_details_are_exact_and_one_identity(given_name, family_name, gender, postcode):
    criteria = Criteria(given_name, family_name, BORN, gender, postcode)
    profile = LearnerProfile(
        "1", given_name, family_name, date_of_birth=BORN, gender=gender, postcode=postcode, previous_family_name="X"
    )
    assert identity_of(criteria) == identity_of(profile)
    assert judge(criteria, profile).judgement is Judgement.EXACT


def test_optional_details_agree_when_none_that_both_have_differs():
    learner = learner_of(HELD)
    held = learner._replace(details=learner.details._replace(place_of_birth="Y Fenni", email_address="a@b.example"))
    assert agrees(requested(place_of_birth="y  fenni"), held)
    assert agrees(requested(place_of_birth="Y Fenni", school_at_age_16="Any School"), held)
    assert not agrees(requested(place_of_birth="Y Fenni", email_address="c@d.example"), held)
    assert not agrees(requested(school_at_age_16="Any School"), held)
    assert not agrees(requested(), held)
