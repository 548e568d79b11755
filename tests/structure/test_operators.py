"""Every command of operators takes its place, refuses and ends as the others do."""

from __future__ import annotations

import argparse
import ast
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pynamodb.exceptions import GetError

from chalicelib.domain.failures import failure
from chalicelib.domain.refusals import Refused
from chalicelib.observability import Code, log
from chalicelib.ports.errors import TemporaryFailure
from local.commands.operators import CommandError, concluded
from local.emulated.cloud import CloudError
from tests.structure.sources import Module, dotted, modules

OTHERS = {"local/commands/demo.py": "submits sample files, and ends as its docstring says"}
"""Commands that act on a place and are not for operators."""
LOOKING = {
    "credentials": ["list"],
    "lists": [],
    "maintenance": ["list"],
    "organisations": ["show", "90000051"],
    "restore": ["check"],
    "secrets": [],
    "users": ["list", "90000051"],
    "versions": ["live"],
}
"""The arguments with which each command only looks."""
PLACE = ["--environment", "live", "--prefix", "lrs-other", "--region", "eu-west-1"]
MISSING = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no table"}}, "GetItem")


def _commands() -> Iterator[Module]:
    """The modules of commands that act on a chosen place."""
    for module in modules("local/commands"):
        if module.path not in OTHERS and "chosen_place" in _called(module):
            yield module


def _called(module: Module) -> set[str]:
    return {dotted(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}


def test_every_command_of_operators_is_built_of_the_same_parts() -> None:
    found = {module.path.rpartition("/")[2].removesuffix(".py"): _called(module) for module in _commands()}
    assert found.keys() == LOOKING.keys()
    for name, called in found.items():
        assert {"PlaceParser", "concluded"} <= called, name
        assert not {"argparse.ArgumentParser", "add_place"} & called, f"{name} has its own options for its place"
    caught = {
        f"{module.path}: {name}"
        for module in _commands()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and node.type is not None
        for part in ast.walk(node.type)
        if (name := dotted(part) if isinstance(part, ast.Name | ast.Attribute) else "")
        in ("CloudError", "BotoCoreError", "Refused", "CommandError", "Exception")
    }
    assert not caught, "how a command ends is said once, in local.commands.operators"


@pytest.fixture(params=sorted(LOOKING))
def command(request: pytest.FixtureRequest) -> tuple[ModuleType, list[str]]:
    return importlib.import_module(f"local.commands.{request.param}"), LOOKING[request.param]


@pytest.mark.parametrize("is_first", [True, False])
def test_the_place_is_named_before_or_after_what_a_command_does(
    command: tuple[ModuleType, list[str]],
    is_first: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def seen(chosen: argparse.Namespace) -> None:
        raise CloudError(f"{chosen.environment} {chosen.prefix} {chosen.region}")

    module, arguments = command
    monkeypatch.setattr(module, "chosen_place", seen)
    assert module.main([*PLACE, *arguments] if is_first else [*arguments, *PLACE]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "live lrs-other eu-west-1\n")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (MISSING, 1, "AWS refuses: An error occurred (ResourceNotFoundException)"),
        (EndpointConnectionError(endpoint_url="https://sqs"), 1, "AWS refuses: Could not connect"),
        (GetError("Failed to get item"), 1, "AWS refuses: Failed to get item"),
        (TemporaryFailure("jobs.read"), 1, "Not possible at the moment, try again: jobs.read"),
        (CommandError("one\ntwo"), 1, "one\ntwo"),
        (Refused(failure("LRS-MW-2")), 1, "LRS-MW-2: "),
        (CloudError("There is no such place."), 2, "There is no such place."),
    ],
)
def test_every_command_ends_in_the_same_way(
    error: Exception,
    status: int,
    said: str,
    command: tuple[ModuleType, list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(_chosen: argparse.Namespace) -> None:
        raise error

    module, arguments = command
    monkeypatch.setattr(module, "chosen_place", refuse)
    assert module.main(arguments) == status
    printed = capsys.readouterr()
    assert printed.err.startswith(said)
    assert printed.out == ""


def test_log_lines_are_no_part_of_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        log(Code.LIST_MISSING, list="prohibited-words.txt")
        log(Code.MALWARE_FOUND)
        sys.stdout.write("The answer.\n")
        return 0

    assert concluded(work) == 0
    printed = capsys.readouterr()
    assert printed.out == "The answer.\n"
    assert '"code":"MALWARE_FOUND"' in printed.err
    assert "LIST_MISSING" not in printed.err, "the functions say so, and have an alarm for it"
