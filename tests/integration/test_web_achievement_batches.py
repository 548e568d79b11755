"""The REST interface of achievement batches, through Chalice, over fakes of the outside services."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from chalice import Chalice

from chalicelib.bootstrap import Services
from chalicelib.domain.access import Capability, Role
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Counts, Job, JobStatus, Source
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.web.http.routes import SECURITY_HEADERS, Entry, blueprint
from chalicelib.web.rest.table import ENTRIES
from tests.builders.organisations import organisation
from tests.builders.web import THEIR_TOKEN, TOKEN, WebClient, admit, web_client
from tests.fakes.web import application
from tests.fakes.world import FakeWorld

PATH = "/v1/achievement-batches"
OURS, THEIRS = "10000001", "10000002"
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    for ukprn, token in ((OURS, TOKEN), (THEIRS, THEIR_TOKEN)):
        admit(world, ukprn, Role.QCF_RECORD_SET_USER, token=token)
        world.accounts.put(organisation(ukprn))
    return world


@pytest.fixture
def app(world: FakeWorld) -> Chalice:
    return application(world)


def job(world: FakeWorld, **changes: object) -> Job:
    made = Job(
        job_id="D0001",
        kind="achievements",
        ukprn=OURS,
        user="bucket",
        email="results@example.org",
        channel="bucket",
        filename="a.csv",
        submitted_at=world.clock(),
        source=Source("inbox", f"drop/{OURS}/achievements/a.csv", "v1"),
        submission_type="FINAL",
        format="csv",
    )
    made = replace(made, **changes)  # type: ignore[arg-type]
    assert world.jobs.create(made)
    return made


@pytest.mark.req("ACH-06")
def test_a_batch_is_begun_with_a_form_for_its_file(world: FakeWorld, send: WebClient) -> None:
    answer = send("POST", PATH, {"filename": "a.csv", "emailAddress": "me@example.org", "encoding": "Windows-1252"})
    assert answer.status == 202
    job_id = answer.document["jobId"]
    assert answer.headers["Location"] == f"{PATH}/{job_id}"
    assert answer.document["status"] == "Waiting"
    upload = answer.document["upload"]
    assert set(upload) == {"url", "fields", "expiresInSeconds", "maxBytes"}
    assert upload["fields"]["key"] == f"upload/{OURS}/achievements/{job_id}/a.csv"
    assert world.files.forms["inbox", upload["fields"]["key"]] == upload["maxBytes"]
    stored = world.jobs.get(job_id)
    assert stored is not None
    assert (stored.email, stored.encoding, stored.user) == ("me@example.org", "windows-1252", f"system-{OURS}")


@pytest.mark.req("ACH-06")
def test_address_and_encoding_may_be_left_out(world: FakeWorld, send: WebClient) -> None:
    answer = send("POST", PATH, {"filename": "a.xml"})
    stored = world.jobs.get(answer.document["jobId"])
    assert stored is not None
    assert (stored.email, stored.encoding) == (f"user@{OURS}.example", "")


@pytest.mark.req("ACH-06")
def test_everything_wrong_with_a_request_is_reported_at_once(world: FakeWorld, send: WebClient) -> None:
    answer = send("POST", PATH, b'{"emailAddress": 7, "encoding": "utf-16", "encoding": "utf-32", "notify": true}')
    assert answer.status == 400
    assert answer.codes == ["LRS-REQ-3", "LRS-REQ-4", "LRS-REQ-2"]
    assert not list(world.jobs.open_jobs())


@pytest.mark.req("ACH-06")
def test_every_reason_of_the_service_is_reported_with_its_code_and_field(send: WebClient) -> None:
    answer = send("POST", PATH, {"filename": "a.pdf", "emailAddress": "nobody"})
    assert answer.status == 422
    assert {(reason["code"], reason["field"]) for reason in answer.document["errors"]} == {
        ("ACB002", "filename"),
        ("WSEC0044", "emailAddress"),
    }


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"filename": ""}, [("ACF001", "filename")]),
        ({"filename": "a" * 252 + ".csv"}, [("ACF002", "filename")]),
        ({"filename": "a\x07.csv"}, [("ACF003", "filename")]),
        ({"encoding": "utf-16"}, [("ACF005", "encoding")]),
        ({"emailAddress": f"me@{'a' * 260}.example"}, [("WSEC0044", "emailAddress")]),
        (
            {"filename": "a.pdf", "emailAddress": "me", "encoding": "utf-16"},
            [("ACB002", "filename"), ("WSEC0044", "emailAddress"), ("ACF005", "encoding")],
        ),
    ],
    ids=str,
)
def test_values_are_refused_with_the_codes_of_files(
    send: WebClient, changes: dict[str, str], reasons: list[tuple[str, str]]
) -> None:
    answer = send("POST", PATH, {"filename": "a.csv", **changes})
    assert (answer.status, answer.reasons) == (422, reasons)


@pytest.mark.req("ACH-06")
def test_an_organisation_not_set_up_for_batches_is_refused(world: FakeWorld, send: WebClient) -> None:
    world.accounts.put(organisation(OURS, batch_achievements=False))
    answer = send("POST", PATH, {"filename": "a.csv"})
    assert (answer.status, answer.codes) == (403, ["WSRC0043"])


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "WSEC0001"),
        (b"[]", "application/json", 400, "WSEC0001"),
        (b"\xff\xfe", "application/json", 400, "LRS-REQ-19"),
        (b"filename=a.csv", "application/x-www-form-urlencoded", 415, "LRS-REQ-7"),
        (b"{}", "text/plain", 415, "LRS-REQ-7"),
        (b"", "application/json", 422, "ACF001"),
        (b'{"filename": "' + b"a" * 70_000 + b'"}', "application/json", 413, "LRS-REQ-8"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    send: WebClient, body: bytes, media_type: str, status: int, code: str
) -> None:
    answer = send("POST", PATH, body, Content_Type=media_type)
    assert (answer.status, answer.codes) == (status, [code])


@pytest.mark.req("ACH-07")
def test_a_job_shows_its_status_in_the_names_of_the_existing_interface(world: FakeWorld, send: WebClient) -> None:
    started = world.clock() + timedelta(seconds=10)
    counts = Counts(4, 1, 1, 1, 1, 1, refused=2, not_processed=1, field_data_errors=1, learner_data_errors=1, late=3)
    counts = counts._replace(noticed=4)
    job(
        world,
        status=JobStatus.SUCCESSFUL,
        records=12,
        counts=counts,
        started_at=started,
        finished_at=started + timedelta(seconds=2.5),
        output_key="results/o.csv",
        error_key="results/e.csv",
        same_as="D0000",
    )
    answer = send("GET", f"{PATH}/D0001")
    assert answer.status == 200
    assert answer.document == {
        "jobId": "D0001",
        "type": "achievements",
        "user": "bucket",
        "channel": "bucket",
        "filename": "a.csv",
        "status": "Successful",
        "percentDone": 100,
        "submittedDate": "2026-03-02T09:00:00Z",
        "startDate": "2026-03-02T09:00:10Z",
        "endDate": "2026-03-02T09:00:12Z",
        "cancellationDate": None,
        "dueBy": "2026-03-04T09:00:00Z",
        "duration": 2.5,
        "numberOfRecords": 12,
        "recordsAcceptedWithNotice": 4,
        "percentageSuccessfulRecords": 75.0,
        "achievementsCreated": 4,
        "achievementsUpdated": 1,
        "achievementsWithdrawn": 1,
        "achievementsReinstated": 1,
        "achievementsPromotedToFinal": 1,
        "achievementsUnchanged": 1,
        "successfulFinalAchievements": 9,
        "successfulProvisionalAchievements": 0,
        "recordsRefused": 2,
        "recordsNotProcessed": 1,
        "recordsCancelled": 0,
        "fieldDataErrors": 1,
        "learnerDataErrors": 1,
        "businessRuleErrors": 0,
        "lateAwards": 3,
        "sameContentAs": "D0000",
        "rejection": [],
        "notices": [],
        "links": {
            "self": f"{PATH}/D0001",
            "records": f"{PATH}/D0001/records",
            "output": f"{PATH}/D0001/output",
            "errors": f"{PATH}/D0001/errors",
        },
    }


@pytest.mark.req("ACH-07")
def test_a_running_job_shows_its_progress_and_when_to_ask_again(world: FakeWorld, send: WebClient) -> None:
    job(world, status=JobStatus.IN_PROGRESS, records=4, chunk_sizes=(1, 3), submission_type="PROVISIONAL")
    world.jobs.chunk_done("D0001", 0, world.clock())
    answer = send("GET", f"{PATH}/D0001")
    assert (answer.document["status"], answer.document["percentDone"]) == ("InProgress", 25)
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.document["links"] == {"self": f"{PATH}/D0001", "cancellation": f"{PATH}/D0001/cancellation"}
    assert answer.document["duration"] is None


@pytest.mark.req("ACH-07")
def test_a_refused_file_gives_the_reason_with_line_and_column(world: FakeWorld, send: WebClient) -> None:
    reasons = (failure("ACB010", line=7, column=3), failure("WSRC0017", "RecordCount", stated="3", found="2"))
    job(world, status=JobStatus.FAILED, rejection=reasons)
    shown = send("GET", f"{PATH}/D0001").document["rejection"]
    assert [(reason["code"], reason["field"], reason["line"], reason["column"]) for reason in shown] == [
        ("ACB010", "", 7, 3),
        ("WSRC0017", "RecordCount", None, None),
    ]
    assert all(reason["message"] and reason["action"] for reason in shown)


@pytest.mark.req("ACH-07")
def test_jobs_are_listed_newest_first_page_by_page(world: FakeWorld, send: WebClient) -> None:
    for number in range(5):
        job(world, job_id=f"D{number}", submitted_at=world.clock() + timedelta(minutes=number))
    job(world, job_id="D9", ukprn=THEIRS)
    seen: list[str] = []
    path = f"{PATH}?limit=2"
    for _ in range(3):
        answer = send("GET", path)
        seen.extend(listed["jobId"] for listed in answer.document["jobs"])
        assert answer.document["jobs"][0]["links"]["self"] == f"{PATH}/{answer.document['jobs'][0]['jobId']}"
        path = answer.document["links"].get("next", "")
        if not path:
            break
    assert seen == ["D4", "D3", "D2", "D1", "D0"]
    assert answer.document["cursor"] is None


@pytest.mark.req("ACH-07")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "LRS-REQ-6"),
        ("limit=101", "LRS-REQ-6"),
        ("limit=ten", "LRS-REQ-4"),
        ("limit=1&limit=2", "LRS-REQ-3"),
        ("page=2", "LRS-REQ-2"),
    ],
)
def test_a_wrong_query_is_refused(send: WebClient, query: str, code: str) -> None:
    answer = send("GET", f"{PATH}?{query}")
    assert (answer.status, answer.codes) == (400, [code])


@pytest.mark.req("ACH-07", "SEC-01")
@pytest.mark.parametrize("file", ["output", "errors"])
def test_a_result_file_is_given_as_a_short_lived_link_and_the_look_is_audited(
    world: FakeWorld, send: WebClient, file: str
) -> None:
    job(world, status=JobStatus.SUCCESSFUL, output_key="results/output.csv", error_key="results/errors.csv")
    answer = send("GET", f"{PATH}/D0001/{file}")
    assert answer.status == 200
    assert f"results/{file}.csv" in answer.document["url"]
    assert 0 < answer.document["expiresInSeconds"] <= 900
    (entry,) = world.audit.held.values()
    assert (entry.subject, entry.organisation, entry.user) == ("JOB#D0001", OURS, f"system-{OURS}")
    assert (entry.action, entry.detail["file"]) == ("job-file-fetched", file)


@pytest.mark.req("SEC-01")
def test_what_cannot_be_audited_is_not_answered(world: FakeWorld, send: WebClient) -> None:
    job(world, status=JobStatus.SUCCESSFUL, output_key="results/output.csv")

    def broken(name: str) -> None:
        if name == "audit.record":
            raise TemporaryFailure

    world.hook = broken
    answer = send("GET", f"{PATH}/D0001/output")
    assert (answer.status, answer.codes) == (503, ["LRS-REQ-11"])
    assert "url" not in answer.document


@pytest.mark.req("ACH-07")
def test_a_result_that_is_not_there_yet_is_a_temporary_conflict(world: FakeWorld, send: WebClient) -> None:
    job(world, status=JobStatus.IN_PROGRESS)
    answer = send("GET", f"{PATH}/D0001/output")
    assert (answer.status, answer.codes) == (409, ["WSRC0008"])
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.req("ACH-07")
def test_a_job_without_failed_records_has_no_error_file(world: FakeWorld, send: WebClient) -> None:
    job(world, status=JobStatus.SUCCESSFUL, output_key="results/output.csv")
    answer = send("GET", f"{PATH}/D0001/errors")
    assert (answer.status, answer.codes) == (404, ["LRS-REQ-9"])


@pytest.mark.req("ACH-07")
def test_a_job_is_cancelled_on_request(world: FakeWorld, send: WebClient) -> None:
    job(world, status=JobStatus.IN_PROGRESS, chunk_sizes=(1, 1))
    answer = send("POST", f"{PATH}/D0001/cancellation")
    assert answer.status == 202
    assert answer.document["cancellationDate"] == "2026-03-02T09:00:00Z"
    assert "cancellation" not in answer.document["links"]
    assert send("POST", f"{PATH}/D0001/cancellation", {}).status == 202


@pytest.mark.req("ACH-07")
def test_a_job_that_waits_for_its_file_is_cancelled_at_once(world: FakeWorld, send: WebClient) -> None:
    job_id = send("POST", PATH, {"filename": "a.csv"}).document["jobId"]
    answer = send("POST", f"{PATH}/{job_id}/cancellation")
    assert (answer.status, answer.document["status"]) == (200, "Cancelled")


@pytest.mark.req("ACH-07")
def test_an_ended_job_cannot_be_cancelled(world: FakeWorld, send: WebClient) -> None:
    job(world, status=JobStatus.SUCCESSFUL)
    answer = send("POST", f"{PATH}/D0001/cancellation")
    assert (answer.status, answer.codes) == (409, ["LRS-REQ-10"])


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize(
    ("method", "what"), [("GET", ""), ("GET", "/output"), ("GET", "/errors"), ("POST", "/cancellation")]
)
def test_another_organisations_job_is_answered_like_an_unknown_one_and_audited(
    world: FakeWorld, send: WebClient, method: str, what: str
) -> None:
    job(world, ukprn=THEIRS, status=JobStatus.SUCCESSFUL, output_key="o", error_key="e")
    theirs, unknown = (send(method, f"{PATH}/{job_id}{what}") for job_id in ("D0001", "D0002"))
    assert (theirs.status, theirs.codes) == (404, ["WSRC0018"])
    assert {**theirs.document, "instance": ""} == {**unknown.document, "instance": ""}
    entries = {entry.subject: entry for entry in world.audit.held.values()}
    assert set(entries) == {"JOB#D0001", "JOB#D0002"}
    assert entries["JOB#D0001"].organisation == OURS
    assert (entries["JOB#D0001"].action, entries["JOB#D0001"].outcome) == ("job-viewed", "NOT_FOUND")


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("job_id", ["a%20b", "a%2Fb", "..%2f..", "%00", "x" * 65, "%F0%9F%92%A9", "D0001%0A"])
def test_an_invalid_job_id_is_not_looked_up(world: FakeWorld, send: WebClient, job_id: str) -> None:
    answer = send("GET", f"{PATH}/{job_id}")
    assert (answer.status, answer.codes) == (404, ["LRS-REQ-12"])
    assert "jobs.get" not in world.calls


def test_a_name_of_the_path_cannot_come_in_the_body(world: FakeWorld, send: WebClient) -> None:
    job(world, status=JobStatus.IN_PROGRESS)
    answer = send("POST", f"{PATH}/D0001/cancellation", {"jobId": "D0002"})
    assert (answer.status, answer.codes) == (400, ["LRS-REQ-2"])


def test_health_is_public_and_looks_at_nothing(world: FakeWorld, send: WebClient) -> None:
    answer = send("GET", "/health", token="")
    assert (answer.status, answer.document) == (200, {"status": "ok"})
    assert world.calls == []


@pytest.mark.parametrize("path", ["/health", f"{PATH}/D0001"])
def test_every_answer_carries_the_security_headers_and_a_correlation_id(send: WebClient, path: str) -> None:
    answer = send("GET", path)
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)
    assert len(answer.headers["X-Correlation-Id"]) == 36


def test_a_callers_correlation_id_is_kept_when_it_is_a_uuid(send: WebClient) -> None:
    given = "0a1b2c3d-0a1b-4c3d-8a1b-0a1b2c3d4e5f"
    answer = send("GET", f"{PATH}/D0001", X_Correlation_Id=given)
    assert answer.headers["X-Correlation-Id"] == given
    assert answer.document["instance"].endswith(given)


@pytest.mark.req("SEC-02")
def test_any_other_correlation_id_is_replaced(send: WebClient) -> None:
    answer = send("GET", "/health", token="", X_Correlation_Id="Jane Smith 1234567890")
    assert "Jane" not in answer.headers["X-Correlation-Id"]


@pytest.mark.req("SEC-02")
def test_an_unexpected_exception_is_a_fault_without_details(
    world: FakeWorld, send: WebClient, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(name: str) -> None:
        if name == "jobs.get":
            raise RuntimeError("Jane Smith 1234567890")

    world.hook = broken
    answer = send("GET", f"{PATH}/D0001")
    assert (answer.status, answer.codes) == (500, ["WSEC0999"])
    captured = capsys.readouterr()
    reported = json.dumps(answer.document) + caplog.text + captured.out + captured.err
    assert "Jane" not in reported
    assert "Traceback" not in json.dumps(answer.document)


def test_a_temporary_failure_is_503_with_retry_after(world: FakeWorld, send: WebClient) -> None:
    def broken(name: str) -> None:
        raise TemporaryFailure(name)

    world.hook = broken
    answer = send("GET", f"{PATH}/D0001")
    assert (answer.status, answer.codes) == (503, ["LRS-REQ-11"])
    assert int(answer.headers["Retry-After"]) > 0


def test_services_that_cannot_be_made_are_a_fault_not_a_stack_trace() -> None:
    def broken() -> Services:
        raise RuntimeError("LRS_TABLE_JOBS is missing")

    app = Chalice(app_name="routes-under-test", configure_logs=False)
    app.register_blueprint(blueprint(ENTRIES, broken))
    with web_client(app) as send:
        answer = send("GET", "/health")
    assert answer.status == 500
    assert "LRS_TABLE_JOBS" not in answer.body


def test_a_family_that_cannot_be_loaded_is_a_fault_not_a_stack_trace() -> None:
    lost = Entry("lost", "GET", "/lost", Capability.PUBLIC, "chalicelib.web.rest.lost")
    app = Chalice(app_name="routes-under-test", configure_logs=False)
    app.register_blueprint(blueprint([lost], FakeWorld().services))
    with web_client(app) as send:
        answer = send("GET", "/lost")
    assert (answer.status, answer.codes) == (500, ["WSEC0999"])
    assert "chalicelib" not in answer.body


def event(method: str, resource: str) -> dict[str, Any]:
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": {"Host": "localhost"},
        "multiValueHeaders": {"Host": ["localhost"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"resourcePath": resource, "httpMethod": method, "requestId": "not-a-uuid"},
        "body": None,
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(("method", "resource", "status"), [("DELETE", PATH, 405), ("GET", "/nowhere", 404)])
def test_a_method_or_path_that_chalice_does_not_know_is_a_problem_document_too(
    app: Chalice, method: str, resource: str, status: int
) -> None:
    answer = app(event(method, resource), None)
    assert answer["statusCode"] == status
    headers = {**answer["headers"], **{name: value[-1] for name, value in answer["multiValueHeaders"].items()}}
    assert headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer["body"])["errors"][0]["code"] == "LRS-REQ-12"
    assert headers["X-Content-Type-Options"] == "nosniff"
    if status == 405:
        assert set(headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_a_body_that_is_not_valid_base64_is_malformed(app: Chalice) -> None:
    sent = event("POST", PATH)
    sent["headers"] |= {**AUTHORIZATION, "Content-Type": "application/json"}
    sent |= {"body": "a", "isBase64Encoded": True}
    answer = app(sent, None)
    assert answer["statusCode"] == 400


def test_two_authorization_headers_are_refused(app: Chalice) -> None:
    sent = event("GET", PATH)
    sent["headers"] |= AUTHORIZATION
    sent["multiValueHeaders"]["Authorization"] = [f"Bearer {THEIR_TOKEN}", f"Bearer {TOKEN}"]
    assert app(sent, None)["statusCode"] == 401
