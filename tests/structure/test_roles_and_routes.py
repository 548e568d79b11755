"""Who may reach what: every role against every route, through the application itself (SEC-01)."""

from __future__ import annotations

from typing import Any

import pytest
from chalice.test import Client

from chalicelib.domain.access import Capability, Role, capabilities_of
from chalicelib.web import rest as v1
from chalicelib.web.described.examples import example_of
from chalicelib.web.described.openapi import document
from chalicelib.web.http.routes import Route
from tests.builders.web import UKPRN, organised_world, send
from tests.fakes.web import application

DESCRIBED = document(v1.ROUTES)["paths"]
PUBLIC = {"/health", "/developers", "/v1/openapi.json", "/oauth2/token", "/oauth2/keys"}
"""All that asks for no token; none of it tells anything of an organisation or a learner."""

ROUTES = [pytest.param(declared, id=declared.name) for declared in v1.ROUTES]
CLOSED = [pytest.param(declared, id=declared.name) for declared in v1.ROUTES if declared.path not in PUBLIC]


@pytest.mark.req("SEC-01")
def test_every_route_declares_a_capability_and_chalice_serves_no_other() -> None:
    app = application(organised_world())
    served = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert served == {(declared.method, declared.path) for declared in v1.ROUTES}
    assert all(isinstance(declared.capability, Capability) for declared in v1.ROUTES)
    assert {declared.path for declared in v1.ROUTES if declared.capability is Capability.PUBLIC} == PUBLIC


@pytest.mark.req("SEC-01")
def test_every_capability_but_those_of_other_surfaces_opens_a_route() -> None:
    opened = {declared.capability for declared in v1.ROUTES} - {Capability.PUBLIC}
    assert opened <= {capability for role in Role for capability in capabilities_of([role])}


@pytest.mark.req("SEC-01", "IDM-07", "IDM-11")
@pytest.mark.parametrize("declared", ROUTES)
def test_a_role_is_allowed_what_the_table_says_and_refused_everything_else(declared: Route[Any]) -> None:
    documented = {int(status) for status in DESCRIBED[declared.path][declared.method.lower()]["responses"]}
    for role in Role:
        held = capabilities_of([role])
        with Client(application(organised_world(held))) as client:
            answer = send(client, declared, example_of(declared))
        if declared.capability in held or declared.capability is Capability.PUBLIC:
            assert answer.status not in (405, 500, 503), (role, answer.body)
            assert answer.status != 403 or "WSEC0006" not in answer.codes, (role, answer.body)
            assert answer.status != 401 or declared.path in PUBLIC, (role, answer.body)
            assert answer.status in documented, (role, answer.body)
        else:
            assert (answer.status, answer.codes) == (403, ["WSEC0006"]), role


@pytest.mark.req("SEC-01", "IDM-11")
@pytest.mark.parametrize("declared", CLOSED)
def test_a_stranger_is_told_only_how_to_authenticate(declared: Route[Any]) -> None:
    world = organised_world()
    with Client(application(world)) as client:
        nobody = send(client, declared, {**example_of(declared), "nosuchfield": 1}, token="")
        unknown = send(client, declared, example_of(declared), token="0123456789abcdef0123456789abcdef")
    assert (nobody.status, nobody.codes) == (401, ["WSEC0005"])
    assert (unknown.status, unknown.codes) == (401, ["WSEC0005"])
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.req("SEC-01", "IDM-11")
@pytest.mark.parametrize("declared", CLOSED)
def test_a_suspended_organisation_reaches_nothing(declared: Route[Any]) -> None:
    world = organised_world()
    world.accounts.put(world.accounts.organisations[UKPRN]._replace(status="suspended"))
    with Client(application(world)) as client:
        answer = send(client, declared, example_of(declared))
    assert (answer.status, answer.codes) == (403, ["WSEC0006"])
