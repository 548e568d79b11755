"""Finding a learner by their details: the keys of search entries, and how learners found are judged (ULN-02).

**Keys.** Under the date of birth, a learner has one search entry for each sound of a part of each of their names. Given
and family names share the sounds, so that swapped names are found. Many names share a short sound: these are
distinguished by the first vowel and the name's length. Under the postcode, a learner has an entry for the year and one
for the day of birth, whatever the names. If nobody is found, the search looks further under the date of birth:

- under how both names begin and end, in each of the four ways: a slip in each name spoils either how it begins or how
  it ends, so one of the four is left;
- likewise under other forms of the given name (Jim, James), so that no entry depends on a list that grows;
- under the postcode with another year, if the last digit of the year and the first of the month may have been swapped,
  which spoils both the year and the day (1 November 2000 and 1 January 2001).

**Judgement**, of each learner found:

*exact*     both names (but for accents, marks and spaces), date of birth, gender and postcode are equal; a postcode
            that is not known is equal to none
*possible*  the names match with no more doubt than verification accepts (see ``matching``), and the date of birth is
            equal; or one name is equal, and date of birth, gender and postcode are; or the names match almost without
            doubt, the postcode is equal and the date of birth a slip away. With one date of birth and postcode and
            another given name it is a twin, and not possible.

If one learner is exact, that learner is returned whatever else was found; up to ten possible ones are listed; if there
are more, none is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import IntEnum
from typing import Final, NamedTuple

from chalicelib import reference
from chalicelib.domain import similarity
from chalicelib.domain.learners import DELETED, Learner, LearnerProfile
from chalicelib.domain.matching import MOST_DOUBT, family_name_likeness, given_name_likeness
from chalicelib.domain.name_likeness import POSSIBLE, Kind, identifying_parts, likeness
from chalicelib.domain.names import sound_key, spoken_form
from chalicelib.domain.people import POSTCODE_UNKNOWN
from chalicelib.reference.letters import joined, normal_form

MOST_LISTED: Final = 10
"""Most possible learners listed; if there are more, none is (WSRC0002)."""
MOST_SOUNDS: Final = 12
"""The most sounds under which a learner has entries; no real name has more."""
MOST_FURTHER: Final = 8
"""Most keys of other forms of a given name that are looked up."""
_OTHER_FORMS: Final = "13"
"""The ways in which these are looked up: how the given name begins, with how the family name begins or ends."""
TYPED: Final = (True, True)
"""Both names are as typed."""
TYPED_FAMILY: Final = (False, True)
"""The given name is another form of the one that was typed."""
_SHORT_SOUND: Final = 2
_LONG_NAME: Final = 5
_FIRST_VOWEL: Final = re.compile("(?<!^)[aeiouyAI]")
_FRONT_VOWELS: Final = frozenset("eiyAI")
_SOUND: Final = re.compile("[A-Z]+[a-z]*")
_ENDS: Final = re.compile("[1-4][A-Z]{1,2}-[A-Z]{1,2}")
SHORT: Final = 3
"""The most letters of a name of which one letter at either end is compared, and not two."""


class SearchKey(NamedTuple):
    """A partition of the index: everyone of one date of birth with a name of one sound, or with names of the same ends
    (:func:`ends`); or everyone of one postcode and year or day of birth, which then stands for the ``sound``.
    """

    kind: str
    """:data:`BY_BIRTH` or :data:`BY_POSTCODE`."""
    value: str
    sound: str


BY_BIRTH: Final = "D"
BY_POSTCODE: Final = "P"


class Block(NamedTuple):
    """Everyone of one date of birth, or of one postcode: the search keys that differ only in the sound.

    Registrations in one block are made one after another (see ``registration``).
    """

    kind: str
    """:data:`BY_BIRTH` or :data:`BY_POSTCODE`."""
    value: str


class Criteria(NamedTuple):
    """What to search for; the first five are mandatory (FindLearnerByDemographics)."""

    given_name: str
    family_name: str
    date_of_birth: date
    gender: str
    postcode: str
    previous_family_name: str = ""
    school_at_age_16: str = ""
    place_of_birth: str = ""
    email_address: str = ""


class Judgement(IntEnum):
    """How well a learner found matches; the greater the better."""

    OTHER = 0
    POSSIBLE = 1
    EXACT = 2


class Judged(NamedTuple):
    """A learner found, the judgement, and the points of doubt."""

    judgement: Judgement
    doubt: int
    profile: LearnerProfile


# --- Keys -------------------------------------------------------------------------------------------------------------


def entry_keys(profile: LearnerProfile) -> tuple[SearchKey, ...]:
    """Where a learner's search entries are; none for a deleted learner."""
    if profile.status == DELETED:
        return ()
    given = (profile.given_name, profile.preferred_given_name)
    family = (profile.family_name, profile.previous_family_name, profile.family_name_at_16)
    names = (*sounds(given, family), *ends(profile.given_name, profile.family_name))
    return keys_under(names, profile.date_of_birth, profile.postcode)


