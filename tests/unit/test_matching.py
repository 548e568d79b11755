"""Matching submitted details with the register: return codes, flags and explanations."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.learners import ACTIVE, DELETED, LINKED, LearnerProfile
from chalicelib.domain.matching import SubmittedDetails, Verification, verify

pytestmark = pytest.mark.req("VLD-02", "ACH-01")

ULN = "1000000043"
BORN = date(2005, 1, 31)
JAMES = LearnerProfile(ULN, "James", "Smith", date_of_birth=BORN, gender="1", postcode="AB1 2BD")
SUBMITTED = SubmittedDetails(ULN, "James", "Smith", BORN, "1", "AB1 2BD")
MASTER = LearnerProfile("1000000051", "Jim", "Jones", date_of_birth=BORN, gender="1")


def names(given_name: str, family_name: str, registered: LearnerProfile = JAMES) -> Verification:
    return verify(SubmittedDetails(ULN, given_name, family_name, BORN, "1"), registered)


def held(given_name: str, family_name: str, **other: str) -> LearnerProfile:
    return LearnerProfile(ULN, given_name, family_name, date_of_birth=BORN, gender="1", **other)


# --- VRC001: exact --------------------------------------------------------------------------------------------------


def test_details_that_are_all_equal_match_exactly_and_the_learner_is_returned():
    assert verify(SUBMITTED, JAMES) == Verification("VRC001", (), (), JAMES)


@pytest.mark.parametrize(("given_name", "family_name"), [("JAMES", "SMITH"), ("james", "smith"), ("jAMES", "Smith")])
def test_capital_and_small_letters_make_no_difference(given_name, family_name):
    assert names(given_name, family_name).code == "VRC001"


def test_optional_details_that_are_not_supplied_are_not_compared():
    assert verify(SubmittedDetails(ULN, "James", "Smith"), JAMES).code == "VRC001"


@pytest.mark.parametrize("gender", ["", "0"])
def test_gender_not_known_counts_as_not_supplied(gender):
    assert verify(SUBMITTED._replace(gender=gender), JAMES).code == "VRC001"


@pytest.mark.parametrize("postcode", ["ab12bd", "AB12BD", "ab1 2bd", "", "ZZ99 9ZZ"])
def test_the_same_postcode_written_otherwise_or_not_known_leaves_the_match_exact(postcode):
    assert verify(SUBMITTED._replace(postcode=postcode), JAMES).code == "VRC001"


# --- VRC003: possible -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("registered", "given_name", "family_name", "word"),
    [
        (JAMES, "Jim", "Smith", "given name: synonym"),
        (held("Jim", "Smith"), "James", "Smith", "given name: synonym"),
        (held("Mohammed", "Khan"), "Muhammad", "Khan", "given name: synonym"),
        (held("Sally Ann", "Smith"), "Sally", "Smith", "given name: part of double name"),
        (held("Sally Ann", "Smith"), "Ann", "Smith", "given name: part of double name"),
        (held("Sally", "Smith"), "Sally-Ann", "Smith", "given name: part of double name"),
        (held("Sally", "Smith-Jones"), "Sally", "Jones", "family name: part of double name"),
        (held("Sally", "Smith-Jones"), "Sally", "Jones Smith", "family name: part of double name"),
        (held("Sally", "Smith", previous_family_name="Baker"), "Sally", "Baker", "family name: previous name"),
        (held("Sally", "Smith", previous_family_name="Baker"), "Sally", "BAKER", "family name: previous name"),
        (held("Sally", "Smith", family_name_at_16="Baker"), "Sally", "Baker", "family name: name at 16"),
        (held("Sally", "Smith", preferred_given_name="Kit"), "Kit", "Smith", "given name: preferred name"),
        (held("Mary Ann", "Smith"), "Maryann", "Smith", "given name: joined or split"),
        (held("Sally", "O'Brien"), "Sally", "OBrien", "family name: marks"),
        (held("Sally", "O'Brien"), "Sally", "O Brien", "family name: joined or split"),
        (held("Siân", "Smith"), "Sian", "Smith", "given name: marks"),
        (held("Alissa", "Kilmartin"), "Alissa", "Kilmatrin", "family name: spelling"),
        (held("Amy", "Dudley"), "Aym", "Dudley", "given name: spelling"),
        (held("Stephen", "Jaxon"), "Stephen", "Jackson", "family name: sound"),
        (held("Maryam", "Jones"), "Maryam", "Jsneo", "family name: spelling"),
        (held("John", "Smith"), "J", "Smith", "given name: initial"),
        (held("John Robert", "Smith"), "J. R.", "Smith", "given name: initial"),
        (held("Ottilie", "Featherstonehaugh"), "Ottilie", "Feather", "family name: shortened"),
    ],
)
def test_a_name_that_is_near_the_one_held_matches_possibly_and_the_likeness_is_named(
    registered, given_name, family_name, word
):
    found = names(given_name, family_name, registered)
    assert found.code == "VRC003"
    assert word in found.explanation
    assert found.flags == ()
    assert found.disclosed == registered


@pytest.mark.parametrize(
    ("registered", "given_name", "family_name"),
    [
        (held("Isla", "Hall"), "Hall", "Isla"),
        (held("Freddie", "Bailey"), "Bailey", "Fredide"),
        (held("Robert", "Grace"), "Grace", "Rob"),
        (held("Grace", "Robert"), "Rob", "Grace"),
        (held("Sally", "Smith", previous_family_name="Baker"), "Baker", "Sally"),
    ],
)
def test_swapped_names_match_possibly(registered, given_name, family_name):
    found = names(given_name, family_name, registered)
    assert found.code == "VRC003"
    assert found.explanation[0] == "names swapped"


@pytest.mark.parametrize(
    ("given_name", "family_name"), [("Mary Ann", "Smith"), ("Mary", "Ann Smith"), ("Mary-Ann", "Smith")]
)
def test_a_double_name_divided_elsewhere_matches(given_name, family_name):
    assert names(given_name, family_name, held("Mary", "Ann Smith")).code in {"VRC001", "VRC003"}


def test_slips_in_both_names_match_possibly_if_both_are_quite_similar():
    assert names("Olver", "Hugues", held("Oliver", "Hughes")).code == "VRC003"
    assert names("Reuebn", "Wslion", held("Reuben", "Wilson")).code == "VRC003"


def test_where_one_name_is_certain_the_other_may_be_less_alike():
    registered = held("Freya", "Lambert")
    assert names("Fera", "Lambert", registered).code == "VRC003"
    assert names("Fera", "Lamber", registered).code == "VRC003"
    assert names("Fera", "Trambel", registered).code == "VRC005"
    assert names("F", "Lambert", registered).code == "VRC003"


def test_either_or_both_names_may_differ_but_not_be_initials_both():
    james = held("James", "Smith")
    assert names("J", "Smyth", james).explanation == ("given name: initial", "family name: spelling")
    assert names("J", "Smih", james).code == "VRC003"
    assert names("Jmaes", "S", james).code == "VRC003"
    assert names("Fera", "Lambret", held("Freya", "Lambert")).code == "VRC003"
    assert names("J", "S", james).code == "VRC005"


@pytest.mark.parametrize(
    ("given_name", "family_name", "flags"),
    [
        ("J", "Lavis", ("FAMILY_NAME_MISMATCH",)),
        ("M", "Smyth", ("GIVEN_NAME_MISMATCH",)),
        ("J", "S", ("FAMILY_NAME_MISMATCH",)),
    ],
)
def test_a_matching_initial_is_not_flagged_as_the_mismatch(given_name, family_name, flags):
    assert names(given_name, family_name).flags == flags


@pytest.mark.parametrize("initials", ["A", "A N", "A. N.", "AN", "A.N."])
def test_initials_of_a_name_match_it_with_those_of_further_names(initials):
    alan = held("Alan", "Smith")
    assert names(initials, "Smith", alan).explanation == ("given name: initial",)
    assert names(initials, "Smith", held("Brian", "Smith")).code == "VRC005"


def test_two_small_letters_are_a_name_and_not_initials():
    assert names("An", "Tran", held("Anh", "Tran")).code == "VRC003"
    assert names("An", "Tran", held("Alan", "Tran")).code == "VRC005"


@pytest.mark.parametrize(
    ("registered", "details", "word"),
    [
        (JAMES._replace(date_of_birth=None), SUBMITTED, "date of birth: not held"),
        (JAMES._replace(gender="0"), SUBMITTED, "gender: not held"),
        (JAMES._replace(gender=""), SUBMITTED, "gender: not held"),
        (JAMES._replace(postcode=""), SUBMITTED, "postcode: not held"),
        (JAMES._replace(postcode="ZZ99 9ZZ"), SUBMITTED, "postcode: not held"),
        (JAMES, SUBMITTED._replace(postcode="AB1 3BD"), "postcode: different"),
    ],
)
def test_what_the_register_does_not_hold_and_another_postcode_make_a_match_possible_at_best(registered, details, word):
    found = verify(details, registered)
    assert (found.code, found.explanation) == ("VRC003", (word,))


# --- VRC005: no match -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_name", "family_name", "flags"),
    [
        ("Mia", "Smith", ("GIVEN_NAME_MISMATCH",)),
        ("James", "Lavis", ("FAMILY_NAME_MISMATCH",)),
        ("Mia", "Lavis", ("GIVEN_NAME_MISMATCH", "FAMILY_NAME_MISMATCH")),
        ("Smith", "Mia", ("GIVEN_NAME_MISMATCH", "FAMILY_NAME_MISMATCH")),
        ("", "Smith", ("GIVEN_NAME_MISMATCH",)),
    ],
)
def test_another_persons_name_does_not_match_and_is_flagged(given_name, family_name, flags):
    found = names(given_name, family_name)
    assert found.code == "VRC005"
    assert found.flags == flags
    assert found.disclosed is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Luke", "Mia"),
        ("Jack", "Jake"),
        ("Ella", "Bella"),
        ("Chloe", "Zoe"),
        ("Michael", "Mitchell"),
        ("Amy", "May"),
        ("Daniel", "Danielle"),
        ("Ellie", "Millie"),
        ("Alfie", "Archie"),
        ("Hayden", "Jayden"),
        ("Molly", "Milly"),
        ("Mandeep", "Manpreet"),
        ("Hasan", "Husain"),
        ("Feng", "Peng"),
        ("Linh", "Lien"),
        ("Yifan", "Yihan"),
        ("Rajesh", "Ramesh"),
        ("Oluwaseun", "Oluwatobi"),
        ("Minjun", "Minseo"),
        ("Ifrah", "Farah"),
    ],
)
def test_two_given_names_in_common_use_are_two_people_however_similar(one, other):
    assert names(one, "Smith", held(other, "Smith")).code == "VRC005"
    assert names(other, "Smith", held(one, "Smith")).code == "VRC005"


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("Davies", "Davis", "VRC003"),
        ("Clark", "Clarke", "VRC003"),
        ("Robert", "Roberts", "VRC003"),
        ("Harris", "Harrison", "VRC005"),
        ("Rogers", "Roberts", "VRC005"),
    ],
)
def test_family_names_in_common_use_match_where_they_are_spoken_alike_or_differ_in_a_last_s(one, other, code):
    assert names("James", one, held("James", other)).code == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Hoa", "Le"), ("Hoa", "Le Thi")),
        (("Minh", "Do"), ("Minh", "Do Van")),
        (("Van Anh", "Tran"), ("Van", "Tran")),
        (("Da Wei", "Chen"), ("Da", "Chen")),
        (("De Hua", "Liu"), ("De", "Liu")),
        (("Abu Bakr", "Khan"), ("Abu", "Khan")),
        (("Hoa", "Le Van"), ("Hoa", "Le Thi")),
    ],
)
def test_a_particle_counts_where_it_is_all_of_a_name_or_a_name_itself(one, other):
    assert names(*one, held(*other)).code == "VRC003"
    assert names(*other, held(*one)).code == "VRC003"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Wang", "Yang"), ("Lin", "Yin"), ("Kim", "Sim"), ("Okafor", "Okoro"), ("Hang", "Yang"), ("Chang", "Khang")],
)
def test_two_family_names_of_a_community_are_two_people_too(one, other):
    assert names("Li", one, held("Li", other)).code == "VRC005"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Min", "Ming"),
        ("Hsi", "Hsia"),
        ("Wa", "Wai"),
        ("Shua", "Shuai"),
        ("Zhuo", "Suo"),
        ("Tiao", "Yiao"),
        ("Koi", "Joi"),
        ("Hiok", "Hiuk"),
        ("Zhuai", "Zhui"),
        ("Khoo", "Koh"),
    ],
)
def test_two_syllables_are_two_names_where_no_hand_makes_one_of_the_other(name, typed):
    assert names("Ann", typed, held("Ann", name)).code == "VRC005"
    assert names(typed, "Smith", held(name, "Smith")).code == "VRC005"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Bandovir", "Sandovir"),
        ("Prandovir", "Grandovir"),
        ("Arvidia", "Arvidios"),
        ("Aznem", "Nezam"),
    ],
)
def test_two_slips_in_the_first_letter_or_the_ending_or_letters_in_another_order_make_another_name(name, typed):
    assert names(typed, "Smith", held(name, "Smith")).code == "VRC005"


def test_jumbled_letters_are_a_slip_too_where_both_names_are_garbled():
    assert names("Adam", "Jonse", held("Adam", "Jsneo")).explanation == ("family name: spelling",)
    assert names("Harry", "Adsrews", held("Harry", "Andresw")).code == "VRC003"


@pytest.mark.parametrize(
    ("name", "typed"), [("Ming", "Min"), ("Hsia", "Hsi"), ("Wai", "Wa"), ("Shuai", "Shua"), ("Wang", "Wanng")]
)
def test_a_letter_left_out_or_doubled_is_a_slip_in_a_syllable_too(name, typed):
    assert names("Ann", typed, held("Ann", name)).code == "VRC003"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Mandeep", "Madneep"),
        ("Feng", "Feg"),
        ("Yifan", "Yiffan"),
        ("Nguyen", "Nguyrn"),
        ("Wei", "Wsi"),
        ("Xiulan", "Xoulan"),
        ("Zbigniew", "Zbigneiw"),
    ],
)
def test_one_slip_in_a_name_of_any_community_matches(name, typed):
    assert names(typed, "Smith", held(name, "Smith")).explanation == ("given name: spelling",)
    assert names("Ann", typed, held("Ann", name)).explanation == ("family name: spelling",)


def test_spellings_of_a_family_name_match():
    assert names("Ann", "Muhammad", held("Ann", "Mohammed")).explanation == ("family name: spelling",)
    assert names("Ann", "Mo", held("Ann", "Mohammed")).code == "VRC005"


def test_particles_of_a_double_name_do_not_count_for_matching():
    assert names("Ann", "Van Dyke", held("Ann", "Van Hof")).code == "VRC005"
    assert names("Ann", "De Souza", held("Ann", "De Groot")).code == "VRC005"
    assert names("Ann", "Hof", held("Ann", "Van Hof")).code == "VRC003"


@pytest.mark.parametrize(("given_name", "family_name"), [("James", "Smith"), ("Jim", "Smith"), ("Smith", "James")])
@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"date_of_birth": date(2005, 1, 30)}, "DATE_OF_BIRTH_MISMATCH"),
        ({"gender": "2"}, "GENDER_MISMATCH"),
        ({"gender": "9"}, "GENDER_MISMATCH"),
    ],
)
def test_another_date_of_birth_or_gender_never_matches_whatever_the_names(given_name, family_name, change, flag):
    found = verify(SUBMITTED._replace(given_name=given_name, family_name=family_name, **change), JAMES)
    assert (found.code, found.flags, found.disclosed) == ("VRC005", (flag,), None)


def test_every_difference_has_its_flag():
    found = verify(SubmittedDetails(ULN, "Mia", "Lavis", date(2001, 1, 1), "2"), JAMES)
    assert found.flags == (
        "GIVEN_NAME_MISMATCH",
        "FAMILY_NAME_MISMATCH",
        "DATE_OF_BIRTH_MISMATCH",
        "GENDER_MISMATCH",
    )


@pytest.mark.parametrize(
    "guess",
    [
        SUBMITTED,
        SUBMITTED._replace(given_name="Jim"),
        SUBMITTED._replace(given_name="Mia"),
        SUBMITTED._replace(family_name="Lavis", gender="2"),
        SUBMITTED._replace(date_of_birth=date(2001, 1, 1), postcode="CF10 1AA"),
    ],
)
def test_a_restricted_learner_cannot_be_confirmed_by_guessing(guess):
    restricted = Verification("VRC005", ("LEARNER_RESTRICTED",), ())
    assert verify(guess, JAMES._replace(restricted=True)) == restricted
    assert verify(guess, LINKED_JAMES, MASTER._replace(restricted=True)) == restricted


# --- VRC006: not found ----------------------------------------------------------------------------------------------


def test_a_uln_that_is_not_registered_is_not_found():
    assert verify(SUBMITTED, None) == Verification("VRC006", ("ULN_NOT_FOUND",))


def test_a_uln_that_cannot_exist_is_flagged_as_such():
    assert verify(SUBMITTED._replace(uln="1234567890"), None).flags == ("ULN_NOT_FOUND", "ULN_INVALID")


def test_a_deleted_learner_is_not_found():
    assert verify(SUBMITTED, JAMES._replace(status=DELETED)) == Verification("VRC006", ("LEARNER_DELETED",))


# --- VRC002 and VRC004: linked --------------------------------------------------------------------------------------

LINKED_JAMES = JAMES._replace(status=LINKED, master_uln=MASTER.uln)


def test_an_exact_match_of_a_linked_learner_returns_the_master():
    assert verify(SUBMITTED, LINKED_JAMES, MASTER) == Verification("VRC002", (), (), MASTER)


def test_a_possible_match_of_a_linked_learner_returns_the_master():
    found = verify(SUBMITTED._replace(given_name="Jim"), LINKED_JAMES, MASTER)
    assert (found.code, found.explanation, found.disclosed) == ("VRC004", ("given name: synonym",), MASTER)


def test_details_are_compared_with_the_uln_given_and_not_with_its_master():
    assert verify(SubmittedDetails(ULN, "Jim", "Jones", BORN, "1"), LINKED_JAMES, MASTER).code == "VRC005"


@pytest.mark.parametrize("master", [None, MASTER._replace(status=DELETED)])
def test_without_a_master_a_linked_learner_is_returned_like_any_other(master):
    assert verify(SUBMITTED, LINKED_JAMES, master) == Verification("VRC001", (), (), LINKED_JAMES)


def test_a_restricted_master_is_never_returned():
    found = verify(SUBMITTED, LINKED_JAMES, MASTER._replace(restricted=True))
    assert (found.code, found.flags, found.disclosed) == ("VRC005", ("LEARNER_RESTRICTED",), None)


# --- For all details ------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [
        "James",
        "Jim",
        "Jmaes",
        "Mia",
        "Sally Ann",
        "Sally",
        "Smith",
        "Smtih",
        "O'Brien",
        "OBrien",
        "Van Hof",
        "X",
        "J",
        "-",
        "",
    ]
) | st.text(alphabet="ABab '-.é", max_size=12)
DATES = st.none() | st.sampled_from([BORN, date(2005, 1, 30)])
GENDERS = st.sampled_from(["", "0", "1", "2", "9"])
POSTCODES = st.sampled_from(["", "AB1 2BD", "ab12bd", "AB1 3BD", "ZZ99 9ZZ"])
DETAILS = st.builds(SubmittedDetails, st.just(ULN), NAMES, NAMES, DATES, GENDERS, POSTCODES)
PROFILES = st.builds(
    LearnerProfile,
    st.just(ULN),
    NAMES,
    NAMES,
    NAMES,
    NAMES,
    NAMES,
    DATES,
    GENDERS,
    POSTCODES,
    st.sampled_from([ACTIVE, DELETED, LINKED]),
    st.just(MASTER.uln),
    st.booleans(),
)


@given(DETAILS, st.none() | PROFILES, st.none() | st.just(MASTER))
def test_every_answer_keeps_to_appendix_c(submitted, registered, master):
    found = verify(submitted, registered, master)
    assert bool(found.flags) == (found.code in {"VRC005", "VRC006"})
    assert len(found.flags) <= 8
    assert (found.disclosed is None) == (found.code in {"VRC005", "VRC006"})
    assert (found.code == "VRC006") == (registered is None or registered.status == DELETED)
    if found.code in {"VRC002", "VRC004"}:
        assert found.disclosed == master
    if found.code in {"VRC001", "VRC002"}:
        assert registered is not None
        assert submitted.given_name.casefold() == registered.given_name.casefold()
        assert submitted.family_name.casefold() == registered.family_name.casefold()
        assert submitted.date_of_birth in {None, registered.date_of_birth}
        assert submitted.gender in {"", "0", registered.gender}
        assert found.explanation == ()
    if found.code in {"VRC003", "VRC004"}:
        assert found.explanation


@given(DETAILS, PROFILES)
def test_a_supplied_date_or_gender_that_differs_from_the_one_held_never_matches(submitted, registered):
    differs = (
        submitted.date_of_birth is not None
        and registered.date_of_birth is not None
        and submitted.date_of_birth != registered.date_of_birth
    ) or (submitted.gender not in {"", "0"} and registered.gender not in {"", "0", submitted.gender})
    if differs and registered.status != DELETED:
        assert verify(submitted, registered).code == "VRC005"


@given(NAMES, NAMES, NAMES, NAMES)
def test_whether_names_match_does_not_depend_on_which_is_held_if_they_are_no_syllables(one, two, three, four):
    def accepted(code: str) -> bool:
        return code in {"VRC001", "VRC003"}

    there = names(one, two, held(three, four)).code
    back = names(three, four, held(one, two)).code
    assert accepted(there) == accepted(back)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_makes_matching_fail_and_none_is_repeated(given_name, family_name):
    found = names(given_name, family_name)
    words = " ".join((*found.flags, *found.explanation))
    assert words.isascii()
    assert len(words) < 200
