"""The maintenance schedule, downtime that nobody planned, and recoveries from disaster.

    python -m local.commands.maintenance list
    python -m local.commands.maintenance enter planned "2026-12-05 20:00" "2026-12-05 23:00" "Release 2.4"
    python -m local.commands.maintenance enter agreed … --agreed-with "Data Advisory Group, 4 November 2026"
    python -m local.commands.maintenance enter emergency … --of compatibility
    python -m local.commands.maintenance change MW-… --end "2026-12-05 22:00"
    python -m local.commands.maintenance cancel MW-…
    python -m local.commands.maintenance outage "2026-12-01 10:05" "2026-12-01 11:30"
    python -m local.commands.maintenance recovery                 recoveries from disaster, with their clocks
    python -m local.commands.maintenance recovery invoke "Loss of the region" [--at "2026-12-01 10:05"]
    python -m local.commands.maintenance recovery reinstated [--at …]
    … --environment live        in an AWS account instead of the local cloud

Times are UK time. In the hour that occurs twice in autumn, give the offset: 2026-10-25T01:30+00:00. Recorded outages
and emergency maintenance extend the ten working days for submitting awards.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib import bootstrap
from chalicelib.cloud.clock import now
from chalicelib.domain.maintenance import LONGEST_REASON, Environment, Window, WindowKind
from chalicelib.domain.working_time import LONDON, london_moments
from chalicelib.formats.level_reports import clock_line
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.services.maintenance import Entered, Order
from chalicelib.services.recoveries import Recoveries
from local.commands.operators import PlaceParser, concluded, operator
from local.emulated.account import chosen_place

_TIME = 'in UK time, such as "2026-12-05 20:00"'
_WINDOW = "its id, as list shows it"


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 done, 1 refused, 2 no such place."""
    chosen = _parser().parse_args(arguments)
    return concluded(lambda: _run(chosen, bootstrap.services(chosen_place(chosen).environment)))


def _run(chosen: argparse.Namespace, services: bootstrap.Services) -> int:
    schedule = services.maintenance
    if chosen.command == "enter":
        order = Order(WindowKind(chosen.kind), chosen.start, chosen.end, chosen.reason, chosen.agreed_with)
        _show(schedule.enter(operator(), Environment(chosen.of), order))
    elif chosen.command == "change":
        kind = WindowKind(chosen.kind) if chosen.kind else None
        order = Order(kind, chosen.start, chosen.end, chosen.reason, chosen.agreed_with)
        revision = schedule.get(chosen.window).revision
        _show(schedule.change(operator(), chosen.window, revision, order))
    elif chosen.command == "cancel":
        _show(Entered(schedule.cancel(operator(), chosen.window, schedule.get(chosen.window).revision)))
    elif chosen.command == "recovery":
        _recovery(chosen, services.recoveries)
    elif chosen.command == "outage":
        services.downtime.record(operator(), chosen.start, chosen.end)
        print(f"Recorded: {_time(chosen.start)} to {_time(chosen.end)}.")
    else:
        windows = schedule.listed()
        print(*(map(_line, windows) if windows else ["No maintenance is planned."]), sep="\n")
    return 0


def _recovery(chosen: argparse.Namespace, recoveries: Recoveries) -> None:
    if chosen.step == "invoke":
        recoveries.invoke(operator(), chosen.reason, chosen.at)
    elif chosen.step == "reinstated":
        recoveries.reinstate(operator(), chosen.at)
    listed = recoveries.listed()
    print(*(map(clock_line, listed) if listed else ["Recovery has never been invoked."]), sep="\n")


def _show(entered: Entered) -> None:
    print(_line(entered.window))
    for notice in entered.notices:
        print(f"Warning: {sentence(notice)} {remedy(notice)}")


def _line(window: Window) -> str:
    state = "cancelled" if window.is_cancelled else "open now" if window.is_open_at(now()) else window.kind.value
    times = f"{_time(window.start)} to {_time(window.end)}"
    return f"{window.window_id}  {window.environment:13}  {state:9}  {times}  {window.reason}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%Y-%m-%d %H:%M %Z}"


def _moment(text: str) -> datetime:
    """A time in UTC. Raises ArgumentTypeError for one that does not exist, or that UK clocks show twice."""
    try:
        given: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        given = None
    if given is None or not 2000 <= given.year < 2100:
        raise argparse.ArgumentTypeError(f"{text} is not a time such as 2026-12-05 20:00")
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    moments = london_moments(given)
    if not moments:
        raise argparse.ArgumentTypeError(f"{text} does not exist: the clocks go forward in that hour")
    if len(moments) > 1:
        raise argparse.ArgumentTypeError(f"{text} occurs twice, as the clocks go back: add +01:00 or +00:00")
    return moments[0]


def _text(given: str) -> str:
    """What everyone will read. Raises ArgumentTypeError if it is empty or too long."""
    text = given.strip()
    if not 1 <= len(text) <= LONGEST_REASON:
        raise argparse.ArgumentTypeError(f"give 1 to {LONGEST_REASON} characters, not {len(text)}")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = PlaceParser("maintenance", __doc__)
    commands = parser.commands()
    commands.add_parser("list", help="windows to come, and those of the last 90 days")
    enter = commands.add_parser("enter", help="a new window")
    enter.add_argument("kind", choices=[kind.value for kind in WindowKind])
    enter.add_argument("start", type=_moment, help=_TIME)
    enter.add_argument("end", type=_moment, help=_TIME)
    enter.add_argument("reason", type=_text, help="what is done, for everyone to read")
    enter.add_argument("--agreed-with", type=_text, help="who has agreed to it, and when")
    enter.add_argument(
        "--of", choices=[one.value for one in Environment], default=Environment.LIVE.value, help="live, unless given"
    )
    change = commands.add_parser("change", help="another kind, time or reason")
    change.add_argument("window", help=_WINDOW)
    change.add_argument("--kind", choices=[kind.value for kind in WindowKind])
    change.add_argument("--start", type=_moment)
    change.add_argument("--end", type=_moment, help="the current time ends it in about a minute")
    change.add_argument("--reason", type=_text)
    change.add_argument("--agreed-with", type=_text)
    cancel = commands.add_parser("cancel", help="before it has begun")
    cancel.add_argument("window", help=_WINDOW)
    recoveries = commands.add_parser("recovery", help="recoveries from disaster")
    recovery = recoveries.add_subparsers(dest="step")
    invoke = recovery.add_parser("invoke", help="the clock of eight service hours starts")
    invoke.add_argument("reason", type=_text, help="what has happened")
    for step in (invoke, recovery.add_parser("reinstated", help="the clock stops")):
        step.add_argument("--at", type=_moment, help="by default now")
    outage = commands.add_parser("outage", help="record downtime that has ended")
    outage.add_argument("start", type=_moment, help=_TIME)
    outage.add_argument("end", type=_moment, help=_TIME)
    return parser


if __name__ == "__main__":
    sys.exit(main())
