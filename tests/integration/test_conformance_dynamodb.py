"""What the service relies on in the emulated DynamoDB. Do not upgrade to an emulator that breaks one of these.

Every test checks a behaviour of AWS that the service depends on. Where the emulator differs and is corrected when it
starts (`local/emulated/emulator.py`), the test says so.
"""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from local.emulated.cloud import ProvisionedCloud

Item = dict[str, Any]


@pytest.fixture(scope="module")
def cloud(module_cloud: ProvisionedCloud) -> ProvisionedCloud:
    return module_cloud


@pytest.fixture(scope="module")
def dynamodb(cloud: ProvisionedCloud) -> Any:
    return cloud.client("dynamodb")


@pytest.fixture
def pk() -> str:
    """The test's own partition."""
    return f"ULN#{uuid.uuid4().hex}"


def key(partition: str, sort: str) -> Item:
    return {"pk": {"S": partition}, "sk": {"S": sort}}


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


class TestConditions:
    def test_a_put_on_condition_of_absence_succeeds_once(self, cloud, dynamodb, pk) -> None:
        put = {"TableName": cloud.table("jobs"), "ConditionExpression": "attribute_not_exists(pk)"}
        dynamodb.put_item(Item=key(pk, "a") | {"n": {"N": "1"}}, **put)
        with pytest.raises(ClientError) as error:
            dynamodb.put_item(
                Item=key(pk, "a") | {"n": {"N": "2"}}, ReturnValuesOnConditionCheckFailure="ALL_OLD", **put
            )
        assert code(error) == "ConditionalCheckFailedException"
        assert error.value.response["Item"]["n"] == {"N": "1"}

    def test_an_update_on_condition_changes_all_or_nothing(self, cloud, dynamodb, pk) -> None:
        table = cloud.table("jobs")
        dynamodb.put_item(TableName=table, Item=key(pk, "a") | {"v": {"N": "1"}, "done": {"NS": ["1"]}})
        update = {
            "TableName": table,
            "Key": key(pk, "a"),
            "UpdateExpression": "ADD done :chunk SET v = v + :one",
            "ConditionExpression": "v = :seen AND NOT contains(done, :number)",
            "ReturnValues": "ALL_NEW",
        }

        def values(seen: str, chunk: str) -> Item:
            return {":one": {"N": "1"}, ":seen": {"N": seen}, ":chunk": {"NS": [chunk]}, ":number": {"N": chunk}}

        new = dynamodb.update_item(ExpressionAttributeValues=values("1", "2"), **update)["Attributes"]
        assert (new["v"], sorted(new["done"]["NS"])) == ({"N": "2"}, ["1", "2"])
        for seen, chunk in (("1", "3"), ("2", "2")):
            with pytest.raises(ClientError) as error:
                dynamodb.update_item(ExpressionAttributeValues=values(seen, chunk), **update)
            assert code(error) == "ConditionalCheckFailedException"
        stored = dynamodb.get_item(TableName=table, Key=key(pk, "a"), ConsistentRead=True)["Item"]
        assert stored["v"] == {"N": "2"}

    def test_of_many_claims_at_once_one_wins(self, cloud, dynamodb, pk) -> None:
        def claim(number: int) -> bool:
            try:
                dynamodb.put_item(
                    TableName=cloud.table("jobs"),
                    Item=key(pk, "claim") | {"by": {"N": str(number)}},
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except dynamodb.exceptions.ConditionalCheckFailedException:
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(claim, range(48))) == 1

    def test_additions_at_once_are_all_counted(self, cloud, dynamodb, pk) -> None:
        def add(_: int) -> None:
            dynamodb.update_item(
                TableName=cloud.table("jobs"),
                Key=key(pk, "count"),
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(add, range(100)))
        assert dynamodb.get_item(TableName=cloud.table("jobs"), Key=key(pk, "count"))["Item"]["n"] == {"N": "100"}


