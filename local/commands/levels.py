"""Show the service levels of a month in the terminal: `make levels`.

It counts what has happened up to now, as the reporter does every hour, then shows each function against its target and
the latest months. It needs the service of `make run`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from chalicelib.bootstrap import Services
from chalicelib.domain.monthly_levels import Month, MonthError
from chalicelib.domain.working_time import LONDON
from chalicelib.formats.level_reports import odd, table
from chalicelib.services.recoveries import Clocked
from chalicelib.services.service_levels import MonthLevels
from local.commands.maintenance import clock_line
from local.commands.service import running_service
from local.emulated.cloud import STATE


def main(arguments: list[str] | None = None) -> int:
    """Command line: 0 shown, 1 nothing to show for the month, 2 no local service or no month."""
    chosen = _parser().parse_args(arguments)
    try:
        month = Month.parse(chosen.month) if chosen.month else None
    except MonthError:
        print("The month must look like 2026-11.", file=sys.stderr)
        return 2
    running = running_service(chosen.state)
    if running is None:
        print("The service is not running. Start it with make run.", file=sys.stderr)
        return 2
    return _show(running.services, month)


def _show(services: Services, month: Month | None) -> int:
    services.level_reporter.run(services.clock() + timedelta(minutes=5))
    found = services.service_levels.month(month)
    if found is None:
        print(f"Nothing was counted in {month.name if month else 'this month'}.", file=sys.stderr)
        return 1
    recoveries = services.recoveries.between(found.held.month.start, found.held.month.end)
    print("\n".join(lines_of(found, services.service_levels.history(), recoveries)))
    return 0


def lines_of(found: MonthLevels, history: list[MonthLevels], recoveries: list[Clocked]) -> Iterator[str]:
    """What is shown: the month, its recoveries from disaster with their clocks, then the latest months."""
    held = found.held
    until = held.counted_until.astimezone(LONDON)
    state = "final" if held.is_reported else f"every hour counted until {until:%d %B %H:%M}"
    yield f"Service levels of {held.month.name} ({state}). A ! marks a missed target."
    yield ""
    if not any(level.requests or level.excluded or level.files for level in found.levels):
        yield f"No requests have been counted in {held.month.name} yet."
    else:
        yield from table(found.levels)
    yield ""
    yield from odd(held.tallies)
    if recoveries:
        yield from ("Recoveries from disaster:", *(f"  {clock_line(one)}" for one in recoveries), "")
    yield "History:"
    for one in history:
        missed = [f"{level.function} {', '.join(level.missed)} ({level.channel})" for level in one.missed]
        yield f"  {one.held.month.name}: " + ("every target met" if not missed else "missed " + "; ".join(missed))
    if not history:
        yield "  no month yet"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.commands.levels", description=__doc__.splitlines()[0])
    parser.add_argument("--month", default="", help="such as 2026-11; without it, the current month")
    parser.add_argument("--state", type=Path, default=STATE, help="the folder of the service's state (.local)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
