"""What is known of callers for a short time: how many calls they have left, and answers to repeated requests.

Everything in the sessions table expires: ``ends`` is its time to live. DynamoDB removes an item up to days after that,
so every reader looks at the time too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar, Final

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.throttles import Pace, Taken, interval, take
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.identity import Remembered
from chalicelib.storage import keys
from chalicelib.storage.sealing import Sealing, Unsealable
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.wire import change_or_see

_TRIES: Final = 6
_REMEMBERED: Final = 10_000
_UNANSWERED: Final = timedelta(days=1)


class PaceItem(Item):
    """The calls that a credential or an address has left, ``PACE#<credential>.<class>`` / ``PACE``.

    ``full_at`` is when its bucket is full again.
    """

    full_at = NumberAttribute()
    ends = NumberAttribute()


class AnswerItem(Item):
    """The response to a request with an idempotency key, ``ANSWER#<sha256>`` / ``ANSWER``.

    ``request`` is a digest of the request, ``lease`` how long its first caller may take to answer it.
    """

    request = UnicodeAttribute()
    lease = NumberAttribute()
    ends = NumberAttribute()
    answer = BinaryAttribute(legacy_encoding=False, null=True)


class PaceTable:
    """The buckets in the sessions table."""

    MODELS: ClassVar[Models] = {"sessions": (PaceItem,)}

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def take(self, name: str, pace: Pace, calls: int, now: datetime) -> Taken:
        """Take calls out of a bucket, or none of them; one write, unless others take out of it at the same time.

        A write that botocore repeats after a lost answer may count a call twice; the limit still holds. Raises
        TemporaryFailure.
        """
        moment = int(now.timestamp() * 1000)
        seen = self._seen.get(name, 0)
        for _ in range(_TRIES):
            wanted = take(seen, moment, pace, calls)
            if wanted.wait:
                # A bucket's time only ever grows: what refuses the calls as last seen, refuses them now.
                return self._remember(name, wanted)
            found = _taken_out(name, pace, calls, moment, is_full=seen <= moment)
            if found is None:
                return self._remember(name, wanted)
            seen = int(found.full_at or 0)
        raise TemporaryFailure("paces.take: overtaken")

    def _remember(self, name: str, taken: Taken) -> Taken:
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen[name] = taken.full_at
        return taken


def _taken_out(name: str, pace: Pace, calls: int, moment: int, *, is_full: bool) -> PaceItem | None:
    """Take calls out of a bucket that is full, or is filling: None when it was done, else the bucket as it is."""
    flow, depth = interval(pace, calls), interval(pace, pace.burst)
    full_at = PaceItem.full_at
    after = full_at.set(moment + flow if is_full else full_at + flow)
    full: Condition = full_at.does_not_exist() | (full_at <= moment)
    filling: Condition = (full_at > moment) & (full_at <= moment + depth - flow)
    actions = [after, PaceItem.ends.set((moment + depth) // 1000 + 60)]
    found = change_or_see("paces.take", PaceItem(*keys.pace(name)), actions, full if is_full else filling)
    return None if found is None else PaceItem.from_raw_data(found)


class AnswerTable:
    """Answers to requests with an idempotency key. Sealed: they may be personal."""

    MODELS: ClassVar[Models] = {"sessions": (AnswerItem,)}

    def __init__(self, sealing: Callable[[], Sealing]) -> None:
        self._sealing = sealing

    def begin(self, key: str, request: str, now: datetime, lease_until: datetime) -> Remembered | None:
        """Take the key for this request: None when it is ours to answer, else what is known of it."""
        moment, item = _seconds(now), AnswerItem
        mine_again = (item.request == request) & item.answer.does_not_exist() & (item.lease <= moment)
        free: Condition = item.absent() | (item.ends <= moment) | mine_again
        actions = [
            item.request.set(request),
            item.lease.set(_seconds(lease_until)),
            item.ends.set(_seconds(now + _UNANSWERED)),
            item.answer.remove(),
        ]
        found = change_or_see("answers.begin", item(*keys.answer(key)), actions, free)
        if found is None:
            return None
        stored = AnswerItem.from_raw_data(found)
        return Remembered(stored.request or "", self._opened(key, stored.answer))

    def keep(self, key: str, request: str, answer: str, keep_until: datetime) -> None:
        """Keep the answer of a request whose key was taken; nothing happens when another has it by now."""
        actions = [
            AnswerItem.answer.set(self._sealing().seal(answer, key)),
            AnswerItem.ends.set(_seconds(keep_until)),
        ]
        change_or_see("answers.keep", AnswerItem(*keys.answer(key)), actions, AnswerItem.request == request)

    def release(self, key: str, request: str) -> None:
        """Give back a key that was taken and not answered; nothing happens when another has it by now."""
        unanswered: Condition = (AnswerItem.request == request) & AnswerItem.answer.does_not_exist()
        AnswerItem(*keys.answer(key)).remove("answers.release", unanswered)

    def _opened(self, key: str, sealed: bytes | None) -> str:
        if sealed is None:
            return ""
        try:
            return self._sealing().open(sealed, key)
        except Unsealable:
            # Sealed with a key that has been replaced: as if it were not answered yet, until its time is over.
            return ""


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
