"""The schema of a type of resource, read from the typings that CDK Terrain generates from it.

The typings are JavaScript and TypeScript with one layout. A comment over each attribute says whether it is computed,
optional or required; the getter under it says its type; the declarations say which attributes are blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

Block = dict[str, Any]
"""`attributes` and `block_types`, as in `terraform providers schema -json`."""

DEEPEST: Final = 9
"""Blocks within blocks are followed so far: some contain themselves."""

_CLASS: Final = re.compile(r"^class (\w+) extends cdktn\.(\w+) \{$", re.MULTILINE)
_ATTRIBUTE: Final = re.compile(
    r"// (?P<name>\w+) - computed: (?P<computed>true|false), optional: (?P<optional>true|false), "
    r"required: (?P<required>true|false)\n(?P<getter>.*?)(?=\n    // \w+ - computed:|\n    // =====|\n\}\n)",
    re.DOTALL,
)
_INTERFACE: Final = re.compile(r"^export interface (\w+)[^{]*\{(.*?)^\}", re.DOTALL | re.MULTILINE)
_BLOCK: Final = re.compile(r"/\*\*\n\s+\* (\w+) block\n")
_WRITER: Final = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{(.*?)^\}", re.DOTALL | re.MULTILINE)
_OWN_WRITER: Final = re.compile(r"synthesizeHclAttributes\(\) \{(.*?)^    \}", re.DOTALL | re.MULTILINE)
_WRITTEN: Final = re.compile(
    r"^\s{8,12}(\w+): \{\n\s+value: .*?,\n\s+isBlock: (true|false),\n\s+type: \"(\w+)\",\n"
    r"\s+storageClassType: \"(\w+)\"",
    re.MULTILINE,
)
_TYPE_NAME: Final = re.compile(r'static tfResourceType = "(\w+)"')
_NEW_ELSEWHERE: Final = re.compile(r"= new (?!cdktn)\w+\.(\w+)\(")
_GETTER: Final = re.compile(r"(cdktn\.Fn\.tolist\()?this\.(get\w+Attribute|interpolationForAttribute)\(")

_GETTERS: Final[Mapping[str, Any]] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getStringMapAttribute": ["map", "string"],
    "getNumberMapAttribute": ["map", "number"],
    "getBooleanMapAttribute": ["map", "bool"],
    "getAnyMapAttribute": "dynamic",
    "interpolationForAttribute": "dynamic",
}
_LISTS: Final = {"getListAttribute": "string", "getNumberListAttribute": "number"}
_STORED: Final = {"string": "string", "number": "number", "boolean": "bool"}
_COLLECTIONS: Final[Mapping[str, Any]] = {
    "StringMap": ["map", "string"],
    "NumberMap": ["map", "number"],
    "BooleanMap": ["map", "bool"],
    "AnyMap": ["map", "dynamic"],
    "StringListMap": ["map", ["list", "string"]],
    "BooleanMapList": ["list", ["map", "bool"]],
    "NumberMapList": ["list", ["map", "number"]],
    "AnyMapList": ["list", ["map", "dynamic"]],
    "StringListList": ["list", ["list", "string"]],
}
_OF_PROVIDER: Final[Mapping[str, Any]] = {
    "number": "number",
    "boolean": "bool",
    "stringMap": ["map", "string"],
    "stringList": ["list", "string"],
}


@dataclass(frozen=True)
class Written:
    """How the typings write an attribute into code."""

    is_block: bool
    kind: str
    storage: str


class Typings:
    """The typings of one type of resource or data source, or of the provider."""

    def __init__(self, code: str, declarations: str) -> None:
        self._code = _NEW_ELSEWHERE.sub(r"= new \1(", code)
        self._blocks = {found[1]: set(_BLOCK.findall(found[2])) for found in _INTERFACE.finditer(declarations)}
        self._classes = dict(self._each_class())
        self._written = {found[1].lower(): _written(found[2]) for found in _WRITER.finditer(self._code)}

    @classmethod
    def of(cls, folder: Path) -> Typings:
        """The typings in a folder: an index, and larger types' parts beside it."""

        def text(suffix: str) -> str:
            parts = sorted(folder.glob(f"index-structs/structs*{suffix}"))
            return "\n".join(path.read_text("utf-8") for path in (folder / f"index{suffix}", *parts))

        return cls(text(".js"), text(".d.ts"))

    def _each_class(self) -> Iterator[tuple[str, tuple[str, str]]]:
        heads = list(_CLASS.finditer(self._code))
        for head, following in zip_longest(heads, heads[1:]):
            yield head[1], (head[2], self._code[head.start() : following.start() if following else None])

    def schemas(self) -> Iterator[tuple[str, str, Block]]:
        """What is defined: its base class (`TerraformResource`), its name (`aws_sqs_queue`) and its schema."""
        for name, (kind, text) in self._classes.items():
            if kind not in ("TerraformResource", "TerraformDataSource", "TerraformProvider"):
                continue
            type_name, writer = _TYPE_NAME.search(text), _OWN_WRITER.search(text)
            if type_name is None:
                raise ValueError(f"{name} does not say its type")
            written = _written(writer[1]) if writer else {}
            block = self._block(name, f"{name}Config", written, 0)
            if kind == "TerraformProvider":
                self._add_blocks_of_provider(block, written)
            yield kind, type_name[1], block

    def _add_blocks_of_provider(self, block: Block, written: Mapping[str, Written]) -> None:
        """The provider has no getters for its blocks; how they are written says what is in them."""
        for name, one in written.items():
            if one.is_block:
                inner = self._written.get(one.storage.removesuffix("List").lower(), {})
                attributes = {key: {"type": _type_in_provider(value), "optional": True} for key, value in inner.items()}
                block["attributes"].pop(name, None)
                block["block_types"][name] = {
                    "nesting_mode": "set" if one.kind == "set" else "list",
                    "block": {"attributes": attributes, "block_types": {}},
                }

    def _block(self, name: str, interface: str, written: Mapping[str, Written], depth: int) -> Block:
        attributes, block_types = {}, {}
        for found in _ATTRIBUTE.finditer(self._classes[name][1]):
            attribute, flags = found["name"], _flags(found)
            how = written.get(attribute, Written(is_block=False, kind="", storage=""))
            new = re.search(rf'= new (cdktn\.)?(\w+)\(this, "{attribute}"(?:, (true|false))?\)', found["getter"])
            if not new or new[1]:
                attributes[attribute] = {"type": _type(found["getter"], new, how), **flags}
                continue
            base, nesting, single = self._nesting(new[2], is_set=new[3] == "true", kind=how.kind)
            inner = self._inner(base, depth)
            if attribute in self._blocks.get(interface, ()):
                block_types[attribute] = _block_type(attribute, nesting, inner, single=single, flags=flags)
            else:
                fields = ["object", {key: value["type"] for key, value in inner["attributes"].items()}]
                attributes[attribute] = {"type": fields if nesting == "single" else [nesting, fields], **flags}
        return {"attributes": attributes, "block_types": block_types}

    def _inner(self, base: str, depth: int) -> Block:
        reference = f"{base}OutputReference"
        if reference not in self._classes or depth >= DEEPEST:
            return {"attributes": {}, "block_types": {}}
        return self._block(reference, base, self._written.get(base.lower(), {}), depth + 1)

    def _nesting(self, name: str, *, is_set: bool, kind: str) -> tuple[str, str, bool]:
        """The name of what is nested, how it is nested, and whether it can be there once only."""
        of = self._classes.get(name, ("", ""))[0]
        if name.endswith("List") and of == "ComplexList":
            return name.removesuffix("List"), "set" if is_set else "list", False
        if name.endswith("Map") and of == "ComplexMap":
            return name.removesuffix("Map"), "map", False
        nesting = {"struct": "single", "list": "list", "set": "set"}.get(kind, "list")
        return name.removesuffix("OutputReference"), nesting, True


