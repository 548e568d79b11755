"""The commands for an environment in an AWS account, which moto stands in for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session

from chalicelib import bootstrap
from chalicelib.cloud.token_keys import read_keys
from chalicelib.domain.credentials import scope_text
from chalicelib.services.tokens import grantable_scopes
from local.commands import credentials, demo, lists, organisations, secrets
from local.emulated.account import Account
from local.emulated.cloud import ProvisionedCloud
from local.emulated.provision import provision
from local.emulated.stack import REGION, load_stack, physical_name
from local.samples import seed

PREFIX = "lrs-dev"
DEV = ["--environment", "dev"]
DESK = "90000001"
WITHOUT_SECRETS = ("dynamodb", "sqs", "s3", "ses")


@pytest.fixture
def vault(simulated_account: Session) -> Any:
    """An account as Terraform leaves it: the secrets are empty."""
    provision(load_stack(), PREFIX, simulated_account.client, WITHOUT_SECRETS)
    vault = simulated_account.client("secretsmanager")
    for name in load_stack().secrets:
        vault.create_secret(Name=physical_name(PREFIX, name))
    return vault


def values(vault: Any) -> dict[str, str]:
    return {
        name: vault.get_secret_value(SecretId=physical_name(PREFIX, name))["SecretString"]
        for name in load_stack().secrets
    }


@pytest.mark.req("SEC-01")
def test_empty_secrets_are_filled_once_in_their_own_form_and_never_printed(
    vault: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert secrets.main(DEV) == 1, "they are empty"
    assert capsys.readouterr().out.count("EMPTY") == 4
    assert secrets.main(["fill", *DEV]) == 0
    first = values(vault)
    assert len(bytes.fromhex(first["cursor-key"])) == load_stack().secrets["cursor-key"]["bytes"]
    assert first["cursor-key"] != first["identity-key"]
    assert len(read_keys(first["token-keys"])) == 1
    assert secrets.main(["fill", *DEV]) == 0
    assert values(vault) == first
    printed = capsys.readouterr()
    assert "Every secret already had a value." in printed.out
    for value in (*first.values(), json.loads(first["token-keys"])["keys"][0]["d"]):
        assert value not in printed.out + printed.err


def test_two_operators_at_once_make_one_value(vault: Any) -> None:
    cloud = Account(Session(region_name=REGION), PREFIX, load_stack())
    assert secrets._put_first(cloud, "identity-key")
    first = vault.get_secret_value(SecretId="lrs-dev-identity-key")["SecretString"]
    assert not secrets._put_first(cloud, "identity-key"), "the second had also seen an empty secret"
    assert vault.get_secret_value(SecretId="lrs-dev-identity-key")["SecretString"] == first


def test_a_secret_is_only_replaced_where_nothing_is_lost(vault: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert secrets.main(["fill", *DEV]) == 0
    first = values(vault)
    assert secrets.main(["replace", "cursor-key", *DEV]) == 0
    assert values(vault)["cursor-key"] != first["cursor-key"]
    for name in ("identity-key", "token-keys", "another"):
        assert secrets.main(["replace", name, *DEV]) == 1
    assert "registered twice" in capsys.readouterr().err
    assert {**values(vault), "cursor-key": ""} == {**first, "cursor-key": ""}


def test_secrets_of_an_environment_that_is_not_deployed_are_not_invented(
    vault: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert secrets.main(["fill", "--environment", "test"]) == 1
    assert "Deploy the environment first" in capsys.readouterr().err


@pytest.mark.req("IDM-10", "IDM-11")
def test_a_new_account_gets_its_first_organisation_credential_and_token(
    fresh_cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """On the emulator, since moto has no statements with parameters, which write the audit log."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, fresh_cloud.environment[name])
    place = [*DEV, "--prefix", fresh_cloud.prefix]
    certificate = tmp_path / "client.pem"
    certificate.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", encoding="ascii")
    desk = ["put", DESK, "Service Desk", "--service-desk", "--certificate", str(certificate), "--role", "Service Desk"]
    assert organisations.main([*desk, *place]) == 0
    capsys.readouterr()
    assert credentials.main(["issue", DESK, "First system", *place]) == 0
    client_id, secret = (line.split()[-1] for line in capsys.readouterr().out.splitlines()[:2])
    assert credentials.main(["list", DESK, *place]) == 0
    assert credentials.main(["rotate-keys", *place]) == 0
    services = bootstrap.services(Account(Session(region_name=REGION), fresh_cloud.prefix, load_stack()).environment)
    found = services.accounts.organisation(DESK)
    assert found is not None
    assert len(found.certificates) == 1
    assert found.roles == {"Service Desk"}
    given = services.tokens.grant(services.tokens.client(client_id, secret, next(iter(found.certificates))))
    assert given.scope == scope_text(grantable_scopes(found))
    audited = fresh_cloud.client("dynamodb").scan(TableName=fresh_cloud.table("audit"))["Items"]
    assert {f"ORG#{DESK}", f"CREDENTIAL#{client_id}"} <= {item["pk"]["S"] for item in audited}


@pytest.mark.req("IDM-10")
def test_an_organisation_that_cannot_be_is_refused_with_every_reason(
    vault: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("not a certificate", encoding="ascii")
    given = ["put", "123", " ", "--batches", "--email", "x", "--encoding", "latin", "--certificate", str(wrong)]
    assert organisations.main([*given, "--role", "QCF User", "No such role", *DEV]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 7
    assert not list(_items("accounts"))
    assert organisations.main(["show", DESK, *DEV]) == 1
    assert organisations.main(["put", DESK, "Desk", "--certificate", str(tmp_path / "none"), *DEV]) == 1


def test_the_operators_lists_are_put_into_the_account(vault: Any, tmp_path: Path) -> None:
    (tmp_path / "prohibited-words.txt").write_text("nonsense\n", encoding="utf-8")
    assert lists.main(["put", str(tmp_path / "prohibited-words.txt"), *DEV]) == 0
    held = Session(region_name=REGION).client("s3").list_objects_v2(Bucket="lrs-dev-catalogue")
    assert [one["Key"] for one in held["Contents"]] == ["lists/prohibited-words.txt"]


@pytest.mark.parametrize("place", [["--environment", "live"], ["--environment", "dev", "--prefix", "lrs-live"]])
def test_invented_data_does_not_get_into_the_live_environment(place: list[str]) -> None:
    assert seed.main(place) == 1
    assert demo.main(["--records", "10", *place]) == 1


@pytest.mark.parametrize("name", ["Dev", "dev_1", "-", "lrs dev"])
def test_a_name_that_no_environment_has_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert secrets.main([f"--environment={name}"]) == 2
    assert "is not a name of an environment" in capsys.readouterr().err


def test_without_credentials_of_aws_a_command_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    assert secrets.main(DEV) == 2
    assert "does not accept your credentials" in capsys.readouterr().err


def _items(table: str) -> list[dict[str, Any]]:
    dynamodb = Session(region_name=REGION).resource("dynamodb")
    return list(dynamodb.Table(physical_name(PREFIX, table)).scan()["Items"])
