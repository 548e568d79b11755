"""Maintenance windows and recoveries as people enter them: days and times of the United Kingdom (SLA-05, SLA-07)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple

from chalicelib.domain.codes import Code, CodeList
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import Field, Kind, named
from chalicelib.domain.maintenance import LONGEST_REASON, Environment, WindowKind
from chalicelib.domain.values import read_fields
from chalicelib.domain.working_time import LONDON, london_moments

ENVIRONMENT: Final = CodeList(
    "MaintenanceEnvironment",
    (
        Code(Environment.LIVE, "The live service"),
        Code(Environment.COMPATIBILITY, "The compatibility environment for developers"),
    ),
)
WINDOW_KIND: Final = CodeList(
    "MaintenanceKind",
    (
        Code(WindowKind.PLANNED, "Planned"),
        Code(WindowKind.AGREED, "Agreed"),
        Code(WindowKind.EMERGENCY, "Emergency"),
    ),
)
_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])", re.ASCII)


def _moment(name: str, wire: str, what: str, *, mandatory: bool = True) -> tuple[Field, Field]:
    """The fields of a day and a time."""
    return (
        Field(name, Kind.DATE, 10, f"{what} day.", "2026-12-05", mandatory=mandatory, wire=wire),
        Field(f"{name}_time", Kind.TEXT, 5, f"{what} time.", "20:00", mandatory=mandatory, wire=f"{wire}Time"),
    )


WINDOW_FIELDS: Final = (
    Field("environment", Kind.CODE, 20, "Environment.", mandatory=True, codes=ENVIRONMENT, wire="environment"),
    Field("kind", Kind.CODE, 20, "Kind of maintenance.", mandatory=True, codes=WINDOW_KIND, wire="kind"),
    *_moment("start", "start", "Start"),
    *_moment("end", "end", "End"),
    Field("reason", Kind.TEXT, LONGEST_REASON, "What is done.", "Release 2.4", mandatory=True, wire="reason"),
    Field("agreed_with", Kind.TEXT, LONGEST_REASON, "Who has agreed to it, and when.", wire="agreedWith"),
)
CHANGE_FIELDS: Final = WINDOW_FIELDS[1:]
INVOCATION_FIELDS: Final = (
    Field("reason", Kind.TEXT, LONGEST_REASON, "Reason.", "Loss of the region", mandatory=True, wire="reason"),
    *_moment("invoked", "invoked", "Invoked", mandatory=False),
)
REINSTATEMENT_FIELDS: Final = _moment("reinstated", "reinstated", "Reinstated", mandatory=False)
OUTAGE_FIELDS: Final = named(WINDOW_FIELDS, "start", "start_time", "end", "end_time")


class Read(NamedTuple):
    """What was entered, by the names of the fields, with a day and a time as one moment; or the reasons against it."""

    values: Mapping[str, Any]
    failures: tuple[Failure, ...] = ()


def read(fields: tuple[Field, ...], texts: Mapping[str, str]) -> Read:
    """The values of these fields; a moment that need not be given and is left out is None."""
    values, found = read_fields(fields, texts)
    failures = list(found)
    for name in [field.name for field in fields if field.kind is Kind.DATE]:
        clock = values.pop(f"{name}_time", None)
        if values.get(name) is None or not clock:
            if bool(values.get(name)) != bool(clock) and not found:
                failures.append(failure("ACF001", f"{name}Time" if values.get(name) else name))
            values[name] = None
            continue
        moment = moment_of(values[name], clock, f"{name}Time", is_end=name == "end")
        if isinstance(moment, Failure):
            failures.append(moment)
        values[name] = moment
    return Read(values, tuple(failures))


def moment_of(day: date, clock: str, field: str, *, is_end: bool = False) -> datetime | Failure:
    """The moment, in UTC, at which clocks in the United Kingdom show a time, or the reason against it.

    Of the two when the clocks go back, a window begins at the first and ends at the second, so that it covers both.
    """
    found = _TIME.fullmatch(clock)
    if found is None:
        return failure("LRS-REQ-4", field, expected="a time of 24 hours, such as 20:30")
    moments = london_moments(datetime.combine(day, time(int(found[1]), int(found[2]))))
    if not moments:
        return failure("LRS-REQ-4", field, expected="a time that there is: the clocks go forward on this day")
    return moments[-1 if is_end else 0]


def texts_of(moments: Mapping[str, datetime]) -> dict[str, str]:
    """Moments as they are entered."""
    found: dict[str, str] = {}
    for name, moment in moments.items():
        local = moment.astimezone(LONDON)
        found |= {name: local.date().isoformat(), f"{name}_time": f"{local:%H:%M}"}
    return found
