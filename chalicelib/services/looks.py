"""The only writer of the audit log: who looked at, tried or changed what, recorded before the response (SEC-01).

The changes themselves are recorded from the register's stream (``storage.changes``), with the same list of actions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.learners import Learner
from chalicelib.domain.looks import LookAction, LookOutcome, version_entry
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.ports.audit import Audit, AuditEntry
from chalicelib.ports.clock import Clock, NewId

_LEARNERS: Final = "ULN#"


def learner_subject(uln: str) -> str:
    """A learner's part of the log, which the learner's access log shows."""
    return f"{_LEARNERS}{uln}"


def organisation_subject(ukprn: str) -> str:
    """An organisation's part: looks that disclosed no learner."""
    return f"ORG#{ukprn}"


def job_subject(job_id: str) -> str:
    """A batch job's part of the log."""
    return f"JOB#{job_id}"


def queue_subject(queue: str) -> str:
    """The part of a queue of work."""
    return f"QUEUE#{queue}"


def credential_subject(credential_id: str) -> str:
    """A credential's part of the log."""
    return f"CREDENTIAL#{credential_id}"


def developer_subject(developer_id: str) -> str:
    """A registered developer's part of the log."""
    return f"DEVELOPER#{developer_id}"


def list_subject(name: str) -> str:
    """A reference list's part of the log."""
    return f"LIST#{name}"


def load_subject(kind: str) -> str:
    """The part of the loads of a kind: registers, feeds."""
    return f"LOAD#{kind}"


def user_subject(user_id: str) -> str:
    """The part of a portal user's account."""
    return f"USER#{user_id}"


def maintenance_subject(window_id: str) -> str:
    """A maintenance window's part of the log."""
    return f"MAINTENANCE#{window_id}"


class EntryKey(NamedTuple):
    """What identifies an entry of a subject: recorded again with the same, nothing changes."""

    at: datetime
    entry_id: str


class Version(NamedTuple):
    """A version of a learner that was written."""

    uln: str
    number: int
    at: datetime

    @property
    def key(self) -> EntryKey:
        """The register's stream records the same entry."""
        return EntryKey(self.at, version_entry(self.number))


def version_of(learner: Learner) -> Version:
    """The version of a learner that has just been written."""
    assert learner.last_updated_date is not None
    return Version(learner.uln, learner.version_number, learner.last_updated_date)


class Look(NamedTuple):
    """One look, attempt or change; ``detail`` holds codes, versions and counts, never a learner's details."""

    action: LookAction
    subject: str
    outcome: LookOutcome = LookOutcome.DONE
    detail: Mapping[str, str] = MappingProxyType({})
    key: EntryKey | None = None
    """If it is recorded from elsewhere too."""


class Looks:
    """Writes the audit log. Each method raises if it cannot, so that nothing is returned that is not recorded."""

    def __init__(self, audit: Audit, clock: Clock, new_id: NewId) -> None:
        self._audit = audit
        self._clock = clock
        self._new_id = new_id

    def at_learners(
        self,
        caller: Caller,
        action: LookAction,
        ulns: Iterable[str],
        outcome: LookOutcome = LookOutcome.DONE,
        /,
        **detail: str,
    ) -> None:
        """A look at the learners with these ULNs; without any, it is recorded for the organisation."""
        subjects = [learner_subject(uln) for uln in dict.fromkeys(ulns)] or [organisation_subject(caller.ukprn)]
        self.record(caller, [Look(action, subject, outcome, detail) for subject in subjects])

    def at_versions(self, caller: Caller, action: LookAction, versions: Iterable[Version], /, **detail: str) -> None:
        """Changes of learners that were made."""
        self.record(
            caller,
            [Look(action, learner_subject(one.uln), LookOutcome.DONE, detail, one.key) for one in versions],
        )

    @contextmanager
    def attempt(self, caller: Caller, action: LookAction, ulns: Iterable[str], **detail: str) -> Iterator[None]:
        """Record a refusal raised inside, for the learners with these ULNs and for a master that it names."""
        try:
            yield
        except Refused as refused:
            self.refused(caller, action, ulns, refused, **detail)
            raise

    def refused(
        self, caller: Caller, action: LookAction, ulns: Iterable[str], refused: Refused, /, **detail: str
    ) -> Refused:
        """Record a refusal, unless it has been, for the learners with these ULNs and for a master that it names."""
        if not refused.is_recorded:
            found = LookOutcome.NOT_FOUND if refused.kind is RefusalKind.NOT_FOUND else LookOutcome.REFUSED
            about = refused.about
            master = [about["master_uln"]] if "master_uln" in about else []
            detail |= {"code": refused.codes, "return_code": about.get("return_code", "")}
            self.at_learners(caller, action, [*ulns, *master], found, **detail)
            refused.is_recorded = True
        return refused

    def at(
        self,
        caller: Caller,
        action: LookAction,
        subject: str,
        outcome: LookOutcome = LookOutcome.DONE,
        /,
        **detail: str,
    ) -> None:
        """Record a look at something else."""
        self.record(caller, [Look(action, subject, outcome, detail)])

    def record(self, caller: Caller, looks: Iterable[Look]) -> None:
        """Several looks at the same time. Details without a value are left out."""
        at = self._clock().isoformat()
        came = {"channel": caller.channel, "request": caller.request_id, "credential": caller.credential_id}
        entries = [self._entry(caller, at, look, {**came, **look.detail}) for look in looks]
        self._audit.record([*entries, *self._deed(caller, at, entries, came)])

    def _deed(
        self, caller: Caller, at: str, entries: Sequence[AuditEntry], came: Mapping[str, str]
    ) -> Iterator[AuditEntry]:
        """A person's look at learners, in the log that the organisation's super users see: at how many, not at whom."""
        learners = [one for one in entries if one.subject.startswith(_LEARNERS)]
        if learners and caller.channel is Channel.PORTAL:
            first = learners[0]
            detail = {**came, "learners": str(len(learners))}
            look = Look(first.action, organisation_subject(caller.ukprn), first.outcome)
            yield self._entry(caller, at, look, detail)

    def _entry(self, caller: Caller, at: str, look: Look, detail: Mapping[str, str]) -> AuditEntry:
        known = look.key
        return AuditEntry(
            look.subject,
            at if known is None else known.at.isoformat(),
            self._new_id() if known is None else known.entry_id,
            look.action,
            look.outcome,
            caller.ukprn,
            caller.user,
            {name: value for name, value in detail.items() if value},
        )
