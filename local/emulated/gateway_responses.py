"""Write the gateway's own responses to ``infra/``: ``python -m local.emulated.gateway_responses``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chalicelib.web.http.gateway_answers import gateway_responses
from chalicelib.web.http.routes import SECURITY_HEADERS
from chalicelib.web.portal.gateway_pages import gateway_pages

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "infra" / "gateway_responses.json"


def render() -> str:
    """The file's text."""
    surfaces = {"portal": gateway_pages(), "web": gateway_responses(SECURITY_HEADERS)}
    return json.dumps(surfaces, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def described(surface: str) -> dict[str, Any]:
    """What the file has for a surface."""
    found: dict[str, Any] = json.loads(TARGET.read_text("utf-8"))[surface]
    return found


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")
