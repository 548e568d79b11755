"""The use cases of single achievements over one world of fakes, as ``bootstrap`` puts them together."""

from __future__ import annotations

from datetime import date

from chalicelib.services.achievement_lists import AchievementLists, ListPorts
from chalicelib.services.achievements import AchievementPorts, AchievementServices
from chalicelib.services.submission_terms import SubmissionTerms, TermsPorts
from tests.fakes.world import FakeWorld


def achievement_services(world: FakeWorld, bank_holidays: frozenset[date] = frozenset()) -> AchievementServices:
    """Single achievements over that world."""
    terms = SubmissionTerms(
        TermsPorts(world.accounts, world.catalogues, world.outages, world.clock, bank_holidays=bank_holidays)
    )
    ports = AchievementPorts(world.learners, world.achievements, world.audit, terms, world.clock, world.new_id)
    return AchievementServices(ports)


def achievement_lists(world: FakeWorld) -> AchievementLists:
    """The listings over that world."""
    ports = ListPorts(
        achievements=world.achievements,
        submissions=world.submissions,
        jobs=world.jobs,
        files=world.files,
        audit=world.audit,
        tokens=world.page_tokens,
        clock=world.clock,
        new_id=world.new_id,
    )
    return AchievementLists(ports)
