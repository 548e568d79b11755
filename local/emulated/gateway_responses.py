"""Write the gateway's own responses to ``infra/``: ``python -m local.emulated.gateway_responses``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chalicelib.web.http.gateway_answers import gateway_responses
from chalicelib.web.http.routes import SECURITY_HEADERS

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "infra" / "gateway_responses.json"


def render() -> str:
    """The file's text."""
    return json.dumps(gateway_responses(SECURITY_HEADERS), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def described() -> dict[str, Any]:
    """The content of the file."""
    found: dict[str, Any] = json.loads(TARGET.read_text("utf-8"))
    return found


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")
