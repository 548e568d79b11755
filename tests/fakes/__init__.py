"""In-memory fakes of every port, which pass the same contract tests as the real adapters."""

from tests.fakes.calls import START, CountedIds, Fake, FakeClock, Fault, Hook, no_hook
from tests.fakes.cloud import FakeFiles, FakeMail, FakeQueues, SentMail
from tests.fakes.jobs import FakeJobs, FakeTurns
from tests.fakes.records import FakeAccounts, FakeAudit, FakeCatalogues, FakeOutages
from tests.fakes.register import FakeAchievements, FakeLearners
from tests.fakes.world import FakeWorld

__all__ = [
    "START",
    "CountedIds",
    "Fake",
    "FakeAccounts",
    "FakeAchievements",
    "FakeAudit",
    "FakeCatalogues",
    "FakeClock",
    "FakeFiles",
    "FakeJobs",
    "FakeLearners",
    "FakeMail",
    "FakeOutages",
    "FakeQueues",
    "FakeTurns",
    "FakeWorld",
    "Fault",
    "Hook",
    "SentMail",
    "no_hook",
]
