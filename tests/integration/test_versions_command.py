"""Old versions of the web service's function, each with a snapshot that is charged for, in moto."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from boto3.session import Session

from local.commands import versions
from local.emulated.stack import REGION

DEV = ["--environment", "dev"]
NAME = "lrs-dev-api"

pytestmark = pytest.mark.req("SLA-02")


@pytest.fixture
def functions(simulated_account: Session) -> Any:
    return simulated_account.client("lambda")


def package(text: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("app.py", text)
    return data.getvalue()


def deploy(functions: Any, release: int) -> None:
    """What Terraform does for a change: the code, a version, and the alias that then names it."""
    if release == 1:
        role = Session(region_name=REGION).client("iam").create_role(RoleName=NAME, AssumeRolePolicyDocument="{}")
        code, arn = {"ZipFile": package("1")}, role["Role"]["Arn"]
        functions.create_function(FunctionName=NAME, Runtime="python3.13", Role=arn, Handler="app.app", Code=code)
    else:
        functions.update_function_code(FunctionName=NAME, ZipFile=package(str(release)))
    version = functions.publish_version(FunctionName=NAME)["Version"]
    point = functions.create_alias if release == 1 else functions.update_alias
    point(FunctionName=NAME, Name="live", FunctionVersion=version)


def published(functions: Any) -> list[str]:
    return [one["Version"] for one in functions.list_versions_by_function(FunctionName=NAME)["Versions"]][1:]


def live(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert versions.main(["live", *DEV]) == 0
    return capsys.readouterr().out.split()


def test_before_the_first_deployment_there_is_nothing(functions: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert functions
    assert live(capsys) == []
    assert versions.main(["prune", *DEV]) == 0


def test_the_version_that_was_live_stays_and_older_ones_go(functions: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for release in range(1, 5):
        before = live(capsys)
        deploy(functions, release)
    assert before == [f"{NAME}:3"]
    assert versions.main(["prune", *before, *DEV]) == 0
    assert published(functions) == ["3", "4"]
    assert live(capsys) == [f"{NAME}:4"]
    assert versions.main(["prune", f"{NAME}:4", *DEV]) == 0, "a deployment that changed nothing"
    assert published(functions) == ["3", "4"]


def test_after_a_way_back_the_version_that_was_bad_goes(functions: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for release in range(1, 4):
        deploy(functions, release)
    functions.update_alias(FunctionName=NAME, Name="live", FunctionVersion="2")
    before = live(capsys)
    deploy(functions, 4)
    assert versions.main(["prune", *before, *DEV]) == 0
    assert published(functions) == ["2", "4"]
    assert "lrs-dev-api:1, lrs-dev-api:3" in capsys.readouterr().out


def test_without_an_alias_nothing_is_deleted(functions: Any) -> None:
    for release in (1, 2, 3):
        deploy(functions, release)
    functions.delete_alias(FunctionName=NAME, Name="live")
    assert versions.main(["prune", *DEV]) == 0
    assert published(functions) == ["1", "2", "3"]
