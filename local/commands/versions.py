"""The versions of functions that callers reach through an alias: each has a snapshot, which AWS charges for.

    python -m local.commands.versions live --environment dev                     show which the aliases name
    python -m local.commands.versions prune lrs-dev-api:7 --environment dev      delete the others, but keep that one

Terraform publishes a version for every change and deletes none. `make deploy` asks for the live versions before it
applies, and prunes afterwards: the version that was live stays, for the way back.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence

from local.commands.operators import PlaceParser, concluded
from local.emulated.account import chosen_place
from local.emulated.cloud import ProvisionedCloud
from local.emulated.stack import physical_name


def live_versions(cloud: ProvisionedCloud) -> set[str]:
    """The versions that aliases name, as ``function:version``."""
    return {f"{name}:{version}" for name in _functions(cloud) for version in _named(cloud, name)}


def prune(cloud: ProvisionedCloud, before: Collection[str] = ()) -> list[str]:
    """Delete the versions that no alias names, but keep one of each function; returns the deleted.

    What is kept is the one in ``before``, otherwise the newest: a deployment that changes nothing keeps the way back.
    """
    return [gone for name in _functions(cloud) for gone in _prune(cloud, name, before)]


def _prune(cloud: ProvisionedCloud, name: str, before: Collection[str]) -> list[str]:
    client, named = cloud.client("lambda"), _named(cloud, name)
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    published = (one["Version"] for page in pages for one in page["Versions"])
    others = sorted((one for one in published if one.isdecimal() and one not in named), key=int)
    kept = next((one for one in others if f"{name}:{one}" in before), others[-1] if others else "")
    gone = [one for one in others if one != kept] if named else []
    for version in gone:
        client.delete_function(FunctionName=name, Qualifier=version)
    return [f"{name}:{version}" for version in gone]


def _functions(cloud: ProvisionedCloud) -> list[str]:
    """The functions of surfaces that exist."""
    client, found = cloud.client("lambda"), []
    for name in sorted({physical_name(cloud.prefix, one.name) for one in cloud.stack.surfaces.values()}):
        try:
            client.get_function_configuration(FunctionName=name)
        except client.exceptions.ResourceNotFoundException:
            continue
        found.append(name)
    return found


def _named(cloud: ProvisionedCloud, name: str) -> set[str]:
    pages = cloud.client("lambda").get_paginator("list_aliases").paginate(FunctionName=name)
    aliases = [alias for page in pages for alias in page["Aliases"]]
    shares = (alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}) for alias in aliases)
    return {alias["FunctionVersion"] for alias in aliases}.union(*shares)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 done, 1 AWS refuses, 2 no such place."""
    parser = PlaceParser("versions", __doc__)
    parser.add_argument("action", choices=("live", "prune"))
    parser.add_argument("before", nargs="*", metavar="FUNCTION:VERSION", help="what prune keeps for the way back")
    chosen = parser.parse_args(arguments)
    return concluded(lambda: _run(chosen, chosen_place(chosen)))


def _run(chosen: argparse.Namespace, cloud: ProvisionedCloud) -> int:
    if chosen.action == "live":
        print(*sorted(live_versions(cloud)))
    else:
        gone = prune(cloud, chosen.before)
        print(f"Deleted with their snapshots: {', '.join(gone)}." if gone else "There are no old versions.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
