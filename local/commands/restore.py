"""Restore an environment to a moment, and say what was lost: docs/runbooks/restore.md (SLA-07).

    python -m local.commands.restore stop    --environment live
    python -m local.commands.restore tables  --environment live --moment 2026-11-27T05:00:00Z
    python -m local.commands.restore objects --environment live --moment …
    python -m local.commands.restore check   --environment live [--mend] [--share 0.05]
    python -m local.commands.restore report  --environment live --moment … [--folder after-restore]
    python -m local.commands.restore resume  --environment live --moment …
    python -m local.commands.restore clean   --environment live --moment …

This is the order; a step that comes too early or too late is refused, with the reason. A step that was interrupted is
repeated. With `--invoked`, the time when recovery was invoked, every step also prints the clock of eight service hours.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from chalicelib.bootstrap import services
from chalicelib.cloud.clock import now
from chalicelib.domain.recoveries import WITHIN, Recovery
from chalicelib.ports.clock import Clock
from chalicelib.reference import lists
from local.commands import restored_order as order
from local.commands.operators import PlaceParser, concluded
from local.commands.restored_check import check
from local.commands.restored_files import (
    CloudWatchLines,
    FileLines,
    LogLines,
    end_lost,
    findings,
    resume,
    summary,
    write_report,
)
from local.commands.restored_objects import put_right
from local.commands.restored_order import Place
from local.commands.restored_starts import Switches
from local.commands.restored_tables import (
    Copies,
    PointInTime,
    RestoreError,
    Wanted,
    remove_copies,
    restore_tables,
    shown,
)
from local.emulated.account import Account, chosen_place
from local.emulated.cloud import ProvisionedCloud
from local.emulated.provision import provision

DEPLOY: Final = 'make deploy ARGS="-var stopped=true"'
"""A deployment in the middle of a restore, which starts nothing."""


def clock_line(invoked: datetime, moment: datetime, holidays: frozenset[date]) -> str:
    """How much of the eight service hours is used, and when they end."""
    recovery = Recovery(invoked, reason="")
    used, due = recovery.used(moment, holidays), recovery.due(holidays)
    state = "left" if used <= WITHIN else "OVER"
    return f"{_hours(used)} service hours used, {_hours(abs(WITHIN - used))} {state}; due {due:%Y-%m-%d %H:%M} UTC"


class Outside(NamedTuple):
    """What the steps need besides the cloud; ``wait`` takes seconds."""

    clock: Clock
    wait: Callable[[float], object]
    copies: Copies | None = None
    """In place of AWS's own restore."""


