"""The part of the composition root that makes single achievements and what organisations submitted before."""

# ruff: noqa: PLC0415 - imports stand where a part is built, as in the root itself

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.ports.accounts import Accounts
    from chalicelib.ports.achievements import PageTokens, SingleAchievements, Submissions
    from chalicelib.ports.audit import Audit
    from chalicelib.ports.catalogues import Catalogues
    from chalicelib.ports.clock import Clock, NewId
    from chalicelib.ports.files import Files
    from chalicelib.ports.jobs import Jobs
    from chalicelib.ports.learners import Learners
    from chalicelib.ports.levels import Outages
    from chalicelib.services.achievement_lists import AchievementLists
    from chalicelib.services.achievements import AchievementServices


class Outside(Protocol):
    """What these parts take from the root."""

    @property
    def clock(self) -> Clock: ...
    @property
    def new_id(self) -> NewId: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def achievements(self) -> SingleAchievements: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def catalogues(self) -> Catalogues: ...
    @property
    def files(self) -> Files: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def learners(self) -> Learners: ...
    @property
    def outages(self) -> Outages: ...
    @property
    def submissions(self) -> Submissions: ...


class AchievementParts:
    """Use cases of single achievements, each made when first used; the operator's lists must have been taken."""

    def __init__(self, outside: Outside, tokens: Callable[[], PageTokens]) -> None:
        self._outside = outside
        self._tokens = tokens

    @cached_property
    def services(self) -> AchievementServices:
        """Single achievements."""
        from chalicelib.reference import lists
        from chalicelib.services.achievements import AchievementPorts, AchievementServices
        from chalicelib.services.submission_terms import SubmissionTerms, TermsPorts

        out = self._outside
        holidays = lists().bank_holidays
        terms = SubmissionTerms(TermsPorts(out.accounts, out.catalogues, out.outages, out.clock, holidays))
        ports = AchievementPorts(out.learners, out.achievements, out.audit, terms, out.clock, out.new_id)
        return AchievementServices(ports)

    @cached_property
    def lists(self) -> AchievementLists:
        """What an organisation submitted before."""
        from chalicelib.services.achievement_lists import AchievementLists, ListPorts

        ports = ListPorts(
            achievements=self._outside.achievements,
            submissions=self._outside.submissions,
            jobs=self._outside.jobs,
            files=self._outside.files,
            audit=self._outside.audit,
            tokens=self._tokens(),
            clock=self._outside.clock,
            new_id=self._outside.new_id,
        )
        return AchievementLists(ports)
