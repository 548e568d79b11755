"""Learners written together with their search entries and identity lock, each change one transaction (ULN-03, ULN-04).

A ULN is put where none was ever before: deleted learners stay, so that no number is given twice. The lock of the five
mandatory details is put where there is none, so that of two that register a person at once one writes, and the other
finds the first one's ULN in the lock. A transaction that botocore repeats after a lost answer carries the same token,
and DynamoDB knows it again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

from chalicelib.aws import Reaching, error_code
from chalicelib.domain import search
from chalicelib.domain.learners import Learner, LearnerProfile, pack, profile_of, unpack
from chalicelib.domain.search import SearchKey
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.learners import AlreadyRegistered, Created, UlnTaken
from chalicelib.storage import keys, person_keys
from chalicelib.storage.batches import Item, key_of, read_items, write_items
from chalicelib.storage.conditions import Patience, statement_passes
from chalicelib.storage.learner_items import Indexed, indexed_of, learner_item, learner_of_item

CANCELLED: Final = "TransactionCanceledException"
LOST: Final = "ConditionalCheckFailed"
_UNUSED: Final = {"ConditionExpression": "attribute_not_exists(pk)"}
_TELLING: Final = {**_UNUSED, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


class IdentityDigests:
    """Digests of the mandatory details, with a key of the service, asked for when first needed."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key_of = key

    @cached_property
    def _key(self) -> bytes:
        return self._key_of()

    def of(self, profile: LearnerProfile, beside: str = "") -> str:
        """In hexadecimal; another one with ``beside``, for one who has the details of another learner."""
        text = "|".join((search.identity_of(profile), beside))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


class _Change(NamedTuple):
    """What one learner's write consists of: items to put and keys to take away; the learner's own item comes first."""

    item: Item
    puts: list[Item]
    gone: list[Item]
    lock: Item | None


