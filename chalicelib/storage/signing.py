"""Signature Version 4 of the calls to DynamoDB, as botocore makes it but at less cost.

For every call, botocore derives the key of the day anew and collects twice the headers that it signs. The signature is
the same.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import Any

from botocore.auth import SigV4Auth


class Signer(SigV4Auth):
    """Signs one request."""

    _region_name: str
    _service_name: str
    _collected: Any = None

    def headers_to_sign(self, request: Any) -> Any:
        """The headers of the request before its signature is one of them."""
        if self._collected is None:
            self._collected = super().headers_to_sign(request)
        return self._collected

    def signature(self, string_to_sign: str, request: Any) -> str:
        """The signature, in hexadecimal."""
        day = request.context["timestamp"][:8]
        key = _key_of_day(self.credentials.secret_key, day, self._region_name, self._service_name)
        return hmac.digest(key, string_to_sign.encode(), "sha256").hex()


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
