"""The contract tests at an operator's endpoint change nothing else there."""

from __future__ import annotations

import pytest

from tests.contract.clouds import EndpointCloud


def held(client):
    return {
        "tables": set(client("dynamodb").get_paginator("list_tables").paginate().search("TableNames[]")),
        "queues": set(client("sqs").list_queues().get("QueueUrls", ())),
        "buckets": {bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]},
        "secrets": {secret["Name"] for secret in client("secretsmanager").list_secrets()["SecretList"]},
    }


@pytest.fixture
def endpoint(local_cloud):
    return EndpointCloud(local_cloud.endpoint)


def test_what_was_created_is_removed_and_nothing_else(local_cloud, endpoint):
    before = held(local_cloud.client)
    endpoint.provision()
    assert {
        name for name in held(local_cloud.client)["tables"] - before["tables"] if endpoint.prefix not in name
    } == set()
    for version in range(2):
        endpoint.clients["s3"].put_object(Bucket=f"{endpoint.prefix}-inbox", Key="a", Body=b"%d" % version)
    endpoint.clients["s3"].delete_object(Bucket=f"{endpoint.prefix}-inbox", Key="a")
    endpoint.remove()
    assert held(local_cloud.client) == before


def test_tables_that_are_there_already_are_neither_used_nor_removed(local_cloud, endpoint):
    endpoint.provision()
    with_the_same_names = EndpointCloud(local_cloud.endpoint, endpoint.prefix)
    before = held(local_cloud.client)
    with pytest.raises(RuntimeError, match="exist already"):
        with_the_same_names.provision()
    with_the_same_names.remove()
    assert held(local_cloud.client) == before
    endpoint.remove()


def test_an_endpoint_without_dynamodb_is_refused():
    with pytest.raises(RuntimeError, match="no DynamoDB"):
        EndpointCloud("http://127.0.0.1:9").provision()


def test_an_aws_address_means_the_account_of_the_environments_credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    cloud = EndpointCloud("https://dynamodb.eu-west-1.amazonaws.com")
    client = cloud.clients["dynamodb"]
    assert client.meta.endpoint_url == "https://dynamodb.eu-west-1.amazonaws.com"
    assert client._request_signer._credentials.access_key == "AKIAEXAMPLE"
