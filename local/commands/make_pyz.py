"""Build the stand-alone validator: one file that runs on plain Python 3.11 or later, without any packages."""

from __future__ import annotations

from pathlib import Path

from chalicelib.web.portal.validator_file import archive

ROOT = Path(__file__).resolve().parents[2]


def build(target: Path) -> Path:
    """Write the validator to ``target``; the path."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"#!/usr/bin/env python3\n" + archive())
    target.chmod(0o755)
    return target


if __name__ == "__main__":
    build(ROOT / "dist" / "lrs-validator.pyz")
