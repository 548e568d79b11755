"""Tables brought back under their own names, as they were at one moment (SLA-07).

AWS only restores to a table that does not exist. So each table is restored beside the damaged one, backed up from
there, and restored once more under its own name: names, grants and Terraform's state stay as they are. Every step is
recognised when the command is repeated. Only the first step differs between AWS and the emulator (`Copies`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

from local.commands.operators import CommandError
from local.emulated.cloud import ProvisionedCloud

TOGETHER: Final = ("register", "person_index", "casework", "jobs", "sessions", "submissions")
"""Tables that describe one another, and always go back to the same moment: a job or a ledger that is newer than the
register would answer for records that the register has lost.
"""
ALONE: Final = ("accounts", "audit", "catalogue", "levels")
"""Tables that are only restored if they are gone: what they say stays true."""

_WAIT: Final = {"Delay": 10, "MaxAttempts": 2_880}
"""Eight hours."""


class RestoreError(CommandError):
    """The restore cannot be made; the message says what to do."""


class Wanted(NamedTuple):
    """The moment to go back to, and when this restore began."""

    moment: datetime
    begun: datetime


class Copies(Protocol):
    """The platform's own restore of one table to a moment."""

    def reachable(self, table: str, moment: datetime) -> str:
        """Why the table cannot go back to that moment; empty if it can."""
        ...

    def copy(self, table: str, moment: datetime, target: str) -> None:
        """Begin to make the table ``target`` with the contents that ``table`` had at that moment."""
        ...


class PointInTime:
    """Point-in-time recovery, and for a deleted table the backup that DynamoDB keeps of it for 35 days."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb

    def reachable(self, table: str, moment: datetime) -> str:
        """An existing table can go back to any second of its window, a deleted one only to its deletion."""
        if exists(self._dynamodb, table):
            described = self._dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
            window = described["PointInTimeRecoveryDescription"]
            if window["PointInTimeRecoveryStatus"] != "ENABLED":
                return f"{table} has no point-in-time recovery"
            first, last = window.get("EarliestRestorableDateTime"), window.get("LatestRestorableDateTime")
            if first and last and not first <= moment <= last:
                return f"{table} can go back to any second from {shown(first)} to {shown(last)}"
            return ""
        kept = self._kept(table)
        if kept is None:
            return f"{table} does not exist, and DynamoDB keeps no backup of it: use a recovery point of AWS Backup"
        deleted = kept["BackupCreationDateTime"]
        if moment < deleted.replace(microsecond=0):
            return f"{table} was deleted, and only returns as it was then: choose {shown(deleted)} for every table"
        return ""

    def copy(self, table: str, moment: datetime, target: str) -> None:
        """See the port."""
        if exists(self._dynamodb, table):
            self._dynamodb.restore_table_to_point_in_time(
                SourceTableName=table, TargetTableName=target, RestoreDateTime=moment
            )
            return
        kept = self._kept(table)
        assert kept is not None
        self._dynamodb.restore_table_from_backup(TargetTableName=target, BackupArn=kept["BackupArn"])

    def _kept(self, table: str) -> dict[str, Any] | None:
        """The newest backup that DynamoDB made of the table when it was deleted."""
        found = self._dynamodb.list_backups(TableName=table, BackupType="SYSTEM")["BackupSummaries"]
        return max(found, key=lambda backup: backup["BackupCreationDateTime"], default=None)


def restore_tables(
    cloud: ProvisionedCloud,
    copies: Copies,
    wanted: Wanted,
    say: Callable[[str], None] = lambda _: None,
    end_streams: Callable[[], None] = lambda: None,
) -> list[str]:
    """Bring the tables back to the moment, and return their names. Raises RestoreError before anything is changed.

    ``end_streams`` is called when every copy is complete and before the first table is replaced: until then what reads
    a table's stream has had all that time to come to its end.
    """
    dynamodb, moment = cloud.client("dynamodb"), wanted.moment
    copy_of = {name: beside_name(cloud.table(name), moment) for name in (*TOGETHER, *ALONE)}
    back = {name for name, copy in copy_of.items() if _is_back(dynamodb, cloud.table(name), copy, wanted.begun)}
    gone = {name for name in ALONE if not exists(dynamodb, cloud.table(name))}
    names = [name for name in copy_of if name in TOGETHER or name in back | gone]
    beside = {cloud.table(name): copy_of[name] for name in names}
    left = {cloud.table(name): copy_of[name] for name in names if name not in back}
    begun = [table for table, copy in left.items() if exists(dynamodb, copy)]
    objections = [why for table in left if table not in begun and (why := copies.reachable(table, moment))]
    if objections:
        raise RestoreError("\n".join(objections))
    for table, copy in left.items():
        if table not in begun:
            say(f"{table}: restoring beside it, as {copy}")
            copies.copy(table, moment, copy)
    backups = {table: _backed_up(dynamodb, copy) for table, copy in left.items()}
    end_streams()
    for table, backup in backups.items():
        say(f"{table}: restoring under its own name")
        _replace(dynamodb, table, backup)
    wait_for(dynamodb, beside)
    return names


def remove_copies(cloud: ProvisionedCloud, moment: datetime) -> list[str]:
    """Delete the tables beside, and their backups, when nobody needs them any more; returns what was deleted."""
    dynamodb, removed = cloud.client("dynamodb"), []
    for name in (*TOGETHER, *ALONE):
        copy = beside_name(cloud.table(name), moment)
        if exists(dynamodb, copy):
            _delete(dynamodb, copy)
            removed.append(copy)
        for backup in _backups(dynamodb, copy):
            dynamodb.delete_backup(BackupArn=backup["BackupArn"])
    return removed


def beside_name(table: str, moment: datetime) -> str:
    """The name of a table's copy as it was at a moment."""
    return f"{table}-as-of-{moment:%Y%m%dT%H%M%S}"


