"""Compare submitted details with the learner registered under a ULN: VRC001 to VRC006 (AO18 Appendix C).

The rules, in the order in which they are applied:

1.  ULN not on the register, or the learner deleted: VRC006.
2.  A date of birth or gender that is supplied and differs from the one held: VRC005, whatever the names. Gender ``0``
    (not known) counts as not supplied. If the register holds none, nothing differs, but "all of the supplied data
    matches" is not true either: at best *possible*. The same applies to a postcode; one that differs from the one held
    also makes the match at best possible, because people move. ``ZZ99 9ZZ`` (not known) counts as none on either side.
3.  Both names equal those held after case-folding: exact, VRC001.
4.  Otherwise each name is compared separately, and the doubt is counted in points (see ``name_likeness``). The
    preferred given name, a previous family name and the family name at 16 are compared too. Either or both names may
    differ: they match *possibly*, VRC003, if each does and not both are initials. The same is tried with given and
    family name swapped. Such a match is never exact.
5.  Anything else: VRC005.

A linked learner gets VRC002 instead of VRC001 and VRC004 instead of VRC003, and the master's details are returned. A
restricted learner gets VRC005 with the flag LEARNER_RESTRICTED alone, whatever details are sent. The explanation uses
words of a fixed list and never repeats a value.

``bench/matching_quality.py`` measures the rules; docs/decisions/0003-matching.md and
0025-names-of-every-community.md give the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from chalicelib.domain.failures import Failure
from chalicelib.domain.learners import DELETED, LearnerProfile, disclosed_for
from chalicelib.domain.name_likeness import POSSIBLE, Kind, Likeness, likeness
from chalicelib.domain.people import POSTCODE_UNKNOWN
from chalicelib.domain.uln import parse_uln

MOST_DOUBT: Final = 2 * POSSIBLE - 1
"""The most points of doubt for given and family name together: either or both may differ, but not be initials both."""


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
    flags = [
        flag
        for flag, likeness in (("GIVEN_NAME_MISMATCH", as_given), ("FAMILY_NAME_MISMATCH", as_family))
        if likeness.doubt > POSSIBLE
    ]
    return flags or ["FAMILY_NAME_MISMATCH"], _words(as_given, as_family)


def _words(given: Likeness, family: Likeness) -> list[str]:
    return [
        f"{name}: {likeness.how}" for name, likeness in (("given name", given), ("family name", family)) if likeness.how
    ]


def given_name_likeness(name: str, registered: LearnerProfile, kind: Kind = Kind.GIVEN) -> Likeness:
    """How similar a supplied given name is to the given name held, or to the preferred one if that is closer."""
    nearest = likeness(name, registered.given_name, kind)
    return _nearest(nearest, name, ((registered.preferred_given_name, "preferred name"),), kind)


def family_name_likeness(name: str, registered: LearnerProfile, kind: Kind = Kind.FAMILY) -> Likeness:
    """How similar a supplied family name is to the one held, or to an earlier one if that is closer."""
    nearest = likeness(name, registered.family_name, kind)
    earlier = ((registered.previous_family_name, "previous name"), (registered.family_name_at_16, "name at 16"))
    return _nearest(nearest, name, earlier, kind)


def _nearest(nearest: Likeness, name: str, others: tuple[tuple[str, str], ...], kind: Kind) -> Likeness:
    for held, how in others:
        if nearest.doubt == 0:
            break
        other = likeness(name, held, kind)
        if other.doubt < nearest.doubt:
            nearest = Likeness(other.doubt, f"{how}, {other.how}" if other.how else how)
    return nearest
