"""What DynamoDB's refusals mean, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from pynamodb.exceptions import PynamoDBException

from chalicelib.aws import PASSING_CODES, error_code

CONDITION_FAILED: Final = "ConditionalCheckFailedException"
OVERTAKEN: Final = frozenset({"DuplicateItem", "ConditionalCheckFailed"})
"""Codes of one statement in a batch whose condition did not hold."""
"""The code of an INSERT whose key exists, in the answer to a batch of statements."""

_FIRST_DELAY: Final = 0.05
_LONGEST_DELAY: Final = 1.0


def condition_failed(error: PynamoDBException) -> bool:
    """Whether a write was refused for its condition; the item is as it was."""
    # PynamoDB's own `cause_response_code` stumbles over a time-out, which has a response that is None.
    return error_code(error.cause) == CONDITION_FAILED


def statement_passes(code: str) -> bool:
    """Whether one statement of a batch, refused with this code, may succeed when it is sent again."""
    return code.removesuffix("Exception") in _PASSING_STATEMENTS


_PASSING_STATEMENTS: Final = frozenset(code.removesuffix("Exception") for code in PASSING_CODES)


class Patience(NamedTuple):
    """How unprocessed parts of a batch are tried again: at most ``tries`` calls, with growing, random pauses between.

    botocore retries calls that fail as a whole; it knows nothing of a call that was answered in part.
    """

    sleep: Callable[[float], None]
    """Takes seconds."""
    random: Callable[[], float]
    """From 0 up to, not including, 1."""
    tries: int = 6

    def rounds(self) -> Iterator[int]:
        """Numbers from 0, one for each call that may be made; pauses before each but the first."""
        longest = _FIRST_DELAY
        for number in range(self.tries):
            if number:
                self.sleep(self.random() * longest)
                longest = min(longest * 2, _LONGEST_DELAY)
            yield number