def query_keys(criteria: Criteria) -> tuple[SearchKey, ...]:
    """Where to look for a learner first."""
    given = (criteria.given_name,)
    family = (criteria.family_name, criteria.previous_family_name)
    return keys_under(sounds(given, family), criteria.date_of_birth, criteria.postcode)


def further_keys(criteria: Criteria) -> tuple[SearchKey, ...]:
    """Where to look for a learner who was not found there; see the module."""
    given, family = criteria.given_name, criteria.family_name
    synonyms = reference.lists().synonyms
    others = sorted(
        {other for part in _parts(given) for other in synonyms.get(part, ())}, key=lambda one: (len(one), one)
    )
    found = dict.fromkeys(end for other in reversed(others) for end in ends(other, family, typed=TYPED_FAMILY))
    of_others = [end for end in found if end[0] in _OTHER_FORMS][:MOST_FURTHER]
    further = dict.fromkeys((*ends(given, family, typed=TYPED), *of_others))
    return (*keys_under(further, criteria.date_of_birth, ""), *_other_year(criteria))


def _other_year(criteria: Criteria) -> tuple[SearchKey, ...]:
    """The postcode with the year that the learner was born in if digits of year and month have been swapped."""
    known, typed = _known(criteria.postcode), criteria.date_of_birth.isoformat()
    year, month = typed[:3] + typed[5], typed[3] + typed[6]
    possible = known and year != typed[:4] and "01" <= month <= "12"
    return (SearchKey(BY_POSTCODE, known, year),) if possible else ()


def ends(given_name: str, family_name: str, *, typed: tuple[bool, bool] = (False, False)) -> tuple[str, ...]:
    """How both names begin ("1JA-AS" for James Ashcombe), how both end ("2ES-BE"), and one of each ("3JA-BE",
    "4ES-AS"). A digit distinguishes them from sounds. Of short names one letter is taken.

    Also what they would be if one slip had been made in each name that was ``typed``. Empty for names of another
    alphabet.
    """
    names = zip((given_name, family_name), typed, strict=True)
    given, family = (_begins_and_ends(joined(name).upper(), typed=as_typed) for name, as_typed in names)
    ways = ((0, 0), (1, 1), (0, 1), (1, 0))
    found = dict.fromkeys(
        f"{way}{one}-{other}"
        for way, (of_given, of_family) in enumerate(ways, start=1)
        for one in given[of_given]
        for other in family[of_family]
    )
    return tuple(end for end in found if _ENDS.fullmatch(end))


def _begins_and_ends(name: str, *, typed: bool) -> tuple[list[str], list[str]]:
    """How a name may begin and end: a slip may have made it short or long, or have swapped its only two letters, or the
    middle ones of four, which spoils both how it begins and how it ends.
    """
    lengths = [1] if len(name) <= SHORT else [2]
    if typed and len(name) in (SHORT, SHORT + 1):
        lengths = [1, 2]
    begins, ends = [name[:length] for length in lengths], [name[-length:] for length in lengths]
    if typed and len(name) == SHORT + 1:
        return [*begins, name[0] + name[2]], [*ends, name[1] + name[3]]
    return (begins + ends, ends + begins) if typed and len(name) == 2 else (begins, ends)


def sounds(given_names: Iterable[str], family_names: Iterable[str]) -> tuple[str, ...]:
    """The sounds of every part of these names, the whole names' first, each once."""
    parts = [part for name in (*given_names, *family_names) for part in _parts(name)]
    found = dict.fromkeys(map(_sound_of, parts))
    # Letters of another alphabet have no sound here.
    return tuple(sound for sound in found if _SOUND.fullmatch(sound))[:MOST_SOUNDS]


def _sound_of(part: str) -> str:
    """The entry for a part: its sound and, if that is short, the length of the name and its first vowel."""
    sound = sound_key(part)
    if len(sound) > _SHORT_SOUND:
        return sound
    vowel = _FIRST_VOWEL.search(spoken_form(part))
    front = vowel is not None and vowel.group() in _FRONT_VOWELS
    return sound + ("l" if len(part) >= _LONG_NAME else "s") + ("f" if front else "b")


def _parts(name: str) -> list[str]:
    """The name as a whole, and the parts of a double name that can identify it."""
    form = normal_form(name)
    whole = form.replace(" ", "")
    return [whole, *(part for part in identifying_parts(form.split()) if part != whole)] if whole else []


def keys_under(of_names: Iterable[str], born: date | None, postcode: str) -> tuple[SearchKey, ...]:
    """The keys of these sounds and ends under a date of birth, and those of this date under the postcode, if known."""
    if born is None:
        return ()
    known = _known(postcode)
    dates = (f"{born:%Y}", f"{born:%m%d}") if known else ()
    return (
        *(SearchKey(BY_BIRTH, born.isoformat(), of_name) for of_name in of_names),
        *(SearchKey(BY_POSTCODE, known, day) for day in dates),
    )


