"""The person at this terminal, and how a command of theirs ends."""

from __future__ import annotations

import getpass
import sys
import uuid
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.refusals import Refused
from chalicelib.formats.words.messages import remedy, sentence
from local.emulated.cloud import CloudError


class CommandError(Exception):
    """What was asked for cannot be done; the message says why, one reason a line."""


def operator() -> Caller:
    """The person at this terminal, for the audit log."""
    return Caller("", getpass.getuser(), "", frozenset(), Channel.OPERATOR, str(uuid.uuid4()))


def concluded(work: Callable[[], int]) -> int:
    """The exit status of a command: that of its work, 1 if AWS or we refuse it, 2 if there is no such place.

    Prints why.
    """
    try:
        return work()
    except CloudError as error:
        print(error, file=sys.stderr)
        return 2
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"AWS refuses: {error}", file=sys.stderr)
        return 1
    except Refused as refused:
        for reason in refused.failures:
            print(f"{sentence(reason)} {remedy(reason)}", file=sys.stderr)
        return 1
