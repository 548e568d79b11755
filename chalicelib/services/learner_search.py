"""Finding learners, by ULN and by their details (ULN-01, ULN-02).

Details are disclosed only to callers who already know the learner: by ULN if the family name agrees, by details if they
match. Every look is in the audit log before the response.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from chalicelib.domain import matching, search
from chalicelib.domain.callers import Caller
from chalicelib.domain.codes import FindType
from chalicelib.domain.failures import Failure
from chalicelib.domain.learner_fields import FIND_TYPE, TO_FIND
from chalicelib.domain.learner_rules import read_criteria
from chalicelib.domain.learners import DELETED, LearnerProfile, profile_of
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.refusals import Refused, or_refuse
from chalicelib.domain.search import MOST_LISTED, Criteria, Judged, Judgement
from chalicelib.domain.uln import Uln, parse_uln
from chalicelib.domain.values import judged, read_fields
from chalicelib.domain.working_time import london_day
from chalicelib.ports.clock import Clock, NewId
from chalicelib.ports.learners import LearnerRegister, PendingMatches, PersonIndex
from chalicelib.services.disclosure import Disclosed, Disclosure
from chalicelib.services.looks import Looks

_MOST_NARROWED: Final = 100
"""Most possible matches that optional details can narrow down."""


class FindOutcome(NamedTuple):
    """The answer to a find.

    WSRC0001 none, WSRC0002 too many, WSRC0003 possible (1 to 10), WSRC0004 exact, WSRC0022 linked: the master.
    """

    code: str
    learners: tuple[Disclosed, ...] = ()


class SearchResult(NamedTuple):
    """The result of a search by details: the code and the learners it is based on, the closest first."""

    code: str
    judged: list[Judged]


@dataclass(frozen=True, slots=True)
class LearnerPorts:
    """The ports that the use cases of the register use."""

    register: LearnerRegister
    index: PersonIndex
    pending: PendingMatches
    looks: Looks
    clock: Clock
    new_id: NewId
    draw: Callable[[int], int]
    """An unpredictable whole number from 0 to n - 1 (``secrets.randbelow``)."""


class LearnerSearch:
    """Finding learners."""

    def __init__(self, ports: LearnerPorts) -> None:
        self._ports = ports
        self._looks = ports.looks
        self.disclosure = Disclosure(ports.register)

    # --- Find ---------------------------------------------------------------------------------------------------------

    def find_by_uln(self, caller: Caller, texts: Mapping[str, str]) -> FindOutcome:
        """The learner with a ULN, if the family name agrees; an empty given name is not compared.

        ``texts`` are by the names of ``learner_fields.TO_FIND``. A ULN that nobody has and
        names of somebody else get the same answer. Raises Refused with every reason against the texts.
        """
        values, reasons = read_fields(TO_FIND, texts)
        if reasons:
            raise Refused(*reasons)
        valid, given_name, family_name = values["uln"], values["given_name"], values["family_name"]
        # Strongly consistent, so that a learner registered or changed a moment ago is found.
        learner = self._ports.register.get(valid, consistent=True)
        found = self.disclosure.of(learner)
        if (
            learner is None
            or found is None
            or not any(_names_agree(given_name, family_name, profile_of(one)) for one in (learner, found.learner))
        ):
            self._looks.at_learners(
                caller, LookAction.LEARNER_FOUND_BY_ULN, [valid], LookOutcome.NOT_FOUND, code="WSRC0001"
            )
            return FindOutcome("WSRC0001")
        code = "WSRC0022" if found.master_substituted else "WSRC0004"
        self._looks.at_learners(caller, LookAction.LEARNER_FOUND_BY_ULN, (valid, found.learner.uln), code=code)
        return FindOutcome(code, () if values["find_type"] is FindType.CHK else (found,))

    def find_by_demographics(self, caller: Caller, texts: Mapping[str, str]) -> FindOutcome:
        """Learners by their details, named as in ``learner_fields.CRITERIA``, and ``find_type``.

        Raises Refused with every fault of the texts.
        """
        find_type, reasons = judged(FIND_TYPE, texts.get(FIND_TYPE.name, ""))
        details = {name: text for name, text in texts.items() if name != FIND_TYPE.name}
        criteria = or_refuse(read_criteria(details, london_day(self._ports.clock())), *reasons)
        result = self.search(criteria)
        profiles = [one.profile for one in result.judged]
        masters = [profile.master_uln for profile in profiles]
        disclosed: tuple[Disclosed, ...] = ()
        code = result.code
        # For the code alone, only a master can make a difference: profiles say whether a learner is hidden.
        if (find_type is not FindType.CHK and profiles) or any(masters):
            disclosed = self.disclosure.of_ulns([profile.uln for profile in profiles], masters)
            code = _code_of(result.code, disclosed)
        subjects = [found.learner.uln for found in disclosed]
        outcome = LookOutcome.NOT_FOUND if code == "WSRC0001" else LookOutcome.DONE
        self._looks.at_learners(caller, LookAction.LEARNER_FOUND_BY_DETAILS, subjects, outcome, code=code)
        return FindOutcome(code, () if find_type is FindType.CHK else disclosed)

    def search(self, criteria: Criteria, latest: Iterable[LearnerProfile] = ()) -> SearchResult:
        """What the register has for these details; nothing is disclosed, and no look is recorded here.

        ``latest`` are learners registered so recently that their entries may not be readable yet.
        """
        candidates = self._ports.index.candidates(search.query_keys(criteria))
        judged = _without_restricted(search.judged(criteria, candidates.profiles))
        further = () if judged or not candidates.complete else search.further_keys(criteria)
        if further:
            candidates = self._ports.index.candidates(further)
            judged = _without_restricted(search.judged(criteria, candidates.profiles))
        read = {profile.uln for profile in candidates.profiles}
        late = self._not_readable_yet(criteria, (profile for profile in latest if profile.uln not in read))
        if late:
            judged = _without_restricted(search.judged(criteria, (*candidates.profiles, *late)))
        exact = [one for one in judged if one.judgement is Judgement.EXACT]
        if len(exact) == 1:
            code = "WSRC0022" if exact[0].profile.master_uln else "WSRC0004"
            return SearchResult(code, exact)
        if not candidates.complete or len(judged) > MOST_LISTED:
            judged = self._narrowed(criteria, judged) if candidates.complete else []
            return SearchResult("WSRC0003", judged) if judged else SearchResult("WSRC0002", [])
        return SearchResult("WSRC0003" if judged else "WSRC0001", judged)

    def _not_readable_yet(self, criteria: Criteria, latest: Iterable[LearnerProfile]) -> list[LearnerProfile]:
        """Those of the latest learners who match, as the register has them by now."""
        alike = {one.profile.uln: one.profile for one in search.judged(criteria, latest)}
        held = self._ports.register.read(alike, consistent=True) if alike else {}
        now = {uln: profile_of(learner) for uln, learner in held.items()}
        return [one for one in (alike | now).values() if one.status != DELETED]

    def _narrowed(self, criteria: Criteria, judged: Sequence[Judged]) -> list[Judged]:
        """Of too many matches, those that agree with the optional details, unless these are still too many."""
        if len(judged) > _MOST_NARROWED or not any(criteria[5:]):
            return []
        held = self._ports.register.read((one.profile.uln for one in judged), consistent=True)
        left = [one for one in judged if (learner := held.get(one.profile.uln)) and search.agrees(criteria, learner)]
        return left if len(left) <= MOST_LISTED else []


def valid_uln(uln: str, field: str = "ULN") -> Uln:
    """The ULN; raises Refused when it is invalid (WSEC0136)."""
    parsed = parse_uln(uln, field)
    if isinstance(parsed, Failure):
        raise Refused(parsed)
    return parsed


def _code_of(code: str, disclosed: Sequence[Disclosed]) -> str:
    """The code of a search, given who of those found may be disclosed."""
    if not disclosed:
        return "WSRC0001"
    if code not in ("WSRC0004", "WSRC0022"):
        return code
    return "WSRC0022" if disclosed[0].master_substituted else "WSRC0004"


def _without_restricted(judged: Iterable[Judged]) -> list[Judged]:
    return [one for one in judged if not one.profile.restricted]


def _names_agree(given_name: str, family_name: str, profile: LearnerProfile) -> bool:
    """Whether the family name agrees without doubt and the given name at least possibly.

    An earlier family name and part of a double name also agree without doubt.
    """
    if matching.family_name_likeness(family_name, profile).doubt:
        return False
    return not given_name.strip() or (matching.given_name_likeness(given_name, profile).doubt <= matching.MOST_DOUBT)