def exists(dynamodb: Any, table: str) -> bool:
    """Whether there is such a table."""
    try:
        dynamodb.describe_table(TableName=table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return False
    return True


def wait_for(dynamodb: Any, tables: Iterable[str]) -> None:
    """Wait until the tables can be used."""
    for table in tables:
        dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig=_WAIT)


def _backed_up(dynamodb: Any, copy: str) -> str:
    """The backup of a complete copy; made once."""
    wait_for(dynamodb, [copy])
    made = _backups(dynamodb, copy)
    first = made[0] if made else dynamodb.create_backup(TableName=copy, BackupName=copy)["BackupDetails"]
    arn = str(first["BackupArn"])
    # It is made in the background, within minutes; until then AWS restores nothing from it.
    while _status(dynamodb, arn) == "CREATING":
        time.sleep(_WAIT["Delay"])
    return arn


def _status(dynamodb: Any, backup: str) -> str:
    described = dynamodb.describe_backup(BackupArn=backup)["BackupDescription"]
    return str(described["BackupDetails"]["BackupStatus"])


def _backups(dynamodb: Any, copy: str) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = dynamodb.list_backups(TableName=copy, BackupType="USER")["BackupSummaries"]
    return found


def _replace(dynamodb: Any, table: str, backup: str) -> None:
    """Put a backup in the table's place. DynamoDB keeps the damaged table for 35 days."""
    if exists(dynamodb, table):
        _delete(dynamodb, table)
    dynamodb.restore_table_from_backup(TargetTableName=table, BackupArn=backup)


def _delete(dynamodb: Any, table: str) -> None:
    found = dynamodb.describe_table(TableName=table)["Table"]
    if found["TableStatus"] != "DELETING":  # as after an interrupted run
        if found.get("DeletionProtectionEnabled"):
            dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
            wait_for(dynamodb, [table])
        dynamodb.delete_table(TableName=table)
    dynamodb.get_waiter("table_not_exists").wait(TableName=table, WaiterConfig=_WAIT)


def _is_back(dynamodb: Any, table: str, copy: str, begun: datetime) -> bool:
    """Whether this restore has replaced the table already: it is younger than the restore and the copy's backup.

    A copy that an earlier restore to the same moment has left is as good as another one; the table it made is not.
    """
    backups = _backups(dynamodb, copy)
    if not backups or not exists(dynamodb, table):
        return False
    made: datetime = dynamodb.describe_table(TableName=table)["Table"]["CreationDateTime"]
    backed_up: datetime = backups[0]["BackupCreationDateTime"]
    return made >= max(begun, backed_up).replace(microsecond=0)


def shown(moment: datetime) -> str:
    """A moment as operators read and type it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
