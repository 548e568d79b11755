"""Client certificates, as passed on by the gateway or our own proxy (IDM-11).

API Gateway puts a certificate that it has checked into the request's context, where no caller can write. Anybody can
write a header, so it only counts where no certificate is required: there it can cause a call to be refused, but never
to be admitted.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

HEADER = "X-Client-Cert"

_PEM = re.compile(r"\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")
_UNREADABLE = "unreadable"
"""Represents a certificate that cannot be read, which belongs to nobody."""


def fingerprint(certificate: str) -> str:
    """SHA-256, in hexadecimal, of a certificate in PEM, percent-encoded or not, or in Base64 with colons (RFC 9440)."""
    text = unquote(certificate).strip()
    match = _PEM.fullmatch(text)
    encoded = match[1] if match else text.strip(":")
    try:
        der = b64decode("".join(encoded.split()), validate=True)
    except ValueError:
        return _UNREADABLE
    return hashlib.sha256(der).hexdigest() if der else _UNREADABLE


def presented_fingerprint(context: Mapping[str, Any], header: str | None, *, required: bool) -> str:
    """The fingerprint of the certificate of a request; empty for a request without one.

    ``context`` is the request context of API Gateway's event, ``header`` the value of :data:`HEADER`.
    """
    identity = context.get("identity") or {}
    checked = (identity.get("clientCert") or {}).get("clientCertPem") or ""
    given = checked or ("" if required else header or "")
    return fingerprint(str(given)) if given else ""
