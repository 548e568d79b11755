"""Build the deployment packages and the stand-alone validator, in ``dist``: lrs-lambda.zip, lrs-reports.zip,
lrs-validator.pyz.

The archive contains ``app.py``, ``chalicelib``, ``functions`` and the packages that requirements.txt pins, for Lambda's
python3.13 on arm64 (docs/decisions/0002-one-package-built-by-us.md). Everything in it is compiled beforehand,
the portal's templates too: Lambda's folder is read-only, so that an archive without compiled modules compiles them
again at every cold start.

The same sources give the same bytes, wherever they are built: wheels for Lambda's platform, entries sorted and without
dates, and nothing of the machine that built it. Only two things can differ: modules compiled by another release of
Python 3.13, and the compression of another zlib, which the digest of the content leaves out.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
ARCHIVE = DIST / "lrs-lambda.zip"
REPORTS = DIST / "lrs-reports.zip"
"""The package of the function that makes reports: what sets type is twice as large as everything else."""
VALIDATOR = DIST / "lrs-validator.pyz"

RUNTIME = "3.13"
PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64")
"""The platforms that Amazon Linux 2023 on arm64 can load."""

REPORTS_OWN = (
    *("chalicelib/__init__.py", "chalicelib/grants.py", "chalicelib/observability.py", "chalicelib/settings.py"),
    *("chalicelib/cloud/__init__.py", "chalicelib/cloud/typeset", "chalicelib/domain", "chalicelib/ports"),
    *("functions/__init__.py", "functions/make_report.py"),
)
"""What that function loads, and what it needs in turn."""
_OF_THE_LOG = ("aws-lambda-powertools", "jmespath", "typing_extensions")
"""The pins of requirements.txt that it needs as well."""
OWN = ("app.py", "chalicelib", "functions", "infra/service_levels.json", "infra/stack.json")
CHALICE_RUNTIME = ("__init__.py", "app.py", "py.typed")
"""The part of Chalice that handles requests; the rest is its command line."""

SERVICES = (
    "cloudwatch",
    "dynamodb",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "ses",
    "sesv2",
    "sqs",
    "ssm",
    "sts",
)
"""The AWS services whose descriptions are included; those of the other four hundred are most of botocore's size."""


class Budget(NamedTuple):
    """The most bytes of an archive."""

    zipped: int
    unzipped: int
    """What Lambda unpacks at a cold start; its own limit is 250 MB."""


BUDGET = Budget(17 * 1024 * 1024, 48 * 1024 * 1024)
REPORTS_BUDGET = Budget(40 * 1024 * 1024, 100 * 1024 * 1024)

