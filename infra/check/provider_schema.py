"""The schema of the provider hashicorp/aws, as committed beside this module, and its values.

The shape is that of `terraform providers schema -json`. A value is what MessagePack makes of Terraform's: `UNKNOWN` is
"known after apply".
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final

import msgpack

from infra.check.extract_schema import SCHEMA_FILE

UNKNOWN: Final = msgpack.ExtType(0, b"\x00")


def load_schema(path: Path = SCHEMA_FILE) -> dict[str, Any]:
    """The schema: `provider_schema`, `resource_schemas` and `data_source_schemas`."""
    schema: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return schema


def of_types(schema: Mapping[str, Any], types: Collection[str]) -> dict[str, Any]:
    """The schema without other types: Terraform reads the whole of it for each command."""
    kinds = ("resource_schemas", "data_source_schemas")
    return {**schema, **{kind: {name: one for name, one in schema[kind].items() if name in types} for kind in kinds}}


def decoded(packed: bytes) -> Any:
    """A value of Terraform's; None for an absent resource."""
    return msgpack.unpackb(packed, ext_hook=lambda _code, _data: UNKNOWN, strict_map_key=False) if packed else None


def has_unknown(value: Any) -> bool:
    """Whether any part of the value is known only after apply."""
    if isinstance(value, list):
        return any(map(has_unknown, value))
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    return bool(value == UNKNOWN)


def mapped(
    block: Mapping[str, Any], value: Any, change: Callable[[str, Mapping[str, Any], Any], Any], at: str = ""
) -> Any:
    """A block's value with `change(path, attribute, value)` in place of each attribute, at every depth."""
    if value is None or value == UNKNOWN:
        return value
    out = dict(value)
    for name, attribute in block["attributes"].items():
        out[name] = change(at + name, attribute, out.get(name))
    for name, nested in block["block_types"].items():
        inner, place = out.get(name), f"{at}{name}."
        if isinstance(inner, list):
            out[name] = [mapped(nested["block"], one, change, place) for one in inner]
        elif isinstance(inner, dict) and nested["nesting_mode"] == "map":
            out[name] = {key: mapped(nested["block"], one, change, place) for key, one in inner.items()}
        elif isinstance(inner, dict):
            out[name] = mapped(nested["block"], inner, change, place)
    return out
