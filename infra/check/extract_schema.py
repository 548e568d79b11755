"""Make the committed schema of the provider anew: `python -m infra.check.extract_schema WHEEL`.

The wheel is `cdktn-provider-aws` of PyPI, which has typings that were generated from the provider's schema.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import sys
import tarfile
import tempfile
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from infra.check.typings import Block, Typings

SCHEMA_FILE: Final = Path(__file__).parent / "schema" / "aws-6.69.1.json.gz"

_FIREWALLS: Final = ("aws_wafv2_web_acl", "aws_wafv2_rule_group")
_FIREWALL_RULE: Final = "aws_wafv2_web_acl_rule"
_STATEMENTS: Final = 3
"""Statements of a firewall contain each other without end; Terraform is told so many levels."""


def extracted(wheel: Path) -> dict[str, Any]:
    """The schema in a wheel. Raises `OSError`, or `ValueError` for typings with another layout."""
    with tempfile.TemporaryDirectory() as folder:
        _unpack(wheel, Path(folder))
        return _schema(Path(folder) / "package")


def packed(schema: dict[str, Any]) -> bytes:
    """The schema as it is committed: the same bytes for the same schema."""
    text = json.dumps(schema, separators=(",", ":"), sort_keys=True)
    to = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=to, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(text.encode())
    return to.getvalue()


def _unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        name = next((name for name in files.namelist() if name.endswith(".jsii.tgz")), None)
        if name is None:
            raise ValueError(f"{wheel} has no typings: is it a wheel of cdktn-provider-aws?")
        with tarfile.open(fileobj=io.BytesIO(files.read(name))) as typings:
            wanted = [one for one in typings if one.name.endswith((".d.ts", ".js", "package.json"))]
            typings.extractall(folder, members=wanted, filter="data")


def _schema(package: Path) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {"TerraformResource": {}, "TerraformDataSource": {}, "TerraformProvider": {}}
    for folder in sorted(path.parent for path in package.glob("lib/*/index.js")):
        for kind, name, block in Typings.of(folder).schemas():
            found[kind][name] = {"version": 0, "block": block}
    _add_statements(found["TerraformResource"])
    about = json.loads((package / "package.json").read_text("utf-8"))
    return {
        "provider": "hashicorp/aws",
        "version": about["cdktf"]["provider"]["version"],
        "provider_schema": next(iter(found["TerraformProvider"].values()), None),
        "resource_schemas": found["TerraformResource"],
        "data_source_schemas": found["TerraformDataSource"],
    }


def _add_statements(resources: dict[str, Any]) -> None:
    """The typings leave the statements of a firewall open; a rule that is a resource by itself has them in full."""
    if _FIREWALL_RULE not in resources:
        return
    statement = resources[_FIREWALL_RULE]["block"]["block_types"]["statement"]
    for name in _FIREWALLS:
        if name in resources:
            rule = resources[name]["block"]["block_types"]["rule"]["block"]
            rule["attributes"].pop("statement", None)
            rule["block_types"]["statement"] = {**deepcopy(statement), "max_items": 1, "min_items": 1}
    for name in (*_FIREWALLS, _FIREWALL_RULE):
        if name in resources:
            _end_statements(resources[name]["block"], _STATEMENTS)


def _end_statements(block: Block, levels: int) -> None:
    if levels == 0:
        kept = {name: one for name, one in block["block_types"].items() if not name.endswith("statement")}
        block["block_types"] = kept
    for name, one in block["block_types"].items():
        _end_statements(one["block"], levels - name.endswith("statement"))


def main(arguments: list[str]) -> int:
    """Write the schema; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.check.extract_schema", description=__doc__)
    parser.add_argument("wheel", type=Path, help="a wheel of cdktn-provider-aws")
    parser.add_argument("--out", type=Path, default=SCHEMA_FILE, help="where the schema is written")
    options = parser.parse_args(arguments)
    schema = extracted(options.wheel)
    options.out.write_bytes(packed(schema))
    kinds = (len(schema["resource_schemas"]), len(schema["data_source_schemas"]))
    print(f"hashicorp/aws {schema['version']}: {kinds[0]} resources, {kinds[1]} data sources in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
