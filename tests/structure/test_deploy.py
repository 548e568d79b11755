"""The commands that bring an environment into an account, with a stand-in for terraform that notes its calls."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.structure.sources import ROOT

ENVIRONMENTS = ("dev", "test", "compat", "live")
_NOTES = 'echo "terraform $*" >> "$NOTES"\n'
_PYTHON = 'echo "python $*" >> "$NOTES"\n'
_NO_BUCKET = 'case "$*" in *backend-config*) [ -e "$NOTES.made" ] || exit 1;; *apply*) touch "$NOTES.made";; esac\n'


class Ran(NamedTuple):
    """One run of the script."""

    status: int
    calls: list[str]
    said: str


class Machine:
    """A copy of the scripts beside a terraform and a python that only note how they are called."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        shutil.copytree(ROOT / "infra" / "terraform" / "env", self.root / "infra/terraform/env")
        (self.root / "infra/terraform/bootstrap").mkdir()
        shutil.copy2(ROOT / "infra" / "deploy", self.root / "infra/deploy")
        self._notes = folder / "notes"
        self._programs = folder / "bin"
        self._programs.mkdir()
        self.program("terraform", _NOTES)
        self.program("python", _PYTHON)

    def program(self, name: str, text: str) -> None:
        path = self._programs / name
        path.write_text(f"#!/bin/bash\n{text}", encoding="utf-8")
        path.chmod(0o755)

    def run(self, *arguments: str, **variables: str) -> Ran:
        self._notes.write_text("", encoding="utf-8")
        environ = {"PATH": f"{self._programs}:{os.environ['PATH']}", "NOTES": str(self._notes), "PYTHON": "python"}
        command = [str(self.root / "infra/deploy"), *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ | variables)
        return Ran(done.returncode, self._notes.read_text("utf-8").splitlines(), done.stdout + done.stderr)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_state_of_the_bootstrap_moves_into_the_bucket_that_it_makes(machine: Machine) -> None:
    machine.program("terraform", _NOTES + _NO_BUCKET)
    ran = machine.run("bootstrap", ENV="dev", ACCOUNT="123456789012")
    assert ran.status == 0, ran.said
    first, at_home, made, moved = ran.calls
    assert "bucket=lrs-dev-terraform-state" in first
    assert "backend-config" not in at_home
    assert made.endswith("apply -var environment=dev -var account_id=123456789012")
    assert "-migrate-state" in moved
    assert "key=bootstrap.tfstate" in moved
    assert not list((machine.root / "infra/terraform/bootstrap").iterdir()), "nothing is left in the checkout"
    again = machine.run("bootstrap", ENV="dev", ACCOUNT="123456789012")
    assert [call.split()[2] for call in again.calls] == ["init", "apply"], "the bucket is there now"


def test_a_deployment_keeps_the_version_that_was_live(machine: Machine) -> None:
    machine.program("python", _PYTHON + 'case "$*" in *live*) echo lrs-me-dev-api:7;; esac\n')
    ran = machine.run("apply", "-auto-approve", ENV="dev", ACCOUNT="123456789012", PREFIX="lrs-me-dev")
    assert ran.status == 0, ran.said
    init, live, show, apply, prune, output = ran.calls
    assert "env/dev.s3.tfbackend" in init
    assert "bucket=lrs-me-dev-terraform-state" in init
    values = "-var account_id=123456789012 -var prefix=lrs-me-dev"
    assert apply == f"terraform -chdir=infra/terraform apply -var-file=env/dev.tfvars {values} -auto-approve"
    on = "--environment dev --prefix lrs-me-dev"
    assert live == f"python -m local.commands.versions live {on}"
    assert show == f"python -m local.commands.secrets show {on}"
    assert prune == f"python -m local.commands.versions prune lrs-me-dev-api:7 {on}"
    assert output.endswith("output")


def test_account_and_prefix_may_stand_in_the_values_of_the_environment(machine: Machine) -> None:
    values = machine.root / "infra/terraform/env/dev.tfvars"
    text = values.read_text("utf-8").replace('"000000000000"', '"123456789012"  # ours')
    values.write_text(f'{text}prefix = "lrs-me-dev"\n', encoding="utf-8")
    bootstrap, apply = machine.run("bootstrap", ENV="dev"), machine.run("apply", ENV="dev")
    assert (bootstrap.status, apply.status) == (0, 0), bootstrap.said + apply.said
    given = "-var account_id=123456789012 -var prefix=lrs-me-dev"
    assert bootstrap.calls[-1] == f"terraform -chdir=infra/terraform/bootstrap apply -var environment=dev {given}"
    for call in (bootstrap.calls[0], apply.calls[0]):
        assert "bucket=lrs-me-dev-terraform-state" in call, "the state, as everything, is named by the prefix"
    assert {call.split("--prefix ")[1] for call in apply.calls if call.startswith("python")} == {"lrs-me-dev"}
    assert f"apply -var-file=env/dev.tfvars {given}" in apply.calls[-3]


@pytest.mark.req("SEC-01")
def test_empty_secrets_are_made_and_filled_before_the_function_takes_its_snapshot(machine: Machine) -> None:
    machine.program("python", _PYTHON + 'case "$*" in *show*) exit 1;; esac\n')
    ran = machine.run("apply", ENV="dev", ACCOUNT="123456789012")
    assert ran.status == 0, ran.said
    _, _, _, secrets, fill, everything, prune, _ = ran.calls
    assert "apply -target=aws_secretsmanager_secret.secret -var-file=env/dev.tfvars" in secrets
    assert fill == "python -m local.commands.secrets fill --environment dev --prefix lrs-dev"
    values = "-var-file=env/dev.tfvars -var account_id=123456789012"
    assert everything == f"terraform -chdir=infra/terraform apply {values}"
    assert prune == "python -m local.commands.versions prune --environment dev --prefix lrs-dev"
    named = re.findall(r'resource "(\w+)" "(\w+)"', (ROOT / "infra/terraform/secrets.tf").read_text("utf-8"))
    assert named == [("aws_secretsmanager_secret", "secret")], "what the first apply names"


