"""Register and update a learner, for requests, decisions and records of files (ULN-03, ULN-04, ULN-06).

Searching and registering is one decision: a registration first sees the blocks that it will search (a birthday and a
postcode), and its transaction fails if anyone has been registered there since. Then it searches again, and finds
whoever was registered in the meantime, however they were spelt.

Nothing here writes to the audit log. A version says who made it, when and through which channel; the calling use case
records the look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learner_fields import CRITERIA
from chalicelib.domain.learner_rules import changed_details, is_named, legible_changes, may_change_sharing
from chalicelib.domain.learners import Learner, LearnerDetails, profile_of
from chalicelib.domain.ledgers import LedgerEntry
from chalicelib.domain.pending_matches import PendingMatch, PendingReason
from chalicelib.domain.search import Criteria, blocks_of
from chalicelib.domain.uln import Uln
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.learners import AlreadyRegistered, Created, Overtaken, SeenBlocks
from chalicelib.services.disclosure import Disclosed, Disclosure
from chalicelib.services.learner_search import LearnerPorts, LearnerSearch, SearchResult
from chalicelib.services.verification import ALONE, Isolation

DRAWS: Final = 8
"""The most ULNs that a registration may draw; about one in twenty of all ULNs is in use."""

SEARCHES: Final = 12
"""How often a registration is decided anew after others have registered someone of the same birthday or postcode."""

TRIES: Final = 5
"""How often an update without a version is decided again after others have changed the learner."""


class RegisterPolicy(NamedTuple):
    """How a learner is registered: what differs between a request, a decision and a record of a file."""

    draws: Callable[[], Iterable[Uln]]
    """The ULNs to try, in order, in each attempt."""
    own_uln: str = ""
    """The ULN that an earlier attempt may have written."""
    entry: Callable[[Registered], LedgerEntry | None] = lambda _: None
    """The ledger entry to make with a learner or a pending match, by the answer that it would be."""
    mis_identifier: str = ""
    """Kept with a pending match, as is the job."""
    job_id: str = ""


class Registered(NamedTuple):
    """The result of a registration, or of a search before one.

    WSRC0005 registered. WSRC0004 already on the register; WSRC0022 the same, and ``uln`` is the master's. WSRC0021 not
    registered: ``pending_id`` is the match that waits for a decision; if it is empty, a learner who may not be
    disclosed has these details. After a search: WSRC0001 none, WSRC0003 possible matches, WSRC0002 too many.
    """

    code: str
    uln: str = ""
    pending_id: str = ""
    reason: PendingReason | None = None
    others: tuple[str, ...] = ()
    """With WSRC0003 for a decision: the ULNs of similar learners who were not known when it was made."""
    at: datetime | None = None
    """When this registration was written; None if the learner was there before."""


class LearnerChange(NamedTuple):
    """A change of a learner's details."""

    uln: str
    values: Mapping[str, str]
    """Values by the names of ``LearnerDetails``; both names must be the learner's (``learner_rules.is_named``)."""
    today: date
    version: int | None = None
    """The version that the change is based on.

    Without one, the change is decided again after others have changed the learner.
    """
    entry: LedgerEntry | None = None
    """The ledger entry to make with the new version."""


class Updated(NamedTuple):
    """The result of an update.

    WSRC0006 updated, WSRC0020 nothing to change. Refused: WSRC0013 changed since it was read, WSRC0014 ability to
    share, WSRC0019 not found, WSRC0022 linked, when only the master is updated; without a code for faulty values.
    """

    code: str
    learner: Learner | None = None
    """The learner after the update; with WSRC0022 the master."""
    failures: tuple[Failure, ...] = ()
    """The reasons for a refusal."""


