"""What a view gets and gives: a :class:`Visit`; a :class:`Page`, a :class:`SeeOther` or a :class:`File`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from chalicelib.domain.access import Capability
from chalicelib.domain.callers import Caller
from chalicelib.domain.contacts import Contacts
from chalicelib.domain.portal_sessions import Session
from chalicelib.services.portal_sessions import caller_of
from chalicelib.services.sign_in import Visitor
from chalicelib.web.http.bodies import whole_number
from chalicelib.web.http.maintenance import OpeningServices
from chalicelib.web.http.uploads import UploadedFile

if TYPE_CHECKING:
    from chalicelib.ports.clock import Clock, NewId
    from chalicelib.ports.identity import NewSecret
    from chalicelib.ports.reports import Reports
    from chalicelib.services.achievement_lists import AchievementLists
    from chalicelib.services.achievements import AchievementServices
    from chalicelib.services.batches.deadlines import BatchDeadlines
    from chalicelib.services.batches.error_reports import ErrorReports
    from chalicelib.services.batches.newest import NewestJobs
    from chalicelib.services.batches.sent_files import SentFiles
    from chalicelib.services.batches.stuck import StuckWork
    from chalicelib.services.batches.submit import BatchJobs
    from chalicelib.services.breaches import Breaches
    from chalicelib.services.challenges import Challenges
    from chalicelib.services.credentials import Credentials
    from chalicelib.services.developers import Developers
    from chalicelib.services.downtime import Downtime
    from chalicelib.services.imports.loads import Loads
    from chalicelib.services.kept_forms import KeptForms
    from chalicelib.services.learner_links import LearnerLinks
    from chalicelib.services.learner_retrieval import LearnerRetrieval
    from chalicelib.services.learners import LearnerServices
    from chalicelib.services.looks import Looks
    from chalicelib.services.maintenance import MaintenanceSchedule
    from chalicelib.services.organisation_activity import OrganisationActivity
    from chalicelib.services.organisation_register import OrganisationRegister
    from chalicelib.services.own_organisation import OwnOrganisation
    from chalicelib.services.pending_matches import PendingDecisions
    from chalicelib.services.portal_sessions import PortalSessions
    from chalicelib.services.records import PersonalRecords
    from chalicelib.services.recoveries import Recoveries
    from chalicelib.services.reference_lists import ReferenceLists
    from chalicelib.services.service_levels import ServiceLevels
    from chalicelib.services.service_status import ServiceStatus
    from chalicelib.services.sign_in import SignIn
    from chalicelib.services.timeliness import TimelinessReports
    from chalicelib.services.users import Users
    from chalicelib.services.verify_learner import VerifyLearner

Entered = Mapping[str, Sequence[str]]
"""The values of a form by the names of its controls."""

PDF: Final = "application/pdf"
FORM_LIMIT: Final = 65_536
"""Bytes of a form without files."""
_NAME: Final = re.compile(r"\\\{(\w+)\\\}")
_VALUE: Final = r"(?P<\1>[A-Za-z0-9._~-]{1,200})"
"""What a name in a path may stand for: ids, numbers, days."""


class PortalSettings(Protocol):
    """The settings that pages read."""

    @property
    def portal_url(self) -> str: ...
    @property
    def contacts(self) -> Contacts: ...


class PortalServices(OpeningServices, Protocol):
    """What the portal needs from ``bootstrap.Services``."""

    @property
    def settings(self) -> PortalSettings: ...
    @property
    def challenges(self) -> Challenges: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def new_id(self) -> NewId: ...
    @property
    def new_secret(self) -> NewSecret: ...
    @property
    def kept_forms(self) -> KeptForms: ...
    @property
    def looks(self) -> Looks: ...
    @property
    def personal_records(self) -> PersonalRecords: ...
    @property
    def reference_lists(self) -> ReferenceLists: ...
    @property
    def loads(self) -> Loads: ...
    @property
    def developers(self) -> Developers: ...
    @property
    def organisation_register(self) -> OrganisationRegister: ...
    @property
    def portal_sessions(self) -> PortalSessions: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def sign_in(self) -> SignIn: ...
    @property
    def users(self) -> Users: ...
    @property
    def organisation_activity(self) -> OrganisationActivity: ...
    @property
    def own_organisation(self) -> OwnOrganisation: ...
    @property
    def credentials(self) -> Credentials: ...
    @property
    def learner_links(self) -> LearnerLinks: ...
    @property
    def pending_decisions(self) -> PendingDecisions: ...
    @property
    def learner_services(self) -> LearnerServices: ...
    @property
    def learner_retrieval(self) -> LearnerRetrieval: ...
    @property
    def verify_learner(self) -> VerifyLearner: ...
    @property
    def batch_submit(self) -> BatchJobs: ...
    @property
    def newest_jobs(self) -> NewestJobs: ...
    @property
    def sent_files(self) -> SentFiles: ...
    @property
    def service_levels(self) -> ServiceLevels: ...
    @property
    def breaches(self) -> Breaches: ...
    @property
    def recoveries(self) -> Recoveries: ...
    @property
    def downtime(self) -> Downtime: ...
    @property
    def maintenance(self) -> MaintenanceSchedule: ...
    @property
    def service_status(self) -> ServiceStatus: ...
    @property
    def stuck_work(self) -> StuckWork: ...
    @property
    def batch_deadlines(self) -> BatchDeadlines: ...
    @property
    def achievement_services(self) -> AchievementServices: ...
    @property
    def achievement_lists(self) -> AchievementLists: ...
    @property
    def timeliness_reports(self) -> TimelinessReports: ...
    @property
    def error_reports(self) -> ErrorReports: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of one page."""

    services: PortalServices
    request_id: str
    source: str
    """Where it comes from, as ``guard.source_of`` names it."""
    session: Session | None = None
    had_session: bool = False
    """Whether the browser sent a session, in force or over."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Those in the path."""
    query: Mapping[str, str] = field(default_factory=dict)
    entered: Entered = field(default_factory=dict)
    files: Mapping[str, Sequence[UploadedFile]] = field(default_factory=dict)
    """Those chosen in the form, by the names of its controls."""
    form_id: str = ""
    """What tells the form that was sent from every other that was ever shown: the same again is a double click."""
    cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def person(self) -> Session:
        """The session of a page for people who are signed in."""
        assert self.session is not None
        return self.session

    @property
    def caller(self) -> Caller:
        """The same for use cases."""
        return caller_of(self.person, self.request_id)

    @property
    def visitor(self) -> Visitor:
        """Somebody who is not signed in, for use cases."""
        return Visitor(self.source, self.request_id)

    @property
    def id_to_give(self) -> str:
        """The id of what this form creates: the same if the form comes again."""
        return hashlib.sha256(self.form_id.encode()).hexdigest()[:24]

    def text(self, name: str) -> str:
        """What was entered in a field; of several values the last."""
        values = self.entered.get(name)
        return values[-1] if values else ""

    def number(self, name: str, otherwise: int = 0) -> int:
        """A whole number of a form, which the page itself had written there; ``otherwise`` for anything else."""
        return whole_number(self.text(name), otherwise)

    @property
    def now(self) -> datetime:
        return self.services.clock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page to show."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    cookies: Sequence[str] = ()
    """Set-Cookie headers."""
    headers: Mapping[str, str] = field(default_factory=dict)
    session: Session | None = None
    """The session that goes on, where the view has changed it."""
    upload_origin: str = ""
    """Of the bucket to which the page's form sends a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeOther:
    """Another page to go to, after a change."""

    path: str
    message: str = ""
    """To be shown there, to a person who is signed in."""
    session: Session | None = None
    """The session that goes on, where it is another one or the view has changed it."""
    cookies: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file."""

    content: str | bytes
    name: str
    """Under which it is saved; empty for one that is shown."""
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


Result = Page | SeeOther | File


class Entry(NamedTuple):
    """A page, or the submission of its form, as the table has it."""

    name: str
    """The name of its view."""
    method: str
    path: str
    capability: Capability
    module: str
    """The module of its view, in whose ``VIEWS`` it is."""

    def match(self, path: str) -> Mapping[str, str] | None:
        """The values of the names in its path; None for another path."""
        found = _pattern(self.path).fullmatch(path)
        return found.groupdict() if found else None

    def load(self) -> View:
        """Its view. Raises LookupError if the module does not declare it."""
        for view in import_module(self.module).VIEWS:
            if view.entry is self:
                found: View = view
                return found
        raise LookupError(f"{self.module} has no view {self.name}")


@dataclass(frozen=True, slots=True)
class View:
    """The function behind an entry."""

    entry: Entry
    show: Callable[[Visit], Result]
    limit: int = FORM_LIMIT
    """Bytes of its form."""
    has_files: bool = False
    """Whether files may be chosen in its form."""


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_NAME.sub(_VALUE, re.escape(path)), re.ASCII)


loaded = cache(Entry.load)
"""The view of an entry, loaded once."""
