"""Bodies of requests before anything is known of their fields: media types, limits, UTF-8, the pairs of a form."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from chalicelib.domain.failures import Failure, failure

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
BODY_LIMIT = 65_536
"""Largest JSON body in bytes, unless a route has another limit; files are never sent this way."""
LOST: Final = "\ufffd"
"""The replacement character."""
MOST_REASONS = 100
"""Most reasons reported for one request, so that the response to a list of wrong records has a limited size."""


class Malformed(Exception):
    """The request is malformed; ``failures`` has every reason."""

    def __init__(self, *failures: Failure) -> None:
        super().__init__([reason.code for reason in failures])
        self.failures = failures


class BodyTooLarge(Malformed):
    """The body is too long."""


class WrongMediaType(Malformed):
    """The body is not in the route's media type."""


def form_values(raw: bytes, media_type: str, limit: int, most: int = MOST_REASONS) -> dict[str, list[str]]:
    """Every value of every name in a form body, in their order. Raises the same."""
    if len(raw) > limit:
        raise BodyTooLarge(failure("LRS-REQ-8", limit=limit))
    if media_type.partition(";")[0].strip().lower() != FORM:
        raise WrongMediaType(failure("LRS-REQ-7", expected=FORM))
    try:
        text = readable_text(raw)
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=most)
        readable_text("".join(map("".join, pairs)).encode())
    except UnicodeDecodeError:
        raise Malformed(failure("LRS-REQ-19")) from None
    except ValueError:
        raise Malformed(failure("WSEC0001")) from None
    several: dict[str, list[str]] = {}
    for name, value in pairs:
        several.setdefault(name, []).append(value)
    return several


def readable_text(raw: bytes) -> str:
    """The text of a body, or of a part of one. Raises Malformed: it is not UTF-8, or has U+FFFD, by which API Gateway
    replaces bytes that are not.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(failure("LRS-REQ-19")) from None
    if LOST in text:
        raise Malformed(failure("LRS-REQ-19"))
    return text


def is_json(media_type: str) -> bool:
    """Whether a Content-Type header declares JSON in UTF-8 (its only encoding, RFC 8259)."""
    name, *parameters = (part.strip().lower() for part in media_type.split(";"))
    charsets = [part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset")]
    return name == JSON and all(charset in ("utf-8", "utf8") for charset in charsets)


def whole_number(text: str, otherwise: int, digits: int = 18) -> int:
    """The number of a text of up to so many digits; ``otherwise`` for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else otherwise
