"""How similar two names are, in points of doubt: the part of matching that knows spelling, sound and lists of names.

====== =============================================================================================================
doubt  the name supplied ...
====== =============================================================================================================
0      differs only in marks, accents, spaces or hyphens; is any part of a double name; is a listed synonym (given name)
1      is a single slip away: a letter missing, doubled or too many, two neighbours exchanged, a key beside the right
       one, letters that look alike; is a listed spelling (family name); or sounds alike
2      is two slips away in a longer name; is a listed name with its letters jumbled; is a slip away from a part of a
       double name or from a synonym; is the beginning of a longer name
3      is an initial
none   is different; or both are names in common use, and more than a single slip apart or of one community
====== =============================================================================================================

A slip has a form, and two names of one family seldom have it: Feng and Peng differ in a letter, but F and P are far
apart on a keyboard. This protects names of every origin, whether they are in a list or not. Where two names do differ
by a slip, such as Jin and Jing, lists of names in common use say that they are two people. The lists are by community:
two children of a family have names of one, so a slip that happens to make a name of another is still a slip. Names that
are a syllable of Chinese, Vietnamese or Korean have rules of their own, because all such syllables can be listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from chalicelib import reference
from chalicelib.domain import similarity
from chalicelib.domain.names import spoken_form
from chalicelib.reference.letters import normal_form

POSSIBLE: Final = 3
"""The most points of doubt at which a name is still possibly the same."""

TWO_SLIPS_LENGTH: Final = 6
"""The length of the shorter name from which two slips are tolerated."""
JUMBLED_LENGTH: Final = 5
"""The length of the longer name from which its letters may be jumbled."""
JUMBLED_IN_ORDER: Final = 0.6
"""The share of letters that must still be in order."""
EXCHANGE_LENGTH: Final = 5
"""The length from which two common names that differ by one pair of swapped neighbours count as one."""
PART_LENGTH: Final = 4
"""The shortest part, synonym or beginning of a name that is compared for similarity."""
SHORT: Final = 4
"""The length of the shorter name up to which two common names a lost letter apart count as one."""
UNKNOWN_APART: Final = 2
"""The most letters that only one of two names may have that no list has, if the letters are jumbled."""
INITIALS_LENGTH: Final = 3
"""The most initials written together: AN, JRR."""

LONG_SYLLABLE: Final = 5
"""The length of a syllable in which a lost A makes another more often than a slip: Chiang, Ching."""

_OTHER_SYLLABLES: Final = frozenset(
    {("c", "k"), ("h", "y"), ("i", "o"), ("i", "u"), ("i", "y"), ("j", "k"), ("l", "p"), ("t", "y")}
)
"""Letters that make two syllables in use more often than a slip: Hu and Yu, Lin and Lun."""

PARTICLES: Final = frozenset(
    {"a", "al", "ap", "ab", "abu", "bin", "bint", "ibn", "da", "de", "del", "della", "den", "der", "di", "do", "dos"}
    | {"du", "el", "fitz", "ferch", "la", "le", "les", "lo", "mac", "mc", "o", "of", "saint", "st", "te", "ten", "ter"}
    | {"the", "van", "ver", "von", "y", "zu"}
)
"""Parts of names too common to identify anyone: Van Dyke and Van Hof have no part in common."""


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
DIFFERENT: Final = Likeness(2 * POSSIBLE, "different")


def likeness(supplied: str, held: str, kind: Kind) -> Likeness:
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
    tokens, held_tokens = form.split(), held_form.split()
    parts, held_parts = _parts(tokens, held_tokens, kind), _parts(held_tokens, tokens, kind)
    if kind is not Kind.FAMILY and _synonymous((*parts, whole), (*held_parts, held_whole)):
        return Likeness(0, "synonym")
    if not parts.isdisjoint(held_parts):
        return Likeness(0, "part of double name")
    if _initials(tokens, held_tokens) or (kind is not Kind.FAMILY and _joined_initials(supplied, held)):
        return Likeness(POSSIBLE, "initial")
    if _in_one_community(whole, held_whole, kind) and not _one_name(whole, held_whole, kind):
        return DIFFERENT
    if _two_syllables(whole, held_whole, kind):
        return DIFFERENT
    in_use = _in_use(whole, kind) + _in_use(held_whole, kind)
    spelling = _spelling_likeness(whole, held_whole, in_use)
    return spelling if spelling.doubt <= POSSIBLE or in_use == 2 else _partial_likeness(tokens, held_tokens, kind)


# --- Parts and initials -----------------------------------------------------------------------------------------------


def identifying_parts(tokens: Iterable[str]) -> list[str]:
    """The parts of a name that can identify it by themselves: no particles, no initials."""
    return [part for part in tokens if len(part) > 1 and part not in PARTICLES]


def _parts(tokens: Sequence[str], others: Sequence[str], kind: Kind) -> frozenset[str]:
    """The parts by which this name may agree with the other.

    A particle is one if either name has nothing else (Le, Le Thi), or if it is a name beside another of its community
    (Van Anh, but not Van Dyke).
    """
    parts = identifying_parts(tokens)
    if len(parts) == len(tokens):
        return frozenset(parts)
    if not parts or not identifying_parts(others):
        parts = [part for part in tokens if len(part) > 1]
    else:
        beside = 0
        for part in parts:
            beside |= _communities(part, Kind.EITHER)
        parts += [part for part in tokens if part in PARTICLES and _communities(part, kind) & beside]
    return frozenset(parts)


def _initials(parts: Sequence[str], held: Sequence[str]) -> bool:
    """Whether one name is written in initials that agree with the other: J, or J R, for John Robert; A N for Alan."""
    return any(
        all(len(part) == 1 for part in short) and all(a == b[0] for a, b in zip(short, long, strict=False))
        for short, long in ((parts, held), (held, parts))
    )


def _joined_initials(supplied: str, held: str) -> bool:
    """Whether one name is initials written together: AN for Alan, JR for John Robert.

    They are in capitals beside a name that is not; An may be a name.
    """
    return any(_are_initials(short, long) for short, long in ((supplied, held), (held, supplied)))


def _are_initials(short: str, long: str) -> bool:
    letters, names = normal_form(short), normal_form(long).split()
    return (
        1 < len(letters) <= INITIALS_LENGTH
        and letters.isalpha()
        and short.isupper()
        and not long.isupper()
        and bool(names)
        and len(names[0]) > len(letters)
        and all(a == b[0] for a, b in zip(letters, names, strict=False))
    )


# --- Names that lists know --------------------------------------------------------------------------------------------


def _synonymous(names: Iterable[str], held: Sequence[str]) -> bool:
    synonyms = reference.lists().synonyms
    return any(not synonyms[name].isdisjoint(held) for name in names if name in synonyms)


def _spellings_of_one(name: str, held: str) -> bool:
    """Whether a list calls these two spellings of one name."""
    return held in reference.lists().spellings.get(name, ())


def _in_use(name: str, kind: Kind) -> bool:
    """Whether a list has the name as one of this kind."""
    lists = reference.lists()
    return (kind is not Kind.FAMILY and name in lists.given_names) or (
        kind is not Kind.GIVEN and name in lists.family_names
    )


def _communities(name: str, kind: Kind) -> int:
    """The communities in which a name is common as one of this kind, a bit for each."""
    lists = reference.lists()
    given = lists.given_names.get(name, 0) if kind is not Kind.FAMILY else 0
    return given | lists.family_names.get(name, 0) if kind is not Kind.GIVEN else given


def _in_one_community(name: str, held: str, kind: Kind) -> bool:
    """Whether both are common names of one community, so that neither is likely to be a slip for the other.

    Among the shortest names a letter lost may well make another (Ming, Min); only the first is seldom lost.
    """
    if not _communities(name, kind) & _communities(held, kind):
        return False
    short, long = sorted((name, held), key=len)
    lost = len(short) < len(long) and len(short) <= SHORT and short[0] == long[0]
    return not lost or similarity.slips(name, held) > 1


def _one_name(name: str, held: str, kind: Kind) -> bool:
    """Whether two names in common use are taken for one all the same.

    They are if a list says so, if they sound alike, if two neighbours are swapped in a longer name (Kirsty, Kristy), or
    if family names differ only in a last s (Roberts, Robert).
    """
    if spoken_form(name) == spoken_form(held) or _spellings_of_one(name, held):
        return True
    if kind is not Kind.GIVEN and name.rstrip("s") == held.rstrip("s"):
        return True
    return len(name) >= EXCHANGE_LENGTH and similarity.exchanged(name, held)


# --- Names that are syllables -----------------------------------------------------------------------------------------


def _two_syllables(name: str, held: str, kind: Kind) -> bool:
    """Whether the names are two syllables of one romanisation, and not likely to be a slip apart.

    Every second slip in a syllable makes another, so only those are accepted that a hand often makes: it leaves out the
    g of Ming more often than it adds one to Min. If a list has one of the two, the other is more likely a slip.
    """
    if not _syllables(name) & _syllables(held):
        return False
    if len(name) > len(held) and not similarity.doubled(name, held):
        return True
    if similarity.slips(name, held) > 1:
        return not _spellings_of_one(name, held)
    if _communities(held, kind) or _in_use(name, kind) != _in_use(held, kind):
        return False
    if len(held) >= LONG_SYLLABLE and similarity.lost_inside(name, held) == "a":
        return True
    return similarity.replaced(name, held) in _OTHER_SYLLABLES


def _syllables(name: str) -> int:
    """The romanisations in which the name is a syllable, a bit for each."""
    return reference.lists().syllables.get(name, 0)


def _written_in(name: str) -> int:
    """The romanisations in which the name is one syllable or two."""
    found, syllables = _syllables(name), reference.lists().syllables
    for end in range(1, len(name)):
        found |= syllables.get(name[:end], 0) & syllables.get(name[end:], 0)
    return found


# --- Spelling ---------------------------------------------------------------------------------------------------------


def _spelling_likeness(name: str, held: str, in_use: int) -> Likeness:
    """How similar two whole names are in spelling; ``in_use`` says how many of the two are in a list."""
    slips = similarity.slips(name, held)
    if slips <= 1:
        return Likeness(1, "spelling")
    if spoken_form(name) == spoken_form(held):
        return Likeness(1, "sound")
    if _spellings_of_one(name, held):
        return Likeness(1, "spelling")
    if in_use == 2:
        return DIFFERENT
    if slips == 2 and _two_slips(name, held):
        return Likeness(2, "spelling")
    if _jumbled(name, held, known=in_use == 1):
        return Likeness(2, "spelling")
    return DIFFERENT


def _two_slips(name: str, held: str) -> bool:
    """Whether two slips are tolerated between these names: not in short ones, in the first letter alone (Sandeep,
    Mandeep), in the ending (Georgia, Georgios) or between two syllables and two others.
    """
    return (
        min(len(name), len(held)) >= TWO_SLIPS_LENGTH
        and name[1:] != held[1:]
        and not similarity.ends_differ(name, held)
        and not _written_in(name) & _written_in(held)
    )


def _jumbled(name: str, held: str, *, known: bool) -> bool:
    """Whether one is the other with letters exchanged, repeated or lost, but no other letters: Jsneo for Jones.

    If neither is known to be a name, one must be hard to say, and fewer letters may be too many or too few: Karen and
    Narek are two names.
    """
    if max(len(name), len(held)) < JUMBLED_LENGTH or similarity.order_ratio(name, held) < JUMBLED_IN_ORDER:
        return False
    if known:
        return abs(len(name) - len(held)) <= 2 and len(set(name) ^ set(held)) <= 1
    if similarity.replaced(name, held)[0] or _written_in(name) & _written_in(held):
        return False
    hard = similarity.crowded(name) or similarity.crowded(held)
    return hard and similarity.letters_apart(name, held) <= UNKNOWN_APART


def _partial_likeness(tokens: Sequence[str], held: Sequence[str], kind: Kind) -> Likeness:
    """Whether part of a double name, a synonym or the beginning of a name is similar although the whole is not."""
    parts = [part for part in identifying_parts(tokens) if len(part) >= PART_LENGTH]
    held_parts = [part for part in identifying_parts(held) if len(part) >= PART_LENGTH]
    if len(parts) > 1 or len(held_parts) > 1:
        if any(_part_alike(part, other, kind) for part in parts for other in held_parts):
            return Likeness(2, "part of double name, spelling")
        return DIFFERENT
    if not parts or not held_parts:
        return DIFFERENT
    name, other = parts[0], held_parts[0]
    if (name.startswith(other) or other.startswith(name)) and not _written_in(name) & _written_in(other):
        return Likeness(2, "shortened")
    if kind is not Kind.FAMILY and (_near_synonym(name, other) or _near_synonym(other, name)):
        return Likeness(2, "synonym, spelling")
    return DIFFERENT


def _near_synonym(name: str, other: str) -> bool:
    """Whether a name that is not in common use is nearly a synonym of the other: Chalrie, where Charles is held."""
    if _in_use(name, Kind.GIVEN):
        return False
    return any(
        len(synonym) >= PART_LENGTH and similarity.slips(name, synonym) <= 1
        for synonym in reference.lists().synonyms.get(other, ())
    )


def _part_alike(part: str, other: str, kind: Kind) -> bool:
    """Whether two parts of double names are a slip apart, and not two names of one community; or are listed as one."""
    if similarity.slips(part, other) > 1:
        return _spellings_of_one(part, other)
    return not _in_one_community(part, other, kind) or _one_name(part, other, kind)