class Restore:
    """The steps, each of which returns the exit status of the command."""

    def __init__(self, cloud: ProvisionedCloud, chosen: argparse.Namespace, outside: Outside) -> None:
        self._cloud = cloud
        self._chosen = chosen
        self._outside = outside
        self._services = services(cloud.environment)
        self._switches = Switches(cloud, outside.clock, outside.wait)
        self._place = Place(cloud)

    def stop(self) -> int:
        """Let nothing run, so that nothing changes under the restore; only streams are still read to their end."""
        clock = self._outside.clock
        found = self._switches.found()
        progress = self._place.write(self._place.read().stopping(found, clock()))
        self._switches.stop()
        if order.TABLES in progress.done:
            self._switches.stop_streams()
        self._place.write(replace(progress, stopped_at=clock().isoformat()).with_done(order.STOP))
        if not isinstance(self._cloud, Account):
            print("Nothing is stopped: on this machine the functions run as long as the service does.")
            return 0
        print(f"Stopped: {found.described() or 'nothing, as nothing could run'}.")
        print(f"A deployment starts everything again, unless it is: {DEPLOY}.")
        return 0

    def tables(self) -> int:
        """Bring the tables back."""
        progress, moment = self._required(order.TABLES), self._chosen.moment
        copies = self._outside.copies or PointInTime(self._cloud.client("dynamodb"))
        wanted = Wanted(moment, datetime.fromisoformat(progress.begun_at))
        done = restore_tables(self._cloud, copies, wanted, print, self._switches.stop_streams)
        self._place.write(replace(progress, moment=shown(moment)).with_done(order.TABLES))
        print(f"Back as they were at {shown(moment)}: {', '.join(done)}.")
        if isinstance(self._cloud, Account):
            print(f"Now: {DEPLOY}. It turns on streams, time to live, recovery and protection.")
        else:
            provision(self._cloud.stack, self._cloud.prefix, self._cloud.client, ("dynamodb",))
        return 0

    def objects(self) -> int:
        """Make the objects agree with them, when every call has ended that had begun before the stop."""
        progress = self._required(order.OBJECTS)
        ended = datetime.fromisoformat(progress.stopped_at) + self._switches.longest_call
        self._outside.wait(max(0.0, (ended - self._outside.clock()).total_seconds()))
        done = put_right(self._cloud, self._services.jobs, self._chosen.moment)
        self._place.write(progress.with_done(order.OBJECTS))
        print(f"{done.removed_work} objects of the pipeline removed, {done.rewound} marks of imports taken back,")
        print(f"{done.undeleted} deleted objects brought back.")
        return 0

    def check(self) -> int:
        """Compare the tables; 1 if something is left that is not mended."""
        done = check(self._cloud, self._services, self._chosen.share, mend=self._chosen.mend)
        print(f"Looked at {done.learners} learners, {done.entries} entries, {done.achievements} achievements.")
        for what in sorted({one.what for one in done.found}):
            own = [one for one in done.found if one.what == what]
            print(f"{len(own)} × {what} ({sum(one.mended for one in own)} mended)")
        return 0 if all(one.mended for one in done.found) else 1

    def report(self) -> int:
        """Name what was lost, for each organisation."""
        progress = self._required(order.REPORT)
        found, _ = findings(self._cloud, self._services, self._log(), self._chosen.moment)
        written = write_report(self._chosen.folder, found)
        self._place.write(progress.with_done(order.REPORT))
        print(*summary(found), f"{len(written)} files in {self._chosen.folder}.", sep="\n")
        return 0

    def resume(self) -> int:
        """Send the files of the inbox that no job knows to the pipeline, end the jobs whose files are gone, and let
        everything run again that could.
        """
        progress = self._required(order.RESUME)
        if unread := self._switches.unread_streams():
            raise RestoreError(f"Nothing would read the stream of {', '.join(unread)}. First: {DEPLOY}.")
        found, unknown = findings(self._cloud, self._services, self._log(), self._chosen.moment)
        progress = self._place.write(progress.with_done(order.STARTING))
        print(f"{resume(self._services, unknown)} files are processed again.")
        print(f"{end_lost(self._services, found)} jobs ended, as their files are gone.")
        if order.RESUME not in progress.done:  # what was switched off since stays so
            self._switches.start(progress.starts)
        self._place.write(progress.with_done(order.RESUME))
        print(f"Started: {self._switches.found().described() or 'nothing'}.")
        return 0

    def clean(self) -> int:
        """Delete the tables beside."""
        progress = self._required(order.CLEAN)
        print(f"Deleted: {', '.join(remove_copies(self._cloud, self._chosen.moment)) or 'nothing'}.")
        if shown(self._chosen.moment) == progress.moment:
            self._place.remove()
        return 0

    def _required(self, step: str) -> order.Progress:
        """The progress. Raises RestoreError if the step must not be made now."""
        progress, running = self._place.read(), self._switches.found()
        if step == order.TABLES:  # until a table is replaced, its stream is read
            running = running.without(self._switches.streams)
        order.require(progress, step, self._chosen.moment, running)
        return progress

    def _log(self) -> LogLines:
        if isinstance(self._cloud, Account):
            return CloudWatchLines(self._cloud)
        return FileLines(self._chosen.state / name for name in ("functions.log", "web.log"))


STEPS: Final[Mapping[str, Callable[[Restore], int]]] = {
    order.STOP: Restore.stop,
    order.TABLES: Restore.tables,
    order.OBJECTS: Restore.objects,
    order.CHECK: Restore.check,
    order.REPORT: Restore.report,
    order.RESUME: Restore.resume,
    order.CLEAN: Restore.clean,
}
_OF_A_MOMENT: Final = frozenset(STEPS) - {order.STOP, order.CHECK}


def main(
    arguments: Sequence[str] | None = None,
    copies: Copies | None = None,
    clock: Clock = now,
    wait: Callable[[float], object] = time.sleep,
) -> int:
    """Command line: 0 done, 1 refused or something is left, 2 no such place. ``copies`` replaces AWS's own restore."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.step in _OF_A_MOMENT and chosen.moment is None:
        parser.error(f"{chosen.step} needs --moment")

    def work() -> int:
        status = STEPS[chosen.step](Restore(chosen_place(chosen), chosen, Outside(clock, wait, copies)))
        if status == 0 and chosen.step != order.CLEAN:
            print(f"Next: {order.ORDER[order.ORDER.index(chosen.step) + 1]}.")
        if chosen.invoked is not None:
            print(clock_line(chosen.invoked, clock(), lists().bank_holidays))
        return status

    return concluded(work)


def _parser() -> argparse.ArgumentParser:
    parser = PlaceParser("restore", __doc__)
    parser.add_argument("step", choices=STEPS, help="in this order; check may be left out")
    parser.add_argument("--moment", type=_moment, help="as the tables are to be, such as 2026-11-27T05:00:00Z")
    parser.add_argument("--invoked", type=_moment, help="when recovery was invoked")
    parser.add_argument("--share", type=float, default=1.0, help="of the register that check looks at")
    parser.add_argument("--mend", action="store_true", help="let check mend the index of people")
    parser.add_argument("--folder", type=Path, default=Path("after-restore"), help="for the reports")
    return parser


def _moment(text: str) -> datetime:
    """A time with its zone. Raises ArgumentTypeError, also for one that is still to come."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} is not a time with its zone, such as 2026-11-27T05:00:00Z")
    if found.microsecond:
        raise argparse.ArgumentTypeError(f"{text} is not a whole second: tables go back to one")
    if found > now():
        raise argparse.ArgumentTypeError(f"{text} is still to come")
    return found.astimezone(UTC)


def _hours(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


if __name__ == "__main__":
    sys.exit(main())
