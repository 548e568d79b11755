"""What every command of operators has in common: its options for the place, its person, and how it ends."""

from __future__ import annotations

import argparse
import getpass
import sys
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.refusals import Refused
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.ports.errors import TemporaryFailure
from local.emulated.account import add_place
from local.emulated.cloud import CloudError
from local.emulated.metrics import standard_output_to

if TYPE_CHECKING:
    from argparse import _SubParsersAction


class CommandError(Exception):
    """What was asked for cannot be done; the message says why, one reason a line."""


class PlaceParser(argparse.ArgumentParser):
    """The parser of `python -m local.commands.<name>`, with the options for where it acts.

    With `commands` they can stand before or after the name of what the command does, at any depth.
    """

    def __init__(self, name: str, description: str | None) -> None:
        assert description is not None
        super().__init__(prog=f"python -m local.commands.{name}", description=description.partition("\n")[0])
        add_place(self)

    def commands(self, dest: str = "command") -> _SubParsersAction[argparse.ArgumentParser]:
        """The parsers of what the command does, one of which must be named."""
        return self.add_subparsers(dest=dest, required=True, parser_class=_Below)


class _Below(argparse.ArgumentParser):
    """Its own subparsers are of this class too."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        add_place(self, again=True)


def operator() -> Caller:
    """The person at this terminal, for the audit log."""
    return Caller("", getpass.getuser(), "", frozenset(), Channel.OPERATOR, str(uuid.uuid4()))


def concluded(work: Callable[[], int]) -> int:
    """The exit status of a command: that of its work, 1 if AWS or we refuse it, 2 if there is no such place.

    Prints why. The log lines that its work writes are no part of the answer: those of faults go where errors go, and
    the others are for the log of functions.
    """
    try:
        with standard_output_to(_take_log_line):
            return work()
    except CloudError as error:
        print(error, file=sys.stderr)
        return 2
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        print(f"AWS refuses: {error}", file=sys.stderr)
        return 1
    except TemporaryFailure as error:
        print(f"Not possible at the moment, try again: {error}", file=sys.stderr)
        return 1
    except Refused as refused:
        for reason in refused.failures:
            print(f"{reason.code}: {sentence(reason)} {remedy(reason)}", file=sys.stderr)
        return 1


def _take_log_line(line: str) -> bool:
    if line.startswith('{"level":"ERROR"'):
        print(line, file=sys.stderr)
    return line.startswith('{"level":')
