"""Values stored as text inside an item: the one JSON encoder and its decoder.

Values that are always read together are one attribute: each attribute costs CPU and bytes in both directions.
"""

from __future__ import annotations

import json
import json.encoder
import zlib
from base64 import b85decode, b85encode
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from pynamodb.attributes import Attribute

_COMPRESSED: Final = "z"
"""The first character of a compressed text; no JSON text begins with it."""


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be stored as text")


def encoder(plain: Callable[[Any], object]) -> Callable[[Any], str]:
    """An encoder of compact JSON; ``plain`` gives a value that JSON has for one that it does not have.

    ``JSONEncoder.encode`` makes its C encoder anew in each call, which costs more than writing a small value does.
    """
    made = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=plain)
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return made.encode
    write = make(None, plain, json.encoder.encode_basestring, None, ":", ",", False, False, True)
    return lambda value: "".join(write(value, 0))


quoted: Final[Callable[[str], str]] = json.encoder.encode_basestring
"""A text as JSON."""

_encode: Final = encoder(_plain)
_decode: Final = json.JSONDecoder().raw_decode
"""We write no white space around a value."""


def encode(value: Any, longest: int = 0) -> str:
    """A value as compact JSON, dates and times in ISO 8601; compressed if it has more than ``longest`` characters."""
    text = _encode(value)
    if longest and len(text) > longest:
        return _COMPRESSED + b85encode(zlib.compress(text.encode(), 9)).decode("ascii")
    return text


def decode(text: str) -> Any:
    """The value of a text that :func:`encode` wrote: tuples become lists, dates and times become text."""
    if text.startswith(_COMPRESSED):
        text = zlib.decompress(b85decode(text[1:])).decode()
    return _decode(text)[0]


class JsonText(Attribute[Any]):
    """An attribute that holds a value as one text; compressed if it has more than ``longest`` characters."""

    attr_type = "S"

    def __init__(self, longest: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self._longest = longest

    def serialize(self, value: Any) -> str:
        """The text of a value."""
        return encode(value, self._longest)

    def deserialize(self, value: str) -> Any:
        """The value of a text."""
        return decode(value)
