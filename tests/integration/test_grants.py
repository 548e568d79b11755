"""Every function does all its work with what `infra/stack.json` grants and gives it, and uses all of that.

One story leads each function along every path on which it calls AWS: what it did is compared with its grants.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.domain.jobs import ACHIEVEMENTS, Job, JobStatus, Source, job_id_of
from chalicelib.domain.learners import ACTIVE, LearnerProfile
from chalicelib.formats.batch.learner_layouts import LEARNERS
from chalicelib.settings import SettingsError
from functions import send_notice
from local.commands.submission import post_form
from local.emulated.cloud import ProvisionedCloud
from local.emulated.mailbox import read_mail
from local.samples import seed
from local.samples.events import sample_feeds
from local.samples.learner_files import PROVIDER, learner_file, verification_file
from local.samples.world import Samples, mixed_file, samples
from tests.builders.functions import UKPRN, Functions

PATH = "/v1/achievement-batches"
REGISTER = b"Qualification Number,Qualification Title,Owner Organisation Recognition Number\n600/1234/5,Joinery,RN1\n"

UNUSED: dict[str, dict[tuple[str, str, str], str]] = {}
"""By function: what it is granted although no test can make it do so, each with the reason."""

PERSON = {
    "givenName": "Zebulon",
    "familyName": "Quillfeather",
    "dateOfBirth": "2001-02-03",
    "gender": "1",
    "lastKnownPostCode": "M1 1AE",
    "verificationType": "2",
    "abilityToShare": "1",
}
UNKNOWN = {
    "uln": "1000000027",
    "givenName": "Zebulon",
    "familyName": "Quillfeather",
    "unitOrQualificationReferenceNumber": "99999999",
    "achievementAwardDate": "2026-01-05",
}


@pytest.fixture
def world() -> Samples:
    return samples(learners=300)


@pytest.fixture
def functions(
    fresh_cloud: ProvisionedCloud, world: Samples, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Functions]:
    monkeypatch.setattr(seed, "KEYS", tmp_path / "sample-keys.json")
    return Functions(fresh_cloud, monkeypatch, world)


def test_every_function_does_what_it_is_granted_and_nothing_else(functions: Functions, world: Samples) -> None:
    _put(functions, "lists/prohibited-words.txt", b"wickedness\n")
    done = _put_files_through(functions, world)
    _look_at_a_job(functions, done)
    _change_achievements(functions, done)
    _put_learner_files_through(functions, world)
    _register_and_change_learners(functions)
    _decide_pending_matches(functions, world)
    _use_personal_records(functions, world)
    _import_registers(functions)
    _deliver_a_chunk_again(functions, world)
    _give_up(functions, world)
    functions.drain()
    stack = functions.cloud.stack.functions
    assert {name: found for name in stack if (found := functions.actions.missing(stack[name]))} == {}
    assert {name: found for name in stack if (found := functions.actions.idle(stack[name]))} == {
        name: set(found) for name, found in UNUSED.items()
    }
    assert {name: reads.undeclared for name, reads in functions.reads.items() if reads.undeclared} == {}
    assert {name: reads.unused for name, reads in functions.reads.items() if reads.unused} == {}


def _put(functions: Functions, key: str, data: bytes) -> None:
    functions.cloud.client("s3").put_object(Bucket=functions.cloud.bucket("catalogue"), Key=key, Body=data)


def _put_files_through(functions: Functions, world: Samples) -> str:
    """Achievement files: dropped, uploaded, waiting for their turn, cancelled, refused; the job that was done first."""
    files = [mixed_file(30, number, world=world, ukprn=UKPRN) for number in range(1, 5)]
    names = [expected.file_name for _, expected in files]
    done, waiting, cancelled = (functions.drop(files[place][0], names[place]) for place in range(3))
    refused = functions.drop(b"no batch", "QCF_90000051_20260101_009.csv")
    begun = functions.request("POST", PATH, {"filename": names[3]})
    assert begun.status == 202
    uploaded = begun.document["jobId"]
    post_form(begun.document["upload"]["url"], begun.document["upload"]["fields"], names[3], files[3][0])
    functions.drain("intake")
    assert functions.request("POST", f"{PATH}/{cancelled}/cancellation").status in (200, 202)
    functions.drain()
    assert {_status(functions, job) for job in (done, waiting, uploaded)} == {JobStatus.SUCCESSFUL}
    assert (_status(functions, cancelled), _status(functions, refused)) == (JobStatus.CANCELLED, JobStatus.FAILED)
    assert any(done in mail.subject for mail in read_mail(functions.cloud.endpoint))
    page = functions.request("GET", f"{PATH}?limit=1").document
    assert functions.request("GET", page["links"]["next"]).status == 200
    return done


def _look_at_a_job(functions: Functions, job_id: str) -> None:
    assert functions.request("GET", f"{PATH}/{job_id}").document["status"] == "Successful"
    assert functions.request("GET", f"{PATH}/{job_id}/errors").status == 200
    assert functions.request("GET", f"{PATH}/{job_id}/output").status == 200
    assert functions.request("GET", f"{PATH}/{job_id}/records").status == 200


def _change_achievements(functions: Functions, job_id: str) -> None:
    """One by one over the web, and by file."""
    assert functions.request("POST", "/v1/achievements", UNKNOWN).status == 422
    records = functions.request("GET", f"{PATH}/{job_id}/records?limit=200").document["records"]
    assert records
    assert functions.request("GET", "/v1/achievements").status == 200


def _put_learner_files_through(functions: Functions, world: Samples) -> None:
    """Learners are registered, found, changed, and one of them perhaps: that waits for a decision."""
    registered = _drop_learners(functions, world, 1)
    verified, expected = verification_file(20, 2, world=world)
    looked = functions.drop(verified, expected.file_name, PROVIDER, "verifications")
    functions.drain()
    assert _status(functions, registered) is _status(functions, looked) is JobStatus.SUCCESSFUL
    assert functions.services.jobs.get(registered).counts.possible == 1


def _drop_learners(functions: Functions, world: Samples, seed: int) -> str:
    data, expected = learner_file(20, seed, world=world)
    # A given name that is exchanged with the family name is possibly the same person, and no more.
    there = next(one for one in world.learners if one.status == ACTIVE and one.postcode and one.gender in "12")
    swapped = data.decode("utf-8-sig").replace('"20"', '"21"', 1).rstrip("\r\n") + "\r\n" + _row_of(there)
    return functions.drop(swapped.encode(), expected.file_name, PROVIDER, "learners")


def _row_of(one: LearnerProfile) -> str:
    values = {
        "GivenName": one.family_name,
        "FamilyName": one.given_name,
        "LastKnownPostCode": one.postcode,
        "DateOfBirth": one.date_of_birth.isoformat() if one.date_of_birth else "",
        "Gender": one.gender,
        "PrivacyNoticeSeen": "1",
        "VerificationType": "1",
    }
    return ",".join(f'"{values.get(name, "")}"' for name in LEARNERS.names) + "\r\n"


def _register_and_change_learners(functions: Functions) -> None:
    made = functions.request("POST", "/v1/learners", PERSON, PROVIDER)
    assert made.status == 201


def _decide_pending_matches(functions: Functions, world: Samples) -> None:
    pass


def _use_personal_records(functions: Functions, world: Samples) -> None:
    """A feed is imported, a record looked at, a problem reported and sent to the service desk."""
    feed, _ = sample_feeds(world.learners, world.aims, [provider.ukprn for provider in world.providers], 40, seed=2)
    _put(functions, f"feeds/second-{feed.name}", feed.data)
    assert feed.taken in [file["new"] for file in functions.call("import_events", {})["files"]]
    row = next(csv.DictReader(feed.data.decode().splitlines()))
    home = f"/v1/learners/{row['ULN']}"
    names = {"givenName": row["GivenName"], "familyName": row["FamilyName"]}
    found = functions.request("POST", f"{home}/record", names).document
    assert row["Subject"] in [event["subject"] for event in found["learningEvents"]]
    problem = {"challengeType": "ULN_OTHER", "contactName": "Sam", "telephone": "1", "additionalInformation": "Shared."}
    raised = functions.request("POST", f"{home}/challenges", names | problem)
    assert raised.status == 201
    functions.drain()
    reference = raised.document["dataChallengeReference"]
    assert any(reference in mail.subject for mail in read_mail(functions.cloud.endpoint))


def _import_registers(functions: Functions) -> None:
    _put(functions, "registers/Qualifications.csv", REGISTER)
    assert functions.call("import_register", {"files": ["registers/Qualifications.csv"], "force": True})["version"]


def _deliver_a_chunk_again(functions: Functions, world: Samples) -> None:
    pass


def _give_up(functions: Functions, world: Samples) -> None:
    data, expected = mixed_file(30, 5, world=world, ukprn=UKPRN)
    late = functions.drop(data, expected.file_name)
    _drop_learners(functions, world, 3)
    functions.drain("intake")
    unsplit = _job_without_an_event(functions)
    data, expected = mixed_file(30, 6, world=world, ukprn=UKPRN)
    functions.drop(data, expected.file_name)
    functions.later("watch_jobs", timedelta(minutes=20))
    assert functions.call("watch_jobs", {})["found_files"] == 1
    functions.later("watch_jobs", timedelta(hours=37))
    watched = functions.call("watch_jobs", {})
    assert not watched["troubles"]
    assert watched["given_up"] == 3
    functions.drain()
    assert _status(functions, late) is _status(functions, unsplit) is JobStatus.FAILED
    assert functions.services.jobs.get(late).counts.not_processed == 30


def _job_without_an_event(functions: Functions) -> str:
    """A job whose file was lost before it was split."""
    key = f"drop/{UKPRN}/{ACHIEVEMENTS}/QCF_{UKPRN}_20260102_001.csv"
    source = Source("inbox", key, "none")
    job = Job(
        job_id_of(source), ACHIEVEMENTS, UKPRN, "bucket", "a@awards.example", "bucket", key.rpartition("/")[2],
        functions.services.clock(), source=source,
    )  # fmt: skip
    assert functions.services.jobs.create(job)
    return job.job_id


def _status(functions: Functions, job_id: str) -> JobStatus:
    job = functions.services.jobs.get(job_id)
    assert job is not None
    return job.status


def test_a_function_that_lacks_variables_names_them_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib import bootstrap

    monkeypatch.setattr(bootstrap, "_container", {})
    for name in send_notice.NEEDS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    with pytest.raises(SettingsError) as refused:
        send_notice.handler({"Records": []}, None)
    assert refused.value.problems == tuple(f"{name} is missing" for name in send_notice.NEEDS)
