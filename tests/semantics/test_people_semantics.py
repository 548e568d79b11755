"""Learner and verification files: each record is applied once and answered once, whatever happens.

The moves are those of achievement files (``test_pipeline_semantics``), with a stage, an oracle and planted bugs of
their own (``planted_people``). Those seen in at least 50 of 1,000 plays are tested in every run of the tests,
``LRS_SEMANTICS=deep`` tests all of them, and plays 20,000 times with each kind of file.
"""

from __future__ import annotations

import pytest

from tests.semantics.people_plays import LearnerPlay, VerificationPlay
from tests.semantics.planted_people import PLANTED
from tests.semantics.plays import random_play
from tests.semantics.test_pipeline_semantics import DEEP, RUNS_AT_ONCE

LEARNER_RUNS = 20_000 if DEEP else 250
VERIFICATION_RUNS = 20_000 if DEEP else 125


@pytest.mark.req("ULN-06", "ULN-07", "SLA-03", "SEC-01", "SEC-02")
@pytest.mark.parametrize("first", range(0, LEARNER_RUNS, RUNS_AT_ONCE))
def test_whatever_happens_each_learner_record_is_applied_once_and_answered_as_stored(first: int) -> None:
    seeds = range(first, first + RUNS_AT_ONCE)
    wrong = {seed: found for seed in seeds if (found := random_play(seed, kind=LearnerPlay).judged())}
    assert not wrong


@pytest.mark.req("VLD-02", "VLD-03", "SLA-03", "SEC-01", "SEC-02")
@pytest.mark.parametrize("first", range(0, VERIFICATION_RUNS, RUNS_AT_ONCE))
def test_whatever_happens_each_verification_is_answered_from_the_register(first: int) -> None:
    seeds = range(first, first + RUNS_AT_ONCE)
    wrong = {seed: found for seed in seeds if (found := random_play(seed, kind=VerificationPlay).judged())}
    assert not wrong


FOUND = {
    "ledger_not_repeated": 375,
    "last_entry_only": 175,
    "only_writes_are_entered": 15,
    "entered_after_the_write": 20,
    "entered_before_the_write": 65,
    "registration_not_entered": 215,
    "possible_match_not_entered": 65,
    "entries_replaced_by_a_second_delivery": 220,
    "stopped_before_the_memory": 65,
    "given_up_before_the_ledger": 5,
    "applied_backwards": 830,
    "chunks_by_row": 410,
    "updated_without_condition": 270,
    "one_try_for_an_update": 15,
    "a_check_writes": 285,
    "results_not_consulted": 5,
    "no_claim_and_results_overwritten": 60,
    "returned_learners_not_audited": 990,
    "audited_after_the_results": 990,
    "never_isolated": 180,
    "a_fault_costs_the_rest": 15,
    "suspension_stops_nothing": 255,
    "lost_results_not_noticed": 105,
    "lost_results_forget_the_attempt": 25,
    "verified_without_master": 115,
    "verification_faults_cost_the_chunk": 160,
    "answers_left_out": 595,
}
"""The number of 1,000 plays in which each planted bug was seen."""

SOON = 50
"""Bugs seen at least this often are tested in every test run, the others in deep ones."""

VERIFYING = {"verified_without_master", "verification_faults_cost_the_chunk", "answers_left_out"}
"""Bugs to look for in verification files."""


def test_every_planted_bug_has_been_seen() -> None:
    assert PLANTED.keys() == FOUND.keys()


@pytest.mark.parametrize("bug", [bug for bug, seen in FOUND.items() if DEEP or seen >= SOON])
def test_a_planted_bug_is_found(bug: str) -> None:
    """So many plays that it is missed once in 100,000 times."""
    kind = VerificationPlay if bug in VERIFYING else LearnerPlay
    with PLANTED[bug]():
        assert any(random_play(seed, kind=kind).judged() for seed in range(12_000 // FOUND[bug] + 12))
