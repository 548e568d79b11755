"""Batches in the portal: sending and checking files, the list of jobs, the page of a job (ACH-06, ACH-07, VAL-02)."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS, Job, JobStatus, Source
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS as TO_VERIFY
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.messages import Delivered
from chalicelib.services.batches.submit import LOOKED_AT, MOST_LOOKED_AT
from chalicelib.web.portal import table
from chalicelib.web.portal.batch_kinds import SURFACES
from chalicelib.web.portal.batch_upload_pages import UPLOAD_BYTES
from tests.builders import learner_files
from tests.builders.accounts import account
from tests.builders.achievements import csv_file, learner, record, world_with
from tests.builders.jobs import FILENAME, Pipeline
from tests.builders.organisations import OURS, THEIRS, organisation, provider
from tests.builders.portal import BOUNDARY, HOST, NAME, RIGHT, Browser, browser_of, hold, multipart, signed_in
from tests.fakes.calls import no_hook
from tests.fakes.world import FakeWorld

HOSTILE = "<script>alert(1)</script>"
NEW, LIST = "/achievement-batches/new", "/achievement-batches"
GOOD = csv_file([record(0), record(1)], FileName=FILENAME)
NO_ULN = GOOD.replace(b",ULN,", b",Number,")
ONE_BAD = csv_file([record(0), record(1, Gender="7", FamilyName=HOSTILE)], FileName=FILENAME)


@pytest.fixture
def world() -> FakeWorld:
    made = world_with(learner(0), learner(1))
    made.accounts.put(organisation(THEIRS))
    hold(made, account(ukprn=OURS, roles=frozenset({Role.QCF_RECORD_SET_USER})))
    return made


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


@pytest.fixture
def steps(world: FakeWorld) -> Pipeline:
    return Pipeline(world, chunk_records=1)


def somebody(world: FakeWorld, ukprn: str, *roles: Role, name: str = "bob") -> Browser:
    """Somebody else who is signed in."""
    hold(world, account(name, ukprn, roles=frozenset(roles)))
    found = browser_of(world)
    found.fill_in("/sign-in", user_name=f"{name}0417", password=RIGHT)
    found.submit("/sign-in/user-agreement", choice="accept")
    return found


def send(browser: Browser, data: bytes, name: str = FILENAME, path: str = NEW, **fields: str) -> str:
    """Send a file with its form; where that leads to."""
    browser.open(path)
    return browser.upload(path, (name, data), **fields).location


def sent(browser: Browser, steps: Pipeline, data: bytes, **fields: str) -> Job:
    """Send a file, and process it to its end."""
    return steps.arrive(send(browser, data, **fields).rsplit("/", 1)[-1])


# --- Sending ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-06")
def test_a_file_becomes_a_job_of_its_sender(browser: Browser, steps: Pipeline) -> None:
    job = sent(browser, steps, GOOD)
    assert (job.channel, job.user, job.filename, job.counts.created) == ("portal", NAME, FILENAME, 2)
    page = browser.open(f"{LIST}/{job.job_id}")
    assert page.title == FILENAME
    assert "We have received your file." in page.body


@pytest.mark.req("ULN-06", "VLD-03")
def test_providers_send_files_of_learners_and_of_verifications(world: FakeWorld, steps: Pipeline) -> None:
    ukprn = learner_files.PROVIDER
    world.accounts.put(provider(ukprn))
    theirs = somebody(world, ukprn, Role.LRB_BATCH_USER)
    learners = learner_files.csv_file([learner_files.row()])
    job = sent(theirs, steps, learners, name=learner_files.LRB, path="/learner-batches/new", job_type="CHK")
    assert (job.kind, job.job_type) == (LEARNERS, "CHK")
    verify = learner_files.csv_file([learner_files.row(TO_VERIFY)], TO_VERIFY)
    job = sent(theirs, steps, verify, name=learner_files.VLD, path="/verification-batches/new")
    assert job.kind == VERIFICATIONS


@pytest.mark.req("ACH-06")
def test_a_double_click_makes_one_job(browser: Browser, world: FakeWorld) -> None:
    token = browser.open(NEW).token
    places = {browser.upload(NEW, (FILENAME, GOOD), token=token).location for _ in range(2)}
    assert len(places) == len(world.jobs.held) == 1


@pytest.mark.req("ACH-06")
def test_a_file_sent_before_is_told_and_only_processed_again_if_so_confirmed(
    browser: Browser, world: FakeWorld, steps: Pipeline
) -> None:
    first = sent(browser, steps, GOOD)
    browser.open(NEW)
    seen = browser.upload(NEW, (FILENAME, GOOD))
    assert seen.status == 409
    assert "You uploaded this file on " in seen.body
    assert f'href="{LIST}/{first.job_id}"' in seen.body
    assert len(world.jobs.held) == 1
    again = browser.upload(NEW, (FILENAME, GOOD), again="yes")
    second = steps.arrive(again.location.rsplit("/", 1)[-1])
    assert (second.same_as, second.counts.unchanged) == (first.job_id, 2)
    assert "You have uploaded this file before." in browser.open(again.location).body


def interrupted(world: FakeWorld, browser: Browser, before: str) -> None:
    """Send the file in vain: the service fails before that call."""

    def fail(name: str) -> None:
        if name == before:
            raise TemporaryFailure

    world.hook = fail
    assert not send(browser, GOOD)
    world.hook = no_hook


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize("before", ["jobs.create", "files.write_if_absent"])
def test_a_file_whose_upload_was_interrupted_is_taken_when_it_is_sent_again(
    before: str, browser: Browser, world: FakeWorld, steps: Pipeline
) -> None:
    interrupted(world, browser, before)
    assert not any(bucket == "inbox" for bucket, _ in world.files.held)
    job = sent(browser, steps, GOOD)
    assert (len(world.jobs.held), job.counts.created) == (1, 2)
    browser.open(NEW)
    assert browser.upload(NEW, (FILENAME, GOOD)).status == 409


@pytest.mark.req("ACH-06")
def test_a_job_whose_file_never_came_says_so_and_stops_nobody(
    browser: Browser, world: FakeWorld, steps: Pipeline
) -> None:
    interrupted(world, browser, "files.write_if_absent")
    (job_id,) = world.jobs.held
    page = f"{LIST}/{job_id}"
    assert "We are waiting for the file" in browser.open(page).text
    browser.open(NEW)
    assert "with other details." in browser.upload(NEW, (FILENAME, GOOD), encoding="windows-1252").text
    world.clock.advance(timedelta(hours=2))
    steps.watch.run()
    browser = signed_in(world)
    seen = browser.open(page).text
    assert "The file did not arrive, so we ended the job." in seen
    assert "Somebody cancelled" not in seen
    assert sent(browser, steps, GOOD).counts.created == 2


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        (FILENAME, b"", "The selected file is empty"),
        ("results.xlsx", b"PK\x03\x04", "The selected file must be a CSV or XML"),
        (FILENAME, b"PK\x03\x04" + bytes(40), "The selected file must be a CSV or XML"),
        (FILENAME, NO_ULN, "The selected file is missing the column ‘ULN’"),
        (FILENAME, GOOD.replace(b",Grade,", b",ULN,"), "The selected file has more than one column called ‘ULN’"),
        (f"{HOSTILE}.csv", GOOD, "The file name"),
    ],
    ids=["empty", "by name", "by content", "missing column", "repeated column", "name"],
)
@pytest.mark.parametrize("path", [NEW, "/achievement-batches/check"])
def test_the_wrong_file_is_refused_in_plain_words(
    name: str, data: bytes, error: str, path: str, browser: Browser, world: FakeWorld
) -> None:
    browser.open(NEW)
    seen = browser.upload(path, (name, data))
    assert seen.status == 400
    assert any(line.startswith(error) for line in seen.errors), seen.errors
    assert HOSTILE not in seen.body
    assert world.jobs.held == {}


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize(("files", "error"), [(0, "Select a batch file"), (2, "More than one file was chosen.")])
def test_no_file_and_two_files_are_refused(files: int, error: str, browser: Browser) -> None:
    browser.open(NEW)
    seen = browser.upload(NEW, *[(FILENAME, GOOD)] * files)
    assert seen.status == 400
    assert seen.errors[0].startswith(error)
    assert 'href="#file"' in seen.body


@pytest.mark.req("ACH-06")
def test_too_many_records_and_too_many_bytes_are_refused(world: FakeWorld, browser: Browser) -> None:
    browser.open(NEW)
    assert browser.upload(NEW, (FILENAME, bytes(UPLOAD_BYTES + 70_000))).status == 413
    ukprn = learner_files.PROVIDER
    world.accounts.put(provider(ukprn))
    theirs = somebody(world, ukprn, Role.LRB_BATCH_USER)
    path = "/learner-batches/new"
    theirs.open(path)
    many = learner_files.csv_file([learner_files.row()] * 201)
    seen = theirs.upload(path, (learner_files.LRB, many))
    assert seen.errors == ["The selected file has 201 records – the most is 200"]
    assert theirs.upload(path, (learner_files.LRB, bytes(2_000_001))).errors == [
        "The selected file must be smaller than 2MB"
    ]


@pytest.mark.req("ACH-06")
def test_bytes_that_are_not_utf_8_arrive_as_they_are(browser: Browser, steps: Pipeline, world: FakeWorld) -> None:
    data = csv_file([record(0, MISIdentifier="Zoë")]).decode().encode("cp1252")
    job = sent(browser, steps, data, encoding="windows-1252")
    assert job.encoding == "windows-1252"
    assert job.source is not None
    assert world.files.data("inbox", job.source.key) == data


@pytest.mark.req("VAL-02")
def test_a_check_tells_errors_before_notices_and_counts_records_not_reasons(browser: Browser) -> None:
    late = {"AchievementAwardDate": "2020-02-20"}
    rows = [record(0, **late), record(1, Gender="7", ProviderUKPRN="1", **late), record(2, **late), record(3)]
    browser.open(NEW)
    body = browser.upload("/achievement-batches/check", (FILENAME, csv_file(rows, FileName=FILENAME))).body
    assert "1 record has errors and would be refused." in body
    assert "2 records have notices, which do not stop them." in body
    assert body.index('id="errors-rules"') < body.index('id="errors"') < body.index('id="notices-rules"')
    errors, notices = body.split('id="notices-rules"')
    assert errors.count(">\n  Error\n") == 2
    assert "ACW" not in errors
    assert "ACF" not in notices


@pytest.mark.req("VAL-02")
def test_a_check_tells_notices_about_the_whole_file(browser: Browser) -> None:
    browser.open(NEW)
    seen = browser.upload("/achievement-batches/check", (FILENAME, csv_file([record(0)], FileName="other.csv")))
    assert seen.title == "No errors found, but notices"
    assert "ACW004" in seen.body.split('id="file-notices"')[1]
    assert 'id="notices"' not in seen.body


@pytest.mark.req("VAL-02", "ULN-06")
def test_a_check_judges_learners_by_the_job_type_that_is_chosen(world: FakeWorld) -> None:
    world.accounts.put(provider(learner_files.PROVIDER))
    theirs = somebody(world, learner_files.PROVIDER, Role.LRB_BATCH_USER)
    path, to_register = "/learner-batches/check", {"VerificationType": "", "PrivacyNoticeSeen": ""}
    file = (learner_files.LRB, learner_files.csv_file([learner_files.row(**to_register)]))
    titles = []
    for chosen in ("CHK", "FUL"):
        theirs.open("/learner-batches/new")
        titles.append(theirs.upload(path, file, job_type=chosen).title)
    assert titles == ["No errors found", "Your file has errors"]
    theirs.open("/learner-batches/new")
    states_other = (learner_files.LRB, learner_files.csv_file([learner_files.row()], JobType="CHK"))
    seen = theirs.upload(path, states_other, job_type="FUL")
    assert seen.status == 400
    assert any("Job type" in error or "JobType" in error for error in seen.errors), seen.errors


@pytest.mark.req("ULN-06")
def test_a_job_type_that_a_file_states_wrongly_is_told_once_at_the_file(world: FakeWorld) -> None:
    world.accounts.put(provider(learner_files.PROVIDER))
    theirs = somebody(world, learner_files.PROVIDER, Role.LRB_BATCH_USER)
    theirs.open("/learner-batches/new")
    wrong = (learner_files.LRB, learner_files.csv_file([learner_files.row()], JobType="XXX"))
    seen = theirs.upload("/learner-batches/new", wrong, job_type="FUL")
    assert len(seen.errors) == 1
    assert 'id="file-error"' in seen.body
    assert 'id="job_type-error"' not in seen.body


@pytest.mark.req("VAL-02")
def test_check_only_tells_every_error_and_keeps_nothing(browser: Browser, world: FakeWorld) -> None:
    before = dict(world.files.held)
    browser.open(NEW)
    seen = browser.upload("/achievement-batches/check", (FILENAME, ONE_BAD))
    assert (seen.status, seen.title) == (200, "Your file has errors")
    assert "1 record has errors and would be refused." in seen.body
    assert "To upload it, choose it again." in seen.body
    assert "Gender" in seen.body
    assert "ACF005" in seen.body
    assert HOSTILE not in seen.body
    assert (world.jobs.held, world.jobs.contents, world.files.held) == ({}, {}, before)
    browser.open(NEW)
    assert browser.upload("/achievement-batches/check", (FILENAME, GOOD)).title == "No errors found"


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n\r\n--x--\r\n",
        multipart([(FILENAME, GOOD)], {}).replace(b"form-data;", b"attachment;"),
        multipart([(FILENAME, GOOD)], {})[:-4],
        multipart([("\r\n".join(["a"] * 3_000), GOOD)], {}),
    ],
)
def test_what_no_browser_sends_cannot_be_read(body: bytes, browser: Browser) -> None:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    assert browser.send("POST", NEW, body, kind).status == 400


# --- Large files -----------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-06")
def test_a_large_file_goes_to_the_bucket_by_a_form_of_the_page(
    browser: Browser, world: FakeWorld, steps: Pipeline
) -> None:
    start = f"{table.LARGE}/start"
    token = browser.open(NEW).token
    places = {browser.submit(start, token=token, encoding="utf-8").location for _ in range(2)}
    (place,) = places
    assert len(world.jobs.held) == 1
    seen = browser.open(place)
    assert "form-action 'self' https://uploads.test;" in seen.headers["Content-Security-Policy"]
    assert "uploads.test" not in browser.open(NEW).headers["Content-Security-Policy"]
    job_id = place.rsplit("/", 1)[-1]
    key, back = (re.search(rf'name="{name}" value="([^"]*)"', seen.body) for name in ("key", "success_action_redirect"))
    assert key
    assert back
    world.files.put("inbox", key[1].replace("${filename}", "Ergebnis März.csv"), GOOD)
    assert (
        browser.get(f"{back[1].removeprefix(f'https://{HOST}')}?bucket=b&key=k&etag=e").location == f"{LIST}/{job_id}"
    )
    job = steps.arrive(job_id)
    assert (job.filename, job.counts.created) == ("Ergebnis März.csv", 2)
    assert browser.get(place).location == f"{LIST}/{job_id}"


@pytest.mark.req("IDM-07")
def test_the_form_for_a_large_file_is_for_the_organisation_that_began_it(world: FakeWorld, browser: Browser) -> None:
    browser.open(NEW)
    place = browser.submit(f"{table.LARGE}/start", encoding="").location
    assert somebody(world, THEIRS, Role.QCF_RECORD_SET_USER).get(place).status == 404
    browser.open(f"{LIST}/{place.rsplit('/', 1)[-1]}/cancel")
    browser.submit(f"{LIST}/{place.rsplit('/', 1)[-1]}/cancel")
    assert browser.get(place).status == 303


# --- The list --------------------------------------------------------------------------------------------------------


def hold_jobs(world: FakeWorld, names: Sequence[str], first: int = 0) -> None:
    for number, name in enumerate(names, first):
        job = Job(f"J{number:03d}", ACHIEVEMENTS, OURS, NAME, "a@b", "portal", name, world.clock())
        world.jobs.create(job)


@pytest.mark.req("ACH-07")
def test_the_list_has_25_jobs_a_page_newest_first(browser: Browser, world: FakeWorld) -> None:
    hold_jobs(world, [f"file-{number:02d}.csv" for number in range(30)])
    first = browser.open(LIST)
    assert first.body.count('scope="row"') == 25
    following = first.body.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = browser.open(following.replace("&amp;", "&"))
    assert second.body.count('scope="row"') == 5
    assert "Newest jobs" in second.body


@pytest.mark.req("ACH-07")
def test_the_oldest_jobs_come_first_if_one_likes_on_pages_and_in_the_file(browser: Browser, world: FakeWorld) -> None:
    for number in range(30):
        hold_jobs(world, [f"file-{number:02d}.csv"], first=number)
        world.clock.advance(timedelta(seconds=1))
    first = browser.fill_in(LIST, order="oldest")
    assert "The oldest jobs are first." in first.text
    assert re.findall(r"file-\d\d", first.text) == [f"file-{number:02d}" for number in range(25)]
    following = first.body.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    world.calls.clear()
    second = browser.open(following.replace("&amp;", "&"))
    assert re.findall(r"file-\d\d", second.text) == [f"file-{number:02d}" for number in range(25, 30)]
    assert world.calls.count("jobs.of_organisation") == 1
    assert re.findall(r"file-\d\d", browser.open(f"{LIST}/export").body)[0] == "file-00"
    assert re.findall(r"file-\d\d", browser.fill_in(LIST, order="oldest", name="9.csv").text) == [
        "file-09", "file-19", "file-29",
    ]  # fmt: skip
    assert "No job fits" in browser.fill_in(LIST, order="oldest", name="none").text
    assert re.findall(r"file-\d\d", browser.fill_in(LIST, order="").text)[0] == "file-29"


@pytest.mark.req("ACH-07")
def test_filters_are_kept_in_the_session_and_never_in_the_address(browser: Browser, world: FakeWorld) -> None:
    hold_jobs(world, ["Bloggs.csv", "other.csv", f"{HOSTILE}.csv"])
    seen = browser.fill_in(LIST, name="bloggs", status="Waiting")
    assert "Bloggs.csv" in seen.body
    assert "other.csv" not in seen.body
    assert 'value="bloggs"' in seen.body
    assert "No job fits" in browser.fill_in(LIST, name="", status="Failed").body
    cleared = browser.fill_in(LIST, name="x", action="clear")
    assert "other.csv" in cleared.body
    assert HOSTILE not in cleared.body


@pytest.mark.req("ACH-07")
def test_the_list_is_downloaded_without_formulas(browser: Browser, world: FakeWorld) -> None:
    hold_jobs(world, ["=1+1.csv"])
    seen = browser.open(f"{LIST}/export")
    (row,) = csv.DictReader(StringIO(seen.body.lstrip("\ufeff")))
    assert (row["FileName"], row["Status"]) == ("'=1+1.csv", "Waiting")
    assert seen.headers["Cache-Control"] == "no-store"


@pytest.mark.req("ACH-07")
def test_the_file_of_a_list_looks_at_as_many_jobs_as_a_page_and_the_page_says_so(
    browser: Browser, world: FakeWorld
) -> None:
    hold_jobs(world, [f"file-{number}.csv" for number in range(MOST_LOOKED_AT + 1)])
    assert "made from the 500 newest jobs" in browser.open(LIST).text
    browser.fill_in(LIST, name="none")
    world.calls.clear()
    assert browser.open(f"{LIST}/export").status == 200
    assert world.calls.count("jobs.of_organisation") == MOST_LOOKED_AT // LOOKED_AT


@pytest.mark.req("ACH-07")
def test_the_welcome_page_lists_the_jobs_that_one_sent_oneself(browser: Browser, world: FakeWorld) -> None:
    assert "My jobs" not in browser.open("/").body
    hold_jobs(world, ["mine.csv"])
    theirs = Job("J999", ACHIEVEMENTS, OURS, "bob0417", "a@b", "portal", "theirs.csv", world.clock())
    world.jobs.create(theirs)
    seen = browser.open("/")
    assert "My jobs" in seen.body
    assert f'href="{LIST}/J000"' in seen.body
    assert "theirs.csv" not in seen.body


# --- A job -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-07")
def test_a_running_job_says_how_far_it_is_and_by_when_it_is_done(browser: Browser, steps: Pipeline) -> None:
    path = send(browser, GOOD)
    job_id = path.rsplit("/", 1)[-1]
    steps.take(GOOD)  # another, of the bucket, which does not matter here
    assert "Done by " in browser.open(path).body
    assert "Refresh to check for an update" in browser.seen.body
    job = steps.arrive(job_id)
    ended = browser.open(path).body
    assert "Refresh to check" not in ended
    assert f"{path}/output" in ended
    assert job.output_bytes > 0
    assert "(CSV, 1KB)" in ended


@pytest.mark.req("ACH-07")
def test_results_are_downloaded_by_short_lived_links_and_recorded(
    browser: Browser, steps: Pipeline, world: FakeWorld
) -> None:
    job = sent(browser, steps, ONE_BAD)
    path = f"{LIST}/{job.job_id}"
    for part in ("output", "error-file"):
        assert browser.get(f"{path}/{part}").location.startswith("https://downloads.test/results/")
        assert list(world.audit.held.values())[-1].action == "job-file-fetched"
    assert "Refused" in browser.open(path).body


@pytest.mark.req("ACH-06")
def test_a_refused_file_says_why(browser: Browser, steps: Pipeline) -> None:
    job = steps.process(NO_ULN)
    seen = browser.open(f"{LIST}/{job.job_id}")
    assert "The selected file is missing the column ‘ULN’" in seen.body
    assert "Add ULN. The template shows where it goes." in seen.body


@pytest.mark.req("ACH-06")
def test_a_job_is_cancelled_after_a_question_and_once(browser: Browser, steps: Pipeline) -> None:
    path = send(browser, GOOD)
    asked = browser.open(f"{path}/cancel")
    assert asked.title == "Are you sure you want to cancel this job?"
    token = asked.token
    assert browser.submit(f"{path}/cancel").location == path
    assert "The job was cancelled." in browser.open(path).body
    assert browser.submit(f"{path}/cancel", token=token).location == path
    job = sent(browser, steps, csv_file([record(1)]))
    late = f"{LIST}/{job.job_id}/cancel"
    assert browser.get(late).status == 303
    assert browser.submit(late, token=token).status == 303
    assert "had ended" in browser.open(f"{LIST}/{job.job_id}").body


@pytest.mark.req("SEC-01")
def test_who_cancelled_a_job_is_recorded_before_and_shown(browser: Browser, world: FakeWorld) -> None:
    path = send(browser, GOOD)
    job_id = path.rsplit("/", 1)[-1]
    bob = somebody(world, OURS, Role.QCF_RECORD_SET_USER)
    bob.open(f"{path}/cancel")

    def fail(name: str) -> None:
        if name == "jobs.save":
            raise TemporaryFailure

    world.hook = fail
    assert bob.submit(f"{path}/cancel").status == 503
    world.hook = no_hook
    (entry,) = (one for one in world.audit.held.values() if one.subject == f"JOB#{job_id}")
    assert (entry.action, entry.user, world.jobs.held[job_id].cancelled_at) == ("job-cancelled", "bob0417", None)
    assert "by bob0417" in bob.fill_in(f"{path}/cancel").text


@pytest.mark.req("ACH-06")
def test_an_unchanged_file_is_processed_again_after_a_cancellation_or_a_fault_of_ours(
    browser: Browser, world: FakeWorld, steps: Pipeline
) -> None:
    path = send(browser, GOOD)
    assert browser.get(f"{path}/resubmit").status == 303
    (key,) = [key for bucket, key in world.files.held if bucket == "inbox"]
    steps.split.run(Delivered(Source("inbox", key, world.files.held["inbox", key][-1].version), world.clock()))
    browser.fill_in(f"{path}/cancel")
    steps.settle()
    assert "Process the same file again" in browser.open(path).body
    asked = browser.open(f"{path}/resubmit")
    assert "The job was cancelled" in asked.body
    places = {browser.submit(f"{path}/resubmit", token=asked.token).location for _ in range(2)}
    (place,) = places
    again = steps.arrive(place.rsplit("/", 1)[-1])
    assert (again.records, again.counts.created, again.filename) == (2, 2, FILENAME)
    assert "Process the same file again" not in browser.open(place).body
    failed = replace(steps.job(again.job_id), job_id="UFAILED", status=JobStatus.FAILED)
    world.jobs.held["UFAILED"] = failed
    assert "a fault on our side" in browser.open(f"{LIST}/UFAILED/resubmit").body


@pytest.mark.req("ACH-06")
def test_a_file_that_has_gone_or_has_something_against_it_is_not_processed_again(
    browser: Browser, world: FakeWorld, steps: Pipeline
) -> None:
    refused = f"{LIST}/{steps.process(NO_ULN).job_id}"
    assert browser.get(f"{refused}/resubmit").location == refused
    assert "Only a file that we failed to process" in browser.open(refused).body
    done = steps.process(GOOD, "b.csv")
    lost = replace(done, job_id="ULOST", status=JobStatus.FAILED)
    world.jobs.held["ULOST"] = lost
    asked = browser.open(f"{LIST}/ULOST/resubmit")
    assert done.source
    del world.files.held["inbox", done.source.key]
    before = len(world.jobs.held)
    gone = browser.submit(f"{LIST}/ULOST/resubmit", token=asked.token)
    assert (gone.status, gone.title) == (410, "We no longer have this file")
    assert len(world.jobs.held) == before


@pytest.mark.req("IDM-07")
def test_jobs_of_others_do_not_exist_and_other_roles_may_not_see_them(
    world: FakeWorld, browser: Browser, steps: Pipeline
) -> None:
    job = sent(browser, steps, GOOD)
    theirs = somebody(world, THEIRS, Role.QCF_RECORD_SET_USER)
    paths = [f"{LIST}/{job.job_id}{part}" for part in ("", "/cancel", "/output", "/error-file", "/resubmit")]
    assert {theirs.get(path).status for path in paths} == {404}
    assert theirs.submit(f"{paths[0]}/cancel", token=theirs.open(NEW).token).status == 404
    for role in (Role.SUPER_USER, Role.QCF_USER):
        other = somebody(world, OURS, role, name="eve")
        tried = [*paths, NEW, LIST, f"{LIST}/export"]
        assert {other.get(path).status for path in tried} == {403}


@pytest.mark.req("IDM-07")
def test_the_menu_has_the_options_of_the_guide(world: FakeWorld, browser: Browser) -> None:
    home = browser.open(NEW).body
    assert "Achievement Management" in home
    assert "Submit Achievement Batch" in home
    assert "Learner Verification" not in home
    other = somebody(world, OURS, Role.AWARDING_BODY_BATCH_USER, name="eve").open("/verification-batches")
    assert "Learner Verification" in other.body
    assert "View Batch Job" in other.body
    assert {one.path for one in SURFACES} == {"/learner-batches", "/verification-batches", "/achievement-batches"}
