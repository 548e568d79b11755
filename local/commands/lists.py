"""The operator's own reference lists, in the local cloud or with `--environment dev` in an AWS account.

    python -m local.commands.lists                  show which lists are in use
    python -m local.commands.lists put FILE…        check lists and use them
    python -m local.commands.lists remove NAME…     use the packaged lists again

The name of a file says which list it is: prohibited-words.txt, prohibited-postcodes.txt, given-name-synonyms.csv,
bank-holidays.csv or key-dates.csv (of awarding organisations: first day, last day, name). Functions read the lists when
they start; those already running continue with the lists they have.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from chalicelib.services.imports.operator_lists import LISTS, check_list
from chalicelib.settings import Settings
from local.commands.operators import CommandError, PlaceParser, concluded
from local.emulated.account import Account, chosen_place
from local.emulated.cloud import ProvisionedCloud

BUCKET = "catalogue"
PREFIX = Settings().lists_prefix


class ListError(CommandError):
    """Files that cannot be used; the message has a line for each."""


def put_lists(cloud: ProvisionedCloud, files: Iterable[Path]) -> list[str]:
    """Check every list, then store them all and return their names. Raises ListError, storing none, if one is wrong."""
    found: dict[str, bytes] = {}
    wrong: list[str] = []
    for path in files:
        try:
            data = path.read_bytes()
            check_list(path.name, data)
        except KeyError:
            wrong.append(_not_a_list(path))
        except OSError as error:
            wrong.append(f"cannot read {path}: {error.strerror}")
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
    """The lists in a folder. Raises ListError if there are none, or no such folder."""
    found = [folder / name for name in LISTS if (folder / name).is_file()]
    if not found:
        raise ListError(f"{folder} contains none of {', '.join(LISTS)}")
    return found


def remove_lists(cloud: ProvisionedCloud, names: Iterable[str]) -> None:
    """Use the packaged lists again. Raises ListError for a name that is not a list's."""
    names = list(names)
    unknown = [_not_a_list(name) for name in names if name not in LISTS]
    if unknown:
        raise ListError("\n".join(unknown))
    for name in names:
        cloud.client("s3").delete_object(Bucket=cloud.bucket(BUCKET), Key=PREFIX + name)


def _not_a_list(name: object) -> str:
    return f"{name}: not the name of a list. The lists are {', '.join(LISTS)}"


def stored_lists(cloud: ProvisionedCloud) -> dict[str, datetime]:
    """The operator's lists that are stored, and when they were."""
    answer = cloud.client("s3").list_objects_v2(Bucket=cloud.bucket(BUCKET), Prefix=PREFIX)
    return {found["Key"].removeprefix(PREFIX): found["LastModified"] for found in answer.get("Contents", ())}


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 done, 1 a list is wrong, 2 no such place."""
    parser = PlaceParser("lists", __doc__)
    parser.add_argument("action", nargs="?", choices=("show", "put", "remove"), default="show")
    parser.add_argument("lists", nargs="*", metavar="FILE", help="files to put, or names to remove")
    chosen = parser.parse_args(arguments)
    return concluded(lambda: _run(chosen, chosen_place(chosen)))


def _run(chosen: argparse.Namespace, cloud: ProvisionedCloud) -> int:
    if chosen.action == "put":
        put_lists(cloud, [Path(name) for name in chosen.lists])
    elif chosen.action == "remove":
        remove_lists(cloud, chosen.lists)
    stored = stored_lists(cloud)
    for name in LISTS:
        print(f"{name:<26}" + (f"yours, from {stored[name]:%Y-%m-%d %H:%M:%S} UTC" if name in stored else "packaged"))
    if chosen.action != "show":
        restart = "deploy again" if isinstance(cloud, Account) else "stop make run and start it again"
        print(f"Functions use them from their next start: {restart}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
