"""Personal learning records as organisations see them: view, view again, availability, access log (PLR-01 to PLR-07).

The caller names the learner, and the names are compared with the register before anything is disclosed. Every look, and
every attempt that is refused, is in the audit log before the response.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.codes import GetType
from chalicelib.domain.failures import failure
from chalicelib.domain.learners import DELETED, LINKED, Learner, LearnerProfile, disclosed_for, profile_of
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.matching import SubmittedDetails, verify
from chalicelib.domain.records import (
    Availability,
    AvailabilityChange,
    AvailabilityState,
    Holdings,
    LearningEvent,
    Names,
    Register,
    learning_events,
    state_of,
    version_tag,
)
from chalicelib.domain.refusals import Refused
from chalicelib.ports.accounts import Accounts
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import BadCursor, Missing
from chalicelib.ports.records import AccessLog, Records, Seals
from chalicelib.services.looks import Looks

MATCHED: Final = "WSRC0004"
LINKED_MATCH: Final = "WSRC0022"
NOT_SHARED: Final = "WSEC0206"
NOT_VERIFIED: Final = "WSEC0208"

ANY_VERSION: Final = "*"
"""In place of the versions that a caller has: whichever is the latest."""
LOG_PAGE: Final = 50
"""Entries of a page of the access log."""

_NAMES_KEPT: Final = timedelta(minutes=10)
"""How long names are kept in memory: they rarely change, and no decision depends on them."""
_FOR_READING: Final = "read"
_VERIFIED: Final = frozenset({"VRC001", "VRC002", "VRC003", "VRC004"})


class Versions(NamedTuple):
    """The source of the catalogue in use."""

    current: Callable[[], str]
    load: Callable[[str], Register]


class KnownNames:
    """Names of organisations and aims, kept in memory for a while so that a look does not need calls for them."""

    def __init__(self, versions: Versions, accounts: Accounts, clock: Clock) -> None:
        self._versions = versions
        self._accounts = accounts
        self._clock = clock
        self._held: Names | None = None
        self._organisations: dict[str, str] = {}
        self._until: datetime | None = None

    def names(self) -> Names:
        """Names at most ten minutes old; without a catalogue, those of registered organisations."""
        now = self._clock()
        if self._held is None or self._until is None or now >= self._until:
            try:
                register: Register | None = self._versions.load(self._versions.current())
            except Missing:
                register = None
            self._organisations = {}
            self._held = Names(register, self._organisation)
            self._until = now + _NAMES_KEPT
        return self._held

    def _organisation(self, ukprn: str) -> str:
        name = self._organisations.get(ukprn)
        if name is None:
            registered = self._accounts.organisation(ukprn)
            name = self._organisations[ukprn] = registered.name if registered else ""
        return name


class Found(NamedTuple):
    """A verified learner, and what is held under the ULN and the ULNs linked with it."""

    parts: tuple[Holdings, ...]
    learner: Learner
    """The learner found; the master if linked."""
    registered: LearnerProfile
    """The learner under the ULN in the request."""

    @property
    def ulns(self) -> tuple[str, ...]:
        """The ULN in the request and those linked with it."""
        return tuple(part.learner.uln for part in self.parts)

    @property
    def is_linked(self) -> bool:
        return self.learner.uln != self.registered.uln

    @property
    def state(self) -> AvailabilityState:
        return state_of(self.parts)

    def seen_by(self, ukprn: str) -> str:
        """The organisation, if it may only see its own events in the record; empty if it may see everything."""
        return "" if self.state is AvailabilityState.AVAILABLE else ukprn


class RecordAnswer(NamedTuple):
    """A record, or the reason why none is shown; the codes are those of the existing interface."""

    response_code: str
    """WSRC0004 found, WSRC0022 found under a linked ULN, WSEC0206 not shared, WSEC0208 identity not verified."""
    incoming_uln: str
    found_uln: str = ""
    get_type: GetType = GetType.FULL
    learner: Learner | None = None
    availability: AvailabilityState | None = None
    events: tuple[LearningEvent, ...] = ()
    tag: str = ""
    """The version of the record; see :func:`chalicelib.domain.records.version_tag`."""
    not_modified: bool = False
    """Whether the caller already holds this version; then there is nothing else."""
    access: str = ""
    """Access to view the record again without naming the learner, until the learner's details change."""


class LogEntry(NamedTuple):
    """One look or change, as in the existing interface."""

    action: LookAction
    outcome: LookOutcome
    date_time: str
    organisation: str
    """Its name, if known."""
    organisation_ukprn: str
    user: str


