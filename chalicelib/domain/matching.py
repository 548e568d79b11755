"""Compare submitted details with the learner registered under a ULN: VRC001 to VRC006 (AO18 Appendix C).

The rules, in the order in which they are applied:

1.  ULN not on the register, or the learner deleted: VRC006.
2.  A date of birth or gender that is supplied and differs from the one held: VRC005, whatever the names. Gender ``0``
    (not known) counts as not supplied. If the register holds none, nothing differs, but "all of the supplied data
    matches" is not true either: at best *possible*. The same applies to a postcode; one that differs from the one held
    also makes the match at best possible, because people move. ``ZZ99 9ZZ`` (not known) counts as none on either side.
3.  Both names equal those held after case-folding: exact, VRC001.
4.  Otherwise each name is compared separately, and the doubt is counted in points:

    ====== =========================================================================================================
    doubt  the name supplied ...
    ====== =========================================================================================================
    0      differs only in marks, accents, spaces or hyphens; is any part of a double name; is a listed synonym (given
           name); is the preferred given name, a previous family name or the family name at 16
    1      is spelt similarly: ``ALIKE`` of the letters in the same order, or two neighbours swapped; or sounds alike
    2      is spelt less similarly: nearly the same letters in another order, or two slips in a longer name; is similar
           to a part of a double name or to a synonym; is the beginning of a longer name
    3      is an initial
    none   is different; or both are names in common use that do not sound alike (Jack and Jake are two people)
    ====== =========================================================================================================

    The names match *possibly*, VRC003, if the points of both together are at most ``MOST_DOUBT``: if one name is
    without doubt, the other may be an initial; if both are doubtful, both must be quite similar. The same is tried with
    given and family name swapped. Such a match is never exact.
5.  Anything else: VRC005.

A linked learner gets VRC002 instead of VRC001 and VRC004 instead of VRC003, and the master's details are returned. A
restricted learner gets VRC005 with the flag LEARNER_RESTRICTED alone, whatever details are sent. The explanation uses
words of a fixed list and never repeats a value.

Thresholds were set on invented errors and on public pairs; ``bench/matching_quality.py`` measures them and
docs/decisions/0003-matching.md gives the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum, auto
from typing import Final, NamedTuple

from chalicelib import reference
from chalicelib.domain import similarity
from chalicelib.domain.failures import Failure
from chalicelib.domain.learners import DELETED, LearnerProfile, disclosed_for
from chalicelib.domain.names import normal_form, spoken_form
from chalicelib.domain.people import POSTCODE_UNKNOWN
from chalicelib.domain.uln import parse_uln

MOST_DOUBT: Final = 3
"""The most points of doubt for given and family name together."""

ALIKE: Final = 0.75
"""The share of letters in the same order at which two spellings count as similar (doubt 1)."""
PART_ALIKE: Final = 0.8
"""The same for a part of a double name or a synonym, which have two or more chances to be similar (doubt 2)."""
SAME_LETTERS: Final = 0.9
"""The share of letters in common at which their order does not matter (doubt 2)."""
MANY_LETTERS: Final = 0.8
HALF_IN_ORDER: Final = 0.5
"""Many letters in common and half of them in order (doubt 2)."""
SLIPS: Final = 2
SLIPS_LENGTH: Final = 6
SLIPS_LETTERS: Final = 0.7
"""Two slips in a name of six letters or more that keeps most letters (doubt 2)."""
EXCHANGE_LENGTH: Final = 5
"""The length from which two common names that differ by one pair of swapped neighbours count as one."""
SHORTEST: Final = 3
"""The length of the longer name from which a single slip is tolerated."""
PART_LENGTH: Final = 4
"""The shortest part, synonym or beginning of a name that is compared for similarity."""

PARTICLES: Final = frozenset(
    {"a", "al", "ap", "ab", "abu", "bin", "bint", "ibn", "da", "de", "del", "della", "den", "der", "di", "do", "dos"}
    | {"du", "el", "fitz", "ferch", "la", "le", "les", "lo", "mac", "mc", "o", "of", "saint", "st", "te", "ten", "ter"}
    | {"the", "van", "ver", "von", "y", "zu"}
)
"""Parts of names too common to identify anyone: Van Dyke and Van Hof have no part in common."""


class SubmittedDetails(NamedTuple):
    """The details that an organisation submits; optional details are empty or None when not given."""

    uln: str
    given_name: str
    family_name: str
    date_of_birth: date | None = None
    gender: str = ""
    postcode: str = ""


class Verification(NamedTuple):
    """The result: a return code, failure flags (VRC005, VRC006), what differs, and the learner to return."""

    code: str
    flags: tuple[str, ...] = ()
    """Some of ULN_NOT_FOUND, ULN_INVALID, LEARNER_DELETED, LEARNER_RESTRICTED, GIVEN_NAME_MISMATCH,
    FAMILY_NAME_MISMATCH, DATE_OF_BIRTH_MISMATCH, GENDER_MISMATCH."""
    explanation: tuple[str, ...] = ()
    """What differs and how, such as "given name: synonym"; empty for an exact match; never a value."""
    disclosed: LearnerProfile | None = None
    """The learner found, the master if linked; None with VRC005 and VRC006."""


class Kind(Enum):
    """Which name is compared: given names have synonyms, and each kind has its own names in common use."""

    GIVEN = auto()
    FAMILY = auto()
    EITHER = auto()
    """When names are swapped, it is not known which kind each is."""


class Likeness(NamedTuple):
    """How similar one name is to those held: points of doubt, and the word for it."""

    doubt: int
    how: str


SAME: Final = Likeness(0, "")
DIFFERENT: Final = Likeness(MOST_DOUBT + 1, "different")

_NOT_FOUND: Final = Verification("VRC006", ("ULN_NOT_FOUND",))
_INVALID: Final = Verification("VRC006", ("ULN_NOT_FOUND", "ULN_INVALID"))
_DELETED: Final = Verification("VRC006", ("LEARNER_DELETED",))
_RESTRICTED: Final = Verification("VRC005", ("LEARNER_RESTRICTED",))


def verify(
    submitted: SubmittedDetails, registered: LearnerProfile | None, master: LearnerProfile | None = None
) -> Verification:
    """The return code for details submitted with a ULN, given the learner registered under it.

    ``master`` is the learner that ``registered.master_uln`` names, where linked; without it a linked learner is treated
    like any other, because the details of a master that cannot be read cannot be returned.
    """
    if registered is None:
        return _INVALID if isinstance(parse_uln(submitted.uln), Failure) else _NOT_FOUND
    _, given, family, born, gender, postcode = submitted
    if (
        (given == registered.given_name or given.casefold() == registered.given_name.casefold())
        and (family == registered.family_name or family.casefold() == registered.family_name.casefold())
        and (born is None or born == registered.date_of_birth)
        and (not gender or gender == registered.gender)
        and (not postcode or postcode == registered.postcode)
    ):
        disclosed = disclosed_for(registered, master)
        if disclosed is not None:
            return Verification("VRC001" if disclosed is registered else "VRC002", (), (), disclosed)
    return _verify_closely(submitted, registered, master)


def _verify_closely(
    submitted: SubmittedDetails, registered: LearnerProfile, master: LearnerProfile | None
) -> Verification:
    """Compare details that are not an exact match at first sight."""
    if registered.status == DELETED:
        return _DELETED
    disclosed = disclosed_for(registered, master)
    if disclosed is None:
        # Nothing is compared: what differs would confirm the details of a hidden learner to whoever guesses them.
        return _RESTRICTED
    flags, found = _compare_names(submitted, registered)
    for flag, word in _compare_particulars(submitted, registered):
        found.append(word)
        if flag:
            flags.append(flag)
    if flags:
        return Verification("VRC005", tuple(flags), tuple(found))
    if found:
        return Verification("VRC003" if disclosed is registered else "VRC004", (), tuple(found), disclosed)
    return Verification("VRC001" if disclosed is registered else "VRC002", (), (), disclosed)


def _compare_particulars(submitted: SubmittedDetails, registered: LearnerProfile) -> Iterator[tuple[str, str]]:
    """Date of birth, gender and postcode: a failure flag or "", and the word, for each that is not equal."""
    if submitted.date_of_birth is not None and submitted.date_of_birth != registered.date_of_birth:
        if registered.date_of_birth is None:
            yield "", "date of birth: not held"
        else:
            yield "DATE_OF_BIRTH_MISMATCH", "date of birth: different"
    if submitted.gender not in ("", "0") and submitted.gender != registered.gender:
        if registered.gender in ("", "0"):
            yield "", "gender: not held"
        else:
            yield "GENDER_MISMATCH", "gender: different"
    supplied, held = _postcode(submitted.postcode), _postcode(registered.postcode)
    if supplied and supplied != held:
        yield "", "postcode: different" if held else "postcode: not held"


def _postcode(postcode: str) -> str:
    """The postcode without small differences in writing; empty for "not known"."""
    return "" if postcode == POSTCODE_UNKNOWN else "".join(postcode.split()).upper()


# --- Names ----------------------------------------------------------------------------------------------------------


def _compare_names(submitted: SubmittedDetails, registered: LearnerProfile) -> tuple[list[str], list[str]]:
    """Failure flags and words for both names together."""
    given, family = submitted.given_name, submitted.family_name
    as_given, as_family = given_name_likeness(given, registered), family_name_likeness(family, registered)
    if as_given.doubt + as_family.doubt <= MOST_DOUBT:
        return [], _words(as_given, as_family)
    crossed_given = given_name_likeness(family, registered, Kind.EITHER)
    crossed_family = family_name_likeness(given, registered, Kind.EITHER)
    if crossed_given.doubt + crossed_family.doubt <= MOST_DOUBT:
        return [], ["names swapped", *_words(crossed_given, crossed_family)]
    most = max(as_given.doubt, as_family.doubt)
    flags = [
        flag
        for flag, likeness in (("GIVEN_NAME_MISMATCH", as_given), ("FAMILY_NAME_MISMATCH", as_family))
        if likeness.doubt == most
    ]
    return flags, _words(as_given, as_family)


def _words(given: Likeness, family: Likeness) -> list[str]:
    return [
        f"{name}: {likeness.how}" for name, likeness in (("given name", given), ("family name", family)) if likeness.how
    ]


def given_name_likeness(name: str, registered: LearnerProfile, kind: Kind = Kind.GIVEN) -> Likeness:
    """How similar a supplied given name is to the given name held, or to the preferred one if that is closer."""
    likeness = _likeness(name, registered.given_name, kind)
    return _nearest(likeness, name, ((registered.preferred_given_name, "preferred name"),), kind)


def family_name_likeness(name: str, registered: LearnerProfile, kind: Kind = Kind.FAMILY) -> Likeness:
    """How similar a supplied family name is to the one held, or to an earlier one if that is closer."""
    likeness = _likeness(name, registered.family_name, kind)
    earlier = ((registered.previous_family_name, "previous name"), (registered.family_name_at_16, "name at 16"))
    return _nearest(likeness, name, earlier, kind)


def _nearest(likeness: Likeness, name: str, others: tuple[tuple[str, str], ...], kind: Kind) -> Likeness:
    for held, how in others:
        if likeness.doubt == 0:
            break
        other = _likeness(name, held, kind)
        if other.doubt < likeness.doubt:
            likeness = Likeness(other.doubt, f"{how}, {other.how}" if other.how else how)
    return likeness


def _likeness(supplied: str, held: str, kind: Kind) -> Likeness:
    """How two names compare; the steps are those of the module's table, least doubt first."""
    a, b = supplied.casefold(), held.casefold()
    if a == b:
        return SAME if a else DIFFERENT
    form, held_form = normal_form(a), normal_form(b)
    if not form or not held_form:
        return DIFFERENT
    if form == held_form:
        return Likeness(0, "marks")
    whole, held_whole = form.replace(" ", ""), held_form.replace(" ", "")
    if whole == held_whole:
        return Likeness(0, "joined or split")
    parts, held_parts = _parts(form), _parts(held_form)
    if kind is not Kind.FAMILY and _synonymous((*parts, whole), (*held_parts, held_whole)):
        return Likeness(0, "synonym")
    if not parts.isdisjoint(held_parts):
        return Likeness(0, "part of double name")
    if _initials(form.split(), held_form.split()):
        return Likeness(3, "initial")
    if _established(whole, held_whole, kind):
        return DIFFERENT
    spelling = _spelling_likeness(whole, held_whole, similarity.order_ratio(a, b))
    if spelling.doubt <= MOST_DOUBT:
        return spelling
    return _partial_likeness(form, held_form, kind)


