"""What moto cannot do; these tests fail when it can, so that the other tests can use it."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

ROUNDS = 200
WRITERS = 6


@pytest.fixture
def quick_switches():
    """Threads take turns every few microseconds, so that a possible race is lost soon."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


def test_moto_lets_two_threads_write_what_only_one_may(moto_cloud, quick_switches):
    """When this fails, moto keeps conditions atomic, and conftest can give it the tests marked `threads`."""
    client, table = moto_cloud.clients["dynamodb"], moto_cloud.environment["LRS_TABLE_REGISTER"]

    def insert(n):
        item = {"pk": {"S": f"ROUND#{n // WRITERS}"}, "sk": {"S": "RACE"}}
        try:
            client.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except client.exceptions.ConditionalCheckFailedException:
            return 0
        return 1

    with ThreadPoolExecutor(WRITERS) as pool:
        for number in range(ROUNDS):
            if sum(pool.map(insert, range(number * WRITERS, (number + 1) * WRITERS))) > 1:
                return
    pytest.fail(f"in {ROUNDS} races of {WRITERS} threads, each item was written by one")
