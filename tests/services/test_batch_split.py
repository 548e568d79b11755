"""Split: a dropped or uploaded file becomes one job, is refused as a whole, or is cut into chunks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.cloud.journal import LogJournal
from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS, JobStatus, Source, job_id_of
from chalicelib.formats.batch.work_files import chunk_key, read_chunk
from chalicelib.ports.errors import Missing, TemporaryFailure
from chalicelib.ports.messages import Delivered
from chalicelib.reference import Lists, Sources
from chalicelib.storage import job_items
from chalicelib.storage.job_items import state_of
from chalicelib.storage.texts import encode
from tests.builders.achievements import csv_file, learner, record, world_with
from tests.builders.jobs import FILENAME, Pipeline, caller, rows
from tests.builders.organisations import OURS, THEIRS, organisation
from tests.fakes import START, Fault


def codes(job) -> list[str]:
    return [reason.code for reason in job.rejection]


# A good file.


@pytest.mark.req("ACH-06")
def test_a_dropped_file_is_cut_into_chunks_and_its_turn_begins(steps, world) -> None:
    job = steps.take(csv_file(record(number) for number in range(7)))
    stored = steps.job(job.job_id)
    assert (stored.status, stored.records, stored.chunk_sizes) == (JobStatus.IN_PROGRESS, 7, (3, 3, 1))
    assert [message["chunk"] for message in steps.waiting("chunks")] == [0, 1, 2]
    assert (stored.ukprn, stored.channel, stored.user) == (OURS, "bucket", "bucket")
    assert stored.email == "batch@90000001.example"


@pytest.mark.req("ACH-06")
def test_the_records_of_one_learner_are_in_one_chunk_in_file_order(steps, world) -> None:
    job = steps.take(csv_file([record(0), record(1), record(2), record(0, "2"), record(3), record(0, "3")]))
    chunks = [
        [one.number for one in read_chunk(world.files.data("work", chunk_key(job.job_id, number, job.chunk_sizes)))]
        for number in range(len(job.chunk_sizes))
    ]
    assert chunks == [[1, 4, 6], [2, 3, 5]]


@pytest.mark.req("ACH-06")
@given(st.lists(st.integers(0, 7), min_size=1, max_size=40), st.integers(1, 9))
def test_every_record_is_in_exactly_one_chunk(learners: list[int], size: int) -> None:
    steps = Pipeline(world_with(), size)
    job = steps.take(csv_file(record(number) for number in learners))
    numbers: list[int] = []
    for chunk in range(len(job.chunk_sizes)):
        cut = read_chunk(steps.world.files.data("work", chunk_key(job.job_id, chunk, job.chunk_sizes)))
        assert len(cut) == job.chunk_sizes[chunk]
        numbers += [one.number for one in cut]
    assert sorted(numbers) == list(range(1, len(learners) + 1))


@pytest.mark.req("SEC-02")
def test_messages_carry_pointers_and_nothing_of_a_learner(steps, world) -> None:
    steps.process(csv_file([record(0), record(1, Grade="Splendid")]))
    profile = learner(0)
    for _, body in world.queues.sent:
        assert not any(text in body for text in (profile.uln, profile.given_name, profile.family_name))


@pytest.mark.req("ACH-06")
def test_a_file_that_names_another_type_is_accepted_with_a_notice(steps) -> None:
    job = steps.take(csv_file([record()], FileName="ANOTHER.CSV"))
    assert job.is_split
    assert [notice.code for notice in steps.job(job.job_id).notices] == ["ACW004"]


# The same again.


@pytest.mark.req("ACH-06")
def test_the_same_event_twice_is_the_same_job(steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    first, second = steps.split.run(delivered), steps.split.run(delivered)
    assert first.job_id == second.job_id == job_id_of(delivered.source)
    assert len(world.jobs.held) == 1


@pytest.mark.req("ACH-06")
def test_the_same_content_again_is_a_job_of_its_own_that_names_the_first(steps) -> None:
    data = csv_file([record()])
    first = steps.process(data)
    second = steps.process(data, "QCF_90000001_20260302_002.csv")
    assert (first.same_as, second.same_as) == ("", first.job_id)
    assert (first.counts.created, second.counts.unchanged) == (1, 1)


@pytest.mark.req("ACH-06")
def test_the_same_content_of_another_organisation_is_not_mentioned(steps) -> None:
    steps.process(csv_file([record()]))
    theirs = steps.process(csv_file([record()], UKPRN=THEIRS, OrganisationRef=THEIRS), ukprn=THEIRS)
    assert theirs.same_as == ""


@pytest.mark.req("ACH-06")
def test_a_new_version_under_the_same_name_is_a_new_job(steps) -> None:
    first = steps.process(csv_file([record()]))
    second = steps.process(csv_file([record(action="2", Grade="Merit")]))
    assert first.job_id != second.job_id
    assert second.counts.updated == 1


# Refused as a whole.

REFUSED = {
    "ACB001": (b"", FILENAME),
    "ACB002": (csv_file([record()]), "QCF_90000001_20260302_001.xlsx"),
    "ACB003": (b"PK\x03\x04" + b"x" * 60, FILENAME),
    "ACB014": (csv_file([record()], UKPRN=THEIRS), FILENAME),
    "ACB015": (csv_file([record()], FileVersion="9Z"), FILENAME),
    "WSEC0045": (csv_file([record()], SubmissionType="PERHAPS"), FILENAME),
    "WSEC0047": (csv_file([]), FILENAME),
    "WSRC0017": (csv_file([record()], RecordCount="2"), FILENAME),
}


@pytest.mark.req("ACH-06", "ACH-07")
@pytest.mark.parametrize("code", REFUSED)
def test_a_file_with_a_fault_is_refused_and_changes_nothing(code: str, steps, world) -> None:
    data, name = REFUSED[code]
    job = steps.process(data, name)
    assert code in codes(job)
    assert job.status is JobStatus.FAILED
    assert (job.chunk_sizes, job.records, world.achievements.held) == ((), 0, {})
    assert {row["Code"] for row in rows(world.files.data("results", job.error_key))} == set(codes(job))
    assert [mail.to for mail in world.mail.sent] == ["batch@90000001.example"]


@pytest.mark.req("ACH-06")
def test_a_refused_file_gets_every_reason_at_once(steps) -> None:
    job = steps.process(csv_file([record()], UKPRN=THEIRS, RecordCount="5", SubmissionType="PERHAPS"))
    assert set(codes(job)) >= {"ACB014", "WSRC0017", "WSEC0045"}


@pytest.mark.req("ACH-06", "SEC-03")
def test_a_file_with_sixty_thousand_doubled_headings_is_refused_and_keeps_nobody_waiting(steps, world) -> None:
    data = csv_file([record()]).replace(b"ULN,", b"ULN," * 60_000, 1)
    refused = steps.take(data)
    assert "ACB007" in codes(refused)
    assert len(encode(state_of(steps.job(refused.job_id)))) < 10_000
    following = steps.process(csv_file([record()]), "QCF_90000001_20260302_002.csv")
    assert following.status is JobStatus.SUCCESSFUL


@pytest.mark.req("ACH-06", "SEC-03")
@pytest.mark.parametrize(
    "header",
    [
        {"UKPRN": THEIRS, "RecordCount": "5", "SubmissionType": "PERHAPS", "FileVersion": "9Z"},
        {"FileName": "Other.csv"},
    ],
    ids=["refused", "accepted"],
)
def test_a_file_whose_job_cannot_be_stored_is_refused_and_keeps_nobody_waiting(steps, monkeypatch, header) -> None:
    monkeypatch.setattr(job_items, "MOST_STATE", 640)
    refused = steps.take(csv_file([record()], **header))
    assert (refused.status, codes(refused)) == (JobStatus.FAILED, ["ACB018"])
    monkeypatch.undo()
    following = steps.process(csv_file([record()]), "QCF_90000001_20260302_002.csv")
    assert following.status is JobStatus.SUCCESSFUL


@pytest.mark.req("ACH-06")
def test_a_file_that_is_too_large_is_refused_unread(steps, world) -> None:
    job = steps.process(b"x" * 25_000_001)
    assert codes(job) == ["ACB013"]


WRONG_PLACES = {
    f"drop/{OURS}/file.csv": ACHIEVEMENTS,
    f"{OURS}/file.csv": ACHIEVEMENTS,
    f"{OURS}/achievements/file.csv": ACHIEVEMENTS,
    f"drop/{OURS}/achievements/inner/file.csv": ACHIEVEMENTS,
    f"drop/{OURS}/Achievements/file.csv": ACHIEVEMENTS,
    f"Drop/{OURS}/achievements/file.csv": ACHIEVEMENTS,
    f"drop/{OURS}/plans/file.csv": ACHIEVEMENTS,
    f"drop/{OURS}/Verification/file.csv": VERIFICATIONS,
    f"incoming/{OURS}/LRB_{OURS}_020320260915.CSV": LEARNERS,
    f"QCF_{OURS}_20260302_001.csv": ACHIEVEMENTS,
    f"drop/QCF_{OURS}_20260302_001": ACHIEVEMENTS,
    f"drop/99999999/{OURS}/file": ACHIEVEMENTS,
}
"""Keys that name an organisation, and the kind of batch in whose list the answer is."""


@pytest.mark.req("ACH-06", "ACH-07", "SEC-03")
@pytest.mark.parametrize("key", WRONG_PLACES)
def test_a_file_in_a_wrong_place_is_answered_to_the_organisation_that_its_path_names(key: str, steps, world) -> None:
    version = world.files.put("inbox", key, csv_file([record()]))
    delivered = Delivered(Source("inbox", key, version), START)
    job = steps.split.run(delivered)
    assert steps.split.run(delivered) == job
    steps.settle()
    assert (job.ukprn, job.kind, job.status) == (OURS, WRONG_PLACES[key], JobStatus.FAILED)
    assert codes(job) == ["ACB019"]
    assert "files.read" not in world.calls, "it is not read"
    shown = steps.submit.of_kind(job.kind).page(caller(OURS), 10, "").items
    assert [one.job_id for one in shown] == [job.job_id]
    [mail] = world.mail.sent
    assert mail.to == "batch@90000001.example"
    assert f"Put it in the folder drop/{OURS}/{job.kind}/" in mail.body
    assert [row["Code"] for row in rows(world.files.data("results", job.error_key))] == ["ACB019"]


@pytest.mark.req("SEC-02", "SEC-03")
@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("drop/1234/achievements/Jane Smith.csv", "ACB019"),
        ("elsewhere/Jane Smith.csv", "ACB019"),
        ("99999999/Jane Smith.csv", "ACB019"),
        ("drop/99999999/achievements/Jane Smith.csv", "WSEC0003"),
    ],
)
def test_a_file_that_names_no_organisation_is_logged_without_its_name_and_kept(
    key: str, code: str, steps, world, capsys: pytest.CaptureFixture[str]
) -> None:
    world.journal = LogJournal()
    steps = Pipeline(world)
    version = world.files.put("inbox", key, csv_file([record()]))
    job = steps.split.run(Delivered(Source("inbox", key, version), START))
    assert codes(job)[0] == code
    assert (job.email, world.mail.sent) == ("", [])
    printed = capsys.readouterr().out
    assert "FILE_ASTRAY" in printed
    assert job.job_id in printed
    assert "Jane" not in printed
    assert world.files.read("inbox", key, version)


@pytest.mark.req("SEC-03")
def test_a_file_under_another_organisations_prefix_is_refused(steps, world) -> None:
    job = steps.process(csv_file([record()], OURS), ukprn=THEIRS)
    assert codes(job) == ["ACB014", "ACB014"]
    assert world.achievements.held == {}


@pytest.mark.req("SEC-03")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "suspended"}, "WSEC0003"),
        ({"is_awarding_organisation": False}, "WSRC0043"),
        ({"batch_achievements": False}, "WSRC0043"),
    ],
)
def test_an_organisation_that_may_not_send_batches_is_refused(changes, code: str, steps, world) -> None:
    world.accounts.put(organisation(**changes))
    assert code in codes(steps.process(csv_file([record()])))


@pytest.mark.req("SEC-03")
def test_an_unknown_organisation_is_refused_and_nobody_is_emailed(steps, world) -> None:
    job = steps.process(csv_file([record()], "90000077"), ukprn="90000077")
    assert codes(job) == ["WSEC0003"]
    assert world.mail.sent == []


def test_windows_1252_is_read_only_where_the_organisation_declared_it(steps, world) -> None:
    data = csv_file([record(MISIdentifier="Jos\u00e9")]).decode().encode("windows-1252")
    assert "ACB004" in codes(steps.process(data))
    world.accounts.put(organisation(csv_encoding="windows-1252"))
    assert steps.process(data).counts.created == 1


# Uploads.


@pytest.mark.req("ACH-06", "ACH-07")
def test_an_upload_continues_the_job_that_its_form_was_made_with(steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    version = world.files.post(begun.form, csv_file([record()]))
    arrived = START + timedelta(minutes=4)
    job = steps.split.run(Delivered(Source("inbox", begun.form.fields["key"], version), arrived))
    assert (job.job_id, job.submitted_at) == (begun.job.job_id, arrived)
    assert (job.user, job.email) == ("user-1", "user@90000001.example")


@pytest.mark.req("ACH-06")
def test_a_second_file_under_one_form_is_a_job_of_its_own(steps, world) -> None:
    begun = steps.submit.begin(caller(), FILENAME)
    key = begun.form.fields["key"]
    sources = [Source("inbox", key, world.files.post(begun.form, csv_file([record(n)]))) for n in (0, 1)]
    jobs = [steps.split.run(Delivered(source, START)) for source in (*sources, sources[0])]
    assert [job.job_id for job in jobs] == [begun.job.job_id, job_id_of(sources[1]), begun.job.job_id]
    steps.settle()
    assert [steps.job(job.job_id).counts.created for job in jobs] == [1, 1, 1]


@pytest.mark.req("SEC-03")
def test_an_upload_under_another_organisations_prefix_does_not_become_the_forms_job(steps, world) -> None:
    begun = steps.submit.begin(caller(OURS), FILENAME)
    key = begun.form.fields["key"].replace(OURS, THEIRS)
    version = world.files.put("inbox", key, csv_file([record()]))
    job = steps.split.run(Delivered(Source("inbox", key, version), START))
    assert job.job_id != begun.job.job_id
    assert job.ukprn == THEIRS


# Trouble.


def test_a_file_that_is_not_there_yet_is_delivered_again(steps) -> None:
    with pytest.raises(Missing):
        steps.split.run(Delivered(Source("inbox", f"drop/{OURS}/achievements/{FILENAME}", "v9"), START))


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REPEATED])
@pytest.mark.parametrize("call", ["jobs.create", "turns.save", "files.write", "jobs.save", "queues.send"])
def test_a_delivery_that_loses_an_answer_is_completed_by_the_next(call: str, fault: Fault, steps, world) -> None:
    delivered = steps.drop(csv_file(record(number) for number in range(5)))
    world.hook = lambda name: fault if name == call and world.calls.count(call) == 1 else None
    try:
        steps.split.run(delivered)
    except TemporaryFailure:
        steps.split.run(delivered)
    world.clock.advance(timedelta(minutes=16))
    steps.watch.run()
    steps.settle()
    assert steps.job(job_id_of(delivered.source)).counts.created == 5


@pytest.mark.req("ACH-06", "SLA-03")
def test_chunks_that_have_gone_are_cut_again_as_the_job_has_them(steps, world) -> None:
    delivered = steps.drop(csv_file(record(number) for number in (0, 1, 2, 1, 3, 4, 0, 5, 6)))
    job = steps.split.run(delivered)
    chunks = {key: held for key, held in world.files.held.items() if "/chunk/" in key[1]}
    for key in list(chunks)[1:]:
        world.files.remove(*key)
    Pipeline(world, 7).split.run(delivered)
    assert {key: world.files.data(*key) for key in chunks} == {key: held[-1].data for key, held in chunks.items()}
    steps.settle()
    assert steps.job(job.job_id).counts.created == 7


@pytest.mark.req("ACH-06")
def test_a_file_announced_again_is_not_read_again(steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    steps.split.run(delivered)
    world.calls.clear()
    steps.split.run(delivered)
    assert "files.read" not in world.calls


def test_a_cut_that_others_overtook_is_begun_anew(steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))

    def cancel(name: str) -> None:
        if name == "files.write":
            steps.submit.cancel(caller(), job_id_of(delivered.source))

    world.hook = cancel
    with pytest.raises(TemporaryFailure):
        steps.split.run(delivered)
    job = steps.split.run(delivered)
    assert job.status is JobStatus.CANCELLED
    assert not job.is_split


def test_two_releases_that_cut_a_file_differently_at_once_do_not_mix_their_chunks(world) -> None:
    old, new = Pipeline(world, 4), Pipeline(world, 2)
    delivered = old.drop(csv_file(record(number) for number in range(8)))
    writes = iter(range(2))

    def release(name: str) -> None:
        if name == "files.write" and next(writes, None) == 1:
            world.hook = lambda _: None
            new.split.run(delivered)

    world.hook = release
    with pytest.raises(TemporaryFailure):
        old.split.run(delivered)
    new.settle()
    job = new.job(job_id_of(delivered.source))
    assert (job.chunk_sizes, job.counts.created) == ((2, 2, 2, 2), 8)


# Late awards.


def late_before(steps: Pipeline) -> str:
    return steps.take(csv_file([record()])).late_before


@pytest.mark.req("ACH-10")
def test_awards_older_than_ten_working_days_are_late(steps) -> None:
    assert late_before(steps) == "2026-02-16"


@pytest.mark.req("ACH-10")
def test_bank_holidays_do_not_count(world) -> None:
    world.lists = Lists(Sources(bank_holidays="2026-02-18,A holiday"))
    assert late_before(Pipeline(world)) == "2026-02-13"


@pytest.mark.req("ACH-10")
def test_service_hours_lost_before_the_submission_lengthen_the_ten_days(steps, world) -> None:
    world.outages.record(datetime(2026, 2, 24, 8, tzinfo=UTC), datetime(2026, 2, 24, 12, tzinfo=UTC))
    assert late_before(steps) == "2026-02-13"


@pytest.mark.req("ACH-10")
def test_an_outage_long_before_does_not_count(steps, world) -> None:
    world.outages.record(datetime(2026, 1, 5, 8, tzinfo=UTC), datetime(2026, 1, 9, 18, tzinfo=UTC))
    assert late_before(steps) == "2026-02-16"
