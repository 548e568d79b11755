"""Learner batches: their job types and return codes (ULN-06, ULN-07)."""

from __future__ import annotations

from enum import StrEnum


class JobType(StrEnum):
    """What a learner batch does."""

    FULL = "FUL"
    """Register and update."""
    CHECK = "CHK"
    """Only check; nothing is changed."""


class ReturnCode(StrEnum):
    """Return codes of a learner batch, one for each record; some are of the existing interface, the others proposed.

    In the existing service, ``RC006`` to ``RC008`` are exceptions that a person processes. ``RC011`` to ``RC013`` are
    about the format of what was submitted.
    """

    NEW = "RC001"
    EXACT = "RC002"
    UPDATED = "RC003"
    LINKED = "RC004"
    NOT_FOUND = "RC005"
    TOO_LITTLE = "RC006"
    POSSIBLE = "RC007"
    TOO_MANY = "RC008"
    CONFLICT = "RC009"
    MISSING = "RC010"
    FORMAT = "RC011"
    IDENTIFIER = "RC012"
    AGE = "RC013"
