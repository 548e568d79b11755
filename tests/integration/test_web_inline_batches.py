"""Batches of learners sent inline as JSON, through Chalice and the pipeline, over fakes of the outside services."""

from __future__ import annotations

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import JobStatus
from chalicelib.ports.errors import TemporaryFailure
from tests.builders.jobs import Pipeline
from tests.builders.learner_files import PROVIDER
from tests.builders.learners import learner, uln
from tests.builders.organisations import organisation, provider
from tests.builders.web import BRONWEN, THEIR_TOKEN, TOKEN, WebClient, admit, token_of
from tests.fakes.world import FakeWorld
from tests.parity.inline import process_inline

LEARNERS, VERIFICATIONS = "/v1/learner-batches", "/v1/verification-batches"
AWARDS = "90000001"
KNOWN = {"uln": uln(1), "givenName": "Bronwen", "familyName": "Ashcombe"}


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    admit(world, PROVIDER, Role.LRB_BATCH_USER)
    admit(world, AWARDS, Role.AWARDING_BODY_BATCH_USER, token=THEIR_TOKEN)
    world.accounts.put(provider(PROVIDER))
    world.accounts.put(organisation(AWARDS))
    return world


@pytest.mark.req("ULN-06", "ULN-07")
def test_learners_sent_inline_are_registered_by_the_pipeline_and_each_is_answered(
    world: FakeWorld, send: WebClient
) -> None:
    sent = [BRONWEN | {"misIdentifier": "M-1"}, {}, BRONWEN | {"givenName": "Br0nwen", "notes": 'a <b> & "c"\r\nd'}]
    records = process_inline(send, world, LEARNERS, {"learners": sent, "emailAddress": "me@example.org"})
    assert [(one["recordNumber"], one["misIdentifier"], one["returnCode"]) for one in records] == [
        (1, "M-1", "RC001"),
        (2, None, "RC010"),
        (3, None, "RC011"),
    ]
    assert records[0]["uln"] in world.learners.held
    assert set(records[1]["errorCodes"]) == {"ACF001"}
    assert (records[2]["errorCodes"], records[2]["errorFields"]) == (["ACF003"], ["GivenName"])
    (mail,) = world.mail.sent
    assert mail.to == "me@example.org"


@pytest.mark.req("ULN-06")
def test_texts_arrive_as_they_were_sent(world: FakeWorld, send: WebClient) -> None:
    notes = ' Ŵ\'r <b> & "c"\n\ttwo,\u00a0]]> =x  '
    (record,) = process_inline(send, world, LEARNERS, {"learners": [BRONWEN | {"notes": f"x{notes}y"}]})
    assert world.learner_register.get(record["uln"]).details.notes == f"x{notes}y"


@pytest.mark.req("ULN-06")
def test_a_check_registers_nobody(world: FakeWorld, send: WebClient) -> None:
    world.learner_register.load([learner(1)])
    (record,) = process_inline(send, world, LEARNERS, {"learners": [BRONWEN], "jobType": "chk"})
    assert (record["returnCode"], record["uln"]) == ("RC002", uln(1))
    (record,) = process_inline(
        send, world, LEARNERS, {"learners": [BRONWEN | {"dateOfBirth": "2003-01-01"}], "jobType": "CHK"}
    )
    assert record["returnCode"] == "RC005"
    assert len(world.learners.held) == 1


@pytest.mark.req("VLD-03")
def test_learners_sent_inline_are_verified(world: FakeWorld, send: WebClient) -> None:
    world.learner_register.put(learner(1))
    sent = [KNOWN, KNOWN | {"familyName": "Other", "misIdentifier": "M-2"}, KNOWN | {"uln": "12"}]
    records = process_inline(send, world, VERIFICATIONS, {"learners": sent})
    assert [(one["responseCode"], one["outcome"], one["uln"]) for one in records] == [
        ("VRC001", "FOUND", uln(1)),
        ("VRC005", "NOTFOUND", None),
        ("VRC006", "REFUSED", None),
    ]
    assert (records[1]["misIdentifier"], records[1]["failureFlags"]) == ("M-2", ["FAMILY_NAME_MISMATCH"])


@pytest.mark.req("VLD-03")
def test_a_value_that_was_not_sent_is_null_in_the_answer(world: FakeWorld, send: WebClient) -> None:
    (record,) = process_inline(send, world, VERIFICATIONS, {"learners": [{"uln": "", "givenName": None}]})
    searched = {name: value for name, value in record.items() if name.startswith("searched")}
    assert len(searched) == 5
    assert set(searched.values()) == {None}


