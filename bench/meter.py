"""A meter for botocore: calls by operation, and capacity units by item size.

Units are computed from the items themselves with the sizes that AWS documents, since emulators report them wrongly or
not at all. A read is charged for the whole item, whatever part of it is projected: the meter learns sizes from the
items written through it, and from :meth:`Meter.learn` for earlier items. A write is also charged for each index whose
entry appears, changes, moves or disappears, if the meter has been told of the index (:meth:`Meter.know_indexes`).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_KEY_NAMES = ("pk", "sk")
_INSERT = re.compile(r'INSERT INTO "?([^"\s]+)"? VALUE \{(.*)\}', re.DOTALL | re.IGNORECASE)
_UPDATE = re.compile(r'UPDATE "?([^"\s]+)"? (.*) AND revision=\?', re.DOTALL | re.IGNORECASE)
_NAME = re.compile(r"""['"]?(\w+)['"]?\s*[:=]\s*\?""")


def size_of(value: Mapping[str, Any]) -> int:
    """Bytes of one attribute value in DynamoDB's wire form."""
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return math.ceil(len(content.strip("-").replace(".", "")) / 2) + 1
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return 3 + sum(len(name.encode()) + size_of(part) + 1 for name, part in content.items())
    if kind == "L":
        return 3 + sum(size_of(part) + 1 for part in content)
    if kind in ("SS", "NS"):
        return sum(size_of({kind[0]: part}) for part in content)
    return len(content)


