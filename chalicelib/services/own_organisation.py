"""An organisation's own settings, for its super users: where emails go, what was dropped in the bucket (IDM-13).

Nothing here shows a learner: of a dropped file its name, its times and why it was refused as a whole.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.failures import failure
from chalicelib.domain.fields import EMAIL_ADDRESS
from chalicelib.domain.jobs import Job
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.refusals import Refused
from chalicelib.domain.values import judged
from chalicelib.ports.accounts import AccountStore, Organisation
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict
from chalicelib.ports.jobs import Jobs
from chalicelib.services.batches.kinds import KINDS, BatchKind
from chalicelib.services.batches.places import drop_folder
from chalicelib.services.looks import Looks, organisation_subject
from chalicelib.services.organisation_mail import OrganisationMail, Recipient
from chalicelib.services.organisations import setup_failures

DROPPED_WITHIN: Final = timedelta(days=30)
_LOOKED_AT: Final = 50
"""Jobs of each kind among which dropped files are looked for."""

ADDRESS: Final = replace(EMAIL_ADDRESS, description="Where emails about files and maintenance are sent.")


class Folder(NamedTuple):
    """Where an organisation puts its files of one kind."""

    kind: BatchKind
    path: str


class Drop(NamedTuple):
    """The file drop of an organisation."""

    folders: tuple[Folder, ...]
    jobs: tuple[Job, ...]
    """Of files that were dropped lately, newest first."""


class OwnPorts(NamedTuple):
    """What the settings use."""

    accounts: AccountStore
    jobs: Jobs
    mail: OrganisationMail
    looks: Looks
    clock: Clock


class OwnOrganisation:
    """The settings of the caller's own organisation."""

    def __init__(self, ports: OwnPorts) -> None:
        self._ports = ports

    def get(self, caller: Caller) -> Organisation:
        """The organisation as it is now. Raises Refused (``LRS-ORG-1``)."""
        found = self._ports.accounts.organisation(caller.ukprn)
        if found is None:
            raise Refused(failure("LRS-ORG-1"))
        return found

    def recipient(self, caller: Caller) -> Recipient | None:
        """Who gets the emails to the organisation (IDM-13)."""
        return self._ports.mail.recipient(caller.ukprn)

    def change_address(self, caller: Caller, revision: int, text: str) -> Organisation:
        """Change where emails about files and maintenance are sent.

        Raises Refused: every reason against the address, or ``LRS-REQ-13`` if the organisation has changed since.
        """
        held = self.get(caller)
        read = judged(ADDRESS, text)
        changed = held._replace(batch_email=read.value, revision=revision + 1)
        subject, action = organisation_subject(caller.ukprn), LookAction.ORGANISATION_SAVED
        reasons = read.failures or tuple(setup_failures(changed))
        if reasons:
            refused = Refused(*reasons)
            self._ports.looks.at(caller, action, subject, LookOutcome.REFUSED, code=refused.codes)
            raise refused
        if changed.batch_email == held.batch_email:
            return held  # also after the first of two clicks
        if held.revision != revision:
            raise Refused(failure("LRS-REQ-13"))
        self._ports.looks.at(caller, action, subject, changed="batch_email")
        try:
            self._ports.accounts.save(changed)
        except Conflict:
            held = self.get(caller)
            if held.batch_email == changed.batch_email:
                return held
            raise Refused(failure("LRS-REQ-13")) from None
        return changed

    def drop(self, caller: Caller) -> Drop:
        """Where files are dropped, and what became of the last ones."""
        organisation, jobs = self.get(caller), self._ports.jobs
        since = self._ports.clock() - DROPPED_WITHIN
        kinds = [kind for kind in KINDS.values() if not kind.refusal(organisation)]
        found = [
            job
            for kind in KINDS.values()
            for job in jobs.of_organisation(caller.ukprn, kind.name, _LOOKED_AT).items
            if job.channel == Channel.BUCKET and job.submitted_at >= since
        ]
        folders = tuple(Folder(kind, drop_folder(caller.ukprn, kind.name)) for kind in kinds)
        return Drop(folders, tuple(sorted(found, key=lambda job: job.submitted_at, reverse=True)))
