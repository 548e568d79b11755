"""The command for the first portal users, and a first sign-in, over the local cloud."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.domain.access import Capability
from chalicelib.domain.accounts import Stage
from chalicelib.domain.refusals import Refused
from chalicelib.services.sign_in import Visitor
from local.commands import users
from local.emulated import account
from local.emulated.cloud import ProvisionedCloud
from local.samples.world import samples

DESK, AWARDING = "90000001", "90000051"
PERSON = ["Jo", "Bloggs", "jo.bloggs@desk.example.org"]
VISITOR = Visitor("192.0.2.7", "R1")
CHOSEN = "Battery-Staple2"


@pytest.fixture
def services(fresh_cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch) -> bootstrap.Services:
    monkeypatch.setattr(account, "running_endpoint", lambda _state: (fresh_cloud.endpoint, fresh_cloud.prefix))
    made = bootstrap.services(fresh_cloud.environment | {"LRS_READ_TIMEOUT": "30"})
    for body in samples(learners=10).organisations:
        made.accounts.put(body)
    return made


@pytest.mark.req("IDM-01", "IDM-02", "IDM-06", "IDM-10")
def test_the_first_user_of_the_service_desk_is_created_and_signs_in(
    services: bootstrap.Services, capsys: pytest.CaptureFixture[str]
) -> None:
    assert users.main(["create", DESK, *PERSON]) == 0
    printed = capsys.readouterr().out
    name, once = re.search(r"user name +(\S+)\none-time password +(\S+)\n", printed).groups()
    first = services.sign_in.enter(VISITOR, name, once)
    assert first.session.stage is Stage.PASSWORD_OWED
    second = services.sign_in.choose_password(first.session, once, CHOSEN, CHOSEN, "R2")
    services.sign_in.accept(second.session, "R3")
    session = services.portal_sessions.of(second.cookie, services.clock())
    services.sign_in.choose_question(session, "PET", "Rex", "rex", "R4")
    session = services.portal_sessions.of(second.cookie, services.clock())
    assert session.stage is Stage.COMPLETE
    assert {Capability.USERS_MANAGE, Capability.ORGANISATIONS_MANAGE} <= session.capabilities
    assert services.portal_sessions.of(first.cookie, services.clock()) is None
    assert users.main(["list", DESK]) == 0
    listed = capsys.readouterr().out
    assert re.search(rf"{name}  active +last sign-in 20\d\d-.*LRB Super User, Service Desk", listed)
    assert once not in listed


def calls_of(services: bootstrap.Services, act: Callable[[], object]) -> list[str]:
    """The calls to DynamoDB that an act makes, those of throttles left out, whether or not it is refused."""
    client, made = services.clients["dynamodb"], []

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        if b"PACE#" not in params["body"]:
            made.append(model.name)

    client.meta.events.register_last("before-call.dynamodb", note, unique_id="noted")
    try:
        with suppress(Refused):
            act()
    finally:
        client.meta.events.unregister("before-call.dynamodb", unique_id="noted")
    return made


@pytest.mark.req("IDM-01", "IDM-05", "IDM-08", "SEC-02")
def test_the_same_calls_are_made_for_every_user_name_and_one_for_the_session_of_a_page(
    services: bootstrap.Services, capsys: pytest.CaptureFixture[str]
) -> None:
    assert users.main(["create", DESK, *PERSON]) == 0
    name, once = re.findall(r"(?:name|password) +(\S+)\n", capsys.readouterr().out)
    sign_in, sessions = services.sign_in, services.portal_sessions
    for nobody_or_somebody in ("nobody0001", name):
        tried = ["GetItem", "BatchGetItem", "UpdateItem", "BatchExecuteStatement"]
        assert calls_of(services, partial(sign_in.enter, VISITOR, nobody_or_somebody, "wrong")) == tried
        assert calls_of(services, partial(sign_in.answer, VISITOR, nobody_or_somebody, "wrong")) == tried
    cookie = sign_in.enter(VISITOR, name, once).cookie
    assert calls_of(services, partial(sessions.of, cookie, services.clock())) == ["BatchGetItem"]


@pytest.mark.req("IDM-10")
def test_it_creates_nobody_elsewhere_and_says_every_reason(
    services: bootstrap.Services, capsys: pytest.CaptureFixture[str]
) -> None:
    assert users.main(["create", AWARDING, *PERSON]) == 1
    assert "is not the service desk" in capsys.readouterr().err
    assert users.main(["create", DESK, "Guest", "User", "x"]) == 1
    assert "ACF003" in capsys.readouterr().err
    assert services.user_table.roll(AWARDING).accounts == services.user_table.roll(DESK).accounts == ()