def _parts(form: str) -> frozenset[str]:
    """The parts of a name that can identify it: no particles, no initials."""
    return frozenset(part for part in form.split() if len(part) > 1 and part not in PARTICLES)


def _synonymous(names: Iterable[str], held: tuple[str, ...]) -> bool:
    synonyms = reference.lists().synonyms
    return any(not synonyms[name].isdisjoint(held) for name in names if name in synonyms)


def _initials(parts: list[str], held: list[str]) -> bool:
    """Whether one name is the initials of the other: J, or J R, for John Robert."""
    short, long = sorted((parts, held), key=lambda names: sum(map(len, names)))
    if len(short) > len(long) or any(len(part) > 1 for part in short):
        return False
    return all(part == other[0] for part, other in zip(short, long, strict=False))


def _established(name: str, held: str, kind: Kind) -> bool:
    """Whether both are names in common use, so that neither is likely to be a slip for the other.

    Not if they sound alike, if two neighbours are swapped in a longer name (Kirsty, Kristy), or if family names differ
    only in a last s (Roberts, Robert).
    """
    if not (_in_use(name, kind) and _in_use(held, kind)) or spoken_form(name) == spoken_form(held):
        return False
    if kind is not Kind.GIVEN and name.rstrip("s") == held.rstrip("s"):
        return False
    return len(name) < EXCHANGE_LENGTH or not _exchanged(name, held)


