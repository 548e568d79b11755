"""The headers with which browsers protect the portal's pages.

A page loads our own style sheet, script and images, and nothing else. It cannot be framed, and its forms go to the
portal and, for large files, to the bucket of uploads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_ALWAYS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Without a path, which can contain a ULN or a secret. Not no-referrer: browsers would then send `Origin: null` with
    # the portal's own forms.
    "Referrer-Policy": "strict-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


def headers(nonce: str, *, upload_origin: str = "") -> Mapping[str, str]:
    """The headers of a page whose inline script has this nonce.

    ``upload_origin`` is that of the bucket to which the page's form sends a file. Browsers also check the redirect back
    to the portal, so our own origin stays allowed.
    """
    return _ALWAYS | {"Content-Security-Policy": content_security_policy(nonce, upload_origin)}


def content_security_policy(nonce: str, upload_origin: str = "") -> str:
    """The policy of a page."""
    return "; ".join((
        "default-src 'none'",
        "style-src 'self'",
        f"script-src 'self' 'nonce-{nonce}'",
        "img-src 'self'",
        "connect-src 'self'",
        f"form-action 'self' {upload_origin}".rstrip(),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ))  # fmt: skip
