"""Learner and verification files: each record is applied once and answered once, whatever happens.

The moves are those of achievement files (``test_pipeline_semantics``), with a stage, an oracle and planted bugs of
their own.
"""

from __future__ import annotations

import pytest

from tests.semantics.people_plays import LearnerPlay, VerificationPlay
from tests.semantics.plays import random_play
from tests.semantics.test_pipeline_semantics import DEEP, RUNS_AT_ONCE

LEARNER_RUNS = 20_000 if DEEP else 1_000
VERIFICATION_RUNS = 20_000 if DEEP else 500


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