class LearnerRegisterTable:
    """The learners of the register table and the index of people. ``client`` gives the DynamoDB client of botocore."""

    def __init__(
        self, register: str, index: str, client: Callable[[], Any], patience: Patience, digests: IdentityDigests
    ) -> None:
        self._register = register
        self._index = index
        self._client = client
        self._patience = patience
        self._digests = digests

    def get(self, uln: str, *, consistent: bool = False) -> Learner | None:
        """The learner, deleted ones too; eventually consistent unless asked for. Raises TemporaryFailure."""
        item = self._item(uln, consistent=consistent)
        return learner_of_item(item) if item else None

    def read(self, ulns: Iterable[str]) -> dict[str, Learner]:
        """Those that exist, deleted ones too. Raises TemporaryFailure."""
        wanted = [key_of(keys.learner(uln)) for uln in dict.fromkeys(ulns)]
        found = read_items(self._register, self._client(), self._patience, wanted, {"ConsistentRead": True})
        learners = map(learner_of_item, found)
        return {learner.uln: learner for learner in learners}

    def create(self, learner: Learner, beside: str = "") -> Created | AlreadyRegistered | UlnTaken:
        """See the port. Raises TemporaryFailure."""
        profile = profile_of(learner)
        digest = self._digests.of(profile, beside)
        change = self._change(learner, profile, digest, None)
        reasons = self._transact(
            [
                {"Put": {"TableName": self._register, "Item": change.item, **_UNUSED}},
                {"Put": {"TableName": self._index, "Item": change.lock, **_TELLING}},
                *self._in_index(change),
            ]
        )
        if not reasons:
            return Created()
        if reasons[1].get("Code") == LOST:
            return AlreadyRegistered(reasons[1]["Item"]["uln"]["S"])
        return UlnTaken()

    def update(self, *learners: Learner) -> None:
        """Write each one version on, all or none. Raises Conflict, TemporaryFailure."""
        stored = [self._item(learner.uln, consistent=True) for learner in learners]
        for item, learner in zip(stored, learners, strict=True):
            if item is None or int(item["revision"]["N"]) != learner.version_number - 1:
                raise Conflict
        reasons = self._transact(self._writes(learners, stored, with_locks=True))
        if any(reason.get("Code") == LOST for reason in reasons[len(learners) :]):
            # Another learner has these details by now; their lock stays theirs, and the change stands all the same.
            reasons = self._transact(self._writes(learners, stored, with_locks=False))
        if reasons:
            raise Conflict

    def load(self, learners: Iterable[Learner]) -> None:
        """Put learners with entries and locks over whatever is there: for filling a register, never for a change."""
        own: list[Item] = []
        shared: dict[tuple[str, str], Item] = {}
        for learner in learners:
            profile = profile_of(learner)
            change = self._change(learner, profile, self._digests.of(profile), None)
            own.append(change.item)
            items = [*change.puts, *([change.lock] if change.lock else [])]
            shared.update({(item["pk"]["S"], item["sk"]["S"]): item for item in items})
        write_items(self._register, self._client(), self._patience, own)
        write_items(self._index, self._client(), self._patience, list(shared.values()))

    # --- Parts --------------------------------------------------------------------------------------------------------

    def _item(self, uln: str, *, consistent: bool) -> Item | None:
        with Reaching("learners.get"):
            answer = self._client().get_item(
                TableName=self._register, Key=key_of(keys.learner(uln)), ConsistentRead=consistent
            )
        item: Item | None = answer.get("Item")
        return item

    def _change(self, learner: Learner, profile: LearnerProfile, digest: str, stored: Item | None) -> _Change:
        """What is to be written, where the register has ``stored``, and the lock is to be that of ``digest``."""
        wanted = search.entry_keys(profile)
        sounds = tuple(dict.fromkeys(key.sound for key in wanted))
        before, held = _standing(stored) if stored else ((), "")
        digest = digest if wanted or not stored else ""
        unchanged = stored is not None and stored["card"]["S"] == pack(profile)
        put = () if unchanged and set(before) == set(wanted) else wanted
        gone = [key_of(person_keys.entry(key, learner.uln)) for key in before if key not in wanted]
        if held and held != digest:
            gone.append(key_of(person_keys.identity_lock(held)))
        takes = bool(digest) and digest != held
        return _Change(
            learner_item(learner, Indexed(digest, sounds)),
            [_entry(key, profile) for key in put],
            gone,
            {**key_of(person_keys.identity_lock(digest)), "uln": {"S": learner.uln}} if takes else None,
        )

    def _writes(self, learners: Sequence[Learner], stored: Sequence[Item | None], *, with_locks: bool) -> list[Item]:
        """The items of one transaction, the learners' own first."""
        own: list[Item] = []
        rest: list[Item] = []
        for learner, item in zip(learners, stored, strict=True):
            assert item is not None
            profile = profile_of(learner)
            digest = self._digest_after(profile, item, with_locks=with_locks)
            change = self._change(learner, profile, digest, item)
            own.append(
                {
                    "Put": {
                        "TableName": self._register,
                        "Item": change.item,
                        "ConditionExpression": "revision = :seen",
                        "ExpressionAttributeValues": {":seen": item["revision"]},
                    }
                }
            )
            if change.lock:
                rest.append({"Put": {"TableName": self._index, "Item": change.lock, **_UNUSED}})
            rest += self._in_index(change)
        return [*own, *rest]

    def _digest_after(self, profile: LearnerProfile, stored: Item, *, with_locks: bool) -> str:
        """The lock that a changed learner is to have: the one held while the mandatory details are the same."""
        _, held = _standing(stored)
        if search.identity_of(unpack(stored["card"]["S"])) == search.identity_of(profile):
            return held
        return self._digests.of(profile) if with_locks else ""

    def _in_index(self, change: _Change) -> list[Item]:
        puts = [{"Put": {"TableName": self._index, "Item": item}} for item in change.puts]
        return [*puts, *({"Delete": {"TableName": self._index, "Key": key}} for key in change.gone)]

    def _transact(self, items: list[Item]) -> list[dict[str, Any]]:
        """Run a transaction: nothing when it took effect, else what is against each item. Raises TemporaryFailure."""
        for _ in self._patience.rounds():
            try:
                with Reaching("learners.write"):
                    self._client().transact_write_items(TransactItems=items)
            except ClientError as error:
                if error_code(error) != CANCELLED:
                    raise
                reasons = [{**reason} for reason in error.response.get("CancellationReasons", ())]
                codes = {str(reason.get("Code")) for reason in reasons}
                if LOST in codes:
                    return reasons
                if not any(statement_passes(code) for code in codes):
                    raise
            else:
                return []
        raise TemporaryFailure("learners.write: other transactions are in the way")


def _standing(stored: Item) -> tuple[tuple[SearchKey, ...], str]:
    """The entries that a stored learner has, and the digest of the lock; as the rules say for one loaded in bulk."""
    profile = unpack(stored["card"]["S"])
    indexed = indexed_of(stored)
    if indexed is None:
        return search.entry_keys(profile), ""
    return search.keys_under(indexed.sounds, profile.date_of_birth, profile.postcode), indexed.lock


def _entry(key: SearchKey, profile: LearnerProfile) -> Item:
    return {**key_of(person_keys.entry(key, profile.uln)), "card": {"S": pack(profile)}}
