"""Seeding the local cloud, and importing registers into it, through the real stores and the real handler."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.domain.access import Capability, Role
from chalicelib.domain.accounts import Stage
from chalicelib.domain.aims import AimReference
from chalicelib.formats.registers.catalogue_files import SnapshotCatalogue
from chalicelib.services.sign_in import Visitor
from chalicelib.services.tokens import secret_digest
from functions import import_register
from local.emulated.cloud import ProvisionedCloud
from local.samples import seed, users
from local.samples.examples import EXAMPLE_AIMS
from local.samples.world import Samples, samples

QUALIFICATIONS = (
    b"Qualification Number,Qualification Title,Owner Organisation Recognition Number\n600/1234/5,Joinery,RN1\n"
)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Samples:
    small = samples(learners=300)
    monkeypatch.setattr(seed, "samples", lambda: small)
    monkeypatch.setattr(seed, "KEYS", tmp_path / "keys" / "sample-keys.json")
    monkeypatch.setattr(users, "PASSWORD_FILE", tmp_path / "keys" / "sample-password.txt")
    return small


@pytest.fixture
def services(fresh_cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[bootstrap.Services]:
    for name, value in fresh_cloud.environment.items():
        monkeypatch.setenv(name, value)
    bootstrap._container.clear()
    yield bootstrap.services()
    bootstrap._container.clear()


def catalogue(services: bootstrap.Services) -> SnapshotCatalogue:
    found = services.catalogues.load(services.catalogues.current_version())
    assert isinstance(found, SnapshotCatalogue)
    return found


def test_everything_of_the_samples_is_found_where_the_service_looks_for_it(world, services, fresh_cloud):
    assert seed.seed_if_empty(fresh_cloud)
    assert services.learners.profiles([one.uln for one in world.learners]) == {one.uln: one for one in world.learners}
    assert all(services.accounts.organisation(body.ukprn) == body for body in world.organisations)
    assert list(catalogue(services).aims()) == sorted((*EXAMPLE_AIMS, *world.aims), key=lambda aim: aim.reference)
    assert all(catalogue(services).is_provider(provider.ukprn) for provider in world.providers)
    assert not seed.seed_if_empty(fresh_cloud)


@pytest.mark.req("IDM-11")
def test_organisations_have_credentials_that_are_the_same_every_time_and_nobody_else_can_read(
    world, services, fresh_cloud
):
    seed.seed_if_empty(fresh_cloud)
    for body in world.organisations:
        own = seed.sample_credential(body.ukprn)
        assert own == seed.sample_credential(body.ukprn)
        credential = services.credentials.get(own.client_id)
        assert (credential.ukprn, credential.secret_digest) == (body.ukprn, secret_digest(own.secret))
        is_submitter = Capability.ACHIEVEMENT_BATCHES_SUBMIT in credential.scopes
        assert is_submitter == body.is_awarding_organisation
    assert seed.KEYS.stat().st_mode & 0o077 == 0
    secrets = {secret for _, secret in json.loads(seed.KEYS.read_text("utf-8")).values()}
    assert len(secrets) == len(world.organisations)
    assert seed.sample_credential("10000001") is None


@pytest.mark.req("IDM-01")
@pytest.mark.usefixtures("world")
def test_somebody_can_sign_in_for_each_role_at_every_start_whatever_the_accounts_were_used_for(
    services: bootstrap.Services, fresh_cloud: ProvisionedCloud
) -> None:
    seed.seed_if_empty(fresh_cloud)
    users.let_in(services)
    people = list(users.sample_users())
    assert {one.role for one in people} == set(Role)
    first, *others = (services.user_table.named(one.user_name).account for one in people)
    assert first is not None
    locked = replace(first.changed(question=None), wrong_passwords=10, suspended_at=services.clock())
    services.user_table.save(locked)
    users.let_in(services)
    visitor = Visitor("192.0.2.7", "a request")
    begun = [services.sign_in.enter(visitor, one.user_name, users.sample_password()) for one in people[:2]]
    assert [one.session.stage for one in begun] == [Stage.AGREEMENT_OWED] * 2
    assert [services.user_table.named(one.user_name).account for one in people[2:]] == others[1:]
    assert users.PASSWORD_FILE.stat().st_mode & 0o077 == 0


@pytest.mark.req("QUAL-01")
def test_a_folder_of_registers_is_imported_in_addition_to_the_samples(world, services, fresh_cloud, tmp_path):
    seed.seed_if_empty(fresh_cloud)
    (tmp_path / "Qualifications.csv").write_bytes(QUALIFICATIONS)
    report = seed.import_folder(services, tmp_path, accept=False, whole=False)
    assert (report.new, report.gone) == (("60012345",), ())
    assert catalogue(services).aim(AimReference("60012345"))
    assert catalogue(services).aim(world.aims[0].reference) == world.aims[0]
    assert not seed.seed_if_empty(fresh_cloud)


@pytest.mark.req("QUAL-01")
def test_the_function_imports_what_has_arrived_and_what_the_event_names(services):
    assert import_register.handler({"source": "aws.events"}, None) == {"outcome": "nothing new"}
    services.files.write("catalogue", "registers/Qualifications.csv", QUALIFICATIONS, "text/csv")
    answer = import_register.handler({"source": "aws.events"}, None)
    assert answer["outcome"] == "published"
    assert answer["version"] == services.catalogues.current_version()
    again = import_register.handler({"files": ["registers/Qualifications.csv"]}, None)
    assert again["outcome"] == "unchanged"
    cut_off = QUALIFICATIONS.split(b"\n", 1)[0] + b"\n"
    services.files.write("catalogue", "registers/cut-off.csv", cut_off, "text/csv")
    refused = import_register.handler({"files": ["registers/cut-off.csv"]}, None)
    assert refused["outcome"] == "refused"
    assert "100%" in refused["reason"]
    reports = [one.key for one in services.files.objects("catalogue", "imports/", datetime(2000, 1, 1, tzinfo=UTC))]
    accepted = import_register.handler({"accept": max(reports)}, None)
    assert accepted["outcome"] == "published"
    assert len(reports) == 3
