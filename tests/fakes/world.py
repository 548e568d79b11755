"""All the fakes together: the outside services, in memory."""

from __future__ import annotations

from typing import Any

from chalicelib.bootstrap import Adapter, Services
from chalicelib.ports.journal import SILENT
from chalicelib.reference import lists
from chalicelib.settings import Settings
from tests.fakes.calls import CountedIds, Fake, FakeClock, Fault, Hook, no_hook
from tests.fakes.cloud import FakeFiles, FakeFunctions, FakeMail, FakeQueues, FakeReports
from tests.fakes.identity import FakeAnswers, FakeCredentials, FakePaces, FakeRefusedCalls, FakeTokenKeys
from tests.fakes.jobs import FakeCorrections, FakeJobs, FakeTurns
from tests.fakes.levels import FakeAccessLogs, FakeLevels, FakeMeasurements
from tests.fakes.people import CountedDraws, FakeLearnerRegister, FakeLedgers, FakePendingMatches, FakePersonIndex
from tests.fakes.personal import FakeAccessLog, FakeCasework, FakeParticipationEvents, FakeRecords
from tests.fakes.records import (
    FakeAccounts,
    FakeAudit,
    FakeCatalogues,
    FakeDevelopers,
    FakeOutages,
    FakeRecoveries,
    FakeSchedules,
    FakeTimeliness,
)
from tests.fakes.register import FakeAchievements, FakeLearners
from tests.fakes.submissions import FakePageTokens, FakeSubmissions
from tests.fakes.users import FakeKeptForms, FakePasswordHasher, FakePortalSessions, FakeUsers

UNTHROTTLED = dict.fromkeys(
    ("pace_tokens", "pace_sources", "pace_batches", "pace_single", "pace_sign_ins"), (1_000_000.0, 1_000_000_000)
)
"""The clock of a world stands still, so buckets are not refilled."""


class FakeWorld:
    """A fake of every port, with one clock, under the names of the real ones in ``bootstrap.Services``.

    ``hook`` is called with every call before it has any effect; see :data:`tests.fakes.calls.Hook`. It can be changed
    by assigning to ``hook``.
    """

    def __init__(self, hook: Hook = no_hook) -> None:
        self.clock = FakeClock()
        self.new_id = CountedIds()
        self.new_secret = CountedIds("lrs_secret_")
        self.draw = CountedDraws()
        self.journal = SILENT
        self.lists = lists()
        self.calls: list[str] = []
        """The name of every call that was started, in order."""
        self.hook = hook
        self.learners = FakeLearners(self.clock, self._before)
        self.achievements = FakeAchievements(self.clock, self._before)
        self.jobs = FakeJobs(self.clock, self._before)
        self.corrections = FakeCorrections(self.clock, self._before)
        self.turns = FakeTurns(self.clock, self._before)
        self.catalogues = FakeCatalogues(self.clock, self._before)
        self.accounts = FakeAccounts(self.clock, self._before)
        self.credential_table = FakeCredentials(self.accounts, self.clock, self._before)
        self.question_key = lambda: bytes(32)
        self.password_hasher = FakePasswordHasher()
        self.user_table = FakeUsers(self.accounts, self.clock, self._before)
        self.portal_session_table = FakePortalSessions(self.user_table, self.clock, self._before)
        self.kept_form_table = FakeKeptForms(self.clock, self._before)
        self.token_keys = FakeTokenKeys(self.credential_table, self.clock, self._before)
        self.paces = FakePaces(self.clock, self._before)
        self.refused_call_counts = FakeRefusedCalls(self.clock, self._before)
        self.answers = FakeAnswers(self.clock, self._before)
        self.audit = FakeAudit(self.clock, self._before)
        self.recovery_store = FakeRecoveries(self.clock, self._before)
        self.developer_table = FakeDevelopers(self.clock, self._before)
        self.timeliness = FakeTimeliness(self.clock, self._before)
        self.schedules = FakeSchedules(self.clock, self._before)
        self.outages = FakeOutages(self.schedules, self.clock, self._before)
        self.files = FakeFiles(self.clock, self._before)
        self.queues = FakeQueues(self.clock, self._before)
        self.mail = FakeMail(self.clock, self._before)
        self.reports = FakeReports(self.clock, self._before)
        self.functions = FakeFunctions(self.clock, self._before)
        self.submissions = FakeSubmissions(self.clock, self._before)
        self.page_tokens = FakePageTokens()
        self.ledgers = FakeLedgers(self.clock, self._before)
        self.learner_register = FakeLearnerRegister(self.learners, self.ledgers, self.clock, self._before)
        self.person_index = FakePersonIndex(self.learner_register, self.clock, self._before)
        self.pending_matches = FakePendingMatches(self.ledgers, self.clock, self._before)
        self.participation_events = FakeParticipationEvents(self.clock, self._before)
        self.records = FakeRecords(self.learners, self.achievements, self.participation_events, self._before)
        self.casework = FakeCasework(self.records, self._before)
        self.access_log = FakeAccessLog(self.audit, self._before)
        self.access_logs = FakeAccessLogs(self.clock, self._before)
        self.measurements = FakeMeasurements(self.clock, self._before)
        self.levels = FakeLevels(self.clock, self._before)

    def _before(self, name: str) -> Fault | None:
        self.calls.append(name)
        return self.hook(name)

    def services(self, **settings: Any) -> Services:
        """The real use cases over these fakes, created anew; callers are throttled only with ``settings``."""
        adapters = {name: fake for name, fake in vars(self).items() if isinstance(vars(Services).get(name), Adapter)}
        return Services(Settings(**(UNTHROTTLED | settings)), {}, **adapters)

    @property
    def fakes(self) -> list[Fake]:
        return [value for value in vars(self).values() if isinstance(value, Fake)]