def _in_use(name: str, kind: Kind) -> bool:
    """Whether a name is in common use as a name of this kind."""
    lists = reference.lists()
    return (kind is not Kind.FAMILY and name in lists.established_given_names) or (
        kind is not Kind.GIVEN and name in lists.established_family_names
    )


def _exchanged(name: str, held: str) -> bool:
    """Whether the names differ only in one swapped pair of neighbouring letters."""
    return len(name) == len(held) and similarity.letter_ratio(name, held) == 1.0 and similarity.edits(name, held) == 1


def _spelling_likeness(name: str, held: str, ratio_as_written: float) -> Likeness:
    """How similar two whole names are in spelling; ``ratio_as_written`` counts spaces and marks that both have."""
    ratio = max(similarity.order_ratio(name, held), ratio_as_written)
    if ratio >= ALIKE:
        return Likeness(1, "spelling")
    letters = similarity.letter_ratio(name, held)
    slips = similarity.edits(name, held)
    longest = max(len(name), len(held))
    if longest >= SHORTEST and letters == 1.0 and slips == 1:
        return Likeness(1, "spelling")
    if spoken_form(name) == spoken_form(held):
        return Likeness(1, "sound")
    if letters >= SAME_LETTERS or (letters >= MANY_LETTERS and ratio >= HALF_IN_ORDER):
        return Likeness(2, "spelling")
    if (longest >= SHORTEST and slips <= 1) or (
        longest >= SLIPS_LENGTH and slips <= SLIPS and letters >= SLIPS_LETTERS
    ):
        return Likeness(2, "spelling")
    return DIFFERENT


