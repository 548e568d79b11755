"""Error files: corrected and sent back under the name of their download, whatever the kind of batch."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS, Job, JobStatus, Source
from chalicelib.formats.batch.learner_layouts import LEARNERS as REGISTERED
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS as VERIFIED
from chalicelib.formats.batch.result_files import LOST
from chalicelib.ports.messages import Delivered
from chalicelib.services.batches.submit import ResultFile
from tests.builders import achievements, learner_files
from tests.builders import files as batch_files
from tests.builders.achievements import learner, world_with
from tests.builders.jobs import FILENAME, Pipeline, caller
from tests.builders.learner_files import LRB, PROVIDER, VLD, row
from tests.builders.organisations import OURS, provider
from tests.fakes import FakeWorld

pytestmark = pytest.mark.req("ACH-07", "ULN-07", "VLD-03")

HEADER = {"UKPRN": OURS, "OrganisationRef": OURS, "FileName": FILENAME}


def given_values(record: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in record.items() if value}


@dataclass(frozen=True)
class Sent:
    """A file with one wrong record, and what to replace in it."""

    kind: str
    ukprn: str
    name: str
    data: bytes
    wrong: bytes
    right: bytes


def sent(kind: str) -> Sent:
    if kind == ACHIEVEMENTS:
        about = {"FileName": FILENAME, "OrganisationRef": OURS}
        data = achievements.csv_file([achievements.record(), achievements.record(1, Grade="Splendid")], **about)
        return Sent(kind, OURS, FILENAME, data, b"Splendid", b"Pass")
    if kind == LEARNERS:
        data = learner_files.csv_file([row(), row(GivenName="Gwen", DateOfBirth="never")])
        return Sent(kind, PROVIDER, LRB, data, b"never", b"2004-05-17")
    held = learner(0)
    known = {"ULN": held.uln, "GivenName": held.given_name, "FamilyName": held.family_name, "DateOfBirth": ""}
    data = learner_files.csv_file([row(VERIFIED, **known | {"Gender": "7"})], VERIFIED)
    return Sent(kind, PROVIDER, VLD, data, b'"7"', b'"2"')


@pytest.fixture
def world() -> FakeWorld:
    world = world_with(learner(0), learner(1))
    world.accounts.put(provider(PROVIDER))
    return world


def downloaded_as(steps: Pipeline, job: Job) -> str:
    link = steps.submit.of_kind(job.kind).file_link(caller(job.ukprn), job.job_id, ResultFile.ERRORS)
    found = re.search(r"filename=([^&]+)", link)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("numbered", ["", " (1)"], ids=["once", "twice"])
@pytest.mark.parametrize("kind", [ACHIEVEMENTS, LEARNERS, VERIFICATIONS])
def test_an_error_file_sent_back_under_its_own_name_raises_no_notice(kind: str, numbered: str, steps, world) -> None:
    given = sent(kind)
    job = steps.process(given.data, given.name, given.ukprn, kind)
    for _ in range(2):
        name = downloaded_as(steps, job)
        assert name.count("-errors") == 1
        errors = world.files.data("results", job.error_key)
        job = steps.process(errors, name.replace(".csv", f"{numbered}.csv"), given.ukprn, kind)
        assert (job.notices, job.records, job.counts.refused) == ((), 1, 1)
    corrected = world.files.data("results", job.error_key).replace(given.wrong, given.right)
    for name in (downloaded_as(steps, job), "errors.csv"):
        done = steps.process(corrected, name, given.ukprn, kind)
        assert (done.status, done.notices, done.counts.refused, done.error_key) == (JobStatus.SUCCESSFUL, (), 0, "")


@pytest.mark.parametrize("kind", [ACHIEVEMENTS, LEARNERS, VERIFICATIONS])
def test_an_error_file_sent_back_under_another_name_is_noticed(kind: str, steps, world) -> None:
    given = sent(kind)
    job = steps.process(given.data, given.name, given.ukprn, kind)
    again = steps.process(world.files.data("results", job.error_key), "other-errors.csv", given.ukprn, kind)
    assert [notice.code for notice in again.notices] == ["ACW004"]


@pytest.mark.parametrize("suffix", ["CSV", "XML"])
def test_a_file_begun_as_a_check_stays_one_when_its_error_file_is_dropped(suffix: str, steps, world) -> None:
    write = {"CSV": learner_files.csv_file, "XML": learner_files.xml_file}[suffix]
    begun = steps.submit.of_kind(LEARNERS).begin(caller(PROVIDER), LRB.replace("CSV", suffix), job_type="CHK")
    key = begun.form.fields["key"]
    version = world.files.put("inbox", key, write([row(GivenName="Gwen", DateOfBirth="never")]))
    steps.split.run(Delivered(Source("inbox", key, version), world.clock()))
    steps.settle()
    job = steps.job(begun.job.job_id)
    corrected = world.files.data("results", job.error_key).replace(b"never", b"2004-05-17")
    again = steps.process(corrected, downloaded_as(steps, job), PROVIDER, LEARNERS)
    assert (again.status, again.job_type, again.counts.created) == (JobStatus.SUCCESSFUL, "CHK", 0)


ODD_ELEMENTS = [
    "<MISIdentifier>MIS-2</MISIdentifier>",
    "<PostCode>CF10 1AA</PostCode>",
    "CF10 1AA",
    "<MISIdentifier><b>MIS</b>-1</MISIdentifier>",
]


@pytest.mark.parametrize("odd", ODD_ELEMENTS)
@pytest.mark.parametrize("kind", [ACHIEVEMENTS, LEARNERS, VERIFICATIONS])
def test_a_record_whose_xml_could_not_be_kept_is_refused_until_it_is_corrected(kind, odd, steps, world) -> None:
    if kind == ACHIEVEMENTS:
        data, name, ukprn = batch_files.xml_file([given_values(achievements.record())], **HEADER), FILENAME, OURS
    else:
        layout = VERIFIED if kind == VERIFICATIONS else REGISTERED
        held = learner(0)
        known = {"ULN": held.uln, "GivenName": held.given_name, "FamilyName": held.family_name, "DateOfBirth": ""}
        values = row(layout, **known, Gender="") if kind == VERIFICATIONS else row()
        data, name, ukprn = learner_files.xml_file([values], layout), LRB if kind == LEARNERS else VLD, PROVIDER
    name = f"{name[:-4]}.xml"
    record = re.search(rb"  <(\w+)>(?:<\w+>[^<]*</\w+>)+</\1>", data)
    assert record is not None
    end = record.end() - len(record[1]) - 3
    job = steps.process(data[:end] + odd.encode() + data[end:], name, ukprn, kind)
    assert (job.rejection, job.counts.refused) == ((), 1)
    for _ in range(2):
        errors = world.files.data("results", job.error_key)
        job = steps.process(errors, "errors.xml", ukprn, kind)
        assert (job.rejection, job.notices, job.counts.refused) == ((), (), 1)
    mark = f"<{LOST}></{LOST}>".encode()
    assert errors.count(mark) == 1
    done = steps.process(errors.replace(mark, b""), "errors.xml", ukprn, kind)
    assert (done.status, done.counts.refused) == (JobStatus.SUCCESSFUL, 0)
