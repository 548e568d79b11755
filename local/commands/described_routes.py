"""Write the routes of every surface to ``infra/``: ``python -m local.commands.described_routes``.

Terraform makes the API of a surface of them. A path that takes every method is written as ``ANY``.
"""

from __future__ import annotations

import json
from pathlib import Path

from chalicelib.web.http.traffic import METHODS
from local.emulated.stack import load_stack
from local.lambda_runtime.invocation import load_handler

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "infra" / "routes.json"


def routes() -> dict[str, dict[str, list[str]]]:
    """The methods of each path of each surface, as its function has them."""
    surfaces = load_stack().surfaces
    return {surface: _paths(function.handler) for surface, function in sorted(surfaces.items())}


def _paths(handler: str) -> dict[str, list[str]]:
    application = load_handler(handler)
    table: dict[str, dict[str, object]] = vars(application)["routes"]
    return {path: ["ANY"] if set(table[path]) == METHODS else sorted(table[path]) for path in sorted(table)}


def render() -> str:
    """The file's text, with the methods of a path on its line."""
    surfaces = [
        f'  "{surface}": {{\n'
        + ",\n".join(f"    {json.dumps(path)}: {json.dumps(methods)}" for path, methods in paths.items())
        + "\n  }"
        for surface, paths in routes().items()
    ]
    return "{\n" + ",\n".join(surfaces) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")
