"""The output file, read again, has what was written."""

from __future__ import annotations

from io import BytesIO

import pytest

from chalicelib.domain.failures import failure
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.formats.batch.achievement_results import read_output, write_output
from chalicelib.formats.batch.files import read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from tests.builders.achievements import csv_file, record

RESULTS = {
    1: RecordResult(1, Outcome.CREATED, "VRC003", "1000000027", (failure("ACW003", "AchievementAwardDate"),)),
    2: RecordResult(2, Outcome.REFUSED, "", "", (failure("ACR006", "Grade", allowed="A"), failure("ACF008", "ULN"))),
    3: RecordResult(3, Outcome.UNCHANGED, "VRC001"),
}
SHORT = failure("ACF007", expected=21, found=20)


@pytest.mark.req("ACH-07", "ACH-08")
@pytest.mark.parametrize("form", ["csv", "xml"])
def test_every_record_is_read_with_its_result(form: str) -> None:
    rows = [record(0), record(1, ULN="=2+2", MISIdentifier='a <b> & "c"'), record(0, MISIdentifier="")]
    batch = read_batch(csv_file(rows), "a.csv", ACHIEVEMENTS, "")
    batch = type(batch)(**{**{n: getattr(batch, n) for n in batch._fields}, "format": form})
    out = BytesIO()
    write_output(batch, RESULTS, ACHIEVEMENTS, out)
    first, second, third = read_output(out.getvalue(), form)
    assert (first.number, first.answer.outcome, first.return_code, first.master_uln) == (
        1,
        "CREATED",
        "VRC003",
        "1000000027",
    )
    assert (first.late, first.answer.error_codes) == (True, ())
    assert first.answer.notices.startswith("ACW003: ")
    assert (second.uln, second.mis_identifier) == ("=2+2", 'a <b> & "c"')
    assert (second.answer.error_codes, second.answer.error_fields) == (("ACR006", "ACF008"), ("Grade", "ULN"))
    assert second.answer.messages
    assert (third.number, third.answer.outcome, third.mis_identifier, third.late) == (3, "UNCHANGED", "", False)
    assert third.aim_reference == rows[2]["UnitOrQualificationReferenceNumber"]


@pytest.mark.req("ACH-07")
@pytest.mark.parametrize("form", ["csv", "xml"])
def test_a_reason_about_no_field_has_an_empty_one(form: str) -> None:
    batch = read_batch(csv_file([record()]), "a.csv", ACHIEVEMENTS)._replace(format=form)
    for failures, fields in ((SHORT,), ("",)), ((SHORT, failure("ACR006", "Grade")), ("", "Grade")):
        out = BytesIO()
        write_output(batch, {1: RecordResult(1, Outcome.REFUSED, failures=failures)}, ACHIEVEMENTS, out)
        (found,) = read_output(out.getvalue(), form)
        assert found.answer.error_fields == fields


def test_another_file_is_not_taken_for_one() -> None:
    with pytest.raises(KeyError):
        list(read_output(b"a,b\n1,2\n", "csv"))
