"""The monthly report of service levels, as a file for spreadsheets."""

from __future__ import annotations

import csv

import pytest

from chalicelib.domain.monthly_levels import DescribedFunction, Month, overall
from chalicelib.domain.service_levels import Target
from chalicelib.domain.tallies import Row, Tallies, Tally
from chalicelib.formats.level_reports import csv_report


@pytest.mark.req("SLA-04")
def test_no_text_of_the_report_is_a_formula_and_a_negative_number_stays_one() -> None:
    function = DescribedFunction("ACH-01", "=1+1", Target(99.5, None), ("webservice",))
    tallies = Tallies(rows={Row("ACH-01", "webservice"): Tally(requests=10, faults=1)})
    [row] = csv.DictReader(csv_report(Month(2026, 10), [overall(function, tallies, "batch")]).splitlines())
    assert (row["Title"], row["Error budget left %"]) == ("'=1+1", "-1900.0000")
