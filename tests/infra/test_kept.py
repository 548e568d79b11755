"""What is kept of a check is used again for the same code, and for no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.check import kept as keeping
from infra.check.accepted import ACCEPTED, Finding, unaccepted
from infra.check.kept import Kept, key_of_code, key_of_environment, key_of_folder
from infra.check.stages import Found, checked
from infra.check.terraform import ROOT, copied, environments_of, modules_of


@pytest.fixture
def copy() -> Iterator[Path]:
    with copied(ROOT) as found:
        yield found


def keys(copy: Path) -> dict[str, str]:
    """The key of everything that is kept."""
    return {
        **{str(folder.relative_to(copy)): key_of_folder(copy, folder) for folder in modules_of(copy)},
        **{name: key_of_environment(copy, name) for name in environments_of(copy)},
        "code": key_of_code(copy),
    }


ENVIRONMENTS = {"compat", "dev", "live", "test"}


@pytest.mark.parametrize(
    ("file", "others"),
    [
        (
            "terraform/modules/bucket/main.tf",
            {"bootstrap", "modules/bucket", "modules/surface", "modules/surface/tests/two", *ENVIRONMENTS},
        ),
        ("terraform/modules/bucket/tests/bucket.tftest.hcl", {"bootstrap", "modules/bucket", "modules/surface"}),
        ("terraform/tables.tf", ENVIRONMENTS),
        ("terraform/env/dev.tfvars", {"dev"}),
        ("stack.json", ENVIRONMENTS),
        ("README.md", None),
    ],
)
def test_a_change_is_looked_at_wherever_it_can_be_read(copy: Path, file: str, others: set[str] | None) -> None:
    before = keys(copy)
    path = copy.parent / file
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    changed = {name for name, key in keys(copy).items() if key != before[name]}
    if others is None:
        assert changed == set()
    else:
        # The tests of the module that reads files beside it follow from all of the code.
        assert changed >= {*others, ".", "code"}
        assert changed <= {*others, ".", "code", "modules/surface", "modules/surface/tests/two"}


def test_other_tools_or_checks_are_another_key(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys(copy)
    monkeypatch.setattr(keeping, "CHECKED_WITH", "others")
    assert not before.items() & keys(copy).items()


def test_what_failed_is_checked_again_and_what_passed_is_not(tmp_path: Path) -> None:
    kept, runs = Kept(tmp_path), 0

    def check() -> str:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise Found("no")
        return "yes"

    assert [checked(kept, "one", "a", check).passed for _ in range(3)] == [False, True, True]
    assert runs == 2
    assert checked(kept, "one", "b", check).passed
    assert checked(Kept(tmp_path, fresh=True), "one", "b", check).passed
    assert runs == 4


def test_a_finding_is_accepted_for_its_resource_alone_and_as_long_as_there_is_one() -> None:
    found = [
        Finding(check, resource, "main.tf:1", "says")
        for one in ACCEPTED
        for check in one.checks
        for resource in one.resources
    ]
    assert list(unaccepted(found, "")) == []
    (left,) = unaccepted([*found, Finding("CKV_AWS_116", "aws_lambda_function.other", "other.tf:7", "no")], "")
    assert left.startswith("other.tf:7: CKV_AWS_116 aws_lambda_function.other: no")
    (gone,) = unaccepted(found[1:], "")
    assert gone.startswith(f"{found[0].check} {found[0].resource} is accepted and no longer found")
