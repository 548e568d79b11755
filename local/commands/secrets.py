"""The secrets of an environment, which Terraform creates empty.

    python -m local.commands.secrets --environment dev              show which secrets have a value
    python -m local.commands.secrets fill --environment dev         give every empty secret its first value
    python -m local.commands.secrets replace cursor-key --environment dev

A value is random, never printed, and never in Terraform's state. `fill` never replaces one: two operators at once make
one value, and repeating it changes nothing. The keys of tokens are rotated with `local.commands.credentials
rotate-keys`.
"""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.cloud.clock import now
from chalicelib.cloud.token_keys import renewed
from local.commands.operators import CommandError, PlaceParser, concluded
from local.emulated.account import chosen_place
from local.emulated.cloud import ProvisionedCloud
from local.emulated.stack import physical_name

IRREPLACEABLE = {
    "identity-key": "The register recognises learners who are already registered by digests made with this key:"
    " with another one, the same person could be registered twice.",
    "token-keys": "Use local.commands.credentials rotate-keys, which keeps tokens valid.",
}
"""Secrets that this command never replaces, and why."""
_FIRST = uuid.UUID("6f3c1d0e-3b1a-4a76-9d0f-3c1b5a7e2d41")
"""The space of the names of first versions."""
_SET_BEFORE = "ResourceExistsException"


class SecretError(CommandError):
    """A secret cannot be given a value; the message says why and never contains a value."""


def fill_secrets(cloud: ProvisionedCloud) -> list[str]:
    """Give every secret without a value its first one; returns their names. Raises `SecretError`."""
    found = states(cloud)
    missing = [name for name, is_filled in found.items() if is_filled is None]
    if missing:
        raise SecretError(f"There is no secret {', '.join(missing)}. Deploy the environment first.")
    return [name for name, is_filled in found.items() if not is_filled and _put_first(cloud, name)]


def replace_secret(cloud: ProvisionedCloud, name: str) -> None:
    """Give a secret another value; the earlier one stays as its previous version. Raises `SecretError`."""
    if name not in cloud.stack.secrets:
        raise SecretError(f"There is no secret {name}. The secrets are {', '.join(cloud.stack.secrets)}.")
    if name in IRREPLACEABLE:
        raise SecretError(f"{name} is not replaced. {IRREPLACEABLE[name]}")
    vault = cloud.client("secretsmanager")
    vault.put_secret_value(SecretId=physical_name(cloud.prefix, name), SecretString=_value(cloud, name))


def states(cloud: ProvisionedCloud) -> dict[str, bool | None]:
    """Whether each secret has a value; None if it does not exist."""
    vault = cloud.client("secretsmanager")
    return {name: _state(vault, physical_name(cloud.prefix, name)) for name in sorted(cloud.stack.secrets)}


def _state(vault: Any, physical: str) -> bool | None:
    try:
        held = vault.describe_secret(SecretId=physical)
    except vault.exceptions.ResourceNotFoundException:
        return None
    return any("AWSCURRENT" in stages for stages in held.get("VersionIdsToStages", {}).values())


def _put_first(cloud: ProvisionedCloud, name: str) -> bool:
    """Whether this call made the first value: its version has the same name whoever makes it, so there is only one."""
    vault, physical = cloud.client("secretsmanager"), physical_name(cloud.prefix, name)
    version = str(uuid.uuid5(_FIRST, vault.describe_secret(SecretId=physical)["ARN"]))
    try:
        vault.put_secret_value(SecretId=physical, SecretString=_value(cloud, name), ClientRequestToken=version)
    except ClientError as error:
        if error.response["Error"]["Code"] == _SET_BEFORE:
            return False
        raise
    return True


def _value(cloud: ProvisionedCloud, name: str) -> str:
    secret = cloud.stack.secrets[name]
    return renewed("", now()) if secret.get("form") == "token-keys" else token_hex(secret["bytes"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 done, 1 refused, 2 no such place."""
    parser = PlaceParser("secrets", __doc__)
    parser.add_argument("action", nargs="?", choices=("show", "fill", "replace"), default="show")
    parser.add_argument("name", nargs="?", default="", help="the secret to replace")
    chosen = parser.parse_args(arguments)
    return concluded(lambda: _run(chosen, chosen_place(chosen)))


def _run(chosen: argparse.Namespace, cloud: ProvisionedCloud) -> int:
    if chosen.action == "fill":
        filled = fill_secrets(cloud)
        print(f"Filled: {', '.join(filled)}." if filled else "Every secret already had a value.")
    elif chosen.action == "replace":
        replace_secret(cloud, chosen.name)
        print(f"{chosen.name} has another value. Running functions follow when their containers start again.")
    found = states(cloud)
    words = {True: "has a value", False: "EMPTY", None: "MISSING"}
    for name, is_filled in found.items():
        print(f"{physical_name(cloud.prefix, name):<28}{words[is_filled]}")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
