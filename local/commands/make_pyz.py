"""Build the stand-alone validator: one file that runs on plain Python 3.11 or later, without any packages.

It only contains the rules, the reference lists, the formats and the validator, which only need the standard library.
The same sources give the same bytes.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = ("domain", "reference", "formats", "validator")

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_MAIN = """\
import sys

if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or later is needed.")

from chalicelib.validator.__main__ import main

sys.exit(main())
"""


def build(target: Path) -> Path:
    """Write the validator to ``target``; the path."""
    target.parent.mkdir(parents=True, exist_ok=True)
    package = ROOT / "chalicelib"
    files = [package / "__init__.py"]
    for name in PACKAGES:
        files += sorted(path for path in (package / name).rglob("*") if path.is_file() and _belongs(path))
    with target.open("wb") as out:
        out.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            _add(archive, "__main__.py", _MAIN.encode())
            for path in files:
                _add(archive, path.relative_to(ROOT).as_posix(), path.read_bytes())
    target.chmod(0o755)
    return target


def _belongs(path: Path) -> bool:
    return "__pycache__" not in path.parts and path.suffix != ".pyc"


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _FIXED_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100644 << 16
    archive.writestr(entry, content)


if __name__ == "__main__":
    build(ROOT / "dist" / "lrs-validator.pyz")
