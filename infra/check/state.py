"""The resources of a plan or a state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def resources_of(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every resource in what `terraform show -json` gave: `address`, `mode`, `type`, `name`, `index`, `values`."""
    values = shown.get("planned_values") or shown.get("values") or {}
    return list(_resources(values.get("root_module", {})))


def _resources(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)


class State:
    """The evaluated state of an environment, asked by type."""

    def __init__(self, resources: Iterable[Mapping[str, Any]]) -> None:
        self._of_type: dict[str, list[dict[str, Any]]] = {}
        for resource in resources:
            if resource["mode"] == "managed":
                self._of_type.setdefault(resource["type"], []).append(resource["values"])

    def of(self, type_name: str) -> list[dict[str, Any]]:
        """The values of every resource of a type, without the `aws_` of its name."""
        return self._of_type.get(f"aws_{type_name}", [])

    def by(self, attribute: str, type_name: str) -> dict[str, dict[str, Any]]:
        """Every resource of a type, by one of its attributes."""
        return {values[attribute]: values for values in self.of(type_name)}

    def metrics(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every metric that an alarm watches, with the alarm's name."""
        for alarm in self.of("cloudwatch_metric_alarm"):
            parts = [alarm] if alarm["metric_name"] else []
            parts += [metric for query in alarm["metric_query"] or () for metric in query["metric"] or ()]
            yield from ((alarm["alarm_name"], part) for part in parts)

    def watched(self, metric: str) -> set[str]:
        """The functions of which an alarm watches a metric."""
        return {
            (part["dimensions"] or {}).get("FunctionName", "")
            for _, part in self.metrics()
            if part["metric_name"] == metric
        }

    def policies(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The statements of every role, by the role's name."""
        for policy in self.of("iam_role_policy"):
            yield policy["role"], statements_of(policy["policy"])


def statements_of(document: str) -> list[dict[str, Any]]:
    """The statements of a policy."""
    found = json.loads(document)["Statement"]
    return found if isinstance(found, list) else [found]


def listed(value: Any) -> list[Any]:
    """What is a list, or one value without it."""
    return value if isinstance(value, list) else [value]


def first(block: Any) -> dict[str, Any]:
    """The values of a block that may be there once."""
    return block[0] if block else {}