OF_THE_BUILD = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""What an installer notes about itself and its machine."""

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


class PackagingError(Exception):
    """The package cannot be built, or does not work; the text says why."""


class Built(NamedTuple):
    """The result of a build."""

    path: Path
    files: int
    unzipped: int
    """Bytes."""
    compiled: bool
    """Whether compiled modules are inside."""
    checked: int
    """Entry points that were imported with only the package available."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @property
    def zipped(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    @property
    def content_sha256(self) -> str:
        """The digest of names and contents, the same for every zlib."""
        found = hashlib.sha256()
        with zipfile.ZipFile(self.path) as archive:
            for name in archive.namelist():
                data = archive.read(name)
                found.update(f"{name}\0{len(data)}\0".encode() + data)
        return found.hexdigest()


def build_archive(target: Path = ARCHIVE) -> Built:
    """Build the Lambda archive; raises :class:`PackagingError`."""
    staging = target.parent / "lambda"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    _install_libraries(staging, "--requirement", str(ROOT / "requirements.txt"))
    _leave_out_what_never_runs(staging)
    _copy_own(staging, OWN, "typeset", "make_report.py")
    python = _runtime_python()
    _compile_templates(python or Path(sys.executable), staging)
    if python is not None:
        _compile(python, staging)
    checked = _import_entry_points(python or Path(sys.executable), staging)
    _make_clients(python or Path(sys.executable), staging)
    _render_a_page(python or Path(sys.executable), staging)
    files, unzipped = pack(staging, target)
    return Built(target, files, unzipped, python is not None, checked)


def build_reports(target: Path = REPORTS) -> Built:
    """Build the archive of the function that makes reports; raises :class:`PackagingError`."""
    staging = target.parent / "reports"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    pins = (ROOT / "requirements.txt").read_text("utf-8").split()
    logs = [pin for pin in pins if pin.partition("==")[0] in _OF_THE_LOG]
    _install_libraries(staging, "--requirement", str(ROOT / "requirements-reports.txt"), *logs)
    _leave_out_notes(staging)
    _copy_own(staging, REPORTS_OWN)
    python = _runtime_python()
    if python is not None:
        _compile(python, staging)
    program = "import sys, types; sys.modules['typst'] = types.ModuleType('typst'); import functions.make_report"
    _run_inside(python or Path(sys.executable), staging, program, "functions.make_report cannot be imported")
    files, unzipped = pack(staging, target, REPORTS_BUDGET)
    return Built(target, files, unzipped, python is not None, 1)


def pack(staging: Path, target: Path, budget: Budget = BUDGET) -> tuple[int, int]:
    """Write the archive of a folder; returns its files and their bytes. Raises PackagingError beyond the budget."""
    files = list(_files(staging))
    _zip(staging, files, target)
    unzipped, zipped = sum(path.stat().st_size for path in files), target.stat().st_size
    for size, most, what in ((zipped, budget.zipped, "zipped"), (unzipped, budget.unzipped, "unzipped")):
        if size > most:
            raise PackagingError(f"{_megabytes(size)} {what} are more than the budget of {_megabytes(most)}")
    return len(files), unzipped


def _install_libraries(staging: Path, *wanted: str) -> None:
    platforms = [part for platform in PLATFORMS for part in ("--platform", platform)]
    command = [
        *(
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-compile",
        ),
        *("--only-binary=:all:", "--implementation", "cp", "--python-version", RUNTIME, *platforms),
        *("--target", str(staging), *wanted),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise PackagingError(
            f"pip could not install the pinned packages for {RUNTIME} on arm64:\n{done.stderr.strip()}"
        )


def _leave_out_what_never_runs(staging: Path) -> None:
    shutil.rmtree(staging / "bin", ignore_errors=True)
    for path in (staging / "chalice").iterdir():
        if path.name not in CHALICE_RUNTIME:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in (staging / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)
    # boto3's data describes its resources; clients need none of it.
    for pattern in ("boto3/data", "boto3/examples", "*/tests"):
        for path in staging.glob(pattern):
            shutil.rmtree(path)
    _leave_out_notes(staging)


def _leave_out_notes(staging: Path) -> None:
    for name in OF_THE_BUILD:
        for path in staging.glob(f"*.dist-info/{name}"):
            path.unlink()


def _copy_own(staging: Path, names: tuple[str, ...], *left_out: str) -> None:
    for name in names:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, staging / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", *left_out))
        else:
            (staging / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, staging / name)


def _runtime_python() -> Path | None:
    """An interpreter of Lambda's version, for compiled modules that it accepts; None if there is none here."""
    if sys.version_info[:2] == tuple(map(int, RUNTIME.split("."))):
        return Path(sys.executable)
    found = subprocess.run([ROOT / ".ci" / "python", RUNTIME], check=False, capture_output=True, text=True)
    return Path(found.stdout.strip()) if found.returncode == 0 else None


def _compile_templates(python: Path, staging: Path) -> None:
    """Turn the portal's templates into modules, with the package's own Jinja, and leave out their sources."""
    program = "from chalicelib.web.portal import rendering; rendering.compile_templates(rendering.COMPILED)"
    _run_inside(python, staging, program, "a template of the portal cannot be compiled")
    for sources in ("chalicelib/web/portal/templates", "govuk_frontend_jinja/templates"):
        shutil.rmtree(staging / sources)


def _compile(python: Path, staging: Path) -> None:
    """Compile all modules; their paths in tracebacks are those in Lambda, and they are not compared with the
    sources.
    """
    command = [
        *(str(python), "-m", "compileall", "-q", "-j", "2", "--invalidation-mode", "unchecked-hash"),
        *("-s", str(staging), "-p", "/var/task", str(staging)),
    ]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": "0"}
    )
    if done.returncode:
        raise PackagingError(f"A module cannot be compiled:\n{done.stdout.strip()}")


def _import_entry_points(python: Path, staging: Path) -> int:
    """Import every entry point with only the package and the standard library available."""
    entries = ["app", *sorted(f"functions.{path.stem}" for path in (staging / "functions").glob("[!_]*.py"))]
    for entry in entries:
        program = f"import importlib; importlib.import_module({entry!r})"
        _run_inside(python, staging, program, f"{entry} cannot be imported from the package alone")
    return len(entries)


def _make_clients(python: Path, staging: Path) -> None:
    """Make a client of each service with only the package available."""
    program = "from boto3.session import Session; session = Session(region_name='eu-west-2')"
    program += f"; [session.client(service) for service in {SERVICES!r}]"
    _run_inside(python, staging, program, "the clients of AWS cannot be made from the package alone")


def _render_a_page(python: Path, staging: Path) -> None:
    """Render a page with only the package available."""
    program = "from chalicelib.web.portal.rendering import Chrome, render"
    program += "; render('errors/404.html.jinja', {}, chrome=Chrome(nonce='', path='/'))"
    _run_inside(python, staging, program, "the portal's pages cannot be rendered from the package alone")


def _run_inside(python: Path, staging: Path, program: str, failure: str) -> None:
    command = [str(python), "-I", "-S", "-B", "-c", f"import sys; sys.path.insert(0, {str(staging)!r}); {program}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=staging)
    if done.returncode:
        raise PackagingError(f"{failure}:\n{done.stderr.strip()}")


def _files(staging: Path) -> Iterator[Path]:
    for path in sorted(staging.rglob("*")):
        if path.is_file():
            yield path


def _zip(staging: Path, files: list[Path], target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(staging).as_posix(), _FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, path.read_bytes())


def build_validator(target: Path = VALIDATOR) -> Path:
    """Build the stand-alone validator."""
    from local.commands import make_pyz

    return make_pyz.build(target)


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"


def _built_twice(build: Callable[[Path], Built], target: Path) -> Built:
    """Build an archive, and once more in another folder. Raises PackagingError if they differ."""
    built = build(target)
    with tempfile.TemporaryDirectory() as other:
        again = build(Path(other) / target.name)
        if again.sha256 != built.sha256:
            raise PackagingError(f"Two builds of the same sources differ: {built.sha256} and {again.sha256}")
    return built


def _tell(built: Built, budget: Budget, started: float, *, is_twice: bool) -> None:
    print(
        f"{built.path.relative_to(ROOT)}: {_megabytes(built.zipped)} of {_megabytes(budget.zipped)},"
        f" {_megabytes(built.unzipped)} of {_megabytes(budget.unzipped)} unzipped, {built.files} files,"
        f" {built.checked} entry points imported, {'compiled' if built.compiled else 'NOT compiled'},"
        f" {'two builds identical, ' if is_twice else ''}{time.perf_counter() - started:.0f} s\n"
        f"  sha256  {built.sha256} (zlib {zlib.ZLIB_RUNTIME_VERSION})\n"
        f"  content {built.content_sha256}"
    )
    if not built.compiled:
        print(
            f"  There is no Python {RUNTIME} here, so cold starts of this archive compile every module again."
            " Do not deploy it.",
            file=sys.stderr,
        )


def main() -> int:
    """Build everything and print the results."""
    parser = argparse.ArgumentParser(prog="make package", description=__doc__.splitlines()[0])
    parser.add_argument("--twice", action="store_true", help="build twice and fail if the two differ")
    chosen = parser.parse_args()
    DIST.mkdir(exist_ok=True)
    for build, target, budget in ((build_archive, ARCHIVE, BUDGET), (build_reports, REPORTS, REPORTS_BUDGET)):
        started = time.perf_counter()
        try:
            built = _built_twice(build, target) if chosen.twice else build(target)
        except PackagingError as fault:
            print(fault, file=sys.stderr)
            return 1
        _tell(built, budget, started, is_twice=chosen.twice)
    validator = build_validator()
    print(f"{validator.relative_to(ROOT)}: {validator.stat().st_size / 1024:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
