"""All the fakes together: the world outside, in memory."""

from __future__ import annotations

from tests.fakes.calls import CountedIds, Fake, FakeClock, Fault, Hook, no_hook
from tests.fakes.cloud import FakeFiles, FakeMail, FakeQueues
from tests.fakes.identity import FakeAnswers, FakeCredentials, FakePaces, FakeTokenKeys
from tests.fakes.jobs import FakeJobs, FakeTurns
from tests.fakes.people import LearnerFakes
from tests.fakes.personal import FakeAccessLog, FakeCasework, FakeParticipationEvents, FakeRecords
from tests.fakes.records import FakeAccounts, FakeAudit, FakeCatalogues, FakeOutages
from tests.fakes.register import FakeAchievements, FakeLearners
from tests.fakes.submissions import FakePageTokens, FakeSubmissions


class FakeWorld:
    """A fake of every port, with one clock, under the names that ``bootstrap.Services`` gives to the real ones.

    ``hook`` is told of every call before it has any effect; see :data:`tests.fakes.calls.Hook`. It can be changed by
    assigning to ``hook``.
    """

    def __init__(self, hook: Hook = no_hook) -> None:
        self.clock = FakeClock()
        self.new_id = CountedIds()
        self.calls: list[str] = []
        """The name of every call that was begun, in order."""
        self.hook = hook
        self.learners = FakeLearners(self.clock, self._before)
        self.achievements = FakeAchievements(self.clock, self._before)
        self.jobs = FakeJobs(self.clock, self._before)
        self.turns = FakeTurns(self.clock, self._before)
        self.catalogues = FakeCatalogues(self.clock, self._before)
        self.accounts = FakeAccounts(self.clock, self._before)
        self.credential_table = FakeCredentials(self.accounts, self.clock, self._before)
        self.token_keys = FakeTokenKeys(self.credential_table, self.clock, self._before)
        self.accounts.bearers = self.token_keys.put_caller
        self.paces = FakePaces(self.clock, self._before)
        self.answers = FakeAnswers(self.clock, self._before)
        self.audit = FakeAudit(self.clock, self._before)
        self.outages = FakeOutages(self.clock, self._before)
        self.files = FakeFiles(self.clock, self._before)
        self.queues = FakeQueues(self.clock, self._before)
        self.mail = FakeMail(self.clock, self._before)
        self.submissions = FakeSubmissions(self.clock, self._before)
        self.page_tokens = FakePageTokens()
        self.of_learners = LearnerFakes(self.learners, self.audit, self.clock, self.new_id, self._before)
        self.learner_services = self.of_learners.learner_services
        self.learner_links = self.of_learners.learner_links
        self.pending_decisions = self.of_learners.pending_decisions
        self.verify_learner = self.of_learners.verify_learner
        self.participation_events = FakeParticipationEvents(self.clock, self._before)
        self.records = FakeRecords(self.learners, self.achievements, self.participation_events, self._before)
        self.casework = FakeCasework(self.records, self._before)
        self.access_log = FakeAccessLog(self.audit, self._before)

    def _before(self, name: str) -> Fault | None:
        self.calls.append(name)
        return self.hook(name)

    @property
    def fakes(self) -> list[Fake]:
        return [value for value in vars(self).values() if isinstance(value, Fake)]
