"""An organisation's own settings, for its super users."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.access import Capability
from chalicelib.domain.callers import Channel
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, JobStatus
from chalicelib.domain.refusals import Refused
from chalicelib.services.own_organisation import OwnOrganisation
from tests.builders.callers import caller
from tests.builders.jobs import job
from tests.builders.organisations import organisation
from tests.fakes import FakeWorld

UKPRN, OTHER = "10000001", "10000002"
ANN = caller(UKPRN, "ann0417", [Capability.SETTINGS_MANAGE], channel=Channel.PORTAL)


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(UKPRN))
    return world


@pytest.fixture
def own(world: FakeWorld) -> OwnOrganisation:
    return world.services().own_organisation


def refused(call, *arguments: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return [reason.code for reason in caught.value.failures]


@pytest.mark.req("IDM-13")
def test_the_address_is_changed_as_it_was_seen_and_audited(world: FakeWorld, own: OwnOrganisation) -> None:
    revision = own.get(ANN).revision
    assert (
        own.change_address(ANN, revision, "files@merrowdale.example.org").batch_email == "files@merrowdale.example.org"
    )
    assert refused(own.change_address, ANN, revision, "other@merrowdale.example.org") == ["LRS-REQ-13"]
    entry = next(iter(world.audit.held.values()))
    assert (entry.action.value, entry.user, entry.detail["changed"]) == ("organisation-saved", "ann0417", "batch_email")
    assert own.change_address(ANN, revision + 1, "files@merrowdale.example.org").revision == revision + 1


@pytest.mark.req("IDM-13")
@pytest.mark.parametrize("address", ["", "nowhere", "a@b\n.example.org"])
def test_an_address_that_cannot_be_written_to_is_refused(address: str, world: FakeWorld, own: OwnOrganisation) -> None:
    before = own.get(ANN)
    assert refused(own.change_address, ANN, before.revision, address)
    assert own.get(ANN) == before
    assert refused(own.get, ANN._replace(ukprn=OTHER)) == ["LRS-ORG-1"]


@pytest.mark.req("ACH-06")
def test_the_files_that_were_dropped_lately_are_listed_with_why_they_were_refused(
    world: FakeWorld, own: OwnOrganisation
) -> None:
    now = world.clock()
    made = [
        ("J1", UKPRN, ACHIEVEMENTS, Channel.BUCKET, now - timedelta(days=1)),
        ("J2", UKPRN, LEARNERS, Channel.BUCKET, now),
        ("J3", UKPRN, ACHIEVEMENTS, Channel.PORTAL, now),
        ("J4", UKPRN, ACHIEVEMENTS, Channel.BUCKET, now - timedelta(days=40)),
        ("J5", OTHER, ACHIEVEMENTS, Channel.BUCKET, now),
    ]
    for job_id, ukprn, kind, channel, at in made:
        reason = (failure("ACB002"),) if job_id == "J2" else ()
        status = JobStatus.FAILED if reason else JobStatus.WAITING
        world.jobs.create(
            job(job_id, ukprn=ukprn, kind=kind, channel=channel, submitted_at=at, rejection=reason, status=status)
        )
    found = own.drop(ANN)
    assert [one.job_id for one in found.jobs] == ["J2", "J1"]
    assert found.jobs[0].rejection
    assert f"drop/{UKPRN}/achievements/" in [folder.path for folder in found.folders]
    assert f"drop/{UKPRN}/learners/" not in [folder.path for folder in found.folders]
