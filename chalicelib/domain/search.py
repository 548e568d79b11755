"""Finding a learner by their details: the keys of search entries, and how learners found are judged (ULN-02).

**Keys.** A learner has one search entry for each sound of a part of each of their names, under the date of birth and
under the postcode. Given and family names share the sounds, so that swapped names are found. Many names share a short
sound: these are distinguished by the first vowel and the name's length. If nobody is found, the search looks further:

- under other forms of the given name (Jim, James), so that no entry depends on a list that grows;
- under the first and last letters of both names: a slip in each name seldom spoils all of these;
- under date of birth and postcode together, whatever the names.

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
"""Most sounds of other forms of a given name that are looked up."""
_SHORT_SOUND: Final = 2
_LONG_NAME: Final = 5
_FIRST_VOWEL: Final = re.compile("(?<!^)[aeiouyAI]")
_FRONT_VOWELS: Final = frozenset("eiyAI")


_SOUND: Final = re.compile("[A-Z]+[a-z]*")
_ENDS: Final = re.compile("[123][A-Z]{2,4}")


class SearchKey(NamedTuple):
    """A partition of the index: everyone of one date of birth, or one postcode, with a name of one sound.

    Under the date of birth, ``sound`` may also be the ends of both names (:func:`ends`) or the postcode.
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
    found = (*sounds(given, family), *ends(profile.given_name, profile.family_name), *_as_sound(profile.postcode))
    return keys_under(found, profile.date_of_birth, profile.postcode)


def query_keys(criteria: Criteria) -> tuple[SearchKey, ...]:
    """Where to look for a learner first."""
    given = (criteria.given_name,)
    family = (criteria.family_name, criteria.previous_family_name)
    return keys_under(sounds(given, family), criteria.date_of_birth, criteria.postcode)


def further_keys(criteria: Criteria) -> tuple[SearchKey, ...]:
    """Where to look for a learner who was not found there; see the module."""
    seen = sounds((criteria.given_name,), (criteria.family_name, criteria.previous_family_name))
    synonyms = reference.lists().synonyms
    others = sorted({other for part in _parts(criteria.given_name) for other in synonyms.get(part, ())}, key=len)
    further = [sound for sound in sounds(reversed(others), ()) if sound not in seen][:MOST_FURTHER]
    further += [*ends(criteria.given_name, criteria.family_name), *_as_sound(criteria.postcode)]
    return keys_under(further, criteria.date_of_birth, criteria.postcode)


def ends(given_name: str, family_name: str) -> tuple[str, ...]:
    """The first letters of both names ("1JA" for James Ashcombe), the last ("2ESE"), and the first two and the last two
    ("3JABE"); as many as are needed for few learners to share them. A digit distinguishes them from sounds.

    Empty for names of another alphabet.
    """
    given, family = joined(given_name).upper(), joined(family_name).upper()
    if not (given and family):
        return ()
    found = (f"1{given[:1]}{family[:1]}", f"2{given[-2:]}{family[-1:]}", f"3{given[:2]}{family[-2:]}")
    return tuple(end for end in found if _ENDS.fullmatch(end))


def _as_sound(postcode: str) -> tuple[str, ...]:
    """The postcode, if it is known, to look for together with a date of birth."""
    known = _known(postcode)
    return (known,) if known else ()


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
    """The keys of these sounds under a date of birth and a postcode, if these are known; of what is no sound, under the
    date of birth alone.
    """
    of_names, known = tuple(of_names), _known(postcode)
    keys = [SearchKey(BY_BIRTH, born.isoformat(), sound) for sound in of_names] if born else []
    if known:
        keys += [SearchKey(BY_POSTCODE, known, sound) for sound in of_names if _SOUND.fullmatch(sound)]
    return tuple(keys)


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