def blocks_of(criteria: Criteria) -> tuple[Block, ...]:
    """The blocks that a search with these criteria looks into."""
    keys = (*query_keys(criteria), *further_keys(criteria))
    return tuple(dict.fromkeys(Block(key.kind, key.value) for key in keys))


def identity_of(profile: LearnerProfile | Criteria) -> str:
    """The five mandatory details in one text, the same for all ways of writing them: two learners with the same text
    are one person registered twice.
    """
    born = profile.date_of_birth
    return "|".join(
        (
            joined(profile.given_name),
            joined(profile.family_name),
            born.isoformat() if born else "",
            profile.gender,
            profile.postcode.replace(" ", ""),
        )
    )


# --- Judgement --------------------------------------------------------------------------------------------------------


def judge(criteria: Criteria, profile: LearnerProfile) -> Judged:
    """The judgement of one learner; see the module's table."""
    same_birth = criteria.date_of_birth == profile.date_of_birth
    same_postcode = _known(criteria.postcode) == profile.postcode.replace(" ", "") != ""
    same_gender = criteria.gender == profile.gender
    if same_birth and same_postcode and same_gender and identity_of(criteria) == identity_of(profile):
        return Judged(Judgement.EXACT, 0, profile)
    doubt = _names_doubt(criteria, profile)
    if not same_birth:
        slipped = same_postcode and doubt <= 1 and _slipped(criteria.date_of_birth, profile.date_of_birth)
        return Judged(Judgement.POSSIBLE if slipped else Judgement.OTHER, doubt + 3, profile)
    differs = criteria.gender != profile.gender and {criteria.gender, profile.gender} <= {"1", "2"}
    doubt += differs + (not same_postcode)
    if doubt - (not same_postcode) <= MOST_DOUBT:
        return Judged(Judgement.POSSIBLE, doubt, profile)
    renamed = same_postcode and not differs and _given_name_equal(criteria, profile)
    return Judged(Judgement.POSSIBLE if renamed else Judgement.OTHER, doubt, profile)


def _names_doubt(criteria: Criteria, profile: LearnerProfile) -> int:
    """The least points of doubt of both names together: as given, with a previous name, or swapped."""
    given = given_name_likeness(criteria.given_name, profile).doubt
    family = family_name_likeness(criteria.family_name, profile).doubt
    if family and criteria.previous_family_name:
        family = min(family, family_name_likeness(criteria.previous_family_name, profile).doubt)
    if given > POSSIBLE >= family:  # the slip may have been made by whoever registered the learner
        given = min(given, likeness(profile.given_name, criteria.given_name, Kind.GIVEN).doubt)
    elif family > POSSIBLE >= given:
        family = min(family, likeness(profile.family_name, criteria.family_name, Kind.FAMILY).doubt)
    if given + family <= MOST_DOUBT:
        return given + family
    crossed = (
        given_name_likeness(criteria.family_name, profile, Kind.EITHER).doubt
        + family_name_likeness(criteria.given_name, profile, Kind.EITHER).doubt
    )
    return min(given + family, crossed)


def _given_name_equal(criteria: Criteria, profile: LearnerProfile) -> bool:
    return given_name_likeness(criteria.given_name, profile).doubt == 0


def _known(postcode: str) -> str:
    return "" if postcode == POSTCODE_UNKNOWN else postcode.replace(" ", "")


def _slipped(one: date, other: date | None) -> bool:
    """Whether the dates differ by one typing slip, or by swapped day and month."""
    if other is None:
        return False
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return True
    return similarity.edits(f"{one:%Y%m%d}", f"{other:%Y%m%d}") <= 1


def judged(criteria: Criteria, profiles: Iterable[LearnerProfile]) -> list[Judged]:
    """The exact or possible learners, the best match first; of a learner and their master only the better match, and
    the master if both are as good.
    """
    found: dict[str, Judged] = {}
    for profile in profiles:
        one = judge(criteria, profile)
        person = profile.master_uln or profile.uln
        if one.judgement is not Judgement.OTHER and (person not in found or _rank(found[person]) < _rank(one)):
            found[person] = one
    return sorted(found.values(), key=lambda one: (*(-n for n in _nearness(one)), one.profile.uln))


def _nearness(one: Judged) -> tuple[int, int]:
    return one.judgement, -one.doubt


def _rank(one: Judged) -> tuple[int, int, bool]:
    return (*_nearness(one), not one.profile.master_uln)


def agrees(criteria: Criteria, learner: Learner) -> bool:
    """Whether at least one optional detail equals the learner's and none differs, for choosing among many."""
    details = learner.details
    pairs = (
        (criteria.school_at_age_16, details.school_at_age_16),
        (criteria.place_of_birth, details.place_of_birth),
        (criteria.email_address, details.email_address),
    )
    compared = [_folded(wanted) == _folded(held) for wanted, held in pairs if wanted and held]
    return bool(compared) and all(compared)


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
