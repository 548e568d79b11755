"""Write Chalice's own settings to ``.chalice/``: ``python -m local.emulated.chalice_config``.

``chalice local`` is for a quick look at the routes. It uses the emulated cloud of ``make run`` if that is running.
"""

from __future__ import annotations

import json
from pathlib import Path

from local.emulated.cloud import DEFAULT_PORT, DEFAULT_PREFIX
from local.emulated.stack import WEB, environment, load_stack

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / ".chalice" / "config.json"


def render() -> str:
    """The file's text."""
    stack = load_stack()
    given = environment(stack, DEFAULT_PREFIX, f"http://127.0.0.1:{DEFAULT_PORT}")
    own = stack.functions[WEB].environment
    variables = {name: value for name, value in given.items() if name in own or name.startswith("AWS_")}
    stage = {"api_gateway_stage": "api", "environment_variables": variables}
    config = {"version": "2.0", "app_name": "learning-records-service", "stages": {"dev": stage}}
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")
