"""Organisations for tests: awarding organisations, and providers of learning."""

from __future__ import annotations

from typing import Any

from chalicelib.ports.accounts import Organisation

OURS, THEIRS = "90000001", "90000002"
"""UKPRNs of two awarding organisations."""


def organisation(ukprn: str = OURS, **changes: Any) -> Organisation:
    """An awarding organisation that may send achievement batches; number n of :data:`OURS` has recognition RN900n."""
    name = f"Awards {ukprn[-1]}"
    recognition = frozenset({f"RN9{ukprn[-3:]}"})
    made = Organisation(ukprn, name, f"EX000{ukprn[-1]}", recognition, True, True, "active", f"batch@{ukprn}.example")
    return made._replace(**changes)


def provider(ukprn: str, **changes: Any) -> Organisation:
    """A provider of learning, which registers learners and submits no achievements."""
    return organisation(ukprn, is_awarding_organisation=False, batch_achievements=False, **changes)
