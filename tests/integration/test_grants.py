"""Every function does all its work with the grants and variables of `infra/stack.json`, and uses all of them.

One story takes each function through every path that calls AWS; what it did is compared with its grants.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

import app
from chalicelib.domain.access import Role
from chalicelib.domain.jobs import ACHIEVEMENTS, Job, JobStatus, Source, job_id_of
from chalicelib.domain.learners import ACTIVE, LearnerProfile
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.working_time import is_working_day, london_day
from chalicelib.formats.batch.learner_layouts import LEARNERS
from chalicelib.observability import Failed
from chalicelib.services.alarm_mutes import AlarmMutes
from chalicelib.services.users import Order
from chalicelib.settings import SettingsError
from functions import send_notice
from local.commands.submission import post_form
from local.emulated.mailbox import read_mail
from local.samples.events import sample_feeds
from local.samples.learner_files import PROVIDER, learner_file, verification_file
from local.samples.world import Samples, mixed_file, samples
from tests.builders.achievements import csv_file, record
from tests.builders.callers import caller
from tests.builders.functions import DESK, UKPRN, Functions
from tests.builders.learner_files import csv_file as learner_csv
from tests.builders.learner_files import row as learner_row
from tests.builders.organisations import provider
from tests.builders.portal import NEW, Browser
from tests.builders.web import NEW_LEARNER
from tests.integration.pages import (
    achievements,
    administration,
    batches,
    desk,
    kept_forms,
    learners,
    levels,
    records,
    users,
)

PATH = "/v1/achievement-batches"
OTHER = "90000052"
RESULTS = "work/*/result/*"
REGISTER = b"Qualification Number,Qualification Title,Owner Organisation Recognition Number\n600/1234/5,Joinery,RN1\n"

_OF_A_VERSION = {("buckets", "catalogue", "ListBucket"): "the lists and versions that it reads are never deleted"}
UNUSED: dict[str, dict[tuple[str, str, str], str]] = dict.fromkeys(
    ("api", "apply_chunk", "count_timeliness", "portal", "report_levels", "split_batch", "watch_jobs"), _OF_A_VERSION
)
UNUSED["portal"] = _OF_A_VERSION | {
    ("buckets", "results", "ListBucket"): "the browser follows the links, and S3 answers for files that are gone"
}
"""Grants by function that no test can exercise, each with the reason."""

UNKNOWN = {
    "uln": "1000000027",
    "givenName": NEW_LEARNER["givenName"],
    "familyName": NEW_LEARNER["familyName"],
    "unitOrQualificationReferenceNumber": "99999999",
    "achievementAwardDate": "2026-01-05",
}


@pytest.fixture
def world() -> Samples:
    return samples(learners=300)


def test_every_function_does_what_it_is_granted_and_nothing_else(functions: Functions, world: Samples) -> None:
    _put(functions, "lists/prohibited-words.txt", b"wickedness\n")
    done = _put_files_through(functions, world)
    _hear_of_a_scan_first(functions, world)
    _look_at_a_job(functions, done)
    _change_achievements(functions, world, done)
    _lose_the_results(functions, done)
    _put_learner_files_through(functions, world)
    uln = _register_and_change_learners(functions)
    _decide_pending_matches(functions, uln)
    _forget_a_pace(functions)
    _use_personal_records(functions, world)
    _announce_maintenance(functions)
    _mute_alarms(functions)
    assert functions.call("count_timeliness", {}) == {"days": 0, "is_behind": False}
    functions.later("count_timeliness", timedelta(days=1))
    assert functions.call("count_timeliness", {})["days"] >= 1
    assert functions.request("GET", "/v1/timeliness").status == 200
    _call_without_a_token(functions)
    _use_the_portal(functions, world)
    _probe_a_closed_port(functions)
    _import_registers(functions)
    administration.give_up_messages(functions, done)
    with functions.actions.running("portal"):
        administration.use(functions)  # the portal shows what the import did
    functions.drain()  # the messages that were sent again, before others are made to fail
    _deliver_a_chunk_again(functions, world)
    _change_what_cannot_be_read(functions)
    _give_up(functions, world)
    _lose_what_ends_a_job(functions, world)
    _report_levels(functions)
    functions.drain()
    stack = functions.cloud.stack.functions
    assert {name: found for name in stack if (found := functions.actions.missing(stack[name]))} == {}
    assert {name: found for name in stack if (found := functions.actions.idle(stack[name]))} == {
        name: set(found) for name, found in UNUSED.items()
    }
    assert {name: reads.undeclared for name, reads in functions.reads.items() if reads.undeclared} == {}
    assert {name: reads.unused for name, reads in functions.reads.items() if reads.unused} == {}


def _report_levels(functions: Functions) -> None:
    """The first hour of a month is counted, then its last ones, and its report is sent."""
    month = Month(2030, 1)
    functions.set_clock("report_levels", lambda: month.start + timedelta(minutes=30))
    assert functions.call("report_levels", {}) == {"hours": 1, "is_behind": False, "sent": []}
    functions.services.levels.keep_counted_until(month.end)
    functions.set_clock("report_levels", lambda: month.end + timedelta(hours=5))
    assert functions.call("report_levels", {})["sent"] == ["2030-01"]
    assert any("January 2030" in mail.subject for mail in read_mail(functions.cloud.endpoint))
    store = functions.services.levels
    store.put_month(store.month(month)._replace(is_reported=False))  # as if the run had ended before it kept this
    assert functions.call("report_levels", {})["sent"] == ["2030-01"]
    functions.later("api", timedelta(0))
    assert functions.request("POST", "/v1/recoveries", {"reason": "Loss of a table"}, DESK).status == 201
    assert functions.request("POST", "/v1/recoveries/reinstatement", {}, DESK).status == 200
    for wanted in ("", "?month=2030-01"):
        assert functions.request("GET", f"/v1/service-levels{wanted}", None, DESK).status == 200
    with functions.actions.running("portal"):
        levels.use(functions, month)


def _put(functions: Functions, key: str, data: bytes) -> None:
    functions.cloud.client("s3").put_object(Bucket=functions.cloud.bucket("catalogue"), Key=key, Body=data)


def _put_files_through(functions: Functions, world: Samples) -> str:
    """Achievement files: dropped, uploaded, waiting for their turn, cancelled, refused; the job that was done first."""
    files = [mixed_file(30, number, world=world, ukprn=UKPRN) for number in range(1, 5)]
    names = [expected.file_name for _, expected in files]
    done, waiting, cancelled = (functions.drop(files[place][0], names[place]) for place in range(3))
    refused = functions.drop(b"no batch", "QCF_90000051_20260101_009.csv")
    uploaded = _upload(functions, files[3][0], names[3])
    functions.drain("intake")
    assert functions.request("POST", f"{PATH}/{cancelled}/cancellation").status in (200, 202)
    functions.drain()
    assert {_status(functions, job) for job in (done, waiting, uploaded)} == {JobStatus.SUCCESSFUL}
    assert (_status(functions, cancelled), _status(functions, refused)) == (JobStatus.CANCELLED, JobStatus.FAILED)
    assert any(done in mail.subject for mail in read_mail(functions.cloud.endpoint))
    page = functions.request("GET", f"{PATH}?limit=1").document
    assert functions.request("GET", page["links"]["next"]).status == 200
    return done


def _upload(functions: Functions, data: bytes, name: str) -> str:
    """The job of a file that was sent with an upload form."""
    begun = functions.request("POST", PATH, {"filename": name})
    assert begun.status == 202
    post_form(begun.document["upload"]["url"], begun.document["upload"]["fields"], name, data)
    return begun.document["jobId"]


def _hear_of_a_scan_first(functions: Functions, world: Samples) -> None:
    """The scan's event comes before S3's, which is lost: the object itself says when it was uploaded."""
    data, expected = mixed_file(30, 11, world=world, ukprn=OTHER)
    job = functions.drop(data, expected.file_name, OTHER)
    queue = functions.cloud.queue("intake")
    sqs = functions.cloud.client("sqs")
    while messages := sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"):
        (message,) = messages
        handle = {"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]}
        if "Records" not in message["Body"]:
            sqs.change_message_visibility(**handle, VisibilityTimeout=0)
            break
        sqs.delete_message(**handle)
    functions.drain()
    assert _status(functions, job) is JobStatus.SUCCESSFUL


def _look_at_a_job(functions: Functions, job_id: str) -> None:
    assert functions.request("GET", f"{PATH}/{job_id}").document["status"] == "Successful"
    for part in ("errors", "output", "records"):
        assert functions.request("GET", f"{PATH}/{job_id}/{part}").status == 200


def _change_achievements(functions: Functions, world: Samples, job_id: str) -> None:
    """One by one over the web, and by file; one of them so often that its history has a page."""
    assert functions.request("POST", "/v1/achievements", UNKNOWN).status == 422
    records = functions.request("GET", f"{PATH}/{job_id}/records?limit=200").document["records"]
    uln = next(one["uln"] for one in records if one["outcome"] == "CREATED")
    held = functions.request("GET", f"/v1/learners/{uln}/achievements").document["achievements"][0]
    names = {name: held[name] for name in ("givenName", "familyName")}
    day = held["achievementAwardDate"]
    for language in ("ENG", "CYM") * 3:  # more versions than the achievement's own item keeps
        made = functions.request(
            "PATCH", held["links"]["self"], names | {"actionDate": day, "languageForAssessment": language}
        )
    assert made.document["outcome"] == "UPDATED"
    assert functions.request("GET", held["links"]["history"]).document["versions"][-1]["revision"] > 5
    row = {
        "ULN": uln,
        "GivenName": held["givenName"],
        "FamilyName": held["familyName"],
        "UnitOrQualificationReferenceNumber": held["unitOrQualificationReferenceNumber"],
        "AchievementAwardDate": day,
        "ActionDate": day,
        "Grade": held["grade"],
        "LanguageForAssessment": "ENG",
        "ProviderUKPRN": held["providerUkprn"] or "",
    }
    data = csv_file([record(action="2", **row)], UKPRN, OrganisationRef=world.organisation(UKPRN).organisation_ref)
    changed = functions.drop(data, f"QCF_{UKPRN}_{day.replace('-', '')}_008.CSV")
    functions.drain()
    assert functions.services.jobs.get(changed).counts.updated == 1
    assert functions.request("GET", "/v1/achievements").status == 200


def _lose_the_results(functions: Functions, job_id: str) -> None:
    """The output of a job has expired."""
    key = functions.services.jobs.get(job_id).output_key
    functions.cloud.client("s3").delete_object(Bucket=functions.cloud.bucket("results"), Key=key)
    assert functions.request("GET", f"{PATH}/{job_id}/records").status == 404


def _put_learner_files_through(functions: Functions, world: Samples) -> None:
    """Learners are registered, found and changed; one is a possible match, which waits for a decision."""
    registered = _drop_learners(functions, world, 1)
    verified, expected = verification_file(20, 2, world=world)
    looked = functions.drop(verified, expected.file_name, PROVIDER, "verifications")
    functions.drain()
    assert _status(functions, registered) is _status(functions, looked) is JobStatus.SUCCESSFUL
    assert functions.services.jobs.get(registered).counts.possible == 1


def _send_learners_inline(functions: Functions) -> None:
    """A learner is checked in a batch without a file, and read, as is every address in between."""
    path = "/v1/learner-batches"
    begun = functions.request("POST", f"{path}/inline", {"learners": [NEW_LEARNER], "jobType": "CHK"}, PROVIDER)
    assert begun.status == 202
    functions.drain()
    job = functions.request("GET", begun.headers["Location"], None, PROVIDER).document
    (record,) = functions.request("GET", job["links"]["records"], None, PROVIDER).document["records"]
    assert record["returnCode"] == "RC002"
    assert functions.request("GET", f"/v1/learners/{record['uln']}", None, PROVIDER).status == 200
    assert functions.request("POST", "/v1/learners/retrieve", {"ulns": [record["uln"]]}, PROVIDER).status == 200
    assert functions.request("GET", f"/v1/organisations/{PROVIDER}", None, PROVIDER).status == 200


def _drop_learners(functions: Functions, world: Samples, seed: int) -> str:
    data, expected = learner_file(20, seed, world=world)
    # Swapped given and family names make a possible match, but not an exact one.
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


def _register_and_change_learners(functions: Functions) -> str:
    """A learner is registered, twice with one key, found, verified, moved and linked; the ULN."""
    key = {"Idempotency_Key": "0123456789abcdef"}
    made, again = (functions.request("POST", "/v1/learners", NEW_LEARNER, PROVIDER, **key) for _ in range(2))
    assert (made.status, made.document) == (again.status, again.document)
    wrong = NEW_LEARNER | {"familyName": "!"}
    assert functions.request("POST", "/v1/learners", wrong, PROVIDER, Idempotency_Key="f" * 16).status == 422
    _send_learners_inline(functions)
    uln = made.document["uln"]
    requested = {"uln": uln, "familyName": NEW_LEARNER["familyName"]}
    found = functions.request("POST", "/v1/learners/find-by-uln", requested, PROVIDER).document["learners"][0]
    assert found["versionNumber"] == 1
    names = {name: NEW_LEARNER[name] for name in ("givenName", "familyName")}
    moved = names | {"lastKnownPostCode": "CF10 1AA"}
    assert functions.request("PATCH", f"/v1/learners/{uln}", moved, PROVIDER, If_Match='"1"').status == 200
    assert functions.request("POST", "/v1/verifications", {"uln": uln} | names, PROVIDER).status == 200
    other = NEW_LEARNER | {
        "givenName": "Aurelia",
        "dateOfBirth": "1999-12-31",
        "gender": "2",
        "lastKnownPostCode": "B1 1AA",
    }
    details = ("GivenName", "FamilyName", "LastKnownPostCode", "DateOfBirth", "Gender", "VerificationType")
    person = {name: NEW_LEARNER[name[:1].lower() + name[1:]] for name in details}
    name = f"LRB_{PROVIDER}_010120260009.CSV"
    moved_back = functions.drop(
        learner_csv([learner_row(ULN=uln, **person)], FileName=name), name, PROVIDER, "learners"
    )
    functions.drain()
    assert functions.services.jobs.get(moved_back).counts.updated == 1
    linked = functions.request("POST", "/v1/learners", other, PROVIDER).document["uln"]
    assert functions.request("POST", f"/v1/learners/{linked}/link", {"masterUln": uln}, DESK).status == 200
    assert functions.request("POST", f"/v1/learners/{linked}/unlink", {}, DESK).status == 200
    return uln


def _decide_pending_matches(functions: Functions, uln: str) -> None:
    """Three possible matches for the learner with the ULN."""
    waiting = []
    for given_name in ("Zebulonn", "Zebulom", "Zebulan"):
        sent = NEW_LEARNER | {"givenName": given_name}
        answers = [functions.request("POST", "/v1/learners", sent, PROVIDER) for _ in range(2)]
        assert [answer.status for answer in answers] == [202, 202]
        waiting.append(answers[0].document["pendingId"])
    listed = functions.request("GET", "/v1/pending-matches?limit=2", None, PROVIDER).document
    assert functions.request("GET", listed["links"]["next"], None, PROVIDER).status == 200
    for pending, decision in zip(
        waiting, ({"decision": "useUln", "uln": uln}, {"decision": "registerNew"}, {"decision": "drop"}), strict=True
    ):
        path = f"/v1/pending-matches/{pending}"
        assert functions.request("GET", path, None, PROVIDER).status == 200
        assert functions.request("POST", f"{path}/decision", decision, PROVIDER).status in (200, 201)


def _use_personal_records(functions: Functions, world: Samples) -> None:
    """A feed is imported, a record looked at, a problem reported and sent to the service desk."""
    feed, _ = sample_feeds(world.learners, world.aims, [provider.ukprn for provider in world.providers], 40, seed=2)
    _put(functions, f"feeds/second-{feed.name}", feed.data)
    assert feed.taken in [file["new"] for file in functions.call("import_events", {})["files"]]
    assert functions.call("import_events", {"files": [f"feeds/second-{feed.name}"]})["files"][0]["new"] == 0
    row = next(csv.DictReader(feed.data.decode().splitlines()))
    home = f"/v1/learners/{row['ULN']}"
    names = {"givenName": row["GivenName"], "familyName": row["FamilyName"]}
    found = functions.request("POST", f"{home}/record", names, PROVIDER).document
    assert row["Subject"] in [event["subject"] for event in found["learningEvents"]]
    problem = {
        "challengeType": "ULN_OTHER",
        "contactName": "Sam",
        "telephone": "01632 960001",
        "additionalInformation": "Shared.",
    }
    raised = functions.request("POST", f"{home}/challenges", names | problem, PROVIDER)
    assert raised.status == 201
    assert functions.request("GET", f"{home}/challenges", None, PROVIDER).status == 200
    assert functions.request("GET", found["links"]["self"], None, PROVIDER).status == 200
    for availability in ("OPTED_OUT", "AVAILABLE"):
        change = names | {"availability": availability}
        assert functions.request("POST", f"{home}/availability", change, PROVIDER).status == 200
    assert functions.request("POST", f"{home}/access-log", names, PROVIDER).status == 200
    functions.drain()
    reference = raised.document["dataChallengeReference"]
    assert any(reference in mail.subject for mail in read_mail(functions.cloud.endpoint))


def _announce_maintenance(functions: Functions) -> None:
    """Maintenance on the next working day is agreed, announced to every organisation, changed and cancelled."""
    today, holidays = london_day(functions.services.clock()), functions.services.lists.bank_holidays
    days = (today + timedelta(days=count) for count in range(1, 15))
    day = next(day for day in days if is_working_day(day, holidays))
    window = {"environment": "live", "kind": "agreed", "reason": "Release", "agreedWith": "Data Advisory Group"}
    times = {"start": f"{day}T12:00:00Z", "end": f"{day}T13:00:00Z"}
    functions.services.accounts.save(provider("90000098", batch_email=""))  # its super users are looked for
    entered = functions.request("POST", "/v1/maintenance-windows", window | times, DESK)
    assert entered.status == 201
    functions.drain()
    assert sum("maintenance" in mail.subject for mail in read_mail(functions.cloud.endpoint)) > 1
    cancellation = f"{entered.headers['Location']}/cancellation"
    assert functions.request("POST", cancellation, None, DESK, If_Match='"1"').status == 200


def _mute_alarms(functions: Functions) -> None:
    """The schedule is read; there are no alarms here, and no emulator that could mute some."""
    made = functions.made["mute_alarms"]
    nothing = SimpleNamespace(notifying=list, mute_rules=list, unmute=len)
    vars(made)["alarm_mutes"] = AlarmMutes(made.schedules, nothing, made.clock, made.environment)
    assert functions.call("mute_alarms", {}) == {"made": 0, "deleted": 0}


def _call_without_a_token(functions: Functions) -> None:
    """It is refused, counted, and recorded once its minute is over."""
    assert functions.request("GET", PATH, Authorization="Bearer nonsense").status == 401
    functions.later("record_refusals", timedelta(minutes=5))
    assert functions.call("record_refusals", {})["recorded"] >= 1


def _use_the_portal(functions: Functions, world: Samples) -> None:
    """Somebody signs in for the first time, changes an own detail, signs out, and forgets the password; others use the
    pages of each family.
    """
    person = {"given_name": "Jo", "family_name": "Bloggs", "email_address": "jo@desk.example.org", "verification": "x"}
    who = caller(DESK, "ann", ())
    account, first = functions.services.users.create(who, Order(person, frozenset({Role.SERVICE_DESK})))
    browser = Browser(app.portal)
    with functions.actions.running("portal"):
        browser.fill_in("/sign-in", user_name=account.user_name, password=first)
        browser.submit("/sign-in/new-password", password=first, new_password=NEW, new_password_again=NEW)
        browser.fill_in("/sign-in/user-agreement", choice="accept")
        browser.fill_in("/sign-in/secret-question", question="PET", answer="Rex", answer_again="Rex")
        changed = browser.fill_in("/account/contact-details", email_address=person["email_address"], landline="01632 1")
        assert "Your contact details were changed." in changed.body
        assert browser.open("/contact").status == 200
        records.use(browser, world.learners[0])
        desk.use(browser)
        assert browser.submit("/sign-out").location == "/signed-out"
        browser.fill_in("/forgotten-password", user_name=account.user_name)
        answer = {"user_name": account.user_name, "question": "PET", "answer": "rex"}
        assert browser.submit("/forgotten-password/answer", **answer).location == "/forgotten-password/sent"
        learners.use(functions)
    assert any("new password" in mail.subject for mail in read_mail(functions.cloud.endpoint))
    users.use(functions)
    batches.use(functions)
    achievements.use(functions)
    kept_forms.use(functions)


def _probe_a_closed_port(functions: Functions) -> None:
    """The probe reads its certificate and calls; nobody is there."""
    assert functions.call("probe_service", {})["succeeded"] is False


def _import_registers(functions: Functions) -> None:
    """Files that have arrived are refused, because too much would be removed; accepted, they are imported.

    A wrong name is reported.
    """
    _put(functions, "registers/Qualifications.csv", REGISTER)
    assert functions.call("import_register", {"files": ["registers/Qualifications.csv"]})["outcome"] == "refused"
    assert functions.call("import_register", {})["outcome"] == "refused"
    reports = functions.services.files.objects("catalogue", "imports/", datetime(2000, 1, 1, tzinfo=UTC))
    assert functions.call("import_register", {"accept": max(one.key for one in reports)})["outcome"] == "published"
    for name, place in (("import_register", "registers"), ("import_events", "feeds")):
        with pytest.raises(Failed, match="Missing"):
            functions.call(name, {"files": [f"{place}/nothing.csv"]})


def _forget_a_pace(functions: Functions) -> None:
    """A container's record of a caller's calls has been deleted from the table."""
    moment = functions.services.clock()
    functions.set_clock("api", lambda: moment)
    assert functions.request("GET", PATH).status == 200
    table, client = functions.cloud.table("sessions"), functions.cloud.client("dynamodb")
    for item in functions.items("sessions"):
        client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    assert functions.request("GET", PATH).status == 200
    functions.later("api", timedelta(0))


def _deliver_a_chunk_again(functions: Functions, world: Samples) -> None:
    """A delivery fails after writing: the next one checks what is stored, and leaves the end of its job to finish."""
    data, expected = mixed_file(30, 7, world=world, ukprn=UKPRN)
    jobs = [_upload(functions, data, expected.file_name), _drop_learners(functions, world, 4)]
    functions.drain("intake")
    functions.fail_once("chunks", RESULTS, messages=2)
    functions.later("apply_chunk", timedelta(minutes=3))
    functions.drain()
    assert {_status(functions, job_id) for job_id in jobs} == {JobStatus.SUCCESSFUL}


def _change_what_cannot_be_read(functions: Functions) -> None:
    """The register's stream brings something that is no achievement, although its key says so."""
    item = {"pk": {"S": "ULN#1000000027"}, "sk": {"S": "ACH#60012341#2026-02-20"}}
    functions.cloud.client("dynamodb").put_item(TableName=functions.cloud.table("register"), Item=item)
    functions.drain()