class Registration:
    """Writes learners to the register."""

    def __init__(self, ports: LearnerPorts) -> None:
        self._ports = ports
        self._search = LearnerSearch(ports)
        self._disclosure = Disclosure(ports.register)

    def look(self, criteria: Criteria) -> Registered:
        """Search for learners with these details."""
        return self._looked(criteria, {})[0]

    def register(self, caller: Caller, details: LearnerDetails, policy: RegisterPolicy) -> Registered:
        """Register a learner, unless the register has them already; possible matches wait for a decision (ULN-05).

        A repeated registration returns the same ULN or the same pending match. Raises TemporaryFailure.
        """
        criteria = criteria_of(details)

        def decided(seen: SeenBlocks) -> Registered | None:
            found, result = self._looked(criteria, seen)
            if found.code == "WSRC0001":
                return self._written(caller, details, policy, seen)
            if found.code not in ("WSRC0002", "WSRC0003"):
                return found
            pending = self._pending(caller, details, policy, result)
            answer = Registered("WSRC0021", pending_id=pending.pending_id, reason=pending.reason)
            opened = self._ports.pending.open(pending, policy.entry(answer))
            return answer._replace(pending_id=opened.pending_id, reason=opened.reason)

        return self._until_written(criteria, decided)

    def write(
        self,
        caller: Caller,
        details: LearnerDetails,
        policy: RegisterPolicy,
        known: Collection[str] | None,
        decision: str,
    ) -> Registered:
        """Write a new learner, after a decision that they are none of the ``known``, under the first free ULN.

        If others who are similar have been registered in the meantime, they are returned and nothing is written; None
        for ``known`` does not look for any. If there is a learner with the same details, that learner is returned.
        ``decision`` is the id of the decision that a learner with these details is another person. Raises
        TemporaryFailure.
        """
        criteria = criteria_of(details)

        def decided(seen: SeenBlocks) -> Registered | None:
            if known is not None:
                found, result = self._looked(criteria, seen)
                others = tuple(uln for uln in _ulns_of(result) if uln not in known)
                if others and found.code == "WSRC0003":
                    return Registered("WSRC0003", others=others)
            return self._written(caller, details, policy, seen, decision)

        return self._until_written(criteria, decided)

    def written_at(self, caller: Caller, uln: str, since: datetime) -> datetime | None:
        """When the organisation registered this learner, if since then, even if the names have changed."""
        held = self._ports.register.get(uln, consistent=True)
        if held is None or held.created_date is None or held.registered_by != caller.ukprn:
            return None
        return held.created_date if held.created_date >= since else None

    def update(self, caller: Caller, change: LearnerChange) -> Updated:
        """Change some of a learner's details. A unique pupil number that is held is kept."""
        for _ in range(TRIES):
            held = self._ports.register.get(change.uln, consistent=True)
            decided = self._decided(held, change)
            if isinstance(decided, Updated):
                return decided
            after = next_version(caller, decided, "update", self._ports.clock())
            try:
                self._ports.register.update(after, entry=change.entry)
            except Conflict:
                if change.version is not None:
                    break
            else:
                return Updated("WSRC0006", after)
        return _refused("WSRC0013", change)

    def objections(
        self, changes: Mapping[int, LearnerChange], isolation: Isolation = ALONE
    ) -> dict[int, tuple[Failure, ...]]:
        """The register's reasons against changes that are refused for their values, by record number, so that every
        reason is reported at once.

        What cannot be read is not compared. The learners are read 100 per call, and read again strongly consistently
        before a reason is given. Records whose step failed are left out.
        """
        found: dict[int, tuple[Failure, ...]] = dict.fromkeys(changes, ())
        legible = {number: legible_changes(change.values, change.today) for number, change in changes.items()}
        left = {number: changes[number]._replace(values=values) for number, values in legible.items() if values}
        for consistent in (False, True):
            numbers: dict[str, list[int]] = {}
            for number, change in left.items():
                numbers.setdefault(change.uln, []).append(number)
            read = partial(self._ports.register.read, consistent=consistent)
            held, failed = isolation.read_for(numbers, read) if numbers else ({}, frozenset[int]())
            for number, change in left.items():
                reasons = None
                if number not in failed:
                    reasons = isolation.isolated((number,), self._objections, held.get(change.uln), change)
                if reasons is None:
                    del found[number]
                else:
                    found[number] = reasons
            left = {number: change for number, change in left.items() if found.get(number)}
        return found

    # --- Parts --------------------------------------------------------------------------------------------------------

    def _until_written(self, criteria: Criteria, decided: Callable[[SeenBlocks], Registered | None]) -> Registered:
        """Decide on the blocks as they are, and decide anew (None) when others have registered someone there."""
        for _ in range(SEARCHES):
            done = decided(self._ports.index.blocks(blocks_of(criteria)))
            if done is not None:
                return done
        raise TemporaryFailure("others keep registering learners of this birthday or postcode")

    def _written(
        self, caller: Caller, details: LearnerDetails, policy: RegisterPolicy, seen: SeenBlocks, decision: str = ""
    ) -> Registered | None:
        """Write a new learner under the first free ULN; None if others have registered someone in the blocks."""
        now = self._ports.clock()
        for uln in policy.draws():
            learner = Learner(
                uln,
                details,
                created_date=now,
                last_updated_date=now,
                registered_by=caller.ukprn,
                created_via_channel=caller.channel,
                last_updated_by=caller.ukprn,
                last_updated_user=caller.user,
                last_updated_via_channel=caller.channel,
                last_updated_action="register",
            )
            answer = Registered("WSRC0005", uln, at=now)
            written = self._ports.register.create(learner, seen, decision, policy.entry(answer))
            if isinstance(written, Created):
                return answer
            if isinstance(written, AlreadyRegistered):
                return self._there(written.uln, policy)
            if isinstance(written, Overtaken):
                return None
        raise TemporaryFailure("no ULN was free")

    def _looked(self, criteria: Criteria, seen: SeenBlocks) -> tuple[Registered, SearchResult]:
        result = self._search.search(criteria, (profile for block in seen.values() for profile in block.latest))
        if result.code not in ("WSRC0004", "WSRC0022"):
            return Registered(result.code), result
        profile = result.judged[0].profile
        found = self._disclosure.of_uln(profile.uln) if profile.master_uln else None
        if not profile.master_uln:
            return Registered("WSRC0004", profile.uln), result
        return _answered(found), result

    def _there(self, uln: str, policy: RegisterPolicy) -> Registered:
        """The answer when a learner with these details exists, perhaps written by our own earlier attempt."""
        if uln != policy.own_uln:
            return _answered(self._disclosure.of_uln(uln))
        held = self._ports.register.get(uln, consistent=True)
        return Registered("WSRC0005", uln, at=held.created_date if held is not None else None)

    def _pending(
        self, caller: Caller, details: LearnerDetails, policy: RegisterPolicy, result: SearchResult
    ) -> PendingMatch:
        return PendingMatch(
            "P" + self._ports.new_id(),
            caller.ukprn,
            caller.user,
            caller.channel,
            self._ports.clock(),
            PendingReason.POSSIBLE_MATCHES if result.judged else PendingReason.TOO_MANY_MATCHES,
            details,
            _ulns_of(result),
            policy.mis_identifier,
            policy.job_id,
        )

    def _named(self, held: Learner | None, change: LearnerChange) -> Learner | Updated:
        """The learner whom the change names, or the refusal if there is none who may be changed."""
        found = self._disclosure.of(held)
        if held is None or found is None or not is_named(profile_of(held), change.values):
            return _refused("WSRC0019", change)
        if found.master_substituted:
            return _refused("WSRC0022", change)._replace(learner=found.learner)
        if change.version not in (None, held.version_number):
            return _refused("WSRC0013", change)
        return held

    def _objections(self, held: Learner | None, change: LearnerChange) -> tuple[Failure, ...]:
        """The reasons against a change of which not everything could be read. Without a given name, the family name
        must be the learner's.
        """
        if held is not None and "given_name" not in change.values:
            others = {name: text for name, text in change.values.items() if name != "date_of_birth"}
            change = change._replace(values={**others, "given_name": held.details.given_name})
        named = self._named(held, change)
        if isinstance(named, Updated):
            return named.failures
        details = changed_details(named.details, change.values, change.today)
        if not isinstance(details, LearnerDetails):
            return details
        return _sharing_failures(named, details, change)

    def _decided(self, held: Learner | None, change: LearnerChange) -> Learner | Updated:
        """The changed learner, or the answer when there is nothing to write."""
        named = self._named(held, change)
        if isinstance(named, Updated):
            return named
        details = changed_details(named.details, change.values, change.today)
        if not isinstance(details, LearnerDetails):
            return Updated("", failures=details)
        if details == named.details:
            return Updated("WSRC0020", named)
        if reasons := _sharing_failures(named, details, change):
            return Updated("WSRC0014", failures=reasons)
        return named._replace(details=details)


