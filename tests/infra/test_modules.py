"""Rules for the infrastructure's code that Terraform itself does not have. The code is formatted, so blocks begin and
end at the margin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.check.invented import ARNS, IDENTIFIED_BY_ARN, IDENTIFIED_SHORTLY
from infra.check.terraform import ROOT, modules_of
from infra.check.values import CALLS

_BLOCK = re.compile(r'^(\w+)((?: "[^"]*")*) \{(?:\}|\n(.*?)^\})$', re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^\s*(#|//).*\n|\s# .*$", re.MULTILINE)
_LOCAL = re.compile(r"^  (\w+)\s+=", re.MULTILINE)
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PLACE = re.compile(r"\b\d{12}\b|\b[a-z]{2}-(?:north|south|east|west|central)[a-z]*-\d\b|\barn:aws:")
"""An account, a region or the partition."""

CHARGES = "us-east-1"
"""The one region in which AWS publishes what is charged."""

FOLDERS = [folder for folder in modules_of(ROOT) if "tests" not in folder.relative_to(ROOT).parts]
CHILDREN = [folder for folder in FOLDERS if folder.parent.name == "modules"]


class Block(NamedTuple):
    """A block at the margin: `resource "aws_sqs_queue" "this"`."""

    kind: str
    labels: list[str]
    body: str

    @property
    def name(self) -> str:
        return self.labels[-1]


def code_of(folder: Path) -> str:
    """The code of a folder, without comments."""
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*.tf"))]
    return _COMMENT.sub("\n", "".join(texts))


def blocks_of(code: str) -> list[Block]:
    return [Block(found[1], re.findall(r'"([^"]*)"', found[2]), found[3] or "") for found in _BLOCK.finditer(code)]


def of_kind(folder: Path, *kinds: str) -> list[Block]:
    return [block for block in blocks_of(code_of(folder)) if block.kind in kinds]


def lacking(blocks: list[Block], argument: str) -> list[str]:
    return [block.name for block in blocks if not re.search(rf"^  {argument}\s+= [^\s]", block.body, re.MULTILINE)]


def named(folder: Path) -> Iterator[str]:
    """Every name that a folder gives."""
    for block in blocks_of(code_of(folder)):
        if block.kind == "locals":
            yield from _LOCAL.findall(block.body)
        elif block.kind not in ("provider", "terraform"):
            yield block.name


def unused(folder: Path) -> Iterator[str]:
    """Variables, locals and data sources that nothing in the folder mentions but themselves."""
    code = code_of(folder)
    for block in blocks_of(code):
        if block.kind == "variable" and not mentioned(f"var.{block.name}", code.replace(block.body, "")):
            yield f"var.{block.name}"
        if block.kind == "data" and not mentioned(f"data.{block.labels[0]}.{block.name}", code):
            yield f"data.{block.labels[0]}.{block.name}"
        if block.kind == "locals":
            yield from (f"local.{name}" for name in _LOCAL.findall(block.body) if not mentioned(f"local.{name}", code))


def mentioned(name: str, code: str) -> bool:
    return bool(re.search(rf"\b{re.escape(name)}\b", code))


def label(folder: Path) -> str:
    return str(folder.relative_to(ROOT))


folders = pytest.mark.parametrize("folder", FOLDERS, ids=label)
children = pytest.mark.parametrize("folder", CHILDREN, ids=label)


@folders
def test_every_variable_has_a_type_and_a_description(folder: Path) -> None:
    variables = of_kind(folder, "variable")
    assert lacking(variables, "type") + lacking(variables, "description") == []


@folders
def test_every_output_has_a_description(folder: Path) -> None:
    assert lacking(of_kind(folder, "output"), "description") == []


@folders
def test_the_versions_of_terraform_and_of_the_provider_are_pinned(folder: Path) -> None:
    versions = (folder / "versions.tf").read_text("utf-8")
    assert re.search(r'required_version = ">= 1\.\d+"', versions)
    assert re.findall(r'source  = "(.*)"\n +version = "(.*)"', versions) == [("hashicorp/aws", "~> 6.0")]


@folders
def test_everything_declared_is_used(folder: Path) -> None:
    assert list(unused(folder)) == []


@folders
def test_names_are_in_snake_case(folder: Path) -> None:
    assert [name for name in named(folder) if not _SNAKE.fullmatch(name)] == []


@folders
def test_no_account_region_or_partition_is_written_into_the_code(folder: Path) -> None:
    # A variable may have a default, and says in its messages what a value looks like.
    blocks = [block for block in blocks_of(code_of(folder)) if block.kind != "variable"]
    found = {place for block in blocks for place in _PLACE.findall(block.body)}
    assert found - {CHARGES} == set()


@children
def test_a_module_takes_the_provider_of_its_caller(folder: Path) -> None:
    assert of_kind(folder, "provider") == []
    assert "backend " not in code_of(folder)


@children
def test_every_output_of_a_module_is_used(folder: Path) -> None:
    others = "".join(code_of(other) for other in FOLDERS if other != folder)
    tests = "".join(path.read_text("utf-8") for path in folder.rglob("*.tftest.hcl"))
    outputs = of_kind(folder, "output")
    assert [one.name for one in outputs if not re.search(rf"\.{one.name}\b", others + tests)] == []


def test_the_rules_see_every_folder_and_every_block() -> None:
    assert {"bootstrap", "modules/queue", "."} <= set(map(label, FOLDERS))
    heads = [re.findall(r"^\w+.*\{", code_of(folder), re.MULTILINE) for folder in FOLDERS]
    assert [len(blocks_of(code_of(folder))) for folder in FOLDERS] == list(map(len, heads))


def test_what_is_made_up_of_aws_is_of_types_that_the_code_has() -> None:
    used = {block.labels[0] for folder in FOLDERS for block in of_kind(folder, "resource", "data")}
    assert {*ARNS, *IDENTIFIED_BY_ARN, *IDENTIFIED_SHORTLY, *CALLS} - used == set()


FAULTY = """
variable "badName" {
  description = "Never used."

  validation {
    condition     = var.badName != ""
    error_message = "Say it."
  }
}

locals {
  left = 1 # local.left
}

data "aws_region" "current" {}

resource "aws_sqs_queue" "this" {
  name = "arn:aws:sqs:eu-west-2:123456789012:queue"
}
"""


def test_the_rules_find_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(FAULTY, "utf-8")
    assert lacking(of_kind(tmp_path, "variable"), "type") == ["badName"]
    assert list(unused(tmp_path)) == ["var.badName", "local.left", "data.aws_region.current"]
    assert [name for name in named(tmp_path) if not _SNAKE.fullmatch(name)] == ["badName"]
    assert _PLACE.findall(of_kind(tmp_path, "resource")[0].body) == ["arn:aws:", "eu-west-2", "123456789012"]
