"""Whether submitted details are those of the learner registered under a ULN: VRC001 to VRC006 (VLD-02, AO18 Appendix C)."""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from typing import NamedTuple

from chalicelib import reference
from chalicelib.domain import similarity
from chalicelib.domain.learners import DELETED, LINKED, LearnerProfile
from chalicelib.domain.names import normal_form, sound_key


class SubmittedDetails(NamedTuple):
    """What an organisation gives to be verified; optional details are empty or None where not given."""

    uln: str
    given_name: str
    family_name: str
    date_of_birth: date | None = None
    gender: str = ""
    postcode: str = ""


class Verification(NamedTuple):
    """The answer: code, failure flags (VRC005, VRC006), words that explain it, and whose details are answered."""

    code: str
    flags: tuple[str, ...] = ()
    explanation: tuple[str, ...] = ()
    answered: LearnerProfile | None = None


class Likeness(IntEnum):
    NONE = 0
    LOOSE = 1
    CLOSE = 2
    SURE = 3
    EXACT = 4


class Compared(NamedTuple):
    likeness: Likeness
    how: str


PARTICLES = frozenset("van von de der den di da du del della la le el al bin ibn abu o mac mc st saint ap ab ferch t ter ten".split())


def verify(
    submitted: SubmittedDetails, registered: LearnerProfile | None, master: LearnerProfile | None = None
) -> Verification:
    if registered is None:
        return Verification("VRC006", ("ULN_NOT_FOUND",))
    if registered.status == DELETED:
        return Verification("VRC006", ("LEARNER_DELETED",))
    flags: list[str] = []
    words: list[str] = []
    given_family = compare_names(submitted, registered)
    if given_family is None:
        pass
    else:
        g, f, extra = given_family
        if extra:
            words.append(extra)
        else:
            if g.likeness is not Likeness.EXACT:
                words.append("given name: " + g.how)
            if f.likeness is not Likeness.EXACT:
                words.append("family name: " + f.how)
        if not extra and not agree(g.likeness, f.likeness):
            if g.likeness < Likeness.CLOSE:
                flags.append("GIVEN_NAME_MISMATCH")
            if f.likeness < Likeness.CLOSE:
                flags.append("FAMILY_NAME_MISMATCH")
    if submitted.date_of_birth is not None and submitted.date_of_birth != registered.date_of_birth:
        if registered.date_of_birth is None:
            words.append("date of birth: not held")
        else:
            flags.append("DATE_OF_BIRTH_MISMATCH")
    if submitted.gender not in ("", "0") and submitted.gender != registered.gender:
        if registered.gender in ("", "0"):
            words.append("gender: not held")
        else:
            flags.append("GENDER_MISMATCH")
    if submitted.postcode and submitted.postcode.replace(" ", "").upper() != registered.postcode.replace(" ", "").upper():
        words.append("postcode: different" if registered.postcode else "postcode: not held")
    if registered.restricted:
        flags.append("LEARNER_RESTRICTED")
    if flags:
        return Verification("VRC005", tuple(flags), tuple(words))
    linked = registered.status == LINKED and master is not None
    code = ("VRC004" if linked else "VRC003") if words else ("VRC002" if linked else "VRC001")
    return Verification(code, (), tuple(words), master if linked else registered)


def agree(given: Likeness, family: Likeness) -> bool:
    return min(given, family) >= 2 or (max(given, family) >= 3 and min(given, family) >= 1)


def compare_names(submitted, registered):
    sg, sf = submitted.given_name.casefold(), submitted.family_name.casefold()
    rg, rf = registered.given_name.casefold(), registered.family_name.casefold()
    if sg == rg and sf == rf:
        return None
    g = compare(sg, rg, True)
    if g.likeness < 3 and registered.preferred_given_name:
        p = compare(sg, registered.preferred_given_name.casefold(), True)
        if p.likeness >= Likeness.SURE:
            g = Compared(Likeness.SURE, "preferred name")
    f = compare(sf, rf, False)
    for held, how in ((registered.previous_family_name, "previous name"), (registered.family_name_at_16, "name at 16")):
        if f.likeness < 3 and held:
            p = compare(sf, held.casefold(), False)
            if p.likeness >= Likeness.SURE:
                f = Compared(Likeness.SURE, how)
            elif p.likeness > f.likeness:
                f = Compared(p.likeness, how)
    if agree(g.likeness, f.likeness):
        return g, f, ""
    xg = compare(sg, rf, False)
    xf = compare(sf, rg, True)
    if agree(xg.likeness, xf.likeness):
        return xg, xf, "names swapped"
    if (sg + sf).replace(" ", "") == (rg + rf).replace(" ", ""):
        return xg, xf, "names divided elsewhere"
    return g, f, ""


def compare(sub: str, reg: str, given: bool) -> Compared:
    if sub == reg:
        return Compared(Likeness.EXACT, "same")
    a, b = normal_form(sub), normal_form(reg)
    if a == b:
        return Compared(Likeness.SURE, "marks")
    ja, jb = a.replace(" ", ""), b.replace(" ", "")
    if ja == jb:
        return Compared(Likeness.SURE, "joined or split")
    ta, tb = a.split(), b.split()
    if given:
        syn = reference.lists().synonyms
        if any(y in syn.get(x, ()) for x in [*ta, ja] for y in [*tb, jb]):
            return Compared(Likeness.SURE, "synonym")
    if len(ta) > 1 or len(tb) > 1:
        if any(len(x) > 1 and x not in PARTICLES and x in tb for x in ta):
            return Compared(Likeness.SURE, "part of double name")
    if len(ja) == 1 or len(jb) == 1:
        return Compared(Likeness.LOOSE if ja[:1] == jb[:1] else Likeness.NONE, "initial")
    ratio = max(similarity.order_ratio(sub, reg), similarity.order_ratio(ja, jb))
    if ratio >= 0.75:
        return Compared(Likeness.CLOSE, "spelling")
    return Compared(Likeness.NONE, "different")
