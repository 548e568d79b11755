"""The stand-alone validator to download (VAL-01): made from the modules of this package, in one text file.

It only contains the rules, the reference lists, the formats and the validator, which only need the standard library.
The same sources give the same bytes. Pages and files of the portal are texts, so that the archive is within a program.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from chalicelib import VERSION

__all__ = ["NAME", "VERSION", "Download", "archive", "download"]

PACKAGE: Final = Path(__file__).resolve().parents[2]
PARTS: Final = ("domain", "reference", "formats", "validator")
NAME: Final = "lrs-validator.py"

_FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MAIN: Final = """\
import sys

if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or later is needed.")

from chalicelib.validator.__main__ import main

sys.exit(main())
"""
_PROGRAM: Final = '''\
#!/usr/bin/env python3
"""Check batch files for the Learning Records Service before they are sent. Needs Python 3.11 or later, and no network.

Run it: python {name} FILE
"""

import base64
import os
import sys
import tempfile

if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or later is needed.")

ARCHIVE = """\\
{archive}"""


def run():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lrs-validator.pyz")
        with open(path, "wb") as file:
            file.write(base64.b64decode(ARCHIVE))
        sys.path.insert(0, path)
        from chalicelib.validator.__main__ import main

        return main()


if __name__ == "__main__":
    sys.exit(run())
'''


class Download(NamedTuple):
    """The validator as it is downloaded."""

    content: str
    sha256: str

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


def archive() -> bytes:
    """The validator as one archive that Python runs."""
    files = [PACKAGE / "__init__.py"]
    for name in PARTS:
        files += sorted(path for path in (PACKAGE / name).rglob("*") if path.is_file() and _belongs(path))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        _add(made, "__main__.py", _MAIN.encode())
        for path in files:
            _add(made, path.relative_to(PACKAGE.parent).as_posix(), path.read_bytes())
    return out.getvalue()


@cache
def download() -> Download:
    """The same as a program of text, made once."""
    encoded = base64.encodebytes(archive()).decode("ascii")
    content = _PROGRAM.format(name=NAME, archive=encoded)
    return Download(content, hashlib.sha256(content.encode()).hexdigest())


def _belongs(path: Path) -> bool:
    return "__pycache__" not in path.parts and path.suffix != ".pyc"


def _add(made: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _FIXED_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100644 << 16
    made.writestr(entry, content)
