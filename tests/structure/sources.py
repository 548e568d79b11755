"""The project's own files, for the structural tests."""

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

DEPLOYED = ("app.py", "chalicelib", "functions")
"""What runs in production."""

EVERYTHING = (*DEPLOYED, "local", "infra", "bench", "tests")


@dataclass(frozen=True)
class Module:
    """One Python file."""

    path: str
    """Relative to the project, with slashes."""
    text: str
    tree: ast.Module

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """The tree and everything in it."""
        return tuple(ast.walk(self.tree))

    @property
    def name(self) -> str:
        """The dotted name by which others import it."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def modules(*roots: str) -> tuple[Module, ...]:
    """Every Python file of these folders and files, in order of path."""
    found: list[Module] = []
    for root in roots:
        start = ROOT / root
        paths = [start] if start.suffix == ".py" else sorted(start.rglob("*.py"))
        found += [_module(path) for path in paths if path.exists() and "__pycache__" not in path.parts]
    return tuple(found)


@cache
def _module(path: Path) -> Module:
    text = path.read_text("utf-8")
    return Module(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


def imported(module: Module) -> Iterator[str]:
    """The dotted names that a module imports, anywhere in it; `from a import b` gives `a.b`."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_any(module: Module, *packages: str) -> list[str]:
    """The imports of a module from these packages."""
    return [
        name
        for name in imported(module)
        if any(name == package or name.startswith(f"{package}.") for package in packages)
    ]


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression made of names and attributes; empty for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def functions(module: Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of a module with its qualified name, methods and inner functions included."""

    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + child.name, child
                yield from walk(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.")
            else:
                yield from walk(child, prefix)

    return walk(module.tree, "")


@cache
def stack() -> dict[str, Any]:
    """The description of the cloud."""
    described: dict[str, Any] = json.loads((ROOT / "infra" / "stack.json").read_text("utf-8"))
    return described


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project: those tracked by git, and new ones that it would not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file())