class TestTransactions:
    def put(self, cloud: ProvisionedCloud, partition: str, sort: str) -> Item:
        return {
            "Put": {
                "TableName": cloud.table("jobs"),
                "Item": key(partition, sort),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }

    def test_one_failed_condition_undoes_all_and_is_named(self, cloud, dynamodb, pk) -> None:
        dynamodb.transact_write_items(TransactItems=[self.put(cloud, pk, "a")])
        with pytest.raises(ClientError) as error:
            dynamodb.transact_write_items(TransactItems=[self.put(cloud, pk, "b"), self.put(cloud, pk, "a")])
        assert code(error) == "TransactionCanceledException"
        reasons = [reason["Code"] for reason in error.value.response["CancellationReasons"]]
        assert reasons == ["None", "ConditionalCheckFailed"]
        assert "Item" not in dynamodb.get_item(TableName=cloud.table("jobs"), Key=key(pk, "b"))

    def test_a_repeated_token_is_the_same_transaction(self, cloud, dynamodb, pk) -> None:
        token = uuid.uuid4().hex
        for _ in range(2):
            dynamodb.transact_write_items(TransactItems=[self.put(cloud, pk, "a")], ClientRequestToken=token)
        with pytest.raises(ClientError) as error:
            dynamodb.transact_write_items(TransactItems=[self.put(cloud, pk, "c")], ClientRequestToken=token)
        assert code(error) == "IdempotentParameterMismatchException"

    def test_more_than_a_hundred_actions_are_refused(self, cloud, dynamodb, pk) -> None:
        dynamodb.transact_write_items(TransactItems=[self.put(cloud, pk, str(n)) for n in range(100)])
        with pytest.raises(ClientError) as error:
            dynamodb.transact_write_items(TransactItems=[self.put(cloud, pk, f"x{n}") for n in range(101)])
        assert code(error) == "ValidationException"


class TestReads:
    def test_a_hundred_keys_are_read_in_one_call_and_no_more(self, cloud, dynamodb, pk) -> None:
        table = cloud.table("catalogue")
        for start in range(0, 100, 25):
            puts = [{"PutRequest": {"Item": key(pk, f"{n:03}")}} for n in range(start, start + 25)]
            assert not dynamodb.batch_write_item(RequestItems={table: puts})["UnprocessedItems"]
        keys = [key(pk, f"{n:03}") for n in range(100)]
        found = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
        assert len(found["Responses"][table]) == 100
        assert not found["UnprocessedKeys"]
        with pytest.raises(ClientError) as error:
            dynamodb.batch_get_item(RequestItems={table: {"Keys": [*keys, key(pk, "x")]}})
        assert code(error) == "ValidationException"

    def test_a_key_requested_twice_in_one_call_is_refused(self, cloud, dynamodb, pk) -> None:
        with pytest.raises(ClientError) as error:
            dynamodb.batch_get_item(RequestItems={cloud.table("catalogue"): {"Keys": [key(pk, "a"), key(pk, "a")]}})
        assert code(error) == "ValidationException"

    def test_a_query_is_in_order_of_the_sort_key_and_takes_up_after_its_last_key(self, cloud, dynamodb, pk) -> None:
        table = cloud.table("levels")
        for sort in ("b#2", "a#1", "b#1", "c"):
            dynamodb.put_item(TableName=table, Item=key(pk, sort))
        query = {
            "TableName": table,
            "KeyConditionExpression": "pk = :p AND begins_with(sk, :s)",
            "ExpressionAttributeValues": {":p": {"S": pk}, ":s": {"S": "b#"}},
            "Limit": 1,
        }
        first = dynamodb.query(**query)
        second = dynamodb.query(ExclusiveStartKey=first["LastEvaluatedKey"], **query)
        assert [item["sk"]["S"] for item in first["Items"] + second["Items"]] == ["b#1", "b#2"]

    def test_an_index_holds_only_items_with_both_its_keys(self, cloud, dynamodb, pk) -> None:
        table = cloud.table("jobs")
        opened = f"open-{pk}"
        dynamodb.put_item(TableName=table, Item=key(pk, "1") | {"open": {"S": opened}, "due": {"S": "2026-01-02"}})
        dynamodb.put_item(TableName=table, Item=key(pk, "2") | {"open": {"S": opened}, "due": {"S": "2026-01-01"}})
        dynamodb.put_item(TableName=table, Item=key(pk, "3") | {"open": {"S": opened}})
        query = {
            "TableName": table,
            "IndexName": "open_jobs",
            "KeyConditionExpression": "#open = :o",
            "ExpressionAttributeNames": {"#open": "open"},
            "ExpressionAttributeValues": {":o": {"S": opened}},
        }
        assert [item["sk"]["S"] for item in dynamodb.query(**query)["Items"]] == ["2", "1"]
        dynamodb.update_item(
            TableName=table,
            Key=key(pk, "1"),
            UpdateExpression="REMOVE #open",
            ExpressionAttributeNames={"#open": "open"},
        )
        assert [item["sk"]["S"] for item in dynamodb.query(**query)["Items"]] == ["2"]
        with pytest.raises(ClientError) as error:
            dynamodb.put_item(TableName=table, Item=key(pk, "4") | {"open": {"N": "1"}, "due": {"S": "x"}})
        assert code(error) == "ValidationException"

    def test_an_item_over_400_kilobytes_is_refused(self, cloud, dynamodb, pk) -> None:
        with pytest.raises(ClientError) as error:
            dynamodb.put_item(TableName=cloud.table("jobs"), Item=key(pk, "a") | {"t": {"S": "x" * 410_000}})
        assert code(error) == "ValidationException"

    def test_capacity_units_of_single_items_are_told(self, cloud, dynamodb, pk) -> None:
        put = dynamodb.put_item(
            TableName=cloud.table("catalogue"),
            Item=key(pk, "a") | {"t": {"S": "x" * 1500}},
            ReturnConsumedCapacity="TOTAL",
        )
        assert put["ConsumedCapacity"]["CapacityUnits"] == 2.0
        get = dynamodb.get_item(TableName=cloud.table("catalogue"), Key=key(pk, "a"), ReturnConsumedCapacity="TOTAL")
        assert get["ConsumedCapacity"]["CapacityUnits"] == 0.5

    def test_time_to_live_can_be_switched_on(self, cloud, dynamodb) -> None:
        name = f"{cloud.prefix}-ttl-{uuid.uuid4().hex[:8]}"
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        )
        wanted = {"Enabled": True, "AttributeName": "expires"}
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)
        state = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        assert state == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}

    def test_every_described_table_can_be_restored_to_a_point_in_time(self, cloud, dynamodb) -> None:
        for name, described in cloud.stack.tables.items():
            found = dynamodb.describe_continuous_backups(TableName=cloud.table(name))["ContinuousBackupsDescription"]
            expected = "ENABLED" if described["pointInTimeRecovery"] else "DISABLED"
            assert found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == expected


