"""Invented traffic of all functions, for tests and for the months behind `make run`.

Lines of the gateway's access log, as `infra/access_log.json` describes them, and files that ended. An hour's traffic
only depends on the seed and the hour, so any hour can be made by itself. More on working days from 08:00 to 18:00 in
London, little at night. Spells change it: outages, slow hours, faults, quiet nights.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, Final, NamedTuple

from chalicelib.domain.service_levels import OF_BATCH
from chalicelib.domain.tallies import HOUR, hours_between
from chalicelib.domain.working_time import LONDON
from chalicelib.reference.levels import described_levels

_ERROR: Final = "-"
_NOWHERE: Final = "/{proxy+}"
_OFFICE, _EVENING, _NIGHT = 1.0, 0.25, 0.06
_WEEKEND: Final = 0.2
_FAULT_RATE: Final = 0.0006
_REFUSED_RATE: Final = 0.03


class SpellKind(Enum):
    """What happens in a spell."""

    OUTAGE = "outage"
    """Every request fails."""
    FAULTY = "faulty"
    """One in five fails."""
    SLOW = "slow"
    """Everything takes sixty times as long."""
    QUIET = "quiet"
    """Nobody calls."""


class Spell(NamedTuple):
    """A period that is not like others; without functions it concerns all."""

    start: datetime
    end: datetime
    kind: SpellKind
    functions: frozenset[str] = frozenset()

    def has(self, at: int, function: str) -> bool:
        """Whether a function's request at a moment, in milliseconds since 1970, is in it."""
        in_time = self.start.timestamp() * 1000 <= at < self.end.timestamp() * 1000
        return in_time and (not self.functions or function in self.functions)


@dataclass(frozen=True)
class Traffic:
    """The traffic of a surface; `an_hour` is the number of requests in an hour of a working day."""

    seed: int
    an_hour: int = 120
    spells: Sequence[Spell] = ()
    surface: str = "web"

    def requests(self, start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
        """The fields of every line from one whole hour to before another, by the time of the request's arrival."""
        for hour in hours_between(start, end):
            yield from self._hour(hour)

    def lines(self, start: datetime, end: datetime) -> Iterator[str]:
        """The same as the gateway writes them."""
        return (line_of(event) for event in self.requests(start, end))

    def files(self, start: datetime, end: datetime) -> Iterator[EndedFile]:
        """The files that ended from one whole hour to before another."""
        for hour in hours_between(start, end):
            yield from self._files(hour)

    def _hour(self, hour: datetime) -> list[dict[str, Any]]:
        dice = random.Random(f"{self.seed}/{self.surface}/{hour.isoformat()}")
        begins = round(hour.timestamp() * 1000)
        spells = [spell for spell in self.spells if spell.start < hour + HOUR and hour < spell.end]
        moments = sorted(begins + dice.randrange(3_600_000) for _ in range(_number(self.an_hour * _share(hour), dice)))
        events = []
        for at in moments:
            function, method, path = dice.choice(_calls(self.surface))
            kinds = {spell.kind for spell in spells if spell.has(at, function)}
            event = _event(dice, at, method, path, kinds, _base(function))
            if SpellKind.QUIET not in kinds:
                events.append(event)
        return events

    def _files(self, hour: datetime) -> list[EndedFile]:
        dice = random.Random(f"{self.seed}/files/{hour.isoformat()}")
        return [
            _file(dice, hour + timedelta(seconds=dice.randrange(3600)), kind)
            for kind in sorted(OF_BATCH)
            for _ in range(_number(self.an_hour / 60 * _share(hour), dice))
        ]


class EndedFile(NamedTuple):
    """A file whose processing ended."""

    at: datetime
    function: str
    records: int
    faults: int
    chunks: tuple[int, ...]
    """The milliseconds of each chunk."""
    minutes: int
    """From its submission."""


def line_of(event: dict[str, Any]) -> str:
    """A line of the access log."""
    return json.dumps(event, separators=(",", ":"))


def _event(dice: random.Random, at: int, method: str, path: str, kinds: set[SpellKind], base: int) -> dict[str, Any]:
    draw = dice.random()
    fails = SpellKind.OUTAGE in kinds or draw < (0.2 if SpellKind.FAULTY in kinds else _FAULT_RATE)
    status = dice.choice((500, 502, 503, 504)) if fails else 422 if draw > 1 - _REFUSED_RATE else 200
    if path == _NOWHERE and not fails:
        status = 404
    latency = round(base * dice.lognormvariate(0, 0.5)) * (60 if SpellKind.SLOW in kinds else 1)
    if status == 504:
        latency = 29_000 + dice.randrange(100)
    return {
        "at": at,
        "latency": latency,
        "status": status,
        "error": "INTEGRATION_TIMEOUT" if status == 504 else _ERROR,
        "integrationLatency": str(max(0, latency - 3)),
        "method": method,
        "path": path,
        "requestId": f"{dice.getrandbits(128):032x}",
        "trace": _ERROR,
    }


def _file(dice: random.Random, at: datetime, kind: str) -> EndedFile:
    records = dice.randrange(20, 3_000 if kind == "achievements" else 200)
    chunks = tuple(dice.randrange(400, 4_000) for _ in range(1 + records // 500))
    faults = int(dice.random() < 0.01)
    return EndedFile(at, OF_BATCH[kind], records, faults, chunks, dice.randrange(1, 90))


def _share(hour: datetime) -> float:
    """The traffic of an hour, as a share of that of an hour of a working day."""
    there = hour.astimezone(LONDON)
    share = _OFFICE if 8 <= there.hour < 18 else _EVENING if 6 <= there.hour < 23 else _NIGHT
    return share * (_WEEKEND if there.weekday() >= 5 else 1)


def _number(expected: float, dice: random.Random) -> int:
    """A whole number that is `expected` on average, and a tenth more or less."""
    varied = expected * dice.uniform(0.9, 1.1)
    return int(varied) + (dice.random() < varied % 1)


@cache
def _calls(surface: str) -> tuple[tuple[str, str, str], ...]:
    """Function, method and path of everything that can be called, what is called often several times."""
    often = {"ACH-01": 6, "ACH-08": 3, "VLD-01": 8, "ULN-01": 6, "ULN-02": 6, "ULN-03": 4, "PLR-01": 4, "IDM-11": 3}
    calls = [
        (number, method, route["path"])
        for number, function in described_levels()["functions"].items()
        for route in function["routes"][surface]
        for method in route["methods"]
        if method != "HEAD"
        for _ in range(often.get(number, 1))
    ]
    return (*calls, ("", "GET", _NOWHERE))


@cache
def _base(function: str) -> int:
    """The usual milliseconds of a function's request."""
    return 60 + sum(map(ord, function)) % 7 * 50
