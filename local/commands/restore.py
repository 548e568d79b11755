"""Restore an environment to a moment, and say what was lost: docs/runbooks/restore.md (SLA-07).

    python -m local.commands.restore stop    --environment live
    python -m local.commands.restore tables  --environment live --moment 2026-11-27T05:00:00Z
    python -m local.commands.restore objects --environment live --moment …
    python -m local.commands.restore check   --environment live [--mend] [--share 0.05]
    python -m local.commands.restore report  --environment live --moment … [--folder after-restore]
    python -m local.commands.restore resume  --environment live --moment …
    python -m local.commands.restore clean   --environment live --moment …

With `--invoked`, the time when recovery was invoked, every step also prints the clock of eight service hours. Every
step can be repeated, `objects` until the functions start again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.bootstrap import services
from chalicelib.cloud.clock import now
from chalicelib.domain.recoveries import WITHIN, Recovery
from chalicelib.reference import lists
from local.commands.restored_check import check
from local.commands.restored_files import CloudWatchLines, FileLines, LogLines, findings, resume, summary, write_report
from local.commands.restored_objects import put_right
from local.commands.restored_tables import Copies, PointInTime, RestoreError, remove_copies, restore_tables
from local.emulated.account import Account, add_place, chosen_place
from local.emulated.cloud import CloudError, ProvisionedCloud
from local.emulated.provision import provision


def clock_line(invoked: datetime, moment: datetime, holidays: frozenset[date]) -> str:
    """How much of the eight service hours is used, and when they end."""
    recovery = Recovery(invoked, reason="")
    used, due = recovery.used(moment, holidays), recovery.due(holidays)
    state = "left" if used <= WITHIN else "OVER"
    return f"{_hours(used)} service hours used, {_hours(abs(WITHIN - used))} {state}; due {due:%Y-%m-%d %H:%M} UTC"


class Restore:
    """The steps, each of which returns the exit status of the command."""

    def __init__(self, cloud: ProvisionedCloud, chosen: argparse.Namespace, copies: Copies | None) -> None:
        self._cloud = cloud
        self._chosen = chosen
        self._copies = copies or PointInTime(cloud.client("dynamodb"))
        self._services = services(cloud.environment)

    def stop(self) -> int:
        """Let no function run, so that nothing changes under the restore; only streams are still read to their end."""
        reading = {mapping.function.name for mapping in self._cloud.stack.stream_mappings()}
        for name in sorted(self._cloud.stack.functions.keys() - reading):
            function = f"{self._cloud.prefix}-{name}"
            self._cloud.client("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
            print(f"{function} is stopped")
        print("make deploy starts them again.")
        return 0

    def tables(self) -> int:
        """Bring the tables back."""
        done = restore_tables(self._cloud, self._copies, self._chosen.moment, print)
        print(f"Back as they were at {self._chosen.moment:%Y-%m-%dT%H:%M:%SZ}: {', '.join(done)}.")
        if isinstance(self._cloud, Account):
            print("Now: make deploy. It turns on streams, time to live, recovery and protection again.")
        else:
            provision(self._cloud.stack, self._cloud.prefix, self._cloud.client, ("dynamodb",))
        return 0

    def objects(self) -> int:
        """Make the objects agree with them."""
        done = put_right(self._cloud, self._chosen.moment)
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
        found, _ = findings(self._cloud, self._services, self._log(), self._chosen.moment)
        written = write_report(self._chosen.folder, found)
        print(*summary(found), f"{len(written)} files in {self._chosen.folder}.", sep="\n")
        return 0

    def resume(self) -> int:
        """Send the files of the inbox that no job knows to the pipeline."""
        _, unknown = findings(self._cloud, self._services, self._log(), self._chosen.moment)
        print(f"{resume(self._services, unknown)} files are processed again.")
        return 0

    def clean(self) -> int:
        """Delete the tables beside."""
        print(f"Deleted: {', '.join(remove_copies(self._cloud, self._chosen.moment)) or 'nothing'}.")
        return 0

    def _log(self) -> LogLines:
        if isinstance(self._cloud, Account):
            return CloudWatchLines(self._cloud)
        return FileLines(self._chosen.state / name for name in ("functions.log", "web.log"))


STEPS: Final[Mapping[str, Callable[[Restore], int]]] = {
    "stop": Restore.stop,
    "tables": Restore.tables,
    "objects": Restore.objects,
    "check": Restore.check,
    "report": Restore.report,
    "resume": Restore.resume,
    "clean": Restore.clean,
}
_OF_A_MOMENT: Final = frozenset({"tables", "objects", "report", "resume", "clean"})


def main(arguments: Sequence[str] | None = None, copies: Copies | None = None) -> int:
    """Command line: 0 done, 1 refused or something is left, 2 no such place. ``copies`` replaces AWS's own restore."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.step in _OF_A_MOMENT and chosen.moment is None:
        parser.error(f"{chosen.step} needs --moment")
    try:
        status = STEPS[chosen.step](Restore(chosen_place(chosen), chosen, copies))
    except CloudError as error:
        print(error, file=sys.stderr)
        return 2
    except (RestoreError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    if chosen.invoked is not None:
        print(clock_line(chosen.invoked, now(), lists().bank_holidays))
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.commands.restore", description=__doc__.split("\n", 1)[0])
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--moment", type=_moment, help="as the tables are to be, such as 2026-11-27T05:00:00Z")
    parser.add_argument("--invoked", type=_moment, help="when recovery was invoked")
    parser.add_argument("--share", type=float, default=1.0, help="of the register that check looks at")
    parser.add_argument("--mend", action="store_true", help="let check mend the index of people")
    parser.add_argument("--folder", type=Path, default=Path("after-restore"), help="for the reports")
    add_place(parser)
    return parser


def _moment(text: str) -> datetime:
    """A time with its zone. Raises ArgumentTypeError, also for one that is still to come."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} is not a time with its zone, such as 2026-11-27T05:00:00Z")
    if found > now():
        raise argparse.ArgumentTypeError(f"{text} is still to come")
    return found.astimezone(UTC)


def _hours(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


if __name__ == "__main__":
    sys.exit(main())
