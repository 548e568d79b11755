"""Error files that come back say which job they correct (ACH-07)."""

from __future__ import annotations

from io import BytesIO

import pytest

from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Corrected
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.formats.batch.files import read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.batch.result_files import write_errors
from chalicelib.formats.batch.sent_back import corrected, job_named_in
from tests.builders.files import csv_file, records, xml_file

FORMATS = ("csv", "xml")
JOB = "UABC"
DATE, GENDER = failure("ACF003", "achievementAwardDate"), failure("ACF005", "gender")


def refused(number: int, *reasons: object) -> RecordResult:
    return RecordResult(number, Outcome.REFUSED, "", "", reasons)  # type: ignore[arg-type]


def error_file(form: str, job_id: str = JOB) -> bytes:
    """The first, third and fourth of four records."""
    rows = records(4)
    data = csv_file(rows) if form == "csv" else xml_file(rows)
    results = {number: refused(number, DATE, GENDER) for number in (1, 3, 4)}
    results[2] = RecordResult(2, Outcome.CREATED, "VRC001", "", ())
    out = BytesIO()
    write_errors(read_batch(data, f"a.{form}", ACHIEVEMENTS), results, ACHIEVEMENTS, job_id, out)
    return out.getvalue()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.req("ACH-07")
def test_a_file_that_comes_back_says_what_became_of_the_records_of_its_job(form: str) -> None:
    data = error_file(form)
    assert not read_batch(data, f"a-errors.{form}", ACHIEVEMENTS).failures
    assert job_named_in(data, form, ACHIEVEMENTS) == JOB
    again = {
        1: RecordResult(1, Outcome.CREATED, "VRC001", "", ()),
        2: refused(2, GENDER),
        3: refused(3, failure("ACL001")),
    }
    assert corrected(data, form, ACHIEVEMENTS, JOB, again) == Corrected(fixed=1, still=1, new=1)
    assert corrected(data, form, ACHIEVEMENTS, "UOTHER", again) == Corrected()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.req("ACH-07")
def test_a_file_of_its_own_corrects_nothing(form: str) -> None:
    rows = records(2)
    data = csv_file(rows) if form == "csv" else xml_file(rows)
    assert job_named_in(data, form, ACHIEVEMENTS) == ""
    assert corrected(data, form, ACHIEVEMENTS, JOB, {}) == Corrected()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.req("ACH-07", "SEC-03")
def test_what_is_no_name_of_a_job_is_not_looked_for(form: str) -> None:
    for text in ("../U1", "u1", "U" * 65, "U1 OR 1"):
        assert job_named_in(error_file(form, text), form, ACHIEVEMENTS) == ""


@pytest.mark.req("ACH-07")
def test_blank_rows_change_no_place() -> None:
    lines = error_file("csv").decode("utf-8-sig").split("\r\n")
    data = "\r\n".join([lines[0], "," * 5, lines[1], "", *lines[2:]]).encode()
    results = {1: refused(1, DATE), 2: RecordResult(2, Outcome.CREATED, "", "", ()), 3: refused(3, failure("ACL001"))}
    assert corrected(data, "csv", ACHIEVEMENTS, JOB, results) == Corrected(1, 1, 1)
