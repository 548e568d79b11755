"""The command for credentials, over the local cloud."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.domain.callers import Channel
from chalicelib.services.tokens import NotAdmitted
from local.commands import credentials
from local.emulated import account
from local.emulated.cloud import ProvisionedCloud
from local.samples import seed
from local.samples.world import samples
from tests.builders.callers import REQUEST

UKPRN = "90000051"


@pytest.fixture
def services(fresh_cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> bootstrap.Services:
    small = samples(learners=10)
    monkeypatch.setattr(seed, "samples", lambda: small)
    monkeypatch.setattr(seed, "KEYS", tmp_path / "sample-credentials.json")
    monkeypatch.setattr(account, "running_endpoint", lambda _state: (fresh_cloud.endpoint, fresh_cloud.prefix))
    made = bootstrap.services(fresh_cloud.environment | {"LRS_READ_TIMEOUT": "30"})
    seed.seed(made, small)
    return made


@pytest.mark.req("IDM-11")
def test_a_credential_is_issued_used_replaced_and_revoked(
    services: bootstrap.Services, capsys: pytest.CaptureFixture[str]
) -> None:
    assert credentials.main(["issue", UKPRN, "Records system", "--scope", "learners:verify"]) == 0
    client_id, secret = displayed(capsys)
    credential = services.tokens.client(client_id, secret)
    token = services.tokens.grant(credential).token
    assert services.tokens.caller(token, "", Channel.WEBSERVICE, REQUEST).capabilities == {"learners:verify"}
    assert credentials.main(["list", UKPRN]) == 0
    listed = capsys.readouterr().out
    assert secret not in listed
    assert re.search(rf"{client_id}  active .*last used 20\d\d-.*Records system", listed)
    assert credentials.main(["rotate", client_id, "--overlap-days", "1"]) == 0
    successor, new_secret = displayed(capsys)
    assert services.tokens.client(successor, new_secret)
    assert services.tokens.client(client_id, secret)
    assert credentials.main(["revoke", client_id]) == 0
    with pytest.raises(NotAdmitted):
        services.tokens.client(client_id, secret)
    # Its tokens are remembered for some seconds by a container that has seen them, and by no other.
    services.__dict__.pop("known_callers", None)
    services.__dict__.pop("tokens", None)
    with pytest.raises(NotAdmitted):
        services.tokens.caller(token, "", Channel.WEBSERVICE, REQUEST)
    assert credentials.main(["revoke", client_id]) == 1
    assert credentials.main(["rotate", client_id]) == 1
    assert credentials.main(["issue", UKPRN, "x", "--scope", "users:manage"]) == 1
    assert credentials.main(["list"]) == 0


@pytest.mark.req("IDM-11")
def test_a_new_key_is_published_beside_the_old_one_or_in_its_place(
    services: bootstrap.Services, fresh_cloud: ProvisionedCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    def kids() -> list[str]:
        vault = fresh_cloud.client("secretsmanager")
        secret = vault.get_secret_value(SecretId=fresh_cloud.environment["LRS_SECRET_TOKEN_KEYS"])["SecretString"]
        return [entry["kid"] for entry in json.loads(secret)["keys"]]

    before = kids()
    assert credentials.main(["rotate-keys"]) == 0
    both = kids()
    assert both[:1] == before
    assert len(both) == 2
    assert credentials.main(["rotate-keys", "--at-once"]) == 0
    assert len(kids()) == 1
    assert kids()[0] not in both


def test_without_a_local_cloud_there_is_nothing_to_manage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "running_endpoint", lambda _state: None)
    assert credentials.main(["list"]) == 2


def displayed(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """The displayed client id and secret."""
    shown = re.search(r"client id +(\S+)\nsecret +(\S+)\n", capsys.readouterr().out)
    assert shown is not None
    return shown[1], shown[2]
