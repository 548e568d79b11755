"""Names of fields on the wire, in requests and responses alike."""

from __future__ import annotations

from chalicelib.domain.fields import camel_case


def wire_name(shape: type[object], name: str) -> str:
    """A field's name on the wire: in camel case, unless a standard defines another (``WIRE_NAMES``)."""
    named: dict[str, str] = getattr(shape, "WIRE_NAMES", {})
    return named.get(name) or camel_case(name)
