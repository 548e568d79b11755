"""Show the service levels of a month in the terminal: `make levels`.

It counts what has happened up to now, as the reporter does every hour, then shows each function against its target, the
latest months, and what awarding organisations submitted in time and late. It needs the service of `make run`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from chalicelib.bootstrap import Services
from chalicelib.domain.access import Capability
from chalicelib.domain.callers import Channel
from chalicelib.domain.monthly_levels import Level, Month, MonthError
from chalicelib.domain.recoveries import Clocked
from chalicelib.domain.working_time import LONDON, Period
from chalicelib.formats.level_reports import LEGEND, odd, recovered, table
from chalicelib.services.service_levels import MonthLevels
from chalicelib.services.timeliness import TimelinessReport
from local.commands.operators import operator
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


def count_until_now(services: Services) -> None:
    """Count what has happened up to now, as the reporter does every hour."""
    services.level_reporter.run(services.clock() + timedelta(minutes=5))


def _show(services: Services, month: Month | None) -> int:
    count_until_now(services)
    found = services.service_levels.month(month)
    if found is None:
        print(f"Nothing was counted in {month.name if month else 'this month'}.", file=sys.stderr)
        return 1
    recoveries = services.recoveries.between(found.held.month.start, found.held.month.end)
    print("\n".join(lines_of(found, services.service_levels.history(), recoveries)))
    manager = operator()._replace(capabilities=frozenset({str(Capability.SERVICE_LEVELS_READ)}))
    print("\n".join(timeliness_lines(services.timeliness_reports.of_month(manager, found.held.month))))
    return 0


def lines_of(found: MonthLevels, history: list[MonthLevels], recoveries: list[Clocked]) -> Iterator[str]:
    """What is shown: the month, its recoveries from disaster with their clocks, then the latest months."""
    held = found.held
    until = held.counted_until.astimezone(LONDON)
    state = "final" if held.is_reported else f"every hour counted until {_day(until)} {until:%H:%M %Z}"
    yield f"Service levels of {held.month.name} ({state})"
    yield ""
    if not any(level.requests or level.excluded or level.files for level in found.levels):
        yield f"No requests have been counted in {held.month.name} yet."
    else:
        yield from table(found.levels)
        yield ""
        yield from LEGEND
    yield ""
    yield from odd(held.tallies)
    yield from recovered(recoveries)
    yield "History:"
    for one in history:
        so_far = "" if one.held.is_reported else " so far"
        yield f"  {one.held.month.name}{so_far}: {_missed(one.missed) or 'every target met'}"
    if not history:
        yield "  no month yet"


def _missed(levels: list[Level]) -> str:
    """The functions that missed each target."""
    found: dict[str, list[str]] = {}
    for level in levels:
        for target in level.missed:
            channel = "" if level.channel == Channel.WEBSERVICE else f" ({level.channel})"
            found.setdefault(target, []).append(level.function + channel)
    return "; ".join(f"missed the {target} of {', '.join(functions)}" for target, functions in found.items())


def timeliness_lines(report: TimelinessReport) -> Iterator[str]:
    """What each awarding organisation submitted in time and late, and why the ten working days were extended."""
    yield ""
    if not report.organisations:
        yield f"Nothing submitted in {report.month.name} has been counted yet: a day is counted once it is over."
        return
    yield f"Submitted in {report.month.name}, counted until {_day(report.counted_until)}. An award is in time within"
    yield "ten working days of its award date, a change within ten of its action date."
    yield ""
    rows = [(one.name, one.counts) for one in report.organisations]
    if len(rows) > 1:
        rows.append(("All", report.total))
    width = max(len(name) for name, _ in rows)
    yield f"  {'':{width}}  New in time  In time by extension  New late  Changed in time  Changed late"
    for name, counts in rows:
        cells = zip(counts, (11, 20, 8, 15, 12), strict=True)
        yield f"  {name:{width}}  " + "  ".join(f"{number:>{space},}" for number, space in cells)
    for outage in sorted({one for extension in report.extensions for one in extension.outages}):
        days = [one.terms.day for one in report.extensions if outage in one.outages]
        yield ""
        yield f"  Extended from {_day(days[0])} to {_day(days[-1])}: the service was not available on {_span(outage)}."


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _span(period: Period) -> str:
    start, end = (moment.astimezone(LONDON) for moment in period)
    return f"{_day(start)} from {start:%H:%M} to {'' if end.date() == start.date() else _day(end) + ' '}{end:%H:%M %Z}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.commands.levels", description=__doc__.splitlines()[0])
    parser.add_argument("--month", default="", help="such as 2026-11; without it, the current month")
    parser.add_argument("--state", type=Path, default=STATE, help="the folder of the service's state (.local)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
