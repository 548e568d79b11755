"""What failed in a job, corrected in place and sent again (ACH-07, ULN-07, VLD-03)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import Corrected, Job
from chalicelib.formats.batch.learner_layouts import LEARNERS as TO_REGISTER
from chalicelib.formats.batch.learner_layouts import LEARNERS_2A
from chalicelib.ports.errors import TemporaryFailure
from tests.builders import learner_files
from tests.builders.accounts import account
from tests.builders.achievements import csv_file, learner, record, texts_of, world_with
from tests.builders.files import xml_file
from tests.builders.jobs import FILENAME, Pipeline
from tests.builders.organisations import OURS, THEIRS, organisation, provider
from tests.builders.portal import RIGHT, Browser, browser_of, hold, signed_in
from tests.fakes.calls import no_hook
from tests.fakes.world import FakeWorld

LIST = "/achievement-batches"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def world() -> FakeWorld:
    made = world_with(*map(learner, range(5)))
    made.accounts.put(organisation(THEIRS))
    hold(made, account(ukprn=OURS, roles=frozenset({Role.QCF_RECORD_SET_USER})))
    return made


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


@pytest.fixture
def steps(world: FakeWorld) -> Pipeline:
    return Pipeline(world, chunk_records=100)


@pytest.fixture
def job(steps: Pipeline) -> Job:
    """Record 2 has two faults, record 3 another ULN's name."""
    rows = [record(0), record(1, Gender="7", MISIdentifier=HOSTILE, ProviderUKPRN="1"), record(2, FamilyName="Wrongly")]
    return steps.process(csv_file(rows, FileName=FILENAME))


def colleague(world: FakeWorld, name: str = "bob", ukprn: str = OURS, role: Role = Role.QCF_RECORD_SET_USER) -> Browser:
    hold(world, account(name, ukprn, roles=frozenset({role})))
    found = browser_of(world)
    found.fill_in("/sign-in", user_name=f"{name}0417", password=RIGHT)
    found.submit("/sign-in/user-agreement", choice="accept")
    return found


def correct(browser: Browser, job: Job, number: int, **changes: str) -> str:
    """Correct a record on its page; the title of the page that comes next."""
    path = f"{LIST}/{job.job_id}/records/{number}"
    return browser.fill_in(path, **corrected(number), **{"revision": shown_revision(browser, path), **changes}).title


