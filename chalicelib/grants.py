"""What each function is granted: `infra/stack.json`, the one description of the cloud, packaged with the code.

A grant names a resource and the IAM actions that the function may perform on it. The variables of a function follow
from its grants, so that a function only starts if it has been given everything that it may use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

KINDS: Final = ("tables", "buckets", "queues", "secrets", "mail", "logGroups", "metrics", "functions")
"""The sections of the description whose resources can be granted."""

STACK_FILE: Final = Path(__file__).resolve().parents[1] / "infra" / "stack.json"


class Grant(NamedTuple):
    """What a function may do with one resource."""

    kind: str
    """The section of the description that has the resource."""
    resource: str
    """The name in that section, with the path of a part: ``jobs/index/open_jobs``, ``inbox/drop/*``."""
    actions: tuple[str, ...]
    """IAM's names without the service: ``GetItem``."""

    @property
    def name(self) -> str:
        """The name in the section, without the path of a part."""
        return self.resource.partition("/")[0]


def grants_of(function: Mapping[str, Any]) -> Iterator[Grant]:
    """The grants of a function as it is described."""
    for kind, resources in function["grants"].items():
        yield from (Grant(kind, resource, tuple(actions)) for resource, actions in resources.items())


def variable_of(kind: str, name: str) -> str:
    """The variable that carries a resource: ``LRS_TABLE_REGISTER``, ``LRS_QUEUE_CHUNKS_DEAD``, ``LRS_MAIL_SENDER``."""
    return f"LRS_{kind.removesuffix('s')}_{name}".upper().replace("-", "_")


RESOURCES: Final = tuple(variable_of(kind, "") for kind in KINDS)
"""The prefixes of the variables that carry resources."""


def variables_of(function: Mapping[str, Any]) -> tuple[str, ...]:
    """The variables that a function must be given: one for each resource, and its own settings."""
    resources = {variable_of(grant.kind, grant.name) for grant in grants_of(function)}
    return tuple(sorted(resources | function.get("settings", {}).keys()))


def needs(function: str) -> tuple[str, ...]:
    """The variables that the function of this name must be given."""
    return variables_of(json.loads(STACK_FILE.read_bytes())["functions"][function])
