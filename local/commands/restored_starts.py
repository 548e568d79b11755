"""What starts functions in an account: switched off for a restore, and on again after it (SLA-07).

Reserved concurrency of 0 alone would not do: Lambda would go on taking messages from the queues, and each would come
back, until it is a dead letter; a schedule's runs would end among the missed ones. So schedules and mappings are
switched off first, and a queue keeps its messages meanwhile. On the local cloud functions are started by the local
service itself, so there is nothing to switch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any, Final, NamedTuple

from chalicelib.ports.clock import Clock
from local.commands.restored_tables import RestoreError
from local.emulated.account import Account
from local.emulated.cloud import ProvisionedCloud

_PAUSE: Final = 5.0
"""Seconds between two looks at a mapping; AWS changes one within a minute or two."""
_PATIENCE: Final = timedelta(minutes=15)
_OFF: Final = frozenset({"Disabled", "Disabling"})
_READ_ONLY: Final = frozenset({"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata"})
"""What AWS says about a schedule, and does not take back."""


class Starts(NamedTuple):
    """What can run, by the names of infra/stack.json."""

    mappings: frozenset[str] = frozenset()
    """Functions whose queue or stream is read."""
    schedules: frozenset[str] = frozenset()
    concurrency: Mapping[str, int | None] = {}
    """How many of each function may run at once; None for no limit of its own."""

    @property
    def functions(self) -> frozenset[str]:
        """Functions that may run at all."""
        return frozenset(name for name, most in self.concurrency.items() if most != 0)

    def described(self) -> str:
        """For the operator; empty if nothing can run."""
        parts = {"schedules": self.schedules, "mappings of": self.mappings, "functions": self.functions}
        return "; ".join(f"{what} {', '.join(sorted(names))}" for what, names in parts.items() if names)

    def without(self, functions: AbstractSet[str]) -> Starts:
        """Without these functions and what starts them."""
        left = {name: most for name, most in self.concurrency.items() if name not in functions}
        return self._replace(mappings=self.mappings - functions, concurrency=left)

    def with_earlier(self, earlier: Starts) -> Starts:
        """With what an earlier, interrupted stop has found and may have switched off since."""
        concurrency = {
            name: earlier.concurrency.get(name, most) if most == 0 else most for name, most in self.concurrency.items()
        }
        return Starts(self.mappings | earlier.mappings, self.schedules | earlier.schedules, concurrency)


class Switches:
    """The schedules, mappings and functions of an environment; ``wait`` takes seconds."""

    def __init__(self, cloud: ProvisionedCloud, clock: Clock, wait: Callable[[float], object]) -> None:
        self._cloud = cloud
        self._clock = clock
        self._wait = wait
        stack = cloud.stack
        is_account = isinstance(cloud, Account)
        self._functions = sorted(stack.functions) if is_account else []
        self._schedules = sorted(stack.description["schedules"]) if is_account else []
        self._streams = frozenset(mapping.function.name for mapping in stack.stream_mappings() if is_account)
        queues = frozenset(mapping.function.name for mapping in stack.queue_mappings() if is_account)
        self._mapped = queues | self._streams

    @property
    def streams(self) -> frozenset[str]:
        """Functions that read the stream of a table, which `stop` leaves running until the table is replaced."""
        return self._streams

    @property
    def longest_call(self) -> timedelta:
        """How long a call that has begun may still run."""
        seconds = [self._cloud.stack.functions[name].timeout_seconds for name in self._functions]
        return timedelta(seconds=max(seconds, default=0))

    def unread_streams(self) -> list[str]:
        """Tables whose stream no mapping reads, as after their restore; a deployment makes the mapping again."""
        unread = []
        for mapping in self._cloud.stack.stream_mappings():
            if mapping.function.name in self._streams:
                table = self._cloud.client("dynamodb").describe_table(TableName=self._cloud.table(mapping.table))
                read = {one["EventSourceArn"] for one in self._mappings(mapping.function.name)}
                if table["Table"].get("LatestStreamArn") not in read:
                    unread.append(mapping.table)
        return unread

    def found(self) -> Starts:
        """What can run now."""
        return Starts(
            frozenset(name for name in self._mapped if any(one["State"] not in _OFF for one in self._mappings(name))),
            frozenset(name for name in self._schedules if self._schedule(name)["State"] == "ENABLED"),
            {name: self._concurrency(name) for name in self._functions},
        )

    def stop(self) -> None:
        """Let nothing run but what reads a stream, and wait until no queue is read."""
        for name in self._schedules:
            self._set_schedule(name, "DISABLED")
        queues = self._mapped - self._streams
        self._limit(name for name in self._functions if name not in self._mapped)
        self._set_mappings(queues, is_on=False)
        self._limit(queues)

    def stop_streams(self) -> None:
        """Let nothing read a stream any more."""
        self._set_mappings(self._streams, is_on=False)
        self._limit(self._streams)

    def start(self, starts: Starts) -> None:
        """Let just these run again, and wait until every queue and stream of them is read."""
        for name in self._functions:
            self._set_concurrency(name, starts.concurrency.get(name))
        self._set_mappings(starts.mappings, is_on=True)
        for name in sorted(starts.schedules):
            self._set_schedule(name, "ENABLED")

    def _physical(self, name: str) -> str:
        return f"{self._cloud.prefix}-{name}"

    def _mappings(self, function: str) -> list[dict[str, Any]]:
        """The mappings of a function, whichever version or alias of it they start."""
        pages = self._cloud.client("lambda").get_paginator("list_event_source_mappings").paginate()
        every = (one for page in pages for one in page["EventSourceMappings"])
        return [one for one in every if one["FunctionArn"].split(":")[6] == self._physical(function)]

    def _set_mappings(self, functions: Iterable[str], *, is_on: bool) -> None:
        """Switch all of them, then wait for each; AWS refuses to change one that is just changing."""
        changing, wanted = sorted(functions), "Enabled" if is_on else "Disabled"
        for function in changing:
            for one in self._settled(function):
                if one["State"] != wanted:
                    self._cloud.client("lambda").update_event_source_mapping(UUID=one["UUID"], Enabled=is_on)
        for function in changing:
            late = [one for one in self._settled(function) if one["State"] != wanted]
            if late:
                raise RestoreError(f"The mapping of {function} is {late[0]['State']} again. Repeat this step.")

    def _settled(self, function: str) -> list[dict[str, Any]]:
        """The mappings of a function when none of them is changing. Raises RestoreError after a quarter of an hour."""
        until = self._clock() + _PATIENCE
        while True:
            found = self._mappings(function)
            changing = [one["State"] for one in found if one["State"] not in ("Enabled", "Disabled")]
            if not changing:
                return found
            if self._clock() >= until:
                raise RestoreError(f"The mapping of {function} is still {changing[0]}. Repeat this step.")
            self._wait(_PAUSE)

    def _schedule(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._cloud.client("scheduler").get_schedule(Name=name, GroupName=self._cloud.prefix)
        return found

    def _set_schedule(self, name: str, state: str) -> None:
        """AWS replaces the whole schedule, so all of it is given back."""
        found = self._schedule(name)
        if found["State"] != state:
            kept = {key: value for key, value in found.items() if key not in _READ_ONLY}
            self._cloud.client("scheduler").update_schedule(**kept | {"State": state})

    def _concurrency(self, name: str) -> int | None:
        found = self._cloud.client("lambda").get_function_concurrency(FunctionName=self._physical(name))
        most: int | None = found.get("ReservedConcurrentExecutions")
        return most

    def _limit(self, functions: Iterable[str]) -> None:
        for name in sorted(functions):
            self._set_concurrency(name, 0)

    def _set_concurrency(self, name: str, most: int | None) -> None:
        own, aws = self._physical(name), self._cloud.client("lambda")
        if most is None:
            aws.delete_function_concurrency(FunctionName=own)
        else:
            aws.put_function_concurrency(FunctionName=own, ReservedConcurrentExecutions=most)
