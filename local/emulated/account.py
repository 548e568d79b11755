"""Where a command acts: the local cloud of this checkout, or an environment in an AWS account.

    python -m local.commands.credentials list                        the local cloud
    python -m local.commands.credentials list --environment dev      the account of the AWS credentials in force

In an account the ordinary chain of AWS finds the credentials (AWS_PROFILE, single sign-on, a role). One account holds
one environment, and its resources are named by the prefix, which is `lrs-<environment>` unless the environment has
another.
"""

from __future__ import annotations

import argparse
import os
import re
import threading
from pathlib import Path
from typing import Any

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.grants import variable_of
from local.emulated.cloud import STATE, CloudError, ProvisionedCloud, running_endpoint
from local.emulated.stack import REGION, Stack, environment, load_stack, physical_name

LIVE = "live"
"""The environment with real learners."""

_NAME = re.compile(r"[a-z][a-z0-9-]{1,30}")
_OF_THE_EMULATOR = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")


class Account(ProvisionedCloud):
    """What Terraform has made of the description in an account, found with the AWS credentials in force."""

    def __init__(self, session: Session, prefix: str, stack: Stack) -> None:
        """Raises `CloudError` if the credentials are missing or refused."""
        self._session = session
        self._clients: dict[str, Any] = {}
        self._making = threading.Lock()
        try:
            self.number: str = self.client("sts").get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            raise CloudError(f"AWS does not accept your credentials: {error}") from error
        super().__init__(_endpoint(session), prefix, stack)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the functions read; the credentials are those in force."""
        region = self._session.region_name
        found = environment(self.stack, self.prefix, self.endpoint)
        found |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
        for name in self.stack.queues:
            address = f"{self.endpoint}/{self.number}/{physical_name(self.prefix, name)}"
            found[variable_of("queues", name)] = address
        for name in _OF_THE_EMULATOR:
            found.pop(name)
        return found | {name: os.environ[name] for name in _OF_THE_EMULATOR if name in os.environ}

    def client(self, service: str) -> Any:
        """A shared boto3 client of one service."""
        with self._making:
            if service not in self._clients:
                self._clients[service] = self._session.client(service)
            return self._clients[service]


def _endpoint(session: Session) -> str:
    """Where the queues are, which have addresses instead of names."""
    return os.environ.get("AWS_ENDPOINT_URL") or f"https://sqs.{session.region_name}.amazonaws.com"


def add_place(parser: argparse.ArgumentParser, *, state: bool = True, again: bool = False) -> None:
    """Add the options for where a command acts; ``state`` False if it has the option for its state already.

    ``again`` for a parser below another that has them: they can then stand before or after the command's name.
    """
    none = argparse.SUPPRESS if again else ""
    parser.add_argument("--environment", default=none, help="an environment in your AWS account, such as dev")
    parser.add_argument("--prefix", default=none, help="of its resources' names (lrs-<environment>)")
    parser.add_argument("--region", default=none, help=f"of the account's resources ({REGION})")
    if state:
        folder = argparse.SUPPRESS if again else STATE
        parser.add_argument(
            "--state", type=Path, default=folder, help="the folder of the local service's state (.local)"
        )


def refuse_live(chosen: argparse.Namespace) -> None:
    """Raise `CloudError` for the environment with real learners: invented data must not get into it."""
    if LIVE in (chosen.environment, chosen.prefix.removeprefix("lrs-")):
        raise CloudError("Invented data does not belong in the live environment.")


def chosen_place(chosen: argparse.Namespace) -> ProvisionedCloud:
    """Where the command acts. Raises `CloudError` if there is no such place."""
    if not chosen.environment:
        found = running_endpoint(chosen.state)
        if found is None:
            raise CloudError(
                "The local cloud is not running. Start it with make run, or name an environment of your AWS account"
                " with --environment."
            )
        return ProvisionedCloud(*found, load_stack())
    prefix = chosen.prefix or f"lrs-{chosen.environment}"
    wrong = [name for name in (chosen.environment, prefix) if not _NAME.fullmatch(name)]
    if wrong:
        raise CloudError(f"{wrong[0]} is not a name of an environment: use lower-case letters, digits and hyphens.")
    region = chosen.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or REGION
    try:
        session = Session(region_name=region)
    except BotoCoreError as error:
        raise CloudError(f"AWS does not accept your profile: {error}") from error
    return Account(session, prefix, load_stack())
