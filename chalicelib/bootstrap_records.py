"""The part of the composition root that makes personal learning records, challenges and the import of events."""

# ruff: noqa: PLC0415 - imports stand where a part is built, as in the root itself

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from chalicelib.ports.accounts import Accounts
    from chalicelib.ports.audit import Audit
    from chalicelib.ports.catalogues import Catalogues
    from chalicelib.ports.clock import Clock, NewId
    from chalicelib.ports.files import Files
    from chalicelib.ports.learners import Learners
    from chalicelib.ports.messages import Mail, Queues
    from chalicelib.services.challenges import ChallengeNotices, Challenges
    from chalicelib.services.imports.events import ImportEvents
    from chalicelib.services.records import KnownNames, PersonalRecords, RecordLookup
    from chalicelib.settings import Settings
    from chalicelib.storage.access_log import AccessLogTable
    from chalicelib.storage.casework import CaseworkTable
    from chalicelib.storage.conditions import Patience
    from chalicelib.storage.cursors import Cursors
    from chalicelib.storage.records import EventTable, RecordTable

ACCESS_LIFETIME: Final = timedelta(days=30)
"""How long a record can be looked at again without naming the learner."""


class Outside(Protocol):
    """What these parts take from the root."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def new_id(self) -> NewId: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def catalogues(self) -> Catalogues: ...
    @property
    def learners(self) -> Learners: ...
    @property
    def files(self) -> Files: ...
    @property
    def queues(self) -> Queues: ...
    @property
    def mail(self) -> Mail: ...


class RecordParts:
    """Adapters and use cases of records, each made when first used."""

    def __init__(
        self,
        outside: Outside,
        dynamodb: Callable[[], Any],
        cursors: Callable[[], Cursors],
        patience: Callable[[], Patience],
    ) -> None:
        self._outside = outside
        self._dynamodb = dynamodb
        self._cursors = cursors
        self._patience = patience

    @cached_property
    def records(self) -> RecordTable:
        """What the register holds under a ULN."""
        from chalicelib.storage.learner_items import learner_of_item
        from chalicelib.storage.records import RecordTable

        return RecordTable(self._outside.settings.need("table_register"), self._dynamodb, learner_of_item)

    @cached_property
    def participation_events(self) -> EventTable:
        """Events that feeds bring."""
        from chalicelib.storage.records import EventTable

        return EventTable(self._outside.settings.need("table_register"), self._dynamodb, self._patience())

    @cached_property
    def casework(self) -> CaseworkTable:
        """Challenges."""
        from chalicelib.storage.casework import CaseworkTable

        need = self._outside.settings.need
        return CaseworkTable(need("table_casework"), need("table_register"), self._dynamodb)

    @cached_property
    def access_log(self) -> AccessLogTable:
        """Who looked at a record."""
        from chalicelib.storage.access_log import AccessLogTable

        return AccessLogTable(self._outside.settings.need("table_audit"), self._dynamodb, self._cursors)

    @cached_property
    def record_lookup(self) -> RecordLookup:
        """Finds and verifies a learner, and notes the look."""
        from chalicelib.services.records import RecordLookup

        outside = self._outside
        return RecordLookup(self.records, outside.audit, outside.clock, outside.new_id)

    @cached_property
    def known_names(self) -> KnownNames:
        """Names of organisations and aims."""
        from chalicelib.services.records import KnownNames, Versions

        outside = self._outside
        return KnownNames(
            Versions(outside.catalogues.current_version, self._catalogue), outside.accounts, outside.clock
        )

    @cached_property
    def personal_records(self) -> PersonalRecords:
        """Personal learning records."""
        from chalicelib.services.records import PersonalRecords, RecordPorts

        ports = RecordPorts(
            lookup=self.record_lookup,
            records=self.records,
            access_log=self.access_log,
            names=self.known_names,
            seals=self._cursors().lasting(ACCESS_LIFETIME),
            clock=self._outside.clock,
        )
        return PersonalRecords(ports)

    @cached_property
    def challenges(self) -> Challenges:
        """Raising challenges."""
        from chalicelib.services.challenges import ChallengePorts, Challenges

        outside = self._outside
        ports = ChallengePorts(
            self.record_lookup, self.casework, self.known_names, outside.queues, outside.clock, outside.new_id
        )
        return Challenges(ports)

    @cached_property
    def challenge_notices(self) -> ChallengeNotices:
        """Notices of new challenges to the service desk."""
        from chalicelib.services.challenges import ChallengeNotices

        need = self._outside.settings.need
        return ChallengeNotices(self.casework, self._outside.mail, need("service_desk_email"), need("portal_url"))

    @cached_property
    def import_events(self) -> ImportEvents:
        """The import of feeds of events."""
        from chalicelib.services.imports.events import ImportEvents

        outside = self._outside
        return ImportEvents(self.participation_events, outside.learners, outside.files, outside.clock)

    def _catalogue(self, version: str) -> Any:
        """What the store reads from a snapshot knows providers too, which the port of the rules does not say."""
        return self._outside.catalogues.load(version)
