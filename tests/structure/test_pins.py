"""What is installed is what is pinned, and what ships is complete."""

from __future__ import annotations

import re
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from tests.structure.sources import DEPLOYED, ROOT, imported, modules

SHIPPED = ("requirements.txt", "requirements-reports.txt")
PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,]+\])?==[A-Za-z0-9.]+$")


def _lines(name: str) -> list[str]:
    lines = (line.strip() for line in (ROOT / name).read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-r "))]


def _pins(name: str) -> dict[str, str]:
    requirements = [Requirement(line) for line in _lines(name)]
    return {_normal(requirement.name): str(requirement.specifier) for requirement in requirements}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", [*SHIPPED, "requirements-dev.txt", "infra/check/requirements.txt"])
def test_everything_is_pinned_to_one_version(name: str) -> None:
    assert not [line for line in _lines(name) if not PINNED.match(line)]


def test_what_ships_brings_everything_it_needs() -> None:
    pins = _pins("requirements.txt")
    missing = {
        (package, needed)
        for package in pins
        if package != "chalice"  # only its runtime ships, which needs nothing
        for line in metadata.requires(package) or ()
        if ((requirement := Requirement(line)).marker is None or requirement.marker.evaluate({"extra": ""}))
        and (needed := _normal(requirement.name)) not in pins
    }
    assert not missing


def test_what_runs_imports_nothing_that_does_not_ship() -> None:
    shipped = {_module(package) for package in _pins("requirements.txt")} | {"app", "chalicelib", "functions"}
    of_reports = {_module(package) for package in _pins("requirements-reports.txt")}
    foreign = {
        (module.path, top)
        for module in modules(*DEPLOYED)
        for name in imported(module)
        if (top := name.split(".")[0]) not in sys.stdlib_module_names
        and top not in shipped
        and not (top in of_reports and module.path.startswith("chalicelib/cloud/typeset/"))
    }
    assert not foreign


def _module(package: str) -> str:
    return {"argon2-cffi": "argon2", "pyjwt": "jwt", "python-dateutil": "dateutil"}.get(
        package, package.replace("-", "_")
    )


def test_this_environment_is_the_pinned_one() -> None:
    pins = _pins("requirements.txt") | _pins("requirements-reports.txt") | _pins("requirements-dev.txt")
    installed = {_normal(found.metadata["Name"]): f"=={found.version}" for found in metadata.distributions()}
    assert {name: (pin, installed.get(name)) for name, pin in pins.items() if installed.get(name) != pin} == {}


def test_the_emulator_and_the_clients_agree_on_their_version() -> None:
    needed = [Requirement(line) for line in metadata.requires("ministack") or ()]
    (botocore,) = (
        requirement for requirement in needed if requirement.name == "botocore" and requirement.marker is None
    )
    pins = _pins("requirements.txt")
    assert str(botocore.specifier) == pins["botocore"] == pins["boto3"]


def test_tests_of_a_group_share_a_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist finds a group in the test's id; a pytest that keeps the id elsewhere spreads the group."""
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("groups matter only with --dist loadgroup")
    assert request.node.nodeid.endswith("@structure")
