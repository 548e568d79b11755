"""What the web service needs from ``bootstrap.Services``.

The use cases are only named for their types: a request loads those that it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chalicelib.web.http.guard import GuardServices

if TYPE_CHECKING:
    from chalicelib.ports.accounts import Accounts
    from chalicelib.ports.clock import Clock
    from chalicelib.ports.identity import Answers
    from chalicelib.services.achievement_lists import AchievementLists
    from chalicelib.services.achievements import AchievementServices
    from chalicelib.services.batches.job_records import JobRecords
    from chalicelib.services.batches.submit import BatchJobs
    from chalicelib.services.challenges import Challenges
    from chalicelib.services.closures import Closures
    from chalicelib.services.learner_links import LearnerLinks
    from chalicelib.services.learner_retrieval import LearnerRetrieval
    from chalicelib.services.learners import LearnerServices
    from chalicelib.services.maintenance import MaintenanceSchedule
    from chalicelib.services.organisations import Organisations
    from chalicelib.services.pending_matches import PendingDecisions
    from chalicelib.services.records import PersonalRecords
    from chalicelib.services.recoveries import Recoveries
    from chalicelib.services.service_levels import ServiceLevels
    from chalicelib.services.timeliness import TimelinessReports
    from chalicelib.services.verify_learner import VerifyLearner


class GuardSettings(Protocol):
    """The settings that the routes read."""

    @property
    def require_client_cert(self) -> bool: ...


class WebServices(GuardServices, Protocol):
    """What the web service needs from ``bootstrap.Services``."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def batch_submit(self) -> BatchJobs: ...
    @property
    def job_records(self) -> JobRecords: ...
    @property
    def achievement_services(self) -> AchievementServices: ...
    @property
    def achievement_lists(self) -> AchievementLists: ...
    @property
    def personal_records(self) -> PersonalRecords: ...
    @property
    def challenges(self) -> Challenges: ...
    @property
    def learner_services(self) -> LearnerServices: ...
    @property
    def learner_retrieval(self) -> LearnerRetrieval: ...
    @property
    def learner_links(self) -> LearnerLinks: ...
    @property
    def pending_decisions(self) -> PendingDecisions: ...
    @property
    def verify_learner(self) -> VerifyLearner: ...
    @property
    def organisations(self) -> Organisations: ...
    @property
    def service_levels(self) -> ServiceLevels: ...
    @property
    def closures(self) -> Closures: ...
    @property
    def recoveries(self) -> Recoveries: ...
    @property
    def timeliness_reports(self) -> TimelinessReports: ...
    @property
    def maintenance(self) -> MaintenanceSchedule: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def settings(self) -> GuardSettings: ...
    @property
    def answers(self) -> Answers: ...
