"""The portal's style sheet, script and icon, as ``make assets`` built them from ``portal-assets``.

A file's name contains the digest of its content, so browsers may keep it for ever and never show an old one.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

BASE: Final = "/assets/"
FOLDER: Final = Path(__file__).with_name("static")
LICENCE: Final = "licence.txt"
"""The notice of what is built in; the built files name it."""

FOR_EVER: Final = "public, max-age=31536000, immutable"
FOR_A_DAY: Final = "public, max-age=86400"

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


class Asset(NamedTuple):
    """One file as it is served."""

    content: bytes
    media_type: str
    cache_control: str


def address(name: str) -> str:
    """The path of an asset by its plain name, such as ``portal.css``. Raises KeyError for one there is not."""
    return BASE + _manifest()[name]


def find(path: str) -> Asset | None:
    """The asset at a path; None if there is none."""
    name = path.removeprefix(BASE)
    if not path.startswith(BASE) or name not in {LICENCE, *_manifest().values()}:
        return None
    file = FOLDER / name
    return Asset(file.read_bytes(), _TYPES[file.suffix], FOR_A_DAY if name == LICENCE else FOR_EVER)


@cache
def _manifest() -> dict[str, str]:
    files: dict[str, str] = json.loads((FOLDER / "manifest.json").read_text("utf-8"))["files"]
    return files
