"""A group of accepted changes as one small item: which organisation submitted what on which day (ACH-08, ACH-10).

The register has no index by organisation: its partition would be hot, and every achievement would cost twice. Instead,
its stream delivers the changes up to a hundred at a time, and an organisation's submissions in such a group are one
item. ``changes`` is two lists: the sources (channel, user, job), of which a group has few, and the changes, each a list
with the position of its source and, where there is one, the action date.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from chalicelib.domain.achievements import Key, Status
from chalicelib.domain.aims import AimReference
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.uln import Uln
from chalicelib.ports.achievements import SubmittedChange
from chalicelib.storage.tables import Item
from chalicelib.storage.texts import JsonText

LONG: Final = 1024
"""Length from which a group is compressed, in characters: more than one write unit."""

_STATUS_LETTERS: Final = {Status.ACTIVE: "A", Status.WITHDRAWN: "W"}
_STATUSES: Final = {letter: status for status, letter in _STATUS_LETTERS.items()}
_TYPE_LETTERS: Final = {SubmissionType.FINAL: "F", SubmissionType.PROVISIONAL: "P"}
_TYPES: Final = {letter: kind for kind, letter in _TYPE_LETTERS.items()}
_LATE: Final = "L"


class SubmissionItem(Item):
    """Changes made by an organisation, ``DAY#<ukprn>#<day>#<partition>`` / ``<at>#<event>`` of the first (ACH-08)."""

    changes = JsonText(LONG)


def packed(changes: Sequence[SubmittedChange]) -> list[Any]:
    """One organisation's changes; times are stored as seconds after the first one."""
    began = datetime.fromisoformat(changes[0].at)
    sources: dict[tuple[str, str, str], int] = {}
    afters = {changes[0].at: 0}
    rows: list[list[Any]] = []
    for _, at, (uln, aim, awarded), revision, actions, status, kind, late, channel, user, job, acted in changes:
        source = sources.setdefault((channel, user, job), len(sources))
        if at not in afters:
            afters[at] = int((datetime.fromisoformat(at) - began).total_seconds())
        marks = _STATUS_LETTERS[status] + _TYPE_LETTERS[kind] + _LATE * late
        row = [uln, aim, awarded.isoformat(), afters[at], revision, actions, marks, source]
        rows.append([*row, acted] if acted else row)
    return [list(sources), rows]


def unpacked(groups: Sequence[Any], organisation: str, began: str) -> list[SubmittedChange]:
    """The changes that :func:`packed` wrote; ``began`` is the time of the first."""
    sources, rows = groups
    start = datetime.fromisoformat(began)
    changes = []
    for uln, aim, awarded, after, revision, actions, marks, source, *acted in rows:
        channel, user, job = sources[source]
        changes.append(
            SubmittedChange(
                organisation,
                (start + timedelta(seconds=after)).isoformat(timespec="seconds"),
                Key(Uln(uln), AimReference(aim), date.fromisoformat(awarded)),
                revision,
                actions,
                _STATUSES[marks[0]],
                _TYPES[marks[1]],
                _LATE in marks,
                channel,
                user,
                job,
                *(acted or [""]),
            )
        )
    return changes
