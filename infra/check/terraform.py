"""Terraform's commands, with the stand-in as the provider."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
ROOT: Final = REPOSITORY / "infra" / "terraform"
PROVIDER: Final = "registry.terraform.io/hashicorp/aws"
PYTHON: Final = REPOSITORY / ".venv-infra" / "bin" / "python"
"""Has the packages that Terraform's worker needs."""

_PACKAGES: Final = ("dist/lrs-lambda.zip", "dist/lrs-reports.zip")
"""The deployment packages, relative to the repository. The checks do with empty ones."""
OVERRIDE: Final = "zz_override.tf"
"""The file of a copy that is not in the original."""
_ON_THIS_MACHINE: Final = 'terraform {\n  backend "inmem" {}\n}\n'
"""The state stays in the worker: a file would be written anew after each resource. A worker applies one root module."""
_LEFT_OUT: Final = shutil.ignore_patterns("check", ".terraform", ".terraform.lock.hcl", "*.tfstate*", "__pycache__")


_TYPE: Final = re.compile(
    r'^\s*(?:resource|data|override_data|override_resource|mock_resource|mock_data) "(\w+)"', re.MULTILINE
)


class TerraformError(Exception):
    """A command failed; the text is Terraform's own."""


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    output: str
    errors: str

    def checked(self) -> str:
        """The output. Raises `TerraformError` if the command failed."""
        if self.code:
            raise TerraformError((self.output + self.errors).strip())
        return self.output


class Terraform:
    """A worker that runs Terraform's commands (`infra/check/worker.py`)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, folder: Path, *arguments: str) -> Finished:
        """Run one command in a folder."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        plain = () if arguments[0] == "show" else ("-no-color",)
        request = {"folder": str(folder), "arguments": [arguments[0], *plain, *arguments[1:]]}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise TerraformError("Terraform stopped; its error is above.")
        return Finished(**json.loads(answer))

    def init(self, folder: Path) -> str:
        """Install the modules."""
        return self.run(folder, "init", "-input=false").checked()

    def plan(self, folder: Path, variables: Path | None, to: Path) -> dict[str, Any]:
        """The plan with the values of a file, as `terraform show -json` gives it; kept at `to`."""
        _checked(self.run(folder, "plan", "-json", "-input=false", f"-out={to}", *_var_file(variables)))
        return self.shown(folder, to)

    def apply(self, folder: Path, plan: Path) -> dict[str, Any]:
        """Apply a plan; the state, as `terraform show -json` gives it."""
        _checked(self.run(folder, "apply", "-json", "-input=false", str(plan)))
        return self.shown(folder)

    def check_nothing_changes(self, folder: Path, variables: Path | None) -> None:
        """Raises `TerraformError` if another plan is not empty."""
        ended = self.run(folder, "plan", "-json", "-input=false", "-detailed-exitcode", *_var_file(variables))
        changed = [one["@message"] for one in _messages(ended) if one["type"] in ("planned_change", "resource_drift")]
        if changed:
            raise TerraformError("A second plan is not empty:\n" + "\n".join(changed))
        _checked(ended)

    def shown(self, folder: Path, *what: Path) -> dict[str, Any]:
        """A plan, or the state, as JSON."""
        shown: dict[str, Any] = json.loads(self.run(folder, "show", "-json", *map(str, what)).checked())
        return shown


def _messages(ended: Finished) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.output.splitlines() if line.startswith("{")]


def _checked(ended: Finished) -> None:
    """Raises `TerraformError` with every error of a command that reported in JSON."""
    if not ended.code:
        return
    found = [one["diagnostic"] for one in _messages(ended) if one["type"] == "diagnostic" and one["@level"] == "error"]
    raise TerraformError("\n".join(_diagnostic(one) for one in found) or (ended.output + ended.errors).strip())


def _diagnostic(found: Mapping[str, Any]) -> str:
    place = found.get("range") or {}
    at = f"{place['filename']}:{place['start']['line']}: " if place else ""
    return f"{at}{found['summary']}. {found.get('detail', '')}".strip()


def _var_file(variables: Path | None) -> tuple[str, ...]:
    return (f"-var-file={variables}",) if variables else ()


@contextmanager
def terraform(root: Path) -> Iterator[Terraform]:
    """A running worker, whose stand-in knows the types that the folder uses."""
    with tempfile.TemporaryDirectory(prefix="lrs-stand-in-") as folder:
        socket, configuration = Path(folder) / "s", Path(folder) / "terraformrc"
        configuration.write_text("disable_checkpoint = true\n", "utf-8")
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        variables |= {
            "CHECKPOINT_DISABLE": "1",
            "GOGC": "400",  # memory is cheaper than time
            "TF_CLI_CONFIG_FILE": str(configuration),
            "TF_IN_AUTOMATION": "1",
            "TF_REATTACH_PROVIDERS": _reattached(socket),
        }
        with subprocess.Popen(
            [str(PYTHON), "-m", "infra.check.worker", str(socket)],
            cwd=REPOSITORY,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            process.stdin.write(json.dumps(sorted(_types_of(root))) + "\n")
            try:
                yield Terraform(process)
            finally:
                process.stdin.close()


def _reattached(socket: Path) -> str:
    """The value of TF_REATTACH_PROVIDERS by which Terraform finds the stand-in."""
    address = {"Network": "unix", "String": str(socket)}
    # Terraform only wants a process that is alive.
    found = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True, "Addr": address}
    return json.dumps({PROVIDER: found})


def _types_of(root: Path) -> set[str]:
    """The types of resources and data sources that the code and its tests use."""
    files = (*root.rglob("*.tf"), *root.rglob("*.tftest.hcl"))
    return {name for path in files for name in _TYPE.findall(path.read_text("utf-8"))}


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """A copy of the root module and what lies beside it, whose state stays on this machine."""
    with tempfile.TemporaryDirectory(prefix="lrs-infra-") as folder:
        copy = Path(folder) / root.parent.name / root.name
        shutil.copytree(root.parent, copy.parent, ignore=_LEFT_OUT)
        for package in (Path(folder) / name for name in _PACKAGES):
            package.parent.mkdir(exist_ok=True)
            with zipfile.ZipFile(package, "w"):
                pass
        for module in {path.parent for path in copy.rglob("versions.tf") if "backend" in path.read_text("utf-8")}:
            (module / OVERRIDE).write_text(_ON_THIS_MACHINE, "utf-8")
        yield copy


def modules_of(root: Path) -> list[Path]:
    """The folders with Terraform code: the root module first, then every other."""
    found = sorted({path.parent for path in root.rglob("*.tf") if ".terraform" not in path.parts})
    return [root, *(folder for folder in found if folder != root)]


def environments_of(root: Path) -> dict[str, Path | None]:
    """The files of variables, by environment; one environment without a file where there is none."""
    found: dict[str, Path | None] = {path.stem: path for path in sorted(root.glob("env/*.tfvars"))}
    return found or {"default": None}
