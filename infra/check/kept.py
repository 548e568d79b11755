"""What a check found is kept under `.local/infra` until something that it follows from changes.

A key is the digest of every file that a check can read, of the code of the checks and of the tools that are installed.
Checks run in a copy of `infra`, so that they can read nothing else, and the digest is that of the copy: a change made
meanwhile does not count as checked. What failed is not kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from infra.check.terraform import OVERRIDE, REPOSITORY, environments_of

FOLDER: Final = REPOSITORY / ".local" / "infra"
_CHECKS: Final = Path(__file__).parent
_TOOLS: Final = (".venv-infra", ".venv-checkov")
_SOURCE: Final = re.compile(r'^\s*source\s*=\s*"(\.\.?/[^"]*)"', re.MULTILINE)
_UP: Final = re.compile(r"/\.\./")
_NOT_READ: Final = {"check", "__pycache__", ".terraform", ".terraform.lock.hcl", OVERRIDE}


class Kept:
    """Results by name and key, of each name the last one."""

    def __init__(self, folder: Path = FOLDER, *, fresh: bool = False) -> None:
        self._folder = folder
        self._fresh = fresh

    def found(self, name: str, key: str) -> Any:
        """What was kept; None if nothing was, or everything is to be checked again."""
        place = self._place(name, key)
        return None if self._fresh or not place.exists() else json.loads(place.read_text("utf-8"))

    def keep(self, name: str, key: str, result: Any) -> None:
        """Keep a result in place of any other of the same name."""
        place = self._place(name, key)
        place.parent.mkdir(parents=True, exist_ok=True)
        for other in place.parent.glob(f"{_plain(name)}-{'?' * len(key)}.json"):
            other.unlink(missing_ok=True)
        unfinished = place.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(result, indent=1, sort_keys=True), "utf-8")
        unfinished.replace(place)

    def made(self, name: str, key: str, make: Callable[[], Any]) -> Any:
        """What was kept, or else what is made now, which is kept."""
        with self.locked(name):
            result = self.found(name, key)
            if result is None:
                result = make()
                self.keep(name, key, result)
        return result

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """While another process makes what has this name, wait."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{_plain(name)}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _place(self, name: str, key: str) -> Path:
        return self._folder / f"{_plain(name)}-{key}.json"


def key_of_folder(root: Path, folder: Path) -> str:
    """The key of what follows from one folder of Terraform code, with its tests and the modules that it calls."""
    return _key(root.parent, _everything(root.parent) if folder == root else _reached(root, folder))


def key_of_environment(root: Path, environment: str) -> str:
    """The key of the plan of one environment, and of its state: tests and the values of others do not count."""
    infra = root.parent
    others = {path for name, path in environments_of(root).items() if name != environment}

    def counts(path: Path) -> bool:
        return path not in others and "tests" not in path.relative_to(infra).parts

    return _key(infra, filter(counts, _everything(infra)))


def key_of_code(root: Path, *more: Path) -> str:
    """The key of what follows from all of the code, and from some files that lie elsewhere."""
    return _key(root.parent, (*_everything(root.parent), *more))


def _plain(name: str) -> str:
    return re.sub(r"\W+", "-", name)


def _everything(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".md" and not _NOT_READ & set(path.relative_to(folder).parts):
            yield path


def _reached(root: Path, folder: Path) -> Iterable[Path]:
    """The files of a folder and of the modules that it calls; everything if it reads a file that lies elsewhere."""
    reached, found = [folder], set[Path]()
    for one in reached:
        for path in _everything(one):
            found.add(path)
            text = path.read_text("utf-8", errors="replace")
            if _UP.search(_SOURCE.sub("", text)):
                return _everything(root.parent)
            called = ((path.parent / source).resolve() for source in _SOURCE.findall(text))
            reached += [module for module in called if module not in reached]
    return found


def _key(infra: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256(CHECKED_WITH.encode())
    for path in sorted(set(files)):
        name = path.relative_to(infra) if path.is_relative_to(infra) else path.name
        digest.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _checked_with() -> str:
    """The code of the checks, and the names and versions of what is installed for them."""
    digest = hashlib.sha256()
    for path in sorted(path for path in _CHECKS.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        digest.update(f"{path.relative_to(_CHECKS)}\0".encode() + path.read_bytes())
    for tools in (REPOSITORY / name for name in _TOOLS):
        configured = tools / "pyvenv.cfg"
        digest.update(configured.read_bytes() if configured.exists() else b"-")
        digest.update("\n".join(sorted(path.name for path in tools.glob("lib/*/site-packages/*.dist-info"))).encode())
    return digest.hexdigest()


CHECKED_WITH: Final = _checked_with()
"""When this process began."""
