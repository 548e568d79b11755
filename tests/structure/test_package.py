"""Nothing that runs is left out of the package."""

from __future__ import annotations

import ast
from pathlib import Path

import chalice
import pytest

from local.commands import package
from tests.structure.sources import DEPLOYED, Module, dotted, imports_any, modules


def _services(module: Module) -> set[str]:
    """Names of AWS services that a module requests a client for: `client("s3")`, `clients["s3"]`."""
    found: set[str] = set()
    for node in module.nodes:
        if isinstance(node, ast.Call) and dotted(node.func).endswith(("client", "create_client")):
            found.update(str(argument.value) for argument in node.args[:1] if isinstance(argument, ast.Constant))
        if (
            isinstance(node, ast.Subscript)
            and dotted(node.value).endswith("clients")
            and isinstance(node.slice, ast.Constant)
        ):
            found.add(str(node.slice.value))
    return found


def test_every_service_that_the_code_calls_is_described_in_the_package() -> None:
    called = set().union(*(_services(module) for module in modules(*DEPLOYED)))
    assert called, "nothing found: the code asks for its clients in another way than this test looks for"
    assert called <= set(package.SERVICES)


def test_the_packaged_part_of_chalice_needs_no_other_part() -> None:
    folder = Path(chalice.__file__).parent
    parts = {name.removesuffix(".py") for name in package.CHALICE_RUNTIME if name.endswith(".py")} - {"__init__"}
    for name in package.CHALICE_RUNTIME:
        if name.endswith(".py"):
            text = (folder / name).read_text("utf-8")
            tree = ast.parse(text)
            tree.body = [node for node in tree.body if not (isinstance(node, ast.If) and _only_for_types(node))]
            needed = imports_any(Module(name, text, tree), "chalice")
            assert {path.split(".")[1] for path in needed} <= parts


def _only_for_types(node: ast.If) -> bool:
    """Imports for annotations only are never executed."""
    return dotted(node.test).endswith("TYPE_CHECKING")


@pytest.mark.parametrize("name", package.OWN)
def test_our_own_values_are_there(name: str) -> None:
    assert (package.ROOT / name).exists()