def _written(writer: str) -> dict[str, Written]:
    return {found[1]: Written(found[2] == "true", found[3], found[4]) for found in _WRITTEN.finditer(writer)}


def _flags(found: re.Match[str]) -> dict[str, bool]:
    return {flag: True for flag in ("optional", "required", "computed") if found[flag] == "true"}


def _block_type(name: str, nesting: str, inner: Block, *, single: bool, flags: Mapping[str, bool]) -> dict[str, Any]:
    if name == "timeouts":
        return {"nesting_mode": "single", "block": inner}
    found: dict[str, Any] = {"nesting_mode": nesting, "block": inner}
    if single and nesting != "single":
        found["max_items"] = 1
    if "required" in flags and nesting != "single":
        found["min_items"] = 1
    return found


def _type(getter: str, new: re.Match[str] | None, how: Written) -> Any:
    if new and new[2] == "StringMapList":
        return ["set" if new[3] == "true" else "list", ["map", "string"]]
    if new:
        return _COLLECTIONS[new[2]]
    called = _GETTER.search(getter)
    name = called[2] if called else ""
    if called and name in _LISTS:
        return ["set" if called[1] or how.kind == "set" else "list", _LISTS[name]]
    return _GETTERS.get(name, _STORED.get(how.storage, "dynamic"))


def _type_in_provider(how: Written) -> Any:
    return ["set", "string"] if how.kind == "set" else _OF_PROVIDER.get(how.storage, "string")