def _give_up(functions: Functions, world: Samples) -> None:
    begun = _drop_learners(functions, world, 3)
    data, expected = mixed_file(30, 8, world=world, ukprn=OTHER)
    written = functions.drop(data, expected.file_name, OTHER)
    functions.drain("intake")
    functions.fail_once("chunks", RESULTS, messages=2)
    data, expected = mixed_file(30, 5, world=world, ukprn=UKPRN)
    late = functions.drop(data, expected.file_name)
    functions.drain("intake")
    unsplit = _job_without_an_event(functions)
    data, expected = mixed_file(30, 6, world=world, ukprn=UKPRN)
    functions.drop(data, expected.file_name)
    functions.later("watch_jobs", timedelta(minutes=20))
    assert functions.call("watch_jobs", {})["found_files"] == 1
    _lose_the_chunks(functions, late)
    functions.drain("intake")
    functions.later("watch_jobs", timedelta(hours=37))
    watched = functions.call("watch_jobs", {})
    assert not watched["troubles"]
    assert watched["given_up"] == 5
    functions.drain()
    assert _status(functions, late) is _status(functions, unsplit) is JobStatus.FAILED
    assert functions.services.jobs.get(late).counts.not_processed == 30
    assert _status(functions, begun) is _status(functions, written) is JobStatus.FAILED
    assert functions.services.jobs.get(begun).counts.created > 0, "what the failed delivery wrote is answered as it was"