def _partial_likeness(form: str, held: str, kind: Kind) -> Likeness:
    """Whether part of a double name, a synonym or the beginning of a name is similar although the whole is not."""
    parts = [part for part in form.split() if len(part) >= PART_LENGTH and part not in PARTICLES]
    held_parts = [part for part in held.split() if len(part) >= PART_LENGTH and part not in PARTICLES]
    if len(parts) > 1 or len(held_parts) > 1:
        if any(_part_alike(part, other, kind) for part in parts for other in held_parts):
            return Likeness(2, "part of double name, spelling")
        return DIFFERENT
    if not parts or not held_parts:
        return DIFFERENT
    name, other = parts[0], held_parts[0]
    if name.startswith(other) or other.startswith(name):
        return Likeness(2, "shortened")
    if kind is not Kind.FAMILY and (_near_synonym(name, other) or _near_synonym(other, name)):
        return Likeness(2, "synonym, spelling")
    return DIFFERENT


def _near_synonym(name: str, other: str) -> bool:
    """Whether a name that is not in common use is nearly a synonym of the other: Chalrie, where Charles is held."""
    lists = reference.lists()
    if name in lists.established_given_names:
        return False
    return any(
        len(synonym) >= PART_LENGTH and similarity.order_ratio(name, synonym) >= PART_ALIKE
        for synonym in lists.synonyms.get(other, ())
    )


def _part_alike(part: str, other: str, kind: Kind) -> bool:
    return not _established(part, other, kind) and similarity.order_ratio(part, other) >= PART_ALIKE
