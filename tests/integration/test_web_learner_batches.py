"""Learner and verification batches as web services, through Chalice, over fakes of the outside services."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import Counts, JobStatus, Source
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS
from tests.builders.jobs import Pipeline, job
from tests.builders.learner_files import LRB, PROVIDER, VLD, csv_file, row, xml_file
from tests.builders.learners import learner, uln
from tests.builders.organisations import organisation, provider
from tests.builders.web import THEIR_TOKEN, TOKEN, admit
from tests.fakes.world import FakeWorld

LEARNER_BATCHES, VERIFICATION_BATCHES = "/v1/learner-batches", "/v1/verification-batches"


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    admit(world, PROVIDER, Role.LRB_BATCH_USER)
    world.accounts.put(provider(PROVIDER))
    return world


def ended(world: FakeWorld, kind: str, **changes: Any) -> str:
    made = job(
        "JOB1",
        PROVIDER,
        kind=kind,
        status=JobStatus.SUCCESSFUL,
        source=Source("inbox", f"drop/{PROVIDER}/{kind}/a.csv", "v1"),
        started_at=world.clock(),
        finished_at=world.clock(),
        records=10,
        output_key="results/output.csv",
        **changes,
    )
    assert world.jobs.create(made)
    return made.job_id


@pytest.mark.req("ULN-06", "VLD-03")
@pytest.mark.parametrize(
    ("path", "kind", "filename"),
    [(LEARNER_BATCHES, "learners", LRB), (VERIFICATION_BATCHES, "verifications", VLD)],
)
def test_a_batch_is_begun_with_a_form_under_its_own_prefix(path, kind, filename, world, send) -> None:
    answer = send("POST", path, {"filename": filename})
    begun = answer.document
    assert (answer.status, begun["links"]["self"]) == (202, f"{path}/{begun['jobId']}")
    assert begun["upload"]["fields"]["key"] == f"upload/{PROVIDER}/{kind}/{begun['jobId']}/{filename}"
    assert world.jobs.held[begun["jobId"]].kind == kind


@pytest.mark.req("ULN-06")
def test_a_learner_batch_may_be_begun_as_a_check_and_nothing_else(world, send) -> None:
    begun = send("POST", LEARNER_BATCHES, {"filename": LRB, "jobType": "CHK"}).document
    assert world.jobs.held[begun["jobId"]].job_type == "CHK"
    assert send("POST", LEARNER_BATCHES, {"filename": LRB, "jobType": "chk"}).status == 202
    assert send("POST", LEARNER_BATCHES, {"filename": LRB, "jobType": "ALL"}).status == 422
    assert send("POST", VERIFICATION_BATCHES, {"filename": VLD, "jobType": "CHK"}).status == 400


@pytest.mark.req("ULN-07")
def test_a_learner_job_has_the_counters_of_the_existing_interface(world, send) -> None:
    counts = Counts(created=3, updated=2, found=1, possible=1, not_found=2, refused=1)
    job_id = ended(world, "learners", counts=counts, job_type="FUL")
    answer = send("GET", f"{LEARNER_BATCHES}/{job_id}")
    reported = answer.document
    assert answer.status == 200
    assert {name: reported[name] for name in reported if name.endswith("Count")} == {
        "newLearnersCount": 3,
        "existsUpdatedLearnersCount": 3,
        "updatedLearnersCount": 2,
        "possibleMatchLearnersCount": 1,
        "learnersNotFoundCount": 2,
        "rejectedLearnersCount": 1,
    }
    assert (reported["jobType"], reported["type"], reported["numberOfRecords"]) == ("FUL", "learners", 10)


@pytest.mark.req("VLD-03")
def test_a_verification_job_counts_who_was_verified(world, send) -> None:
    job_id = ended(world, "verifications", counts=Counts(found=7, possible=1, not_found=1, refused=1))
    reported = send("GET", f"{VERIFICATION_BATCHES}/{job_id}").document
    assert (reported["verifiedLearnersCount"], reported["possibleMatchLearnersCount"]) == (7, 1)
    assert (reported["learnersNotVerifiedCount"], reported["rejectedLearnersCount"]) == (1, 1)


@pytest.mark.req("ULN-07", "SEC-01")
def test_the_output_file_is_fetched_by_a_link_and_the_look_is_in_the_audit_log(world, send) -> None:
    job_id = ended(world, "learners")
    answer = send("GET", f"{LEARNER_BATCHES}/{job_id}/output")
    assert (answer.status, answer.document["url"].startswith("https://")) == (200, True)
    assert [(entry.action, entry.detail["kind"]) for entry in world.audit.held.values()] == [
        ("job-file-fetched", "learners")
    ]


@pytest.mark.req("SEC-01")
def test_a_job_of_another_kind_is_not_found_and_the_attempt_is_kept(world, send) -> None:
    job_id = ended(world, "learners")
    answer = send("GET", f"{VERIFICATION_BATCHES}/{job_id}")
    assert (answer.status, answer.codes) == (404, ["WSRC0018"])
    assert [(entry.action, entry.outcome, entry.detail["kind"]) for entry in world.audit.held.values()] == [
        ("job-viewed", "NOT_FOUND", "verifications")
    ]


@pytest.mark.req("ULN-06")
def test_a_list_has_the_jobs_of_its_kind_only(world, send) -> None:
    ended(world, "learners")
    assert [one["jobId"] for one in send("GET", LEARNER_BATCHES).document["jobs"]] == ["JOB1"]
    assert send("GET", VERIFICATION_BATCHES).document["jobs"] == []


@pytest.mark.req("ULN-06")
def test_an_awarding_organisation_is_refused_a_registration_batch(world, send) -> None:
    world.accounts.put(organisation(PROVIDER))
    answer = send("POST", LEARNER_BATCHES, {"filename": LRB})
    assert (answer.status, answer.codes) == (422, ["LRS-LRB-9"])


@pytest.mark.req("ULN-06")
def test_a_job_that_waits_can_be_cancelled(world, send) -> None:
    begun = send("POST", LEARNER_BATCHES, {"filename": LRB}).document
    answer = send("POST", begun["links"]["cancellation"], {})
    assert (answer.status, answer.document["status"]) == (200, "Cancelled")


# --- Records ----------------------------------------------------------------------------------------------------------

WRONG = {"MISIdentifier": "=2+2", "GivenName": "Br0nwen", "DateOfBirth": "2050-01-01"}


def processed(world: FakeWorld, data: bytes, filename: str, kind: str) -> str:
    """The job of a file."""
    return Pipeline(world).process(data, filename, PROVIDER, kind).job_id


@pytest.mark.req("ULN-07", "SEC-01")
@pytest.mark.parametrize("write", [csv_file, xml_file])
def test_the_records_of_a_learner_batch_are_listed_with_codes_and_ulns(write, world, send) -> None:
    world.learner_register.load([learner(1)])
    rows = [
        row(),
        row(GivenName="Gethin", FamilyName="Rowlands", Gender="1", MISIdentifier=""),
        row(GivenName="Bronwyn"),
        row(ULN=uln(9)),
        row(**WRONG),
    ]
    filename = LRB.replace(".CSV", ".XML") if write is xml_file else LRB
    path = f"{LEARNER_BATCHES}/{processed(world, write(rows, FileName=filename), filename, 'learners')}/records"
    first = send("GET", f"{path}?limit=3")
    rest = send("GET", first.document["links"]["next"])
    assert (first.status, rest.status, rest.document["cursor"]) == (200, 200, None)
    listed = first.document["records"] + rest.document["records"]
    assert [(one["recordNumber"], one["returnCode"], one["outcome"]) for one in listed] == [
        (1, "RC002", "FOUND"),
        (2, "RC001", "REGISTERED"),
        (3, "RC007", "POSSIBLE"),
        (4, "RC005", "NOTFOUND"),
        (5, "RC011", "REFUSED"),
    ]
    new = listed[1]["uln"]
    assert new in world.learners.held
    assert [(one["submittedUln"], one["uln"]) for one in listed] == [
        (None, uln(1)),
        (None, new),
        (None, None),
        (uln(9), uln(9)),
        (None, None),
    ]
    assert [one["misIdentifier"] for one in listed] == ["MIS-1", None, "MIS-1", "MIS-1", "=2+2"]
    assert listed[1]["description"] == "A new ULN was allocated."
    assert set(zip(listed[4]["errorCodes"], listed[4]["errorFields"], strict=True)) == {
        ("ACF003", "GivenName"),
        ("ACF004", "DateOfBirth"),
        ("ACF008", "MISIdentifier"),
    }
    assert listed[4]["messages"]
    looks = [entry for entry in world.audit.held.values() if entry.action == "job-records-listed"]
    assert [(look.detail["count"], look.detail.get("after")) for look in looks] == [("3", None), ("2", "3")]


@pytest.mark.req("VLD-03", "SEC-01")
@pytest.mark.parametrize("write", [csv_file, xml_file])
def test_the_records_of_a_verification_batch_are_listed_with_codes_and_the_learners_returned(
    write, world, send
) -> None:
    for held in (learner(1), learner(2, given_name="Seren")):
        world.learner_register.put(held)
    rows = [
        row(VERIFICATIONS, ULN=uln(1)),
        row(VERIFICATIONS, ULN=uln(2), GivenName="Serren"),
        row(VERIFICATIONS, ULN=uln(1), DateOfBirth="2004-05-18", Gender=""),
        row(VERIFICATIONS, ULN=uln(1), FamilyName="4shcombe"),
    ]
    filename = VLD.replace(".CSV", ".XML") if write is xml_file else VLD
    data = write(rows, VERIFICATIONS, FileName=filename)
    path = f"{VERIFICATION_BATCHES}/{processed(world, data, filename, 'verifications')}/records"
    answer = send("GET", path)
    listed = answer.document["records"]
    assert answer.status == 200
    assert [(one["responseCode"], one["status"], one["outcome"]) for one in listed[:3]] == [
        ("VRC001", "Successful", "FOUND"),
        ("VRC003", "Probably Successful", "POSSIBLE"),
        ("VRC005", "Error", "NOTFOUND"),
    ]
    assert (listed[1]["searchedGivenName"], listed[1]["givenName"], listed[1]["uln"]) == ("Serren", "Seren", uln(2))
    assert (listed[2]["uln"], listed[2]["searchedGender"], listed[2]["failureFlags"]) == (
        None,
        None,
        ["DATE_OF_BIRTH_MISMATCH"],
    )
    assert (listed[3]["outcome"], listed[3]["errorCodes"], listed[3]["errorFields"]) == (
        "REFUSED",
        ["ACF003"],
        ["FamilyName"],
    )


@pytest.mark.req("ULN-07", "VLD-03", "SEC-01")
def test_records_are_for_the_organisation_of_the_job_and_under_the_path_of_its_kind(world, send) -> None:
    world.accounts.put(provider("90000102"))
    admit(world, "90000102", Role.LRB_BATCH_USER, token=THEIR_TOKEN)
    job_id = processed(world, csv_file([row()]), LRB, "learners")
    path = f"{LEARNER_BATCHES}/{job_id}/records"
    assert send("GET", f"{LEARNER_BATCHES}/{job_id}").document["links"]["records"] == path
    assert send("GET", path).status == 200
    for wrong, token in (
        (path, THEIR_TOKEN),
        (path.replace("learner", "verification"), TOKEN),
        (f"{LEARNER_BATCHES}/JNONE/records", TOKEN),
    ):
        answer = send("GET", wrong, token=token)
        assert (answer.status, answer.codes) == (404, ["WSRC0018"])
    assert send("GET", f"{path}?cursor=nonsense").status == 400
    assert send("GET", f"{path}?limit=0").status == 400


@pytest.mark.req("ULN-07")
def test_a_job_that_was_refused_has_no_records_and_one_that_has_not_ended_is_asked_for_later(world, send) -> None:
    refused = processed(world, b"nonsense", LRB, "learners")
    assert send("GET", f"{LEARNER_BATCHES}/{refused}/records").document["records"] == []
    waiting = send("POST", LEARNER_BATCHES, {"filename": LRB}).document["jobId"]
    answer = send("GET", f"{LEARNER_BATCHES}/{waiting}/records")
    assert (answer.status, answer.codes) == (409, ["WSRC0008"])
    assert answer.headers["Retry-After"]
