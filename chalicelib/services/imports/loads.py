"""What the imports of registers and feeds did, and how administrators have them done again (QUAL-01, PLR-01).

A load runs in its own function. It is ordered here, by the number of the order before it, so that a form that comes
again, or from somebody else in the meantime, starts nothing. Only registers can be refused for changing too much, so
only theirs are accepted: a row of a feed is refused by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.organisation_fields import read_reason
from chalicelib.domain.refusals import Refused, or_refuse
from chalicelib.ports.errors import Missing, TemporaryFailure
from chalicelib.ports.files import Files
from chalicelib.ports.functions import Functions
from chalicelib.services.imports import events, registers
from chalicelib.services.imports.events import EventImport
from chalicelib.services.imports.orders import BUCKET, LoadKind, LoadOrders, Order
from chalicelib.services.imports.registers import ImportOutcome, ImportReport
from chalicelib.services.looks import Looks, load_subject

MOST: Final = 10
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
_NAME: Final = re.compile(r"\d{8}T\d{6}\.\d{6}Z")
_REPORTS: Final = {LoadKind.REGISTERS: registers.REPORTS, LoadKind.FEEDS: events.REPORTS}
_FUNCTIONS: Final = {LoadKind.REGISTERS: "import_register", LoadKind.FEEDS: "import_events"}


class Load(NamedTuple):
    """The report of a load of registers, by its name."""

    name: str
    report: ImportReport


class FeedLoad(NamedTuple):
    """The report of a load of feeds, by its name."""

    name: str
    report: EventImport


class LoadPorts(NamedTuple):
    """What it uses."""

    files: Files
    functions: Functions
    orders: LoadOrders
    in_force: Callable[[], str]
    """The version of the catalogue in force. Raises Missing while there is none."""
    looks: Looks


class Loads:
    """The reports of loads, which the imports keep in the catalogue bucket, and orders. May raise TemporaryFailure."""

    def __init__(self, ports: LoadPorts) -> None:
        self._ports = ports

    def registers(self) -> list[Load]:
        """The last ten of registers, newest first."""
        return [Load(name, self.load(name)) for name in self._latest(LoadKind.REGISTERS)]

    def feeds(self) -> list[FeedLoad]:
        """The last ten of feeds, newest first."""
        return [FeedLoad(name, self.feed_load(name)) for name in self._latest(LoadKind.FEEDS)]

    def load(self, name: str) -> ImportReport:
        """One load of registers. Raises Refused (``LRS-LOAD-1``)."""
        return ImportReport.from_json(self._read(LoadKind.REGISTERS, name))

    def feed_load(self, name: str) -> EventImport:
        """One load of feeds. Raises Refused (``LRS-LOAD-1``)."""
        return EventImport.from_json(self._read(LoadKind.FEEDS, name))

    def order(self, kind: LoadKind) -> Order:
        """The last order of a kind."""
        return self._ports.orders.last(kind)

    def can_be_accepted(self, report: ImportReport) -> bool:
        """Whether a refused load would still change what its report shows."""
        if report.outcome is not ImportOutcome.REFUSED or not report.objections or not report.stored:
            return False
        try:
            return self._ports.in_force() == report.previous
        except Missing:
            return not report.previous

    def start(self, caller: Caller, kind: LoadKind, after: int) -> bool:
        """Load the files that have arrived; False if another load has been ordered since the order ``after``."""
        return self._order(caller, kind, after, {}, {})

    def start_again(self, caller: Caller, kind: LoadKind, name: str, after: int) -> bool:
        """Load the files of a load again, as they are now. Raises Refused (``LRS-LOAD-1``)."""
        if kind is LoadKind.REGISTERS:
            report = self.load(name)
            event: dict[str, object] = {"files": [one.key for one in report.stored], "whole": report.whole}
        else:
            event = {"files": [f"{events.ARRIVALS}{one.name}" for one in self.feed_load(name).files]}
        return self._order(caller, kind, after, event, {"load": name})

    def accept(self, caller: Caller, name: str, after: int, texts: Mapping[str, str]) -> bool:
        """Load what the report of a refused load shows, for a reason.

        Raises Refused: LRS-LOAD-1, LRS-LOAD-2 if it cannot be accepted (any more), or what is wrong with the reason.
        """
        report = self.load(name)
        if self.order(LoadKind.REGISTERS).number != after:
            return False
        if not self.can_be_accepted(report):
            raise Refused(failure("LRS-LOAD-2"))
        detail = {"load": name, "reason": or_refuse(read_reason(texts))}
        return self._order(caller, LoadKind.REGISTERS, after, {"accept": _key(LoadKind.REGISTERS, name)}, detail)

    def _order(
        self, caller: Caller, kind: LoadKind, after: int, event: Mapping[str, object], detail: Mapping[str, str]
    ) -> bool:
        my = self._ports
        place = my.orders.place(kind, after)
        if not place:
            return False
        action = LookAction.LOAD_ACCEPTED if "accept" in event else LookAction.LOAD_STARTED
        try:
            my.looks.at(caller, action, load_subject(kind), **detail)
            my.functions.start(_FUNCTIONS[kind], {**event, "order": place})
        except TemporaryFailure:
            my.orders.give_up(place)
            raise
        return True

    def _latest(self, kind: LoadKind) -> list[str]:
        prefix = _REPORTS[kind]
        keys = sorted((one.key for one in self._ports.files.objects(BUCKET, prefix, _EVER)), reverse=True)
        return [key.removeprefix(prefix).removesuffix(".json") for key in keys[:MOST]]

    def _read(self, kind: LoadKind, name: str) -> bytes:
        if not _NAME.fullmatch(name):
            raise Refused(failure("LRS-LOAD-1"))
        try:
            return self._ports.files.read(BUCKET, _key(kind, name))
        except Missing:
            raise Refused(failure("LRS-LOAD-1")) from None


def _key(kind: LoadKind, name: str) -> str:
    return f"{_REPORTS[kind]}{name}.json"
