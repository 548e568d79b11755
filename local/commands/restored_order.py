"""The order of a restore's steps, and how far it has come (SLA-07).

The progress is a parameter of the Parameter Store: no loss of tables or buckets reaches it, and whoever goes on with
the restore on another machine finds it. Each step is noted when it is done, so one that was interrupted is repeated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from local.commands.restored_starts import Starts
from local.commands.restored_tables import RestoreError, shown
from local.emulated.cloud import ProvisionedCloud

STOP: Final = "stop"
TABLES: Final = "tables"
OBJECTS: Final = "objects"
CHECK: Final = "check"
REPORT: Final = "report"
RESUME: Final = "resume"
CLEAN: Final = "clean"
ORDER: Final = (STOP, TABLES, OBJECTS, CHECK, REPORT, RESUME, CLEAN)
"""`check` changes nothing that another step needs, so it may also be left out, or made at any time."""
NEEDED: Final[Mapping[str, str]] = {TABLES: STOP, OBJECTS: TABLES, REPORT: OBJECTS, RESUME: REPORT, CLEAN: RESUME}
STARTING: Final = "starting"
"""Noted before the first function can run again."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a restore has come; times as text in ISO 8601."""

    starts: Starts = Starts()
    """What could run before the stop, and will again."""
    begun_at: str = ""
    stopped_at: str = ""
    moment: str = ""
    done: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Self:
        """From the text of a parameter."""
        found: dict[str, Any] = json.loads(text)
        starts, done = found.pop("starts"), tuple(found.pop("done"))
        named = {key: frozenset(starts[key]) for key in ("mappings", "schedules")}
        return cls(Starts(**named, concurrency=starts["concurrency"]), done=done, **found)

    def text(self) -> str:
        """For a parameter."""
        mappings, schedules, concurrency = self.starts
        starts = {"mappings": sorted(mappings), "schedules": sorted(schedules), "concurrency": dict(concurrency)}
        return json.dumps(asdict(replace(self, starts=Starts())) | {"starts": starts})

    def with_done(self, step: str) -> Progress:
        """With a step noted, once."""
        return replace(self, done=(*(one for one in self.done if one != step), step))

    def stopping(self, found: Starts, now: datetime) -> Progress:
        """At the beginning of a stop, when these can run: it is repeated, or after a resume begins another restore.

        A resume that was interrupted has not started everything yet.
        """
        if not self.begun_at or RESUME in self.done:
            return Progress(found, begun_at=now.isoformat())
        if STARTING in self.done:
            return Progress(found.with_earlier(self.starts), begun_at=now.isoformat())
        done = tuple(one for one in self.done if one != STOP)
        return replace(self, starts=found.with_earlier(self.starts), done=done)


def require(progress: Progress, step: str, moment: datetime, running: Starts) -> None:
    """Raise RestoreError if the step must not be made now. ``running`` is what can run and should not."""
    if why := _objection(progress, step, shown(moment), running):
        raise RestoreError(why)


def _objection(progress: Progress, step: str, moment: str, running: Starts) -> str:
    """Why not, and what to do."""
    # Until its tables are back, a restore notes no moment: the copies of any may be those that it needs.
    if step == CLEAN and moment != progress.moment and (progress.moment or not progress.begun_at):
        return ""
    if step in (TABLES, OBJECTS, REPORT) and STARTING in progress.done:
        return (
            f"{step} comes before resume, which is done or has begun: it would take away or miss what was written"
            " since. To go back once more, begin with stop."
        )
    for needed in (NEEDED[step], STOP):
        if needed not in progress.done:
            return f"{step} comes after {needed}. The order is {', '.join(ORDER)}."
    if step != TABLES and moment != progress.moment:
        return f"This restore goes back to {progress.moment}, not to {moment}."
    if step in (TABLES, OBJECTS) and (found := running.described()):
        return f"Something has been started again, perhaps by a deployment: {found}. Repeat stop, then {step}."
    return ""


class Place:
    """Where the progress is kept."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        self._ssm = cloud.client("ssm")
        self._name = f"/restore/{cloud.prefix}"

    def read(self) -> Progress:
        """The progress; that of no restore if none has begun. Raises RestoreError if somebody has changed the text."""
        try:
            return Progress.of(self._ssm.get_parameter(Name=self._name)["Parameter"]["Value"])
        except self._ssm.exceptions.ParameterNotFound:
            return Progress()
        except (AttributeError, KeyError, TypeError, ValueError):
            raise RestoreError(
                f"The parameter {self._name} is no progress of a restore. Put back what it was: aws ssm"
                f" get-parameter-history --name {self._name}"
            ) from None

    def write(self, progress: Progress) -> Progress:
        """Keep it, and return it."""
        self._ssm.put_parameter(Name=self._name, Value=progress.text(), Type="String", Overwrite=True)
        return progress

    def remove(self) -> None:
        """When the restore is over."""
        try:
            self._ssm.delete_parameter(Name=self._name)
        except self._ssm.exceptions.ParameterNotFound:
            return