def shown_revision(browser: Browser, path: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', browser.open(path).body)
    assert found
    return found[1]


def corrected(number: int, **changes: str) -> dict[str, str]:
    return texts_of(record(number - 1, **changes))


def rows_of(body: str) -> list[str]:
    """The rows of the last table, in one line each."""
    table = body.rsplit("<tbody", 1)[1]
    return [
        " ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    ]


# --- What failed -----------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-07")
def test_failed_records_are_shown_by_rule_and_by_record_with_their_cells(browser: Browser, job: Job) -> None:
    seen = browser.open(f"{LIST}/{job.job_id}/errors")
    rows = rows_of(seen.body)
    assert len(rows) == 3
    assert rows[0].startswith("Correct record 2 Row 3, column L (Gender) 7 ")
    assert any("Row 3, column R (ProviderUKPRN) 1" in row for row in rows)
    assert rows[2].startswith("Correct record 3 Row 4")
    assert HOSTILE not in seen.body
    one = browser.open(f"{LIST}/{job.job_id}/errors?rule=1")
    assert len(rows_of(one.body)) == 1
    assert "Show all failed records" in one.body


@pytest.mark.req("ACH-07")
def test_a_page_of_failed_records_shows_the_beginnings_of_long_values(browser: Browser, steps: Pipeline) -> None:
    long = "&'" * 9_500
    job = steps.process(csv_file([record(0, GivenName=long), record(1, FamilyName=long)]))
    for page in ("errors", "errors?rule=1", "records/1"):
        body = browser.open(f"{LIST}/{job.job_id}/{page}").body
        assert unescape(body).count(f"{long[:200]}…") in (1, 2)
        assert len(body) < 30_000


@pytest.mark.req("ULN-07")
def test_a_correction_keeps_the_line_breaks_of_what_it_does_not_change(world: FakeWorld, steps: Pipeline) -> None:
    world.accounts.put(provider(learner_files.PROVIDER))
    theirs = colleague(world, ukprn=learner_files.PROVIDER, role=Role.LRB_BATCH_USER)
    wrong = learner_files.row(GivenName="Ann9", MISIdentifier="MIS\n1", Notes="Enrolled in May\r\nMoved from Leeds")
    theirs.open("/learner-batches/new")
    file = (learner_files.LRB, learner_files.csv_file([wrong]))
    path = theirs.upload("/learner-batches/new", file, job_type="FUL").location
    job = steps.arrive(path.rsplit("/", 1)[-1])
    shown = theirs.open(f"{path}/records/1").body
    lines = dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', shown))
    assert {name: text.split() for name, text in lines.items()} == {
        "mis_identifier": ["MIS", "1"],
        "notes": ["Enrolled", "in", "May", "Moved", "from", "Leeds"],
    }
    # A browser sends the line breaks of a text as CRLF.
    right = learner_files.values(GivenName="Ann", Notes="Enrolled in May\r\nMoved from Leeds")
    texts = {field.name: value for field, value in zip(TO_REGISTER.record, right, strict=True)}
    year, month, day = texts.pop("date_of_birth").split("-")
    dated = {"date_of_birth-year": year, "date_of_birth-month": month, "date_of_birth-day": day}
    sent = theirs.fill_in(f"{path}/records/1", **texts, **dated)
    assert not sent.errors
    kept = world.corrections.get(job.job_id, 1)
    assert kept
    assert "Enrolled in May\nMoved from Leeds" in kept.values
    assert {name for name, _ in kept.changed} == {"given_name", "mis_identifier"}


@pytest.mark.req("ACH-07")
def test_a_page_of_many_failed_records_costs_two_reads(browser: Browser, steps: Pipeline, world: FakeWorld) -> None:
    job = steps.process(csv_file([record(0, Gender="7", MISIdentifier=str(n)) for n in range(250)]))
    whole = len(world.files.data("results", f"results/{OURS}/{job.job_id}/report.json"))
    reads: list[int] = []
    real = world.files.read_part

    def read_part(bucket: str, key: str, start: int, end: int) -> bytes:
        reads.append(end - start)
        return real(bucket, key, start, end)

    world.files.read_part = read_part  # type: ignore[method-assign]
    for query, first, count in (("", 1, 100), ("?page=3", 201, 50), ("?rule=1&page=2", 101, 100)):
        reads.clear()
        rows = rows_of(browser.open(f"{LIST}/{job.job_id}/errors{query}").body)
        assert (len(rows), rows[0].split(" Row")[0]) == (count, f"Correct record {first}")
        assert len(reads) == 2
        assert sum(reads) < whole / 2
    for query in ("?page=4", "?page=0", "?page=x", "?rule=2", "?rule=1&page=9", "?page=９"):
        assert browser.get(f"{LIST}/{job.job_id}/errors{query}").status == 404


@pytest.mark.req("SEC-01")
def test_every_look_at_failed_records_is_recorded(browser: Browser, job: Job, world: FakeWorld) -> None:
    browser.open(f"{LIST}/{job.job_id}/records/2")
    entry = list(world.audit.held.values())[-1]
    assert (entry.action, entry.detail["channel"]) == ("job-records-listed", "portal")


@pytest.mark.req("ACH-07")
def test_a_job_without_failed_records_has_no_such_page(browser: Browser, steps: Pipeline) -> None:
    job = steps.process(csv_file([record(0)]))
    assert browser.get(f"{LIST}/{job.job_id}/errors").status == 404
    assert "/errors" not in browser.open(f"{LIST}/{job.job_id}").body


@pytest.mark.req("ULN-07")
def test_an_older_layout_is_shown_with_its_own_headings(world: FakeWorld, steps: Pipeline) -> None:
    ukprn = learner_files.PROVIDER
    world.accounts.put(provider(ukprn))
    theirs = colleague(world, ukprn=ukprn, role=Role.LRB_BATCH_USER)
    wrong = learner_files.row(LEARNERS_2A, Gender="7")
    data = learner_files.csv_file([wrong], LEARNERS_2A)
    job = steps.process(data, learner_files.LRB, ukprn, "learners")
    seen = theirs.open(f"/learner-batches/{job.job_id}/errors")
    assert "(Gender) 7" in rows_of(seen.body)[0]
    assert theirs.open(f"/learner-batches/{job.job_id}/records/1").title == "Error: Correct record 1"


# --- Corrections -----------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-07")
def test_records_are_corrected_in_place_and_sent_again_as_a_job_that_says_what_became_of_them(
    browser: Browser, job: Job, steps: Pipeline, world: FakeWorld
) -> None:
    path = f"{LIST}/{job.job_id}"
    form = browser.open(f"{path}/records/2")
    assert len(form.errors) == 2
    assert 'value="7" selected' in form.body
    assert correct(browser, job, 2) == "Failed records"
    assert "1 correction waits to be sent." in browser.seen.body
    still = corrected(3, FamilyName="Wrong-again")
    browser.fill_in(f"{path}/records/3", **still, revision="0")
    checked = browser.open(f"{path}/corrections")
    rows = [row.split(" amelia")[0] for row in rows_of(checked.body)]
    assert [row for row in rows if row.startswith("Record")] == [
        f"Record 2 MIS identifier {HOSTILE} MIS-1",
        "Record 3 Family name Wrongly Wrong-again",
    ]
    assert {"Gender 7 –", "Provider UKPRN 1 90000010"} <= set(rows)
    assert HOSTILE not in checked.body
    assert list(world.audit.held.values())[-1].detail["what"] == "corrections"
    place = browser.submit(f"{path}/corrections").location
    again = steps.arrive(place.rsplit("/", 1)[-1])
    assert (again.corrects, again.records, again.counts.created) == (job.job_id, 2, 1)
    assert again.channel == "portal"
    assert (again.filename, again.format) == (FILENAME.replace(".csv", "-corrected.csv"), "csv")
    compared = re.sub(r"<[^>]+>", " ", browser.open(place).body)
    for words, number in (
        ("Fixed", 1),
        ("Still failing for one of the same reasons", 1),
        ("Failing for new reasons", 0),
    ):
        assert re.search(rf"{words}\s+{number}\s", compared), words
    assert "sent again" in browser.open(f"{path}/records/2").body
    parent = browser.open(path).body
    assert f'href="{place}"' in parent
    assert "1 record of that job was fixed." in parent
    assert (
        browser.submit(f"{path}/records/2", token=checked.token, **corrected(2, Grade="Merit"), revision="1").status
        == 409
    )
    assert world.corrections.held[job.job_id, 2].revision == 1


@pytest.mark.req("ACH-07")
def test_corrected_records_of_an_xml_file_are_an_xml_file(browser: Browser, steps: Pipeline, world: FakeWorld) -> None:
    rows = [record(0), record(1, Gender="7")]
    job = steps.process(xml_file(rows, UKPRN=OURS, OrganisationRef=OURS), FILENAME.replace(".csv", ".XML"))
    correct(browser, job, 2)
    browser.open(f"{LIST}/{job.job_id}/corrections")
    again = steps.arrive(browser.submit(f"{LIST}/{job.job_id}/corrections").location.rsplit("/", 1)[-1])
    assert (again.filename, again.format) == (FILENAME.replace(".csv", "-corrected.xml"), "xml")
    assert again.counts.created == 1


@pytest.mark.req("ACH-07")
def test_an_error_file_corrected_outside_is_a_job_that_says_what_became_of_its_records(
    browser: Browser, job: Job, steps: Pipeline, world: FakeWorld
) -> None:
    data = world.files.data("results", job.error_key).decode("utf-8-sig")
    mended = data.replace('"7"', '"1"').encode()
    browser.open(f"{LIST}/new")
    place = browser.upload(f"{LIST}/new", ("mended-errors.csv", mended)).location
    again = steps.arrive(place.rsplit("/", 1)[-1])
    assert again.corrects == job.job_id
    assert again.corrected == Corrected(fixed=0, still=2, new=0)
    page = browser.open(place).body
    assert f'href="{LIST}/{job.job_id}"' in page
    assert "Still failing" in page
    assert f'href="{place}"' in browser.open(f"{LIST}/{job.job_id}").body
    assert steps.job(job.job_id).followed_by == (again.job_id,)
    theirs = steps.process(mended.replace(OURS.encode(), THEIRS.encode()), ukprn=THEIRS)
    assert theirs.records == 2
    assert (theirs.corrects, theirs.corrected) == ("", Corrected())
    assert steps.job(job.job_id).followed_by == (again.job_id,)


@pytest.mark.req("ACH-07")
def test_a_correction_that_is_still_wrong_is_refused_with_what_was_entered(browser: Browser, job: Job) -> None:
    path = f"{LIST}/{job.job_id}/records/2"
    seen = browser.fill_in(path, **corrected(2, Gender="9", FamilyName=HOSTILE, DateOfBirth="31/02/2026"), revision="0")
    assert seen.status == 400
    assert "Date of birth is written day first, as DD/MM/YYYY. Enter the date as YYYY-MM-DD." in seen.errors
    assert len(seen.errors) >= 2
    assert HOSTILE not in seen.body
    assert 'value="31/02/2026"' in seen.body


@pytest.mark.req("ACH-07")
def test_a_date_is_entered_in_three_boxes_and_what_is_none_is_seen_as_it_was_submitted(
    browser: Browser, steps: Pipeline, world: FakeWorld
) -> None:
    job = steps.process(csv_file([record(0, DateOfBirth="18/11/2006", Gender="7")]))
    path = f"{LIST}/{job.job_id}/records/1"
    body = browser.open(path).body
    assert 'name="date_of_birth" type="text" spellcheck="false" value="18/11/2006"' in body
    assert "written day first" in body
    assert 'name="achievement_award_date-year"' in body
    texts = corrected(1)
    award = "achievement_award_date"
    year, month, day = texts.pop(award).split("-")
    parts = {f"{award}-year": year, f"{award}-month": "13", f"{award}-day": day}
    seen = browser.fill_in(path, **texts, **parts, revision="0")
    assert seen.errors == ["Achievement award date must be a real date"]
    assert 'name="date_of_birth-day"' in seen.body
    parts[f"{award}-month"] = month.lstrip("0")
    assert browser.fill_in(path, **texts, **parts, revision="0").status == 200
    assert f"{year}-{month}-{day}" in world.corrections.held[job.job_id, 1].values


@pytest.mark.req("ACH-07")
def test_two_people_who_correct_one_record_are_told_of_each_other(browser: Browser, job: Job, world: FakeWorld) -> None:
    path, other = f"{LIST}/{job.job_id}/records/2", colleague(world)
    browser.open(path)
    other.fill_in(path, **corrected(2, Grade="Merit"), revision="0")
    seen = browser.submit(path, **corrected(2, Grade="Pass"), revision="0")
    assert seen.status == 409
    assert "bob0417 has corrected this record" in seen.body
    assert "Merit" in seen.body
    assert world.corrections.held[job.job_id, 2].by == "bob0417"
    assert browser.submit(path, **corrected(2, Grade="Pass"), revision="1").status == 303
    assert world.corrections.held[job.job_id, 2].revision == 2


@pytest.mark.req("ACH-07")
def test_a_double_click_keeps_one_correction_and_sends_it_once(
    browser: Browser, job: Job, world: FakeWorld, steps: Pipeline
) -> None:
    path = f"{LIST}/{job.job_id}"
    browser.open(f"{path}/records/2")
    token = browser.seen.token
    for _ in range(2):
        assert browser.submit(f"{path}/records/2", token=token, **corrected(2), revision="0").status == 303
    assert world.corrections.held[job.job_id, 2].revision == 1
    before = len(world.jobs.held)
    places = [browser.submit(f"{path}/corrections", token=token).location for _ in range(2)]
    assert len(world.jobs.held) == before + 1
    assert places[0] == places[1]
    steps.arrive(places[0].rsplit("/", 1)[-1])
    late = browser.submit(f"{path}/corrections", token=token).location
    assert late == f"{path}/errors"
    assert "already" in browser.open(late).body


@pytest.mark.req("ACH-07")
@pytest.mark.parametrize("call", ["jobs.create", "files.write_if_absent"])
def test_what_is_interrupted_while_it_is_sent_is_sent_at_the_next_try(
    call: str, browser: Browser, job: Job, world: FakeWorld, steps: Pipeline
) -> None:
    path = f"{LIST}/{job.job_id}"
    correct(browser, job, 2)

    def fail(name: str) -> None:
        if name == call:
            raise RuntimeError

    world.hook = fail
    assert browser.submit(f"{path}/corrections").status == 500
    world.hook = no_hook
    token = browser.open(f"{path}/corrections").token or browser.open(f"{path}/records/3").token
    place = browser.submit(f"{path}/corrections", token=token).location
    (child,) = [one for one in world.jobs.held.values() if one.corrects]
    assert place == f"{LIST}/{child.job_id}"
    assert steps.arrive(child.job_id).counts.created == 1


def sent_ulns(world: FakeWorld) -> list[int]:
    """How many records each file of corrections has."""
    made = [one.job_id for one in world.jobs.held.values() if one.corrects]
    files = {key: versions[-1].data for (bucket, key), versions in world.files.held.items() if bucket == "inbox"}
    return [data.count(b"MIS-") for job_id in made for key, data in files.items() if job_id in key]


def once_before(world: FakeWorld, call: str, do: Callable[[], object]) -> None:
    """Let something happen before the first such call."""

    def hook(name: str) -> None:
        if name == call:
            world.hook = no_hook
            do()

    world.hook = hook


@pytest.mark.req("ACH-07")
def test_a_correction_changed_while_it_was_being_sent_makes_no_empty_file(
    browser: Browser, job: Job, world: FakeWorld
) -> None:
    path, other = f"{LIST}/{job.job_id}", colleague(world)
    correct(browser, job, 2)
    token = browser.open(f"{path}/corrections").token
    other.open(f"{path}/records/2")
    change = corrected(2, Grade="Merit")
    once_before(world, "corrections.mark_sent", lambda: other.submit(f"{path}/records/2", **change, revision="1"))
    assert browser.submit(f"{path}/corrections", token=token).location == f"{path}/errors"
    assert sent_ulns(world) == []
    assert "1 correction waits to be sent." in browser.open(f"{path}/errors").text
    correct(browser, job, 3)
    other.open(f"{path}/records/2")
    again = corrected(2, Grade="Pass")
    once_before(world, "corrections.mark_sent", lambda: other.submit(f"{path}/records/2", **again, revision="2"))
    assert browser.submit(f"{path}/corrections", token=token).location.startswith(f"{LIST}/U")
    assert sent_ulns(world) == [1], "only the one that nobody changed"


@pytest.mark.req("ACH-07")
@pytest.mark.parametrize("call", ["jobs.create", "corrections.mark_sent", "files.write_if_absent"])
def test_two_people_who_send_at_once_send_each_correction_once(
    call: str, browser: Browser, job: Job, world: FakeWorld
) -> None:
    path, other = f"{LIST}/{job.job_id}", colleague(world)
    correct(browser, job, 2)
    token = browser.open(f"{path}/corrections").token

    def send_both() -> None:
        correct(other, job, 3)
        other.open(f"{path}/corrections")
        other.submit(f"{path}/corrections")

    once_before(world, call, send_both)
    browser.submit(f"{path}/corrections", token=token)
    assert sum(sent_ulns(world)) == 2
    assert {one.sent_as in world.jobs.held for one in world.corrections.held.values()} == {True}


@pytest.mark.req("ACH-07")
def test_what_is_interrupted_between_two_records_is_sent_with_one_job(
    browser: Browser, job: Job, world: FakeWorld
) -> None:
    path, marked = f"{LIST}/{job.job_id}", []
    correct(browser, job, 2)
    correct(browser, job, 3)
    token = browser.open(f"{path}/corrections").token

    def fail(name: str) -> None:
        if name == "corrections.mark_sent":
            marked.append(name)
            if len(marked) > 1:
                raise TemporaryFailure

    world.hook = fail
    assert browser.submit(f"{path}/corrections", token=token).status == 503
    world.hook = no_hook
    assert browser.submit(f"{path}/corrections", token=token).status == 303
    assert sent_ulns(world) == [2]


@pytest.mark.req("ACH-07")
def test_corrections_of_a_job_that_never_had_its_file_are_changed_and_sent_again(
    browser: Browser, job: Job, world: FakeWorld, steps: Pipeline
) -> None:
    path = f"{LIST}/{job.job_id}"
    correct(browser, job, 2)
    correct(browser, job, 3)
    token = browser.open(f"{path}/corrections").token

    def fail(name: str) -> None:
        if name == "files.write_if_absent":
            raise TemporaryFailure

    world.hook = fail
    assert browser.submit(f"{path}/corrections", token=token).status == 503
    world.hook = no_hook
    world.clock.advance(timedelta(hours=2))
    steps.watch.run()
    browser = signed_in(world)
    assert "2 corrections wait to be sent." in browser.open(f"{path}/errors").text
    assert correct(browser, job, 2, Grade="Merit") == "Failed records"
    browser.open(f"{path}/corrections")
    place = browser.submit(f"{path}/corrections").location
    assert steps.arrive(place.rsplit("/", 1)[-1]).records == 2


@pytest.mark.req("IDM-07")
def test_corrections_of_others_do_not_exist_and_other_roles_may_not_see_them(world: FakeWorld, job: Job) -> None:
    paths = [f"{LIST}/{job.job_id}/{part}" for part in ("errors", "records/2", "corrections")]
    theirs = colleague(world, ukprn=THEIRS)
    assert {theirs.get(path).status for path in paths} == {404}
    token = theirs.open(f"{LIST}/new").token
    assert {theirs.submit(path, token=token, **corrected(2)).status for path in paths[1:]} == {404}
    for role in (Role.SUPER_USER, Role.QCF_USER):
        other = colleague(world, "eve", role=role)
        assert {other.get(path).status for path in paths} == {403}
    mine = signed_in(world)
    assert {mine.get(f"{LIST}/{job.job_id}/records/{n}").status for n in ("1", "0", "99", "x")} == {404}
