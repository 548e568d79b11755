"""The quality of search is measured: who is found, and how much is read among 60 million learners."""

from __future__ import annotations

import pytest

from bench import search_cost, search_quality
from bench.search_quality import RECALL_WANTED, SLIPS_WANTED, cases, measure, register_of, runs, slipped
from tests.shared_data import shared_data

pytestmark = pytest.mark.req("ULN-02")

A_DAY = 150
BIRTHDAYS = 20


@pytest.fixture(scope="module")
def measured():
    pairs = cases(shared_data())
    register = register_of(pairs, shared_data(), A_DAY, BIRTHDAYS)
    return {name: measure(run, register) for name, run in runs(pairs).items()}


def test_every_learner_who_matches_by_the_rules_is_among_those_read(measured):
    assert len(measured) == 3
    assert all(result.block_recall_nameable >= RECALL_WANTED for result in measured.values())
    assert all(result.nameable > 300 for result in measured.values())


def test_a_learner_with_a_slip_in_one_name_or_in_each_is_among_those_read():
    run_of = slipped(shared_data(), 250)
    register = register_of([case for run in run_of.values() for case in run], shared_data(), A_DAY, BIRTHDAYS)
    found = {what: measure(run, register) for what, run in run_of.items()}
    assert len(found) == 4
    assert all(result.nameable > 230 for result in found.values())
    for what, wanted in SLIPS_WANTED.items():
        assert found[what].block_recall_nameable >= wanted
        assert found[f"{what}, postcode stays"].block_recall_nameable >= max(SLIPS_WANTED.values())


def test_an_exact_match_is_the_person_or_has_equal_details(measured):
    result = measured["birthday and postcode stay"]
    assert result.exact_recall == result.exact_precision == 1.0


def test_strangers_are_not_found(measured):
    assert all(result.strangers_found <= 0.01 for result in measured.values())


def test_a_search_among_60_million_learners_reads_few():
    costs = search_cost.simulate(shared_data(), 3_000)
    for drawn in costs.values():
        candidates = [float(cost.candidates) for cost in drawn]
        assert sum(candidates) / len(candidates) <= search_cost.MEAN_CANDIDATES
        assert search_cost.percentile(candidates, 0.99) <= search_cost.P99_CANDIDATES
    assert all(cost.complete for costs in costs.values() for cost in costs)


def test_the_measurements_report_when_there_is_nothing_to_measure(tmp_path, capsys):
    assert search_quality.main([str(tmp_path)]) == 2
    assert search_cost.main([str(tmp_path)]) == 2
    assert "no " in capsys.readouterr().err