class LogAnswer(NamedTuple):
    """A page of an access log."""

    entries: tuple[LogEntry, ...]
    cursor: str


class AvailabilityAnswer(NamedTuple):
    """A record's availability after a request."""

    uln: str
    state: AvailabilityState
    changed: bool
    at: str


class RecordLookup:
    """Reads what is held about a learner, and verifies their identity."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def parts(self, uln: str) -> tuple[Holdings, ...]:
        """What is held under the ULN, then under its master and the master's other ULNs.

        Empty when the ULN is not registered. One query for a learner with one ULN, and one more for each linked ULN.
        """
        named = self._records.holdings(uln)
        if named is None:
            return ()
        master = named
        found = [named]
        if named.learner.status == LINKED and named.learner.master_uln:
            held = self._records.holdings(named.learner.master_uln)
            if held is not None and held.learner.status != DELETED:
                master = held
                found.append(held)
        others = (self._records.holdings(linked) for linked in master.learner.linked_ulns if linked != uln)
        return (*found, *(held for held in others if held is not None))

    def verified(self, details: SubmittedDetails) -> Found | None:
        """The learner with these details, compared as in verification (VRC001 to VRC004)."""
        found = _found(self.parts(details.uln))
        if found is None:
            return None
        master = profile_of(found.learner) if found.is_linked else None
        return found if verify(details, found.registered, master).code in _VERIFIED else None

    def known(self, uln: str) -> Found | None:
        """A learner who was verified before; None if deleted or restricted since then."""
        return _found(self.parts(uln))


def _found(parts: tuple[Holdings, ...]) -> Found | None:
    """The learner, unless they may not be disclosed."""
    if not parts:
        return None
    registered = parts[0].learner
    master = next((part.learner for part in parts if part.learner.uln == registered.master_uln), None)
    disclosed = disclosed_for(registered, master)
    return None if disclosed is None else Found(parts, disclosed, profile_of(registered))


@dataclass(frozen=True)
class RecordPorts:
    """The ports that personal learning records use."""

    lookup: RecordLookup
    looks: Looks
    records: Records
    access_log: AccessLog
    names: KnownNames
    seals: Seals
    clock: Clock


class PersonalRecords:
    """The use cases of personal learning records."""

    def __init__(self, ports: RecordPorts) -> None:
        self._ports = ports

    def record(
        self,
        caller: Caller,
        details: SubmittedDetails,
        get_type: GetType = GetType.FULL,
        if_none_match: Sequence[str] = (),
    ) -> RecordAnswer:
        """The record of the learner with these details; ``if_none_match`` are the versions that the caller has."""
        return self._named(caller, details, get_type, if_none_match, LookAction.RECORD_VIEWED)

    def for_report(self, caller: Caller, details: SubmittedDetails) -> RecordAnswer:
        """The same to be printed or saved (PLR-03)."""
        return self._named(caller, details, GetType.FULL, (), LookAction.RECORD_PRINTED)

    def _named(
        self,
        caller: Caller,
        details: SubmittedDetails,
        get_type: GetType,
        if_none_match: Sequence[str],
        action: LookAction,
    ) -> RecordAnswer:
        found = self._ports.lookup.verified(details)
        if found is None:
            self._refused(caller, action, details.uln, NOT_VERIFIED)
            return RecordAnswer(NOT_VERIFIED, details.uln, get_type=get_type)
        return self._answer(caller, found, get_type, if_none_match, action)

    def again(
        self, caller: Caller, uln: str, access: str, get_type: GetType = GetType.FULL, if_none_match: Sequence[str] = ()
    ) -> RecordAnswer:
        """The current record, for an organisation that verified the learner before and received ``access``.

        None when the access is not ours, is another organisation's, has expired or was issued before the learner's
        details changed: the caller must name the learner again.
        """
        lookup = self._ports.lookup
        found = lookup.known(uln) if access else None
        if found is None or not self._opens(caller, found, access):
            raise self._refused(caller, LookAction.RECORD_VIEWED, uln, "LRS-PLR-1")
        return self._answer(caller, found, get_type, if_none_match)

    def _opens(self, caller: Caller, found: Found, access: str) -> bool:
        try:
            return self._ports.seals.open(_scope(caller, found), access) == _FOR_READING
        except BadCursor:
            return False

    def _answer(
        self,
        caller: Caller,
        found: Found,
        get_type: GetType,
        if_none_match: Sequence[str],
        action: LookAction = LookAction.RECORD_VIEWED,
    ) -> RecordAnswer:
        uln, ukprn = found.registered.uln, caller.ukprn
        owner = found.seen_by(ukprn)
        tag = version_tag(found.parts, get_type, owner)
        answer = RecordAnswer(
            LINKED_MATCH if found.is_linked else MATCHED,
            uln,
            found.learner.uln,
            get_type,
            availability=found.state,
            tag=tag,
            not_modified=tag in if_none_match or ANY_VERSION in if_none_match,
        )
        if answer.not_modified:
            self._ports.looks.at_learners(caller, LookAction.RECORD_COMPARED, found.ulns, type=get_type)
            return answer
        events = tuple(learning_events(found.parts, self._ports.names.names(), owner))
        if owner and not events:
            self._ports.looks.at_learners(
                caller, action, found.ulns, LookOutcome.REFUSED, code=NOT_SHARED, type=get_type
            )
            return answer._replace(response_code=NOT_SHARED)
        own = {"own": "only"} if owner else {}
        self._ports.looks.at_learners(caller, action, found.ulns, type=get_type, **own)
        access = self._ports.seals.seal(_scope(caller, found), _FOR_READING)
        learner = None if owner else found.learner
        return answer._replace(events=events, learner=learner, access=access)

    def access_log(
        self, caller: Caller, details: SubmittedDetails, cursor: str = "", limit: int = LOG_PAGE
    ) -> LogAnswer:
        """The looks at the record and changes to it, newest first. Raises BadCursor; ``WSEC0208``.

        An organisation that may not see the whole record, since the learner does not share it, gets its own entries.
        """
        found = self._ports.lookup.verified(details)
        own_only = found is None or bool(found.seen_by(caller.ukprn))
        # A cursor is refused whether or not the names are right: the refusal must not show it.
        page = self._ports.access_log.page(details.uln, caller.ukprn, limit, cursor, own_only=own_only)
        if found is None:
            raise self._refused(caller, LookAction.ACCESS_LOG_VIEWED, details.uln, NOT_VERIFIED)
        self._ports.looks.at_learners(caller, LookAction.ACCESS_LOG_VIEWED, [details.uln])
        names = self._ports.names.names()
        entries = tuple(
            LogEntry(
                entry.action,
                entry.outcome,
                entry.at,
                names.organisation(entry.organisation),
                entry.organisation,
                entry.user,
            )
            for entry in page.items
        )
        return LogAnswer(entries, page.cursor)

    def request_availability(
        self, caller: Caller, details: SubmittedDetails, *, available: bool, contact_type: str, reason: str
    ) -> AvailabilityAnswer:
        """Make a record available or unavailable, at the learner's request (PLR-05).

        It takes effect at once, for all linked ULNs. Codes: ``WSEC0208`` the learner was not verified; ``LRS-PLR-2``
        the service desk has restricted the record. Raises Conflict.
        """
        lookup = self._ports.lookup
        found = lookup.verified(details)
        if found is None:
            raise self._refused(caller, LookAction.AVAILABILITY_REQUESTED, details.uln, NOT_VERIFIED)
        if found.state is AvailabilityState.RESTRICTED:
            raise self._refused(caller, LookAction.AVAILABILITY_REQUESTED, details.uln, "LRS-PLR-2")
        wanted = AvailabilityState.AVAILABLE if available else AvailabilityState.OPTED_OUT
        self._ports.looks.at_learners(caller, LookAction.AVAILABILITY_REQUESTED, found.ulns, state=wanted)
        at = self._ports.clock().isoformat()
        change = AvailabilityChange(wanted, at, caller.ukprn, caller.user, contact_type, reason)
        differing = [part for part in found.parts if part.state is not wanted]
        for part in differing:
            self._ports.records.save_availability(_changed(part, change))
        return AvailabilityAnswer(details.uln, wanted, bool(differing), at)

    def _refused(self, caller: Caller, action: LookAction, uln: str, code: str) -> Refused:
        """The refusal, after recording it in the audit log."""
        return self._ports.looks.refused(caller, action, [uln], Refused(failure(code)))


def _changed(part: Holdings, change: AvailabilityChange) -> Availability:
    held = part.availability
    if held is None:
        return Availability(part.learner.uln, change, 1)
    return Availability(held.uln, change, held.revision + 1, held.latest)


def _scope(caller: Caller, found: Found) -> tuple[str, ...]:
    """The organisation and the learner that an access is for.

    The details used in verification are part of the scope but not of the token. The token therefore contains nothing
    about the learner, and becomes invalid as soon as those details change.
    """
    return ("record", caller.ukprn, *map(str, found.registered), found.learner.uln, found.learner.status)