def _sharing_failures(held: Learner, details: LearnerDetails, change: LearnerChange) -> tuple[Failure, ...]:
    if may_change_sharing(held.details.ability_to_share, details.ability_to_share):
        return ()
    return _refused("WSRC0014", change).failures


def _refused(code: str, change: LearnerChange) -> Updated:
    """A refusal with the field that it concerns: the ULN, unless the code or a given version implies another."""
    overtaken = "ULN" if change.version is None else "Version"
    field = {"WSRC0013": overtaken, "WSRC0014": "AbilityToShare"}.get(code, "ULN")
    return Updated(code, failures=(failure(code, field),))


def _ulns_of(result: SearchResult) -> tuple[str, ...]:
    """The learners found, the most likely first; of linked ones the master."""
    return tuple(dict.fromkeys(one.profile.master_uln or one.profile.uln for one in result.judged))


def _answered(found: Disclosed | None) -> Registered:
    if found is None:
        return Registered("WSRC0021")
    return Registered("WSRC0022" if found.master_substituted else "WSRC0004", found.learner.uln)


def next_version(caller: Caller, learner: Learner, action: str, at: datetime) -> Learner:
    """The next version of the learner, with who made it and how."""
    return learner._replace(
        version_number=learner.version_number + 1,
        last_updated_date=at,
        last_updated_by=caller.ukprn,
        last_updated_user=caller.user,
        last_updated_via_channel=caller.channel,
        last_updated_action=action,
    )


def criteria_of(details: LearnerDetails) -> Criteria:
    """The criteria to find a learner who is to be registered. The details are valid, so there is a date of birth."""
    assert details.date_of_birth is not None
    return Criteria(*(getattr(details, field.name) for field in CRITERIA))
