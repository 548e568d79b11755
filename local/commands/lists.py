"""The operator's own reference lists in the local cloud.

    python -m local.commands.lists                  which lists there are
    python -m local.commands.lists put FILE…        check lists and put them in force
    python -m local.commands.lists remove NAME…     go back to the packaged ones

A list is known by its file's name: prohibited-words.txt, prohibited-postcodes.txt, given-name-synonyms.csv or
bank-holidays.csv. Functions read the lists when they start; those that run already go on with what they have.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from chalicelib.services.imports.operator_lists import LISTS, check_list
from chalicelib.settings import Settings
from local.emulated.cloud import STATE, ProvisionedCloud, running_endpoint
from local.emulated.stack import load_stack

BUCKET = "catalogue"
PREFIX = Settings().lists_prefix


class ListError(ValueError):
    """Files that cannot be put in force; the message has a line for each."""


def put_lists(cloud: ProvisionedCloud, files: Iterable[Path]) -> list[str]:
    """Check every list, then put them all; their names. Raises ListError and puts none when one is wrong."""
    found: dict[str, bytes] = {}
    wrong: list[str] = []
    for path in files:
        try:
            data = path.read_bytes()
            check_list(path.name, data)
        except KeyError:
            wrong.append(f"{path}: the name of no list; the lists are {', '.join(LISTS)}")
        except OSError as error:
            wrong.append(f"{path}: cannot be read: {error.strerror}")
        except ValueError as error:
            wrong.append(f"{path}: {error}")
        else:
            found[path.name] = data
    if wrong:
        raise ListError("\n".join(wrong))
    for name, data in found.items():
        cloud.client("s3").put_object(
            Bucket=cloud.bucket(BUCKET), Key=PREFIX + name, Body=data, ContentType="text/plain; charset=utf-8"
        )
    return list(found)


def lists_of(folder: Path) -> list[Path]:
    """The lists in a folder. Raises ListError when there are none, or no such folder."""
    found = [folder / name for name in LISTS if (folder / name).is_file()]
    if not found:
        raise ListError(f"{folder}: none of {', '.join(LISTS)} is there")
    return found


def remove_lists(cloud: ProvisionedCloud, names: Iterable[str]) -> None:
    """Go back to the packaged lists. Raises ListError for a name of no list."""
    names = list(names)
    unknown = [f"{name}: the name of no list; the lists are {', '.join(LISTS)}" for name in names if name not in LISTS]
    if unknown:
        raise ListError("\n".join(unknown))
    for name in names:
        cloud.client("s3").delete_object(Bucket=cloud.bucket(BUCKET), Key=PREFIX + name)


def stored_lists(cloud: ProvisionedCloud) -> dict[str, datetime]:
    """The operator's lists that there are, and since when."""
    answer = cloud.client("s3").list_objects_v2(Bucket=cloud.bucket(BUCKET), Prefix=PREFIX)
    return {found["Key"].removeprefix(PREFIX): found["LastModified"] for found in answer.get("Contents", ())}


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 done, 1 a list is wrong, 2 no local cloud."""
    parser = argparse.ArgumentParser(prog="python -m local.commands.lists", description=__doc__.split("\n", 1)[0])
    parser.add_argument("action", nargs="?", choices=("show", "put", "remove"), default="show")
    parser.add_argument("lists", nargs="*", metavar="FILE", help="files to put, or names to remove")
    parser.add_argument("--state", type=Path, default=STATE, help="the folder of the local service's state (.local)")
    chosen = parser.parse_args(arguments)
    running = running_endpoint(chosen.state)
    if running is None:
        print("The local cloud is not running: make run starts it.", file=sys.stderr)
        return 2
    cloud = ProvisionedCloud(*running, load_stack())
    try:
        if chosen.action == "put":
            put_lists(cloud, [Path(name) for name in chosen.lists])
        elif chosen.action == "remove":
            remove_lists(cloud, chosen.lists)
    except ListError as error:
        print(error, file=sys.stderr)
        return 1
    stored = stored_lists(cloud)
    for name in LISTS:
        print(f"{name:<26}" + (f"yours, of {stored[name]:%Y-%m-%d %H:%M:%S} UTC" if name in stored else "packaged"))
    if chosen.action != "show":
        print("Functions that start from now on use them: stop make run and start it again.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