def _lose_what_ends_a_job(functions: Functions, world: Samples) -> None:
    """The results of a chunk that was delivered twice, then a file itself, are gone when the job is to end."""
    data, expected = mixed_file(30, 9, world=world, ukprn=OTHER)
    job = functions.drop(data, expected.file_name, OTHER)
    functions.drain("intake")
    functions.fail_once("chunks", RESULTS)
    functions.later("apply_chunk", timedelta(minutes=6))
    functions.drain("chunks")
    _remove(functions, "work", f"work/{job}/result/")
    functions.drain()
    assert _status(functions, job) is JobStatus.SUCCESSFUL
    data, expected = mixed_file(30, 10, world=world, ukprn=OTHER)
    functions.drop(data, expected.file_name, OTHER)
    functions.drain("intake")
    _remove(functions, "inbox", f"drop/{OTHER}/achievements/{expected.file_name}")
    functions.drain("chunks")
    functions.drain("finish")


def _remove(functions: Functions, bucket: str, prefix: str) -> None:
    client, name = functions.cloud.client("s3"), functions.cloud.bucket(bucket)
    for one in client.list_object_versions(Bucket=name, Prefix=prefix)["Versions"]:
        client.delete_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])


def _lose_the_chunks(functions: Functions, job_id: str) -> None:
    bucket = functions.cloud.bucket("work")
    client = functions.cloud.client("s3")
    for found in client.list_objects_v2(Bucket=bucket, Prefix=f"work/{job_id}/chunk/")["Contents"]:
        client.delete_object(Bucket=bucket, Key=found["Key"])


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
