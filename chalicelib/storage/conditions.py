"""The meaning of DynamoDB's refusals, and how often a call is repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from pynamodb.exceptions import PynamoDBException

from chalicelib.aws import TEMPORARY_CODES, error_code

CONDITION_FAILED: Final = "ConditionalCheckFailedException"

_FIRST_DELAY: Final = 0.05
_LONGEST_DELAY: Final = 1.0
_PASSING_PARTS: Final = frozenset(code.removesuffix("Exception") for code in TEMPORARY_CODES)


class InvalidWrite(Exception):
    """DynamoDB refused a part of a batch or transaction because of a fault of ours; the text is its code."""


def condition_failed(error: PynamoDBException) -> bool:
    """Whether a write was refused because its condition is not met; the item is unchanged."""
    # PynamoDB's own `cause_response_code` fails for a time-out, whose response is None.
    return error_code(error.cause) == CONDITION_FAILED


def is_part_temporary(code: str) -> bool:
    """Whether a part of a batch or transaction that was refused with this code may succeed if it is sent again."""
    return code.removesuffix("Exception") in _PASSING_PARTS


class Patience(NamedTuple):
    """How often a call is made, at most ``tries`` times, with growing random pauses in between.

    botocore repeats calls that fail as a whole; it does not check for a response that is only partly successful.
    """

    sleep: Callable[[float], None]
    """Called with a number of seconds."""
    random: Callable[[], float]
    """From 0 up to, not including, 1."""
    tries: int = 6

    def rounds(self) -> Iterator[int]:
        """Numbers from 0, one for each call; pauses before each except the first."""
        longest = _FIRST_DELAY
        for number in range(self.tries):
            if number:
                self.sleep(self.random() * longest)
                longest = min(longest * 2, _LONGEST_DELAY)
            yield number