@pytest.mark.req("ULN-06", "ULN-07")
def test_the_answer_is_the_job_and_its_location_is_followed(world: FakeWorld, send: WebClient) -> None:
    world.calls.clear()
    answer = send("POST", f"{LEARNERS}/inline", {"learners": [BRONWEN] * 200})
    assert world.calls == [
        "schedules.read",  # then remembered by the container
        "credentials.holder",
        "paces.take",
        "accounts.organisation",
        "jobs.create",
        "files.write",
    ], "what a batch costs before its pipeline"
    job = answer.document
    assert (answer.status, job["status"], job["channel"]) == (202, "Waiting", "webservice")
    assert answer.headers["Location"] == job["links"]["self"] == f"{LEARNERS}/{job['jobId']}"
    assert answer.headers["Retry-After"]
    (key,) = [key for bucket, key in world.files.held if bucket == "inbox"]
    assert key.startswith(f"upload/{PROVIDER}/learners/{job['jobId']}/")
    Pipeline(world).arrive(job["jobId"])
    done = send("GET", answer.headers["Location"]).document
    assert (done["status"], done["numberOfRecords"], done["newLearnersCount"]) == ("Successful", 200, 1)


@pytest.mark.req("ULN-06", "SLA-08")
def test_the_same_batch_sent_again_with_its_key_is_the_same_job(world: FakeWorld, send: WebClient) -> None:
    body = {"learners": [BRONWEN]}
    first, again = (send("POST", f"{LEARNERS}/inline", body, Idempotency_Key="0123456789abcdef") for _ in range(2))
    assert (first.status, first.document) == (again.status, again.document)
    assert len(world.jobs.held) == 1


@pytest.mark.req("ULN-06", "VLD-03")
@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({}, 400, ("LRS-REQ-1", "learners")),
        ({"learners": []}, 400, ("LRS-REQ-1", "learners")),
        ({"learners": [BRONWEN] * 201}, 400, ("LRS-REQ-5", "learners")),
        ({"learners": [BRONWEN, "Bronwen"]}, 400, ("LRS-REQ-4", "learners[1]")),
        ({"learners": [BRONWEN | {"gender": 2}]}, 400, ("LRS-REQ-4", "learners[0].gender")),
        ({"learners": [BRONWEN | {"givnName": "x"}]}, 400, ("LRS-REQ-2", "learners[0].givnName")),
        ({"learners": [BRONWEN | {"notes": "\x00"}]}, 400, ("LRS-REQ-6", "learners[0].notes")),
        ({"learners": [BRONWEN | {"notes": "\ud800"}]}, 400, ("LRS-REQ-6", "learners[0].notes")),
        ({"learners": [BRONWEN | {"notes": "x" * 1_000_000}]}, 413, ("LRS-REQ-8", "")),
        ({"learners": [BRONWEN | {"notes": "&" * 450_000}]}, 422, ("ACB013", "")),
        ({"learners": [BRONWEN], "jobType": "ALL"}, 422, ("ACF005", "jobType")),
        ({"learners": [BRONWEN], "emailAddress": "nobody"}, 422, ("WSEC0044", "emailAddress")),
    ],
)
def test_a_wrong_batch_is_refused_and_makes_no_job(
    world: FakeWorld, send: WebClient, body: object, status: int, reason: tuple[str, str]
) -> None:
    answer = send("POST", f"{LEARNERS}/inline", body)
    assert (answer.status, answer.reasons) == (status, [reason])
    assert not world.jobs.held
    assert not world.files.held


@pytest.mark.req("ULN-06", "VLD-03", "SEC-01")
def test_an_organisation_sends_the_batches_of_its_kind_and_sees_its_own(world: FakeWorld, send: WebClient) -> None:
    assert send("POST", f"{LEARNERS}/inline", {"learners": [BRONWEN]}, THEIR_TOKEN).status == 403
    theirs = send("POST", f"{VERIFICATIONS}/inline", {"learners": [KNOWN]}, THEIR_TOKEN)
    assert theirs.status == 202
    assert send("GET", theirs.headers["Location"], token=TOKEN).status == 404
    admit(world, AWARDS, Role.LRB_BATCH_USER, token=token_of("another"))
    refused = send("POST", f"{LEARNERS}/inline", {"learners": [BRONWEN]}, token_of("another"))
    assert (refused.status, refused.codes) == (422, ["LRS-LRB-9"])


@pytest.mark.req("ULN-06")
def test_a_batch_that_cannot_be_stored_is_not_accepted(world: FakeWorld, send: WebClient) -> None:
    def no_files(name: str) -> None:
        if name == "files.write":
            raise TemporaryFailure

    world.hook = no_files
    answer = send("POST", f"{LEARNERS}/inline", {"learners": [BRONWEN]})
    assert (answer.status, answer.codes) == (503, ["LRS-REQ-11"])
    (job,) = world.jobs.held.values()
    assert (job.status, job.source) == (JobStatus.WAITING, None), "like an upload that has not arrived"
