"""Access by role: every role against every route, through the application itself (SEC-01)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import count
from typing import Any

import pytest

from chalicelib.domain.access import Capability, Role, capabilities_of
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.batches.kinds import KINDS
from chalicelib.web.described.examples import example_of
from chalicelib.web.described.openapi import document
from chalicelib.web.http.routes import Route
from chalicelib.web.http.traffic import ELSEWHERE, METHODS
from chalicelib.web.portal.table import ENTRIES as PAGES
from chalicelib.web.rest.table import ENTRIES, routes
from tests.builders.web import UKPRN, organised_world, web_client
from tests.fakes.web import application
from tests.structure.sources import ROOT

DESCRIBED = document(routes())["paths"]
PUBLIC = {
    "/", "/health", "/developers", "/developers/file-formats", "/developers/templates/{file}", "/v1/openapi.json",
    "/oauth2/token", "/oauth2/keys", "/maintenance", "/v1/maintenance-windows", "/v1/maintenance-windows/{windowId}",
}  # fmt: skip
"""The routes that need no token; none of them reveals anything about an organisation or a learner."""

READING_NOTHING = PUBLIC - {
    "/oauth2/token", "/maintenance", "/v1/maintenance-windows", "/v1/maintenance-windows/{windowId}"
}  # fmt: skip
UNAVAILABLE = ((503, ["LRS-REQ-11"]), (503, "temporarily_unavailable"))

NEVER_AT_A_COLD_START = ("chalicelib.storage.", "chalicelib.services.batches.", "chalicelib.formats.batch.")
ROUTES = [pytest.param(declared, id=declared.name) for declared in routes()]
CALLING = [pytest.param(declared, id=declared.name) for declared in routes() if declared.path not in READING_NOTHING]
CLOSED = [pytest.param(declared, id=declared.name) for declared in routes() if declared.path not in PUBLIC]


@pytest.mark.req("SEC-01")
def test_every_route_declares_a_capability_and_chalice_serves_no_other() -> None:
    app = application(organised_world())
    served = {(method, path) for path, methods in app.routes.items() for method in methods}
    own = {(declared.method, declared.path) for declared in routes()}
    heads = {("HEAD", path) for method, path in own if method == "GET"}
    assert served == own | heads | {(method, path) for path in ELSEWHERE.values() for method in METHODS}
    assert all(isinstance(declared.capability, Capability) for declared in routes())
    assert {declared.path for declared in routes() if declared.capability is Capability.PUBLIC} == PUBLIC


@pytest.mark.parametrize("module", sorted({entry.module for entry in ENTRIES}))
def test_a_family_declares_exactly_the_routes_that_the_table_gives_it(module: str) -> None:
    declared = [route.entry for route in import_module(module).ROUTES]
    assert declared == [entry for entry in ENTRIES if entry.module == module]


def test_job_documents_and_notices_name_the_path_of_the_kind() -> None:
    assert {kind.path for kind in KINDS.values()} <= {entry.path for entry in ENTRIES if entry.method == "POST"}


@pytest.mark.parametrize(
    ("surface", "table", "entries", "others"),
    [
        ("app", "chalicelib.web.rest.table", ENTRIES, ("chalicelib.web.portal.",)),
        ("portal", "chalicelib.web.portal.table", PAGES, ("chalicelib.web.rest.", "chalicelib.web.described.")),
    ],
)
def test_a_cold_start_loads_no_family_none_of_its_parts_and_no_other_surface(
    surface: str, table: str, entries: Sequence[Any], others: tuple[str, ...]
) -> None:
    shown = f"import app, sys; app.{surface}; print(*(one for one in sys.modules if one.startswith('chalicelib.')))"
    done = subprocess.run([sys.executable, "-c", shown], cwd=ROOT, check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert table in loaded
    assert not loaded & {entry.module for entry in entries}
    assert not [name for name in loaded if name.startswith((*NEVER_AT_A_COLD_START, *others))]


@pytest.mark.req("SEC-01")
def test_every_capability_but_those_of_other_surfaces_opens_a_route() -> None:
    opened = {declared.capability for declared in routes()} - {Capability.PUBLIC}
    assert opened <= {capability for role in Role for capability in capabilities_of([role])}


@pytest.mark.req("SEC-01", "IDM-07", "IDM-11")
@pytest.mark.parametrize("declared", ROUTES)
def test_a_role_is_allowed_what_the_table_says_and_refused_everything_else(declared: Route[Any]) -> None:
    documented = {int(status) for status in DESCRIBED[declared.path][declared.method.lower()]["responses"]}
    for role in Role:
        held = capabilities_of([role])
        with web_client(organised_world(held)) as send:
            answer = send.to(declared, example_of(declared))
        if declared.capability in held or declared.capability is Capability.PUBLIC:
            assert answer.status not in (405, 500, 503), (role, answer.body)
            assert answer.status != 403 or "WSEC0006" not in answer.codes, (role, answer.body)
            assert answer.status != 401 or declared.path in PUBLIC, (role, answer.body)
            assert answer.status in documented, (role, answer.body)
        else:
            assert (answer.status, answer.codes) == (403, ["WSEC0006"]), role


@pytest.mark.req("SEC-01", "IDM-11")
@pytest.mark.parametrize("declared", CLOSED)
def test_a_caller_without_a_token_is_told_only_how_to_authenticate(declared: Route[Any]) -> None:
    world = organised_world()
    with web_client(world) as send:
        nobody = send.to(declared, {**example_of(declared), "nosuchfield": 1}, token="")
        unknown = send.to(declared, example_of(declared), token="0123456789abcdef0123456789abcdef")
    assert (nobody.status, nobody.codes) == (401, ["WSEC0005"])
    assert (unknown.status, unknown.codes) == (401, ["WSEC0005"])
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.req("SLA-01")
@pytest.mark.parametrize("declared", CALLING)
def test_whichever_call_to_another_service_fails_the_caller_is_told_to_try_again(declared: Route[Any]) -> None:
    made = count()

    def fail(name: str) -> None:
        if next(made) == failing:
            raise TemporaryFailure(name)

    for failing in count():
        made, world = count(), organised_world()
        world.hook = fail
        with web_client(world) as send:
            answer = send.to(declared, example_of(declared), If_Match='"1"')
        if next(made) <= failing:
            break  # there are no more calls
        assert (answer.status, answer.document.get("error") or answer.codes) in UNAVAILABLE, world.calls
        assert int(answer.headers["Retry-After"]) > 0
    assert failing


@pytest.mark.req("SEC-01", "IDM-11")
@pytest.mark.parametrize("declared", CLOSED)
def test_a_suspended_organisation_reaches_nothing(declared: Route[Any]) -> None:
    world = organised_world()
    world.accounts.put(world.accounts.organisations[UKPRN]._replace(status="suspended"))
    with web_client(world) as send:
        answer = send.to(declared, example_of(declared))
    assert (answer.status, answer.codes) == (403, ["WSEC0006"])
