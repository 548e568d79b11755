"""Nothing that runs is left out of the package."""

from __future__ import annotations

import ast
import os
import shutil
import zipfile
from pathlib import Path

import chalice
import pytest

from local.commands import package
from tests.structure.sources import DEPLOYED, Module, dotted, imports_any, modules


def _services(module: Module) -> set[str]:
    """Names of AWS services that a module requests a client for: `client("s3")`, `clients["s3"]`."""
    found: set[str] = set()
    for node in module.nodes:
        if isinstance(node, ast.Call) and dotted(node.func).endswith(("client", "create_client")):
            found.update(str(argument.value) for argument in node.args[:1] if isinstance(argument, ast.Constant))
        if (
            isinstance(node, ast.Subscript)
            and dotted(node.value).endswith("clients")
            and isinstance(node.slice, ast.Constant)
        ):
            found.add(str(node.slice.value))
    return found


def test_every_service_that_the_code_calls_is_described_in_the_package() -> None:
    called = set().union(*(_services(module) for module in modules(*DEPLOYED)))
    assert called, "nothing found: the code asks for its clients in another way than this test looks for"
    assert called <= set(package.SERVICES)


def test_the_packaged_part_of_chalice_needs_no_other_part() -> None:
    folder = Path(chalice.__file__).parent
    parts = {name.removesuffix(".py") for name in package.CHALICE_RUNTIME if name.endswith(".py")} - {"__init__"}
    for name in package.CHALICE_RUNTIME:
        if name.endswith(".py"):
            text = (folder / name).read_text("utf-8")
            tree = ast.parse(text)
            tree.body = [node for node in tree.body if not (isinstance(node, ast.If) and _only_for_types(node))]
            needed = imports_any(Module(name, text, tree), "chalice")
            assert {path.split(".")[1] for path in needed} <= parts


def _only_for_types(node: ast.If) -> bool:
    """Imports for annotations only are never executed."""
    return dotted(node.test).endswith("TYPE_CHECKING")


@pytest.mark.parametrize("name", [*package.OWN, *package.REPORTS_OWN])
def test_our_own_values_are_there(name: str) -> None:
    assert (package.ROOT / name).exists()


@pytest.fixture
def staged(tmp_path: Path) -> tuple[Path, Path]:
    """The same files in two folders, written in another order, on another day, by another user's rules."""
    names = ["app.py", "chalicelib/b.py", "chalicelib/a.py", "zoneinfo/Europe/London"]
    for folder, order in (("one", names), ("another/place", names[::-1])):
        for name in order:
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"content of {name}\n", encoding="utf-8")
    late = tmp_path / "another/place/app.py"
    os.utime(late, (2_000_000_000, 2_000_000_000))
    late.chmod(0o700)
    return tmp_path / "one", tmp_path / "another/place"


def test_the_same_files_give_the_same_bytes_wherever_they_are_packed(staged: tuple[Path, Path], tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    assert package.pack(staged[0], first) == package.pack(staged[1], second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 & 0o777 for entry in entries} == {0o644}


def test_our_modules_compile_to_the_same_bytes_in_another_folder(tmp_path: Path) -> None:
    python, archives = Path(package.sys.executable), []
    for place in (tmp_path / "one", tmp_path / "another/place"):
        shutil.copytree(package.ROOT / "chalicelib/domain", place / "chalicelib/domain", ignore=_COMPILED)
        package._compile(python, place)
        archives.append(place.with_suffix(".zip"))
        package.pack(place, archives[-1])
    assert archives[0].read_bytes() == archives[1].read_bytes()
    assert str(tmp_path).encode() not in b"".join(map(_read_entries, archives))


_COMPILED = shutil.ignore_patterns("__pycache__")


def _read_entries(archive: Path) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        return b"".join(opened.read(name) for name in opened.namelist())


@pytest.mark.parametrize("budget", [package.Budget(10, 10**9), package.Budget(10**9, 10)])
def test_a_package_beyond_its_budget_is_not_built(
    staged: tuple[Path, Path], tmp_path: Path, budget: package.Budget
) -> None:
    with pytest.raises(package.PackagingError, match="more than the budget"):
        package.pack(staged[0], tmp_path / "large.zip", budget)


def test_what_pip_notes_about_its_machine_is_left_out(tmp_path: Path) -> None:
    for name in ("chalice/cli.py", "botocore/data/s3/x.json", "x.dist-info/METADATA", "bin/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in package.OF_THE_BUILD:
        (tmp_path / "x.dist-info" / name).touch()
    package._leave_out_what_never_runs(tmp_path)
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["botocore/data/s3/x.json", "x.dist-info/METADATA"]