def test_a_failed_deployment_deletes_no_version(machine: Machine) -> None:
    machine.program("terraform", _NOTES + 'case "$*" in *apply*) exit 1;; esac\n')
    ran = machine.run("apply", ENV="dev", ACCOUNT="123456789012")
    assert ran.status == 1
    assert not any("prune" in call for call in ran.calls)


def test_a_deployment_without_access_to_the_account_changes_nothing(machine: Machine) -> None:
    machine.program("python", _PYTHON + "exit 2\n")
    ran = machine.run("apply", ENV="dev", ACCOUNT="123456789012")
    assert ran.status == 2
    assert [call.split()[0] for call in ran.calls] == ["terraform", "python"], ran.said


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (("apply",), {}),
        (("apply",), {"ENV": "prod"}),
        (("apply",), {"ENV": "dev"}),
        (("apply",), {"ENV": "dev", "ACCOUNT": "12"}),
        (("apply",), {"ENV": "dev", "ACCOUNT": "000000000000"}),
        (("apply",), {"ENV": "dev", "PREFIX": "LRS_me"}),
        (("check",), {}),
        (("bootstrap",), {"ENV": "dev"}),
        (("destroy",), {"ENV": "live"}),
        ((), {"ENV": "dev"}),
        (("remove",), {"ENV": "dev"}),
    ],
)
def test_what_is_missing_or_must_not_happen_is_refused_before_terraform_runs(
    machine: Machine, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    ran = machine.run(*arguments, **variables)
    assert (ran.status, ran.calls) == (2, [])
    assert ran.said


def test_what_is_missing_is_refused_before_the_package_is_built(machine: Machine) -> None:
    ran = machine.run("check", ENV="dev", ACCOUNT="123456789012")
    assert (ran.status, ran.calls, ran.said) == (0, [], "")
    rules = (ROOT / "Makefile").read_text("utf-8")
    assert re.findall(r"^(plan|deploy): \$\(READY\) asked package ", rules, re.MULTILINE) == ["plan", "deploy"]


@pytest.mark.parametrize("environment", ["test", "compat", "live"])
@pytest.mark.parametrize("action", ["check", "plan", "apply"])
def test_invented_values_are_refused_all_at_once_before_anything_is_made(
    machine: Machine, environment: str, action: str
) -> None:
    ran = machine.run(action, ENV=environment)
    assert (ran.status, ran.calls) == (2, [])
    for one in (
        "account_id: ",
        "mail_domain = ",
        "certificate_arn = ",
        "LRS_SERVICE_DESK_EMAIL",
        "env/truststore.pem: ",
    ):
        assert one in ran.said
    assert ("page_emails" in ran.said) == (environment == "live")


def test_an_environment_whose_invented_values_are_replaced_is_deployed(machine: Machine) -> None:
    folder = machine.root / "infra/terraform/env"
    values = (folder / "live.tfvars").read_text("utf-8").replace(".example", ".org").replace(":000000000000:", ":1:")
    (folder / "live.tfvars").write_text(values, encoding="utf-8")
    ran = machine.run("plan", ENV="live", ACCOUNT="123456789012")
    assert (ran.status, ran.calls) == (2, [])
    assert [line for line in ran.said.splitlines() if line.startswith("  ")] == [
        "  env/truststore.pem: put the certificates of your callers' authorities there, or nobody gets in"
    ]
    (folder / "truststore.pem").write_text("-----BEGIN CERTIFICATE-----\n", encoding="utf-8")
    assert machine.run("plan", ENV="live", ACCOUNT="123456789012").status == 0


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_has_its_values_and_the_place_of_its_state(environment: str) -> None:
    folder = ROOT / "infra" / "terraform" / "env"
    assert f'"{environment}"' in (folder / f"{environment}.tfvars").read_text("utf-8")
    assert f"lrs-{environment}-terraform-state" in (folder / f"{environment}.s3.tfbackend").read_text("utf-8")


PAGES = [ROOT / "README.md", ROOT / "docs" / "deploy.md", *sorted((ROOT / "docs" / "runbooks").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_addresses_and_commands_of_a_page_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    routes = json.loads((ROOT / "infra" / "routes.json").read_text("utf-8"))["web"]
    shown = re.findall(r"(?:GET |\$API|https://api\.example\.org|http://127\.0\.0\.1:8081)(/[a-z0-9/.-]+)", text)
    templates = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in routes]
    assert [path for path in shown if not any(one.fullmatch(path.rstrip(".")) for one in templates)] == []
    assert not re.findall(r"^\s*python -m .*", text, re.MULTILINE), "python is that of .venv"
    for module in re.findall(r"python -m (local\.[a-z_.]+[a-z])", text):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), module


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_names_every_address_that_the_description_invents(environment: str) -> None:
    described = json.loads((ROOT / "infra" / "stack.json").read_text("utf-8"))
    settings = [described["settings"], *(one.get("settings", {}) for one in described["functions"].values())]
    invented = {name for some in settings for name, value in some.items() if "@" in value or "://" in value}
    values = (ROOT / "infra" / "terraform" / "env" / f"{environment}.tfvars").read_text("utf-8")
    assert {name for name in invented if f"{name} " not in values} == {"LRS_PORTAL_URL", "LRS_PROBE_URL"}, (
        "those of domains"
    )
