"""Write docs/catalogue.md: for each function of the service its entry points, its code, and the tests that prove it.

Only the list of functions is maintained by hand (docs/catalogue.toml): modules cite the numbers of their functions,
routes and handlers are found by their docstrings, tests by their marks.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.web.rest.table import routes

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "docs" / "catalogue.toml"
TARGET = ROOT / "docs" / "catalogue.md"

WAYS = {"P": "portal", "W": "web service", "B": "batch file"}

_CITED = re.compile(r"\b([A-Z]{3,4})-(\d\d)(?:(?: to |…| – |–)(?:\1-)?(\d\d))?\b")


class Item(NamedTuple):
    """One function of the service."""

    id: str
    title: str
    ways: str
    """Letters of :data:`WAYS`."""
    offered: bool

    @property
    def family(self) -> str:
        return self.id.split("-", maxsplit=1)[0]


def families() -> dict[str, str]:
    """Titles of the families by the letters of their numbers, in the order of the list."""
    return dict(_source()["families"])


def items() -> dict[str, Item]:
    """Every function by its number, in the order of the list."""
    return {
        number: Item(number, entry["title"], entry["ways"], entry.get("offered", False))
        for number, entry in _source()["items"].items()
    }


def _source() -> dict[str, Any]:
    return tomllib.loads(SOURCE.read_text("utf-8"))


def cited(text: str) -> set[str]:
    """The numbers that a text cites; a span such as `ACH-01 to ACH-05` cites all between."""
    found: set[str] = set()
    for family, first, last in _CITED.findall(text):
        found.update(f"{family}-{number:02}" for number in range(int(first), int(last or first) + 1))
    return found


@cache
def modules() -> dict[str, list[str]]:
    """For each number, the modules that cite it, as paths from the project's root."""
    return _by_number(
        (number, path.relative_to(ROOT).as_posix())
        for path in sorted((ROOT / "chalicelib").rglob("*.py"))
        for number in cited(path.read_text("utf-8"))
    )


@cache
def entries() -> dict[str, list[str]]:
    """For each number, the routes and event handlers that serve it. A view's docstring takes precedence over its
    module's.
    """
    found: list[tuple[str, str]] = []
    for route in routes():
        module = sys.modules[route.view.__module__]
        numbers = cited(route.view.__doc__ or "") or cited(module.__doc__ or "")
        found += [(number, f"{route.method} {route.path}") for number in sorted(numbers)]
    for path in sorted((ROOT / "functions").glob("*.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        found += [(number, path.stem) for number in sorted(cited(docstring))]
    return _by_number(found)


@cache
def proofs() -> dict[str, list[str]]:
    """For each number, the files of tests whose marks name it."""
    return _by_number(
        (number, path.relative_to(ROOT).as_posix())
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for number in marks(ast.parse(path.read_text("utf-8")))
    )


def marks(tree: ast.AST) -> Iterator[str]:
    """The arguments of every ``pytest.mark.req`` in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "req":
            for argument in node.args:
                assert isinstance(argument, ast.Constant), "a mark names its functions in plain text"
                yield str(argument.value)


def _by_number(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for number, place in pairs:
        if place not in found[number]:
            found[number].append(place)
    return found


def render() -> str:
    """The whole document."""
    places, ways_in, proven = modules(), entries(), proofs()
    lines = [
        "# Catalogue of functions",
        "",
        "Written by `make catalogue` from `docs/catalogue.toml`, the code and the marks of the tests: change those.",
        "Channels are P portal, W web service and B batch file: where a function is to be offered. The rest shows what",
        "is there today.",
    ]
    known = items()
    for family, title in families().items():
        lines += [
            "",
            f"## {title}",
            "",
            "| id | function | channels | ways in | code | proof |",
            "|---|---|---|---|---|---|",
        ]
        for item in known.values():
            if item.family == family:
                lines.append(_row(item, ways_in[item.id], places[item.id] if item.offered else [], proven[item.id]))
    return "\n".join(lines) + "\n"


def _row(item: Item, ways_in: list[str], places: list[str], proven: list[str]) -> str:
    cells = [
        item.id,
        item.title,
        " ".join(item.ways),
        "<br>".join(f"`{way}`" for way in ways_in) if item.offered else "",
        "<br>".join(f"[{path.removeprefix('chalicelib/')}](../{path})" for path in places),
        "<br>".join(f"[{path.removeprefix('tests/')}](../{path})" for path in proven) if item.offered else "not yet",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")
