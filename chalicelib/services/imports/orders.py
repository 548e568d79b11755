"""Orders for a load: given by administrators, carried out by the function that imports (QUAL-01, PLR-01).

Orders of a kind are numbered, and an object of the catalogue bucket is written for each step: asked, begun, ended. None
is ever written twice. So of two people who order at once one is too late, and a function that gets the same event twice
loads once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from chalicelib.ports.clock import Clock
from chalicelib.ports.files import Files

BUCKET: Final = "catalogue"
ORDERS: Final = "load-orders/"
LONGEST: Final = timedelta(minutes=20)
"""An order without an answer after this time has failed: no function runs longer."""
ERROR: Final = "error"
"""What the answer of an order has that failed."""
NOT_STARTED: Final = "NotStarted"
_ASKED: Final = "/asked.json"
_BEGUN: Final = "/begun.json"
_ENDED: Final = "/ended.json"
_JSON: Final = "application/json"
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class LoadKind(StrEnum):
    """What is loaded."""

    REGISTERS = "registers"
    """The regulators' registers, by ``import_register``."""
    FEEDS = "feeds"
    """Feeds of learning events, by ``import_events``."""


@dataclass(frozen=True)
class Order:
    """The last order of a kind; its number is 0 where there is none."""

    number: int = 0
    at: datetime = _EVER
    has_begun: bool = False
    answer: Mapping[str, Any] = field(default_factory=dict)
    """What the function answered; empty until then."""

    def is_open(self, now: datetime) -> bool:
        """Whether an answer is still to come."""
        return self.number > 0 and not self.answer and now < self.at + LONGEST


class LoadOrders:
    """The orders in the catalogue bucket."""

    def __init__(self, files: Files, clock: Clock) -> None:
        self._files = files
        self._clock = clock

    def last(self, kind: LoadKind) -> Order:
        """The last order of a kind."""
        keys = [one.key for one in self._files.objects(BUCKET, f"{ORDERS}{kind}/", _EVER)]
        place = max((key.removesuffix(_ASKED) for key in keys if key.endswith(_ASKED)), default="")
        if not place:
            return Order()
        asked = json.loads(self._files.read(BUCKET, place + _ASKED))
        answer = json.loads(self._files.read(BUCKET, place + _ENDED)) if place + _ENDED in keys else {}
        number = int(place.rpartition("/")[2])
        return Order(number, datetime.fromisoformat(asked["at"]), place + _BEGUN in keys, answer)

    def place(self, kind: LoadKind, after: int) -> str:
        """Place the order that follows the order ``after``; empty if another one has been placed since."""
        place = f"{ORDERS}{kind}/{after + 1:06d}"
        return place if self._step(place + _ASKED, {}) else ""

    def give_up(self, place: str) -> None:
        """End an order whose function could not be started."""
        self._step(place + _ENDED, {ERROR: NOT_STARTED})

    def carried_out(self, event: Mapping[str, Any], work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The answer of a function to an event: what ``work`` returns; kept with the order of the event, if it has one.

        An order that has begun before is not carried out again.
        """
        place = str(event.get("order", ""))
        if not place:
            return work()
        if not place.startswith(ORDERS):
            raise ValueError("not an order")
        if not self._step(place + _BEGUN, {}):
            return {"outcome": "begun before"}
        answer: dict[str, Any] = {ERROR: "Exception"}
        try:
            answer = work()
        except Exception as error:
            answer = {ERROR: type(error).__name__}
            raise
        finally:
            self._step(place + _ENDED, answer)
        return answer

    def _step(self, key: str, more: Mapping[str, Any]) -> bool:
        document = {"at": self._clock().isoformat(), **more}
        return self._files.write_if_absent(BUCKET, key, json.dumps(document).encode(), _JSON)