def item_size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Bytes of an item."""
    return sum(len(name.encode()) + size_of(value) for name, value in item.items())


def write_units(size: int) -> int:
    """Write units of an item of that many bytes: one for each started kilobyte."""
    return max(1, math.ceil(size / 1024))


def read_units(size: int, *, consistent: bool) -> float:
    """Read units of an item of that many bytes: one for each started four kilobytes, half if it may be stale."""
    return max(1, math.ceil(size / 4096)) * (1.0 if consistent else 0.5)


class Meter:
    """Counts every call of the clients it is attached to; ``wcu`` and ``rcu`` are by table."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.wcu: Counter[str] = Counter()
        self.rcu: defaultdict[str, float] = defaultdict(float)
        self.unknown_sizes: Counter[str] = Counter()
        """Reads by table of items whose size the meter does not know: a meaningful budget has none."""
        self._sizes: dict[tuple[str, str, str], int] = {}
        self._indexes: dict[str, Sequence[Mapping[str, Any]]] = {}
        self._entries: dict[tuple[tuple[str, str, str], str], Mapping[str, Mapping[str, Any]]] = {}

    def attach(self, client: Any) -> Any:
        """Attach to a boto client; the client."""
        service = client.meta.service_model.service_name
        client.meta.events.register(f"before-call.{service}", self._before)
        client.meta.events.register(f"after-call.{service}", self._after)
        return client

    def learn(self, table: str, items: Iterable[Mapping[str, Mapping[str, Any]]]) -> None:
        """Note the sizes of items that are in a table already."""
        for item in items:
            self._sizes[self._identity(table, item)] = item_size(item)

    def know_indexes(self, table: str, described: Sequence[Mapping[str, Any]]) -> None:
        """Note the indexes of a table, as ``infra/stack.json`` describes them."""
        self._indexes[table] = described

    def reset(self) -> None:
        """Sets the counts to zero; known sizes are kept."""
        for counts in (self.calls, self.wcu, self.rcu, self.unknown_sizes):
            counts.clear()

    @property
    def dynamodb_calls(self) -> int:
        return sum(count for name, count in self.calls.items() if name.startswith("dynamodb."))

    @property
    def other_calls(self) -> int:
        return sum(count for name, count in self.calls.items() if not name.startswith("dynamodb."))

    def _before(self, model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        service = model.service_model.service_name
        self.calls[f"{service}.{model.name}"] += 1
        context["meter"] = json.loads(params["body"]) if service == "dynamodb" else None

    def _after(self, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        request = context.get("meter")
        if request is not None:
            getattr(self, f"_on_{model.name}", self._on_other)(request, parsed)

    def _on_PutItem(self, request: dict[str, Any], parsed: dict[str, Any]) -> None:  # noqa: N802 - AWS's name
        self._wrote(request["TableName"], request["Item"], applied="Error" not in parsed)

    def _on_UpdateItem(self, request: dict[str, Any], parsed: dict[str, Any]) -> None:  # noqa: N802
        table = request["TableName"]
        item = parsed.get("Attributes") if request.get("ReturnValues") == "ALL_NEW" else None
        if item:
            self._wrote(table, item, applied=True)
        else:
            values = request.get("ExpressionAttributeValues", {})
            grown = item_size(request["Key"]) + sum(size_of(value) for value in values.values())
            before = self._sizes.get(self._identity(table, request["Key"]), 0)
            self.wcu[table] += write_units(max(before, grown))
            if table in self._indexes:
                raise ValueError("the meter cannot see what this change does to the table's indexes")

    def _on_DeleteItem(self, request: dict[str, Any], _: dict[str, Any]) -> None:  # noqa: N802
        table = request["TableName"]
        self.wcu[table] += write_units(self._sizes.pop(self._identity(table, request["Key"]), 1))
        self._index(table, request["Key"], {})

    def _on_BatchWriteItem(self, request: dict[str, Any], _: dict[str, Any]) -> None:  # noqa: N802
        for table, writes in request["RequestItems"].items():
            for write in writes:
                if "PutRequest" in write:
                    self._wrote(table, write["PutRequest"]["Item"], applied=True)
                else:
                    self.wcu[table] += 1

    def _on_BatchExecuteStatement(self, request: dict[str, Any], parsed: dict[str, Any]) -> None:  # noqa: N802
        for statement, answer in zip(request["Statements"], parsed.get("Responses", ()), strict=False):
            text = statement["Statement"].strip()
            found = _INSERT.fullmatch(text) or _UPDATE.fullmatch(text)
            if found is None:
                raise ValueError("the meter does not know this statement")
            # An update here sets every attribute except the key in its WHERE; the expected revision comes last.
            item = dict(zip(_NAME.findall(found[2]), statement["Parameters"], strict=False))
            self._wrote(found[1], item, applied="Error" not in answer)

    def _on_TransactWriteItems(self, request: dict[str, Any], _: dict[str, Any]) -> None:  # noqa: N802
        for action in request["TransactItems"]:
            ((kind, detail),) = action.items()
            size = item_size(detail["Item"]) if kind == "Put" else 1
            self.wcu[detail["TableName"]] += 2 * write_units(size)

    def _on_GetItem(self, request: dict[str, Any], parsed: dict[str, Any]) -> None:  # noqa: N802
        found = "Item" in parsed
        self._read(request["TableName"], request["Key"], request, found=found)

    def _on_BatchGetItem(self, request: dict[str, Any], parsed: dict[str, Any]) -> None:  # noqa: N802
        for table, wanted in request["RequestItems"].items():
            present = {self._identity(table, item) for item in parsed.get("Responses", {}).get(table, ())}
            for key in wanted["Keys"]:
                self._read(table, key, wanted, found=self._identity(table, key) in present)

    def _on_Query(self, request: dict[str, Any], parsed: dict[str, Any]) -> None:  # noqa: N802
        size = sum(item_size(item) for item in parsed.get("Items", ()))
        self.rcu[request["TableName"]] += read_units(size, consistent=bool(request.get("ConsistentRead")))

    def _on_other(self, request: dict[str, Any], _: dict[str, Any]) -> None:
        """Calls that cost no capacity units."""

    def _wrote(self, table: str, item: Mapping[str, Mapping[str, Any]], *, applied: bool) -> None:
        size = item_size(item)
        self.wcu[table] += write_units(size)
        if applied:
            self._sizes[self._identity(table, item)] = size
            self._index(table, item, item)

    def _index(self, table: str, key: Mapping[str, Any], item: Mapping[str, Mapping[str, Any]]) -> None:
        """Charge the indexes for an item that was written, or with an empty item for one that was deleted."""
        for index in self._indexes.get(table, ()):
            names = [index[part]["name"] for part in ("partitionKey", "sortKey")]
            place = (self._identity(table, key), index["name"])
            before = self._entries.pop(place, None)
            shown = item if index["projection"] == "ALL" else {n: item[n] for n in (*_KEY_NAMES, *names) if n in item}
            after = dict(shown) if all(name in item for name in names) else None
            if after is not None:
                self._entries[place] = after
            moved = before is not None and after is not None and any(before[n] != after[n] for n in names)
            for entry in (before, after) if moved else (after or before,):
                if entry is not None and before != after:
                    self.wcu[f"{table}/{index['name']}"] += write_units(item_size(entry))

    def _read(self, table: str, key: Mapping[str, Any], request: Mapping[str, Any], *, found: bool) -> None:
        size = self._sizes.get(self._identity(table, key), 0)
        if found and not size:
            self.unknown_sizes[table] += 1
        self.rcu[table] += read_units(size if found else 0, consistent=bool(request.get("ConsistentRead")))

    @staticmethod
    def _identity(table: str, item: Mapping[str, Mapping[str, Any]]) -> tuple[str, str, str]:
        values = [str(next(iter(item[name].values()))) for name in _KEY_NAMES if name in item]
        return (table, values[0] if values else "", values[1] if len(values) > 1 else "")