class TestPartiql:
    """Lone creates go 25 a call through `BatchExecuteStatement` (the batch pipeline's apply step)."""

    def insert(self, cloud: ProvisionedCloud, partition: str, sort: str, grade: str = "P") -> Item:
        names = ("pk", "sk", "grade", "credit", "history", "where")
        members = ",".join(f"'{name}':?" for name in names)
        text = f'INSERT INTO "{cloud.table("register")}" VALUE {{{members}}}'
        history = {"L": [{"M": {"chunk": {"N": "3"}, "rows": {"L": [{"N": "7"}]}, "final": {"BOOL": True}}}]}
        where = {"M": {"a": {"NULL": True}, "b": {"S": "é"}}}
        values = [{"S": partition}, {"S": sort}, {"S": grade}, {"N": "12.50"}, history, where]
        return {"Statement": text, "Parameters": values}

    def update(self, cloud: ProvisionedCloud, partition: str, sort: str, seen: str, grade: str) -> Item:
        text = f'UPDATE "{cloud.table("register")}" SET grade=? SET "where"=? WHERE pk=? AND sk=? AND grade=?'
        values = [{"S": grade}, {"M": {"b": {"S": "new"}}}, {"S": partition}, {"S": sort}, {"S": seen}]
        return {"Statement": text, "Parameters": values, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

    def read(self, cloud: ProvisionedCloud, partition: str, sort: str) -> Item:
        found = cloud.client("dynamodb").get_item(
            TableName=cloud.table("register"), Key=key(partition, sort), ConsistentRead=True
        )
        return found.get("Item", {})

    def test_twenty_five_items_are_inserted_as_given(self, cloud, dynamodb, pk) -> None:
        statements = [self.insert(cloud, pk, str(n)) for n in range(25)]
        answer = dynamodb.batch_execute_statement(Statements=statements)
        assert answer["Responses"] == [{"TableName": cloud.table("register")}] * 25
        item = self.read(cloud, pk, "24")
        assert item["history"]["L"][0]["M"] == {
            "chunk": {"N": "3"},
            "rows": {"L": [{"N": "7"}]},
            "final": {"BOOL": True},
        }
        assert item["where"]["M"] == {"a": {"NULL": True}, "b": {"S": "é"}}

    def test_an_insert_of_an_existing_key_fails_alone_and_changes_nothing(self, cloud, dynamodb, pk) -> None:
        dynamodb.batch_execute_statement(Statements=[self.insert(cloud, pk, "1")])
        statements = [self.insert(cloud, pk, sort, grade="D") for sort in ("0", "1", "2")]
        first, second, third = dynamodb.batch_execute_statement(Statements=statements)["Responses"]
        assert "Error" not in first
        assert second["Error"]["Code"] == "DuplicateItem"
        assert "Error" not in third
        assert [self.read(cloud, pk, sort)["grade"]["S"] for sort in "012"] == ["D", "P", "D"]

    def test_an_update_whose_condition_fails_fails_alone_and_shows_the_item(self, cloud, dynamodb, pk) -> None:
        dynamodb.batch_execute_statement(Statements=[self.insert(cloud, pk, sort) for sort in "12"])
        statements = [
            self.update(cloud, pk, "1", seen="P", grade="M"),
            self.update(cloud, pk, "2", seen="F", grade="M"),
            self.update(cloud, pk, "absent", seen="P", grade="M"),
        ]
        first, second, third = dynamodb.batch_execute_statement(Statements=statements)["Responses"]
        assert "Error" not in first
        assert second["Error"]["Code"] == "ConditionalCheckFailed"
        assert second["Error"]["Item"]["grade"] == {"S": "P"}
        assert third["Error"]["Code"] == "ConditionalCheckFailed"
        assert self.read(cloud, pk, "1")["where"] == {"M": {"b": {"S": "new"}}}
        assert self.read(cloud, pk, "2")["grade"] == {"S": "P"}
        assert self.read(cloud, pk, "absent") == {}

    def test_a_statement_that_cannot_be_run_fails_alone(self, cloud, dynamodb, pk) -> None:
        bad = self.insert(cloud, pk, "bad")
        bad["Parameters"][3] = {"N": "not a number"}
        answer = dynamodb.batch_execute_statement(Statements=[bad, self.insert(cloud, pk, "good")])
        assert answer["Responses"][0]["Error"]["Code"] == "ValidationError"
        assert "Error" not in answer["Responses"][1]

    def test_twenty_six_statements_are_refused_together(self, cloud, dynamodb, pk) -> None:
        with pytest.raises(ClientError) as error:
            dynamodb.batch_execute_statement(Statements=[self.insert(cloud, pk, str(n)) for n in range(26)])
        assert code(error) == "ValidationException"
        assert self.read(cloud, pk, "0") == {}

    def test_of_many_inserts_at_once_one_wins(self, cloud, dynamodb, pk) -> None:
        def claim(_: int) -> int:
            answer = dynamodb.batch_execute_statement(Statements=[self.insert(cloud, pk, "same")])
            return "Error" not in answer["Responses"][0]

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(claim, range(48))) == 1

    def test_an_insert_is_checked_like_a_put(self, cloud, dynamodb, pk) -> None:
        """Corrected in `local/emulated/emulator.py`."""
        wrong_key = self.insert(cloud, pk, "a")
        wrong_key["Parameters"][1] = {"N": "1"}
        empty_key = self.insert(cloud, pk, "")
        answer = dynamodb.batch_execute_statement(Statements=[wrong_key, empty_key])
        assert [one["Error"]["Code"] for one in answer["Responses"]] == ["ValidationError"] * 2


