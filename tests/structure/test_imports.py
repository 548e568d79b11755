"""Which modules may import which.

The layers are in pyproject.toml; these are the rules that a layer contract cannot express.
"""

from __future__ import annotations

import logging
import sys
import tomllib

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.structure.sources import DEPLOYED, EVERYTHING, ROOT, Module, imported, imports_any, modules

PURE = ("domain", "reference", "formats", "validator")


def test_the_import_contract_holds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename="pyproject.toml", no_cache=True)
    for logger in logging.Logger.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False  # its way of setting up its own log silences everyone else's
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_what_is_imported_exists_wherever_types_are_checked_which_is_everywhere_but_in_tests() -> None:
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]["files"]
    assert {*configured, "tests"} == set(EVERYTHING)


@pytest.mark.req("VAL-01")
@pytest.mark.parametrize("package", PURE)
def test_rules_and_formats_need_nothing_but_the_standard_library(package: str) -> None:
    found = {
        module.path: foreign
        for module in modules(f"chalicelib/{package}")
        if (foreign := sorted(name for name in imported(module) if not _at_home(name)))
    }
    assert not found


def _at_home(name: str) -> bool:
    top, *rest = name.split(".")
    at_home = [["VERSION"], *([package] for package in PURE)]
    return top in sys.stdlib_module_names or (top == "chalicelib" and rest[:1] in at_home)


@pytest.mark.parametrize(
    ("packages", "knows_it"),
    [
        (
            ("chalice",),
            (
                "app.py",
                "chalicelib/web/http/routes.py",
                "chalicelib/web/http/traffic.py",
                "chalicelib/web/portal/routing.py",
            ),
        ),
        (("jinja2", "markupsafe"), ("chalicelib/web/portal/",)),
        (("pynamodb",), ("chalicelib/storage/", "chalicelib/bootstrap.py")),
        (
            ("boto3", "botocore"),
            ("chalicelib/aws.py", "chalicelib/storage/", "chalicelib/cloud/", "chalicelib/bootstrap.py"),
        ),
        (("chalicelib.bootstrap",), ("app.py", "functions/", "chalicelib/bootstrap.py")),
        (
            ("chalicelib.settings",),
            ("app.py", "functions/", "chalicelib/aws.py", "chalicelib/bootstrap.py", "chalicelib/observability.py"),
        ),
    ],
    ids=" ".join,
)
def test_a_few_modules_alone_may_use_certain_things(packages: tuple[str, ...], knows_it: tuple[str, ...]) -> None:
    found = {
        module.path: names
        for module in modules(*DEPLOYED)
        if not module.path.startswith(knows_it) and (names := imports_any(module, *packages))
    }
    assert not found


def test_no_module_imports_another_by_a_relative_path() -> None:
    found = [module.path for module in modules(*DEPLOYED, "local", "bench") if _relative(module)]
    assert not found


def _relative(module: Module) -> bool:
    return any(line.startswith("from .") for line in module.text.splitlines())
