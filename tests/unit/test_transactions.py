"""What becomes of a transaction, reason by reason."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.attributes import UnicodeAttribute

from chalicelib.ports.errors import TemporaryFailure
from chalicelib.storage.conditions import InvalidWrite, Patience
from chalicelib.storage.tables import Item, VersionedItem, bind
from chalicelib.storage.transactions import Delete, Put, transact

PASSING = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "InternalServerError")
FAULTS = ("ItemCollectionSizeLimitExceeded", "ValidationError", "AccessDenied", "Surprise")
STORED = {"pk": {"S": "L#1"}, "sk": {"S": "LOCK"}, "holder": {"S": "Siân"}}


class LockItem(Item):
    """A lock."""

    holder = UnicodeAttribute()


class CaseItem(VersionedItem):
    """A case, in another table."""

    word = UnicodeAttribute()


class Client:
    """Refuses as often as it was given refusals, then carries out; keeps what it was sent."""

    def __init__(self) -> None:
        self.refusals: list[ClientError] = []
        self.sent: list[list[dict[str, Any]]] = []

    def transact_write_items(self, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3's
        self.sent.append(TransactItems)
        if self.refusals:
            raise self.refusals.pop(0) if len(self.refusals) > 1 else self.refusals[0]
        return {}


def cancelled(*codes: str, item: dict[str, Any] | None = None) -> ClientError:
    reasons = [
        {"Code": code} | ({"Item": item, "Message": "Siân"} if item and code != "None" else {}) for code in codes
    ]
    response: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
    return ClientError(response, "TransactWriteItems")


@pytest.fixture
def client() -> Client:
    made = Client()
    bind(LockItem, "locks", "eu-west-2", lambda: made)
    bind(CaseItem, "cases", "eu-west-2", lambda: made)
    return made


PAUSES: list[float] = []


def run() -> dict[int, dict[str, Any]]:
    PAUSES.clear()
    case = CaseItem("C#1", "CASE", word="Siân", revision=3)
    lock = LockItem("L#1", "LOCK", holder="Siân")
    actions = [Put(case, case.follows()), Put(lock, lock.absent()), Put(LockItem("L#2", "LOCK", holder="x"))]
    return transact("cases.write", Patience(PAUSES.append, lambda: 1.0), [*actions, Delete(LockItem("L#3", "LOCK"))])


def test_actions_are_sent_in_their_order_each_to_its_own_table(client: Client) -> None:
    assert run() == {}
    (sent,) = client.sent
    assert [next(iter(action)) for action in sent] == ["Put", "Put", "Put", "Delete"]
    assert [next(iter(action.values()))["TableName"] for action in sent] == ["cases", "locks", "locks", "locks"]
    case, lock, plain, gone = (next(iter(action.values())) for action in sent)
    assert case["ExpressionAttributeValues"] == {":0": {"N": "2"}}
    assert lock["ConditionExpression"] == "attribute_not_exists (#0)"
    assert "ConditionExpression" not in plain
    assert gone["Key"] == {"pk": {"S": "L#3"}, "sk": {"S": "LOCK"}}
    assert PAUSES == []


@pytest.mark.parametrize("number", [0, 1])
def test_a_failed_condition_is_returned_with_its_action_and_the_stored_item(client, number):
    codes = ["None"] * 4
    codes[number] = "ConditionalCheckFailed"
    client.refusals = [cancelled(*codes, item=STORED)]
    assert run() == {number: STORED}
    assert all("ReturnValuesOnConditionCheckFailure" in action["Put"] for action in client.sent[0][:2])


def test_every_condition_that_does_not_hold_is_named_with_or_without_an_item(client):
    client.refusals = [cancelled("ConditionalCheckFailed", "ConditionalCheckFailed", "None", "None")]
    assert run() == {0: {}, 1: {}}


@pytest.mark.parametrize("code", PASSING)
def test_a_temporary_reason_is_retried_after_a_pause(client, code):
    client.refusals = [cancelled("None", code, "None", "None"), cancelled("ConditionalCheckFailed", "None")]
    assert run() == {0: {}}
    assert client.sent[0] == client.sent[1]
    assert PAUSES == [0.05]


@pytest.mark.parametrize("code", PASSING)
def test_a_reason_that_persists_is_a_temporary_failure_without_details(client, code):
    client.refusals = [cancelled("None", code, "None", "None", item=STORED)]
    with pytest.raises(TemporaryFailure) as failed:
        run()
    assert str(failed.value) == f"cases.write: {code}"
    assert len(client.sent) == 6


@pytest.mark.parametrize("beside", ["None", "TransactionConflict", "ConditionalCheckFailed"])
@pytest.mark.parametrize("code", FAULTS)
def test_any_other_reason_is_our_fault_and_is_never_sent_again(client, code, beside):
    client.refusals = [cancelled(beside, code, item=STORED)]
    with pytest.raises(InvalidWrite) as refused:
        run()
    assert str(refused.value) == code
    assert len(client.sent) == 1


def test_a_failed_condition_is_returned_at_once_even_with_a_temporary_reason(client):
    client.refusals = [cancelled("TransactionConflict", "ConditionalCheckFailed", item=STORED)]
    assert run() == {1: STORED}


def test_a_cancellation_without_a_reason_is_no_temporary_failure(client):
    for nothing in (cancelled(), cancelled("None", "None")):
        client.refusals = [nothing]
        with pytest.raises(ClientError):
            run()


@pytest.mark.parametrize("code", ["ThrottlingException", "TransactionInProgressException"])
def test_a_call_that_botocore_has_retried_without_success_is_a_temporary_failure_at_once(client, code):
    client.refusals = [ClientError({"Error": {"Code": code}}, "TransactWriteItems")]
    with pytest.raises(TemporaryFailure, match=code):
        run()
    assert len(client.sent) == 1


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ValidationException", "IdempotentParameterMismatchException"]
)
def test_a_call_that_is_refused_as_a_whole_is_our_fault(client, code):
    client.refusals = [ClientError({"Error": {"Code": code}}, "TransactWriteItems")]
    with pytest.raises(ClientError, match=code):
        run()