class TestStreams:
    def records(self, cloud: ProvisionedCloud, partition: str) -> list[Item]:
        streams = cloud.client("dynamodbstreams")
        found = cloud.client("dynamodb").describe_table(TableName=cloud.table("register"))["Table"]
        arn = found["LatestStreamArn"]
        records = []
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator = streams.get_shard_iterator(**place)["ShardIterator"]
            while page := streams.get_records(ShardIterator=iterator):
                records += page["Records"]
                iterator = page.get("NextShardIterator")
                if not page["Records"] or not iterator:
                    break
        return [record for record in records if record["dynamodb"]["Keys"]["pk"]["S"] == partition]

    def test_changes_come_in_order_with_old_and_new(self, cloud, dynamodb, pk) -> None:
        table = cloud.table("register")
        dynamodb.put_item(TableName=table, Item=key(pk, "a") | {"v": {"N": "1"}})
        dynamodb.update_item(
            TableName=table,
            Key=key(pk, "a"),
            UpdateExpression="SET v = v + :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
        dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": key(pk, "b")}}])
        dynamodb.delete_item(TableName=table, Key=key(pk, "a"))
        records = self.records(cloud, pk)
        assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "INSERT", "REMOVE"]
        changed = records[1]["dynamodb"]
        assert (changed["OldImage"]["v"], changed["NewImage"]["v"]) == ({"N": "1"}, {"N": "2"})
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        assert numbers == sorted(numbers, key=int)

    def test_what_partiql_writes_is_in_the_stream_too(self, cloud, dynamodb, pk) -> None:
        """Corrected in `local/emulated/emulator.py`."""
        partiql = TestPartiql()
        dynamodb.batch_execute_statement(Statements=[partiql.insert(cloud, pk, "a")])
        dynamodb.batch_execute_statement(
            Statements=[partiql.insert(cloud, pk, "a"), partiql.update(cloud, pk, "a", seen="P", grade="D")]
        )
        dynamodb.batch_execute_statement(Statements=[partiql.update(cloud, pk, "a", seen="P", grade="M")])
        delete = f'DELETE FROM "{cloud.table("register")}" WHERE pk=? AND sk=?'
        dynamodb.execute_statement(Statement=delete, Parameters=[{"S": pk}, {"S": "a"}])
        records = self.records(cloud, pk)
        assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
        changed = records[1]["dynamodb"]
        assert (changed["OldImage"]["grade"], changed["NewImage"]["grade"]) == ({"S": "P"}, {"S": "D"})
        assert records[2]["dynamodb"]["OldImage"]["grade"] == {"S": "D"}
