"""Requests to DynamoDB are signed at less cost, with the signature that botocore makes."""

from __future__ import annotations

from typing import Any

import pytest
from boto3.session import Session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from chalicelib.storage.signing import Signer, sign_at_less_cost

DAYS = ("20260302T090000Z", "20260302T100000Z", "20260303T000000Z")
ROLES = (
    ReadOnlyCredentials("AKIDEXAMPLE", "secret-1", None),
    ReadOnlyCredentials("AKIDEXAMPLE", "secret-2", "a session's token"),
)


ADDRESSES = (
    "https://dynamodb.eu-west-2.amazonaws.com/",
    "https://dynamodb.eu-west-1.amazonaws.com:443",
    "http://127.0.0.1:8000",
    "http://[::1]:8000/a path/./b",
)
HEADERS = {
    "X-Amz-Target": "DynamoDB_20120810.GetItem",
    "Content-Type": "application/x-amz-json-1.0",
    "User-Agent": "Boto3",
    "X-Amzn-Trace-Id": "Root=1",
    "amz-sdk-request": "attempt=1;  max=3 ",
}


def signed(kind: type[SigV4Auth], role: ReadOnlyCredentials, address: str, moment: str) -> dict[str, str]:
    region = "eu-west-1" if "eu-west-1" in address else "eu-west-2"
    request = AWSRequest(
        method="POST",
        url=address,
        headers=HEADERS,
        data=b'{"TableName":"register"}',
    )
    auth: Any = kind(role, "dynamodb", region)
    request.context["timestamp"] = moment
    auth._modify_request_before_signing(request)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    auth._inject_signature_to_request(request, auth.signature(text, request))
    return dict(request.headers.items())


@pytest.mark.req("SLA-03")
@pytest.mark.parametrize("role", ROLES, ids=["key", "role"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_request_has_the_headers_and_the_signature_that_botocore_makes(role, address):
    for moment in (*DAYS, *DAYS):
        assert signed(Signer, role, address, moment) == signed(SigV4Auth, role, address, moment)


@pytest.mark.req("SLA-03")
def test_a_client_signs_with_the_credentials_that_it_has_at_the_time():
    client = Session("first", "secret", region_name="eu-west-2").client("dynamodb")
    sign_at_less_cost(client)
    sent = []

    def stop(request: Any, **_: object) -> Any:
        sent.append(request.headers["Authorization"].decode())
        raise InterruptedError

    client.meta.events.register("before-send.dynamodb", stop)
    for key in ("first", "second"):
        client._request_signer._credentials.access_key = key
        with pytest.raises(InterruptedError):
            client.get_item(TableName="t", Key={})
    assert [f"Credential={key}/" in text for key, text in zip(("first", "second"), sent, strict=True)] == [True, True]
