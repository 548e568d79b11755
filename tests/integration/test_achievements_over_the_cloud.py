"""A single achievement over the local cloud: created by the web service, recorded from the stream, listed again."""

from __future__ import annotations

import pytest

from local.samples.drafts import Draft, World
from local.samples.world import Samples, mixed_file, samples
from tests.builders.functions import UKPRN, Functions

PATH = "/v1/achievements"
NAMES = {
    "uln": "ULN",
    "givenName": "GivenName",
    "familyName": "FamilyName",
    "unitOrQualificationReferenceNumber": "UnitOrQualificationReferenceNumber",
    "achievementAwardDate": "AchievementAwardDate",
    "grade": "Grade",
    "languageForAssessment": "LanguageForAssessment",
    "providerUkprn": "ProviderUKPRN",
}


@pytest.fixture
def world() -> Samples:
    return samples(learners=300)


@pytest.mark.req("ACH-01", "ACH-03", "ACH-08", "ACH-09")
def test_what_is_submitted_singly_and_by_file_is_seen_audited_and_listed(functions: Functions, world: Samples) -> None:
    functions.drain()
    draft = Draft(
        World(world.organisation(UKPRN), world.learners, world.aims, world.providers),
        3,
        functions.services.clock().date(),
    )
    row = draft.create()
    body = {name: row[column] for name, column in NAMES.items() if row[column]}
    made = functions.request("POST", PATH, body)
    assert made.status == 201, made.document
    achievement = made.document["achievement"]
    one = achievement["links"]["self"]
    names = {name: achievement[name] for name in ("givenName", "familyName")}
    today = functions.services.clock().date().isoformat()
    withdrawal = {**names, "actionDate": today, "actionReason": "SUBINERROR"}
    assert functions.request("POST", f"{one}/withdrawal", withdrawal).status == 200
    data, expected = mixed_file(20, 5, world=world, ukprn=UKPRN)
    job_id = functions.drop(data, expected.file_name)
    functions.drain()

    records = functions.request("GET", f"/v1/achievement-batches/{job_id}/records?limit=200").document["records"]
    assert len(records) == 20
    changed = sum(record["outcome"] not in ("REFUSED", "UNCHANGED") for record in records)
    listed = functions.request("GET", f"{PATH}?limit=200").document["achievements"]
    assert [change["actions"] for change in listed if change["channel"] == "webservice"] == [["create"], ["withdraw"]]
    by_file = [change for change in listed if change["jobId"] == job_id]
    assert sum(len(change["actions"]) for change in by_file) >= changed
    own = functions.request("GET", f"/v1/learners/{achievement['uln']}/achievements").document["achievements"]
    assert achievement["achievementId"] in [held["achievementId"] for held in own]
    versions = functions.request("GET", f"{one}/history").document["versions"]
    assert [version["status"] for version in versions] == ["ACTIVE", "WITHDRAWN"]
    audited = functions.services.audit.of_subject(f"ULN#{achievement['uln']}")
    assert {"achievement-created", "achievement-withdrawn", "achievement-history-viewed"} <= {
        entry.action for entry in audited
    }
    assert functions.reads["record_audit"].undeclared == set()
    assert functions.reads["api"].undeclared == set()
