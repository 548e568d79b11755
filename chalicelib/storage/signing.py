"""Signature Version 4 of the calls to DynamoDB, as botocore makes it but at less cost.

For every call, botocore derives the key of the day anew, takes the address apart, and collects twice the headers that
it signs, each by a search through all. The signature is the same.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SIGNED_HEADERS_BLACKLIST, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials


class Signer(SigV4Auth):
    """Signs one request: a POST without parameters, made anew for each try, with its body in bytes."""

    _region_name: str
    _service_name: str
    _signed = ""

    def canonical_request(self, request: Any) -> str:
        """What is signed: method, path, query, headers by name and the hash of the body."""
        path, query, host = _address(request.url)
        headers = {"host": host}
        for name, value in request.headers.raw_items():
            lower = name.lower()
            if lower not in SIGNED_HEADERS_BLACKLIST:
                headers[lower] = " ".join(value.split())
        names = sorted(headers)
        self._signed = ";".join(names)
        lines = "".join([f"{name}:{headers[name]}\n" for name in names])
        return f"{request.method}\n{path}\n{query}\n{lines}\n{self._signed}\n{sha256(request.body).hexdigest()}"

    def _modify_request_before_signing(self, request: Any) -> None:
        request.headers["X-Amz-Date"] = request.context["timestamp"]
        if self.credentials.token:
            request.headers["X-Amz-Security-Token"] = self.credentials.token

    def _inject_signature_to_request(self, request: Any, signature: str) -> Any:
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.scope(request)}, SignedHeaders={self._signed}, Signature={signature}"
        )
        return request

    def signature(self, string_to_sign: str, request: Any) -> str:
        """The signature, in hexadecimal."""
        day = request.context["timestamp"][:8]
        key = _key_of_day(self.credentials.secret_key, day, self._region_name, self._service_name)
        return hmac.digest(key, string_to_sign.encode(), "sha256").hex()


@lru_cache(maxsize=8)
def _address(url: str) -> tuple[str, str, str]:
    """Path, query and host of an address, of which a container has one."""
    made: Any = SigV4Auth(ReadOnlyCredentials("", "", None), "", "")
    request = AWSRequest("POST", url)
    path = made._normalize_url_path(urlsplit(url).path)  # noqa: SLF001 - botocore's own
    return path, made.canonical_query_string(request), made.headers_to_sign(request)["host"]


@lru_cache(maxsize=2)
def _key_of_day(secret: str, *scope: str) -> bytes:
    """The key of a day, region and service; the credentials of a role end after a few hours."""
    key = f"AWS4{secret}".encode()
    for part in (*scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def sign_at_less_cost(client: Any) -> None:
    """Have :class:`Signer` sign the client's requests."""
    signer = client._request_signer  # noqa: SLF001 - botocore itself only has one table for all clients

    def signing(signing_name: str, region_name: str, **given: Any) -> Signer:
        credentials = given.get("request_credentials") or signer._credentials  # noqa: SLF001
        return Signer(credentials and credentials.get_frozen_credentials(), signing_name, region_name)

    signer.get_auth_instance = signing
